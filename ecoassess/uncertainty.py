"""Distributions from a value and a width, as quantile functions.

A 95 % interval is met exactly: its ends are the 2.5 and 97.5 % quantiles of what is drawn.

- normal, lognormal and logit_normal have two halves (`halves`), and their median is placed so that
  the mean is the value. Where no median does so, the value is the median.
- triangular, uniform, beta and PERT have a shape on [0, 1] and nothing else, so their hard ends
  follow from the interval, where no `bounds` are given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from scipy import special

from ecoassess.halves import TAILS, Ends, Halves, Scale, by_mean, by_median

PERT_WEIGHT = 4.0
"""Weight of the mode in the mean of a PERT distribution, (low + 4 mode + high) / 6."""

BISECTIONS = 50
"""Halvings of an interval, after which rounding decides. scipy.optimize would add 0.2 s to every
start."""

HARD_ENDS = ("triangular", "uniform", "beta", "pert")
"""Distributions that end somewhere."""

IN_HALVES = ("normal", "lognormal", "logit_normal")
"""Distributions of three numbers, which meet a value and both ends of its 95 % interval."""

CUTTABLE = ("normal", "lognormal")
"""Distributions that `truncate` cuts."""

SCORES = np.linspace(-5, 5, 801)
"""Normal scores at which quantile functions that cost much are tabled."""


@dataclass(frozen=True)
class Spread:
    """A value and how it spreads.

    Parameters
    ----------
    distribution
        fixed, normal, lognormal, logit_normal, triangular, uniform, beta, pert or discrete.
    value
        The `statistic` (mean, median or mode) of the distribution.
    interval
        95 % interval.
    bounds
        Hard ends: with the interval for logit_normal, without it for triangular, uniform, beta and
        PERT.
    truncate
        Ends at which a normal or lognormal is cut by declaration: interval and value are those of
        the uncut one, and `mean` says how far the mean shifts.
    outcomes
        The values of a discrete distribution, each with its weight.
    """

    distribution: str
    value: float
    statistic: str = "mean"
    interval: Ends | None = None
    bounds: Ends | None = None
    truncate: tuple[float | None, float | None] | None = None
    outcomes: tuple[tuple[float, float], ...] | None = None

    def __getstate__(self) -> dict[str, object]:
        """Return what is kept in a pickle: the declaration, not the function made of it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def quantile(self) -> Callable[[np.ndarray], np.ndarray]:
        """The quantile function."""
        return quantile_function(self)

    @cached_property
    def ends(self) -> Ends:
        """The hard ends: as given, or those that meet the 95 % interval."""
        if self.bounds is not None:
            return self.bounds
        return _ends_by_interval(self) if self.interval else (self.value, self.value)

    @cached_property
    def mode(self) -> float:
        """The mode of a triangular or PERT distribution."""
        low, high = self.ends
        if self.statistic == "mode":
            return self.value
        if self.distribution == "triangular":
            return 3 * self.value - low - high
        return ((PERT_WEIGHT + 2) * self.value - low - high) / PERT_WEIGHT

    @cached_property
    def halves(self) -> Halves:
        """The two halves of a normal, lognormal or logit-normal distribution."""
        low, high = self.interval or (self.value, self.value)
        scale = _scale(self)
        found = by_mean(scale, low, self.value, high) if self.statistic == "mean" else None
        return found or by_median(scale, low, self.value, high)

    @cached_property
    def cuts(self) -> Ends:
        """The normal scores that a distribution is cut at; infinite where it is not."""
        floor, ceiling = self.truncate or (None, None)
        return (
            -np.inf if floor is None else self.halves.score(floor),
            np.inf if ceiling is None else self.halves.score(ceiling),
        )

    @cached_property
    def mean(self) -> float:
        """The central value: the value itself when it is the mean, else the mean it implies.

        A value that no distribution in halves has as its mean stays the central one all the same.
        """
        if self.distribution in CUTTABLE and self.truncate and self.interval:
            return float(self.halves.mean(*self.cuts))
        if self.distribution == "fixed" or self.statistic == "mean":
            return self.value
        if self.distribution in IN_HALVES:
            return float(self.halves.mean())
        if self.distribution == "triangular":
            return (self.ends[0] + self.value + self.ends[1]) / 3
        if self.distribution == "pert":
            return (self.ends[0] + PERT_WEIGHT * self.value + self.ends[1]) / (PERT_WEIGHT + 2)
        if self.outcomes:
            return mean_outcome(self.outcomes)
        return self.value

    @cached_property
    def drawn(self) -> Ends:
        """The 95 % interval of what is drawn: that of the source, unless it is cut."""
        low, high = self.quantile(np.array(TAILS))
        return float(low), float(high)

    @cached_property
    def mean_drawn(self) -> float:
        """The mean of the draws, which is the central value but for what `misses_mean` says."""
        return float(self.halves.mean()) if self.misses_mean else self.mean

    @cached_property
    def misses_mean(self) -> bool:
        """Whether the draws have another mean than the central value.

        So it is where a range lies so lopsided about its value that the value is the median.
        """
        if self.distribution not in IN_HALVES or self.truncate or self.statistic != "mean":
            return False
        low, high = self.interval or (self.value, self.value)
        return by_mean(_scale(self), low, self.value, high) is None

    def draw(self, uniform: np.ndarray) -> np.ndarray:
        """Return the quantiles at `uniform` (numbers in (0, 1)); the central value where NaN."""
        return np.where(np.isnan(uniform), self.mean, self.quantile(uniform))


