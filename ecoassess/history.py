"""Two published runs side by side: what they rest on, and how their results differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecoassess.report import NOTHING, number, read_record, table

if TYPE_CHECKING:
    import pandas as pd

    from ecoassess.language import Words

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
    changes
        Technology, boundary and zone with the annual net of both runs in t CO2e, their difference
        `change` and `relative` (to the old value), largest first; equal ones are left out.
    """

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    differences: list[Difference]
    changes: pd.DataFrame


def compare(old: Path, new: Path) -> Comparison:
    """Compare two run folders.

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
    return Comparison(*records, differences, _changes(old, new, *records))


def _entries(part: str, content: Any) -> Iterator[tuple[str, Any]]:
    """Yield key and value of everything in a part of a record, flat."""
    if part == "coefficients":
        for name, entry in (content or {}).items():
            yield f"{name}.unit", entry["unit"]
            for value in entry["values"]:
                labels = f"[{', '.join(value['labels'])}]" if value["labels"] else ""
                for field, single in value.items():
                    if field not in ("labels", "central"):
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


def _changes(
    old: Path, new: Path, old_record: Mapping[str, Any], new_record: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the annual nets of both runs where they differ, largest change first."""
    from ecoassess.export.tables import read_assessment

    keys = ["technology", "boundary", "zoning", "adcode"]
    frames = []
    for folder, record in ((old, old_record), (new, new_record)):
        rows = read_assessment(folder / "assessment.csv")
        year = str(record["month"])[:4]
        frames.append(rows[(rows["component"] == "net") & (rows["period"] == year)])
    values = [frame.set_index(keys)["value"].rename("net") for frame in frames]
    merged = values[0].to_frame("old").join(values[1].to_frame("new"), how="outer").reset_index()
    names: dict[Any, tuple[str, str]] = {}
    for frame in frames:
        for row in frame.to_dict("records"):
            names[row["zoning"], row["adcode"]] = (row["zone"], row["zone_zh"])
    identity = list(zip(merged["zoning"], merged["adcode"], strict=True))
    merged["zone"] = [names[key][0] for key in identity]
    merged["zone_zh"] = [names[key][1] for key in identity]
    merged["change"] = merged["new"] - merged["old"]
    merged["relative"] = merged["change"] / merged["old"].abs()
    same = (merged["new"] == merged["old"]) | (merged["new"].isna() & merged["old"].isna())
    size = merged["change"].abs().fillna(float("inf"))
    order = size[~same].sort_values(ascending=False, kind="stable").index
    return merged.loc[order].reset_index(drop=True)


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
    if not comparison.differences:
        lines += ["", words("nothing_differs")]
    for part, heading in PARTS:
        own = [d for d in comparison.differences if d.part == part]
        if own:
            lines += ["", words(heading)]
            known = {**old["coefficients"], **new["coefficients"]}
            for difference in own:
                title = known.get(re.split(r"[\[.]", difference.key)[0], {}).get(words.language)
                lines.append(
                    f"  {difference.key or part}{f' ({title})' if title else ''}: "
                    f"{_shown(difference.old, words)} → {_shown(difference.new, words)}"
                )
    if comparison.changes.empty:
        return "\n".join([*lines, "", words("no_change")])
    heads = ["technology", "boundary", "zone", "old", "new", "change", "relative"]
    body: list[list[str] | None] = [[words(h) for h in heads], None]
    for row in comparison.changes.head(limit).to_dict("records"):
        body.append(
            [
                words.technology(row["technology"]),
                words.label(row["boundary"]),
                row["zone"] if words.language == "en" else row["zone_zh"],
                number(row["old"]),
                number(row["new"]),
                number(row["change"]),
                f"{row['relative']:+.2%}" if abs(row["relative"]) < 1e6 else NOTHING,
            ]
        )
    lines += ["", words("annual_changes"), *table(body, 3, "  ")]
    rest = len(comparison.changes) - limit
    return "\n".join([*lines, f"  {words('more_rows', number=rest)}"] if rest > 0 else lines)


def _shown(value: Any, words: Words) -> str:
    if value is None:
        return words("absent")
    text = " ".join(str(value).split())
    return text if len(text) <= 100 else f"{text[:97]}…"
