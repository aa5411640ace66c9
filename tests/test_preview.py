"""What an edit would do is what a run after it does."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from ecoassess import cli
from ecoassess.calendar import Month
from ecoassess.edits import dormant
from ecoassess.errors import InputError
from ecoassess.language import read_words
from ecoassess.ledger import net_by_atom
from ecoassess.opening import open_run
from ecoassess.preview import (
    Assessed,
    Snapshot,
    all_tables,
    last_assessed,
    preview,
    read_snapshot,
    save_snapshot,
    take_snapshot,
    worked_out_anew,
)
from ecoassess.preview_report import print_preview, watched
from ecoassess.project import Project
from ecoassess.provenance import code_hash
from ecoassess.run import Session


@pytest.fixture(scope="module")
def snapshot(published: Any) -> Snapshot:
    return take_snapshot(published.assessment, "abc")


@pytest.fixture
def root(published: Any, tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("outputs", ".cache")
    shutil.copytree(published.project.root, tmp_path / "project", ignore=ignored)
    return tmp_path / "project"


def edited(root: Path, file: str, old: str, new: str) -> Session:
    path = root / "configs" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return opened(root)


def opened(root: Path) -> Session:
    project = Project(root, root / "outputs")
    return open_run(project, root / "configs" / "runs" / "yanbian.yaml", Month(2024, 6))


def test_without_an_edit_nothing_changes(snapshot: Snapshot, root: Path) -> None:
    found = preview(opened(root), snapshot)
    assert found.changes == []
    assert found.effects.empty


def test_a_tenth_more_of_what_a_result_is_proportional_to(snapshot: Snapshot, root: Path) -> None:
    session = edited(root, "technologies/utility_pv.yaml", "value: 1000\n", "value: 1100\n")
    found = preview(session, snapshot)
    (change,) = found.changes
    assert (change.name, change.field, change.old, change.new) == (
        *("embodied_carbon", "value"),
        *(1000, 1100),
    )
    assert change.relative == pytest.approx(0.1)
    assert change.beyond is None
    assert set(zip(found.effects["technology"], found.effects["boundary"], strict=True)) == {
        ("utility_pv", "embodied")
    }
    np.testing.assert_allclose(found.effects["new"], found.effects["old"] * 1.1, rtol=1e-9)


def test_a_shared_coefficient_gives_what_an_assessment_gives(
    snapshot: Snapshot, root: Path
) -> None:
    """Straw that is collected otherwise: every technology on it moves, as a whole run has it."""
    file = "models/straw.yaml"
    text = (root / "configs" / file).read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "maize: {value:" in line)
    number = line.split("value: ")[1].split(",")[0]
    other = f"{float(number) * 1.01:.6g}"
    session = edited(root, file, line, line.replace(f"value: {number}", f"value: {other}"))
    found = preview(session, snapshot)
    mine = found.effects[
        (found.effects["boundary"] == "territorial") & (found.effects["zoning"] == "county")
    ]
    assert {"straw_return", "open_burning"} <= set(mine["technology"])
    assessment = session.assess()
    zones = {zone.code: zone for zone in assessment.zones if zone.zoning == "county"}
    for row in mine.to_dict("records"):
        net = net_by_atom(assessment.outcomes[row["technology"]], assessment.gwp)[0]
        expected = np.nansum(net * zones[row["adcode"]].weights)
        assert row["new"] == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_a_value_beyond_its_range_is_told_with_range_and_source(
    snapshot: Snapshot, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited(root, "technologies/utility_pv.yaml", "range: [760, 1300]", "range: [760, 1800]")
    session = edited(root, "technologies/utility_pv.yaml", "value: 1000\n", "value: 1500\n")
    found = preview(session, snapshot)
    beyond = [change.beyond for change in found.changes if change.field == "value"]
    assert beyond == [(760, 1300)]
    for language, told in (("en", "outside the 95 % range 760 – 1300"), ("zh", "超出")):
        print_preview(found, read_words(language))
        text = capsys.readouterr().out
        assert told in text
        assert "mueller_2021" in text
        assert "technologies/utility_pv.yaml:" in text


def test_a_unit_is_an_edit_too(
    snapshot: Snapshot, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0.01117 1/yr is 1.117 percent/yr: nothing changes but the words."""
    file = root / "configs" / "models" / "stand_volume.yaml"
    text = file.read_text(encoding="utf-8")
    entry = text[text.index("net_stock_growth_rate:") :].split("\n\n")[0]
    other = entry.replace("unit: 1/yr", "unit: percent/yr").replace("0.01117", "1.117")
    low, high = entry.split("range: [")[1].split("]")[0].split(", ")
    other = other.replace(f"[{low}, {high}]", f"[{float(low) * 100:g}, {float(high) * 100:g}]")
    file.write_text(text.replace(entry, other), encoding="utf-8")
    found = preview(opened(root), snapshot)
    units = next(change for change in found.changes if change.field == "unit")
    assert (units.old, units.new) == ("1/yr", "percent/yr")
    value = next(change for change in found.changes if change.field == "value")
    assert value.units == ("1/yr", "percent/yr")
    assert value.relative is None
    assert value.beyond is None
    assert (found.effects["relative"].abs().fillna(0) < 1e-9).all()
    print_preview(found, read_words("en"))
    assert "0.01117 1/yr" in capsys.readouterr().out


