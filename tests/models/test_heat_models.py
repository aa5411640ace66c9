"""Heat demand, heat pumps and heat supply against figures worked out by hand."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.coefficients import read_coefficients
from ecoassess.models.heat_bins import mean_shortfall, season_days, temperature_bins
from ecoassess.models.heat_demand import heat_demand
from ecoassess.models.heat_pump_performance import heat_pump_performance
from ecoassess.models.heat_requirement import heat_requirement
from ecoassess.models.heat_supply import heat_supply
from ecoassess.sampling import LatinHypercube
from ecoassess.units import magnitude, quantify

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = YAML(typ="safe").load(ROOT / "tests" / "reference" / "heat_demand.yaml")
MODELS = {
    one.__name__: one for one in (heat_demand, heat_pump_performance, heat_requirement, heat_supply)
}
DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
DWELLINGS = ["self_built", "walk_up", "lift"]
CLASSES = ["pre_code", "code_50", "code_65", "code_75", "near_zero"]
BURNERS = [
    "coal_stove",
    "firewood_stove",
    "coal_boiler",
    "cogeneration",
    "gas_boiler",
    "biomass_boiler",
]
PUMPS = ["air_heat_pump", "ground_heat_pump"]
SOURCES = [*BURNERS, "electric_heater", *PUMPS]


@cache
def central(file):
    sources = dict.fromkeys(re.findall(r"source: (\w+)", file.read_text(encoding="utf-8")))
    return {
        key: coefficient.draws(LatinHypercube(0, 1)).isel(draw=0, drop=True)
        for key, coefficient in read_coefficients(file, sources).items()
    }


@cache
def shipped(name):
    """Return the coefficients that a model takes from its own file and from the shared one."""
    known = central(ROOT / "configs" / "shared.yaml")
    known |= central(ROOT / "configs" / "models" / f"{name}.yaml")
    arguments = MODELS[name].model.arguments
    return {key: value for key, value in known.items() if key in arguments}


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def months(values, unit):
    return array(values, unit, ("month",), month=np.arange(1, 13))


def by(dimension, labels, values, unit="1"):
    return array(values, unit, (dimension,), **{dimension: labels})


def climate(place):
    return months(np.array(REFERENCE["degree_days_18"][place]["monthly"]) + 273.15, "K")


SPREAD = array(4.0, "K")


# Bins


@pytest.mark.parametrize("place", ["yanji", "dunhua"])
def test_degree_days_of_the_standard(place, compare):
    short = magnitude(mean_shortfall(climate(place), SPREAD, array(291.15, "K")), "K")
    compare(
        "heat_bins",
        f"degree-days to 18 °C, {place.capitalize()}",
        (short * DAYS).sum(),
        REFERENCE["degree_days_18"][place]["value"],
        unit="K day",
        rel=0.02,
        source=REFERENCE["degree_days_18"]["source"],
    )


def test_shortfall_by_hand():
    # at the limit σ / √(2π); far below it the difference; far above nothing
    got = mean_shortfall(by("x", [1, 2, 3], [280, 250, 310], "K"), SPREAD, array(280, "K"))
    assert magnitude(got, "K").values == pytest.approx([4 / np.sqrt(2 * np.pi), 30, 0], abs=1e-9)


def test_bins_keep_days_and_mean():
    temperature, weight = temperature_bins(array(260, "K"), SPREAD)
    assert magnitude(weight, "1").sum().item() == pytest.approx(1)
    assert magnitude(temperature * weight, "K").sum().item() == pytest.approx(260)
    # half a standard deviation wide: the variance within bins of up to 1/48 + tails is lost
    variance = (magnitude(weight, "1") * (magnitude(temperature, "K") - 260) ** 2).sum().item()
    assert 0.95 * 16 < variance < 16


def test_season_of_183_days():
    days = magnitude(season_days(array(293, "day"), array(110, "day")), "day/yr")
    assert days.values.tolist() == [31, 28, 31, 20, 0, 0, 0, 0, 0, 12, 30, 31]


# Heat requirement


def requirement(temperature, today=(0, 1, 0, 0, 0), **changes):
    """Return results by dwelling (and month), MJ/m² a year, for a stock of the classes' weights."""
    weight = array(
        np.tile(today, (3, 1)),
        "1",
        ("dwelling", "envelope"),
        dwelling=DWELLINGS,
        envelope=CLASSES,
    )
    result = heat_requirement(
        **shipped("heat_requirement")
        | {
            "monthly_temperature": temperature,
            "temperature_spread": SPREAD,
            "envelope_weight": weight,
            "retrofittable": by("envelope", CLASSES, [1, 1, 0, 0, 0]),
            "newly_built": by("envelope", CLASSES, [0, 0, 0, 1, 0]),
        }
        | changes
    )
    units = heat_requirement.model.returns
    return {
        name: magnitude(value, units[name].replace("GJ", "MJ")) for name, value in result.items()
    }


