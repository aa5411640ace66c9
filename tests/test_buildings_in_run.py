"""Building footprints through a whole run: sums, the census beside them, and roofs on the map.

The made layer has a hamlet in Yanji, one on each side of the park's edge in Hunchun, and one
building far away; the other counties have none.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from typer.testing import CliRunner, Result

from ecoassess import cli
from ecoassess.atom_zones import atom_zones
from ecoassess.calendar import Month
from ecoassess.errors import InputError
from ecoassess.export import maps
from ecoassess.footprint_sums import FootprintSums
from ecoassess.inputs.boundaries import EQUAL_AREA
from ecoassess.inputs.buildings import census_floor_area
from ecoassess.opening import open_run
from ecoassess.project import Project
from ecoassess.run import Assessment, Session
from ecoassess.units import magnitude
from ecoassess.verification import verify

YANJI, HUNCHUN, TUMEN = "222401", "222404", "222402"
YEAR = 2024
SIDE = 100.0  # m: a hectare of roof each
APART = 700.0  # m between two buildings: each in a pixel of its own
HECTARE = 1e4

# class, storeys
HAMLET = [
    ("house", 1),
    ("house", 1),
    ("apartments", 6),
    ("apartments", 18),
    ("factory", 2),
    ("school", None),  # floors unknown
]


def edit_yaml(path: Path, change: Any) -> None:
    yaml = YAML()
    data = yaml.load(path.read_text(encoding="utf-8"))
    change(data)
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(data, stream)


def hamlet(x: float, y: float, places: list[tuple[str, int | None]]) -> list[dict[str, Any]]:
    return [
        {
            "class": use,
            "num_floors": floors,
            "geometry": box(x + APART * n, y, x + APART * n + SIDE, y + SIDE),
        }
        for n, (use, floors) in enumerate(places)
    ]


def made_buildings(session: Session) -> geopandas.GeoDataFrame:
    observation = session.observe()
    zones = atom_zones(session.catalog, session.run.config, observation.atoms).to_crs(EQUAL_AREA)
    atoms = observation.atoms

    def inside(code: str, park: bool, margin: float) -> tuple[float, float]:
        own = (atoms["adcode"] == code) & ((atoms["park_zone"] != "") == park)
        place = zones.geometry[own].iloc[0].buffer(-margin).representative_point()
        return place.x, place.y

    yanji = inside(YANJI, False, 6_000.0)
    out, park = inside(HUNCHUN, False, 1_000.0), inside(HUNCHUN, True, 1_000.0)
    rows = hamlet(*yanji, HAMLET)
    rows += hamlet(*out, [("house", 1), ("yes", None)])  # half of the roof is of unknown use
    rows += hamlet(*park, [("house", 1)])
    rows += hamlet(yanji[0], yanji[1] + 2000.0, [("greenhouse", None)])  # no roof that counts
    # Inside the bounds of all counties, in none of them.
    west, south, _, _ = zones.total_bounds
    assert not zones.intersects(box(west, south, west + SIDE, south + SIDE)).any()
    rows += hamlet(west, south, [("house", 1)])
    x, y = yanji[0], yanji[1] + 3000.0
    rows.append({"class": "house", "num_floors": 1, "geometry": box(x, y, x + 2, y + 2)})  # tiny
    table = pd.DataFrame(rows).assign(id=[f"b{n}" for n in range(1, len(rows) + 1)])
    return geopandas.GeoDataFrame(table, geometry="geometry", crs=EQUAL_AREA)


def declare(project: Project, name: str, **entry: Any) -> None:
    def add(catalog: Any) -> None:
        catalog[name] = {
            "title": {"en": "Made", "zh": "自制"},
            "licence": "made for this test",
            "citation": "none",
            **entry,
        }

    edit_yaml(project.datasets / "catalog.yaml", add)


def in_run(project: Project, **datasets: str) -> None:
    edit_yaml(
        project.configs / "runs" / "yanbian.yaml", lambda run: run["datasets"].update(datasets)
    )


def opened(project: Project) -> Session:
    return open_run(project, project.configs / "runs" / "yanbian.yaml", Month(YEAR, 6))


def call(project: Project, *arguments: object) -> Result:
    variables = {"ECOASSESS_PROJECT": str(project.root), "ECOASSESS_LANG": "en"}
    return CliRunner().invoke(cli.app, [str(a) for a in arguments], env=variables)


@dataclass(frozen=True)
class Made:
    project: Project
    session: Session
    assessment: Assessment
    folder: Path
    command: Result


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A run with the layer and with the roof map that the command wrote of it."""
    project = copy_project(tmp_path_factory.mktemp("buildings"), draws=10)
    edit_yaml(
        project.configs / "runs" / "yanbian.yaml",
        lambda run: run.update(technologies=["forest_sink", "green_housing"]),
    )
    made_buildings(opened(project)).to_file(project.datasets / "buildings.gpkg")
    declare(
        project,
        "my_buildings",
        kind="buildings",
        file="buildings.gpkg",
        crs=EQUAL_AREA,
        year=2023,
    )
    roofs = project.datasets / "roofs.tif"
    command = call(project, "buildings", "my_buildings", "--map", roofs, "--month", f"{YEAR}-06")
    assert command.exit_code == 0, command.output
    declare(
        project,
        "my_roofs",
        kind="raster",
        file="roofs.tif",
        crs="EPSG:4326",
        variables={
            "roof_share": {"unit": "1", "band": 1, "valid_range": [0, 1]},
            "residential_roof_share": {"unit": "1", "band": 2, "valid_range": [0, 1]},
        },
    )
    in_run(project, buildings="my_buildings", residential_roof_share="my_roofs")
    session = opened(project)
    assessment = session.assess()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(maps, "write_overview", lambda *_: None)
        yield Made(project, session, assessment, session.publish(assessment), command)


