"""The park's table: on the configured run, and on a run with a boundary that has zones."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
from conftest import copy_project
from pyproj import Geod
from ruamel.yaml import YAML
from shapely.geometry import Polygon, box

from ecoassess.calendar import Month
from ecoassess.errors import InputError
from ecoassess.export.park import park_table
from ecoassess.export.tables import EXACT, write_csv
from ecoassess.inputs.park_zones import read_park_zones
from ecoassess.opening import open_run
from ecoassess.project import Project, find_project
from ecoassess.run import Session
from ecoassess.verification import verify

STOCKS = ["aboveground_stock", "belowground_stock", "dead_wood_stock", "litter_stock", "soil_stock"]


class Table:
    """Rows of park.csv by zone and quantity."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.rows = rows.set_index(["zoning", "adcode", "quantity"])

    def row(self, zoning: str, code: str, quantity: str) -> pd.Series:
        found: pd.Series = self.rows.loc[(zoning, code, quantity)]
        return found

    def value(self, zoning: str, code: str, quantity: str) -> float:
        return float(self.row(zoning, code, quantity)["value"])

    def parts(self, zoning: str, quantity: str, column: str = "value") -> pd.Series:
        found: pd.Series = self.rows.xs(quantity, level="quantity").loc[zoning][column]
        return found


@pytest.fixture(scope="module")
def table(published: Any) -> Table:
    rows = pd.read_csv(
        published.folder / "park.csv",
        encoding="utf-8-sig",
        dtype={"adcode": str, "year": str},
        keep_default_na=True,
    )
    return Table(rows)


def test_excel_opens_it_and_names_stand_in_both_languages(published: Any, table: Table) -> None:
    assert (published.folder / "park.csv").read_bytes().startswith(b"\xef\xbb\xbfzoning,adcode,")
    row = table.row("park_province", "22", "total_stock")
    assert row["zone"] == "Tiger and Leopard National Park region, Jilin"
    assert row["zone_zh"] == "东北虎豹国家公园片区（吉林省）"
    assert row["quantity_zh"] == "总碳储量"


@pytest.mark.parametrize("zoning", ["park_province", "park_county"])
@pytest.mark.parametrize(
    "quantity",
    [
        *("polygon_area", "pixel_area", "share_of_park", "mapped_forest_area", "stand_area"),
        *("total_stock", "total_sink", "soil_stock"),
    ],
)
def test_parts_add_up_to_the_region(table: Table, zoning: str, quantity: str) -> None:
    whole = table.value("park_region", "park", quantity)
    assert table.parts(zoning, quantity).sum() == pytest.approx(whole, rel=1e-7)


def test_pools_add_up(table: Table) -> None:
    for zoning, code in (("park_region", "park"), ("park_county", "222404")):
        pools = sum(table.value(zoning, code, name) for name in STOCKS)
        assert table.value(zoning, code, "total_stock") == pytest.approx(pools, rel=1e-9)


def test_intervals_are_of_the_sum_of_the_draws(published: Any, table: Table) -> None:
    outcome = published.assessment.outcomes["forest_sink"]
    atoms = published.session.observe().atoms
    inside = ((atoms["park_zone"] != "") & (atoms["province"] == "22")).to_numpy()
    draws = sum(
        outcome.amounts[name].sum("forest_type").transpose("draw", "atom").values[:, inside]
        for name in STOCKS
    ).sum(axis=1)
    row = table.row("park_province", "22", "total_stock")
    assert row["value"] == pytest.approx(draws[0], rel=1e-9)
    assert row["p2.5"] == pytest.approx(np.quantile(draws[1:], 0.025), rel=1e-5)
    assert row["p97.5"] == pytest.approx(np.quantile(draws[1:], 0.975), rel=1e-5)
    # An interval of a sum is narrower than, or as wide as, the sum of the intervals.
    widths = [
        row["p97.5"] - row["p2.5"]
        for row in (table.row("park_province", "22", name) for name in STOCKS)
    ]
    assert row["p97.5"] - row["p2.5"] < sum(widths)


