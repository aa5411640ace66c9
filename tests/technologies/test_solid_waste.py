"""Municipal waste by hand, against the landfill's recursion, and against published figures."""

import csv
from math import exp
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.models.landfill import first_order_decay
from ecoassess.technologies.solid_waste import solid_waste
from ecoassess.units import magnitude, quantify

ROOT = Path(__file__).parents[2]
REFERENCE = YAML(typ="safe").load(ROOT / "tests/reference/solid_waste.yaml")
TABLES = YAML(typ="safe").load(ROOT / "configs/technologies/solid_waste.yaml")
DEFAULTS = REFERENCE["ipcc_defaults"]
COMPONENTS = ["food", "paper", "wood", "textile", "plastic", "other", "inert"]
TREATMENTS = ["composting", "digestion"]


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def table(name, *labels):
    entry = TABLES[name]
    if "value" in entry:
        return entry["value"]
    cells = entry["values"]
    for label in labels:
        cells = cells[label]
    return {label: cell["value"] for label, cell in cells.items()}


def by_component(values, unit):
    return array(
        [values.get(c, 0) for c in COMPONENTS],
        unit,
        ("waste_component",),
        waste_component=COMPONENTS,
    )


def by_treatment(values, unit):
    return array(
        [values[t] for t in TREATMENTS], unit, ("food_treatment",), food_treatment=TREATMENTS
    )


def over_cohorts(added):
    return array(added, "1", ("cohort",), cohort=range(len(added)))


CONFIGURED_BY_COMPONENT = {
    "composition_weight": "1",
    "food": "1",
    "degradable_carbon": "t C/t",
    "decomposing_fraction": "1",
    "waste_dry_matter": "t dm/t",
    "waste_carbon": "t C/t dm",
    "fossil_share": "1",
    "net_calorific_value": "GJ/t",
}
SIMPLE = {
    "existing_incineration_share": ("1", 0.0),
    "landfill_correction_factor": ("1", 1.0),
    "methane_fraction": ("1", 0.5),
    "methane_per_carbon": ("t CH4_biogenic/t C", 16 / 12),
    "reaction_start": ("yr", 1.0),
    "landfill_oxidation": ("1", 0.0),
    "burnout": ("1", 1.0),
    "incineration_nitrous_oxide_factor": ("g N2O/t", 47.0),
    "export_efficiency": ("1", 0.12),
    "electricity_factor": ("kg CO2/kWh", 0.5),
    "cohort_length": ("yr", 1.0),
}


def state(ages, burned=None, composted=None, digested=None, gas=None, **changed):
    """Return the result for 1000 t of waste a year, with configured tables and simple numbers."""
    nothing = [0.0] * len(ages)
    arguments = {
        "urban_population": array([1000], "person", ("atom",), atom=[1]),
        "waste_rate": array(1, "t/person/yr"),
        "cohort_age": array(ages, "yr", ("cohort",), cohort=range(len(ages))),
        "waste_incineration_share": over_cohorts(burned or nothing),
        "landfill_gas_share": over_cohorts(gas or nothing),
        "food_treatment_share": array(
            np.transpose([composted or nothing, digested or nothing]),
            "1",
            ("cohort", "food_treatment"),
            cohort=range(len(ages)),
            food_treatment=TREATMENTS,
        ),
        "decay_rate": by_component(table("decay_rate", "cool_temperate_dry"), "1/yr"),
        "treatment_methane_factor": by_treatment(
            table("treatment_methane_factor"), "kg CH4_biogenic/t"
        ),
        "treatment_nitrous_oxide_factor": by_treatment(
            table("treatment_nitrous_oxide_factor"), "kg N2O/t"
        ),
        "treatment_power": by_treatment(table("treatment_power"), "kWh/t"),
    }
    arguments |= {n: by_component(table(n), unit) for n, unit in CONFIGURED_BY_COMPONENT.items()}
    arguments |= {name: array(value, unit) for name, (unit, value) in SIMPLE.items()}
    return solid_waste(**(arguments | changed))


def amount(result, name, unit):
    return float(magnitude(result[name], unit).sel(atom=1).sum())


def methane(result):
    return -amount(result, "landfill_methane", "t CH4_biogenic/yr")


# 1000 t: food 591 t · 0.15 · 0.7 = 62.055 t C, paper 85 · 0.40 · 0.5 = 17, wood 16 · 0.43 · 0.1 =
# 0.688, textile 41 · 0.24 · 0.5 = 4.92; half of the gas is methane, 16/12 of its carbon.
CARBON = {"food": 62.055, "paper": 17.0, "wood": 0.688, "textile": 4.92}
RATE = {"food": 0.06, "paper": 0.04, "wood": 0.02, "textile": 0.04}
PER_CARBON = 0.5 * 16 / 12


