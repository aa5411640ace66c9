"""Monthly irradiation of a tilted plane that faces south, from that of the horizontal.

The isotropic sky of Liu and Jordan (1963), Solar Energy 7, 53-74, with monthly means after Klein
(1977), Solar Energy 19, 325-329, and the diffuse part of a month after Page (1961), UN Conference
on New Sources of Energy, paper 35/5/98. For planes without snow, reflection and shade; the hourly
model of PV modules (`pv_year`) is finer, and is simulated once per county.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from ecoassess.models.solar import (
    DAYS,
    DAYS_IN_MONTH,
    extraterrestrial_radiation,
    sunset_hour_angle,
)
from ecoassess.units import magnitude, quantify

PAGE = (1.00, -1.13)
"""Diffuse over global irradiation of a month: first plus second times H / H0."""


def _monthly_sum(daily: xr.DataArray) -> xr.DataArray:
    """Return the sums over the months of a 365-day year of an array by day."""
    month = xr.DataArray(np.repeat(np.arange(1, 13), DAYS_IN_MONTH), dims="day", name="month")
    return daily.groupby(month).sum("day")


def _hour_angle(latitude: xr.DataArray, declination: xr.DataArray) -> xr.DataArray:
    """Return the hour angle of sunset in rad."""
    cosine = (-np.tan(latitude) * np.tan(declination)).clip(-1, 1)
    angle: xr.DataArray = xr.apply_ufunc(np.arccos, cosine)
    return angle


def collector_irradiation(
    horizontal: xr.DataArray, latitude: xr.DataArray, tilt: xr.DataArray, albedo: xr.DataArray
) -> xr.DataArray:
    """Return the irradiation of the plane by month, in the unit of the horizontal's.

    ::

        H_T = (H − H_d) R_b + H_d (1 + cos β) / 2 + H ρ (1 − cos β) / 2
        H_d / H = 1 − 1.13 H / H_0
        R_b = Σ_days [cos(φ − β) cos δ sin ω' + ω' sin(φ − β) sin δ] / Σ_days [the same, β = 0]
        ω' = min(sunset hour angle at φ, at φ − β)

    Parameters
    ----------
    horizontal
        Global horizontal irradiation by month, kWh/m² (of the month, as a part of the year).
    latitude, tilt
        φ and β in degrees.
    albedo
        Reflectance ρ of the ground.
    """
    total = magnitude(horizontal, "kWh/m^2/yr")
    phi, beta = magnitude(latitude, "radian"), magnitude(tilt, "radian")
    day = xr.DataArray(DAYS, dims="day")
    declination = day.copy(data=sunset_hour_angle(0.0, DAYS)[1])
    sunset, of_plane = _hour_angle(phi, declination), _hour_angle(phi - beta, declination)

    def beam(of_latitude: xr.DataArray, hour_angle: xr.DataArray) -> xr.DataArray:
        east_west = np.cos(of_latitude) * np.cos(declination) * np.sin(hour_angle)
        rest: xr.DataArray = hour_angle * np.sin(of_latitude) * np.sin(declination)
        return _monthly_sum(rest + east_west)

    shorter = sunset.where(~(sunset > of_plane), of_plane)
    ratio = beam(phi - beta, shorter) / beam(phi, sunset)
    daily: xr.DataArray = xr.apply_ufunc(
        extraterrestrial_radiation, magnitude(latitude, "degree"), day
    )
    clearness = total / (_monthly_sum(daily) / 3.6)  # MJ to kWh
    constant, slope = PAGE
    diffuse = total * (constant + slope * clearness).clip(0, 1)
    tilted = (
        (total - diffuse) * ratio
        + diffuse * (1 + np.cos(beta)) / 2
        + total * magnitude(albedo, "1") * (1 - np.cos(beta)) / 2
    )
    return quantify(tilted, "kWh/m^2/yr")
