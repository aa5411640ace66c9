"""New small hydropower stations on rivers without storage."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="小水电",
    sector="energy",
    components={
        "avoided_grid_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            month_basis="climatological river flow",
            zh="替代电网排放",
        ),
        "embodied_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="side_effect",
            boundary="embodied",
            month_share="day_share",
            zh="电站建设隐含排放",
        ),
    },
    adopts=("small_hydro_share",),
    paint=("land",),
    per={"planned_small_hydro_capacity": ()},
)
def small_hydro(
    planned_small_hydro_capacity: Annotated[xr.DataArray, Unit("MW")],
    small_hydro_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    river_flow_share: Annotated[xr.DataArray, Unit("1")],
    day_share: Annotated[xr.DataArray, Unit("1")],
    full_load_hours: Annotated[xr.DataArray, Unit("h/yr")],
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    embodied_carbon: Annotated[xr.DataArray, Unit("kg CO2/kW")],
    cohort_length: Annotated[xr.DataArray, Unit("yr")],
) -> Result:
    """Grid emissions avoided and emissions embodied by a state of new small hydropower.

    Formula
    -------
    ::

        capacity        K = P · Σ_k s_k                                   cohorts k
        plant factor    f(month) = min(H · q(month), d(month))            share of the year
        avoided         K · f(month) · electricity factor
        embodied        P · Σ_k s_k [n_k = 0] / 1 yr · embodied carbon

    No month gives more than full load in all its hours: what the river brings beyond that runs
    over the weir, so that the year may stay below H.

    Symbols
    -------
    planned_small_hydro_capacity P, small_hydro_share s share of it that was built in a year,
    full_load_hours H (hours a year at full load, a plant factor in other words), river_flow_share q
    and day_share d shares of the year's flow and days, cohort_age n.

    Source
    ------
    Avoided emissions: generation × electricity factor, as in IPCC 2006 Vol. 2 eq. 2.1 turned to
    power displaced. Flow by month: `ecoassess/models/river_flow.py`.

    Validity
    --------
    Run-of-river stations. Left out: CO2 and CH4 of reservoirs (IPCC 2019 Vol. 4 ch. 7), which a
    station with storage must not leave out; residual flow for fish beyond what the full-load hours
    hold; dry years. Stations that stand (234 MW in the prefecture in 2017) are in both states.
    """
    planned = planned_small_hydro_capacity
    plant_factor = np.minimum(full_load_hours * river_flow_share, day_share)
    generation = planned * small_hydro_share.sum("cohort") * plant_factor

    new_share = (small_hydro_share * (cohort_age < cohort_length)).sum("cohort")
    new_capacity = planned * new_share / cohort_length
    return {
        "avoided_grid_emissions": generation * electricity_factor,
        "embodied_emissions": -new_capacity * embodied_carbon,
    }
