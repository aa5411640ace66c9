"""Distributions of three numbers: a value, and the two ends of its 95 % interval.

A normal distribution has two numbers, so that it cannot have all three of a published value and
range. Here its halves have widths of their own, on a scale that keeps hard bounds:

    g(x) = g(m) + z s_low  (z < 0),   g(m) + z s_high  (z > 0),   z a normal score
    s_low = (g(m) − g(low)) / 1.96,   s_high = (g(high) − g(m)) / 1.96

with g the identity where there are no bounds, the logarithm above one bound, the logit between two.
The median is m and the 2.5 and 97.5 % quantiles are the ends, whatever m is; the tails are those of
a normal, lognormal or logit-normal distribution, so that all moments are finite. With equal halves
it is that distribution.

On the linear scale these are the two straight lines of Barlow (2003), Asymmetric Systematic Errors,
arXiv physics/0306138. That m may be chosen, so that the mean is the value, is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

TAILS = (0.025, 0.975)
"""The probabilities that a 95 % interval lies between."""

Z95 = float(special.ndtri(TAILS[1]))
"""Half the width of a 95 % interval in standard deviations."""

FAR = 9.0
"""Normal score beyond which nothing counts: 1e-19 of the draws."""

NODES, WEIGHTS = (np.asarray(part) for part in special.roots_legendre(24))
"""Places and weights of Gauss-Legendre quadrature on [-1, 1]."""

MEDIANS = np.linspace(0.1, 0.9, 9)
"""Where the median may stand between the ends, on the scale. Nearer to one of them half of all
draws would crowd in a sliver, which no source means by a value and a range."""

REFINEMENTS = 5
"""How often the step between two medians is divided anew by eight: to 3e-6, and then a line."""

Ends = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """Where a quantity is linear in normal scores.

    A linear scale may have bounds, too: what lies beyond one is on it.
    """

    floor: float = -np.inf
    ceiling: float = np.inf
    linear: bool = False

    def to(self, x: np.ndarray | float) -> np.ndarray:
        """Return g(x)."""
        x = np.asarray(x, float)
        if self.linear or self.floor == -np.inf:
            return x
        with np.errstate(divide="ignore"):
            if self.ceiling == np.inf:
                return np.asarray(np.log(x - self.floor))
            return np.asarray(np.log((x - self.floor) / (self.ceiling - x)))

    def back(self, y: np.ndarray) -> np.ndarray:
        """Return x of g(x)."""
        if self.linear:
            return np.asarray(np.clip(y, self.floor, self.ceiling))
        if self.floor == -np.inf:
            return y
        if self.ceiling == np.inf:
            return np.asarray(self.floor + np.exp(y))
        return np.asarray(self.floor + (self.ceiling - self.floor) * special.expit(y))


@dataclass(frozen=True)
class Halves:
    """A distribution with a lower and an upper half.

    Parameters
    ----------
    middle, below, above
        g(m), s_low and s_high; arrays make several distributions at once.
    """

    scale: Scale
    middle: float | np.ndarray
    below: float | np.ndarray
    above: float | np.ndarray

    def at(self, score: np.ndarray) -> np.ndarray:
        """Return the quantity at normal scores."""
        width = np.where(score < 0, self.below, self.above)
        return self.scale.back(self.middle + score * width)

    def score(self, x: float) -> float:
        """Return the normal score of a quantity; infinite at a bound."""
        away = float(self.scale.to(x)) - float(self.middle)
        return away / float(self.below if away < 0 else self.above)

    def mean(self, low: float = -np.inf, high: float = np.inf) -> np.ndarray:
        """Return the mean between two normal scores, by quadrature.

        Pieces end where the slope changes: between the halves, and where a linear scale is clipped.
        """
        score, weight = _quadrature(low, high)
        return np.asarray(self.at(score) @ weight)


@cache
def _quadrature(low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return normal scores and the weights that their values have in a mean between two scores."""
    inside = [z for z in (-Z95, 0.0, Z95) if low < z < high]
    edges = np.array([max(low, -FAR), *inside, min(high, FAR)])
    half = np.diff(edges)[:, None] / 2
    score = (edges[:-1, None] + half * (1 + NODES)).ravel()
    weight = (half * WEIGHTS).ravel() * np.exp(-(score**2) / 2)
    return score, weight / weight.sum()


def between(scale: Scale, low: float, middle: float | np.ndarray, high: float) -> Halves:
    """Return the distribution with this 95 % interval whose median has `middle` on the scale."""
    first, last = float(scale.to(low)), float(scale.to(high))
    return Halves(scale, middle, (middle - first) / Z95, (last - middle) / Z95)


def by_median(scale: Scale, low: float, median: float, high: float) -> Halves:
    """Return the distribution with this 95 % interval and this median."""
    return between(scale, low, float(scale.to(median)), high)


@cache
def by_mean(scale: Scale, low: float, mean: float, high: float) -> Halves | None:
    """Return the distribution with this 95 % interval and this mean, or None.

    The median is looked for in `MEDIANS`; the mean rises with it, but for far-reaching upper halves
    of low medians, so that the highest median counts.
    """
    first, last = float(scale.to(low)), float(scale.to(high))
    places = MEDIANS
    for turn in range(REFINEMENTS):
        middle = (first + places * (last - first))[:, None]
        off = between(scale, low, middle, high).mean() - mean
        below = np.flatnonzero(off[:-1] <= 0)
        if turn == 0 and (not below.size or off[below[-1] + 1] < 0):
            return None
        i = below[-1] if below.size else 0  # none: rounding, the mean is met at the first
        near, off = places[i : i + 2], off[i : i + 2]
        places = np.linspace(near[0], near[1], places.size)
    share = np.clip(-off[0] / (off[1] - off[0]), 0, 1)
    place = near[0] + share * (near[1] - near[0])
    return between(scale, low, float(first + place * (last - first)), high)


__all__ = ["TAILS", "Z95", "Halves", "Scale", "by_mean", "by_median"]
