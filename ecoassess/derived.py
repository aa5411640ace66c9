"""Variables computed from observations: climate zones, and the shares of the months in a year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.calendar import Month
from ecoassess.errors import InputError, Problem
from ecoassess.models import climate_zone, erosivity, river_flow
from ecoassess.models.solar import DAYS, DAYS_IN_MONTH, monthly_mean
from ecoassess.observe import Observation
from ecoassess.run_config import ClimateRules

SEASON_MODEL = "month_shares"
SEASON_UNITS = {
    "growth_base_temperature": "K",
    "rice_season_start": "day",
    "rice_season_end": "day",
    "straw_burning": "1",
    "thaw_temperature": "K",
    "even_flow_share": "1",
}
"""The coefficients of the month shares and the units in which they are taken."""

ZERO_CELSIUS = 273.15
"""K, by definition."""

Seasons = Mapping[str, Any]


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
    irradiation
        Monthly sums of global horizontal irradiation from stations (adcode, month), kWh/m².
    """

    temperature: xr.DataArray
    precipitation: xr.DataArray
    evapotranspiration: xr.DataArray
    zone: dict[str, str]
    distance: dict[str, dict[str, float]]
    correction: xr.DataArray
    irradiation: xr.DataArray


def county_climate(
    observation: Observation,
    stations: pd.DataFrame,
    irradiation: xr.DataArray,
    rules: ClimateRules,
) -> Climate:
    """Correct precipitation to stations, then classify each county.

    Parameters
    ----------
    stations
        Index station; columns longitude, latitude, precipitation (mm/yr, NaN where unknown).
    irradiation
        Monthly sums of global horizontal irradiation (adcode, month), kWh/m².
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
        irradiation,
    )


def growing_degree_day_share(climate: Climate, month: Month, seasons: Seasons) -> xr.DataArray:
    """Return the share of the year's degree-days of growth in each month, from monthly normals."""
    degree_days = _degree_days(climate, month, seasons)
    return degree_days / degree_days.sum("month")


def forest_growth_share(climate: Climate, month: Month, seasons: Seasons) -> xr.DataArray:
    """Return the share of the year's forest growth in each month: degree-days times light.

    Light is the mean daily irradiation of the month, so that a month's length counts once.
    """
    light = climate.irradiation / _by_month(month.days)
    growth = _degree_days(climate, month, seasons) * light
    return growth / growth.sum("month")


def _degree_days(climate: Climate, month: Month, seasons: Seasons) -> xr.DataArray:
    base = seasons["growth_base_temperature"] - ZERO_CELSIUS
    excess: xr.DataArray = (climate.temperature - base).clip(min=0)
    return excess * _by_month(month.days)


def day_share(climate: Climate, month: Month, seasons: Seasons) -> xr.DataArray:
    """Return the share of the year's days in each month."""
    return _everywhere(month.days / month.days.sum(), climate)


def rice_season_share(climate: Climate, month: Month, seasons: Seasons) -> xr.DataArray:
    """Return the share of the flooded season's days in each month of a 365-day year."""
    first, last = seasons["rice_season_start"], seasons["rice_season_end"]
    flooded = (first <= DAYS) & (last >= DAYS)
    return _everywhere(monthly_mean(flooded) * DAYS_IN_MONTH / flooded.sum(), climate)


def river_flow_share(climate: Climate, month: Month, seasons: Seasons) -> xr.DataArray:
    """Return the share of the year's river flow in each month; snow runs off with the thaw."""
    temperature = climate.temperature.transpose("adcode", "month")
    share = river_flow.monthly_flow_share(
        temperature.values + ZERO_CELSIUS,
        climate.precipitation.transpose("adcode", "month").values,
        month.days / month.days.sum(),
        seasons["thaw_temperature"],
        seasons["even_flow_share"],
    )
    return temperature.copy(data=share)


def monthly_temperature(climate: Climate, month: Month, seasons: Seasons) -> xr.DataArray:
    """Return the monthly normals of air temperature in kelvin."""
    return climate.temperature + ZERO_CELSIUS


def horizontal_irradiation(climate: Climate, month: Month, seasons: Seasons) -> xr.DataArray:
    """Return the monthly sums of global horizontal irradiation, kWh/m²."""
    return climate.irradiation


def straw_burning_share(climate: Climate, month: Month, seasons: Seasons) -> xr.DataArray:
    """Return the share of the year's straw burning in each month."""
    shares = np.array([seasons["straw_burning"].get(str(m), 0.0) for m in range(1, 13)])
    if not np.isclose(shares.sum(), 1):
        raise InputError(
            Problem(
                what="the months do not add up to the year",
                file=f"configs/models/{SEASON_MODEL}.yaml",
                key="straw_burning",
                found=f"{shares.sum():g}",
                expected="1",
                remedy="correct a share",
            )
        )
    return _everywhere(shares, climate)


def _by_month(values: np.ndarray) -> xr.DataArray:
    return xr.DataArray(values, dims="month", coords={"month": np.arange(1, 13)})


def _everywhere(share: np.ndarray, climate: Climate) -> xr.DataArray:
    """Return the same shares for every county."""
    return _by_month(share).broadcast_like(climate.temperature).transpose("adcode", "month")


FUNCTIONS: dict[str, Callable[[Climate, Month, Seasons], xr.DataArray]] = {
    "growing_degree_day_share": growing_degree_day_share,
    "forest_growth_share": forest_growth_share,
    "day_share": day_share,
    "rice_season_share": rice_season_share,
    "straw_burning_share": straw_burning_share,
    "monthly_temperature": monthly_temperature,
    "horizontal_irradiation": horizontal_irradiation,
    "river_flow_share": river_flow_share,
    "modified_fournier_index": erosivity.modified_fournier_index,
    "erosivity_share": erosivity.erosivity_share,
}
