"""SIMULATE: models with hours or memory, cached by their inputs and coefficients."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import xarray as xr

from ecoassess.coefficients import Coefficient
from ecoassess.derived import Climate
from ecoassess.observe import Observation
from ecoassess.project import Project

Progress = Callable[[str], None]


def simulate(
    project: Project,
    needed: set[str],
    observation: Observation,
    climate: Climate,
    stations: object,
    coefficients: Mapping[str, Mapping[str, Coefficient]],
    progress: Progress,
) -> dict[str, xr.DataArray]:
    """Return the simulated variables that the technologies need, by county."""
    return {}
