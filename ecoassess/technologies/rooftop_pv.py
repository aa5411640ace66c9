"""Solar modules on the roofs of dwellings."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="屋顶光伏",
    sector="building",
    components={
        "avoided_grid_emissions": Component(
            "t CO2/yr", basis="effect", account="reduction", zh="替代电网排放"
        ),
        "embodied_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="side_effect",
            boundary="embodied",
            month_share="day_share",
            zh="设备隐含排放",
        ),
    },
    adopts=("pv_roof_share",),
    claims={"roof": "pv_roof_share"},
    paint=("settlement", "cropland", "land"),
    paint_weight={"residential_roof_share": ("land",), "built_up_share": ("land",)},
)
def rooftop_pv(
    residential_floor_area: Annotated[xr.DataArray, Unit("m^2")],
    self_built_share: Annotated[xr.DataArray, Unit("1")],
    lift_share: Annotated[xr.DataArray, Unit("1")],
    pv_roof_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    pv_yield: Annotated[xr.DataArray, Unit("kWh/kWp/yr")],
    storeys: Annotated[xr.DataArray, Unit("1")],
    usable_roof_share: Annotated[xr.DataArray, Unit("1")],
    packing: Annotated[xr.DataArray, Unit("1")],
    module_power: Annotated[xr.DataArray, Unit("kWp/m^2")],
    degradation: Annotated[xr.DataArray, Unit("1/yr")],
    yield_factor: Annotated[xr.DataArray, Unit("1")],
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    embodied_carbon: Annotated[xr.DataArray, Unit("kg CO2/kWp")],
    cohort_length: Annotated[xr.DataArray, Unit("yr")],
) -> Result:
    """Grid emissions avoided and emissions embodied by a state of rooftop PV, by kind of dwelling.

    Formula
    -------
    For dwellings d (self-built houses, walk-up blocks, lift blocks) with household shares w_d::

        roof area         R_d = floor area · w_d / storeys_d
        full capacity     P_d = R_d · usable share · packing · module power        (kWp)
        capacity          K_d = P_d · Σ_k s_k exp(−δ n_k)          cohorts k, age n, degradation δ
        avoided           Σ_d K_d · yield_d(month) · yield factor · electricity factor
        embodied          P_d · s_k [n_k = 0] / 1 yr · embodied carbon

    Embodied carbon is charged once, in the year of installation, within its own boundary, and is
    negative.

    Symbols
    -------
    pv_roof_share s (cohort, dwelling), cohort_age n, pv_yield AC yield of a new kWp by month and
    dwelling (hourly model, `ecoassess/models/pv_year.py`), degradation δ, cohort_length 1 yr.
    Returns avoided_grid_emissions (t CO2/yr by dwelling and month) and embodied_emissions
    (t CO2/yr by dwelling).

    Source
    ------
    Roof from floor area: geometry (floor area = roof area × storeys). Yield: pvlib, PVWatts v5
    (Dobos 2014, NREL/TP-6A20-62641). Avoided emissions: generation × electricity factor, as in
    IPCC 2006 Vol. 2 eq. 2.1 turned to power displaced.

    Validity
    --------
    Shares of households stand for shares of floor area. All electricity, used or exported,
    displaces the grid of the province at the run's factor family. Residential roofs only: the
    floor area of other buildings is not known for the counties. Modules are not replaced.
    """
    walk_up_share = 1 - self_built_share - lift_share
    household_share = xr.concat(
        [self_built_share, walk_up_share, lift_share],
        dim=xr.DataArray(["self_built", "walk_up", "lift"], dims="dwelling", name="dwelling"),
        join="exact",
    )
    roof_area = residential_floor_area * household_share / storeys
    full_capacity = roof_area * usable_roof_share * packing * module_power
    working_share = (pv_roof_share * np.exp(-degradation * cohort_age)).sum("cohort")
    generation = full_capacity * working_share * pv_yield * yield_factor

    new_share = (pv_roof_share * (cohort_age < cohort_length)).sum("cohort")
    new_capacity = full_capacity * new_share / cohort_length
    return {
        "avoided_grid_emissions": generation * electricity_factor,
        "embodied_emissions": -new_capacity * embodied_carbon,
    }
