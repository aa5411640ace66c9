"""Error-adjusted areas against published examples and sums by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from ecoassess.models.area_estimation import draw_reference_shares, estimate_areas
from ecoassess.sampling import LatinHypercube

FILE = Path(__file__).parents[1] / "reference" / "area_estimation.yaml"
EXAMPLES = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))["examples"]
Z = 1.96


def estimate(example: dict[str, Any]) -> Any:
    return estimate_areas(np.array(example["counts"]), np.array(example["mapped"]))


@pytest.mark.parametrize("example", EXAMPLES, ids=["2014", "2013"])
def test_published_accuracies(example: dict[str, Any], compare: Any) -> None:
    result = estimate(example)
    for name, found, known, half_digit in (
        ("user's accuracies", result.users, example["users"], 0.005),
        (
            "producer's accuracy of the first class",
            result.producers[0],
            example["first_producers"],
            0.005,
        ),
        ("overall accuracy", result.overall, example["overall"], 0.0005),
    ):
        compare(
            "area_estimation",
            f"{example['name']}: {name}",
            found,
            known,
            unit="1",
            abs=half_digit,
            source=example["source"],
        )


def test_published_area_and_half_widths(compare: Any) -> None:
    example = EXAMPLES[0]
    result = estimate(example)
    for name, found, half_digit, unit in (
        ("first_area", result.area[0], 0.5, "pixels"),
        ("first_area_half_width", Z * result.area_error[0], 0.5, "pixels"),
        ("first_users_half_width", Z * result.users_error[0], 0.005, "1"),
        ("first_producers_half_width", Z * result.producers_error[0], 0.005, "1"),
        ("overall_half_width", Z * result.overall_error, 0.0005, "1"),
    ):
        compare(
            "area_estimation",
            f"{example['name']}: {name.replace('_', ' ')}",
            found,
            example[name],
            unit=unit,
            abs=half_digit,
            source=example["source"],
        )


def test_published_interval_of_two_standard_errors(compare: Any) -> None:
    example = EXAMPLES[1]
    result = estimate(example)
    below, above = (result.area + sign * 2 * result.area_error for sign in (-1, 1))
    for end, found in (("below", below), ("above", above)):
        compare(
            "area_estimation",
            f"{example['name']}: areas, two standard errors {end}",
            found,
            example[f"two_errors_{end}"],
            unit="ha",
            abs=0.0051,
            source=example["source"],
        )


def test_two_classes_by_hand() -> None:
    result = estimate_areas(np.array([[8, 2], [1, 9]]), np.array([60.0, 40.0]))
    assert result.area == pytest.approx([60 * 0.8 + 40 * 0.1, 60 * 0.2 + 40 * 0.9])
    error = (60**2 * 0.8 * 0.2 / 9 + 40**2 * 0.1 * 0.9 / 9) ** 0.5
    assert result.area_error == pytest.approx([error, error])
    assert result.users == pytest.approx([0.8, 0.9])
    assert result.users_error[0] == pytest.approx((0.8 * 0.2 / 9) ** 0.5)
    assert result.producers[0] == pytest.approx(48 / 52)
    # V(P) = [60² (1 − P)² 0.8 · 0.2 / 9 + P² 40² · 0.1 · 0.9 / 9] / 52²
    p = 48 / 52
    variance = (60**2 * (1 - p) ** 2 * 0.16 / 9 + p**2 * 40**2 * 0.09 / 9) / 52**2
    assert result.producers_error[0] == pytest.approx(variance**0.5)
    assert result.overall == pytest.approx(0.6 * 0.8 + 0.4 * 0.9)
    assert result.overall_error == pytest.approx((0.6**2 * 0.16 / 9 + 0.4**2 * 0.09 / 9) ** 0.5)
    low, high = result.interval
    assert (low + high) / 2 == pytest.approx(result.area)


def test_a_perfect_sample_leaves_the_map_as_it_is() -> None:
    mapped = np.array([10.0, 0.0, 90.0])
    result = estimate_areas(np.diag([5, 0, 7]), mapped)
    assert result.area == pytest.approx(mapped)
    assert result.area_error == pytest.approx(0)
    assert result.overall == pytest.approx(1)
    assert np.isnan(result.users[1])
    assert np.isnan(result.producers[1])


def test_areas_scale_and_add_up() -> None:
    example = EXAMPLES[0]
    result = estimate(example)
    half = estimate_areas(np.array(example["counts"]), np.array(example["mapped"]) / 2)
    assert result.area.sum() == pytest.approx(sum(example["mapped"]))
    assert half.area == pytest.approx(result.area / 2)
    assert half.area_error == pytest.approx(result.area_error / 2)
    assert half.producers_error == pytest.approx(result.producers_error)


def test_draws_have_the_mean_and_error_of_the_estimator() -> None:
    example = EXAMPLES[0]
    counts, mapped = np.array(example["counts"]), np.array(example["mapped"], float)
    result = estimate(example)
    number = 20_000
    drawn = draw_reference_shares(
        counts, lambda i, j: LatinHypercube(number, 1).uniform(f"{i}/{j}")
    )
    assert drawn.shape == (number + 1, 4, 4)
    assert (drawn >= 0).all()
    assert drawn.sum(axis=2) == pytest.approx(1)
    area = np.einsum("dij,i->dj", drawn, mapped)
    assert area[0] == pytest.approx(result.area)
    # Standard error of a mean of 20 000 draws: 1 / 141 of the spread; four of them.
    assert (abs(area[1:].mean(axis=0) - result.area) < 4 / 141 * result.area_error).all()
    assert area[1:].std(axis=0) == pytest.approx(result.area_error, rel=0.02)  # 4 of 1 / 200
    assert (area[1:, 0] > 0).all()  # where a normal with this error may fall below 0


@pytest.mark.parametrize(
    ("counts", "mapped", "what"),
    [
        ([[5, 1], [1, 5]], [1.0], "shape"),
        ([[5, -1], [1, 5]], [1.0, 1.0], "negative"),
        ([[5, 1], [1, 5]], [0.0, 0.0], "all areas 0"),
        ([[1, 1], [1, 5]], [1.0, 1.0], "fewer than 3"),
    ],
)
def test_what_cannot_be_is_refused(counts: Any, mapped: Any, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        estimate_areas(np.array(counts), np.array(mapped))
