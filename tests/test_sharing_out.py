"""What is left of a figure, and who gets how much of it in a draw."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ecoassess.activity_uncertainty import Widths
from ecoassess.configuration import read_yaml, validate
from ecoassess.figure_errors import (
    WIDEST,
    FigureErrors,
    error_draws,
    factor_draws,
    half_width_of_remainder,
    remainder_of,
)
from ecoassess.inputs.statistics import Figure
from ecoassess.sampling import LatinHypercube
from ecoassess.sharing_out import Remainder, centred, remainder, shared_out

COUNTED = np.array([40.0, 30.0])
ERRORS = np.array([0.05, 0.1])


def test_the_error_of_a_difference_by_hand() -> None:
    """100 ± 5 less 40 ± 2 and 30 ± 3 leave 30: √(25 + 4 + 9) = 6.164; half alike √(38 / 2).

    With half alike the common part is 5 − 2 − 3 = 0.
    """
    assert remainder(100.0, COUNTED, 0.05, ERRORS, 0.0).error == pytest.approx(38**0.5 / 30)
    half = remainder(100.0, COUNTED, 0.05, ERRORS, 0.5)
    assert half.error == pytest.approx(19**0.5 / 30)
    assert half.weights == pytest.approx(np.array([0, 5, -2, -3]) / 38**0.5, abs=1e-12)


def test_without_counted_parts_it_is_the_whole() -> None:
    left = remainder(100.0, np.array([]), 0.05, np.array([]), 0.5)
    assert left.error == pytest.approx(0.05)
    assert left.weights == pytest.approx([0.5**0.5, 0.5**0.5])


def test_the_error_of_a_difference_is_that_of_drawn_differences() -> None:
    random, likeness = np.random.default_rng(3), 0.3
    common = random.standard_normal(200_000)
    scores = [
        likeness**0.5 * common + (1 - likeness) ** 0.5 * random.standard_normal(common.size)
        for _ in range(3)
    ]
    whole = 100 * (1 + 0.05 * scores[0])
    rest = whole - sum(k * (1 + e * z) for k, e, z in zip(COUNTED, ERRORS, scores[1:], strict=True))
    found = remainder(100.0, COUNTED, 0.05, ERRORS, likeness)
    assert rest.std() / 30 == pytest.approx(found.error, rel=0.01)


def test_a_small_remainder_is_hardly_known_and_nothing_is_certain() -> None:
    assert remainder(100.0, np.array([99.0]), 0.05, np.array([0.05]), 0.0).error > 5
    assert half_width_of_remainder(Remainder(5.0, np.zeros(3))) == WIDEST
    for whole, counted in ((100.0, [100.0]), (0.0, [])):
        nothing = remainder(whole, np.array(counted), 0.05, np.full(len(counted), 0.05), 0.0)
        assert nothing.error == 0


def test_parts_by_hand() -> None:
    """10 by weights 1 : 2 : 2; then with room for 3 in the second, 7 are left for 1 : 2."""
    weights, unlimited = np.array([[1.0], [2.0], [2.0]]), np.full((3, 1), np.inf)
    whole = np.array([10.0])
    assert shared_out(weights, whole, unlimited).ravel() == pytest.approx([2, 4, 4])
    room = np.array([[np.inf], [3.0], [np.inf]])
    assert shared_out(weights, whole, room).ravel() == pytest.approx([7 / 3, 3, 14 / 3])
    # room for 4 in the third as well: 3 are left for the first
    room[2] = 4.0
    assert shared_out(weights, whole, room).ravel() == pytest.approx([3, 3, 4])
    # room for 8 in all
    room[0] = 1.0
    assert shared_out(weights, whole, room).ravel() == pytest.approx([1, 3, 4])


POSITIVE = st.floats(0.01, 100)


@given(
    weights=arrays.arrays(float, (4, 3), elements=POSITIVE),
    room=arrays.arrays(float, (4, 3), elements=POSITIVE),
    whole=arrays.arrays(float, 3, elements=POSITIVE),
)
def test_parts_add_up_keep_within_and_go_by_weight(
    weights: np.ndarray, room: np.ndarray, whole: np.ndarray
) -> None:
    parts = shared_out(weights, whole, room)
    np.testing.assert_allclose(parts.sum(axis=0), np.minimum(whole, room.sum(axis=0)), rtol=1e-9)
    assert (parts <= room * (1 + 1e-12)).all()
    per_weight = np.where(parts < room * (1 - 1e-9), parts / weights, np.nan)
    level = np.nanmax(np.where(np.isnan(per_weight), -1, per_weight), axis=0)
    for column in range(3):  # those with room left have one ratio, the full ones a lower one
        free = ~np.isnan(per_weight[:, column])
        assert per_weight[free, column] == pytest.approx(level[column], rel=1e-9)
        if free.any():
            full = parts[~free, column] / weights[~free, column]
            assert (full <= level[column] * (1 + 1e-9)).all()


def test_centred_weights_have_the_central_values_as_means() -> None:
    """Shares of 60, 30 and 10 within factors of 5, none above 70, 40 and 30."""
    random = np.random.default_rng(7)
    central = np.array([60.0, 30.0, 10.0])
    spread = np.array([factor_draws(5.0, random.random(4000)) for _ in central])
    room = np.repeat([[70.0], [40.0], [30.0]], spread.shape[1], axis=1)

    def parts(factors: np.ndarray) -> np.ndarray:
        weights = central[:, None] * spread * factors[:, None]
        return shared_out(weights, np.full(spread.shape[1], 100.0), room)

    plain = parts(np.ones(3)).mean(axis=1)
    assert np.abs(plain / central - 1).max() > 0.05
    found = parts(centred(parts, central, together=True))
    assert found.mean(axis=1) == pytest.approx(central, rel=2e-3)
    np.testing.assert_allclose(found.sum(axis=0), 100)


def test_a_part_of_nothing_stays_nothing() -> None:
    spread = np.ones((2, 5))
    for central in (np.array([0.0, 3.0]), np.zeros(2)):

        def parts(factors: np.ndarray, central: np.ndarray = central) -> np.ndarray:
            weights = central[:, None] * spread * factors[:, None]
            return shared_out(weights, np.full(5, central.sum()), np.full((2, 5), np.inf))

        found = parts(centred(parts, central, together=True))
        np.testing.assert_allclose(found, np.repeat(central[:, None], 5, axis=1))


def test_factors_have_the_mean_1_and_stay_where_nothing_is_drawn() -> None:
    drawn = factor_draws(7.2, np.array([np.nan, 0.025, 0.5, 0.975]))
    assert drawn[:2] == pytest.approx([1, 1])
    assert (drawn[3] / drawn[2], drawn[4] / drawn[3]) == pytest.approx((7.2, 7.2), rel=1e-6)
    many = factor_draws(7.2, (np.arange(200_000) + 0.5) / 200_000)
    assert many[1:].mean() == pytest.approx(1, rel=1e-3)


WIDTHS = validate(
    read_yaml(Path(__file__).resolve().parents[1] / "configs" / "activity_uncertainty.yaml"), Widths
)
SAMPLE = LatinHypercube(4000, 5)


def errors_of(parts: dict[str, float], counted: dict[str, float], whole: float) -> FigureErrors:
    """Errors of rice in a prefecture P, some of whose counties have a figure."""
    total = Figure(whole, "ha", 2020, "measured", "A", "book")
    figures = {
        code: Figure(value, "ha", 2020, "measured", "A", "book") for code, value in counted.items()
    } | {
        code: Figure(value, "ha", 2020, "estimated", "C", "book", whole=total, zone="P")
        for code, value in parts.items()
    }
    config = SimpleNamespace(
        counties=dict.fromkeys(figures), all_counties=list(figures), parent="P"
    )
    stand_ins: Any = SimpleNamespace(config=config), SimpleNamespace(kind="extensive", within=None)
    field: Any = SimpleNamespace(figures={"rice": figures})
    return FigureErrors(WIDTHS, *stand_ins, field, ["rice_area"])


def test_the_one_county_without_a_figure_takes_all_that_is_left() -> None:
    errors = errors_of({"c": 20.0}, {"a": 50.0, "b": 30.0}, 100.0)
    (drawn,) = errors.drawn(SAMPLE)
    figures = errors.field.figures["rice"]
    left, places = remainder_of(WIDTHS, errors.activity.config, "rice_area", figures)
    # ± 10 % each, half alike: √(0.5 · 20² + 0.5 · (100² + 50² + 30²)) / 20 · 0.10 = 0.4153
    assert half_width_of_remainder(left) == pytest.approx(0.4153, rel=1e-3)
    assert places == ["P", "a", "b"]
    assert drawn["c"][0] == 1
    # 1 ± 0.42 are the ends of the interval, without a factor of sharing out
    assert np.quantile(drawn["c"][1:], [0.025, 0.975]) == pytest.approx([0.58, 1.42], abs=0.02)
    total = 50 * drawn["a"] + 30 * drawn["b"] + 20 * drawn["c"]
    assert total[1:].std() / 100 == pytest.approx(0.10 / 1.959964, rel=0.05)


def test_a_prefecture_without_counted_counties_has_the_error_of_its_figure() -> None:
    """All its counties share the figure, and their sum is as sure as that."""
    (drawn,) = errors_of({"a": 50.0, "b": 30.0, "c": 20.0}, {}, 100.0).drawn(SAMPLE)
    total = 0.5 * drawn["a"] + 0.3 * drawn["b"] + 0.2 * drawn["c"]
    tails = np.array([0.025, 0.5, 0.975])
    assert np.quantile(total[1:], tails) == pytest.approx(error_draws(0.10, tails)[1:], abs=0.006)
    for errors in drawn.values():
        assert errors[1:].mean() == pytest.approx(1, abs=0.05)
        assert errors[1:].std() > 0.3


def test_what_stays_at_its_central_value_leaves_all_parts_there() -> None:
    class Still:
        size = 3

        def uniform(self, key: str) -> np.ndarray:
            return np.full(3, np.nan)

        def turn(self, available: int) -> np.ndarray:
            return np.zeros(4, int)

    (drawn,) = errors_of({"a": 50.0, "c": 20.0}, {"b": 30.0}, 100.0).drawn(Still())
    for errors in drawn.values():
        np.testing.assert_allclose(errors, 1, rtol=1e-12)
