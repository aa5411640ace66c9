"""Returning straw to the field: soil carbon, and the N2O and paddy CH4 it costs."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.field_components import field_nitrous_oxide, soil_carbon
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="秸秆还田",
    sector="farmland",
    components={
        **soil_carbon(),
        **field_nitrous_oxide("side_effect"),
        "paddy_methane": Component(
            "t CH4_biogenic/yr",
            basis="effect",
            account="side_effect",
            month_share="rice_season_share",
            zh="稻田甲烷排放",
        ),
    },
    adopts=("straw_return_share",),
    claims={"straw": "straw_return_share"},
    paint=("cropland", "land"),
    per={"crop_area": (), "straw_supply": ()},
)
def straw_return(
    soil_carbon_gain: Annotated[xr.DataArray, Unit("t C/yr")],
    direct_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    volatilised_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    leached_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    paddy_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
) -> Result:
    """Yearly soil carbon gain, N2O and CH4 of the fields in a state of straw return.

    Formula
    -------
    ::

        what the field takes up = ΔC
        what it emits = −(N2O by pathway), −CH4 of the paddies

    each by its model (cropland_carbon, field_nitrogen, paddy_methane), where straw acts on the
    carbon input and level of input, on the residue nitrogen, and on the organic amendment.

    Symbols
    -------
    soil_carbon_gain ΔC (t C by crop and month), *_nitrous_oxide by source of nitrogen,
    paddy_methane CH4. Emissions are negative.

    Source
    ------
    The models' docstrings name equations and tables.

    Validity
    --------
    As the models. On dry fields straw builds soil carbon; on paddy it feeds methane. Left out:
    fertiliser saved, machines that chop and plough in.
    """
    return {
        "soil_carbon_gain": soil_carbon_gain,
        "direct_nitrous_oxide": -direct_nitrous_oxide,
        "volatilised_nitrous_oxide": -volatilised_nitrous_oxide,
        "leached_nitrous_oxide": -leached_nitrous_oxide,
        "paddy_methane": -paddy_methane,
    }
