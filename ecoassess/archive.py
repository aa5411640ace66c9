"""The inputs of a run, kept beside its results, so that it can be computed again after they change.

`inputs.zip` has the layout of a project: unpacked over a checkout it gives the run. It holds every
configuration that the run's key rests on and the small datasets. Large rasters and boundaries, and
layers of parcels and buildings, which are not ours to pass on, are named by their checksum alone.
The same run gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ecoassess.calendar import Month
from ecoassess.configuration import Document, read_yaml, validate
from ecoassess.errors import EcoassessError, InputError, Problem
from ecoassess.inputs.catalog import DatasetEntry, checksum_of, read_catalog
from ecoassess.project import Project
from ecoassess.report import read_record
from ecoassess.run_config import Run, RunConfig, plain
from ecoassess.scenario import Scenario

if TYPE_CHECKING:
    from ecoassess.run import Session

ARCHIVE = "inputs.zip"
CATALOG = "datasets/catalog.yaml"
CHECKSUMS = "datasets/checksums.json"
SOURCES = "configs/sources.yaml"
WORDS = "language.yaml"
LARGEST = 2_000_000
"""Bytes of a dataset up to which it is kept."""

NOT_OURS = ("parcels", "buildings")
"""Kinds of dataset that are never kept."""

FIRST_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can name; all members bear it."""

GROUPS = ("data", "coefficients", "scenario")
"""Parts of the inputs that can be exchanged for those of another run, one by one."""

OF_COEFFICIENTS = ("shared.yaml", "sources.yaml", "methodologies.yaml", "models", "technologies")
OF_SCENARIO = ("runs", "scenarios")


def write_archive(session: Session, file: Path) -> None:
    """Write what a run rests on."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in sorted(_members(session)):
            member = zipfile.ZipInfo(name, FIRST_TIME)
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED, compresslevel=9)


def _members(session: Session) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of everything that is kept."""
    config, catalog = session.run.config, session.catalog
    for file in session.config_files:
        name = file.relative_to(session.project.configs).as_posix()
        yield f"configs/{name}", file.read_bytes()
    # As read, not as written: comments and order of keys are not in the run's key.
    yield f"configs/runs/{config.region}.yaml", _text(plain(config))
    yield f"configs/scenarios/{config.scenario}.yaml", _text(plain(session.run.scenario))
    datasets = {name: catalog.dataset(name) for name in session.dataset_names()}
    yield CATALOG, _text({name: plain(one.entry) for name, one in datasets.items()})
    yield CHECKSUMS, _text({name: one.checksum for name, one in datasets.items()})
    kept: dict[str, bytes] = {}
    for one in datasets.values():
        folder = _inside(one.entry)
        files = _files(one.file)
        small = sum(file.stat().st_size for file in files) <= LARGEST
        if folder is not None and small and one.entry.kind not in NOT_OURS:
            for file in files:
                place = folder / file.relative_to(one.file.parent).as_posix()
                kept[f"datasets/{place.as_posix()}"] = file.read_bytes()
    yield from kept.items()


