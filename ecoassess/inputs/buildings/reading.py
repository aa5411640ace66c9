"""A layer of buildings read from its file and checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas
import pandas as pd

from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.inputs.boundaries import EQUAL_AREA
from ecoassess.inputs.buildings import checks
from ecoassess.inputs.buildings.codes import BuildingLegend, read_building_legend
from ecoassess.inputs.buildings.findings import Buildings
from ecoassess.inputs.buildings.source import open_source, read_batches
from ecoassess.inputs.catalog import Catalog
from ecoassess.inputs.parcels.codes import normal, plain
from ecoassess.inputs.parcels.encoding import true_text
from ecoassess.inputs.parcels.findings import Log, Note

OPTIONAL = ("usage", "height", "floors")
"""Roles whose absence is said."""


def read_buildings(
    catalog: Catalog, name: str, zones: geopandas.GeoDataFrame | None = None
) -> Buildings:
    """Read and check the layer of buildings `name` of the catalogue.

    Parameters
    ----------
    zones
        Polygons; only what lies within their bounds is read.

    Raises
    ------
    InputError
        When the file cannot be read or its text is garbled, its CRS or the unit of its heights is
        not the declared one, a declared field is missing, nothing lies within the bounds, or no
        building is good.
        What is wrong with single buildings is no error: they are in `bad`.
    """
    dataset = catalog.dataset(name)
    check_kind(catalog, name)
    legend = read_building_legend(catalog.project, dataset.entry.legend or "buildings")
    source = open_source(catalog, name)
    _refuse_garbled(catalog, name, source.columns)
    fields = map_fields(catalog, name, legend, source.columns)
    parts = [
        part.to_crs(EQUAL_AREA)
        for part in read_batches(catalog, name, source, legend, fields, zones)
    ]
    table = geopandas.GeoDataFrame(pd.concat(parts), geometry="geometry", crs=EQUAL_AREA)
    table.index = table.index.rename("row")
    if table.empty:
        problem = Problem(
            f"{dataset.file.name} has no buildings here",
            found="none" if zones is None else "none within the bounds of the zones",
            expected="polygons of buildings",
            remedy="give the file of this region; swapped or shifted coordinates are another cause",
        )
        raise InputError(catalog.problem(name, "file", problem))
    for role in ("usage", "usage_general"):
        if role in table:
            _refuse_garbled(catalog, name, table[role].map(plain).unique())
    return _check(catalog, name, legend, fields, table)


def _check(
    catalog: Catalog,
    name: str,
    legend: BuildingLegend,
    fields: dict[str, str],
    table: geopandas.GeoDataFrame,
) -> Buildings:
    own = table["id"].map(plain) if "id" in table else pd.Series("", table.index, dtype=object)
    building = own.where(own != "", "#" + table.index.astype(str))
    log = Log(building)
    usage, code, notes = checks.usages(table, legend)
    below = pd.Series(False, table.index)
    if "underground" in table:
        below = table["underground"].map(lambda v: normal(v) in ("true", "1", "yes"))
    counted = (usage != "none") & ~below
    shapes, footprint = checks.geometries(table, legend, log, counted)
    height, floors = checks.numbers(catalog, name, table, legend, log, counted)
    floors, rests_on = checks.storeys(usage, height, floors, legend)
    log.add("doubt", "id_twice", counted & (own != "") & own.duplicated(keep="first"))
    good = counted & ~table.index.isin(list(log.rows("bad")))
    found, gone = checks.overlaps(shapes[good], legend, log)
    notes += found
    good &= ~table.index.isin(list(gone))
    if missing := [role for role in OPTIONAL if role not in fields]:
        notes.append(Note("absent_fields", {"fields": ", ".join(missing)}))
    if not good.any():
        raise _none_good(catalog, name, log)
    bad = counted & ~good
    reasons: dict[int, list[str]] = {row: [] for row in table.index[bad]}
    for finding in log.findings:
        if finding.level == "bad" and finding.reason not in reasons[finding.row]:
            reasons[finding.row].append(finding.reason)
    rest = pd.DataFrame({"building": building, "footprint": footprint.fillna(0.0)})
    whole = geopandas.GeoDataFrame(
        {
            "building": building,
            "usage": code,
            "kind": checks.kinds(usage, floors, legend),
            "footprint": footprint,
            "height": height,
            "floors": floors,
            "floors_from": rests_on,
            "floor_area": footprint * floors,
        },
        geometry=shapes,
        crs=EQUAL_AREA,
    )
    return Buildings(
        file=catalog.dataset(name).file,
        good=whole[good],
        bad=rest[bad].assign(reasons=["; ".join(own) for own in reasons.values()]),
        not_counted=rest.assign(usage=code.where(~below, "underground"))[~counted],
        findings=sorted(log.findings, key=lambda f: f.row),
        notes=notes,
        fields=fields,
        titles={str(kind): title for kind, title in legend.kinds.items()},
    )


def _none_good(catalog: Catalog, name: str, log: Log) -> InputError:
    counts: dict[str, int] = {}
    for finding in log.findings:
        if finding.level == "bad":
            counts[finding.reason] = counts.get(finding.reason, 0) + 1
    problem = Problem(
        f"{catalog.dataset(name).file.name} has no good building",
        found=", ".join(f"{reason}: {number}" for reason, number in counts.items())
        or "uses without a roof only",
        expected="polygons with an area, as large as buildings",
        remedy="check the CRS and that x is longitude; a layer of points is none of buildings",
    )
    return InputError(catalog.problem(name, "file", problem))


def _refuse_garbled(catalog: Catalog, name: str, texts: Iterable[str]) -> None:
    """Refuse a layer most of whose Chinese was read in a wrong encoding."""
    texts = [text for text in texts if not text.isascii()]
    garbled = [text for text in texts if true_text(text) or "\ufffd" in text]
    if len(garbled) * 2 > len(texts):
        problem = Problem(
            f"the text of {catalog.dataset(name).file.name} is garbled",
            found=garbled[0],
            expected=true_text(garbled[0]) or "readable text",
            remedy="declare the encoding of a shapefile here ('encoding: gb18030'); export another "
            "file again with the right one",
        )
        raise InputError(catalog.problem(name, "encoding", problem))


def check_kind(catalog: Catalog, name: str) -> None:
    """Refuse a dataset that is no layer of buildings."""
    kind = catalog.entries[name].kind
    if kind != "buildings":
        problem = Problem("the dataset is no layer of buildings", kind, "kind: buildings")
        raise InputError(catalog.problem(name, "kind", problem))


def map_fields(
    catalog: Catalog, name: str, legend: BuildingLegend, columns: Sequence[str]
) -> dict[str, str]:
    """Return role → field of the layer: as the catalogue declares, else by the usual names.

    Where the layer has a field of further tags, a role without a field is looked for in it.

    Raises
    ------
    InputError
        For each declared role or field that does not exist.
    """
    by_name = {column.casefold(): column for column in columns}
    tagged = legend.tags in columns
    declared = catalog.entries[name].fields
    problems, fields = [], {}
    for role, column in declared.items():
        if role not in legend.fields:
            problem = Problem("no such role", found=role, expected=", ".join(legend.fields))
            problems.append(catalog.problem(name, f"fields.{role}", problem))
        elif column.casefold() in by_name or tagged:
            fields[role] = by_name.get(column.casefold(), column)
        else:
            problem = Problem(
                "the layer has no such field",
                found=column,
                expected=", ".join(columns),
                remedy="correct it",
            )
            problems.append(catalog.problem(name, f"fields.{role}", problem))
    for role, usual in legend.fields.items():
        match = next((by_name[n.casefold()] for n in usual if n.casefold() in by_name), None)
        if role not in declared and match:
            fields[role] = match
    if tagged:
        fields |= {role: tag for role, tag in OSM_TAGS.items() if role not in fields}
    raise_if_any(problems)
    return {role: fields[role] for role in legend.fields if role in fields}


OSM_TAGS = {"height": "height", "floors": "building:levels", "usage_general": "building:use"}
"""Keys of OpenStreetMap that its readers leave among further tags."""
