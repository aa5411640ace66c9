"""Tables of land-use change: corrected areas by hand, refusals, and a whole run."""

from __future__ import annotations

from copy import copy, deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.calendar import Month
from ecoassess.errors import InputError
from ecoassess.export.land_use_change import corrected_areas, land_use_tables, mapped_areas
from ecoassess.inputs.land_change_sample import ChangeSample
from ecoassess.models.area_estimation import estimate_areas
from ecoassess.opening import open_run
from ecoassess.project import Project
from ecoassess.run import Assessment, Session
from tests.conftest import copy_project

RUN = "configs/runs/yanbian.yaml"
LOSS, GAIN = ("forest", "crop"), ("crop", "forest")
MEMBERS = {
    "loss": [LOSS],
    "gain": [GAIN],
    "stable": [("forest", "forest"), ("crop", "crop")],
}


def made_areas(*counties: list[list[float]]) -> xr.DataArray:
    uses = ["forest", "crop"]
    codes = [str(i) for i in range(len(counties))]
    labels = {"adcode": codes, "before": uses, "after": uses}
    return xr.DataArray(list(counties), labels, dims=tuple(labels))


def corrected(counts: list[list[int]], mapped: xr.DataArray, draws: int = 400) -> Any:
    sample = ChangeSample(tuple(MEMBERS), np.array(counts, float), MEMBERS)
    total = mapped.sum("adcode")
    area = np.array(
        [sum(float(total.sel(before=b, after=a)) for b, a in MEMBERS[k]) for k in MEMBERS]
    )
    estimate = estimate_areas(sample.counts, area)
    return corrected_areas(mapped, sample, estimate, draws, 1), estimate


MAPPED = made_areas([[500.0, 60.0], [20.0, 420.0]], [[900.0, 40.0], [0.0, 60.0]])
COUNTS = [[80, 0, 20], [0, 30, 20], [2, 0, 198]]


def test_counties_take_the_regions_errors_and_add_up() -> None:
    areas, estimate = corrected(COUNTS, MAPPED)
    loss = areas.used.sel(before="forest", after="crop")
    # First county: 0.8 of 60 ha mapped as loss, and 1 % of 920 ha mapped as stable.
    assert float(loss[0].sel(adcode="0")) == pytest.approx(0.8 * 60 + 0.01 * 920)
    assert float(loss[0].sel(adcode="1")) == pytest.approx(0.8 * 40 + 0.01 * 960)
    assert float(loss[0].sum()) == pytest.approx(estimate.area[0])
    gain = areas.used.sel(before="crop", after="forest")
    assert float(gain[0].sel(adcode="0")) == pytest.approx(0.6 * 20)
    assert float(gain[0].sel(adcode="1")) == 0
    low, high = areas.interval.sel(before="forest", after="crop").values
    error = (100**2 * 0.8 * 0.2 / 99 + 1880**2 * 0.01 * 0.99 / 199) ** 0.5
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=1e-4)
    assert areas.reason == {}


def test_each_draw_holds_all_land_and_nothing_below_0() -> None:
    areas, _ = corrected(COUNTS, MAPPED)
    assert (areas.used.values >= 0).all()
    whole = MAPPED.sum(["before", "after"]).values
    drawn = areas.used.sum(["before", "after"])
    np.testing.assert_allclose(drawn.values, np.broadcast_to(whole, drawn.shape))


def test_a_change_within_the_noise_gets_no_carbon() -> None:
    # One gain of 50 in its own stratum, and one of 200 stable units: 0.4 + 9.4 ha ± 18.4 ha.
    areas, _ = corrected([[80, 0, 20], [0, 1, 49], [2, 1, 197]], MAPPED)
    assert set(areas.reason) == {GAIN}
    assert "label noise exceeds real change; found: gain" in areas.reason[GAIN]
    for word in ("expected:", "remedy:"):
        assert word in areas.reason[GAIN]


def test_a_change_sampled_with_unchanged_land_gets_no_carbon() -> None:
    members = {"loss": [LOSS], "rest": [GAIN, ("forest", "forest"), ("crop", "crop")]}
    sample = ChangeSample(("loss", "rest"), np.array([[80.0, 20], [2, 248]]), members)
    estimate = estimate_areas(sample.counts, np.array([100.0, 1900]))
    areas = corrected_areas(MAPPED, sample, estimate, 10, 1)
    assert set(areas.reason) == {GAIN}
    assert "does not tell this change from unchanged land" in areas.reason[GAIN]


def test_without_a_sample_the_share_of_change_must_exceed_the_error() -> None:
    # 120 of 2000 ha changed: 6 %.
    assert mapped_areas(MAPPED, 0.05, "map", 3).reason == {}
    refused = mapped_areas(MAPPED, 0.15, "map", 3)
    assert "6 % of the land changed" in refused.reason[LOSS]
    assert "15 % that map has wrong" in refused.reason[LOSS]
    assert not refused.corrected


GOOD = "map,loss,stable\nloss,90,10\nstable,1,399\n"
"""90 % of the mapped loss is true, and 1 of 400 units elsewhere was loss."""

