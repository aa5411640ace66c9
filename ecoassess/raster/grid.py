"""The working grid: the land-cover grid, subdivided until a pixel is small enough."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from pyproj import CRS, Geod
from rasterio.windows import Window

BLOCK_PIXELS = 4_000_000
"""Pixels read at once: bounds the memory of a pass over a raster of any size."""


@dataclass(frozen=True)
class WorkingGrid:
    """A north-up geographic grid whose pixels are whole parts of land-cover pixels.

    Parameters
    ----------
    crs
        Geographic coordinate reference system.
    transform
        Affine transform of the working grid.
    width, height
        Size in working pixels.
    factor
        Working pixels along one side of a land-cover pixel.
    """

    crs: CRS
    transform: Affine
    width: int
    height: int
    factor: int

    @classmethod
    def over(cls, source: rasterio.DatasetReader, finest: float) -> WorkingGrid:
        """Return the grid of an open land-cover raster, subdivided to at most `finest` metres."""
        crs = CRS.from_user_input(source.crs)
        middle = source.bounds.bottom + (source.bounds.top - source.bounds.bottom) / 2
        shape = _ellipsoid(crs)
        metres = Geod(a=shape.semi_major_metre, rf=shape.inverse_flattening)
        _, _, height = metres.inv(0, middle, 0, middle + source.res[1])
        factor = max(1, math.ceil(height / finest))
        return cls(
            crs,
            source.transform @ Affine.scale(1 / factor),
            source.width * factor,
            source.height * factor,
            factor,
        )

    def blocks(self) -> Iterator[Window]:
        """Yield windows of whole land-cover rows that cover the grid from north to south."""
        rows = max(1, BLOCK_PIXELS // (self.width * self.factor)) * self.factor
        for top in range(0, self.height, rows):
            yield Window(0, top, self.width, min(rows, self.height - top))

    def pixel_area(self, window: Window | None = None) -> np.ndarray:
        """Return the area in m² of one pixel in each row of `window` (default: all rows).

        Area of the ellipsoid between two parallels and two meridians (Snyder 1987, Map
        Projections, USGS Prof. Paper 1395, eq. 3-12)::

            A = a² (1 − e²) Δλ/2 · [sin φ / (1 − e² sin² φ) + artanh(e sin φ) / e]
        """
        top, rows = (0, self.height) if window is None else (window.row_off, window.height)
        latitude = np.radians(self.transform.f + self.transform.e * np.arange(top, top + rows + 1))
        ellipsoid = _ellipsoid(self.crs)
        flattening = 1 / ellipsoid.inverse_flattening
        e = math.sqrt(flattening * (2 - flattening))
        sine = np.sin(latitude)
        zone = sine / (1 - (e * sine) ** 2) + np.arctanh(e * sine) / e
        width = math.radians(self.transform.a)
        scale = ellipsoid.semi_major_metre**2 * (1 - e**2) * width / 2
        area: np.ndarray = scale * np.abs(np.diff(zone))
        return area

    def window_transform(self, window: Window) -> Affine:
        """Return the transform of a window."""
        return self.transform @ Affine.translation(window.col_off, window.row_off)

    def read(self, source: rasterio.DatasetReader, window: Window, band: int = 1) -> np.ndarray:
        """Read a band of the land-cover grid at the pixels of a working window."""
        factor = self.factor
        coarse = Window(
            window.col_off // factor,
            window.row_off // factor,
            window.width // factor,
            window.height // factor,
        )
        values: np.ndarray = source.read(band, window=coarse)
        if factor == 1:
            return values
        return values.repeat(factor, axis=0).repeat(factor, axis=1)


def _ellipsoid(crs: CRS) -> Any:
    """Return the ellipsoid of a geographic CRS."""
    if crs.ellipsoid is None:
        raise ValueError(f"{crs.to_string()} has no ellipsoid")
    return crs.ellipsoid
