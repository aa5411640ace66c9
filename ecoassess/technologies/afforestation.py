"""Planting forest on open land and on sloping cropland."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.forest_components import wood, yearly
from ecoassess.technology import technology
from ecoassess.units import Unit


@technology(
    zh="造林与退耕还林",
    sector="forest",
    components={
        "biomass_gain": wood("林木生物量固碳"),
        "dead_matter_gain": yearly("枯死有机质固碳", "removal"),
        "soil_gain": yearly("土壤有机碳变化", "removal"),
        "cleared_biomass": yearly("原有植被清除排放", "side_effect"),
        "planting_fuel": yearly("整地造林燃油排放", "side_effect"),
    },
    adopts=("afforestation_share",),
    claims={"land": "afforestation_share"},
    paint=("plantable", "cropland", "land"),
    per={"plantable_area": ()},
)
def afforestation(
    plantable_area: Annotated[xr.DataArray, Unit("ha")],
    afforestation_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    planted_biomass_gain: Annotated[xr.DataArray, Unit("t C/ha/yr")],
    planted_dead_matter_gain: Annotated[xr.DataArray, Unit("t C/ha/yr")],
    planted_type_share: Annotated[xr.DataArray, Unit("1")],
    kept_area_share: Annotated[xr.DataArray, Unit("1")],
    soil_carbon_change: Annotated[xr.DataArray, Unit("t C/ha")],
    soil_transition_period: Annotated[xr.DataArray, Unit("yr")],
    cleared_carbon: Annotated[xr.DataArray, Unit("t C/ha")],
    planting_period: Annotated[xr.DataArray, Unit("yr")],
    planting_diesel: Annotated[xr.DataArray, Unit("L/ha")],
    diesel_factor: Annotated[xr.DataArray, Unit("kg CO2/L")],
) -> Result:
    """Carbon that planted stands take up in the assessed year, by the site they stand on.

    Formula
    -------
    With A the plantable area of a site, a_c the share of it planted in year c and n years ago::

        biomass gain     = p Σ_c A a_c Σ_type w g_b(n)      g: gain of a stand's nth year
        dead matter gain = p Σ_c A a_c Σ_type w g_d(n)
        soil gain        = p Σ_{c: n < D} A a_c · ΔSOC / D
        cleared biomass  = −Σ_{c: n < 1 yr} A a_c · C₀ / 1 yr
        planting fuel    = −Σ_{c: n < 1 yr} A a_c · L · EF / 1 yr

    Symbols
    -------
    plantable_area A, afforestation_share a (by cohort and `planting_site`), cohort_age n,
    planted_biomass_gain g_b and planted_dead_matter_gain g_d (by `forest_type`,
    models/stand_growth.py), planted_type_share w, kept_area_share p (planted area that becomes
    forest), soil_carbon_change ΔSOC over soil_transition_period D, cleared_carbon C₀,
    planting_period, planting_diesel L, diesel_factor EF. Positive is uptake.

    Source
    ------
    IPCC 2006 Vol. 4 Ch. 4.3 (land converted to forest land), eq. 2.15, 2.16 and 2.25.

    Validity
    --------
    Land without forest before. The stands are not thinned or cut in the period, and the growth of
    the baseline's vegetation counts as nil. A share that falls takes back the later gains, not
    the stock. Left out: nitrogen fertiliser, change of albedo, crops displaced to other land
    (leakage, credits.csv).
    """
    planted = plantable_area * afforestation_share
    kept = planted * kept_area_share
    new = (
        planted.where(cohort_age < planting_period, 0).sum("cohort", skipna=False) / planting_period
    )
    young = kept.where(cohort_age < soil_transition_period, 0).sum("cohort", skipna=False)

    def grown(gain: xr.DataArray) -> xr.DataArray:
        total: xr.DataArray = xr.dot(kept, planted_type_share, gain, dim=["cohort", "forest_type"])
        return total

    return {
        "biomass_gain": grown(planted_biomass_gain),
        "dead_matter_gain": grown(planted_dead_matter_gain),
        "soil_gain": young * soil_carbon_change / soil_transition_period,
        "cleared_biomass": -new * cleared_carbon,
        "planting_fuel": -new * planting_diesel * diesel_factor,
    }
