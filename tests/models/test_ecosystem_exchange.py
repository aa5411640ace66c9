"""The estimate in the manner of a flux tower: by hand, and beside the Changbai tower."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.models.ecosystem_exchange import ecosystem_exchange
from ecoassess.models.solar import extraterrestrial_irradiation
from ecoassess.units import magnitude, quantify

REFERENCE = Path(__file__).parents[1] / "reference"
DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
TEMPERATURE = np.array([-17, -12, -4, 5, 12, 16, 20, 19, 12, 5, -5, -14.0])
"""Monthly means near those of the tower's forest, °C."""
LIGHT = extraterrestrial_irradiation(42.4) / DAYS
GROWTH = np.clip(TEMPERATURE - 5, 0, None) * DAYS * LIGHT
GROWTH /= GROWTH.sum()
"""Share of the year's growth by degree-days and light, as `forest_growth_share` has it."""


def months(values: np.ndarray, unit: str) -> xr.DataArray:
    array = xr.DataArray([values], {"atom": [1], "month": np.arange(1, 13)}, ("atom", "month"))
    return quantify(array, unit)


def exchange(increment: float, q10: float = 2.65, respiration: float = 10.8) -> np.ndarray:
    result = ecosystem_exchange(
        stand_area=quantify(
            xr.DataArray([[1.0]], {"atom": [1], "forest_type": ["a"]}, ("atom", "forest_type")),
            "ha",
        ),
        biomass_increment=quantify(
            xr.DataArray(
                [[increment]], {"atom": [1], "forest_type": ["a"]}, ("atom", "forest_type")
            ),
            "t C/yr",
        ),
        forest_growth_share=months(GROWTH, "1"),
        monthly_temperature=months(TEMPERATURE + 273.15, "K"),
        day_share=months(DAYS / 365, "1"),
        ecosystem_respiration=quantify(xr.DataArray(respiration), "t C/ha/yr"),
        respiration_q10=quantify(xr.DataArray(q10), "1"),
        q10_interval=quantify(xr.DataArray(10.0), "K"),
        coldest_soil=quantify(xr.DataArray(261.15), "K"),
    )
    return np.asarray(magnitude(result["net_ecosystem_exchange"], "t C/yr").values[0])


def test_months_add_up_to_minus_the_increment() -> None:
    assert exchange(1.9).sum() == pytest.approx(-1.9, rel=1e-12)


def test_without_temperature_response_it_is_days_against_growth() -> None:
    expected = 10.8 * DAYS / 365 - (10.8 + 1.0) * GROWTH
    np.testing.assert_allclose(exchange(1.0, q10=1.0), expected)


def test_winter_is_a_source_and_summer_a_sink() -> None:
    course = exchange(1.9)
    assert (course[[0, 1, 2, 10, 11]] > 0).all()
    assert (course[[5, 6, 7]] < 0).all()


def tower() -> dict[str, np.ndarray]:
    table = YAML(typ="safe").load((REFERENCE / "changbai_tower.yaml").read_text())
    return {name: np.array(row) for name, row in table.items() if isinstance(row, list)}


def test_the_course_is_like_the_towers(compare: Any) -> None:
    """With the tower's own yearly sums, the months have the tower's course; not a validation.

    Air temperatures of about the same place stand for those of the tower's years. What is asked is
    that the months go together (r > 0.9), that uptake peaks in June or July, and that the months
    of clear release at the tower (over 0.05 t C/ha) are months of release here.
    """
    measured = tower()
    nee = measured["net_ecosystem_exchange"]
    course = exchange(-nee.sum(), respiration=measured["ecosystem_respiration"].sum())
    production = np.corrcoef(GROWTH, measured["gross_primary_production"])[0, 1]
    for what, found, least in (
        ("net exchange", np.corrcoef(course, nee)[0, 1], 0.9),
        ("gross production, and share of growth", production, 0.95),
    ):
        compare(
            "ecosystem_exchange",
            f"correlation over the months of {what}, Changbai tower 2003 to 2005: at least",
            found,
            (least, 1),
            unit="1",
            between=True,
            source="FLUXNET2015 CN-Cha, doi:10.18140/FLX/1440137; the course alone, no validation",
        )
    assert int(course.argmin()) in (5, 6)
    assert (course[nee > 0.05] > 0).all()
