"""Growth, turnover, decay and disturbance of stands by age: where the carbon of a forest goes.

Plain numpy; units stand in the docstrings. Arrays are (..., type, age) with any batch axes
(draws, counties) first and one-year age classes 0..oldest last; the last class collects what is
older. Parameters are (..., type) and broadcast. A state holds areas (ha) and carbon (t C), with
the axis of POOLS first: above- and below-ground biomass, dead wood, litter (forest floor with dead
fine roots), soil.

Formula
-------
In a year, in this order::

    1 disturbances, in the order given   hit = share · area,  carbon of hit area by its matrix
    2 regeneration                       renewed and added area starts at age 0
    3 growth                             B' = B + A Δ(a)                 Δ = curve(a+1) - curve(a)
    4 turnover, from the mean of the year, B* = (B + B') / 2, C = min(A, B*_above / b) closed canopy
        litterfall  L C -> litter                 fine roots  F C -> litter
        mortality   m B* -> dead wood             (B stays: the gross growth replaces all three)
    5 decay         of what is there with the year's inputs: k P; a share goes to the soil, the
                    rest to the air; then soil carbon, to the air
    6 all stands are a year older

    net primary production     = A Δ + turnover
    heterotrophic respiration  = decay that reaches the air

so that in every year, to rounding::

    Δ carbon = net primary production - heterotrophic respiration - disturbance emissions - products

Symbols
-------
`Turnover` names the rates; `Event` a disturbance with its matrix. The curve is net of mortality,
so dying trees are replaced by growth that is additional to it.

Source
------
Structure of the Carbon Budget Model (Kurz et al. 2009, Ecological Modelling 220, 480-504), read in
its program libcbm 2.10.2, not in the paper: gross growth = net increment + replaced turnover, decay
with Q10, disturbance matrices. Its pools are lumped to 5: stem, branch and foliage, snags and
debris, and so on, are one each. Compared with libcbm in
tests/models/test_stand_growth_beside_libcbm.py.

Validity
--------
Even-aged stands or types whose mean follows their mean age. Growth hangs on age alone: thinned or
damaged stands grow as others of their age and do not catch up. Left out: understorey (below 3 % of
the trees in Jilin), nitrogen, climate change, dissolved and eroded carbon; what fire emits counts
as carbon, whatever the gas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ecoassess.models.stand_curves import Array, Growth, checked
from ecoassess.models.stand_disturbances import (
    ABOVE,
    AIR,
    BELOW,
    DEAD_WOOD,
    LITTER,
    NONE,
    POOLS,
    PRODUCTS,
    SOIL,
    Disturbances,
    Event,
)

UNITS = {
    "growth_asymptote": "t C/ha",
    "growth_rate": "1/yr",
    "growth_shape": "1",
    "growth_valid_age": "yr",
    "age_group_limit": "yr",
    "age_group_share": "1",
    "age_structure_year": "yr",
    "planted_share": "1",
    "litterfall": "t C/ha/yr",
    "closed_canopy_biomass": "t C/ha",
    "tree_mortality": "1/yr",
    "decay_rate": "1/yr",
    "decay_q10": "1",
    "decay_reference_temperature": "degC",
    "decay_to_soil": "1",
    "disturbance_fate": "1",
}
"""The coefficients of configs/models/stand_growth.yaml and the units the kernel takes."""


@dataclass(frozen=True, eq=False)
class Turnover:
    """Yearly rates, (..., type).

    Parameters
    ----------
    litterfall, fine_roots
        L and F: leaves and twigs that fall, and fine roots that die, under a closed canopy
        (t C/ha/yr).
    closed_canopy
        b: above-ground biomass (t C/ha) of a stand whose canopy has just closed. Below it
        litterfall and fine roots go with the biomass, above it they stay level.
    mortality
        m: share of biomass that dies with its tree and becomes dead wood.
    dead_wood_decay, litter_decay, soil_decay
        Share of the pool that decays.
    dead_wood_to_soil, litter_to_soil
        Share of what decays that becomes soil carbon.
    """

    litterfall: Array
    fine_roots: Array
    closed_canopy: Array
    mortality: Array
    dead_wood_decay: Array
    litter_decay: Array
    soil_decay: Array
    dead_wood_to_soil: Array
    litter_to_soil: Array

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            high = np.inf if name in ("litterfall", "fine_roots", "closed_canopy") else 1.0
            low = np.nextafter(0.0, 1.0) if name == "closed_canopy" else 0.0
            object.__setattr__(self, name, checked(name, value, low, high)[..., None])


@dataclass(frozen=True, eq=False)
class State:
    """Areas (..., type, age) in ha and carbon (pool, ..., type, age) in t C, all batch axes."""

    area: Array
    carbon: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "area", checked("area", self.area))
        object.__setattr__(self, "carbon", checked("carbon", self.carbon))
        if self.carbon.shape != (len(POOLS), *self.area.shape):
            raise ValueError(
                f"carbon has the shape {self.carbon.shape}, expected {len(POOLS)} pools of "
                f"{self.area.shape}"
            )

    @classmethod
    def of(cls, area: ArrayLike, density: ArrayLike) -> State:
        """Return the state of areas with carbon per hectare (t C/ha), (pool, ..., type, age)."""
        return cls(np.asarray(area, float), np.asarray(area, float) * np.asarray(density, float))


@dataclass(frozen=True, eq=False)
class Fluxes:
    """What flowed in a year, t C/yr by (..., type) unless said otherwise.

    Parameters
    ----------
    net_increment
        Growth of the curves.
    litterfall, fine_roots, mortality
        Turnover that gross growth replaced.
    heterotrophic_respiration
        Decay that reached the air.
    emitted, products
        By disturbance: what it sent into the air, and what it took away.
    hit
        By disturbance: area (ha).
    unmet
        By disturbance with an amount: what the stands could not give.
    """

    net_increment: Array
    litterfall: Array
    fine_roots: Array
    mortality: Array
    heterotrophic_respiration: Array
    emitted: dict[str, Array]
    products: dict[str, Array]
    hit: dict[str, Array]
    unmet: dict[str, Array]

    @property
    def net_primary_production(self) -> Array:
        """Net increment with the turnover it replaced."""
        return self.net_increment + self.litterfall + self.fine_roots + self.mortality


def _hit_share(event: Event, area: Array, carbon: Array) -> tuple[Array, Array | None]:
    """Return the share of each age class that is hit, and the amount that is not met."""
    ages = np.arange(area.shape[-1])
    inside = (ages >= event.ages[0]) & (ages <= event.ages[1])
    if event.share is not None:
        return event.share[..., None] * inside, None
    assert event.amount is not None  # noqa: S101 - checked by Event
    given = np.zeros(area.shape)
    for pool in range(len(POOLS)):
        given += event.matrix[pool, PRODUCTS][..., None] * carbon[pool]
    given = given * inside
    older = np.cumsum(given[..., ::-1], axis=-1)[..., ::-1] - given
    wanted = np.clip(event.amount[..., None] - older, 0.0, given)
    share = np.divide(wanted, given, out=np.zeros(given.shape), where=given > 0)
    unmet: Array = np.maximum(event.amount - given.sum(axis=-1), 0.0)
    return share, unmet


def _moved(table: Array, carbon: Array) -> Array:
    """Return where carbon (pool, ..., type, age) goes, (pool + outside, ..., type, age)."""
    result = np.zeros((table.shape[1], *carbon.shape[1:]))
    for source, target in np.argwhere(table.any(axis=tuple(range(2, table.ndim)))):
        result[target] += table[source, target][..., None] * carbon[source]
    return result


@dataclass(eq=False)
class _Balance:
    """What a year has at hand between its disturbances."""

    area: Array
    carbon: Array
    renewed_area: Array
    renewed_carbon: Array


def _disturb(balance: _Balance, event: Event) -> tuple[Array, Array, Array, Array | None]:
    """Let an event happen; return what it emitted, took away, its area and what is not met."""
    share, unmet = _hit_share(event, balance.area, balance.carbon)
    hit = share * balance.area
    carbon = share * balance.carbon
    balance.carbon -= carbon
    if event.renews:
        moved = _moved(event.matrix, carbon.sum(axis=-1, keepdims=True))
        balance.area -= hit
        balance.renewed_area += hit.sum(axis=-1)
        balance.renewed_carbon += moved[: len(POOLS), ..., 0]
    else:
        moved = _moved(event.matrix, carbon)
        balance.carbon += moved[: len(POOLS)]
    outside = moved[len(POOLS) :].sum(axis=-1)
    return outside[AIR - len(POOLS)], outside[PRODUCTS - len(POOLS)], hit.sum(axis=-1), unmet


def _regenerate(balance: _Balance, disturbances: Disturbances) -> None:
    """Put renewed and added area, with what carbon is left on it, into age 0."""
    area, carbon = balance.renewed_area, balance.renewed_carbon
    if disturbances.regeneration is not None:
        area = np.einsum("...t,...tu->...u", area, disturbances.regeneration)
        carbon = np.einsum("p...t,...tu->p...u", carbon, disturbances.regeneration)
    if disturbances.added is not None:
        area = area + disturbances.added
    balance.area[..., 0] += area
    balance.carbon[..., 0] += carbon


def _live(
    area: Array, carbon: Array, increment: Array, turnover: Turnover
) -> tuple[Array, Array, Array, Array, Array]:
    """Let growth, turnover and decay happen to the carbon, in place; return the flows.

    These are net increment, litterfall, fine roots, mortality, respiration: (..., type, age).
    """
    grown = area * increment
    middle = carbon[:2] + grown / 2
    carbon[:2] += grown
    closed = np.minimum(area, middle[ABOVE] / turnover.closed_canopy)
    litterfall = turnover.litterfall * closed
    fine_roots = turnover.fine_roots * closed
    mortality = turnover.mortality * (middle[ABOVE] + middle[BELOW])
    carbon[DEAD_WOOD] += mortality
    carbon[LITTER] += litterfall + fine_roots
    wood = turnover.dead_wood_decay * carbon[DEAD_WOOD]
    litter = turnover.litter_decay * carbon[LITTER]
    humus = turnover.dead_wood_to_soil * wood + turnover.litter_to_soil * litter
    carbon[DEAD_WOOD] -= wood
    carbon[LITTER] -= litter
    carbon[SOIL] += humus
    soil = turnover.soil_decay * carbon[SOIL]
    carbon[SOIL] -= soil
    return (
        grown[ABOVE] + grown[BELOW],
        litterfall,
        fine_roots,
        mortality,
        wood + litter + soil - humus,
    )


def step(
    state: State, growth: Growth, turnover: Turnover, disturbances: Disturbances = NONE
) -> tuple[State, Fluxes]:
    """Return the state a year later, and what flowed in between."""
    if growth.oldest != state.area.shape[-1] - 1:
        raise ValueError(
            f"the curves end at age {growth.oldest}, the areas at {state.area.shape[-1] - 1}"
        )
    by_type = state.area.shape[:-1]
    balance = _Balance(
        state.area.copy(), state.carbon.copy(), np.zeros(by_type), np.zeros((len(POOLS), *by_type))
    )
    emitted, products, hit, unmet = {}, {}, {}, {}
    for name, event in disturbances.events.items():
        emitted[name], products[name], hit[name], missing = _disturb(balance, event)
        if missing is not None:
            unmet[name] = missing
    _regenerate(balance, disturbances)
    flows = _live(balance.area, balance.carbon, growth.increment, turnover)
    grown, litterfall, fine_roots, mortality, respired = (flow.sum(axis=-1) for flow in flows)
    fluxes = Fluxes(
        grown, litterfall, fine_roots, mortality, respired, emitted, products, hit, unmet
    )
    return State(_older(balance.area), _older(balance.carbon)), fluxes


def _older(array: Array) -> Array:
    """Return the classes a year later; the last collects the one before."""
    result = np.empty_like(array)
    result[..., 1:] = array[..., :-1]
    result[..., 0] = 0.0
    result[..., -1] += array[..., -1]
    return result


def project(
    state: State,
    growth: Growth,
    turnover: Turnover,
    years: int,
    disturbances: Disturbances | Sequence[Disturbances] = NONE,
) -> dict[str, Array]:
    """Return stocks, areas and flows of each year, (year, ..., type).

    Keys: "area" and "beyond_valid_age" (ha at the end of the year, the second that of stands whose
    growth is held at 0 because their curve is not valid), the names of POOLS (t C, end of year),
    and the flows of `Fluxes` (t C/yr), those by disturbance as "emitted_fire", "products_harvest",
    "hit_fire", "unmet_harvest" ...

    Parameters
    ----------
    disturbances
        Of every year, or one for each year.
    """
    plan = [disturbances] * years if isinstance(disturbances, Disturbances) else list(disturbances)
    if len(plan) != years:
        raise ValueError(f"{len(plan)} years of disturbances for {years} years")
    rows: dict[str, list[Array]] = {}
    for events in plan:
        state, fluxes = step(state, growth, turnover, events)
        row = {
            "area": state.area.sum(axis=-1),
            "beyond_valid_age": (state.area * growth.beyond).sum(axis=-1),
            **dict(zip(POOLS, state.carbon.sum(axis=-1), strict=True)),
        }
        for name, flow in vars(fluxes).items():
            if isinstance(flow, dict):
                row |= {f"{name}_{event}": value for event, value in flow.items()}
            else:
                row[name] = flow
        row["net_primary_production"] = fluxes.net_primary_production
        for name, value in row.items():
            rows.setdefault(name, []).append(value)
    if any(len(values) != years for values in rows.values()):
        raise ValueError("the years have different disturbances by name; give a share of 0")
    return {name: np.stack(values) for name, values in rows.items()}


def balance(growth: Growth, turnover: Turnover) -> Array:
    """Return pools by age whose dead matter balances its own turnover, (pool, ..., type, age).

    Litter and dead wood decay as fast as the stand of that age feeds them, t C/ha; soil is 0. For
    standing forest, whose history before is not known.
    """
    above, below = growth.above, growth.below
    closed = np.minimum(1.0, above / turnover.closed_canopy)
    wood = turnover.mortality * (above + below) / turnover.dead_wood_decay
    litter = (turnover.litterfall + turnover.fine_roots) * closed / turnover.litter_decay
    return np.stack(np.broadcast_arrays(above, below, wood, litter, np.zeros_like(above)))


def from_bare(
    growth: Growth, turnover: Turnover, years: int, initial: ArrayLike | None = None
) -> Array:
    """Return the pools of a stand 1..years after planting, (pool, ..., type, year), t C/ha.

    Parameters
    ----------
    initial
        Dead organic matter and soil on the ground when it is planted, (pool, ..., type); none, so
        that the pools are what the stand itself has brought.
    """
    by_type = np.broadcast_shapes(
        growth.above.shape[:-1], *(rate.shape[:-1] for rate in vars(turnover).values())
    )
    carbon = np.zeros((len(POOLS), *by_type, 1))
    if initial is not None:
        carbon += checked("initial carbon", initial)[..., None]
    increment = growth.increment
    result = np.empty((len(POOLS), *by_type, years))
    for year in range(years):
        age = min(year, growth.oldest)
        _live(np.ones(1), carbon, increment[..., age : age + 1], turnover)
        result[..., year] = carbon[..., 0]
    return result
