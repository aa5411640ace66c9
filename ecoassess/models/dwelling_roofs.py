"""Roofs of dwellings, and the part that is fit for modules and collectors."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="住宅屋顶",
    returns={"roof_area": "m^2", "usable_roof_area": "m^2"},
    methods={"roof_source": ("floor_area", "footprints")},
    only_with={
        "floor_area": ("residential_floor_area", "household_share", "storeys"),
        "footprints": ("footprint_roof_area",),
    },
)
def dwelling_roofs(
    residential_floor_area: Annotated[xr.DataArray, Unit("m^2")],
    household_share: Annotated[xr.DataArray, Unit("1")],
    storeys: Annotated[xr.DataArray, Unit("1")],
    footprint_roof_area: Annotated[xr.DataArray, Unit("m^2")],
    usable_roof_share: Annotated[xr.DataArray, Unit("1")],
    roof_source: str,
) -> Result:
    """Roof area of the residential stock, by kind of dwelling.

    Formula
    -------
    For dwellings d (self-built houses, walk-up blocks, lift blocks) with household shares w_d::

        floor_area:  roof_area = floor area · w_d / storeys_d
        footprints:  roof_area = footprints of the dwellings
        usable_roof_area = roof_area · usable_roof_share_d

    Symbols
    -------
    household_share w of the kinds of dwelling, residential_floor_area, storeys,
    footprint_roof_area.

    Source
    ------
    Geometry: floor area = roof area × storeys. Usable share: Gagnon et al. (2016),
    NREL/TP-6A20-65298.

    Validity
    --------
    Plan area under the roof, so that eaves and the slope of pitched roofs are left out; shares of
    households stand for shares of floor area. Roofs of other buildings and of empty dwellings are
    left out: their floor area is not known for the counties. Building footprints (`datasets:
    {buildings: NAME}` in the run) measure roof_area itself, with eaves and outer walls; buildings
    of unknown use are no dwellings there.
    """
    roof_area = {
        "floor_area": residential_floor_area * household_share / storeys,
        "footprints": footprint_roof_area,
    }[roof_source]
    return {"roof_area": roof_area, "usable_roof_area": roof_area * usable_roof_share}