def of_block(temperature, **changes):
    """Return the year's heat of a wholly heated walk-up block, MJ/m²."""
    whole = {"heated_share": by("dwelling", DWELLINGS, [1, 1, 1])} | changes
    found = requirement(temperature, **whole)["heat_requirement"]
    return found.sel(dwelling="walk_up").sum("month").item()


STILL = {"temperature_spread": array(1e-6, "K")}
COLD = months([253.15] * 12, "K")


def watts(loss):
    """Return MJ/m² of 183 days at -20 °C."""
    return (loss * (20.5 + 20) - 3.8) * 183 * 86400 / 1e6


def test_requirement_by_hand():
    assert of_block(COLD, **STILL) == pytest.approx(watts(1.10))
    mixed = of_block(COLD, today=(1, 2, 1, 0, 0), **STILL)
    assert mixed == pytest.approx((watts(1.60) + 2 * watts(1.10) + watts(0.84)) / 4)


def test_savings_by_hand():
    got = requirement(
        COLD, today=(1, 1, 1, 1, 0), heated_share=by("dwelling", DWELLINGS, [1, 1, 1]), **STILL
    )
    block = {name: value.sel(dwelling="walk_up") for name, value in got.items()}
    retrofit = (watts(1.60) + watts(1.10) - 2 * watts(0.84)) / 4
    assert block["retrofit_saving"].sum("month").item() == pytest.approx(retrofit)
    near_zero = (watts(0.64) - watts(0.31)) / 4
    assert block["near_zero_saving"].sum("month").item() == pytest.approx(near_zero)


def test_near_zero_meets_the_national_limit_at_yanji(compare):
    needed = of_block(climate("yanji"), today=(0, 0, 0, 0, 1)) / 3.6
    assert needed > 15
    compare(
        "heat_requirement",
        "heat of a near-zero block at Yanji in a year, at most",
        needed,
        (0, 18),
        unit="kWh/m²",
        between=True,
        source="GB/T 51350-2019, limit for severe cold",
    )


def test_better_classes_ask_for_less_and_gains_help():
    steps = [of_block(climate("yanji"), today=row) for row in np.eye(5)]
    assert np.all(np.diff(steps) < 0)
    assert of_block(climate("yanji"), internal_gain=array(6, "W/m^2")) < steps[1]


# Stock

WEIGHT = array(
    [[6, 3, 0, 1, 0], [1, 2, 1, 1, 0], [0, 2, 4, 4, 0]],
    "1",
    ("dwelling", "envelope"),
    dwelling=DWELLINGS,
    envelope=CLASSES,
)


def demand(retrofit=(0, 0, 0), near_zero=(0, 0, 0), area=1e6):
    def share(values):
        return array([values], "1", ("cohort", "dwelling"), cohort=[0], dwelling=DWELLINGS)

    return heat_demand(
        residential_floor_area=array(area, "m^2"),
        household_share=by("dwelling", DWELLINGS, [0.2, 0.5, 0.3], "1"),
        heat_requirement=by("dwelling", DWELLINGS, [0.8, 0.5, 0.4], "GJ/m^2/yr"),
        retrofit_saving=by("dwelling", DWELLINGS, [0.3, 0.12, 0.02], "GJ/m^2/yr"),
        near_zero_saving=by("dwelling", DWELLINGS, [0.01, 0.02, 0.04], "GJ/m^2/yr"),
        envelope_weight=WEIGHT,
        retrofittable=by("envelope", CLASSES, [1, 1, 0, 0, 0]),
        newly_built=by("envelope", CLASSES, [0, 0, 0, 1, 0]),
        retrofit_share=share(retrofit),
        near_zero_share=share(near_zero),
        rebound=by("dwelling", DWELLINGS, [0.25, 0.25, 0.25]),
    )


