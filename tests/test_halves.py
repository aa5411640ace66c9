"""Distributions that meet a value and both ends of its 95 % interval."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from ecoassess.coefficients import read_coefficients
from ecoassess.configuration import read_yaml
from ecoassess.halves import Z95, Scale, by_mean, by_median
from ecoassess.uncertainty import IN_HALVES, Spread
from ecoassess.uncertainty_checks import distribution_problem

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
MANY = (np.arange(100_000) + 0.5) / 100_000
TAILS = np.array([0.025, 0.5, 0.975])
LINEAR, LOG, UNIT = Scale(), Scale(0.0), Scale(0.0, 1.0)

SPREADS = [
    value.spread
    for file in (
        CONFIGS / "shared.yaml",
        *sorted((CONFIGS / "models").glob("*.yaml")),
        *sorted((CONFIGS / "technologies").glob("*.yaml")),
    )
    for coefficient in read_coefficients(file, read_yaml(CONFIGS / "sources.yaml").content).values()
    for value in coefficient.table
]
"""Of all coefficients."""


def test_every_range_is_drawn_as_it_stands() -> None:
    """What is cut by declaration apart: there the range is that of the uncut distribution."""
    ranged = [spread for spread in SPREADS if spread.interval and not spread.truncate]
    assert len(ranged) > 900
    for spread in ranged:
        assert spread.drawn == pytest.approx(spread.interval, rel=1e-6, abs=1e-15)
    assert sum(bool(spread.interval and spread.truncate) for spread in SPREADS) <= 10


def test_every_value_is_the_mean_or_the_median_of_its_draws() -> None:
    medians = 0
    for spread in dict.fromkeys(s for s in SPREADS if s.distribution in IN_HALVES):
        if spread.truncate:
            continue
        drawn = spread.draw(MANY)
        if spread.misses_mean or spread.statistic == "median":
            medians += spread.misses_mean
            assert spread.quantile(TAILS)[1] == pytest.approx(spread.value, rel=1e-9)
        else:
            assert spread.mean == spread.mean_drawn == spread.value
        assert drawn.mean() == pytest.approx(spread.mean_drawn, rel=5e-4)
    assert medians < 15  # different ones; tables repeat them


def test_no_draw_leaves_the_bounds() -> None:
    ends = np.array([1e-9, 1e-4, 1 - 1e-4, 1 - 1e-9])
    for spread in SPREADS:
        drawn = spread.draw(ends)
        if spread.bounds:
            assert spread.bounds[0] <= drawn.min() <= drawn.max() <= spread.bounds[1]
        if spread.distribution == "lognormal":
            assert drawn.min() > 0


def test_two_straight_lines_by_hand() -> None:
    """Half-widths of 1.96 below and 3.92 above 10: s of 1 and 2, mean 10 + (2 − 1) / √(2π)."""
    found = by_median(LINEAR, 10 - Z95, 10.0, 10 + 2 * Z95)
    np.testing.assert_allclose(found.at(np.array([-1.0, 0.0, 1.0])), [9, 10, 12], rtol=1e-12)
    assert float(found.mean()) == pytest.approx(10 + 1 / math.sqrt(2 * math.pi), rel=1e-10)


def test_a_logarithm_in_halves_by_hand() -> None:
    """Median 1, s of ln 2 / 1.96 = 0.353653 below and ln 4 / 1.96 = 0.707306 above.

    The mean of a half is e^(s²/2) Φ(∓s): e^0.062535 · Φ(−0.353653) + e^0.250141 · Φ(0.707306)
    = 1.064532 · 0.361799 + 1.284207 · 0.760312 = 1.361544.
    """
    found = by_median(LOG, 0.5, 1.0, 4.0)
    assert float(found.mean()) == pytest.approx(1.361544, rel=2e-6)
    np.testing.assert_allclose(found.at(special.ndtri(TAILS)), [0.5, 1, 4], rtol=1e-12)


def test_a_median_is_placed_so_that_the_mean_is_the_value() -> None:
    """0.03 in [0.01, 0.10]: e^(s²/2) Φ(∓s) of both halves times the median is 0.03."""
    found = by_mean(LOG, 0.01, 0.03, 0.10)
    assert found is not None
    low, high = float(found.below), float(found.above)
    median = math.exp(float(found.middle))
    assert low == pytest.approx(math.log(median / 0.01) / Z95, rel=1e-9)
    assert high == pytest.approx(math.log(0.10 / median) / Z95, rel=1e-9)
    halves = [math.exp(s**2 / 2) * special.ndtr(z) for s, z in ((low, -low), (high, high))]
    assert median * sum(halves) == pytest.approx(0.03, rel=1e-8)


def test_equal_halves_are_the_plain_distribution() -> None:
    score = special.ndtri(MANY)
    plain = special.expit(special.logit(0.3) + 0.4 * score)
    low, high = special.expit(special.logit(0.3) + np.array([-0.4, 0.4]) * Z95)
    found = by_mean(UNIT, float(low), float(plain.mean()), float(high))
    assert found is not None
    np.testing.assert_allclose(found.at(score), plain, rtol=1e-5)


def test_the_mean_of_an_unequal_logit_is_that_of_its_draws() -> None:
    spread = Spread("logit_normal", 0.05, interval=(0.005, 0.2), bounds=(0.0, 0.5))
    assert spread.drawn == pytest.approx((0.005, 0.2), rel=1e-12)
    assert spread.draw(MANY).mean() == pytest.approx(0.05, rel=1e-4)


def test_a_range_that_ends_on_its_bound_has_draws_there() -> None:
    """A source prints 0.000 to 0.011: 2.5 % are nothing, and none is below."""
    spread = Spread("logit_normal", 0.005, interval=(0.0, 0.011), bounds=(0.0, 0.05))
    drawn = spread.draw(MANY)
    assert (drawn == 0).mean() == pytest.approx(0.025, abs=1e-4)
    assert drawn.min() == 0
    assert drawn.mean() == pytest.approx(0.005, rel=1e-4)
    assert spread.drawn == pytest.approx((0.0, 0.011), abs=1e-15)


def test_a_value_that_cannot_be_the_mean_is_the_median() -> None:
    """0.005 in [0.0005, 0.075]: by the upper half alone the mean is above 0.01."""
    spread = Spread("lognormal", 0.005, interval=(0.0005, 0.075))
    assert spread.misses_mean
    np.testing.assert_allclose(spread.quantile(TAILS), [0.0005, 0.005, 0.075], rtol=1e-12)
    assert spread.mean == spread.draw(np.array([np.nan]))[0] == 0.005
    assert not Spread("lognormal", 0.03, interval=(0.01, 0.1)).misses_mean


def test_cut_halves_have_the_mean_of_their_draws() -> None:
    spread = Spread("lognormal", 2.0, interval=(1.0, 6.0), truncate=(1.2, 5.0))
    drawn = spread.draw(MANY)
    assert (drawn.min(), drawn.max()) == pytest.approx((1.2, 5.0), rel=1e-3)
    assert spread.mean == pytest.approx(drawn.mean(), rel=1e-4)


@given(
    low=st.floats(1e-4, 0.5),
    width=st.floats(1e-3, 0.49),
    place=st.floats(0.01, 0.99),
    kind=st.sampled_from(IN_HALVES),
    statistic=st.sampled_from(["mean", "median"]),
)
def test_three_numbers_are_met_whatever_they_are(
    low: float, width: float, place: float, kind: str, statistic: str
) -> None:
    value, interval = low + place * width, (low, low + width)
    bounds = (0.0, 1.0) if kind == "logit_normal" else None
    spread = Spread(kind, value, statistic, interval=interval, bounds=bounds)
    if distribution_problem(spread, "degC") is not None:
        assert kind == "normal"  # lopsided
        return
    drawn = spread.draw(MANY[::50])
    assert spread.drawn == pytest.approx(interval, rel=1e-9)
    assert (np.diff(drawn) >= 0).all()
    assert np.isfinite(drawn).all()
    if statistic == "median" or spread.misses_mean:
        assert spread.quantile(TAILS)[1] == pytest.approx(value, rel=1e-9)
    else:
        assert spread.draw(MANY).mean() == pytest.approx(value, rel=2e-3)


@pytest.mark.parametrize(
    ("scale", "low", "high"), [(LINEAR, -1.0, 3.0), (LOG, 0.2, 9.0), (UNIT, 0.02, 0.4)]
)
def test_the_distribution_is_continuous_and_all_moments_are_finite(
    scale: Scale, low: float, high: float
) -> None:
    """Between and beyond the quantiles that are given the tails are those of a normal score."""
    found = by_median(scale, low, low + (high - low) / 4, high)
    score = np.linspace(-30, 30, 6001)
    drawn = found.at(score)
    assert (np.diff(drawn) >= 0).all()
    for power in (1, 2, 4):
        weight = stats.norm.pdf(score) * np.abs(drawn) ** power
        assert np.isfinite(weight).all()
        assert weight[0] < 1e-100
        assert weight[-1] < 1e-100


def test_a_range_holds_the_truth_in_95_of_100_cases() -> None:
    """Quantiles of what is drawn: the share of draws within the range is 95 %."""
    for spread, kind in itertools.product(
        [(0.03, (0.01, 0.1)), (0.2, (0.1, 0.5))], ("lognormal", "logit_normal")
    ):
        value, interval = spread
        bounds = (0.0, 1.0) if kind == "logit_normal" else None
        drawn = Spread(kind, value, interval=interval, bounds=bounds).draw(MANY)
        inside = (drawn >= interval[0]) & (drawn <= interval[1])
        assert inside.mean() == pytest.approx(0.95, abs=1e-4)
