"""Hot water and cooking of households against figures worked out by hand."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.coefficients import read_coefficients
from ecoassess.models.collector_irradiation import collector_irradiation
from ecoassess.models.cooking import cooking
from ecoassess.models.hot_water import hot_water
from ecoassess.models.household_fuel import emitted, options, replaced
from ecoassess.models.solar import DAYS as DAYS_OF_YEAR
from ecoassess.models.solar import (
    extraterrestrial_irradiation,
    monthly_mean,
    sunset_hour_angle,
)
from ecoassess.sampling import LatinHypercube
from ecoassess.technologies.hot_water_and_cooking import hot_water_and_cooking
from ecoassess.units import magnitude, quantify

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
SOURCES = YAML(typ="safe").load(CONFIGS / "sources.yaml")
DWELLINGS = ["self_built", "walk_up", "lift"]
DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
KWH = 0.0036
"""GJ."""


@cache
def central(file):
    """Return the central values of a file of coefficients."""
    return {
        name: coefficient.draws(LatinHypercube(0, 1)).isel(draw=0, drop=True)
        for name, coefficient in read_coefficients(CONFIGS / file, SOURCES).items()
    }


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def months(values, unit):
    return array(values, unit, ("month",), month=np.arange(1, 13))


def dwelling_share(*values):
    return array([values], "1", ("cohort", "dwelling"), cohort=[0], dwelling=DWELLINGS)


def weights(dimension_labels, source):
    """Return weights by dwelling and source, where one source gives everything."""
    row = [float(label == source) for label in dimension_labels]
    return array(
        [row] * 3,
        "1",
        ("dwelling", "heat_source"),
        dwelling=DWELLINGS,
        heat_source=dimension_labels,
    )


def evaluate(model, own, changes):
    declared = model.model
    shared = central("shared.yaml")
    known = {**shared, **central(f"models/{declared.name}.yaml")}
    taken = {name: known[name] for name in declared.arguments if name in known}
    result = model(**taken | own | changes)
    return {name: magnitude(result[name], unit) for name, unit in declared.returns.items()}


# 1000 households of 2.5 persons: 200 in houses, 500 in walk-ups, 300 with a lift
STOCK = {
    "households": array(1000, "household"),
    "household_size": array(2.5, "person/household"),
    "household_share": array([0.2, 0.5, 0.3], "1", ("dwelling",), dwelling=DWELLINGS),
    "day_share": months(DAYS / 365, "1"),
    "monthly_electricity_factor": array(0.5, "kg CO2/kWh"),
    "electricity_upstream_methane": array(0.001, "kg CH4_fossil/kWh"),
    "electricity_upstream_carbon_dioxide": array(0.02, "kg CO2/kWh"),
}
NUMBER = np.array([200, 500, 300])
WATER = ["coal_stove", "firewood_stove", "lpg_burner", "gas_burner"]
WATER += ["electric_heater", "solar_collector", "air_heat_pump"]
STOVES = ["coal_stove", "firewood_stove", "lpg_burner", "gas_burner"]
STOVES += ["biogas_burner", "electric_cooker"]


def water(source="gas_burner", solar=0.0, pump=0.0, electric=0.0, **changes):
    own = STOCK | {
        "monthly_temperature": months([283.15] * 12, "K"),
        "horizontal_irradiation": months([100] * 12, "kWh/m^2/yr"),
        "solar_water_share": dwelling_share(solar, solar, solar),
        "heat_pump_water_share": dwelling_share(pump, pump, pump),
        "electric_water_share": dwelling_share(electric, electric, electric),
        "hot_water_weight": weights(WATER, source),
        "winter_use": "protected",
    }
    return evaluate(hot_water, own, changes)


def kitchen(source="lpg_burner", biogas=0.0, electric=0.0, **changes):
    own = STOCK | {
        "biogas_cooking_share": dwelling_share(biogas, biogas, biogas),
        "electric_cooking_share": dwelling_share(electric, electric, electric),
        "cooking_weight": weights(STOVES, source),
    }
    return evaluate(cooking, own, changes)


def drawn():
    """Return the year's heat of the hot water by dwelling, GJ."""
    litres = np.array([3300, 7300, 7300])
    return NUMBER * 2.5 * litres * 4.15 * (55 - 8) / 1e6


# Collector


