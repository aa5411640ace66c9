"""What technologies that use or replace grid power bring under each family of factors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.ledger import co2e_factor

if TYPE_CHECKING:
    from ecoassess.assessment import Outcome
    from ecoassess.run import Assessment

FACTOR = "electricity_factor"
CHOICE = "electricity"
BOUNDARIES = {"territorial": ("territorial",), "all": ("territorial", "upstream", "embodied")}
COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "technology", "electricity", "rules", "boundary"),
    *("value", "unit"),
]


def grid_factors(assessment: Assessment) -> pd.DataFrame:
    """Return the central annual net of each such technology by family of electricity factors.

    `rules` marks the family that the run uses. What saves carbon on the average of the grid may
    save none on what is generated for one more kilowatt hour, and the other way round.
    """
    runner, book = assessment.runner, assessment.session.book
    rules = runner.config.choices[CHOICE]
    affected = [
        technology
        for technology in runner.technologies
        if technology.nets and any(FACTOR in one.arguments for one in book.behind(technology))
    ]
    families = dict.fromkeys([rules, *book.shared[FACTOR].labels[CHOICE]])
    rows: list[list[object]] = []
    for family in families:
        other = runner.central({CHOICE: family})
        for technology in affected:
            outcome = other.evaluate(technology)
            for boundary, members in BOUNDARIES.items():
                net = _net(outcome, members, assessment.gwp)
                rows += [
                    [
                        *(zone.zoning, zone.code, zone.en, zone.zh, technology.name),
                        *(family, family == rules, boundary, _sum(net, zone.weights), "t CO2e"),
                    ]
                    for zone in assessment.zones
                    if zone.zoning in ("county", "prefecture")
                ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _net(outcome: Outcome, boundaries: tuple[str, ...], gwp: Mapping[str, float]) -> np.ndarray:
    """Return the central net of the year by atom in t CO2e, over the boundaries named."""
    net = np.zeros(outcome.amounts[next(iter(outcome.amounts))].sizes["atom"])
    for name, component in outcome.technology.components.items():
        if component.kind == "flux" and component.warms and component.boundary in boundaries:
            amount = outcome.amounts[name].isel(draw=0)
            rest = [d for d in amount.dims if d != "atom"]
            net = net + amount.sum(rest, skipna=False).values * co2e_factor(component, gwp)
    return net


def _sum(net: np.ndarray, weights: np.ndarray) -> float:
    """Return the sum over the atoms of a zone that have data; missing where none has."""
    known = (weights != 0) & np.isfinite(net)
    return float(net[known] @ weights[known]) if known.any() else np.nan
