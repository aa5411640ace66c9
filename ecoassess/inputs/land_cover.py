"""Land cover: a raster of codes and the legend that maps them to classes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from pydantic import model_validator

from ecoassess.configuration import CheckError, Strict, read_yaml, validate
from ecoassess.errors import InputError, Problem
from ecoassess.inputs.catalog import Catalog, Title
from ecoassess.inputs.rasters import open_declared
from ecoassess.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    import rasterio


class LandClass(Strict):
    """A class of the program's own scheme."""

    name: Title
    description: str


class Classes(Strict):
    """The classes and the named groups of them."""

    classes: dict[str, LandClass]
    groups: dict[str, list[str]]

    def members(self, group: str) -> list[str]:
        """Return the classes of a group; a class is its own group, `land` is every class."""
        if group == "land":
            return list(self.classes)
        if group in self.groups:
            return self.groups[group]
        if group in self.classes:
            return [group]
        raise InputError(
            Problem(
                what="no such land class or group",
                found=group,
                expected=", ".join(["land", *self.groups, *self.classes]),
                file="configs/legends/classes.yaml",
            )
        )


class LegendCode(Strict):
    """One code of a land-cover product."""

    name: Title
    classes: dict[str, float]
    note: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> LegendCode:
        if self.classes and abs(sum(self.classes.values()) - 1) > 1e-9:
            raise CheckError(
                "the class shares of a code do not add up to 1",
                found=f"{sum(self.classes.values()):g}",
                expected="1",
                remedy="correct the shares",
            )
        return self


class Legend(Strict):
    """The codes of a land-cover product."""

    title: Title
    source: str
    nodata: int | None = None
    codes: dict[str, LegendCode]


def read_classes(project: Project) -> Classes:
    """Read the class scheme."""
    return validate(read_yaml(project.configs / "legends" / "classes.yaml"), Classes)


def read_legend(project: Project, name: str, classes: Classes) -> Legend:
    """Read a legend and check that it names known classes only."""
    path = project.configs / "legends" / f"{name}.yaml"
    document = read_yaml(path)
    legend = validate(document, Legend)
    problems = [
        document.problem(
            ("codes", code, "classes", land_class),
            Problem(
                what="no such land class",
                found=land_class,
                expected=", ".join(classes.classes),
                remedy="use a class of classes.yaml, or add one there",
            ),
        )
        for code, entry in legend.codes.items()
        for land_class in entry.classes
        if land_class not in classes.classes
    ]
    if problems:
        raise InputError(*problems)
    return legend


def class_shares(legend: Legend, classes: Classes) -> np.ndarray:
    """Return the share of each class in each code; shape (256, number of classes)."""
    names = list(classes.classes)
    shares = np.zeros((256, len(names)))
    for code, entry in legend.codes.items():
        for land_class, share in entry.classes.items():
            shares[int(code), names.index(land_class)] = share
    return shares


@contextmanager
def open_raster(catalog: Catalog, name: str) -> Iterator[rasterio.DatasetReader]:
    """Open a raster of the catalogue after checking its CRS and geometry.

    Raises
    ------
    InputError
        When it cannot be read, has no CRS or another than declared, or is not a north-up
        geographic grid.
    """
    with open_declared(catalog, name) as source:
        if not source.crs.is_geographic:
            problem = Problem(
                f"{catalog.dataset(name).file.name} is not a geographic grid",
                found=source.crs.to_string(),
                expected="longitude and latitude in degrees",
                remedy="warp it (gdalwarp -t_srs EPSG:4326)",
            )
            raise InputError(catalog.problem(name, "crs", problem))
        yield source


LARGEST_CODE = 255
LARGEST_BLANK = 0.01
"""Share of the zones' land that a land-cover raster may leave without a code."""


def refuse_odd_codes(catalog: Catalog, name: str, legend: Legend, codes: np.ndarray) -> None:
    """Refuse codes that no legend can hold: below 0, above 255 or not whole."""
    if codes.dtype.kind not in "iuf":
        raise _unknown_codes(catalog, name, legend, f"values of type {codes.dtype}")
    odd = (codes < 0) | (codes > LARGEST_CODE) | (codes != np.floor(codes))
    if odd.any():
        raise _unknown_codes(catalog, name, legend, ", ".join(map(str, np.unique(codes[odd])[:9])))


def _unknown_codes(catalog: Catalog, name: str, legend: Legend, found: str) -> InputError:
    return InputError(
        catalog.problem(
            name,
            "legend",
            Problem(
                what="the land-cover raster holds codes that its legend does not know",
                found=found,
                expected=", ".join(legend.codes),
                remedy="name the right legend, or add the codes to it",
            ),
        )
    )


def check_codes(
    catalog: Catalog, name: str, legend: Legend, seen: Mapping[int, float], nodata: float | None
) -> None:
    """Refuse codes that the legend does not know.

    Parameters
    ----------
    seen
        Area in m² of each code inside the zones.
    """
    whole = sum(seen.values())
    blank = seen.get(int(nodata), 0.0) if nodata is not None else 0.0
    if blank > LARGEST_BLANK * whole:
        raise InputError(
            catalog.problem(
                name,
                "file",
                Problem(
                    what="the land-cover raster has holes inside the zones",
                    found=f"no data on {100 * blank / whole:.1f} % of the land",
                    expected=f"at most {100 * LARGEST_BLANK:.0f} %",
                    remedy="give a raster that covers all counties",
                ),
            )
        )
    unknown = {
        code: area
        for code, area in seen.items()
        if str(code) not in legend.codes and code != nodata
    }
    if unknown:
        found = ", ".join(f"{code} ({area / 1e6:.1f} km²)" for code, area in unknown.items())
        raise _unknown_codes(catalog, name, legend, found)
