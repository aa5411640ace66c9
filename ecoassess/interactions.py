"""Where technologies alter each other: in the run's order, each alone, and what lies between.

The published effects are attributed in the order of the run's list and add up to the joint effect
(decision 0004). A retrofit before a heat pump leaves it less to heat; nitrogen that is not spread
saves less where straw brings its own. This table says how much of each effect is such an
interaction; it is a reading of the published effects and in no sum.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.ledger import QUANTILES, nets_by_atom
from ecoassess.sampling import LatinHypercube
from ecoassess.sensitivity import (
    ALL_EFFECTS,
    Results,
    sums_of,
    zone_sums,
)

if TYPE_CHECKING:
    from ecoassess.assessment import Runner
    from ecoassess.run import Assessment
    from ecoassess.technology import Technology
    from ecoassess.zones import Zone

DRAWS = 100
"""Draws behind the intervals of this table: each state is an evaluation of its own."""

ROUNDING = 1e-9
"""Of a net: less than this is no interaction but rounding."""

ENDS = {"interaction_p2.5": QUANTILES["p2.5"], "interaction_p97.5": QUANTILES["p97.5"]}
COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "of", "technology", "with", "boundary"),
    *("together", "alone", "last", "interaction", *ENDS, "unit", "reason"),
]


def interactions(assessment: Assessment) -> pd.DataFrame:
    """Return by county and prefecture what technologies' annual nets owe to each other.

    Rows `of` a technology: `together` in the run's order, `alone` with all others as in the
    baseline, `last` with all others in place. Rows of a pair: `together` both, `alone` the sum of
    each by itself; a pair stands here when the equations of the later take what the earlier
    changes. Rows of all: the joint effect, and the sum of each alone. `interaction` is together −
    alone, with the interval of `DRAWS` draws.
    """
    zones = [z for z in assessment.zones if z.zoning in ("county", "prefecture")]
    effects = [t for t in assessment.runner.technologies if t.basis == "effect" and t.nets]
    config = assessment.session.run.config
    sample = LatinHypercube(min(DRAWS, config.draws), config.seed)
    runner = assessment.runner.sampled(sample)
    every = frozenset(name for technology in effects for name in technology.adopts)
    order: Results = {}
    singles: Results = {}
    lasts: Results = {}
    pairs: dict[tuple[str, str], Results] = {}
    for place, technology in enumerate(effects):
        given = {frozenset[str](): _nets(assessment, runner, technology, frozenset(), zones)}

        def after(others: frozenset[str], one: Technology = technology) -> Results:
            heard = others & runner.book.adoptions_behind(one)
            if heard not in given:  # noqa: B023 - called within this turn of the loop
                given[heard] = _nets(assessment, runner, one, heard, zones)  # noqa: B023
            return given[heard]  # noqa: B023

        order |= after(runner.before[technology.name])
        singles |= given[frozenset()]
        lasts |= after(every - set(technology.adopts))
        for first in effects[:place]:
            later = after(frozenset(first.adopts))
            if later is not given[frozenset()]:
                pairs[first.name, technology.name] = later
    rows: list[list[object]] = []
    for (name, boundary), alone in singles.items():
        last = lasts[name, boundary]
        rows += _rows(zones, "technology", name, "", boundary, order[name, boundary], alone, last)
    for (first_name, second), later in pairs.items():
        for (_, boundary), changed in later.items():
            apart = singles[second, boundary]
            both = singles.get((first_name, boundary), np.zeros_like(apart))
            names = (first_name, second, boundary)
            rows += _rows(zones, "pair", *names, both + changed, both + apart)
    for boundary, alone in sums_of(singles).items():
        together = sums_of(order)[boundary]
        rows += _rows(zones, "all", ALL_EFFECTS, "", boundary, together, alone)
    return pd.DataFrame(rows, columns=COLUMNS)


def _reason(together: float, of: str, other: str) -> str:
    """Say why a row, or its `last`, is empty."""
    if np.isnan(together):
        return "no data of one of the two" if other else "no data"
    return "" if of == "technology" else "last is of single technologies"


def _nets(
    assessment: Assessment,
    runner: Runner,
    technology: Technology,
    before: frozenset[str],
    zones: list[Zone],
) -> Results:
    """Return the nets of a technology by draw and zone while others' shares are in place."""
    name = technology.name
    other = copy(runner)
    other.before = {**runner.before, name: before}
    outcome = other.evaluate(technology)
    nets = nets_by_atom(outcome, assessment.gwp)
    return {(name, boundary): zone_sums(net, zones) for boundary, net in nets.items()}


def _rows(
    zones: list[Zone],
    of: str,
    technology: str,
    other: str,
    boundary: str,
    together: np.ndarray,
    alone: np.ndarray,
    last: np.ndarray | None = None,
) -> list[list[object]]:
    """Return a row per zone; arrays are (draw, zone), and draw 0 is the central one."""
    between = together - alone
    size = np.maximum(np.abs(together), np.abs(alone))
    between = np.where(np.abs(between) <= ROUNDING * size, 0, between)
    ends = np.quantile(between[1:], list(ENDS.values()), axis=0)
    return [
        [
            *(zone.zoning, zone.code, zone.en, zone.zh, of, technology, other, boundary),
            *(together[0, i], alone[0, i], np.nan if last is None else last[0, i]),
            *(between[0, i], *ends[:, i], "t CO2e"),
            _reason(together[0, i], of, other),
        ]
        for i, zone in enumerate(zones)
    ]
