"""Reduced and no tillage: soil carbon, N2O, and the diesel saved; protected black soil."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.field_components import field_nitrous_oxide, soil_carbon
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="保护性耕作（黑土地保护）",
    sector="farmland",
    components={
        **soil_carbon(),
        **field_nitrous_oxide("side_effect"),
        "diesel_carbon_dioxide": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            month_share="growing_degree_day_share",
            zh="农机柴油二氧化碳排放",
        ),
        "protected_area": Component(
            "ha", basis="effect", account="co_benefit", kind="stock", zh="保护性耕作面积"
        ),
    },
    adopts=("tillage_share",),
    paint=("cropland", "land"),
    per={"crop_area": ()},
)
def conservation_tillage(
    crop_area: Annotated[xr.DataArray, Unit("ha")],
    tillage_share: Annotated[xr.DataArray, Unit("1")],
    soil_carbon_gain: Annotated[xr.DataArray, Unit("t C/yr")],
    direct_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    volatilised_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    leached_nitrous_oxide: Annotated[xr.DataArray, Unit("t N2O/yr")],
    upland: Annotated[xr.DataArray, Unit("1")],
    diesel_saved: Annotated[xr.DataArray, Unit("L/ha/yr")],
    diesel_factor: Annotated[xr.DataArray, Unit("kg CO2/L")],
) -> Result:
    """Yearly soil carbon gain, N2O and diesel of the dry fields in a state of tillage.

    Formula
    -------
    With A the sown area, U = 1 on dry fields, τ_t the share of them under tillage t::

        area          P = Σ_c A U · Σ_t τ_t
        diesel        CO2 = Σ_c A U · Σ_t τ_t D_t · EF       (saved, against full tillage)

    soil carbon by cropland_carbon, N2O by field_nitrogen, where tillage acts on the stock factor
    and on the direct emission factor.

    Symbols
    -------
    crop_area A, upland U, tillage_share τ (reduced, no_till; the rest is fully tilled),
    diesel_saved D, diesel_factor EF. protected_area P is a co-benefit in hectares.

    Source
    ------
    IPCC 2019 Refinement Vol. 4, Table 5.5 (stock factors) and eq. 5.0A to 5.0H (Tier 2), by the
    models; diesel: the coefficients' sources.

    Validity
    --------
    Dry fields. Less tillage moves carbon towards the surface: the method `depth` of cropland_carbon
    says whether losses below 30 cm count. Left out: making of machines, herbicides, yields.
    """
    dry_land = (crop_area * upland).sum("crop", skipna=False)
    area = dry_land * tillage_share.sum("cohort")
    return {
        "soil_carbon_gain": soil_carbon_gain,
        "direct_nitrous_oxide": -direct_nitrous_oxide,
        "volatilised_nitrous_oxide": -volatilised_nitrous_oxide,
        "leached_nitrous_oxide": -leached_nitrous_oxide,
        "diesel_carbon_dioxide": area * diesel_saved * diesel_factor,
        "protected_area": area,
    }
