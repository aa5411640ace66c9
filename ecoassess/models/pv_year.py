"""Hourly photovoltaic output of a typical year from monthly climate.

A year has 365 days on the site's standard clock; hour i starts i hours after 1 January 00:00 and
has the sun of its half hour. Arrays are plain numpy, units stand in the docstrings; angles are in
degrees, azimuths clockwise from north (180 = south).

Sky: every hour is clear with weight s and overcast with weight 1 - s. A clear hour has the
clear-sky irradiance of Ineichen and Perez (2002), an overcast hour the fraction alpha of its
global irradiance, all diffuse: Angstrom's (1924) picture, H / Hc = s + alpha (1 - s). A month's s
and alpha close its global and its diffuse irradiation; power is computed in both states, then
averaged. Scaling the clear sky uniformly and splitting each hour by an hourly correlation would
be simpler, but no month consists of hours of average cloud. Against the hours of a TMY3 year in
Greensboro (36 N; tests/reference/pv_tmy3.yaml) the mix meets the irradiation of eight planes
within 1 %; the uniform sky gives south planes 3 to 7 % too little and a north wall 21 % too much.
In cloudy Sand Point (55 N) the mix is off by up to 5 %, the uniform sky by up to 37 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone

import numpy as np
import pandas as pd
import pvlib
from numpy.polynomial.polynomial import polyval
from numpy.typing import ArrayLike, NDArray

from ecoassess.models.solar import (
    DAYS,
    DAYS_IN_MONTH,
    day_length,
    extraterrestrial_irradiation,
    monthly_mean,
)

Array = NDArray[np.float64]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH_STARTS = np.cumsum(DAYS_IN_MONTH) - DAYS_IN_MONTH
MONTH_OF_HOUR = np.repeat(np.arange(12), 24 * DAYS_IN_MONTH)

ERBS_SUNSET_ANGLE = 81.4  # degrees, parts the two cubics of Erbs et al. (1982)
ERBS_WINTER = (1.391, -3.560, 4.189, -2.137)
ERBS_REST = (1.311, -3.022, 3.427, -1.821)
GLASS = {"n": 1.526, "K": 4.0, "L": 0.002}  # 1, m-1, m: De Soto, Klein and Beckman (2006)
CLEAR_SKY_INDEX_LIMIT = 1.1  # monthly means above it point to a wrong unit, site or turbidity


@dataclass(frozen=True)
class Site:
    """A place: latitude (deg N), longitude (deg E), altitude (m), IANA time zone."""

    latitude: float
    longitude: float
    altitude: float
    time_zone: str


@dataclass(frozen=True)
class PVParameters:
    """Coefficients of a PV system, without defaults.

    temperature_coefficient (1/K, of power, negative); soiling (1); system_losses (1: shade,
    mismatch, wiring, outages; not soiling, snow and inverter); dc_ac_ratio (1, module over
    inverter capacity); inverter_efficiency (1, nominal); heat_loss (W m-2 K-1, Faiman's U0);
    heat_loss_wind (W s m-3 K-1, Faiman's U1); wind_speed (m s-1, at the modules);
    diurnal_amplitude (K, half the daily range of air temperature); warmest_hour (h, local mean
    solar time); ground_albedo and snow_albedo (1). For Townsend's snow loss: slant_height (m, of
    a row), lower_edge_height (m, above where shed snow piles up), string_factor (1; 1.0 for one
    string along the slant, else 0.75).
    """

    temperature_coefficient: float
    soiling: float
    system_losses: float
    dc_ac_ratio: float
    inverter_efficiency: float
    heat_loss: float
    heat_loss_wind: float
    wind_speed: float
    diurnal_amplitude: float
    warmest_hour: float
    ground_albedo: float
    snow_albedo: float
    slant_height: float
    lower_edge_height: float
    string_factor: float


@dataclass(frozen=True, eq=False)
class Snowfall:
    """Monthly (12,): depth (cm), events (days above 2.54 cm), relative_humidity (%)."""

    depth: ArrayLike
    events: ArrayLike
    relative_humidity: ArrayLike


@dataclass(frozen=True, eq=False)
class Sun:
    """Place of the sun (degrees), beam above the air (W m-2) in n daylight hours, (n,) each."""

    hour: NDArray[np.intp]
    zenith: Array
    azimuth: Array
    extraterrestrial: Array

    def monthly(self, irradiance: Array) -> Array:
        """Sum irradiance (n, ...) in W m-2 to months (12, ...) in kWh m-2."""
        return monthly_sum(whole_year(irradiance, self.hour)) / 1000


@dataclass(frozen=True, eq=False)
class ClearSky(Sun):
    """Sun and clear-sky irradiance (W m-2) in a site's n daylight hours, (n,) each."""

    ghi: Array
    dni: Array
    dhi: Array


@dataclass(frozen=True, eq=False)
class PVYear:
    """Output of one typical year for k orientations, per kWp of module capacity.

    monthly_yield (12, k) kWh/kWp AC; plane_irradiation (12, k) kWh m-2, before reflection and
    snow; snow_loss (12, k) 1, of DC energy; clear_sky_index (12,) 1; clear_fraction s (12,) 1;
    hourly_clear, hourly_overcast (8760, k) kW/kWp AC in either state: what is not linear in power
    (self-use, export) is computed in each and averaged with s and 1 - s. A year of hourly weather
    is all in the first state.
    """

    monthly_yield: Array
    plane_irradiation: Array
    snow_loss: Array
    clear_sky_index: Array
    clear_fraction: Array
    hourly_clear: Array
    hourly_overcast: Array

    @property
    def annual_yield(self) -> Array:
        """AC output of the year, (k,) kWh/kWp."""
        return np.asarray(self.monthly_yield.sum(axis=0))

    def mixed_months(self, clear: Array, overcast: Array) -> Array:
        """Sum hours (8760, ...) of both states to the months (12, ...) that are expected."""
        return _mixed(self.clear_fraction, monthly_sum(clear), monthly_sum(overcast))

    def hourly(self) -> Array:
        """Mix both states to the expected AC output, (8760, k) kW/kWp."""
        weight = self.clear_fraction[MONTH_OF_HOUR]
        return _mixed(weight, self.hourly_clear, self.hourly_overcast)


def _mixed(weight: Array, clear: Array, overcast: Array) -> Array:
    return weight[:, None] * clear + (1 - weight[:, None]) * overcast


def monthly_sum(hourly: Array) -> Array:
    """Sum hours (8760, ...) to months (12, ...)."""
    return np.asarray(np.add.reduceat(hourly, 24 * MONTH_STARTS, axis=0))


def whole_year(daylight: Array, hour: NDArray[np.intp]) -> Array:
    """Return the year (8760, ...) of which `daylight` holds the hours `hour`, dark outside."""
    year = np.zeros((8760, *daylight.shape[1:]))
    year[hour] = daylight
    return year


def diffuse_irradiation(monthly_irradiation: ArrayLike, latitude: float) -> Array:
    """Monthly diffuse horizontal irradiation, (12,) kWh m-2: Hd = H cubic(H / H0).

    Erbs, Klein and Duffie (1982), Solar Energy 28, 293-302, monthly correlation, two cubics by
    sunset hour angle. Valid for 0.3 <= H / H0 <= 0.8; below, continued and capped at Hd = H.
    """
    clearness = np.asarray(monthly_irradiation) / extraterrestrial_irradiation(latitude)
    sunset = 180 / 24 * monthly_mean(day_length(latitude, DAYS))
    winter, rest = polyval(clearness, ERBS_WINTER), polyval(clearness, ERBS_REST)
    fraction = np.where(sunset <= ERBS_SUNSET_ANGLE, winter, rest)
    return np.asarray(monthly_irradiation * np.clip(fraction, 0, 1))


def sky_mixture(index: Array, beam: Array, clear_sky_beam: Array) -> tuple[Array, Array, Array]:
    """Weight of clear hours, scale of clear and scale of overcast hours, (12,) 1 each.

    s = B / Bc closes the beam (horizontal, kWh m-2), alpha = (kc - s) / (1 - s) the global
    irradiation, kc its clear-sky index; Angstrom (1924), Q. J. R. Meteorol. Soc. 50, 121-126. A
    month with kc > 1 scales its clear sky by kc. Where s would pass kc the overcast hours are
    black and the diffuse irradiation is not met, the global always is.
    """
    scale = np.maximum(index, 1.0)
    index = index / scale
    clear = np.minimum(beam / (scale * clear_sky_beam), index)
    alpha = np.divide(index - clear, 1 - clear, out=np.zeros(12), where=clear < 1)
    return clear, scale, scale * alpha


def typical_hours(time_zone: str) -> pd.DatetimeIndex:
    """List the starts of the 8760 hours; the clock of 1 January holds all year (no summer time)."""
    offset = pd.Timestamp("2023-01-01", tz=time_zone).utcoffset() or timedelta(0)
    return pd.date_range("2023-01-01", periods=8760, freq="h", tz=timezone(offset))


def half_hours(site: Site) -> pd.DatetimeIndex:
    """List the times whose sun stands for the hours."""
    return typical_hours(site.time_zone) + pd.Timedelta(minutes=30)


def sun_of(site: Site) -> Sun:
    """Sun of a site by day, after NREL's SPA."""
    time = half_hours(site)
    place = (site.latitude, site.longitude)
    sun = pvlib.solarposition.get_solarposition(time, *place, altitude=site.altitude)
    day = np.flatnonzero(sun["apparent_zenith"] < 90)
    zenith, azimuth = sun["apparent_zenith"].to_numpy()[day], sun["azimuth"].to_numpy()[day]
    return Sun(day, zenith, azimuth, pvlib.irradiance.get_extra_radiation(time[day]).to_numpy())


def clear_sky(site: Site) -> ClearSky:
    """Sun and clear sky of a site: Ineichen and Perez (2002), Solar Energy 73, 151-157.

    Linke turbidity is pvlib's monthly climatology, interpolated to days.
    """
    sun = sun_of(site)
    time = half_hours(site)[sun.hour]
    pressure = pvlib.atmosphere.alt2pres(site.altitude)
    relative_airmass = pvlib.atmosphere.get_relative_airmass(sun.zenith)
    airmass = pvlib.atmosphere.get_absolute_airmass(relative_airmass, pressure)
    turbidity = pvlib.clearsky.lookup_linke_turbidity(time, site.latitude, site.longitude)
    sky = pvlib.clearsky.ineichen(
        sun.zenith,
        airmass,
        turbidity.to_numpy(),
        site.altitude,
        dni_extra=sun.extraterrestrial,
    )
    return ClearSky(
        *(sun.hour, sun.zenith, sun.azimuth, sun.extraterrestrial),
        *(sky[name] for name in ("ghi", "dni", "dhi")),
    )


def air_temperature(monthly_temperature: Array, site: Site, parameters: PVParameters) -> Array:
    """Hourly air temperature, (8760,) deg C: T = Tm + A cos(2 pi (t - t_max) / 24).

    t is local mean solar time. Monthly means are kept; months step.
    """
    start = typical_hours(site.time_zone)[0].tz_convert("UTC")
    solar_time = start.hour + start.minute / 60 + np.arange(8760) + 0.5 + site.longitude / 15
    wave = np.cos(2 * np.pi / 24 * (solar_time - parameters.warmest_hour))
    return np.asarray(monthly_temperature[MONTH_OF_HOUR] + parameters.diurnal_amplitude * wave)


def plane_irradiance(
    sun: Sun,
    ghi: Array,
    dni: Array,
    dhi: Array,
    albedo: Array,
    tilts: Array,
    azimuths: Array,
) -> tuple[Array, Array]:
    """Irradiance on k planes, incident and after reflection of the beam, (n, k) W m-2 each.

    E = B cos(aoi) + D (A Rb + (1 - A) (1 + cos b) / 2) + G albedo (1 - cos b) / 2; Hay and Davies
    (1980), anisotropy A = B / B0, so that an overcast sky is isotropic. What is not of a plane is
    (n,), by the hours of `sun`. Reflection after De Soto et al. (2006) acts on the beam alone, as
    in PVWatts.
    """
    is_overcast = not dni.any()
    ghi, dni, dhi, albedo, extra, zenith, azimuth = (
        values[:, None]
        for values in (ghi, dni, dhi, albedo, sun.extraterrestrial, sun.zenith, sun.azimuth)
    )
    diffuse = pvlib.irradiance.haydavies(tilts, azimuths, dhi, dni, extra, zenith, azimuth)
    diffuse = diffuse + pvlib.irradiance.get_ground_diffuse(tilts, ghi, albedo)
    if is_overcast:
        return diffuse, diffuse
    cosine = np.maximum(pvlib.irradiance.aoi_projection(tilts, azimuths, zenith, azimuth), 0)
    transmitted = pvlib.iam.physical(np.degrees(np.arccos(np.minimum(cosine, 1))), **GLASS)
    return dni * cosine + diffuse, dni * cosine * transmitted + diffuse


def ac_power(
    irradiance: Array,
    effective_irradiance: Array,
    temperature: Array,
    wind_speed: ArrayLike,
    snow_loss: Array,
    parameters: PVParameters,
    capacity: float = 1.0,
) -> Array:
    """AC power in the unit of `capacity`, from W m-2 (incident, after reflection), deg C, m s-1.

    Tc = Ta + E / (U0 + U1 v) (Faiman 2008); Pdc = P0 E' / 1000 (1 + g (Tc - 25)) (1 - soiling)
    (1 - losses) (1 - snow); inverter curve with Pac <= P0 / dc_ac_ratio: PVWatts 5 (Dobos 2014,
    NREL/TP-6A20-62641).
    """
    p = parameters
    cell = pvlib.temperature.faiman(
        irradiance, temperature, wind_speed, p.heat_loss, p.heat_loss_wind
    )
    dc = pvlib.pvsystem.pvwatts_dc(effective_irradiance, cell, capacity, p.temperature_coefficient)
    dc_limit = capacity / p.dc_ac_ratio / p.inverter_efficiency
    dc = dc * (1 - p.soiling) * (1 - p.system_losses) * (1 - snow_loss)
    return np.asarray(pvlib.inverter.pvwatts(dc, dc_limit, p.inverter_efficiency))


def townsend_loss(
    snowfall: Snowfall, temperature: Array, plane: Array, tilts: Array, parameters: PVParameters
) -> Array:
    """Share of a month's DC energy lost under snow, (12, k), by air deg C and plane kWh m-2.

    Townsend and Powers (2011), doi:10.1109/PVSC.2011.6186627: two winters in the Sierra Nevada,
    tilts 0-39 degrees; no wind, no clearing, no heat from the building.
    """
    depth, events, humidity, air = (
        np.broadcast_to(np.asarray(values, dtype=float)[:, None], plane.shape)
        for values in (snowfall.depth, snowfall.events, snowfall.relative_humidity, temperature)
    )
    # pvlib takes the month before by rolling the flattened array: one column at a time.
    rack = (parameters.slant_height, parameters.lower_edge_height, parameters.string_factor)
    columns = zip(depth.T, events.T, tilts, humidity.T, air.T, 1000 * plane.T, strict=True)
    return np.stack([pvlib.snow.loss_townsend(*column, *rack) for column in columns], axis=1)


def albedo_of(snow_cover: Array, parameters: PVParameters) -> Array:
    """Albedo of ground that lies under snow for a share of the days."""
    bare, snowy = parameters.ground_albedo, parameters.snow_albedo
    return bare + snow_cover * (snowy - bare)


def _two_skies(
    sky: ClearSky, clear: Array, overcast: Array
) -> tuple[tuple[Array, Array, Array], tuple[Array, Array, Array]]:
    """Global, beam and diffuse irradiance of clear and of overcast hours."""
    dark = overcast * sky.ghi
    bright = (clear * sky.ghi, clear * sky.dni, clear * sky.dhi)
    return bright, (dark, np.zeros_like(dark), dark)


def _checked(
    problems: list[str], name: str, values: ArrayLike, low: ArrayLike, high: ArrayLike, unit: str
) -> Array:
    """Twelve monthly numbers; what is wrong with them is added to `problems`."""
    array = np.asarray(values, dtype=float)
    if array.shape != (12,):
        raise ValueError(f"{name}: found shape {array.shape}, expected (12,), January first")
    low, high = np.broadcast_to(low, 12), np.broadcast_to(high, 12)
    problems += [
        f"{name}, {MONTHS[m]}: found {array[m]:.6g}, expected {low[m]:.4g} to {high[m]:.4g} {unit}"
        for m in np.flatnonzero(~((array >= low) & (array <= high)))
    ]
    return array


def pv_year(
    site: Site,
    monthly_irradiation: ArrayLike,
    monthly_temperature: ArrayLike,
    tilts: ArrayLike,
    azimuths: ArrayLike,
    parameters: PVParameters,
    *,
    monthly_diffuse: ArrayLike | None = None,
    monthly_snow_cover: ArrayLike | None = None,
    monthly_snow_loss: ArrayLike | None = None,
    monthly_snowfall: Snowfall | None = None,
    sky: ClearSky | None = None,
) -> PVYear:
    """One typical year of PV output at a site for k orientations.

    Parameters
    ----------
    site, parameters : place and system
    monthly_irradiation : (12,) kWh m-2 month-1, global horizontal, met exactly
    monthly_temperature : (12,) deg C, mean air temperature
    tilts, azimuths : (k,) degrees, from horizontal and clockwise from north
    monthly_diffuse : (12,) kWh m-2 month-1, horizontal; by default `diffuse_irradiation`
    monthly_snow_cover : (12,) 1, share of days with snow on the ground (albedo); by default 0
    monthly_snow_loss : (12,) 1, share of DC energy lost under snow, by default 0; or
    monthly_snowfall : weather for `townsend_loss`
    sky : `clear_sky(site)`, where many years share a site

    Raises
    ------
    ValueError
        Lists every month whose value is out of range, with what was expected.

    Notes
    -----
    Left out: shading by horizon and rows, spectrum, reflection of diffuse light, the different
    air temperature of clear and overcast days, the order of days.
    """
    tilts, azimuths = np.asarray(tilts, dtype=float), np.asarray(azimuths, dtype=float)
    if tilts.ndim != 1 or tilts.shape != azimuths.shape or not tilts.size:
        raise ValueError(
            f"tilts {tilts.shape}, azimuths {azimuths.shape}: expected two (k,), k > 0"
        )
    zeros = np.zeros(12)
    bad: list[str] = []
    limit = extraterrestrial_irradiation(site.latitude)
    irradiation = _checked(bad, "monthly_irradiation", monthly_irradiation, 1e-3, limit, "kWh m-2")
    if monthly_diffuse is None:
        monthly_diffuse = diffuse_irradiation(irradiation, site.latitude)
    diffuse = _checked(bad, "monthly_diffuse", monthly_diffuse, 0, irradiation, "kWh m-2")
    temperature = _checked(bad, "monthly_temperature", monthly_temperature, -90, 60, "deg C")
    cover = zeros if monthly_snow_cover is None else monthly_snow_cover
    cover = _checked(bad, "monthly_snow_cover", cover, 0, 1, "")
    loss = zeros if monthly_snow_loss is None else monthly_snow_loss
    loss = _checked(bad, "monthly_snow_loss", loss, 0, 1, "")
    if monthly_snowfall and monthly_snow_loss is not None:
        bad.append("monthly_snow_loss and monthly_snowfall: found both, expected one")
    if not np.all((tilts >= 0) & (tilts <= 90) & (azimuths >= 0) & (azimuths <= 360)):
        bad.append("tilts, azimuths: expected 0 to 90 and 0 to 360 degrees")
    sky = sky or clear_sky(site)
    index = irradiation / sky.monthly(sky.ghi)
    bad += [
        f"clear-sky index, {MONTHS[m]}: found {index[m]:.3f}, expected at most "
        f"{CLEAR_SKY_INDEX_LIMIT}; check monthly_irradiation (kWh m-2, not MJ) and the altitude"
        for m in np.flatnonzero(index > CLEAR_SKY_INDEX_LIMIT)
    ]
    if bad:
        raise ValueError("\n".join(bad))

    clear_beam = sky.monthly(sky.ghi - sky.dhi)
    fraction, clear, overcast = sky_mixture(index, irradiation - diffuse, clear_beam)
    month = MONTH_OF_HOUR[sky.hour]
    albedo = albedo_of(cover, parameters)[month]
    states = [
        plane_irradiance(sky, *irradiance, albedo, tilts, azimuths)
        for irradiance in _two_skies(sky, clear[month], overcast[month])
    ]
    plane = _mixed(fraction, *(sky.monthly(incident) for incident, _ in states))
    snow = np.repeat(loss[:, None], tilts.size, axis=1)
    if monthly_snowfall:
        snow = townsend_loss(monthly_snowfall, temperature, plane, tilts, parameters)
    air = air_temperature(temperature, site, parameters)[sky.hour, None]
    wind = parameters.wind_speed
    powers = [
        whole_year(ac_power(*state, air, wind, snow[month], parameters), sky.hour)
        for state in states
    ]
    monthly_yield = _mixed(fraction, *(monthly_sum(power) for power in powers))
    return PVYear(monthly_yield, plane, snow, index, fraction, *powers)


def pv_years(
    sites: Sequence[Site],
    monthly_irradiation: Array,
    monthly_temperature: Array,
    tilts: ArrayLike,
    azimuths: ArrayLike,
    parameters: PVParameters,
    *,
    monthly_diffuse: Array | None = None,
    monthly_snow_cover: Array | None = None,
    monthly_snow_loss: Array | None = None,
    monthly_snowfall: Sequence[Snowfall] | None = None,
) -> tuple[PVYear, ...]:
    """`pv_year` of n sites, in order; monthly arguments have the sites first, (n, 12).

    The sky of a site that stands several times in `sites` (years, draws) is computed once.
    """
    n = len(sites)
    monthly = {
        "monthly_irradiation": monthly_irradiation,
        "monthly_temperature": monthly_temperature,
        "monthly_diffuse": monthly_diffuse,
        "monthly_snow_cover": monthly_snow_cover,
        "monthly_snow_loss": monthly_snow_loss,
        "monthly_snowfall": monthly_snowfall,
    }
    for name, values in monthly.items():
        if values is not None and len(values) != n:
            raise ValueError(f"{name}: found {len(values)} rows, expected {n}, one per site")
    rows = zip(*((None,) * n if v is None else v for v in monthly.values()), strict=True)
    skies = {site: clear_sky(site) for site in dict.fromkeys(sites)}
    return tuple(
        pv_year(
            site,
            irradiation,
            temperature,
            tilts,
            azimuths,
            parameters,
            monthly_diffuse=diffuse,
            monthly_snow_cover=cover,
            monthly_snow_loss=loss,
            monthly_snowfall=snowfall,
            sky=skies[site],
        )
        for site, (irradiation, temperature, diffuse, cover, loss, snowfall) in zip(
            sites, rows, strict=True
        )
    )
