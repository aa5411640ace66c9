"""Forest parcels through a whole run: three routes to one stock, and the files beside them.

Parcels, a statistic and a map of biomass are made from one forest in Hunchun, whose types have
the areas and volumes per hectare of the coefficient table: so each route must find its carbon.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
from conftest import copy_project
from ruamel.yaml import YAML
from shapely.geometry import box
from shapely.ops import nearest_points
from typer.testing import CliRunner, Result

from ecoassess import cli
from ecoassess.assessment import Runner
from ecoassess.atom_zones import atom_zones
from ecoassess.calendar import Month
from ecoassess.errors import InputError
from ecoassess.explain_parcel import CHAIN, Stand, explain_parcel
from ecoassess.inputs.boundaries import EQUAL_AREA, read_counties
from ecoassess.inputs.land_cover import read_classes
from ecoassess.inputs.parcels import read_parcels
from ecoassess.language import read_words
from ecoassess.opening import open_run
from ecoassess.parcel_sums import forest_types, sum_by_atom, survey_year
from ecoassess.project import Project
from ecoassess.run import Assessment, Session
from ecoassess.units import magnitude

COUNTY = "222404"
FOREST_AREA = 20_000.0  # ha
GROWING_STOCK = 2_500_000.0  # m³
EARLIER_STOCK = 2_400_000.0  # m³, 2015
SURVEY, YEAR = 2020, 2024
CELL = 1_000.0  # m: 100 ha
SPECIES = {
    "broadleaf_mixed": "620",
    "oak": "410",
    "conifer_broadleaf_mixed": "630",
    "larch": "150",
    "conifer_mixed": "610",
    "other_broadleaf": "510",
    "birch": "421",
    "korean_pine": "160",
    "spruce_fir": "120",
}


def edit_yaml(path: Path, change: Any) -> None:
    yaml = YAML()
    data = yaml.load(path.read_text(encoding="utf-8"))
    change(data)
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(data, stream)


def central(session: Session, equation: str, name: str) -> dict[str, float]:
    coefficient = session.book.coefficient(equation, name)
    assert coefficient is not None
    return {"/".join(value.labels): value.central for value in coefficient.table}


@dataclass(frozen=True)
class Forest:
    """Area (ha) and volume (m³) of each type in the year of the survey."""

    area: Mapping[str, float]
    volume: Mapping[str, float]


def made_forest(session: Session) -> Forest:
    """The mix of types that the coefficient table gives the statistic's area and volume."""
    stocked = FOREST_AREA * central(session, "stand_volume", "stocked_share_of_forest_area")[""]
    share = central(session, "stand_volume", "area_share")
    ratio = central(session, "stand_volume", "stock_density_ratio")
    weight = {kind: share[kind] * ratio[kind] for kind in SPECIES}
    return Forest(
        {kind: stocked * share[kind] for kind in SPECIES},
        {kind: GROWING_STOCK * weight[kind] / sum(weight.values()) for kind in SPECIES},
    )


def carbon(session: Session, forest: Forest, above_only: bool = False) -> float:
    """Σ CF (a V + b A), or Σ (a V + b A) / (1 + R) of the biomass, in the assessed year."""
    growth = np.exp(central(session, "stand_volume", "net_stock_growth_rate")[""] * (YEAR - SURVEY))
    slope = central(session, "stand_carbon", "biomass_per_volume")
    intercept = central(session, "stand_carbon", "biomass_intercept")
    fraction = central(session, "stand_carbon", "carbon_fraction")
    root = central(session, "stand_carbon", "root_shoot_ratio")
    total = 0.0
    for kind in SPECIES:
        biomass = slope[kind] * forest.volume[kind] * growth + intercept[kind] * forest.area[kind]
        total += biomass / (1 + root[kind]) if above_only else biomass * fraction[kind]
    return total


