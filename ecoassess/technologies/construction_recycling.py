"""Rubble, bricks and steel of demolished dwellings put to use again."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.technology import ROOFS, SETTLED, Component, technology
from ecoassess.units import Unit


@technology(
    zh="建筑材料循环利用",
    sector="materials",
    components={
        "avoided_production": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            boundary="embodied",
            month_share="day_share",
            zh="替代原生建材生产排放",
        ),
        "processing_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="side_effect",
            month_share="day_share",
            zh="再生处理排放",
        ),
    },
    adopts=("waste_recycling_share",),
    paint=SETTLED,
    paint_weight=ROOFS,
    paint_proxy="dwellings",
    per={"demolished_floor_area": ()},
)
def construction_recycling(
    demolished_floor_area: Annotated[xr.DataArray, Unit("m^2/yr")],
    waste_recycling_share: Annotated[xr.DataArray, Unit("1")],
    waste_intensity: Annotated[xr.DataArray, Unit("t/m^2")],
    product_yield: Annotated[xr.DataArray, Unit("1")],
    avoided_factor: Annotated[xr.DataArray, Unit("kg CO2/t")],
    processing_factor: Annotated[xr.DataArray, Unit("kg CO2/t")],
) -> Result:
    """Production avoided by what is recovered from demolition, and what recovery emits.

    Formula
    -------
    For aggregate (of concrete rubble), brick (whole, cleaned) and steel (scrap) j::

        product     P_j = D · q_j · s_j · y_j
        avoided     P_j · p_j
        processing  −P_j · h_j

    Symbols
    -------
    demolished_floor_area D, waste_intensity q (tonnes in a square metre), waste_recycling_share s
    (cohort, recovered_material), product_yield y (product per tonne sorted out), avoided_factor p
    of what a tonne replaces (of scrap: less what the mill emits to melt it), processing_factor h
    of sorting, crushing, cleaning or cutting a tonne in the county. Returns by product.

    Source
    ------
    GB/T 51366-2019 section 6.2 (quantity times factor) and Table D.0.1; what scrap saves:
    worldsteel, and the rule of the standard that recycled raw material counts half of what it
    replaces.

    Validity
    --------
    Crushed concrete saves about nothing: 2.18 kg CO2/t of gravel against 2.0 of crushing. What
    decides is the haul, that is left out: 10 km by a lorry of 18 t (0.129 kg/t/km, Table E.0.1) is
    1.3 kg. Steel is recovered today almost whole, which is baseline and brings no credit. Shares
    are of the mass in demolished dwellings; waste of building sites, roads and other buildings is
    left out, as are landfill saved, land, fines, and the CO2 that crushed concrete takes up
    (carbonation). What is replaced is made outside the counties or within, nobody knows: it stands
    within the embodied boundary, the work of recovery within the territory. CO2e counts as CO2.
    """
    recycled = waste_recycling_share.sum("cohort")
    product = demolished_floor_area * waste_intensity * recycled * product_yield
    return {
        "avoided_production": product * avoided_factor,
        "processing_emissions": -product * processing_factor,
    }
