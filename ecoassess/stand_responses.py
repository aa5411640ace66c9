"""What stands of each forest type gain with age, and where the standing forest goes.

Worked out once for a few draws, without counties: a type's curve is the same in all of them, and
what is planted or standing multiplies it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from ecoassess.coefficients import Coefficient
from ecoassess.models import stand_disturbances, stand_growth
from ecoassess.models.stand_curves import Curves, Growth, at_temperature, from_age_groups
from ecoassess.responses import YEARS, drawn

OLDEST = 200
"""Last age class, which collects what is older."""

HORIZON = 40
"""Years that the course of the standing forest is followed."""

POOLS = {"living_trees": ("above", "below"), "dead_wood": ("dead_wood",), "litter": ("litter",)}
"""Pool of the course → pools of the growth model."""

SHARED_UNITS = {
    "root_shoot_ratio": "1",
    "disturbance_share": "1/yr",
    "disturbance_killed": "1",
}
"""The coefficients that stand growth shares with equations, and their units."""


def stand_responses(
    coefficients: Mapping[str, Coefficient], temperature: float, year: int, seed: int
) -> dict[str, xr.DataArray]:
    """Return how planted stands gain with age, and how standing ones change from `year` on.

    planted_biomass_gain, planted_dead_matter_gain
        Gain (t C/ha/yr) of trees, and of dead wood with litter, in each year of a stand planted on
        bare ground, by draw, forest_type and age (1 in the first year).
    age_class_growth
        Growth of the trees' carbon (t C/ha/yr) in the year that follows, by draw and forest_type:
        what the age structure gives, before harvest and disturbance.
    standing_change
        What each pool of the standing forest has gained since `year` (t C/ha), with disturbance
        and without harvest, by draw, forest_type, pool and year.
    beyond_curves
        Share of a type's area older than its curve is valid for, where growth is held at zero, by
        draw, forest_type and year.

    Parameters
    ----------
    temperature
        Mean annual temperature at which dead matter decays, °C.
    """
    values = drawn(coefficients, {**stand_growth.UNITS, **SHARED_UNITS}, seed)
    types = list(map(str, values["growth_asymptote"]["forest_type"].values))
    roots = _by_type(values["root_shoot_ratio"], types)
    turnover = _turnover(values, types, temperature)
    growth = {
        origin: Growth.of(
            Curves(
                *(
                    _by_type(values[f"growth_{part}"].sel(origin=origin, drop=True), types)
                    for part in ("asymptote", "rate", "shape", "valid_age")
                )
            ),
            1.0,
            roots / (1 + roots),
            OLDEST,
        )
        for origin in ("natural", "planted")
    }
    stand = stand_growth.from_bare(growth["planted"], turnover, YEARS)
    yearly = np.diff(stand, axis=-1, prepend=0.0)
    of_age = {"forest_type": types, "age": np.arange(1, YEARS + 1)}
    trees = yearly[stand_disturbances.ABOVE] + yearly[stand_disturbances.BELOW]
    dead = yearly[stand_disturbances.DEAD_WOOD] + yearly[stand_disturbances.LITTER]

    shares = {"planted": _by_type(values["planted_share"], types)}
    shares["natural"] = 1 - shares["planted"]
    grown, undisturbed, disturbed, old = (np.zeros(1) for _ in range(4))
    for origin, share in shares.items():
        state = _structure(values, types, origin, growth[origin], turnover, year)
        later, _fluxes = stand_growth.step(state, growth[origin], turnover)
        undisturbed = undisturbed + share * _trees(state.carbon)
        grown = grown + share * _trees(later.carbon)
        course, beyond = _course(values, types, state, growth[origin], turnover)
        disturbed, old = disturbed + share * course, old + share * beyond
    return {
        "planted_biomass_gain": _labelled(trees, of_age),
        "planted_dead_matter_gain": _labelled(dead, of_age),
        "age_class_growth": _labelled(grown - undisturbed, {"forest_type": types}),
        "standing_change": xr.DataArray(
            disturbed - disturbed[:, :1],
            dims=("pool", "year", "draw", "forest_type"),
            coords={"pool": list(POOLS), "year": np.arange(HORIZON + 1), "forest_type": types},
        ).transpose("draw", "forest_type", "pool", "year"),
        "beyond_curves": xr.DataArray(
            old,
            dims=("year", "draw", "forest_type"),
            coords={"year": np.arange(HORIZON + 1), "forest_type": types},
        ).transpose("draw", "forest_type", "year"),
    }


def _by_type(array: xr.DataArray, types: list[str]) -> np.ndarray:
    """Return a coefficient as (draw, type), the same for all types where it has no type."""
    if "forest_type" not in array.dims:
        array = array.expand_dims(forest_type=types)
    return np.asarray(array.sel(forest_type=types).transpose("draw", "forest_type").values)


def _turnover(
    values: Mapping[str, xr.DataArray], types: list[str], temperature: float
) -> stand_growth.Turnover:
    """Return the yearly rates of turnover and, at a temperature, of decay."""

    def decay(pool: str) -> np.ndarray:
        return at_temperature(
            *(
                argument.sel(pool=pool, drop=True).pipe(_by_type, types)
                if isinstance(argument, xr.DataArray)
                else argument
                for argument in (
                    values["decay_rate"],
                    temperature,
                    values["decay_q10"],
                    values["decay_reference_temperature"],
                )
            )
        )

    def to_soil(pool: str) -> np.ndarray:
        return _by_type(values["decay_to_soil"].sel(pool=pool, drop=True), types)

    litterfall = _by_type(values["litterfall"], types)
    return stand_growth.Turnover(
        litterfall=litterfall,
        fine_roots=np.zeros_like(litterfall),  # they die in the soil, which has its own coefficient
        mortality=_by_type(values["tree_mortality"], types),
        closed_canopy=_by_type(values["closed_canopy_biomass"], types),
        dead_wood_decay=decay("dead_wood"),
        litter_decay=decay("litter"),
        soil_decay=decay("soil"),
        dead_wood_to_soil=to_soil("dead_wood"),
        litter_to_soil=to_soil("litter"),
    )


def _labelled(array: np.ndarray, coords: Mapping[str, object]) -> xr.DataArray:
    return xr.DataArray(array, dims=("draw", *coords), coords=dict(coords))


def _trees(carbon: np.ndarray) -> np.ndarray:
    """Return the carbon of trees by (draw, type)."""
    total: np.ndarray = carbon[: stand_disturbances.BELOW + 1].sum(axis=(0, -1))
    return total


def _structure(
    values: Mapping[str, xr.DataArray],
    types: list[str],
    origin: str,
    growth: Growth,
    turnover: stand_growth.Turnover,
    year: int,
) -> stand_growth.State:
    """Return a hectare of each type at the end of `year`, by its age structure.

    The structure of its own year grows older until then. Each age class holds the dead wood and
    litter that balance its own turnover: what former stands left is as unknown as their age.
    """
    limits = values["age_group_limit"].isel(draw=0).sel(origin=origin, forest_type=types)
    limits = limits.transpose("forest_type", "age_group")
    share = values["age_group_share"].transpose("draw", "age_group").values
    groups = np.broadcast_to(share[:, None, :], (len(share), len(types), share.shape[-1]))
    area = from_age_groups(groups, limits.values, growth.oldest)
    stands = stand_growth.balance(growth, turnover)
    state = stand_growth.State.of(area, stands)
    for _ in range(year - int(values["age_structure_year"].isel(draw=0))):
        state, _fluxes = stand_growth.step(state, growth, turnover)
    return state


def _course(
    values: Mapping[str, xr.DataArray],
    types: list[str],
    state: stand_growth.State,
    growth: Growth,
    turnover: stand_growth.Turnover,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pools from the first year on, t C/ha by (pool, year, draw, type).

    Besides, the share of the area that is beyond the curves' validity, by (year, draw, type).
    Fire, wind and insects hit their shares of the area every year; the stands keep their age.
    """
    hit, killed, fates = (values[f"disturbance_{part}"] for part in ("share", "killed", "fate"))
    events = {}
    for agent in map(str, hit["disturbance"].values):
        fate = {
            (str(source), str(target)): _by_type(
                fates.sel(disturbance=agent, from_pool=source, to_pool=target, drop=True), types
            )
            for source in fates["from_pool"].values
            for target in fates["to_pool"].values
        }
        events[agent] = stand_disturbances.Event(
            stand_disturbances.killing(
                _by_type(killed.sel(disturbance=agent, drop=True), types),
                {pair: np.nan_to_num(share) for pair, share in fate.items() if pair[0] != pair[1]},
            ),
            renews=False,
            share=_by_type(hit.sel(disturbance=agent, drop=True), types),
        )
    years = stand_growth.project(
        state, growth, turnover, HORIZON, stand_disturbances.Disturbances(events)
    )
    first = dict(zip(stand_disturbances.POOLS, state.carbon.sum(axis=-1), strict=True))
    beyond = (state.area * growth.beyond).sum(axis=-1)
    course = [
        np.concatenate([sum(first[n] for n in names)[None], sum(years[n] for n in names)])
        for names in POOLS.values()
    ]
    return np.stack(course), np.concatenate([beyond[None], years["beyond_valid_age"]])
