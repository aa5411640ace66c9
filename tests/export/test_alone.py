"""A run of one technology publishes all its tables, whatever the others would have brought."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecoassess.calendar import Month
from ecoassess.export.tables import read_assessment
from ecoassess.opening import open_run
from tests.conftest import copy_project

NAMES = sorted(p.stem for p in Path("ecoassess/technologies").glob("[a-z]*.py"))
QUICK = ("air_quality_cobenefits", "heat_pump_heating", "sewage")


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.by_hand) for n in NAMES]
)
def test_a_technology_runs_alone(name: str, tmp_path: Path) -> None:
    project = copy_project(tmp_path, draws=10)
    run = tmp_path / "configs" / "runs" / "yanbian.yaml"
    text = run.read_text(encoding="utf-8")
    listed = r"(?m)^technologies:\n(?:  - .*\n)+"
    run.write_text(re.sub(listed, f"technologies: [{name}]\n", text), encoding="utf-8")
    session = open_run(project, run, Month(2024, 6))
    folder = session.publish(session.assess(), maps=False)
    rows = read_assessment(folder / "assessment.csv")
    assert set(rows["technology"]) == {name}
