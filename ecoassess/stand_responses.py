"""What stands of each forest type gain with age, and where the standing forest goes.

Worked out once for a few draws, without counties: a type's curve is the same in all of them, and
what is planted or standing multiplies it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from ecoassess.coefficients import Coefficient
from ecoassess.models import stand_growth
from ecoassess.models.stand_curves import Curves, Growth, from_age_groups
from ecoassess.responses import YEARS, drawn

OLDEST = 300
"""Last age class, which collects what is older."""

HORIZON = 40
"""Years that the course of the standing forest is followed."""

POOLS = {"living_trees": ("above", "below"), "dead_wood": ("dead_wood",), "litter": ("litter",)}
"""Pool of the course → pools of the growth model."""

UNITS = {
    "curve_asymptote": "t dm/ha",
    "curve_rate": "1/yr",
    "curve_shape": "1",
    "curve_valid_age": "yr",
    "age_group_share": "1",
    "age_group_limit": "yr",
    "age_structure_year": "yr",
    "litterfall": "1/yr",
    "fine_root_turnover": "1/yr",
    "tree_mortality": "1/yr",
    "closed_canopy": "t C/ha",
    "dead_wood_decay": "1/yr",
    "litter_decay": "1/yr",
    "soil_decay": "1/yr",
    "dead_wood_to_soil": "1",
    "litter_to_soil": "1",
    "carbon_fraction": "t C/t dm",
    "root_shoot_ratio": "1",
    "disturbed_share": "1/yr",
    "biomass_lost": "1",
}
"""The coefficients of stand growth, those it shares with other models too, and their units."""


def stand_responses(
    coefficients: Mapping[str, Coefficient], year: int, seed: int
) -> dict[str, xr.DataArray]:
    """Return how planted stands gain with age, and how standing ones change from `year` on.

    planted_biomass_gain, planted_dead_matter_gain
        Gain (t C/ha/yr) of trees, and of dead wood with litter, in each year of a stand planted on
        bare ground, by draw, forest_type and age (1 in the first year).
    age_class_growth
        Growth of the trees' carbon relative to it (1/yr) in `year`, by draw and forest_type: what
        the age structure gives, before harvest and disturbance.
    standing_course
        Carbon of each pool of the standing forest relative to that of `year`, with disturbance, by
        draw, forest_type, pool and year.
    """
    values = drawn(coefficients, UNITS, seed)
    types = list(map(str, values["curve_asymptote"]["forest_type"].values))

    def by_type(name: str) -> np.ndarray:
        """Return a coefficient as (draw, type), the same for all types where it has no type."""
        array = values[name]
        if "forest_type" in array.dims:
            array = array.sel(forest_type=types)
        else:
            array = array.expand_dims(forest_type=types)
        return np.asarray(array.transpose("draw", "forest_type").values)

    growth = Growth.of(
        Curves(*(by_type(f"curve_{n}") for n in ("asymptote", "rate", "shape", "valid_age"))),
        by_type("carbon_fraction"),
        by_type("root_shoot_ratio") / (1 + by_type("root_shoot_ratio")),
        OLDEST,
    )
    turnover = stand_growth.Turnover(
        litterfall=by_type("litterfall"),
        fine_roots=by_type("fine_root_turnover"),
        mortality=by_type("tree_mortality"),
        closed_canopy=by_type("closed_canopy"),
        dead_wood_decay=by_type("dead_wood_decay"),
        litter_decay=by_type("litter_decay"),
        soil_decay=by_type("soil_decay"),
        dead_wood_to_soil=by_type("dead_wood_to_soil"),
        litter_to_soil=by_type("litter_to_soil"),
    )
    planted = stand_growth.from_bare(growth, turnover, YEARS)
    yearly = np.diff(planted, axis=-1, prepend=0.0)
    trees = yearly[stand_growth.ABOVE] + yearly[stand_growth.BELOW]
    dead = yearly[stand_growth.DEAD_WOOD] + yearly[stand_growth.LITTER]
    of_age = {"forest_type": types, "age": np.arange(1, YEARS + 1)}

    before = _structure(values, types, growth, turnover, year)
    grown, _fluxes = stand_growth.step(before, growth, turnover)
    gained = _trees(grown.carbon) - _trees(before.carbon)
    return {
        "planted_biomass_gain": _labelled(trees, of_age),
        "planted_dead_matter_gain": _labelled(dead, of_age),
        "age_class_growth": _labelled(gained / _trees(before.carbon), {"forest_type": types}),
        "standing_course": _course(values, types, before, growth, turnover),
    }


def _labelled(array: np.ndarray, coords: Mapping[str, object]) -> xr.DataArray:
    return xr.DataArray(array, dims=("draw", *coords), coords=dict(coords))


def _trees(carbon: np.ndarray) -> np.ndarray:
    """Return the carbon of trees by (draw, type)."""
    total: np.ndarray = carbon[: stand_growth.BELOW + 1].sum(axis=(0, -1))
    return total


def _structure(
    values: Mapping[str, xr.DataArray],
    types: list[str],
    growth: Growth,
    turnover: stand_growth.Turnover,
    year: int,
) -> stand_growth.State:
    """Return a hectare of each type at the end of `year`, by its age structure.

    The structure of its own year grows older until then. Each age class holds the dead wood and
    litter that a stand of its age has brought.
    """
    share = values["age_group_share"].transpose("draw", "age_group")
    limits = values["age_group_limit"].isel(draw=0).sel(forest_type=types)
    limits = limits.transpose("forest_type", "age_group")
    groups = np.broadcast_to(
        share.values[:, None, :], (share.sizes["draw"], len(types), share.sizes["age_group"])
    )
    area = from_age_groups(groups, limits.values, growth.oldest)
    stands = stand_growth.from_bare(growth, turnover, growth.oldest)
    density = np.concatenate([np.zeros((*stands.shape[:-1], 1)), stands], axis=-1)
    state = stand_growth.State.of(area, density)
    for _ in range(year - int(values["age_structure_year"].isel(draw=0))):
        state, _fluxes = stand_growth.step(state, growth, turnover)
    return state


def _course(
    values: Mapping[str, xr.DataArray],
    types: list[str],
    state: stand_growth.State,
    growth: Growth,
    turnover: stand_growth.Turnover,
) -> xr.DataArray:
    """Return each pool relative to the first year, (draw, forest_type, pool, year).

    What a disturbance kills becomes dead wood; the stands keep their age.
    """
    hit, lost = values["disturbed_share"], values["biomass_lost"]
    everything = np.ones((hit.sizes["draw"], len(types)))
    events = {}
    for agent in map(str, hit["disturbance"].values):
        killed = lost.sel(disturbance=agent).values[:, None] * everything
        events[agent] = stand_growth.Event(
            stand_growth.matrix({("above", "dead_wood"): killed, ("below", "dead_wood"): killed}),
            renews=False,
            share=hit.sel(disturbance=agent).values[:, None] * everything,
        )
    years = stand_growth.project(
        state, growth, turnover, HORIZON, stand_growth.Disturbances(events)
    )
    first = dict(zip(stand_growth.POOLS, state.carbon.sum(axis=-1), strict=True))
    course = [
        np.concatenate(
            [
                np.ones((1, *everything.shape)),
                sum(years[n] for n in names) / sum(first[n] for n in names),
            ]
        )
        for names in POOLS.values()
    ]
    return xr.DataArray(
        np.stack(course),
        dims=("pool", "year", "draw", "forest_type"),
        coords={"pool": list(POOLS), "year": np.arange(HORIZON + 1), "forest_type": types},
    ).transpose("draw", "forest_type", "pool", "year")
