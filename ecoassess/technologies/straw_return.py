"""Returning straw to the field: soil carbon, and the N2O and paddy CH4 it costs."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="秸秆还田",
    sector="farmland",
    components={
        "soil_carbon": Component(
            "t CO2/yr",
            basis="effect",
            account="removal",
            month_share="day_share",
            zh="土壤有机碳增量（按日分摊）",
        ),
        "residue_nitrous_oxide": Component(
            "t N2O/yr",
            basis="effect",
            account="side_effect",
            month_share="day_share",
            zh="秸秆氮氧化亚氮排放",
        ),
        "paddy_methane": Component(
            "t CH4_biogenic/yr",
            basis="effect",
            account="side_effect",
            month_share="rice_season_share",
            zh="稻田甲烷排放",
        ),
    },
    adopts=("straw_return_share",),
    claims={"straw": "straw_return_share"},
    methods={"incorporation": ("over_30_days_before", "within_30_days_before")},
    paint=("cropland", "land"),
)
def straw_return(
    crop_area: Annotated[xr.DataArray, Unit("ha")],
    crop_yield: Annotated[xr.DataArray, Unit("t/ha")],
    straw_return_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    harvests: Annotated[xr.DataArray, Unit("1/yr")],
    upland: Annotated[xr.DataArray, Unit("1")],
    soil_carbon_reference: Annotated[xr.DataArray, Unit("t C/ha")],
    factor_land_use: Annotated[xr.DataArray, Unit("1")],
    factor_tillage: Annotated[xr.DataArray, Unit("1")],
    factor_input_low: Annotated[xr.DataArray, Unit("1")],
    factor_input_medium: Annotated[xr.DataArray, Unit("1")],
    transition_period: Annotated[xr.DataArray, Unit("yr")],
    dry_matter_fraction: Annotated[xr.DataArray, Unit("t dm/t")],
    straw_to_grain: Annotated[xr.DataArray, Unit("1")],
    collectable_share: Annotated[xr.DataArray, Unit("1")],
    straw_nitrogen: Annotated[xr.DataArray, Unit("t N/t dm")],
    direct_factor_upland: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    direct_factor_paddy: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    leached_fraction: Annotated[xr.DataArray, Unit("1")],
    leaching_factor: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    methane_baseline_factor: Annotated[xr.DataArray, Unit("kg CH4_biogenic/ha/day")],
    cultivation_period: Annotated[xr.DataArray, Unit("day/yr")],
    water_regime_factor: Annotated[xr.DataArray, Unit("1")],
    pre_season_factor: Annotated[xr.DataArray, Unit("1")],
    straw_conversion_factor: Annotated[xr.DataArray, Unit("ha/t dm")],
    organic_amendment_exponent: Annotated[xr.DataArray, Unit("1")],
    incorporation: str,
) -> Result:
    """Yearly soil carbon gain, N2O and CH4 of a state of straw return, by crop.

    Formula
    -------
    With A the sown area and Y the yield of crop c, s_k the share of A that joined in year k, n_k
    the years since, U = 1 on dry fields and 0 on paddy::

        straw per area    S = Y · DRY · R · collectable · harvests              (t dm/ha/yr)
        new balance       E = SOC_ref F_LU F_MG (F_I,medium − F_I,low)          (t C/ha)
        soil carbon       ΔC = Σ_c A U E / D · Σ_k s_k [n_k < D]
        residue N         F_CR = A · Σ_k s_k · S · N_straw
        nitrous oxide     N2O-N = F_CR · [U EF1 + (1 − U) EF1FR + U Frac_leach EF5]
        paddy methane     CH4 = A (1 − U) EF_c t SF_w SF_p · [1 + Σ_k s_k (SF_o − 1)]
                          SF_o = (1 + S/harvests · CFOA)^0.59

    Emissions are negative. Each cohort gains for D = 20 years and then no more; a cohort with a
    negative share (a practice that stops) loses as much.

    Symbols
    -------
    crop_area A, crop_yield Y (fresh), straw_return_share s (cohort, crop), cohort_age n, upland U,
    soil_carbon_reference SOC_ref, factor_* F, transition_period D, dry_matter_fraction DRY,
    straw_to_grain R (dry), straw_nitrogen N_straw, direct_factor_upland EF1, direct_factor_paddy
    EF1FR, leached_fraction Frac_leach (wet climates), leaching_factor EF5,
    methane_baseline_factor EF_c, cultivation_period t, water_regime_factor SF_w,
    pre_season_factor SF_p, straw_conversion_factor CFOA by time of `incorporation`,
    organic_amendment_exponent 0.59. Returns soil_carbon (t C per year, by crop),
    residue_nitrous_oxide (t N2O per year, by crop) and paddy_methane (t CH4 per year).

    Source
    ------
    IPCC 2019 Refinement Vol. 4: eq. 2.25 and Table 5.5 (soil carbon), eq. 11.1, 11.6, 11.10 and
    Tables 11.1, 11.3 (N2O), eq. 5.1 to 5.3 and Tables 5.11 to 5.14 (CH4).

    Validity
    --------
    Mineral soils, 0-30 cm, annual crops. F_I moves from low (straw removed) to medium (straw
    returned) on the share that changes, no further with more straw; none of it on paddy, whose
    stock factor covers its straw. Left out: straw burning avoided, fertiliser saved, below-ground
    residue (the same in both states), volatilisation from residues (none in IPCC), straw left on
    the surface of paddies (counts as not incorporated).
    """
    returned_share = straw_return_share.sum("cohort")
    gaining_share = (straw_return_share * (cohort_age < transition_period)).sum("cohort")
    straw_per_harvest = crop_yield * dry_matter_fraction * straw_to_grain * collectable_share

    equilibrium_change = (
        soil_carbon_reference
        * factor_land_use
        * factor_tillage
        * (factor_input_medium - factor_input_low)
    )
    soil_carbon = crop_area * upland * gaining_share * equilibrium_change / transition_period

    residue_nitrogen = crop_area * returned_share * straw_per_harvest * harvests * straw_nitrogen
    direct_factor = upland * direct_factor_upland + (1 - upland) * direct_factor_paddy
    indirect_factor = upland * leached_fraction * leaching_factor
    nitrous_oxide = residue_nitrogen * (direct_factor + indirect_factor)

    conversion = straw_conversion_factor.sel(timing=incorporation, drop=True)
    amendment_factor = (1 + straw_per_harvest * conversion) ** organic_amendment_exponent
    methane = (
        crop_area
        * (1 - upland)
        * methane_baseline_factor
        * cultivation_period
        * water_regime_factor
        * pre_season_factor
        * (1 + returned_share * (amendment_factor - 1))
    ).sum("crop", skipna=False)
    return {
        "soil_carbon": soil_carbon,
        "residue_nitrous_oxide": -nitrous_oxide,
        "paddy_methane": -methane,
    }
