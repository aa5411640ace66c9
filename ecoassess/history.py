"""Published runs: one computed again, one against its maps."""

from __future__ import annotations

import contextlib
import filecmp
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecoassess.book import Book
from ecoassess.calendar import Month
from ecoassess.configuration import Document, validate
from ecoassess.errors import EcoassessError, InputError, Problem, RunError
from ecoassess.export.tables import read_assessment
from ecoassess.inputs.catalog import read_catalog
from ecoassess.language import Words
from ecoassess.opening import open_run
from ecoassess.project import Project
from ecoassess.provenance import run_key
from ecoassess.report import read_record, table
from ecoassess.run import Session
from ecoassess.run_config import Run, RunConfig
from ecoassess.scenario import Scenario
from ecoassess.verification import Comparison
from ecoassess.versions import parse_day


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
        again = open_run(project, session.run.path, session.month, session.as_of)
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
    as_of = parse_day(record["as_of"]) if record.get("as_of") else None
    document = Document(folder / "provenance.json", record, {})
    config = validate(document, RunConfig, ("run_config",))
    scenario = validate(document, Scenario, ("scenario",))
    run = Run(document.path, config, scenario, document, document)
    book = Book({}, {}, {}, {}, {})
    session = Session(project, run, month, read_catalog(project), {}, book, {}, {}, {}, as_of=as_of)
    keys = set()
    for file in (project.configs / "runs").glob("*.yaml"):
        with contextlib.suppress(EcoassessError):
            keys.add(run_key(open_run(project, file, month, as_of).key_parts()))
    return session, record["run_key"] not in keys


def describe_sums(found: Sequence[Comparison], folder: Path, words: Words) -> str:
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
