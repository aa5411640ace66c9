"""Solar plants, small hydropower, straw power and hydrogen against figures worked out by hand."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ecoassess.configuration import read_yaml
from ecoassess.models.ground_pv_power import ground_pv_power
from ecoassess.models.hydro_power import hydro_power
from ecoassess.models.straw_power import straw_power as straw_power_model
from ecoassess.project import find_project
from ecoassess.technologies.biomass_power import biomass_power
from ecoassess.technologies.green_hydrogen import green_hydrogen
from ecoassess.technologies.small_hydro import small_hydro
from ecoassess.technologies.utility_pv import utility_pv
from ecoassess.units import magnitude, quantify

MONTHS = np.arange(1, 13)
DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) / 365
FLOW = np.array([0, 0, 0, 0.2, 0.1, 0.1, 0.2, 0.2, 0.1, 0.1, 0, 0])


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def cohorts(shares, dimension=None, labels=()):
    """Return shares added in each cohort, by label where there are labels."""
    where = {"cohort": np.arange(len(shares))}
    if dimension is None:
        return array(shares, "1", ("cohort",), **where)
    return array(shares, "1", ("cohort", dimension), **where, **{dimension: list(labels)})


def ages(values):
    return array(values, "yr", ("cohort",), cohort=np.arange(len(values)))


def by_atom(value, unit):
    return array([value], unit, ("atom",), atom=[1])


def by_month(values, unit):
    return array(values, unit, ("month",), month=MONTHS)


def year(result, name, unit="t CO2/yr"):
    return float(magnitude(result[name], unit).sum())


YEAR = array(1, "yr")
UPSTREAM = {
    "electricity_upstream_methane": array(0.001, "kg CH4_fossil/kWh"),
    "electricity_upstream_carbon_dioxide": array(0.02, "kg CO2/kWh"),
}


def upstream(result):
    """Return the upstream methane and CO2 that a plant avoids in the year, t."""
    methane = year(result, "avoided_upstream_methane", "t CH4_fossil/yr")
    return [methane, year(result, "avoided_upstream_carbon_dioxide")]


def chain(model, technology, arguments):
    """Return the result of a technology on that of its model."""
    found = model(**{name: arguments[name] for name in model.model.arguments})
    available = arguments | found
    return technology(**{name: available[name] for name in technology.technology.arguments})


def solar_arguments(shares=((0.1,),), age=(10,), **changes):
    """100 ha of open land, 400 kWp/ha, 100 kWh/kWp in each month."""
    base = {
        "solar_site_area": array(
            [[100]], "ha", ("atom", "solar_site"), atom=[1], solar_site=["open_land"]
        ),
        "utility_pv_share": cohorts(shares, "solar_site", ["open_land"]),
        "cohort_age": ages(age),
        "utility_pv_yield": array(
            np.full((1, 12), 100), "kWh/kWp/yr", ("atom", "month"), atom=[1], month=MONTHS
        ),
        "capacity_per_area": array([400], "kWp/ha", ("solar_site",), solar_site=["open_land"]),
        "curtailed_share": array(0.05, "1"),
        "degradation": array(0.005, "1/yr"),
        "yield_factor": array(1, "1"),
        "monthly_electricity_factor": array(0.5, "kg CO2/kWh"),
        **UPSTREAM,
        "embodied_carbon": array(1000, "kg CO2/kWp"),
        "pv_service_life": array(30, "yr"),
        "cohort_length": YEAR,
    }
    return base | changes


def solar(**changes):
    return chain(ground_pv_power, utility_pv, solar_arguments(**changes))


def test_a_solar_plant_by_hand():
    # 100 ha · 0.1 · 400 kWp/ha = 4,000 kWp, ten years old; 1,200 kWh/kWp, 5 % curtailed; 0.5 kg
    avoided = year(solar(), "avoided_grid_emissions")
    assert avoided == pytest.approx(4000 * np.exp(-0.05) * 1200 * 0.95 * 0.5 / 1000)
    assert year(solar(), "embodied_emissions") == 0


def test_displaced_power_avoids_the_coals_upstream_emissions():
    # 1 g CH4 and 20 g CO2 a kWh: 4,332 MWh of sun, 25,000 of a river, 85 TJ / 4 = 5,903 of straw
    megawatt_hours = 4000 * np.exp(-0.05) * 1200 * 0.95 / 1000
    assert upstream(solar()) == pytest.approx([megawatt_hours * 0.001, megawatt_hours * 0.02])
    assert upstream(hydro()) == pytest.approx([25, 500])
    megawatt_hours = 85_000 * 0.25 / 3.6
    assert upstream(straw_power()) == pytest.approx([megawatt_hours * 0.001, megawatt_hours * 0.02])


@pytest.mark.parametrize("technology", [utility_pv, small_hydro, biomass_power])
def test_upstream_stays_out_of_the_territorial_net(technology):
    parts = technology.technology.components
    assert {parts[n].boundary for n in parts if "upstream" in n} == {"upstream"}


def test_a_new_solar_plant_is_charged_once():
    # 4,000 kWp · 1,000 kg
    assert year(solar(age=(0,)), "embodied_emissions") == pytest.approx(-4000)
    assert year(solar(age=(1,)), "embodied_emissions") == 0


def test_plants_are_built_again_at_the_end_of_their_lives():
    # 30, 50 and 25 years: 4,000 kWp · 1,000 kg; 10 MW · 1,400 kg; 85 TJ · 0.25 / 6,000 h · 150 kg
    straw = -85e12 * 0.25 / 3.6e6 / 6000 * 150 / 1000
    plants = ((solar, 30, -4000), (hydro, 50, -14_000), (straw_power, 25, straw))
    for plant, life, tonnes in plants:
        found = [year(plant(age=(n,)), "embodied_emissions") for n in (life - 1, life, life + 1)]
        assert found == pytest.approx([0, tonnes, 0])


def test_double_the_land_or_share_doubles_and_a_clean_grid_saves_none():
    one, two = solar(), solar(shares=((0.2,),))
    for name, part in utility_pv.technology.components.items():
        assert year(two, name, part.unit) == pytest.approx(2 * year(one, name, part.unit))
    clean = solar(monthly_electricity_factor=array(0, "kg CO2/kWh"))
    assert year(clean, "avoided_grid_emissions") == 0


def hydro(shares=(1.0,), age=(5,), **changes):
    """10 MW on a river without winter flow, 2,500 h at full load."""
    base = {
        "planned_small_hydro_capacity": by_atom(10, "MW"),
        "small_hydro_share": cohorts(shares),
        "cohort_age": ages(age),
        "river_flow_share": by_month(FLOW, "1"),
        "day_share": by_month(DAYS, "1"),
        "full_load_hours": array(2500, "h/yr"),
        "monthly_electricity_factor": array(0.5, "kg CO2/kWh"),
        **UPSTREAM,
        "embodied_carbon": array(1400, "kg CO2/kW"),
        "service_life": array(50, "yr"),
        "cohort_length": YEAR,
    }
    return chain(hydro_power, small_hydro, base | changes)


def test_small_hydro_by_hand():
    # 10 MW · 2,500 h = 25,000 MWh · 0.5 t/MWh; a tenth of it in May, none in January
    avoided = magnitude(hydro()["avoided_grid_emissions"], "t CO2/yr").sel(atom=1)
    assert float(avoided.sum()) == pytest.approx(12_500)
    assert float(avoided.sel(month=5)) == pytest.approx(1250)
    assert float(avoided.sel(month=1)) == 0


def test_no_month_gives_more_than_full_load():
    # at 5,000 h a month with 0.2 of the flow would need 1,000 h: July and August give 31 days at
    # full load, April 30; the others, 500 h, stay below. A year of pint has 365.25 days.
    hours = array(5000, "h/yr")
    avoided = magnitude(hydro(full_load_hours=hours)["avoided_grid_emissions"], "t CO2/yr")
    hours_in_year = 365.25 * 24
    expected = 10 * 0.5 * (4 * 500 + hours_in_year * (31 + 31 + 30) / 365)
    assert float(avoided.sum()) == pytest.approx(expected)


def test_hydro_that_is_built_is_charged_once_and_a_clean_grid_saves_none():
    new = hydro(shares=(0.3, 0.5), age=(1, 0))
    assert year(new, "embodied_emissions") == pytest.approx(-0.5 * 10_000 * 1400 / 1000)
    assert year(new, "avoided_grid_emissions") == pytest.approx(0.8 * 12_500)
    clean = hydro(monthly_electricity_factor=array(0, "kg CO2/kWh"))
    assert year(clean, "avoided_grid_emissions") == 0


CROPS = ["maize", "rice"]


def straw_power(shares=((0.5, 0.0),), age=(3,), **changes):
    """10,000 t of maize straw and 2,000 t of rice straw."""
    base = {
        "straw_supply": array([[10_000, 2000]], "t dm/yr", ("atom", "crop"), atom=[1], crop=CROPS),
        "straw_power_share": cohorts(shares, "crop", CROPS),
        "cohort_age": ages(age),
        "net_calorific_value": array([17, 14], "GJ/t dm", ("crop",), crop=CROPS),
        "net_efficiency": array(0.25, "1"),
        "methane_per_energy": array(30, "kg CH4_biogenic/TJ"),
        "nitrous_oxide_per_energy": array(4, "kg N2O/TJ"),
        "diesel_per_straw": array(10, "L/t dm"),
        "diesel_factor": array(2.6, "kg CO2/L"),
        "electricity_factor": array(0.5, "kg CO2/kWh"),
        **UPSTREAM,
        "full_load_hours": array(6000, "h/yr"),
        "embodied_carbon": array(150, "kg CO2/kW"),
        "service_life": array(25, "yr"),
        "cohort_length": YEAR,
    }
    return chain(straw_power_model, biomass_power, base | changes)


def test_straw_power_by_hand():
    # 5,000 t · 17 GJ/t = 85 TJ; · 0.25 / 3.6 GJ/MWh = 5,903 MWh · 0.5 t/MWh
    found = straw_power()
    assert year(found, "avoided_grid_emissions") == pytest.approx(85_000 * 0.25 / 3.6 * 0.5)
    # 85 TJ · 30 kg = 2.55 t CH4; · 4 kg = 0.34 t N2O; 5,000 t · 10 L · 2.6 kg = 130 t CO2
    assert year(found, "combustion_methane", "t CH4_biogenic/yr") == pytest.approx(-2.55)
    assert year(found, "combustion_nitrous_oxide", "t N2O/yr") == pytest.approx(-0.34)
    assert year(found, "collection_fuel") == pytest.approx(-130)
    assert year(found, "embodied_emissions") == 0


def test_a_new_straw_plant_is_as_large_as_its_straw():
    # 1,000 t of rice straw · 14 GJ = 14,000 GJ · 0.25 / 3.6 = 972.2 MWh / 6,000 h = 0.162 MW
    found = straw_power(shares=((0.0, 0.5),), age=(0,))
    capacity = 14_000 * 0.25 / 3.6 * 1000 / 6000  # kW
    assert year(found, "embodied_emissions") == pytest.approx(-capacity * 150 / 1000)


def test_capacity_and_generation_of_the_models_agree():
    """A new plant makes its full-load hours in a year."""
    base = solar_arguments(age=(0,))
    found = ground_pv_power(**{n: base[n] for n in ground_pv_power.model.arguments})
    # 4,000 kWp · 1,200 kWh/kWp · 0.95
    assert year(found, "new_ground_pv_capacity", "kWp/yr") == pytest.approx(4000)
    assert year(found, "ground_pv_generation", "kWh/yr") == pytest.approx(4000 * 1200 * 0.95)


def test_energy_of_straw_power_closes():
    """What is sent out and what is lost make up the fuel energy."""
    unit_factor = array(1, "kg CO2/kWh")
    sent = year(straw_power(electricity_factor=unit_factor), "avoided_grid_emissions")  # MWh
    lost = year(
        straw_power(electricity_factor=unit_factor, net_efficiency=array(0.75, "1")),
        "avoided_grid_emissions",
    )
    assert (sent + lost) * 3.6 == pytest.approx(5000 * 17)


def test_on_a_clean_grid_straw_power_only_costs():
    clean = straw_power(electricity_factor=array(0, "kg CO2/kWh"))
    assert year(clean, "avoided_grid_emissions") == 0
    assert year(clean, "collection_fuel") < 0
    one, two = straw_power(shares=((0.2, 0.1),)), straw_power(shares=((0.4, 0.2),))
    assert year(two, "avoided_grid_emissions") == pytest.approx(
        2 * year(one, "avoided_grid_emissions")
    )


def hydrogen(power="dedicated", replaces="coal_hydrogen", shares=((0.5, 0.25),), **changes):
    """1,000 t a year planned."""
    base = {
        "planned_hydrogen_output": by_atom(1000, "t/yr"),
        "green_hydrogen_share": cohorts(shares, "electrolyser", ["alkaline", "pem"]),
        "electricity_per_hydrogen": array(
            [50, 60], "kWh/kg", ("electrolyser",), electrolyser=["alkaline", "pem"]
        ),
        "replaced_hydrogen_carbon": array(
            [19, 10],
            "kg CO2/kg",
            ("hydrogen_source",),
            hydrogen_source=["coal_hydrogen", "gas_hydrogen"],
        ),
        "diesel_per_hydrogen": array(4, "L/kg"),
        "diesel_factor": array(2.6, "kg CO2/L"),
        "electricity_factor": array(0.5, "kg CO2/kWh"),
        "dedicated_power_carbon": array(0.03, "kg CO2/kWh"),
    }
    return green_hydrogen(**base | changes, power=power, replaces=replaces)


@pytest.mark.parametrize(
    ("replaces", "per_kilogram"),
    [("coal_hydrogen", 19), ("gas_hydrogen", 10), ("diesel", 4 * 2.6)],
)
def test_hydrogen_by_hand(replaces, per_kilogram):
    # 500 t alkaline · 50 kWh/kg + 250 t PEM · 60 kWh/kg = 40 GWh
    found = hydrogen("dedicated", replaces)
    assert year(found, "replaced_emissions") == pytest.approx(750 * per_kilogram)
    assert year(found, "grid_emissions") == 0
    assert year(found, "embodied_emissions") == pytest.approx(-40_000 * 0.03)
    grid = hydrogen("grid", replaces)
    assert year(grid, "replaced_emissions") == pytest.approx(750 * per_kilogram)
    assert year(grid, "grid_emissions") == pytest.approx(-40_000 * 0.5)
    assert year(grid, "embodied_emissions") == 0


GRID_2023 = 0.4671  # kg CO2/kWh, Jilin, average (notice 2025 No. 47)


def central(name):
    """Return the central values of a coefficient of the configured table."""
    file = find_project(Path(__file__)).configs / "technologies" / "green_hydrogen.yaml"
    entry = read_yaml(file).content[name]
    return {label: cell["value"] for label, cell in entry.get("values", {"": entry}).items()}


@pytest.mark.parametrize("replaces", ["coal_hydrogen", "gas_hydrogen", "diesel"])
def test_hydrogen_of_todays_grid_is_worse_than_what_it_replaces(replaces):
    carbon = central("replaced_hydrogen_carbon")
    carbon["diesel"] = central("diesel_per_hydrogen")[""] * 2.60
    used = central("electricity_per_hydrogen")
    assert all(kilowatt_hours * GRID_2023 > carbon[replaces] for kilowatt_hours in used.values())


def test_hydrogen_breaks_even_where_electricity_times_factor_is_what_it_replaces():
    # 19 kg/kg / 50 kWh/kg = 0.38 kg/kWh
    shares = ((1.0, 0.0),)
    even = hydrogen("grid", shares=shares, electricity_factor=array(0.38, "kg CO2/kWh"))
    assert year(even, "replaced_emissions") + year(even, "grid_emissions") == pytest.approx(0)


def test_hydrogen_doubles_with_its_output_and_a_clean_grid_costs_none():
    one = hydrogen("grid")
    two = hydrogen("grid", planned_hydrogen_output=by_atom(2000, "t/yr"))
    for name in one:
        assert year(two, name) == pytest.approx(2 * year(one, name))
    clean = hydrogen("grid", electricity_factor=array(0, "kg CO2/kWh"))
    assert year(clean, "grid_emissions") == 0
