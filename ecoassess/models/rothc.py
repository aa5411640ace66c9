"""RothC-26.3: the monthly turnover of organic carbon in a topsoil, for many columns at once.

Five pools: decomposable (DPM) and resistant plant material (RPM), microbial biomass (BIO), humus
(HUM), inert organic matter (IOM). In a month a pool C with rate constant k keeps
C exp(-a b c k / 12); a, b and c are the modifiers for temperature, moisture and plant cover. Of
what the pools lose together, x / (x + 1) leaves as CO2, 46 % of the rest becomes BIO and 54 % HUM.
The month's plant carbon and farmyard manure enter afterwards. Published by Coleman and Jenkinson
(1996); numbers and order of operations are those of the code of Rothamsted Research
(github.com/Rothamsted-Models, RothC_Code 2.0.0 with opt_RMmoist = opt_SMDbare = 1, and RothC_Py),
whose test runs are repeated in tests/models/test_rothc.py.

Valid for non-waterlogged topsoils (not for paddies, peat or permafrost). Left out, as in the
official model: snow and frozen water (winter precipitation wets the soil of its month), tillage,
nitrogen, erosion, the subsoil; and radiocarbon.

Arrays are plain numpy. A *column* is one soil under one climate and one draw. Arrays over months
have the shape (month,) or (month, column), January first, others are scalars or (column,); a
length of 1 stands for all columns. Months number 12 (a year that repeats) or 12 x years. Carbon is
in t C/ha, clay in %, depth in cm, water in mm per month, temperature in deg C.

Under a given climate, clay and cover a year is an affine map of the pools: C -> A C + b. A
repeated year is therefore run once for four unit pools and once for its inputs, and only the map
from then on; the steady state is the solution of C = A C + b. Nothing is approximated.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ecoassess.models.rothc_rates import (
    YEAR,
    Array,
    Turnover,
    by_column,
    by_month,
    checked,
)

Report = Literal["years", "months", "last_year"]

RATE_CONSTANTS = np.array([10.0, 0.3, 0.66, 0.02])  # yr-1: DPM, RPM, BIO, HUM
MANURE_SHARES = np.array([0.49, 0.49, 0.0, 0.02])  # DPM, RPM, BIO, HUM
FALLOON = (0.049, 1.139)  # IOM = 0.049 SOC^1.139, t C/ha: Falloon et al. (1998)
ARABLE, UNIMPROVED_GRASSLAND, WOODLAND = 1.44, 0.67, 0.25  # DPM/RPM of plant carbon

BLOCK = 4096  # columns worked on together: small enough for the cache, large enough for numpy


def _repeated(array: Array, months: int, name: str) -> Array:
    """Return the array over that many months; 12 months repeat."""
    if len(array) == months:
        return array
    if len(array) != YEAR:
        raise ValueError(f"{name} has {len(array)} months, expected {YEAR} or {months}")
    return np.tile(array, (months // YEAR, 1))


@dataclass(frozen=True, eq=False)
class Inputs:
    """Carbon that enters in each month: of plants, and of farmyard manure.

    `ratio` is DPM/RPM of the plant carbon: ARABLE also for improved grassland, WOODLAND for
    deciduous and tropical woods.
    """

    plant: Array
    manure: Array = field(default_factory=lambda: np.zeros(YEAR))
    ratio: Array = field(default_factory=lambda: np.array(ARABLE))

    def __post_init__(self) -> None:
        object.__setattr__(self, "plant", by_month("plant input", self.plant))
        object.__setattr__(self, "manure", by_month("manure input", self.manure))
        object.__setattr__(self, "ratio", by_column("DPM/RPM ratio", self.ratio))


@dataclass(frozen=True, eq=False)
class Pools:
    """The pools, (column,) or (time, column)."""

    decomposable: Array
    resistant: Array
    biomass: Array
    humus: Array
    inert: Array

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            array = np.atleast_1d(checked(f"pool {name}", value))
            object.__setattr__(self, name, array)

    @property
    def total(self) -> Array:
        """The soil organic carbon."""
        return self.decomposable + self.resistant + self.biomass + self.humus + self.inert


def _pools(active: Array, inert: Array) -> Pools:
    return Pools(active[0], active[1], active[2], active[3], inert)


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Pools, and the CO2 respired since the start, at the reported times: (time, column)."""

    pools: Pools
    respired: Array

    @property
    def total(self) -> Array:
        """The soil organic carbon."""
        return self.pools.total


