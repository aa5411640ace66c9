"""Days of a month by their temperature, from the monthly mean.

Daily means within a month are normally distributed around the monthly mean: the assumption of
Thom (1954, Monthly Weather Review 82) and Erbs, Klein and Beckman (1983, ASHRAE Journal 25) for
degree-days from monthly climate. What is linear in temperature is integrated in closed form; what
is not (the coefficient of performance of a heat pump) over bins of the distribution.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import special

from ecoassess.models.solar import DAYS_IN_MONTH
from ecoassess.units import magnitude, quantify

EDGES = np.array([-np.inf, *np.arange(-2.5, 2.75, 0.5), np.inf])
"""Edges of the bins in standard deviations from the monthly mean."""


def _density(deviation: np.ndarray) -> np.ndarray:
    """Return the density of the standard normal distribution."""
    density: np.ndarray = np.exp(-(deviation**2) / 2) / np.sqrt(2 * np.pi)
    return density


def temperature_bins(mean: xr.DataArray, spread: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the temperature of each bin (dimension `bin`) and the share of the days in it.

    The temperature of a bin is the mean of the days in it, so that the mean of the month holds.
    """
    share = np.diff(special.ndtr(EDGES))
    place = xr.DataArray(-np.diff(_density(EDGES)) / share, dims="bin")
    weight = xr.DataArray(share, dims="bin")
    return mean + spread * place, quantify(weight, "1")


def mean_shortfall(mean: xr.DataArray, spread: xr.DataArray, limit: xr.DataArray) -> xr.DataArray:
    """Return how far the days of a month lie below a limit on average, days above it as 0.

    ::

        E[max(0, L − T)] = (L − μ) Φ(z) + σ φ(z),     z = (L − μ) / σ
    """
    distance = magnitude((limit - mean) / spread, "1")
    below = quantify(distance.copy(data=special.ndtr(distance.data)), "1")
    density = quantify(distance.copy(data=_density(distance.data)), "1")
    return (limit - mean) * below + spread * density


def season_days(first: xr.DataArray, last: xr.DataArray) -> xr.DataArray:
    """Return the days of each month from `first` to `last` over the turn of a 365-day year.

    ::

        D_m = min(n_m, |{d ≥ first}| + |{d ≤ last}|),     d of month m, of n_m days
    """
    number = np.arange(1, 13)
    days = xr.DataArray(DAYS_IN_MONTH, dims="month", coords={"month": number})
    before = xr.DataArray(np.cumsum(DAYS_IN_MONTH) - DAYS_IN_MONTH, dims="month")
    start, end = magnitude(first, "day"), magnitude(last, "day")
    until = (xr.apply_ufunc(np.floor, end) - before).clip(0, days)
    since = (before + days + 1 - xr.apply_ufunc(np.ceil, start)).clip(0, days)
    heated: xr.DataArray = (until + since).clip(max=days)
    return quantify(heated, "day/yr")
