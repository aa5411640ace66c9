"""The data catalogue: what each dataset is, where it lies, and that it is what it says."""

from __future__ import annotations

import glob
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Literal

from pydantic import Field, RootModel, model_validator

from ecoassess.configuration import CheckError, Document, Strict, read_yaml, validate
from ecoassess.errors import InputError, Problem
from ecoassess.project import Project


class Title(Strict):
    """A name in both languages."""

    en: str
    zh: str


class VariableEntry(Strict):
    """A variable of a dataset, its unit and the range its values must lie in.

    Parameters
    ----------
    band
        Of a raster; needed where it has several.
    status, grade
        What the values of a layer rest on, and how good that is.
    """

    unit: str
    valid_range: list[float] | None = Field(default=None, min_length=2, max_length=2)
    band: int | None = Field(default=None, ge=1)
    name: str | None = None
    status: Literal["measured", "estimated", "climatological", "proxy"] = "estimated"
    grade: Literal["A", "B", "C"] = "C"


class Ratio(Strict):
    """What one variable of a table may be per another of the same zone.

    Catches misprints by powers of ten, that no range of a single variable shows.
    """

    of: str
    per: str
    unit: str
    range: list[float] = Field(min_length=2, max_length=2)
    because: str


class DatasetEntry(Strict):
    """A dataset as it stands in the catalogue.

    Parameters
    ----------
    layer, fields
        Of forest-management parcels and buildings: the layer of a file with several, and the
        fields that have other names than the legend expects.
    area_unit, height_unit
        The unit of the recorded area of parcels, and of the height of buildings.
    """

    title: Title
    kind: Literal["boundary", "raster", "climate", "table", "parcels", "buildings", "weather_hours"]
    file: str | None = None
    package: str | None = None
    version: str | None = None
    path: str | None = None
    crs: str | None = None
    code_field: str | None = None
    code_prefix: str = ""
    name_field: str | None = None
    zone_field: str | None = None
    variables: dict[str, VariableEntry] = {}
    ratios: list[Ratio] = []
    legend: str | None = None
    layer: str | None = None
    fields: dict[str, str] = {}
    area_unit: Literal["ha", "mu"] = "ha"
    height_unit: Literal["m", "dm", "cm", "ft"] = "m"
    accuracy: float | None = None
    """Overall accuracy of a land-cover map, as its makers publish it."""
    counties: list[str] = []
    """Of a weather file of hours: the counties that it stands for, however far."""
    strata: dict[str, list[str]] = {}
    """Of a sample of land-use change: label → the transitions ("forest_land:cropland") it holds."""
    encoding: str = "utf-8"
    year: int | str | None = None
    licence: str
    citation: str
    sha256: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> DatasetEntry:
        if (self.file is None) == (self.package is None):
            raise CheckError(
                "a dataset is a file or comes from a package",
                expected="'file', or 'package' and 'path'",
                remedy="give one of the two",
            )
        if self.accuracy is not None and not 0 < self.accuracy <= 1:
            raise CheckError(
                "an accuracy is a share",
                found=f"{self.accuracy:g}",
                expected="above 0, at most 1",
                remedy="divide a per cent value by 100",
            )
        return self


@dataclass(frozen=True)
class Dataset:
    """A dataset that exists and has the declared checksum."""

    name: str
    entry: DatasetEntry
    file: Path
    checksum: str


class _File(RootModel[dict[str, DatasetEntry]]):
    pass