def inert_carbon(stock: ArrayLike) -> Array:
    """Return IOM (t C/ha) from the measured total SOC (t C/ha), by Falloon et al. (1998)."""
    factor, exponent = FALLOON
    return factor * by_column("stock", stock) ** exponent


@dataclass(frozen=True, eq=False)
class _Block:
    """Some columns, ready to step: decay (4, column) and additions of each month."""

    decay: list[Array]
    additions: list[Array | None]
    destinations: Array
    columns: int

    @property
    def repeats(self) -> bool:
        return len(self.decay) == YEAR and len(self.additions) == YEAR


def _step(state: Array, decay: Array, destinations: Array) -> None:
    """Let a month's decomposition happen to the state (DPM, RPM, BIO, HUM, CO2), in place."""
    pools = state[:4]
    kept = pools * decay
    pools -= kept
    lost = np.add.reduce(pools, axis=0)
    pools[...] = kept
    state[2:] += destinations * lost


def _month(block: _Block, state: Array, month: int) -> None:
    _step(state, block.decay[month % len(block.decay)], block.destinations)
    addition = block.additions[month % len(block.additions)]
    if addition is not None:
        state[:4] += addition


def _year_map(block: _Block) -> tuple[Array, Array]:
    """Return A (5, 4, column) and b (5, column): state after = A pools + b, CO2 as last row."""
    state = np.zeros((5, 5, block.columns))
    state[range(4), range(4)] = 1.0
    for decay, addition in zip(block.decay, block.additions, strict=True):
        _step(state, decay[:, None], block.destinations[:, None])
        if addition is not None:
            state[:4, 4] += addition
    return np.ascontiguousarray(state[:, :4]), np.ascontiguousarray(state[:, 4])


def _apply(year: tuple[Array, Array], state: Array) -> None:
    """Let a year happen to the state, in place: DPM and RPM receive nothing from other pools."""
    transition, constant = year
    low = np.einsum("ijc,jc->ic", transition[2:], state[:4])
    low[2] += state[4]
    state[0] *= transition[0, 0]
    state[1] *= transition[1, 1]
    state[2:] = low
    state += constant


def _record(block: _Block, state: Array, years: int, report: Report) -> Array:
    """Run the columns and return the reported states, (5, time, column)."""
    year_map = _year_map(block) if block.repeats and report != "months" else None

    def pass_year(year: int) -> None:
        if year_map is not None:
            _apply(year_map, state)
        else:
            for month in range(YEAR):
                _month(block, state, YEAR * year + month)

    record = np.empty((5, _rows(years, report), block.columns))
    if report == "years":
        for year in range(years):
            pass_year(year)
            record[:, year] = state
    elif report == "months":
        for month in range(YEAR * years):
            _month(block, state, month)
            record[:, month] = state
    else:
        for year in range(years - 1):
            pass_year(year)
        record[:, 0] = state
        for month in range(YEAR):
            _month(block, state, YEAR * (years - 1) + month)
            record[:, month + 1] = state
    return record


def _rows(years: int, report: Report) -> int:
    rows = {"years": years, "months": YEAR * years, "last_year": YEAR + 1}
    if report not in rows:
        raise ValueError(f"report is {report!r}, expected one of {sorted(rows)}")
    return rows[report]


def _columns(*arrays: Array) -> int:
    """Return the number of columns that the arrays share."""
    lengths = {array.shape[-1] for array in arrays} - {1}
    if len(lengths) > 1:
        raise ValueError(f"the arrays have {sorted(lengths)} columns, expected one number")
    return lengths.pop() if lengths else 1


