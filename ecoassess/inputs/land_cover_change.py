"""Changes of land use between two land-cover maps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from pydantic import RootModel

from ecoassess.configuration import Strict, read_yaml, validate
from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.inputs.catalog import Catalog, Title
from ecoassess.inputs.land_cover import (
    Classes,
    Legend,
    check_codes,
    class_shares,
    open_raster,
    read_classes,
    read_legend,
    refuse_odd_codes,
)
from ecoassess.inputs.rasters import open_declared
from ecoassess.project import Project

if TYPE_CHECKING:
    from rasterio.windows import Window

    from ecoassess.raster.grid import WorkingGrid

CODES = 256
"""Land-cover codes are bytes."""

CATEGORIES_FILE = "codes/land_use_categories.yaml"
SAME_PLACE = 1e-6
"""Share of a pixel by which two grids may differ and still be one."""


class Category(Strict):
    """A land-use category and the land classes that belong to it."""

    name: Title
    classes: list[str]


class _File(RootModel[dict[str, Category]]):
    pass


@dataclass(frozen=True)
class LandUseChange:
    """What two land-cover maps show.

    Parameters
    ----------
    area
        Area in m² that went from each land-use category to each other, or stayed (atom, before,
        after).
    note
        How the earlier map was brought onto the grid of the later one; "" where it lay on it.
    """

    area: xr.DataArray
    note: str

    @classmethod
    def of(cls, table: Mapping[str, Any], atoms: np.ndarray) -> LandUseChange:
        """Return what `read_change` found, with the numbers of the atoms."""
        labels = {"atom": atoms, "before": table["categories"], "after": table["categories"]}
        return cls(xr.DataArray(table["area"], labels, dims=tuple(labels)), table["note"])


def change_key(project: Project, catalog: Catalog, earlier: str, observed: str) -> str:
    """Return a hash of everything the changes since the earlier map rest on.

    Parameters
    ----------
    observed
        Key of the atoms, the grid and the later map with its legend.
    """
    entry = catalog.entries[earlier]
    files = [
        project.configs / CATEGORIES_FILE,
        project.configs / "legends" / f"{entry.legend}.yaml",
        Path(__file__),
    ]
    parts = [observed, catalog.dataset(earlier).checksum, entry.model_dump_json()]
    digest = hashlib.sha256("\n".join(parts).encode())
    for file in files:
        digest.update(file.read_bytes() if file.is_file() else b"absent")
    return digest.hexdigest()[:20]


def read_categories(project: Project, classes: Classes) -> dict[str, Category]:
    """Read the land-use categories; every land class stands in one of them.

    Raises
    ------
    InputError
        For a class in none, in two, or unknown.
    """
    document = read_yaml(project.configs / CATEGORIES_FILE)
    categories = validate(document, _File).root
    named = [land_class for category in categories.values() for land_class in category.classes]
    raise_if_any(
        document.problem(
            (),
            Problem(
                what=f"the land class '{land_class}' stands in {number} land-use categories",
                expected="one" if land_class in classes.classes else "a class of classes.yaml",
                remedy="correct the lists",
            ),
        )
        for land_class in dict.fromkeys([*classes.classes, *named])
        if (number := named.count(land_class)) != 1 or land_class not in classes.classes
    )
    return categories


def category_shares(
    legend: Legend, classes: Classes, categories: Mapping[str, Category]
) -> np.ndarray:
    """Return the share of each category in each code; shape (256, number of categories)."""
    belongs = np.array(
        [[name in category.classes for category in categories.values()] for name in classes.classes]
    )
    shares: np.ndarray = class_shares(legend, classes) @ belongs.astype(float)
    return shares


def least_change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the shares of a pixel that go from each category to each other (before, after).

    Where a code stands for several categories, as much as can be stays as it was; what is left over
    is matched in proportion. A pixel whose shares are the same on both maps has not changed.
    """
    stays = np.minimum(before, after)
    gone, come = before - stays, after - stays
    moved = come.sum()
    return np.diag(stays) + (np.outer(gone, come) / moved if moved > 0 else 0)


@dataclass(frozen=True)
class CodeMap:
    """An open land-cover raster on a working grid."""

    source: Any
    grid: WorkingGrid

    def read(self, window: Window) -> np.ndarray:
        """Return the codes of a window of the working grid."""
        return self.grid.read(self.source, window)


def cross_tabulate(
    earlier: CodeMap, later: CodeMap, atoms: Any, number: int, check: Any = lambda codes: None
) -> np.ndarray:
    """Return the area in m² of each pair of codes (atom, earlier code, later code).

    Parameters
    ----------
    atoms
        Raster of atom numbers 1 to `number` on the working grid.
    check
        Called with each block of the earlier map's codes.

    Raises
    ------
    ValueError
        When the two maps are not on one grid.
    """
    if not _same_grid(earlier.grid, later.grid):
        raise ValueError("the two land-cover maps are on different grids")
    area = np.zeros((number + 1) * CODES * CODES)
    for window in later.grid.blocks():
        atom = atoms.read(1, window=window).astype(np.int64)
        if not atom.any():
            continue
        first, last = earlier.read(window), later.read(window)
        check(first)
        pixel = np.broadcast_to(later.grid.pixel_area(window)[:, None], atom.shape)
        here = atom > 0
        place = (atom[here] * CODES + first[here].astype(np.int64)) * CODES
        place += last[here].astype(np.int64)
        area += np.bincount(place, pixel[here], len(area))
    return area.reshape(number + 1, CODES, CODES)[1:]


