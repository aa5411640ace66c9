"""Methane of all paddies in one state of straw return and drainage."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="稻田甲烷",
    returns={"paddy_methane": "t CH4_biogenic/yr"},
    methods={
        "incorporation": ("over_30_days_before", "within_30_days_before"),
        "pre_season": (
            "over_180_days",
            "under_180_days",
            "flooded_over_30_days",
            "over_365_days",
        ),
    },
)
def paddy_methane(
    crop_area: Annotated[xr.DataArray, Unit("ha")],
    collectable_straw: Annotated[xr.DataArray, Unit("t dm/ha/yr")],
    straw_return_share: Annotated[xr.DataArray, Unit("1")],
    drainage_share: Annotated[xr.DataArray, Unit("1")],
    upland: Annotated[xr.DataArray, Unit("1")],
    harvests: Annotated[xr.DataArray, Unit("1/yr")],
    methane_baseline_factor: Annotated[xr.DataArray, Unit("kg CH4_biogenic/ha/day")],
    cultivation_period: Annotated[xr.DataArray, Unit("day")],
    water_regime_factor: Annotated[xr.DataArray, Unit("1")],
    pre_season_factor: Annotated[xr.DataArray, Unit("1")],
    straw_conversion_factor: Annotated[xr.DataArray, Unit("ha/t dm")],
    organic_amendment_exponent: Annotated[xr.DataArray, Unit("1")],
    incorporation: str,
    pre_season: str,
) -> Result:
    """Yearly methane of all paddies.

    Formula
    -------
    With A the sown area of crop c, P = 1 on paddy and 0 on dry fields, S the collectable straw of
    a year, s the share of the paddy whose straw is returned, w_d the share drained in way d (the
    rest is flooded throughout), both counted over all years of adoption::

        methane            CH4  = Σ_c A P · EF_c t n · SF_p · W · O
        water regime       W    = 1 + Σ_d w_d (SF_w,d − 1)
        straw              O    = 1 + s (SF_o − 1)
        straw of a field   SF_o = (1 + S/n · CFOA)^0.59

    Symbols
    -------
    crop_area A, upland 1 − P, collectable_straw S, harvests n, straw_return_share s,
    drainage_share w (single: one mid-season drainage; multiple: alternate wetting and drying),
    methane_baseline_factor EF_c, cultivation_period t, water_regime_factor SF_w,
    pre_season_factor SF_p by days without flooding before the season (`pre_season`),
    straw_conversion_factor CFOA by time of `incorporation`, organic_amendment_exponent 0.59.
    Returns paddy_methane (t CH4 a year, a positive number).

    Source
    ------
    IPCC 2019 Refinement Vol. 4: eq. 5.1 to 5.3 and Tables 5.11 to 5.14.

    Validity
    --------
    Irrigated rice. Continuous flooding is the state EF_c is defined for, so its SF_w is 1. Straw
    return and drainage are taken as spread over the paddy independently of each other. Straw is a
    share of fields that return all they can collect, not a share of each field's straw: SF_o is
    not linear. Left out: stubble and roots, straw on the surface, manure, compost and green manure
    (CFOA 0.17 to 0.45), soil and cultivar (the Tier 2 factors SF_s, SF_r), the freeze and thaw
    season (about 1 % of the growing season's methane in Northeast China). Dry crops count as no
    paddy whether or not their area is known; a paddy of unknown area gives an unknown result.
    """
    conversion = straw_conversion_factor.sel(timing=incorporation, drop=True)
    amended_factor = (1 + collectable_straw / harvests * conversion) ** organic_amendment_exponent
    straw_factor = 1 + straw_return_share.sum("cohort") * (amended_factor - 1)
    regime_factor = 1 + (drainage_share.sum("cohort") * (water_regime_factor - 1)).sum(
        "drainage", skipna=False
    )
    methane = (
        crop_area
        * (1 - upland)
        * methane_baseline_factor
        * cultivation_period
        * harvests
        * pre_season_factor.sel(pre_season_regime=pre_season, drop=True)
        * regime_factor
        * straw_factor
    )
    return {"paddy_methane": methane.where(upland < 1, 0).sum("crop", skipna=False)}
