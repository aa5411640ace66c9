"""Less and better nitrogen fertiliser: field N2O, the CO2 of urea, and fertiliser not made."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.field_components import field_nitrous_oxide
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="化肥减量增效",
    sector="farmland",
    components={
        **field_nitrous_oxide("reduction"),
        "urea_carbon_dioxide": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            month_share="growing_degree_day_share",
            zh="尿素水解二氧化碳排放",
        ),
        "fertiliser_production": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            boundary="upstream",
            month_share="day_share",
            zh="氮肥生产排放",
        ),
    },
    adopts=("nitrogen_practice_share",),
    paint=("cropland", "land"),
    per={"crop_area": (), "synthetic_nitrogen": ()},
)
def nitrogen_reduction(
    direct_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    volatilised_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    leached_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    synthetic_nitrogen: Annotated[xr.DataArray, Unit("t N/yr")],
    urea_share: Annotated[xr.DataArray, Unit("1")],
    urea_nitrogen_content: Annotated[xr.DataArray, Unit("t N/t")],
    urea_carbon: Annotated[xr.DataArray, Unit("t C/t")],
    fertiliser_production_factor: Annotated[xr.DataArray, Unit("t CO2/t N")],
) -> Result:
    """Yearly emissions of the fields and of the making of their fertiliser, in one state.

    Formula
    -------
    With F_SN the fertiliser nitrogen of the state::

        field N2O       −(N2O by pathway)
        CO2 of urea     −F_SN · u / N_urea · EF_urea
        production      −F_SN · EF_production

    Symbols
    -------
    direct, volatilised and leached_nitrous_oxide by source of nitrogen, and synthetic_nitrogen
    F_SN by crop: of the model field_nitrogen, which holds what each practice does (soil testing,
    variable rate, nitrification inhibitors, controlled release). urea_share u,
    urea_nitrogen_content N_urea, urea_carbon EF_urea, fertiliser_production_factor EF_production.
    Emissions are negative.

    Source
    ------
    IPCC 2019 Refinement Vol. 4 ch. 11: eq. 11.1, 11.9, 11.10 by the model, eq. 11.13 (urea).
    Production: its coefficient.

    Validity
    --------
    Yields are held. The CO2 bound in urea is counted where the urea breaks down, and the production
    factor leaves it out. The production factor includes some CH4 and N2O of mines and plants as
    CO2 equivalent; it lies outside the region. Left out: making of inhibitors and coatings, and
    what coatings leave in the soil; phosphorus and potassium; spreading.
    """
    urea = synthetic_nitrogen * urea_share / urea_nitrogen_content
    return {
        "direct_nitrous_oxide": -direct_nitrous_oxide,
        "volatilised_nitrous_oxide": -volatilised_nitrous_oxide,
        "leached_nitrous_oxide": -leached_nitrous_oxide,
        "urea_carbon_dioxide": -urea * urea_carbon,
        "fertiliser_production": -synthetic_nitrogen * fertiliser_production_factor,
    }
