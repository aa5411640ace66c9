"""RothC-26.3: how fast carbon turns over, from the weather, the soil and its plant cover.

The rate modifiers a (temperature), b (moisture) and c (plant cover) of a month, and what clay does
to the carbon that is lost. Arrays and units are those of ecoassess/models/rothc.py, which holds
the pools; sources and validity stand there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

YEAR = 12  # months
BIOMASS_SHARE = 0.46  # of the lost carbon that is not respired; the rest is humus
COVERED, BARE = 0.6, 1.0  # plant cover modifier
COLDEST = -5.0  # deg C; the official code stops decomposition below
FIELD_DEPTH = 23.0  # cm, for which the largest moisture deficit was measured
BARE_LIMIT = 0.556  # of the largest deficit, what bare soil reaches: 1 / 1.8
WET_LIMIT = 0.444  # of the largest deficit, where the modifier leaves 1
DRY_MODIFIER = 0.2  # at the largest deficit
PAN_COEFFICIENT = 0.75  # potential evapotranspiration over open pan evaporation
MOST_DEW = -30.0  # mm a month, below which an evapotranspiration is taken for an error
SETTLED = 1e-9  # mm: the deficit at the end of a year counts as repeating


def checked(name: str, value: ArrayLike, low: float = 0.0, high: float = np.inf) -> Array:
    """Return an array of numbers within limits, or say which one is not."""
    array = np.asarray(value, dtype=np.float64)
    bad = ~(np.isfinite(array) & (array >= low) & (array <= high))
    if bad.any():
        raise ValueError(f"{name} is {array[bad][0]:g}, expected a number from {low:g} to {high:g}")
    return array


def by_column(name: str, value: ArrayLike, low: float = 0.0, high: float = np.inf) -> Array:
    """Return a checked array of the shape (column,)."""
    array = np.atleast_1d(checked(name, value, low, high))
    if array.ndim != 1:
        raise ValueError(f"{name} has the shape {array.shape}, expected (column,)")
    return array


def by_month(name: str, value: ArrayLike, low: float = 0.0, high: float = np.inf) -> Array:
    """Return a checked array of the shape (month, column), in whole years."""
    array = checked(name, value, low, high)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or array.shape[0] == 0 or array.shape[0] % YEAR:
        raise ValueError(
            f"{name} has the shape {array.shape}, expected (month,) or (month, column) "
            "with months of whole years"
        )
    return array


@dataclass(frozen=True, eq=False)
class Climate:
    """Monthly air temperature, precipitation and potential evapotranspiration."""

    temperature: Array
    precipitation: Array
    evapotranspiration: Array

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "temperature", by_month("temperature", self.temperature, -90.0, 60.0))
        set_(self, "precipitation", by_month("precipitation", self.precipitation))
        # the official test run has winter months a little below 0: dew and rime
        pet = by_month("evapotranspiration", self.evapotranspiration, MOST_DEW)
        set_(self, "evapotranspiration", pet)

    @classmethod
    def from_pan(
        cls, temperature: ArrayLike, precipitation: ArrayLike, pan_evaporation: ArrayLike
    ) -> "Climate":
        """Return the climate with evapotranspiration from open pan evaporation."""
        pan = np.asarray(pan_evaporation, dtype=np.float64)
        return cls(np.asarray(temperature), np.asarray(precipitation), PAN_COEFFICIENT * pan)


@dataclass(frozen=True, eq=False)
class Soil:
    """Clay content (%) and depth (cm) of the topsoil."""

    clay: Array
    depth: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "clay", by_column("clay", self.clay, 0.0, 100.0))
        object.__setattr__(self, "depth", by_column("depth", self.depth, 1.0, 1000.0))

    @property
    def largest_deficit(self) -> Array:
        """The largest moisture deficit under plants, mm, negative."""
        return -(20.0 + 1.3 * self.clay - 0.01 * self.clay**2) * self.depth / FIELD_DEPTH


@dataclass(frozen=True, eq=False)
class Turnover:
    """How fast the pools turn over: modifier a b c of each month, and clay."""

    rate: Array
    clay: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", by_month("rate modifier", self.rate))
        object.__setattr__(self, "clay", by_column("clay", self.clay, 0.0, 100.0))

    @property
    def respired_ratio(self) -> Array:
        """CO2 over BIO + HUM, x."""
        x: Array = 1.67 * (1.85 + 1.60 * np.exp(-0.0786 * self.clay))
        return x

    @property
    def destinations(self) -> Array:
        """Shares of the lost carbon that become BIO, HUM and CO2, (3, column)."""
        x = self.respired_ratio
        return np.stack([BIOMASS_SHARE / (x + 1), (1 - BIOMASS_SHARE) / (x + 1), x / (x + 1)])


def temperature_modifier(temperature: ArrayLike) -> Array:
    """Return a = 47.91 / (1 + exp(106.06 / (T + 18.27))), and 0 below -5 deg C."""
    celsius = np.asarray(temperature, dtype=np.float64)
    warm = np.maximum(celsius, COLDEST)
    a = 47.91 / (1.0 + np.exp(106.06 / (warm + 18.27)))
    return np.where(celsius < COLDEST, 0.0, a)


def moisture_deficit(
    climate: Climate, soil: Soil, cover: ArrayLike, initial: ArrayLike | None = None
) -> Array:
    """Return the accumulated deficit at the end of each month, mm, 0 or negative.

    `cover` is 1 in months with plants, 0 with bare soil. Bare soil dries to `BARE_LIMIT` of the
    largest deficit and stays where it is if plants had dried it further. `initial` is the deficit
    before the first month; without it the months repeat until the deficit does (seen from field
    capacity).
    """
    green = _cover(cover)
    balance = climate.precipitation - climate.evapotranspiration
    limit = soil.largest_deficit
    shape = np.broadcast_shapes(balance.shape, green.shape, (1, len(limit)))
    balance, green = np.broadcast_to(balance, shape), np.broadcast_to(green, shape)
    limit = np.broadcast_to(limit, shape[1:])
    if initial is None:
        start = _repeating_deficit(balance, green, limit)
    else:
        start = np.broadcast_to(by_column("initial deficit", initial, -np.inf, 0.0), shape[1:])
        if (start < limit).any():
            deepest = f"the soil's largest, {limit[start < limit][0]:g} mm"
            raise ValueError(f"initial deficit {start.min():g} mm is beyond {deepest}")
    return _deficits(start, balance, green, limit)


def _cover(cover: ArrayLike) -> NDArray[np.bool_]:
    array = by_month("plant cover", cover, 0.0, 1.0)
    if not ((array == 0) | (array == 1)).all():
        raise ValueError("plant cover is a fraction, expected 0 (bare) or 1 (plants)")
    green: NDArray[np.bool_] = array == 1
    return green


def _deficits(start: Array, balance: Array, green: NDArray[np.bool_], limit: Array) -> Array:
    deficits = np.empty(balance.shape)
    deficit = start
    for month in range(len(balance)):
        driest = np.where(green[month], limit, np.minimum(BARE_LIMIT * limit, deficit))
        deficit = np.maximum(driest, np.minimum(0.0, deficit + balance[month]))
        deficits[month] = deficit
    return deficits


def _repeating_deficit(balance: Array, green: NDArray[np.bool_], limit: Array) -> Array:
    """Return the deficit that the months end with when they began with it.

    What the months make of a deficit rises with it, by no more than it. Started from 0 it falls
    to the largest deficit that repeats, mostly within two turns; where it creeps (precipitation
    nearly meets evapotranspiration), that deficit is found by halving the interval.
    """
    deficit = np.zeros_like(limit)
    for _turn in range(3):
        before = deficit
        deficit = _deficits(before, balance, green, limit)[-1]
        creeping = np.abs(deficit - before) > SETTLED
        if not creeping.any():
            break
    if creeping.any():
        balance, green = balance[:, creeping], green[:, creeping]
        low, high, limit = limit[creeping], deficit[creeping], limit[creeping]
        while (high - low > SETTLED).any():
            middle = (low + high) / 2
            falls = _deficits(middle, balance, green, limit)[-1] < middle - SETTLED
            low, high = np.where(falls, low, middle), np.where(falls, middle, high)
        deficit[creeping] = low
    return deficit


def moisture_modifier(deficit: ArrayLike, soil: Soil) -> Array:
    """Return b: 1 down to 0.444 of the largest deficit, then falling to 0.2."""
    limit = soil.largest_deficit
    deficit = checked("moisture deficit", deficit, -np.inf, 0.0)
    dryness = (limit - deficit) / (limit - WET_LIMIT * limit)
    return np.where(deficit > WET_LIMIT * limit, 1.0, DRY_MODIFIER + (1.0 - DRY_MODIFIER) * dryness)


def turnover(
    climate: Climate, soil: Soil, cover: ArrayLike, initial_deficit: ArrayLike | None = None
) -> Turnover:
    """Return the turnover under a climate, a soil and a pattern of plant cover."""
    a = temperature_modifier(climate.temperature)
    b = moisture_modifier(moisture_deficit(climate, soil, cover, initial_deficit), soil)
    c = np.where(_cover(cover), COVERED, BARE)
    return Turnover(a * b * c, soil.clay)
