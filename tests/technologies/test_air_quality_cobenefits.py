"""Air pollutants avoided: figures worked out by hand, and factors beside published ones."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.coefficients import read_coefficients
from ecoassess.models.thermal_power import thermal_power
from ecoassess.sampling import LatinHypercube
from ecoassess.technologies.air_quality_cobenefits import air_quality_cobenefits
from ecoassess.units import magnitude, quantify, unit_registry

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = YAML(typ="safe").load(ROOT / "tests" / "reference" / "air_pollutants.yaml")
MONTHS = np.arange(1, 13)
DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) / 365
WINTER = np.array([0.25, 0.2, 0.15, 0.05, 0, 0, 0, 0, 0, 0.05, 0.1, 0.2])
FIRES = np.array([0, 0, 0.2, 0.5, 0, 0, 0, 0, 0, 0.3, 0, 0])
BURNERS = [
    "coal_stove",
    "firewood_stove",
    "coal_boiler",
    "cogeneration",
    "gas_boiler",
    "biomass_boiler",
]
KITCHEN = ["coal_stove", "lpg_burner"]
UNITS = {
    name: component.unit for name, component in air_quality_cobenefits.technology.components.items()
}
SOURCES = ["heating", "household_fuel", "open_burning", "straw_power", "grid_power"]
COAL = 20.9  # GJ/t


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def months(values, unit):
    return array(values, unit, ("month",), month=MONTHS)


def of_atom(values, unit, dimension, labels):
    return array([values], unit, ("atom", dimension), atom=[1], **{dimension: labels})


def monthly(values, unit, dimension, labels):
    """Return values of a year by label, spread over the months of winter."""
    data = np.multiply.outer(np.asarray(values, float), WINTER)[None]
    coords = {"atom": [1], dimension: labels, "month": MONTHS}
    return array(data, unit, ("atom", dimension, "month"), **coords)


@cache
def shipped():
    """Return the central values of the configured factors."""
    file = ROOT / "configs" / "technologies" / "air_quality_cobenefits.yaml"
    sources = dict.fromkeys(re.findall(r"source: (\w+)", file.read_text(encoding="utf-8")))
    return {
        key: coefficient.draws(LatinHypercube(0, 1)).isel(draw=0, drop=True)
        for key, coefficient in read_coefficients(file, sources).items()
    }


def factors_of(unit, **values):
    """Return a table of factors that is 0 but for the burners named."""
    labels = [*BURNERS, "lpg_burner"]
    data = [values.get(label, 0) for label in labels]
    return array(data, unit, ("heat_source",), heat_source=labels)


def factor(name, unit, source=None):
    """Return a configured factor as a plain number."""
    found = shipped()[name]
    return float(magnitude(found.sel(heat_source=source) if source else found, unit))


def pollution(
    fuel=(0,) * 6, water=(0, 0), kitchen=(0, 0), fires=(0, 0), straw=(0, 0), thermal=(0,), **factors
):
    """Return t a year by pollutant and source; GJ of fuel, t of fires, GJ of straw, kWh saved."""
    crops = ["maize", "rice"]
    arguments = {
        "heating_fuel": monthly(fuel, "GJ/yr", "heat_source", BURNERS),
        "hot_water_fuel": monthly(water, "GJ/yr", "heat_source", KITCHEN),
        "cooking_fuel": monthly(kitchen, "GJ/yr", "heat_source", KITCHEN),
        "straw_fire_sulfur_dioxide": of_atom(fires, "t SO2/yr", "crop", crops),
        "straw_fire_nitrogen_oxides": of_atom(fires, "t NOx/yr", "crop", crops),
        "straw_fire_fine_particles": of_atom(fires, "t PM2_5/yr", "crop", crops),
        "straw_fire_carbon_monoxide": of_atom(fires, "t CO/yr", "crop", crops),
        "straw_power_fuel": of_atom(straw, "GJ/yr", "crop", crops),
        "thermal_power_saved": monthly(
            thermal, "kWh/yr", "grid_user", [f"user {n}" for n in range(len(thermal))]
        ),
        "straw_burning_share": months(FIRES, "1"),
        "day_share": months(DAYS, "1"),
        **shipped(),
        **factors,
    }
    with xr.set_options(arithmetic_join="exact"):
        found = air_quality_cobenefits(**arguments)
    assert list(found) == list(UNITS)
    assert all(list(one["pollution_source"].values) == SOURCES for one in found.values())
    return {name: magnitude(one, UNITS[name]).sel(atom=1) for name, one in found.items()}


def year(found, pollutant, source):
    return float(found[pollutant].sel(pollution_source=source).sum())


def test_a_stove_by_hand():
    """1,000 GJ a year at 0.3 kg/GJ: 0.3 t, a quarter of it in January, none in summer."""
    table = factors_of("kg PM2_5/GJ", coal_stove=0.3)
    found = pollution(fuel=(1000, 50, 0, 0, 0, 0), fine_particles_factor=table)
    assert year(found, "fine_particles", "heating") == pytest.approx(-0.3)
    heat = found["fine_particles"].sel(pollution_source="heating")
    assert float(heat.sel(month=1)) == pytest.approx(-0.075)
    assert float(heat.sel(month=7)) == 0
    assert all(year(found, "fine_particles", source) == 0 for source in SOURCES[1:])


def test_hot_water_and_cooking_by_hand():
    """20 and 10 GJ of coal at 0.3 kg/GJ, 40 and 30 of gas at 0.001: 9.07 kg; no other source."""
    table = factors_of("kg PM2_5/GJ", coal_stove=0.3, lpg_burner=0.001)
    found = pollution(water=(20, 40), kitchen=(10, 30), fine_particles_factor=table)
    assert year(found, "fine_particles", "household_fuel") == pytest.approx(-0.00907)
    assert year(found, "fine_particles", "heating") == 0


def test_fires_by_hand():
    """10 and 2 t by crop, half of it in April; as NO2 12 t of NO weigh 12 · 46/30 = 18.4 t."""
    found = pollution(fires=(10, 2))
    assert year(found, "carbon_monoxide", "open_burning") == pytest.approx(-12)
    assert year(found, "nitrogen_oxides", "open_burning") == pytest.approx(-18.4)
    april = found["sulfur_dioxide"].sel(pollution_source="open_burning", month=4)
    assert float(april) == pytest.approx(-6)


def test_straw_power_and_the_grid_by_hand():
    """3 TJ · 11 kg/TJ = 33 kg SO2; 2 GWh less of thermal power at 0.1 g/kWh: 200 kg."""
    found = pollution(
        straw=(1000, 2000),
        thermal=(3e6, -1e6),
        straw_power_sulfur_dioxide=array(0.011, "kg SO2/GJ"),
        thermal_sulfur_dioxide=array(0.1, "g SO2/kWh"),
    )
    assert year(found, "sulfur_dioxide", "straw_power") == pytest.approx(-0.033)
    assert year(found, "sulfur_dioxide", "grid_power") == pytest.approx(0.2)
    days = found["sulfur_dioxide"].sel(pollution_source="straw_power", month=2)
    assert float(days) == pytest.approx(-0.033 * 28 / 365)


def grid(**changes):
    """5 GWh of roofs, 3 of plants, 2 of rivers, 1.2 of straw; 4, 1, 0.5 drawn; 60 % thermal."""
    base = {
        "roof_generation": monthly([4e6, 1e6], "kWh/yr", "dwelling", ["self_built", "lift"]),
        "ground_pv_generation": monthly([3e6], "kWh/yr", "solar_site", ["open_land"]),
        "hydro_generation": monthly([2e6], "kWh/yr", "x", ["y"]).isel(x=0, drop=True),
        "straw_power_generation": of_atom([1e6, 2e5], "kWh/yr", "crop", ["maize", "rice"]),
        "heating_electricity": monthly([1e6, 3e6], "kWh/yr", "dwelling", ["self_built", "lift"]),
        "hot_water_electricity": monthly([1e6, 0], "kWh/yr", "dwelling", ["self_built", "lift"]),
        "cooking_electricity": monthly([0, 5e5], "kWh/yr", "dwelling", ["self_built", "lift"]),
        "day_share": months(DAYS, "1"),
        "thermal_share": array(0.6, "1"),
    }
    found = thermal_power(**base | changes)["thermal_power_saved"]
    return magnitude(found, "kWh/yr").sel(atom=1)


def test_thermal_power_by_hand():
    found = grid()
    by_user = {str(u): float(found.sel(grid_user=u).sum()) for u in found["grid_user"].values}
    assert by_user == pytest.approx(
        {
            "rooftop_pv": 3e6,
            "ground_pv": 1.8e6,
            "small_hydro": 1.2e6,
            "straw_power": 0.72e6,
            "heating": -2.4e6,
            "hot_water": -0.6e6,
            "cooking": -0.3e6,
        }
    )
    assert float(found.sel(grid_user="straw_power", month=2)) == pytest.approx(0.72e6 * 28 / 365)


def test_a_plant_without_data_leaves_the_others():
    nothing = monthly([np.nan], "kWh/yr", "x", ["y"]).isel(x=0, drop=True)
    found = grid(hydro_generation=nothing)
    assert found.sel(grid_user="small_hydro").isnull().all()
    assert float(found.sel(grid_user="heating").sum()) == pytest.approx(-2.4e6)


def test_no_pollutant_counts_in_carbon_dioxide():
    technology = air_quality_cobenefits.technology
    assert technology.nets == ()
    for component in technology.components.values():
        assert (component.account, component.warms) == ("co_benefit", False)
        unit = unit_registry().Quantity(1, f"t * {component.gas} / yr")
        assert not unit.is_compatible_with("t * CO2e / yr")
        assert not unit.is_compatible_with("t * CO2 / yr")
    assert len({c.gas for c in technology.components.values()}) == 4  # none adds to another


# Beside what was published.


def test_a_raw_coal_stove_is_within_published_particles(compare):
    per_kilogram = factor("fine_particles_factor", "g PM2_5/MJ", "coal_stove") * COAL
    published = REFERENCE["fine_particles_of_a_raw_coal_stove"]
    compare(
        "air_quality_cobenefits",
        "fine particles of a raw-coal stove",
        per_kilogram,
        published["range"],
        unit=published["unit"],
        between=True,
        source=published["source"],
    )


def test_a_household_burning_three_tonnes_in_a_winter():
    """3 t at 20.9 GJ/t; between 9 and 30 kg of PM2.5 by the published 3 to 10 g/kg."""
    found = pollution(fuel=(3 * COAL, 0, 0, 0, 0, 0))
    kilograms = -1000 * year(found, "fine_particles", "heating")
    low, high = REFERENCE["fine_particles_of_a_raw_coal_stove"]["range"]
    assert 3 * low < kilograms < 3 * high


@pytest.mark.parametrize("pollutant", ["sulfur_dioxide", "nitrogen_oxides"])
def test_stoves_beside_the_inventory_of_liaoning(pollutant, compare):
    """The inventory's tonnes over its coal lie within the 95 % range of the configured factor."""
    table = REFERENCE["liaoning_2020"]
    implied = 1000 * table["emissions"][pollutant] / table["coal"] / COAL  # kg/GJ
    entry = YAML(typ="safe").load(
        ROOT / "configs" / "technologies" / "air_quality_cobenefits.yaml"
    )[f"{pollutant}_factor"]["values"]["coal_stove"]
    low, high = entry["range"]
    compare(
        "air_quality_cobenefits",
        f"{pollutant.replace('_', ' ')} of stoves in the inventory of Liaoning, and the range "
        "of the configured factor",
        (low, high),
        implied,
        unit="kg/GJ",
        contains=True,
        source=table["source"],
    )


