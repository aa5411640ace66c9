"""Hot water of households by source: solar, heat pump, electricity and fuel."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.models.collector_irradiation import collector_irradiation
from ecoassess.models.heat_bins import temperature_bins
from ecoassess.models.household_fuel import emitted, options, replaced
from ecoassess.units import Unit


@model(
    zh="生活热水",
    returns={
        "hot_water_heat": "GJ/yr",
        "collector_area": "m^2",
        "hot_water_fuel": "GJ/yr",
        "hot_water_electricity": "kWh/yr",
        "hot_water_carbon_dioxide": "t CO2/yr",
        "hot_water_fossil_methane": "t CH4_fossil/yr",
        "hot_water_biogenic_methane": "t CH4_biogenic/yr",
        "hot_water_nitrous_oxide": "t N2O/yr",
        "hot_water_upstream_methane": "t CH4_fossil/yr",
        "hot_water_upstream_carbon_dioxide": "t CO2/yr",
    },
    methods={"winter_use": ("protected", "drained")},
    only_with={"protected": ("frost_protection",)},
)
def hot_water(
    households: Annotated[xr.DataArray, Unit("household")],
    household_size: Annotated[xr.DataArray, Unit("person/household")],
    household_share: Annotated[xr.DataArray, Unit("1")],
    monthly_temperature: Annotated[xr.DataArray, Unit("K")],
    horizontal_irradiation: Annotated[xr.DataArray, Unit("kWh/m^2/yr")],
    day_share: Annotated[xr.DataArray, Unit("1")],
    solar_water_share: Annotated[xr.DataArray, Unit("1")],
    heat_pump_water_share: Annotated[xr.DataArray, Unit("1")],
    electric_water_share: Annotated[xr.DataArray, Unit("1")],
    hot_water_use: Annotated[xr.DataArray, Unit("L/person/yr")],
    water_heat_capacity: Annotated[xr.DataArray, Unit("kJ/L/K")],
    hot_water_temperature: Annotated[xr.DataArray, Unit("K")],
    cold_water_temperature: Annotated[xr.DataArray, Unit("K")],
    hot_water_weight: Annotated[xr.DataArray, Unit("1")],
    water_heating_efficiency: Annotated[xr.DataArray, Unit("1")],
    storage_efficiency: Annotated[xr.DataArray, Unit("1")],
    area_per_household: Annotated[xr.DataArray, Unit("m^2/household")],
    collector_latitude: Annotated[xr.DataArray, Unit("degree")],
    collector_tilt: Annotated[xr.DataArray, Unit("degree")],
    collector_albedo: Annotated[xr.DataArray, Unit("1")],
    optical_efficiency: Annotated[xr.DataArray, Unit("1")],
    collector_loss: Annotated[xr.DataArray, Unit("W/m^2/K")],
    collector_hours: Annotated[xr.DataArray, Unit("h/yr")],
    collected_to_tap: Annotated[xr.DataArray, Unit("1")],
    frost_temperature: Annotated[xr.DataArray, Unit("K")],
    frost_protection: Annotated[xr.DataArray, Unit("kWh/household/yr")],
    temperature_spread: Annotated[xr.DataArray, Unit("K")],
    performance_constant: Annotated[xr.DataArray, Unit("1")],
    performance_slope: Annotated[xr.DataArray, Unit("1/K")],
    performance_square: Annotated[xr.DataArray, Unit("1/K^2")],
    performance_correction: Annotated[xr.DataArray, Unit("1")],
    smallest_lift: Annotated[xr.DataArray, Unit("K")],
    cut_off_temperature: Annotated[xr.DataArray, Unit("K")],
    carbon_dioxide_factor: Annotated[xr.DataArray, Unit("kg CO2/GJ")],
    fossil_methane_factor: Annotated[xr.DataArray, Unit("kg CH4_fossil/GJ")],
    biogenic_methane_factor: Annotated[xr.DataArray, Unit("kg CH4_biogenic/GJ")],
    nitrous_oxide_factor: Annotated[xr.DataArray, Unit("kg N2O/GJ")],
    upstream_methane_factor: Annotated[xr.DataArray, Unit("kg CH4_fossil/GJ")],
    upstream_carbon_dioxide_factor: Annotated[xr.DataArray, Unit("kg CO2/GJ")],
    monthly_electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    electricity_upstream_methane: Annotated[xr.DataArray, Unit("kg CH4_fossil/kWh")],
    electricity_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    winter_use: str,
) -> Result:
    """Heat, collectors, fuel, electricity and emissions of hot water in a state of its sources.

    Formula
    -------
    For a household of dwelling d in month m, days of the month as a share μ of the year::

        heat at the tap   D = p V_d c (T_hot − T_cold) μ
        collector         S = min(D, A_d ψ max(0, η_0 H_T − U max(0, T_hot − T) h μ))
        solar heater      e = (D − S) / η_t + [frozen] F μ
        electric heater   e = D / η_t
        heat pump         e = D / η_t · Σ_k w_k / COP_k,     COP_k = κ (a − b Δ_k + d Δ_k²)
        burner s          fuel = D / η_s

    H_T is the irradiation of the collector's plane (`collector_irradiation`). The lift Δ_k
    = T_hot − T_k on days k is held between its smallest and b / 2d, where the regression is
    lowest; below its cut-off the heat pump is a resistance heater. `winter_use` "protected":
    collectors work all year and take F for tapes and pumps while the month's mean is below the
    frost limit; "drained": S = 0 then. Options o take the share x_o of a dwelling's households from
    all of today's sources evenly::

        share_s = w_s (1 − Σ x_o) + [s = o] x_o,     w_s = v_s / Σ v
        emission = N_d Σ_s share_s fuel_s · factor_s,     CO2 and upstream + e · the grid's factor

    Symbols
    -------
    households N, of which household_share in dwelling d are N_d, household_size p, hot_water_use V,
    water_heat_capacity c, hot_water_temperature
    T_hot and cold_water_temperature T_cold, area_per_household A, optical_efficiency η_0,
    collector_loss U, collector_hours h, collected_to_tap ψ (pipes, tank, heat of sunny days that is
    not drawn), frost_temperature, frost_protection F as if frozen all year, storage_efficiency η_t
    of the tank, water_heating_efficiency η_s (net calorific value), hot_water_weight v,
    performance_* a, b, d, κ of the heat pump, monthly_temperature T; monthly_electricity_factor and
    electricity_upstream_* of the grid (grid_power). Returns emissions, heat and electricity by
    dwelling and month (positive), fuel by source and month, collector_area by dwelling.

    Source
    ------
    Collector: the linear law of Hottel and Whillier (1958), on monthly sums.
    Heat pump: Ruhnau, Hirth and Praktiknjo (2019). Emissions: IPCC 2006 Vol. 2 eq. 2.1.

    Validity
    --------
    The collector is capped at the demand of the household that has it, month by month: summer's
    heat is not kept for winter. Shares of households stand for shares of demand. The losses of
    tanks in heated rooms are not credited. The heat pump takes outdoor air: one that stands indoors
    takes heat of the room, which the heating must give back. Carbon dioxide of wood counts as 0;
    wood cut beyond growth is left out, and so are snow on collectors, embodied carbon, refrigerant
    and hot water from district heating.
    """
    number = households * household_share
    per_person = (
        hot_water_use * water_heat_capacity * (hot_water_temperature - cold_water_temperature)
    )
    demand = household_size * per_person * day_share

    plane = collector_irradiation(
        horizontal_irradiation, collector_latitude, collector_tilt, collector_albedo
    )
    above = hot_water_temperature - monthly_temperature
    above = above.where(~(above < 0 * above), 0 * above)
    collected = optical_efficiency * plane - collector_loss * above * collector_hours * day_share
    collected = collected.where(~(collected < 0 * collected), 0 * collected)
    supply = area_per_household * collected_to_tap * collected
    solar = supply.where(~(supply > demand), demand)
    frozen = 1 + 0 * monthly_temperature / frost_temperature
    frozen = frozen.where(monthly_temperature < frost_temperature, 0 * frozen)
    solar, protection = {
        "protected": (solar, frozen * frost_protection * day_share),
        "drained": (solar * (1 - frozen), 0 * solar),
    }[winter_use]

    temperature, weight = temperature_bins(monthly_temperature, temperature_spread)
    constant, slope, square = (
        each.sel(heat_source="air_heat_pump", drop=True)
        for each in (performance_constant, performance_slope, performance_square)
    )
    lift = hot_water_temperature - temperature
    lift = lift.where(~(lift < smallest_lift), smallest_lift)
    largest_lift = slope / (2 * square)
    lift = lift.where(~(lift > largest_lift), largest_lift)
    by_pump = 1 / (performance_correction * (constant - slope * lift + square * lift**2))
    by_pump = by_pump.where(~(temperature < cut_off_temperature), 1 + 0 * by_pump)

    share = replaced(
        hot_water_weight,
        options(
            solar_collector=solar_water_share,
            air_heat_pump=heat_pump_water_share,
            electric_heater=electric_water_share,
        ),
    )

    def of(source: str) -> xr.DataArray:
        return share.sel(heat_source=source, drop=True)

    from_tank = demand / storage_efficiency
    electricity = number * (
        of("electric_heater") * from_tank
        + of("air_heat_pump") * from_tank * xr.dot(weight, by_pump, dim="bin")
        + of("solar_collector") * ((demand - solar) / storage_efficiency + protection)
    )
    burners = share.sel(heat_source=water_heating_efficiency["heat_source"])
    fuel = number * demand * burners / water_heating_efficiency
    return {
        "hot_water_heat": number * demand,
        "collector_area": number * of("solar_collector") * area_per_household,
        "hot_water_fuel": fuel.sum("dwelling", skipna=False),
        "hot_water_electricity": electricity,
        "hot_water_carbon_dioxide": emitted(fuel, carbon_dioxide_factor)
        + electricity * monthly_electricity_factor,
        "hot_water_fossil_methane": emitted(fuel, fossil_methane_factor),
        "hot_water_biogenic_methane": emitted(fuel, biogenic_methane_factor),
        "hot_water_nitrous_oxide": emitted(fuel, nitrous_oxide_factor),
        "hot_water_upstream_methane": emitted(fuel, upstream_methane_factor)
        + electricity * electricity_upstream_methane,
        "hot_water_upstream_carbon_dioxide": emitted(fuel, upstream_carbon_dioxide_factor)
        + electricity * electricity_upstream_carbon_dioxide,
    }