def made_parcels(session: Session, forest: Forest) -> geopandas.GeoDataFrame:
    """Squares of 100 ha and one remainder for each type, the first of them on the park's edge."""
    counties = read_counties(session.catalog, [COUNTY], "county_boundaries")
    county = counties.to_crs(EQUAL_AREA).geometry.iloc[0]
    observation = session.observe()
    zones = atom_zones(session.catalog, session.run.config, observation.atoms).to_crs(EQUAL_AREA)
    outside = zones.geometry[(zones["adcode"] == COUNTY) & (observation.atoms["park_zone"] == "")]
    edge = outside.iloc[0]
    west, south, east, north = county.bounds
    cells = [
        cell
        for x in np.arange(west, east, 1.5 * CELL)
        for y in np.arange(south, north, 1.5 * CELL)
        if county.contains(cell := box(x, y, x + CELL, y + CELL))
    ]
    cells.sort(key=edge.distance)
    places, rows = iter(cells), []
    for kind, whole in forest.area.items():
        full, rest = divmod(whole, CELL**2 / 1e4)
        sizes = [CELL**2 / 1e4] * int(full) + [rest]
        # Volumes per hectare that differ by up to 20 %, of the right sum.
        swing = 1 + 0.2 * np.cos(np.arange(len(sizes)))
        volumes = swing * sizes * forest.volume[kind] / np.dot(swing, sizes)
        for size, volume in zip(sizes, volumes, strict=True):
            x, y, _, _ = next(places).bounds
            shape = box(x, y, x + CELL, y + size * 1e4 / CELL)
            rows.append({"YOU_SHI_SZ": SPECIES[kind], "XBXJ": volume, "geometry": shape})
    aside = box(east + 50_000, south, east + 50_000 + CELL, south + CELL)
    rows.append({"YOU_SHI_SZ": "150", "XBXJ": 10_000.0, "geometry": aside})  # in no county
    spare = next(places)
    rows.append({"YOU_SHI_SZ": "999", "XBXJ": 10_000.0, "geometry": spare})  # no such species
    rows.append({"YOU_SHI_SZ": "150", "DI_LEI": "0161", "XBXJ": 0.0, "geometry": next(places)})
    table = pd.DataFrame(rows).assign(
        XIAO_BAN=[str(number) for number in range(1, len(rows) + 1)],
        QI_YUAN="10",
        LING_ZU="3",
        PINGJUN_NL=0,
    )
    table["DI_LEI"] = table["DI_LEI"].fillna("0111")
    return geopandas.GeoDataFrame(table, geometry="geometry", crs=EQUAL_AREA)


def add_parcels(project: Project, frame: geopandas.GeoDataFrame) -> None:
    frame.to_file(project.datasets / "parcels.gpkg")

    def add(catalog: Any) -> None:
        catalog["hunchun_parcels"] = {
            "title": {"en": "Parcels", "zh": "小班"},
            "kind": "parcels",
            "file": "parcels.gpkg",
            "crs": EQUAL_AREA,
            "year": SURVEY,
            "licence": "made for this test",
            "citation": "none",
        }

    edit_yaml(project.datasets / "catalog.yaml", add)
    edit_yaml(
        project.configs / "runs" / "yanbian.yaml",
        lambda run: run["datasets"].update(parcels="hunchun_parcels"),
    )


def add_statistics(project: Project) -> None:
    file = project.datasets / "county_statistics.csv"
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    made = [
        ("forest_area", FOREST_AREA, "ha", SURVEY),
        ("growing_stock", GROWING_STOCK, "m^3", SURVEY),
        ("growing_stock", EARLIER_STOCK, "m^3", 2015),
        ("timber_harvest", 20_000.0, "m^3/yr", SURVEY),
    ]
    replaced = table["variable"].isin([variable for variable, *_ in made])
    table = table[(table["adcode"] != COUNTY) | ~replaced]
    rows = [
        {
            **{"adcode": COUNTY, "zone": "Hunchun", "zone_zh": "珲春市", "variable": variable},
            **{"value": repr(value), "unit": unit, "year": str(year), "kind": "statistic"},
            **{"source": "made for this test", "grade": "A"},
        }
        for variable, value, unit, year in made
    ]
    pd.concat([table, pd.DataFrame(rows)]).fillna("").to_csv(file, index=False)
    edit_yaml(
        project.datasets / "catalog.yaml",
        lambda catalog: catalog["county_statistics"].pop("sha256", None),
    )