def _of_turnover(inputs: Inputs, turnover: Turnover) -> tuple[Array, ...]:
    return inputs.plant, inputs.manure, inputs.ratio, turnover.rate, turnover.clay


def _blocks(
    inputs: Inputs, turnover: Turnover, columns: int, years: int
) -> Iterator[tuple[slice, _Block]]:
    """Cut the columns into blocks."""
    for name, array in {
        "plant input": inputs.plant, "manure input": inputs.manure, "rate modifier": turnover.rate
    }.items():  # fmt: skip
        if len(array) not in (YEAR, YEAR * years):
            expected = f"{YEAR} or {YEAR * years}"
            raise ValueError(f"{name} has {len(array)} months, expected {expected}")
    months = max(len(inputs.plant), len(inputs.manure))
    for start in range(0, columns, BLOCK):
        cut = slice(start, min(start + BLOCK, columns))
        plant, manure, ratio, rate, clay = (
            array[..., cut] if array.shape[-1] > 1 else array
            for array in _of_turnover(inputs, turnover)
        )
        plant = _repeated(plant, months, "plant input")
        manure = _repeated(manure, months, "manure input")
        split = np.stack([ratio / (ratio + 1), 1 / (ratio + 1), 0 * ratio, 0 * ratio])
        additions = [
            split * p + MANURE_SHARES[:, None] * m if p.any() or m.any() else None
            for p, m in zip(plant, manure, strict=True)
        ]
        decay = [np.exp(-RATE_CONSTANTS[:, None] / YEAR * month) for month in rate]
        destinations = Turnover(rate, clay).destinations
        yield cut, _Block(decay, additions, destinations, cut.stop - cut.start)


def _whole_years(years: int) -> int:
    if years != int(years) or years < 1:
        raise ValueError(f"years is {years}, expected a whole number from 1")
    return int(years)


def _records(
    active: tuple[Array, ...], inputs: Inputs, turnover: Turnover, years: int, report: Report
) -> Iterator[tuple[slice, Array]]:
    """Run block by block; `active` are DPM, RPM, BIO and HUM at the start."""
    columns = _columns(*active, *_of_turnover(inputs, turnover))
    for cut, block in _blocks(inputs, turnover, columns, years):
        state = np.zeros((5, block.columns))
        for row, pool in zip(state, active, strict=False):
            row[:] = pool[cut] if len(pool) > 1 else pool
        yield cut, _record(block, state, years, report)


def simulate(
    pools: Pools, inputs: Inputs, turnover: Turnover, years: int, report: Report = "years"
) -> Trajectory:
    """Run the model and return the pools and the respired carbon.

    Rates and inputs hold 12 months, which repeat, or 12 x `years`; each by itself. `report`:
    "years" the ends of the years; "months" the ends of the months; "last_year" 13 rows, the
    beginning of the last year and the ends of its months. Memory grows with what is reported, not
    with the months simulated.
    """
    years = _whole_years(years)
    *active, inert = (by_column(f"pool {name}", value) for name, value in vars(pools).items())
    columns = _columns(*active, inert, *_of_turnover(inputs, turnover))
    record = np.empty((5, _rows(years, report), columns))
    for cut, part in _records(tuple(active), inputs, turnover, years, report):
        record[..., cut] = part
    return Trajectory(_pools(record, np.broadcast_to(inert, record.shape[1:])), record[4])


def equilibrium(inputs: Inputs, turnover: Turnover, inert: ArrayLike = 0.0) -> Pools:
    """Return the pools at the end of December that a repeated year leaves as they are."""
    still = by_column("inert carbon", inert)
    columns = _columns(still, *_of_turnover(inputs, turnover))
    if len(turnover.rate) != YEAR or len(inputs.plant) != YEAR or len(inputs.manure) != YEAR:
        raise ValueError(f"an equilibrium needs one year of {YEAR} months that repeats")
    if not turnover.rate.any(axis=0).all():
        raise ValueError("the rate modifier is 0 in all months, so that carbon has no equilibrium")
    steady = np.empty((4, columns))
    for cut, block in _blocks(inputs, turnover, columns, 1):
        transition, constant = _year_map(block)
        system = np.eye(4) - np.moveaxis(transition[:4], -1, 0)
        steady[:, cut] = np.linalg.solve(system, constant[:4].T[..., None])[..., 0].T
    return _pools(steady, np.broadcast_to(still, columns))


