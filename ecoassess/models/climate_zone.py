"""IPCC default climate zone of a site, and what decides it: evaporative demand and station rain.

Plain numpy in and out. The last axis of a monthly array is the month, January first; every other
axis is a site. A missing value (NaN) gives a missing result; an impossible one raises `ValueError`.
Months are those of a 365-day year: these are models of a climatology, not of one year.

In a cool and half-humid climate the zone, and with it Tier 1 factors several-fold, hangs on
precipitation over potential evapotranspiration (PET); so the PET formula is selectable. The IPCC
(2019 Refinement, Vol. 4, Annex 3A.5) took it from CRU TS, 1985-2015: a grass reference after
Penman-Monteith (Harris et al. 2014, Int. J. Climatol. 34:623-642, doi:10.1002/joc.3711).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ecoassess.errors import Problem
from ecoassess.models.solar import (
    DAYS,
    DAYS_IN_MONTH,
    day_length,
    extraterrestrial_radiation,
    monthly_mean,
)
from ecoassess.models.station_weights import station_weights

FloatArray = npt.NDArray[np.float64]

LATENT_HEAT = 2.45  # MJ/kg, FAO-56 eq. 20
# Thornthwaite 1948: mm per month of 30 days of 12 hours; exponent with the highest power first.
HEAT_INDEX_SCALE, HEAT_INDEX_EXPONENT = 5.0, 1.514
UNADJUSTED_FACTOR, EXPONENT_POLYNOMIAL = 16.0, (6.75e-7, -7.71e-5, 1.792e-2, 0.49239)
HOT_MONTH, HOT_POLYNOMIAL = 26.5, (-0.43, 32.24, -415.85)  # Willmott et al. 1985, same unit
OUDIN_OFFSET, OUDIN_SCALE = 5.0, 100.0
HARGREAVES_FACTOR, HARGREAVES_OFFSET = 0.0023, 17.8  # FAO-56 eq. 52
# IPCC decision tree, Vol. 4 Fig. 3A.5.2: degC, days/yr, m, mm/yr, 1.
TROPICAL_TEMPERATURE, WARM_TEMPERATURE, COOL_TEMPERATURE, POLAR_MONTH = 18.0, 10.0, 0.0, 10.0
TROPICAL_FROST_DAYS, MONTANE_ELEVATION = 7.0, 1000.0
WET_PRECIPITATION, MOIST_PRECIPITATION, MOIST_RATIO = 2000.0, 1000.0, 1.0
CLIMATE_ZONES = (  # in the order of the usual map codes 1 to 12
    *("tropical montane", "tropical wet", "tropical moist", "tropical dry"),
    *("warm temperate moist", "warm temperate dry", "cool temperate moist", "cool temperate dry"),
    *("boreal moist", "boreal dry", "polar moist", "polar dry"),
)
# Low, high, unit: outside anything recorded on Earth, to catch wrong units and not odd weather.
Limits = tuple[float, float, str]
_TEMPERATURE: Limits = (-90.0, 60.0, "degC")
_YEAR_WATER: Limits = (0.0, 30_000.0, "mm/yr")
_MONTH_WATER: Limits = (0.0, 10_000.0, "mm/month")
_LATITUDE: Limits = (-90.0, 90.0, "degrees north")
_LONGITUDE: Limits = (-180.0, 360.0, "degrees east")


def _checked(name: str, values: npt.ArrayLike, limits: Limits, monthly: bool = False) -> FloatArray:
    """Return `values` as floats, or say what is impossible about them."""
    array, (low, high, unit) = np.asarray(values, dtype=np.float64), limits
    bad = (array < low) | (array > high)
    if monthly and array.shape[-1:] != (12,):
        found, expected = f"shape {array.shape}", "12 months on the last axis"
        remedy = "put the months last, January first"
    elif bad.any():
        found = f"{np.count_nonzero(bad)} of {array.size} values outside, such as {array[bad][0]:g}"
        expected, remedy = f"{low:g} to {high:g} {unit}", f"give {name} in {unit}"
        if unit == "degC" and (array[bad] > 150).any():
            remedy += ": subtract 273.15 from kelvin"
    else:
        return array
    raise ValueError(str(Problem(f"impossible {name}", found, expected, remedy)))


def _sites(latitude: npt.ArrayLike) -> FloatArray:
    """Return checked latitudes with an axis for the days."""
    sites: FloatArray = _checked("latitude", latitude, _LATITUDE)[..., np.newaxis]
    return sites


def _evaporable_water(latitude: npt.ArrayLike) -> FloatArray:
    """Return the water that extraterrestrial radiation could evaporate, mm/month."""
    radiation = monthly_mean(extraterrestrial_radiation(_sites(latitude), DAYS))
    return np.asarray(radiation / LATENT_HEAT * DAYS_IN_MONTH)


def annual_heat_index(monthly_temperature: npt.ArrayLike) -> FloatArray:
    """Return Thornthwaite's heat index I = sum over months of (T / 5)^1.514 where T > 0, in 1.

    Monthly mean temperature T in degC, (..., 12). Source: Thornthwaite 1948, Geogr. Rev. 38:89.
    """
    temperature = _checked("monthly temperature", monthly_temperature, _TEMPERATURE, monthly=True)
    warmth = np.maximum(temperature, 0.0) / HEAT_INDEX_SCALE
    return np.asarray((warmth**HEAT_INDEX_EXPONENT).sum(axis=-1))


def potential_evapotranspiration_thornthwaite(
    monthly_temperature: npt.ArrayLike, latitude: npt.ArrayLike
) -> FloatArray:
    """Return PET = 16 (10 T / I)^a * (N / 12) * (days / 30) in mm/month, 0 where T <= 0.

    T monthly mean temperature in degC, (..., 12); latitude in degrees north, one per site; I annual
    heat index; a = 6.75e-7 I^3 - 7.71e-5 I^2 + 1.792e-2 I + 0.49239; N mean day length in h. Above
    26.5 degC, 16 (10 T / I)^a is replaced by -415.85 + 32.24 T - 0.43 T^2, up to its top at 37.5.

    Source: Thornthwaite 1948, Geogr. Rev. 38:55-94, eq. 9-10 and Fig. 13, doi:10.2307/210739; hot
    branch Willmott, Rowe and Mintz 1985, J. Climatol. 5:589-606, doi:10.1002/joc.3370050602.
    Validity: fitted in humid temperate North America; ignores radiation, humidity and wind; without
    a month of 8 degC PET rises as it gets colder. In the nomogram the lines of all I meet at 26.5
    degC, so no cooler month passes the value there (enforced: no bound otherwise as I nears 0).
    """
    temperature = _checked("monthly temperature", monthly_temperature, _TEMPERATURE, monthly=True)
    heat_index = annual_heat_index(temperature)[..., np.newaxis]
    exponent = np.polyval(EXPONENT_POLYNOMIAL, heat_index)
    relative = 10 * np.maximum(temperature, 0.0) / np.where(heat_index == 0, np.inf, heat_index)
    top = -HOT_POLYNOMIAL[1] / (2 * HOT_POLYNOMIAL[0])
    hot = np.polyval(HOT_POLYNOMIAL, np.clip(temperature, HOT_MONTH, top))
    cool = np.minimum(UNADJUSTED_FACTOR * relative**exponent, hot)
    month = monthly_mean(day_length(_sites(latitude), DAYS)) / 12 * DAYS_IN_MONTH / 30
    return np.asarray(np.where(temperature > HOT_MONTH, hot, cool) * month)


def potential_evapotranspiration_oudin(
    monthly_temperature: npt.ArrayLike, latitude: npt.ArrayLike
) -> FloatArray:
    """Return PET = Re / (lambda rho) * (T + 5) / 100 * days in mm/month, 0 where T <= -5.

    T monthly mean temperature in degC, (..., 12); latitude in degrees north; Re extraterrestrial
    radiation in MJ/m2/day; lambda 2.45 MJ/kg; rho 1 kg per m2 and mm of water.
    Source: Oudin et al. 2005, J. Hydrol. 303:290-306, doi:10.1016/j.jhydrol.2004.08.026.
    Validity: chosen for driving rainfall-runoff models best, so it is a catchment's demand, below a
    grass reference. Monthly means lose a little near -5 degC; Re is by FAO-56, not Morton 1983.
    """
    temperature = _checked("monthly temperature", monthly_temperature, _TEMPERATURE, monthly=True)
    water = (
        monthly_mean(extraterrestrial_radiation(_sites(latitude), DAYS))
        / LATENT_HEAT
        * DAYS_IN_MONTH
    )
    return np.asarray(water * np.maximum(temperature + OUDIN_OFFSET, 0.0) / OUDIN_SCALE)


def potential_evapotranspiration_hargreaves(
    monthly_temperature: npt.ArrayLike,
    latitude: npt.ArrayLike,
    monthly_diurnal_range: npt.ArrayLike,
) -> FloatArray:
    """Return ETo = 0.0023 (T + 17.8) sqrt(Tmax - Tmin) Ra * days in mm/month, 0 where T <= -17.8.

    T monthly mean temperature in degC and Tmax - Tmin mean diurnal range in K, both (..., 12);
    latitude in degrees north; Ra extraterrestrial radiation as mm/day of water (MJ/m2/day / 2.45).
    Source: Allen et al. 1998, FAO-56 eq. 52. Validity: a grass reference like Penman-Monteith, too
    low in wind above 3 m/s, too high in humid air.
    """
    temperature = _checked("monthly temperature", monthly_temperature, _TEMPERATURE, monthly=True)
    spread = _checked("diurnal range", monthly_diurnal_range, (0.0, 60.0, "K"), monthly=True)
    water = (
        monthly_mean(extraterrestrial_radiation(_sites(latitude), DAYS))
        / LATENT_HEAT
        * DAYS_IN_MONTH
    )
    warmth = np.maximum(temperature + HARGREAVES_OFFSET, 0.0) * np.sqrt(spread)
    return np.asarray(HARGREAVES_FACTOR * warmth * water)


# Each takes monthly temperature and latitude, Hargreaves the diurnal range besides.
PET_FORMULAS: dict[str, Callable[..., FloatArray]] = {
    "thornthwaite": potential_evapotranspiration_thornthwaite,
    "oudin": potential_evapotranspiration_oudin,
    "hargreaves": potential_evapotranspiration_hargreaves,
}


def ipcc_climate_zone(
    mean_annual_temperature: npt.ArrayLike,
    annual_precipitation: npt.ArrayLike,
    annual_pet: npt.ArrayLike,
    elevation: npt.ArrayLike,
    frost_days: npt.ArrayLike = np.nan,
    warmest_month_temperature: npt.ArrayLike = np.nan,
) -> npt.NDArray[np.str_]:
    """Return the default climate zone of each site, one of `CLIMATE_ZONES`, or '' where unknown.

    MAT and warmest monthly mean in degC, MAP and PET in mm/yr, elevation in m, frost in days/yr.
    A missing value makes a site '' only where the tree asks for it: frost days where MAT > 18,
    elevation in the tropics, PET outside them, the warmest month where MAT <= 0.

    Source: IPCC 2006 Vol. 4 Ch. 3 Annex 3A.5, Fig. 3A.5.2 (p. 3.39), and 2019 Refinement
    Fig. 3A.5.2 (p. 3.48): "MAT > 18 degC and <= 7 days of frost/year?", then "Elevation > 1000 m?",
    "MAP > 2000 mm?", "MAP <= 2000 mm and > 1000 mm?"; otherwise "MAT > 10 degC?", "MAT > 0 degC?",
    "Each Mean Monthly Temperature < 10 degC?" (polar, else boreal), each followed by "MAP:PET > 1?"
    The 1st Corrigenda to the latter (September 2021) gave the monthly test its wording and replaced
    Fig. 3A.5.1, drawn with "a mean annual precipitation: potential evapotranspiration ratio of 0.5
    for temperate regions. In contrast, Figure 3A.5.2 set the threshold at 1."
    Validity: a value exactly on a threshold takes the "no" of its question.
    """
    mat, rain, pet, height, frost, warmest = np.broadcast_arrays(
        _checked("mean annual temperature", mean_annual_temperature, _TEMPERATURE),
        _checked("annual precipitation", annual_precipitation, _YEAR_WATER),
        _checked("annual PET", annual_pet, _YEAR_WATER),
        _checked("elevation", elevation, (-500.0, 9000.0, "m")),
        _checked("frost days", frost_days, (0.0, 366.0, "days/yr")),
        _checked("warmest month temperature", warmest_month_temperature, _TEMPERATURE),
    )
    tropical = (mat > TROPICAL_TEMPERATURE) & (frost <= TROPICAL_FROST_DAYS)
    montane = height > MONTANE_ELEVATION
    wet, moist = rain > WET_PRECIPITATION, rain > MOIST_PRECIPITATION
    warm, cool, boreal = mat > WARM_TEMPERATURE, mat > COOL_TEMPERATURE, warmest >= POLAR_MONTH
    in_tropics = [tropical & answer for answer in (montane, wet, moist, True)]
    code = np.select([*in_tropics, warm, cool, boreal], [1, 2, 3, 4, 5, 7, 9], default=11)
    # Outside the tropics the dry zone follows its moist one; the product avoids 0 / 0.
    code = code + ((code > 4) & ~(rain > MOIST_RATIO * pet))
    unknown_in_tropics = np.isnan(height) | (~montane & np.isnan(rain))
    unknown_elsewhere = np.isnan(rain + pet) | (~cool & np.isnan(warmest))
    unknown = np.isnan(mat) | ((mat > TROPICAL_TEMPERATURE) & np.isnan(frost))
    unknown |= np.where(tropical, unknown_in_tropics, unknown_elsewhere)
    return np.array(("", *CLIMATE_ZONES))[np.where(unknown, 0, code)]


def distance_to_thresholds(
    mean_annual_temperature: npt.ArrayLike,
    annual_precipitation: npt.ArrayLike,
    annual_pet: npt.ArrayLike,
) -> dict[str, FloatArray]:
    """Return each site's signed distance to the thresholds of `ipcc_climate_zone`, positive above.

    MAT in degC, MAP and PET in mm/yr. `temperature_18`, `temperature_10` and `temperature_0` in K;
    `precipitation_over_pet` is MAP / PET - 1.
    """
    mat = _checked("mean annual temperature", mean_annual_temperature, _TEMPERATURE)
    rain = _checked("annual precipitation", annual_precipitation, _YEAR_WATER)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = rain / _checked("annual PET", annual_pet, _YEAR_WATER)
    borders = (TROPICAL_TEMPERATURE, WARM_TEMPERATURE, COOL_TEMPERATURE)
    distance = {f"temperature_{border:g}": mat - border for border in borders}
    return {**distance, "precipitation_over_pet": ratio - MOIST_RATIO}


def scale_precipitation(
    monthly_precipitation_model: npt.ArrayLike,
    station_longitude: npt.ArrayLike,
    station_latitude: npt.ArrayLike,
    station_annual: npt.ArrayLike,
    model_annual_at_station: npt.ArrayLike,
    target_longitude: npt.ArrayLike,
    target_latitude: npt.ArrayLike,
) -> FloatArray:
    """Return P' = P * sum(r_i / d_i^2) / sum(1 / d_i^2), r_i = station / model, in mm/month.

    P modelled precipitation at the targets in mm/month, (..., 12); r_i ratio of the annual totals
    in mm/yr at station i (one axis); d_i great-circle distance. Positions in degrees. At a station
    (within 1 m) its ratio holds exactly. Stations with a missing value are left out.

    Source: linear scaling after Lenderink et al. 2007, Hydrol. Earth Syst. Sci. 11:1145-1159,
    doi:10.5194/hess-11-1145-2007, and Teutschbein and Seibert 2012, J. Hydrol. 456-457:12-29,
    doi:10.1016/j.jhydrol.2012.05.052; weights of `station_weights`.
    Validity: there each month has its own factor; with annual totals one serves all twelve, so the
    model's seasonality is taken as right, and its error as a factor that varies slowly in space,
    whatever the elevation. Station and model should cover the same years.
    """
    model = _checked("monthly rain", monthly_precipitation_model, _MONTH_WATER, monthly=True)
    observed = _checked("station annual precipitation", station_annual, _YEAR_WATER)
    modelled = _checked("modelled annual precipitation", model_annual_at_station, _YEAR_WATER)
    known = ~np.isnan(observed + modelled)
    if not known.any() or (modelled[known] == 0).any():
        found, remedy = f"modelled {modelled}, observed {observed}", "leave out or mend the station"
        raise ValueError(str(Problem("no ratio", found, "a station; modelled above 0", remedy)))
    weight = station_weights(
        _checked("target longitude", target_longitude, _LONGITUDE),
        _checked("target latitude", target_latitude, _LATITUDE),
        _checked("station longitude", station_longitude, _LONGITUDE)[known],
        _checked("station latitude", station_latitude, _LATITUDE)[known],
    )
    ratio = (weight * (observed[known] / modelled[known])).sum(axis=-1)
    return np.asarray(model * ratio[..., np.newaxis])
