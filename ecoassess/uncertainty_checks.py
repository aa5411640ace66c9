"""CHECK: what is wrong with a distribution before anything is drawn from it."""

from __future__ import annotations

import numpy as np

from ecoassess.errors import Problem
from ecoassess.uncertainty import (
    CUTTABLE,
    HARD_ENDS,
    IN_HALVES,
    Spread,
    mean_outcome,
    place_in_interval,
    wanted_place,
)

IMPOSSIBLE = 1e-4
"""A distribution may put at most this probability on impossible values."""


def distribution_problem(spread: Spread, unit: str) -> Problem | None:
    """Return what is wrong with a distribution, or None."""
    if not np.isfinite(spread.value):
        return Problem(what="the value is not a finite number", found=str(spread.value))
    problem = _parts_problem(spread) or (
        _outcomes_problem(spread)
        if spread.distribution == "discrete"
        else None
        if spread.distribution == "fixed"
        else _width_problem(spread) or _shape_problem(spread)
    )
    return problem or (None if spread.distribution == "fixed" else _impossible(spread, unit))


def _parts_problem(spread: Spread) -> Problem | None:
    """Return which parts of an entry do not go with its distribution."""
    kind = spread.distribution
    if spread.truncate is not None and kind not in CUTTABLE:
        return Problem(
            what="only a normal or lognormal distribution is cut by 'truncate'",
            found=f"distribution: {kind}",
            remedy="delete 'truncate', or use 'bounds'",
        )
    if spread.outcomes is not None and kind != "discrete":
        return Problem(
            what="'outcomes' belong to a discrete distribution",
            found=f"distribution: {kind}",
            remedy="delete 'outcomes', or say 'distribution: discrete'",
        )
    if kind in ("fixed", "discrete") and (spread.interval or spread.bounds):
        return Problem(
            what=f"a {kind} value has no width",
            found=f"distribution: {kind} with a range",
            remedy="delete the range, or name another distribution",
        )
    if kind in HARD_ENDS and spread.interval and spread.bounds:
        return Problem(
            what=f"a {kind} distribution with both a range and hard ends",
            found=f"range [{spread.interval[0]}, {spread.interval[1]}], "
            f"bounds [{spread.bounds[0]}, {spread.bounds[1]}]",
            expected="one of the two",
            remedy="delete one, or use logit_normal, which takes both",
        )
    if kind in CUTTABLE and spread.bounds:
        return Problem(
            what=f"a {kind} distribution with hard ends",
            found=f"bounds [{spread.bounds[0]}, {spread.bounds[1]}]",
            remedy="use logit_normal, which keeps between bounds, or cut it by 'truncate'",
        )
    return None


def _outcomes_problem(spread: Spread) -> Problem | None:
    """Return what is wrong with the values and weights of a discrete distribution."""
    outcomes = spread.outcomes
    if not outcomes or len({value for value, _ in outcomes}) < 2:
        return Problem(
            what="a discrete distribution without different values",
            expected="outcomes: [[value, weight], [value, weight], ...]",
            remedy="add 'outcomes', or say 'distribution: fixed'",
        )
    if any(not weight > 0 for _, weight in outcomes) or not np.isfinite(outcomes).all():
        return Problem(
            what="weights of outcomes must be positive",
            found=", ".join(f"{value:g}: {weight:g}" for value, weight in outcomes),
            remedy="delete outcomes that cannot be",
        )
    if spread.statistic == "median":
        return Problem(what="a discrete value is a mean or a mode", found="statistic: median")
    values = [value for value, _ in outcomes]
    if spread.statistic == "mode":
        most = max(weight for _, weight in outcomes)
        likely = [value for value, weight in outcomes if weight == most]
        if spread.value not in likely:
            return Problem(
                what="the mode is not the outcome of the largest weight",
                found=str(spread.value),
                expected=" or ".join(f"{value:g}" for value in likely),
                remedy="correct value or weights",
            )
    elif abs(spread.value - mean_outcome(outcomes)) > 1e-6 * (max(values) - min(values)):
        return Problem(
            what="the value is not the mean of its outcomes",
            found=str(spread.value),
            expected=f"{mean_outcome(outcomes):.8g}",
            remedy="correct value or weights",
        )
    return None


def _width_problem(spread: Spread) -> Problem | None:
    """Return what is wrong with the width of a distribution that has one."""
    kind, value = spread.distribution, spread.value
    width = spread.interval if kind in IN_HALVES else spread.bounds or spread.interval
    if kind == "logit_normal" and (width is None or spread.bounds is None):
        return Problem(
            what="a logit_normal distribution without bounds or without a range",
            expected="'bounds: [low, high]' (hard ends) and 'range: [low, high]' (95 % interval)",
            remedy="add what is missing, or use beta or pert, which take bounds alone",
        )
    if width is None:
        soft = "'range: [low, high]' (95 % interval)"
        either = "'bounds: [low, high]' (hard ends) or 'range: [low, high]' (95 % interval)"
        key = "range" if kind in CUTTABLE else "bounds"
        return Problem(
            what=f"a {kind} distribution without a width",
            expected=soft if kind in CUTTABLE else either,
            remedy=f"add '{key}', or say 'distribution: fixed'",
        )
    low, high = width
    inside = low < value < high if kind in IN_HALVES else low <= value <= high
    if not low < high or not inside:
        return Problem(
            what="the value lies outside its own width",
            found=f"{value} and [{low}, {high}]",
            expected="low < value < high",
            remedy="correct value or width",
        )
    if kind == "lognormal" and low <= 0:
        return Problem(
            what="a lognormal range must be positive",
            found=str(low),
            remedy="use logit_normal or normal",
        )
    if spread.bounds is not None and not spread.bounds[0] <= low < high <= spread.bounds[1]:
        return Problem(
            what="the range reaches beyond the bounds",
            found=f"[{low}, {high}] and [{spread.bounds[0]}, {spread.bounds[1]}]",
            remedy="correct range or bounds",
        )
    return None


