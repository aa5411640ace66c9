"""Ground source heat pumps for the heat of dwellings."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.heating_components import heating_emissions
from ecoassess.technology import ROOFS, SETTLED, technology
from ecoassess.units import Unit


@technology(
    zh="地热能（地源热泵）供暖",
    sector="building",
    components=heating_emissions(),
    adopts=("geothermal_heating_share",),
    claims={"heat_demand": "geothermal_heating_share"},
    paint=SETTLED,
    paint_weight=ROOFS,
    per={"useful_heat": ()},
)
def geothermal_heating(
    heating_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
    heating_fossil_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    heating_biogenic_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    heating_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    heating_upstream_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    heating_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
) -> Result:
    """Emissions of dwelling heat in a state of ground source heat pumps.

    Formula
    -------
    ::

        component = −(emission of the heat supply), by gas and boundary

    Symbols
    -------
    heating_* of the model heat_supply, by dwelling and month, where geothermal_heating_share is
    the share of each kind of dwelling's heat (after retrofit) that ground source heat pumps take
    over.

    Source
    ------
    The docstrings of heat_supply, heat_pump_performance and heat_demand name equations and sources.

    Validity
    --------
    As the models, with brine at one temperature all winter: a field that is drained of heat
    year by year gets colder. Hot springs used without a heat pump are left out, as are drilling
    and refrigerant.
    """
    return {
        "heating_carbon_dioxide": -heating_carbon_dioxide,
        "heating_fossil_methane": -heating_fossil_methane,
        "heating_biogenic_methane": -heating_biogenic_methane,
        "heating_nitrous_oxide": -heating_nitrous_oxide,
        "heating_upstream_methane": -heating_upstream_methane,
        "heating_upstream_carbon_dioxide": -heating_upstream_carbon_dioxide,
    }
