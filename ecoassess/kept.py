"""What a pass over rasters or vectors gave, kept in the cache as plain data."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ecoassess.errors import Problem, RunError
from ecoassess.project import Project


def kept(
    project: Project,
    file: Path,
    read: Callable[[], dict[str, Any]],
    announce: Callable[[], None],
) -> dict[str, Any]:
    """Return what a pass over rasters gave, from the cache if it is there."""
    if not file.is_file():
        announce()
        result = read()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=file.parent, prefix=".new-") as scratch:
                (Path(scratch) / "result").write_text(json.dumps(result), encoding="utf-8")
                (Path(scratch) / "result").replace(file)
        except OSError as error:
            raise unwritable(project, file.parent, error) from error
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def unwritable(project: Project, folder: Path, error: OSError) -> RunError:
    """Return the error of a cache that cannot be written."""
    return RunError(
        Problem(
            what="the observations could not be written to the cache",
            file=project.relative(folder),
            found=error.strerror or str(error),
            remedy="free disk space or correct the permissions, then run again",
        )
    )
