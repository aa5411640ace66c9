"""Published runs: two side by side, one computed again, one against its maps."""

from __future__ import annotations

import contextlib
import filecmp
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ecoassess.book import Book
from ecoassess.calendar import Month
from ecoassess.configuration import Document, validate
from ecoassess.errors import EcoassessError, InputError, Problem, RunError
from ecoassess.export.tables import read_assessment
from ecoassess.inputs.catalog import read_catalog
from ecoassess.language import Words
from ecoassess.project import Project
from ecoassess.provenance import run_key
from ecoassess.report import NOTHING, number, read_record, table
from ecoassess.run import Session, open_run
from ecoassess.run_config import Run, RunConfig, Scenario
from ecoassess.verification import Comparison as MapSum

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
    text = f"{value:.8g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= 100 else f"{text[:97]}…"


def rerun(session: Session, say: Callable[[str], None], maps: bool = True) -> tuple[Path, int]:
    """Compute a published run again, without caches, and compare every file byte for byte.

    Returns
    -------
    tuple
        The published folder, and the number of files that are the same.

    Raises
    ------
    InputError
        When nothing is published under the run's key.
    RunError
        When a file differs, or is in one of the two only.
    """
    published = session.month_folder / run_key(session.key_parts())
    if not published.is_dir():
        raise InputError(
            Problem(
                what="there is no published run to compare with",
                expected=str(published),
                remedy="run without --fresh first",
            )
        )
    with tempfile.TemporaryDirectory(prefix="ecoassess-") as scratch:
        project = _Scratch(session.project.root, Path(scratch))
        again = open_run(project, session.run.path, session.month)
        folder = again.publish(again.assess(say), say, maps)
        names = sorted(
            {
                file.relative_to(root).as_posix()
                for root in (published, folder)
                for file in root.rglob("*")
                if file.is_file()
            }
        )
        if not maps:
            names = [n for n in names if not n.startswith("maps/") and n != "overview.png"]
        _, differing, absent = filecmp.cmpfiles(published, folder, names, shallow=False)
    if folder.name != published.name or differing or absent:
        raise RunError(
            Problem(
                what="computed again without caches, the run is not the same",
                file=str(published),
                found=", ".join([*differing, *absent]) or f"key {folder.name}",
                expected="the same bytes in every file",
            )
        )
    return published, len(names)


@dataclass(frozen=True)
class _Scratch(Project):
    """A project whose caches, too, are in the (temporary) folder of its outputs."""

    @property
    def cache(self) -> Path:
        return self.outputs / ".cache"


def reopen(project: Project, folder: Path) -> tuple[Session, bool]:
    """Open a published run with its own configuration.

    Returns
    -------
    tuple
        The session, and whether the project's configuration, data or code changed since.

    Raises
    ------
    InputError
        When `folder` is not a run's, or its configuration is no longer understood.
    """
    record = read_record(folder)
    month = Month.parse(record["month"])
    document = Document(folder / "provenance.json", record, {})
    config = validate(document, RunConfig, ("run_config",))
    scenario = validate(document, Scenario, ("scenario",))
    run = Run(document.path, config, scenario, document, document)
    book = Book({}, {}, {}, {}, {})
    session = Session(project, run, month, read_catalog(project), {}, book, {}, {}, {})
    keys = set()
    for file in (project.configs / "runs").glob("*.yaml"):
        with contextlib.suppress(EcoassessError):
            keys.add(run_key(open_run(project, file, month).key_parts()))
    return session, record["run_key"] not in keys


def describe_sums(found: Sequence[MapSum], folder: Path, words: Words) -> str:
    """Return the comparison of a run's maps and rows as text."""
    if not found:
        return words("no_maps")
    rows = read_assessment(folder / "assessment.csv")
    column = rows["zone" if words.language == "en" else "zone_zh"]
    names = dict(zip(zip(rows["zoning"], rows["adcode"], strict=True), column, strict=True))
    heads = ("map", "zone", "row", "map_sum", "difference", "holds")
    body: list[list[str] | None] = [[words(h) for h in heads], None]
    for one in found:
        zone = str(names[one.zoning, one.code])
        sums = [f"{one.table:,.2f}", f"{one.raster:,.2f}", f"{one.difference:.1e}"]
        body.append([one.map, zone, *sums, words("yes" if one.holds else "no")])
    failed = sum(not one.holds for one in found)
    last = words("some_fail" if failed else "all_hold", number=len(found), failed=failed)
    return "\n".join([*table(body, (0, 1, 5)), "", last])
