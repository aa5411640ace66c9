"""Building footprints: made layers with each mistake, and sums and maps by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import rasterio
from affine import Affine
from shapely import Polygon, affinity, transform
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from ecoassess.errors import InputError, Problem
from ecoassess.inputs.boundaries import EQUAL_AREA
from ecoassess.inputs.buildings import (
    Buildings,
    BuildingSums,
    bad_buildings,
    building_report,
    buildings_by_zone,
    census_floor_area,
    compare_floor_area,
    comparison_report,
    pixel_areas,
    read_building_legend,
    read_buildings,
    source,
    write_roof_map,
)
from ecoassess.inputs.buildings.codes import BuildingLegend
from ecoassess.inputs.catalog import Catalog, Title, read_catalog
from ecoassess.inputs.layers import on_grid, open_layer
from ecoassess.inputs.statistics import read_statistics
from ecoassess.language import LANGUAGES, Words, read_words
from ecoassess.project import Project
from ecoassess.raster.grid import WorkingGrid

ROOT = Path(__file__).resolve().parents[2]
WEST, SOUTH = 2_600_000.0, 2_300_000.0  # of the made town, in the equal-area projection
SIDE = 20.0  # m: 400 m²
PLACE = 100.0  # m between two buildings


def square(place: int, side: float = SIDE, shift: float = 0.0) -> BaseGeometry:
    west = WEST + PLACE * place + shift
    return box(west, SOUTH, west + side, SOUTH + side)


def layer(*changes: dict[str, Any]) -> geopandas.GeoDataFrame:
    """A layer of buildings without attributes, each changed as told; `geometry` too."""
    rows = [
        {"id": f"b{number}", "geometry": square(number), **change}
        for number, change in enumerate(changes, 1)
    ]
    return geopandas.GeoDataFrame(rows, geometry="geometry", crs=EQUAL_AREA)


def declare(folder: Path, file: str, **entry: str) -> Catalog:
    """A project whose catalogue holds nothing but the buildings in `file`."""
    (folder / "configs" / "codes").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "configs" / "codes" / "buildings.yaml", folder / "configs" / "codes")
    declared = {
        "title": "{en: Buildings, zh: 建筑}",
        "kind": "buildings",
        "file": file,
        "crs": EQUAL_AREA,
        "licence": "made for a test",
        "citation": "made for a test",
        **entry,
    }
    lines = "".join(f"  {key}: {value}\n" for key, value in declared.items())
    catalog = folder / "datasets" / "catalog.yaml"
    catalog.parent.mkdir(exist_ok=True)
    catalog.write_text(f"mine:\n{lines}", encoding="utf-8")
    return read_catalog(Project(folder, folder / "outputs"))


def write(folder: Path, frame: geopandas.GeoDataFrame, file: str = "my.gpkg") -> str:
    (folder / "datasets").mkdir(exist_ok=True)
    pyogrio.write_dataframe(frame, folder / "datasets" / file)
    return file


def read(folder: Path, frame: geopandas.GeoDataFrame, **entry: str) -> Buildings:
    return read_buildings(declare(folder, write(folder, frame), **entry), "mine")


def refused(folder: Path, file: str, **entry: str) -> Problem:
    with pytest.raises(InputError) as caught:
        read_buildings(declare(folder, file, **entry), "mine")
    (problem,) = caught.value.problems
    return problem


def legend() -> BuildingLegend:
    return read_building_legend(Project(ROOT, ROOT / "outputs"))


def words(language: str) -> Words:
    return read_words(language, ROOT)


def found(buildings: Buildings, level: str) -> dict[str, str]:
    """Building → reason, of the findings of a level."""
    return {f.parcel: f.reason for f in buildings.findings if f.level == level}


def column(buildings: Buildings, name: str) -> dict[str, Any]:
    good = buildings.good
    return dict(zip(good["building"], good[name], strict=True))


# The legend


def test_a_name_that_stands_for_two_usages_is_refused(tmp_path: Path) -> None:
    catalog = declare(tmp_path, write(tmp_path, layer({})))
    file = catalog.project.configs / "codes" / "buildings.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("also: [民房", "also: [学校, 民房"), encoding="utf-8")
    with pytest.raises(InputError, match="a name stands for two codes") as caught:
        read_buildings(catalog, "mine")
    assert caught.value.problems[0].key == "usages.school"


def test_every_finding_and_note_has_words() -> None:
    table = words("en").table
    code = "".join(
        file.read_text(encoding="utf-8")
        for file in (ROOT / "ecoassess" / "inputs" / "buildings").glob("*.py")
    )
    own = [key for key in table if key.startswith("building_")]
    assert all(set(table[key]) == {"en", "zh"} for key in own)
    for key in (key for key in own if key.endswith("_name")):
        reason = key.removeprefix("building_").removesuffix("_name")
        assert f'"{reason}"' in code
        assert f"building_{reason}" in table


# Use, storeys and kinds


def test_storeys_come_from_the_record_or_the_height(tmp_path: Path) -> None:
    frame = layer(
        {"class": "apartments", "num_floors": 6, "height": 30.0},  # recorded rules
        {"class": "apartments", "num_floors": None, "height": 8.4},  # 3 × 2.8 m
        {"class": "apartments", "num_floors": None, "height": 8.3},  # two fit
        {"class": "house", "num_floors": None, "height": 2.5},  # at least one
        {"class": "factory", "num_floors": None, "height": 8.4},  # two of 3.6 m fit
        {"class": None, "num_floors": None, "height": 9.1},  # three of 3.0 m fit
        {"class": "school", "num_floors": None, "height": None},
        {"class": "carport", "num_floors": 1, "height": 3.0},  # a roof without floors
    )
    buildings = read(tmp_path, frame)
    floors = column(buildings, "floors")
    assert {b: floors[b] for b in ("b1", "b2", "b3", "b4", "b5", "b6", "b8")} == {
        "b1": 6, "b2": 3, "b3": 2, "b4": 1, "b5": 2, "b6": 3, "b8": 0,
    }  # fmt: skip
    assert np.isnan(floors["b7"])
    rests = column(buildings, "floors_from")
    assert [rests[b] for b in ("b1", "b2", "b7")] == ["recorded", "height", ""]
    area = column(buildings, "floor_area")
    assert area["b1"] == pytest.approx(6 * 400, rel=1e-9)
    assert area["b2"] == pytest.approx(3 * 400, rel=1e-9)
    assert area["b8"] == 0
    assert np.isnan(area["b7"])


def test_dwellings_have_kinds_by_their_storeys(tmp_path: Path) -> None:
    frame = layer(
        {"building": "house", "building:levels": "3"},
        {"building": "residential", "building:levels": "1"},
        {"building": "residential", "building:levels": "3"},
        {"building": "apartments", "building:levels": "2"},
        {"building": "apartments", "building:levels": "6"},
        {"building": "apartments", "building:levels": "7"},
        {"building": "apartments", "building:levels": None},
        {"building": "school", "building:levels": "4"},
        {"building": "yes", "building:levels": "4"},
        {"building": "住宅", "building:levels": "18"},
    )
    assert list(column(read(tmp_path, frame), "kind").values()) == [
        "self_built", "self_built", "walk_up", "walk_up", "walk_up", "lift", "residential",
        "other", "unknown", "lift",
    ]  # fmt: skip


def test_the_general_use_counts_where_the_detailed_one_says_nothing(tmp_path: Path) -> None:
    frame = layer(
        {"class": None, "subtype": "residential", "num_floors": 9},
        {"class": "kiosk", "subtype": "residential", "num_floors": 1},
        {"class": "pagoda", "subtype": None, "num_floors": 1},
        {"class": None, "subtype": None, "num_floors": 1},
    )
    buildings = read(tmp_path, frame)
    assert list(column(buildings, "kind").values()) == ["lift", "other", "unknown", "unknown"]
    (note,) = [note for note in buildings.notes if note.reason == "unknown_usage"]
    assert (note.values["found"], note.values["number"]) == ("pagoda", 1)
    assert "pagoda" in building_report(buildings, words("en"))


def test_what_has_no_roof_is_set_apart(tmp_path: Path) -> None:
    frame = layer(
        {"class": "greenhouse", "is_underground": False},
        {"class": "parking", "is_underground": True},
        {"class": "school", "is_underground": None},
    )
    buildings = read(tmp_path, frame)
    assert list(buildings.good["building"]) == ["b3"]
    assert list(buildings.not_counted["usage"]) == ["greenhouse", "underground"]
    assert buildings.not_counted["footprint"].sum() == pytest.approx(800, rel=1e-9)


def test_further_tags_of_openstreetmap_are_read(tmp_path: Path) -> None:
    tags = ['"height"=>"20 m","building:levels"=>"6"', '"name"=>"a \\"b\\""', None]
    frame = layer(*({"building": "apartments", "other_tags": tag} for tag in tags))
    buildings = read(tmp_path, frame)
    assert buildings.fields["floors"] == "building:levels"
    assert column(buildings, "height")["b1"] == 20
    assert list(column(buildings, "kind").values()) == ["walk_up", "residential", "residential"]


# Heights


def test_microsoft_heights_of_minus_one_are_missing(tmp_path: Path) -> None:
    file = tmp_path / "datasets" / "my.geojsonl"
    file.parent.mkdir()
    shapes = layer({}, {}).to_crs("EPSG:4326").geometry
    file.write_text(
        "\n".join(
            json.dumps(
                {
                    "type": "Feature",
                    "properties": {"height": height, "confidence": -1},
                    "geometry": shape.__geo_interface__,
                }
            )
            for height, shape in zip((-1.0, 12.5), shapes, strict=True)
        ),
        encoding="utf-8",
    )
    buildings = read_buildings(declare(tmp_path, file.name, crs="EPSG:4326"), "mine")
    assert np.isnan(buildings.good["height"].iloc[0])
    assert buildings.good["floors"].iloc[1] == 4  # 12.5 m / 3.0 m
    assert buildings.good["footprint"].to_numpy() == pytest.approx([400, 400], rel=1e-6)
    assert not found(buildings, "doubt")
    (note,) = buildings.notes
    assert note.values["fields"] == "usage, floors"


def test_numbers_may_carry_their_unit(tmp_path: Path) -> None:
    heights = ["12", "12.5 m", "30'", "10 ft", "tall", "10;12", None]
    buildings = read(tmp_path, layer(*({"height": height} for height in heights)))
    assert buildings.good["height"].to_numpy() == pytest.approx(
        [12, 12.5, 30 * 0.3048, 10 * 0.3048, np.nan, np.nan, np.nan], nan_ok=True
    )
    assert found(buildings, "doubt") == {"b5": "no_number", "b6": "no_number"}


def test_a_number_that_cannot_be_is_unknown(tmp_path: Path) -> None:
    frame = layer(
        {"height": 12.0, "floors": 4.0},
        {"height": 15.0, "floors": 5.0},
        {"height": 1.0, "floors": None},
        {"height": 900.0, "floors": None},
        {"height": None, "floors": 99.0},
        {"height": None, "floors": -2.0},
        {"height": 60.0, "floors": 2.0},
    )
    buildings = read(tmp_path, frame)
    assert found(buildings, "doubt") == {
        "b3": "height", "b4": "height", "b5": "floors", "b6": "floors", "b7": "storey",
    }  # fmt: skip
    floors = column(buildings, "floors")
    assert floors["b7"] == 2
    assert all(np.isnan(floors[b]) for b in ("b3", "b4", "b5", "b6"))


@pytest.mark.parametrize(
    ("unit", "heights"),
    [
        ("m", [1200.0, 1800.0, 900.0]),  # cm, from the heights alone
        ("ft", [1200.0, 1800.0, 900.0]),
        ("cm", [12.0, 18.0, 9.0]),
    ],
)
def test_heights_in_another_unit_stop_the_run(
    tmp_path: Path, unit: str, heights: list[float]
) -> None:
    file = write(tmp_path, layer(*({"height": height} for height in heights)))
    problem = refused(tmp_path, file, height_unit=unit)
    assert problem.key == "mine.height_unit"
    assert "another unit" in problem.what


def test_feet_show_beside_storeys(tmp_path: Path) -> None:
    rows = [{"height": 10.0 * n, "floors": n} for n in (1, 3, 6)]
    file = write(tmp_path, layer(*rows))
    assert "per storey" in str(refused(tmp_path, file))
    buildings = read_buildings(declare(tmp_path, file, height_unit="ft"), "mine")
    assert buildings.good["height"].to_numpy() == pytest.approx([3.048, 9.144, 18.288])


# Geometry


def test_bad_polygons_are_set_apart_with_their_reason(tmp_path: Path) -> None:
    x, y = square(3).bounds[:2]
    bow = Polygon([(x, y), (x + SIDE, y + SIDE), (x + SIDE, y), (x, y + SIDE)])
    corner, *others = square(4).exterior.coords
    spike = Polygon([corner, (corner[0] + PLACE, SOUTH), corner, *others])
    frame = layer(
        {},
        {"geometry": None},
        {"geometry": bow},
        {"geometry": spike},
        {"geometry": square(5, side=3.0)},  # 9 m²
        {"geometry": affinity.translate(square(6, side=500.0), 0, 5000)},  # 25 ha
        {"geometry": affinity.translate(square(7, side=150.0), 0, 9000)},  # 2.25 ha
        {"geometry": square(8).centroid},
    )
    buildings = read(tmp_path, frame)
    assert found(buildings, "bad") == {
        "b2": "no_geometry", "b3": "broken", "b5": "tiny", "b6": "giant", "b8": "no_polygon",
    }  # fmt: skip
    assert found(buildings, "repaired") == {"b4": "repaired"}
    assert found(buildings, "doubt") == {"b7": "large"}
    assert column(buildings, "footprint")["b4"] == pytest.approx(400, rel=1e-6)
    assert buildings.good.geometry.is_valid.all()


def test_a_roof_counts_once(tmp_path: Path) -> None:
    frame = layer(
        {},
        {"geometry": square(1)},  # the same
        {"geometry": square(1, side=10.0)},  # within the first
        {"geometry": square(1, shift=15.0)},  # a quarter of it lies on the first: 100 m²
        {"geometry": square(1, shift=20.0 + 15.0)},  # touches the fourth
        {"id": "b1"},
    )
    buildings = read(tmp_path, frame)
    assert found(buildings, "bad") == {"b2": "twice", "b3": "overlap"}
    assert found(buildings, "doubt") == {"b1": "id_twice"}
    assert list(buildings.good.index) == [1, 4, 5, 6]
    (note,) = [note for note in buildings.notes if note.reason == "slight_overlaps"]
    assert note.values["number"] == 1
    assert note.values["area"] == pytest.approx(5 * 20, rel=1e-6)


def test_three_tables_hold_each_building_once(tmp_path: Path) -> None:
    frame = layer({}, {"geometry": square(1)}, {"class": "silo"}, {"class": "hotel"})
    buildings = read(tmp_path, frame)
    rows = [*buildings.good.index, *buildings.bad.index, *buildings.not_counted.index]
    assert sorted(rows) == [1, 2, 3, 4]
    assert list(buildings.bad["reasons"]) == ["twice"]


# The file


def test_batches_and_bounds_give_the_same_buildings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, layer(*({"height": 3.0 + n} for n in range(7))))
    catalog = declare(tmp_path, file)
    whole = read_buildings(catalog, "mine")
    zones = geopandas.GeoDataFrame(geometry=[square(3).union(square(5))], crs=EQUAL_AREA)
    monkeypatch.setattr(source, "BATCH", 2)
    pd.testing.assert_frame_equal(read_buildings(catalog, "mine").good, whole.good)
    near = read_buildings(catalog, "mine", zones.to_crs("EPSG:4326"))
    assert list(near.good["building"]) == ["b3", "b4", "b5"]
    pd.testing.assert_frame_equal(near.good, whole.good[2:5])
    far = zones.translate(1e6, 0).to_frame("geometry").set_geometry("geometry")
    with pytest.raises(InputError, match="has no buildings here"):
        read_buildings(catalog, "mine", far)


def test_geoparquet_is_read_like_a_geopackage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow", reason="GeoParquet is read through pyarrow")
    rows = [
        {"class": "house", "num_floors": 1, "height": None, "names": {"primary": "a"}},
        {"class": "apartments", "num_floors": None, "height": 20.0, "names": None},
        {"class": None, "num_floors": None, "height": None, "names": None},
    ]
    frame = layer(*rows).to_crs("OGC:CRS84")
    (tmp_path / "datasets").mkdir()
    frame.to_parquet(tmp_path / "datasets" / "my.parquet", write_covering_bbox=True)
    catalog = declare(tmp_path, "my.parquet", crs="EPSG:4326")
    monkeypatch.setattr(source, "BATCH", 2)
    by_parquet = read_buildings(catalog, "mine").good
    flat = frame.drop(columns="names").to_crs("EPSG:4326")
    by_package = read(tmp_path, flat, crs="EPSG:4326").good
    pd.testing.assert_frame_equal(
        by_parquet.drop(columns="geometry"), by_package.drop(columns="geometry"), check_dtype=False
    )
    assert by_parquet.geometry.geom_equals_exact(by_package.geometry, 1e-3).all()
    near = read_buildings(declare(tmp_path, "my.parquet", crs="EPSG:4326"), "mine", frame.iloc[[1]])
    assert list(near.good.index) == [2]
    assert "another coordinate" in refused(tmp_path, "my.parquet", crs="EPSG:32652").what
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"id": [1]}), tmp_path / "datasets" / "my.parquet")
    assert "no geometry" in refused(tmp_path, "my.parquet").what
    (tmp_path / "datasets" / "my.parquet").write_bytes(b"PAR1 no parquet")
    assert "cannot be read" in refused(tmp_path, "my.parquet").what


def test_without_pyarrow_geoparquet_is_refused_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "my.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr(source.util, "find_spec", lambda name: None)
    problem = refused(tmp_path, "my.parquet")
    assert "pyarrow" in problem.what
    assert problem.remedy is not None
    assert "ogr2ogr" in problem.remedy


@pytest.mark.parametrize(
    ("entry", "key", "what"),
    [
        ({"crs": "EPSG:4326"}, "mine.crs", "another coordinate reference system"),
        ({"kind": "parcels"}, "mine.kind", "no layer of buildings"),
        ({"layer": "houses"}, "mine.layer", "no such layer"),
        ({"fields": "{height: tall}"}, "mine.fields.height", "no such field"),
        ({"fields": "{hight: height}"}, "mine.fields.hight", "no such role"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, entry: dict[str, str], key: str, what: str) -> None:
    problem = refused(tmp_path, write(tmp_path, layer({"height": 3.0})), **entry)
    assert problem.key == key
    assert what in problem.what


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "my.gpkg").write_bytes(b"no geopackage")
    assert "cannot be read as a vector file" in refused(tmp_path, "my.gpkg").what
    (tmp_path / "datasets" / "my.csv").write_text("id,height\n1,2\n", encoding="utf-8")
    assert "has no geometry" in refused(tmp_path, "my.csv").what


@pytest.mark.parametrize(
    "row", [{"用途": "住宅", "层数": 6}, {"building": "住宅", "floors": 6}], ids=["names", "values"]
)
def test_garbled_text_of_a_shapefile_is_refused(tmp_path: Path, row: dict[str, Any]) -> None:
    (tmp_path / "datasets").mkdir()
    file = tmp_path / "datasets" / "my.shp"
    pyogrio.write_dataframe(layer(row), file, encoding="gb18030")
    assert list(read_buildings(declare(tmp_path, "my.shp"), "mine").good["kind"]) == ["walk_up"]
    file.with_suffix(".cpg").unlink()
    problem = refused(tmp_path, "my.shp")
    assert problem.key == "mine.encoding"
    assert "garbled" in problem.what
    declared = declare(tmp_path, "my.shp", encoding="gb18030")
    assert list(read_buildings(declared, "mine").good["kind"]) == ["walk_up"]


def test_geojson_in_cgcs2000_is_known_by_its_entry(tmp_path: Path) -> None:
    file = write(tmp_path, layer({}).to_crs("EPSG:4326"), "my.geojson")
    buildings = read_buildings(declare(tmp_path, file, crs="EPSG:4490"), "mine")
    assert buildings.good["footprint"].to_numpy() == pytest.approx([400], rel=1e-5)


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_layer_without_crs_is_refused(tmp_path: Path) -> None:
    frame = layer({}).set_crs(None, allow_override=True)
    assert "no coordinate reference system" in refused(tmp_path, write(tmp_path, frame)).what


@pytest.mark.filterwarnings("error")
def test_swapped_coordinates_are_refused(tmp_path: Path) -> None:
    frame = layer({}, {}).to_crs("EPSG:4326")
    frame["geometry"] = [transform(g, lambda xy: xy[:, ::-1]) for g in frame.geometry]
    problem = refused(tmp_path, write(tmp_path, frame), crs="EPSG:4326")
    assert "no good building" in problem.what
    assert problem.found == "no_area: 2"


# Sums by zone


def halves(east_of: float) -> geopandas.GeoDataFrame:
    """Two zones side by side that meet `east_of` metres from the town's corner, and a far one."""
    return geopandas.GeoDataFrame(
        geometry=[
            box(WEST, SOUTH - 100, WEST + east_of, SOUTH + 100),
            box(WEST + east_of, SOUTH - 100, WEST + 350, SOUTH + 100),
            box(WEST, SOUTH + 5000, WEST + 350, SOUTH + 6000),
        ],
        index=pd.Index(["west", "east", "far"], name="county"),
        crs=EQUAL_AREA,
    )


