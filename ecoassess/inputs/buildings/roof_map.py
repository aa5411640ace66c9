"""Roof area per pixel of the working grid, written as a raster that a run can name.

A building over several pixels is shared out between them by area, so that the pixels' roof areas
add up to the buildings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import rasterio
import shapely
from rasterio.crs import CRS
from rasterio.features import rasterize

from ecoassess.inputs.buildings.codes import DWELLINGS
from ecoassess.inputs.buildings.findings import Buildings
from ecoassess.raster.grid import WorkingGrid

ROOF_BANDS = ("roof_share", "residential_roof_share", "floor_area_ratio")
"""m² of roof, of roofs of dwellings, and of floors whose storeys are known, per m² of ground."""


@dataclass(frozen=True)
class PixelAreas:
    """Areas (m²) by pixel; each pixel once.

    Parameters
    ----------
    pixel
        Row times width plus column.
    outside
        What lies outside the grid.
    """

    pixel: np.ndarray
    area: np.ndarray
    outside: float


@dataclass(frozen=True)
class RoofMap:
    """A map of roofs that was written.

    Parameters
    ----------
    on_grid, outside
        Roof area (m²) on the map and outside its grid.
    cut
        Roof area (m²) that was left out because a pixel held more roof than ground (buildings that
        overlap slightly).
    """

    file: Path
    on_grid: float
    outside: float
    cut: float


def pixel_areas(shapes: geopandas.GeoSeries, weights: np.ndarray, grid: WorkingGrid) -> PixelAreas:
    """Share `weights` (m² of each building) out over the pixels that the buildings cover."""
    array = shapes.to_crs(grid.crs).array
    place = grid.transform
    west, south, east, north = shapely.bounds(array).T
    first = np.floor((west - place.c) / place.a).astype(np.int64)
    last = np.maximum(np.ceil((east - place.c) / place.a).astype(np.int64) - 1, first)
    top = np.floor((north - place.f) / place.e).astype(np.int64)
    bottom = np.maximum(np.ceil((south - place.f) / place.e).astype(np.int64) - 1, top)
    wide, high = last - first + 1, bottom - top + 1
    number = wide * high
    building = np.repeat(np.arange(len(array)), number)
    step = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    column = first[building] + step % wide[building]
    row = top[building] + step // wide[building]
    share = np.ones(len(building))
    many = number[building] > 1  # only these cost an intersection
    x, y = place.c + place.a * column[many], place.f + place.e * row[many]
    cells = shapely.box(x, y + place.e, x + place.a, y)
    share[many] = shapely.area(shapely.intersection(array[building[many]], cells))
    share[many] /= shapely.area(array)[building[many]]
    amount = weights[building] * share
    inside = (column >= 0) & (column < grid.width) & (row >= 0) & (row < grid.height)
    pixel, where = np.unique(row[inside] * grid.width + column[inside], return_inverse=True)
    area = np.bincount(where, amount[inside], minlength=len(pixel))
    return PixelAreas(pixel, area, float(amount[~inside].sum()))


def write_roof_map(
    buildings: Buildings,
    grid: WorkingGrid,
    file: Path,
    zones: geopandas.GeoDataFrame | None = None,
) -> RoofMap:
    """Write the shares of `ROOF_BANDS` as a GeoTIFF on the working grid.

    No data: outside `zones`, which are those that the layer covers; for dwellings where no use is
    recorded in the whole layer; for floors in a pixel with buildings of unknown storeys only.

    Parameters
    ----------
    zones
        Polygons; without them the layer is taken to cover the whole grid.
    """
    good = buildings.good
    footprint = good["footprint"].to_numpy()
    known = good["floor_area"].notna().to_numpy()
    home = good["kind"].isin(DWELLINGS).to_numpy()
    bands = {
        "roof_share": pixel_areas(good.geometry, footprint, grid),
        "residential_roof_share": pixel_areas(good.geometry[home], footprint[home], grid),
        "floor_area_ratio": pixel_areas(
            good.geometry[known], good["floor_area"].to_numpy()[known], grid
        ),
    }
    without_use = bool((good["kind"] == "unknown").all())
    covered = None if zones is None else zones.to_crs(grid.crs).geometry
    part = file.with_name(f".new-{file.name}")
    cut = 0.0
    with rasterio.open(
        part,
        "w",
        driver="GTiff",
        dtype="float32",
        nodata=np.nan,
        count=len(ROOF_BANDS),
        width=grid.width,
        height=grid.height,
        crs=CRS.from_user_input(grid.crs),
        transform=grid.transform,
        compress="deflate",
        predictor=3,
    ) as target:
        target.descriptions = ROOF_BANDS
        for window in grid.blocks():
            ground = grid.pixel_area(window)[:, None]
            rows, top = int(window.height), int(window.row_off)
            shares = _window(bands, grid, top, rows, ground)
            roof = shares["roof_share"]
            over = np.maximum(roof - 1, 0)
            cut += float((over * ground).sum())
            for name in ("roof_share", "residential_roof_share"):
                shares[name] = np.minimum(shares[name], 1.0)
            if without_use:
                shares["residential_roof_share"][:] = np.nan
            shares["floor_area_ratio"][(shares["floor_area_ratio"] == 0) & (roof > 0)] = np.nan
            blank = np.zeros(roof.shape, dtype=bool)
            if covered is not None:
                within = rasterize(
                    covered,
                    out_shape=roof.shape,
                    transform=grid.window_transform(window),
                    all_touched=True,
                )
                blank = (within == 0) & (roof == 0)
            for band, name in enumerate(ROOF_BANDS, 1):
                values = np.where(blank, np.nan, shares[name]).astype("float32")
                target.write(values, band, window=window)
    part.replace(file)
    roofs = bands["roof_share"]
    return RoofMap(file, float(roofs.area.sum()), roofs.outside, cut)


def _window(
    bands: Mapping[str, PixelAreas], grid: WorkingGrid, top: int, rows: int, ground: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the shares of some rows of the grid."""
    shares = {}
    for name, sums in bands.items():
        start, end = np.searchsorted(sums.pixel, [top * grid.width, (top + rows) * grid.width])
        area = np.zeros(rows * grid.width)
        area[sums.pixel[start:end] - top * grid.width] = sums.area[start:end]
        shares[name] = area.reshape(rows, grid.width) / ground
    return shares