# A whole run. The later map is MODIS 2019; on the earlier one some cropland is still forest.


def edit_yaml(path: Path, change: Any) -> None:
    yaml = YAML()
    data = yaml.load(path.read_text(encoding="utf-8"))
    change(data)
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(data, stream)


def add_earlier_map(project: Project, **entry: Any) -> None:
    with rasterio.open(project.datasets / "modis_landcover_2019.tif") as source:
        codes, profile = source.read(1), source.profile
    crop = np.argwhere(codes == 12)
    for row, column in crop[::7]:  # every seventh cropland cell was forest
        codes[row, column] = 4
    with rasterio.open(project.datasets / "earlier.tif", "w", **profile) as target:
        target.write(codes, 1)

    def add(catalog: Any) -> None:
        earlier = {
            **deepcopy(dict(catalog["land_cover"])),
            "file": "earlier.tif",
            "year": 2009,
            **entry,
        }
        del earlier["sha256"]
        catalog["earlier"] = earlier

    edit_yaml(project.datasets / "catalog.yaml", add)

    def name(run: Any) -> None:
        run["datasets"]["land_cover_earlier"] = "earlier"
        run["technologies"] = ["forest_sink"]
        run["draws"] = 200

    edit_yaml(project.root / RUN, name)


def add_sample(project: Project, text: str) -> None:
    (project.datasets / "sample.csv").write_text(text, encoding="utf-8")

    def add(catalog: Any) -> None:
        catalog["sample"] = {
            "title": {"en": "Sample", "zh": "Sample"},
            "kind": "table",
            "file": "sample.csv",
            "strata": {"loss": ["forest_land:cropland"], "stable": ["rest"]},
            "licence": "made for this test",
            "citation": "none",
        }

    edit_yaml(project.datasets / "catalog.yaml", add)
    edit_yaml(project.root / RUN, lambda run: run["datasets"].update(land_change_matrix="sample"))


def opened(project: Project) -> Session:
    return open_run(project, project.root / RUN, Month(2024, 6))


def tables(project: Project) -> dict[str, pd.DataFrame]:
    session = opened(project)
    folder = session.publish(session.assess(), maps=False)
    return {
        file.stem: pd.read_csv(file, encoding="utf-8-sig", dtype={"adcode": str})
        for file in folder.glob("land_use_*.csv")
    }


def row(table: pd.DataFrame, zoning: str, pool: str) -> Any:
    hit = table[(table["zoning"] == zoning) & (table["pool"] == pool)]
    assert (hit["before"] == "forest_land").all()
    return hit.iloc[0]


def test_a_run_publishes_areas_and_carbon(project: Project) -> None:
    add_earlier_map(project)
    add_sample(project, GOOD)
    found = tables(project)
    table = found["land_use_change"]
    assert set(table["pool"]) == {"soil_carbon", "biomass", "total"}
    assert len(table) == 3 * 9  # eight counties and the prefecture, one transition
    assert (table["status"] == "estimated").all()
    prefecture = row(table, "prefecture", "soil_carbon")
    counties = table[(table["zoning"] == "county") & (table["pool"] == "soil_carbon")]
    for column in ("mapped_area", "adjusted_area", "stock_change", "rate", "area_per_year"):
        assert counties[column].sum() == pytest.approx(prefecture[column], rel=1e-5)
    whole = opened(project).observe().change.area  # type: ignore[union-attr]
    atoms = opened(project).observe().atoms["adcode"].to_numpy()
    land = float(whole.sum(["before", "after"]).values[[a[:2] == "22" for a in atoms]].sum()) / 1e4
    mapped = prefecture["mapped_area"]
    area = 0.9 * mapped + (land - mapped) / 400
    assert prefecture["adjusted_area"] == pytest.approx(area, rel=1e-5)
    assert prefecture["area_per_year"] == pytest.approx(area / 10, rel=1e-5)
    assert prefecture["area_interval"] == "design-based"
    assert set(counties["area_interval"]) == {"synthetic"}
    assert prefecture["adjusted_p2.5"] < area < prefecture["adjusted_p97.5"]
    # All counties are cool temperate dry: 43 t C/ha, F_LU 0.77; the middle is ten years ago.
    soil = area * 43 * (0.77 - 1)
    assert prefecture["stock_change"] == pytest.approx(soil * 10 / 20, rel=1e-5)
    assert prefecture["rate"] == pytest.approx(soil / 20 * 44 / 12, rel=1e-5)
    assert prefecture["rate_period"] == "2024"
    plants = row(table, "prefecture", "biomass")
    density = 4.7 - 120 * (1 + 0.26) * 0.47
    assert plants["stock_change"] == pytest.approx(area * density, rel=1e-5)
    assert plants["rate"] == pytest.approx(area / 10 * density * 44 / 12, rel=1e-5)
    assert plants["rate_period"] == "2009-2019"
    total = row(table, "prefecture", "total")
    assert total["stock_change"] == pytest.approx(
        prefecture["stock_change"] + plants["stock_change"], rel=1e-5
    )
    assert np.isnan(total["rate"])
    assert "not added" in total["reason"]
    for pool in (prefecture, plants, total):
        assert pool["stock_p2.5"] < pool["stock_mean"] < pool["stock_p97.5"]
    accuracy = found["land_use_accuracy"].set_index("class")
    assert accuracy.loc["loss", "users_accuracy"] == pytest.approx(0.9)
    assert accuracy.loc["overall", "users_accuracy"] == pytest.approx(
        (0.9 * mapped + (land - mapped) * 399 / 400) / land
    )


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    """A run with both an earlier map and a sample, which the tests below vary."""
    project = copy_project(tmp_path_factory.mktemp("land_use"), draws=10)
    add_earlier_map(project)
    add_sample(project, GOOD)
    return opened(project).assess()


