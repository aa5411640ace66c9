"""Changes between two runs split by cause: additive, exact, and each cause its own."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import zipfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from ecoassess import causes, provenance
from ecoassess import explain as explanations
from ecoassess.archive import ARCHIVE, write_archive
from ecoassess.calendar import Month
from ecoassess.causes import CAUSES, KEYS, Split, parts_of_change, split
from ecoassess.cli import app
from ecoassess.comparison import Comparison, compare, describe
from ecoassess.export.tables import EXACT, write_csv
from ecoassess.language import read_words
from ecoassess.opening import open_run
from ecoassess.project import Project
from ecoassess.report import county_table
from tests.conftest import ROOT, copy_project

JUNE, MARCH = Month(2024, 6), Month(2025, 3)
GROWTH = "  value: 0.01117\n"
VERSIONS = """\
  value: 0.01200
  valid_from: 2025-01-01
  reason: a later inventory
  earlier:
    - value: 0.01117
      range: [0.008, 0.014]
      source: {source}
      locator: as before
      grade: {grade}
"""


def publish(project: Project, month: Month = JUNE, as_of: date | None = None) -> Path:
    """Write what a comparison reads of a run."""
    session = open_run(project, project.configs / "runs" / "yanbian.yaml", month, as_of)
    assessment = session.assess()
    key = provenance.run_key(session.key_parts())
    folder = session.month_folder / key
    folder.mkdir(parents=True)
    write_csv(assessment.rows, folder / "assessment.csv", EXACT)
    record = json.dumps(provenance.record(assessment, key), ensure_ascii=False)
    (folder / "provenance.json").write_text(record, encoding="utf-8")
    write_archive(session, folder / ARCHIVE)
    return folder


def explain(project: Project) -> str:
    """Return what is said about the forest of Hunchun in June 2024."""
    session = open_run(project, project.configs / "runs" / "yanbian.yaml", JUNE)
    alone = replace(session, technologies={"forest_sink": session.technologies["forest_sink"]})
    assessment = alone.assess()
    zone = explanations.find_zone(assessment.zones, "222404")
    return explanations.explain(assessment, "forest_sink", zone, read_words("en", ROOT))


def edit(project: Project, name: str, old: str, new: str) -> None:
    file = project.root / name
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, (name, old)
    file.write_text(text.replace(old, new), encoding="utf-8")


def edit_statistics(project: Project, old: str, new: str) -> None:
    """Change the table of statistics, and its checksum in the catalogue."""
    file = project.datasets / "county_statistics.csv"
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    edit(project, "datasets/county_statistics.csv", old, new)
    after = hashlib.sha256(file.read_bytes()).hexdigest()
    edit(project, "datasets/catalog.yaml", before, after)


def small_project(folder: Path) -> Project:
    """A copy of the project with three technologies and few draws."""
    project = copy_project(folder, draws=10)
    run = project.configs / "runs" / "yanbian.yaml"
    head, rest = run.read_text(encoding="utf-8").split("technologies:\n", 1)
    kept = "technologies:\n  - forest_sink\n  - nitrogen_reduction\n  - rooftop_pv\n"
    run.write_text(head + kept + rest[rest.index("scenario:") :], encoding="utf-8")
    return project


def growth_ratio(years: int) -> float:
    """Ratio of the forest's increments at the two rates, so many years after the stock was known.

    The stock grows by its relative rate until the assessed year, and the increment is the rate of
    that stock: r exp(r t).
    """
    return 0.012 / 0.01117 * math.exp((0.012 - 0.01117) * years)


@dataclass
class Runs:
    project: Project
    base: Path
    growth: Path
    """One coefficient other than in `base`."""
    several: Path
    """Month, statistic, coefficient and electricity factors other than in `base`."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Three runs; tests read them and change nothing."""
    project = small_project(tmp_path_factory.mktemp("causes"))
    base = publish(project)
    edit(project, "configs/models/stand_volume.yaml", GROWTH, "  value: 0.01200\n")
    growth = publish(project)
    edit_statistics(project, "growing_stock,45537000,", "growing_stock,46537000,")
    edit(
        project, "configs/runs/yanbian.yaml", "electricity: average", "electricity: combined_margin"
    )
    return Runs(project, base, growth, publish(project, MARCH))


