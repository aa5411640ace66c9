"""Forest-management parcels (小班): a forester's layer, its checks, and its sums by zone.

Nothing is dropped in silence: every parcel of the layer is good, bad (set apart with the reasons)
or not stocked (set apart by its land type), and areas and numbers of the three add up to the layer.
"""

from __future__ import annotations

import codecs
import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal, TypeVar

import geopandas
import numpy as np
import pandas as pd
import pyogrio  # type: ignore[import-untyped]
import shapely

from ecoassess.configuration import Document, Strict, read_yaml, validate
from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.inputs.boundaries import EQUAL_AREA
from ecoassess.inputs.catalog import Catalog, DatasetEntry, Title
from ecoassess.language import Words
from ecoassess.project import Project
from ecoassess.vocabulary import Grade

HECTARES_PER_MU = 1 / 15
"""The mu (亩) of 1959: fifteen are a hectare."""

AGE_GROUPS = ("young", "middle_aged", "near_mature", "mature", "over_mature")

DBF_NAME_BYTES = 10
"""Longest name of a field in a shapefile, in bytes."""

RAW = "ISO-8859-1"
"""Read with it, each character of a text stands for one byte of the file."""

LARGEST_UNIT_RATIO = 2.0
"""Recorded over measured area: a median beyond this, or below its inverse, is a wrong unit."""

FEWEST_FOR_UNIT = 3
"""Parcels from which that median is trusted."""

NEEDED = ("parcel", "species", "origin", "age_group")
OPTIONAL = ("land_type", "age", "canopy", "area")
NUMBERS = ("age", "canopy", "area", "volume_per_ha", "volume")


class Code(Strict):
    """One code of a table, with its names."""

    name: Title
    also: list[str] = []
    grade: Grade


class LandType(Code):
    """A land type; stocked is arbor forest."""

    stocked: bool


class Origin(Code):
    """An origin of a stand."""

    origin: Literal["natural", "planted"]


class AgeGroup(Code):
    """An age group."""

    age_group: Literal["young", "middle_aged", "near_mature", "mature", "over_mature"]


class Species(Code):
    """A species (group), the forest type it counts as and the row of its age limits."""

    forest_type: str | None
    ages: str | None = None


class Limit(Strict):
    """A limit of a check."""

    value: float
    unit: str
    grade: Grade


class Limits(Strict):
    """The limits of all checks."""

    oldest_without_volume: Limit
    volume_per_ha: Limit
    age: Limit
    canopy: Limit
    area_difference: Limit
    volume_difference: Limit
    overlap: Limit
    repair: Limit


class AgeLimits(Strict):
    """Last year of the first four age groups, by origin."""

    natural: list[float]
    planted: list[float]


class ParcelLegend(Strict):
    """Field names, code tables and limits of a parcel layer."""

    title: Title
    source: str
    fields: dict[str, list[str]]
    identity: list[str]
    limits: Limits
    forest_types: dict[str, Title]
    age_limits: dict[str, AgeLimits]
    origins: dict[str, Origin]
    age_groups: dict[str, AgeGroup]
    land_types: dict[str, LandType]
    species: dict[str, Species]


CodeT = TypeVar("CodeT", bound=Code)


@dataclass(frozen=True)
class Finding:
    """What a check found on a parcel.

    Parameters
    ----------
    level
        bad: set apart; doubt: kept, to be looked at; repaired: kept, changed.
    values
        Fill the sentence `parcel_<reason>` of the language file; a `Title` has both languages.
    """

    row: int
    parcel: str
    level: Literal["bad", "doubt", "repaired"]
    reason: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Note:
    """What is said of the whole layer."""

    reason: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Parcels:
    """A checked layer. Its three tables share no row; the index is the number in the file, from 1.

    Parameters
    ----------
    good
        parcel, forest_type, species, origin, age (yr), age_group, area_ha, recorded_area_ha,
        area_difference, volume_per_ha (m³/ha), volume (m³), doubts, geometry in the file's CRS.
    bad
        parcel, area_ha, reasons.
    not_stocked
        parcel, land_type, area_ha.
    fields
        What each column was read from.
    """

    file: Path
    good: geopandas.GeoDataFrame
    bad: pd.DataFrame
    not_stocked: pd.DataFrame
    findings: Sequence[Finding]
    notes: Sequence[Note]
    fields: Mapping[str, str]


@dataclass(frozen=True)
class ZoneSums:
    """Area (ha) and volume (m³) by zone and type, and what lies outside all zones."""

    zones: pd.DataFrame
    outside: pd.DataFrame