def test_a_landfill_in_balance_gives_its_decomposable_carbon():
    """W Σ DOC · DOCf · MCF · F · 16/12: what decomposes, not what was deposited."""
    assert methane(state([0])) == pytest.approx(sum(CARBON.values()) * PER_CARBON)
    deposited = 591 * 0.15 + 85 * 0.40 + 16 * 0.43 + 41 * 0.24
    assert sum(CARBON.values()) < 0.65 * deposited


def test_waste_burned_since_ten_years_by_hand():
    """A fifth burned since 10 years ago: (1 − e^(−10 k)) of its methane is avoided by now."""
    avoided = methane(state([10])) - methane(state([10], burned=[0.2]))
    expected = 0.2 * PER_CARBON * sum(CARBON[c] * (1 - exp(-10 * RATE[c])) for c in CARBON)
    assert avoided == pytest.approx(expected)


def test_nothing_is_avoided_in_the_year_of_the_diversion():
    assert methane(state([0], burned=[0.2])) == pytest.approx(methane(state([0])))


def test_avoided_methane_of_all_years_is_doc_docf_mcf_f_16_12():
    """Burned in one year only: the years after it side by side, as atoms, add up to its methane."""
    years = 900
    ages = np.arange(1, years + 1)
    grid = array(np.stack([ages, ages - 1]), "yr", ("cohort", "atom"), cohort=range(2), atom=ages)
    people = array(np.full(years, 1000), "person", ("atom",), atom=ages)
    changed = {"cohort_age": grid, "urban_population": people}
    without = magnitude(state([0, 0], **changed)["landfill_methane"], "t CH4_biogenic/yr")
    diverted = magnitude(
        state([0, 0], burned=[1.0, -1.0], **changed)["landfill_methane"], "t CH4_biogenic/yr"
    )
    total = float((diverted - without).sum())
    assert total == pytest.approx(sum(CARBON.values()) * PER_CARBON, rel=1e-6)


def test_cohorts_of_both_measures_against_the_recursion():
    """Food apart and burning in steps, one of them back: the landfill's recursion year by year."""
    composted, burned, ages = [0.3, 0.0, 0.2], [0.1, 0.4, -0.2], [25, 12, 4]
    food_level = np.array([0.3] * 13 + [0.3] * 8 + [0.5] * 5)  # 25 … 0 years ago
    burned_level = np.array([0.1] * 13 + [0.5] * 8 + [0.3] * 5)
    before = 1500
    expected = 0.0
    for component, carbon in CARBON.items():
        food = component == "food"
        buried = carbon * (1 - food * food_level) * (1 - burned_level)
        series = np.concatenate([np.full(before, carbon), buried])
        expected += first_order_decay(series, RATE[component]).decomposed[-1] * PER_CARBON
    found = methane(state(ages, burned=burned, composted=composted))
    assert found == pytest.approx(expected, rel=1e-9)


def test_what_existing_plants_burn_is_not_avoided_again():
    existing = array(0.9, "1")
    avoided = methane(state([10])) - methane(state([10], burned=[0.5]))
    left = methane(state([10], existing_incineration_share=existing))
    found = left - methane(state([10], burned=[0.5], existing_incineration_share=existing))
    assert found == pytest.approx(0.1 * avoided)


def test_captured_gas_cannot_oxidise_in_the_cover():
    """(1 − 0.3)(1 − 0.1) of the methane is emitted."""
    found = state([3], gas=[0.3], landfill_oxidation=array(0.1, "1"))
    assert methane(found) == pytest.approx(0.7 * 0.9 * methane(state([3])))


def test_incineration_by_hand():
    """200 t burned: fossil carbon of paper, textile, plastic and the rest; N2O; power."""
    found = state([0], burned=[0.2])
    fossil = 0.2 * (
        85 * 0.90 * 0.46 * 0.01 + 41 * 0.80 * 0.50 * 0.20 + 130 * 0.85 * 0.75 + 85 * 0.90 * 0.03
    )
    assert amount(found, "incineration_carbon_dioxide", "t CO2/yr") == pytest.approx(
        -fossil * 44 / 12
    )
    assert amount(found, "incineration_nitrous_oxide", "kg N2O/yr") == pytest.approx(
        -200 * 47 / 1000
    )
    heat = 0.2 * (591 * 3 + 85 * 11 + 16 * 10 + 41 * 13 + 130 * 27 + 85 * 3)  # GJ
    power = heat * 0.12 / 3.6e-3  # kWh
    assert amount(found, "incineration_power", "kg CO2/yr") == pytest.approx(power * 0.5)


