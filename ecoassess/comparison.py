"""Two published runs side by side: what differs, how the results changed, and by what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ecoassess.causes import CAUSES, Split, split, unsplit
from ecoassess.language import Words
from ecoassess.ledger import NET
from ecoassess.project import Project
from ecoassess.report import NOTHING, number, read_record, table

PARTS = (
    ("datasets", "datasets"),
    ("coefficients", "coefficients"),
    ("statistics", "statistics"),
    ("climate", "climate"),
    ("run_config", "config"),
    ("scenario", "scenario"),
    ("code", "code"),
    ("libraries", "libraries"),
)
"""Part of the record, and the heading it stands under."""


@dataclass(frozen=True)
class Difference:
    """One entry of the records that differs; None where a run has no such entry."""

    part: str
    key: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Comparison:
    """What differs between two runs.

    Parameters
    ----------
    differences
        In the order of `PARTS`.
    split
        The changes, and their parts by cause where they were asked for.
    """

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    differences: list[Difference]
    split: Split

    @property
    def changes(self) -> pd.DataFrame:
        """The annual nets that differ, largest change first."""
        table = self.split.table
        return table[table["component"] == NET].reset_index(drop=True)


def compare(
    old: Path,
    new: Path,
    project: Project | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> Comparison:
    """Compare two run folders.

    Parameters
    ----------
    project
        Where states between the two can be evaluated, to split the changes by cause.

    Raises
    ------
    InputError
        When one of them is not a run's folder.
    """
    records = read_record(old), read_record(new)
    differences = []
    for part, _ in PARTS:
        before, after = (dict(_entries(part, record.get(part))) for record in records)
        for key in dict.fromkeys([*before, *after]):
            if before.get(key) != after.get(key):
                differences.append(Difference(part, key, before.get(key), after.get(key)))
    changes = split(old, new, project, progress) if project else unsplit(old, new)
    return Comparison(*records, differences, changes)


def _entries(part: str, content: Any) -> Iterator[tuple[str, Any]]:
    """Yield key and value of everything in a part of a record, flat."""
    if part == "coefficients":
        for name, entry in (content or {}).items():
            yield f"{name}.unit", entry["unit"]
            for field in ("valid_from", "valid_to", "reason"):
                yield f"{name}.{field}", entry.get(field)
            for value in entry["values"]:
                labels = f"[{', '.join(value['labels'])}]" if value["labels"] else ""
                for field, single in value.items():
                    if field not in ("labels", "central", "drawn", "mean_drawn"):
                        yield f"{name}{labels}.{field}", single
    elif part == "statistics":
        for figure in content or []:
            for field in ("value", "year", "status", "grade", "source"):
                yield f"{figure['statistic']}[{figure['adcode']}].{field}", figure[field]
    else:
        yield from _flat(content, "")


def _flat(content: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict) and content:
        for name, inner in content.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    else:
        yield key, content


def describe(comparison: Comparison, words: Words, limit: int = 30) -> str:
    """Return a comparison as text, with at most `limit` rows of results."""
    old, new = comparison.old, comparison.new
    lines = [
        words(
            "compared",
            a=old["run_key"],
            month_a=old["month"],
            b=new["run_key"],
            month_b=new["month"],
        )
    ]
    for record in (old, new):
        if record.get("as_of"):
            lines.append(f"  {record['run_key']}: {words('restated', day=record['as_of'])}")
    if not comparison.differences:
        lines += ["", words("nothing_differs")]
    for part, heading in PARTS:
        own = [d for d in comparison.differences if d.part == part]
        if own:
            lines += ["", words(heading), *_differences(part, own, comparison, words)]
    if comparison.changes.empty:
        return "\n".join([*lines, "", words("no_change")])
    lines += ["", words("annual_changes"), *_table(comparison, words, limit)]
    rest = len(comparison.changes) - limit
    if rest > 0:
        lines.append(f"  {words('more_rows', number=rest)}")
    return "\n".join([*lines, *_notes(comparison.split, words)])


def _differences(
    part: str, differences: list[Difference], comparison: Comparison, words: Words
) -> Iterator[str]:
    """Yield a line for each difference; a coefficient's title stands once above all of its own."""
    known = {**comparison.old["coefficients"], **comparison.new["coefficients"]}
    above = None
    for difference in differences:
        change = f"{_shown(difference.old, words)} → {_shown(difference.new, words)}"
        name = re.split(r"[\[.]", difference.key)[0]
        title = known.get(name, {}).get(words.language) if part == "coefficients" else None
        if not title:
            yield f"  {difference.key or part}: {change}"
            continue
        if name != above:
            above = name
            yield f"  {name} ({title})"
        yield f"    {difference.key.removeprefix(name).removeprefix('.')}: {change}"


def _table(comparison: Comparison, words: Words, limit: int) -> list[str]:
    """Return the largest changes of annual nets, with a column for each cause that has a part."""
    changes = comparison.changes
    causes = [
        cause
        for cause in (*CAUSES, "joint")
        if comparison.split.differing
        and ((changes[cause].fillna(0) != 0).any() or changes["appears_with"].eq(cause).any())
    ]
    heads = ["technology", "boundary", "zone", "old", "new", "change", "relative"]
    body: list[list[str] | None] = [
        [words(h) for h in (*heads, *(f"by_{c}" for c in causes))],
        None,
    ]
    for row in changes.head(limit).to_dict("records"):
        parts = []
        for cause in causes:
            if row["appears_with"] == cause:
                parts.append(words("appears" if row["old"] != row["old"] else "vanishes"))
            else:
                parts.append(number(row[cause]))
        body.append(
            [
                words.technology(row["technology"]),
                words.label(row["boundary"]),
                row["zone"] if words.language == "en" else row["zone_zh"],
                number(row["old"]),
                number(row["new"]),
                number(row["change"]),
                f"{row['relative']:+.2%}" if abs(row["relative"]) < 1e6 else NOTHING,
                *parts,
            ]
        )
    return table(body, 3, "  ")


def _notes(changes: Split, words: Words) -> list[str]:
    """Return what must be known to read the parts."""
    lines = []
    if len(changes.differing) > 1:
        order = " → ".join(words(f"by_{cause}") for cause in changes.differing)
        lines.append(words("order_of_causes", order=order))
    if changes.other_code:
        lines.append(words("other_code"))
    for together in sorted({t for t in changes.table["joint_of"] if t and changes.differing}):
        of = " + ".join(words(f"by_{c}") for c in together.replace("; ", "+").split("+"))
        lines.append(words("joint_causes", of=of))
    for failure in changes.failures:
        cause = words(f"by_{failure.cause}")
        lines.append(words("not_split", cause=cause, reason=failure.reason))
    return ["", *lines] if lines else []


def _shown(value: Any, words: Words) -> str:
    if value is None:
        return words("absent")
    text = f"{value:.8g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= 100 else f"{text[:97]}…"