def sums(folder: Path, east_of: float) -> tuple[Buildings, BuildingSums]:
    buildings = read(
        folder,
        layer(
            {"class": "house", "num_floors": 1},
            {"class": "apartments", "num_floors": 6},
            {"class": "apartments", "num_floors": None},
            {"class": "school", "num_floors": 2},  # outside both
        ),
    )
    return buildings, buildings_by_zone(buildings.good, halves(east_of), list(buildings.titles))


def test_a_building_on_a_border_is_shared_out(tmp_path: Path) -> None:
    # The second building reaches from 200 to 220 m; a border at 205 m leaves a quarter west of it.
    _, found = sums(tmp_path, 205.0)
    west, east = found.zones.loc["west"], found.zones.loc["east"]
    assert west.loc["self_built", "footprint"] == pytest.approx(400)
    assert west.loc["walk_up", "footprint"] == pytest.approx(100)
    assert east.loc["walk_up", "footprint"] == pytest.approx(300)
    assert west.loc["walk_up", "floor_area"] == pytest.approx(600)
    assert east.loc["walk_up", "floor_area"] == pytest.approx(1800)
    assert (west.loc["walk_up", "number"], east.loc["walk_up", "number"]) == (0, 1)


def test_unknown_storeys_are_no_floor_area(tmp_path: Path) -> None:
    _, found = sums(tmp_path, 205.0)
    east = found.zones.loc["east"]
    assert east.loc["residential", "footprint"] == pytest.approx(400)
    assert east.loc["residential", "floor_area"] == 0
    assert east.loc["residential", "known_share"] == 0
    assert east.loc["walk_up", "known_share"] == 1
    assert np.isnan(east.loc["lift", "known_share"])