def _same_grid(one: WorkingGrid, other: WorkingGrid) -> bool:
    pixel = abs(one.transform.a)
    return (
        one.crs == other.crs
        and (one.width, one.height) == (other.width, other.height)
        and one.transform.almost_equals(other.transform, SAME_PLACE * pixel)
    )


def transition_areas(pairs: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the area of each transition (atom, category before, category after).

    Pixels that either map leaves without a code are left out.

    Parameters
    ----------
    pairs
        Area of each pair of codes (atom, earlier code, later code).
    before, after
        Share of each category in each code of the earlier and of the later map.
    """
    result = np.zeros((len(pairs), before.shape[1], after.shape[1]))
    known = (before.sum(axis=1) > 0)[:, None] & (after.sum(axis=1) > 0)
    for first, last in np.argwhere((pairs.sum(axis=0) > 0) & known):
        moved = least_change(before[first], after[last])
        result += pairs[:, first, last][:, None, None] * moved
    return result


def read_change(
    project: Project,
    catalog: Catalog,
    later_name: str,
    earlier_name: str,
    finest_pixel: float,
    atom_raster: Path,
    number: int,
) -> dict[str, Any]:
    """Compare two land-cover maps of the catalogue.

    Returns
    -------
    dict
        `area` in m² (atom, category before, category after), the names of the categories, and a
        note where the earlier map was warped.

    Raises
    ------
    InputError
        When a map cannot be read, has codes its legend lacks, or the earlier one has holes.
    """
    import rasterio

    from ecoassess.raster.grid import WorkingGrid

    classes = read_classes(project)
    categories = read_categories(project, classes)
    legends = {
        name: read_legend(project, catalog.entries[name].legend or "", classes)
        for name in (earlier_name, later_name)
    }
    legend = legends[earlier_name]
    with open_raster(catalog, later_name) as source, rasterio.open(atom_raster) as atoms:
        later = CodeMap(source, WorkingGrid.over(source, finest_pixel))
        with _earlier_map(catalog, earlier_name, legend, later) as (earlier, blank, note):
            pairs = cross_tabulate(
                earlier,
                later,
                atoms,
                number,
                lambda codes: refuse_odd_codes(catalog, earlier_name, legend, codes),
            )
    seen = {code: float(a) for code, a in enumerate(pairs.sum(axis=(0, 2))) if a > 0}
    check_codes(catalog, earlier_name, legend, seen, blank)
    before, after = (category_shares(one, classes, categories) for one in legends.values())
    return {
        "area": transition_areas(pairs, before, after).tolist(),
        "categories": list(categories),
        "note": note,
    }


@contextmanager
def _earlier_map(
    catalog: Catalog, name: str, legend: Legend, later: CodeMap
) -> Iterator[tuple[CodeMap, float | None, str]]:
    """Open the earlier map on the grid of the later one; yield its no-data code and a note too."""
    from rasterio.enums import Resampling
    from rasterio.vrt import WarpedVRT

    with open_declared(catalog, name) as source:
        place = later.source
        if source.crs == place.crs and (source.width, source.height) == (place.width, place.height):
            own = CodeMap(source, replace(later.grid, transform=_fine(source, later.grid.factor)))
            if _same_grid(own.grid, later.grid):
                yield own, source.nodata, ""
                return
        blank = source.nodata if source.nodata is not None else float(legend.nodata or CODES - 1)
        if str(int(blank)) in legend.codes:
            problem = Problem(
                what="an earlier land-cover map that lacks a code for no data",
                found=f"{blank:g} is a class of its legend",
                expected="a no-data value in the file, or 'nodata:' in its legend",
                remedy="declare it (gdal_edit.py -a_nodata)",
            )
            raise InputError(catalog.problem(name, "file", problem))
        with WarpedVRT(
            source,
            crs=place.crs,
            transform=later.grid.transform,
            width=later.grid.width,
            height=later.grid.height,
            resampling=Resampling.nearest,
            nodata=blank,
        ) as warped:
            note = (
                "the earlier map was warped to the grid of the later one by nearest neighbour: "
                "shifts of up to half a pixel look like change"
            )
            yield CodeMap(warped, replace(later.grid, factor=1)), blank, note


def _fine(source: Any, factor: int) -> Any:
    """Return the transform of a raster's pixels, each divided into `factor` by `factor`."""
    from affine import Affine

    return source.transform @ Affine.scale(1 / factor)
