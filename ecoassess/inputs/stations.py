"""Station normals: monthly values by station."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.errors import InputError, Problem
from ecoassess.inputs.catalog import Catalog
from ecoassess.inputs.table_text import read_table_text
from ecoassess.models.station_weights import station_weights
from ecoassess.units import unit_registry

COLUMNS = ["station", "longitude", "latitude", "elevation", "variable", "month", "value", "unit"]
YEAR = 0
"""Month number of an annual total."""


def read_stations(catalog: Catalog, name: str) -> pd.DataFrame:
    """Read the table of station normals in long form and check units, numbers and ranges.

    Raises
    ------
    InputError
        For a missing column, another encoding than declared, or the first row that does not hold.
    """
    dataset = catalog.dataset(name)
    table = pd.read_csv(io.StringIO(read_table_text(catalog, name)), dtype=str)
    absent = [column for column in COLUMNS if column not in table]
    if absent:
        raise InputError(
            Problem(
                what="columns are missing",
                file=dataset.file,
                line=1,
                found=", ".join(table.columns),
                expected=", ".join(absent),
            )
        )
    numbers = ["longitude", "latitude", "month", "value"]
    table = table.assign(**{c: pd.to_numeric(table[c], errors="coerce") for c in numbers})
    for index, row in table.iterrows():
        declared = dataset.entry.variables.get(row["variable"])
        low, high = (declared.valid_range if declared else None) or (-np.inf, np.inf)
        if (
            declared is None
            or row["unit"] != declared.unit
            or not low <= row["value"] <= high
            or bool(row[numbers].isna().any())
        ):
            raise InputError(
                Problem(
                    what="a station value that the catalogue does not allow",
                    file=dataset.file,
                    line=int(str(index)) + 2,
                    key=f"{row['station']} {row['variable']}",
                    found=f"{row['value']} {row['unit']}",
                    expected=f"{low:g} to {high:g} {declared.unit}"
                    if declared
                    else "a declared one",
                )
            )
    return table


def annual_precipitation(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per station with a precipitation total: longitude, latitude, mm per year."""
    rows = table[(table["variable"] == "precipitation") & (table["month"] == YEAR)]
    frame = rows.set_index("station")[["longitude", "latitude", "value"]]
    return frame.rename(columns={"value": "precipitation"}).sort_index()


def monthly_at(
    table: pd.DataFrame, variable: str, unit: str, longitude: xr.DataArray, latitude: xr.DataArray
) -> xr.DataArray:
    """Interpolate monthly normals of stations to places (adcode, month), in `unit`.

    Weights are those of `station_weights`.
    """
    rows = table[(table["variable"] == variable) & (table["month"] != YEAR)]
    wide = rows.pivot(index=["station", "longitude", "latitude"], columns="month", values="value")
    if wide.shape[1] != 12 or bool(wide.isna().any(axis=None)):
        raise InputError(
            Problem(what=f"stations without twelve months of {variable}", found=str(wide.shape))
        )
    place = wide.index.to_frame()
    weight = station_weights(longitude, latitude, place["longitude"], place["latitude"])
    factor = unit_registry().Quantity(1.0, rows["unit"].iloc[0]).to(unit).magnitude
    return xr.DataArray(
        weight @ wide.to_numpy() * factor,
        dims=("adcode", "month"),
        coords={"adcode": longitude["adcode"], "month": np.arange(1, 13)},
        name=variable,
    )
