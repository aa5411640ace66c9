"""Manure from animal to field: figures by hand, nitrogen that adds up, what must hold."""

import numpy as np
import pytest
import xarray as xr

from ecoassess.models.manure import manure
from ecoassess.units import magnitude, quantify

ANIMALS = ["cow", "pig"]
SYSTEMS = ["pasture", "solid", "liquid", "digester", "composting"]
TREATMENTS = ["digester", "composting"]
MONTHS = np.arange(1, 13)
SEASON = np.array([0, 0, 0, 1, 2, 3, 4, 4, 2, 1, 0, 0]) / 17
LIQUID = np.array([0, 0, 0, 1, 2, 3, 4, 4, 3, 1, 0, 0]) / 60


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def by_system(values, unit="1"):
    return array(values, unit, ("system",), system=SYSTEMS)


def by_both(values):
    return array(values, "1", ("animal", "system"), animal=ANIMALS, system=SYSTEMS)


def arguments(digested=0.0, composted=0.0, **changes):
    """Return 1,000 t of solids and 50 t of nitrogen of cows, 200 t and 20 t of pigs."""
    base = {
        "volatile_solids": array(
            [[1000, 200]], "t dm/yr", ("atom", "animal"), atom=[1], animal=ANIMALS
        ),
        "nitrogen_excretion": array(
            [[50, 20]], "t N/yr", ("atom", "animal"), atom=[1], animal=ANIMALS
        ),
        "manure_treatment_share": array(
            [[digested / 2, composted], [digested / 2, 0]],
            "1",
            ("cohort", "treatment"),
            cohort=[0, 1],
            treatment=TREATMENTS,
        ),
        "liquid_conversion": array([LIQUID], "1", ("atom", "month"), atom=[1], month=MONTHS),
        "growing_degree_day_share": array([SEASON], "1", ("atom", "month"), atom=[1], month=MONTHS),
        "system_share": by_both([[0.4, 0.6, 0, 0, 0], [0, 0.5, 0.5, 0, 0]]),
        "treatable_share": by_system([0, 1, 1, 0, 0]),
        "methane_potential": array([0.13, 0.4], "m^3/kg dm", ("animal",), animal=ANIMALS),
        "methane_density": array(0.67, "kg CH4_biogenic/m^3"),
        "methane_conversion_factor": by_system([0.0047, 0.02, 0.19, 0.05, 0.01]),
        "liquid_share": by_system([0, 0, 1, 0, 0]),
        "biogas_recovery": by_system([0, 0, 0, 0.65, 0]),
        "store_direct_factor": by_system([0.004, 0.01, 0, 0.0006, 0.005], "t N2O_N/t N"),
        "store_volatilised_fraction": by_both(
            [[0.21, 0.45, 0.48, 0.275, 0.6], [0.21, 0.45, 0.48, 0.275, 0.6]]
        ),
        "store_leached_fraction": by_both([[0, 0.02, 0, 0, 0.04], [0, 0.02, 0, 0, 0.04]]),
        "grazing_share": by_system([1, 0, 0, 0, 0]),
        "spread_share": by_system([0, 1, 1, 1, 1]),
        "nitrogen_of_nitrous_oxide": array(1, "t N/t N2O_N"),
        "dinitrogen_ratio": array(3, "t N/t N2O_N"),
        "leached_fraction": array([0.24], "1", ("atom",), atom=[1]),
        "volatilisation_factor": array([0.014], "t N2O_N/t N", ("atom",), atom=[1]),
        "leaching_factor": array(0.011, "t N2O_N/t N"),
        "manure_carbon_to_nitrogen": array([19, 11], "t C/t N", ("animal",), animal=ANIMALS),
        "liquid_method": "table",
    }
    return base | changes


UNITS = manure.model.returns


def found(**changes):
    """Return the results as plain numbers by animal, the months added up."""
    result = manure(**arguments(**changes))
    plain = {name: magnitude(result[name], unit).sel(atom=1) for name, unit in UNITS.items()}
    plain["manure_methane"] = plain["manure_methane"].sum("month")
    assert plain.pop("captured_biogas") == plain["biogas_methane"].sum("animal")
    return {name: dict(zip(ANIMALS, v.values.tolist(), strict=True)) for name, v in plain.items()}


