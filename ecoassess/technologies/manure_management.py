"""Treatment of manure: methane and N2O of stores, biogas for power, and what fields receive."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.field_components import field_nitrous_oxide, manure_emissions, soil_carbon
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="畜禽粪便管理与资源化",
    sector="livestock",
    components={
        **manure_emissions("reduction"),
        **field_nitrous_oxide("side_effect"),
        **soil_carbon("side_effect"),
        "biogas_electricity": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            month_share="day_share",
            zh="沼气发电替代电网排放",
        ),
    },
    adopts=("manure_treatment_share",),
    methods={"biogas_use": ("power", "flare")},
    paint=("cropland", "land"),
    paint_proxy="herds",
    per={
        "animal_stock": (*manure_emissions("reduction"), "biogas_electricity"),
        "nitrogen_excretion": tuple(manure_emissions("reduction")),
    },
)
def manure_management(
    manure_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    manure_direct_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    manure_volatilised_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    manure_leached_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    direct_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    volatilised_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    leached_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    soil_carbon_gain: Annotated[xr.DataArray, Unit("t C/yr")],
    biogas_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    methane_heating_value: Annotated[xr.DataArray, Unit("MJ/kg CH4_biogenic")],
    electric_efficiency: Annotated[xr.DataArray, Unit("1")],
    own_use_share: Annotated[xr.DataArray, Unit("1")],
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    biogas_use: str,
) -> Result:
    """Emissions of manure and manured fields in a state of treatment, and power from biogas.

    Formula
    -------
    ::

        what is emitted = −CH4, −N2O of each path
        what the fields take up = ΔC
        power for the grid    CO2 = CH4_biogas · H · η (1 − own use) · EF_grid

    Symbols
    -------
    manure_methane (by animal and month) and manure_*_nitrous_oxide (by animal) from the model
    manure; *_nitrous_oxide of fields (by source of nitrogen) from field_nitrogen; soil_carbon_gain
    ΔC from cropland_carbon; biogas_methane CH4_biogas, methane_heating_value H, electric_efficiency
    η by `biogas_use` (0 where it is flared), own_use_share, electricity_factor EF_grid.

    Source
    ------
    IPCC 2019 Refinement Vol. 4 Ch. 10 (see the models). Power: heating value times efficiency.

    Validity
    --------
    Digestate and compost go the way of manure, to fields by the share of topsoil_carbon. A digester
    that needs its gas for heat in winter has less for power: `own_use_share`. What flares leave
    unburned, building of plants, carting and bedding are left out; so are heat, gas for stoves and
    upstream emissions of the grid power displaced.
    """
    electricity = (
        biogas_methane
        * methane_heating_value
        * electric_efficiency.sel(use=biogas_use, drop=True)
        * (1 - own_use_share)
    )
    return {
        "manure_methane": -manure_methane,
        "manure_direct_nitrous_oxide": -manure_direct_nitrous_oxide,
        "manure_volatilised_nitrous_oxide": -manure_volatilised_nitrous_oxide,
        "manure_leached_nitrous_oxide": -manure_leached_nitrous_oxide,
        "direct_nitrous_oxide": -direct_nitrous_oxide,
        "volatilised_nitrous_oxide": -volatilised_nitrous_oxide,
        "leached_nitrous_oxide": -leached_nitrous_oxide,
        "soil_carbon_gain": soil_carbon_gain,
        "biogas_electricity": electricity * electricity_factor,
    }
