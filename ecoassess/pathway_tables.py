"""The tables of a pathway, and of its difference from the scenario that it extends."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.crediting import MODEL, credit_lines
from ecoassess.ledger import CO2E, TERRITORIAL
from ecoassess.pathways import Key, Pathway, bends, follow, unwritten, with_few_draws
from ecoassess.provenance import run_key
from ecoassess.run_config import plain, read_run
from ecoassess.scenario import Layers

if TYPE_CHECKING:
    from ecoassess.run import Progress, Session
    from ecoassess.scenario import Scenario

ZONE_COLUMNS = ["zoning", "adcode", "zone", "zone_zh"]
SPAN = ["value", "p2.5", "p97.5", "cumulative", "cumulative_p2.5", "cumulative_p97.5", "unit"]
TECHNOLOGY = ["technology", "technology_zh"]
COLUMNS = [
    *(*ZONE_COLUMNS, *TECHNOLOGY, "boundary", "basis", "year", "how", *SPAN),
    *("status", "coverage", "reason"),
]
CREDIT_COLUMNS = [*ZONE_COLUMNS, *TECHNOLOGY, "line", "counted", "year", "how", *SPAN]
DIFFERENCE_COLUMNS = [*ZONE_COLUMNS, *TECHNOLOGY, "boundary", "scenario", "less", "year", "how"]
DIFFERENCE_COLUMNS += SPAN


@dataclass(frozen=True)
class Extended:
    """The scenario that another extends, over the same years.

    Parameters
    ----------
    name
        Its file, without .yaml.
    """

    name: str
    scenario: Scenario
    pathway: Pathway


def extended_name(session: Session) -> str | None:
    """Return the scenario that a session's extends, where that has effects of its own."""
    document = session.run.scenario_document
    layers = document.layers if isinstance(document, Layers) else []
    if len(layers) < 2:
        return None
    name = layers[1].path.stem
    return name if read_run(session.project, session.run.path, name).scenario.project else None


def follow_both(
    session: Session, first: int, last: int, progress: Progress
) -> tuple[Pathway, Extended | None]:
    """Evaluate a scenario, and the one that it extends, in the same years with the same draws."""
    name = extended_name(session)
    if name is None:
        return follow(session, first, last, progress), None
    run = read_run(session.project, session.run.path, name)
    other = replace(session, run=run, timings={})
    also = bends(session, last) | bends(other, last)
    own = follow(session, first, last, progress, also)
    progress(f"following {name}")
    return own, Extended(name, run.scenario, follow(other, first, last, progress, also))


def difference(pathway: Pathway, other: Pathway) -> dict[Key, np.ndarray]:
    """Return by how much one pathway's nets exceed another's, by year, draw and zone."""
    common = [key for key in pathway.nets if key in other.nets]
    return {key: pathway.nets[key] - other.nets[key] for key in common}


def difference_table(pathway: Pathway, name: str, extended: Extended) -> pd.DataFrame:
    """Return a row per zone, technology, boundary and year: scenario `name` less the extended."""
    rows: list[list[object]] = []
    for key, values in difference(pathway, extended.pathway).items():
        spans = span(values)
        for z, zone in enumerate(pathway.zones):
            start = [*zone, key[0], pathway.chinese[key[0]], key[1], name, extended.name]
            for i, (year, how) in enumerate(_years(pathway)):
                rows.append([*start, year, how, *spans[:, i, z], CO2E])
    return pd.DataFrame(rows, columns=DIFFERENCE_COLUMNS)


def _years(pathway: Pathway) -> list[tuple[int, str]]:
    """Return all years, and how each came about."""
    evaluated = set(pathway.evaluated.tolist())
    return [
        (year, "evaluated" if year in evaluated else "interpolated")
        for year in pathway.years.tolist()
    ]


