"""What an edit would do is what a run after it does."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecoassess.calendar import Month
from ecoassess.errors import InputError
from ecoassess.language import read_words
from ecoassess.ledger import net_by_atom
from ecoassess.preview import Snapshot, preview, read_snapshot, save_snapshot, take_snapshot
from ecoassess.preview_report import print_preview, watched
from ecoassess.project import Project
from ecoassess.run import Session, open_run


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


def test_a_snapshot_is_kept_in_the_cache(published: Any, root: Path) -> None:
    session = opened(root)
    with pytest.raises(InputError, match="no run to compare the edit with"):
        read_snapshot(session)
    save_snapshot(published.assessment, "abc")
    found = read_snapshot(published.session)
    assert found.key == "abc"
    assert preview(published.session, found).effects.empty


def test_saving_a_file_is_noticed(root: Path) -> None:
    file = root / "configs" / "shared.yaml"
    text = file.read_text(encoding="utf-8") + "\n"
    timer = threading.Timer(0.3, lambda: file.write_text(text, encoding="utf-8"))
    timer.start()
    next(watched(root / "configs"))
    timer.join()
