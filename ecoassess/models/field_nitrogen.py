"""Nitrous oxide of all cropland in one state of fertiliser, manure, straw, water and tillage."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="农田氧化亚氮",
    returns={
        "direct_nitrous_oxide": "t N2O/yr",
        "volatilised_nitrous_oxide": "t N2O/yr",
        "leached_nitrous_oxide": "t N2O/yr",
        "synthetic_nitrogen": "t N/yr",
    },
)
def field_nitrogen(
    crop_area: Annotated[xr.DataArray, Unit("ha")],
    crop_yield: Annotated[xr.DataArray, Unit("t/ha")],
    straw_yield: Annotated[xr.DataArray, Unit("t dm/ha/yr")],
    collectable_straw: Annotated[xr.DataArray, Unit("t dm/ha/yr")],
    field_manure_nitrogen: Annotated[xr.DataArray, Unit("t N/yr")],
    mineralised_nitrogen: Annotated[xr.DataArray, Unit("t N/yr")],
    straw_return_share: Annotated[xr.DataArray, Unit("1")],
    manure_field_share: Annotated[xr.DataArray, Unit("1")],
    nitrogen_practice_share: Annotated[xr.DataArray, Unit("1")],
    drainage_share: Annotated[xr.DataArray, Unit("1")],
    tillage_share: Annotated[xr.DataArray, Unit("1")],
    upland: Annotated[xr.DataArray, Unit("1")],
    dry_matter_fraction: Annotated[xr.DataArray, Unit("t dm/t")],
    harvests: Annotated[xr.DataArray, Unit("1/yr")],
    straw_nitrogen: Annotated[xr.DataArray, Unit("t N/t dm")],
    below_ground_ratio: Annotated[xr.DataArray, Unit("1")],
    below_ground_nitrogen: Annotated[xr.DataArray, Unit("t N/t dm")],
    synthetic_nitrogen_rate: Annotated[xr.DataArray, Unit("kg N/ha/yr")],
    nitrogen_practice_rate: Annotated[xr.DataArray, Unit("1")],
    nitrogen_practice_factor: Annotated[xr.DataArray, Unit("1")],
    direct_factor: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    tillage_nitrous_oxide_factor: Annotated[xr.DataArray, Unit("1")],
    flooded_paddy_factor: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    drained_paddy_factor: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    urea_share: Annotated[xr.DataArray, Unit("1")],
    volatilised_fraction_synthetic: Annotated[xr.DataArray, Unit("1")],
    volatilised_fraction_manure: Annotated[xr.DataArray, Unit("1")],
    volatilisation_factor: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    leached_fraction: Annotated[xr.DataArray, Unit("1")],
    paddy_leached_fraction: Annotated[xr.DataArray, Unit("1")],
    leaching_factor: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
) -> Result:
    """Yearly N2O of cropland by pathway and source of nitrogen, and the fertiliser nitrogen.

    Formula
    -------
    Nitrogen that reaches the soil, with A the sown area of crop c and Y its yield::

        synthetic     F_SN  = A R · K(r)
        manure        F_AM  = Σ_animal N_field μ                       (all on dry fields)
        residue       F_CR  = A [N_AG (S − C + s C) + N_BG RS (Y DRY n + S)]
        mineralised   F_SOM                                            (where soil carbon is lost)

    Practices p meet on a field as chance has it; a_p is the share of land under p, so what is left
    of a product of factors x_p is ::

        K(x) = Π_p [1 + a_p (x_p − 1)]

    N2O-N by pathway, with U = 1 on dry fields and 0 on paddy::

        direct        F_i · [U EF1_i T + (1 − U) EF1FR];  for F_SN  A R K(r d) instead of A R K(r)
        volatilised   (A R K(r v) Frac_GASF + F_AM Frac_GASM) · EF4
        leached       F_i · [U Frac_LEACH + (1 − U) Frac_LEACH,paddy] · EF5;  for F_SN  A R K(r l)
        tillage       T = 1 + Σ_t τ_t (f_t − 1)
        paddy         EF1FR = EF_flooded + Σ_d w_d (EF_drained − EF_flooded)
        fertiliser    Frac_GASF = u Frac_urea + (1 − u) Frac_ammonium

    Symbols
    -------
    crop_area A, crop_yield Y (fresh), harvests n, dry_matter_fraction DRY, straw_yield S (all
    above-ground residue), collectable_straw C, straw_return_share s, straw_nitrogen N_AG,
    below_ground_ratio RS, below_ground_nitrogen N_BG, synthetic_nitrogen_rate R,
    nitrogen_practice_share a, nitrogen_practice_rate r (rate with the practice over rate
    without), nitrogen_practice_factor d, v, l (the same for what is lost of each t N, by pathway),
    field_manure_nitrogen N_field, manure_field_share μ, mineralised_nitrogen F_SOM, upland U,
    direct_factor EF1 by source, tillage_share τ, tillage_nitrous_oxide_factor f, drainage_share w
    (the rest is flooded throughout), flooded_paddy_factor and drained_paddy_factor EF1FR,
    urea_share u, volatilised_fraction_synthetic Frac_GASF, volatilised_fraction_manure Frac_GASM,
    volatilisation_factor EF4, leached_fraction and paddy_leached_fraction Frac_LEACH,
    leaching_factor EF5. All shares are counted over all years of adoption. Returns N2O (positive
    numbers) by source: synthetic, manure, residue, mineralised; and synthetic_nitrogen F_SN by
    crop.

    Source
    ------
    IPCC 2019 Refinement Vol. 4 ch. 11: eq. 11.1 (direct), 11.6 (residue), 11.8 (mineralised), 11.9
    (volatilised), 11.10 (leached), Tables 11.1, 11.1A, 11.3. Practices and tillage: the sources of
    their coefficients.

    Validity
    --------
    Mineral soils, annual crops renewed every year. Yields are held: no practice lowers the harvest
    here; the notes of the coefficients give what trials found. A practice's share is the same on
    all crops. Residues and mineralised nitrogen volatilise nothing (eq. 11.9). Straw that is not
    returned leaves the field, burned or not: what a fire leaves unburned is not counted, and the
    N2O of the fire is no part of this. All nitrogen on paddy has the paddy's factor, and paddy
    leaches in every climate, being irrigated (Table 11.3). Table 11.1 has one factor for single and
    multiple drainage, and says that it covers alternate wetting and drying. Left out: manure that
    is not spread on dry fields, manure or straw in place of fertiliser, background N2O of
    unfertilised soil, drained organic soils, grazing, the thaw pulse beyond what EF1 holds, and the
    change of no-till's effect with its age.
    """
    practice_share = nitrogen_practice_share.sum("cohort")

    def kept(factor: xr.DataArray) -> xr.DataArray:
        each = 1 + practice_share * (factor - 1)
        return each.prod("nitrogen_practice", skipna=False)

    def kept_on(pathway: str) -> xr.DataArray:
        factor = nitrogen_practice_factor.sel(pathway=pathway, drop=True)
        return kept(nitrogen_practice_rate * factor)

    fertiliser = crop_area * synthetic_nitrogen_rate
    manure = (field_manure_nitrogen * manure_field_share.sum("cohort")).sum("animal", skipna=False)
    straw_left = straw_yield - collectable_straw * (1 - straw_return_share.sum("cohort"))
    roots = below_ground_ratio * (crop_yield * dry_matter_fraction * harvests + straw_yield)
    residue = crop_area * (straw_nitrogen * straw_left + below_ground_nitrogen * roots)

    tillage_effect = 1 + (tillage_share.sum("cohort") * (tillage_nitrous_oxide_factor - 1)).sum(
        "tillage", skipna=False
    )
    drained = drainage_share.sum(["cohort", "drainage"], skipna=False)
    paddy_factor = flooded_paddy_factor + drained * (drained_paddy_factor - flooded_paddy_factor)
    dry_factor = direct_factor * tillage_effect
    direct = upland * dry_factor + (1 - upland) * paddy_factor
    volatilised_fraction = urea_share * volatilised_fraction_synthetic.sel(
        fertiliser="urea", drop=True
    ) + (1 - urea_share) * volatilised_fraction_synthetic.sel(
        fertiliser="ammonium_based", drop=True
    )
    leached = (upland * leached_fraction + (1 - upland) * paddy_leached_fraction) * leaching_factor

    return {
        "direct_nitrous_oxide": _by_source(
            synthetic=_all_crops(
                fertiliser * kept_on("direct") * direct.sel(source="synthetic", drop=True)
            ),
            manure=manure * dry_factor.sel(source="manure", drop=True),
            residue=_all_crops(residue * direct.sel(source="residue", drop=True)),
            mineralised=_all_crops(
                mineralised_nitrogen * direct.sel(source="mineralised", drop=True)
            ),
        ),
        "volatilised_nitrous_oxide": _by_source(
            synthetic=_all_crops(fertiliser * kept_on("volatilised"))
            * volatilised_fraction
            * volatilisation_factor,
            manure=manure * volatilised_fraction_manure * volatilisation_factor,
            residue=0 * _all_crops(residue) * volatilisation_factor,
            mineralised=0 * _all_crops(mineralised_nitrogen) * volatilisation_factor,
        ),
        "leached_nitrous_oxide": _by_source(
            synthetic=_all_crops(fertiliser * kept_on("leached") * leached),
            manure=manure * leached_fraction * leaching_factor,
            residue=_all_crops(residue * leached),
            mineralised=_all_crops(mineralised_nitrogen * leached),
        ),
        "synthetic_nitrogen": fertiliser * kept(nitrogen_practice_rate),
    }


def _all_crops(emission: xr.DataArray) -> xr.DataArray:
    """Add up the crops; a crop without data leaves the sum without."""
    return emission.sum("crop", skipna=False)


def _by_source(**emissions: xr.DataArray) -> xr.DataArray:
    """Put the emissions of the sources of nitrogen into one array."""
    labels = pd.Index(list(emissions), name="source")
    return xr.concat(list(emissions.values()), labels, join="exact", coords="minimal")
