"""Carbon embodied in new dwellings, by structure and material, and carbon stored in their wood."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result
from ecoassess.technology import ROOFS, SETTLED, Component, technology
from ecoassess.units import Unit


@technology(
    zh="绿色低碳建材",
    sector="materials",
    components={
        "production_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            boundary="embodied",
            month_share="day_share",
            zh="建材生产排放",
        ),
        "wood_stock_gain": Component(
            "t CO2/yr",
            basis="effect",
            account="removal",
            boundary="embodied",
            month_share="day_share",
            zh="建筑用木竹材碳储量年增量",
        ),
    },
    adopts=("building_structure_share", "green_material_share"),
    paint=SETTLED,
    paint_weight=ROOFS,
    paint_proxy="dwellings",
    per={"new_floor_area": ()},
)
def green_materials(
    new_floor_area: Annotated[xr.DataArray, Unit("m^2/yr")],
    building_structure_share: Annotated[xr.DataArray, Unit("1")],
    green_material_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    reference_intensity: Annotated[xr.DataArray, Unit("t/m^2")],
    structure_intensity: Annotated[xr.DataArray, Unit("t/m^2")],
    production_factor: Annotated[xr.DataArray, Unit("kg CO2/t")],
    green_material_cut: Annotated[xr.DataArray, Unit("1")],
    stored_carbon: Annotated[xr.DataArray, Unit("t C/t")],
    share_from_elsewhere: Annotated[xr.DataArray, Unit("1")],
    half_life: Annotated[xr.DataArray, Unit("yr")],
    accounting_year: Annotated[xr.DataArray, Unit("yr")],
) -> Result:
    """Emissions of making the materials of a year's new dwellings, and what their wood stores.

    Formula
    -------
    With N the floor area built in a year, r_m the material m in a square metre of reinforced
    concrete building, i_sm in one of structure s, and shares w_s of the new floor area (the rest
    is reinforced concrete)::

        use          U_m = N · (r_m + Σ_s w_s (i_sm − r_m))
        emissions    E_m = U_m · f_m · (1 − Σ_g u_g c_gm)      modules A1 to A3
        wood         I_ma = N · Σ_s w_sa i_sm · b_m · e_m      carbon that enters in a year
        gain         ΔC_m = Σ_a I_ma · (e^(−k a) − e^(−k (a + 1))) / k,     k = ln 2 / half-life

    where u_g is the share of a material that is of its green kind g, c_gm what that cuts from the
    emissions of making it, b_m the carbon in a tonne and e_m the share of it that grew elsewhere.
    The decay is that of harvested_wood_products; the 1 in a + 1 is the accounting year.

    Symbols
    -------
    new_floor_area N, building_structure_share w (cohort, structure), green_material_share u
    (cohort, green_material), cohort_age a, reference_intensity r, structure_intensity i,
    production_factor f, green_material_cut c, stored_carbon b, share_from_elsewhere e, half_life,
    accounting_year 1 yr. Returns by material; emissions are negative, carbon kept is positive.

    Source
    ------
    GB/T 51366-2019 section 6.2 (quantity times factor) and Table D.0.1; material per square metre
    from the database of Heeren and Fishman (2019). Decay: IPCC 2006 Vol. 4 Ch. 12 eq. 12.1, 2019
    Refinement Table 12.3.

    Validity
    --------
    Structure, masonry and mortar of dwellings. Left out: windows, insulation, fittings, transport
    (A4), building (A5), end of life, uptake of CO2 by concrete; what the structures share cancels
    in the effect, insulation and windows belong to green_housing. CO2e of the factors counts as
    CO2. Months are by days, though nobody builds in winter. Factors leave the carbon in wood out,
    so it stands in its own line, and nowhere else: wood of the counties' own harvest is counted by
    harvested_wood_products and is taken out here (share_from_elsewhere). What grew elsewhere is
    that region's removal under the production approach of IPCC, so that this stock-change view of
    it is embodied, outside the territorial net. The floor area built is the assessed
    year's in all years. A structure is replaced as a whole: no account of foundations that a
    lighter building saves beyond what the database's buildings show.
    """
    structure_share = building_structure_share.sum("cohort")
    extra = (structure_share * (structure_intensity - reference_intensity)).sum("structure")
    use = new_floor_area * (reference_intensity + extra)
    cut = (green_material_share.sum("cohort") * green_material_cut).sum("green_material")

    decay_rate = np.log(2) / half_life
    still_in_use = np.exp(-decay_rate * cohort_age)
    one_year_later = np.exp(-decay_rate * (cohort_age + accounting_year))
    kept = (still_in_use - one_year_later) / (decay_rate * accounting_year)
    kept_share = (building_structure_share * kept).sum("cohort")
    wood = new_floor_area * (kept_share * structure_intensity).sum("structure")
    return {
        "production_emissions": -use * production_factor * (1 - cut),
        "wood_stock_gain": wood * stored_carbon * share_from_elsewhere,
    }
