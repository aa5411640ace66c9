"""Forest-management parcels: made layers with each mistake, and what is said of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely import Point, Polygon, affinity
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from ecoassess.configuration import read_yaml
from ecoassess.errors import InputError, Problem
from ecoassess.inputs.catalog import Catalog, read_catalog
from ecoassess.inputs.parcels import (
    ParcelLegend,
    Parcels,
    parcel_report,
    parcels_by_zone,
    read_parcel_legend,
    read_parcels,
)
from ecoassess.language import Words
from ecoassess.project import Project

ROOT = Path(__file__).resolve().parents[2]
CRS = "EPSG:4552"  # CGCS2000, zone of 129 E: metres, true to scale near 500 000
SIDE = 200.0  # m: 4 ha

SOUND: dict[str, Any] = {
    "LIN_BAN": "12",
    "DI_LEI": "0111",
    "YOU_SHI_SZ": "150",
    "QI_YUAN": "20",
    "LING_ZU": "2",
    "PINGJUN_NL": 25,
    "MIAN_JI": 4.0,
    "HUO_LMGQXJ": 90.0,
    "YU_BI_DU": 0.7,
}


def square(place: int, side: float = SIDE, shift: float = 0.0) -> BaseGeometry:
    """A square parcel; places lie side by side with a gap."""
    west = 500_000 + 2 * SIDE * place + shift
    return box(west, 4_760_000, west + side, 4_760_000 + side)


def layer(*changes: dict[str, Any]) -> geopandas.GeoDataFrame:
    """A layer of sound parcels, each changed as told; `geometry` too."""
    rows = [
        {**SOUND, "XIAO_BAN": str(number), "geometry": square(number), **change}
        for number, change in enumerate(changes, 1)
    ]
    return geopandas.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def declare(folder: Path, file: str, **entry: str) -> Catalog:
    """A project whose catalogue holds nothing but the parcels in `file`."""
    (folder / "configs" / "codes").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "configs" / "codes" / "parcels.yaml", folder / "configs" / "codes")
    declared = {
        "title": "{en: Parcels, zh: 小班}",
        "kind": "parcels",
        "file": file,
        "crs": CRS,
        "licence": "made for a test",
        "citation": "made for a test",
        **entry,
    }
    lines = "".join(f"  {key}: {value}\n" for key, value in declared.items())
    catalog = folder / "datasets" / "catalog.yaml"
    catalog.parent.mkdir(exist_ok=True)
    catalog.write_text(f"my_parcels:\n{lines}", encoding="utf-8")
    return read_catalog(Project(folder, folder / "outputs"))


def read(folder: Path, frame: geopandas.GeoDataFrame, **entry: str) -> Parcels:
    """Write a layer as a GeoPackage and read it back."""
    (folder / "datasets").mkdir(exist_ok=True)
    pyogrio.write_dataframe(frame, folder / "datasets" / "my.gpkg")
    return read_parcels(declare(folder, "my.gpkg", **entry), "my_parcels")


def refused(folder: Path, file: str, **entry: str) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        read_parcels(declare(folder, file, **entry), "my_parcels")
    return list(caught.value.problems)


def shapefile(folder: Path, frame: geopandas.GeoDataFrame, encoding: str, cpg: str | None) -> str:
    """Write a shapefile in `encoding` whose .cpg says `cpg`."""
    (folder / "datasets").mkdir(exist_ok=True)
    pyogrio.write_dataframe(frame, folder / "datasets" / "my.shp", encoding=encoding)
    part = folder / "datasets" / "my.cpg"
    part.unlink(missing_ok=True)
    if cpg:
        part.write_text(cpg, encoding="ascii")
    return "my.shp"


def reasons(parcels: Parcels, level: str) -> dict[int, str]:
    return {f.row: f.reason for f in parcels.findings if f.level == level}


def words(language: str) -> Words:
    table: dict[str, Any] = {}
    for file in (ROOT / "configs" / "language.yaml", ROOT / "NEW_language.yaml"):
        table |= read_yaml(file).content if file.is_file() else {}
    return Words(language, table)


# The legend


def legend() -> ParcelLegend:
    return read_parcel_legend(Project(ROOT, ROOT / "outputs"))


def test_forest_types_are_those_of_the_models() -> None:
    volume = read_yaml(ROOT / "configs" / "models" / "stand_volume.yaml").content
    assert set(legend().forest_types) == set(volume["area_share"]["values"])
    assert {s.forest_type for s in legend().species.values()} - {None} == set(legend().forest_types)


def test_age_limits_rise() -> None:
    for limits in legend().age_limits.values():
        for years in (limits.natural, limits.planted):
            assert len(years) == 4
            assert years == sorted(set(years))
        assert all(p <= n for p, n in zip(limits.planted, limits.natural, strict=True))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("forest_type: larch", "forest_type: lrach", "no such name"),
        ("ages: birch_elm", "ages: birches", "no such name"),
        ("[长白落叶松", "[冷杉", "a name stands for two codes"),
    ],
)
def test_a_wrong_legend_is_refused(tmp_path: Path, old: str, new: str, what: str) -> None:
    file = declare(tmp_path, "my.gpkg").project.configs / "codes" / "parcels.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=what) as caught:
        read_parcel_legend(Project(tmp_path, tmp_path))
    assert caught.value.problems[0].line


# Sound parcels


def test_a_sound_parcel_has_its_type_area_and_volume(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer({}))
    assert len(parcels.good) == 1
    assert not parcels.findings
    row = parcels.good.loc[1]
    assert (row.parcel, row.species, row.forest_type) == ("12-1", "150", "larch")
    assert (row.origin, row.age_group, row.age) == ("planted", "middle_aged", 25)
    # Zone scale is 1 + (distance from the meridian / radius)² / 2: 1 + 2e-9 at 400 m.
    assert row.area_ha == pytest.approx(4.0, rel=1e-6)
    assert row.area_difference == pytest.approx(0, abs=1e-6)
    assert (row.volume_per_ha, row.volume) == (90.0, 90.0 * 4.0)
    assert parcels.good.crs == CRS


def test_codes_and_names_find_their_type(tmp_path: Path) -> None:
    expected = {
        **{"110": "spruce_fir", "0120": "spruce_fir", "160": "korean_pine", "410": "oak"},
        **{"421": "birch", "431": "other_broadleaf", "530000": "poplar", "150.0": "larch"},
        **{"610": "conifer_mixed", "620": "broadleaf_mixed", "630": "conifer_broadleaf_mixed"},
        **{"柞树": "oak", "红松林": "korean_pine", " 落叶松 ": "larch", "１５０": "larch"},
        **{"Larch": "larch", "硬阔叶混交": "broadleaf_mixed"},
    }
    parcels = read(tmp_path, layer(*({"YOU_SHI_SZ": species} for species in expected)))
    assert list(parcels.good["forest_type"]) == list(expected.values())


def test_codes_stored_as_numbers(tmp_path: Path) -> None:
    """A land type 0111 is then 111."""
    frame = layer({}).assign(YOU_SHI_SZ=150, QI_YUAN=20.0, LING_ZU=2, DI_LEI=111)
    assert list(read(tmp_path, frame).good["forest_type"]) == ["larch"]


def test_areas_in_mu(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer({"MIAN_JI": 60.0}), area_unit="mu")
    assert parcels.good.loc[1, "recorded_area_ha"] == pytest.approx(60 / 15)


def test_the_recorded_volume_goes_before_the_volume_per_hectare(tmp_path: Path) -> None:
    parcels = read(
        tmp_path,
        layer(
            {"XBXJ": 500.0},  # 90 × 4 = 360: doubtful
            {"XBXJ": 360.0},
            {"XBXJ": 0.0},  # one of the two is not filled in
            {"XBXJ": 800.0, "HUO_LMGQXJ": 0.0},
        ),
    )
    assert list(parcels.good["volume"]) == [500.0, 360.0, 360.0, 800.0]
    assert list(parcels.good["volume_per_ha"]) == [90.0, 90.0, 90.0, 200.0]
    assert reasons(parcels, "doubt") == {1: "volumes", 3: "volumes", 4: "volumes"}


def test_a_volume_per_hectare_goes_with_its_own_area(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer({"MIAN_JI": 3.0}))
    assert parcels.good.loc[1, "volume"] == 90.0 * 3.0
    assert reasons(parcels, "doubt") == {1: "area"}


# Mistakes of parcels

BOW_TIE = Polygon([(500_000, 4.76e6), (500_200, 4.7602e6), (500_200, 4.76e6), (500_000, 4.7602e6)])


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"geometry": None}, "no_geometry", "no polygon"),
    ({"geometry": Polygon()}, "no_geometry", "no polygon"),
    ({"geometry": Point(500_000, 4.76e6)}, "no_polygon", "Point"),
    ({"geometry": BOW_TIE}, "broken", "Self-intersection[500100 4760100]"),
    ({"XIAO_BAN": None}, "no_id", "no number"),
    ({"DI_LEI": None}, "no_land_type", "empty"),
    ({"DI_LEI": "0999"}, "unknown_land_type", "0999; nearest known: "),
    ({"YOU_SHI_SZ": ""}, "no_species", "empty"),
    ({"YOU_SHI_SZ": "155"}, "unknown_species", "155; nearest known: 150 larch"),
    ({"YOU_SHI_SZ": "落叶杉"}, "unknown_species", "落叶杉; nearest known: 150 larch"),
    ({"YOU_SHI_SZ": "550"}, "alien_species", "550 is eucalypt"),
    ({"QI_YUAN": "25"}, "unknown_origin", "25; nearest known: 24 planted, coppice"),
    ({"QI_YUAN": None}, "no_origin", "empty"),
    ({"LING_ZU": "6"}, "unknown_age_group", "6; nearest known: 5 over-mature"),
    ({"LING_ZU": None}, "no_age_group", "empty"),
    ({"HUO_LMGQXJ": 0.0, "PINGJUN_NL": 80, "LING_ZU": "5"}, "no_volume", "at age 80"),
    ({"HUO_LMGQXJ": None, "PINGJUN_NL": None, "LING_ZU": "4"}, "no_volume", "age unknown"),
    ({"HUO_LMGQXJ": 900.0}, "too_much", "900 m³/ha, limit 800 m³/ha"),
    ({"HUO_LMGQXJ": -9.0}, "negative", "volume_per_ha is -9"),
    ({"PINGJUN_NL": 450, "LING_ZU": "5"}, "too_old", "age 450 yr, limit 400 yr"),
    ({"PINGJUN_NL": -5}, "negative", "age is -5"),
    ({"HUO_LMGQXJ": 0.0, "PINGJUN_NL": 12, "LING_ZU": "1"}, "", ""),
    ({}, "", ""),
]


def test_a_bad_parcel_is_set_apart_with_its_reason(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer(*(change for change, _, _ in BAD)))
    expected = {row: reason for row, (_, reason, _) in enumerate(BAD, 1) if reason}
    assert dict(parcels.bad["reasons"]) == expected
    assert list(parcels.good.index) == sorted(set(range(1, len(BAD) + 1)) - set(expected))
    report = parcel_report(parcels, words("en"))
    for row, (_, reason, said) in enumerate(BAD, 1):
        if reason:
            (line,) = [line for line in report.splitlines() if f"(row {row}): " in line]
            assert said in line


def test_every_sentence_stands_in_both_languages(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer(*(change for change, _, _ in BAD + DOUBTFUL)))
    for language, heading in (("en", "good: "), ("zh", "合格：")):
        report = parcel_report(parcels, words(language))
        assert heading in report
        assert "{" not in report


def test_text_where_a_number_belongs(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer({}, {"HUO_LMGQXJ": "约90"}))
    assert dict(parcels.bad["reasons"]) == {2: "no_number"}
    assert "volume_per_ha is '约90', not a number" in parcel_report(parcels, words("en"))


# Planted larch is middle-aged from 21 to 30 years, natural larch from 41 to 80.
DOUBTFUL: list[tuple[dict[str, Any], str, str]] = [
    ({"PINGJUN_NL": 31}, "other_age_group", "31 yr is near-mature, recorded: middle-aged"),
    ({"PINGJUN_NL": 20}, "other_age_group", "20 yr is young, recorded: middle-aged"),
    ({"PINGJUN_NL": 21}, "", ""),
    ({"PINGJUN_NL": 30}, "", ""),
    ({"QI_YUAN": "10", "PINGJUN_NL": 80}, "", ""),
    ({"YOU_SHI_SZ": "620", "PINGJUN_NL": 90}, "", ""),  # no limits for mixed forest
    ({"PINGJUN_NL": 0}, "no_age", "empty or 0"),
    ({"MIAN_JI": 4.3}, "area", "recorded 4.300 ha, polygon 4.000 ha (+7.5 %)"),
    ({"MIAN_JI": 4.1}, "", ""),
    ({"YU_BI_DU": 0.1}, "canopy", "canopy 0.1, expected 0.2 to 1"),
    ({"YU_BI_DU": 70}, "canopy", "canopy 70, expected 0.2 to 1"),
]


def test_a_doubtful_parcel_is_kept(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer(*(change for change, _, _ in DOUBTFUL)))
    assert list(parcels.good["doubts"]) == [reason for _, reason, _ in DOUBTFUL]
    assert parcels.bad.empty
    report = parcel_report(parcels, words("en"))
    for _, _, said in DOUBTFUL:
        assert said in report


def test_all_reasons_of_a_parcel_are_named(tmp_path: Path) -> None:
    change = {"YOU_SHI_SZ": "999", "QI_YUAN": None, "HUO_LMGQXJ": 900.0}
    parcels = read(tmp_path, layer({}, change))
    assert set(parcels.bad.loc[2, "reasons"].split("; ")) == {
        *("unknown_species", "no_origin", "too_much")
    }


def test_a_slight_self_crossing_is_repaired(tmp_path: Path) -> None:
    """A spike of 1 m crosses itself: 1 m² or less of 40 000 m²."""
    west, south = 500_000.0, 4_760_000.0
    ring = [(0, 0), (200, 0), (200, 100), (201, 101), (201, 100), (200, 101), (200, 200), (0, 200)]
    shape = affinity.translate(Polygon(ring), west, south)
    assert not shape.is_valid
    parcels = read(tmp_path, layer({"geometry": shape}))
    assert parcels.good.geometry.is_valid.all()
    assert reasons(parcels, "repaired") == {1: "repaired"}
    # The crossing at 200.5, 100.5 leaves two triangles of base 1 and height ½: ½ m² in all.
    assert parcels.good.loc[1, "area_ha"] == pytest.approx(4.0 + 0.5e-4, rel=1e-6)
    assert "Self-intersection[500200.5 4760100.5]" in parcel_report(parcels, words("en"))


def test_of_two_overlapping_parcels_the_later_is_set_apart(tmp_path: Path) -> None:
    shifted = square(1, shift=100.0)  # half of the first
    last = square(1, shift=290.0)  # 10 m × 200 m = 0.2 ha of the second
    parcels = read(tmp_path, layer({}, {"geometry": shifted}, {"geometry": last}))
    assert list(parcels.good.index) == [1, 3]
    assert dict(parcels.bad["reasons"]) == {2: "overlap"}
    assert reasons(parcels, "doubt") == {1: "overlapped"}
    report = parcel_report(parcels, words("en"))
    assert "12-2 (row 2): overlaps 12-1 (row 1) by 2.000 ha; the earlier row is kept" in report
    assert "12-1 (row 1): 12-2 (row 2) overlaps it by 2.000 ha and is set apart" in report


def test_slight_overlaps_are_summed(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer({}, {"geometry": square(1, shift=199.0)}))
    assert len(parcels.good) == 2
    assert "1 small overlap of 0.020 ha" in parcel_report(parcels, words("en"))


def test_neighbours_do_not_overlap(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer({}, {"geometry": square(1, shift=SIDE)}))
    assert len(parcels.good) == 2
    assert not parcels.notes


def test_a_number_that_stands_twice(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer({}, {"XIAO_BAN": "1"}, {"XIAO_BAN": "1", "LIN_BAN": "13"}))
    assert dict(parcels.bad["reasons"]) == {2: "twice"}
    assert "stands in row 1 already" in parcel_report(parcels, words("en"))


def test_a_bad_parcel_does_not_take_a_good_one_with_it(tmp_path: Path) -> None:
    """The second has the number and the land of the first, which is bad for another reason."""
    first = {"YOU_SHI_SZ": "999"}
    parcels = read(tmp_path, layer(first, {"XIAO_BAN": "1", "geometry": square(1)}))
    assert list(parcels.good.index) == [2]


def test_land_without_forest_is_set_apart_unchecked(tmp_path: Path) -> None:
    change = {"DI_LEI": "0161", "YOU_SHI_SZ": None, "QI_YUAN": None, "LING_ZU": None}
    parcels = read(tmp_path, layer({}, change, {**change, "DI_LEI": "疏林地"}))
    assert list(parcels.not_stocked["land_type"]) == ["采伐迹地", "疏林地"]
    assert not parcels.findings


def test_nothing_is_lost(tmp_path: Path) -> None:
    frame = layer(
        *({}, {"YOU_SHI_SZ": "999"}, {"DI_LEI": "0210"}, {"geometry": None}, {"DI_LEI": "8"}),
        *({"geometry": square(1, shift=50.0)}, {"PINGJUN_NL": 99}, {"XIAO_BAN": "1"}),
    )
    parcels = read(tmp_path, frame)
    parts = [parcels.good, parcels.bad, parcels.not_stocked]
    rows = pd.Index(np.concatenate([part.index for part in parts]))
    assert sorted(rows) == list(range(1, len(frame) + 1))
    # Every parcel has 4 ha; the one without polygon counts with its recorded area.
    assert sum(part["area_ha"].sum() for part in parts) == pytest.approx(4.0 * 8, rel=1e-6)
    assert "all: 8 parcels, 32.0 ha (100.0 % of the area)" in parcel_report(parcels, words("en"))


def test_a_layer_without_a_good_parcel_has_a_report(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer({"QI_YUAN": None}))
    assert parcels.good.empty
    assert "good: 0 parcels, 0.0 ha (0.0 % of the area)" in parcel_report(parcels, words("en"))


def test_the_report_names_the_first_only(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer(*({"QI_YUAN": "30"} for _ in range(7))))
    assert "… and 5 more" in parcel_report(parcels, words("en"), first=2)
    assert "……另有5个" in parcel_report(parcels, words("zh"), first=2)


# Files

CHINESE = {"XIAO_BAN": "小班号", "YOU_SHI_SZ": "优势树种", "QI_YUAN": "起源", "LING_ZU": "龄组"}


def chinese_layer() -> geopandas.GeoDataFrame:
    named = {"YOU_SHI_SZ": "红松", "QI_YUAN": "人工", "LING_ZU": "幼龄林"}
    return layer(named, {**named, "YOU_SHI_SZ": "毛"}).rename(columns=CHINESE)


@pytest.mark.parametrize(
    ("encoding", "cpg", "note"),
    [
        ("GBK", "GBK", ""),
        ("GBK", None, "read as GBK; the .cpg file: absent"),
        ("GBK", "UTF-8", "read as GBK; the .cpg file: UTF-8"),
        ("GBK", "ISO-8859-1", "read as GBK; the .cpg file: ISO-8859-1"),
        ("UTF-8", "UTF-8", ""),
        ("UTF-8", None, "read as UTF-8; the .cpg file: absent"),
        ("UTF-8", "GBK", "read as UTF-8; the .cpg file: GBK"),
    ],
)
@pytest.mark.filterwarnings("ignore:Could not decode error message")
def test_the_bytes_tell_the_encoding(
    tmp_path: Path, encoding: str, cpg: str | None, note: str
) -> None:
    """A name of twelve bytes (优势树种 in UTF-8) is cut to ten by the shapefile."""
    file = shapefile(tmp_path, chinese_layer(), encoding, cpg)
    parcels = read_parcels(declare(tmp_path, file), "my_parcels")
    assert list(parcels.good["forest_type"]) == ["korean_pine"]
    assert "species 毛; nearest known" in parcel_report(parcels, words("en"))
    assert bool(parcels.notes) == bool(note)
    assert note in parcel_report(parcels, words("en"))


def test_few_gbk_characters_are_not_taken_for_accented_letters(tmp_path: Path) -> None:
    """毛 is C3 AB in GBK, which is ë in UTF-8."""
    file = shapefile(tmp_path, layer({"LIN_BAN": "毛"}), "GBK", None)
    parcels = read_parcels(declare(tmp_path, file), "my_parcels")
    assert parcels.good.loc[1, "parcel"] == "毛-1"


def test_a_declared_encoding_rules(tmp_path: Path) -> None:
    file = shapefile(tmp_path, chinese_layer(), "GBK", "Big5")
    parcels = read_parcels(declare(tmp_path, file, encoding="gb18030"), "my_parcels")
    assert list(parcels.good["forest_type"]) == ["korean_pine"]
    (problem,) = refused(tmp_path, file, encoding="utf-8")
    assert problem.key == "my_parcels.encoding"
    assert problem.found == "it reads as GBK"
    assert problem.expected == "encoding: gb18030"


def test_an_encoding_that_cannot_be_told(tmp_path: Path) -> None:
    frame = layer({"LIN_BAN": "林班"})
    file = shapefile(tmp_path, frame, "Big5", "Big5")
    (problem,) = refused(tmp_path, file)
    assert "cannot be told" in problem.what
    assert "'encoding: gb18030'" in (problem.remedy or "")
    parcels = read_parcels(declare(tmp_path, file, encoding="big5"), "my_parcels")
    assert parcels.good.loc[1, "parcel"] == "林班-1"


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = shapefile(tmp_path, layer({"LIN_BAN": "ÿÿþ"}), "ISO-8859-1", None)
    (problem,) = refused(tmp_path, file)
    assert problem.what == "the encoding of the text of my.shp cannot be told"


@pytest.mark.parametrize(
    "garbled", ["红松".encode("gbk").decode("latin-1"), "红松".encode().decode("gbk")]
)
def test_garbled_text_is_refused(tmp_path: Path, garbled: str) -> None:
    with pytest.raises(InputError, match="is garbled") as caught:
        read(tmp_path, layer({"YOU_SHI_SZ": garbled}))
    (problem,) = caught.value.problems
    assert (problem.found, problem.expected) == (garbled, "红松")


def test_field_names_in_small_letters_and_cut(tmp_path: Path) -> None:
    frame = layer({"XIAO_BAN_XJ": 360.0}).drop(columns="HUO_LMGQXJ")
    frame = frame.rename(columns={"XIAO_BAN_XJ": "xiao_ban_x", "DI_LEI": "Di_Lei"})
    file = shapefile(tmp_path, frame, "UTF-8", "UTF-8")
    parcels = read_parcels(declare(tmp_path, file), "my_parcels")
    assert parcels.fields["volume"] == "xiao_ban_x"
    assert parcels.fields["land_type"] == "Di_Lei"
    assert parcels.good.loc[1, "volume_per_ha"] == 360.0 / 4.0


def test_fields_of_the_catalogue_go_first(tmp_path: Path) -> None:
    frame = layer({"SHU_ZHONG": "410"})
    parcels = read(tmp_path, frame, fields="{species: shu_zhong}")
    assert list(parcels.good["forest_type"]) == ["oak"]


def test_missing_fields_are_named_together(tmp_path: Path) -> None:
    frame = layer({}).drop(columns=["QI_YUAN", "HUO_LMGQXJ"])
    with pytest.raises(InputError) as caught:
        read(tmp_path, frame, fields="{age: NIAN, specis: X}")
    whats = [problem.what for problem in caught.value.problems]
    assert whats == [
        "the layer has no such field",
        "no such role",
        "the layer has no field for origin",
        "the layer has no field for volume_per_ha or volume",
    ]
    assert "起源" in (caught.value.problems[2].expected or "")


def test_what_is_not_checked_for_want_of_fields_is_said(tmp_path: Path) -> None:
    parcels = read(tmp_path, layer({}).drop(columns=["DI_LEI", "YU_BI_DU", "PINGJUN_NL"]))
    assert len(parcels.good) == 1
    assert "No field for land_type, age, canopy: " in parcel_report(parcels, words("en"))


def test_mu_declared_as_hectares_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="in another unit than declared") as caught:
        read(tmp_path, layer(*({"MIAN_JI": 60.0} for _ in range(3))))
    (problem,) = caught.value.problems
    assert problem.key == "my_parcels.area_unit"
    assert "area: 15 (median)" in (problem.found or "")


@pytest.mark.filterwarnings("ignore:Field PINGJUN_NL")
@pytest.mark.parametrize("file", ["my.gpkg", "my.geojson", "my.shp", "my.gdb"])
def test_all_formats_are_read(tmp_path: Path, file: str) -> None:
    (tmp_path / "datasets").mkdir()
    frame = layer({}, {"YOU_SHI_SZ": "红松"})
    crs = CRS
    if file == "my.geojson":
        crs = "EPSG:4490"
        frame = frame.to_crs(crs)
    driver = {"driver": "OpenFileGDB"} if file == "my.gdb" else {}
    pyogrio.write_dataframe(frame, tmp_path / "datasets" / file, **driver)
    parcels = read_parcels(declare(tmp_path, file, crs=crs), "my_parcels")
    assert list(parcels.good["forest_type"]) == ["larch", "korean_pine"]
    assert parcels.good.crs == crs


def test_one_of_several_layers_is_named(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    file = tmp_path / "datasets" / "my.gpkg"
    pyogrio.write_dataframe(layer({}), file, layer="xiaoban")
    pyogrio.write_dataframe(layer({}), file, layer="linban")
    (problem,) = refused(tmp_path, "my.gpkg")
    assert problem.found == "xiaoban, linban"
    (problem,) = refused(tmp_path, "my.gpkg", layer="xiaobna")
    assert (problem.what, problem.expected) == ("no such layer", "xiaoban, linban")
    catalog = declare(tmp_path, "my.gpkg", layer="xiaoban")
    assert len(read_parcels(catalog, "my_parcels").good) == 1


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize(
    ("written", "declared", "what", "found"),
    [
        (CRS, "EPSG:4549", "is in another coordinate reference system", CRS),
        (None, CRS, "has no coordinate reference system", "none in the file"),
        (CRS, "null", "has no coordinate reference system", "none in the catalogue"),
    ],
)
def test_the_crs_is_that_of_the_catalogue(
    tmp_path: Path, written: str | None, declared: str, what: str, found: str
) -> None:
    frame = layer({}).set_crs(written, allow_override=True)
    shapefile(tmp_path, frame, "UTF-8", "UTF-8")
    (problem,) = refused(tmp_path, "my.shp", crs=declared)
    assert problem.what == f"my.shp {what}"
    assert (problem.key, problem.found) == ("my_parcels.crs", found)


def test_a_file_that_is_no_layer(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "my.shp").write_bytes(b"no shapefile")
    (problem,) = refused(tmp_path, "my.shp")
    assert problem.what == "my.shp cannot be read as a vector file"


def test_a_changed_table_changes_the_checksum_of_a_shapefile(tmp_path: Path) -> None:
    file = shapefile(tmp_path, layer({}), "UTF-8", "UTF-8")
    before = declare(tmp_path, file).dataset("my_parcels").checksum
    shapes = (tmp_path / "datasets" / "my.shp").read_bytes()
    shapefile(tmp_path, layer({"HUO_LMGQXJ": 91.0}), "UTF-8", "UTF-8")
    assert (tmp_path / "datasets" / "my.shp").read_bytes() == shapes
    assert declare(tmp_path, file).dataset("my_parcels").checksum != before


# Sums by zone


def zones(*shapes: BaseGeometry) -> geopandas.GeoDataFrame:
    names = pd.Index([chr(ord("a") + i) for i in range(len(shapes))], name="county")
    return geopandas.GeoDataFrame(geometry=list(shapes), index=names, crs=CRS)


def whole(part: pd.DataFrame) -> np.ndarray:
    return part[["area_ha", "volume"]].sum().to_numpy()


def test_a_parcel_on_a_border_is_shared_out_by_area(tmp_path: Path) -> None:
    good = read(tmp_path, layer({}, {"YOU_SHI_SZ": "410"})).good
    west, south = 500_400.0, 4_760_000.0
    left = box(west - 1000, south - 1000, west + 50, south + 1000)  # a quarter of parcel 1
    right = box(west + 50, south - 1000, west + 5000, south + 1000)
    sums = parcels_by_zone(good, zones(left, right))
    assert sums.zones.loc[("a", "larch"), "area_ha"] == pytest.approx(1.0, rel=1e-6)
    assert sums.zones.loc[("a", "larch"), "volume"] == pytest.approx(90.0, rel=1e-6)
    assert sums.zones.loc[("b", "larch"), "area_ha"] == pytest.approx(3.0, rel=1e-6)
    assert sums.zones.loc[("b", "oak"), "volume"] == pytest.approx(360.0, rel=1e-6)
    assert sums.outside.empty
    np.testing.assert_allclose(whole(sums.zones), whole(good), rtol=1e-9)


def test_what_lies_outside_is_reported(tmp_path: Path) -> None:
    good = read(tmp_path, layer({}, {}, {})).good
    sums = parcels_by_zone(good, zones(square(1), square(2, side=SIDE / 2)))
    assert sums.zones.loc[("b", "larch"), "area_ha"] == pytest.approx(1.0, rel=1e-6)
    assert sums.outside.loc["larch", "area_ha"] == pytest.approx(3.0 + 4.0, rel=1e-6)
    total = whole(sums.zones) + whole(sums.outside)
    np.testing.assert_allclose(total, whole(good), rtol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_totals_hold_for_any_zones(tmp_path: Path, seed: int) -> None:
    """Zones at any angle, some of them overlapping."""
    random = np.random.default_rng(seed)
    good = read(tmp_path, layer(*({} for _ in range(20)))).good
    shapes = [
        affinity.rotate(square(place, side=700.0), random.uniform(0, 90))
        for place in random.integers(0, 20, 6)
    ]
    sums = parcels_by_zone(good, zones(*shapes), by=("forest_type", "age_group"))
    assert list(sums.zones.index.names) == ["county", "forest_type", "age_group"]
    total = whole(sums.zones) + whole(sums.outside)
    np.testing.assert_allclose(total, whole(good), rtol=1e-9)
    assert (sums.zones >= 0).all(axis=None)
