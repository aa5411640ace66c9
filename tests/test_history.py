from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio

from ecoassess.calendar import Month
from ecoassess.causes import Split
from ecoassess.comparison import Comparison, Difference, compare, describe
from ecoassess.errors import InputError
from ecoassess.history import describe_sums, reopen
from ecoassess.language import read_words
from ecoassess.opening import open_run
from ecoassess.project import Project
from ecoassess.verification import verify

GROWTH = "  value: 0.01117\n"
FASTER = "  value: 0.01200\n"


def publish(project: Project) -> Path:
    session = open_run(project, project.configs / "runs" / "yanbian.yaml", Month(2024, 6))
    return session.publish(session.assess(), maps=False)


@dataclass
class Pair:
    project: Project
    old: Path
    new: Path


@pytest.fixture(scope="module")
def pair(published: Any, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Two runs between which one coefficient differs; tests read them and change nothing."""
    root = tmp_path_factory.mktemp("pair") / "project"
    shutil.copytree(published.project.root, root, ignore=shutil.ignore_patterns("outputs"))
    project = Project(root, root / "outputs")
    run = project.configs / "runs" / "yanbian.yaml"
    text = run.read_text(encoding="utf-8")
    run.write_text(text.replace("sensitivity: true\n", "sensitivity: false\n"), encoding="utf-8")
    old = publish(project)
    file = project.configs / "models" / "stand_volume.yaml"
    text = file.read_text(encoding="utf-8")
    assert GROWTH in text
    file.write_text(text.replace(GROWTH, FASTER), encoding="utf-8")
    return Pair(project, old, publish(project))


def test_one_coefficient_that_differs(pair: Pair) -> None:
    comparison = compare(pair.old, pair.new)
    assert [(d.part, d.key, d.old, d.new) for d in comparison.differences] == [
        ("coefficients", "stand_volume/net_stock_growth_rate.value", 0.01117, 0.012)
    ]
    changes = comparison.changes
    assert set(changes["technology"]) == {"forest_sink", "forest_restoration"}
    assert (changes[changes["technology"] == "forest_sink"]["change"] > 0).all()
    assert (changes["change"].abs().diff().dropna() <= 0).all()
    np.testing.assert_allclose(
        changes["relative"], (changes["new"] - changes["old"]) / changes["old"].abs()
    )

    text = describe(comparison, read_words("en"), limit=3)
    assert "Net relative growth of the growing stock" in text
    assert "0.01117 → 0.012" in text
    assert f"… and {len(changes) - 3} more" in text
    chinese = describe(comparison, read_words("zh"))
    assert "蓄积量年净增长率" in chinese
    assert "森林碳汇" in chinese
    assert "延边州" in chinese


def test_the_title_of_a_coefficient_stands_once() -> None:
    """Above all that changed in it, whatever the number of fields."""
    title = {"en": "Growth", "zh": "生长"}
    record = {"run_key": "a", "month": "2024-06", "coefficients": {"m/growth": title}}
    differences = [
        Difference("coefficients", "m/growth.value", 1.0, 2.0),
        Difference("coefficients", "m/growth.source", "x", "y"),
        Difference("coefficients", "m/growth[larch].range", [1, 2], [2, 3]),
        Difference("coefficients", "m/other.value", 1.0, None),
    ]
    nothing = pd.DataFrame({"component": []})
    text = describe(Comparison(record, record, differences, Split(nothing)), read_words("en"))
    assert text.count("Growth") == 1
    assert text.splitlines()[3:8] == [
        "  m/growth (Growth)",
        "    value: 1 → 2",
        "    source: x → y",
        "    [larch].range: [1, 2] → [2, 3]",
        "  m/other.value: 1 → absent",
    ]


def test_a_run_equals_itself(pair: Pair) -> None:
    comparison = compare(pair.old, pair.old)
    assert not comparison.differences
    assert comparison.changes.empty
    text = describe(comparison, read_words("en"))
    assert "same inputs and code" in text
    assert "No result differs" in text


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a run folder"):
        compare(tmp_path, tmp_path)


def test_verify_uses_the_configuration_of_the_run(published: Any, tmp_path: Path) -> None:
    session, changed = reopen(published.project, published.folder)
    assert not changed
    assert session.run.config == published.session.run.config
    found = verify(session, published.folder)
    assert found
    assert all(one.holds for one in found)
    text = describe_sums(found, published.folder, read_words("en"))
    assert "sums agree to 1e-6" in text
    assert "Hunchun" in text

    spoilt = tmp_path / published.folder.name
    shutil.copytree(published.folder, spoilt)
    options = {"IGNORE_COG_LAYOUT_BREAK": "YES"}
    with rasterio.open(spoilt / "maps" / "forest_sink.tif", "r+", **options) as file:
        file.write(file.read(1) * np.float32(1.001), 1)
    found = verify(session, spoilt)
    assert not all(one.holds for one in found)
    assert "不" not in describe_sums(found, spoilt, read_words("en"))
    assert "相差超过" in describe_sums(found, spoilt, read_words("zh"))


def test_verify_says_that_the_configuration_changed_since(pair: Pair) -> None:
    assert reopen(pair.project, pair.old)[1]
    assert not reopen(pair.project, pair.new)[1]


def test_verify_without_maps(pair: Pair) -> None:
    session, _ = reopen(pair.project, pair.new)
    found = verify(session, pair.new)
    assert found
    assert all(comparison.map.startswith("park.csv") for comparison in found)
    assert "sums agree" in describe_sums(found, pair.new, read_words("en"))
