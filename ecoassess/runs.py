"""Published runs by name: a key, a month, `latest`, or the path of a folder."""

from __future__ import annotations

import re
from pathlib import Path

from ecoassess.errors import InputError, Problem
from ecoassess.project import Project, find_project

LATEST = "latest"
"""The newest month's last completed run."""

RECORD = "provenance.json"
"""The file by which a folder is a run."""

NAMED = 5
"""Runs that a message names at most."""


def find_run(name: str, project: Project | None = None) -> Path:
    """Return the folder of a run.

    Parameters
    ----------
    name
        Path of a folder (from here or from the project's root), key or its beginning, month
        (YYYY-MM: its last completed run), or "latest".

    Raises
    ------
    InputError
        When there is no such run, or more than one.
    """
    if _is_run(Path(name)):
        return Path(name)
    project = project or find_project()
    if _is_run(project.root / name):
        return project.root / name
    found = _named(project, name)
    if len(found) == 1:
        return found[0]
    there = runs(project)
    if found:
        raise InputError(
            Problem(
                what="more than one run of this name",
                found=", ".join(_shown(one) for one in found),
                expected="the whole key, or the path of one",
            )
        )
    if not there:
        raise InputError(
            Problem(
                what="no run has been completed here",
                found=f"no {RECORD} under {project.outputs}",
                remedy="ecoassess run",
            )
        )
    more = f", and {len(there) - NAMED} more" if len(there) > NAMED else ""
    raise InputError(
        Problem(
            what="no such run",
            found=name,
            expected=", ".join(_shown(one) for one in there[:NAMED]) + more,
            remedy="name a key, a month, 'latest' or the path of a folder",
        )
    )


def runs(project: Project) -> list[Path]:
    """Return the folders of all completed runs, newest month first."""
    found = project.outputs.glob(f"*/????-??/*/{RECORD}")
    folders = [file.parent for file in found if not file.parent.is_symlink()]
    folders = [one for one in folders if not one.name.startswith(".")]
    return sorted(folders, key=lambda one: (one.parent.name, one.name), reverse=True)


def _named(project: Project, name: str) -> list[Path]:
    """Return the runs that a name stands for."""
    if name == LATEST:
        links = project.outputs.glob(f"*/{LATEST}")
    elif re.fullmatch(r"\d{4}-\d{2}", name):
        links = project.outputs.glob(f"*/{name}/{LATEST}")
    else:
        own = [run for run in runs(project) if run.name == name]
        return own or [run for run in runs(project) if run.name.startswith(name)]
    return [link.resolve() for link in sorted(links) if _is_run(link)]


def _is_run(folder: Path) -> bool:
    return (folder / RECORD).is_file()


def _shown(run: Path) -> str:
    """Return a run as messages name it: its key, and its month."""
    return f"{run.name} ({run.parent.name})"