def test_stock_by_hand():
    got = demand()
    heat = magnitude(got["useful_heat"], "TJ/yr")
    assert heat.values == pytest.approx([200 * 0.8, 500 * 0.5, 300 * 0.4])
    old, new = (got[f"{name}_floor_area"] for name in ("retrofittable", "newly_built"))
    assert magnitude(old, "m^2").values == pytest.approx([0.9 * 2e5, 0.6 * 5e5, 0.2 * 3e5])
    assert magnitude(new, "m^2").values == pytest.approx([0.1 * 2e5, 0.2 * 5e5, 0.4 * 3e5])


def test_retrofit_rebounds_and_near_zero_does_not():
    better = demand(retrofit=(0, 0.5, 0), near_zero=(0, 0, 1))["useful_heat"]
    saved = magnitude(demand()["useful_heat"] - better, "TJ/yr").values
    assert saved == pytest.approx([0, 500 * 0.5 * 0.12 * 0.75, 300 * 0.04])


# Heat pumps


def performance(temperature, emitter="floor", **changes):
    result = heat_pump_performance(
        **shipped("heat_pump_performance")
        | {"monthly_temperature": months([temperature] * 12, "K"), "temperature_spread": SPREAD}
        | {"emitter": emitter}
        | changes
    )
    return magnitude(result["electricity_per_heat"], "1").isel(month=0)


def test_performance_by_hand():
    # 0 °C, floor: flow 30 °C; air lift 30, ground lift 29 K
    got = 1 / performance(273.15, temperature_spread=array(1e-6, "K"))
    assert got.sel(heat_source="air_heat_pump").item() == pytest.approx(
        0.85 * (6.08 - 0.09 * 30 + 0.0005 * 900), rel=1e-5
    )
    assert got.sel(heat_source="ground_heat_pump").item() == pytest.approx(
        0.85 * (10.29 - 0.21 * 29 + 0.0012 * 841), rel=1e-5
    )


def test_deep_cold_is_within_what_was_measured(compare):
    still = {"temperature_spread": array(1e-6, "K"), "design_temperature": array(243.15, "K")}
    floor, radiator = (
        1 / performance(248.15, emitter, **still).sel(heat_source="air_heat_pump").item()
        for emitter in ("floor", "radiator")
    )
    published = REFERENCE["heat_pumps"]
    low, high = published["deep_cold"]
    assert low < radiator < published["cop_minus_25"] < floor < high
    compare(
        "heat_pump_performance",
        "performance of air heat pumps at -25 °C, radiators and floors",
        [radiator, floor],
        published["deep_cold"],
        unit="1",
        between=True,
        source=published["deep_cold_source"],
    )
    compare(
        "heat_pump_performance",
        "performance of an air heat pump at -25 °C, between radiators and floors",
        (radiator, floor),
        published["cop_minus_25"],
        unit="1",
        contains=True,
        source=published["source"],
    )


def test_below_the_cut_off_it_is_a_resistance_heater():
    got = performance(230.0, temperature_spread=array(1e-6, "K"))
    assert got.sel(heat_source="air_heat_pump").item() == pytest.approx(1)
    # the ground source carries what it does at -18 °C: 34 of 59.15 K
    lift = 30 - 0.5 * (230 - 273.15) + 273.15 - 274.15
    cop = 0.85 * (10.29 - 0.21 * lift + 0.0012 * lift**2)
    share = 34 / (289.15 - 230)
    assert got.sel(heat_source="ground_heat_pump").item() == pytest.approx(
        share / cop + 1 - share, rel=1e-4
    )