def add_biomass(project: Project, session: Session, above: float) -> None:
    """A map with the same biomass per hectare everywhere, of the right sum over Hunchun."""
    observation = session.observe()
    forest = observation.class_area.sel(land_class=read_classes(project).members("forest"))
    here = (observation.atoms["adcode"] == COUNTY).to_numpy()
    mapped = float(forest.sum("land_class").values[here].sum()) / 1e4
    with rasterio.open(project.datasets / "modis_landcover_2019.tif") as source:
        profile = {**source.profile, "dtype": "float64", "nodata": -1.0}
    with rasterio.open(project.datasets / "agb.tif", "w", **profile) as target:
        target.write(np.full((profile["height"], profile["width"]), above / mapped), 1)

    def add(catalog: Any) -> None:
        catalog["aboveground_biomass"] = {
            "title": {"en": "Biomass", "zh": "生物量"},
            "kind": "raster",
            "file": "agb.tif",
            "crs": "EPSG:4326",
            "variables": {"biomass": {"unit": "t dm/ha", "valid_range": [0, 600]}},
            "licence": "made for this test",
            "citation": "none",
        }

    edit_yaml(project.datasets / "catalog.yaml", add)
    edit_yaml(
        project.configs / "runs" / "yanbian.yaml",
        lambda run: run["datasets"].update(biomass="aboveground_biomass"),
    )


def opened(project: Project) -> Session:
    return open_run(project, project.configs / "runs" / "yanbian.yaml", Month(YEAR, 6))


@dataclass(frozen=True)
class Made:
    project: Project
    session: Session
    assessment: Assessment
    folder: Path
    forest: Forest
    parcels: geopandas.GeoDataFrame


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    project = copy_project(tmp_path_factory.mktemp("parcels"), draws=10)
    edit_yaml(
        project.configs / "runs" / "yanbian.yaml",
        lambda run: run.update(technologies=["forest_sink"]),
    )
    before = opened(project)
    forest = made_forest(before)
    parcels = made_parcels(before, forest)
    add_parcels(project, parcels)
    add_statistics(project)
    add_biomass(project, before, carbon(before, forest, above_only=True))
    session = opened(project)
    assessment = session.assess()
    return Made(
        project, session, assessment, session.publish(assessment, maps=False), forest, parcels
    )


def stock_routes(made: Made, code: str = COUNTY) -> pd.DataFrame:
    table = pd.read_csv(made.folder / "forest_routes.csv", dtype={"adcode": str})
    own = (table["adcode"] == code) & (table["quantity"] == "tree_carbon_stock")
    return table[own & (table["zoning"] == "county")].set_index("route")


@pytest.mark.parametrize("route", ["growing_stock, fang2001", "parcels, fang2001"])
def test_statistic_and_parcels_give_the_stock_worked_out_by_hand(made: Made, route: str) -> None:
    """The table prints six digits."""
    expected = carbon(made.session, made.forest)
    assert stock_routes(made).loc[route, "value"] == pytest.approx(expected, rel=5e-6)


def test_the_map_of_biomass_gives_it_too(made: Made) -> None:
    """The layer's mean comes from sums over pixels, whose areas add up to about 1e-12."""
    row = stock_routes(made).loc["growing_stock, mapped"]
    assert row["value"] == pytest.approx(carbon(made.session, made.forest), rel=5e-6)
    assert abs(row["difference_percent"]) < 1e-6


def test_a_county_without_parcels_is_missing_with_its_reason(made: Made) -> None:
    row = stock_routes(made, "222401").loc["parcels, fang2001"]
    assert np.isnan(row["value"])
    assert "no parcels in this county" in row["reason"]


