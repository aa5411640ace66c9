"""Layers: rasters of a continuous value, averaged over the land classes of each atom.

A layer may be finer or coarser than the working grid, and in any coordinate reference system with
rows that run from north to south. It is warped to the working grid by the area-weighted mean of
the pixels under a working pixel. What is not linear is worked out on the layer's own pixels first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine

from ecoassess.errors import InputError, Problem
from ecoassess.inputs.catalog import Catalog, VariableEntry
from ecoassess.inputs.rasters import open_declared
from ecoassess.models.slope_factor import length_slope_factor
from ecoassess.units import compatible, parse_unit, unit_registry

if TYPE_CHECKING:
    import rasterio
    from rasterio.windows import Window

    from ecoassess.raster.grid import WorkingGrid

CODES = 256
"""Land-cover codes are bytes."""

SOURCE_PIXELS = 4_000_000
"""Pixels of a layer read at once, which bounds the memory of a pass."""

ROUNDING = 1e-6
"""Of a file in single precision, relative."""

MARGIN = 2
"""Pixels read around a window, so that its edge gets the same mean as its middle."""


@dataclass(frozen=True)
class Transform:
    """A function of one pixel, applied before anything is averaged.

    Parameters
    ----------
    takes, gives
        Units of the layer and of the result.
    limits
        Values beyond these cannot be, whatever the catalogue allows.
    mistake
        What a value beyond them probably is, and what to do.
    """

    function: Callable[[np.ndarray], np.ndarray]
    takes: str
    gives: str
    limits: tuple[float, float]
    mistake: str


TRANSFORMS: Mapping[str, Transform] = {
    "length_slope_factor": Transform(
        length_slope_factor,
        "degree",
        "1",
        (0.0, 90.0),
        "a slope in per cent? convert it: degrees = atan(per cent / 100); or declare the no-data "
        "value of the file (gdal_edit.py -a_nodata)",
    )
}
"""What `transform:` in configs/variables.yaml may name."""


@dataclass(frozen=True)
class OpenLayer:
    """A raster that is open, with what the catalogue says about it."""

    catalog: Catalog
    dataset: str
    layer: str
    entry: VariableEntry
    source: rasterio.DatasetReader
    band: int
    transform: Transform | None

    def fail(self, key: str, what: str, **details: Any) -> InputError:
        """Return an error that names the layer's place in the catalogue."""
        return InputError(self.catalog.problem(self.dataset, key, Problem(what, **details)))

    def read(self, window: Window) -> np.ndarray:
        """Return checked values as floats in the file's scale, NaN where there are none.

        Raises
        ------
        InputError
            When the file breaks off, or a value lies outside the valid range.
        """
        from rasterio.errors import RasterioError

        name = f"{self.layer} (band {self.band} of {self.source.name.rsplit('/', 1)[-1]})"
        try:
            masked = self.source.read(self.band, window=window, masked=True)
        except RasterioError as error:
            raise self.fail(
                "file",
                f"{name} breaks off",
                found=str(error).splitlines()[0],
                remedy="restore the file",
            ) from error
        scale, offset = self.source.scales[self.band - 1], self.source.offsets[self.band - 1]
        values = np.ma.filled(masked.astype(float), np.nan) * scale + offset
        ranges = [tuple(self.entry.valid_range)] if self.entry.valid_range else []
        ranges += [self.transform.limits] if self.transform else []
        for low, high in ranges:
            outside = values[(values < low) | (values > high)]
            if outside.size:
                raise self.fail(
                    f"variables.{self.layer}",
                    f"values of {name} outside the valid range",
                    found=f"{outside.min():.6g} to {outside.max():.6g}",
                    expected=f"{low:g} to {high:g} {self.entry.unit}",
                    remedy=self.transform.mistake
                    if self.transform
                    else "check the unit; or declare the no-data value of the file "
                    "(gdal_edit.py -a_nodata)",
                )
        return self.transform.function(values) if self.transform else values