@dataclass
class _Log:
    """Collects findings; a Series among the values gives each parcel its own."""

    parcel: pd.Series
    findings: list[Finding] = field(default_factory=list)

    def add(
        self,
        level: Literal["bad", "doubt", "repaired"],
        reason: str,
        where: pd.Series,
        **values: object,
    ) -> None:
        for row in where.index[where.astype(bool)]:
            own = {k: v[row] if isinstance(v, pd.Series) else v for k, v in values.items()}
            self.findings.append(Finding(row, self.parcel[row], level, reason, own))

    def rows(self, level: str) -> set[int]:
        return {finding.row for finding in self.findings if finding.level == level}


def read_parcel_legend(project: Project, name: str = "parcels") -> ParcelLegend:
    """Read the legend of a parcel layer and check that its tables fit together.

    Raises
    ------
    InputError
        When a species names no known type or age limits, or a name stands for two codes.
    """
    document = read_yaml(project.configs / "codes" / f"{name}.yaml")
    legend = validate(document, ParcelLegend)
    problems = []
    for code, species in legend.species.items():
        for key, value, known in (
            ("forest_type", species.forest_type, list(legend.forest_types)),
            ("ages", species.ages, list(legend.age_limits)),
        ):
            if value is not None and value not in known:
                problem = Problem("no such name", found=value, expected=", ".join(known))
                problems.append(document.problem(("species", code, key), problem))
    for table in ("origins", "age_groups", "land_types", "species"):
        problems += _names_of_two(document, table, getattr(legend, table))
    raise_if_any(problems)
    return legend


def _names_of_two(document: Document, table: str, entries: Mapping[str, Code]) -> list[Problem]:
    seen: dict[str, str] = {}
    problems = []
    for code, entry in entries.items():
        for word in {_key(word) for word in (code, entry.name.zh, entry.name.en, *entry.also)}:
            if word in seen:
                what = Problem(
                    "a name stands for two codes",
                    found=f"{word}: {seen[word]} and {code}",
                    remedy="delete it from one of the two",
                )
                problems.append(document.problem((table, code), what))
            seen[word] = code
    return problems


def read_parcels(catalog: Catalog, name: str) -> Parcels:
    """Read and check the parcel layer `name` of the catalogue.

    Raises
    ------
    InputError
        When the file cannot be read, its text or CRS is unclear, or a needed field is missing.
        What is wrong with single parcels is no error: they are in `bad`.
    """
    dataset = catalog.dataset(name)
    legend = read_parcel_legend(catalog.project, dataset.entry.legend or "parcels")
    frame, notes = _read_layer(catalog, name)
    fields = _map_fields(catalog, name, legend, [str(c) for c in frame.columns])
    frame = _check_crs(catalog, name, frame)
    table = geopandas.GeoDataFrame(
        {role: frame[column] for role, column in fields.items()},
        geometry=frame.geometry,
        crs=frame.crs,
    )
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    parts = [table[role].map(_plain) for role in legend.identity if role in fields]
    parcel = pd.Series(
        ["-".join(filter(None, row)) for row in zip(*parts, strict=True)], table.index, dtype=object
    )
    log = _Log(parcel)
    stocked, land_type = _land_types(table, legend, log)
    table["geometry"], area = _geometries(table, legend, log, stocked)
    result = _attributes(table, legend, log, stocked)
    recorded = _recorded_area(catalog, name, table, area, result)
    _volumes(table, legend, log, stocked, area, recorded, result)
    log.add("bad", "no_id", stocked & (table["parcel"].map(_key) == ""))
    good = stocked & ~table.index.isin(log.rows("bad"))
    first = {number: row for row, number in reversed(list(parcel[good].items()))}
    log.add("bad", "twice", good & (parcel.map(first) != parcel.index), first=parcel.map(first))
    good &= ~table.index.isin(log.rows("bad"))
    notes += _overlaps(table[good], legend, log)
    good &= ~table.index.isin(log.rows("bad"))

    known_area = area.where(area > 0, recorded).fillna(0.0)
    reasons = pd.Series("", table.index, dtype=object)
    doubts = reasons.copy()
    for finding in log.findings:
        column = reasons if finding.level == "bad" else doubts
        if finding.reason not in column[finding.row].split("; "):
            column[finding.row] += ("; " if column[finding.row] else "") + finding.reason
    whole = result.assign(
        parcel=parcel,
        area_ha=area,
        recorded_area_ha=recorded,
        area_difference=recorded / area - 1,
        doubts=doubts,
        geometry=table.geometry,
    )
    columns = ["parcel", "forest_type", "species", "origin", "age", "age_group", "area_ha"]
    columns += ["recorded_area_ha", "area_difference", "volume_per_ha", "volume", "doubts"]
    rest = pd.DataFrame({"parcel": parcel, "area_ha": known_area})
    bad = table.index.isin(log.rows("bad"))
    idle = ~stocked & ~bad
    missing = [role for role in OPTIONAL if role not in fields]
    if missing:
        notes.append(Note("absent_fields", {"fields": ", ".join(missing)}))
    return Parcels(
        file=dataset.file,
        good=geopandas.GeoDataFrame(
            whole.loc[good, [*columns, "geometry"]], geometry="geometry", crs=frame.crs
        ),
        bad=rest.assign(reasons=reasons)[bad],
        not_stocked=rest.assign(land_type=land_type)[idle],
        findings=sorted(log.findings, key=lambda f: f.row),
        notes=notes,
        fields=fields,
    )


