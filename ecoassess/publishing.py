"""PUBLISH: the files of a run, and the folders that they stand in."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecoassess.run import Assessment, Progress

ABANDONED = 86_400
"""Seconds after which an unfinished folder is taken for a killed run's."""


def write_results(
    assessment: Assessment, folder: Path, key: str, progress: Progress, maps: bool
) -> None:
    """Write everything that a run publishes into a folder."""
    from ecoassess import provenance
    from ecoassess.archive import ARCHIVE, write_archive
    from ecoassess.crediting import credits_table
    from ecoassess.export import abatement_costs as costs
    from ecoassess.export import maps as map_export
    from ecoassess.export import tables
    from ecoassess.export.bilingual import OF_ASSESSMENT
    from ecoassess.export.buildings import write_buildings
    from ecoassess.export.claims import claims
    from ecoassess.export.forest_routes import forest_routes
    from ecoassess.export.grid_factors import grid_factors
    from ecoassess.export.indicators import indicators
    from ecoassess.export.intensities import intensities
    from ecoassess.export.land_use_change import land_use_tables
    from ecoassess.export.parcels import write_parcels
    from ecoassess.export.park import park_table
    from ecoassess.export.tornado import write_tornado
    from ecoassess.export.tower_like import tower_like
    from ecoassess.export.uncertainty import uncertainty_tables
    from ecoassess.interactions import interactions
    from ecoassess.projection import project_forest
    from ecoassess.totals import totals

    session = assessment.session
    write = tables.Writer(session.project)
    with session.timed("tables"):
        progress("writing tables")
        write(assessment.rows, folder / "assessment.csv", tables.EXACT, OF_ASSESSMENT)
        summary = tables.summary(assessment.rows, session.month, session.as_of)
        write(summary, folder / "summary.csv")
        write(claims(assessment), folder / "claims.csv")
        write(intensities(assessment), folder / "intensities.csv")
        write(credits_table(assessment), folder / "credits.csv")
        write(forest_routes(assessment), folder / "forest_routes.csv")
        write(grid_factors(assessment), folder / "grid_factors.csv")
        write(totals(assessment), folder / "totals.csv")
        cost_table, cost_parts = costs.abatement_costs(assessment)
        write(cost_table, folder / "abatement_costs.csv")
        write(cost_parts, folder / "abatement_cost_parts.csv")
        write(indicators(assessment), folder / "indicators.csv")
        if session.run.config.tower_like:
            write(tower_like(assessment), folder / "tower_like.csv")
        if session.run.config.park:
            write(park_table(assessment), folder / "park.csv", tables.EXACT)
    uncertainty = None
    if session.run.config.sensitivity:
        with session.timed("sensitivity"):
            progress("moving one unknown at a time")
            uncertainty = uncertainty_tables(assessment)
            for name, table in zip(("uncertainty", "sensitivity"), uncertainty, strict=True):
                write(table, folder / f"{name}.csv")
            write(interactions(assessment), folder / "interactions.csv")
    with session.timed("projection"):
        progress("projecting the forest")
        projection = project_forest(assessment)
        write(projection, folder / "forest_projection.csv")
    with session.timed("tables"):
        write_parcels(assessment.runner.activity.observation.parcels, folder)
        write_buildings(assessment, folder)
        for name, table in land_use_tables(assessment).items():
            write(table, folder / f"{name}.csv")
        record = provenance.record(assessment, key)
        text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / "provenance.json").write_text(text + "\n", encoding="utf-8")
        write_archive(session, folder / ARCHIVE)
    with session.timed("netcdf"):
        tables.write_netcdf(
            assessment.rows,
            folder / "assessment.nc",
            session.month,
            {
                "run_key": key,
                "region": session.run.config.title.en,
                **({"restated_as_of": session.as_of.isoformat()} if session.as_of else {}),
            },
        )
    if maps:
        with session.timed("maps"):
            progress("painting maps")
            map_export.write_maps(assessment, folder / "maps", key)
        with session.timed("picture"):
            progress("drawing the overview")
            map_export.write_overview(assessment, folder)
            map_export.write_projection(assessment, projection, folder)
            if uncertainty is not None:
                write_tornado(assessment, uncertainty, folder)
            costs.write_curve(assessment, cost_table, folder)


def whole_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Write a folder that is complete or absent; one that is there stays as it is."""
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    remove_unfinished(folder.parent)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unfinished-") as scratch:
        write(Path(scratch))
        Path(scratch).rename(folder)
        Path(scratch).mkdir()  # for the context manager to remove
        folder.chmod(0o755)


def point(link: Path, target: str) -> None:
    """Make `link` a relative link to `target`, swapped in one step."""
    scratch = link.with_name(f".{link.name}-{os.getpid()}")
    scratch.unlink(missing_ok=True)
    scratch.symlink_to(target)
    scratch.replace(link)


def remove_unfinished(folder: Path) -> None:
    """Delete what killed runs left behind a day ago or earlier; a younger one may be at work."""
    for leftover in folder.glob(".unfinished-*"):
        if time.time() - leftover.stat().st_mtime > ABANDONED:
            shutil.rmtree(leftover, ignore_errors=True)