def _text(content: Any) -> bytes:
    """Return plain data as JSON, which is YAML too."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _inside(entry: DatasetEntry) -> PurePosixPath | None:
    """Return the folder of a dataset below datasets/; None for one that lies elsewhere."""
    if entry.file is None:
        return None
    place = PurePosixPath(entry.file)
    return None if place.is_absolute() or ".." in place.parts else place.parent


def _files(file: Path) -> list[Path]:
    """Return the files of a dataset: all parts of a shapefile or file geodatabase."""
    if file.is_dir():
        return sorted(part for part in file.iterdir() if part.suffix != ".lock")
    if file.suffix.lower() == ".shp":
        return sorted(p for p in file.parent.iterdir() if p.stem == file.stem)
    return [file]


def group_of(name: str) -> str:
    """Return the group of a member of an archive; words are no numbers, and in none of them."""
    if name == f"configs/{WORDS}":
        return "words"
    folder, _, rest = name.partition("/")
    top = rest.partition("/")[0]
    if folder == "configs" and top in OF_COEFFICIENTS:
        return "coefficients"
    return "scenario" if folder == "configs" and top in OF_SCENARIO else "data"


@dataclass(frozen=True)
class Inputs:
    """What a published run rests on.

    Parameters
    ----------
    record
        Its provenance.
    members
        Name in the archive → content.
    """

    folder: Path
    record: Mapping[str, Any]
    members: Mapping[str, bytes]

    @property
    def document(self) -> Document:
        """The record, as the place of mistakes in configuration and scenario."""
        return Document(self.folder / "provenance.json", self.record, {})

    @cached_property
    def config(self) -> RunConfig:
        """The run configuration."""
        return validate(self.document, RunConfig, ("run_config",))

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario."""
        return validate(self.document, Scenario, ("scenario",))

    @property
    def month(self) -> Month:
        """The assessed month."""
        return Month.parse(self.record["month"])

    @property
    def day(self) -> date:
        """The day whose coefficients hold."""
        as_of = self.record.get("as_of")
        return date.fromisoformat(as_of) if as_of else self.month.last_day

    def same(self, other: Inputs, group: str) -> bool:
        """Tell whether a group of inputs is that of another run."""
        names = [n for n in {**self.members, **other.members} if group_of(n) == group]
        if group == "scenario":  # the number of draws has no part in central values
            ours, theirs = (plain(one.config) for one in (self, other))
            free = {"datasets", "draws"}
            return {k: v for k, v in ours.items() if k not in free} == {
                k: v for k, v in theirs.items() if k not in free
            } and plain(self.scenario) == plain(other.scenario)
        if group == "data" and plain(self.config.datasets) != plain(other.config.datasets):
            return False
        if group == "coefficients" and self.day != other.day:
            files = [self.members.get(n, b"") + other.members.get(n, b"") for n in names]
            if any(b"earlier:" in content for content in files):
                return False
        return all(self.members.get(name) == other.members.get(name) for name in names)


def read_inputs(folder: Path) -> Inputs:
    """Read what a published run rests on.

    Raises
    ------
    InputError
        When `folder` is not a run's, or its inputs were not kept or cannot be read.
    """
    record = read_record(folder)
    file = folder / ARCHIVE
    if not file.is_file():
        raise InputError(
            Problem(
                what="the inputs of this run were not kept",
                file=file,
                expected="a run published with its inputs",
                remedy="publish the month again",
            )
        )
    try:
        with zipfile.ZipFile(file) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(
            Problem(
                what="the inputs of this run cannot be read",
                file=file,
                found=str(error),
                expected="the file as it was published",
            )
        ) from error
    odd = [n for n in members if PurePosixPath(n).is_absolute() or ".." in PurePosixPath(n).parts]
    if odd:
        raise InputError(
            Problem(
                what="a member that points outside of the archive",
                file=file,
                found=odd[0],
                expected="the file as it was published",
            )
        )
    return Inputs(folder, record, members)


@dataclass(frozen=True)
class _Composed(Project):
    """A project put together of the inputs of runs, with the caches of another."""

    kept: Path

    @property
    def cache(self) -> Path:
        return self.kept