def test_parcels_are_summed_by_atom_over_all_types(made: Made) -> None:
    sums = made.session.observe().parcels
    assert sums is not None
    types = list(central(made.session, "stand_volume", "area_share"))
    assert list(sums.area["forest_type"].values) == types
    atoms = made.session.observe().atoms
    here = (atoms["adcode"] == COUNTY).to_numpy()
    assert here.sum() == 2
    assert np.isnan(sums.area.values[~here]).all()
    both = sums.area.values[here].sum(axis=1)
    assert (both > 50).all()  # in the park and out of it
    for kind, area in made.forest.area.items():
        assert sums.area.sel(forest_type=kind).values[here].sum() == pytest.approx(area, rel=1e-9)
    assert (sums.area.sel(forest_type="poplar").values[here] == 0).all()
    for kind, volume in made.forest.volume.items():
        whole = sums.volume.sel(forest_type=kind).values[here].sum()
        assert whole == pytest.approx(volume, rel=1e-9)


def test_the_note_counts_what_was_left_out(made: Made) -> None:
    sums = made.session.observe().parcels
    assert sums is not None
    number = len(made.parcels)
    assert sums.note == (
        f"parcels of {SURVEY}: {number - 2} good, 1 bad and set apart, 1 not stocked; "
        "1 good ones outside all zones (100.0 ha)"
    )


def test_a_sliver_in_the_next_county_is_no_survey_of_it(made: Made) -> None:
    """A square on the border: what lies beyond it is outside, and the neighbours stay missing."""
    observation, config = made.session.observe(), made.session.run.config
    zones = atom_zones(made.session.catalog, config, observation.atoms)
    flat = zones.to_crs(EQUAL_AREA)
    counties = flat.set_geometry(flat.make_valid()).dissolve("adcode").geometry
    border = counties[COUNTY].intersection(counties["222424"])
    inside = counties[COUNTY].representative_point()
    x, y = nearest_points(border, inside)[0].coords[0]
    west = x + 0.1 * (inside.x - x) / abs(inside.x - x) * CELL
    shape = box(west - CELL, y - CELL, west + CELL, y + CELL)
    parcels = read_parcels(made.session.catalog, "hunchun_parcels")
    one = parcels.good.iloc[:1].set_geometry([shape], crs=EQUAL_AREA)
    one = one.assign(area_ha=shape.area / 1e4)
    beyond = shape.difference(counties[COUNTY]).area / 1e4
    assert 0 < beyond < 0.5 * shape.area / 1e4
    sums = sum_by_atom(replace(parcels, good=one), zones, forest_types(made.project))
    area = np.array(sums["area"])
    own = (zones["adcode"] == COUNTY).to_numpy()
    assert np.isnan(area[~own]).all()
    assert area[own].sum() == pytest.approx(shape.area / 1e4 - beyond, rel=1e-6)
    assert f"0 good ones outside all zones ({beyond:.1f} ha)" in sums["note"]


def test_a_layer_without_a_good_parcel_surveys_nothing(made: Made) -> None:
    observation, config = made.session.observe(), made.session.run.config
    zones = atom_zones(made.session.catalog, config, observation.atoms)
    parcels = read_parcels(made.session.catalog, "hunchun_parcels")
    none = replace(parcels, good=parcels.good.iloc[:0])
    sums = sum_by_atom(none, zones, forest_types(made.project))
    assert np.isnan(np.array(sums["area"])).all()
    assert sums["note"].startswith("0 good, 1 bad")


def test_zones_of_atoms_have_the_areas_of_their_pixels(made: Made) -> None:
    """Each county's atoms add up to its polygon, whose long edges are straight in one of the two
    and bent in the other; pixels of 500 m tell an atom's area roughly.
    """
    observation, config = made.session.observe(), made.session.run.config
    zones = atom_zones(made.session.catalog, config, observation.atoms)
    area = zones.to_crs(EQUAL_AREA).area
    by_county = area.groupby(zones["adcode"]).sum()
    for code, polygon in observation.polygon_area.to_series().items():
        assert by_county[code] == pytest.approx(polygon, rel=5e-5)
    pixels = observation.class_area.sum("land_class").to_series()
    np.testing.assert_allclose(area, pixels, rtol=0.1)


