"""Indicators: progress on a straight path, lights, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecoassess.calendar import Month
from ecoassess.configuration import Document, validate
from ecoassess.errors import InputError
from ecoassess.indicators import (
    Indicator,
    Indicators,
    light,
    progress_expected,
    progress_made,
    standing,
)
from ecoassess.opening import open_run
from ecoassess.project import Project

WHERE = {"source": "own_judgement", "locator": "test", "grade": "C"}
TWO_THIRDS = 2 / 3


def make(**changes: Any) -> Indicator:
    """Return the firms of the plan: 69 in 2020, 100 in 2025."""
    content = {
        **{"en": "x", "zh": "x", "unit": "firms", "kind": "plan", "direction": "higher"},
        **{"base": {"2020": 69.0}, "target": {"2025": 100.0}, **WHERE, **changes},
    }
    return validate(Document(Path("indicators.yaml"), content, {}), Indicator)


def seen(value: float) -> dict[str, Any]:
    return {"value": value, **WHERE}


@pytest.mark.parametrize(
    ("observed", "made", "expected_light"),
    [(95, 26 / 31, "green"), (85, 16 / 31, "amber"), (75, 6 / 31, "red"), (60, -9 / 31, "red")],
)
def test_progress_of_firms_in_2023(observed: float, made: float, expected_light: str) -> None:
    """Three of five years: 60 % is expected, and from 40 % on it is amber."""
    found = standing(make(), 2023, observed, TWO_THIRDS)
    assert found.made == pytest.approx(made)
    assert found.expected == pytest.approx(0.6)
    assert found.path == pytest.approx(69 + 0.6 * 31)
    assert found.light == expected_light


def test_less_can_be_better() -> None:
    indicator = make(direction="lower", base={"2020": 10.0}, target={"2025": 5.0})
    assert standing(indicator, 2023, 6.5, TWO_THIRDS).light == "green"  # 70 % of the way
    assert standing(indicator, 2023, 8.5, TWO_THIRDS).light == "red"  # 30 %


def test_the_path_ends_with_the_target() -> None:
    assert progress_expected(2020, 2025, 2025) == 1
    assert progress_expected(2020, 2025, 2031) == 1
    assert progress_made(0.36, 1.10, 1.10) == 1


def test_nothing_observed_is_grey_not_red() -> None:
    found = standing(make(), 2024, None, TWO_THIRDS)
    assert (found.light, found.made, found.observed) == ("grey", None, None)
    assert light(float("nan"), 0.5, TWO_THIRDS) == "grey"


def test_the_latest_observation_up_to_the_assessed_year_counts() -> None:
    indicator = make(observed={"2021": seen(72), "2023": seen(85), "2025": seen(99)})
    assert indicator.latest(2020) is None
    found = indicator.latest(2024)
    assert found is not None
    assert (found[0], found[1].value) == (2023, 85)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": {"2025": 60.0}}, "do not fit the direction"),
        ({"direction": "lower"}, "do not fit the direction"),
        ({"target": {"2025": 69.0}}, "do not fit the direction"),
        ({"target": {"2019": 100.0}}, "not after the base"),
        ({"observed": {"2020": seen(69)}}, "before the path begins"),
        ({"base": {"two": 1.0}}, "no number"),
        ({"base": {"2020": 1.0, "2021": 2.0}}, "at most 1"),
        ({"from": {"technology": "rooftop_pv", "zone": "222400"}}, "from"),
        ({"kind": "economic"}, "plan"),
    ],
)
def test_refusals(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(**changes)


def test_a_threshold_is_a_share() -> None:
    content = {"amber_from": 1.5, "indicators": {}}
    with pytest.raises(InputError):
        validate(Document(Path("indicators.yaml"), content, {}), Indicators)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("technology: rooftop_pv", "technology: rooftop_solar", "no such technology"),
        ("component: net", "component: profit", "no such component"),
        ("component: net, zone", "component: net, boundary: upstream, zone", None),
        ("unit: t CO2e", "unit: t CO2", "does not fit the value of the run"),
        ("source: yanbian_plan", "source: nowhere", "no such source"),
    ],
)
def test_names_and_units_are_checked_before_a_run(
    project: Project, old: str, new: str, message: str | None
) -> None:
    file = project.configs / "indicators.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    run = project.configs / "runs" / "yanbian.yaml"
    if message is None:
        assert open_run(project, run, Month(2024, 6)).indicators is not None
        return
    with pytest.raises(InputError, match=message) as caught:
        open_run(project, run, Month(2024, 6))
    assert "indicators.yaml:" in str(caught.value)


def test_the_plan_has_five_indicators(project: Project) -> None:
    run = project.configs / "runs" / "yanbian.yaml"
    table = open_run(project, run, Month(2024, 6)).indicators
    assert table is not None
    values = {
        (next(iter(i.base.values())), next(iter(i.target.values())))
        for i in table.indicators.values()
        if i.kind == "plan"
    }
    assert values == {(0.36, 1.10), (0.14, 0.15), (69, 100), (1.87, 2.30), (10, 15)}