def test_zones_and_outside_add_up_to_the_buildings(tmp_path: Path) -> None:
    buildings, found = sums(tmp_path, 205.0)
    assert found.outside.loc["other", "number"] == 1
    for column, whole in (
        ("number", len(buildings.good)),
        ("footprint", buildings.good["footprint"].sum()),
        ("floor_area", buildings.good["floor_area"].sum()),
    ):
        assert found.zones[column].sum() + found.outside[column].sum() == pytest.approx(whole)


def test_a_zone_without_buildings_is_missing(tmp_path: Path) -> None:
    _, found = sums(tmp_path, 205.0)
    assert found.zones.loc["far"].isna().all(axis=None)
    assert not found.zones.loc["west"]["footprint"].isna().any()


# Beside the census


def test_footprints_beside_the_census(tmp_path: Path) -> None:
    _, found = sums(tmp_path, 205.0)
    table = compare_floor_area(found, pd.Series({"west": 2000.0, "east": 1500.0, "far": 10.0}))
    west, east = table.loc["west"], table.loc["east"]
    assert west["floor_area"] == pytest.approx(400 + 600)
    assert west["difference"] == pytest.approx(-1000)
    assert west["difference_share"] == pytest.approx(-0.5)
    assert west["census_floors"] == pytest.approx(2000 / 500)
    assert east["known_share"] == pytest.approx(300 / 700)
    assert east["difference"] == pytest.approx(1800 - 1500)
    assert table.loc["far", "floor_area":"known_share"].isna().all()
    for language in LANGUAGES:
        text = comparison_report(table, {"west": Title(en="West", zh="西部")}, words(language))
        assert len(text.splitlines()) == 8  # two headings, each over three zones
        assert ("西部" in text) == (language == "zh")


