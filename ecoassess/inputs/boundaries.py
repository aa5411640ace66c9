"""County and park boundaries from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas
import pandas as pd
from shapely import make_valid
from shapely.geometry import box

from ecoassess.errors import InputError, Problem
from ecoassess.inputs.catalog import Catalog
from ecoassess.inputs.park_zones import WHOLE_PARK, read_park_zones, zone_codes

EQUAL_AREA = "ESRI:102025"
"""Asia North Albers: equal-area, so that areas and overlaps of polygons are true."""

LARGEST_OVERLAP = 1e6
"""Two counties or park zones may overlap by this area in m²; more is no error of rounding."""

LONGEST_EDGE = 0.01
"""Degrees; longer edges get more corners before their area is measured in a projection."""


def read_counties(catalog: Catalog, codes: Sequence[str], name: str) -> geopandas.GeoDataFrame:
    """Return one polygon per county, indexed by county code, in the dataset's own CRS.

    Raises
    ------
    InputError
        When the CRS is absent or another than declared, a code is absent or stands twice, or two
        counties overlap by more than 1 km².
    """
    dataset = catalog.dataset(name)
    entry = dataset.entry
    frame = _read_file(catalog, name)
    if entry.code_field not in frame.columns:
        raise InputError(
            catalog.problem(
                name,
                "code_field",
                Problem(
                    what=f"{dataset.file.name} has no such field",
                    found=str(entry.code_field),
                    expected=", ".join(str(c) for c in frame.columns if c != "geometry"),
                    remedy="name the field that holds the county code",
                ),
            )
        )
    code = frame[entry.code_field].astype(str).str.removeprefix(entry.code_prefix)
    frame = frame.assign(adcode=code)[lambda f: f["adcode"].isin(codes)]
    absent = sorted(set(codes) - set(frame["adcode"]))
    twice = sorted(frame["adcode"][frame["adcode"].duplicated()].unique())
    if absent or twice:
        raise InputError(
            catalog.problem(
                name,
                None,
                Problem(
                    what="counties are missing" if absent else "counties stand twice",
                    found=f"without {', '.join(absent)}" if absent else ", ".join(twice),
                    expected="each of " + ", ".join(codes) + " once",
                    remedy="complete the boundary file, or take the county out of the run",
                ),
            )
        )
    frame = frame.set_index("adcode").loc[list(codes), ["geometry"]]
    frame["geometry"] = frame.geometry.apply(make_valid)
    _refuse_overlaps(catalog, name, frame, "counties")
    return frame


def _read_file(catalog: Catalog, name: str) -> geopandas.GeoDataFrame:
    """Read a vector file and check its CRS against the catalogue."""
    dataset = catalog.dataset(name)
    try:
        frame = geopandas.read_file(dataset.file)
    except Exception as error:  # pyogrio raises many kinds
        raise InputError(
            catalog.problem(
                name,
                "file",
                Problem(
                    what=f"{dataset.file.name} cannot be read as a vector file",
                    found=str(error).splitlines()[0],
                    remedy="give a GeoPackage, GeoJSON or shapefile",
                ),
            )
        ) from error
    return check_crs(catalog, name, frame)


def check_crs(catalog: Catalog, name: str, frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Refuse a vector layer without CRS or with another than declared."""
    file, declared = catalog.dataset(name).file, catalog.entries[name].crs
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


def _refuse_overlaps(catalog: Catalog, name: str, frame: geopandas.GeoDataFrame, what: str) -> None:
    flat = frame.to_crs(EQUAL_AREA).geometry
    problems = []
    for index, (one, first) in enumerate(flat.items()):
        for other, second in list(flat.items())[index + 1 :]:
            if first.intersects(second):
                overlap = first.intersection(second).area
                if overlap > LARGEST_OVERLAP:
                    problems.append(
                        catalog.problem(
                            name,
                            None,
                            Problem(
                                what=f"{what} {one} and {other} overlap",
                                found=f"{overlap / 1e6:.1f} km²",
                                expected=f"at most {LARGEST_OVERLAP / 1e6:.0f} km²",
                                remedy="mend the boundary file",
                            ),
                        )
                    )
    if problems:
        raise InputError(*problems)


def park_zones(
    catalog: Catalog,
    counties: geopandas.GeoDataFrame,
    park_counties: Sequence[str],
    extent: Sequence[float],
) -> tuple[geopandas.GeoDataFrame, str]:
    """Return the park's zones in the CRS of `counties`, and what they rest on.

    With a dataset `park_boundary` in the catalogue, its polygons (one for each text of `zone_field`
    when that is declared) and "measured"; without, the park counties clipped to the published
    `extent` (west, south, east, north in degrees) as one zone "park" and "proxy".

    Raises
    ------
    InputError
        When the zone field is absent or holds an unknown zone, or two zones overlap by more than
        1 km².
    """
    if "park_boundary" in catalog:
        field = catalog.dataset("park_boundary").entry.zone_field
        frame = _read_file(catalog, "park_boundary").to_crs(counties.crs)
        if field is not None and field not in frame.columns:
            raise InputError(
                catalog.problem(
                    "park_boundary",
                    "zone_field",
                    Problem(
                        what="the park's boundary file has no such field",
                        found=field,
                        expected=", ".join(str(c) for c in frame.columns if c != "geometry"),
                        remedy="name the field that holds the zone, or leave 'zone_field' out",
                    ),
                )
            )
        zone: Any = frame[field].astype("string").fillna("").str.strip() if field else WHOLE_PARK
        frame = frame.assign(zone=zone, geometry=frame.geometry.apply(make_valid)).dissolve("zone")
        if field:
            zone_codes(catalog, read_park_zones(catalog.project), frame.index)
            _refuse_overlaps(catalog, "park_boundary", frame, "zones")
        return frame[["geometry"]], "measured"
    clipped = counties.loc[list(park_counties)].geometry.intersection(box(*extent)).union_all()
    frame = geopandas.GeoDataFrame(
        geometry=[clipped], index=pd.Index([WHOLE_PARK], name="zone"), crs=counties.crs
    )
    return frame, "proxy"


def park_in_counties(
    parks: geopandas.GeoDataFrame, counties: geopandas.GeoDataFrame
) -> pd.DataFrame:
    """Return the area in m² of each park zone (rows) in each county (columns; "" for outside)."""
    parts: Mapping[str, pd.Series] = {
        code: true_area(parks.geometry.intersection(county))
        for code, county in counties.geometry.items()
    }
    table = pd.DataFrame(parts)
    return table.assign(**{"": (true_area(parks.geometry) - table.sum(axis=1)).clip(lower=0)})


def true_area(shapes: geopandas.GeoSeries) -> pd.Series:
    """Return areas in m²; edges along parallels stay such when they are projected."""
    if shapes.crs.is_geographic:
        shapes = shapes.segmentize(LONGEST_EDGE)
    area: pd.Series = shapes.to_crs(EQUAL_AREA).area
    return area


def polygon_area(frame: geopandas.GeoDataFrame) -> pd.Series:
    """Return the area of each polygon in m²."""
    area: pd.Series = frame.to_crs(EQUAL_AREA).area
    return area
