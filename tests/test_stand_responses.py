"""What stand growth gives the run, recomputed in plain Python from the YAML."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from ecoassess.project import find_project

TABLE = YAML(typ="safe").load(find_project(Path(__file__)).configs / "models" / "stand_growth.yaml")


def curve(origin: str, kind: str, age: float) -> float:
    """Return K (1 − e^{−r t})^p at an age, level beyond the curve's validity, t C/ha."""
    asymptote, rate, shape, valid = (
        float(TABLE[f"growth_{part}"]["values"][origin][kind]["value"])
        for part in ("asymptote", "rate", "shape", "valid_age")
    )
    return float(asymptote * (1 - math.exp(-rate * min(age, valid))) ** shape)


@pytest.fixture(scope="module")
def simulated(published: Any) -> Any:
    return published.session.simulate()


@pytest.mark.parametrize("kind", ["larch", "korean_pine", "poplar"])
def test_yearly_gains_of_a_planted_stand_add_up_to_its_curve(simulated: Any, kind: str) -> None:
    gain = simulated["planted_biomass_gain"].isel(draw=0).sel(forest_type=kind)
    total = gain.cumsum("age")
    for age in (1, 10, 30, 60):
        expected = curve("planted", kind, age)
        assert float(total.sel(age=age)) == pytest.approx(expected, rel=1e-9)


def test_growth_by_age_structure_of_one_type(simulated: Any) -> None:
    """Oak, all natural: the structure of 2014 ten years older, one-year classes, in a loop."""
    limits = TABLE["age_group_limit"]["values"]["natural"]["oak"]
    shares = TABLE["age_group_share"]["values"]
    year = int(TABLE["age_structure_year"]["value"])
    assert TABLE["planted_share"]["values"]["oak"]["value"] == 0
    edges = [0, *(limits[g]["value"] for g in ("young", "middle_aged", "near_mature", "mature"))]
    edges.append(300)
    now = later = 0.0
    for group, low, high in zip(
        ("young", "middle_aged", "near_mature", "mature", "over_mature"),
        edges[:-1],
        edges[1:],
        strict=True,
    ):
        each = float(shares[group]["value"]) / (high - low)
        for age in range(low + 1, high + 1):
            now += each * curve("natural", "oak", min(age + 2024 - year, 300))
            later += each * curve("natural", "oak", min(age + 2025 - year, 300))
    found = float(simulated["age_class_growth"].isel(draw=0).sel(forest_type="oak"))
    assert found == pytest.approx(later / now - 1, rel=1e-9)


def test_the_course_starts_at_one_and_more_and_more_land_outgrows_its_curve(simulated: Any) -> None:
    course = simulated["standing_course"]
    np.testing.assert_allclose(course.isel(year=0), 1, rtol=1e-12)
    assert (course > 0).all()
    beyond = simulated["beyond_curves"]
    assert ((beyond >= 0) & (beyond <= 1 + 1e-12)).all()
    assert (beyond.diff("year") >= -1e-12).all()


def test_disturbance_lowers_the_course_below_undisturbed_growth(simulated: Any) -> None:
    """The first year grows by what the age structure gives, less what is killed."""
    first = simulated["standing_course"].sel(pool="living_trees").isel(draw=0, year=1, drop=True)
    undisturbed = 1 + simulated["age_class_growth"].isel(draw=0, drop=True)
    assert (first < undisturbed).all()
    assert (first > undisturbed - 0.005).all()
