"""What wears out and is built again: parts of the models of plants and buildings."""

from __future__ import annotations

from typing import cast

import numpy as np
import xarray as xr

from ecoassess.units import convert


def standing(share: xr.DataArray) -> xr.DataArray:
    """Return what still stands of each cohort, where the oldest is pulled down first.

    Formula
    -------
    For the shares s_k that were added in the years k, fewer where adoption fell::

        standing_k = min(s_k⁺, max(0, Σ_{j ≤ k} s_j⁺ − Σ_j s_j⁻))
        s⁺ = max(0, s),    s⁻ = max(0, −s)

    Adds up to Σ_k s_k, the adoption of the assessed year.

    Symbols
    -------
    share s (cohort, and more), in the order of the years.

    Validity
    --------
    That the oldest goes first is an assumption, and is without a part in the result as long as
    adoption does not fall.
    """
    added = _gain(share)
    left = _gain(added.cumsum("cohort") - _gain(-share).sum("cohort"))
    return added.where(added <= left, left)


def years_in_use(age: xr.DataArray, service_life: xr.DataArray) -> xr.DataArray:
    """Return the years since a cohort of age n and life L was built last: n − L ⌊n / L⌋."""
    return age - service_life * _lives(age, service_life)


def built(
    share: xr.DataArray,
    age: xr.DataArray,
    service_life: xr.DataArray,
    cohort_length: xr.DataArray,
) -> xr.DataArray:
    """Return the share that is built in the assessed year: new, and again at the end of its life.

    Formula
    -------
    ::

        new    Σ_k [n_k = 0] s_k⁺
        again  Σ_k [n_k > 0] standing_k (⌊n_k / L⌋ − ⌊(n_k − 1) / L⌋)

    What adoption gives up takes nothing back: it was built.

    Symbols
    -------
    share s (cohort, and more), age n of a cohort in the assessed year, service_life L,
    cohort_length 1 yr.

    Validity
    --------
    What is adopted stays adopted and is built again of its kind, with the carbon that is embodied
    today. The first cohort stands for all that was there in its year, and is built again as one.
    Draws of L spread a renewal over the years.
    """
    ends = _lives(age, service_life) - _lives(age - cohort_length, service_life)
    new = _gain(share) * (age < cohort_length)
    again = standing(share) * ends * (age >= cohort_length)
    return (new + again).sum("cohort")


def _gain(share: xr.DataArray) -> xr.DataArray:
    """Return what of a share is above zero."""
    return share.where(share > 0, 0)


def _lives(age: xr.DataArray, service_life: xr.DataArray) -> xr.DataArray:
    """Return how many whole lives lie within an age."""
    return cast("xr.DataArray", np.floor(convert(age / service_life, "1")))