def test_without_any_use_there_is_nothing_to_compare(tmp_path: Path) -> None:
    buildings = read(tmp_path, layer({"height": 9.0}, {"height": -1.0}))
    found = buildings_by_zone(buildings.good, halves(350.0 - 1), list(buildings.titles))
    table = compare_floor_area(found, pd.Series({"west": 2000.0}))
    assert table.loc["west", ["roof", "floor_area", "difference"]].isna().all()
    assert table.loc["west", "roof_unknown"] == pytest.approx(800)
    assert table.loc["west", "floor_area_unknown"] == pytest.approx(3 * 400)


def test_the_census_of_the_counties_is_at_hand() -> None:
    catalog = read_catalog(Project(ROOT, ROOT / "outputs"))
    table = read_statistics(catalog, "county_statistics")
    figures = census_floor_area(table, ["222401", "999999"], 2024)
    # The row of Yanji for 2020 in datasets/county_statistics.csv.
    assert figures["222401"] == 23_619_617
    assert np.isnan(figures["999999"])


# The map


def grid(pixel: float = 0.004, size: int = 12) -> WorkingGrid:
    """A grid around the made town: pixels of about 400 m."""
    middle = geopandas.GeoSeries([square(2).centroid], crs=EQUAL_AREA).to_crs("EPSG:4326")[0]
    west, north = middle.x - pixel * size / 2, middle.y + pixel * size / 2
    place = Affine(pixel, 0, west, 0, -pixel, north)
    return WorkingGrid(pyproj.CRS.from_epsg(4326), place, size, size, 1)


