"""The station table: what is read and what is refused."""

from pathlib import Path

import pytest

from ecoassess.errors import InputError
from ecoassess.inputs.catalog import read_catalog
from ecoassess.inputs.stations import annual_precipitation, read_stations
from ecoassess.project import Project


def spoil(project: Project, old: str, new: str, encoding: str = "utf-8") -> None:
    """Change the station table and let the catalogue accept the new file."""
    table = project.datasets / "station_normals.csv"
    text = table.read_text(encoding="utf-8")
    assert old in text
    table.write_text(text.replace(old, new, 1), encoding=encoding)
    catalog = project.datasets / "catalog.yaml"
    lines = catalog.read_text(encoding="utf-8").splitlines(keepends=True)
    start = lines.index("station_normals:\n")
    checksum = next(i for i in range(start, len(lines)) if "sha256" in lines[i])
    del lines[checksum]
    catalog.write_text("".join(lines), encoding="utf-8")


def test_precipitation_of_the_seats(project: Project) -> None:
    found = annual_precipitation(read_stations(read_catalog(project), "station_normals"))
    assert found.loc["Yanji", "precipitation"] == 553.1
    assert len(found) == 7


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (",92.8,MJ/m^2", ",n/a,MJ/m^2", "does not allow"),
        (",92.8,MJ/m^2", ",92.8,kWh/m^2", "does not allow"),
        (",92.8,MJ/m^2", ",9280,MJ/m^2", "does not allow"),
        ("station,station_zh,longitude", "station,station_zh,x", "columns are missing"),
    ],
)
def test_what_does_not_hold_is_refused(project: Project, old: str, new: str, what: str) -> None:
    spoil(project, old, new)
    with pytest.raises(InputError, match=what) as caught:
        read_stations(read_catalog(project), "station_normals")
    (problem,) = caught.value.problems
    assert Path(str(problem.file)).name == "station_normals.csv"
    assert problem.line is not None


def test_gbk_is_named(project: Project) -> None:
    spoil(project, "安图", "安图", encoding="gb18030")
    with pytest.raises(InputError, match="reads as GBK"):
        read_stations(read_catalog(project), "station_normals")
