"""Capacity and electricity of the solar modules on dwellings."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.models.replacement import built, standing, years_in_use
from ecoassess.units import Unit


@model(
    zh="屋顶光伏发电",
    returns={
        "new_roof_capacity": "kWp/yr",
        "roof_generation": "kWh/yr",
        "own_use": "kWh/yr",
        "exported": "kWh/yr",
    },
)
def rooftop_power(
    usable_roof_area: Annotated[xr.DataArray, Unit("m^2")],
    pv_roof_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    pv_yield: Annotated[xr.DataArray, Unit("kWh/kWp/yr")],
    self_use_share: Annotated[xr.DataArray, Unit("1")],
    uneven_load: Annotated[xr.DataArray, Unit("1")],
    packing: Annotated[xr.DataArray, Unit("1")],
    module_power: Annotated[xr.DataArray, Unit("kWp/m^2")],
    degradation: Annotated[xr.DataArray, Unit("1/yr")],
    yield_factor: Annotated[xr.DataArray, Unit("1")],
    pv_service_life: Annotated[xr.DataArray, Unit("yr")],
    cohort_length: Annotated[xr.DataArray, Unit("yr")],
) -> Result:
    """Yearly electricity of a state of rooftop PV, by kind of dwelling and month.

    Formula
    -------
    For dwellings d, cohorts k, degradation δ::

        full capacity         P_d = usable roof · packing_d · module power          (kWp)
        new_roof_capacity     P_d · (share built in the year, new and again) / 1 yr
        roof_generation       P_d · Σ_k s'_k exp(−δ m_k) · yield_d(month) · yield factor
        own_use               roof_generation · self-use share_d(month) · uneven load_d
        exported              roof_generation − own_use

    Symbols
    -------
    pv_roof_share s (cohort, dwelling) share of the usable roof that modules came on in a year, s'
    what of it still stands, m years since its modules were built last, at the age cohort_age less
    whole lives of pv_service_life (`ecoassess/models/replacement.py`), pv_yield AC yield of a new
    kWp on the mix of planes of a dwelling's roof,
    self_use_share part of a month's output that the household uses as it is made (both from the
    hourly year, `ecoassess/models/pv_year.py` and `self_use.py`), uneven_load correction for one
    household's load, which is less even than the mean of many; cohort_length 1 yr.

    Source
    ------
    Yield: pvlib, PVWatts v5 (Dobos 2014, NREL/TP-6A20-62641). Self-use: the lesser of output and
    load in each hour, in clear and in overcast hours.

    Validity
    --------
    A roof with modules is full, and each household of the building has its part of them: the
    self-use share is that of new modules on a full roof, whatever the adoption. Load is the
    ordinary one of households, as an hourly mean of many; heat pumps, batteries and cars are not
    in it. Own use and export are a split for the accounts and the grid; their sum is what is
    credited. At the end of its life a whole system is built again, of today's kind: inverters,
    which last about half as long, go with their modules.
    """
    full_capacity = usable_roof_area * packing * module_power
    age = years_in_use(cohort_age, pv_service_life)
    working_share = (standing(pv_roof_share) * np.exp(-degradation * age)).sum("cohort")
    new_share = built(pv_roof_share, cohort_age, pv_service_life, cohort_length)
    generation = full_capacity * working_share * pv_yield * yield_factor
    own_use = generation * self_use_share * uneven_load
    return {
        "new_roof_capacity": full_capacity * new_share / cohort_length,
        "roof_generation": generation,
        "own_use": own_use,
        "exported": generation - own_use,
    }