def test_a_flat_plane_gets_what_the_horizontal_gets():
    horizontal = months(np.linspace(50, 160, 12), "kWh/m^2/yr")
    flat = collector_irradiation(
        horizontal, array(43, "degree"), array(0, "degree"), array(0.2, "1")
    )
    assert magnitude(flat, "kWh/m^2/yr").values == pytest.approx(np.linspace(50, 160, 12))


@pytest.mark.parametrize("tilt", [20, 48, 75])
def test_beam_against_the_sun_minute_by_minute(tilt):
    # clear air without diffuse light (Page, H > H_0 / 1.13): all is beam, spread as outside the air
    clear = 0.9 * extraterrestrial_irradiation(43.0)
    got = collector_irradiation(
        months(clear, "kWh/m^2/yr"), array(43, "degree"), array(tilt, "degree"), array(0, "1")
    )
    phi, beta = np.radians(43), np.radians(tilt)
    hour_angle = np.linspace(-np.pi, np.pi, 2881)[:, None]
    declination = sunset_hour_angle(0.0, DAYS_OF_YEAR)[1]

    def height(latitude):
        return np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(
            declination
        ) * np.cos(hour_angle)

    risen = height(phi) > 0
    flat, plane = (
        monthly_mean((np.maximum(height(latitude), 0) * risen).sum(axis=0))
        for latitude in (phi, phi - beta)
    )
    assert magnitude(got, "kWh/m^2/yr").values == pytest.approx(clear * plane / flat, rel=1e-3)


def test_overcast_sky_and_ground_by_hand():
    # without sun all is diffuse: (1 + cos 60°) / 2 of the sky, the rest from the ground
    got = collector_irradiation(
        months([1e-6] * 12, "kWh/m^2/yr"), array(43, "degree"), array(60, "degree"), array(0.2, "1")
    )
    assert magnitude(got, "kWh/m^2/yr").values / 1e-6 == pytest.approx(0.75 + 0.2 * 0.25, rel=1e-4)


def test_winter_gains_and_summer_loses_by_tilt():
    horizontal = months([60, 80, 120, 135, 155, 150, 140, 130, 115, 90, 60, 50], "kWh/m^2/yr")
    tilted = collector_irradiation(
        horizontal, array(43, "degree"), array(48, "degree"), array(0.2, "1")
    )
    ratio = magnitude(tilted / horizontal, "1")
    assert (ratio.sel(month=[1, 2, 11, 12]) > 1.4).all()
    assert (ratio.sel(month=[6, 7]) < 1).all()


# Shares


def test_options_take_evenly_and_shares_add_up():
    today = array([3, 1, 0], "1", ("heat_source",), heat_source=["coal_stove", "gas_burner", "sun"])
    taken = options(sun=array([0.1, 0.1], "1", ("cohort",), cohort=[2020, 2024]))
    got = magnitude(replaced(today, taken), "1")
    assert got.values == pytest.approx([0.75 * 0.8, 0.25 * 0.8, 0.2])


def test_factors_may_know_more_sources():
    fuel = array([10, 5], "GJ/yr", ("heat_source",), heat_source=["b", "a"])
    factor = array([1, 2, 4], "kg CO2/GJ", ("heat_source",), heat_source=["a", "b", "c"])
    assert magnitude(emitted(fuel, factor), "kg CO2/yr").item() == 10 * 2 + 5


# Hot water


def test_heat_of_the_water_by_hand():
    assert water()["hot_water_heat"].sum("month").values == pytest.approx(drawn())


@pytest.mark.parametrize("source", WATER[:4])
def test_energy_of_burners_closes(source):
    got = water(source)
    eta = central("models/hot_water.yaml")["water_heating_efficiency"].sel(heat_source=source)
    fuel = got["hot_water_fuel"].sel(heat_source=source).sum().item()
    assert fuel * magnitude(eta, "1").item() == pytest.approx(drawn().sum())
    assert got["hot_water_fuel"].sum().item() == pytest.approx(fuel)
    assert not got["hot_water_electricity"].any()


def test_emissions_of_lpg_by_hand():
    got = water("lpg_burner")
    fuel = drawn() / 0.82
    assert got["hot_water_carbon_dioxide"].sum("month").values == pytest.approx(fuel * 0.0631)
    assert got["hot_water_upstream_carbon_dioxide"].sum().item() == pytest.approx(
        fuel.sum() * 0.009
    )