def beta_quantile(a: float, b: float, uniform: np.ndarray) -> np.ndarray:
    """Return quantiles of the beta distribution on [0, 1].

    The exact function costs a microsecond a number. For more numbers than `SCORES` it is worked
    out there and interpolated in between by cubic Hermite polynomials over the normal score, with
    slopes from five points; the error is below 1e-8 (tests/test_uncertainty.py).
    """
    if np.size(uniform) <= SCORES.size:
        return np.asarray(special.betaincinv(a, b, uniform))
    known = special.betaincinv(a, b, special.ndtr(SCORES))
    slope = np.zeros_like(known)
    slope[2:-2] = (8 * (known[3:-1] - known[1:-3]) - (known[4:] - known[:-4])) / 12
    place = (special.ndtri(uniform) - SCORES[0]) / (SCORES[1] - SCORES[0])
    inside = (place >= 2) & (place <= SCORES.size - 4)
    left = np.where(inside, place, 2).astype(int)
    t = np.where(inside, place, 2) - left
    result = (
        (1 + 2 * t) * (1 - t) ** 2 * known[left]
        + t * (1 - t) ** 2 * slope[left]
        + t**2 * (3 - 2 * t) * known[left + 1]
        + t**2 * (t - 1) * slope[left + 1]
    )
    far = ~inside  # the furthest tails, and what is NaN
    result[far] = special.betaincinv(a, b, uniform[far])
    return np.asarray(result)


def mean_outcome(outcomes: tuple[tuple[float, float], ...]) -> float:
    """Return the mean of values by their weights."""
    return sum(value * weight for value, weight in outcomes) / sum(w for _, w in outcomes)


def _scale(spread: Spread) -> Scale:
    """Return the scale that keeps the bounds of a distribution in halves.

    Where an end of the 95 % interval is on a bound (a source prints 0.000), the scale is linear,
    and the last 2.5 % of the draws are that bound.
    """
    if spread.distribution == "normal":
        return Scale()
    if spread.distribution == "lognormal" or spread.bounds is None:
        return Scale(0.0)
    (floor, ceiling), (low, high) = spread.bounds, spread.interval or spread.bounds
    return Scale(floor, ceiling, linear=low <= floor or high >= ceiling)


def quantile_function(spread: Spread) -> Callable[[np.ndarray], np.ndarray]:
    """Return the quantile function of a checked `spread`."""
    value, kind = spread.value, spread.distribution
    if kind == "fixed":
        return lambda u: np.full(np.shape(u), value)
    if kind == "discrete":
        return _steps(spread.outcomes or ((value, 1.0),))
    if kind in IN_HALVES:
        halves = spread.halves
        if not spread.truncate:
            return lambda u: halves.at(special.ndtri(u))
        bottom, top = (float(special.ndtr(z)) for z in spread.cuts)
        return lambda u: halves.at(special.ndtri(bottom + u * (top - bottom)))
    low, high = spread.ends
    width = high - low
    share = 0.0 if kind == "uniform" else (spread.mode - low) / width
    return lambda u: low + width * _unit_quantile(kind, share, u)


def _steps(outcomes: tuple[tuple[float, float], ...]) -> Callable[[np.ndarray], np.ndarray]:
    """Return the quantile function of values with weights."""
    values, weights = (np.array(column) for column in zip(*sorted(outcomes), strict=True))
    up_to = np.cumsum(weights) / np.sum(weights)
    return lambda u: values[np.minimum(np.searchsorted(up_to, u), len(values) - 1)]


def _unit_quantile(kind: str, share: float, u: np.ndarray) -> np.ndarray:
    """Return quantiles of a distribution on [0, 1] with its mode at `share`.

    PERT is the beta distribution with a = 1 + 4 share and b = 1 + 4 (1 − share), whose mean is
    (1 + 4 share) / 6; a beta of which only an interval is known is taken to be one.
    """
    if kind == "uniform":
        return u
    if kind == "triangular":
        return np.where(u < share, np.sqrt(u * share), 1 - np.sqrt((1 - u) * (1 - share)))
    return beta_quantile(1 + PERT_WEIGHT * share, 1 + PERT_WEIGHT * (1 - share), u)


def _unit_value(kind: str, statistic: str, share: float) -> float:
    """Return mode or mean of a distribution on [0, 1] with its mode at `share`."""
    if kind == "uniform":
        return 1 / 2
    if statistic == "mode":
        return share
    weight = 1.0 if kind == "triangular" else PERT_WEIGHT
    return (1 + weight * share) / (weight + 2)


def place_in_interval(spread: Spread, share: float) -> float:
    """Return where the value stands between the 2.5 and 97.5 % quantiles of a shape, 0 to 1."""
    low, high = _unit_quantile(spread.distribution, share, np.array(TAILS))
    return float((_unit_value(spread.distribution, spread.statistic, share) - low) / (high - low))


def wanted_place(spread: Spread) -> float:
    """Return where the value stands in its 95 % interval, 0 to 1."""
    low, high = spread.interval or (0.0, 1.0)
    return (spread.value - low) / (high - low)


def _ends_by_interval(spread: Spread) -> Ends:
    """Return the hard ends whose 2.5 and 97.5 % quantiles are the ends of `interval`.

    The shape is that whose value stands where it is wanted between the two quantiles, found by
    bisection, since that place moves up with the mode.
    """
    wanted, least, most = wanted_place(spread), 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (least + most) / 2
        above = place_in_interval(spread, middle) > wanted
        least, most = (least, middle) if above else (middle, most)
    low, high = _unit_quantile(spread.distribution, least, np.array(TAILS))
    first, last = spread.interval or (spread.value, spread.value)
    width = (last - first) / (high - low)
    return float(first - low * width), float(first + (1 - low) * width)
