"""Variables computed from observations: month shares, climate zones.

Each function takes the `Site` of a run and returns plain numbers by county (and month).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.calendar import Month
from ecoassess.models import climate_zone
from ecoassess.models.solar import DAYS_IN_MONTH
from ecoassess.observe import Observation
from ecoassess.run_config import ClimateRules

GROWTH_BASE_TEMPERATURE = 5.0
"""°C above which degree-days count; the base of the growing season in temperate forestry."""

RICE_SEASON = ((5, 20), (9, 10))
"""First and last day under water: transplanting in late May, drained before harvest in September.
112 days, the cultivation period of IPCC 2019 Table 5.11A for East Asia is 112."""


@dataclass(frozen=True)
class Climate:
    """The corrected climate of the counties.

    Parameters
    ----------
    temperature, precipitation, evapotranspiration
        Monthly normals (adcode, month) in °C and mm.
    zone
        IPCC climate zone of each county.
    distance
        For each county, signed distance to each threshold of the zone tree.
    correction
        Factor by which precipitation was scaled to stations.
    """

    temperature: xr.DataArray
    precipitation: xr.DataArray
    evapotranspiration: xr.DataArray
    zone: dict[str, str]
    distance: dict[str, dict[str, float]]
    correction: xr.DataArray


def county_climate(
    observation: Observation, stations: pd.DataFrame, rules: ClimateRules
) -> Climate:
    """Correct precipitation to stations, then classify each county.

    Parameters
    ----------
    stations
        Index station; columns longitude, latitude, precipitation (mm/yr, NaN where unknown).
    rules
        Formula of potential evapotranspiration, or the zone that is to hold.
    """
    known = stations["precipitation"].notna().to_numpy()
    precipitation = climate_zone.scale_precipitation(
        observation.precipitation.values,
        stations["longitude"].to_numpy()[known],
        stations["latitude"].to_numpy()[known],
        stations["precipitation"].to_numpy()[known],
        observation.station_precipitation.values[known],
        observation.longitude.values,
        observation.latitude.values,
    )
    corrected = observation.precipitation.copy(data=precipitation)
    diurnal_range = (rules.diurnal_range,) if rules.pet_formula == "hargreaves" else ()
    pet = climate_zone.PET_FORMULAS[rules.pet_formula](
        observation.temperature.values,
        observation.latitude.values,
        *(np.full(12, kelvin) for kelvin in diurnal_range),
    )
    temperature = np.average(observation.temperature.values, axis=-1, weights=DAYS_IN_MONTH)
    annual = precipitation.sum(axis=-1), pet.sum(axis=-1)
    # Elevation and frost days decide in the tropics only.
    nowhere = np.zeros_like(temperature)
    labels = climate_zone.ipcc_climate_zone(temperature, *annual, nowhere, frost_days=nowhere + 365)
    distance = climate_zone.distance_to_thresholds(temperature, *annual)
    codes = [str(code) for code in observation.latitude["adcode"].values]
    return Climate(
        observation.temperature,
        corrected,
        observation.temperature.copy(data=pet),
        {
            code: rules.zone or str(label).replace(" ", "_")
            for code, label in zip(codes, labels, strict=True)
        },
        {
            code: {name: float(values[i]) for name, values in distance.items()}
            for i, code in enumerate(codes)
        },
        (corrected / observation.precipitation).isel(month=0, drop=True),
    )


def growing_degree_day_share(climate: Climate, month: Month) -> xr.DataArray:
    """Share of the year's degree-days above 5 °C in each month, from monthly normals."""
    days = xr.DataArray(month.days, dims="month", coords={"month": np.arange(1, 13)})
    degree_days = (climate.temperature - GROWTH_BASE_TEMPERATURE).clip(min=0) * days
    return degree_days / degree_days.sum("month")


def day_share(climate: Climate, month: Month) -> xr.DataArray:
    """Share of the year's days in each month."""
    days = xr.DataArray(month.days, dims="month", coords={"month": np.arange(1, 13)})
    share = days / days.sum()
    return share.broadcast_like(climate.temperature).transpose("adcode", "month")


def rice_season_share(climate: Climate, month: Month) -> xr.DataArray:
    """Share of the flooded season's days in each month."""
    first, last = (pd.Timestamp(2001, *day) for day in RICE_SEASON)
    days = pd.date_range(first, last).month.value_counts()
    share = xr.DataArray(
        [days.get(m, 0) / days.sum() for m in range(1, 13)],
        dims="month",
        coords={"month": np.arange(1, 13)},
    )
    return share.broadcast_like(climate.temperature).transpose("adcode", "month")


FUNCTIONS: dict[str, Callable[[Climate, Month], xr.DataArray]] = {
    "growing_degree_day_share": growing_degree_day_share,
    "day_share": day_share,
    "rice_season_share": rice_season_share,
}