def test_the_run_publishes_bad_parcels_and_the_report(made: Made) -> None:
    bad = pd.read_csv(made.folder / "parcels_bad.csv", dtype={"parcel": str})
    assert list(bad.columns) == ["parcel", "row", "area_ha", "reasons", "reasons_zh"]
    number = len(made.parcels)
    (row,) = bad.to_dict("records")
    assert (row["parcel"], row["row"]) == (str(number - 1), number - 1)
    assert row["area_ha"] == pytest.approx(100.0, rel=1e-6)
    assert row["reasons"].startswith("species 999; nearest known: ")
    assert row["reasons_zh"].startswith("树种999")
    text = (made.folder / "parcels_report.txt").read_text(encoding="utf-8")
    assert f"all: {number} parcels" in text
    assert f"全部：{number}个小班" in text


def test_the_layer_is_read_once(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("the layer is read again")

    monkeypatch.setattr("ecoassess.parcel_sums.read_parcels", fail)
    again = opened(made.project).observe().parcels
    first = made.session.observe().parcels
    assert again is not None
    assert first is not None
    assert again.report == first.report
    np.testing.assert_array_equal(again.volume, first.volume)


@pytest.mark.parametrize(("year", "found"), [(None, "none"), ("2019-2020", "2019-2020")])
def test_a_layer_without_its_year_is_refused(made: Made, year: str | None, found: str) -> None:
    catalog = made.session.catalog
    entry = catalog.entries["hunchun_parcels"].model_copy(update={"year": year})
    with pytest.raises(InputError) as caught:
        survey_year(replace(catalog, entries={"hunchun_parcels": entry}), "hunchun_parcels")
    (problem,) = caught.value.problems
    assert (problem.key, problem.found) == ("hunchun_parcels.year", found)


# The command


def call(project: Project, *arguments: object) -> Result:
    variables = {"ECOASSESS_PROJECT": str(project.root), "ECOASSESS_LANG": "en"}
    return CliRunner().invoke(cli.app, [str(a) for a in arguments], env=variables)


def test_the_command_reports_and_writes_good_apart_from_bad(made: Made, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.gpkg", tmp_path / "bad.csv"
    result = call(made.project, "parcels", "hunchun_parcels", "--good", good, "--bad", bad)
    assert result.exit_code == 0, result.output
    number = len(made.parcels)
    assert f"good: {number - 2} parcels" in result.stdout
    assert f"{number - 2} parcels written to {good}" in result.stdout
    written = geopandas.read_file(good)
    assert written.crs == EQUAL_AREA
    assert list(written["row"]) == [*range(1, number - 1)]
    assert written["volume"].sum() == pytest.approx(GROWING_STOCK + 10_000.0, rel=1e-9)
    assert bad.read_bytes() == (made.folder / "parcels_bad.csv").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["county_boundaries"], "the dataset is no layer of parcels"),
        (["hunchun_parcel"], "no such dataset"),
        (["hunchun_parcels", "--good", "good.shp"], "a name in .gpkg"),
        (["hunchun_parcels", "--bad", "nowhere/bad.csv"], "no such folder"),
        (["hunchun_parcels", "--good", "{layer}"], "the layer itself would be overwritten"),
    ],
)
def test_the_command_refuses(made: Made, arguments: list[str], said: str) -> None:
    layer = made.project.datasets / "parcels.gpkg"
    result = call(made.project, "parcels", *(a.format(layer=layer) for a in arguments))
    assert result.exit_code == InputError.exit_status
    assert said in result.stderr
    assert layer.is_file()


# The explanation of one parcel


def explained(made: Made, parcel: str, language: str = "en") -> list[str]:
    return explain_parcel(made.assessment, parcel, read_words(language)).splitlines()


def cells(lines: list[str], start: str, nth: int = 0) -> list[str]:
    """The cells of the nth row of a table that begins with `start`."""
    rows = [re.split(r"\s{2,}", line.strip()) for line in lines]
    return [row for row in rows if row[0] == start][nth][1:]


def first_of(made: Made, kind: str) -> tuple[str, float]:
    """The number of the first parcel of a type, of 100 ha, and its volume."""
    own = made.parcels[made.parcels["YOU_SHI_SZ"] == SPECIES[kind]].iloc[0]
    return own["XIAO_BAN"], own["XBXJ"]


