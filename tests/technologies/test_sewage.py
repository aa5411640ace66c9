"""Sewage: figures by hand, a published plant, balances, and what must rise or fall."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ecoassess.configuration import read_yaml
from ecoassess.project import find_project
from ecoassess.technologies.sewage import sewage
from ecoassess.units import magnitude, quantify

REFERENCE = read_yaml(Path(__file__).parents[1] / "reference" / "sewage.yaml").content
CONFIGS = find_project(Path(__file__)).configs
COEFFICIENTS = read_yaml(CONFIGS / "technologies" / "sewage.yaml").content
SHARED = read_yaml(CONFIGS / "shared.yaml").content
LANDFILL = ("methane_fraction", "methane_per_carbon", "reaction_start", "landfill_oxidation")
ROUTES = list(COEFFICIENTS["methane_correction_factor"]["values"])
SLUDGE = list(COEFFICIENTS["sludge_methane_factor"]["values"])


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def coefficient(name):
    """Return the value in the YAML, by its labels."""
    entry = COEFFICIENTS.get(name) or SHARED[name]
    if "value" in entry:
        return array(entry["value"], entry["unit"])
    labels = list(entry["values"])
    return array(
        [entry["values"][label]["value"] for label in labels],
        entry["unit"],
        (entry["by"],),
        **{entry["by"]: labels},
    )


def shares(labels, dimension, given):
    """Return shares that were all added in one year."""
    return array(
        [[given.get(label, 0.0) for label in labels]],
        "1",
        ("cohort", dimension),
        cohort=[2020],
        **{dimension: labels},
    )


def run(
    towns=(),
    villages=(),
    sludge=(),
    people=(1000.0, 500.0),
    nitrogen="protein_supply",
    use="flare",
    age=0.0,
    **changes,
):
    """Evaluate one county in the dry zone with the values of the YAML, `age` years on."""
    names = [*COEFFICIENTS, *LANDFILL, "methane_heating_value", "electric_efficiency"]
    arguments = {name: coefficient(name) for name in names} | {
        "sludge_decay_rate": coefficient("sludge_decay_rate").sel(
            climate_zone="cool_temperate_dry", drop=True
        ),
        "landfill_correction_factor": array(1.0, "1"),
        "cohort_age": array([age], "yr", ("cohort",), cohort=[2020]),
        "cohort_length": array(1.0, "yr"),
        "population": array(
            [people], "person", ("atom", "residence"), atom=[1], residence=["urban", "rural"]
        ),
        "sewage_treatment_share": shares(ROUTES, "route", dict(towns)),
        "rural_sewage_treatment_share": shares(ROUTES, "route", dict(villages)),
        "sludge_treatment_share": shares(SLUDGE, "sludge_treatment", dict(sludge)),
        "electricity_factor": array(0.5, "kg CO2/kWh"),
    }
    result = sewage(**(arguments | changes), nitrogen_load=nitrogen, biogas_use=use)
    units = {name: one.unit for name, one in sewage.technology.components.items()}
    return {
        name: magnitude(value, units[name]).squeeze("atom", drop=True)
        for name, value in result.items()
    }


def total(result, name):
    return float(result[name].sum())


# Organics and nitrogen of 1,000 townspeople and 500 villagers, in tonnes.
ORGANICS = (1000 * 14.6 * 1.25 + 500 * 14.6) / 1000
PERSON = 45.5 * 0.86 * 0.16 * 1.1 * 1.08
NITROGEN = (1000 * PERSON * 1.25 + 500 * PERSON) / 1000


def test_untreated_sewage_gives_methane_and_nitrous_oxide_in_water_alone():
    result = run()
    assert total(result, "effluent_methane") == pytest.approx(-ORGANICS * 0.6 * 0.035)
    assert total(result, "effluent_nitrous_oxide") == pytest.approx(-NITROGEN * 0.005 * 44 / 28)
    for name in set(result) - {"effluent_methane", "effluent_nitrous_oxide"}:
        assert total(result, name) == 0, name


def test_a_town_on_one_plant_and_villages_on_latrines():
    """All of the town on a plant with nutrient removal, half the villagers on latrines."""
    result = run({"advanced_plant": 1.0}, {"latrine": 0.5})
    town, village = 1000 * 14.6 * 1.25 / 1000, 500 * 14.6 / 1000
    methane = result["treatment_methane"]
    assert float(methane.sel(route="advanced_plant")) == pytest.approx(-town * 0.4 * 0.6 * 0.03)
    assert float(methane.sel(route="latrine")) == pytest.approx(-village * 0.5 * 0.6 * 0.1)
    left = town * 0.1 + village * (1 - 0.5 * 0.1)
    assert total(result, "effluent_methane") == pytest.approx(-left * 0.6 * 0.035)
    nitrogen = {"town": 1000 * PERSON * 1.25 / 1000, "village": 500 * PERSON / 1000}
    removed = nitrogen["town"] * 0.8 + nitrogen["village"] * 0.5 * 0.12
    assert total(result, "nitrogen_removed") == pytest.approx(removed)
    assert total(result, "treatment_nitrous_oxide") == pytest.approx(
        -nitrogen["town"] * 0.016 * 44 / 28
    )
    assert total(result, "phosphorus_removed") == pytest.approx(
        (1000 * 0.4 * 1.25 * 0.88 + 500 * 0.4 * 0.5 * 0.12) / 1000
    )
    assert total(result, "electricity_emissions") == pytest.approx(-1000 * 85 * 0.48 * 0.5 / 1000)


def test_sludge_by_route():
    """1,000 people on a plant: 18.25 t · 0.6 · 0.86 t of sludge a year; 9 years of decay."""
    mass = 1000 * 14.6 * 1.25 / 1000 * 0.6 * 0.86
    landfill = 0.40 * 0.5 * 1.0 * 0.5 * 16 / 12 * 0.9 * (1 - np.exp(-0.06 * 9))
    town = {"advanced_plant": 1.0}
    buried = run(town, age=9.0)
    assert total(buried, "sludge_methane") == pytest.approx(-mass * landfill)
    assert total(buried, "sludge_nitrous_oxide") == 0

    treatment = {"digestion": 0.2, "incineration": 0.3, "composting": 0.4}
    mixed = run(town, sludge=treatment, age=9.0)
    assert total(mixed, "sludge_methane") == pytest.approx(
        -mass * (0.2 * 0.002 + 0.4 * 0.010 + 0.1 * landfill)
    )
    assert total(mixed, "sludge_nitrous_oxide") == pytest.approx(
        -mass * (0.3 * 0.00099 + 0.4 * 0.0006)
    )
    used = mass * (0.2 * 120 + 0.3 * 350 + 0.4 * 200)
    assert total(mixed, "electricity_emissions") - total(
        buried, "electricity_emissions"
    ) == pytest.approx(-used * 0.5 / 1000)


def test_buried_sludge_gives_its_methane_over_the_years():
    """Nothing in the year of burial; in the end what a landfill in balance gives."""
    town = {"advanced_plant": 1.0}
    mass = 1000 * 14.6 * 1.25 / 1000 * 0.6 * 0.86
    assert total(run(town, age=0.0), "sludge_methane") == 0
    whole = 0.40 * 0.5 * 0.5 * 16 / 12 * 0.9
    assert total(run(town, age=500.0), "sludge_methane") == pytest.approx(-mass * whole)


def test_sludge_taken_from_the_landfill_still_leaves_what_was_buried():
    """All buried for ten years, then all burned for ten: the landfill gives what is left."""
    labels = {"cohort": [2000, 2010]}
    routes = np.zeros((2, len(ROUTES)))
    routes[0, ROUTES.index("advanced_plant")] = 1
    burned = np.zeros((2, len(SLUDGE)))
    burned[1, SLUDGE.index("incineration")] = 1
    result = run(
        sewage_treatment_share=array(routes, "1", ("cohort", "route"), route=ROUTES, **labels),
        rural_sewage_treatment_share=array(
            0 * routes, "1", ("cohort", "route"), route=ROUTES, **labels
        ),
        sludge_treatment_share=array(
            burned, "1", ("cohort", "sludge_treatment"), sludge_treatment=SLUDGE, **labels
        ),
        cohort_age=array([20, 10], "yr", ("cohort",), **labels),
    )
    mass = 1000 * 14.6 * 1.25 / 1000 * 0.6 * 0.86
    whole = 0.40 * 0.5 * 0.5 * 16 / 12 * 0.9
    left = (1 - np.exp(-0.06 * 20)) - (1 - np.exp(-0.06 * 10))
    assert total(result, "sludge_methane") == pytest.approx(-mass * whole * left)


def test_captured_methane_is_worth_something_only_where_it_makes_power():
    town, sludge = {"anaerobic_reactor": 0.5, "advanced_plant": 0.5}, {"digestion": 1.0}
    organics = 1000 * 14.6 * 1.25 / 1000 * 0.5
    captured = organics * 0.9 * 0.6 * 0.8 * 0.71 + organics * (0.6 * 0.86 + 0.1 * 1.0) * 0.085
    power = captured * 1000 * 50 / 3.6 * 0.35 * (1 - 0.35)
    assert total(run(town, sludge=sludge), "biogas_electricity") == 0
    result = run(town, sludge=sludge, use="power")
    assert total(result, "biogas_electricity") == pytest.approx(power * 0.5 / 1000)
    assert float(result["treatment_methane"].sel(route="anaerobic_reactor")) == pytest.approx(
        -organics * 0.9 * 0.6 * 0.8 * 0.29
    )


def test_nitrogen_by_design_standard():
    result = run({"advanced_plant": 1.0}, nitrogen="design_standard")
    assert total(result, "nitrogen_removed") == pytest.approx(1000 * 3.65 * 1.25 * 0.8 / 1000)


@pytest.mark.parametrize("route", REFERENCE["emission_factors"]["kilograms"])
def test_methane_factors_are_those_printed(route, compare):
    """Bo · MCF as printed; after capture to the two digits printed."""
    factor = coefficient("methane_potential") * coefficient("methane_correction_factor")
    printed = REFERENCE["emission_factors"]
    found = magnitude(factor.sel(route=route), "kg CH4_biogenic/kg")
    name, source = route.replace("_", " "), {"unit": "kg CH4/kg BOD", "source": printed["source"]}
    compare("sewage", f"methane, {name}", found, printed["kilograms"][route], rel=1e-9, **source)
    if route in printed["after_capture"]:
        left = float(found) * (1 - COEFFICIENTS["methane_recovery"]["values"][route]["value"])
        known = printed["after_capture"][route]
        compare("sewage", f"methane after capture, {name}", left, known, abs=0.005, **source)


def test_nitrogen_factors_are_those_printed(compare):
    printed = REFERENCE["emission_factors"]
    source = {"source": printed["source"]}
    for route, left in printed["effluent_nitrogen"].items():
        removal = COEFFICIENTS["nitrogen_removal"]["values"][route]["value"]
        compare("sewage", f"share of nitrogen left, {route}", 1 - removal, left, unit="1", **source)
    factors = COEFFICIENTS["treatment_nitrous_oxide_factor"]["values"]
    for route in sorted(set(printed["nitrous_oxide"]) - {"effluent"}):
        known = printed["nitrous_oxide"][route]
        found = factors[route]["value"]
        compare("sewage", f"nitrous oxide, {route}", found, known, unit="kg N2O-N/kg N", **source)
    compare(
        "sewage",
        "nitrous oxide of the effluent",
        COEFFICIENTS["effluent_nitrous_oxide_factor"]["value"],
        printed["nitrous_oxide"]["effluent"],
        unit="kg N2O-N/kg N",
        **source,
    )


def test_a_published_plant(compare):
    """120,000 population equivalents on one plant: nitrogen, effluent, electricity."""
    plant = REFERENCE["german_plant"]
    people = 120_000.0
    nitrogen = plant["wastewater"] * plant["nitrogen_in"] / 1000  # kg
    removal = coefficient("nitrogen_removal")
    water = array(
        [plant["wastewater"] / people, 1.0],
        "m^3/person/yr",
        ("residence",),
        residence=["urban", "rural"],
    )
    result = run(
        {"advanced_plant": 1.0},
        people=(people, 0.0),
        nitrogen="design_standard",
        co_discharge_factor=array([1, 1], "1", ("residence",), residence=["urban", "rural"]),
        nitrogen_per_person=array(nitrogen / people, "kg N/person/yr"),
        nitrogen_removal=removal * 0 + array(1 - plant["nitrogen_out"] / plant["nitrogen_in"], "1"),
        treatment_nitrous_oxide_factor=removal * array(0, "t N2O_N/t N")
        + array(plant["treatment_factor"], "t N2O_N/t N"),
        effluent_nitrous_oxide_factor=array(plant["effluent_factor"], "t N2O_N/t N"),
        wastewater_per_person=water,
        treatment_electricity=removal * array(0, "kWh/m^3")
        + array(plant["electricity_bought"] / plant["wastewater"], "kWh/m^3"),
        electricity_factor=array(plant["electricity_factor"], "kg CO2/kWh"),
    )
    gwp, printed = plant["gwp_nitrous_oxide"], plant["tonnes_co2e"]
    for name, component, warming in (
        ("treatment", "treatment_nitrous_oxide", gwp),
        ("effluent", "effluent_nitrous_oxide", gwp),
        ("electricity", "electricity_emissions", 1),
    ):
        compare(
            "sewage",
            f"emissions of a plant of 120,000 population equivalents: {name}",
            -total(result, component) * warming,
            printed[name],
            unit="t CO2e/yr",
            rel=1e-9,
            source=plant["source"],
        )


@pytest.mark.parametrize("route", ROUTES)
def test_nitrogen_is_conserved(route):
    """What is removed and what reaches the water is what people discharge."""
    result = run({route: 0.7}, {route: 0.4})
    in_water = -total(result, "effluent_nitrous_oxide") / 0.005 * 28 / 44
    assert total(result, "nitrogen_removed") + in_water == pytest.approx(NITROGEN)


def test_a_plant_that_treats_a_tank_s_sewage_saves_methane_and_makes_nitrous_oxide():
    tank, plant = run({"septic_tank": 1.0}), run({"advanced_plant": 1.0})
    assert total(plant, "treatment_methane") > total(tank, "treatment_methane")
    assert total(plant, "effluent_nitrous_oxide") > total(tank, "effluent_nitrous_oxide")
    assert total(plant, "treatment_nitrous_oxide") < total(tank, "treatment_nitrous_oxide")
    assert total(plant, "nitrogen_removed") > total(tank, "nitrogen_removed")


def test_a_septic_tank_lies_where_measurements_do(compare):
    """Leverenz et al. 2010: 8.4 to 13.4 g CH4 a person and day from the vents of two tanks."""
    grams = (
        -total(run({}, {"septic_tank": 1.0}, people=(0.0, 1.0)), "treatment_methane") * 1e6 / 365
    )
    compare(
        "sewage",
        "methane of a septic tank, a person and day",
        grams,
        (8.4, 13.4),
        unit="g CH4",
        between=True,
        source="Leverenz et al. 2010, vents of two tanks",
    )


def test_a_grid_without_carbon_makes_power_worth_nothing():
    result = run(
        {"advanced_plant": 1.0},
        sludge={"digestion": 1.0},
        use="power",
        electricity_factor=array(0.0, "kg CO2/kWh"),
    )
    assert total(result, "electricity_emissions") == 0
    assert total(result, "biogas_electricity") == 0
