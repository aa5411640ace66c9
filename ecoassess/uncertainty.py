"""Distributions from a value and a width, as quantile functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from scipy import special

from ecoassess.errors import Problem

Z95 = float(special.ndtri(0.975))
"""Half the width of a 95 % interval in standard deviations."""

LOG_CONCENTRATION = (-3.0, 12.0)
"""Logarithms of the smallest and largest a + b of a beta distribution that is looked for."""

IMPOSSIBLE = 1e-4
"""A distribution may put at most this probability on impossible values."""


@dataclass(frozen=True)
class Spread:
    """A value and how it spreads.

    Parameters
    ----------
    distribution
        fixed, normal, lognormal, triangular, uniform or beta.
    value
        The `statistic` (mean, median or mode) of the distribution.
    interval
        95 % interval, for normal and lognormal. A lognormal takes its spread from the ratio of the
        ends and its place from the value, so that its own interval may be shifted.
    bounds
        Hard ends, for triangular, uniform and beta.
    truncate
        Ends at which a normal is cut by declaration; the mean shifts, and `mean` says how far.
    """

    distribution: str
    value: float
    statistic: str = "mean"
    interval: tuple[float, float] | None = None
    bounds: tuple[float, float] | None = None
    truncate: tuple[float | None, float | None] | None = None

    def __getstate__(self) -> dict[str, object]:
        """Return what is kept in a pickle: the declaration, not the function made of it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def quantile(self) -> Callable[[np.ndarray], np.ndarray]:
        """The quantile function."""
        return quantile_function(self)

    @cached_property
    def mean(self) -> float:
        """The central value: the value itself when it is the mean, else the mean it implies."""
        if self.distribution == "normal" and self.truncate and self.interval:
            return _truncated_mean(self)
        if self.distribution == "fixed" or self.statistic == "mean":
            return self.value
        if self.distribution == "lognormal":
            return float(self.value * np.exp(_log_sd(self) ** 2 / 2))
        if self.distribution == "triangular" and self.bounds:
            return (self.bounds[0] + self.value + self.bounds[1]) / 3
        return self.value

    def draw(self, uniform: np.ndarray) -> np.ndarray:
        """Return the quantiles at `uniform` (numbers in (0, 1))."""
        return self.quantile(uniform)


def _truncated_mean(spread: Spread) -> float:
    """Return the mean of a cut normal distribution: m + s (φ(a) − φ(b)) / (Φ(b) − Φ(a))."""
    low, high = spread.interval or (0.0, 0.0)
    sd = (high - low) / (2 * Z95)
    ends = [
        (limit if end is None else end - spread.value) / sd
        for end, limit in zip(spread.truncate or (None, None), (-np.inf, np.inf), strict=True)
    ]
    density = [float(np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)) for z in ends]
    inside = float(special.ndtr(ends[1]) - special.ndtr(ends[0]))
    return spread.value + sd * (density[0] - density[1]) / inside


def _log_sd(spread: Spread) -> float:
    """Return the standard deviation of the logarithm, from the ends of the 95 % interval."""
    low, high = spread.interval or (1.0, 1.0)
    return float(np.log(high / low) / (2 * Z95))


def quantile_function(spread: Spread) -> Callable[[np.ndarray], np.ndarray]:
    """Return the quantile function of a checked `spread`."""
    value = spread.value
    if spread.distribution == "fixed":
        return lambda u: np.full(np.shape(u), value)
    if spread.distribution == "normal":
        low, high = spread.interval or (value, value)
        sd = (high - low) / (2 * Z95)
        if spread.truncate is None:
            return lambda u: value + sd * special.ndtri(u)
        floor, ceiling = spread.truncate
        bottom = 0.0 if floor is None else float(special.ndtr((floor - value) / sd))
        top = 1.0 if ceiling is None else float(special.ndtr((ceiling - value) / sd))
        return lambda u: value + sd * special.ndtri(bottom + u * (top - bottom))
    if spread.distribution == "lognormal":
        sd = _log_sd(spread)
        median = value if spread.statistic == "median" else value * np.exp(-(sd**2) / 2)
        return lambda u: median * np.exp(sd * special.ndtri(u))
    low, high = spread.bounds or (value, value)
    if spread.distribution == "uniform":
        return lambda u: low + u * (high - low)
    if spread.distribution == "triangular":
        mode = value if spread.statistic == "mode" else 3 * value - low - high
        share = (mode - low) / (high - low)
        return lambda u: np.where(
            u < share,
            low + np.sqrt(u * (high - low) * (mode - low)),
            high - np.sqrt((1 - u) * (high - low) * (high - mode)),
        )
    # beta on [low, high] with the given mean; concentration so that the 95 % interval is met
    share = (value - low) / (high - low)
    total = _concentration(spread, share)
    return lambda u: low + (high - low) * special.betaincinv(share * total, (1 - share) * total, u)


def _concentration(spread: Spread, share: float) -> float:
    """Return a + b of the beta distribution whose 95 % width is that of `interval`.

    Without an interval the PERT convention holds: a + b = 6.
    """
    if spread.interval is None or spread.bounds is None:
        return 6.0
    width = (spread.interval[1] - spread.interval[0]) / (spread.bounds[1] - spread.bounds[0])
    low, high = LOG_CONCENTRATION  # logarithms; the width falls as the concentration rises
    # Bisection: scipy.optimize would add 0.2 s to every start.
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _beta_width(share, middle) > width else (low, middle)
    return float(np.exp(low))


