"""Power from straw."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
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
    per={"straw_supply": ()},
)
def biomass_power(
    straw_supply: Annotated[xr.DataArray, Unit("t dm/yr")],
    straw_power_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    net_calorific_value: Annotated[xr.DataArray, Unit("GJ/t dm")],
    net_efficiency: Annotated[xr.DataArray, Unit("1")],
    methane_per_energy: Annotated[xr.DataArray, Unit("kg CH4_biogenic/TJ")],
    nitrous_oxide_per_energy: Annotated[xr.DataArray, Unit("kg N2O/TJ")],
    diesel_per_straw: Annotated[xr.DataArray, Unit("L/t dm")],
    diesel_factor: Annotated[xr.DataArray, Unit("kg CO2/L")],
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    full_load_hours: Annotated[xr.DataArray, Unit("h/yr")],
    embodied_carbon: Annotated[xr.DataArray, Unit("kg CO2/kW")],
    cohort_length: Annotated[xr.DataArray, Unit("yr")],
) -> Result:
    """Grid emissions avoided, and what straw power emits, by crop, in a state of straw use.

    Formula
    -------
    ::

        straw burned      B = S · Σ_k s_k                                   cohorts k
        fuel energy       Q = B · NCV
        avoided           Q · η · electricity factor
        CH4, N2O          −Q · EF
        collection        −B · diesel per straw · diesel factor
        embodied          −S · NCV · η / H · Σ_k s_k [n_k = 0] / 1 yr · embodied carbon

    Symbols
    -------
    straw_supply S collectable straw, straw_power_share s (cohort, crop) share of it that came to
    power stations in a year, net_calorific_value NCV, net_efficiency η electricity sent out over
    fuel energy (the station's own use is taken off), full_load_hours H, cohort_age n.

    Source
    ------
    IPCC 2006 Vol. 2 eq. 2.1 and Table 2.2 (energy industries, other primary solid biomass).

    Validity
    --------
    CO2 of straw is not counted, since it was taken up in the year. Straw is claimed: what is burned
    for power is not returned, fed or burned in the field, and those effects stand with their own
    technologies. Left out: heat from co-generation, ash returned as fertiliser, losses and fires
    in stores, CO2 of lime. Wood is no fuel here: no harvest is known for the counties.
    """
    energy_supply = straw_supply * net_calorific_value
    level = straw_power_share.sum("cohort")
    straw_burned, fuel_energy = straw_supply * level, energy_supply * level

    new_share = (straw_power_share * (cohort_age < cohort_length)).sum("cohort")
    new_capacity = energy_supply * new_share * net_efficiency / full_load_hours / cohort_length
    return {
        "avoided_grid_emissions": fuel_energy * net_efficiency * electricity_factor,
        "combustion_methane": -fuel_energy * methane_per_energy,
        "combustion_nitrous_oxide": -fuel_energy * nitrous_oxide_per_energy,
        "collection_fuel": -straw_burned * diesel_per_straw * diesel_factor,
        "embodied_emissions": -new_capacity * embodied_carbon,
    }