def sums_of(made: Made) -> FootprintSums:
    sums = made.session.observe().buildings
    assert sums is not None
    return sums


def atoms_of(made: Made, code: str) -> np.ndarray:
    atoms = made.session.observe().atoms
    return atoms.index[atoms["adcode"] == code].to_numpy()


def census(made: Made, code: str) -> float:
    return float(census_floor_area(made.session.statistics, [code], YEAR)[code])


def test_sums_by_atom_are_the_buildings(made: Made) -> None:
    zones, outside = sums_of(made).zones, sums_of(made).outside
    roofs = zones["footprint"].unstack("kind")
    (yanji,) = atoms_of(made, YANJI)
    assert roofs.loc[yanji].to_dict() == pytest.approx(
        {"self_built": 2e4, "walk_up": 1e4, "lift": 1e4, "residential": 0, "other": 2e4,
         "unknown": 0}
    )  # fmt: skip
    floors = zones["floor_area"].unstack("kind").loc[yanji]
    assert floors["walk_up"] == pytest.approx(6e4)
    assert floors["lift"] == pytest.approx(18e4)
    assert floors["other"] == pytest.approx(2e4)  # the factory; the school's floors are unknown
    both = roofs.loc[atoms_of(made, HUNCHUN)]
    assert both["self_built"].tolist() == pytest.approx([1e4, 1e4])
    assert sorted(both["unknown"]) == pytest.approx([0, 1e4])
    assert np.nansum(roofs.to_numpy()) + outside["footprint"].sum() == pytest.approx(10e4)
    assert outside.loc["self_built", "number"] == 1


def test_a_county_without_buildings_is_missing(made: Made) -> None:
    zones = sums_of(made).zones
    for code in made.session.run.config.all_counties:
        known = zones.loc[atoms_of(made, code), "footprint"].notna()
        assert known.all() if code in (YANJI, HUNCHUN) else not known.any()
    field = made.assessment.runner.activity.field("footprint_roof_area")
    tumen = made.session.observe().atoms.index.get_loc(atoms_of(made, TUMEN)[0])
    assert field.status[tumen] == "missing"
    assert field.reason[tumen] == "no buildings in this county"