def _beta_width(share: float, log_concentration: float) -> float:
    """Return the width of the 95 % interval of a beta distribution on [0, 1]."""
    total = np.exp(log_concentration)
    ends = special.betaincinv(share * total, (1 - share) * total, [0.025, 0.975])
    return float(ends[1] - ends[0])


def distribution_problem(spread: Spread, unit: str) -> Problem | None:
    """Return what is wrong with a distribution, or None."""
    kind, value = spread.distribution, spread.value
    if not np.isfinite(value):
        return Problem(what="the value is not a finite number", found=str(value))
    if spread.truncate is not None and kind != "normal":
        return Problem(
            what="only a normal distribution is cut by 'truncate'",
            found=f"distribution: {kind}",
            remedy="delete 'truncate', or use 'bounds'",
        )
    if kind == "fixed":
        if spread.interval or spread.bounds:
            return Problem(
                what="a fixed value has no width",
                found="distribution: fixed with a range",
                remedy="delete the range, or name the distribution",
            )
        return None
    width = spread.interval if kind in ("normal", "lognormal") else spread.bounds
    wanted = "range" if kind in ("normal", "lognormal") else "bounds"
    if width is None:
        return Problem(
            what=f"a {kind} distribution without a width",
            expected=f"'{wanted}: [low, high]'"
            + (" (95 % interval)" if wanted == "range" else " (hard ends)"),
            remedy=f"add '{wanted}', or say 'distribution: fixed'",
        )
    low, high = width
    if not low < high or not low <= value <= high:
        return Problem(
            what="the value lies outside its own width",
            found=f"{value} and [{low}, {high}]",
            expected="low < value < high",
            remedy="correct value or width",
        )
    if kind == "normal" and abs((high - value) - (value - low)) > 0.1 * (high - low):
        return Problem(
            what="a normal distribution with a lopsided range",
            found=f"{value} in [{low}, {high}]",
            expected="a range with the value in its middle",
            remedy="use lognormal, triangular or beta",
        )
    if kind == "lognormal" and low <= 0:
        return Problem(
            what="a lognormal range must be positive", found=str(low), remedy="use beta or normal"
        )
    if kind == "triangular" and spread.statistic == "mean":
        mode = 3 * value - low - high
        if not low <= mode <= high:
            return Problem(
                what="no triangular distribution has this mean and these bounds",
                found=f"mean {value} in [{low}, {high}] needs a mode of {mode:.4g}",
                expected="a mode within the bounds",
                remedy="say 'statistic: mode' if the value is the mode, or use beta",
            )
    if kind == "triangular" and spread.statistic == "median":
        return Problem(what="a triangular value is a mean or a mode", found="statistic: median")
    if kind in ("uniform", "beta") and spread.statistic != "mean":
        return Problem(what=f"a {kind} value is a mean", found=f"statistic: {spread.statistic}")
    if kind == "uniform" and abs(value - (low + high) / 2) > 1e-6 * (high - low):
        return Problem(
            what="the mean of a uniform distribution is the middle of its bounds",
            found=str(value),
            expected=str((low + high) / 2),
            remedy="correct the value or the bounds",
        )
    if kind == "beta" and not low < value < high:
        return Problem(
            what="the mean of a beta distribution lies between its bounds",
            found=f"{value} in [{low}, {high}]",
            remedy="move the bound, or say 'distribution: fixed'",
        )
    if kind == "beta" and spread.interval is not None:
        wanted_width = (spread.interval[1] - spread.interval[0]) / (high - low)
        widest = max(
            _beta_width((value - low) / (high - low), at)
            for at in np.linspace(*LOG_CONCENTRATION, 40)
        )
        if wanted_width > widest:
            return Problem(
                what="no beta distribution of this mean has so wide a range",
                found=f"{wanted_width:.3g} of the distance between the bounds",
                expected=f"at most {widest:.3g}",
                remedy="narrow the range, or move value or bounds",
            )
    return _impossible(spread, unit)


def _impossible(spread: Spread, unit: str) -> Problem | None:
    """Refuse distributions that reach below zero where the value itself is positive.

    A normal cut at a negative end declares that it may be negative.
    """
    floor = spread.truncate[0] if spread.truncate else None
    if spread.value < 0 or unit == "degC" or (floor is not None and floor < 0):
        return None
    lowest = float(quantile_function(spread)(np.array([IMPOSSIBLE]))[0])
    if lowest >= -1e-12:
        return None
    return Problem(
        what="the distribution draws negative values",
        found=f"{lowest:.3g} at a probability of {IMPOSSIBLE}",
        expected="values of at least 0",
        remedy="use lognormal or beta, or cut it by 'truncate: [0, null]'",
    )


def share_problem(spread: Spread) -> Problem | None:
    """Refuse a share (a fraction of a whole) that is, or can be drawn, above 1."""
    highest = float(quantile_function(spread)(np.array([1 - IMPOSSIBLE]))[0])
    if max(highest, spread.value) <= 1 + 1e-12:
        return None
    return Problem(
        what="a share above 1" if spread.value > 1 else "the distribution draws shares above 1",
        found=f"{max(highest, spread.value):.4g}",
        expected="at most 1",
        remedy="divide a per cent value by 100, use beta, or cut it by 'truncate: [0, 1]'",
    )
