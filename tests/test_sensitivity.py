"""Designs, one unknown at a time, Approach 1, and Sobol' indices, on formulas known by hand."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from ecoassess.approach_1 import half_width, percent_of
from ecoassess.correlation import make_correlations
from ecoassess.errors import InputError
from ecoassess.halves import Z95
from ecoassess.sampling import LatinHypercube
from ecoassess.sensitivity import (
    SIMULATIONS,
    OneAtATime,
    Results,
    Table,
    narrowing,
    one_at_a_time,
)
from ecoassess.uncertainty import Spread

NAME = ("result", "territorial")


def normal(sample: Any, key: str, mean: float, half: float) -> np.ndarray:
    """Return the central value and draws of a normal unknown with a 95 % half-width."""
    spread = Spread("normal", mean, interval=(mean - half, mean + half))
    return np.concatenate([[mean], spread.draw(sample.uniform(key))])


def moved(formula: Any, keys: tuple[str, ...]) -> np.ndarray:
    """Return the squared half-width that all unknowns together give a formula."""
    return one_at_a_time(lambda sample: {NAME: formula(sample)[:, None]}, keys).variances(NAME)[1]


def test_an_unknown_that_is_not_moved_is_at_its_mean_not_its_median() -> None:
    """A lognormal of median 1 has the mean exp(s²/2), s = ln(4 / 0.25) / (2 · 1.96)."""
    mean = np.exp((np.log(16) / (2 * 1.959964)) ** 2 / 2)
    drawn = Spread("lognormal", mean, interval=(0.25, 4.0)).draw(np.array([np.nan, 0.5]))
    np.testing.assert_allclose(drawn, [mean, 1.0], rtol=1e-6)
    fixed = Spread("fixed", 3.0)
    np.testing.assert_array_equal(fixed.draw(np.array([np.nan, 0.1])), [3.0, 3.0])


def test_one_at_a_time_moves_each_key_to_both_ends_and_then_the_simulations() -> None:
    design = OneAtATime(("a", "b"), simulated=3)
    assert design.size == 7
    nan = np.nan
    np.testing.assert_array_equal(design.uniform("b"), [nan, nan, 0.025, 0.975, nan, nan, nan])
    assert np.isnan(design.uniform("c")).all()
    # Draws of a simulation with a central one and two others, taken in turn.
    np.testing.assert_array_equal(design.turn(3), [0, 0, 0, 0, 0, 1, 2, 1])


def test_a_table_takes_simulations_by_their_column() -> None:
    table = Table(3, {SIMULATIONS: np.array([0.0, 0.5, 0.999])})
    np.testing.assert_array_equal(table.turn(51), [0, 1, 26, 50])
    np.testing.assert_array_equal(Table(2, {}).turn(51), [0, 0, 0])
    assert np.isnan(table.uniform("a")).all()


def test_product_gives_equation_3_1() -> None:
    """Activity 200 ± 5 %, factor 3 ± 12 %: U = √(5² + 12²) = 13 %."""

    def emission(sample: Any) -> np.ndarray:
        return normal(sample, "activity", 200, 10) * normal(sample, "factor", 3, 0.36)

    half = half_width(moved(emission, ("activity", "factor")))
    np.testing.assert_allclose(half, [78.0])
    np.testing.assert_allclose(percent_of(half, np.array([600.0])), [13.0])


def test_sum_gives_equation_3_2() -> None:
    """100 ± 30 % and 300 ± 40 / 300: U = √(30² + 40²) / 400 = 12.5 %; less is added the same."""

    def total(sample: Any) -> np.ndarray:
        return normal(sample, "a", 100, 30) + normal(sample, "b", 300, 40)

    def difference(sample: Any) -> np.ndarray:
        return normal(sample, "a", 100, 30) - normal(sample, "b", 300, 40)

    half = half_width(moved(total, ("a", "b")))
    np.testing.assert_allclose(percent_of(half, np.array([400.0])), [12.5])
    np.testing.assert_allclose(half_width(moved(difference, ("a", "b"))), [50.0])


def test_what_is_correlated_adds_up_linearly() -> None:
    """Two sources of one factor: 30 + 40 = 70, not √(30² + 40²) = 50."""

    def total(sample: Any) -> np.ndarray:
        return normal(sample, "factor", 100, 30) + normal(sample, "factor", 300, 40)

    np.testing.assert_allclose(half_width(moved(total, ("factor",))), [70.0])


def test_approach_1_has_the_width_of_the_draws_of_a_nearly_linear_formula() -> None:
    """A product with 10 % and 5 %: second-order variance is 0.05 % of the whole."""

    def emission(sample: Any) -> np.ndarray:
        return normal(sample, "activity", 200, 10) * normal(sample, "factor", 3, 0.3)

    half = half_width(moved(emission, ("activity", "factor")))[0]
    drawn = emission(LatinHypercube(4000, seed=3))[1:]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (high - low) / 2 == pytest.approx(half, rel=0.03)


def test_an_unknown_that_moves_to_one_side_only_counts() -> None:
    """y = (x − 1)², x = 1 ± 2: both ends give 4, and the central value 0."""
    squared = moved(lambda sample: (normal(sample, "x", 1, 2) - 1) ** 2, ("x",))
    np.testing.assert_allclose(half_width(squared), [4.0])


def test_simulations_move_by_their_standard_deviation() -> None:
    values = np.array([5.0, 3.0, 7.0, 5.0])  # the central draw, and three others

    def evaluate(sample: Any) -> Results:
        return {NAME: values[sample.turn(4)][:, None]}

    moves = one_at_a_time(evaluate, [], simulated=3)
    np.testing.assert_allclose(moves.half_widths(NAME), [[Z95 * 2.0]])
    np.testing.assert_allclose(moves.shares(NAME), [[1.0]])


def test_shares_are_those_of_the_squares_and_missing_where_nothing_moves() -> None:
    def evaluate(sample: Any) -> Results:
        moving = normal(sample, "a", 100, 3) + normal(sample, "b", 100, 4)
        return {NAME: np.stack([moving, np.full_like(moving, 7.0)], axis=1)}

    shares = one_at_a_time(evaluate, ["a", "b"]).shares(NAME)
    np.testing.assert_allclose(shares[:, 0], [0.36, 0.64])
    assert np.isnan(shares[:, 1]).all()


def test_narrowing_leaves_the_root_of_the_rest_of_the_variance() -> None:
    np.testing.assert_allclose(narrowing(np.array([0.0, 0.75, 1.0, -0.01])), [0, 0.5, 1, 0])


def ishigami(sample: Any) -> Results:
    """y = sin x1 + 7 sin² x2 + 0.1 x3⁴ sin x1, all uniform in ±π; draw 0 at 0."""

    def uniform(key: str) -> np.ndarray:
        spread = Spread("uniform", 0.0, bounds=(-np.pi, np.pi))
        return np.concatenate([[0.0], spread.draw(sample.uniform(key))])

    x1, x2, x3 = (uniform(key) for key in ("x1", "x2", "x3"))
    return {NAME: (np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1))[:, None]}


def test_indices_of_the_ishigami_function_are_the_published_ones() -> None:
    """Mean 3.5, variance 13.845; indices of Ishigami and Homma (1990) for a = 7, b = 0.1."""
    pytest.importorskip("SALib")
    from ecoassess.sobol import sobol_indices

    found = sobol_indices(ishigami, NAME, 0, ["x1", "x2", "x3"], size=4096, seed=3)
    first = {index.key: index.first for index in found.indices}
    total = {index.key: index.total for index in found.indices}
    assert first == pytest.approx({"x1": 0.3139, "x2": 0.4424, "x3": 0.0}, abs=0.01)
    assert total == pytest.approx({"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}, abs=0.01)
    assert found.draws.mean() == pytest.approx(3.5, abs=0.05)
    assert found.draws.var() == pytest.approx(13.845, rel=0.02)


def test_a_group_has_the_index_of_its_members_together() -> None:
    """x1 and x3 together leave the variance of x2 alone: 1 − 0.4424, without any interaction."""
    pytest.importorskip("SALib")
    from ecoassess.sobol import OTHERS, sobol_indices

    found = sobol_indices(ishigami, NAME, 0, ["x2"], ["x1", "x3"], size=2048, seed=3)
    alone, group = found.indices
    assert (alone.key, group.key) == ("x2", OTHERS)
    assert alone.first == pytest.approx(0.4424, abs=0.02)
    assert group.first == pytest.approx(0.5576, abs=0.02)
    assert group.total == pytest.approx(0.5576, abs=0.02)


def test_the_same_seed_gives_the_same_indices() -> None:
    pytest.importorskip("SALib")
    from ecoassess.sobol import sobol_indices

    one, two = (sobol_indices(ishigami, NAME, 0, ["x1", "x2"], size=64, seed=5) for _ in range(2))
    assert one.indices == two.indices


@pytest.mark.parametrize("size", [0, 1, 100])
def test_sizes_that_are_no_power_of_two_are_refused(size: int) -> None:
    pytest.importorskip("SALib")
    from ecoassess.sobol import sobol_indices

    with pytest.raises(InputError, match="power of two"):
        sobol_indices(ishigami, NAME, 0, ["x1"], size=size)


def test_a_result_that_nothing_moves_is_refused() -> None:
    pytest.importorskip("SALib")
    from ecoassess.sobol import sobol_indices

    with pytest.raises(InputError, match="nothing to analyse"):
        sobol_indices(lambda s: {NAME: np.ones((s.size + 1, 1))}, NAME, 0, ["x1"], size=8)


def test_without_salib_the_message_says_what_to_install(monkeypatch: Any) -> None:
    from ecoassess.sobol import sobol_indices

    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    with pytest.raises(InputError, match=r"ecoassess\[sensitivity\]"):
        sobol_indices(ishigami, NAME, 0, ["x1"], size=8)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--draws", "100"], "power of two"),
        (["--technology", "rooftops"], "no technology of the run with a net"),
        (["--technology", "air_quality_cobenefits"], "no technology of the run with a net"),
    ],
)
def test_the_command_refuses_before_it_assesses(arguments: list[str], expected: str) -> None:
    pytest.importorskip("SALib")
    from typer.testing import CliRunner

    from ecoassess.cli import app

    result = CliRunner().invoke(app, ["sensitivity", *arguments])
    assert result.exit_code == InputError.exit_status
    assert expected in result.output


def test_correlated_unknowns_share_what_they_have_in_common() -> None:
    """y = a − b of equal widths: variance 2 σ² (1 − ρ), and each explains σ² (1 − ρ)² of it."""
    correlations = make_correlations({("a", "b"): 0.5})

    def evaluate(sample: Any) -> Any:
        spread = Spread("normal", 0.0, interval=(-1.0, 1.0))
        drawn = [spread.draw(correlations.over(sample).uniform(key)) for key in ("a", "b")]
        return {NAME: np.concatenate([[0.0], drawn[0] - drawn[1]])[:, None]}

    moves = one_at_a_time(evaluate, ["a", "b"], correlations=correlations)
    first, total = moves.variances(NAME)
    np.testing.assert_allclose(total, [2 * (1 - 0.5)])
    np.testing.assert_allclose(first[:, 0], [(1 - 0.5) ** 2] * 2)
    draws = evaluate(LatinHypercube(20_000, seed=1))[NAME][1:, 0]
    assert draws.var() * Z95**2 == pytest.approx(total[0], rel=0.02)
