"""Roofs of dwellings, and the part that is fit for modules and collectors."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="住宅屋顶",
    returns={"roof_area": "m^2", "usable_roof_area": "m^2"},
)
def dwelling_roofs(
    residential_floor_area: Annotated[xr.DataArray, Unit("m^2")],
    household_share: Annotated[xr.DataArray, Unit("1")],
    storeys: Annotated[xr.DataArray, Unit("1")],
    usable_roof_share: Annotated[xr.DataArray, Unit("1")],
) -> Result:
    """Roof area of the residential stock, by kind of dwelling.

    Formula
    -------
    For dwellings d (self-built houses, walk-up blocks, lift blocks) with household shares w_d::

        roof_area = floor area · w_d / storeys_d
        usable_roof_area = roof_area · usable_roof_share_d

    Symbols
    -------
    household_share w of the kinds of dwelling, residential_floor_area, storeys.

    Source
    ------
    Geometry: floor area = roof area × storeys. Usable share: Gagnon et al. (2016),
    NREL/TP-6A20-65298.

    Validity
    --------
    Plan area under the roof, so that eaves and the slope of pitched roofs are left out; shares of
    households stand for shares of floor area. Roofs of other buildings and of empty dwellings are
    left out: their floor area is not known for the counties. A survey of building footprints
    measures roof_area itself; it would replace the first line, and nothing else.
    """
    roof_area = residential_floor_area * household_share / storeys
    return {"roof_area": roof_area, "usable_roof_area": roof_area * usable_roof_share}
