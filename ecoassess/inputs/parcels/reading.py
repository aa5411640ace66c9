"""A layer read from its file and checked, parcel by parcel."""

from __future__ import annotations

import geopandas
import pandas as pd
import pyogrio  # type: ignore[import-untyped]

from ecoassess.errors import InputError, Problem
from ecoassess.inputs.boundaries import check_crs
from ecoassess.inputs.catalog import Catalog
from ecoassess.inputs.parcels import checks
from ecoassess.inputs.parcels.codes import normal, plain, read_parcel_legend
from ecoassess.inputs.parcels.encoding import (
    RAW,
    decode,
    find_encoding,
    text_columns,
    texts_of,
    true_text,
)
from ecoassess.inputs.parcels.fields import OPTIONAL, map_fields
from ecoassess.inputs.parcels.findings import Log, Note, Parcels


def read_parcels(catalog: Catalog, name: str) -> Parcels:
    """Read and check the parcel layer `name` of the catalogue.

    Raises
    ------
    InputError
        When the file cannot be read, its text or CRS is unclear, or a needed field is missing.
        What is wrong with single parcels is no error: they are in `bad`.
    """
    dataset = catalog.dataset(name)
    check_kind(catalog, name)
    legend = read_parcel_legend(catalog.project, dataset.entry.legend or "parcels")
    frame, notes = _read_layer(catalog, name)
    fields = map_fields(catalog, name, legend, [str(c) for c in frame.columns])
    frame = check_crs(catalog, name, frame)
    table = geopandas.GeoDataFrame(
        {role: frame[column] for role, column in fields.items()},
        geometry=frame.geometry,
        crs=frame.crs,
    )
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    parts = [table[role].map(plain) for role in legend.identity if role in fields]
    parcel = pd.Series(
        ["-".join(filter(None, row)) for row in zip(*parts, strict=True)], table.index, dtype=object
    )
    log = Log(parcel)
    stocked, land_type = checks.land_types(table, legend, log)
    table["geometry"], area = checks.geometries(table, legend, log, stocked)
    result = checks.attributes(table, legend, log, stocked)
    recorded = checks.recorded_area(catalog, name, area, result)
    checks.volumes(legend, log, stocked, area, recorded, result)
    log.add("bad", "no_id", stocked & (table["parcel"].map(normal) == ""))
    good = stocked & ~table.index.isin(log.rows("bad"))
    first = {number: row for row, number in reversed(list(parcel[good].items()))}
    log.add("bad", "twice", good & (parcel.map(first) != parcel.index), first=parcel.map(first))
    good &= ~table.index.isin(log.rows("bad"))
    notes += checks.overlaps(table[good], legend, log)
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


def check_kind(catalog: Catalog, name: str) -> None:
    """Refuse a dataset that is no layer of parcels."""
    kind = catalog.entries[name].kind
    if kind != "parcels":
        problem = Problem("the dataset is no layer of parcels", kind, "kind: parcels")
        raise InputError(catalog.problem(name, "kind", problem))


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
        encoding, notes = find_encoding(catalog, name, entry, file, texts_of(frame))
        frame = frame.rename(columns=lambda column: decode(column, encoding))
        for column in text_columns(frame):
            frame[column] = frame[column].map(lambda text: decode(text, encoding))
    texts = [text for text in texts_of(frame) if not text.isascii()]
    garbled = [text for text in texts if true_text(text) or "\ufffd" in text]
    if len(garbled) * 2 > len(texts):
        problem = Problem(
            f"the text of {file.name} is garbled",
            found=garbled[0],
            expected=true_text(garbled[0]) or "readable text",
            remedy="correct 'encoding:' here"
            if shapefile
            else "export the layer again from its original, with the right encoding",
        )
        raise InputError(catalog.problem(name, "encoding", problem))
    return frame, notes
