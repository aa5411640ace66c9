"""CSV and NetCDF from the rows of an assessment."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.calendar import Month
from ecoassess.errors import InputError, Problem
from ecoassess.export.bilingual import bilingual, chinese
from ecoassess.ledger import NET, SCHEMA_VERSION

if TYPE_CHECKING:
    from ecoassess.project import Project

FLOAT_FORMAT = "%.10g"
"""Of numbers that are read again to compare runs with each other and with their maps."""

SIGNIFICANT = 6
"""Digits of all other numbers: a millionth, where the interval is per cents."""

EXACT = ("value", "native_value")
"""Columns of `assessment.csv` and `park.csv` that `compare` and `verify` read."""

ENCODING = "utf-8-sig"
"""With a byte-order mark, so that Excel shows Chinese."""


def write_csv(frame: pd.DataFrame, file: Path, exact: Container[str] = ()) -> None:
    """Write a table so that Excel opens it right, the same bytes on every system.

    Numbers have `SIGNIFICANT` digits but in the columns `exact`, which are read again, or are a
    user's own. A reason that no row has is left out, unless there are such columns.
    """
    shown = {
        str(column): rounded(values) if _is_number(values) and column not in exact else values
        for column, values in frame.items()
        if column != "reason" or exact or _says_something(values)
    }
    pd.DataFrame(shown, index=frame.index).to_csv(
        file, index=False, encoding=ENCODING, float_format=FLOAT_FORMAT, lineterminator="\n"
    )


def rounded(values: pd.Series) -> pd.Series:
    """Return numbers with `SIGNIFICANT` digits."""
    numbers = values.to_numpy(dtype=np.float64)
    given = np.isfinite(numbers) & (np.abs(numbers) > SMALLEST)
    size = np.floor(np.log10(np.abs(numbers), where=given, out=np.zeros(len(numbers))))
    unit = 10.0 ** (size - (SIGNIFICANT - 1))
    return pd.Series(np.where(given, np.round(numbers / unit) * unit, numbers), values.index)


SMALLEST = 1e-290
"""Below, there is no room for the digits."""


def _is_number(values: pd.Series) -> bool:
    return bool(values.dtype.kind == "f")


def _says_something(values: pd.Series) -> bool:
    return bool((values.notna() & (values != "")).any())


class Writer:
    """Writes the tables of a project, with their Chinese columns."""

    def __init__(self, project: Project) -> None:
        self.chinese = chinese(project)

    def __call__(
        self,
        frame: pd.DataFrame,
        file: Path,
        exact: Container[str] = (),
        columns: tuple[str, ...] | None = None,
    ) -> None:
        """Write a table; `columns` are those that get their Chinese, if not all."""
        write_csv(bilingual(frame, self.chinese, columns), file, exact)


def read_assessment(file: Path) -> pd.DataFrame:
    """Read `assessment.csv`; codes and periods stay text."""
    text = ["adcode", "period", "reason", "component", "evidence"]
    return pd.read_csv(
        file, encoding=ENCODING, dtype=dict.fromkeys(text, str), keep_default_na=True
    ).fillna({"reason": ""})


def check_there(file: Path) -> None:
    """Refuse a run that has no such table, as older ones do not."""
    if not file.is_file():
        raise InputError(
            Problem(
                what="the run has no such table",
                found=f"{file.parent} without {file.name}",
                remedy="run the month again with this version",
            )
        )


def read_claims(file: Path) -> pd.DataFrame:
    """Read `claims.csv`; codes and labels stay text."""
    return pd.read_csv(file, encoding=ENCODING, dtype={"adcode": str, "label": str, "use": str})


def summary(rows: pd.DataFrame, month: Month, as_of: date | None = None) -> pd.DataFrame:
    """Return a row per zone and columns per technology: month and year, inventory and effects.

    Effects are added up over the technologies that have data in a zone, and the last column names
    those that have none; inventory is never added to them. A restated run has `restated_as_of`, the
    day whose coefficients it takes.
    """
    net = rows[(rows["component"] == NET) & (rows["boundary"] == "territorial")]
    keys = ["zoning", "adcode", "zone", "zone_zh"]
    zones = pd.MultiIndex.from_frame(net[keys].drop_duplicates())
    columns: dict[str, pd.Series] = {}
    for period in (str(month), str(month.year)):
        part = net[net["period"] == period]
        effects: dict[str, str] = {}
        for technology, rows_of_one in part.groupby("technology", sort=False):
            own = rows_of_one.set_index(keys)
            label = f"{own['basis'].iloc[0]} {technology} {period} (t CO2e)"
            columns[label] = own["value"].reindex(zones)
            if own["basis"].iloc[0] == "effect":
                effects[str(technology)] = label
            if period == str(month.year):
                for column in ("p2.5", "p97.5", "coverage", "status"):
                    columns[f"{technology} {column}"] = own[column].reindex(zones)
        if effects:
            whole = pd.concat({name: columns[label] for name, label in effects.items()}, axis=1)
            columns[f"effects total {period} (t CO2e)"] = whole.sum(axis=1, min_count=1)
            lacking = [", ".join(whole.columns[absent]) for absent in whole.isna().to_numpy()]
            without = pd.Series(lacking, index=zones)
    if effects:
        columns["effects without data"] = without
    table = pd.DataFrame(columns, index=zones).reset_index()
    if as_of:
        table.insert(len(keys), "restated_as_of", as_of.isoformat())
    return table


def write_netcdf(rows: pd.DataFrame, file: Path, month: Month, attributes: dict[str, str]) -> None:
    """Write the monthly and yearly central values and standard deviations as CF NetCDF."""
    zones = rows[["zoning", "adcode", "zone", "zone_zh"]].drop_duplicates()
    names = [f"{z.zoning}/{z.adcode}" for z in zones.itertuples()]
    start = np.array([f"{month.year}-{m:02d}-01" for m in range(1, 13)], "datetime64[D]")
    end = np.append(start[1:], np.datetime64(f"{month.year + 1}-01-01"))
    origin = np.datetime64("1970-01-01")
    days = {"units": "days since 1970-01-01", "calendar": "standard"}
    data = xr.Dataset(
        coords={
            "time": ("time", (start - origin).astype(int), {**days, "bounds": "time_bounds"}),
            "zone": ("zone", names, {"long_name": "zoning/code"}),
            "zone_name": ("zone", zones["zone"].to_list()),
            "zone_name_zh": ("zone", zones["zone_zh"].to_list()),
        }
    )
    data["time"].attrs["standard_name"] = "time"
    data["time_bounds"] = (
        ("time", "bounds"),
        np.stack([(start - origin).astype(int), (end - origin).astype(int)], axis=1),
    )
    # Gathered first: a dataset that grows variable by variable looks through all of them each time.
    variables: dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]] = {}
    identity = ["technology", "component", "basis", "kind", "boundary", "account"]
    for key, part in rows.groupby(identity, sort=False):
        labels = dict(
            zip(identity, map(str, key if isinstance(key, tuple) else (key,)), strict=True)
        )
        stem = "__".join((labels["technology"], labels["component"].replace(":", "__")))
        if labels["boundary"] != "territorial":
            stem += f"__{labels['boundary']}"
        months = part[part["period"].str.len() == 7]
        mass, _, substance = str(part["unit"].iloc[0]).partition(" ")
        cell = "time: point" if labels["kind"] == "stock" else "time: sum"
        for column, suffix in (("value", ""), ("sd", "_sd")):
            values = months[column].to_numpy().reshape(len(zones), 12).T
            variables[stem + suffix] = (
                ("time", "zone"),
                values,
                {
                    "units": mass,
                    "long_name": f"{labels['technology']} {labels['component']} {column}, "
                    + substance,
                    "cell_methods": cell,
                    **labels,
                },
            )
        year = part[part["period"].str.len() == 4]
        variables[f"{stem}__year"] = (
            ("zone",),
            year["value"].to_numpy(),
            {
                "units": mass,
                "long_name": f"{labels['component']} of {month.year}, {substance}",
                **labels,
            },
        )
    data = data.assign(variables)
    data.attrs = {
        "Conventions": "CF-1.8",
        "title": "Carbon assessment of ecological technologies",
        "schema_version": SCHEMA_VERSION,
        **attributes,
    }
    encoding = {
        name: {"_FillValue": np.nan}
        for name, variable in data.data_vars.items()
        if variable.dtype.kind == "f"
    }
    try:
        data.to_netcdf(file, engine="netcdf4", encoding=encoding)
    except RuntimeError as error:  # what netCDF4 makes of a full disk
        raise OSError(0, f"{file.name}: {error}") from error
