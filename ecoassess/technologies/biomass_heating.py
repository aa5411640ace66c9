"""Biomass boilers for the heat of dwellings."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.heating_components import heating_emissions
from ecoassess.technology import ROOFS, SETTLED, technology
from ecoassess.units import Unit


@technology(
    zh="生物质供暖",
    sector="building",
    components=heating_emissions("side_effect"),
    adopts=("biomass_heating_share",),
    claims={"heat_demand": "biomass_heating_share"},
    takes={"straw": ("pellet_straw",), "wood": ("pellet_wood",)},
    paint=SETTLED,
    paint_weight=ROOFS,
    per={"useful_heat": ()},
)
def biomass_heating(
    heating_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
    heating_fossil_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    heating_biogenic_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    heating_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    heating_upstream_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    heating_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
) -> Result:
    """Emissions of dwelling heat in a state of pellet boilers.

    Formula
    -------
    ::

        component = −(emission of the heat supply), by gas and boundary

    Symbols
    -------
    heating_* of the model heat_supply, by dwelling and month, where biomass_heating_share is the
    share of each kind of dwelling's heat (after retrofit) that pellet boilers take over.

    Source
    ------
    The docstrings of heat_supply and heat_demand name equations and sources.

    Validity
    --------
    As the models. Carbon dioxide of straw and residual wood counts as 0: felling for pellets
    would count with the forest. The straw in the pellets (pellet_feedstock) is taken of the straw
    that can be collected.
    Dwellings that burn firewood today save methane, others add it.
    """
    return {
        "heating_carbon_dioxide": -heating_carbon_dioxide,
        "heating_fossil_methane": -heating_fossil_methane,
        "heating_biogenic_methane": -heating_biogenic_methane,
        "heating_nitrous_oxide": -heating_nitrous_oxide,
        "heating_upstream_methane": -heating_upstream_methane,
        "heating_upstream_carbon_dioxide": -heating_upstream_carbon_dioxide,
    }