def one_county(sums: FootprintSums, code: str, figure: float) -> tuple[float, str, str, str]:
    """Roof area, status, grade and reason of a county where the census has `figure`."""
    adcode = pd.Series(dict.fromkeys(sums.zones.index.get_level_values("atom")[:1], code))
    roofs = sums.dwelling_roofs(adcode, pd.Series({code: figure}))
    return float(roofs.area.sum()), roofs.status[0], roofs.grade[0], roofs.reason[0]


def made_sums(**roofs: float) -> FootprintSums:
    """Sums of one atom with roofs (m²) of these kinds."""
    kinds = ("self_built", "walk_up", "lift", "residential", "other", "unknown")
    rows = pd.MultiIndex.from_product([[1], kinds], names=["atom", "kind"])
    area = [roofs.get(kind, 0.0) for kind in kinds]
    zones = pd.DataFrame({"footprint": area}, index=rows)
    return FootprintSums(zones, zones.droplevel("atom"), "a note", {}, pd.DataFrame(), 0.5, 60.0)


def test_roofs_of_dwellings_and_what_they_rest_on() -> None:
    whole = one_county(made_sums(self_built=600, walk_up=300, other=100), "a", 2700.0)
    assert whole == (900, "measured", "B", "a note; the census needs 3 storeys on the dwellings' "
                     "roofs")  # fmt: skip
    area, status, grade, reason = one_county(
        made_sums(self_built=600, residential=100, other=100, unknown=200), "a", np.nan
    )
    assert (area, status, grade) == (600, "estimated", "C")
    assert reason.endswith("0.3 of the roof area, of unknown use or storeys, is out")
    area, status, grade, reason = one_county(made_sums(self_built=100, unknown=900), "a", 1e3)
    assert (status, grade) == ("missing", "missing")
    assert reason.endswith("use and storeys are known for 0.1 of the roof area, below 0.5")


def test_a_layer_of_one_village_is_no_survey_of_its_county(made: Made) -> None:
    """4 ha of dwellings hold Yanji's census on 590 storeys only."""
    storeys = census(made, YANJI) / 4e4
    field = made.assessment.runner.activity.field("footprint_roof_area")
    (yanji,) = atoms_of(made, YANJI)
    place = made.session.observe().atoms.index.get_loc(yanji)
    assert field.status[place] == "missing"
    assert f"the census needs {storeys:.2g} storeys" in field.reason[place]
    assert "above 60: the layer holds a part of the county only" in field.reason[place]


def test_roofs_reach_equations_by_kind_of_dwelling(made: Made) -> None:
    """With a census that fits the hamlet."""
    activity = made.assessment.runner.activity
    roofs = sums_of(made).dwelling_roofs(
        made.session.observe().atoms["adcode"], pd.Series({YANJI: 27e4, HUNCHUN: np.nan})
    )
    assert list(roofs.area["dwelling"].values) == ["self_built", "walk_up", "lift"]
    (yanji,) = atoms_of(made, YANJI)
    assert roofs.area.sel(atom=yanji).values.tolist() == pytest.approx([2e4, 1e4, 1e4])
    hunchun = roofs.area.sel(atom=atoms_of(made, HUNCHUN), dwelling="self_built")
    assert float(hunchun.sum()) == pytest.approx(2e4)
    assert magnitude(activity.field("footprint_roof_area").values, "m^2").dims == (
        "atom",
        "dwelling",
    )


def test_a_run_without_the_layer_says_so(made: Made) -> None:
    config = made.session.run.config
    datasets = config.datasets.model_copy(update={"buildings": None})
    run = replace(made.session.run, config=config.model_copy(update={"datasets": datasets}))
    session = replace(made.session, run=run)
    assert session.observe().buildings is None
    field = session.assess().runner.activity.field("footprint_roof_area")
    assert set(field.reason) == {"no dataset 'buildings' in the run configuration"}


