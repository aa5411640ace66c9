"""Runs by key, month, path and `latest`, and what is said when there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecoassess.cli import app
from ecoassess.errors import InputError
from ecoassess.project import Project
from ecoassess.publishing import point
from ecoassess.runs import find_run, runs

OLD, NEW, TABLES = "aaaa11112222", "aabb33334444", "cccc55556666-tables"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return three runs of two months, with the links that a run sets."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "variables.yaml").write_text("{}\n", encoding="utf-8")
    region = tmp_path / "outputs" / "yanbian"
    for month, key in (("2024-05", OLD), ("2024-06", NEW), ("2024-06", TABLES)):
        folder = region / month / key
        folder.mkdir(parents=True)
        (folder / "provenance.json").write_text(json.dumps({}), encoding="utf-8")
        point(folder.parent / "latest", key)
    point(region / "latest", "2024-06/latest")
    return Project(tmp_path, tmp_path / "outputs")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (OLD, OLD),
        ("aaaa", OLD),
        ("aab", NEW),
        ("cccc55556666", TABLES),
        ("2024-05", OLD),
        ("2024-06", TABLES),
        ("latest", TABLES),
        ("outputs/yanbian/latest", TABLES),
        (f"outputs/yanbian/2024-06/{NEW}", NEW),
    ],
)
def test_a_run_has_many_names(project: Project, name: str, found: str) -> None:
    assert find_run(name, project).resolve().name == found


def test_a_path_is_taken_from_here_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.outputs / "yanbian")
    assert find_run(f"2024-05/{OLD}", project).resolve().name == OLD
    assert find_run(str(project.outputs / "yanbian" / "latest"), project).name == "latest"


def test_runs_are_told_once_newest_month_first(project: Project) -> None:
    assert [run.name for run in runs(project)] == [TABLES, NEW, OLD]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("aa", f"more than one run of this name\n  found: {NEW} (2024-06), {OLD} (2024-05)"),
        ("bbbb", f"no such run\n  found: bbbb\n  expected: {TABLES} (2024-06), {NEW} (2024-06)"),
        ("2023-01", "no such run\n  found: 2023-01"),
    ],
)
def test_what_is_there_is_named_instead(project: Project, name: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        find_run(name, project)
    assert said in str(caught.value)


def test_without_any_run_the_remedy_is_to_run(project: Project) -> None:
    with pytest.raises(InputError, match="no run has been completed here") as caught:
        find_run("latest", Project(project.root, project.root / "empty"))
    assert caught.value.problems[0].remedy == "ecoassess run"


def test_readers_take_a_run_of_tables_by_all_its_names(published: Any) -> None:
    """A run with `--no-maps` is the latest, too, where the same is not there with maps."""
    session = published.session
    month = session.month_folder
    whole = published.folder
    place = {"ECOASSESS_PROJECT": str(session.project.root), "ECOASSESS_LANG": "en"}

    def said(*arguments: str) -> str:
        result = CliRunner().invoke(app, list(arguments), env=place)
        assert result.exit_code == 0, result.output
        return result.stdout

    known = said("costs", str(whole))
    assert {said("costs", name) for name in ("latest", "2024-06", whole.name[:6])} == {known}
    assert said("claims") == said("claims", whole.name)
    assert said("indicators") == said("indicators", "2024-06")
    assert (month / "latest").readlink().name == whole.name


def test_the_last_completed_run_is_the_latest(
    published: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from ecoassess import publishing

    def write(_: Any, folder: Path, *__: Any) -> None:
        (folder / "provenance.json").write_text("{}", encoding="utf-8")

    monkeypatch.setattr(publishing, "write_results", write)
    project = Project(published.project.root, tmp_path / "outputs")
    session = replace(published.session, project=project)
    latest = session.month_folder / "latest"
    tables = session.publish(published.assessment, maps=False)
    assert tables.name.endswith("-tables")
    assert latest.resolve() == tables.resolve()
    assert (session.month_folder.parent / "latest").resolve() == tables.resolve()
    whole = session.publish(published.assessment)
    assert latest.resolve() == whole.resolve()
    session.publish(published.assessment, maps=False)  # the same numbers are there with maps
    assert latest.resolve() == whole.resolve()
