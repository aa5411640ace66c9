"""Tables → maps: each atom's amount spread over its pixels, so that map and table agree.

A pixel of atom k gets amount_k · w / Σ_k w per pixel area, with w the pixel's area of the land the
technology lives on (times a weighting raster where one has a value in the atom). Pixel area times
value, summed over a zone's pixels, is therefore the zone's row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.shutil import copy as copy_raster
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform as transform_points
from rasterio.windows import Window

from ecoassess.inputs.catalog import Catalog
from ecoassess.inputs.land_cover import Classes, Legend, class_shares, open_raster
from ecoassess.inputs.layers import open_layer
from ecoassess.raster.grid import WorkingGrid

SQUARE_METRES_PER_HECTARE = 1e4


@dataclass(frozen=True)
class Spread:
    """What spreads the amounts of a map over the pixels of each atom.

    Parameters
    ----------
    groups
        Land group of each atom.
    layer
        A raster that weights the pixels of the land groups `over` instead, in every atom where it
        has a value above zero.
    """

    groups: Sequence[str]
    layer: str | None = None
    over: Sequence[str] = ()


@dataclass(frozen=True)
class Pixel:
    """One pixel of the working grid, and what it carries.

    Parameters
    ----------
    longitude, latitude
        Of its centre.
    area
        In m².
    atom
        Number of its atom; 0 outside.
    code, classes
        Land-cover code, and the share of each land class in it.
    weight, total
        What spreads an amount: the pixel's, and that of all pixels of its atom.
    weighted
        Whether a weighting raster was used.
    """

    longitude: float
    latitude: float
    area: float
    atom: int
    code: int
    classes: Mapping[str, float]
    weight: float
    total: float
    weighted: bool


class Painter:
    """Paints the amounts of one run; opens its rasters once."""

    def __init__(
        self,
        catalog: Catalog,
        land_cover: str,
        legend: Legend,
        classes: Classes,
        atom_raster: Path,
        finest_pixel: float,
        weighting: Mapping[str, str],
    ) -> None:
        self._stack = ExitStack()
        self.classes = classes
        self._shares = class_shares(legend, classes)
        self._names = list(classes.classes)
        self._land = self._stack.enter_context(open_raster(catalog, land_cover))
        self.grid = WorkingGrid.over(self._land, finest_pixel)
        self._atoms = self._stack.enter_context(rasterio.open(atom_raster))
        self._known_totals: dict[tuple[tuple[str, ...], str | None], np.ndarray] = {}
        self._known_extents: dict[bytes, Window] = {}
        self._weighting = {
            layer: self._on_grid(catalog, dataset, layer) for layer, dataset in weighting.items()
        }

    def _on_grid(self, catalog: Catalog, dataset: str, layer: str) -> tuple[Any, int]:
        """Open a weighting raster on the working grid; return it and its band."""
        opened = self._stack.enter_context(open_layer(catalog, dataset, layer))
        warped = WarpedVRT(
            opened.source,
            crs=self._land.crs,
            transform=self.grid.transform,
            width=self.grid.width,
            height=self.grid.height,
            resampling=Resampling.average,
        )
        return self._stack.enter_context(warped), opened.band

    def __enter__(self) -> Painter:
        return self

    def __exit__(self, *details: object) -> None:
        self._stack.close()

    def atoms(self, window: Window) -> np.ndarray:
        """Return the atom numbers of a window."""
        values: np.ndarray = self._atoms.read(1, window=window)
        return values

    def pixel(self, longitude: float, latitude: float, spread: Spread) -> Pixel | None:
        """Return the pixel at a place (degrees, WGS 84); None outside the grid."""
        (x,), (y,) = transform_points("EPSG:4326", self.grid.crs, [longitude], [latitude])
        column, row = (math.floor(value) for value in ~self.grid.transform @ (x, y))
        if not (0 <= row < self.grid.height and 0 <= column < self.grid.width):
            return None
        top = row - row % self.grid.factor
        window = Window(0, top, self.grid.width, self.grid.factor)
        atom, weight, area = self._spread(window, spread)
        code = int(self.grid.read(self._land, window)[row - top, column])
        number = int(atom[row - top, column])
        totals, used = self._spread_totals(spread)
        east, north = self.grid.transform @ (column + 0.5, row + 0.5)
        return Pixel(
            east,
            north,
            float(area[row - top, 0]),
            number,
            code,
            dict(zip(self._names, self._shares[code].tolist(), strict=True)),
            float(weight[row - top, column]),
            float(totals[number - 1]) if number else 0.0,
            bool(used[number - 1]) if number else False,
        )

    def _spread(self, window: Window, spread: Spread) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return atoms, weights and pixel areas of a window."""
        atom, weight, area = self._weights(window, spread.groups, None)
        if spread.layer is not None:
            _, used = self._spread_totals(spread)
            _, own, _ = self._weights(window, spread.over, spread.layer)
            weight = np.where(np.concatenate([[False], used])[atom], own, weight)
        return atom, weight, area

    def _spread_totals(self, spread: Spread) -> tuple[np.ndarray, np.ndarray]:
        """Return the weight of each atom, and whether it comes from the weighting raster."""
        totals = self._totals(spread.groups, None)
        if spread.layer is None:
            return totals, np.zeros(len(totals), bool)
        own = self._totals(spread.over, spread.layer)
        return np.where(own > 0, own, totals), own > 0

    def _weights(
        self, window: Window, groups: Sequence[str], layer: str | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return atoms, weights and pixel areas; `groups` names the land group of each atom."""
        atom = self.atoms(window)
        code = self.grid.read(self._land, window)
        area = self.grid.pixel_area(window)[:, None]
        weight = np.zeros(atom.shape)
        for group in dict.fromkeys(groups):
            columns = [self._names.index(c) for c in self.classes.members(group)]
            lookup = self._shares[:, columns].sum(axis=1)
            numbers = [i + 1 for i, g in enumerate(groups) if g == group]
            weight += np.where(np.isin(atom, numbers), lookup[code.astype(int)] * area, 0.0)
        if layer is not None:
            raster, band = self._weighting[layer]
            values = raster.read(band, window=window, masked=True).filled(np.nan)
            weight *= np.nan_to_num(np.maximum(values, 0.0))
        return atom, weight, area

    def paint(
        self,
        file: Path,
        amount: np.ndarray,
        spread: Spread,
        members: np.ndarray,
        tags: Mapping[str, str],
        description: str,
    ) -> str:
        """Write a map of `amount` (by atom, in tonnes) per hectare.

        Parameters
        ----------
        members
            Whether each atom is on this map.
        tags
            With `unit`, that of the map.

        Returns
        -------
        str
            What the map's tag `spread_layer` says: "weighted" where a weighting raster was used,
            "class_mean" where not, "weighted in part" where it is zero in some whole atoms.
        """
        totals, weighted = self._spread_totals(spread)
        used = weighted[members & np.isfinite(amount)]
        how = ("weighted" if used.all() else "weighted in part") if used.any() else "class_mean"
        if used.any():
            tags = {**tags, "weight_layer": str(spread.layer)}
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where(members, amount / totals, np.nan)
        rate = np.concatenate([[np.nan], rate])
        extent = self._extent(members)
        scratch = file.with_suffix(".scratch.tif")
        profile = {
            "driver": "GTiff",
            "dtype": "float32",
            "count": 1,
            "width": extent.width,
            "height": extent.height,
            "crs": self._land.crs,
            "transform": self.grid.window_transform(extent),
            "nodata": float("nan"),
            "tiled": True,
            "compress": "deflate",
        }
        with rasterio.open(scratch, "w", **profile) as target:
            for window in self.grid.blocks():
                part = _overlap(window, extent)
                if part is None:
                    continue
                atom, weight, area = self._spread(window, spread)
                value = rate[atom] * weight / area * SQUARE_METRES_PER_HECTARE
                value[weight == 0] = np.nan
                rows = slice(part.row_off - window.row_off, None)
                cut = value[rows, extent.col_off : extent.col_off + extent.width][: part.height]
                target.write(
                    cut.astype("float32"),
                    1,
                    window=Window(0, part.row_off - extent.row_off, extent.width, part.height),
                )
            target.update_tags(**tags, spread_layer=how)
            target.set_band_description(1, description)
            target.set_band_unit(1, tags["unit"])
        try:
            copy_raster(
                scratch,
                file,
                driver="COG",
                compress="DEFLATE",
                predictor="YES",
                overview_resampling="AVERAGE",
            )
        except (RasterioError, CPLE_BaseError) as error:  # what GDAL makes of a full disk
            raise OSError(0, f"{file.name}: {error}") from error
        scratch.unlink()
        return how

    def _totals(self, groups: Sequence[str], layer: str | None) -> np.ndarray:
        """Return the weight of each atom; maps of the same land share one pass."""
        key = tuple(groups), layer
        if key not in self._known_totals:
            number = len(groups)
            totals = np.zeros(number + 1)
            for window in self.grid.blocks():
                atom, weight, _ = self._weights(window, groups, layer)
                totals += np.bincount(atom.ravel(), weight.ravel(), minlength=number + 1)
            self._known_totals[key] = totals[1:]
        return self._known_totals[key]

    def _extent(self, members: np.ndarray) -> Window:
        """Return the smallest window of the grid that holds the members."""
        key = members.tobytes()
        if key not in self._known_extents:
            self._known_extents[key] = self._find_extent(members)
        return self._known_extents[key]

    def _find_extent(self, members: np.ndarray) -> Window:
        numbers = np.flatnonzero(members) + 1
        rows: list[int] = []
        columns = np.zeros(self.grid.width, bool)
        for window in self.grid.blocks():
            inside = np.isin(self.atoms(window), numbers)
            hit = np.flatnonzero(inside.any(axis=1)) + window.row_off
            rows += [int(hit[0]), int(hit[-1])] if hit.size else []
            columns |= inside.any(axis=0)
        across = np.flatnonzero(columns)
        return Window(
            int(across[0]),
            min(rows),
            int(across[-1] - across[0]) + 1,
            max(rows) - min(rows) + 1,
        )


def _overlap(window: Window, extent: Window) -> Window | None:
    """Return the rows of `window` that lie in `extent`."""
    top = max(window.row_off, extent.row_off)
    bottom = min(window.row_off + window.height, extent.row_off + extent.height)
    return Window(0, top, window.width, bottom - top) if bottom > top else None