def check_sums(found: Split) -> None:
    """Check that the parts of every change add up to it."""
    table = found.table[found.table["change"].notna()]
    assert len(table)
    parts = table[[*CAUSES, "joint"]]
    np.testing.assert_array_less(
        (parts.sum(axis=1) - table["change"]).abs(),
        1e-9 * parts.abs().max(axis=1) + 1e-300,
    )


def of(found: Split, technology: str, zone: str = "222400", component: str = "net") -> pd.Series:
    table = found.table
    chosen = table[
        (table["technology"] == technology)
        & (table["adcode"] == zone)
        & (table["component"] == component)
        & (table["boundary"] == "territorial")
    ]
    return chosen.iloc[0]


def test_a_coefficient_alone_is_all_coefficients(runs: Runs) -> None:
    found = split(runs.base, runs.growth, runs.project)
    assert found.evaluations == 0  # both runs stand for themselves
    assert found.differing == ("coefficients",)
    check_sums(found)
    pd.testing.assert_series_equal(
        found.table["coefficients"], found.table["change"], check_names=False
    )
    assert (found.table[["month", "data", "scenario", "code", "joint"]] == 0).all(axis=None)
    # Hunchun's stock is of 2012, the assessed year 2024.
    hunchun = of(found, "forest_sink", "222404")
    assert hunchun["relative"] == pytest.approx(growth_ratio(12) - 1, rel=1e-6)


def test_several_causes_add_up_and_each_moves_what_it_should(runs: Runs) -> None:
    found = split(runs.base, runs.several, runs.project)
    assert found.differing == ("month", "data", "coefficients", "scenario")
    assert found.evaluations == 3  # the last state is the newer run itself
    assert not found.failures
    check_sums(found)
    assert not found.table["joint"].any()

    forest = of(found, "forest_sink", "222404")
    assert forest["scenario"] == 0  # no electricity in a forest
    assert forest["data"] > 0
    assert forest["coefficients"] > 0
    # More stock and a higher rate multiply: the later of the two causes has what both do together.
    net = forest["old"] + forest["month"] + forest["data"]
    assert forest["coefficients"] / net == pytest.approx(growth_ratio(13) - 1, rel=1e-6)
    before = forest["old"] + forest["month"]
    assert forest["data"] / before == pytest.approx(46537000 / 45537000 - 1, rel=1e-6)
    assert forest["month"] / forest["old"] == pytest.approx(math.exp(0.01117) - 1, rel=1e-6)
    power = of(found, "rooftop_pv", "222404")
    assert power["data"] == power["coefficients"] == 0
    assert power["scenario"] > 0


@pytest.mark.by_hand
def test_exchanges_are_evaluations_of_the_run_in_between(runs: Runs, tmp_path: Path) -> None:
    """The part of the data is what a run with the new statistics alone would show."""
    shutil.copytree(runs.project.configs, tmp_path / "configs")
    shutil.copytree(runs.project.datasets, tmp_path / "datasets")
    shutil.copytree(runs.project.cache, tmp_path / ".cache")
    project = Project(tmp_path, tmp_path / "outputs")
    growth, run = "configs/models/stand_volume.yaml", "configs/runs/yanbian.yaml"
    edit(project, growth, "  value: 0.01200\n", GROWTH)
    edit(project, run, "electricity: combined_margin", "electricity: average")
    between = publish(project, MARCH)
    through = split(runs.base, runs.several, runs.project).table.set_index(KEYS)
    first = split(runs.base, between, project).table.set_index(KEYS)
    both = through.index.intersection(first.index)
    assert len(both) > 50
    for cause in ("month", "data"):
        np.testing.assert_array_equal(through.loc[both, cause], first.loc[both, cause])