def test_the_census_stands_beside_the_footprints(made: Made) -> None:
    table = pd.read_csv(
        made.folder / "buildings_beside_census.csv", encoding="utf-8-sig", dtype={"adcode": str}
    ).set_index("adcode")
    assert list(table.index) == list(made.session.run.config.counties)
    yanji = table.loc[YANJI]
    assert (yanji["zone"], yanji["zone_zh"]) == ("Yanji", "延吉市")
    assert yanji["roof_m2"] == pytest.approx(4e4)
    assert yanji["floor_area_m2"] == pytest.approx(2e4 + 6e4 + 18e4)
    assert yanji["census_m2"] == pytest.approx(census(made, YANJI), rel=1e-5)
    assert yanji["difference_m2"] == pytest.approx(26e4 - census(made, YANJI), rel=1e-5)
    assert yanji["other_roof_m2"] == pytest.approx(2e4)
    assert yanji["other_floor_area_m2"] == pytest.approx(2e4)
    assert yanji["other_known_share"] == pytest.approx(0.5)
    assert table.loc[HUNCHUN, "roof_unknown_m2"] == pytest.approx(1e4)
    assert table.loc[TUMEN, ["roof_m2", "floor_area_m2", "other_floor_area_m2"]].isna().all()
    assert table.loc[TUMEN, "census_m2"] == pytest.approx(census(made, TUMEN), rel=1e-5)


def test_both_roof_areas_stand_side_by_side(made: Made) -> None:
    """Floor area · share / storeys of 1.05, 5, 15; houses: 93 % of villages, 6 % of towns."""
    table = pd.read_csv(
        made.folder / "buildings_beside_census.csv", encoding="utf-8-sig", dtype={"adcode": str}
    ).set_index("adcode")
    activity = made.assessment.runner.activity
    (yanji,) = atoms_of(made, YANJI)
    people = magnitude(activity.field("population").values, "person").sel(atom=yanji)
    village = float(people.sel(residence="rural") / people.sum())
    home = 0.93 * village + 0.06 * (1 - village)
    lift = float(magnitude(activity.field("lift_share").values, "1").sel(atom=yanji))
    roof = census(made, YANJI) * (home / 1.05 + (1 - home - lift) / 5 + lift / 15)
    assert table.loc[YANJI, "roof_by_census_m2"] == pytest.approx(roof, rel=1e-5)


def test_a_run_that_rests_on_footprints_is_published(made: Made) -> None:
    """They have no draws. Hamlets are let count as whole counties; elsewhere PV is missing."""
    edit_yaml(
        made.project.configs / "runs" / "yanbian.yaml",
        lambda run: (
            run.update(technologies=["forest_sink", "rooftop_pv"]),
            run["methods"].update(dwelling_roofs={"roof_source": "footprints"}),
        ),
    )
    legend = made.project.configs / "codes" / "buildings.yaml"
    text = legend.read_text(encoding="utf-8")
    raised = text.replace("most_mean_floors: {value: 60,", "most_mean_floors: {value: 1000000,")
    assert raised != text
    legend.write_text(raised, encoding="utf-8")
    session = opened(made.project)
    assessment = session.assess()
    folder = session.publish(assessment, maps=False)
    legend.write_text(text, encoding="utf-8")
    model = session.book.models["dwelling_roofs"]
    roof = magnitude(assessment.runner.model(model, frozenset())["roof_area"], "m^2")
    (yanji,) = atoms_of(made, YANJI)
    assert roof.sel(atom=yanji, draw=0).values.tolist() == pytest.approx([2e4, 1e4, 1e4])
    table = pd.read_csv(folder / "assessment.csv", encoding="utf-8-sig", dtype={"adcode": str})
    own = table[(table["component"] == "avoided_by_export") & (table["zoning"] == "county")]
    year = own[own["period"] == str(YEAR)].set_index("adcode")
    assert year.loc[YANJI, "value"] > 0
    assert "footprints of 2023" in year.loc[HUNCHUN, "reason"]  # a part of the roofs is left out
    assert year.loc[TUMEN, "status"] == "missing"
    assert "no buildings in this county" in year.loc[TUMEN, "reason"]


