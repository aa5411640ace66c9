"""Capacity and electricity of ground-mounted solar plants."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.models.replacement import built, standing, years_in_use
from ecoassess.units import Unit


@model(
    zh="地面光伏发电",
    returns={"new_ground_pv_capacity": "kWp/yr", "ground_pv_generation": "kWh/yr"},
)
def ground_pv_power(
    solar_site_area: Annotated[xr.DataArray, Unit("ha")],
    utility_pv_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    utility_pv_yield: Annotated[xr.DataArray, Unit("kWh/kWp/yr")],
    capacity_per_area: Annotated[xr.DataArray, Unit("kWp/ha")],
    curtailed_share: Annotated[xr.DataArray, Unit("1")],
    degradation: Annotated[xr.DataArray, Unit("1/yr")],
    yield_factor: Annotated[xr.DataArray, Unit("1")],
    pv_service_life: Annotated[xr.DataArray, Unit("yr")],
    cohort_length: Annotated[xr.DataArray, Unit("yr")],
) -> Result:
    """Yearly electricity of a state of ground-mounted PV, by site and month.

    Formula
    -------
    ::

        full capacity             P = A · capacity per area                     (kWp)
        new_ground_pv_capacity    P · (share built in the year, new and again) / 1 yr
        capacity                  K = P · Σ_k s'_k exp(−δ m_k)       cohorts k, degradation δ
        ground_pv_generation      K · yield(month) · yield factor · (1 − curtailed)

    Symbols
    -------
    solar_site_area A land of the site, utility_pv_share s (cohort, solar_site) share of that land
    that was covered in a year, s' what of it still stands, m years since its modules were built
    last, at the age cohort_age less whole lives of pv_service_life
    (`ecoassess/models/replacement.py`), utility_pv_yield AC yield of a new kWp by month (hourly
    model, `ecoassess/models/pv_year.py`), degradation δ, cohort_length 1 yr.

    Source
    ------
    Yield: pvlib, PVWatts v5 (Dobos 2014, NREL/TP-6A20-62641).

    Validity
    --------
    Fixed racks that face south. Cropland is not a site, since Chinese rules keep plants off it.
    At the end of its life a whole plant is built again, of today's kind; inverters, which last
    about half as long, go with their modules. Left out: grid losses. Slope, ownership and distance
    to the grid are not mapped: the scenario's share has to stand for them.
    """
    full_capacity = solar_site_area * capacity_per_area
    age = years_in_use(cohort_age, pv_service_life)
    working_share = (standing(utility_pv_share) * np.exp(-degradation * age)).sum("cohort")
    new_share = built(utility_pv_share, cohort_age, pv_service_life, cohort_length)
    delivered_yield = utility_pv_yield * yield_factor * (1 - curtailed_share)
    return {
        "new_ground_pv_capacity": full_capacity * new_share / cohort_length,
        "ground_pv_generation": full_capacity * working_share * delivered_yield,
    }
