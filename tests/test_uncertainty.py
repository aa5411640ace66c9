"""Quantiles of each distribution against figures worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from ecoassess.sampling import LatinHypercube
from ecoassess.uncertainty import Spread, beta_quantile, quantile_function
from ecoassess.uncertainty_checks import cut_problem, distribution_problem, share_problem

MIDDLE = np.array([0.5])
TAILS = np.array([0.025, 0.5, 0.975])
MANY = (np.arange(200_000) + 0.5) / 200_000


def test_fixed_is_its_value() -> None:
    assert list(quantile_function(Spread("fixed", 3.0))(TAILS)) == [3.0, 3.0, 3.0]


def test_normal_meets_its_interval() -> None:
    # 10 ± 2 is the 95 % interval, so the standard deviation is 2 / 1.959964 = 1.020427.
    spread = Spread("normal", 10.0, interval=(8.0, 12.0))
    np.testing.assert_allclose(quantile_function(spread)(TAILS), [8, 10, 12], rtol=1e-12)
    # one standard deviation up: probability 0.8413447
    np.testing.assert_allclose(
        quantile_function(spread)(np.array([0.8413447460685429])), [11.020427], rtol=1e-6
    )


def test_truncated_normal_stays_within_its_ends() -> None:
    spread = Spread("normal", 0.9, interval=(0.7, 1.1), truncate=(0.0, 1.0))
    drawn = quantile_function(spread)(MANY)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    # Cut at 1, z = 0.1 / (0.2 / 1.959964) = 0.979982: the median is at half of Φ(z) = 0.836453,
    # Φ⁻¹(0.4182265) = −0.206437 standard deviations of 0.102043 below 0.9.
    np.testing.assert_allclose(quantile_function(spread)(MIDDLE), [0.878935], atol=2e-6)


def test_the_mean_of_a_truncated_normal_is_that_of_its_draws() -> None:
    spread = Spread("normal", 0.9, interval=(0.7, 1.1), truncate=(0.0, 1.0))
    assert spread.mean == pytest.approx(quantile_function(spread)(MANY).mean(), rel=1e-4)


def test_a_lognormal_that_fits_its_range_is_the_plain_one() -> None:
    # log sd s = ln(4 / 1) / (2 · 1.959964) = 0.353653: median 2, mean 2 exp(s² / 2) = 2.129064
    spread = Spread("lognormal", 2.1290638, interval=(1.0, 4.0))
    np.testing.assert_allclose(quantile_function(spread)(TAILS), [1, 2, 4], rtol=1e-6)
    np.testing.assert_allclose(
        quantile_function(spread)(MANY), np.exp(np.log(2) + 0.353653 * special.ndtri(MANY)), 1e-5
    )


def test_lognormal_by_its_median() -> None:
    # mean = 2 exp(0.353653² / 2) = 2.129063
    spread = Spread("lognormal", 2.0, statistic="median", interval=(1.0, 4.0))
    np.testing.assert_allclose(quantile_function(spread)(TAILS), [1, 2, 4], rtol=1e-12)
    assert spread.mean == pytest.approx(2.129063, rel=1e-6)
    assert quantile_function(spread)(MANY).mean() == pytest.approx(spread.mean, rel=1e-4)


def test_triangular_by_its_mode() -> None:
    # on [0, 10] with mode 2: F(2) = 0.2; F(x) = 1 − (10 − x)² / 80 above, so the median is
    # 10 − √40 = 3.675445; the mean is (0 + 2 + 10) / 3 = 4.
    spread = Spread("triangular", 2.0, statistic="mode", bounds=(0.0, 10.0))
    quantile = quantile_function(spread)
    np.testing.assert_allclose(quantile(np.array([0.2])), [2.0])
    np.testing.assert_allclose(quantile(np.array([0.05])), [1.0])  # x² / 20 = 0.05
    np.testing.assert_allclose(quantile(MIDDLE), [10 - math.sqrt(40)])
    assert spread.mean == pytest.approx(4.0)
    assert quantile(MANY).mean() == pytest.approx(4.0, rel=1e-4)


def test_triangular_by_its_mean() -> None:
    # mean 4 on [0, 10] has its mode at 3 · 4 − 0 − 10 = 2: the same triangle
    by_mean = quantile_function(Spread("triangular", 4.0, bounds=(0.0, 10.0)))
    by_mode = quantile_function(Spread("triangular", 2.0, statistic="mode", bounds=(0.0, 10.0)))
    np.testing.assert_allclose(by_mean(MANY), by_mode(MANY))


def test_uniform() -> None:
    spread = Spread("uniform", 3.0, bounds=(2.0, 4.0))
    np.testing.assert_allclose(quantile_function(spread)(TAILS), [2.05, 3.0, 3.95])


def test_beta_without_interval_is_pert() -> None:
    # a + b = 6 on [0, 1] with mean 0.5: beta(3, 3), whose distribution function is
    # 10 x³ − 15 x⁴ + 6 x⁵; at 0.25 that is 0.15625 − 0.05859375 + 0.005859375 = 0.103515625.
    quantile = quantile_function(Spread("beta", 0.5, bounds=(0.0, 1.0)))
    np.testing.assert_allclose(quantile(np.array([0.103515625])), [0.25], rtol=1e-9)
    np.testing.assert_allclose(quantile(MIDDLE), [0.5])


def test_beta_scales_to_its_bounds() -> None:
    unit = quantile_function(Spread("beta", 0.3, bounds=(0.0, 1.0)))
    wide = quantile_function(Spread("beta", 2.0 + 5 * 0.3, bounds=(2.0, 7.0)))
    np.testing.assert_allclose(wide(MANY), 2 + 5 * unit(MANY), rtol=1e-9)


def test_pert_by_its_mode() -> None:
    # on [0, 10] with mode 2: mean (0 + 4 · 2 + 10) / 6 = 3; beta(1 + 4 · 0.2, 1 + 4 · 0.8)
    spread = Spread("pert", 2.0, statistic="mode", bounds=(0.0, 10.0))
    assert spread.mean == pytest.approx(3.0)
    assert spread.draw(MANY).mean() == pytest.approx(3.0, rel=1e-4)
    # variance of beta(1.8, 4.2): 1.8 · 4.2 / (6² · 7) = 0.03, times 10²
    assert spread.draw(MANY).var() == pytest.approx(3.0, rel=1e-3)
    # With the mode at an end one power is left: beta(1, 5), F(x) = 1 − (1 − x)⁵.
    at_end = Spread("pert", 0.0, statistic="mode", bounds=(0.0, 1.0))
    np.testing.assert_allclose(at_end.draw(np.array([1 - 0.5**5])), [0.5], rtol=1e-9)


def test_pert_by_its_mean() -> None:
    by_mean = Spread("pert", 3.0, bounds=(0.0, 10.0))
    by_mode = Spread("pert", 2.0, statistic="mode", bounds=(0.0, 10.0))
    assert by_mean.mode == pytest.approx(2.0)
    np.testing.assert_allclose(by_mean.draw(MANY), by_mode.draw(MANY))


def test_ends_of_a_uniform_by_its_interval() -> None:
    # 95 % of [2, 4] is [2.05, 3.95]
    spread = Spread("uniform", 3.0, interval=(2.05, 3.95))
    assert spread.ends == pytest.approx((2.0, 4.0))


def test_ends_of_a_triangle_by_its_interval() -> None:
    # On [0, 10] with mode 2 (and mean 4): 2.5 % at √(0.025 · 10 · 2) = 0.707107, 97.5 % at
    # 10 − √(0.025 · 10 · 8) = 8.585786.
    interval = (math.sqrt(0.5), 10 - math.sqrt(2))
    by_mode = Spread("triangular", 2.0, statistic="mode", interval=interval)
    assert by_mode.ends == pytest.approx((0.0, 10.0), abs=1e-9)
    assert by_mode.mean == pytest.approx(4.0)
    by_mean = Spread("triangular", 4.0, interval=interval)
    assert by_mean.ends == pytest.approx((0.0, 10.0), abs=1e-9)
    np.testing.assert_allclose(by_mean.draw(MANY), by_mode.draw(MANY), atol=1e-8)


@pytest.mark.parametrize("kind", ["triangular", "pert", "uniform", "beta"])
@given(place=st.floats(0.2, 0.8), low=st.floats(0.1, 10), width=st.floats(0.01, 100))
def test_quantiles_meet_the_interval(kind: str, place: float, low: float, width: float) -> None:
    place = 0.5 if kind == "uniform" else place
    statistic = "mode" if kind in ("triangular", "pert") else "mean"
    high = low + width
    spread = Spread(kind, low + place * width, statistic, interval=(low, high))
    problem = distribution_problem(spread, "degC")
    if problem is not None:  # no beta of this convention leans so far
        assert kind == "beta"
        return
    first, _, last = spread.draw(TAILS)
    assert (first, last) == pytest.approx((low, high), rel=1e-6)
    assert spread.ends[0] < low < high < spread.ends[1]


def test_a_beta_with_an_interval_alone_is_pert() -> None:
    interval = (1.0, 5.0)
    np.testing.assert_allclose(
        Spread("beta", 2.5, interval=interval).draw(MANY),
        Spread("pert", 2.5, interval=interval).draw(MANY),
    )


def test_discrete_takes_its_values_as_often_as_they_weigh() -> None:
    # mean (1 · 1 + 2 · 2 + 6 · 1) / 4 = 2.75
    spread = Spread("discrete", 2.75, outcomes=((2.0, 2.0), (1.0, 1.0), (6.0, 1.0)))
    assert distribution_problem(spread, "1") is None
    values, counts = np.unique(spread.draw(MANY), return_counts=True)
    assert list(values) == [1.0, 2.0, 6.0]
    assert list(counts) == [50_000, 100_000, 50_000]
    assert spread.mean == 2.75
    likeliest = Spread("discrete", 2.0, "mode", outcomes=spread.outcomes)
    assert distribution_problem(likeliest, "1") is None
    assert likeliest.mean == 2.75


def test_a_lognormal_can_be_cut() -> None:
    # Logarithm of mean 0 and sd 1, cut at its median 1: the mean is
    # e^0.5 Φ(0 − 1) / Φ(0) = 1.648721 · 0.158655 / 0.5 = 0.523157.
    width = math.exp(1.959964)
    spread = Spread("lognormal", 1.0, "median", interval=(1 / width, width), truncate=(None, 1.0))
    assert distribution_problem(spread, "1") is None
    assert spread.mean == pytest.approx(0.523157, rel=1e-5)
    drawn = spread.draw(MANY)
    assert drawn.max() <= 1
    assert drawn.mean() == pytest.approx(spread.mean, rel=1e-4)
    # half of what is left lies below Φ⁻¹(0.25) = −0.674490: e^−0.674490 = 0.509417
    np.testing.assert_allclose(spread.draw(MIDDLE), [0.509417], rtol=1e-5)
    above = Spread("lognormal", 1.0, "median", interval=(1 / width, width), truncate=(1.0, None))
    # e^0.5 (1 − Φ(−1)) / 0.5 = 1.648721 · 0.841345 / 0.5 = 2.774285
    assert above.mean == pytest.approx(2.774285, rel=1e-5)


SPREADS = [
    Spread("pert", 3.0, bounds=(0.0, 10.0)),
    Spread("pert", 2.0, statistic="mode", interval=(1.0, 5.0)),
    Spread("triangular", 2.0, statistic="mode", interval=(1.0, 5.0)),
    Spread("lognormal", 2.0, interval=(1.0, 4.0), truncate=(None, 5.0)),
    Spread("discrete", 2.75, outcomes=((2.0, 2.0), (1.0, 1.0), (6.0, 1.0))),
    Spread("normal", 10.0, interval=(8.0, 12.0)),
    Spread("lognormal", 2.0, interval=(1.0, 4.0)),
    Spread("lognormal", 2.0, statistic="median", interval=(1.0, 4.0)),
    Spread("triangular", 2.0, statistic="mode", bounds=(0.0, 10.0)),
    Spread("uniform", 3.0, bounds=(2.0, 4.0)),
    Spread("lognormal", 0.03, interval=(0.01, 0.1)),
    Spread("logit_normal", 0.2, interval=(0.1, 0.3), bounds=(0.0, 1.0)),
    Spread("logit_normal", 0.2, "median", interval=(0.1, 0.5), bounds=(0.0, 1.0)),
]


@pytest.mark.parametrize("spread", SPREADS, ids=lambda s: f"{s.distribution}-{s.statistic}")
def test_the_central_value_is_the_mean_of_the_draws(spread: Spread) -> None:
    assert distribution_problem(spread, "1") is None
    assert spread.draw(MANY).mean() == pytest.approx(spread.mean, rel=1e-3)
    assert (np.diff(spread.draw(MANY)) >= 0).all()


@given(
    value=st.floats(0.1, 100),
    down=st.floats(0.01, 0.9),
    up=st.floats(0.01, 2.0),
    kind=st.sampled_from(["lognormal", "triangular", "beta"]),
    place=st.floats(0.001, 0.999),
)
def test_draws_stay_in_bounds_or_above_zero(
    value: float, down: float, up: float, kind: str, place: float
) -> None:
    width = (value * (1 - down), value * (1 + up))
    statistic = "mode" if kind == "triangular" else "mean"
    spread = (
        Spread(kind, value, interval=width)
        if kind == "lognormal"
        else Spread(kind, value, statistic=statistic, bounds=width)
    )
    if distribution_problem(spread, "1") is not None:
        return
    drawn = float(quantile_function(spread)(np.array([place]))[0])
    assert drawn > 0
    if kind != "lognormal":
        assert width[0] <= drawn <= width[1]


@pytest.mark.parametrize(
    ("spread", "what"),
    [
        (Spread("normal", 1.0), "without a width"),
        (Spread("triangular", 1.0), "without a width"),
        (Spread("fixed", 1.0, interval=(0.5, 1.5)), "a fixed value has no width"),
        (Spread("normal", 5.0, interval=(1.0, 2.0)), "outside its own width"),
        (Spread("normal", 1.0, interval=(2.0, 0.0)), "outside its own width"),
        (Spread("normal", 1.0, interval=(0.9, 2.0)), "lopsided"),
        (Spread("lognormal", 1.0, interval=(0.0, 2.0)), "must be positive"),
        (Spread("triangular", 9.0, bounds=(0.0, 10.0)), "no triangular distribution"),
        (Spread("triangular", 5.0, "median", bounds=(0.0, 10.0)), "a mean or a mode"),
        (Spread("beta", 5.0, "mode", bounds=(0.0, 10.0)), "a beta value is a mean"),
        (Spread("uniform", 4.0, bounds=(0.0, 10.0)), "the middle of its width"),
        (Spread("normal", 1.0, interval=(-1.0, 3.0)), "draws negative values"),
        (Spread("triangular", 1.0, "mode", interval=(0.1, 3.0)), "draws negative values"),
        (Spread("pert", 9.0, bounds=(0.0, 10.0)), "no pert distribution"),
        (Spread("pert", 1.9, interval=(1.0, 2.0)), "this value and this range"),
        (Spread("pert", 1.5, interval=(1.0, 2.0), bounds=(0.0, 3.0)), "both a range and hard"),
        (Spread("beta", 0.2, interval=(0.1, 0.3), bounds=(0.0, 1.0)), "both a range and hard"),
        (Spread("normal", 0.2, interval=(0.1, 0.3), bounds=(0.0, 1.0)), "with hard ends"),
        (Spread("logit_normal", 0.2, bounds=(0.0, 1.0)), "without bounds or without a range"),
        (Spread("logit_normal", 0.2, interval=(0.1, 0.3)), "without bounds or without a range"),
        (Spread("logit_normal", 0.2, interval=(0.1, 1.3), bounds=(0.0, 1.0)), "beyond the bounds"),
        (Spread("logit_normal", 0.1, interval=(0.1, 0.3), bounds=(0.0, 1.0)), "its own width"),
        (Spread("lognormal", 2.0, "mode", interval=(1.0, 4.0)), "a mean or a median"),
        (Spread("discrete", 1.0), "without different values"),
        (Spread("discrete", 1.0, outcomes=((1.0, 1.0), (1.0, 2.0))), "without different values"),
        (Spread("discrete", 1.0, outcomes=((1.0, 0.0), (2.0, 1.0))), "must be positive"),
        (Spread("discrete", 1.0, outcomes=((1.0, 1.0), (2.0, 1.0))), "not the mean of its"),
        (Spread("discrete", 1.0, "mode", outcomes=((1.0, 1.0), (2.0, 3.0))), "the mode is not"),
        (Spread("discrete", 1.5, interval=(1.0, 2.0)), "a discrete value has no width"),
        (Spread("beta", 1.5, bounds=(1.0, 2.0), truncate=(1.0, 2.0)), "only a normal or log"),
        (Spread("normal", 1.5, interval=(1.0, 2.0), outcomes=((1.0, 1.0),)), "belong to a disc"),
        (Spread("normal", math.nan, interval=(0.0, 2.0)), "not a finite number"),
    ],
)
def test_impossible_distributions_are_refused(spread: Spread, what: str) -> None:
    problem = distribution_problem(spread, "1")
    assert problem is not None
    assert what in problem.what


def test_temperatures_may_be_negative() -> None:
    assert distribution_problem(Spread("normal", 1.0, interval=(-1.0, 3.0)), "degC") is None
    assert distribution_problem(Spread("normal", -1.0, interval=(-3.0, 1.0)), "1") is None


def test_a_value_lies_within_its_cuts() -> None:
    def spread(floor: float | None, ceiling: float | None) -> Spread:
        return Spread("normal", 1.5, interval=(1.0, 2.0), truncate=(floor, ceiling))

    assert cut_problem(spread(1.0, None)) is None
    assert cut_problem(spread(None, 1.5)) is None
    for outside in (spread(2.0, 3.0), spread(None, 1.0)):
        problem = cut_problem(outside)
        assert problem is not None
        assert "cut at" in problem.what


def test_shares_stay_below_one() -> None:
    assert share_problem(Spread("normal", 0.5, interval=(0.4, 0.6))) is None
    above = share_problem(Spread("normal", 0.9, interval=(0.7, 1.1)))
    assert above is not None
    assert "draws shares above 1" in above.what
    cut = Spread("normal", 0.9, interval=(0.7, 1.1), truncate=(0.0, 1.0))
    assert share_problem(cut) is None


def test_random_numbers_are_stratified_and_hang_on_seed_and_key() -> None:
    numbers = LatinHypercube(100, 1).uniform("a")
    assert sorted((numbers * 100).astype(int)) == list(range(100))
    assert (LatinHypercube(100, 1).uniform("a") == numbers).all()
    assert not (LatinHypercube(100, 2).uniform("a") == numbers).any()
    assert abs(np.corrcoef(numbers, LatinHypercube(100, 1).uniform("b"))[0, 1]) < 0.4


def test_random_numbers_never_change() -> None:
    """Published results hang on them: a change of these figures changes every interval."""
    expected = [0.31341530546771984, 0.7484958050049052, 0.5492530302626951]
    np.testing.assert_allclose(LatinHypercube(3, 20240601).uniform("x"), expected, rtol=1e-12)


@pytest.mark.parametrize(
    "shape", [(0.3, 5.0), (1.0, 1.0), (2.0, 40.0), (80.0, 3.0), (900.0, 700.0)]
)
def test_many_beta_quantiles_are_those_of_few(shape: tuple[float, float]) -> None:
    """Tabled and interpolated for many numbers; against scipy's exact function, tails as well."""
    numbers = np.concatenate([LatinHypercube(5000, 1).uniform("x"), [1e-9, 1e-4, 1 - 1e-9]])
    exact = special.betaincinv(*shape, numbers)
    np.testing.assert_allclose(beta_quantile(*shape, numbers), exact, rtol=0, atol=1e-8)