def recompose(
    project: Project,
    root: Path,
    parts: Mapping[str, Inputs],
    month: Month,
    day: date,
    draws: int | None = None,
) -> Session:
    """Open a run of which each group of inputs comes from a published one, under today's code.

    Parameters
    ----------
    project
        Gives its caches, and the datasets that archives do not hold.
    root
        An empty folder that the inputs are laid out in.
    parts
        Group → the run that gives it. Which datasets are used belongs to the data.
    month, day
        The assessed month, and the day whose coefficients hold.
    draws
        How many, if not as many as the run had.

    Raises
    ------
    InputError
        When a dataset is no longer at hand, or the inputs do not fit each other or today's code.
    """
    from ecoassess.opening import open_run

    composed = _Composed(root, root / "outputs", project.cache)
    _lay_configs(project, root, parts)
    _lay_datasets(project, composed, parts["data"])
    chosen = parts["scenario"]
    changes: dict[str, Any] = {"datasets": parts["data"].config.datasets}
    if draws is not None:
        changes["draws"] = draws
    config = chosen.config.model_copy(update=changes)
    run = Run(chosen.document.path, config, chosen.scenario, chosen.document, chosen.document)
    return open_run(composed, run, month, day)


def _lay_configs(project: Project, root: Path, parts: Mapping[str, Inputs]) -> None:
    """Write configuration files; what the runs did not use is taken from the project."""
    runs = list({id(one): one for one in parts.values()}.values())
    contents: dict[str, bytes] = {}
    for name in dict.fromkeys(name for run in runs for name in run.members):
        group = group_of(name)
        if not name.startswith("configs/") or group not in parts or group == "scenario":
            continue  # the run is handed over as read, and words are today's
        if name in parts[group].members:
            contents[name] = parts[group].members[name]
        elif name.startswith("configs/technologies/"):  # of one that the other run does not have
            contents[name] = next(run.members[name] for run in runs if name in run.members)
    for file in [*(project.configs / "technologies").glob("*.yaml"), project.configs / WORDS]:
        name = f"configs/{file.relative_to(project.configs).as_posix()}"
        contents.setdefault(name, file.read_bytes())
    for name, content in contents.items():
        _write(root / name, content)
    known: dict[str, Any] = {}
    for run in runs:  # sources are no numbers: all are known, whoever names them
        _write(root / SOURCES, run.members[SOURCES])
        known |= read_yaml(root / SOURCES).content
    _write(root / SOURCES, contents[SOURCES] if len(runs) == 1 else _text(known))


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _lay_datasets(project: Project, composed: Project, inputs: Inputs) -> None:
    """Lay out the datasets of a run and check that each is what it was."""
    _write(composed.root / CATALOG, inputs.members[CATALOG])
    checksums = json.loads(inputs.members[CHECKSUMS])
    for name, content in inputs.members.items():
        if name.startswith("datasets/") and name not in (CATALOG, CHECKSUMS):
            digest = hashlib.sha256(content).hexdigest()
            kept = project.cache / "archived" / digest / PurePosixPath(name).name
            if not kept.is_file():
                _write(kept, content)
            _link(composed.root / name, kept)  # to one place: it is hashed once
    catalog, today = read_catalog(composed), read_catalog(project)
    for name, checksum in checksums.items():
        place = composed.datasets / (catalog.entries[name].file or "")
        if _inside(catalog.entries[name]) is not None and not place.exists():
            candidates = [project.datasets / str(catalog.entries[name].file)]
            candidates += [project.datasets / e.file for e in today.entries.values() if e.file]
            for file in filter(Path.exists, candidates):
                if checksum_of(file, project.cache) == checksum:
                    _link_all(place, file)
                    break
        try:
            found = catalog.dataset(name).checksum
        except EcoassessError as error:
            found = error.problems[0].found or error.problems[0].what
        if found != checksum:
            raise InputError(
                Problem(
                    what=f"the dataset {name} of this run is no longer at hand",
                    file=inputs.folder / ARCHIVE,
                    found=found,
                    expected=f"sha256 {checksum}",
                    remedy="put the file back under datasets/, as the run's catalogue names it",
                )
            )


def _link_all(place: Path, file: Path) -> None:
    """Link a dataset, all parts of it, to where a catalogue expects it."""
    for part in [file] if file.is_dir() else _files(file):
        _link(place.with_name(place.stem + part.name.removeprefix(file.stem)), part)


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target.resolve())
