"""Straw that grows with the harvest."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="秸秆产量",
    returns={
        "straw_yield": "t dm/ha/yr",
        "collectable_straw": "t dm/ha/yr",
        "straw_grown": "t dm/yr",
        "straw_supply": "t dm/yr",
    },
)
def straw(
    crop_area: Annotated[xr.DataArray, Unit("ha")],
    crop_yield: Annotated[xr.DataArray, Unit("t/ha")],
    dry_matter_fraction: Annotated[xr.DataArray, Unit("t dm/t")],
    straw_to_grain: Annotated[xr.DataArray, Unit("1")],
    collectable_share: Annotated[xr.DataArray, Unit("1")],
    harvests: Annotated[xr.DataArray, Unit("1/yr")],
) -> Result:
    """Yearly above-ground residue by crop, and the part that can be taken away.

    Formula
    -------
    ::

        straw_yield = Y · DRY · R_AG · harvests
        collectable_straw = straw_yield · collectable_share
        straw_grown = A · straw_yield,   straw_supply = A · collectable_straw

    Symbols
    -------
    crop_area A, crop_yield Y (fresh), dry_matter_fraction DRY, straw_to_grain R_AG (dry over dry).

    Source
    ------
    IPCC 2019 Refinement Vol. 4, eq. 11.6 and 11.7A, Table 11.1A.

    Validity
    --------
    Annual crops. What is not collectable (stubble, what harvesters lose) stays on the field in
    every state. All shares of straw in scenarios are shares of the collectable straw.
    """
    straw_yield = crop_yield * dry_matter_fraction * straw_to_grain * harvests
    collectable_straw = straw_yield * collectable_share
    return {
        "straw_yield": straw_yield,
        "collectable_straw": collectable_straw,
        "straw_grown": crop_area * straw_yield,
        "straw_supply": crop_area * collectable_straw,
    }
