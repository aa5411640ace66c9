"""Straw burned in the field: the greenhouse gases that ending it avoids."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="秸秆禁烧",
    sector="farmland",
    components={
        "methane": Component(
            "t CH4_biogenic/yr",
            basis="effect",
            account="reduction",
            month_share="straw_burning_share",
            zh="秸秆焚烧甲烷排放",
        ),
        "nitrous_oxide": Component(
            "t N2O/yr",
            basis="effect",
            account="reduction",
            month_share="straw_burning_share",
            zh="秸秆焚烧氧化亚氮排放",
        ),
    },
    adopts=("straw_burned_share",),
    claims={"straw": "straw_burned_share"},
    paint=("cropland", "land"),
    per={"crop_area": (), "straw_supply": ()},
)
def open_burning(
    straw_fire_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/yr")],
    straw_fire_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
) -> Result:
    """Yearly emissions of straw burned in the field, by crop, in a state of straw use.

    Formula
    -------
    ::

        component = −(emission of the fires), by gas

    Symbols
    -------
    straw_fire_methane and straw_fire_nitrous_oxide of the model straw_burning, by crop.

    Source
    ------
    The docstring of straw_burning names equation and tables.

    Validity
    --------
    As the model. Left out is what the straw does instead: that is the business of the technology
    that takes it. Carbon monoxide, particles, NOx and SO2 of the fires stand with
    air_quality_cobenefits.
    """
    return {
        "methane": -straw_fire_methane,
        "nitrous_oxide": -straw_fire_nitrous_oxide,
    }