def test_food_waste_by_hand():
    """A tenth of 591 t composted, a fifth digested."""
    found = state([0], composted=[0.1], digested=[0.2])
    food_waste = {"composting": 59.1, "digestion": 118.2}

    def of(name, unit, treatment):
        values = magnitude(found[name], unit).sel(atom=1, food_treatment=treatment)
        return float(values)

    for treatment, waste in food_waste.items():
        assert of("treatment_methane", "kg CH4_biogenic/yr", treatment) == pytest.approx(
            -waste * DEFAULTS["methane_factor"][treatment]
        )
        assert of("treatment_nitrous_oxide", "kg N2O/yr", treatment) == pytest.approx(
            -waste * DEFAULTS["nitrous_oxide_factor"][treatment]
        )
    assert of("biogas_power", "kg CO2/yr", "digestion") == pytest.approx(118.2 * 120 * 0.5)
    assert of("biogas_power", "kg CO2/yr", "composting") == 0


def test_food_kept_from_the_incinerator_has_no_fossil_carbon():
    """Where all is burned, digestion takes wet food from the fire: less power, the same CO2."""
    existing = array(1.0, "1")
    before = state([5], existing_incineration_share=existing)
    after = state([5], digested=[0.5], existing_incineration_share=existing)
    name = "incineration_carbon_dioxide"
    assert amount(after, name, "t CO2/yr") == pytest.approx(amount(before, name, "t CO2/yr"))
    lost = amount(before, "incineration_power", "kg CO2/yr") - amount(
        after, "incineration_power", "kg CO2/yr"
    )
    assert lost == pytest.approx(0.5 * 591 * 3 * 0.12 / 3.6e-3 * 0.5)
    assert methane(after) == methane(before) == 0


def test_a_grid_without_carbon_gives_no_credit():
    found = state([0], burned=[0.2], digested=[0.2], electricity_factor=array(0, "kg CO2/kWh"))
    assert amount(found, "incineration_power", "t CO2/yr") == 0
    assert amount(found, "biogas_power", "t CO2/yr") == 0


def test_components_are_brought_to_a_whole():
    doubled = {c: 2 * v for c, v in table("composition_weight").items()}
    assert methane(state([0], composition_weight=by_component(doubled, "1"))) == pytest.approx(
        methane(state([0]))
    )


# The coefficients against what was published


def test_the_tables_are_the_published_defaults(compare):
    published = DEFAULTS["composition_of_china"]
    weights = table("composition_weight")
    assert sum(weights.values()) == pytest.approx(1)

    def alike(what, ours, known, unit="1"):
        assert ours.keys() == known.keys()
        compare(
            "solid_waste",
            f"{what}: {', '.join(ours)}",
            [*ours.values()],
            [known[label] for label in ours],
            unit=unit,
            source=DEFAULTS["source"],
        )

    inert = published["glass"] + published["metal"]
    of_china = {c: inert if c == "inert" else published[c] for c in weights}
    alike("composition of China's waste", weights, of_china)
    for name in ("degradable_carbon", "decomposing_fraction"):
        found = {c: v for c, v in table(name).items() if v}
        alike(name.replace("_", " "), found, DEFAULTS[name])
    for zone, rates in DEFAULTS["decay_rate"].items():
        found = {c: v for c, v in table("decay_rate", zone).items() if v}
        alike(f"decay rate, {zone.replace('_', ' ')}", found, rates, "1/yr")
    for gas in ("methane", "nitrous_oxide"):
        found, known = table(f"treatment_{gas}_factor"), DEFAULTS[f"{gas}_factor"]
        alike(f"{gas.replace('_', ' ')} of treatment", found, known, "g/kg")
    known = {"continuous stoker": DEFAULTS["incineration_nitrous_oxide"]}
    found = {"continuous stoker": table("incineration_nitrous_oxide_factor")}
    alike("nitrous oxide of incineration", found, known, "g/t")


def test_power_of_mixed_waste_lies_between_the_figures_of_yanji(compare):
    plant = REFERENCE["yanji_plant"]
    weights, heat = table("composition_weight"), table("net_calorific_value")
    power = sum(weights[c] * heat[c] for c in weights) * table("export_efficiency") / 3.6e-3
    low, high = (plant[k]["power"] / plant[k]["waste"] for k in ("exported", "generated"))
    compare(
        "solid_waste",
        "power of a tonne of mixed waste burned",
        power,
        (low, high),
        unit="kWh/t",
        between=True,
        source=plant["source"],
    )


def test_waste_per_person_is_what_the_plant_takes(compare):
    plant = REFERENCE["yanji_plant"]
    with (ROOT / "datasets/county_statistics.csv").open(encoding="utf-8") as file:
        people = sum(
            float(row["value"])
            for row in csv.DictReader(file)
            if row["variable"] == "population_urban_census" and row["adcode"] in plant["counties"]
        )
    assert people == 1_182_979
    taken = table("existing_incineration_share")["222401"]
    collected = plant["collected"] / people / taken  # what the plant takes, and what it leaves
    compare(
        "solid_waste",
        "waste of a town's resident",
        table("waste_rate"),
        collected,
        unit="t/person/yr",
        abs=0.005,
        source=plant["source"],
    )