@pytest.mark.by_hand
def test_backwards_is_the_whole_change_with_the_other_sign(runs: Runs) -> None:
    there = split(runs.base, runs.several, runs.project)
    back = split(runs.several, runs.base, runs.project)
    check_sums(back)
    one, other = (found.table.set_index(KEYS)["change"] for found in (there, back))
    np.testing.assert_array_equal(one.sort_index(), -other.sort_index())


@pytest.mark.by_hand
def test_runs_of_another_code_are_evaluated_by_todays(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code is the same in truth, so that nothing falls to it and no part changes."""
    before = split(runs.base, runs.growth, runs.project)
    monkeypatch.setattr(causes.provenance, "code_hash", lambda: "another")
    found = split(runs.base, runs.growth, runs.project)
    assert found.evaluations == 2
    assert found.other_code
    assert found.differing == ("code", "coefficients")
    check_sums(found)
    assert not found.table["code"].any()
    pd.testing.assert_frame_equal(found.table, before.table)
    same = split(runs.base, runs.base, runs.project)
    assert same.table.empty
    assert same.evaluations == 0


def change_published(folder: Path, target: Path, value: float, code: str = "older") -> Path:
    """Copy a run as if another code had published it, with another net of Yanji's forest."""
    shutil.copytree(folder, target)
    record = json.loads((target / "provenance.json").read_text(encoding="utf-8"))
    (target / "provenance.json").write_text(json.dumps({**record, "code": code}), "utf-8")
    rows = pd.read_csv(
        target / "assessment.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig"
    )
    here = (
        (rows["technology"] == "forest_sink")
        & (rows["component"] == "net")
        & (rows["adcode"] == "222401")
        & (rows["period"] == "2024")
    )
    assert here.sum() == 1
    rows.loc[here, "value"] = str(value)
    rows.to_csv(target / "assessment.csv", index=False, encoding="utf-8-sig")
    return target


@pytest.mark.by_hand
def test_what_todays_code_gives_differently_is_code(runs: Runs, tmp_path: Path) -> None:
    old = change_published(runs.base, tmp_path / "old", 1000.0)
    found = split(old, runs.growth, runs.project)
    check_sums(found)
    assert found.evaluations == 1
    yanji = of(found, "forest_sink", "222401")
    true = of(split(runs.base, runs.growth, runs.project), "forest_sink", "222401")
    assert yanji["code"] == pytest.approx(true["old"] - 1000, rel=1e-12)
    assert yanji["coefficients"] == true["coefficients"]
    assert of(found, "forest_sink")["code"] == 0

    alone = split(old, runs.base, runs.project)
    assert alone.evaluations == 0
    assert list(alone.table["code"]) == list(alone.table["change"])


def spoil(folder: Path, target: Path, name: str) -> Path:
    """Copy a run whose archive lacks a member and names another checksum for it."""
    shutil.copytree(folder, target)
    with zipfile.ZipFile(folder / ARCHIVE) as archive:
        members = {key: archive.read(key) for key in archive.namelist() if key != name}
    checksums = json.loads(members["datasets/checksums.json"])
    members["datasets/checksums.json"] = json.dumps({**checksums, "land_cover": "0" * 64}).encode()
    with zipfile.ZipFile(target / ARCHIVE, "w") as archive:
        for key, content in members.items():
            archive.writestr(key, content)
    return target


@pytest.mark.by_hand
def test_a_raster_that_is_gone_leaves_causes_together(runs: Runs, tmp_path: Path) -> None:
    """The older run's state in the new month cannot be had; from the new data on all can."""
    old = spoil(runs.base, tmp_path / "old", "datasets/modis_landcover_2019.tif")
    found = split(old, runs.several, runs.project)
    check_sums(found)
    assert [failure.cause for failure in found.failures] == ["month"]
    assert "land_cover of this run is no longer at hand" in found.failures[0].reason
    whole = split(runs.base, runs.several, runs.project)
    for zone in ("222400", "222404"):
        part, true = (of(one, "forest_sink", zone) for one in (found, whole))
        assert part["joint_of"] == "month+data"
        assert part["month"] == part["data"] == 0
        assert part["joint"] == pytest.approx(true["month"] + true["data"], rel=1e-12)
        assert part["coefficients"] == true["coefficients"]
    text = describe(Comparison({**RECORD}, {**RECORD}, [], found), read_words("en", ROOT), 5)
    assert "no longer at hand" in text
    assert "Month + Data" in text


RECORD = {"run_key": "k", "month": "2024-06", "coefficients": {}}


def test_a_run_without_its_inputs_shows_the_total(runs: Runs, tmp_path: Path) -> None:
    shutil.copytree(runs.base, tmp_path / "old")
    (tmp_path / "old" / ARCHIVE).unlink()
    found = compare(tmp_path / "old", runs.growth, runs.project)
    check_sums(found.split)
    true = split(runs.base, runs.growth, runs.project).table
    assert list(found.split.table["change"]) == list(true["change"])
    assert list(found.split.table["joint"]) == list(true["change"])
    assert "inputs of this run were not kept" in describe(found, read_words("en", ROOT))


@pytest.mark.by_hand
def test_what_appears_does_so_with_its_cause(runs: Runs, tmp_path: Path) -> None:
    shutil.copytree(runs.project.configs, tmp_path / "configs")
    shutil.copytree(runs.project.datasets, tmp_path / "datasets")
    shutil.copytree(runs.project.cache, tmp_path / ".cache")
    project = Project(tmp_path, tmp_path / "outputs")
    edit(project, "configs/runs/yanbian.yaml", "  - rooftop_pv\n", "")
    edit(project, "configs/models/stand_volume.yaml", "  value: 0.01200\n", GROWTH)
    new = publish(project, MARCH)
    found = split(runs.several, new, project)
    assert found.differing == ("coefficients", "scenario")
    check_sums(found)
    roofs = found.table[found.table["technology"] == "rooftop_pv"]
    assert len(roofs)
    assert set(roofs["appears_with"]) == {"scenario"}
    assert roofs[["change", *CAUSES]].isna().all(axis=None)
    assert (found.table["appears_with"] == "scenario").sum() == len(roofs)
    text = describe(compare(runs.several, new, project), read_words("en", ROOT), 5)
    assert "vanishes" in text


@pytest.mark.parametrize(
    ("values", "failed", "expected"),
    [
        # 10 → 12 by month, → 15 by data, → 11 by code
        ([10, 12, 15, 11], (), {"month": 2, "data": 3, "code": -4}),
        # the state after the month could not be had
        ([10, None, 15, 11], (1,), {"joint": 5, "joint_of": "month+data", "code": -4}),
        # a zone without a number in a state that was evaluated: the same for this zone
        ([10, 12, None, 11], (), {"month": 2, "joint": -1, "joint_of": "data+code"}),
        ([10, None, None, 11], (1, 2), {"joint": 1, "joint_of": "month+data+code"}),
        # cancelling parts are shown
        ([10, 12, 10, 10], (), {"month": 2, "data": -2}),
        ([None, None, 15, 11], (), {"appears_with": "data"}),
        ([None, None, 15, 11], (1,), {"appears_with": "month+data"}),
        ([10, 12, None, None], (), {"appears_with": "data"}),
        ([None, 12, None, 11], (), {"appears_with": "code"}),
    ],
)
def test_parts_by_hand(
    values: list[float | None], failed: tuple[int, ...], expected: dict[str, object]
) -> None:
    numbers = [np.nan if value is None else float(value) for value in values]
    row = parts_of_change(
        numbers, [place in failed for place in range(4)], ["month", "data", "code"]
    )
    names = (*CAUSES, "joint", "joint_of", "appears_with")
    if values[0] is None or values[-1] is None:
        assert row["appears_with"] == expected["appears_with"]
        assert all(row[name] != row[name] for name in ("change", *CAUSES, "joint"))
        return
    nothing = {**dict.fromkeys((*CAUSES, "joint"), 0.0), "joint_of": "", "appears_with": ""}
    assert {name: row[name] for name in names} == {**nothing, **expected}


def test_both_ends_of_code_add_up() -> None:
    row = parts_of_change([1.0, 2.0, 4.0, 9.0], [False] * 4, ["code", "data", "code"])
    assert (row["code"], row["data"], row["change"]) == (6.0, 2.0, 8.0)


@pytest.mark.by_hand
def test_a_month_is_assessed_with_what_held_in_it_unless_restated(
    runs: Runs, tmp_path: Path
) -> None:
    """Two months on both sides of a change of a coefficient, and the older one restated."""
    project = small_project(tmp_path)
    shutil.copytree(runs.project.cache, project.cache)
    plain = publish(project)
    file = "configs/models/stand_volume.yaml"
    text = (project.root / file).read_text(encoding="utf-8")
    entry = text[text.index("net_stock_growth_rate:") :].split("\n\n")[0]
    source, grade = (
        next(x for x in entry.splitlines() if x.startswith(f"  {key}:")).split(": ")[1]
        for key in ("source", "grade")
    )
    edit(project, file, GROWTH, VERSIONS.format(source=source, grade=grade))
    then = publish(project)
    later = publish(project, MARCH)
    restated = publish(project, JUNE, date(2025, 6, 30))

    def growth(folder: Path) -> tuple[float, str | None, str | None]:
        record = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
        entry = record["coefficients"]["stand_volume/net_stock_growth_rate"]
        return entry["values"][0]["central"], entry["valid_from"], record["as_of"]

    assert growth(then) == (0.01117, None, None)
    assert growth(later) == (0.012, "2025-01-01", None)
    assert growth(restated) == (0.012, "2025-01-01", "2025-06-30")
    assert split(plain, then, project).table.empty
    assert len({folder.name for folder in (plain, then, later, restated)}) == 4

    found = split(then, restated, project)
    assert found.differing == ("coefficients",)
    forest = of(found, "forest_sink", "222404")
    assert forest["relative"] == pytest.approx(growth_ratio(12) - 1, rel=1e-6)
    # From June 2024 to March 2025 the version in force changes: a coefficient, not the month.
    onwards = split(then, later, project)
    assert onwards.differing == ("month", "coefficients")
    check_sums(onwards)
    assert of(onwards, "forest_sink")["coefficients"] > 0

    assert "Restated: with the coefficients that held on 2025-06-30" in county_table(restated)
    assert "重述" in county_table(restated, "zh")
    assert "Restated" not in county_table(then)
    told = explain(project)
    assert "in force here, … – 2024-12-31: 0.01117 1/yr" in told
    assert "held 2025-01-01 – …: 0.012 1/yr" in told
    assert "a later inventory" in told
    text = describe(compare(then, restated, project), read_words("en", ROOT), 3)
    assert "Restated: with the coefficients that held on 2025-06-30" in text
    assert "valid_from" in text


@pytest.mark.by_hand
def test_the_command_writes_all_changes(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(runs.project.root)
    file = tmp_path / "changes.csv"
    arguments = ["compare", str(runs.base), str(runs.several), "--limit", "3", "--csv", str(file)]
    done = CliRunner().invoke(app, ["--lang", "zh", *arguments])
    assert done.exit_code == 0, done.output
    assert "月份 → 数据 → 系数 → 情景" in done.output
    assert str(file) in done.output
    table = pd.read_csv(file, dtype={"adcode": str}, encoding="utf-8-sig")
    assert {"net"} < set(table["component"])  # stocks of the forest too
    known = table[table["change"].notna()]
    parts = known[[*CAUSES, "joint"]]
    error = (parts.sum(axis=1) - known["change"]).abs()
    assert (error <= 1e-9 * parts.abs().max(axis=1)).all()

    quick = CliRunner().invoke(app, [*arguments, "--no-causes"])
    assert quick.exit_code == 0, quick.output
    assert "Exchanged in this order" not in quick.output
