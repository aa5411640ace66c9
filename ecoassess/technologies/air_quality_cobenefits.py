"""Air pollutants that the technologies of heat, burning and power avoid together."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, side_by_side
from ecoassess.models.household_fuel import emitted
from ecoassess.technology import ROOFS, SETTLED, Component, technology
from ecoassess.units import Unit

MONTHS = "heat and power by month, fires by the burning season, straw power by days"


def avoided(unit: str, zh: str) -> Component:
    """Return a component of one pollutant; its labels are the sources of pollution."""
    return Component(unit, basis="effect", account="co_benefit", month_basis=MONTHS, zh=zh)


@technology(
    zh="大气污染物协同减排",
    sector="environment",
    components={
        "sulfur_dioxide": avoided("t SO2/yr", "二氧化硫减排"),
        "nitrogen_oxides": avoided("t NOx_as_NO2/yr", "氮氧化物减排（以NO2计）"),
        "fine_particles": avoided("t PM2_5/yr", "一次PM2.5减排"),
        "carbon_monoxide": avoided("t CO/yr", "一氧化碳减排"),
    },
    joint=True,
    paint=SETTLED,
    paint_weight=ROOFS,
    paint_proxy="population",
    per={"residential_floor_area": ()},
)
def air_quality_cobenefits(
    heating_fuel: Annotated[xr.DataArray, Unit("GJ/yr")],
    hot_water_fuel: Annotated[xr.DataArray, Unit("GJ/yr")],
    cooking_fuel: Annotated[xr.DataArray, Unit("GJ/yr")],
    straw_fire_sulfur_dioxide: Annotated[xr.DataArray, Unit("t SO2/yr")],
    straw_fire_nitrogen_oxides: Annotated[xr.DataArray, Unit("t NOx/yr")],
    straw_fire_fine_particles: Annotated[xr.DataArray, Unit("t PM2_5/yr")],
    straw_fire_carbon_monoxide: Annotated[xr.DataArray, Unit("t CO/yr")],
    straw_power_fuel: Annotated[xr.DataArray, Unit("GJ/yr")],
    thermal_power_saved: Annotated[xr.DataArray, Unit("kWh/yr")],
    straw_burning_share: Annotated[xr.DataArray, Unit("1")],
    day_share: Annotated[xr.DataArray, Unit("1")],
    sulfur_dioxide_factor: Annotated[xr.DataArray, Unit("kg SO2/GJ")],
    nitrogen_oxides_factor: Annotated[xr.DataArray, Unit("kg NOx_as_NO2/GJ")],
    fine_particles_factor: Annotated[xr.DataArray, Unit("kg PM2_5/GJ")],
    carbon_monoxide_factor: Annotated[xr.DataArray, Unit("kg CO/GJ")],
    straw_power_sulfur_dioxide: Annotated[xr.DataArray, Unit("kg SO2/GJ")],
    straw_power_nitrogen_oxides: Annotated[xr.DataArray, Unit("kg NOx_as_NO2/GJ")],
    straw_power_fine_particles: Annotated[xr.DataArray, Unit("kg PM2_5/GJ")],
    straw_power_carbon_monoxide: Annotated[xr.DataArray, Unit("kg CO/GJ")],
    thermal_sulfur_dioxide: Annotated[xr.DataArray, Unit("g SO2/kWh")],
    thermal_nitrogen_oxides: Annotated[xr.DataArray, Unit("g NOx_as_NO2/kWh")],
    thermal_fine_particles: Annotated[xr.DataArray, Unit("g PM2_5/kWh")],
    thermal_carbon_monoxide: Annotated[xr.DataArray, Unit("g CO/kWh")],
) -> Result:
    """Air pollution in one state, as less than none, by source and month.

    Formula
    -------
    For each pollutant p::

        heating         −Σ_s fuel_s(month) · EF_p,s              burners s, heat of dwellings
        household_fuel  −Σ_s fuel_s(month) · EF_p,s              hot water and cooking
        open_burning    −Σ_c fire_p,c · burning season(month)    crops c
        straw_power     −Σ_c Q_c · d(month) · EF_p
        grid_power      Σ_u thermal power saved_u(month) · EF_p  plants and users u

    What is reported is the difference that all technologies before this one make together.
    Negative means more pollution: pellet boilers where a clean heat plant stood, heat on the grid.

    Symbols
    -------
    heating_fuel, hot_water_fuel, cooking_fuel of heat_supply, hot_water, cooking; straw_fire_* of
    straw_burning, spread over the months by straw_burning_share; straw_power_fuel Q of straw_power,
    by day_share d; thermal_power_saved of thermal_power; *_factor, straw_power_*, thermal_* the
    factors EF. Nitrogen oxides are counted as NO2 as in China's inventories; the fires' factors, as
    NO, are converted.

    Source
    ------
    Activity × emission factor, as in the EMEP/EEA guidebook (2019) and in China's guides for
    emission inventories of cities. The factors name their own sources.

    Validity
    --------
    A co-benefit in tonnes of each pollutant: pollutants are not added to each
    other nor to CO2e. Primary PM2.5, without what forms from gases in the air. Tonnes set free, not
    concentrations: a tonne from a stove at breathing height harms more than one from a stack. Grid
    power is saved where the thermal plants stand, mostly outside the county. Cogeneration has the
    part of its fuel that the run's rule gives to heat. Left out: electricity of sewage, waste,
    digesters and hydrogen, dust of carting, ammonia, volatile organic compounds, soot.
    """
    fires = {
        "sulfur_dioxide": straw_fire_sulfur_dioxide,
        "nitrogen_oxides": straw_fire_nitrogen_oxides,
        "fine_particles": straw_fire_fine_particles,
        "carbon_monoxide": straw_fire_carbon_monoxide,
    }
    factors = {
        "sulfur_dioxide": (
            sulfur_dioxide_factor,
            straw_power_sulfur_dioxide,
            thermal_sulfur_dioxide,
        ),
        "nitrogen_oxides": (
            nitrogen_oxides_factor,
            straw_power_nitrogen_oxides,
            thermal_nitrogen_oxides,
        ),
        "fine_particles": (
            fine_particles_factor,
            straw_power_fine_particles,
            thermal_fine_particles,
        ),
        "carbon_monoxide": (
            carbon_monoxide_factor,
            straw_power_carbon_monoxide,
            thermal_carbon_monoxide,
        ),
    }
    straw_fuel = straw_power_fuel.sum("crop", skipna=False) * day_share
    thermal_saved = thermal_power_saved.sum("grid_user", skipna=False)

    def by_source(pollutant: str) -> xr.DataArray:
        of_burner, of_straw_power, of_thermal = factors[pollutant]
        parts = {
            "heating": -emitted(heating_fuel, of_burner),
            "household_fuel": -emitted(hot_water_fuel, of_burner)
            - emitted(cooking_fuel, of_burner),
            "open_burning": -fires[pollutant].sum("crop", skipna=False) * straw_burning_share,
            "straw_power": -straw_fuel * of_straw_power,
            "grid_power": thermal_saved * of_thermal,
        }
        return side_by_side(parts, "pollution_source")

    return {pollutant: by_source(pollutant) for pollutant in factors}
