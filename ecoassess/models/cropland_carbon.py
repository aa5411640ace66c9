"""The one soil-carbon stock that straw, tillage, manure and cover crops act on."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="农田土壤碳",
    returns={"soil_carbon_gain": "t C/yr", "mineralised_nitrogen": "t N/yr"},
    methods={
        "soil_model": ("tier_1", "tier_2", "rothc"),
        "initial_stock": ("reference", "measured"),
        "depth": ("topsoil", "profile"),
    },
)
def cropland_carbon(
    crop_area: Annotated[xr.DataArray, Unit("ha")],
    collectable_straw: Annotated[xr.DataArray, Unit("t dm/ha/yr")],
    field_manure_nitrogen: Annotated[xr.DataArray, Unit("t N/yr")],
    field_manure_carbon: Annotated[xr.DataArray, Unit("t C/yr")],
    straw_return_share: Annotated[xr.DataArray, Unit("1")],
    tillage_share: Annotated[xr.DataArray, Unit("1")],
    soil_practice_share: Annotated[xr.DataArray, Unit("1")],
    manure_field_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    day_share: Annotated[xr.DataArray, Unit("1")],
    soil_carbon_stock: Annotated[xr.DataArray, Unit("t C/ha")],
    rothc_response: Annotated[xr.DataArray, Unit("1")],
    rothc_cover_response: Annotated[xr.DataArray, Unit("1/yr")],
    steady_state_response: Annotated[xr.DataArray, Unit("1")],
    steady_state_tillage_response: Annotated[xr.DataArray, Unit("1/yr")],
    upland: Annotated[xr.DataArray, Unit("1")],
    soil_carbon_reference: Annotated[xr.DataArray, Unit("t C/ha")],
    factor_land_use: Annotated[xr.DataArray, Unit("1")],
    factor_tillage: Annotated[xr.DataArray, Unit("1")],
    factor_input: Annotated[xr.DataArray, Unit("1")],
    deep_soil_offset: Annotated[xr.DataArray, Unit("1")],
    transition_period: Annotated[xr.DataArray, Unit("yr")],
    manured_nitrogen_rate: Annotated[xr.DataArray, Unit("t N/ha/yr")],
    straw_carbon: Annotated[xr.DataArray, Unit("t C/t dm")],
    soil_practice_carbon: Annotated[xr.DataArray, Unit("t C/ha/yr")],
    soil_carbon_to_nitrogen: Annotated[xr.DataArray, Unit("t C/t N")],
    soil_model: str,
    initial_stock: str,
    depth: str,
) -> Result:
    """Monthly gain of soil carbon on dry fields in one state of all practices, by crop.

    Formula
    -------
    Tier 1, with the shares of land under each practice as they are now (0) and as they were when
    the transition period D began (0−T)::

        ΔC = A U SOC_ref F_LU [F̄_MG F̄_I |_0 − F̄_MG F̄_I |_(0−T)] / D, the same every day
        F̄_MG = 1 + Σ_t τ_t (F_MG,t − 1)(1 − offset)
        F̄_I = F_low s'g'm' + F_medium (s g'm' + s'g m' + s'g'm) + F_high g (s m' + s'm)
               + F_high,manure s m
        m = Σ N_field μ / (N_rate Σ A U), at most 1

    where s, g, m are the shares of land whose straw is returned, that carries a cover crop or
    grass in rotation, and that is manured, and s' = 1 − s. Practices meet on the same field as
    chance has it.

    Dynamic models (rothc, tier_2): the extra stock answers the extra input of each cohort k by a
    response R that the model gives (it is linear in its inputs)::

        ΔC_month = A U Σ_k [s_k S c R_straw + Σ_p g_pk G_p R_p + M μ_k / (Σ A U) R_manure]
                 + A U SOC Σ_k Σ_j x_jk R_j

    with R of the cohort's year and the month. The last term is what a practice does to the rates of
    decay: in RothC the plants that cover the soil (x = g), in Tier 2 tillage (x = τ). RothC has no
    tillage: there the Tier 1 term SOC (F̄_MG|_0 − F̄_MG|_(0−T)) / D is added.

    Nitrogen set free where the year loses carbon::

        F_SOM = max(0, −ΔC) / (C:N)

    Symbols
    -------
    crop_area A, upland U (1 on dry fields, 0 on paddy), collectable_straw S, straw_return_share s,
    tillage_share τ by tillage, soil_practice_share g by practice, manure_field_share μ by animal,
    field_manure_nitrogen N_field, field_manure_carbon M, manured_nitrogen_rate N_rate,
    soil_carbon_reference SOC_ref, soil_carbon_stock as measured (SOC is the one or the other, see
    `initial_stock`), factor_* F by level,
    deep_soil_offset offset by depth, straw_carbon c, soil_practice_carbon G,
    soil_carbon_to_nitrogen C:N. Returns soil_carbon_gain (by crop and month) and
    mineralised_nitrogen (by crop).

    Source
    ------
    IPCC 2019 Refinement Vol. 4: eq. 2.25, Tables 2.3 and 5.5 (Tier 1), eq. 5.0A to 5.0H (Tier 2),
    eq. 11.8 (nitrogen). RothC-26.3: Coleman & Jenkinson (2014), ecoassess/models/rothc.py.

    Validity
    --------
    Mineral soils, 0-30 cm, annual crops; none on paddy, whose stock factor covers its straw. Under
    `initial_stock: measured` the stock of a raster of cropland soils stands for
    SOC_ref F_LU. Under `depth: profile` the gain of less tillage is offset by losses below 30 cm.
    Straw with manure counts as high input with manure, manure with a cover crop but without straw
    as high input without manure. A gain binds nitrogen too; as in the IPCC method it earns none.
    Left out: what less tillage does to RothC's rates, erosion, stock below 30 cm otherwise.
    """
    stock = {
        "reference": soil_carbon_reference * factor_land_use,
        "measured": soil_carbon_stock,
    }[initial_stock]
    dry_field = crop_area * upland
    dry_land = dry_field.sum("crop", skipna=False)
    old = cohort_age >= transition_period
    green_share = soil_practice_share.sum("practice")
    manured_nitrogen = xr.dot(field_manure_nitrogen, manure_field_share, dim="animal")
    manured_share = (manured_nitrogen / (manured_nitrogen_rate * dry_land)).where(dry_land > 0, 0)

    def tillage_factor(in_place: xr.DataArray | int) -> xr.DataArray:
        change = (factor_tillage - 1) * (1 - deep_soil_offset.sel(depth=depth, drop=True))
        return 1 + ((tillage_share * in_place).sum("cohort") * change).sum("tillage")

    def input_factor(in_place: xr.DataArray | int) -> xr.DataArray:
        straw = (straw_return_share * in_place).sum("cohort")
        green = (green_share * in_place).sum("cohort")
        manure = (manured_share * in_place).sum("cohort", skipna=False)
        manure = manure.where(~(manure > 1), 1)
        one = (
            straw * (1 - green) * (1 - manure)
            + (1 - straw) * green * (1 - manure)
            + (1 - straw) * (1 - green) * manure
        )
        more = green * (straw * (1 - manure) + (1 - straw) * manure)
        share: dict[str, xr.DataArray] = {
            "low": (1 - straw) * (1 - green) * (1 - manure),
            "medium": one,
            "high": more,
            "high_manure": straw * manure,
        }
        return sum(
            (factor_input.sel(level=level, drop=True) * part for level, part in share.items()),
            start=0 * factor_input.isel(level=0, drop=True),
        )

    tillage_change = stock * (tillage_factor(1) - tillage_factor(old)) / transition_period
    if soil_model == "tier_1":
        now, then = (tillage_factor(place) * input_factor(place) for place in (1, old))
        density_change = stock * (now - then) / transition_period * day_share
    else:
        response = {"rothc": rothc_response, "tier_2": steady_state_response}[soil_model]
        of_practice = response.sel(carbon_source=soil_practice_share["practice"])
        manure = (field_manure_carbon / dry_land).where(dry_land > 0, 0)
        straw_gain = xr.dot(
            straw_return_share, response.sel(carbon_source="straw", drop=True), dim="cohort"
        )
        practice_gain = xr.dot(
            soil_practice_share,
            of_practice.drop_vars("carbon_source"),
            soil_practice_carbon,
            dim=["cohort", "practice"],
        )
        manure_gain = xr.dot(
            manure_field_share,
            response.sel(carbon_source="manure", drop=True),
            manure,
            dim=["cohort", "animal"],
        )
        rate_gain = {
            "rothc": tillage_change * day_share
            + stock * xr.dot(soil_practice_share, rothc_cover_response, dim=["cohort", "practice"]),
            "tier_2": stock
            * xr.dot(tillage_share, steady_state_tillage_response, dim=["cohort", "tillage"]),
        }[soil_model]
        density_change = (
            collectable_straw * straw_carbon * straw_gain + practice_gain + manure_gain + rate_gain
        )
    gain = dry_field * density_change
    year = gain.sum("month", skipna=False)
    loss = (abs(year) - year) / 2
    return {
        "soil_carbon_gain": gain,
        "mineralised_nitrogen": loss / soil_carbon_to_nitrogen,
    }
