"""Opening a raster of the catalogue: it can be read, and lies where the catalogue says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ecoassess.errors import InputError, Problem
from ecoassess.inputs.catalog import Catalog

if TYPE_CHECKING:
    import rasterio


@contextmanager
def open_declared(catalog: Catalog, name: str) -> Iterator[rasterio.DatasetReader]:
    """Open a raster after checking its CRS against the catalogue, and that north is up.

    Raises
    ------
    InputError
        When it cannot be read, has no CRS or another than declared, or is turned.
    """
    import rasterio
    from rasterio.errors import RasterioError

    dataset = catalog.dataset(name)
    file, declared = dataset.file, dataset.entry.crs

    def fail(key: str, what: str, **details: Any) -> InputError:
        return InputError(catalog.problem(name, key, Problem(what, **details)))

    try:
        source = rasterio.open(file)
    except RasterioError as error:
        raise fail(
            "file",
            f"{file.name} cannot be read as a raster",
            found=str(error).splitlines()[0],
            remedy="restore the file (a GeoTIFF is expected)",
        ) from error
    with source:
        if source.crs is None or declared is None:
            raise fail(
                "crs",
                f"{file.name} has no coordinate reference system",
                expected="one in the file and the same in the catalogue",
                remedy="assign it (gdal_edit.py -a_srs EPSG:4326 FILE) and declare it here",
            )
        if source.crs != rasterio.crs.CRS.from_user_input(declared):
            raise fail(
                "crs",
                f"{file.name} is in another coordinate reference system",
                found=source.crs.to_string(),
                expected=declared,
                remedy=f"warp it (gdalwarp -t_srs {declared}), or declare its real CRS",
            )
        place = source.transform
        if place.b or place.d or place.a <= 0 or place.e >= 0:
            raise fail(
                "file",
                f"{file.name} is not north-up",
                found=f"pixel steps {place.a:g}, {place.b:g}, {place.d:g}, {place.e:g}",
                expected="rows from north to south, columns from west to east",
                remedy="warp it (gdalwarp -t_srs EPSG:4326)",
            )
        yield source