def pathway_table(pathway: Pathway, keys: Iterable[Key] | None = None) -> pd.DataFrame:
    """Return a row per zone, technology, boundary and year: the yearly and cumulative effect.

    Of all nets, or of some `keys`. A reason stands in the first year, and where it changes.

    Effects are project minus baseline. `all_effects` is the sum of the technologies that have data;
    its reason names those that have none.
    """
    rows: list[list[object]] = []
    for name, boundary in pathway.nets if keys is None else keys:
        spans = span(pathway.nets[name, boundary])
        for z, zone in enumerate(pathway.zones):
            start, told = [*zone, name, pathway.chinese[name], boundary, "effect"], ""
            for i, (year, how) in enumerate(_years(pathway)):
                note = pathway.note(year, (name, boundary), z)
                reason = "" if note["reason"] == told else note["reason"]
                told = note["reason"]
                said = note["status"], note["coverage"], reason
                rows.append([*start, year, how, *spans[:, i, z], CO2E, *said])
    return pd.DataFrame(rows, columns=COLUMNS)


def span(values: np.ndarray) -> np.ndarray:
    """Return value and ends of the 95 % interval, yearly and cumulative, by year and zone."""
    parts = []
    for array in (values, values.cumsum(axis=0)):
        low, high = np.quantile(array[:, 1:], (0.025, 0.975), axis=1)
        parts += [array[:, 0], low, high]
    return np.stack(parts) + 0.0  # no -0


def credit_table(pathway: Pathway, session: Session) -> pd.DataFrame:
    """Return the lines from effect to credit of each year, as in `credits.csv`, and their sums.

    Each year's deductions are shares of that year's territorial effect; a loss has none.
    """
    counted = session.run.config.credits.counted()
    known = session.kernels[MODEL]["market_leakage"].labels["technology"]
    rows: list[list[object]] = []
    for name in known:
        if (name, TERRITORIAL) not in pathway.nets:
            continue
        effect = pathway.nets[name, TERRITORIAL]
        yearly = [
            [
                credit_lines(effect[i, :, z], name, pathway.credits, counted)
                for z in range(len(pathway.zones))
            ]
            for i in range(len(pathway.years))
        ]
        for line in yearly[0][0]:
            values = np.array([[zone[line] for zone in year] for year in yearly])
            spans = span(values.swapaxes(1, 2))
            counts = line in ("effect", "after_deductions", *counted)
            for z, zone in enumerate(pathway.zones):
                start = [*zone, name, pathway.chinese[name], line, counts]
                for i, (year, how) in enumerate(_years(pathway)):
                    rows.append([*start, year, how, *spans[:, i, z], CO2E])
    return pd.DataFrame(rows, columns=CREDIT_COLUMNS)


def publish_pathway(
    session: Session, pathway: Pathway, progress: Progress, extended: Extended | None = None
) -> Path:
    """Write the tables and the picture of a pathway into a folder of its own, whole or not at all.

    `outputs/<region>/pathways/<scenario>-<key>/`; the same key gives the same bytes.
    """
    from ecoassess.export.pathway_picture import draw_pathway
    from ecoassess.export.tables import Writer
    from ecoassess.publishing import whole_folder

    session = with_few_draws(session)
    config = session.run.config
    parts = {
        **session.key_parts(),
        "month": str(session.month.year),
        "from": int(pathway.years[0]),
        "to": int(pathway.years[-1]),
        "evaluated": pathway.evaluated.tolist(),
        "extended": plain(extended.scenario) if extended else None,
    }
    key = run_key(parts)
    folder = session.project.outputs / config.region / "pathways" / f"{config.scenario}-{key}"

    tables = Writer(session.project)

    def write(scratch: Path) -> None:
        table = pathway_table(pathway)
        tables(table, scratch / "pathway.csv")
        tables(credit_table(pathway, session), scratch / "pathway_credits.csv")
        if extended:
            less = difference_table(pathway, config.scenario, extended)
            tables(less, scratch / "pathway_difference.csv")
        record = json.dumps({"key": key, **parts}, ensure_ascii=False, indent=1, sort_keys=True)
        (scratch / "provenance.json").write_text(record + "\n", encoding="utf-8")
        progress("drawing the pathway")
        draw_pathway(scratch / "pathway.png", table, session)

    try:
        whole_folder(folder, write)
    except OSError as error:
        raise unwritten(session, folder, error) from error
    return folder