def test_a_parcel_is_worked_out_by_the_equations(made: Made) -> None:
    """Larch: B = 0.6096 V + 33.806 A, CF 0.4915, R 0.29, litter 10.3, dead wood 0.08, soil 115."""
    number, volume = first_of(made, "larch")
    lines = explained(made, number)
    grown = volume * np.exp(0.01117 * (YEAR - SURVEY))
    above = 0.4915 * (0.6096 * grown + 33.806 * 100) / 1.29
    gain = 0.4915 * 0.6096 * 0.01117 * grown * 44 / 12
    per_hectare = {
        "Growing stock by forest type": grown / 100,
        "aboveground stock": above / 100,
        "belowground stock": 0.29 * above / 100,
        "dead wood stock": 0.08 * above / 100,
        "litter stock": 10.3,
        "soil stock": 115.0,
        "aboveground increment": gain / 1.29 / 100,
    }
    for title, value in per_hectare.items():  # five digits are printed
        assert float(cells(lines, title)[-1]) == pytest.approx(value, rel=2e-4)
    stock, flux = (float(cells(lines, "Sum", nth)[-1]) for nth in (0, 1))
    assert stock == pytest.approx(1.37 * above / 100 + 10.3 + 115, rel=2e-4)
    assert flux == pytest.approx(gain / 100, rel=2e-4)


def test_coefficients_stand_with_value_and_place(made: Made) -> None:
    lines = explained(made, first_of(made, "oak")[0])
    file = made.project.configs / "models" / "stand_carbon.yaml"
    texts = file.read_text(encoding="utf-8").splitlines()
    place = next(i for i, text in enumerate(texts, 1) if text.startswith("    oak: {value: 1.14"))
    _, value, unit, grade, where = cells(lines, "biomass_per_volume")
    assert (value, unit, grade) == ("1.1453", "t dm/m^3", "B")
    assert where == f"configs/models/stand_carbon.yaml:{place}"
    # What other methods take does not stand there.
    text = "\n".join(lines)
    assert "conversion_expansion_factor" not in text
    assert "aboveground_growth" not in text
    assert "mapped_biomass" not in text


def test_the_record_stands_in_both_languages(made: Made) -> None:
    number, volume = first_of(made, "oak")
    lines = explained(made, number)
    assert cells(lines, "Species") == ["410 oak"]
    assert cells(lines, "Origin") == ["natural"]
    assert cells(lines, "Growing stock") == [f"{volume:,.0f} m³, {volume / 100:.2f} m³/ha"]
    assert "    the age is empty or 0" in lines
    chinese = explained(made, number, "zh")
    assert cells(chinese, "优势树种") == ["410 栎类"]
    assert "    年龄为空或0" in chinese
    assert chinese[0] == f"小班{number}（parcels.gpkg第{number}行）"


def test_a_parcel_without_numbers_says_why(made: Made) -> None:
    count = len(made.parcels)
    bad = explained(made, f"#{count - 1}")
    assert "  Bad, set apart:" in bad
    assert any(line.strip().startswith("species 999; nearest known") for line in bad)
    idle = explained(made, str(count))
    assert cells(idle, "Land type") == ["采伐迹地; not stocked by land type (set apart)"]
    outside = explained(made, str(count - 2))
    assert outside[-1] == "The parcel lies outside all zones of the run and is not counted."
    assert not any("stand_volume.py" in line for line in [*bad, *idle, *outside])
    with pytest.raises(InputError, match="no such parcel"):
        explained(made, "12-1")


def stand_of(made: Made, runner: Runner, kind: str, atom: int) -> Stand:
    """All parcels of a type in an atom, as one stand."""
    sums = made.session.observe().parcels
    assert sums is not None
    area, volume = (float(a.sel(atom=atom, forest_type=kind)) for a in (sums.area, sums.volume))
    return Stand(runner, kind, atom, area, volume, volume / float(sums.volume.sel(atom=atom).sum()))