@pytest.mark.parametrize("pollutant", ["sulfur_dioxide", "nitrogen_oxides", "fine_particles"])
def test_cogeneration_is_not_cleaner_than_a_measured_ultra_low_plant(pollutant, compare):
    gas = air_quality_cobenefits.technology.components[pollutant].gas
    configured = factor(f"{pollutant}_factor", f"kg {gas}/GJ", "cogeneration") * COAL
    measured = REFERENCE["ultra_low_plant"][pollutant]
    compare(
        "air_quality_cobenefits",
        f"{pollutant.replace('_', ' ')} of cogeneration: one to four times an ultra-low plant",
        configured,
        (measured, 4 * measured),
        unit="kg/t coal",
        between=True,
        source=REFERENCE["ultra_low_plant"]["source"],
    )


# Signs.


def changed(before, after, pollutant, electricity=0.0):
    """Return what a change of fuels (GJ) and of thermal power (kWh) brings, by source."""
    first, last = pollution(fuel=before), pollution(fuel=after, thermal=(-electricity,))
    change = last[pollutant] - first[pollutant]
    return {s: float(change.sel(pollution_source=s).sum()) for s in SOURCES}


def test_pellet_boilers_in_place_of_cogeneration_make_the_air_worse():
    for pollutant in UNITS:
        change = changed((0, 0, 0, 1000, 0, 0), (0, 0, 0, 0, 0, 1000), pollutant)
        assert change["heating"] < 0, pollutant


