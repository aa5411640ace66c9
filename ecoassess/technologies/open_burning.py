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
    },
    adopts=("straw_burned_share",),
    claims={"straw": "straw_burned_share"},
    methods={"burning_factors": ("ipcc", "akagi_2011")},
    paint=("cropland", "land"),
    per={"crop_area": (), "straw_supply": ()},
)
def open_burning(
    crop_area: Annotated[xr.DataArray, Unit("ha")],
    collectable_straw: Annotated[xr.DataArray, Unit("t dm/ha/yr")],
    straw_burned_share: Annotated[xr.DataArray, Unit("1")],
    combustion_factor: Annotated[xr.DataArray, Unit("1")],
    burning_methane: Annotated[xr.DataArray, Unit("g CH4_biogenic/kg dm")],
    burning_nitrous_oxide: Annotated[xr.DataArray, Unit("g N2O/kg dm")],
    burning_carbon_monoxide: Annotated[xr.DataArray, Unit("g CO/kg dm")],
    burning_nitrogen_oxides: Annotated[xr.DataArray, Unit("g NOx/kg dm")],
    burning_fine_particles: Annotated[xr.DataArray, Unit("g PM2_5/kg dm")],
    burning_factors: str,
) -> Result:
    """Yearly emissions of straw burned in the field, by crop.

    Formula
    -------
    With A the sown area and S the collectable straw of crop c, s_k the share of that straw whose
    burning began (or, negative, ended) in year k::

        straw burned   M   = A · S · Σ_k s_k · C_f           (t dm/yr)
        emission       E_g = −M · G_ef,g

    Symbols
    -------
    crop_area A, collectable_straw S, straw_burned_share s, combustion_factor C_f (share of the dry
    matter that burns), burning_* G_ef of each gas, from the compilation `burning_factors`; NOx as
    NO. Fine particles are by crop and of one set. Returns methane, nitrous_oxide, and as
    co-benefits carbon_monoxide, fine_particles, nitrogen_oxides (t a year, by crop).

    Source
    ------
    IPCC 2006 Guidelines Vol. 4: eq. 2.27, Tables 2.5 and 2.6 (Table 2.5 rests on Andreae and
    Merlet 2001); Akagi et al. 2011; fine particles Li et al. 2007 and others.

    Validity
    --------
    CO2 from burning is biogenic and regrows within the year: 0. Only collectable straw that lies
    in the field. Left out: stubble and other straw that is not collectable (planned burning of
    stubble goes on), straw burned in stoves, black carbon, CO2 from oxidised CO and CH4, and what
    the straw does instead (that is the business of the technology that takes it).
    """
    burned = crop_area * collectable_straw * straw_burned_share.sum("cohort") * combustion_factor

    def emitted(factor: xr.DataArray) -> xr.DataArray:
        return -burned * factor.sel(compilation=burning_factors, drop=True)

    return {
        "methane": emitted(burning_methane),
        "nitrous_oxide": emitted(burning_nitrous_oxide),
        "carbon_monoxide": emitted(burning_carbon_monoxide),
        "fine_particles": -burned * burning_fine_particles,
        "nitrogen_oxides": emitted(burning_nitrogen_oxides),
    }
