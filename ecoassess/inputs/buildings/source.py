"""The file of a layer of buildings, read in batches and within bounds.

GeoParquet is read through pyarrow where that is installed; GeoPackage, GeoJSON, FlatGeobuf,
shapefile and file geodatabase through pyogrio. Only the fields that are used are read, which
bounds the memory of a large file by its buildings within the bounds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import util
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyogrio  # type: ignore[import-untyped]
import shapely
from pyproj import CRS

from ecoassess.errors import InputError, Problem
from ecoassess.inputs.boundaries import check_crs
from ecoassess.inputs.buildings.codes import BuildingLegend
from ecoassess.inputs.catalog import Catalog

BATCH = 100_000
"""Buildings read at once."""

PARQUET = (".parquet", ".geoparquet", ".pq")

NO_CRS_GIVEN = "OGC:CRS84"
"""What GeoParquet without a word about its CRS is in, by its specification."""

Bounds = tuple[float, float, float, float]

Batches = Iterator[geopandas.GeoDataFrame]


@dataclass(frozen=True)
class Source:
    """A layer that can be read.

    Parameters
    ----------
    crs
        None where the file does not say.
    read
        Takes fields and bounds in the CRS; yields tables indexed by the number of the feature.
    """

    columns: Sequence[str]
    crs: Any
    read: Callable[[Sequence[str], Bounds | None], Batches]


def open_source(catalog: Catalog, name: str) -> Source:
    """Open the file of a layer and check its CRS against the catalogue.

    Raises
    ------
    InputError
        When it cannot be read, has several layers and none is named, holds no geometry, or is in
        another CRS than declared.
    """
    file = catalog.dataset(name).file
    try:
        source = (
            _parquet(catalog, name, file)
            if file.suffix.lower() in PARQUET
            else _vector(catalog, name, file)
        )
    except InputError:
        raise
    except Exception as error:  # pyogrio and pyarrow raise many kinds
        raise _unreadable(catalog, name, error) from error
    frame = geopandas.GeoDataFrame(geometry=[], crs=source.crs)
    return Source(source.columns, check_crs(catalog, name, frame).crs, source.read)


def read_batches(
    catalog: Catalog,
    name: str,
    source: Source,
    legend: BuildingLegend,
    fields: dict[str, str],
    zones: geopandas.GeoDataFrame | None,
) -> Batches:
    """Yield the fields by role and the geometry, of the buildings around `zones`.

    Raises
    ------
    InputError
        When the file breaks off.
    """
    bounds: Bounds | None = None
    if zones is not None:
        west, south, east, north = zones.to_crs(source.crs).total_bounds
        bounds = (float(west), float(south), float(east), float(north))
    tagged = [role for role, column in fields.items() if column not in source.columns]
    wanted = [column for column in fields.values() if column in source.columns]
    wanted += [legend.tags] if tagged else []
    try:
        for frame in source.read(list(dict.fromkeys(wanted)), bounds):
            table = {
                role: _tag(frame[legend.tags], column) if role in tagged else frame[column]
                for role, column in fields.items()
            }
            yield geopandas.GeoDataFrame(
                table, geometry=frame.geometry.to_numpy(), index=frame.index, crs=source.crs
            )
    except InputError:
        raise
    except Exception as error:
        raise _unreadable(catalog, name, error) from error


def _unreadable(catalog: Catalog, name: str, error: Exception) -> InputError:
    problem = Problem(
        f"{catalog.dataset(name).file.name} cannot be read as a vector file",
        found=(str(error) or type(error).__name__).splitlines()[0],
        expected="GeoParquet, GeoPackage, GeoJSON, FlatGeobuf, a shapefile or file geodatabase",
        remedy="download or export the layer again (a Microsoft .csv.gz: unpack it and call it "
        ".geojsonl)",
    )
    return InputError(catalog.problem(name, "file", problem))


def _no_geometry(catalog: Catalog, name: str, file: Path) -> InputError:
    problem = Problem(
        f"{file.name} has no geometry",
        expected="a layer of polygons",
        remedy="export it as GeoParquet or GeoPackage",
    )
    return InputError(catalog.problem(name, "file", problem))


# GeoPackage and the like


def _vector(catalog: Catalog, name: str, file: Path) -> Source:
    entry = catalog.entries[name]
    layers = [str(layer) for layer in pyogrio.list_layers(file)[:, 0]]
    layer = entry.layer or layers[0]
    if layer not in layers or (entry.layer is None and len(layers) > 1):
        problem = Problem(
            "no such layer" if entry.layer else f"{file.name} has not one layer",
            found=entry.layer or ", ".join(layers),
            expected=", ".join(layers) if entry.layer else "'layer:' with one of these",
            remedy="name the layer of the buildings here",
        )
        raise InputError(catalog.problem(name, "layer", problem))
    encoding = entry.encoding if "encoding" in entry.model_fields_set else None
    info = pyogrio.read_info(file, layer=layer, encoding=encoding)
    if info["geometry_type"] is None:
        raise _no_geometry(catalog, name, file)
    read = partial(_vector_batches, file, layer, encoding)
    return Source([str(field) for field in info["fields"]], info["crs"], read)


def _vector_batches(
    file: Path, layer: str, encoding: str | None, columns: Sequence[str], bounds: Bounds | None
) -> Batches:
    done = 0
    while True:
        frame = pyogrio.read_dataframe(
            file,
            layer=layer,
            encoding=encoding,
            columns=columns,
            bbox=bounds,
            skip_features=done,
            max_features=BATCH,
            fid_as_index=True,
            force_2d=True,
            on_invalid="ignore",
        )
        yield frame
        done += len(frame)
        if len(frame) < BATCH:
            return


def _tag(tags: pd.Series, key: str) -> pd.Series:
    """Return the value of a key in texts of "key"=>"value"."""
    found: pd.Series = tags.astype("string").str.extract(
        f'"{re.escape(key)}"=>"((?:[^"\\\\]|\\\\.)*)"', expand=False
    )
    return found.astype(object)


# GeoParquet


def _parquet(catalog: Catalog, name: str, file: Path) -> Source:
    if util.find_spec("pyarrow") is None:
        problem = Problem(
            "GeoParquet needs the package pyarrow, which is not installed",
            found=file.name,
            expected="pyarrow, or a GeoPackage",
            remedy="install pyarrow beside ecoassess (pip install pyarrow), or convert the file "
            "(ogr2ogr, QGIS)",
        )
        raise InputError(catalog.problem(name, "file", problem))
    from pyarrow.parquet import ParquetFile  # type: ignore[import-not-found,unused-ignore]

    with ParquetFile(file) as opened:
        schema = opened.schema_arrow
        described = (schema.metadata or {}).get(b"geo")
    if described is None:
        raise _no_geometry(catalog, name, file)
    whole = json.loads(described)
    geometry = whole["primary_column"]
    column = whole["columns"][geometry]
    if column["encoding"] != "WKB":
        problem = Problem(
            "GeoParquet with another encoding of geometry",
            found=column["encoding"],
            expected="WKB",
            remedy="write the file again with geometry_encoding='WKB'",
        )
        raise InputError(catalog.problem(name, "file", problem))
    given = column.get("crs", NO_CRS_GIVEN)
    crs = None if given is None else CRS.from_user_input(given)
    columns = [field for field in schema.names if field != geometry]
    return Source(columns, crs, partial(_parquet_batches, file, geometry, crs))


def _parquet_batches(
    file: Path, geometry: str, crs: Any, columns: Sequence[str], bounds: Bounds | None
) -> Batches:
    from pyarrow.parquet import ParquetFile

    first = 1
    with ParquetFile(file) as opened:
        if not opened.metadata.num_rows:
            yield geopandas.GeoDataFrame(columns=list(columns), geometry=[], crs=crs)
        for batch in opened.iter_batches(BATCH, columns=[*columns, geometry]):
            frame = batch.to_pandas()
            frame.index = pd.RangeIndex(first, first + len(frame))
            first += len(frame)
            shapes = shapely.force_2d(shapely.from_wkb(frame.pop(geometry), on_invalid="ignore"))
            frame = geopandas.GeoDataFrame(frame, geometry=shapes, crs=crs)
            if bounds is not None:
                west, south, east, north = bounds
                box = frame.geometry.bounds
                frame = frame[
                    ~(
                        (box["minx"] > east)
                        | (box["maxx"] < west)
                        | (box["miny"] > north)
                        | (box["maxy"] < south)
                    )
                ]
            yield frame
