"""Erosion control on sloping cropland: the soil that stays, and what is in it."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="坡耕地水土保持",
    sector="farmland",
    components={
        "carbon_dioxide_avoided": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            month_share="erosivity_share",
            zh="少流失土壤碳的氧化",
        ),
        "soil_kept": Component(
            "t soil/yr",
            basis="effect",
            account="co_benefit",
            month_share="erosivity_share",
            zh="保土量",
        ),
        "carbon_kept": Component(
            "t soil_carbon/yr",
            basis="effect",
            account="co_benefit",
            month_share="erosivity_share",
            zh="保持的土壤有机碳",
        ),
        "nitrogen_kept": Component(
            "t N/yr",
            basis="effect",
            account="co_benefit",
            month_share="erosivity_share",
            zh="保持的全氮",
        ),
        "phosphorus_kept": Component(
            "t phosphorus/yr",
            basis="effect",
            account="co_benefit",
            month_share="erosivity_share",
            zh="保持的全磷",
        ),
    },
    adopts=("erosion_measure_share",),
    methods={"carbon_content": ("typical", "mapped")},
    paint=("cropland", "land"),
    per={"crop_area": ()},
)
def erosion_control(
    crop_area: Annotated[xr.DataArray, Unit("ha")],
    erosion_measure_share: Annotated[xr.DataArray, Unit("1")],
    slope_length_steepness: Annotated[xr.DataArray, Unit("1")],
    modified_fournier_index: Annotated[xr.DataArray, Unit("mm")],
    soil_carbon_stock: Annotated[xr.DataArray, Unit("t C/ha")],
    erosivity_scale: Annotated[xr.DataArray, Unit("MJ mm/ha/h/yr")],
    erosivity_exponent: Annotated[xr.DataArray, Unit("1")],
    unit_index: Annotated[xr.DataArray, Unit("mm")],
    soil_erodibility: Annotated[xr.DataArray, Unit("t soil h/MJ/mm")],
    slope_length_correction: Annotated[xr.DataArray, Unit("1")],
    cover_factor: Annotated[xr.DataArray, Unit("1")],
    practice_factor: Annotated[xr.DataArray, Unit("1")],
    soil_carbon_content: Annotated[xr.DataArray, Unit("t C/t soil")],
    topsoil_mass: Annotated[xr.DataArray, Unit("t soil/ha")],
    soil_nitrogen_content: Annotated[xr.DataArray, Unit("t N/t soil")],
    soil_phosphorus_content: Annotated[xr.DataArray, Unit("t phosphorus/t soil")],
    oxidised_share: Annotated[xr.DataArray, Unit("1")],
    carbon_in_place: Annotated[xr.DataArray, Unit("t soil_carbon/t C")],
    carbon_content: str,
) -> Result:
    """Soil, carbon and nutrients lost in a year in one state of erosion control, by crop; negative.

    Formula
    -------
    With A the sown area of crop c and s_m the share of it under measure m::

        soil loss       a = R K LS C_c P                              (t soil/ha/yr)
        erosivity       R = α (F / 1 mm)^β                            (MJ mm/ha/h/yr)
        practices       P = Π_m [1 − s_m (1 − P_m)]
        soil kept       S = −A a
        carbon content  χ = typical, or SOC / M of a map              (t C/t soil)
        carbon kept     S χ
        nitrogen kept   S N,  phosphorus kept  S Ph
        CO2 avoided     S χ · oxidised

    A state's values are minus its losses: the project's less the baseline's is what is kept.

    Symbols
    -------
    crop_area A, erosion_measure_share s (cohort, measure), slope_length_steepness LS (mean over the
    pixels of cropland), slope_length_correction (times LS; 1 is a slope of 50 m),
    modified_fournier_index F of monthly precipitation, erosivity_scale α, erosivity_exponent β,
    unit_index 1 mm, soil_erodibility K, cover_factor C, practice_factor P_m, soil_carbon_content χ,
    soil_carbon_stock SOC and topsoil_mass M of 0-30 cm, soil_nitrogen_content N,
    soil_phosphorus_content Ph; oxidised_share of the eroded carbon becomes CO2 that new carbon does
    not make up; carbon_in_place counts carbon as a part of soil.
    Returns by crop carbon_dioxide_avoided (t C per year), soil_kept, carbon_kept, nitrogen_kept,
    phosphorus_kept (t per year).

    Source
    ------
    Renard et al. 1997, USDA Agriculture Handbook 703 (A = R K LS C P); Zhang and Fu 2003 (R from
    monthly precipitation); McCool et al. 1987, 1989 and Liu et al. 1994 (LS).

    Validity
    --------
    Mean yearly sheet and rill erosion by rain on slopes up to 55 %, over many years; a single year
    differs. Measures stand independently of each other, so that two on one field multiply; they
    are spread evenly over slopes, so a programme that starts with the steepest fields keeps more.
    P of a measure is one number, though it falls with the slope. Rice counts as level and bunded:
    no loss. The map's mean slope holds for dry fields and paddy together and is too low for dry
    fields. Left out: snowmelt, wind and tillage erosion, gullies, what settles further down the
    slope, enrichment of sediment (which makes carbon and nutrients too low), other crops. Whether
    erosion is a source or a sink of CO2 is disputed: oxidised_share is 0 until someone declares
    another, and then no CO2 is avoided.
    """
    erosivity = erosivity_scale * (modified_fournier_index / unit_index) ** erosivity_exponent
    share = erosion_measure_share.sum("cohort")
    practices = (1 - share * (1 - practice_factor)).prod("measure", skipna=False)
    soil_loss = (
        erosivity
        * soil_erodibility
        * slope_length_steepness
        * slope_length_correction
        * cover_factor
        * practices
    )
    soil_kept = -crop_area * soil_loss
    content = {"typical": soil_carbon_content, "mapped": soil_carbon_stock / topsoil_mass}
    carbon_kept = soil_kept * content[carbon_content]
    return {
        "carbon_dioxide_avoided": carbon_kept * oxidised_share,
        "soil_kept": soil_kept,
        "carbon_kept": carbon_kept * carbon_in_place,
        "nitrogen_kept": soil_kept * soil_nitrogen_content,
        "phosphorus_kept": soil_kept * soil_phosphorus_content,
    }