def test_another_scenario_is_no_edit_of_coefficients(snapshot: Snapshot, root: Path) -> None:
    session = edited(root, "scenarios/yanbian.yaml", '"2030": 0.3', '"2030": 0.2')
    with pytest.raises(InputError, match="more than the values of coefficients changed"):
        preview(session, snapshot)


def test_another_scenario_is_refused_beside_an_edit_too(snapshot: Snapshot, root: Path) -> None:
    """Else the edit would be blamed for what the scenario does."""
    edited(root, "technologies/utility_pv.yaml", "value: 1000\n", "value: 1100\n")
    session = edited(root, "scenarios/yanbian.yaml", '"2030": 0.3', '"2030": 0.2')
    with pytest.raises(InputError, match="more than the values of coefficients changed"):
        preview(session, snapshot)


NOW = """  value: 0.01117
  range: [0.0073, 0.0164]
  distribution: lognormal
  source: people_daily_2023
  locator: "Jilin 1.027 × 10⁹ m³ (2017) to 1.086 × 10⁹ m³ (2022): ln(1.086 / 1.027) / 5"
  grade: B
"""
EARLIER = """  earlier:
    - value: 0.01117
      range: [0.0073, 0.0164]
      source: people_daily_2023
      locator: "Jilin 1.027 × 10⁹ m³ (2017) to 1.086 × 10⁹ m³ (2022): ln(1.086 / 1.027) / 5"
      grade: B
"""


def versions(value: float, first: str) -> str:
    """The growth of stands with a version on top that begins on a day."""
    newer = NOW.replace("0.01117", str(value)) + f"  valid_from: {first}\n  reason: inventory 11\n"
    return newer + EARLIER


