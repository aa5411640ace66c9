"""Parts of a known amount: what is left for counties without a figure, and who gets how much of it.

A rule of the run gives counties without a figure what the prefecture's figure leaves, by weights
such as mapped cropland. Two things are uncertain. What is left is a difference of figures, each
with an error (`remainder`). The weights are right within a factor (`shared_out`): each draw hands
the same amount out by other weights, so that the parts add up to it, and no county gets more than
it has room for. Since a sum and a limit push the means of parts off their central values, the
weights are centred once, on draws of their own (`centred`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

TURNS = 60
"""How often weights are moved, at most, until the means of the parts are the central values."""

STEP = (0.1, 10.0)
"""By how much one turn may move a weight."""

CLOSE = 1e-3
"""How near to its central value the mean of a part is to come."""


@dataclass(frozen=True)
class Remainder:
    """How sure a difference is: whole less counted parts.

    Parameters
    ----------
    error
        Its standard deviation over its value.
    weights
        What the normal scores of its errors add to its own normal score, in the order: what all
        counts have in common, the whole's own, those of the counted parts.
    """

    error: float
    weights: np.ndarray


def remainder(
    whole: float, counted: np.ndarray, error: float, errors: np.ndarray, likeness: float
) -> Remainder:
    """Return how sure a whole less its counted parts is.

    Formula
    -------
    ::

        R = T − Σ K_c,    σ_R² = ρ (T σ_T − Σ K_c σ_c)² + (1 − ρ) ((T σ_T)² + Σ (K_c σ_c)²)

    Symbols
    -------
    whole T, counted K_c; error σ_T and errors σ_c, their standard deviations over their values;
    likeness ρ, the correlation of any two errors, as of a part that all have in common.

    Source
    ------
    Law of propagation of uncertainty, JCGM 100:2008 equation 16; for ρ = 0 that of sums and
    differences of the IPCC, 2006 Guidelines vol. 1 ch. 3 eq. 3.2.

    Validity
    --------
    To first order: what is small beside the whole is hardly known, and its error may be larger
    than itself.
    """
    parts = counted * errors
    common = np.sqrt(likeness) * (whole * error - parts.sum())
    own = np.sqrt(1 - likeness) * np.array([whole * error, *-parts])
    terms = np.array([common, *own])
    deviation = float(np.sqrt((terms**2).sum()))
    left = float(whole - counted.sum())
    if deviation == 0 or left <= 0:
        return Remainder(0.0, np.zeros_like(terms))
    return Remainder(deviation / left, terms / deviation)


def shared_out(weights: np.ndarray, whole: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Return the parts of a whole, by place and draw, in proportion to weights and within room.

    part = min(room, κ weight) with Σ part = whole: what a place has no room for goes to the others.
    Where all places together have not room enough, each is full and the rest is nowhere.

    Parameters
    ----------
    weights, room
        By place and draw; infinite where there is no limit.
    whole
        By draw.
    """
    full = np.zeros(weights.shape, bool)
    while True:
        left = whole - np.where(full, room, 0).sum(axis=0)
        free = np.where(full, 0, weights)
        total = free.sum(axis=0)
        share = np.divide(free, total, out=np.zeros_like(free), where=total > 0)
        parts = np.where(full, room, share * np.maximum(left, 0))
        over = ~full & (parts > room)
        if not over.any():
            return parts
        full |= over


def centred(
    parts_of: Callable[[np.ndarray], np.ndarray], central: np.ndarray, together: bool
) -> np.ndarray:
    """Return by what the weights are multiplied for the means of parts to be their central values.

    As near as room allows, and within `CLOSE`; a part of nothing stays nothing.

    Parameters
    ----------
    parts_of
        Factors by place → parts by place and draw.
    central
        Central value by place.
    together
        Whether the parts add up to one amount, so that only their ratios can be set.
    """
    factors = np.ones(central.size)
    for _ in range(TURNS):
        mean = parts_of(factors).mean(axis=1)
        off = np.divide(mean, central, out=np.ones_like(mean), where=central > 0)
        if together and central.sum() > 0:
            off = off / (mean.sum() / central.sum())
        if (np.abs(off - 1) < CLOSE).all():
            break
        factors = factors / np.clip(off, *STEP)
    return factors