def test_wood_emits_methane_and_no_carbon_dioxide():
    got = water("firewood_stove")
    assert not got["hot_water_carbon_dioxide"].any()
    assert got["hot_water_biogenic_methane"].sum("month").values == pytest.approx(
        drawn() / 0.20 * 0.3 / 1000
    )
    assert not got["hot_water_fossil_methane"].any()


def test_electric_heater_by_hand():
    got = water(electric=1.0)
    power = drawn() / 0.85 / KWH
    assert got["hot_water_electricity"].sum("month").values == pytest.approx(power)
    assert got["hot_water_carbon_dioxide"].sum("month").values == pytest.approx(power * 0.5 / 1000)
    # 1 g of methane and 20 g of CO2 for the coal behind each kWh
    upstream = {"methane": 0.001, "carbon_dioxide": 0.02}
    for name, factor in upstream.items():
        found = got[f"hot_water_upstream_{name}"].sum("month").values
        assert found == pytest.approx(power * factor / 1000)
    assert not got["hot_water_fuel"].any()


STILL = {"temperature_spread": array(1e-6, "K")}


def test_heat_pump_by_hand():
    # 10 °C outside: lift 45 K
    got = water(pump=0.5, **STILL)
    performance = 0.85 * (6.08 - 0.09 * 45 + 0.0005 * 45**2)
    power = 0.5 * drawn() / 0.85 / performance / KWH
    assert got["hot_water_electricity"].sum("month").values == pytest.approx(power, rel=1e-5)
    assert got["hot_water_fuel"].sum().item() == pytest.approx(0.5 * drawn().sum() / 0.82)


def test_heat_pump_in_the_cold():
    cold = {"monthly_temperature": months([230] * 12, "K")}
    assert water(pump=1.0, **cold, **STILL)["hot_water_electricity"].values == pytest.approx(
        water(electric=1.0, **cold, **STILL)["hot_water_electricity"].values
    )
    steps = [
        water(pump=1.0, monthly_temperature=months([t] * 12, "K"))["hot_water_electricity"].sum()
        for t in (250, 260, 270, 280, 290)
    ]
    assert np.all(np.diff(steps) < 0)


FLAT = {"collector_tilt": array(0, "degree")}


def test_solar_by_hand():
    # 100 kWh/m² a month on a flat collector of 2 m² at 10 °C; it loses 2 W/m²/K over 45 K
    got = water(solar=1.0, **FLAT)
    caught = 2.0 * 0.65 * (0.60 * 100 - 2.0 * 45 * 2200 * DAYS / 365 / 1000) * KWH
    need = drawn()[:, None] / NUMBER[:, None] * DAYS / 365
    rest = need - np.minimum(need, caught)
    assert (caught < need[1]).any()
    assert (caught > need[0]).any()
    power = NUMBER[:, None] * rest / 0.85 / KWH
    assert got["hot_water_electricity"].transpose("dwelling", "month").values == pytest.approx(
        power
    )


def test_the_cap_holds_per_household_that_is_served():
    # half the households with twice the sun serve no more than themselves
    sunny = months([200] * 12, "kWh/m^2/yr")
    none, half = (
        water("electric_heater", solar=share, horizontal_irradiation=sunny) for share in (0.0, 0.5)
    )
    ratio = half["hot_water_electricity"] / none["hot_water_electricity"]
    assert ratio.values == pytest.approx(0.5)


def test_frost_by_hand():
    cold = months([270.15] * 6 + [280.15] * 6, "K")
    dark = {"horizontal_irradiation": months([1e-9] * 12, "kWh/m^2/yr")}
    protected = water(solar=1.0, monthly_temperature=cold, **dark)["hot_water_electricity"]
    drained = water(solar=1.0, monthly_temperature=cold, winter_use="drained", **dark)
    tapes = (protected - drained["hot_water_electricity"]).transpose("dwelling", "month")
    by_hand = NUMBER[:, None] * 330 * DAYS / 365 * ([1] * 6 + [0] * 6)
    assert tapes.values == pytest.approx(by_hand, abs=1e-6)


def test_drained_collectors_give_nothing_in_frost():
    cold = months([270.15] * 6 + [280.15] * 6, "K")
    drained = water(solar=1.0, monthly_temperature=cold, winter_use="drained")
    heater = water(electric=1.0, monthly_temperature=cold)["hot_water_electricity"]
    ratio = drained["hot_water_electricity"] / heater
    assert ratio.sel(month=slice(1, 6)).values == pytest.approx(1)
    assert (ratio.sel(month=slice(7, 12)) < 0.9).all()


