"""The polygons of atoms: what vectors are summed over."""

from __future__ import annotations

from typing import Any

import geopandas
import pandas as pd
import shapely

from ecoassess.inputs import boundaries
from ecoassess.inputs.catalog import Catalog
from ecoassess.run_config import RunConfig

STEP = 0.01
"""Degrees between the points of a zone's edge: straight in degrees, bent in a projection."""


def atom_zones(catalog: Catalog, config: RunConfig, atoms: pd.DataFrame) -> geopandas.GeoDataFrame:
    """Return the polygon of each atom: a county's part in a park zone, or its rest.

    The first of two park zones that overlap has the land, as in the raster of atoms. A part too
    small to hold a pixel's centre is no atom: it stays with the rest of its county.
    """
    counties = boundaries.read_counties(catalog, config.all_counties, config.datasets.boundaries)
    park = None
    if config.park:
        park, _ = boundaries.park_zones(catalog, counties, config.park.counties, config.park.extent)
    shapes: dict[int, Any] = {}
    for code, own in atoms.groupby("adcode"):
        rest = counties.geometry[code]
        by_zone = dict(zip(own["park_zone"], own.index, strict=True))
        for zone, shape in park.geometry.items() if park is not None else ():
            if str(zone) in by_zone:
                shapes[by_zone[str(zone)]] = rest.intersection(shape)
                rest = rest.difference(shape)
        last = by_zone.get("", next(iter(by_zone.values())))
        shapes[last] = shapely.union(shapes[last], rest) if last in shapes else rest
    frame = geopandas.GeoDataFrame(
        {"adcode": atoms["adcode"]},
        geometry=[shapes[atom] for atom in atoms.index],
        index=atoms.index,
        crs=counties.crs,
    )
    if frame.crs.is_geographic:
        frame["geometry"] = frame.geometry.segmentize(STEP)
    return frame