def inputs_for_stock(
    stock: ArrayLike,
    shares: ArrayLike,
    turnover: Turnover,
    *,
    ratio: ArrayLike = ARABLE,
    manure: ArrayLike = (0.0,) * YEAR,
) -> tuple[Inputs, Pools]:
    """Return the inputs whose equilibrium is a measured stock, and that equilibrium.

    It is *assumed* that the soil is in equilibrium with the repeated year, its cover and the
    manure, and that the stock (t C/ha, to the depth of the soil) is that at the end of December.
    A soil that still loses the carbon of former forest or meadow needs less input than this says.
    The inert pool follows from the measured total. `shares` of the year's plant input in each
    month add up to 1.
    """
    measured = by_column("stock", stock, np.nextafter(0.0, 1.0))
    pattern = by_month("shares", shares, 0.0, 1.0)
    if not np.allclose(pattern.sum(axis=0), 1.0, rtol=0.0, atol=1e-9):
        raise ValueError(f"shares add up to {pattern.sum(axis=0)[0]:g}, expected 1")
    inert = inert_carbon(measured)
    dung = by_month("manure input", manure)
    ratios = np.asarray(ratio, dtype=np.float64)
    per_unit = equilibrium(Inputs(pattern, ratio=ratios), turnover).total
    of_manure = equilibrium(Inputs(np.zeros(YEAR), dung, ratios), turnover).total
    yearly = (measured - inert - of_manure) / per_unit
    if (yearly < 0).any():
        raise ValueError(
            f"a stock of {np.broadcast_to(measured, yearly.shape)[yearly < 0][0]:g} t C/ha is less "
            "than manure and inert carbon alone keep up"
        )
    inputs = Inputs(pattern * yearly, dung, ratios)
    return inputs, equilibrium(inputs, turnover, inert)


def response(inputs: Inputs, turnover: Turnover, years: int, report: Report = "years") -> Array:
    """Return the carbon that extra inputs, kept up from the first year, add to the soil.

    RothC is linear in pools and inputs, so this holds whatever the soil held before, per unit of
    input: t C/ha at the reported times (time, column), `report` as in `simulate`. The differences
    of the 13 rows of "last_year" are the gains in each month of year `years`, for a cohort that
    began so many years ago. Inputs kept up for s years only leave R(n) - R(n - s) after n years.
    Fresh plant material counts: in a cold autumn a year's end still holds nearly all of October's
    straw.
    """
    zero = np.zeros(1)
    return _totals(Pools(zero, zero, zero, zero, zero), inputs, turnover, years, report)


def cover_response(
    inputs: Inputs, before: Turnover, after: Turnover, years: int, report: Report = "years"
) -> Array:
    """Return the carbon gained since a soil in equilibrium changed its plant cover.

    Relative to staying: t C/ha at the reported times, `report` as in `simulate`. Inputs are those
    of the equilibrium; what the cover crop itself adds is `response(extra, after, ...)`, and both
    add up exactly. Any other change of the rate modifiers may be asked for in the same way.
    """
    start = equilibrium(inputs, before)
    changed = _totals(start, inputs, after, years, report)
    return changed - _totals(start, inputs, before, years, report)


def _totals(pools: Pools, inputs: Inputs, turnover: Turnover, years: int, report: Report) -> Array:
    """Run the model and keep only the active carbon, (time, column)."""
    years = _whole_years(years)
    active = (pools.decomposable, pools.resistant, pools.biomass, pools.humus)
    columns = _columns(*active, *_of_turnover(inputs, turnover))
    totals = np.empty((_rows(years, report), columns))
    for cut, part in _records(active, inputs, turnover, years, report):
        totals[:, cut] = part[:4].sum(axis=0)
    return totals