def test_pixels_add_up_to_the_buildings(tmp_path: Path) -> None:
    frame = layer(*({"geometry": square(n, side=90.0)} for n in range(1, 12)))
    buildings = read(tmp_path, frame)
    footprint = buildings.good["footprint"].to_numpy()
    for pixel in (0.004, 0.0003):  # coarse, and finer than a building
        found = pixel_areas(buildings.good.geometry, footprint, grid(pixel))
        assert len(set(found.pixel)) == len(found.pixel)
        assert found.area.sum() + found.outside == pytest.approx(11 * 90**2, rel=1e-6)
    assert found.outside > 0  # the fine grid is smaller than the town


def test_a_building_over_four_pixels_is_quartered() -> None:
    place = grid()
    x, y = place.transform @ (6, 6)  # a corner of four pixels
    across, up = 1e-4, 1e-4
    shape = geopandas.GeoSeries([box(x - across, y - up, x + across, y + up)], crs="EPSG:4326")
    found = pixel_areas(shape, np.array([1000.0]), place)
    assert found.pixel.tolist() == [5 * 12 + 5, 5 * 12 + 6, 6 * 12 + 5, 6 * 12 + 6]
    assert found.area == pytest.approx([250.0] * 4, rel=1e-6)


def test_the_map_is_a_layer_that_a_run_can_name(tmp_path: Path) -> None:
    buildings = read(
        tmp_path,
        layer(
            {"class": "house", "num_floors": 1},
            {"class": "apartments", "num_floors": 6},
            {"class": "school", "num_floors": None},
        ),
    )
    place = grid()
    zones = geopandas.GeoDataFrame(
        geometry=[box(WEST - 50, SOUTH - 50, WEST + 450, SOUTH + 150)], crs=EQUAL_AREA
    )
    written = write_roof_map(buildings, place, tmp_path / "datasets" / "roofs.tif", zones)
    assert written.on_grid == pytest.approx(1200)
    assert (written.outside, written.cut) == (0, 0)
    declare(
        tmp_path,
        "roofs.tif",
        kind="raster",
        crs="EPSG:4326",
        variables="{roof_share: {unit: '1', valid_range: [0, 1], band: 1}, "
        "residential_roof_share: {unit: '1', valid_range: [0, 1], band: 2}, "
        "floor_area_ratio: {unit: '1', band: 3}}",
    )
    catalog = read_catalog(Project(tmp_path, tmp_path / "outputs"))
    ground = place.pixel_area()[:, None]
    window = rasterio.windows.Window(0, 0, place.width, place.height)
    areas = {}
    for name in ("roof_share", "residential_roof_share", "floor_area_ratio"):
        with open_layer(catalog, "mine", name) as opened:
            values = on_grid(opened, place, window)
        areas[name] = float(np.nansum(values * ground))
        assert np.isnan(values[0, 0])  # outside the zone
    assert areas["roof_share"] == pytest.approx(1200, rel=1e-5)
    assert areas["residential_roof_share"] == pytest.approx(800, rel=1e-5)
    assert areas["floor_area_ratio"] == pytest.approx(400 + 6 * 400, rel=1e-5)