# The file


def _read_layer(catalog: Catalog, name: str) -> tuple[geopandas.GeoDataFrame, list[Note]]:
    """Read the layer with its text decoded."""
    dataset = catalog.dataset(name)
    file, entry = dataset.file, dataset.entry
    shapefile = file.suffix.lower() == ".shp"
    try:
        layers = [str(layer) for layer in pyogrio.list_layers(file)[:, 0]]
        layer = entry.layer or layers[0]
        if layer in layers and (entry.layer or len(layers) == 1):
            frame = pyogrio.read_dataframe(
                file, layer=layer, encoding=RAW if shapefile else None, force_2d=True
            )
        else:
            frame = None
    except Exception as error:  # pyogrio raises many kinds
        problem = Problem(
            f"{file.name} cannot be read as a vector file",
            found=str(error).splitlines()[0],
            expected="a shapefile, GeoPackage, GeoJSON (in UTF-8) or file geodatabase",
            remedy="export the layer again, with all parts of a shapefile (.shp .shx .dbf .prj)",
        )
        raise InputError(catalog.problem(name, "file", problem)) from error
    if frame is None:
        problem = Problem(
            f"{file.name} has not one layer" if not entry.layer else "no such layer",
            found=entry.layer or ", ".join(layers),
            expected=", ".join(layers) if entry.layer else "'layer:' with one of these",
            remedy="name the layer of the parcels here",
        )
        raise InputError(catalog.problem(name, "layer", problem))
    if not isinstance(frame, geopandas.GeoDataFrame):
        problem = Problem(f"{file.name} has no geometry", expected="a layer of polygons")
        raise InputError(catalog.problem(name, "file", problem))
    notes: list[Note] = []
    if shapefile:
        encoding, notes = _find_encoding(catalog, name, entry, file, _texts(frame))
        frame = frame.rename(columns=lambda column: _decode(column, encoding))
        for column in _text_columns(frame):
            frame[column] = frame[column].map(lambda text: _decode(text, encoding))
    texts = [text for text in _texts(frame) if not text.isascii()]
    garbled = [text for text in texts if _true_text(text) or "\ufffd" in text]
    if len(garbled) * 2 > len(texts):
        problem = Problem(
            f"the text of {file.name} is garbled",
            found=garbled[0],
            expected=_true_text(garbled[0]) or "readable text",
            remedy="correct 'encoding:' here"
            if shapefile
            else "export the layer again from its original, with the right encoding",
        )
        raise InputError(catalog.problem(name, "encoding", problem))
    return frame, notes


def _text_columns(frame: pd.DataFrame) -> list[str]:
    return [c for c in frame.columns if c != "geometry" and frame[c].dtype.kind in "OT"]


def _texts(frame: pd.DataFrame) -> list[str]:
    """Return each text of a frame once, names of columns among them."""
    found = dict.fromkeys(str(column) for column in frame.columns)
    for column in _text_columns(frame):
        found |= dict.fromkeys(v for v in frame[column].unique() if isinstance(v, str))
    return list(found)


def _decode(text: Any, encoding: str) -> Any:
    """Decode a text read as `RAW`; a last character that its cell cuts off is left out."""
    if not isinstance(text, str) or text.isascii():
        return text
    return codecs.getincrementaldecoder(encoding)().decode(text.encode(RAW))


_READABLE = re.compile(
    "[\x20-\x7e\\s°±·×²³℃㎡Ⅰ-Ⅻ‐-”…\u2460-\u249b\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef]*"
)
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")


