"""Weather files of hours, TMY or EPW, that replace the typical PV year of the counties near them.

Read by pvlib: EnergyPlus weather (.epw), TMY3 (.csv) and PVGIS's typical year (.csv, .json). Each
hour is that which starts on the run's standard clock; 29 February is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pvlib
import xarray as xr

from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.inputs.catalog import Catalog
from ecoassess.models.pv_weather import Weather
from ecoassess.models.pv_year import Site, typical_hours

LIMITS = {
    "ghi": (-10.0, 1500.0),
    "dni": (-10.0, 1500.0),
    "dhi": (-10.0, 1500.0),
    "temp_air": (-70.0, 60.0),
    "wind_speed": (0.0, 75.0),
}
"""Column of pvlib → the range that its values must lie in, in W m-2, deg C, m s-1."""

REACH = 100.0
"""Distance in km over which a file stands for a county that it does not name."""

KM_PER_DEGREE = 111.2

COMMON_YEAR = 2023
"""A year without 29 February, into which the months of a typical year are put together."""


@dataclass(frozen=True)
class WeatherFile:
    """The hours of one dataset, and the place that they are of."""

    dataset: str
    site: Site
    weather: Weather
    checksum: str


def read_weather(
    catalog: Catalog,
    names: Sequence[str],
    longitude: xr.DataArray,
    latitude: xr.DataArray,
    time_zone: str,
) -> dict[str, WeatherFile]:
    """Return the weather file of each county that has one, by county code.

    A file stands for the counties that its entry names under `counties`; one that names none for
    those within 100 km to which it is the nearest and that no file names.

    Raises
    ------
    InputError
        For a file that cannot be read, lacks hours or columns, has values beyond their range, or
        stands for no county of the run; for a county that two files name.
    """
    files = {name: _read(catalog, name, time_zone) for name in names}
    codes = [str(code) for code in longitude["adcode"].values]
    found: dict[str, WeatherFile] = {}
    problems: list[Problem] = []
    for name, file in files.items():
        for code in catalog.entries[name].counties:
            problem = None
            if code not in codes:
                problem = Problem("not a county of the run", code, ", ".join(codes))
            elif code in found:
                problem = Problem("a county has two files", f"{code}: also {found[code].dataset}")
            if problem:
                problems.append(catalog.problem(name, "counties", problem))
            found.setdefault(code, file)
    raise_if_any(problems)
    free = [file for name, file in files.items() if not catalog.entries[name].counties]
    for code, x, y in zip(codes, longitude.values, latitude.values, strict=True):
        near = min(free, key=lambda file: _distance(file.site, x, y), default=None)
        if code not in found and near and _distance(near.site, x, y) <= REACH:
            found[code] = near
    idle = set(files) - {file.dataset for file in found.values()}
    raise_if_any(
        catalog.problem(
            name,
            None,
            Problem(
                what="a weather file that stands for no county of the run",
                found=f"{files[name].site.latitude:.2f} N, {files[name].site.longitude:.2f} E",
                expected=f"a place within {REACH:.0f} km of a county",
                remedy="name its counties here (counties: [...]), or take it out of the run",
            ),
        )
        for name in sorted(idle)
    )
    return found


def _distance(site: Site, longitude: float, latitude: float) -> float:
    """Return km on a plane, enough to tell near from far."""
    east = (site.longitude - longitude) * np.cos(np.radians(latitude))
    return float(KM_PER_DEGREE * np.hypot(east, site.latitude - latitude))


def _read(catalog: Catalog, name: str, time_zone: str) -> WeatherFile:
    dataset = catalog.dataset(name)
    entry = dataset.entry
    if entry.kind != "weather_hours":
        raise InputError(
            catalog.problem(
                name, "kind", Problem("no weather of hours", entry.kind, "kind: weather_hours")
            )
        )
    try:
        table, place = _parsed(dataset.file)
    except (ValueError, KeyError, IndexError, TypeError, pd.errors.ParserError) as error:
        raise InputError(
            Problem(
                what="a weather file that cannot be read",
                file=dataset.file,
                found=f"{type(error).__name__}: {error}",
                expected="EnergyPlus weather (.epw), TMY3 (.csv), or PVGIS's TMY (.csv, .json)",
                remedy="export it again, without changes",
            )
        ) from error
    year = _on_clock(table, time_zone)
    raise_if_any(problem.at(dataset.file) for problem in _problems(year))
    columns = {column: year[column].to_numpy(dtype=float) for column in LIMITS}
    ghi, dni, dhi = (np.maximum(columns[column], 0.0) for column in ("ghi", "dni", "dhi"))
    weather = Weather(ghi, dni, dhi, columns["temp_air"], columns["wind_speed"])
    return WeatherFile(name, Site(*place, time_zone), weather, dataset.checksum)


def _parsed(file: Path) -> tuple[pd.DataFrame, tuple[float, float, float]]:
    """Return hours by their start, and latitude, longitude and altitude."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        start, *head = (lines.readline() for _ in range(8))
    if file.suffix.lower() == ".epw":
        if any("Irradiance Time Offset" in line for line in head):
            raise ValueError("an EPW of PVGIS, whose sun is nearly an hour off; take its CSV")
        table, about = pvlib.iotools.read_epw(file)
    elif file.suffix.lower() == ".json" or start.startswith("Latitude"):
        table, about = pvlib.iotools.read_pvgis_tmy(file)
        inputs: Mapping[str, Any] = about["inputs"]
        inputs = inputs.get("location", inputs)
        about = {**inputs, "altitude": inputs["elevation"]}
        # values are of an instant, this much after the full hour
        table.index += pd.Timedelta(hours=float(inputs.get("irradiance time offset", 0.0)))
    else:
        table, about = pvlib.iotools.read_tmy3(file, coerce_year=COMMON_YEAR)
        table.index -= pd.Timedelta(hours=1)  # named by their end
    return table, (float(about["latitude"]), float(about["longitude"]), float(about["altitude"]))


def _on_clock(table: pd.DataFrame, time_zone: str) -> pd.DataFrame:
    """Return the table by month, day and hour of the clock of 1 January."""
    own = pd.DatetimeIndex(table.index)
    kept = (own.month != 2) | (own.day != 29)
    table, own = table[kept], own[kept]
    parts = {"year": COMMON_YEAR, "month": own.month, "day": own.day, "hour": own.hour}
    hours = pd.DatetimeIndex(pd.to_datetime(pd.DataFrame(parts))).tz_localize(own.tz)
    clock = hours.tz_convert(typical_hours(time_zone).tz)
    return table.set_index([clock.month, clock.day, clock.hour]).sort_index()


def _problems(year: pd.DataFrame) -> Iterator[Problem]:
    if len(year) != 8760 or year.index.has_duplicates:
        count = len(year.index.unique())
        yield Problem("a year of weather with other hours", f"{count} of 8760", "each hour once")
    for column, (low, high) in LIMITS.items():
        if column not in year:
            yield Problem(f"a weather file without {column}", ", ".join(map(str, year.columns)))
            continue
        values = pd.to_numeric(year[column], errors="coerce").to_numpy(dtype=float)
        bad = np.flatnonzero(~((values >= low) & (values <= high)))
        if bad.size:
            month, day, hour = year.index[bad[0]]
            yield Problem(
                f"{bad.size} values of {column} beyond their range",
                found=f"{values[bad[0]]:g} on {month:02d}-{day:02d} at {hour:02d} h",
                expected=f"{low:g} to {high:g}",
                remedy="fill the gaps, or correct the unit, before the file is used",
            )