@contextmanager
def open_layer(
    catalog: Catalog, dataset: str, layer: str, transform: str | None = None
) -> Iterator[OpenLayer]:
    """Open the raster of a layer after checking unit, band, CRS and geometry.

    Raises
    ------
    InputError
        When the catalogue does not declare the layer, the transform takes another unit, the file
        cannot be read, has no CRS or another than declared, lacks the band, or leaves open which
        of several bands is meant.
    """
    file = catalog.dataset(dataset).file
    declared = catalog.entries[dataset]

    def fail(key: str, what: str, **details: Any) -> InputError:
        return InputError(catalog.problem(dataset, key, Problem(what, **details)))

    entry = declared.variables.get(layer)
    if declared.kind != "raster" or entry is None:
        raise fail(
            "variables" if declared.kind == "raster" else "kind",
            f"this dataset is no raster of '{layer}'",
            found=", ".join(declared.variables) or declared.kind,
            expected=f"kind: raster, with variables: {{{layer}: {{unit: ...}}}}",
            remedy="add the variable, or name another dataset in the run",
        )
    chosen = TRANSFORMS[transform] if transform else None
    if chosen and parse_unit(entry.unit) != parse_unit(chosen.takes):
        raise fail(
            f"variables.{layer}.unit",
            f"the layer '{layer}' has another unit than {transform} takes",
            found=entry.unit,
            expected=chosen.takes,
            remedy="convert the raster (from per cent: degrees = atan(per cent / 100)) and "
            "declare its new unit",
        )
    with open_declared(catalog, dataset) as source:
        band = entry.band or 1
        if band > source.count or (source.count > 1 and entry.band is None):
            raise fail(
                f"variables.{layer}",
                f"{file.name} leaves open which band holds '{layer}'"
                if entry.band is None
                else f"{file.name} has no band {band}",
                found=f"{source.count} band{'s' if source.count > 1 else ''}",
                expected=f"'band:' from 1 to {source.count}",
                remedy="name the band here",
            )
        yield OpenLayer(catalog, dataset, layer, entry, source, band, chosen)


def check_unit(catalog: Catalog, dataset: str, layer: str, transform: str | None, unit: str) -> str:
    """Return the unit of a layer's values after its transform, if it can be turned into `unit`.

    Raises
    ------
    InputError
        When it is of another kind.
    """
    given = (
        TRANSFORMS[transform].gives if transform else catalog.entries[dataset].variables[layer].unit
    )
    if not compatible(given, unit):
        raise InputError(
            catalog.problem(
                dataset,
                f"variables.{layer}.unit",
                Problem(
                    what=f"the layer '{layer}' has another kind of unit than its variable",
                    found=given,
                    expected=unit,
                    remedy="correct the unit, and convert the raster with it; m² per cell of "
                    "10,000 m² (GHS-BUILT-S at 100 m) is m^2/ha",
                ),
            )
        )
    return given


def check_peak(
    catalog: Catalog, dataset: str, layer: str, peak: float, unit: str, limits: Sequence[float]
) -> None:
    """Refuse a layer whose largest value within the counties tells of another unit than declared.

    Parameters
    ----------
    peak
        In the unit that the catalogue declares.
    limits
        In `unit`: the peak lies above the first and not above the second.

    Raises
    ------
    InputError
        When it does not.
    """
    declared = catalog.entries[dataset].variables[layer].unit
    quantity = unit_registry().Quantity
    low, high = (float(quantity(limit, unit).to(declared).magnitude) for limit in limits)
    if not low < peak <= high * (1 + ROUNDING):
        problem = Problem(
            f"the layer '{layer}' is in another unit than declared",
            found=f"at most {peak:.4g} within the counties, declared: {declared}",
            expected=f"a largest value above {low:g}, up to {high:g} {declared}",
            remedy="declare what the file holds: a share is '1', per cent is 'percent', m² per "
            "cell of 10,000 m² (GHS-BUILT-S at 100 m) is 'm^2/ha'",
        )
        raise InputError(catalog.problem(dataset, f"variables.{layer}.unit", problem))