def _readable(texts: Sequence[str], encoding: str) -> list[str] | None:
    """Return raw texts decoded, or None where that does not give readable Chinese."""
    try:
        decoded = [str(_decode(text, encoding)) for text in texts]
    except (UnicodeError, LookupError):
        return None
    return decoded if all(_READABLE.fullmatch(text) for text in decoded) else None


def _true_text(text: str) -> str | None:
    """Return the Chinese that stands behind a text decoded wrongly; None for a sound text."""
    for wrong, right in (
        *((RAW, "utf-8"), (RAW, "gb18030"), ("cp1252", "gb18030"), ("gb18030", "utf-8")),
    ):
        try:
            again = text.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if again != text and _READABLE.fullmatch(again) and _IDEOGRAPH.search(again):
            return again
    return None


def _find_encoding(
    catalog: Catalog, name: str, entry: DatasetEntry, file: Path, texts: Sequence[str]
) -> tuple[str, list[Note]]:
    """Return the encoding of a shapefile's text; its bytes decide, not the .cpg beside it."""
    texts = [text for text in texts if not text.isascii()]
    if not texts:
        return "utf-8", []
    guesses = {"UTF-8": _readable(texts, "utf-8"), "GBK": _readable(texts, "gb18030")}
    if not any(map(_IDEOGRAPH.search, guesses["UTF-8"] or ())):
        guesses["UTF-8"] = None  # a few GBK characters read as accented UTF-8 letters
    best = next((encoding for encoding, found in guesses.items() if found), None)
    codec = "gb18030" if best == "GBK" else "utf-8"
    if "encoding" in entry.model_fields_set:
        if _readable(texts, entry.encoding):
            return entry.encoding, []
        problem = Problem(
            f"the text of {file.name} is not {entry.encoding}",
            found=f"it reads as {best}" if best else "neither UTF-8 nor GBK",
            expected=f"encoding: {codec}" if best else "the encoding that the file has",
            remedy="correct it",
        )
        raise InputError(catalog.problem(name, "encoding", problem))
    written, claim = _claimed_encoding(file)
    if best is None or (claim not in ("", "UTF-8", "GBK") and _readable(texts, claim)):
        problem = Problem(
            f"the encoding of the text of {file.name} cannot be told",
            found=f"{texts[0][:20]!r}; .cpg: {written or 'absent'}",
            expected="UTF-8 or GBK",
            remedy="declare it in the catalogue: 'encoding: gb18030', 'utf-8', 'big5', ...",
        )
        raise InputError(catalog.problem(name, "encoding", problem))
    if best == claim:
        return codec, []
    return codec, [
        Note("encoding", {"encoding": best, "cpg": written or Title(en="absent", zh="缺失")})
    ]


def _claimed_encoding(file: Path) -> tuple[str, str]:
    """Return what the .cpg of a shapefile says, and what that means; Latin says nothing."""
    for part in file.parent.iterdir():
        if part.stem == file.stem and part.suffix.lower() == ".cpg":
            text = part.read_text(encoding="ascii", errors="replace").strip()
            for pattern, meaning in (
                ("utf|65001", "UTF-8"),
                ("gb|936", "GBK"),
                ("iso|latin|8859|1252|ansi|ascii", ""),
            ):
                if re.search(pattern, text.lower()):
                    return text, meaning
            return text, text
    return "", ""


def _check_crs(
    catalog: Catalog, name: str, frame: geopandas.GeoDataFrame
) -> geopandas.GeoDataFrame:
    """Refuse a layer without CRS or with another than declared."""
    file, declared = catalog.dataset(name).file, catalog.dataset(name).entry.crs
    if declared is None or frame.crs is None:
        problem = Problem(
            f"{file.name} has no coordinate reference system",
            found="none in the file" if frame.crs is None else "none in the catalogue",
            expected="one in the file and the same in the catalogue",
            remedy="assign the CRS in QGIS (a shapefile needs its .prj) and declare it here",
        )
        raise InputError(catalog.problem(name, "crs", problem))
    if frame.crs.equals(declared, ignore_axis_order=True):
        return frame
    # GeoJSON readers report CGCS2000 or WGS 84 by the same degrees; the catalogue says which.
    if frame.crs.to_epsg() == 4326 and declared == "EPSG:4490":
        return frame.set_crs(declared, allow_override=True)
    problem = Problem(
        f"{file.name} is in another coordinate reference system",
        found=str(frame.crs.to_string()),
        expected=declared,
        remedy="reproject the file, or declare its real CRS",
    )
    raise InputError(catalog.problem(name, "crs", problem))