def test_values_per_hectare_are_per_hectare_of_stands(table: Table) -> None:
    for stock, unit in (("total_stock", "t C/ha"), ("total_sink", "t CO2/ha/yr")):
        row = table.row("park_county", "231086", f"{stock}_per_hectare")
        stands = table.value("park_county", "231086", "stand_area")
        expected = table.value("park_county", "231086", stock) / stands
        assert row["value"] == pytest.approx(expected, rel=1e-8)
        assert row["unit"] == unit
        assert row["p2.5"] < row["value"] < row["p97.5"]


def test_official_areas_and_the_difference_from_them(table: Table) -> None:
    """Park bureau 2021: 1,406,500 ha, of which 955,700 in Jilin; Dongning 278,100 ha."""
    for zoning, code, official in (
        ("park_region", "park", 1_406_500),
        ("park_province", "22", 955_700),
        ("park_province", "23", 450_800),
        ("park_county", "231086", 278_100),
    ):
        row = table.row(zoning, code, "official_area")
        assert (row["value"], row["evidence"], row["status"]) == (official, "A", "measured")
        polygon = table.value(zoning, code, "polygon_area")
        found = table.value(zoning, code, "official_difference")
        assert found == pytest.approx(100 * (polygon - official) / official, rel=1e-8)
    row = table.row("park_county", "222402", "official_area")
    assert np.isnan(row["value"])
    assert row["status"] == "missing"
    assert "not found" in row["reason"]
    assert ("park_county", "222402", "official_difference") not in table.rows.index


def test_pixels_and_polygons_agree(table: Table) -> None:
    """Pixels of 500 m belong to one side of a border: half a per cent of a small county."""
    assert table.parts("park_county", "pixel_difference").abs().max() < 0.5
    assert abs(table.value("park_region", "park", "pixel_difference")) < 0.2


def test_shares_of_counties(published: Any, table: Table) -> None:
    shares = table.parts("park_county", "share_of_county")
    assert shares["222402"] == pytest.approx(100)  # Tumen lies in the published extent as a whole
    assert shares["222424"] == pytest.approx(100)
    assert 40 < shares["231084"] < 50
    area = published.session.observe().polygon_area.sel(adcode="231084") / 1e4
    expected = 100 * table.value("park_county", "231084", "polygon_area") / float(area)
    assert shares["231084"] == pytest.approx(expected, rel=1e-5)


def test_the_restored_area_is_the_statistic(table: Table) -> None:
    row = table.row("park_region", "park", "forest_restored_area")
    assert (row["value"], row["unit"], row["year"], row["status"]) == (
        *(2200, "ha", "2024", "measured"),
    )
    assert np.isnan(row["p2.5"])


def test_the_proxy_is_named_on_every_row_that_rests_on_it(table: Table) -> None:
    own = table.rows.drop(
        index=["official_area", "forest_restored_area"], level="quantity", errors="ignore"
    )
    assert (own["status"] == "proxy").all()
    region = own.drop(index="park_estimate", level="zoning")
    assert region["reason"].str.contains("no official boundary").all()


def test_the_estimate_carries_the_density_over_to_the_official_area(table: Table) -> None:
    region = table.value("park_province", "23", "total_stock_per_hectare")
    assert table.value("park_estimate", "23", "total_stock_per_hectare") == pytest.approx(
        region, rel=1e-9
    )
    assert table.value("park_estimate", "park", "official_area") == 1_406_500
    assert ("park_estimate", "park", "polygon_area") not in table.rows.index


