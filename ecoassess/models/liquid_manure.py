"""Methane of liquid manure by month: how much of the solids in store turn to gas as it warms.

Plain numpy; month on the first axis, counties on the others.

Formula
-------
With T_a the month's mean air temperature, L the lag and load 1/12 of the year's solids::

    store       T_m = max(T_a,m−L, T_min)
    share       f_m = min(1, exp[E_a (T_m − T_0) / (R T_m T_0)]),  0 below the freezing limit
    available   A_m = 1/12 + kept_m (A_{m−1} − D_{m−1})
    digested    D_m = A_m f_m

in a year that repeats itself. kept is 1, or what stays behind in a month in which the store is
emptied. D is the share of the year's solids that turns to methane in each month; its sum over the
months is the methane conversion factor (MCF).

Symbols
-------
activation_energy E_a, gas_constant R, reference_temperature T_0, minimum_temperature T_min,
lag L (months), kept_share kept, freezing_limit.

Source
------
IPCC 2019 Refinement Vol. 4 Ch. 10, annex 10A.3, which Table 10.17 was made with, as programmed by
Hung et al. (Agriculture and Agri-Food Canada); their 17 printed results are met
(tests/reference/liquid_manure.yaml). The form is that of Mangino et al. (2001), who had E_a
15,175 cal/mol, T_0 303.15 K, at least 5 °C and a design factor of 0.8, for lagoons.

Validity
--------
Slurry stores and pits. The balance of the repeating year is solved exactly, where the spreadsheet
takes its third year. The annex holds a store at 1 °C under ice; a freezing limit above the minimum
makes frozen months give nothing. Left out: sun and ground heat, crusts, a damping of the
temperature by manure that is left all summer (the annex lowers it by 3 K for one emptying in
autumn: pass air temperatures that much lower).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ZERO_CELSIUS = 273.15
"""0 °C in K."""

LIMITS = (-90.0, 60.0)
"""Monthly mean air temperatures outside are no °C."""


@dataclass(frozen=True)
class Store:
    """How a store digests and when it is emptied; coefficients of `liquid_manure.yaml`.

    Parameters
    ----------
    activation_energy
        cal/mol.
    gas_constant
        cal/mol/K.
    reference_temperature
        K; there all that is available turns to gas within the month.
    minimum_temperature
        K; no store is colder.
    freezing_limit
        K; a month whose air was colder (by the lag) gives nothing. 0 for never.
    lag
        Months by which the store follows the air.
    kept_share
        Share of the store that is left at the beginning of each of the twelve months.
    """

    activation_energy: float
    gas_constant: float
    reference_temperature: float
    minimum_temperature: float
    freezing_limit: float
    lag: int
    kept_share: Array

    def __post_init__(self) -> None:
        """Refuse what no store is."""
        kept = np.asarray(self.kept_share, dtype=float)
        if kept.shape != (12,):
            raise ValueError(f"kept_share has shape {kept.shape}, not twelve months")
        if not ((kept >= 0) & (kept <= 1)).all():
            raise ValueError("kept_share is outside 0 to 1")
        if not self.minimum_temperature > 0:
            raise ValueError(f"minimum_temperature is {self.minimum_temperature} K")


def digested_share(air_temperature: Array, store: Store) -> Array:
    """Return f, the share of the available solids that turns to gas in each month.

    Parameters
    ----------
    air_temperature
        Monthly means (12, column...), °C.
    """
    air = np.asarray(air_temperature, dtype=float)
    if air.shape[:1] != (12,):
        raise ValueError(f"air_temperature has shape {air.shape}, not twelve months")
    if not ((air > LIMITS[0]) & (air < LIMITS[1])).all():
        raise ValueError("air_temperature has values that are missing or not in °C")
    outside = np.roll(air, store.lag, axis=0) + ZERO_CELSIUS
    kelvin = np.maximum(outside, store.minimum_temperature)
    exponent = (
        store.activation_energy
        * (kelvin - store.reference_temperature)
        / (store.gas_constant * kelvin * store.reference_temperature)
    )
    share = np.exp(np.minimum(0.0, exponent))
    return np.where(outside < store.freezing_limit, 0.0, share)


def monthly_conversion(air_temperature: Array, store: Store) -> Array:
    """Return the solids digested in each month as share of the solids of the year.

    Parameters
    ----------
    air_temperature
        Monthly means (12, column...), °C.

    Returns
    -------
    Array
        (12, column...); the sum over the months is the methane conversion factor.
    """
    share = digested_share(air_temperature, store)
    load = 1 / len(share)
    # What December leaves is linear in what the December before left: B + C · left.
    left, carried = np.zeros(share.shape[1:]), np.ones(share.shape[1:])
    for kept, part in zip(store.kept_share, share, strict=True):
        left = (load + kept * left) * (1 - part)
        carried = kept * carried * (1 - part)
    lasting = carried == 1  # never emptied and never digested: piles up and gives nothing
    left = np.where(lasting, 0.0, left / np.where(lasting, 1.0, 1 - carried))
    digested = np.empty_like(share)
    for month, (kept, part) in enumerate(zip(store.kept_share, share, strict=True)):
        available = load + kept * left
        digested[month] = available * part
        left = available - digested[month]
    return digested