def _map_fields(
    catalog: Catalog, name: str, legend: ParcelLegend, columns: Sequence[str]
) -> dict[str, str]:
    """Return role → field of the layer: as the catalogue declares, else by the usual names.

    Raises
    ------
    InputError
        For each declared field or role that does not exist and each needed one not found.
    """
    declared = catalog.dataset(name).entry.fields
    by_name = {column.casefold(): column for column in columns if column != "geometry"}
    listed = ", ".join(by_name.values())
    problems = []
    fields = {}
    for role, column in declared.items():
        if role not in legend.fields:
            problem = Problem("no such role", found=role, expected=", ".join(legend.fields))
            problems.append(catalog.problem(name, f"fields.{role}", problem))
        elif column.casefold() not in by_name:
            problem = Problem(
                "the layer has no such field", found=column, expected=listed, remedy="correct it"
            )
            problems.append(catalog.problem(name, f"fields.{role}", problem))
        else:
            fields[role] = by_name[column.casefold()]
    for role, usual in legend.fields.items():
        names = [short for long in usual for short in _cut_names(long)]
        match = next((by_name[short] for short in names if short in by_name), None)
        if role not in declared and match:
            fields[role] = match
    wanted = [(role,) for role in NEEDED] + [("volume_per_ha", "volume")]
    for roles in wanted:
        if not any(role in fields or role in declared for role in roles):
            usual = [usual for role in roles for usual in legend.fields[role]]
            problem = Problem(
                f"the layer has no field for {' or '.join(roles)}",
                found=listed,
                expected=" or ".join(usual),
                remedy=f"name it: 'fields: {{{roles[0]}: ...}}'",
            )
            problems.append(catalog.problem(name, "fields", problem))
    raise_if_any(problems)
    return {role: fields[role] for role in legend.fields if role in fields}


def _cut_names(name: str) -> list[str]:
    """Return a field's name, whole and as a shapefile of either encoding cuts it."""
    cut = (name.encode(e)[:DBF_NAME_BYTES].decode(e, "ignore") for e in ("utf-8", "gb18030"))
    return [name.casefold(), *(short.casefold() for short in cut)]


# The checks


def _plain(value: Any) -> str:
    """Return a code or number as text: 12.0 is "12", nothing is ""."""
    if value is None or value is pd.NA or value != value:
        return ""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(value)))
    return re.sub(r"^(-?\d+)\.0+$", r"\1", text)


def _key(value: Any) -> str:
    """Return a code or name in the form it is compared in: 0111, 111 and "111.0" are one."""
    text = _plain(value).casefold()
    return (text.lstrip("0") or "0") if text.isdecimal() else text


def _find(values: pd.Series, table: Mapping[str, CodeT]) -> list[CodeT | None]:
    """Return the entry of each value, by code or by name; None for an unknown one."""
    entries = {_key(code): entry for code, entry in table.items()}
    for entry in table.values():
        for word in (entry.name.zh, entry.name.en, *entry.also):
            entries[_key(word)] = entry

    def entry_of(key: str) -> CodeT | None:
        if key in entries:
            return entries[key]
        if re.fullmatch(r"\d{3}000", key):
            return entries.get(key[:3])
        return entries.get(key.removesuffix("林"))

    return [entry_of(_key(value)) for value in values]


def _nearest(value: Any, table: Mapping[str, Code]) -> Title:
    """Return the known code or name that is most like an unknown one."""
    key = _key(value)
    codes = {_key(code): code for code in table}
    if key.isdecimal():
        closest = max(codes, key=lambda c: (_same_start(c, key), -abs(int(c) - int(key))))
        code = codes[closest]
    else:
        names = {_key(w): c for c, e in table.items() for w in (e.name.zh, e.name.en, *e.also)}
        code = names[difflib.get_close_matches(key, names, n=1, cutoff=0.0)[0]]
    return Title(en=f"{code} {table[code].name.en}", zh=f"{code} {table[code].name.zh}")


def _same_start(one: str, other: str) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))


def _add_unknown(
    log: _Log, role: str, where: pd.Series, values: pd.Series, table: Mapping[str, Code]
) -> None:
    """Log what is missing and what no code of the table is."""
    empty = values.map(_key) == ""
    log.add("bad", f"no_{role}", where & empty)
    nearest = {value: _nearest(value, table) for value in values[where & ~empty].unique()}
    log.add("bad", f"unknown_{role}", where & ~empty, found=values, nearest=values.map(nearest.get))