def test_colder_months_take_more_electricity_and_warm_ones_none():
    steps = [performance(t).sel(heat_source="air_heat_pump").item() for t in (253, 263, 273, 283)]
    assert np.all(np.diff(steps) < 0)
    assert performance(330.0).values.tolist() == [0, 0]


# Supply


def supply(pump=0.0, gas=0.0, pellets=0.0, ground=0.0, rule="exergy", today=None, **changes):
    def share(value):
        return array([[value]], "1", ("cohort", "dwelling"), cohort=[0], dwelling=["walk_up"])

    own = shipped("heat_supply")
    own = {n: v.sel(dwelling=["walk_up"]) if "dwelling" in v.dims else v for n, v in own.items()}
    weight = today or {"coal_boiler": 1.0}
    own["heat_source_weight"] = array(
        [[weight.get(source, 0.0) for source in SOURCES]],
        "1",
        ("dwelling", "heat_source"),
        dwelling=["walk_up"],
        heat_source=SOURCES,
    )
    own["cogeneration_share"] = array(0.5, "1")
    own["auxiliary_electricity"] = by("heat_source", SOURCES, [0] * 9, "kWh/GJ")
    result = heat_supply(
        **own
        | {
            "useful_heat": by("dwelling", ["walk_up"], [1000], "GJ/yr"),
            "electricity_per_heat": by("heat_source", PUMPS, [0.5, 0.25]),
            "monthly_temperature": array(264.8625, "K"),
            "heat_pump_share": share(pump),
            "gas_heating_share": share(gas),
            "biomass_heating_share": share(pellets),
            "geothermal_heating_share": share(ground),
            "monthly_electricity_factor": array(0.4671, "kg CO2/kWh"),
            "electricity_upstream_methane": array(0.001, "kg CH4_fossil/kWh"),
            "electricity_upstream_carbon_dioxide": array(0.02, "kg CO2/kWh"),
            "cogeneration_rule": rule,
        }
        | changes
    )
    units = heat_supply.model.returns
    return {name: magnitude(value, units[name]) for name, value in result.items()}


def test_coal_boiler_by_hand():
    got = supply()
    fuel = 1000 / (0.80 * 0.92)
    assert got["heating_fuel"].sel(heat_source="coal_boiler").item() == pytest.approx(fuel)
    assert got["heating_carbon_dioxide"].item() == pytest.approx(fuel * 90.9 / 1000)
    assert got["heating_upstream_methane"].item() == pytest.approx(fuel * 0.25 / 1000)


def test_heat_pump_takes_over_its_share():
    got = supply(pump=0.4, ground=0.2)
    kilowatt_hours = (400 * 0.5 + 200 * 0.25) / 0.0036
    assert got["heating_electricity"].item() == pytest.approx(kilowatt_hours)
    coal = 400 / (0.80 * 0.92) * 90.9 / 1000
    assert got["heating_carbon_dioxide"].item() == pytest.approx(
        coal + kilowatt_hours * 0.4671 / 1000
    )


def test_heat_pump_is_charged_the_coal_behind_its_power():
    # 400 of 1,000 GJ at 0.5 kWh/kWh; 1 g of methane and 20 g of CO2 upstream of each kWh
    got = supply(pump=0.4)
    coal = 600 / (0.80 * 0.92)
    kilowatt_hours = 400 * 0.5 / 0.0036
    assert got["heating_upstream_methane"].item() == pytest.approx(
        (coal * 0.25 + kilowatt_hours * 0.001) / 1000
    )
    assert got["heating_upstream_carbon_dioxide"].item() == pytest.approx(
        (coal * 4 + kilowatt_hours * 0.02) / 1000
    )
    none = array(0, "kg CH4_fossil/kWh")
    free = supply(pump=1.0, electricity_upstream_methane=none)
    assert free["heating_upstream_methane"].item() == 0


