"""The GeoTIFFs and the overview picture of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecoassess.inputs.land_cover import read_classes, read_legend
from ecoassess.ledger import net_by_atom

if TYPE_CHECKING:
    import pandas as pd

    from ecoassess.run import Assessment

UNIT = "t CO2e/ha/yr"


def write_maps(assessment: Assessment, folder: Path, key: str) -> None:
    """Write one map per technology for the prefecture and one for the park region."""
    from ecoassess.raster.paint import Painter

    session, runner = assessment.session, assessment.runner
    config, activity = session.run.config, runner.activity
    classes = read_classes(session.project)
    name = config.datasets.land_cover
    legend = read_legend(session.project, session.catalog.entries[name].legend or "", classes)
    atoms = activity.observation.atoms
    areas = {"": atoms["adcode"].isin(list(config.counties)).to_numpy()}
    if config.park:
        areas["park_region"] = (atoms["park_zone"] != "").to_numpy()
    (folder / "park_region").mkdir(parents=True)
    with Painter(
        session.catalog,
        name,
        legend,
        classes,
        activity.observation.atom_raster,
        config.finest_pixel,
        config.datasets.layers.get("biomass"),
    ) as painter:
        for technology_name, outcome in assessment.outcomes.items():
            technology = outcome.technology
            amount = net_by_atom(outcome, assessment.gwp)[0]
            for area, members in areas.items():
                if not (members & np.isfinite(amount)).any():
                    continue
                tags = {
                    "unit": UNIT,
                    "basis": technology.basis,
                    "boundary": "territorial",
                    "sign": "positive is good for the climate",
                    "period": str(session.month.year),
                    "run_key": key,
                    "technology": technology_name,
                    "technology_zh": technology.zh,
                    "outline": activity.observation.park_status if area else "measured",
                }
                painter.paint(
                    folder / area / f"{technology_name}.tif",
                    amount,
                    activity.first_group(technology.paint),
                    members,
                    tags,
                    f"{technology_name}: annual net, {UNIT}",
                    technology.paint_weight is not None,
                )


def write_overview(assessment: Assessment, folder: Path) -> None:
    """Draw `overview.png` from the published table and maps."""
    from ecoassess.export.pictures import draw_overview

    session = assessment.session
    title = session.run.config.title
    draw_overview(
        folder / "overview.png",
        assessment.rows,
        {
            name: file
            for name in assessment.outcomes
            if (file := folder / "maps" / f"{name}.tif").is_file()
        },
        {n: (o.technology.zh, n.replace("_", " ")) for n, o in assessment.outcomes.items()},
        (title.zh, title.en),
        str(session.month),
        borders=_county_borders(assessment),
    )


def write_projection(assessment: Assessment, table: pd.DataFrame, folder: Path) -> None:
    """Draw `forest_projection.png` of the prefecture, where the run has forest."""
    from ecoassess.export.projection_picture import draw_projection

    if table.empty:
        return
    config = assessment.session.run.config
    draw_projection(
        folder / "forest_projection.png",
        table,
        ("prefecture", config.parent),
        {n: (o.technology.zh, n.replace("_", " ")) for n, o in assessment.outcomes.items()},
        (config.title.zh, config.title.en),
    )


def _county_borders(
    assessment: Assessment,
) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """Return the county number of each pixel, trimmed to the counties, and its extent."""
    import rasterio
    from rasterio.windows import Window, bounds

    observation = assessment.runner.activity.observation
    counties = list(assessment.session.run.config.counties)
    number = [counties.index(c) + 1 if c in counties else 0 for c in observation.atoms["adcode"]]
    with rasterio.open(observation.atom_raster) as source:
        step = max(1, max(source.shape) // 1500)
        county = np.array([0, *number])[source.read(1)[::step, ::step]]
        rows, columns = np.flatnonzero(county.any(axis=1)), np.flatnonzero(county.any(axis=0))
        top, left = rows[0], columns[0]
        trimmed = county[top : rows[-1] + 1, left : columns[-1] + 1]
        size = (trimmed.shape[1] * step, trimmed.shape[0] * step)
        window = Window(left * step, top * step, *size)
        west, south, east, north = bounds(window, source.transform)
    return trimmed, (west, east, south, north)
