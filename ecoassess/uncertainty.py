"""Distributions from a value and a width, as quantile functions.

Where ends are hard, `bounds` are they. Where a source gives a 95 % interval instead, the ends
follow from it: on [0, 1] a distribution has a shape and nothing else, so place and width of the
real one are those that put the 2.5 and 97.5 % quantiles on the ends of the interval.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache, cached_property

import numpy as np
from scipy import special

TAILS = (0.025, 0.975)
"""The probabilities that a 95 % interval lies between."""

Z95 = float(special.ndtri(TAILS[1]))
"""Half the width of a 95 % interval in standard deviations."""

PERT_WEIGHT = 4.0
"""Weight of the mode in the mean of a PERT distribution, (low + 4 mode + high) / 6."""

LOG_CONCENTRATION = (-3.0, 12.0)
"""Logarithms of the smallest and largest a + b of a beta distribution that is looked for."""

BISECTIONS = 50
"""Halvings of an interval, after which rounding decides. scipy.optimize would add 0.2 s to every
start."""

HARD_ENDS = ("triangular", "uniform", "beta", "pert")
"""Distributions that end somewhere."""

CUTTABLE = ("normal", "lognormal")
"""Distributions that `truncate` cuts."""

Ends = tuple[float, float]


SCORES = np.linspace(-5, 5, 801)
"""Normal scores at which quantile functions that cost much are tabled."""


@dataclass(frozen=True)
class Spread:
    """A value and how it spreads.

    Parameters
    ----------
    distribution
        fixed, normal, lognormal, triangular, uniform, beta, pert or discrete.
    value
        The `statistic` (mean, median or mode) of the distribution.
    interval
        95 % interval. A lognormal takes its spread from the ratio of the ends and its place from
        the value, so that its own interval may be shifted; a beta with `bounds` takes the width.
    bounds
        Hard ends, for triangular, uniform, beta and PERT.
    truncate
        Ends at which a normal or lognormal is cut by declaration; the mean shifts, and `mean` says
        how far.
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
    def mean(self) -> float:
        """The central value: the value itself when it is the mean, else the mean it implies."""
        if self.distribution in CUTTABLE and self.truncate and self.interval:
            return _truncated_mean(self)
        if self.distribution == "fixed" or self.statistic == "mean":
            return self.value
        if self.distribution == "lognormal":
            return float(self.value * np.exp(_log_sd(self) ** 2 / 2))
        if self.distribution == "triangular":
            return (self.ends[0] + self.value + self.ends[1]) / 3
        if self.distribution == "pert":
            return (self.ends[0] + PERT_WEIGHT * self.value + self.ends[1]) / (PERT_WEIGHT + 2)
        if self.outcomes:
            return mean_outcome(self.outcomes)
        return self.value

    @cached_property
    def drawn(self) -> Ends:
        """The 95 % interval of what is drawn.

        Value and interval are three numbers for two: a lognormal or beta distribution keeps the
        value and the width, and its ends lie beside those of a range that does not fit the value.
        """
        low, high = self.quantile(np.array(TAILS))
        return float(low), float(high)

    @property
    def misses_range(self) -> bool:
        """Whether an end of what is drawn lies off the range by more than a tenth of its width."""
        if self.interval is None:
            return False
        width = self.interval[1] - self.interval[0]
        return max(abs(a - b) for a, b in zip(self.drawn, self.interval, strict=True)) > width / 10

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


def _log_sd(spread: Spread) -> float:
    """Return the standard deviation of the logarithm, from the ends of the 95 % interval."""
    low, high = spread.interval or (1.0, 1.0)
    return float(np.log(high / low) / (2 * Z95))


def _place_and_sd(spread: Spread) -> tuple[float, float]:
    """Return mean and standard deviation of an uncut normal, or of the logarithm of a lognormal."""
    if spread.distribution == "lognormal":
        sd = _log_sd(spread)
        place = float(np.log(spread.value))
        return (place if spread.statistic == "median" else place - sd**2 / 2), sd
    low, high = spread.interval or (spread.value, spread.value)
    return spread.value, (high - low) / (2 * Z95)


