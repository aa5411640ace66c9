"""Totals by account: what is of one basis, kind, boundary, account and gas, and nothing across."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.ledger import NET, QUANTILES, Line, lines

if TYPE_CHECKING:
    from ecoassess.assessment import Outcome
    from ecoassess.run import Assessment
    from ecoassess.zones import Zone

IDENTITY = ("account", "basis", "kind", "boundary", "gas", "benefit", "unit")
COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", *IDENTITY, "period"),
    *("value", "mean", "sd", *QUANTILES, "technologies", "without_data"),
]

Account = tuple[str, ...]
"""What `IDENTITY` names."""


@dataclass
class _Sum:
    """A sum by draw, zone and period, and who has part in it."""

    table: np.ndarray
    technologies: list[str] = field(default_factory=list)
    known: list[np.ndarray] = field(default_factory=list)

    def add(self, technology: str, table: np.ndarray, known: np.ndarray) -> None:
        """Add one component; a technology has data where each of its components does."""
        self.table += np.where(known[:, None], table, 0.0)
        if technology in self.technologies:
            self.known[self.technologies.index(technology)] &= known
        else:
            self.technologies.append(technology)
            self.known.append(known.copy())


def totals(assessment: Assessment) -> pd.DataFrame:
    """Return the sums over technologies by zone, account and period, draws summed first.

    Never across `IDENTITY`: removals and reductions, stocks and fluxes, the territory and what lies
    upstream stand apart. Co-benefits are summed by what they are (`benefit`), since the same unit
    does not make them the same thing. A technology that is another account of those before it
    (`joint`) has no part in a sum that they make themselves. The sum is over the technologies that
    have data in a zone; `without_data` names the others.
    """
    sums: dict[Account, _Sum] = {}
    outcomes = assessment.outcomes.values()
    for joint in (False, True):
        own: dict[Account, _Sum] = {} if joint else sums
        for outcome in outcomes:
            if outcome.technology.joint == joint:
                for line in _components(outcome, assessment):
                    _add(own, outcome, line, assessment.zones)
        sums |= {account: total for account, total in own.items() if account not in sums}
    month = assessment.session.month
    periods = [f"{month.year}-{number:02d}" for number in range(1, 13)] + [str(month.year)]
    frames = [_frame(account, total, assessment.zones, periods) for account, total in sums.items()]
    return pd.concat(frames, ignore_index=True)[COLUMNS]


def _components(outcome: Outcome, assessment: Assessment) -> Iterator[Line]:
    """Yield the whole components of a technology: neither their parts nor the nets."""
    for line in lines(outcome, assessment.gwp):
        if line.component != NET and ":" not in line.component:
            yield line


def _add(sums: dict[Account, _Sum], outcome: Outcome, line: Line, zones: Sequence[Zone]) -> None:
    benefit = line.component if line.account == "co_benefit" else ""
    account = (
        *(line.account, line.basis, line.kind, line.boundary, line.gas),
        *(benefit, line.unit),
    )
    table, known = _by_zone(outcome, line, zones)
    if account not in sums:
        sums[account] = _Sum(np.zeros(table.shape))
    sums[account].add(line.technology, table, known)


def _by_zone(outcome: Outcome, line: Line, zones: Sequence[Zone]) -> tuple[np.ndarray, np.ndarray]:
    """Return a component by draw, zone and period, and which zones have data; as in the ledger."""
    present = np.isfinite(line.amount).all(axis=(0, 2))
    matrix = np.array([zone.weights for zone in zones])[:, present]
    carried = outcome.technology.density_of is not None
    inside = np.asarray((matrix != 0).any(axis=1))
    known = inside & np.array([carried or zone.zoning != "park_estimate" for zone in zones])
    months = np.einsum("za,dam->dzm", matrix, line.amount[:, present], optimize=True)
    year = months.sum(axis=2) if line.kind == "flux" else months[:, :, -1]
    return np.concatenate([months, year[:, :, None]], axis=2), known


def _frame(
    account: Account, total: _Sum, zones: Sequence[Zone], periods: Sequence[str]
) -> pd.DataFrame:
    known = np.array(total.known)  # technology, zone
    table = np.where(np.asarray(known.any(axis=0))[:, None], total.table, np.nan)
    draws = table[1:]
    statistics = [table[0], draws.mean(axis=0), draws.std(axis=0, ddof=1)]
    statistics += list(np.quantile(draws, list(QUANTILES.values()), axis=0))
    names = np.array(total.technologies, dtype=object)
    columns: dict[str, object] = dict(zip(IDENTITY, account, strict=True))
    for name, of_zone in (
        ("zoning", [zone.zoning for zone in zones]),
        ("adcode", [zone.code for zone in zones]),
        ("zone", [zone.en for zone in zones]),
        ("zone_zh", [zone.zh for zone in zones]),
        ("technologies", known.sum(axis=0)),
        ("without_data", [", ".join(names[~known[:, i]]) for i in range(len(zones))]),
    ):
        columns[name] = np.repeat(np.array(of_zone, dtype=object), len(periods))
    columns["period"] = np.tile(periods, len(zones))
    for name, values in zip(("value", "mean", "sd", *QUANTILES), statistics, strict=True):
        columns[name] = values.reshape(-1)
    return pd.DataFrame(columns)
