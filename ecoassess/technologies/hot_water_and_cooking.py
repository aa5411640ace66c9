"""Cleaner hot water and cooking in households."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.technology import ROOFS, SETTLED, Component, technology
from ecoassess.units import Unit


@technology(
    zh="生活热水与炊事",
    sector="building",
    components={
        "household_carbon_dioxide": Component(
            "t CO2/yr", basis="effect", account="reduction", zh="热水炊事二氧化碳排放"
        ),
        "household_fossil_methane": Component(
            "t CH4_fossil/yr", basis="effect", account="reduction", zh="热水炊事化石燃料甲烷排放"
        ),
        "household_biogenic_methane": Component(
            "t CH4_biogenic/yr", basis="effect", account="reduction", zh="热水炊事生物质甲烷排放"
        ),
        "household_nitrous_oxide": Component(
            "t N2O/yr", basis="effect", account="reduction", zh="热水炊事氧化亚氮排放"
        ),
        "household_upstream_methane": Component(
            "t CH4_fossil/yr",
            basis="effect",
            account="reduction",
            boundary="upstream",
            zh="热水炊事燃料及用电上游甲烷排放",
        ),
        "household_upstream_carbon_dioxide": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            boundary="upstream",
            zh="热水炊事燃料及用电上游二氧化碳排放",
        ),
        "biogas_power_forgone": Component(
            "t CO2/yr",
            basis="effect",
            account="side_effect",
            month_share="day_share",
            zh="炊用沼气放弃的发电减排",
        ),
    },
    adopts=(
        "solar_water_share",
        "heat_pump_water_share",
        "electric_water_share",
        "biogas_cooking_share",
        "electric_cooking_share",
    ),
    claims={
        "hot_water": ("solar_water_share", "heat_pump_water_share", "electric_water_share"),
        "cooking": ("biogas_cooking_share", "electric_cooking_share"),
    },
    takes={"roof": ("collector_area",), "biogas": ("cooking_biogas",)},
    methods={"biogas_use": ("power", "flare")},
    paint=SETTLED,
    paint_weight=ROOFS,
    per={"households": ()},
)
def hot_water_and_cooking(
    hot_water_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
    hot_water_fossil_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    hot_water_biogenic_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    hot_water_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    hot_water_upstream_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    hot_water_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
    cooking_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
    cooking_fossil_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    cooking_biogenic_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    cooking_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    cooking_upstream_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    cooking_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
    cooking_biogas: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    methane_heating_value: Annotated[xr.DataArray, Unit("MJ/kg CH4_biogenic")],
    electric_efficiency: Annotated[xr.DataArray, Unit("1")],
    own_use_share: Annotated[xr.DataArray, Unit("1")],
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    biogas_use: str,
) -> Result:
    """Emissions of hot water and cooking in a state of their sources.

    Formula
    -------
    ::

        component = −(emission of hot water + emission of cooking), by gas and boundary
        power forgone = −CH4_biogas · H · η (1 − own use) · EF_grid

    Symbols
    -------
    hot_water_* and cooking_* of the models hot_water and cooking, by dwelling and month;
    cooking_biogas CH4_biogas burned in kitchens, methane_heating_value H, electric_efficiency η by
    `biogas_use` (0 where it is flared) and own_use_share of the plants that it comes from.

    Source
    ------
    The docstrings of the models name equations and sources.

    Validity
    --------
    As the models. Biogas comes from the digesters of manure_management, whose power is credited
    there as if all their gas went to engines: what kitchens take is charged here, so that no gas
    counts twice; upstream of that power is left out in both. `biogas_use` must be as there. Gas
    that digesters lose is counted there.
    """
    electricity = (
        cooking_biogas
        * methane_heating_value
        * electric_efficiency.sel(use=biogas_use, drop=True)
        * (1 - own_use_share)
    )
    return {
        "household_carbon_dioxide": -(hot_water_carbon_dioxide + cooking_carbon_dioxide),
        "household_fossil_methane": -(hot_water_fossil_methane + cooking_fossil_methane),
        "household_biogenic_methane": -(hot_water_biogenic_methane + cooking_biogenic_methane),
        "household_nitrous_oxide": -(hot_water_nitrous_oxide + cooking_nitrous_oxide),
        "household_upstream_methane": -(hot_water_upstream_methane + cooking_upstream_methane),
        "household_upstream_carbon_dioxide": -(
            hot_water_upstream_carbon_dioxide + cooking_upstream_carbon_dioxide
        ),
        "biogas_power_forgone": -electricity * electricity_factor,
    }
