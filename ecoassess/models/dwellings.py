"""Kinds of dwelling of the residential stock."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model, side_by_side
from ecoassess.units import Unit


@model(zh="住宅类型", returns={"household_share": "1"})
def dwellings(
    self_built_share: Annotated[xr.DataArray, Unit("1")],
    lift_share: Annotated[xr.DataArray, Unit("1")],
) -> Result:
    """Share of the households in each kind of dwelling.

    Formula
    -------
    ::

        walk_up = 1 − self_built − lift

    Symbols
    -------
    self_built_share of households in houses that they built themselves, lift_share in buildings
    with a lift; walk-up blocks are the rest.

    Source
    ------
    Tables of the population census of 2020 by county.

    Validity
    --------
    Self-built houses stand for village houses of one storey; a self-built house with a lift does
    not occur. Where shares of households stand for shares of floor area, the models say so.
    """
    shares = {
        "self_built": self_built_share,
        "walk_up": 1 - self_built_share - lift_share,
        "lift": lift_share,
    }
    return {"household_share": side_by_side(shares, "dwelling")}