def test_methane_by_hand():
    methane = found()["manure_methane"]
    # 1,000 t · 0.13 m³/kg · 0.67 kg/m³ · (0.4 · 0.0047 + 0.6 · 0.02)
    assert methane["cow"] == pytest.approx(1000 * 0.13 * 0.67 * 0.01388)
    # 200 · 0.4 · 0.67 · (0.5 · 0.02 + 0.5 · 0.19)
    assert methane["pig"] == pytest.approx(200 * 0.4 * 0.67 * 0.105)


def test_nitrous_oxide_and_what_is_left_by_hand():
    result = found()
    gas = 44 / 28
    assert result["manure_direct_nitrous_oxide"]["cow"] == pytest.approx(
        50 * (0.4 * 0.004 + 0.6 * 0.01) * gas
    )
    assert result["manure_volatilised_nitrous_oxide"]["cow"] == pytest.approx(
        50 * (0.4 * 0.21 + 0.6 * 0.45) * 0.014 * gas
    )
    assert result["manure_leached_nitrous_oxide"]["cow"] == pytest.approx(
        50 * (0.4 * 0.24 + 0.6 * 0.02) * 0.011 * gas
    )
    left = 50 * 0.6 * (1 - 0.45 - 0.02 - 0.01 * 4)
    assert result["field_manure_nitrogen"]["cow"] == pytest.approx(left)
    assert result["field_manure_carbon"]["cow"] == pytest.approx(19 * left)
    assert result["biogas_methane"] == {"cow": 0, "pig": 0}


def test_treatment_takes_evenly_from_what_it_can_take():
    """Half of the treatable 60 % of a cow goes to a digester: solid 0.3, digester 0.3."""
    result = found(digested=0.5)
    potential = 1000 * 0.13 * 0.67
    assert result["manure_methane"]["cow"] == pytest.approx(
        potential * (0.4 * 0.0047 + 0.3 * 0.02 + 0.3 * 0.05)
    )
    assert result["biogas_methane"]["cow"] == pytest.approx(potential * 0.3 * 0.65)


def test_a_digester_lowers_the_methane_of_liquid_manure_and_not_of_dry_heaps():
    """In the cold a heap gives 2 % of its potential, a digester leaks 5 %."""
    before, after = found()["manure_methane"], found(digested=0.5)["manure_methane"]
    assert after["pig"] < before["pig"]
    assert after["cow"] > before["cow"]


@pytest.mark.parametrize(("digested", "composted"), [(0, 0), (0.3, 0), (0.2, 0.5), (0, 1)])
def test_all_nitrogen_is_somewhere(digested, composted):
    """Excreted = to the field + gases + leached + left on pasture."""
    result = found(digested=digested, composted=composted)
    to_nitrogen = 28 / 44
    for animal, excreted, pasture in (("cow", 50, 0.4), ("pig", 20, 0.0)):
        direct = result["manure_direct_nitrous_oxide"][animal] * to_nitrogen
        volatilised = result["manure_volatilised_nitrous_oxide"][animal] * to_nitrogen / 0.014
        leached = result["manure_leached_nitrous_oxide"][animal] * to_nitrogen / 0.011
        on_pasture = excreted * pasture * (1 - 0.21 - 0.24 - 0.004 * 4)
        total = (
            result["field_manure_nitrogen"][animal]
            + direct * 4
            + volatilised
            + leached
            + on_pasture
        )
        assert total == pytest.approx(excreted, rel=1e-12)


def test_months_follow_the_store_and_the_weather():
    months = magnitude(manure(**arguments())["manure_methane"], "t CH4_biogenic/yr").sel(atom=1)
    np.testing.assert_allclose(months.sel(animal="cow") / months.sel(animal="cow").sum(), SEASON)
    liquid = 200 * 0.4 * 0.67 * (0.5 * 0.02 * SEASON + 0.5 * 0.19 * LIQUID / LIQUID.sum())
    np.testing.assert_allclose(months.sel(animal="pig"), liquid)


def test_the_monthly_model_stands_for_the_table():
    methane = found(liquid_method="monthly_model")["manure_methane"]["pig"]
    assert methane == pytest.approx(200 * 0.4 * 0.67 * (0.5 * 0.02 + 0.5 * LIQUID.sum()))


def test_emissions_follow_the_herd():
    twice = {name: arguments()[name] * 2 for name in ("volatile_solids", "nitrogen_excretion")}
    one, two = found(), found(**twice)
    for name in one:
        for animal in ANIMALS:
            assert two[name][animal] == pytest.approx(2 * one[name][animal])
