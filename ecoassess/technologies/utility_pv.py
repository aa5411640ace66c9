"""Ground-mounted solar plants on open land."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="地面光伏电站",
    sector="energy",
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
    adopts=("utility_pv_share",),
    claims={"land": "utility_pv_share"},
    paint=("plantable", "cropland", "land"),
    per={"solar_site_area": ()},
)
def utility_pv(
    solar_site_area: Annotated[xr.DataArray, Unit("ha")],
    utility_pv_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    utility_pv_yield: Annotated[xr.DataArray, Unit("kWh/kWp/yr")],
    capacity_per_area: Annotated[xr.DataArray, Unit("kWp/ha")],
    curtailed_share: Annotated[xr.DataArray, Unit("1")],
    degradation: Annotated[xr.DataArray, Unit("1/yr")],
    yield_factor: Annotated[xr.DataArray, Unit("1")],
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    embodied_carbon: Annotated[xr.DataArray, Unit("kg CO2/kWp")],
    cohort_length: Annotated[xr.DataArray, Unit("yr")],
) -> Result:
    """Grid emissions avoided and emissions embodied by a state of ground-mounted PV, by site.

    Formula
    -------
    ::

        full capacity     P = A · capacity per area                             (kWp)
        capacity          K = P · Σ_k s_k exp(−δ n_k)       cohorts k, age n, degradation δ
        avoided           K · yield(month) · yield factor · (1 − curtailed) · electricity factor
        embodied          P · Σ_k s_k [n_k = 0] / 1 yr · embodied carbon

    Embodied carbon is charged once, in the year of installation, within its own boundary, and is
    negative.

    Symbols
    -------
    solar_site_area A land of the site, utility_pv_share s (cohort, solar_site) share of that land
    that was covered in a year, cohort_age n, utility_pv_yield AC yield of a new kWp by month
    (hourly model, `ecoassess/models/pv_year.py`), degradation δ, cohort_length 1 yr.

    Source
    ------
    Yield: pvlib, PVWatts v5 (Dobos 2014, NREL/TP-6A20-62641). Avoided emissions: generation ×
    electricity factor, as in IPCC 2006 Vol. 2 eq. 2.1 turned to power displaced.

    Validity
    --------
    Fixed racks that face south. The land is claimed: what carries modules is not planted with
    forest. Cropland is not a site, since Chinese rules keep plants off it. Plants that stand are
    in both states. Left out: carbon of the vegetation and soil under the modules, grid losses,
    replacement of modules and inverters. Slope, ownership and distance to the grid are not
    mapped: the scenario's share has to stand for them.
    """
    full_capacity = solar_site_area * capacity_per_area
    working_share = (utility_pv_share * np.exp(-degradation * cohort_age)).sum("cohort")
    delivered_yield = utility_pv_yield * yield_factor * (1 - curtailed_share)
    generation = full_capacity * working_share * delivered_yield

    new_share = (utility_pv_share * (cohort_age < cohort_length)).sum("cohort")
    new_capacity = full_capacity * new_share / cohort_length
    return {
        "avoided_grid_emissions": generation * electricity_factor,
        "embodied_emissions": -new_capacity * embodied_carbon,
    }