def test_solar_never_gives_more_than_is_drawn_and_needs_no_power_then():
    sunny = water(solar=1.0, horizontal_irradiation=months([300] * 12, "kWh/m^2/yr"))
    assert not sunny["hot_water_electricity"].any()


def test_collectors_by_hand():
    assert water(solar=0.1)["collector_area"].values == pytest.approx(NUMBER * 0.1 * 2.0)


# Cooking


@pytest.mark.parametrize("source", STOVES[:5])
def test_energy_of_stoves_closes(source):
    got = kitchen(source)
    eta = central("models/cooking.yaml")["stove_efficiency"].sel(heat_source=source)
    fuel = got["cooking_fuel"].sum().item()
    assert fuel * magnitude(eta, "1").item() == pytest.approx(1000 * 2.5 * 1.1)
    assert not got["cooking_electricity"].any()


def test_induction_by_hand():
    got = kitchen(electric=0.4)
    useful = NUMBER * 2.5 * 1.1
    power = 0.4 * useful / 0.84 / KWH
    assert got["cooking_electricity"].sum("month").values == pytest.approx(power)
    assert got["cooking_carbon_dioxide"].sum("month").values == pytest.approx(
        0.6 * useful / 0.56 * 0.0631 + power * 0.5 / 1000
    )
    # LPG 0.05 kg CH4 and 9 kg CO2 per GJ; the coal behind each kWh 1 g and 20 g
    fuel = 0.6 * useful / 0.56
    assert got["cooking_upstream_methane"].sum("month").values == pytest.approx(
        (fuel * 0.05 + power * 0.001) / 1000
    )
    assert got["cooking_upstream_carbon_dioxide"].sum("month").values == pytest.approx(
        (fuel * 9 + power * 0.02) / 1000
    )


def test_biogas_by_hand():
    got = kitchen(biogas=0.1)
    fuel = 0.1 * 1000 * 2.5 * 1.1 / 0.54
    assert got["cooking_biogas"].item() == pytest.approx(fuel * 1000 / 50 / 1000)
    assert got["cooking_biogenic_methane"].sum().item() == pytest.approx(fuel * 0.035 / 1000)


def test_electricity_in_place_of_wood_adds_carbon_dioxide_and_saves_methane():
    wood, electric = kitchen("firewood_stove"), kitchen("firewood_stove", electric=1.0)
    assert electric["cooking_carbon_dioxide"].sum() > wood["cooking_carbon_dioxide"].sum() == 0
    assert electric["cooking_biogenic_methane"].sum() == 0 < wood["cooking_biogenic_methane"].sum()


@pytest.mark.parametrize("file", ["hot_water", "cooking"])
def test_no_efficiency_above_one(file):
    found = {n: v for n, v in central(f"models/{file}.yaml").items() if "efficiency" in n}
    assert found
    assert all((magnitude(value, "1") < 1).all() for value in found.values())


# The technology


def technology(**changes):
    signs = {}
    for name, unit in hot_water_and_cooking.technology.units.items():
        if name.startswith(("hot_water_", "cooking_")):
            signs[name] = array(3.0 if name.startswith("hot") else 4.0, unit)
    own = {
        name: central("shared.yaml")[name]
        for name in ("methane_heating_value", "electric_efficiency", "own_use_share")
    }
    own |= {"electricity_factor": array(0.5, "kg CO2/kWh"), "biogas_use": "power"}
    result = hot_water_and_cooking(**signs | own | changes)
    components = hot_water_and_cooking.technology.components
    return {name: magnitude(result[name], c.unit).item() for name, c in components.items()}


def test_signs_and_sums():
    got = technology()
    assert {got[name] for name in got if name.startswith("household_")} == {-7.0}


def test_biogas_in_kitchens_is_charged_the_power_that_it_would_have_made():
    # 4 t of methane: 200 GJ, 35 % of it power, a quarter used by the plant
    power = 4000 * 50 * 0.35 * 0.75 / 3.6
    assert technology()["biogas_power_forgone"] == pytest.approx(-power * 0.5 / 1000)
    assert technology(biogas_use="flare")["biogas_power_forgone"] == 0
