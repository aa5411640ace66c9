"""What stand growth gives the run, recomputed in plain Python from the YAML."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ecoassess.models.stand_growth import UNITS
from ecoassess.project import find_project
from ecoassess.responses import drawn
from ecoassess.stand_responses import SHARED_UNITS, _turnover

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
    edges.append(200)
    now = later = 0.0
    for group, low, high in zip(
        ("young", "middle_aged", "near_mature", "mature", "over_mature"),
        edges[:-1],
        edges[1:],
        strict=True,
    ):
        each = float(shares[group]["value"]) / (high - low)
        for age in range(low + 1, high + 1):
            now += each * curve("natural", "oak", min(age + 2024 - year, 200))
            later += each * curve("natural", "oak", min(age + 2025 - year, 200))
    found = float(simulated["age_class_growth"].isel(draw=0).sel(forest_type="oak"))
    assert found == pytest.approx(later - now, rel=1e-9)


def test_nothing_has_changed_at_first_and_ever_more_land_outgrows_its_curve(
    simulated: Any,
) -> None:
    change = simulated["standing_change"]
    assert (change.isel(year=0) == 0).all()
    beyond = simulated["beyond_curves"]
    assert ((beyond >= 0) & (beyond <= 1 + 1e-12)).all()
    assert (beyond.diff("year") >= -1e-12).all()


def test_disturbance_lowers_the_change_below_undisturbed_growth(simulated: Any) -> None:
    """The first year adds what the age structure gives, less what is killed (below 0.1 t C/ha)."""
    first = simulated["standing_change"].sel(pool="living_trees").isel(draw=0, year=1, drop=True)
    undisturbed = simulated["age_class_growth"].isel(draw=0, drop=True)
    assert (first < undisturbed).all()
    assert (first > undisturbed - 0.1).all()


def test_litter_of_a_closed_stand_is_what_falls_over_what_decays(published: Any) -> None:
    """L = 2.1 t C/ha/yr over k of 0.33 at 3 °C, at the counties' mean temperature by Q10.

    Old natural oak is closed; its litter balances what falls, and stays within the measured 3.0 to
    8.5 t C/ha of the forest floor (configs/technologies/forest_sink.yaml).
    """
    session = published.session
    values = drawn(
        session.of_kernels["stand_growth"], {**UNITS, **SHARED_UNITS}, session.run.config.seed
    )
    warmth = float(session.climate.temperature.mean())
    turnover = _turnover(values, ["oak"], warmth)
    litter = float((turnover.litterfall / turnover.litter_decay)[0, 0, 0])
    decay = float(TABLE["decay_rate"]["values"]["litter"]["value"])
    q10 = float(TABLE["decay_q10"]["values"]["litter"]["value"])
    reference = float(TABLE["decay_reference_temperature"]["values"]["litter"]["value"])
    expected = float(TABLE["litterfall"]["value"]) / (decay * q10 ** ((warmth - reference) / 10))
    assert litter == pytest.approx(expected, rel=1e-9)
    assert 3.0 < litter < 8.5
