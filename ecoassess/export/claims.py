"""Who takes what of each resource: shares, and amounts where the supply is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.allocation import EVERYWHERE, ROUNDING, STATES, rule_of
from ecoassess.claims import central_amounts, uses

if TYPE_CHECKING:
    from ecoassess.run import Assessment
    from ecoassess.zones import Zone

NOT_COLLECTABLE = "not_collectable"
"""Use of the part of the total that is no supply."""

UNASSIGNED = "unassigned"
"""Use of what no technology and no other use of the scenario takes."""

COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "resource", "label", "state"),
    *("use", "technology_zh", "share", "amount", "unit", "claimed", "rule"),
]

Amounts = dict[str, np.ndarray]


def claims(assessment: Assessment) -> pd.DataFrame:
    """Return a row per county or prefecture, resource, label, state and use.

    `share` is of the supply and adds up to 1 over the uses, with what is unassigned. `amount` adds
    up to the resource's total, with what cannot be collected; it is empty where the scenario names
    no supply and the use is a share of it, and `share` is where the use is an amount. `claimed` is
    the share that the scenario asks for, of which the resource's `rule` gives `share`; amounts that
    are taken are never cut.
    """
    zones = [z for z in assessment.zones if z.zoning in ("county", "prefecture")]
    resources = assessment.session.run.scenario.resources
    declared = assessment.runner.allocation.claims
    technologies = assessment.runner.technologies
    names = [*declared["resource"], *(r for t in technologies for r in t.takes)]
    rows: list[list[object]] = []
    for state in STATES:
        for resource in dict.fromkeys(names):
            entry = resources.get(resource)
            unit = _unit(assessment, resource)
            rule = rule_of(assessment.session.run, resource)
            supply = _amounts(assessment, entry.supply if entry else None, state, unit)
            total = _amounts(assessment, entry.total if entry else None, state, unit)
            shares = declared.query("state == @state and resource == @resource")
            taken = {
                use: _amounts(assessment, name, state, unit)
                for technology in technologies
                if resource in technology.takes
                for use, name in uses(technology, resource)
            }
            labels = [*shares["label"], *(label for table in taken.values() for label in table)]
            for label in dict.fromkeys(labels):
                if supply and label not in supply:
                    continue  # a label without data in this run
                own = shares[shares["label"] == label]
                for zone in zones:
                    start = [zone.zoning, zone.code, zone.en, zone.zh, resource, label, state]
                    whole = _sum(zone, supply.get(label))
                    table = [
                        (str(use), *_claim(assessment, zone, parts, supply.get(label), whole))
                        for use, parts in own.groupby("use", sort=False)
                    ]
                    for use, amounts in taken.items():
                        if label in amounts:
                            amount = _sum(zone, amounts[label])
                            # Where a county's supply is not known, its uses are no share of it.
                            matched = _sum(zone, amounts[label] + 0 * supply.get(label, np.nan))
                            share = matched / whole if whole else np.nan
                            table.append((use, share, amount, share))
                    left = 1.0 - sum(share for _, share, _, _ in table)
                    if np.isfinite(left):
                        left = left if left > ROUNDING else 0.0
                        table.append((UNASSIGNED, left, left * whole, np.nan))
                    for use, share, amount, claimed in table:
                        named = [use, _chinese(assessment, use)]
                        rows.append([*start, *named, share, amount, unit, claimed, rule])
                    if total:
                        amount = _sum(zone, total.get(label)) - whole
                        named = [NOT_COLLECTABLE, ""]
                        rows.append([*start, *named, np.nan, amount, unit, np.nan, rule])
    return pd.DataFrame(rows, columns=COLUMNS)


def _chinese(assessment: Assessment, use: str) -> str:
    """Return the Chinese name of the technology that a use is of; nothing where it is of none."""
    technology = assessment.session.technologies.get(use.partition(": ")[0])
    return technology.zh if technology else ""


def _claim(
    assessment: Assessment,
    zone: Zone,
    parts: pd.DataFrame,
    supply: np.ndarray | None,
    whole: float,
) -> tuple[float, float, float]:
    """Return the share, the amount and the claim of a use in a zone, whose counties may differ."""
    if len(parts) == 1 and parts["adcode"].iloc[0] == EVERYWHERE:
        share, claimed = (float(parts[column].iloc[0]) for column in ("share", "claimed"))
        return share, share * whole, claimed
    by_county = parts.set_index("adcode")[["share", "claimed"]]
    if zone.code in by_county.index:
        share, claimed = (float(by_county[column][zone.code]) for column in by_county)
        return share, share * whole, claimed
    if supply is None:
        return np.nan, np.nan, np.nan
    by_atom = by_county.reindex(assessment.runner.activity.adcode).to_numpy().T
    amount, asked = (_sum(zone, values * supply) for values in by_atom)
    return (amount / whole, amount, asked / whole) if whole else (np.nan,) * 3


def _amounts(assessment: Assessment, name: str | None, state: str, unit: str) -> Amounts:
    return central_amounts(assessment.runner, name, state, unit) if name else {}


def _unit(assessment: Assessment, resource: str) -> str:
    """Return the unit of a resource: that of its supply, or of the first amount taken of it."""
    technologies = assessment.runner.technologies
    entry = assessment.session.run.scenario.resources.get(resource)
    taken = [name for one in technologies for name in one.takes.get(resource, ())]
    names = [entry.supply] if entry and entry.supply else taken
    return assessment.session.variables[names[0]].unit if names else ""


def _sum(zone: Zone, amounts: np.ndarray | None) -> float:
    """Return the sum over a zone's atoms with data; NaN when none has."""
    if amounts is None:
        return np.nan
    known = (zone.weights != 0) & np.isfinite(amounts)
    return float(zone.weights[known] @ amounts[known]) if known.any() else np.nan
