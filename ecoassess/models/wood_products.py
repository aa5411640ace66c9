"""Wood products in use, from a series of yearly inflows (first-order decay)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

AVERAGED_YEARS = 5
"""Years at the start of a series whose mean inflow stands for the years before it, IPCC 2019
Refinement Vol. 4 Ch. 12 eq. 12.4 (2013 KP Supplement eq. 2.8.6)."""


def steady_state_stock(inflow: ArrayLike, half_life: ArrayLike) -> NDArray[np.float64]:
    """Return the stock that the first years' mean inflow keeps up.

    ::

        C(t0) = mean(I(t0) … I(t0 + 4)) / k,    k = ln 2 / half-life

    Parameters
    ----------
    inflow
        Carbon that enters use in each year; years along the first axis, products along others.
    half_life
        In years, one for all products or one for each.

    Source: IPCC 2019 Refinement Vol. 4 Ch. 12 eq. 12.4. Where harvests were falling before the
    series starts, the true stock was larger, and its decay is understated.
    """
    series = np.asarray(inflow, dtype=float)
    decay_rate = np.log(2) / np.asarray(half_life, dtype=float)
    return np.asarray(series[:AVERAGED_YEARS].mean(axis=0) / decay_rate)


def first_order_decay(
    inflow: ArrayLike, half_life: ArrayLike, initial_stock: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return the carbon in use at the beginning of each year and at the end of the last.

    ::

        C(i+1) = e^(−k) C(i) + (1 − e^(−k)) / k · I(i),    k = ln 2 / half-life

    with the inflow even over the year. The stock change of year i is C(i+1) − C(i), so
    `np.diff(stock, axis=0)`.

    Parameters
    ----------
    inflow
        Carbon that enters use in each year; years along the first axis, products along others.
        NaN from some year on makes all later stocks NaN.
    half_life
        In years, one for all products or one for each.
    initial_stock
        Stock at the beginning of the first year; the steady state of the first years' inflow when
        not given.

    Source: IPCC 2006 Vol. 4 Ch. 12 eq. 12.1, 2019 Refinement eq. 12.2. For the production approach
    the inflow is the carbon of products made of the region's own harvest.
    """
    series = np.asarray(inflow, dtype=float)
    decay_rate = np.log(2) / np.asarray(half_life, dtype=float)
    remaining = np.exp(-decay_rate)
    start = steady_state_stock(series, half_life) if initial_stock is None else initial_stock
    stock = np.empty((len(series) + 1, *series.shape[1:]))
    stock[0] = start
    for year, carbon in enumerate(series):
        stock[year + 1] = remaining * stock[year] + (1 - remaining) / decay_rate * carbon
    return stock
