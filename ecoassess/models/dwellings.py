"""Kinds of dwelling of the residential stock."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model, side_by_side
from ecoassess.units import Unit


@model(
    zh="住宅类型",
    returns={"household_share": "1"},
    methods={"houses": ("village_population", "self_built")},
    only_with={
        "village_population": ("population", "village_house_share", "town_house_share"),
        "self_built": ("self_built_share",),
    },
)
def dwellings(
    population: Annotated[xr.DataArray, Unit("person")],
    village_house_share: Annotated[xr.DataArray, Unit("1")],
    town_house_share: Annotated[xr.DataArray, Unit("1")],
    self_built_share: Annotated[xr.DataArray, Unit("1")],
    lift_share: Annotated[xr.DataArray, Unit("1")],
    houses: str,
) -> Result:
    """Share of the households in each kind of dwelling.

    Formula
    -------
    With r the share of the people who live in villages::

        village_population:  self_built = r h + (1 − r) t
        self_built:          self_built = share that built their house themselves
        walk_up = 1 − self_built − lift

    Symbols
    -------
    population by residence, village_house_share h, town_house_share t: households in houses of one
    storey; self_built_share, lift_share of the census. The label self_built stands for all houses
    of one storey.

    Source
    ------
    Tables of the population census of 2020 by county.

    Validity
    --------
    Shares of people stand for shares of households, those for shares of floor
    area. The census asks how a dwelling was come by: of Yanbian's households 14.5 % built theirs,
    while 23 % of the people live in villages, where houses are bought and inherited too.
    `self_built` is the lower bound.
    """
    village = population.sel(residence="rural", drop=True) / population.sum(
        "residence", skipna=False
    )
    low = {
        "village_population": village * village_house_share + (1 - village) * town_house_share,
        "self_built": self_built_share,
    }[houses]
    shares = {"self_built": low, "walk_up": 1 - low - lift_share, "lift": lift_share}
    return {"household_share": side_by_side(shares, "dwelling")}
