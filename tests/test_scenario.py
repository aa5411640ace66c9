"""Courses over the years by hand, and scenarios that extend others."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from ecoassess.errors import InputError
from ecoassess.scenario import AdoptionPath, ExogenousPath, between, level, read_scenario


def path(knots: dict[str, float], **more: Any) -> AdoptionPath:
    return AdoptionPath(knots=knots, source="s", grade="C", **more)


@pytest.mark.parametrize(
    ("year", "share"), [(2021, 0.0), (2022, 0.1), (2025, 0.1), (2026, 0.4), (2030, 0.4)]
)
def test_steps_last_until_the_next(year: int, share: float) -> None:
    steps = path({"2022": 0.1, "2026": 0.4}, shape="steps")
    assert level(steps, np.array([year]))[0] == share


@pytest.mark.parametrize(
    ("year", "share"),
    [
        (2019, 0.0),  # before the first knot
        (2020, 0.0),
        (2025, 0.072),  # F = 1/10 there, 1/82 and 81/82 at the ends: 0.8 (0.1 − 1/82) / (80/82)
        (2030, 0.4),  # half of the way in the middle
        (2035, 0.728),
        (2040, 0.8),
        (2060, 0.8),
    ],
)
def test_a_logistic_path_by_hand(year: int, share: float) -> None:
    """A slope of ln 9 / 5 a year: ten years from a tenth to nine tenths, about 2030."""
    curve = path(
        {"2020": 0.0, "2040": 0.8}, shape="logistic", midpoint=2030, steepness=math.log(9) / 5
    )
    assert level(curve, np.array([year]))[0] == pytest.approx(share, abs=1e-12)


def test_an_exogenous_path_is_constant_outside_its_knots() -> None:
    course = ExogenousPath(base_year=2023, knots={"2023": 1.0, "2033": 0.5}, source="s", grade="C")
    np.testing.assert_allclose(
        between(course, np.array([2010, 2023, 2028, 2060])), [1, 1, 0.75, 0.5]
    )


@pytest.mark.parametrize(
    ("knots", "more", "message"),
    [
        ({"2020": 0.1, "2030": 0.2}, {"shape": "logistic"}, "about its midpoint"),
        ({"2020": 0.1}, {"shape": "logistic", "midpoint": 2025, "steepness": 1}, "about its"),
        ({"2020": 0.1, "2030": 0.2}, {"midpoint": 2025}, "midpoint belong to a logistic path"),
        ({"2020": 0.1}, {"shape": "cubic"}, "linear"),
        (
            {"2020": 0.1, "2030": 0.2},
            {"shape": "logistic", "midpoint": 2025, "steepness": -1},
            "greater than 0",
        ),
    ],
)
def test_impossible_shapes_are_refused(knots: Any, more: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        path(knots, **more)


def test_a_negative_factor_is_refused() -> None:
    with pytest.raises(ValidationError, match="multiplies by what is not negative"):
        ExogenousPath(base_year=2020, knots={"2020": -0.1}, source="s", grade="C")


def test_a_path_needs_a_base_year_in_which_it_is_above_0() -> None:
    with pytest.raises(ValidationError, match="base_year"):
        ExogenousPath(knots={"2020": 1.0}, source="s", grade="C")
    with pytest.raises(ValidationError, match="at 0 in its base year"):
        ExogenousPath(base_year=2060, knots={"2020": 1.0, "2060": 0}, source="s", grade="C")


BASE = """\
title: {en: Base, zh: 基准}
baseline:
  straw_share:
    maize: {knots: {"2020": 0.1}, source: s, grade: C, note: of the base}
    rice: {knots: {"2020": 0.2}, source: s, grade: C}
resources:
  straw:
    title: {en: Straw, zh: 秸秆}
    other_uses:
      maize: {feed: 0.5}
"""
CHILD = """\
title: {en: Child, zh: 项目}
extends: base
project:
  straw_share:
    maize: {knots: {"2020": 0.3}, source: s, grade: C}
resources:
  straw:
    on_excess: order
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_scenario_takes_over_what_it_does_not_name(tmp_path: Path) -> None:
    grandchild = "title: {en: G, zh: 项}\nextends: child\nbaseline:\n  straw_share:\n"
    grandchild += '    rice: {knots: {"2020": 0.0}, source: s, grade: B}\n'
    write(tmp_path, base=BASE, child=CHILD, grandchild=grandchild)
    scenario, document = read_scenario(tmp_path, "grandchild")
    assert scenario.title.en == "G"
    assert scenario.baseline["straw_share"]["maize"].note == "of the base"
    assert scenario.baseline["straw_share"]["rice"].grade == "B"
    project = scenario.paths("project")["straw_share"]
    assert project["maize"].knots == {"2020": 0.3}
    assert project["rice"].knots == {"2020": 0.0}  # the project names none: as in the baseline
    straw = scenario.resources["straw"]
    assert (straw.on_excess, straw.other_uses) == ("order", {"maize": {"feed": 0.5}})
    places = {
        ("baseline", "straw_share", "maize", "note"): ("base.yaml", 4),
        ("baseline", "straw_share", "rice"): ("grandchild.yaml", 5),
        ("project", "straw_share", "maize"): ("child.yaml", 5),
        ("resources", "straw", "on_excess"): ("child.yaml", 8),
        ("resources", "straw", "other_uses", "maize"): ("base.yaml", 10),
    }
    for key, (name, line) in places.items():
        file, found = document.place(key)
        assert (file.name, found) == (name, line)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"base": BASE.replace("title:", "extends: child\ntitle:", 1), "child": CHILD},
            r"base.yaml:1:\d+ \[extends\]: scenarios that extend each other in a circle\n"
            r"  found: child → base → child",
        ),
        (
            {"child": CHILD},
            r"child.yaml:2:\d+ \[extends\]: no scenario of this name to extend\n  found: base",
        ),
        (
            {"base": BASE, "child": CHILD.replace("title: {en: Child, zh: 项目}\n", "")},
            r"child.yaml:1:\d+: a key is missing\n  expected: 'title'",
        ),
        (
            {"base": BASE, "child": CHILD.replace("source: s, ", "")},
            r"child.yaml:5:\d+ \[project.straw_share.maize.source\]: a key is missing",
        ),
        (
            {"base": BASE.replace("0.2}", "20}"), "child": CHILD},
            r"base.yaml:5:\d+ \[baseline.straw_share.rice\]: an adoption level is a share",
        ),
    ],
)
def test_mistakes_are_named_in_the_file_that_makes_them(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_scenario(write(tmp_path, **files), "child")
