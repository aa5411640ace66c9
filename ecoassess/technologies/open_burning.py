"""Straw burned in the field: the gases and particles that ending it avoids."""

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
        "carbon_monoxide": Component(
            "t CO/yr",
            basis="effect",
            account="co_benefit",
            month_share="straw_burning_share",
            zh="秸秆焚烧一氧化碳排放",
        ),
        "fine_particles": Component(
            "t PM2_5/yr",
            basis="effect",
            account="co_benefit",
            month_share="straw_burning_share",
            zh="秸秆焚烧PM2.5排放",
        ),
        "nitrogen_oxides": Component(
            "t NOx/yr",
            basis="effect",
            account="co_benefit",
            month_share="straw_burning_share",
            zh="秸秆焚烧氮氧化物排放",
        ),
        "sulfur_dioxide": Component(
            "t SO2/yr",
            basis="effect",
            account="co_benefit",
            month_share="straw_burning_share",
            zh="秸秆焚烧二氧化硫排放",
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
    straw_fire_carbon_monoxide: Annotated[xr.DataArray, Unit("t CO/yr")],
    straw_fire_fine_particles: Annotated[xr.DataArray, Unit("t PM2_5/yr")],
    straw_fire_nitrogen_oxides: Annotated[xr.DataArray, Unit("t NOx/yr")],
    straw_fire_sulfur_dioxide: Annotated[xr.DataArray, Unit("t SO2/yr")],
) -> Result:
    """Yearly emissions of straw burned in the field, by crop, in a state of straw use.

    Formula
    -------
    ::

        component = −(emission of the fires), by gas

    Symbols
    -------
    straw_fire_* of the model straw_burning, by crop. Returns methane, nitrous_oxide, and as
    co-benefits carbon_monoxide, fine_particles, nitrogen_oxides (as NO), sulfur_dioxide (t a year).

    Source
    ------
    The docstring of straw_burning names equation and tables.

    Validity
    --------
    As the model. Left out is what the straw does instead: that is the business of the technology
    that takes it.
    """
    return {
        "methane": -straw_fire_methane,
        "nitrous_oxide": -straw_fire_nitrous_oxide,
        "carbon_monoxide": -straw_fire_carbon_monoxide,
        "fine_particles": -straw_fire_fine_particles,
        "nitrogen_oxides": -straw_fire_nitrogen_oxides,
        "sulfur_dioxide": -straw_fire_sulfur_dioxide,
    }
