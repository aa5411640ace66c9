"""Manure on the field, cover crops and grass in rotation: carbon for the topsoil."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.field_components import field_nitrous_oxide, soil_carbon
from ecoassess.technology import technology
from ecoassess.units import Unit


@technology(
    zh="表层土壤固碳",
    sector="farmland",
    components={**soil_carbon(), **field_nitrous_oxide("side_effect")},
    adopts=("soil_practice_share", "manure_field_share"),
    claims={"manure": "manure_field_share"},
    paint=("cropland", "land"),
    per={"crop_area": ()},
)
def topsoil_carbon(
    soil_carbon_gain: Annotated[xr.DataArray, Unit("t C/yr")],
    direct_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    volatilised_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    leached_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
) -> Result:
    """Yearly soil carbon gain and N2O of the fields in a state of manuring and cover crops.

    Formula
    -------
    ::

        what the field takes up = ΔC
        what it emits = −(N2O by pathway)

    each by its model (cropland_carbon, field_nitrogen), where manure and green manure act on the
    carbon input and level of input, and manure on the nitrogen applied.

    Symbols
    -------
    soil_carbon_gain ΔC (t C by crop and month), *_nitrous_oxide by source of nitrogen. Emissions
    are negative.

    Source
    ------
    The models' docstrings name equations and tables.

    Validity
    --------
    As the models. Manure that is not brought to fields is taken as lost to them, and its nitrogen
    as emitting no field N2O: what it does elsewhere is left out, as are the fertiliser that manure
    replaces, the nitrogen that legumes fix, and carting.
    """
    return {
        "soil_carbon_gain": soil_carbon_gain,
        "direct_nitrous_oxide": -direct_nitrous_oxide,
        "volatilised_nitrous_oxide": -volatilised_nitrous_oxide,
        "leached_nitrous_oxide": -leached_nitrous_oxide,
    }