def varied(assessment: Assessment, year: int = 2024, accuracy: float | None = None) -> pd.DataFrame:
    """Return the table for another year, or for maps of a declared accuracy without a sample."""
    session = copy(assessment.session)
    session.month = Month(year, 6)
    if accuracy is not None:
        config = session.run.config
        datasets = config.datasets.model_copy(update={"land_change_matrix": None})
        config = config.model_copy(update={"datasets": datasets})
        session.run = replace(session.run, config=config)
        entries = {
            name: entry.model_copy(update={"accuracy": accuracy})
            for name, entry in session.catalog.entries.items()
        }
        session.catalog = replace(session.catalog, entries=entries)
    return land_use_tables(replace(assessment, session=session))["land_use_change"]


def test_a_run_with_a_poor_sample_has_areas_and_no_carbon(assessed: Assessment) -> None:
    file = assessed.session.project.datasets / "sample.csv"
    file.write_text("map,loss,stable\nloss,1,99\nstable,1,99\n", encoding="utf-8")
    table = varied(assessed)
    file.write_text(GOOD, encoding="utf-8")
    assert (table["status"] == "missing").all()
    assert table["mapped_area"].sum() > 0
    assert table["adjusted_area"].notna().all()
    assert table[["stock_change", "stock_p2.5", "rate", "rate_p97.5"]].isna().all(axis=None)
    assert table["reason"].str.contains("label noise exceeds real change").all()


@pytest.mark.parametrize(("accuracy", "status"), [(0.75, "missing"), (0.999, "proxy")])
def test_a_run_with_accuracies_alone(assessed: Assessment, accuracy: float, status: str) -> None:
    table = varied(assessed, accuracy=accuracy)
    assert set(table["status"]) == {status}
    assert table["adjusted_area"].isna().all()
    assert (table["evidence"] == "C").all()
    assert table["reason"].str.contains("not corrected by a sample").all()


def test_a_year_between_the_maps_has_one_rate(assessed: Assessment) -> None:
    table = varied(assessed, year=2017)
    total, soil, plants = (
        row(table, "prefecture", pool) for pool in ("total", "soil_carbon", "biomass")
    )
    assert total["rate"] == pytest.approx(soil["rate"] + plants["rate"])
    # Eight of ten years have passed, three since the middle.
    assert plants["stock_change"] == pytest.approx(plants["rate"] / 44 * 12 * 8)
    assert soil["stock_change"] == pytest.approx(soil["rate"] / 44 * 12 * 3)


def test_a_year_before_the_maps_has_no_carbon(assessed: Assessment) -> None:
    table = varied(assessed, year=2009)
    assert (table["status"] == "missing").all()
    assert table["reason"].str.contains("not after the earlier map").all()


def test_one_map_gives_no_table(published: Any) -> None:
    assert not list(published.folder.glob("land_use_*.csv"))
    assert published.session.observe().change is None


def test_maps_that_say_nothing_of_their_errors_are_refused(project: Project) -> None:
    add_earlier_map(project)
    with pytest.raises(
        InputError, match="how good this land-cover map is stands nowhere"
    ) as caught:
        opened(project)
    assert {problem.key for problem in caught.value.problems} == {
        *("earlier.accuracy", "land_cover.accuracy")
    }


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"year": 2019}, "do not follow each other"),
        ({"year": "about 2009"}, "do not follow each other"),
        ({"legend": None}, "no land-cover map"),
        ({"accuracy": 85.0}, "an accuracy is a share"),
    ],
)
def test_wrong_entries_are_refused(project: Project, entry: dict[str, Any], what: str) -> None:
    add_earlier_map(project, **{"accuracy": 0.8, **entry})
    with pytest.raises(InputError, match=what):
        opened(project)


def test_a_matrix_without_an_earlier_map_is_refused(project: Project) -> None:
    add_sample(project, GOOD)
    with pytest.raises(InputError, match="without an earlier land-cover map"):
        opened(project)


def test_a_coefficient_without_use_is_named(assessed: Assessment) -> None:
    session = copy(assessed.session)
    own = dict(session.kernels["land_use_change"])
    own["grass_mass"] = own.pop("grass_biomass")
    session.kernels = {**session.kernels, "land_use_change": own}
    with pytest.raises(InputError, match="needs 'grass_biomass'") as caught:
        land_use_tables(replace(assessed, session=session))
    assert any(problem.key == "grass_mass" for problem in caught.value.problems)
