"""Projects and runs that several test modules share."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecoassess.calendar import Month
from ecoassess.project import Project

if TYPE_CHECKING:
    from ecoassess.run import Assessment, Session

ROOT = Path(__file__).resolve().parents[1]


def copy_project(folder: Path, draws: int) -> Project:
    """Copy configurations and data to `folder` and lower the number of draws."""
    for part in ("configs", "datasets"):
        shutil.copytree(ROOT / part, folder / part)
    run = folder / "configs" / "runs" / "yanbian.yaml"
    text = run.read_text(encoding="utf-8")
    assert "draws: 1000\n" in text
    run.write_text(text.replace("draws: 1000\n", f"draws: {draws}\n"), encoding="utf-8")
    return Project(folder, folder / "outputs")


@dataclass(frozen=True)
class Published:
    """A run of June 2024 over the whole region, assessed and written."""

    project: Project
    session: Session
    assessment: Assessment
    folder: Path


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The configured run with 50 draws; tests read it and change nothing."""
    from ecoassess.export import maps
    from ecoassess.run import open_run

    project = copy_project(tmp_path_factory.mktemp("published"), draws=50)
    session = open_run(project, project.configs / "runs" / "yanbian.yaml", Month(2024, 6))
    assessment = session.assess()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(maps, "write_overview", lambda *_: None)  # pictures have their own tests
        folder = session.publish(assessment)
    return Published(project, session, assessment, folder)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the project that a test may spoil."""
    return copy_project(tmp_path, draws=10)
