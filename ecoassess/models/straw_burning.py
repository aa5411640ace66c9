"""What straw burned in the field sets free."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="秸秆露天焚烧",
    returns={
        "straw_fire_methane": "t CH4_biogenic/yr",
        "straw_fire_nitrous_oxide": "t N2O/yr",
        "straw_fire_carbon_monoxide": "t CO/yr",
        "straw_fire_fine_particles": "t PM2_5/yr",
        "straw_fire_nitrogen_oxides": "t NOx/yr",
        "straw_fire_sulfur_dioxide": "t SO2/yr",
    },
    methods={"burning_factors": ("ipcc", "akagi_2011")},
)
def straw_burning(
    crop_area: Annotated[xr.DataArray, Unit("ha")],
    collectable_straw: Annotated[xr.DataArray, Unit("t dm/ha/yr")],
    straw_burned_share: Annotated[xr.DataArray, Unit("1")],
    combustion_factor: Annotated[xr.DataArray, Unit("1")],
    burning_methane: Annotated[xr.DataArray, Unit("g CH4_biogenic/kg dm")],
    burning_nitrous_oxide: Annotated[xr.DataArray, Unit("g N2O/kg dm")],
    burning_carbon_monoxide: Annotated[xr.DataArray, Unit("g CO/kg dm")],
    burning_nitrogen_oxides: Annotated[xr.DataArray, Unit("g NOx/kg dm")],
    burning_fine_particles: Annotated[xr.DataArray, Unit("g PM2_5/kg dm")],
    burning_sulfur_dioxide: Annotated[xr.DataArray, Unit("g SO2/kg dm")],
    burning_factors: str,
) -> Result:
    """Yearly emissions of straw burned in the field, by crop; positive.

    Formula
    -------
    With A the sown area and S the collectable straw of crop c, s_k the share of that straw whose
    burning began (or, negative, ended) in year k::

        straw burned   M   = A · S · Σ_k s_k · C_f           (t dm/yr)
        emission       E_g = M · G_ef,g

    Symbols
    -------
    crop_area A, collectable_straw S, straw_burned_share s, combustion_factor C_f (share of the dry
    matter that burns), burning_* G_ef of each gas, from the compilation `burning_factors`; NOx as
    NO. Fine particles are by crop and of one set, and so is sulfur dioxide. Returns straw_fire_* of
    each gas (t a year, by crop).

    Source
    ------
    IPCC 2006 Guidelines Vol. 4: eq. 2.27, Tables 2.5 and 2.6 (Table 2.5 rests on Andreae and
    Merlet 2001); Akagi et al. 2011; fine particles Li et al. 2007 and others.

    Validity
    --------
    CO2 from burning is biogenic and regrows within the year: 0. Only collectable straw that lies
    in the field. Left out: stubble and other straw that is not collectable (planned burning of
    stubble goes on), straw burned in stoves, black carbon, CO2 from oxidised CO and CH4.
    """
    burned = crop_area * collectable_straw * straw_burned_share.sum("cohort") * combustion_factor

    def emitted(factor: xr.DataArray) -> xr.DataArray:
        return burned * factor.sel(compilation=burning_factors, drop=True)

    return {
        "straw_fire_methane": emitted(burning_methane),
        "straw_fire_nitrous_oxide": emitted(burning_nitrous_oxide),
        "straw_fire_carbon_monoxide": emitted(burning_carbon_monoxide),
        "straw_fire_fine_particles": burned * burning_fine_particles,
        "straw_fire_nitrogen_oxides": emitted(burning_nitrogen_oxides),
        "straw_fire_sulfur_dioxide": burned * burning_sulfur_dioxide,
    }
