"""Photovoltaic output of a year of hourly weather, such as a TMY or EPW file holds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ecoassess.models.pv_year import (
    MONTH_OF_HOUR,
    Array,
    PVParameters,
    PVYear,
    Site,
    Snowfall,
    ac_power,
    albedo_of,
    clear_sky,
    monthly_sum,
    plane_irradiance,
    townsend_loss,
    whole_year,
)
from ecoassess.models.solar import DAYS_IN_MONTH


@dataclass(frozen=True, eq=False)
class Weather:
    """Hours of a year on the site's standard clock, (8760,) each, the sun as in a typical year.

    ghi, dni, dhi (W m-2, global, normal beam, diffuse); temperature (deg C); wind_speed (m s-1,
    at the modules).
    """

    ghi: Array
    dni: Array
    dhi: Array
    temperature: Array
    wind_speed: Array

    @property
    def monthly_temperature(self) -> Array:
        """Monthly mean of air temperature, (12,) deg C."""
        return np.asarray(monthly_sum(self.temperature) / (24 * DAYS_IN_MONTH))


def pv_of_weather(
    site: Site,
    weather: Weather,
    tilts: ArrayLike,
    azimuths: ArrayLike,
    parameters: PVParameters,
    *,
    monthly_snow_cover: ArrayLike | None = None,
    monthly_snowfall: Snowfall | None = None,
) -> PVYear:
    """PV output of k orientations by the chain of `pv_year`, whose parameters these are.

    All hours are in the first state of the sky. Only what falls in while the sun is up at the
    half hour counts. `wind_speed`, `diurnal_amplitude` and `warmest_hour` of the parameters are
    not used: the weather has its own.
    """
    tilts, azimuths = np.asarray(tilts, dtype=float), np.asarray(azimuths, dtype=float)
    sky = clear_sky(site)
    month = MONTH_OF_HOUR[sky.hour]
    cover = np.zeros(12) if monthly_snow_cover is None else np.asarray(monthly_snow_cover)
    albedo = albedo_of(cover, parameters)[month]
    ghi, dni, dhi = (values[sky.hour] for values in (weather.ghi, weather.dni, weather.dhi))
    incident, effective = plane_irradiance(sky, ghi, dni, dhi, albedo, tilts, azimuths)
    plane = sky.monthly(incident)
    snow = np.zeros_like(plane)
    if monthly_snowfall:
        air = weather.monthly_temperature
        snow = townsend_loss(monthly_snowfall, air, plane, tilts, parameters)
    air, wind = weather.temperature[sky.hour, None], weather.wind_speed[sky.hour, None]
    power = whole_year(ac_power(incident, effective, air, wind, snow[month], parameters), sky.hour)
    index = sky.monthly(ghi) / sky.monthly(sky.ghi)
    dark = np.zeros_like(power)
    return PVYear(monthly_sum(power), plane, snow, index, np.ones(12), power, dark)