def layer_sums(
    layer: OpenLayer,
    grid: WorkingGrid,
    land_cover: rasterio.DatasetReader,
    atoms: rasterio.DatasetReader,
    number: int,
    shares: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return Σ area · value and Σ area over the pixels with a value, by atom and land class.

    The third is the largest value of them.

    Parameters
    ----------
    atoms
        Raster of atom numbers 1 to `number` on the working grid.
    shares
        Share of each land class in each land-cover code (code, class).

    Raises
    ------
    InputError
        When no pixel of any atom has a value.
    """
    sums, peak = np.zeros((2, (number + 1) * CODES)), -np.inf
    for window in _tiles(layer, grid):
        atom = atoms.read(1, window=window)
        if not atom.any():
            continue
        value = on_grid(layer, grid, window)
        code = grid.read(land_cover, window).astype(np.int64)
        area = np.broadcast_to(grid.pixel_area(window)[:, None], atom.shape)
        known = np.isfinite(value) & (atom > 0)
        place = atom[known].astype(np.int64) * CODES + code[known]
        sums[0] += np.bincount(place, area[known] * value[known], sums.shape[1])
        sums[1] += np.bincount(place, area[known], sums.shape[1])
        peak = max(peak, value[known].max(initial=-np.inf))
    total, area = sums.reshape(2, number + 1, CODES)[:, 1:]
    if not area.any():
        raise layer.fail(
            "file",
            f"the layer '{layer.layer}' has no value inside the counties",
            found=f"no data, or bounds {', '.join(f'{b:g}' for b in layer.source.bounds)}",
            expected="values on at least a part of the counties' land",
            remedy="give a raster that covers the counties, with its true no-data value",
        )
    return total @ shares, area @ shares, float(peak)


def on_grid(layer: OpenLayer, grid: WorkingGrid, window: Window) -> np.ndarray:
    """Return the mean of a layer at the pixels of a working window, NaN where it has no value."""
    from rasterio.crs import CRS
    from rasterio.warp import Resampling, reproject

    result = np.full((int(window.height), int(window.width)), np.nan)
    inside = _source_window(layer.source, grid, window)
    if inside is None:
        return result
    reproject(
        layer.read(inside),
        result,
        src_transform=layer.source.transform @ Affine.translation(inside.col_off, inside.row_off),
        src_crs=layer.source.crs,
        src_nodata=np.nan,
        dst_transform=grid.window_transform(window),
        dst_crs=CRS.from_user_input(grid.crs),
        dst_nodata=np.nan,
        resampling=Resampling.average,
    )
    return result


def _source_window(
    source: rasterio.DatasetReader, grid: WorkingGrid, window: Window
) -> Window | None:
    """Return the pixels of `source` under a working window and around it; None for none."""
    from rasterio.crs import CRS
    from rasterio.transform import array_bounds
    from rasterio.warp import transform_bounds
    from rasterio.windows import Window

    bounds = array_bounds(window.height, window.width, grid.window_transform(window))
    west, south, east, north = transform_bounds(
        CRS.from_user_input(grid.crs), source.crs, *bounds, densify_pts=21
    )
    place = source.transform
    columns = (west - place.c) / place.a, (east - place.c) / place.a
    rows = (north - place.f) / place.e, (south - place.f) / place.e
    first = max(0, math.floor(columns[0]) - MARGIN), max(0, math.floor(rows[0]) - MARGIN)
    last = (
        min(source.width, math.ceil(columns[1]) + MARGIN),
        min(source.height, math.ceil(rows[1]) + MARGIN),
    )
    if last[0] <= first[0] or last[1] <= first[1]:
        return None
    return Window(*first, last[0] - first[0], last[1] - first[1])


def _tiles(layer: OpenLayer, grid: WorkingGrid) -> Iterator[Window]:
    """Yield windows that cover the working grid, each over a bounded number of source pixels."""
    from rasterio.windows import Window

    middle = Window(grid.width // 2, grid.height // 2, 1, 1)
    size = layer.source.res[0] * layer.source.res[1]
    pixel = _area_in(layer.source, grid, middle)
    side = max(1, int(math.sqrt(SOURCE_PIXELS * min(1.0, size / pixel)) / grid.factor))
    side *= grid.factor  # whole land-cover pixels
    for top in range(0, grid.height, side):
        for left in range(0, grid.width, side):
            yield Window(left, top, min(side, grid.width - left), min(side, grid.height - top))


def _area_in(source: rasterio.DatasetReader, grid: WorkingGrid, window: Window) -> float:
    """Return the area of a working window in the square units of the source's CRS."""
    from rasterio.crs import CRS
    from rasterio.transform import array_bounds
    from rasterio.warp import transform_bounds

    bounds = array_bounds(window.height, window.width, grid.window_transform(window))
    west, south, east, north = transform_bounds(CRS.from_user_input(grid.crs), source.crs, *bounds)
    return float((east - west) * (north - south))
