"""Carbon assessment of ecological technologies per county and month."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

    from ecoassess.project import Project

__all__ = ["assess"]


def assess(
    run: str | Path = "configs/runs/yanbian.yaml",
    month: str = "2024-06",
    project: Project | None = None,
) -> xr.Dataset:
    """Assess one month in memory, without writing results.

    Parameters
    ----------
    run
        The run configuration, as seen from the project's root.
    month
        The month, such as 2024-06.
    project
        Default: the project that holds the working folder.

    Returns
    -------
    xarray.Dataset
        Values, intervals, status and coverage by zone, period and line; t CO2e, co-benefits apart.
    """
    from ecoassess.calendar import Month
    from ecoassess.opening import open_run
    from ecoassess.project import find_project
    from ecoassess.report import to_dataset

    project = project or find_project()
    return to_dataset(open_run(project, project.root / run, Month.parse(month)).assess().rows)
