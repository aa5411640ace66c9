"""Water management of paddies: the methane that drainage avoids."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.field_components import field_nitrous_oxide
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="稻田水分管理减排",
    sector="farmland",
    components={
        **field_nitrous_oxide("side_effect"),
        "paddy_methane": Component(
            "t CH4_biogenic/yr",
            basis="effect",
            account="reduction",
            month_share="rice_season_share",
            zh="稻田甲烷排放",
        ),
    },
    adopts=("drainage_share",),
    paint=("cropland", "land"),
    per={"crop_area": ("paddy_methane",)},
)
def rice_methane(
    paddy_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    direct_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    volatilised_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    leached_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
) -> Result:
    """Yearly methane and N2O of the paddies of a state, as emissions.

    Formula
    -------
    ::

        emissions = −CH4, −(N2O by pathway)

    Symbols
    -------
    paddy_methane CH4, of the model of the same name, which holds the equation;
    *_nitrous_oxide by source of nitrogen, of field_nitrogen. Emissions are negative; the effect of
    drainage is the difference of two states.

    Source
    ------
    IPCC 2019 Refinement Vol. 4: eq. 5.1 to 5.3 and eq. 11.1 (see the models).

    Validity
    --------
    As the models. Table 11.1 has one N2O factor for single and multiple drainage: between the two
    nothing is added, against flooding it is. Left out: irrigation water and pumping saved
    (Heilongjiang trials: 1,450 to 2,010 m3/ha), yield changes, and the soil carbon that drier soils
    lose.
    """
    return {
        "paddy_methane": -paddy_methane,
        "direct_nitrous_oxide": -direct_nitrous_oxide,
        "volatilised_nitrous_oxide": -volatilised_nitrous_oxide,
        "leached_nitrous_oxide": -leached_nitrous_oxide,
    }
