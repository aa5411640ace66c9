"""Soil carbon of cropland by the IPCC Tier 2 steady-state method.

Plain numpy; units stand in the docstrings. Arrays are (year, column...), monthly ones
(month, column...), where a column is any set of axes: county x crop x draw.

Formula
-------
Three sub-pools, active A, slow S and passive P, step by the year towards the state that the year's
inputs and climate would lead to if they lasted::

    climate     x_m = (T_max - T_m) / (T_max - T_opt)
                t   = mean_m x_m^a exp[(a / b) (1 - x_m^b)],  0 where T_m > T_max
                r_m = min(r_max, rain_m / PET_m)
                w   = scale · mean_m (w0 + w1 r_m - w2 r_m²),  w_irr in irrigated months
    litter      β   = C (m0 - m1 L / N)                        metabolic
                σ   = C (1 - L) - β                            structural, without its lignin
                λ   = C L                                      structural lignin
    transfers   f4  = 1 - f5 - (q0 + q1 sand)
                α   = [β f1 + σ f2 + λ f3 (f7 + f6 f8)] / (1 - f4 f7 - f5 f8 - f4 f6 f8)
    decay       k_A = K_A t w till (s0 + s1 sand),  k_S = K_S t w till,  k_P = K_P t w
    steady      A*  = α / k_A,  S* = (λ f3 + A* k_A f4) / k_S,  P* = (A* k_A f5 + S* k_S f6) / k_P
    year        X_y = X_{y-1} + (X* - X_{y-1}) min(1, k_X)     for X = A, S, P

Symbols
-------
C carbon_input (t C/ha/yr: residue above and below ground, manure, cover crops), L lignin and N
nitrogen (shares of the input's dry matter, means weighted by its dry mass), sand (share of the
mineral fine earth, 0-30 cm), till tillage_factor. `SteadyStateParameters` names the parameters;
their values stand in configs/models/soil_steady_state.yaml.

Source
------
IPCC 2019 Refinement Vol. 4 ch. 5, equations 5.0A to 5.0G with Table 5.5A, and the spreadsheet
published with it, read as four programs quote them (Holos, HESTIA, PIK's mrsoil, Sykes'
soil-c-macc), not in the guideline itself. Where these differ:

- Temperature: three of them have 0.076 as the coefficient of the exponent; the spreadsheet's
  months fit a / b = 0.07605, with which the optimum lies exactly at T_opt. Used here; it lowers
  t by 0.05 % in a mild year.
- f2: the spreadsheet gives it by tillage (0.455, 0.477, 0.500) and 0.368 where tillage is not
  known; its own worked example has full tillage with 0.368. `structural_to_active` is therefore an
  input beside the tillage factor.
- k_A above 1 per year is cut to 1 in the year's step only, not in A* (Holos cuts in both).
- PET of zero: HESTIA takes r = r_max, Holos and mrsoil r = 0. Here r_max: where nothing
  evaporates, nothing dries.

Validity
--------
Mineral soils of cropland, 0-30 cm, on dry fields; not flooded rice (no anaerobic decay), not
organic soils. Calibrated by IPCC on long-term trials of annual crops (Annex 5A.3). t and w are
12-month means that multiply each other, so frozen months count in w although t is then near 0:
take w from a PET that does not vanish in winter, and keep it the same in the states that are
compared. Below 0 °C the temperature effect goes on falling (0.08 at 0 °C, 0.001 at -20 °C); there
is no cut-off.

Left out: erosion, soil below 30 cm, the effect of soil carbon on yields, methane. The yearly step
is a relaxation towards a moving steady state, not a mass balance of each year.

A tillage factor between the classes is a mean field: the carbon of a mixed county is taken as that
of a field tilled by the mean. The active and slow pools go with 1 / till, so it understates the
area-weighted mean of fields; where the classes are kept apart, give them a column each and weight
the stocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Number = float | Array
"""One value, or one for each draw: an array that broadcasts against the columns."""

MONTHS_IN_YEAR = 12

PARAMETER_UNITS = {
    "maximum_temperature": "degC",
    "optimum_temperature": "degC",
    "temperature_exponent": "1",
    "temperature_curvature": "1",
    "water_intercept": "1",
    "water_slope": "1",
    "water_curvature": "1",
    "water_ratio_limit": "1",
    "water_effect_irrigated": "1",
    "water_scale": "1",
    "sand_rate_intercept": "1",
    "sand_rate_slope": "1",
    "active_decay_rate": "1/yr",
    "slow_decay_rate": "1/yr",
    "passive_decay_rate": "1/yr",
    "metabolic_intercept": "1",
    "metabolic_slope": "1",
    "metabolic_to_active": "1",
    "structural_to_active": "1",
    "structural_to_slow": "1",
    "respired_intercept": "1",
    "respired_slope": "1",
    "active_to_passive": "1",
    "slow_to_passive": "1",
    "slow_to_active": "1",
    "passive_to_active": "1",
    "tillage_factor": "1",
}
"""The coefficients in configs/models/soil_steady_state.yaml and the units they are taken in."""


@dataclass(frozen=True, eq=False)
class SteadyStateParameters:
    """The parameters of IPCC Table 5.5A and of equations 5.0B to 5.0G, without defaults.

    maximum_temperature T_max, optimum_temperature T_opt (°C); temperature_exponent a,
    temperature_curvature b; water_intercept w0, water_slope w1, water_curvature w2,
    water_ratio_limit r_max, water_effect_irrigated w_irr, water_scale; sand_rate_intercept s0,
    sand_rate_slope s1; active_, slow_ and passive_decay_rate K_A, K_S, K_P (1/yr);
    metabolic_intercept m0, metabolic_slope m1; metabolic_to_active f1; structural_to_active f2 by
    full, reduced, no_till and unknown; structural_to_slow f3; respired_intercept q0 and
    respired_slope q1 (share of the active pool's decay that leaves as CO2, by sand);
    active_to_passive f5, slow_to_passive f6, slow_to_active f7, passive_to_active f8;
    tillage_factor by full, reduced and no_till.
    """

    maximum_temperature: Number
    optimum_temperature: Number
    temperature_exponent: Number
    temperature_curvature: Number
    water_intercept: Number
    water_slope: Number
    water_curvature: Number
    water_ratio_limit: Number
    water_effect_irrigated: Number
    water_scale: Number
    sand_rate_intercept: Number
    sand_rate_slope: Number
    active_decay_rate: Number
    slow_decay_rate: Number
    passive_decay_rate: Number
    metabolic_intercept: Number
    metabolic_slope: Number
    metabolic_to_active: Number
    structural_to_active: Mapping[str, Number]
    structural_to_slow: Number
    respired_intercept: Number
    respired_slope: Number
    active_to_passive: Number
    slow_to_passive: Number
    slow_to_active: Number
    passive_to_active: Number
    tillage_factor: Mapping[str, Number]


@dataclass(frozen=True, eq=False)
class Site:
    """Soil and climate of the columns.

    sand (column...), share; temperature_factor and water_factor (column...) or (year, column...).
    """

    sand: ArrayLike
    temperature_factor: ArrayLike
    water_factor: ArrayLike


@dataclass(frozen=True, eq=False)
class Management:
    """What reaches the soil and how it is tilled, each (column...) or (year, column...).

    carbon_input (t C/ha/yr); lignin and nitrogen (t/t dm of the input); tillage_factor (1);
    structural_to_active (1), f2 that belongs to the tillage.
    """

    carbon_input: ArrayLike
    lignin: ArrayLike
    nitrogen: ArrayLike
    tillage_factor: ArrayLike
    structural_to_active: ArrayLike


class Pools(NamedTuple):
    """The three sub-pools: stocks (t C/ha) or decay rates (1/yr)."""

    active: Array
    slow: Array
    passive: Array

    @property
    def total(self) -> Array:
        """The stock of the soil, 0-30 cm (t C/ha)."""
        return self.active + self.slow + self.passive


def temperature_factor(temperature: ArrayLike, parameters: SteadyStateParameters) -> Array:
    """Return the annual temperature effect t (column...), eq. 5.0E.

    Parameters
    ----------
    temperature
        Monthly mean air temperature (month, column...), °C.
    """
    degrees = _monthly("temperature", temperature)
    p = parameters
    distance = np.asarray(p.maximum_temperature) - degrees
    x = np.maximum(distance, 0) / (p.maximum_temperature - np.asarray(p.optimum_temperature))
    steepness = p.temperature_exponent / np.asarray(p.temperature_curvature)
    effect = x**p.temperature_exponent * np.exp(steepness * (1 - x**p.temperature_curvature))
    return np.asarray(effect.mean(axis=0))


def water_factor(
    precipitation: ArrayLike,
    evapotranspiration: ArrayLike,
    parameters: SteadyStateParameters,
    irrigated_share: ArrayLike = 0,
) -> Array:
    """Return the annual water effect w (column...), eq. 5.0F.

    Parameters
    ----------
    precipitation, evapotranspiration
        Monthly sums of rain and snow, and of potential evapotranspiration (month, column...), mm.
    irrigated_share
        Share of the column's area that is irrigated in each month (month, column...).
    """
    rain = _monthly("precipitation", precipitation, lowest=0)
    demand = _monthly("evapotranspiration", evapotranspiration, lowest=0)
    irrigated = _checked("irrigated_share", irrigated_share, lowest=0, highest=1)
    p = parameters
    dries = demand > 0
    ratio = np.where(dries, rain / np.where(dries, demand, 1), p.water_ratio_limit)
    ratio = np.minimum(ratio, p.water_ratio_limit)
    rainfed = p.water_intercept + p.water_slope * ratio - p.water_curvature * ratio**2
    effect = (1 - irrigated) * rainfed + irrigated * p.water_effect_irrigated
    return np.asarray(p.water_scale * effect.mean(axis=0))


def mixed_tillage(
    shares: Mapping[str, ArrayLike], parameters: SteadyStateParameters
) -> tuple[Array, Array]:
    """Return the area-weighted tillage factor and f2 of a mean field (see Validity).

    Parameters
    ----------
    shares
        Shares of the area under full, reduced and no_till; they add up to 1.
    """
    checked = {name: _checked(f"share of {name}", value, 0, 1) for name, value in shares.items()}
    unknown = set(checked) - set(parameters.tillage_factor)
    if unknown:
        known = ", ".join(parameters.tillage_factor)
        raise ValueError(f"tillage is one of {known}; found {', '.join(sorted(unknown))}")
    if not np.allclose(sum(checked.values()), 1):
        raise ValueError("the shares of the tillage classes do not add up to 1")
    return (
        _weighted(checked, parameters.tillage_factor),
        _weighted(checked, parameters.structural_to_active),
    )


def decay_rates(tillage_factor: ArrayLike, site: Site, parameters: SteadyStateParameters) -> Pools:
    """Return k_A, k_S and k_P (1/yr), eq. 5.0B to 5.0D."""
    p = parameters
    sand = _checked("sand", site.sand, 0, 1)
    till = _checked("tillage_factor", tillage_factor, lowest=1)
    climate = _checked("temperature_factor", site.temperature_factor, 0, 1) * _checked(
        "water_factor", site.water_factor, lowest=0
    )
    if np.any(climate == 0):
        raise ValueError("temperature_factor or water_factor is 0: nothing decays, no steady state")
    texture = p.sand_rate_intercept + p.sand_rate_slope * sand
    return Pools(
        p.active_decay_rate * climate * till * texture,
        p.slow_decay_rate * climate * till,
        p.passive_decay_rate * climate,
    )


def steady_state(management: Management, site: Site, parameters: SteadyStateParameters) -> Pools:
    """Return A*, S* and P* (t C/ha), eq. 5.0B to 5.0D and 5.0G."""
    p = parameters
    rates = decay_rates(management.tillage_factor, site, p)
    carbon = _checked("carbon_input", management.carbon_input, lowest=0)
    lignin = _checked("lignin", management.lignin, 0, 1)
    nitrogen = _checked("nitrogen", management.nitrogen, 0, 1)
    f2 = _checked("structural_to_active", management.structural_to_active, 0, 1)
    if np.any(nitrogen == 0):
        raise ValueError("nitrogen is 0: the lignin to nitrogen ratio has no value")

    metabolic_share = p.metabolic_intercept - p.metabolic_slope * lignin / nitrogen
    structural_share = 1 - lignin - metabolic_share
    if np.any(metabolic_share < 0) or np.any(structural_share < 0):
        raise ValueError(
            "lignin and nitrogen give a negative metabolic or structural share: metabolic "
            f"{np.min(metabolic_share):.3g} to {np.max(metabolic_share):.3g}, structural "
            f"{np.min(structural_share):.3g} to {np.max(structural_share):.3g}"
        )
    metabolic = carbon * metabolic_share
    structural = carbon * structural_share
    lignified = carbon * lignin

    f1, f3 = p.metabolic_to_active, p.structural_to_slow
    f5, f6, f7, f8 = p.active_to_passive, p.slow_to_passive, p.slow_to_active, p.passive_to_active
    respired = p.respired_intercept + p.respired_slope * np.asarray(site.sand, dtype=float)
    f4 = 1 - f5 - respired
    into_active = metabolic * f1 + structural * f2 + lignified * f3 * (f7 + f6 * f8)
    through_active = into_active / (1 - f4 * f7 - f5 * f8 - f4 * f6 * f8)
    through_slow = lignified * f3 + through_active * f4
    through_passive = through_active * f5 + through_slow * f6
    return Pools(
        np.asarray(through_active / rates.active),
        np.asarray(through_slow / rates.slow),
        np.asarray(through_passive / rates.passive),
    )


def step(pools: Pools, target: Pools, rates: Pools) -> Pools:
    """Return the pools a year later, on their way to the steady state `target`."""
    return Pools(
        *(
            stock + (goal - stock) * np.minimum(1, rate)
            for stock, goal, rate in zip(pools, target, rates, strict=True)
        )
    )


def spin_up(management: Management, site: Site, parameters: SteadyStateParameters) -> Pools:
    """Return the pools (column...) in balance with the mean of a run-in period.

    Parameters
    ----------
    management, site
        Years of the run-in; carbon_input is (year, column...), at least five years by IPCC, and
        the others broadcast against it.
    """
    everything = [*vars(management).values(), *vars(site).values()]
    shape = np.broadcast_shapes(*(np.shape(values) for values in everything))

    def mean(values: ArrayLike) -> Array:
        return np.asarray(np.broadcast_to(np.asarray(values, dtype=float), shape).mean(axis=0))

    return steady_state(
        Management(**{name: mean(values) for name, values in vars(management).items()}),
        Site(**{name: mean(values) for name, values in vars(site).items()}),
        parameters,
    )


def simulate(
    start: Pools, management: Management, site: Site, parameters: SteadyStateParameters
) -> Array:
    """Return the stock at the end of each year (year, column...), t C/ha, eq. 5.0A.

    Parameters
    ----------
    start
        Pools before the first year (column...), from `spin_up`.
    management, site
        Inputs (year, column...); climate (year, column...); sand (column...).
    """
    for name, stock in zip(Pools._fields, start, strict=True):
        _checked(f"the {name} pool", stock, lowest=0)
    rates = decay_rates(management.tillage_factor, site, parameters)
    targets = steady_state(management, site, parameters)
    years = len(np.asarray(management.carbon_input))
    shape = np.broadcast_shapes(*(goal.shape for goal in targets))
    if shape[0] != years:
        raise ValueError(
            f"the inputs of {years} years do not fit the arrays of {shape[0]}: axis 0 is the year"
        )
    goals = [np.broadcast_to(goal, shape) for goal in targets]
    speeds = [np.broadcast_to(rate, shape) for rate in rates]
    pools = start
    totals = np.empty(shape)
    for year in range(years):
        target, rate = (Pools(*(array[year] for array in arrays)) for arrays in (goals, speeds))
        pools = step(pools, target, rate)
        totals[year] = pools.total
    return totals


def _weighted(shares: Mapping[str, Array], values: Mapping[str, Number]) -> Array:
    return np.asarray(sum(share * np.asarray(values[name]) for name, share in shares.items()))


def _monthly(name: str, values: ArrayLike, lowest: float = -np.inf) -> Array:
    """Return a checked array whose first axis holds the twelve months."""
    array = _checked(name, values, lowest)
    if array.ndim == 0 or len(array) != MONTHS_IN_YEAR:
        raise ValueError(f"{name} has twelve months on axis 0; its shape is {array.shape}")
    return array


def _checked(
    name: str, values: ArrayLike, lowest: float = -np.inf, highest: float = np.inf
) -> Array:
    """Return an array of finite numbers within limits, or say which one is not."""
    array = np.asarray(values, dtype=float)
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} has values that are missing or not finite")
    if np.any(array < lowest):
        raise ValueError(f"{name} is {array.min():g}; at least {lowest:g} is possible")
    if np.any(array > highest):
        raise ValueError(f"{name} is {array.max():g}; at most {highest:g} is possible")
    return array
