"""Capacity and electricity of new small hydropower stations."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.models.replacement import built
from ecoassess.units import Unit


@model(
    zh="小水电发电",
    returns={"new_hydro_capacity": "kW/yr", "hydro_generation": "kWh/yr"},
)
def hydro_power(
    planned_small_hydro_capacity: Annotated[xr.DataArray, Unit("MW")],
    small_hydro_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    river_flow_share: Annotated[xr.DataArray, Unit("1")],
    day_share: Annotated[xr.DataArray, Unit("1")],
    full_load_hours: Annotated[xr.DataArray, Unit("h/yr")],
    service_life: Annotated[xr.DataArray, Unit("yr")],
    cohort_length: Annotated[xr.DataArray, Unit("yr")],
) -> Result:
    """Yearly electricity of a state of new small hydropower, by month.

    Formula
    -------
    ::

        capacity              K = P · Σ_k s_k                                cohorts k
        plant factor          f(month) = min(H · q(month), d(month))         share of the year
        hydro_generation      K · f(month)
        new_hydro_capacity    P · (share built in the year, new and again) / 1 yr

    No month gives more than full load in all its hours: what the river brings beyond that runs
    over the weir, so that the year may stay below H.

    Symbols
    -------
    planned_small_hydro_capacity P, small_hydro_share s share of it that was built in a year,
    full_load_hours H (hours a year at full load, a plant factor in other words), river_flow_share q
    and day_share d shares of the year's flow and days, cohort_age, service_life after which a
    station is built again (`ecoassess/models/replacement.py`), cohort_length 1 yr.

    Source
    ------
    Generation: capacity × plant factor. Flow by month: `ecoassess/models/river_flow.py`.

    Validity
    --------
    Run-of-river stations. Left out: residual flow for fish beyond what the full-load hours hold;
    dry years. Stations that stand (234 MW in the prefecture in 2017) are in both states.
    """
    planned = planned_small_hydro_capacity
    plant_factor = np.minimum(full_load_hours * river_flow_share, day_share)
    new_share = built(small_hydro_share, cohort_age, service_life, cohort_length)
    return {
        "new_hydro_capacity": planned * new_share / cohort_length,
        "hydro_generation": planned * small_hydro_share.sum("cohort") * plant_factor,
    }
