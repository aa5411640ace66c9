"""Cooking of households by fuel and electricity."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.models.household_fuel import emitted, options, replaced
from ecoassess.units import Unit


@model(
    zh="炊事",
    returns={
        "cooking_heat": "GJ/yr",
        "cooking_biogas": "t CH4_biogenic/yr",
        "cooking_fuel": "GJ/yr",
        "cooking_electricity": "kWh/yr",
        "cooking_carbon_dioxide": "t CO2/yr",
        "cooking_fossil_methane": "t CH4_fossil/yr",
        "cooking_biogenic_methane": "t CH4_biogenic/yr",
        "cooking_nitrous_oxide": "t N2O/yr",
        "cooking_upstream_methane": "t CH4_fossil/yr",
        "cooking_upstream_carbon_dioxide": "t CO2/yr",
    },
)
def cooking(
    households: Annotated[xr.DataArray, Unit("household")],
    household_size: Annotated[xr.DataArray, Unit("person/household")],
    household_share: Annotated[xr.DataArray, Unit("1")],
    day_share: Annotated[xr.DataArray, Unit("1")],
    biogas_cooking_share: Annotated[xr.DataArray, Unit("1")],
    electric_cooking_share: Annotated[xr.DataArray, Unit("1")],
    cooking_energy: Annotated[xr.DataArray, Unit("GJ/person/yr")],
    cooking_weight: Annotated[xr.DataArray, Unit("1")],
    stove_efficiency: Annotated[xr.DataArray, Unit("1")],
    electric_stove_efficiency: Annotated[xr.DataArray, Unit("1")],
    methane_heating_value: Annotated[xr.DataArray, Unit("MJ/kg CH4_biogenic")],
    carbon_dioxide_factor: Annotated[xr.DataArray, Unit("kg CO2/GJ")],
    fossil_methane_factor: Annotated[xr.DataArray, Unit("kg CH4_fossil/GJ")],
    biogenic_methane_factor: Annotated[xr.DataArray, Unit("kg CH4_biogenic/GJ")],
    nitrous_oxide_factor: Annotated[xr.DataArray, Unit("kg N2O/GJ")],
    upstream_methane_factor: Annotated[xr.DataArray, Unit("kg CH4_fossil/GJ")],
    upstream_carbon_dioxide_factor: Annotated[xr.DataArray, Unit("kg CO2/GJ")],
    monthly_electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    electricity_upstream_methane: Annotated[xr.DataArray, Unit("kg CH4_fossil/kWh")],
    electricity_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
) -> Result:
    """Fuel, electricity and emissions of cooking in a state of its sources.

    Formula
    -------
    For the households N_d of dwelling d in month m, days of the month as a share μ of the year::

        useful            Q_d = N_d p q μ
        fuel              F_s = Σ_d Q_d share_ds / η_s,     electricity  Q_d share_d / η_e
        share_s           w_s (1 − Σ_o x_o) + [s = o] x_o,     w_s = v_s / Σ v
        emission          Σ_s F_s · factor_s,     CO2 and upstream + electricity · grid's factor
        methane of biogas F_biogas / H

    Symbols
    -------
    households N, of which household_share in dwelling d are N_d, household_size p, cooking_energy q
    into the pot, cooking_weight v of today's
    sources, biogas_cooking_share and electric_cooking_share x of a dwelling's households,
    stove_efficiency η_s (net calorific value), electric_stove_efficiency η_e,
    methane_heating_value H; monthly_electricity_factor and electricity_upstream_* of the grid
    (grid_power). Returns emissions, useful heat and electricity by dwelling and month
    (positive), fuel by source and month, cooking_biogas of the year.

    Source
    ------
    Useful energy per person: Daioglou, van Ruijven and van Vuuren (2012). Emissions: IPCC 2006
    Vol. 2 eq. 2.1.

    Validity
    --------
    A household's main source stands for all its cooking. Carbon dioxide of wood, straw and biogas
    counts as 0; wood cut beyond growth is left out. A stove that heats a kang burns in the heating
    season whether or not it cooks: its efficiency here is of the fuel charged to cooking. Left out:
    fodder cooked for animals, eating out, pipes' leaks, embodied carbon.
    """
    useful = households * household_share * household_size * cooking_energy * day_share
    share = replaced(
        cooking_weight,
        options(biogas_burner=biogas_cooking_share, electric_cooker=electric_cooking_share),
    )
    by_current = share.sel(heat_source="electric_cooker", drop=True)
    electricity = useful * by_current / electric_stove_efficiency
    stoves = share.sel(heat_source=stove_efficiency["heat_source"])
    fuel = useful * stoves / stove_efficiency
    biogas = fuel.sel(heat_source="biogas_burner", drop=True).sum(
        ["dwelling", "month"], skipna=False
    )
    return {
        "cooking_heat": useful,
        "cooking_biogas": biogas / methane_heating_value,
        "cooking_fuel": fuel.sum("dwelling", skipna=False),
        "cooking_electricity": electricity,
        "cooking_carbon_dioxide": emitted(fuel, carbon_dioxide_factor)
        + electricity * monthly_electricity_factor,
        "cooking_fossil_methane": emitted(fuel, fossil_methane_factor),
        "cooking_biogenic_methane": emitted(fuel, biogenic_methane_factor),
        "cooking_nitrous_oxide": emitted(fuel, nitrous_oxide_factor),
        "cooking_upstream_methane": emitted(fuel, upstream_methane_factor)
        + electricity * electricity_upstream_methane,
        "cooking_upstream_carbon_dioxide": emitted(fuel, upstream_carbon_dioxide_factor)
        + electricity * electricity_upstream_carbon_dioxide,
    }