def test_a_version_that_does_not_hold_yet_says_since_when(
    snapshot: Snapshot, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = edited(root, "models/stand_volume.yaml", NOW, versions(0.013, "2024-07-01"))
    found = preview(session, snapshot)
    assert found.changes == []
    assert found.effects.empty
    (one,) = found.dormant
    assert (one.name, one.edit) == ("net_stock_growth_rate", "added")
    assert str(one.version.valid_from) == "2024-07-01"
    assert str(one.holds.valid_to) == "2024-06-30"
    assert [(c.field, c.old, c.new) for c in one.changes] == [("value", 0.01117, 0.013)]
    print_preview(found, read_words("en"))
    text = capsys.readouterr().out
    assert "do not hold in 2024-06, and change nothing there" in text
    assert "valid 2024-07-01 – … (inventory 11)" in text
    assert "holds from 2024-07 on" in text
    print_preview(found, read_words("zh"))
    assert "自2024-07起生效" in capsys.readouterr().out


def test_a_version_that_holds_from_this_month_acts(
    snapshot: Snapshot, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A month takes what holds on its last day."""
    session = edited(root, "models/stand_volume.yaml", NOW, versions(0.013, "2024-06-30"))
    found = preview(session, snapshot)
    (change,) = found.changes
    assert (change.old, change.new) == (0.01117, 0.013)
    assert "forest_sink" in set(found.effects["technology"])
    assert found.dormant == []
    print_preview(found, read_words("en"))
    assert "valid 2024-06-30 – … (inventory 11)" in capsys.readouterr().out


def test_edits_of_versions_that_do_not_hold(published: Any, root: Path) -> None:
    """Edited, ended, moved into the past and removed: each is told apart."""
    file = "models/stand_volume.yaml"
    session = edited(root, file, NOW, versions(0.013, "2024-07-01"))
    tables = all_tables(session)
    later = edited(root, file, "value: 0.013", "value: 0.012")
    (one,) = dormant(tables, all_tables(later))
    assert (one.edit, one.changes[0].old, one.changes[0].new) == ("edited", 0.013, 0.012)
    assert (
        one.line == later.book.own["stand_volume"]["net_stock_growth_rate"].versions[0].content.line
    )
    ended = edited(
        root, file, "valid_from: 2024-07-01", "valid_from: 2024-07-01\n  valid_to: 2026-12-31"
    )
    (one,) = dormant(all_tables(later), all_tables(ended))
    assert [(c.field, c.old, c.new) for c in one.changes] == [("valid_to", None, "2026-12-31")]
    other = edited(root, file, "reason: inventory 11", "reason: another reason")
    (one,) = dormant(all_tables(ended), all_tables(other))
    assert [(c.field, c.new) for c in one.changes] == [("reason", "another reason")]
    (one,) = dormant(all_tables(other), all_tables(published.session))
    assert (one.edit, one.line) == ("removed", None)
    # The version of today begins in the past now, and the older one is an edit of history.
    past = edited(root, file, "2024-07-01\n  valid_to: 2026-12-31", "2023-07-01")
    past = edited(root, file, "    - value: 0.01117", "    - value: 0.0112")
    (one,) = dormant(all_tables(published.session), all_tables(past))
    assert str(one.version.valid_to) == "2023-06-30"


def test_only_what_simulations_take_is_worked_out_anew(snapshot: Snapshot, root: Path) -> None:
    session = edited(root, "technologies/utility_pv.yaml", "value: 1000\n", "value: 1100\n")
    assert worked_out_anew(session, snapshot) is None
    session = edited(root, "models/stand_growth.yaml", "value: 110,", "value: 111,")
    (named,) = worked_out_anew(session, snapshot) or []
    assert named.startswith("stand_growth/")


def test_the_month_is_that_of_the_last_run(root: Path) -> None:
    project, file = Project(root, root / "outputs"), Path("configs/runs/yanbian.yaml")
    with pytest.raises(InputError, match="no run to compare the edit with"):
        last_assessed(project, file)
    folder = project.cache / "preview"
    folder.mkdir(parents=True)
    code = code_hash()[:12]
    left = (
        f"yanbian-2024-06-{code}",
        f"yanbian-2024-05-as-of-2026-11-01-{code}",
        f"yanbian-2024-04-{code}",
        f"yanbian-2023-11-{code}",
        "yanbian-2025-01-0123456789ab",  # of another program
        f"yanbian-north-2025-02-{code}",  # of another configuration
        f"yanbian-2025-03-{code}-copy",
    )
    for second, name in enumerate(left):
        (folder / f"{name}.pickle").touch()
        os.utime(folder / f"{name}.pickle", (1000, 1000 + second))
    assert last_assessed(project, file) == Assessed("2023-11", None)
    assert last_assessed(project, file, None, "2026-11-01") == Assessed("2024-05", "2026-11-01")
    assert last_assessed(project, file, "2024-06") == Assessed("2024-06", None)
    north = Path("configs/runs/yanbian-north.yaml")
    assert last_assessed(project, north) == Assessed("2025-02", None)


def test_a_snapshot_is_kept_in_the_cache(published: Any, root: Path) -> None:
    session = opened(root)
    with pytest.raises(InputError, match="no run to compare the edit with"):
        read_snapshot(session)
    save_snapshot(published.assessment, "abc")
    found = read_snapshot(published.session)
    assert found.key == "abc"
    assert preview(published.session, found).effects.empty


def test_the_command_says_which_month(
    published: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_snapshot(published.assessment, "abc")
    monkeypatch.chdir(tmp_path)  # else the run configuration of the checkout is nearer
    environment = {"ECOASSESS_PROJECT": str(published.project.root)}
    done = CliRunner().invoke(cli.app, ["preview"], env=environment)
    assert done.exit_code == 0, done.output
    assert "The last run of yanbian is of 2024-06" in done.output
    assert "No coefficient that holds in 2024-06 was edited since its run abc" in done.output
    done = CliRunner().invoke(cli.app, ["preview", "--month", "2024-05"], env=environment)
    assert done.exit_code == 2
    assert "no run to compare the edit with" in done.output


def test_saving_a_file_is_noticed(root: Path) -> None:
    file = root / "configs" / "shared.yaml"
    text = file.read_text(encoding="utf-8") + "\n"
    timer = threading.Timer(0.3, lambda: file.write_text(text, encoding="utf-8"))
    timer.start()
    next(watched(root / "configs"))
    timer.join()