def _shape_problem(spread: Spread) -> Problem | None:
    """Return why no distribution of this kind has this value and width."""
    kind, value, statistic = spread.distribution, spread.value, spread.statistic
    low, high = spread.bounds or spread.interval or (value, value)
    if kind == "normal" and abs((high - value) - (value - low)) > 0.1 * (high - low):
        return Problem(
            what="a normal distribution with a lopsided range",
            found=f"{value} in [{low}, {high}]",
            expected="a range with the value in its middle",
            remedy="use lognormal, logit_normal, triangular or pert",
        )
    if kind in IN_HALVES and statistic == "mode":
        return Problem(what=f"a {kind} value is a mean or a median", found="statistic: mode")
    if kind in ("triangular", "pert") and statistic == "median":
        return Problem(what=f"a {kind} value is a mean or a mode", found="statistic: median")
    if kind in ("uniform", "beta") and statistic != "mean":
        return Problem(what=f"a {kind} value is a mean", found=f"statistic: {statistic}")
    if kind == "uniform" and abs(value - (low + high) / 2) > 1e-6 * (high - low):
        return Problem(
            what="the mean of a uniform distribution is the middle of its width",
            found=str(value),
            expected=str((low + high) / 2),
            remedy="correct the value or the width",
        )
    if kind in ("triangular", "pert") and spread.bounds and not low <= spread.mode <= high:
        return Problem(
            what=f"no {kind} distribution has this mean and these bounds",
            found=f"mean {value} in [{low}, {high}] needs a mode of {spread.mode:.4g}",
            expected="a mode within the bounds",
            remedy="say 'statistic: mode' if the value is the mode, or use beta",
        )
    if kind in HARD_ENDS and kind != "uniform" and spread.bounds is None:
        least, most = (place_in_interval(spread, share) for share in (0.0, 1.0))
        if not least <= wanted_place(spread) <= most:
            first, last = (low + (high - low) * place for place in (least, most))
            return Problem(
                what=f"no {kind} distribution has this value and this range",
                found=f"{statistic} {value} in [{low}, {high}]",
                expected=f"a {statistic} of {first:.4g} to {last:.4g}",
                remedy="use lognormal, or logit_normal with 'bounds'",
            )
    if kind == "beta" and spread.bounds and not low < value < high:
        return Problem(
            what="the mean of a beta distribution lies between its bounds",
            found=f"{value} in [{low}, {high}]",
            remedy="move the bound, or say 'distribution: fixed'",
        )
    return None


def _impossible(spread: Spread, unit: str) -> Problem | None:
    """Refuse distributions that reach below zero where the value itself is positive.

    A distribution cut at a negative end declares that it may be negative.
    """
    floor = spread.truncate[0] if spread.truncate else None
    if spread.value < 0 or unit == "degC" or (floor is not None and floor < 0):
        return None
    if spread.distribution == "lognormal" or (spread.bounds and spread.bounds[0] >= 0):
        return None
    lowest = float(spread.quantile(np.array([IMPOSSIBLE]))[0])
    if lowest >= -1e-12:
        return None
    return Problem(
        what="the distribution draws negative values",
        found=f"{lowest:.3g} at a probability of {IMPOSSIBLE}",
        expected="values of at least 0",
        remedy="use lognormal or logit_normal, or cut it by 'truncate: [0, null]'",
    )


def cut_problem(spread: Spread) -> Problem | None:
    """Refuse a value outside the ends that its distribution is cut at."""
    floor, ceiling = spread.truncate or (None, None)
    below = floor is not None and spread.value < floor
    if not below and (ceiling is None or spread.value <= ceiling):
        return None
    return Problem(
        what="the value lies outside the ends that it is cut at",
        found=f"{spread.value} and [{floor}, {ceiling}]",
        remedy="correct value or 'truncate'",
    )


def share_problem(spread: Spread) -> Problem | None:
    """Refuse a share (a fraction of a whole) that is, or can be drawn, above 1."""
    if spread.bounds and spread.bounds[1] <= 1:
        return None
    highest = float(spread.quantile(np.array([1 - IMPOSSIBLE]))[0])
    if max(highest, spread.value) <= 1 + 1e-12:
        return None
    return Problem(
        what="a share above 1" if spread.value > 1 else "the distribution draws shares above 1",
        found=f"{max(highest, spread.value):.4g}",
        expected="at most 1",
        remedy="divide a per cent value by 100, use logit_normal, or cut it by 'truncate: [0, 1]'",
    )
