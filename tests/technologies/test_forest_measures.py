"""Afforestation, restoration and protection by hand, each with two cohorts."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr

from ecoassess.technologies.afforestation import afforestation
from ecoassess.technologies.forest_restoration import forest_restoration
from ecoassess.technologies.forest_sink import forest_sink
from ecoassess.technologies.natural_forest_protection import natural_forest_protection
from ecoassess.units import magnitude, quantify

COHORTS = [2014, 2024]
AGE = [10.0, 0.0]


def array(values: object, unit: str, **labels: list[object]) -> xr.DataArray:
    return quantify(xr.DataArray(values, labels, tuple(labels)), unit)


def cohorts(values: object, unit: str = "1", **labels: list[object]) -> xr.DataArray:
    return array(values, unit, cohort=COHORTS, **labels)


AGES = cohorts(AGE, "yr")


def total(result: dict[str, xr.DataArray], name: str, unit: str = "t C/yr") -> float:
    return float(magnitude(result[name], unit).sum())


def test_afforestation_by_hand() -> None:
    """1 000 ha of open land, 10 % planted in 2014 and 5 % in 2024; 500 ha of cropland, 2 %."""
    sites = ["open_land", "sloping_cropland"]
    types = ["larch", "oak"]
    result = afforestation(
        plantable_area=array([[1000.0, 500.0]], "ha", atom=[1], planting_site=sites),
        afforestation_share=cohorts([[0.10, 0.02], [0.05, 0.0]], planting_site=sites),
        cohort_age=AGES,
        # by cohort: the eleventh and the first year's gain
        planted_biomass_gain=array(
            [[3.0, 2.0], [0.2, 0.1]], "t C/ha/yr", cohort=COHORTS, forest_type=types
        ),
        planted_dead_matter_gain=array(
            [[0.5, 0.4], [0.0, 0.0]], "t C/ha/yr", cohort=COHORTS, forest_type=types
        ),
        planted_type_share=array(
            [[0.75, 0.25], [1.0, 0.0]], "1", planting_site=sites, forest_type=types
        ),
        kept_area_share=array(0.8, "1"),
        soil_carbon_change=array([0.0, 10.0], "t C/ha", planting_site=sites),
        soil_transition_period=array(20.0, "yr"),
        cleared_carbon=array([2.0, 5.0], "t C/ha", planting_site=sites),
        planting_period=array(1.0, "yr"),
        planting_diesel=array(30.0, "L/ha"),
        diesel_factor=array(2.6, "kg CO2/L"),
    )
    # kept: 80 ha and 40 ha on open land, 8 ha on cropland
    growth = 80 * (0.75 * 3 + 0.25 * 2) + 40 * (0.75 * 0.2 + 0.25 * 0.1) + 8 * 3.0
    assert total(result, "biomass_gain") == pytest.approx(growth)
    assert total(result, "dead_matter_gain") == pytest.approx(
        80 * (0.75 * 0.5 + 0.25 * 0.4) + 8 * 0.5
    )
    assert total(result, "soil_gain") == pytest.approx(8 * 10 / 20)
    # planted this year: 50 ha, cleared whether it grows or not
    assert total(result, "cleared_biomass") == pytest.approx(-50 * 2.0)
    assert total(result, "planting_fuel", "t CO2/yr") == pytest.approx(-50 * 30 * 2.6e-3)


def stands() -> dict[str, xr.DataArray]:
    types = {"atom": [1], "forest_type": ["larch", "oak"]}
    return {
        "stand_area": array([[600.0, 400.0]], "ha", **types),
        "aboveground_carbon": array([[30_000.0, 20_000.0]], "t C", **types),
    }


def test_restoration_by_hand() -> None:
    """1 000 ha; tending of 10 % in 2014 and 20 % in 2024, underplanting of 5 % in 2014."""
    measures = ["tending", "enrichment_planting"]
    by = {"restoration": measures}
    result = forest_restoration(
        **stands(),
        belowground_carbon=array(
            [[7_500.0, 5_000.0]], "t C", atom=[1], forest_type=["larch", "oak"]
        ),
        biomass_increment=array([[500.0, 300.0]], "t C/yr", atom=[1], forest_type=["larch", "oak"]),
        restoration_share=cohorts([[0.10, 0.05], [0.20, 0.0]], **by),
        cohort_age=AGES,
        planted_biomass_gain=array(
            [[2.5, 9.0], [0.1, 9.0]],
            "t C/ha/yr",
            cohort=COHORTS,
            forest_type=["korean_pine", "oak"],
        ),
        relative_growth_response=array([0.2, 0.0], "1", **by),
        response_period=array([8.0, 8.0], "yr", **by),
        underplanted_stocking=array([0.0, 0.2], "1", **by),
        removed_share=array([0.12, 0.03], "1", **by),
        work_period=array(1.0, "yr"),
        recovery_period=array(40.0, "yr"),
        work_diesel=array([20.0, 10.0], "L/ha", **by),
        diesel_factor=array(2.6, "kg CO2/L"),
    )
    # the response of 2014 ended after 8 years
    assert total(result, "growth_response") == pytest.approx(0.20 * 0.2 * 800)
    assert total(result, "underplanted_gain") == pytest.approx(1000 * 0.05 * 0.2 * 2.5)
    assert total(result, "removed_biomass") == pytest.approx(-0.20 * 0.12 * 62_500)
    # only what was done in 2014 is past its response
    regrown = (0.10 * 0.12 + 0.05 * 0.03) * 62_500 / 40
    assert total(result, "regrowth") == pytest.approx(regrown)
    assert total(result, "tending_fuel", "t CO2/yr") == pytest.approx(-1000 * 0.20 * 20 * 2.6e-3)


def protection(shares: list[float]) -> dict[str, xr.DataArray]:
    types = {"atom": [1], "forest_type": ["larch", "oak"]}
    return natural_forest_protection(
        **stands(),
        belowground_carbon=array([[7_500.0, 5_000.0]], "t C", **types),
        logging_halted_share=cohorts(shares),
        cohort_age=AGES,
        natural_share=array(0.9, "1"),
        counterfactual_harvest=array(0.5, "m^3/ha/yr"),
        stand_volume=array([[90_000.0, 60_000.0]], "m^3", **types),
        harvest_yield=array(0.9, "1"),
        recovery_period=array(40.0, "yr"),
        stem_share=array(0.7, "1"),
        product_share=array(0.4, "1"),
        product_decay=array(0.02, "1/yr"),
        product_step=array(1.0, "yr"),
    )


def test_protection_by_hand() -> None:
    """Half of the logging halted ten years ago, the rest this year."""
    result = protection([0.5, 0.5])
    logged = 0.5 * 900 / 150_000  # 450 of 150 000 m³ a year
    loss = logged * 62_500 / 0.9
    assert total(result, "avoided_loss") == pytest.approx(loss)
    assert total(result, "forgone_regrowth") == pytest.approx(-loss * 0.5 * 10 / 40)
    kept = (1 - math.exp(-0.02)) / 0.02
    assert total(result, "forgone_products") == pytest.approx(
        -logged * 50_000 * 0.7 * 0.4 * kept * 0.5 * (1 + math.exp(-0.2))
    )


def test_protection_in_both_states_has_no_effect() -> None:
    same = protection([1.0, 0.0]), protection([1.0, 0.0])
    for name in same[0]:
        assert total(same[0], name) - total(same[1], name) == 0


def test_regrowth_ends_with_recovery() -> None:
    old = protection([1.0, 0.0])
    assert -total(old, "forgone_regrowth") < total(old, "avoided_loss")


def test_pools_of_the_standing_forest_by_hand() -> None:
    """100 ha with 5 000 t C above and 1 250 t C below ground, growing by 50 t C a year."""
    types = {"atom": [1], "forest_type": ["oak"]}
    result = forest_sink(
        stand_area=array([[100.0]], "ha", **types),
        aboveground_carbon=array([[5_000.0]], "t C", **types),
        belowground_carbon=array([[1_250.0]], "t C", **types),
        biomass_increment=array([[50.0]], "t C/yr", **types),
        root_shoot_ratio=array([0.25], "1", forest_type=["oak"]),
        forest_soil_carbon=array([90.0], "t C/ha", atom=[1]),
        dead_wood_share=array(0.08, "1"),
        litter_density=array([5.0], "t C/ha", forest_type=["oak"]),
        typical_soil_carbon=array(110.0, "t C/ha"),
        soil_source="typical",
    )
    pools = {
        "aboveground_stock": 5_000.0,
        "belowground_stock": 1_250.0,
        "dead_wood_stock": 400.0,
        "litter_stock": 500.0,
        "soil_stock": 11_000.0,
    }
    assert {n: total(result, n, "t C") for n in pools} == pytest.approx(pools)
    assert total(result, "aboveground_increment") == pytest.approx(40)
    assert total(result, "belowground_increment") == pytest.approx(10)
    np.testing.assert_allclose(
        sum(total(result, n) for n in ("aboveground_increment", "belowground_increment")), 50
    )
