"""Fuel, capacity and electricity of straw-fired power stations."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.models.replacement import built
from ecoassess.units import Unit


@model(
    zh="秸秆发电",
    returns={
        "straw_power_supply": "t dm/yr",
        "straw_power_fuel": "GJ/yr",
        "straw_power_generation": "kWh/yr",
        "new_straw_power_capacity": "kW/yr",
    },
)
def straw_power(
    straw_supply: Annotated[xr.DataArray, Unit("t dm/yr")],
    straw_power_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    net_calorific_value: Annotated[xr.DataArray, Unit("GJ/t dm")],
    net_efficiency: Annotated[xr.DataArray, Unit("1")],
    full_load_hours: Annotated[xr.DataArray, Unit("h/yr")],
    service_life: Annotated[xr.DataArray, Unit("yr")],
    cohort_length: Annotated[xr.DataArray, Unit("yr")],
) -> Result:
    """Yearly straw, fuel energy and electricity of a state of straw power, by crop.

    Formula
    -------
    ::

        straw_power_supply          B = S · Σ_k s_k                             cohorts k
        straw_power_fuel            Q = B · NCV
        straw_power_generation      Q · η
        new_straw_power_capacity    S · NCV · η / H · (share built in the year) / 1 yr

    Symbols
    -------
    straw_supply S collectable straw, straw_power_share s (cohort, crop) share of it that came to
    power stations in a year, net_calorific_value NCV, net_efficiency η electricity sent out over
    fuel energy (the station's own use is taken off), full_load_hours H, cohort_age,
    service_life after which a station is built again (`ecoassess/models/replacement.py`),
    cohort_length 1 yr.

    Source
    ------
    IPCC 2006 Vol. 2 Ch. 2: fuel energy as mass × net calorific value.

    Validity
    --------
    Electricity only: heat from co-generation is left out, and so are losses and fires in stores.
    Wood is no fuel here: no harvest is known for the counties.
    """
    energy_supply = straw_supply * net_calorific_value
    level = straw_power_share.sum("cohort")
    new_share = built(straw_power_share, cohort_age, service_life, cohort_length)
    new_generation = energy_supply * new_share * net_efficiency
    return {
        "straw_power_supply": straw_supply * level,
        "straw_power_fuel": energy_supply * level,
        "straw_power_generation": energy_supply * level * net_efficiency,
        "new_straw_power_capacity": new_generation / full_load_hours / cohort_length,
    }