@pytest.mark.parametrize("biomass", ["fang2001", "ipcc_bcef", "mapped"])
@pytest.mark.parametrize(
    "increment", ["net_stock_growth", "gain_loss", "stock_difference", "age_classes"]
)
def test_stands_add_up_to_their_zone(made: Made, biomass: str, increment: str) -> None:
    """Type by type; under `mapped` a stand's biomass goes by its volume, and only the sum holds."""
    runner = made.assessment.runner.with_methods(
        {
            "stand_volume": {"volume_source": "parcels"},
            "stand_carbon": {"biomass_method": biomass},
            "stand_increment": {"increment_method": increment},
        }
    )
    models = made.session.book.models
    atoms = made.session.observe().atoms
    atom = int(atoms.index[(atoms["adcode"] == COUNTY) & (atoms["park_zone"] == "park")][0])
    found = {}
    for kind in SPECIES:
        stand = stand_of(made, runner, kind, atom)
        for name in CHAIN:
            stand.results |= models[name](**stand.arguments(models[name]))
        found[kind] = stand.results
    for name, unit in (("aboveground_carbon", "t C"), ("biomass_increment", "t C/yr")):
        model = models["stand_carbon" if unit == "t C" else "stand_increment"]
        whole = magnitude(runner.model(model, frozenset())[name], unit).sel(draw=0, atom=atom)
        parts = {kind: magnitude(own[name], unit).item() for kind, own in found.items()}
        expected = {kind: float(whole.sel(forest_type=kind)) for kind in SPECIES}
        assert np.isfinite(list(parts.values())).all()
        if biomass != "mapped":
            assert parts == pytest.approx(expected, rel=1e-9)
        elif unit == "t C":
            fraction = central(made.session, "stand_carbon", "carbon_fraction")
            mass, whole_mass = (
                sum(own[kind] / fraction[kind] for kind in SPECIES) for own in (parts, expected)
            )
            assert mass == pytest.approx(whole_mass, rel=1e-9)


def test_a_run_that_rests_on_parcels_is_published(made: Made) -> None:
    """Their area has no draws; every table that takes it must do."""
    methods = {**made.session.run.config.methods, "stand_volume": {"volume_source": "parcels"}}
    config = made.session.run.config.model_copy(update={"methods": methods})
    session = replace(made.session, run=replace(made.session.run, config=config))
    assessment = session.assess()
    folder = session.publish(assessment, maps=False)
    table = pd.read_csv(folder / "forest_projection.csv", encoding="utf-8-sig", dtype=str)
    mine = table[(table["adcode"] == COUNTY) & (table["zoning"] == "county")]
    assert mine[mine["component"] == "living_trees"]["value"].notna().all()
    assert (folder / "tower_like.csv").is_file()


def explain_in(project: Project, technology: str) -> Result:
    run = project.configs / "runs" / "yanbian.yaml"
    month = f"{YEAR}-06"
    return call(project, "explain", technology, "--parcel", 1, "--run", run, "--month", month)


def test_the_command_explains_a_parcel(made: Made) -> None:
    result = explain_in(made.project, "forest_sink")
    assert result.exit_code == 0, result.output
    assert result.stdout.rstrip() == "\n".join(explained(made, "1"))


def test_a_run_without_parcels_explains_none(made: Made) -> None:
    config = made.session.run.config
    datasets = config.datasets.model_copy(update={"parcels": None})
    run = replace(made.session.run, config=config.model_copy(update={"datasets": datasets}))
    assessment = replace(made.assessment, session=replace(made.session, run=run))
    with pytest.raises(InputError, match="the run names no forest parcels"):
        explain_parcel(assessment, "1", read_words("en"))


def test_another_technology_explains_no_parcel(made: Made) -> None:
    edit_yaml(
        made.project.configs / "runs" / "yanbian.yaml",
        lambda run: run.update(technologies=["forest_sink", "straw_return"]),
    )
    result = explain_in(made.project, "straw_return")
    assert result.exit_code == InputError.exit_status
    assert "parcels belong to another technology" in result.stderr