def test_verify_compares_the_table_with_the_rows(published: Any, tmp_path: Path) -> None:
    for name in ("assessment.csv", "park.csv"):
        shutil.copy(published.folder / name, tmp_path / name)
    found = verify(published.session, tmp_path)
    zones = {(c.zoning, c.code) for c in found}
    assert {c.map for c in found} >= {"park.csv: total_stock", "park.csv: aboveground_increment"}
    assert ("park_estimate", "park") in zones
    assert len(zones) == 12
    assert len(found) == 12 * 9  # five pools, two fluxes and their sums
    assert all(c.holds for c in found)
    rows = pd.read_csv(tmp_path / "park.csv", encoding="utf-8-sig", dtype={"adcode": str})
    wrong = (rows["quantity"] == "total_stock") & (rows["adcode"] == "222404")
    rows.loc[wrong, "value"] *= 1.001
    write_csv(rows, tmp_path / "park.csv", EXACT)
    failed = [c for c in verify(published.session, tmp_path) if not c.holds]
    assert [(c.map, c.code) for c in failed] == [("park.csv: total_stock", "222404")]


# A boundary with zones.

Change = Callable[[Any], None]
CORE = box(130.2, 43.2, 130.6, 43.9)
GENERAL = box(130.6, 43.2, 131.6, 43.9)
"""Across the border of the provinces; the second reaches into Russia."""


def edit_yaml(path: Path, change: Change) -> None:
    yaml = YAML()
    data = yaml.load(path.read_text(encoding="utf-8"))
    change(data)
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(data, stream)


def project_with_zones(folder: Path, zones: Mapping[str, Polygon], field: str = "grade") -> Project:
    """Return a project of one technology with a park boundary of these zones."""
    project = copy_project(folder, draws=10)
    frame = geopandas.GeoDataFrame(
        {"grade": list(zones)}, geometry=list(zones.values()), crs="EPSG:4490"
    )
    frame.to_file(project.datasets / "park.gpkg")
    entry = {
        "title": {"en": "Park", "zh": "公园"},
        "kind": "boundary",
        "file": "park.gpkg",
        "crs": "EPSG:4490",
        "zone_field": field,
        "licence": "made for this test",
        "citation": "none",
    }
    edit_yaml(
        project.datasets / "catalog.yaml", lambda catalog: catalog.update(park_boundary=entry)
    )
    edit_yaml(
        project.configs / "runs" / "yanbian.yaml",
        lambda run: run.update(technologies=["forest_sink"]),
    )
    return project


def opened(project: Project) -> Session:
    return open_run(project, project.configs / "runs" / "yanbian.yaml", Month(2024, 6))


@pytest.fixture(scope="module")
def zoned(tmp_path_factory: pytest.TempPathFactory) -> Table:
    # Two spellings of one zone are one zone.
    zones = {
        "核心保护区": box(130.2, 43.2, 130.4, 43.9),
        "Core-Zone": box(130.4, 43.2, 130.6, 43.9),
        "2": GENERAL,
    }
    project = project_with_zones(tmp_path_factory.mktemp("zoned"), zones)
    return Table(park_table(opened(project).assess()))


def test_zones_have_codes_and_names(zoned: Table) -> None:
    names = zoned.rows.loc["park_zone"][["zone", "zone_zh"]].drop_duplicates()
    names = names.droplevel("quantity")
    assert names.to_dict("index") == {
        "core": {
            "zone": "Tiger and Leopard National Park, core protection zone",
            "zone_zh": "东北虎豹国家公园核心保护区",
        },
        "general_control": {
            "zone": "Tiger and Leopard National Park, general control zone",
            "zone_zh": "东北虎豹国家公园一般控制区",
        },
    }


def geodetic_hectares(shape: Polygon) -> float:
    """Return the area of a box on the ellipsoid of CGCS2000, its parallels cut into pieces."""
    outline = shape.segmentize(0.001).exterior.coords
    area, _ = Geod(ellps="GRS80").polygon_area_perimeter(*zip(*outline, strict=True))
    return abs(area) / 1e4


