"""Carbon that decays in a landfill, from a series of yearly deposits (first-order decay)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Decay(NamedTuple):
    """Carbon of a landfill, years along the first axis.

    Parameters
    ----------
    decomposed
        Carbon that decomposes in each year.
    stock
        Decomposable carbon that is left at the end of each year.
    """

    decomposed: NDArray[np.float64]
    stock: NDArray[np.float64]


def first_order_decay(
    deposited: ArrayLike, decay_rate: ArrayLike, reaction_start: float = 1.0
) -> Decay:
    """Return the decomposable carbon that decomposes in each year and what is left.

    ::

        decomposed(T) = stock(T−1) (1 − e^(−k)) + deposited(T) (1 − e^(−k (1 − s)))
        stock(T)      = stock(T−1) e^(−k)       + deposited(T) e^(−k (1 − s))

    Parameters
    ----------
    deposited
        Decomposable carbon (waste · DOC · DOCf · MCF) of each year; years along the first axis,
        components along others.
    decay_rate
        k in 1/yr, one for all components or one for each.
    reaction_start
        s in years from 1 January of the year of deposit, at most 1, which is the IPCC default:
        nothing decays in the year of deposit itself.

    Source: IPCC 2006 Vol. 5 Ch. 3 eq. 3.2, 3.4, 3.5, and Annex 3A.1 for another start. The
    landfill is empty at first; NaN from some year on makes all later years NaN.
    """
    series = np.asarray(deposited, dtype=float)
    rate = np.asarray(decay_rate, dtype=float)
    kept_of_stock = np.exp(-rate)
    kept_of_deposit = np.exp(-rate * (1 - reaction_start))
    decomposed = np.empty_like(series)
    stock = np.empty_like(series)
    left = np.zeros(series.shape[1:])
    for year, carbon in enumerate(series):
        decomposed[year] = left * (1 - kept_of_stock) + carbon * (1 - kept_of_deposit)
        left = left * kept_of_stock + carbon * kept_of_deposit
        stock[year] = left
    return Decay(decomposed, stock)