def test_pellet_boilers_in_place_of_stoves_make_it_better():
    for pollutant in ("sulfur_dioxide", "fine_particles", "carbon_monoxide"):
        assert changed((1000, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 600), pollutant)["heating"] > 0


@pytest.mark.parametrize("pollutant", ["sulfur_dioxide", "nitrogen_oxides"])
def test_heat_pumps_draw_on_the_grid_and_beside_stoves_are_better_all_the_same(pollutant, compare):
    """1,000 GJ of coal at 50 % is 139 MWh of heat: at a COP of 2.3, 60 MWh, 62 % of it thermal."""
    electricity = 1000 * 0.5 / 3.6e-3 / 2.3 * 0.62
    change = changed((1000, 0, 0, 0, 0, 0), (0,) * 6, pollutant, electricity)
    assert change["heating"] > 0 > change["grid_power"]
    share = (change["heating"] + change["grid_power"]) / change["heating"]
    published = REFERENCE["heat_pump_beside_coal_stove"]
    compare(  # plants after the ultra-low retrofit take less of it back
        "air_quality_cobenefits",
        f"share of a stove's {pollutant.replace('_', ' ')} that a heat pump avoids: at least",
        share,
        (published[pollutant], 1),
        unit="1",
        between=True,
        source=published["source"],
    )
