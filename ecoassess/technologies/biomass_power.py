"""Power from straw."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.power_components import avoided_upstream
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="生物质发电",
    sector="energy",
    components={
        "avoided_grid_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            month_share="day_share",
            zh="替代电网排放",
        ),
        "combustion_methane": Component(
            "t CH4_biogenic/yr",
            basis="effect",
            account="side_effect",
            month_share="day_share",
            zh="燃烧甲烷排放",
        ),
        "combustion_nitrous_oxide": Component(
            "t N2O/yr",
            basis="effect",
            account="side_effect",
            month_share="day_share",
            zh="燃烧氧化亚氮排放",
        ),
        "collection_fuel": Component(
            "t CO2/yr",
            basis="effect",
            account="side_effect",
            month_share="day_share",
            zh="秸秆收储运燃油排放",
        ),
        **avoided_upstream("day_share"),
        "embodied_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="side_effect",
            boundary="embodied",
            month_share="day_share",
            zh="电厂建设隐含排放",
        ),
    },
    adopts=("straw_power_share",),
    claims={"straw": "straw_power_share"},
    paint=("cropland", "land"),
    paint_proxy="straw, not the plant",
    per={"straw_supply": ()},
)
def biomass_power(
    straw_power_supply: Annotated[xr.DataArray, Unit("t dm/yr")],
    straw_power_fuel: Annotated[xr.DataArray, Unit("GJ/yr")],
    straw_power_generation: Annotated[xr.DataArray, Unit("kWh/yr")],
    new_straw_power_capacity: Annotated[xr.DataArray, Unit("kW/yr")],
    methane_per_energy: Annotated[xr.DataArray, Unit("kg CH4_biogenic/TJ")],
    nitrous_oxide_per_energy: Annotated[xr.DataArray, Unit("kg N2O/TJ")],
    diesel_per_straw: Annotated[xr.DataArray, Unit("L/t dm")],
    diesel_factor: Annotated[xr.DataArray, Unit("kg CO2/L")],
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    electricity_upstream_methane: Annotated[xr.DataArray, Unit("kg CH4_fossil/kWh")],
    electricity_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    embodied_carbon: Annotated[xr.DataArray, Unit("kg CO2/kW")],
) -> Result:
    """Grid emissions avoided, and what straw power emits, by crop, in a state of straw use.

    Formula
    -------
    ::

        avoided           generation · electricity factor
        avoided upstream  generation · upstream factor of grid power    CH4 and CO2
        CH4, N2O          −Q · EF
        collection        −B · diesel per straw · diesel factor
        embodied          −(new capacity) · embodied carbon

    Symbols
    -------
    Of the model straw_power, by crop: straw_power_supply B, straw_power_fuel Q,
    straw_power_generation, new_straw_power_capacity of the year; electricity_upstream_* of the coal
    behind grid power (grid_power).

    Source
    ------
    IPCC 2006 Vol. 2 eq. 2.1 and Table 2.2 (energy industries, other primary solid biomass).

    Validity
    --------
    CO2 of straw is not counted, since it was taken up in the year. Straw is claimed: what is burned
    for power is not returned, fed or burned in the field, and those effects stand with their own
    technologies. Left out: heat from co-generation, ash returned as fertiliser, losses and fires
    in stores, CO2 of lime.
    """
    return {
        "avoided_grid_emissions": straw_power_generation * electricity_factor,
        "avoided_upstream_methane": straw_power_generation * electricity_upstream_methane,
        "avoided_upstream_carbon_dioxide": straw_power_generation
        * electricity_upstream_carbon_dioxide,
        "combustion_methane": -straw_power_fuel * methane_per_energy,
        "combustion_nitrous_oxide": -straw_power_fuel * nitrous_oxide_per_energy,
        "collection_fuel": -straw_power_supply * diesel_per_straw * diesel_factor,
        "embodied_emissions": -new_straw_power_capacity * embodied_carbon,
    }
