"""Natural gas boilers for the heat of dwellings."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.heating_components import heating_emissions
from ecoassess.technology import ROOFS, SETTLED, technology
from ecoassess.units import Unit


@technology(
    zh="燃气供暖",
    sector="building",
    components=heating_emissions(),
    adopts=("gas_heating_share",),
    claims={"heat_demand": "gas_heating_share"},
    paint=SETTLED,
    paint_weight=ROOFS,
    per={"useful_heat": ()},
)
def gas_heating(
    heating_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
    heating_fossil_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    heating_biogenic_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    heating_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    heating_upstream_methane: Annotated[xr.DataArray, Unit("t CH4_fossil/yr")],
    heating_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("t CO2/yr")],
) -> Result:
    """Emissions of dwelling heat in a state of natural gas boilers.

    Formula
    -------
    ::

        component = −(emission of the heat supply), by gas and boundary

    Symbols
    -------
    heating_* of the model heat_supply, by dwelling and month, where gas_heating_share is the
    share of each kind of dwelling's heat (after retrofit) that condensing gas boilers take over.

    Source
    ------
    The docstrings of heat_supply and heat_demand name equations and sources.

    Validity
    --------
    As the models. Methane lost between well and burner is in the upstream boundary and hangs
    on where the gas comes from. Left out: pipes that would have to be built.
    """
    return {
        "heating_carbon_dioxide": -heating_carbon_dioxide,
        "heating_fossil_methane": -heating_fossil_methane,
        "heating_biogenic_methane": -heating_biogenic_methane,
        "heating_nitrous_oxide": -heating_nitrous_oxide,
        "heating_upstream_methane": -heating_upstream_methane,
        "heating_upstream_carbon_dioxide": -heating_upstream_carbon_dioxide,
    }
