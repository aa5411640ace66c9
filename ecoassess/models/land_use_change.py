"""Carbon that changes of land use set free or bind, by pool."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.units import Unit

RETURNS = {
    "soil_carbon_change": "t C",
    "soil_carbon_rate": "t C/yr",
    "biomass_change": "t C",
    "biomass_rate": "t C/yr",
}
"""What the equation returns, and in which units."""


def land_use_change(
    converted_area: Annotated[xr.DataArray, Unit("ha")],
    years_between: Annotated[xr.DataArray, Unit("yr")],
    years_passed: Annotated[xr.DataArray, Unit("yr")],
    soil_carbon_reference: Annotated[xr.DataArray, Unit("t C/ha")],
    factor_land_use: Annotated[xr.DataArray, Unit("1")],
    stock_factor: Annotated[xr.DataArray, Unit("1")],
    set_aside_factor: Annotated[xr.DataArray, Unit("1")],
    sealed_soil_factor: Annotated[xr.DataArray, Unit("1")],
    transition_period: Annotated[xr.DataArray, Unit("yr")],
    stand_biomass: Annotated[xr.DataArray, Unit("t dm/ha")],
    stand_root_shoot_ratio: Annotated[xr.DataArray, Unit("1")],
    biomass_carbon_fraction: Annotated[xr.DataArray, Unit("t C/t dm")],
    grass_biomass: Annotated[xr.DataArray, Unit("t dm/ha")],
    plant_carbon: Annotated[xr.DataArray, Unit("t C/ha")],
) -> Result:
    """Change of soil and plant carbon by change of land use; a gain is positive.

    Formula
    -------
    Land of category b became category a somewhere between two maps, N years apart. T years have
    passed since the earlier map. The change is put midway between the maps, y = T − N/2 years ago.

    Soil (eq. 2.25)::

        ΔC_soil = A SOC_ref (F_ba − F_b) min(y, D) / D,   0 where y ≤ 0
        rate    = A SOC_ref (F_ba − F_b) / D,             0 where y ≤ 0 or y > D
        F_b  = 1 of forest land and grassland, F_LU of cropland
        F_ba = σ F_b where a is settlements, F_set-aside where cropland became grassland, else F_a

    Plants (eq. 2.15 and 2.16)::

        ΔC_plants = A (B_a − B_b) min(T, N) / N,  rate = A (B_a − B_b) / N
        forest land: B_b = W_grown (1 + R_grown) CF, B_a = W_young (1 + R_young) CF
        grassland: G CF

    Symbols
    -------
    converted_area A by category before (b) and after (a), 0 where they are one; years_between N;
    years_passed T; soil_carbon_reference SOC_ref; factor_land_use F_LU; stock_factor F by category;
    set_aside_factor F_set-aside; sealed_soil_factor σ; transition_period D; stand_biomass W;
    stand_root_shoot_ratio R; biomass_carbon_fraction CF; grass_biomass G; plant_carbon B of the
    other categories. Returns soil_carbon_change and biomass_change since the earlier map,
    soil_carbon_rate in the year at whose end T is counted, and biomass_rate in the mean year
    between the maps.

    Source
    ------
    IPCC (2006) Vol. 4: eq. 2.15, 2.16 and 2.25; Tables 4.3, 4.4, 4.7, 6.4; sections 6.3.3, 8.3
    and 9.3. IPCC (2019) Vol. 4: Tables 2.3, 5.5, 5.9.

    Validity
    --------
    Tier 1, mineral soils with high-activity clay, 0-30 cm, cool temperate. Missing where the method
    has no default: wetlands, soil of other land, soil that was under settlements. Forest that is
    lost is taken as grown, forest that is gained as a stand of up to 20 years, whose further growth
    is no part of this. Settlement is taken as sealed. Long-term cultivated dry fields stand for all
    cropland.
    Left out: paddies, drained organic soils, dead wood and litter, wood products, fire, N2O of
    mineralised nitrogen.
    """
    before, after = converted_area["before"], converted_area["after"]
    of_use = stock_factor.where(stock_factor["category"] != "cropland", factor_land_use)
    initial = of_use.rename(category="before")
    final = of_use.rename(category="after")
    final = final.where(after != "settlements", sealed_soil_factor * initial)
    final = final.where((before != "cropland") | (after != "grassland"), set_aside_factor)
    midway = years_passed - years_between / 2
    elapsed = (midway + abs(midway)) / 2
    moved = elapsed.where(elapsed <= transition_period, transition_period)
    under_way = (elapsed > 0 * elapsed) & (elapsed <= transition_period)
    soil = converted_area * soil_carbon_reference * (final - initial)

    stand = stand_biomass * (1 + stand_root_shoot_ratio) * biomass_carbon_fraction
    herbs = plant_carbon.where(
        plant_carbon["category"] != "grassland", grass_biomass * biomass_carbon_fraction
    )
    is_forest = plant_carbon["category"] == "forest_land"
    cleared = herbs.where(~is_forest, stand.sel(stand="grown", drop=True))
    planted = herbs.where(~is_forest, stand.sel(stand="young", drop=True))
    plants = converted_area * (planted.rename(category="after") - cleared.rename(category="before"))
    mapped = years_passed.where(years_passed <= years_between, years_between)
    return {
        "soil_carbon_change": soil * moved / transition_period,
        "soil_carbon_rate": soil / transition_period * under_way,
        "biomass_change": plants * mapped / years_between,
        "biomass_rate": plants / years_between,
    }