@dataclass(frozen=True)
class Catalog:
    """All datasets of a project."""

    document: Document
    entries: Mapping[str, DatasetEntry]
    project: Project

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def problem(self, name: str, key: str | None, problem: Problem) -> Problem:
        """Return `problem` with the place of `name` in the catalogue."""
        return self.document.problem((name, *(key.split(".") if key else ())), problem)

    def dataset(self, name: str) -> Dataset:
        """Return the dataset `name` after checking that it exists and is unchanged.

        Raises
        ------
        InputError
            When it is not in the catalogue, its file or package is absent, or the checksum differs.
        """
        entry = self.entries.get(name)
        if entry is None:
            raise InputError(
                Problem(
                    what="no such dataset",
                    file=self.document.path,
                    found=name,
                    expected=", ".join(self.entries),
                    remedy=f"add an entry '{name}:' to the catalogue",
                )
            )
        file = self._locate(name, entry)
        checksum = checksum_of(file, self.project.cache)
        if entry.sha256 is not None and checksum != entry.sha256:
            raise InputError(
                self.problem(
                    name,
                    "sha256",
                    Problem(
                        what=f"{file.name} is not the file that the catalogue describes",
                        found=f"sha256 {checksum}",
                        expected=f"sha256 {entry.sha256}",
                        remedy="restore the file; or, if the change is meant, write the new "
                        "checksum here",
                    ),
                )
            )
        return Dataset(name, entry, file, checksum)

    def _locate(self, name: str, entry: DatasetEntry) -> Path:
        if entry.file is not None:
            file = self.project.datasets / entry.file
        else:
            assert entry.package is not None  # noqa: S101 - checked by DatasetEntry
            spec = util.find_spec(entry.package)
            if spec is None or spec.origin is None:
                raise InputError(
                    self.problem(
                        name,
                        "package",
                        Problem(
                            what="the package that holds this dataset is not installed",
                            found=entry.package,
                            remedy="install ecoassess with its dependencies (make setup)",
                        ),
                    )
                )
            distribution = entry.package.replace("_", "-")
            if entry.version and metadata.version(distribution) != entry.version:
                raise InputError(
                    self.problem(
                        name,
                        "version",
                        Problem(
                            what=f"another version of {distribution} is installed",
                            found=metadata.version(distribution),
                            expected=entry.version,
                            remedy="install the declared version, or declare the new one",
                        ),
                    )
                )
            file = Path(spec.origin).parent / (entry.path or "")
        if not (file.is_file() or (file.suffix == ".gdb" and file.is_dir())):
            raise InputError(
                self.problem(
                    name,
                    "file" if entry.file else "path",
                    Problem(
                        what="the file of this dataset is missing",
                        found=self.project.relative(file),
                        expected="an existing file",
                        remedy="correct the name, or put the file there "
                        "(datasets/README.md says where each comes from)",
                    ),
                )
            )
        return file


def read_catalog(project: Project) -> Catalog:
    """Read and check `datasets/catalog.yaml`."""
    document = read_yaml(project.datasets / "catalog.yaml")
    return Catalog(document, validate(document, _File).root, project)


def checksum_of(file: Path, cache: Path) -> str:
    """Return the sha256 of a file; of a shapefile or file geodatabase that of all its parts."""
    memory = cache / "checksums.json"
    if file.suffix.lower() == ".shp":
        endings = (".shp", ".dbf", ".prj", ".cpg")
        parts = sorted(
            part
            for part in file.parent.glob(f"{glob.escape(file.stem)}.*")
            if part.suffix.lower() in endings
        )
    elif file.is_dir():
        parts = sorted(part for part in file.iterdir() if part.suffix != ".lock")
    else:
        return _checksum(file, memory)
    names = "".join(f"{part.name} {_checksum(part, memory)}\n" for part in parts)
    return hashlib.sha256(names.encode()).hexdigest()


def _checksum(file: Path, memory: Path) -> str:
    """Return the sha256 of `file`; an unchanged file (path, size, time) is hashed once."""
    state = file.stat()
    key = f"{file.resolve()}|{state.st_size}|{state.st_mtime_ns}"
    known: dict[str, str] = {}
    if memory.is_file():
        try:
            known = json.loads(memory.read_text(encoding="utf-8"))
        except ValueError:
            known = {}
    if key not in known:
        with file.open("rb") as stream:
            known[key] = hashlib.file_digest(stream, "sha256").hexdigest()
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(json.dumps(known, indent=0), encoding="utf-8")
    return known[key]
