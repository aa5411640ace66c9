"""Carbon of land-use change against IPCC arithmetic by hand."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import xarray as xr

from ecoassess.models.land_use_change import RETURNS, land_use_change
from ecoassess.units import magnitude, quantify

CATEGORIES = ["forest_land", "cropland", "grassland", "wetlands", "settlements", "other_land"]
NAN = np.nan


def number(value: float, unit: str) -> xr.DataArray:
    return quantify(xr.DataArray(value), unit)


def table(unit: str, dimension: str = "category", **values: float) -> xr.DataArray:
    return quantify(xr.DataArray(list(values.values()), {dimension: list(values)}), unit)


def area(before: str, after: str, hectares: float = 100.0) -> xr.DataArray:
    values = xr.DataArray(
        np.zeros((6, 6)), {"before": CATEGORIES, "after": CATEGORIES}, dims=("before", "after")
    )
    values.loc[before, after] = hectares
    return quantify(values, "ha")


def evaluate(before: str, after: str, **changed: Any) -> dict[str, float]:
    """Return the results for 100 ha that changed between maps 10 years apart, 12 years ago."""
    arguments: dict[str, Any] = {
        "converted_area": area(before, after),
        "years_between": number(10, "yr"),
        "years_passed": number(12, "yr"),
        "soil_carbon_reference": number(81, "t C/ha"),
        "factor_land_use": number(0.7, "1"),
        "stock_factor": table(
            "1",
            **dict(zip(CATEGORIES, [1, NAN, 1, NAN, NAN, NAN], strict=True)),
        ),
        "set_aside_factor": number(0.82, "1"),
        "sealed_soil_factor": number(0.8, "1"),
        "transition_period": number(20, "yr"),
        "stand_biomass": table("t dm/ha", "stand", grown=120, young=20),
        "stand_root_shoot_ratio": table("1", "stand", grown=0.25, young=0.5),
        "biomass_carbon_fraction": number(0.47, "t C/t dm"),
        "grass_biomass": number(10, "t dm/ha"),
        "plant_carbon": table(
            "t C/ha",
            **dict(zip(CATEGORIES, [NAN, 5, NAN, NAN, 0, 0], strict=True)),
        ),
    }
    with xr.set_options(arithmetic_join="exact"):
        result = land_use_change(**{**arguments, **changed})
    assert set(result) == set(RETURNS)
    return {
        name: float(magnitude(array, RETURNS[name]).sel(before=before, after=after))
        for name, array in result.items()
    }


def test_forest_to_cropland() -> None:
    result = evaluate("forest_land", "cropland")
    # Midway between the maps is 7 years ago.
    assert result["soil_carbon_rate"] == pytest.approx(100 * 81 * (0.7 - 1) / 20)
    assert result["soil_carbon_change"] == pytest.approx(100 * 81 * (0.7 - 1) * 7 / 20)
    assert result["biomass_change"] == pytest.approx(100 * (5 - 120 * 1.25 * 0.47))
    assert result["biomass_rate"] == pytest.approx(100 * (5 - 120 * 1.25 * 0.47) / 10)


def test_cropland_to_forest_gains_a_young_stand() -> None:
    result = evaluate("cropland", "forest_land")
    assert result["soil_carbon_rate"] == pytest.approx(100 * 81 * 0.3 / 20)
    assert result["biomass_change"] == pytest.approx(100 * (20 * 1.5 * 0.47 - 5))


def test_cropland_to_grass_is_set_aside() -> None:
    result = evaluate("cropland", "grassland")
    assert result["soil_carbon_rate"] == pytest.approx(100 * 81 * (0.82 - 0.7) / 20)
    assert result["biomass_change"] == pytest.approx(100 * (10 * 0.47 - 5))


@pytest.mark.parametrize(("before", "factor"), [("forest_land", 1.0), ("cropland", 0.7)])
def test_sealing_takes_a_fifth_of_what_was_there(before: str, factor: float) -> None:
    result = evaluate(before, "settlements")
    assert result["soil_carbon_rate"] == pytest.approx(100 * 81 * factor * (0.8 - 1) / 20)


def test_forest_to_grass_moves_no_soil_carbon() -> None:
    assert evaluate("forest_land", "grassland")["soil_carbon_change"] == pytest.approx(0)


def test_what_has_no_default_is_missing() -> None:
    missing = {
        (before, after)
        for before, after in itertools.permutations(CATEGORIES, 2)
        if np.isnan(evaluate(before, after)["soil_carbon_rate"])
    }
    known = ["forest_land", "cropland", "grassland"]
    assert set(itertools.permutations(CATEGORIES, 2)) - missing == {
        *itertools.permutations(known, 2),
        *((before, "settlements") for before in known),
    }
    plants = {
        (before, after)
        for before, after in itertools.permutations(CATEGORIES, 2)
        if np.isnan(evaluate(before, after)["biomass_rate"])
    }
    assert plants == {p for p in itertools.permutations(CATEGORIES, 2) if "wetlands" in p}


@pytest.mark.parametrize(
    ("passed", "moved", "rate"),
    [(2, 0, 0), (5, 0, 0), (15, 10, 1), (25, 20, 1), (26, 20, 0), (60, 20, 0)],
)
def test_only_twenty_years_from_the_middle_count(passed: int, moved: int, rate: int) -> None:
    result = evaluate("cropland", "forest_land", years_passed=number(passed, "yr"))
    assert result["soil_carbon_change"] == pytest.approx(100 * 81 * 0.3 * moved / 20)
    assert result["soil_carbon_rate"] == pytest.approx(rate * 100 * 81 * 0.3 / 20)


def test_plants_change_as_the_years_between_the_maps_pass() -> None:
    whole = evaluate("forest_land", "cropland")["biomass_change"]
    third = evaluate("forest_land", "cropland", years_passed=number(3, "yr"))
    assert third["biomass_change"] == pytest.approx(whole * 3 / 10)


def test_there_and_back_of_soil_between_forest_and_cropland_cancels() -> None:
    there, back = evaluate("forest_land", "cropland"), evaluate("cropland", "forest_land")
    assert there["soil_carbon_change"] == pytest.approx(-back["soil_carbon_change"])


def test_it_is_linear_in_area() -> None:
    one = evaluate("forest_land", "cropland")
    three = evaluate(
        "forest_land", "cropland", converted_area=area("forest_land", "cropland", 300.0)
    )
    for name, value in one.items():
        assert three[name] == pytest.approx(3 * value)
