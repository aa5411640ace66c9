"""Where a project keeps its files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ecoassess.errors import InputError, Problem


@dataclass(frozen=True)
class Project:
    """The folders of one project: a checkout, or any folder of the same layout."""

    root: Path
    outputs: Path

    @property
    def configs(self) -> Path:
        """Coefficients, variables, sources, scenarios and run configurations."""
        return self.root / "configs"

    @property
    def datasets(self) -> Path:
        """The data catalogue and the embedded data."""
        return self.root / "datasets"

    @property
    def cache(self) -> Path:
        """Intermediate results that can be deleted at any time."""
        return self.root / ".cache"

    def relative(self, path: Path) -> str:
        """Return `path` as seen from the root, for messages and records."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return path.name


def find_project(start: Path | None = None, outputs: Path | None = None) -> Project:
    """Find the project that holds `start` (default: `ECOASSESS_PROJECT` or the working folder).

    Raises
    ------
    InputError
        When neither the folder nor one above it holds `configs/variables.yaml`.
    """
    here = (start or Path(os.environ.get("ECOASSESS_PROJECT", "."))).resolve()
    for folder in (here, *here.parents):
        if (folder / "configs" / "variables.yaml").is_file():
            return Project(folder, outputs or folder / "outputs")
    raise InputError(
        Problem(
            what="no ecoassess project here",
            found=str(here),
            expected="a folder with configs/variables.yaml, here or above",
            remedy="change into the checkout, or set ECOASSESS_PROJECT to it",
        )
    )
