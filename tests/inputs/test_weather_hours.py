"""Weather files of hours: the three formats, whose counties they are, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.errors import InputError
from ecoassess.inputs.catalog import Catalog, DatasetEntry, read_catalog
from ecoassess.inputs.weather_hours import read_weather
from ecoassess.models.pv_weather import pv_of_weather
from ecoassess.models.pv_year import PVParameters, monthly_sum
from ecoassess.project import Project

GREENSBORO = Path(pvlib.__path__[0]) / "data" / "723170TYA.CSV"
REFERENCE = Path(__file__).parents[1] / "reference" / "pv_tmy3.yaml"
PARAMETERS = PVParameters(
    *(-0.0035, 0.0, 0.14, 1.2, 0.96, 25.0, 6.84, 1.5, 6.0, 14.5, 0.2, 0.6, 2.0, 0.5, 0.75)
)


def places(**by_code: tuple[float, float]) -> tuple[xr.DataArray, xr.DataArray]:
    """Return longitudes and latitudes by county code."""
    codes = {"adcode": [code.removeprefix("c") for code in by_code]}
    x, y = zip(*by_code.values(), strict=True)
    return tuple(xr.DataArray(list(v), codes, ("adcode",)) for v in (x, y))  # type: ignore[return-value]


def with_files(project: Project, **files: dict) -> Catalog:
    """Return the catalogue with weather files added."""
    catalog = read_catalog(project)
    entries = {
        name: DatasetEntry(
            title={"en": name, "zh": name},
            kind=entry.pop("kind", "weather_hours"),
            licence="public domain",
            citation="made for a test",
            **entry,
        )
        for name, entry in files.items()
    }
    return Catalog(catalog.document, {**catalog.entries, **entries}, project)


def hours() -> pd.DataFrame:
    """Return a year in UTC whose every value tells its month, day and hour."""
    time = pd.date_range("2018-01-01", periods=8760, freq="h", tz="UTC")
    return pd.DataFrame(
        {
            "ghi": time.hour * 10.0,
            "dni": time.day * 10.0,
            "dhi": time.month * 10.0,
            "temp_air": time.month - 20.0,
            "wind_speed": time.hour / 2,
        },
        index=time,
    )


def write_pvgis(file: Path, table: pd.DataFrame) -> None:
    head = ["Latitude (decimal degrees): 42.9", "Longitude (decimal degrees): 129.5"]
    head += ["Elevation (m): 180", "Irradiance Time Offset (h): 0.2", "month,year"]
    head += [f"{month},2018" for month in range(1, 13)]
    head += ["time(UTC),T2m,RH,G(h),Gb(n),Gd(h),IR(h),WS10m,WD10m,SP"]
    rows = [
        f"{time:%Y%m%d:%H%M},{r.temp_air},50,{r.ghi},{r.dni},{r.dhi},300,{r.wind_speed},0,100000"
        for time, r in zip(table.index, table.itertuples(), strict=True)
    ]
    file.write_text("\r\n".join([*head, *rows, "", "T2m: air"]), encoding="utf-8")


def write_epw(file: Path, table: pd.DataFrame, zone: int) -> None:
    lines = [f"LOCATION,Yanji,-,CHN,test,0,42.9,129.5,{zone},180", *["COMMENTS"] * 7]
    for time, r in zip(table.index, table.itertuples(), strict=True):
        at = time.tz_convert(f"Etc/GMT{-zone:+d}")
        values = ["0"] * 29
        values[0], values[7], values[8], values[9] = (
            str(v) for v in (r.temp_air, r.ghi, r.dni, r.dhi)
        )
        values[15] = str(r.wind_speed)
        lines.append(f"2018,{at.month},{at.day},{at.hour + 1},0,x," + ",".join(values))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def on_yanbian_clock() -> pd.DataFrame:
    """Return the made-up year as it must stand from midnight of 1 January at UTC+8."""
    return pd.concat([hours().iloc[-8:], hours().iloc[:-8]])


@pytest.mark.parametrize("kind", ["pvgis.csv", "weather.epw"])
def test_hours_come_to_the_clock_of_the_run(project: Project, kind: str) -> None:
    file = project.datasets / kind
    if kind.endswith("epw"):
        write_epw(file, hours(), 8)
    else:
        write_pvgis(file, hours())
    catalog = with_files(project, near={"file": kind})
    found = read_weather(catalog, ["near"], *places(c222401=(129.5, 42.9)), "Asia/Shanghai")
    weather, expected = found["222401"].weather, on_yanbian_clock()
    for own, theirs in (("ghi", "ghi"), ("dhi", "dhi"), ("temperature", "temp_air")):
        np.testing.assert_allclose(getattr(weather, own), expected[theirs], err_msg=own)
    assert found["222401"].site.altitude == 180


def test_tmy3_gives_the_sums_and_planes_of_its_reference(project: Project) -> None:
    data = YAML(typ="safe").load(REFERENCE)
    station = data["stations"][0]
    catalog = with_files(project, tmy={"package": "pvlib", "path": "data/723170TYA.CSV"})
    where = places(c1=(station["longitude"], station["latitude"]))
    file = read_weather(catalog, ["tmy"], *where, station["time_zone"])["1"]
    ghi = monthly_sum(file.weather.ghi) / 1000
    np.testing.assert_allclose(ghi, station["global_horizontal"], atol=0.006)
    air = file.weather.monthly_temperature
    np.testing.assert_allclose(air, station["temperature"], atol=0.006)
    year = pv_of_weather(file.site, file.weather, data["tilts"], data["azimuths"], PARAMETERS)
    planes = year.plane_irradiation.sum(axis=0)
    np.testing.assert_allclose(planes, station["plane_irradiation"], rtol=0.01)


def test_named_counties_first_then_the_nearest(project: Project) -> None:
    write_pvgis(project.datasets / "a.csv", hours())
    catalog = with_files(
        project, near={"file": "a.csv"}, named={"file": "a.csv", "counties": ["3"]}
    )
    where = places(c1=(129.5, 42.9), c2=(129.5, 43.7), c3=(129.6, 42.9), c4=(129.5, 44.0))
    found = read_weather(catalog, ["near", "named"], *where, "Asia/Shanghai")
    # the second lies 89 km away, the fourth 122 km: it keeps its typical year
    assert {code: file.dataset for code, file in found.items()} == {
        "1": "near",
        "2": "near",
        "3": "named",
    }


def refused(catalog: Catalog, names: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_weather(catalog, names, *places(c1=(129.5, 42.9)), "Asia/Shanghai")


def test_what_does_not_hold_is_refused_by_name(project: Project) -> None:
    table = hours()
    write_pvgis(project.datasets / "good.csv", table)
    cold = table.assign(temp_air=table["temp_air"] + 273.15)
    write_pvgis(project.datasets / "kelvin.csv", cold)
    twice = table.copy()
    twice.index = [*table.index[:-1], table.index[0]]
    write_pvgis(project.datasets / "twice.csv", twice)
    (project.datasets / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (project.datasets / "other.json").write_text(json.dumps({"a": 1}), encoding="utf-8")
    good = {"file": "good.csv"}
    catalog = with_files(
        project,
        kelvin={"file": "kelvin.csv"},
        twice={"file": "twice.csv"},
        other={"file": "other.csv"},
        record={"file": "other.json"},
        table={**good, "kind": "table"},
        elsewhere={**good, "counties": ["9"]},
        one={**good, "counties": ["1"]},
        two={**good, "counties": ["1"]},
    )
    refused(catalog, ["kelvin"], r"8760 values of temp_air beyond their range(.|\n)*found: 265")
    refused(catalog, ["twice"], "8759 of 8760")
    refused(catalog, ["other"], r"other.csv: a weather file that cannot be read")
    refused(catalog, ["record"], r"other.json: a weather file that cannot be read")
    write_epw(project.datasets / "pvgis.epw", table, 8)
    text = (project.datasets / "pvgis.epw").read_text(encoding="utf-8")
    text = text.replace("COMMENTS", "COMMENTS 2,Irradiance Time Offset (h):-0.8239", 1)
    (project.datasets / "pvgis.epw").write_text(text, encoding="utf-8")
    refused(with_files(project, pvgis={"file": "pvgis.epw"}), ["pvgis"], "an EPW of PVGIS")
    refused(catalog, ["table"], "no weather of hours")
    refused(catalog, ["elsewhere"], "not a county of the run")
    refused(catalog, ["one", "two"], "a county has two files")


def test_a_file_far_from_all_counties_is_refused(project: Project) -> None:
    write_pvgis(project.datasets / "good.csv", hours())
    catalog = with_files(project, far={"file": "good.csv"})
    with pytest.raises(InputError, match="stands for no county of the run"):
        read_weather(catalog, ["far"], *places(c1=(116.4, 39.9)), "Asia/Shanghai")
