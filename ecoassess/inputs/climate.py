"""Monthly climate normals from a gridded file, averaged over counties and read at stations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.inputs.catalog import Catalog
from ecoassess.units import compatible

if TYPE_CHECKING:
    import geopandas

VARIABLES = {"temperature": "degC", "precipitation": "mm"}


def read_climate(catalog: Catalog, name: str) -> xr.Dataset:
    """Read monthly normals (month, latitude, longitude) and check units and ranges.

    Raises
    ------
    InputError
        When a variable or month is absent, a unit is another than declared, or a value lies
        outside the declared range (temperatures in kelvin do).
    """
    dataset = catalog.dataset(name)
    try:
        with xr.open_dataset(dataset.file, engine="netcdf4") as opened:
            data = opened.load()
    except (OSError, ValueError) as error:
        raise InputError(
            catalog.problem(
                name,
                "file",
                Problem(
                    what=f"{dataset.file.name} cannot be read as NetCDF",
                    found=str(error).splitlines()[0],
                    remedy="restore the file",
                ),
            )
        ) from error
    problems = []
    for variable, unit in VARIABLES.items():
        declared = dataset.entry.variables.get(variable)
        if declared is None:
            problems.append(
                catalog.problem(
                    name,
                    "variables",
                    Problem(what="a variable is missing", expected=f"{variable} in {unit}"),
                )
            )
            continue
        source = declared.name or variable
        if source not in data or data[source].sizes.get("month") != 12:
            problems.append(
                catalog.problem(
                    name,
                    f"variables.{variable}",
                    Problem(
                        what=f"{dataset.file.name} lacks twelve months of '{source}'",
                        found=", ".join(map(str, data.data_vars)),
                        remedy="name the variable of the file by 'name:'",
                    ),
                )
            )
            continue
        values = data[source]
        written = (
            values.attrs.get("units", "").replace("mm/month", "mm").replace("mm month-1", "mm")
        )
        if not written or not compatible(declared.unit.replace("/month", ""), unit):
            problems.append(
                catalog.problem(
                    name,
                    f"variables.{variable}.unit",
                    Problem(
                        what="wrong unit",
                        found=f"{declared.unit} declared, {written or 'none'} in the file",
                        expected=unit,
                        remedy="convert the file, or correct its units attribute",
                    ),
                )
            )
        low, high = declared.valid_range or (-np.inf, np.inf)
        outside = (values < low) | (values > high)
        if bool(outside.any()):
            problems.append(
                catalog.problem(
                    name,
                    f"variables.{variable}",
                    Problem(
                        what=f"values of {variable} outside the valid range",
                        found=f"{float(values.min()):.1f} to {float(values.max()):.1f}",
                        expected=f"{low:g} to {high:g} {unit}",
                        remedy="check the unit (kelvin? metres?)",
                    ),
                )
            )
        data = data.rename({source: variable}) if source != variable else data
    raise_if_any(problems)
    return data[list(VARIABLES)]


def over_polygons(data: xr.Dataset, polygons: geopandas.GeoDataFrame) -> xr.Dataset:
    """Return the mean of each variable over each polygon.

    The normals are interpolated bilinearly to a 0.05° lattice of points; a polygon's mean is that
    of the points inside, weighted by the cosine of latitude.
    """
    from shapely import contains_xy

    west, south, east, north = polygons.total_bounds
    step = 0.05
    latitude = xr.DataArray(np.arange(south + step / 2, north, step), dims="y")
    longitude = xr.DataArray(np.arange(west + step / 2, east, step), dims="x")
    fine = data.interp(latitude=latitude, longitude=longitude)
    x, y = np.meshgrid(longitude.values, latitude.values)
    means = []
    for shape in polygons.geometry:
        inside = contains_xy(shape, x, y)
        weight = xr.DataArray(np.where(inside, np.cos(np.radians(y)), 0.0), dims=("y", "x"))
        means.append(fine.weighted(weight).mean(("y", "x")))
    result = xr.concat(means, dim="adcode", coords="different", compat="equals")
    return result.drop_vars(["latitude", "longitude"], errors="ignore").assign_coords(
        adcode=list(polygons.index)
    )


def at_points(
    data: xr.Dataset, longitude: Sequence[float], latitude: Sequence[float]
) -> xr.Dataset:
    """Return the variables interpolated bilinearly to points (dimension `station`)."""
    return data.interp(
        longitude=xr.DataArray(list(longitude), dims="station"),
        latitude=xr.DataArray(list(latitude), dims="station"),
    ).drop_vars(["longitude", "latitude"])
