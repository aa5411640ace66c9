"""Pixel areas and the working grid."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod
from rasterio.io import MemoryFile
from rasterio.windows import Window

from ecoassess.raster import grid as module
from ecoassess.raster.grid import WorkingGrid

WGS84 = CRS.from_epsg(4326)
GEOD = Geod(ellps="WGS84")


def geodesic_area(west: float, south: float, size: float, parts: int = 400) -> float:
    """Return the area of a cell as a polygon whose parallels are cut into short geodesics."""
    along = west + size * np.linspace(0, 1, parts + 1)
    longitude = np.concatenate([along, along[::-1]])
    latitude = np.concatenate([np.full(parts + 1, south), np.full(parts + 1, south + size)])
    area, _ = GEOD.polygon_area_perimeter(longitude, latitude)
    return abs(area)


@pytest.mark.parametrize("north", [0.05, 42.5, 44.95, 65.0, 89.0])
@pytest.mark.parametrize("size", [0.05, 0.004])
def test_pixel_area_is_that_of_the_geodesic_polygon(north: float, size: float) -> None:
    grid = WorkingGrid(WGS84, Affine(size, 0, 129, 0, -size, north), 3, 2, 1)
    areas = grid.pixel_area()
    for row in range(2):
        expected = geodesic_area(129, north - size * (row + 1), size)
        assert areas[row] == pytest.approx(expected, rel=1e-6)


@given(north=st.floats(-80, 85), size=st.floats(0.002, 1.0))
def test_rows_add_up_to_the_whole(north: float, size: float) -> None:
    fine = WorkingGrid(WGS84, Affine(size / 4, 0, 0, 0, -size / 4, north), 1, 4, 1)
    coarse = WorkingGrid(WGS84, Affine(size, 0, 0, 0, -size, north), 1, 1, 1)
    assert fine.pixel_area().sum() * 4 == pytest.approx(coarse.pixel_area()[0], rel=1e-6)


@pytest.mark.parametrize(
    ("crs", "a", "inverse_flattening"),
    [("EPSG:4326", 6378137.0, 298.257223563), ("EPSG:4490", 6378137.0, 298.257222101)],
)
def test_the_globe_has_the_area_of_its_ellipsoid(
    crs: str, a: float, inverse_flattening: float
) -> None:
    grid = WorkingGrid(CRS.from_user_input(crs), Affine(1, 0, -180, 0, -1, 90), 360, 180, 1)
    f = 1 / inverse_flattening
    e = math.sqrt(f * (2 - f))
    # oblate ellipsoid: 2 π a² [1 + (1 − e²) / e · artanh e] = 5.1006562e14 m²
    expected = 2 * math.pi * a**2 * (1 + (1 - e**2) / e * math.atanh(e))
    assert grid.pixel_area().sum() * 360 == pytest.approx(expected, rel=1e-12)
    assert expected == pytest.approx(5.1006562e14, rel=1e-7)


def test_windows_have_the_areas_of_their_rows() -> None:
    grid = WorkingGrid(WGS84, Affine(0.05, 0, 129, 0, -0.05, 44), 4, 10, 1)
    np.testing.assert_allclose(
        grid.pixel_area(Window(0, 3, 4, 5)), grid.pixel_area()[3:8], rtol=1e-9
    )
    assert grid.window_transform(Window(1, 3, 2, 2)).c == pytest.approx(129.05)
    assert grid.window_transform(Window(1, 3, 2, 2)).f == pytest.approx(43.85)


CODES = np.arange(12, dtype=np.uint8).reshape(3, 4)


@pytest.fixture
def raster() -> Iterator[rasterio.DatasetReader]:
    """Three rows and four columns of 0.05°, north edge at 43.075."""
    profile = {
        "driver": "GTiff",
        "dtype": "uint8",
        "count": 1,
        "width": 4,
        "height": 3,
        "crs": "EPSG:4326",
        "transform": Affine(0.05, 0, 129, 0, -0.05, 43.075),
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(CODES, 1)
        with memory.open() as source:
            yield source


@pytest.mark.parametrize(
    ("finest", "factor"),
    # 0.05° of latitude at 43° N are 5555 m
    [(500.0, 12), (5600.0, 1), (5500.0, 2), (1e9, 1), (30.0, 186)],
)
def test_subdivision_is_the_least_that_is_fine_enough(
    raster: rasterio.DatasetReader, finest: float, factor: int
) -> None:
    grid = WorkingGrid.over(raster, finest)
    assert grid.factor == factor
    assert (grid.width, grid.height) == (4 * factor, 3 * factor)
    assert grid.transform.a == pytest.approx(0.05 / factor)
    assert grid.transform.e == pytest.approx(-0.05 / factor)
    assert (grid.transform.c, grid.transform.f) == pytest.approx((129, 43.075))


def test_subdivided_pixels_keep_their_code_and_area(raster: rasterio.DatasetReader) -> None:
    grid = WorkingGrid.over(raster, 2000.0)
    assert grid.factor == 3
    codes = grid.read(raster, Window(0, 0, grid.width, grid.height))
    np.testing.assert_array_equal(codes, CODES.repeat(3, axis=0).repeat(3, axis=1))
    whole = WorkingGrid.over(raster, 1e9)
    area = np.broadcast_to(grid.pixel_area()[:, None], codes.shape)
    for row in range(3):
        for column in range(4):
            assert area[codes == CODES[row, column]].sum() == pytest.approx(
                whole.pixel_area()[row], rel=1e-9
            )


@pytest.mark.parametrize("pixels", [1, 40, 100, 10_000])
def test_blocks_cover_the_grid_once_in_whole_rows(
    raster: rasterio.DatasetReader, pixels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK_PIXELS", pixels)
    grid = WorkingGrid.over(raster, 2000.0)
    blocks = list(grid.blocks())
    assert sum(int(block.height) for block in blocks) == grid.height
    assert all(block.row_off % grid.factor == 0 for block in blocks)
    read = np.concatenate([grid.read(raster, block) for block in blocks])
    np.testing.assert_array_equal(read, CODES.repeat(3, axis=0).repeat(3, axis=1))
