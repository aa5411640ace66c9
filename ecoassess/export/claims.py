"""Who takes what of each resource: shares, and amounts where the supply is known."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.units import magnitude

if TYPE_CHECKING:
    from ecoassess.run import Assessment
    from ecoassess.zones import Zone

NOT_COLLECTABLE = "not_collectable"
"""Use of the part of the total that is no supply."""

UNASSIGNED = "unassigned"
"""Use of what no technology and no other use of the scenario takes."""

COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "resource", "label", "state"),
    *("use", "share", "amount", "unit"),
]


def claims(assessment: Assessment) -> pd.DataFrame:
    """Return a row per county or prefecture, resource, label, state and use.

    `share` is of the supply and adds up to 1 over the uses, with what is unassigned. `amount` adds
    up to the resource's total, with what cannot be collected; it is empty where the scenario names
    no supply.
    """
    runner, session = assessment.runner, assessment.session
    zones = [z for z in assessment.zones if z.zoning in ("county", "prefecture")]
    adopted = frozenset(name for name, v in session.variables.items() if v.adoption)
    rows: list[list[object]] = []
    table = runner.allocation.claims
    for (state, resource, label), users in table.groupby(
        ["state", "resource", "label"], sort=False
    ):
        entry = session.run.scenario.resources.get(str(resource))
        shares = dict(zip(users["use"], users["share"], strict=True))
        shares[UNASSIGNED] = max(0.0, 1.0 - sum(shares.values()))
        named = {n: getattr(entry, n) for n in ("supply", "total") if getattr(entry, n, None)}
        own = {
            name: _amounts(assessment, variable, str(label), adopted if state == "project" else ())
            for name, variable in named.items()
        }
        if any(amounts is None for amounts in own.values()):
            continue  # a label without data in this run
        unit = session.variables[named["supply"]].unit if named else ""
        for zone in zones:
            sums = {name: _sum(zone, amounts) for name, amounts in own.items()}
            start = [zone.zoning, zone.code, zone.en, zone.zh, resource, label, state]
            supply = sums.get("supply", np.nan)
            rows += [[*start, use, share, share * supply, unit] for use, share in shares.items()]
            if "total" in sums:
                rows.append([*start, NOT_COLLECTABLE, np.nan, sums["total"] - supply, unit])
    return pd.DataFrame(rows, columns=COLUMNS)


def _amounts(
    assessment: Assessment, name: str, label: str, adopted: Collection[str]
) -> np.ndarray | None:
    """Return a variable's central value for a label by atom; None where the run lacks the label."""
    variable = assessment.session.variables[name]
    value = magnitude(assessment.runner.variable(name, frozenset(adopted)), variable.unit)
    value = value.isel(draw=0) if "draw" in value.dims else value
    value = value.sum("month", skipna=False) if "month" in value.dims else value
    if variable.by is None:
        return np.asarray(value.values)
    if label not in value[variable.by]:
        return None
    return np.asarray(value.sel({variable.by: label}).values)


def _sum(zone: Zone, amounts: np.ndarray | None) -> float:
    """Return the sum over a zone's atoms with data; NaN when none has."""
    if amounts is None:
        return np.nan
    known = (zone.weights != 0) & np.isfinite(amounts)
    return float(zone.weights[known] @ amounts[known]) if known.any() else np.nan