def _land_types(
    table: geopandas.GeoDataFrame, legend: ParcelLegend, log: _Log
) -> tuple[pd.Series, pd.Series]:
    """Return which parcels are arbor forest, and the Chinese name of each land type."""
    if "land_type" not in table:
        return pd.Series(True, table.index), pd.Series("", table.index)
    found = pd.Series(_find(table["land_type"], legend.land_types), table.index, dtype=object)
    _add_unknown(log, "land_type", found.isna(), table["land_type"], legend.land_types)
    stocked = found.map(lambda entry: entry is not None and entry.stocked).astype(bool)
    return stocked, found.map(lambda entry: entry.name.zh if entry else "")


def _geometries(
    table: geopandas.GeoDataFrame, legend: ParcelLegend, log: _Log, stocked: pd.Series
) -> tuple[geopandas.GeoSeries, pd.Series]:
    """Return the geometries, repaired where that changes next to nothing, and areas in ha."""
    shapes = table.geometry
    absent = shapes.isna() | shapes.is_empty
    log.add("bad", "no_geometry", stocked & absent)
    polygon = shapes.geom_type.isin(["Polygon", "MultiPolygon"])
    log.add("bad", "no_polygon", stocked & ~absent & ~polygon, found=shapes.geom_type)
    broken = ~absent & polygon & ~shapes.is_valid
    mended = shapes.copy()
    if broken.any():
        mended[broken] = [_polygons(shape) for shape in shapely.make_valid(shapes[broken].array)]
    before = shapes.to_crs(EQUAL_AREA).area / 1e4
    after = mended.to_crs(EQUAL_AREA).area.replace(np.inf, np.nan) / 1e4
    change = (after - before).abs() / after.where(after > 0)
    why = pd.Series(shapely.is_valid_reason(shapes.array), table.index)
    slight = broken & (change <= legend.limits.repair.value)
    log.add("bad", "broken", stocked & broken & ~slight, why=why)
    log.add("repaired", "repaired", stocked & slight, why=why, change=100 * change)
    log.add("bad", "no_area", stocked & ~absent & polygon & ~broken & ~(after > 0))
    shapes = shapes.copy()
    shapes[slight] = mended[slight]
    return shapes, after.where(~absent & polygon)


