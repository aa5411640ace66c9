"""Projects and runs that several test modules share."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ecoassess.calendar import Month
from ecoassess.documentation.test_status import CONTAINS, PROPERTY, SHOWN, WITHIN
from ecoassess.project import Project

if TYPE_CHECKING:
    from ecoassess.run import Assessment, Session

ROOT = Path(__file__).resolve().parents[1]


def copy_project(folder: Path, draws: int, sensitivity: bool = False) -> Project:
    """Copy configurations and data to `folder`; few draws, and by default no sensitivity."""
    for part in ("configs", "datasets"):
        shutil.copytree(ROOT / part, folder / part)
    run = folder / "configs" / "runs" / "yanbian.yaml"
    text = run.read_text(encoding="utf-8")
    assert "draws: 1000\n" in text
    text = text.replace("draws: 1000\n", f"draws: {draws}\n")
    if not sensitivity:
        text = text.replace("sensitivity: true\n", "sensitivity: false\n")
    run.write_text(text, encoding="utf-8")
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
    from ecoassess.opening import open_run

    project = copy_project(tmp_path_factory.mktemp("published"), draws=50, sensitivity=True)
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests whose comparisons the documentation lists: `pytest -m compares`."""
    for item in items:
        if "compare" in getattr(item, "fixturenames", ()):
            item.add_marker("compares")


class Compare:
    """Compares with figures that stand elsewhere, and puts them into the documentation.

    ::

        compare("rothc", "carbon after 69 years", ours, 43.2, unit="t C/ha", abs=0.05,
                source="Coleman and Jenkinson (2014), p. 30")

    The test fails where they differ. The report of the tests carries each comparison to the page of
    the method and to the conformance page. `source=BY_HAND` leaves it out of the latter.
    """

    def __init__(self, record: Callable[[str, object], None], methods: set[str]) -> None:
        self.record, self.methods = record, methods

    def __call__(
        self,
        of: str,
        quantity: str,
        ours: Any,
        published: Any,
        *,
        source: str,
        unit: str = "",
        rel: float | None = None,
        abs: float | None = None,  # as in pytest.approx
        between: bool = False,
        contains: bool = False,
    ) -> None:
        """Fail unless ours is what was published.

        Parameters
        ----------
        of
            Technology or module of `ecoassess/models/` whose result it is.
        quantity
            What is compared, as a reader of the documentation knows it.
        ours, published
            A number each, or as many of each.
        rel, abs
            Tolerances, which add up; neither is one millionth of the published figure.
        between
            Whether `published` is the two ends of a range that ours must lie within.
        contains
            Whether `ours` is the two ends of a range that must hold what was published.
        """
        assert of in self.methods, f"no technology or model '{of}'"
        found, known = (np.atleast_1d(np.asarray(v, float)).ravel() for v in (ours, published))
        ranged = between or contains
        rel = 1e-6 if rel is None and abs is None else rel
        parts = [f"{abs:.4g}" if abs else "", f"{100 * rel:.4g} %" if rel else ""]
        text = (
            WITHIN if between else CONTAINS if contains else "± " + " + ".join(filter(None, parts))
        )
        apart = [] if ranged else [o / p - 1 for o, p in zip(found, known, strict=True) if p]
        line = {
            "of": of,
            "quantity": quantity,
            "expected": _few(known),
            "ours": _few(found),
            "count": int(found.size),
            "unit": unit,
            "tolerance": text,
            "deviation": float(np.abs(apart).max()) if apart else None,
            "source": " ".join(source.split()),
        }
        self.record(PROPERTY, json.dumps(line, ensure_ascii=False))
        if ranged:
            (low, high), inner = (known, found) if between else (found, known)
            assert ((low <= inner) & (inner <= high)).all(), f"{quantity}: {line}"
        else:
            np.testing.assert_allclose(
                found, known, rtol=rel or 0, atol=abs or 0, equal_nan=False, err_msg=quantity
            )


def _few(values: np.ndarray) -> list[float]:
    """Return a few figures as they are, the smallest and the largest of many."""
    few = values if values.size <= SHOWN else np.array([np.nanmin(values), np.nanmax(values)])
    return [float(f"{v:.7g}") for v in few]


METHODS = {
    path.stem
    for folder in ("technologies", "models")
    for path in (ROOT / "ecoassess" / folder).glob("[a-z]*.py")
} | {"crediting", "month_shares"}


@pytest.fixture
def compare(record_property: Callable[[str, object], None]) -> Compare:
    """What compares with a published figure and puts it on the conformance page."""
    return Compare(record_property, METHODS)
