"""Why the results of two runs differ: each change split by cause, additively and exactly.

The inputs of the older run are exchanged for those of the newer one, one group after another, and
the run is evaluated after each exchange under today's code:

    published A → [code] → A by today's code → [month] → [data] → [coefficients] → [scenario]
                → B by today's code → [code] → published B

A part is the difference between two neighbours, so the parts add up to the whole change. Only
groups that differ are evaluated; a run that today's code published stands for itself. As everywhere
in such chains, what two causes do together falls to the later one: the order is part of the result.

Where an intermediate state cannot be evaluated (a file that is no longer at hand, a scenario whose
technology the older coefficients do not know), or has no number for a zone, the causes before and
after it are not told apart: their part is `joint`, and says of which.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecoassess import provenance
from ecoassess.archive import GROUPS, Inputs, read_inputs, recompose
from ecoassess.errors import EcoassessError
from ecoassess.export.tables import FLOAT_FORMAT, read_assessment
from ecoassess.ledger import NET
from ecoassess.project import Project
from ecoassess.report import read_record

CAUSES = ("month", *GROUPS, "code")
"""What a change is split into, in the order of exchange; code comes first and last."""

KEYS = ["technology", "component", "boundary", "zoning", "adcode"]
FIGURES = ["old", "new", "change", "relative", *CAUSES, "joint", "joint_of", "appears_with"]
FEWEST_DRAWS = 10
"""Central values do not hang on the number of draws."""


@dataclass(frozen=True)
class Failure:
    """A state that could not be evaluated, after the exchange of `cause`."""

    cause: str
    reason: str


@dataclass(frozen=True)
class Split:
    """Changes by cause.

    Parameters
    ----------
    table
        One row per technology, boundary and zone with the annual net, or the stock, of both runs
        and a column for each cause, `joint` and `joint_of`; `appears_with` names the cause with
        which a number appears where one of the runs has none.
    evaluations
        How many states were evaluated.
    other_code
        Neither run was published by today's code: where both came from one other code, what
        stands under `code` is what today's gives differently.
    """

    table: pd.DataFrame
    differing: tuple[str, ...] = ()
    evaluations: int = 0
    failures: list[Failure] = field(default_factory=list)
    other_code: bool = False


def annual(rows: pd.DataFrame, year: int | str) -> pd.DataFrame:
    """Return the annual nets and stocks, the latter without their parts, by `KEYS`."""
    whole = (rows["component"] == NET) | (
        (rows["kind"] == "stock") & ~rows["component"].str.contains(":", regex=False)
    )
    return rows[whole & (rows["period"] == str(year))].set_index(KEYS)


Chain = list[tuple[str, "pd.Series | None"]]
"""Cause → the values after it; None where they could not be had."""


def published(folder: Path) -> pd.DataFrame:
    """Return the annual nets and stocks of a published run."""
    month = str(read_record(folder)["month"])
    return annual(read_assessment(folder / "assessment.csv"), month[:4])


def split(
    old: Path, new: Path, project: Project, progress: Callable[[str], None] = lambda text: None
) -> Split:
    """Split the change between two published runs by cause.

    Raises
    ------
    InputError
        When one of them is not a run's folder.
    """
    tables = [published(folder) for folder in (old, new)]
    ends = [frame["value"] for frame in tables]
    try:
        runs = [read_inputs(folder) for folder in (old, new)]
    except EcoassessError as error:
        problem = error.problems[0]
        return unsplit(old, new, [Failure("data", f"{problem.what} ({problem.file})")])
    chain, evaluator = _chain(runs, ends, project, progress)
    return Split(
        _parts(tables, ends[0], chain),
        tuple(dict.fromkeys(cause for cause, _ in chain)),
        evaluator.evaluations,
        evaluator.failures,
        not any(map(_by_this_code, runs)) and runs[0].record["code"] == runs[1].record["code"],
    )


def unsplit(old: Path, new: Path, failures: Sequence[Failure] = ()) -> Split:
    """Return the changes between two published runs, by all causes together.

    Raises
    ------
    InputError
        When one of them is not a run's folder.
    """
    tables = [published(folder) for folder in (old, new)]
    chain: Chain = [*((cause, None) for cause in CAUSES[:-1]), ("code", tables[1]["value"])]
    return Split(_parts(tables, tables[0]["value"], chain), failures=list(failures))


def _by_this_code(run: Inputs) -> bool:
    """Tell whether a run was published by the code and the libraries that are here."""
    here = provenance.code_hash(), provenance.versions()
    return (run.record["code"], run.record["libraries"]) == here


class _Evaluator:
    """Evaluates states in which some inputs are those of one run and some those of the other."""

    def __init__(self, project: Project, progress: Callable[[str], None]) -> None:
        self.project, self.progress = project, progress
        self.evaluations = 0
        self.failures: list[Failure] = []

    def values(self, cause: str, dated: Inputs, parts: dict[str, Inputs]) -> pd.Series | None:
        """Return the annual values of a state, None (and a failure) where it has none."""
        self.evaluations += 1
        self.progress(f"comparing {cause}")
        with tempfile.TemporaryDirectory(prefix="ecoassess-") as root:
            try:
                session = recompose(
                    self.project,
                    Path(root),
                    parts,
                    dated.month,
                    parts["coefficients"].day,
                    FEWEST_DRAWS,
                )
                rows = session.assess().rows
            except EcoassessError as error:
                first = error.problems[0]
                place = f" ({first.key or first.file})" if first.key or first.file else ""
                found = f": {first.found}" if first.found else ""
                self.failures.append(Failure(cause, f"{first.what}{found}{place}"))
                return None
        values = annual(rows, dated.month.year)["value"]
        return values.map(lambda value: float(FLOAT_FORMAT % value))  # as it would be published


def _chain(
    runs: Sequence[Inputs],
    ends: Sequence[pd.Series],
    project: Project,
    progress: Callable[[str], None],
) -> tuple[Chain, _Evaluator]:
    """Return the values after each exchange, from the older to the newer run."""
    old, new = runs
    evaluator = _Evaluator(project, progress)
    differing = [group for group in GROUPS if not old.same(new, group)]
    exchanges = [*(["month"] if old.month != new.month else []), *differing]
    if not exchanges:
        return [("code", ends[1])], evaluator
    dated, parts = old, dict.fromkeys(GROUPS, old)
    chain: Chain = []
    if not _by_this_code(old):
        chain.append(("code", evaluator.values("code", dated, parts)))
    for cause in exchanges:
        if cause == "month":
            dated = new
        else:
            parts = {**parts, cause: new}
        if cause == exchanges[-1] and _by_this_code(new):
            chain.append((cause, ends[1]))
        else:
            chain.append((cause, evaluator.values(cause, dated, parts)))
    if not _by_this_code(new):
        chain.append(("code", ends[1]))
    return chain, evaluator


def _parts(tables: Sequence[pd.DataFrame], start: pd.Series, chain: Chain) -> pd.DataFrame:
    """Return a row for every value that differs or has a part, and its parts."""
    names = ["zone", "zone_zh", "unit", "basis", "kind"]
    known = pd.concat([frame[names] for frame in reversed(tables)])
    known = known[~known.index.duplicated()]
    index = tables[0].index.union(tables[1].index, sort=False)
    first = start.reindex(index).to_numpy()
    after = [None if v is None else v.reindex(index).to_numpy() for _, v in chain]
    causes = [cause for cause, _ in chain]
    rows = []
    for place in range(len(index)):
        values = [first[place], *(np.nan if v is None else v[place] for v in after)]
        failed = [False, *(v is None for v in after)]
        rows.append(parts_of_change(values, failed, causes))
    table = pd.DataFrame(rows, index=index)
    table = known.reindex(index)[names].join(table)
    differs = ~((table["old"] == table["new"]) | (table["old"].isna() & table["new"].isna()))
    moved = (table[[*CAUSES, "joint"]].fillna(0) != 0).any(axis=1)
    order = table["change"].abs().fillna(np.inf)[differs | moved]
    chosen = table.loc[order.sort_values(ascending=False, kind="stable").index].reset_index()
    return chosen[[*KEYS[:2], "basis", "kind", *KEYS[2:], "zone", "zone_zh", "unit", *FIGURES]]


def _difference(one: float, other: float) -> float:
    """Return how much more the other is: exactly, of numbers that are printed with few digits."""
    return float(Decimal(repr(float(other))) - Decimal(repr(float(one))))


def parts_of_change(
    values: Sequence[float], failed: Sequence[bool], causes: Sequence[str]
) -> dict[str, Any]:
    """Return the parts of one change, from the values before, between and after the causes."""
    old, new = values[0], values[-1]
    change = _difference(old, new)
    row: dict[str, Any] = {
        "old": old,
        "new": new,
        "change": change,
        "relative": change / abs(old) if old else np.nan,
        **dict.fromkeys(CAUSES, 0.0 if change == change else np.nan),
        "joint": 0.0 if change == change else np.nan,
        "joint_of": "",
        "appears_with": "",
    }
    if change != change:
        row["appears_with"] = (
            "" if (old != old) == (new != new) else _appears(values, failed, causes)
        )
        return row
    last, pending = old, list[str]()
    for cause, value in zip(causes, values[1:], strict=True):
        pending.append(cause)
        if value != value:
            continue
        apart = len(set(pending)) == 1
        row[cause if apart else "joint"] += _difference(last, value)
        if not apart:
            together = "+".join(dict.fromkeys(pending))
            row["joint_of"] = "; ".join(filter(None, [row["joint_of"], together]))
        last, pending = value, []
    return row


def _appears(values: Sequence[float], failed: Sequence[bool], causes: Sequence[str]) -> str:
    """Return the cause with which a value came or went, several where a state between failed."""
    there = [None if lost else value == value for value, lost in zip(values, failed, strict=True)]
    before = max(
        place for place, state in enumerate(there) if state is not None and state != there[-1]
    )
    after = next(p for p in range(before + 1, len(there)) if there[p] is not None)
    return "+".join(dict.fromkeys(causes[before:after]))