def test_the_run_publishes_its_report_in_both_languages(made: Made) -> None:
    text = (made.folder / "buildings_report.txt").read_text(encoding="utf-8")
    for sentence in (
        "good: 10 buildings",
        "bad (set apart): 1 building,",
        "Floor area of other than dwellings: no statistic of the counties has it",
        "Yanji: 2.0 ha of floors, storeys known for 50 % of 2.0 ha of roof",
        "非住宅建筑面积：无县级统计",
    ):
        assert sentence in text
    bad = pd.read_csv(made.folder / "buildings_bad.csv", encoding="utf-8-sig")
    assert bad["building"].tolist() == ["b12"]
    assert bad["reasons"].tolist() == ["4.0 m², limit 10 m²"]


def test_the_layer_is_read_once(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("the layer is read again")

    monkeypatch.setattr("ecoassess.footprint_sums.read_buildings", fail)
    again = opened(made.project).observe().buildings
    assert again is not None
    pd.testing.assert_frame_equal(again.zones, sums_of(made).zones)


def test_another_dataset_is_no_layer_of_buildings(made: Made) -> None:
    config = made.session.run.config
    datasets = config.datasets.model_copy(update={"buildings": "land_cover"})
    run = replace(made.session.run, config=config.model_copy(update={"datasets": datasets}))
    with pytest.raises(InputError, match="the dataset is no layer of buildings"):
        replace(made.session, run=run).observe()


# The command


def test_the_command_reports_and_compares(made: Made) -> None:
    said = made.command.stdout
    assert "good: 10 buildings" in said
    assert "Residential floor area by footprints and by census" in said
    assert "Tumen: no dwelling with known use and storeys" in said
    assert "bands roof_share, residential_roof_share, floor_area_ratio" in said
    # The building in no county lies beyond the land-cover map.
    assert "9.00 ha of roof on it, 1.00 ha outside its grid, 0.00 ha cut off" in said


def test_the_command_writes_the_bad_ones(made: Made, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    result = call(made.project, "buildings", "my_buildings", "--bad", file)
    assert result.exit_code == 0, result.output
    assert file.read_bytes() == (made.folder / "buildings_bad.csv").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["county_boundaries"], "the dataset is no layer of buildings"),
        (["my_building"], "no such dataset"),
        (["my_buildings", "--map", "roofs.png"], "a name in .tif"),
        (["my_buildings", "--map", "nowhere/roofs.tif"], "no such folder"),
        (["my_buildings", "--map", "{land}"], "'land_cover' would be overwritten"),
        (["my_buildings", "--bad", "bad.xlsx"], "a name in .csv"),
    ],
)
def test_the_command_refuses(made: Made, arguments: list[str], said: str) -> None:
    land = made.project.datasets / "modis_landcover_2019.tif"
    result = call(made.project, "buildings", *(a.format(land=land) for a in arguments))
    assert result.exit_code == InputError.exit_status
    assert said in result.stderr


# The map


def test_maps_of_a_run_with_buildings_add_up(made: Made) -> None:
    found = verify(made.session, made.folder)
    assert found
    assert all(comparison.holds for comparison in found)


def test_dwellings_are_painted_on_their_roofs(made: Made) -> None:
    """Where the layer has roofs, nothing lies elsewhere; the other counties stay as they were."""
    observation = made.session.observe()
    with (
        rasterio.open(made.folder / "maps" / "green_housing.tif") as source,
        rasterio.open(made.project.datasets / "roofs.tif") as roofs,
        rasterio.open(observation.atom_raster) as atoms,
    ):
        assert source.tags()["spread_layer"] == "weighted in part"
        assert source.tags()["weight_layer"] == "residential_roof_share"
        window = atoms.window(*source.bounds).round_offsets().round_lengths()
        atom, roof = atoms.read(1, window=window), roofs.read(2, window=window)
        painted = np.isfinite(source.read(1))
    (yanji,) = atoms_of(made, YANJI)
    here = atom == yanji
    assert painted[here & (roof > 0)].all()
    assert not painted[here & ~(roof > 0)].any()
    assert 4 <= painted[here].sum() <= 4 * 4  # four dwellings, a corner in up to four pixels
    (tumen, *_) = atoms_of(made, TUMEN)
    assert painted[atom == tumen].sum() > 4