def _cuts(spread: Spread) -> tuple[float, float]:
    """Return where a distribution is cut, in standard deviations from its place."""
    place, sd = _place_and_sd(spread)
    floor, ceiling = spread.truncate or (None, None)

    def at(end: float | None, none: float) -> float:
        if end is None:
            return none
        if spread.distribution == "normal":
            return (end - place) / sd
        return float((np.log(end) - place) / sd) if end > 0 else -np.inf

    return at(floor, -np.inf), at(ceiling, np.inf)


def _truncated_mean(spread: Spread) -> float:
    """Return the mean of a distribution cut at a and b standard deviations from its place.

    Normal: m + s (φ(a) − φ(b)) / (Φ(b) − Φ(a)). Lognormal, whose logarithm has mean m and standard
    deviation s: exp(m + s²/2) (Φ(b − s) − Φ(a − s)) / (Φ(b) − Φ(a)). Johnson, Kotz and Balakrishnan
    (1994), Continuous Univariate Distributions, vol. 1, ch. 13 and 14.
    """
    place, sd = _place_and_sd(spread)
    a, b = _cuts(spread)
    inside = float(special.ndtr(b) - special.ndtr(a))
    if spread.distribution == "lognormal":
        left = float(special.ndtr(b - sd) - special.ndtr(a - sd))
        return float(np.exp(place + sd**2 / 2)) * left / inside
    density = [float(np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)) for z in (a, b)]
    return place + sd * (density[0] - density[1]) / inside


def quantile_function(spread: Spread) -> Callable[[np.ndarray], np.ndarray]:
    """Return the quantile function of a checked `spread`."""
    value, kind = spread.value, spread.distribution
    if kind == "fixed":
        return lambda u: np.full(np.shape(u), value)
    if kind == "discrete":
        return _steps(spread.outcomes or ((value, 1.0),))
    if kind in CUTTABLE:
        place, sd = _place_and_sd(spread)
        bottom, top = (float(special.ndtr(z)) for z in _cuts(spread))
        if kind == "normal":
            return lambda u: place + sd * special.ndtri(bottom + u * (top - bottom))
        return lambda u: np.exp(place + sd * special.ndtri(bottom + u * (top - bottom)))
    low, high = spread.ends
    width = high - low
    if kind == "beta" and spread.bounds is not None:
        # the given mean; concentration so that the 95 % interval is met
        share = (value - low) / width
        total = _concentration(spread, share)
        return lambda u: low + width * beta_quantile(share * total, (1 - share) * total, u)
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


def _concentration(spread: Spread, share: float) -> float:
    """Return a + b of the beta distribution whose 95 % width is that of `interval`.

    Without an interval the PERT convention holds: a + b = 6.
    """
    if spread.interval is None or spread.bounds is None:
        return PERT_WEIGHT + 2
    width = (spread.interval[1] - spread.interval[0]) / (spread.bounds[1] - spread.bounds[0])
    return _concentration_of(share, width)


@cache
def _concentration_of(share: float, width: float) -> float:
    """Return a + b of the beta distribution on [0, 1] with a mean and a 95 % width."""
    low, high = LOG_CONCENTRATION  # logarithms; the width falls as the concentration rises
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_width(share, middle) > width else (low, middle)
    return float(np.exp(low))


def beta_width(share: float, log_concentration: float) -> float:
    """Return the width of the 95 % interval of a beta distribution on [0, 1]."""
    total = np.exp(log_concentration)
    ends = special.betaincinv(share * total, (1 - share) * total, TAILS)
    return float(ends[1] - ends[0])


@cache
def widest_beta(share: float) -> float:
    """Return the widest 95 % interval of beta distributions on [0, 1] with a mean."""
    total = np.exp(np.linspace(*LOG_CONCENTRATION, 40))[:, None]
    ends = special.betaincinv(share * total, (1 - share) * total, TAILS)
    return float(np.diff(ends).max())
