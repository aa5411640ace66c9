"""The GeoTIFFs and the overview picture of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecoassess.export.park import quantities
from ecoassess.inputs.land_cover import read_classes, read_legend
from ecoassess.ledger import NET, TERRITORIAL, net_by_atom

if TYPE_CHECKING:
    import pandas as pd

    from ecoassess.activity import Activity
    from ecoassess.assessment import Outcome
    from ecoassess.raster.paint import Painter, Spread
    from ecoassess.run import Assessment, Session
    from ecoassess.technology import Technology

UNIT = "t CO2e/ha/yr"
STANDARD_ERROR = "_sd"
"""Ending of a file's name, as of the columns of assessment.nc."""


@dataclass(frozen=True)
class Map:
    """What one map shows.

    Parameters
    ----------
    amount
        By atom; the map shows it per hectare, in `unit`.
    kind
        "flux", "stock" or "standard_error".
    """

    name: str
    component: str
    kind: str
    unit: str
    title_en: str
    title_zh: str
    amount: np.ndarray


def write_maps(assessment: Assessment, folder: Path, key: str) -> None:
    """Write the maps of each technology for the prefecture and the park region, with legends.

    Both have the annual net, of technologies that have one; the park region has the stocks and
    fluxes of inventories besides, and their standard errors.
    """
    from ecoassess.export.styles import write_style

    session, runner = assessment.session, assessment.runner
    config, activity = session.run.config, runner.activity
    atoms = activity.observation.atoms
    areas = {"": atoms["adcode"].isin(list(config.counties)).to_numpy()}
    if config.park:
        areas["park_region"] = (atoms["park_zone"] != "").to_numpy()
    (folder / "park_region").mkdir(parents=True)
    year = session.month.year
    with open_painter(session, activity) as painter:
        for outcome in assessment.outcomes.values():
            technology = outcome.technology
            nets = []
            if TERRITORIAL in technology.nets:
                nets = [net_map(outcome, net_by_atom(outcome, assessment.gwp)[0], year)]
            maps = {"": nets, "park_region": [*nets, *inventory_maps(outcome, year)]}
            for area, members in areas.items():
                for one in maps[area]:
                    if not (members & np.isfinite(one.amount)).any():
                        continue
                    error = one.kind == "standard_error"
                    tags = {
                        "title_en": one.title_en,
                        "title_zh": one.title_zh,
                        "unit": one.unit,
                        "component": one.component,
                        "kind": one.kind,
                        "basis": technology.basis,
                        **({"spread_proxy": proxy} if (proxy := technology.paint_proxy) else {}),
                        "boundary": TERRITORIAL,
                        "sign": "none" if error else "positive is good for the climate",
                        "additive": "no" if error else "yes",
                        "period": str(year),
                        "run_key": key,
                        "technology": technology.name,
                        "technology_zh": technology.zh,
                        "outline": activity.observation.park_status if area else "measured",
                    }
                    file = folder / area / f"{one.name}.tif"
                    spread = spread_of(technology, activity)
                    painter.paint(file, one.amount, spread, members, tags, one.title_en)
                    write_style(file, one.unit, one.kind)


def open_painter(session: Session, activity: Activity) -> Painter:
    """Return the painter of a run's maps, to be used in a `with`."""
    from ecoassess.raster.paint import Painter

    config = session.run.config
    classes = read_classes(session.project)
    name = config.datasets.land_cover
    return Painter(
        session.catalog,
        name,
        read_legend(session.project, session.catalog.entries[name].legend or "", classes),
        classes,
        activity.observation.atom_raster,
        config.finest_pixel,
        {
            layer: dataset
            for layer, dataset in config.datasets.layers.items()
            if any(layer in one.paint_weight for one in session.technologies.values())
        },
    )


def spread_of(technology: Technology, activity: Activity) -> Spread:
    """Return what spreads a technology's results over the pixels in this run."""
    from ecoassess.raster.paint import Spread

    groups = activity.first_group(technology.paint)
    for layer, land in technology.paint_weight.items():
        if layer in activity.config.datasets.layers:
            return Spread(groups, layer, activity.first_group(land))
    return Spread(groups)


def net_map(outcome: Outcome, amount: np.ndarray, year: int) -> Map:
    """Return the map of a technology's annual net."""
    technology = outcome.technology
    return Map(
        technology.name,
        NET,
        "flux",
        UNIT,
        f"{_english(technology.name)}: annual net, {UNIT}, {year}",
        f"{technology.zh}：年净值（{UNIT}，{year}年）",
        amount,
    )


def inventory_maps(outcome: Outcome, year: int) -> Iterator[Map]:
    """Yield a map and one of the standard error for each stock and flux of an inventory."""
    technology = outcome.technology
    for one in quantities(outcome):
        unit, stock = one.density_unit, one.kind == "stock"
        when_en, when_zh = (f"end of {year}", f"{year}年末") if stock else (f"{year}", f"{year}年")
        stem = f"{technology.name}__{one.name}"
        subject = _english(technology.name)
        yield Map(
            stem,
            one.name,
            one.kind,
            unit,
            f"{subject}: {one.en}, {unit}, {when_en}",
            f"{technology.zh}：{one.zh}（{unit}，{when_zh}）",
            one.amount[0],
        )
        yield Map(
            stem + STANDARD_ERROR,
            one.name,
            "standard_error",
            unit,
            f"{subject}: standard error of {one.en}, {unit}, {when_en}, not additive",
            f"{technology.zh}：{one.zh}的标准误（{unit}，{when_zh}，不可加总）",
            one.amount[1:].std(axis=0, ddof=1),
        )


def _english(name: str) -> str:
    """Return the English name of a technology."""
    return name.replace("_", " ").capitalize()


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
        {
            name: (one.technology.zh, name.replace("_", " "))
            for name, one in assessment.outcomes.items()
            if TERRITORIAL in one.technology.nets
        },
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