def test_energy_balance_closes_for_each_source():
    own = shipped("heat_supply")
    for source in SOURCES:
        got = supply(today={source: 1.0}, rule="energy")
        fuel = got["heating_fuel"].sum("heat_source").item()
        power = got["heating_electricity"].item() * 0.0036
        if source in BURNERS:
            useful = own["efficiency"].sel(heat_source=source) * own["network_efficiency"].sel(
                heat_source=source
            )
            assert fuel * magnitude(useful, "1").item() == pytest.approx(1000)
            assert power == 0
        elif source == "electric_heater":
            assert (fuel, power) == (0, pytest.approx(1000))
        else:
            # heat from air or ground is the rest; electricity is less than the heat
            assert fuel == 0
            assert power == pytest.approx({"air_heat_pump": 500, "ground_heat_pump": 250}[source])


def test_efficiency_above_one_only_where_fuel_gas_condenses():
    bounds = shipped("heat_supply")["efficiency"]
    assert (magnitude(bounds, "1") <= 1).all()
    text = (ROOT / "configs" / "models" / "heat_supply.yaml").read_text(encoding="utf-8")
    above = re.findall(r"(\w+): \{value: [\d.]+, bounds: \[[\d.]+, 1\.[1-9]\d*\]", text)
    assert above == ["gas_boiler"]


@pytest.mark.parametrize(
    ("rule", "of_heat"),
    [
        ("energy", 1),
        # θ = 1 - 264.8625 / 353.15 = 0.25
        ("exergy", 1.83 * 0.25 / (0.25 + 0.83)),
        ("alternative", 1.83 * 1.25 / (1.25 + 0.83 / 0.40)),
    ],
)
def test_rules_of_cogeneration_by_hand(rule, of_heat):
    got = supply(today={"cogeneration": 1.0}, rule=rule)["heating_fuel"]
    assert got.sel(heat_source="cogeneration").item() == pytest.approx(
        1000 * of_heat / (0.65 * 0.92), rel=1e-6
    )


def test_a_heat_pump_at_the_marginal_factor_emits_more_than_cogeneration_by_exergy():
    marginal = {"monthly_electricity_factor": array(0.8719, "kg CO2/kWh")}
    plant = supply(today={"cogeneration": 1.0}, **marginal)["heating_carbon_dioxide"].item()
    pump = supply(pump=1.0, **marginal)["heating_carbon_dioxide"].item()
    assert plant < pump
    clean = supply(pump=1.0, monthly_electricity_factor=array(0, "kg CO2/kWh"))
    assert clean["heating_carbon_dioxide"].item() == 0


def test_pellets_emit_no_carbon_dioxide_but_methane():
    got = supply(pellets=1.0)
    assert got["heating_carbon_dioxide"].item() == 0
    assert got["heating_biogenic_methane"].item() == pytest.approx(1000 / 0.82 * 0.03 / 1000)
    gas = supply(gas=1.0)
    assert gas["heating_carbon_dioxide"].item() == pytest.approx(1000 / 0.95 * 56.1 / 1000)
    assert gas["heating_upstream_methane"].item() == pytest.approx(1000 / 0.95 * 0.31 / 1000)


def test_yanji_s_cogeneration_gives_dwellings_no_more_than_its_plant_gives(published):
    """6.5 PJ of heat a year, 2025, to dwellings and other buildings (county_statistics.csv)."""
    runner = published.assessment.runner
    heat = magnitude(runner.variable("useful_heat", frozenset()), "PJ/yr").isel(draw=0)
    weight = magnitude(runner.coefficient("heat_supply", "heat_source_weight"), "1").isel(draw=0)
    part = magnitude(runner.coefficient("heat_supply", "cogeneration_share"), "1").isel(draw=0)
    delivered = magnitude(runner.coefficient("heat_supply", "network_efficiency"), "1").isel(draw=0)
    plant = part * weight.sel(heat_source="cogeneration")
    house = (1 - part) * weight.sel(heat_source="coal_boiler")
    others = weight.drop_sel(heat_source=["cogeneration", "coal_boiler"]).sum("heat_source")
    share = plant / (plant + house + others)
    gate = (heat.sum("month") * share).sum("dwelling") / float(
        delivered.sel(heat_source="cogeneration")
    )
    atoms = [
        a
        for a, code in zip(gate["atom"].values, runner.activity.adcode, strict=True)
        if code == "222401"
    ]
    assert 3.0 < float(gate.sel(atom=atoms).sum()) < 6.5