def test_no_pixel_holds_more_roof_than_ground(tmp_path: Path) -> None:
    # Two buildings of 90 m that overlap by a third, on pixels of some 20 m.
    frame = layer({"geometry": square(2, side=90.0)}, {"geometry": square(2, 90.0, shift=60.0)})
    buildings = read(tmp_path, frame)
    fine = grid(pixel=0.0002, size=30)
    written = write_roof_map(buildings, fine, tmp_path / "roofs.tif")
    with rasterio.open(written.file) as opened:
        roof, homes = opened.read(1), opened.read(2)
    assert roof.max() == 1.0
    assert np.isnan(homes).all()  # no use is recorded
    assert 0 < written.cut <= 30 * 90  # both cover 30 by 90 m; pixels on its edge have room left
    whole = float((roof * fine.pixel_area()[:, None]).sum())
    assert whole == pytest.approx(2 * 90**2 - written.cut, rel=1e-5)


# The report


def test_the_report_says_what_was_found_in_both_languages(tmp_path: Path) -> None:
    x, y = square(9).bounds[:2]
    bow = Polygon([(x, y), (x + SIDE, y + SIDE), (x + SIDE, y), (x, y + SIDE)])
    buildings = read(
        tmp_path,
        layer(
            {"class": "house", "num_floors": 1, "height": 3.0},
            {"geometry": square(1)},
            {"class": "silo"},
            {"height": 700.0},
            {"num_floors": 99},
            {"geometry": square(6, side=1.0)},
            {"class": "apartments", "num_floors": 6, "height": 6.0},
            {"class": "apartments", "height": 20.0},
            {"geometry": bow},
        ),
    )
    for language in LANGUAGES:
        text = building_report(buildings, words(language), first=1)
        assert "my.gpkg" in text
        assert "{" not in text
    text = building_report(buildings, words("en"))
    assert "all: 9 buildings" in text
    assert "good: 5 buildings, 0.20 ha of roof" in text
    assert "bad (set apart): 3 buildings" in text
    assert "recorded for 2, from the height for 1, unknown for 2" in text
    table = bad_buildings(buildings, {language: words(language) for language in LANGUAGES})
    assert list(table["building"]) == ["b2", "b6", "b9"]
    assert "the same polygon as b1" in table["reasons"][0]
    assert "同一图形" in table["reasons_zh"][0]
