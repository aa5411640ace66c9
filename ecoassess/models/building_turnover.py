"""Floor area that is built and pulled down in a year."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="建筑新建与拆除面积",
    returns={"new_floor_area": "m^2/yr", "demolished_floor_area": "m^2/yr"},
    methods={"construction_source": ("stock_share", "statistic")},
    only_with={
        "stock_share": ("construction_rate",),
        "statistic": ("completed_floor_area",),
    },
)
def building_turnover(
    residential_floor_area: Annotated[xr.DataArray, Unit("m^2")],
    completed_floor_area: Annotated[xr.DataArray, Unit("m^2/yr")],
    construction_rate: Annotated[xr.DataArray, Unit("1/yr")],
    demolition_rate: Annotated[xr.DataArray, Unit("1/yr")],
    construction_source: str,
) -> Result:
    """Residential floor area built and pulled down in a year.

    Formula
    -------
    ::

        stock_share:  new = F · c
        statistic:    new = completed floor area of the year
        demolished = F · d

    Symbols
    -------
    residential_floor_area F, construction_rate c, demolition_rate d, completed_floor_area.

    Source
    ------
    Stock and flow by rates, as in Zhou et al. (2019); no equation of theirs is taken over.

    Validity
    --------
    Dwellings only: the floor area of other buildings is not known for the counties. The rates are
    one for all counties; in some of them the stock fell between the censuses of 2010 and 2020, so
    the figures of one county are weaker than the prefecture's. The stock is not carried forward.
    """
    if construction_source == "stock_share":
        new_floor_area = residential_floor_area * construction_rate
    else:
        new_floor_area = completed_floor_area
    return {
        "new_floor_area": new_floor_area,
        "demolished_floor_area": residential_floor_area * demolition_rate,
    }