def _polygons(shape: Any) -> Any:
    """Return the polygons of a repaired shape, without stray lines and points."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts)


def _attributes(
    table: geopandas.GeoDataFrame, legend: ParcelLegend, log: _Log, stocked: pd.Series
) -> pd.DataFrame:
    """Return forest type, origin, age and age group."""
    number = {}
    for role in NUMBERS:
        values = table.get(role, pd.Series(np.nan, table.index))
        number[role] = pd.to_numeric(
            values.map(lambda v: _plain(v) or np.nan), errors="coerce"
        ).astype(float)
        odd = (values.map(_plain) != "") & ~np.isfinite(number[role])
        log.add("bad", "no_number", stocked & odd, role=role, found=values)
        log.add("bad", "negative", stocked & (number[role] < 0), role=role, found=values)
    found: dict[str, pd.Series] = {}
    tables: dict[str, Mapping[str, Code]] = {
        "species": legend.species,
        "origin": legend.origins,
        "age_group": legend.age_groups,
    }
    for role, codes in tables.items():
        found[role] = pd.Series(_find(table[role], codes), table.index, dtype=object)
        _add_unknown(log, role, stocked & found[role].isna(), table[role], codes)
    alien = found["species"].map(lambda s: s is not None and s.forest_type is None)
    name = found["species"].map(lambda s: s.name if s else None)
    log.add("bad", "alien_species", stocked & alien, found=table["species"], species=name)
    result = pd.DataFrame(number, index=table.index)
    result["species"] = table["species"].map(_plain)
    result["forest_type"] = found["species"].map(lambda s: s.forest_type if s else None)
    result["origin"] = found["origin"].map(lambda o: o.origin if o else None)
    result["age_group"] = found["age_group"].map(lambda g: g.age_group if g else None)
    age = result["age"] = result["age"].where(result["age"] != 0)  # 0: not recorded
    limits = legend.limits
    log.add("bad", "too_old", stocked & (age > limits.age.value), age=age, limit=limits.age.value)
    if "age" in table:
        log.add("doubt", "no_age", stocked & age.isna())
    by_age = pd.Series(
        [
            _group_of_age(legend, *row)
            for row in zip(found["species"], result["origin"], age, strict=True)
        ],
        table.index,
        dtype=object,
    )
    names = {group.age_group: group.name for group in legend.age_groups.values()}
    log.add(
        "doubt",
        "other_age_group",
        stocked & by_age.notna() & result["age_group"].notna() & (by_age != result["age_group"]),
        age=age,
        found=result["age_group"].map(names.get),
        expected=by_age.map(names.get),
    )
    canopy = result["canopy"]
    thin = canopy.notna() & ~canopy.between(limits.canopy.value, 1)
    log.add("doubt", "canopy", stocked & thin, found=canopy, limit=limits.canopy.value)
    return result


def _group_of_age(
    legend: ParcelLegend, species: Species | None, origin: str | None, age: float
) -> str | None:
    if species is None or species.ages is None or not isinstance(origin, str) or not age > 0:
        return None
    limits: list[float] = getattr(legend.age_limits[species.ages], origin)
    return AGE_GROUPS[int(np.searchsorted(limits, age))]


def _recorded_area(
    catalog: Catalog,
    name: str,
    table: geopandas.GeoDataFrame,
    area: pd.Series,
    result: pd.DataFrame,
) -> pd.Series:
    """Return the recorded area in ha (missing where it is 0); refuse a unit that cannot be."""
    unit = catalog.dataset(name).entry.area_unit
    recorded = result["area"].where(result["area"] > 0)
    recorded = recorded * (HECTARES_PER_MU if unit == "mu" else 1)
    ratio = (recorded / area).replace(np.inf, np.nan).dropna()
    typical = ratio.median()
    sound = 1 / LARGEST_UNIT_RATIO < typical < LARGEST_UNIT_RATIO
    if len(ratio) >= FEWEST_FOR_UNIT and not sound:
        problem = Problem(
            "the recorded areas are in another unit than declared",
            found=f"recorded / measured area: {typical:.4g} (median), declared: {unit}",
            expected="about 1; 15 is mu declared as ha, 10000 is m²",
            remedy="correct 'area_unit: mu' or 'ha' here; convert other units in the file",
        )
        raise InputError(catalog.problem(name, "area_unit", problem))
    return recorded


def _volumes(
    table: geopandas.GeoDataFrame,
    legend: ParcelLegend,
    log: _Log,
    stocked: pd.Series,
    area: pd.Series,
    recorded: pd.Series,
    result: pd.DataFrame,
) -> None:
    """Fill in the volume of a parcel and per hectare; each is kept as recorded where it is.

    A volume per hectare goes with the area it was recorded for, not with the measured one.
    """
    limits = legend.limits
    difference = 100 * (recorded / area - 1)
    differs = difference.abs() > 100 * limits.area_difference.value
    log.add("doubt", "area", stocked & differs, recorded=recorded, measured=area, change=difference)
    own_area = recorded.fillna(area)
    whole, density = result["volume"], result["volume_per_ha"]
    product = density * own_area
    apart = (whole - product).abs() > limits.volume_difference.value * np.maximum(whole, product)
    log.add("doubt", "volumes", stocked & apart, volume=whole, product=product)
    whole = whole.where(whole > 0, product).fillna(0.0)
    density = density.where(density > 0, whole / own_area).fillna(0.0)
    result["volume"], result["volume_per_ha"] = whole, density
    old = result["age"] > limits.oldest_without_volume.value
    old |= result["age"].isna() & (result["age_group"] != "young")
    log.add(
        "bad",
        "no_volume",
        stocked & (whole == 0) & old,
        age=result["age"].map(
            lambda age: f"{age:g}" if age > 0 else Title(en="unknown", zh="未知")
        ),
    )
    top = limits.volume_per_ha.value
    log.add("bad", "too_much", stocked & (density > top), found=density, limit=top)


def _flat(shapes: geopandas.GeoSeries) -> geopandas.GeoSeries:
    """Return shapes in the equal-area projection, valid there too."""
    flat = shapes.to_crs(EQUAL_AREA)
    broken = ~flat.is_valid
    if broken.any():
        flat[broken] = shapely.make_valid(flat[broken].array)
    return flat


def _overlaps(parcels: geopandas.GeoDataFrame, legend: ParcelLegend, log: _Log) -> list[Note]:
    """Set apart the later of two parcels that overlap, so that the land counts once."""
    shapes = _flat(parcels.geometry)
    one, other = shapely.STRtree(shapes.array).query(shapes.array, predicate="intersects")
    one, other = one[one < other], other[one < other]
    common = shapely.area(shapely.intersection(shapes.array[one], shapes.array[other])) / 1e4
    order = np.lexsort((one, other))
    slight = []
    gone: set[int] = set()
    for first, later, size in zip(one[order], other[order], common[order], strict=True):
        kept, lost = shapes.index[first], shapes.index[later]
        if 0 < size <= legend.limits.overlap.value:
            slight.append(size)
        elif size > 0 and not {kept, lost} & gone:
            gone.add(lost)
            own, others = log.parcel[lost], log.parcel[kept]
            values = {"other": others, "other_row": kept, "area": size}
            log.findings.append(Finding(lost, own, "bad", "overlap", values))
            values = {"other": own, "other_row": lost, "area": size}
            log.findings.append(Finding(kept, others, "doubt", "overlapped", values))
    if not slight:
        return []
    return [Note("slight_overlaps", {"number": len(slight), "area": sum(slight)})]


# The sums and the report


def parcels_by_zone(
    parcels: geopandas.GeoDataFrame,
    zones: geopandas.GeoDataFrame,
    by: Sequence[str] = ("forest_type",),
) -> ZoneSums:
    """Sum area and volume of good parcels by zone and type.

    A parcel on a border is shared out by area. What lies in no zone is in `outside`; both
    together add up to the parcels. Where zones overlap, the parcel is shared out between them.

    Parameters
    ----------
    zones
        Polygons indexed by the name or code of a zone, such as the counties.
    by
        Columns of `parcels` besides the zone.
    """
    land = _flat(parcels.geometry).array
    areas = _flat(zones.geometry).array
    zone, parcel = shapely.STRtree(land).query(areas, predicate="intersects")
    common = shapely.area(shapely.intersection(areas[zone], land[parcel]))
    size = shapely.area(land)
    inside = np.bincount(parcel, common, minlength=len(land))
    nearly_all = inside > size * (1 - 1e-9)
    share = common / np.where(nearly_all, inside, size)[parcel]
    left = np.where(nearly_all, 0.0, 1 - inside / size)
    zone_name = zones.index.name or "zone"
    values = parcels[["area_ha", "volume"]].to_numpy()
    groups = parcels[list(by)].reset_index(drop=True)
    sums = groups.iloc[parcel].assign(**{zone_name: zones.index[zone]})
    sums[["area_ha", "volume"]] = values[parcel] * share[:, None]
    rest = groups.assign(area_ha=values[:, 0] * left, volume=values[:, 1] * left)
    return ZoneSums(
        sums[share > 0].groupby([zone_name, *by], sort=True)[["area_ha", "volume"]].sum(),
        rest[left > 0].groupby(list(by), sort=True)[["area_ha", "volume"]].sum(),
    )


def parcel_report(parcels: Parcels, words: Words, first: int = 5) -> str:
    """Return what is to be said of a layer, in the language of `words`.

    Parameters
    ----------
    first
        How many parcels are named for each reason.
    """
    groups = {
        "good": parcels.good["area_ha"],
        "bad": parcels.bad["area_ha"],
        "not_stocked": parcels.not_stocked["area_ha"],
    }
    area = pd.concat(list(groups.values()))
    whole = area.sum() or 1.0

    def line(text: str, number: int, size: float) -> str:
        return words("parcel_line", text=text, number=number, area=size, share=100 * size / whole)

    lines = [
        words("parcel_title", file=parcels.file.name),
        line(words("parcel_all"), len(area), area.sum()),
    ]
    lines += [line(words(f"parcel_{key}"), len(part), part.sum()) for key, part in groups.items()]

    def say(what: Finding | Note) -> str:
        values = {k: words.title(v) if isinstance(v, Title) else v for k, v in what.values.items()}
        return words(f"parcel_{what.reason}", **values)

    for level in ("bad", "repaired", "doubt"):
        found = [finding for finding in parcels.findings if finding.level == level]
        if level != "bad":  # a bad parcel's doubts are of no interest any more
            found = [finding for finding in found if finding.row in parcels.good.index]
        if found:
            lines.append(words(f"parcel_{level}_reasons"))
        by_reason: dict[str, list[Finding]] = {}
        for finding in found:
            by_reason.setdefault(finding.reason, []).append(finding)
        for reason, same in sorted(by_reason.items(), key=lambda item: -len(item[1])):
            rows = list({finding.row for finding in same})
            lines.append("  " + line(words(f"parcel_{reason}_name"), len(rows), area[rows].sum()))
            lines += [
                "    " + words("parcel_item", parcel=f.parcel, row=f.row, text=say(f))
                for f in same[:first]
            ]
            if len(same) > first:
                lines.append("    " + words("parcel_more", number=len(same) - first))
    lines += [say(note) for note in parcels.notes]
    used = ", ".join(f"{role} ← {column}" for role, column in parcels.fields.items())
    return "\n".join([*lines, words("parcel_fields", fields=used)])