def test_zones_have_the_area_of_their_polygons(zoned: Table) -> None:
    for code, shape in (("core", CORE), ("general_control", GENERAL)):
        found = zoned.value("park_zone", code, "polygon_area")
        assert found == pytest.approx(geodetic_hectares(shape), rel=1e-5)
    row = zoned.row("park_region", "park", "polygon_area")
    whole = geodetic_hectares(CORE) + geodetic_hectares(GENERAL)
    assert row["value"] == pytest.approx(whole, rel=1e-5)
    assert row["status"] == "measured"
    inside = zoned.parts("park_county", "polygon_area").sum()
    assert 0.7 * whole < inside < whole
    assert row["reason"] == f"{whole - inside:.0f} ha lie outside the counties of the run"
    shares = zoned.parts("park_zone", "share_of_park")
    assert shares.sum() == pytest.approx(100)


def test_counties_have_a_row_where_the_boundary_reaches_them(zoned: Table) -> None:
    """Not Ning'an and Muling, which the squares miss although the run lists them."""
    shares = zoned.parts("park_county", "share_of_county")
    assert set(shares.index) == {"222402", "222404", "222424", "231086"}
    assert ((shares > 0) & (shares < 100)).all()


def test_zones_add_up_to_the_park(zoned: Table) -> None:
    for quantity in ("pixel_area", "mapped_forest_area", "total_stock", "total_sink"):
        whole = zoned.value("park_region", "park", quantity)
        assert zoned.parts("park_zone", quantity).sum() == pytest.approx(whole, rel=1e-9)
    assert "park_estimate" not in zoned.rows.index.get_level_values("zoning")
    assert (zoned.parts("park_zone", "total_stock", "status") != "proxy").all()


def test_a_zone_without_an_official_figure_says_so(zoned: Table) -> None:
    row = zoned.row("park_zone", "core", "official_area")
    assert row["status"] == "missing"
    assert row["reason"] == "area: not in county_statistics.csv"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("核心保护区", "core"),
        (" 核心区 ", "core"),
        ("CORE", "core"),
        ("Core Protection Zone", "core"),
        ("core_protection", "core"),
        ("1", "core"),
        ("1.0", "core"),
        ("１", "core"),
        ("Ⅰ", "core"),
        ("一般控制区", "general_control"),
        ("general-control", "general_control"),
        ("General control zone", "general_control"),
        (2, "general_control"),
        ("实验区", None),
        ("", None),
        ("park", None),
        ("12", None),
    ],
)
def test_zones_are_known_by_their_common_names(word: object, code: str | None) -> None:
    assert read_park_zones(find_project(Path(__file__))).code(word) == code


def message(project: Project) -> str:
    with pytest.raises(InputError) as error:
        opened(project).observe()
    return str(error.value)


def test_an_unknown_zone_is_refused_by_name(tmp_path: Path) -> None:
    text = message(project_with_zones(tmp_path, {"核心区": CORE, "缓冲区": GENERAL}))
    assert "park_boundary.zone_field" in text
    assert "found: 缓冲区" in text
    assert "general_control (一般控制区" in text
    assert "configs/codes/park_zones.yaml" in text


def test_a_zone_field_that_the_file_lacks_is_refused(tmp_path: Path) -> None:
    text = message(project_with_zones(tmp_path, {"1": CORE}, field="zone"))
    assert "no such field" in text
    assert "found: zone" in text
    assert "expected: grade" in text


def test_zones_that_overlap_are_refused(tmp_path: Path) -> None:
    text = message(project_with_zones(tmp_path, {"1": CORE, "2": box(130.5, 43.2, 130.9, 43.9)}))
    assert "zones 1 and 2 overlap" in text


def test_a_name_for_two_zones_is_refused(project: Project) -> None:
    def double(legend: Any) -> None:
        legend["zones"]["core"]["also"].append("General Control")

    edit_yaml(project.configs / "codes" / "park_zones.yaml", double)
    with pytest.raises(InputError, match="a name stands for two park zones"):
        read_park_zones(project)
