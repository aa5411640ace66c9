"""Which single coefficient, if it were known exactly, would narrow a result most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.errors import InputError, Problem
from ecoassess.export.uncertainty import names_of, place_of, sensitivity_table
from ecoassess.ledger import CO2E, TERRITORIAL
from ecoassess.report import table
from ecoassess.sensitivity import (
    ALL_EFFECTS,
    ENDS,
    Name,
    by_zone,
    evaluate_nets,
    moves_of_run,
    narrowing,
)
from ecoassess.sobol import OTHERS, sobol_indices

if TYPE_CHECKING:
    from ecoassess.language import Words
    from ecoassess.project import Project
    from ecoassess.run import Assessment, Session
    from ecoassess.zones import Zone

COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "technology", "boundary", "rank", "unknown"),
    *("name", "name_zh", "first_order", "first_order_error", "total_order", "total_order_error"),
    *("narrows", "low_if_known", "high_if_known", "unit"),
    *("grade", "source", "locator", "place"),
]


@dataclass(frozen=True)
class Analysis:
    """What moves one net of one zone.

    Parameters
    ----------
    moves
        Rows of `sensitivity.csv`: one unknown at a time.
    indices
        Rows of `measure_next.csv`: Sobol' indices, the largest first-order one first. `narrows` is
        what the 95 % interval would lose if this unknown alone were known exactly, and
        `low_if_known`, `high_if_known` the interval that is left if it keeps its shape.
    interval
        Central value and 95 % interval of all drawn together, t CO2e.
    size
        Base size of the Saltelli design.
    """

    name: Name
    zone: Zone
    moves: pd.DataFrame
    indices: pd.DataFrame
    interval: tuple[float, float, float]
    size: int


def analyse(
    assessment: Assessment,
    technology: str,
    zone: Zone,
    size: int,
    top: int,
    progress: Callable[[str], None],
) -> Analysis:
    """Move one unknown at a time, then draw the largest `top` and the others as one group.

    Parameters
    ----------
    technology
        A technology with a net, or `ALL_EFFECTS`; within the territory where it has such a net,
        else within its first boundary.
    size
        Base size of the Saltelli design, a power of two.
    """
    name = (technology, boundary_of(assessment.session, technology))
    chosen = None if technology == ALL_EFFECTS else [technology]
    progress("moving one unknown at a time")
    known, moves = moves_of_run(assessment, [zone], chosen)
    shares = np.nan_to_num(moves.shares(name)[:, 0])
    order = [int(k) for k in np.argsort(-shares, kind="stable") if shares[k] > 0]
    large, small = order[:top], order[top:]
    progress("sampling the Saltelli design")
    found = sobol_indices(
        lambda sample: by_zone(assessment, evaluate_nets(assessment, sample, chosen), [zone]),
        name,
        0,
        [known[k].key for k in large],
        [known[k].key for k in small],
        size,
        assessment.session.run.config.seed,
    )
    project = assessment.session.project
    rows = sensitivity_table(project, known, moves, [zone], (zone.zoning,))
    rows = rows[(rows["technology"] == name[0]) & (rows["boundary"] == name[1])]
    low, high = np.quantile(found.draws, ENDS)
    central = float(moves.central[name][0])
    of_key = {unknown.key: unknown for unknown in known}
    table_rows = []
    for index in found.indices:
        unknown = of_key.get(index.key)
        narrows = float(narrowing(np.array(index.first)))
        text = names_of(unknown, project) if unknown else (index.key, index.key)
        table_rows.append(
            [
                *(zone.zoning, zone.code, zone.en, zone.zh, *name, 0, index.key, *text),
                *(index.first, index.first_error, index.total, index.total_error, narrows),
                *(
                    central - (central - low) * (1 - narrows),
                    central + (high - central) * (1 - narrows),
                ),
                CO2E,
                *((unknown.grade, unknown.source, unknown.locator) if unknown else ("", "", "")),
                place_of(project, unknown) if unknown else "",
            ]
        )
    indices = pd.DataFrame(table_rows, columns=COLUMNS)
    # The group of the others is no single coefficient, and comes last.
    group = indices["unknown"] == OTHERS
    indices = pd.concat(
        [indices[~group].sort_values("first_order", ascending=False, kind="stable"), indices[group]]
    )
    indices["rank"] = np.arange(1, len(indices) + 1)
    interval = (central, float(low), float(high))
    return Analysis(name, zone, rows, indices.reset_index(drop=True), interval, size)


def boundary_of(session: Session, technology: str) -> str:
    """Return the boundary that is looked at: the territory, or the first of a technology's nets.

    Raises
    ------
    InputError
        When the run has no such technology, or it has no net.
    """
    if technology == ALL_EFFECTS:
        return TERRITORIAL
    nets = {name: one.nets for name, one in session.technologies.items() if one.nets}
    if technology not in nets:
        raise InputError(
            Problem(
                what="no technology of the run with a net",
                found=technology,
                expected=", ".join([ALL_EFFECTS, *nets]),
            )
        )
    return TERRITORIAL if TERRITORIAL in nets[technology] else nets[technology][0]


def write_analysis(
    analysis: Analysis, project: Project, folder: Path, titles: tuple[str, str], year: int
) -> None:
    """Write `sensitivity.csv`, `measure_next.csv` and `tornado.png` into a folder."""
    from ecoassess.export.tables import Writer
    from ecoassess.export.tornado import draw_tornado

    write = Writer(project)
    folder.mkdir(parents=True, exist_ok=True)
    write(analysis.moves, folder / "sensitivity.csv")
    write(analysis.indices, folder / "measure_next.csv")
    draw_tornado(folder / "tornado.png", analysis.moves, analysis.interval, titles, year)


def describe(analysis: Analysis, words: Words) -> str:
    """Return the indices as a table, with a heading that says what is ranked."""
    zone = analysis.zone.en if words.language == "en" else analysis.zone.zh
    technology, boundary = analysis.name
    title = words("effects_total") if technology == ALL_EFFECTS else words.technology(technology)
    central, low, high = analysis.interval
    heading = words(
        "measure_next_title",
        zone=zone,
        technology=title,
        boundary=words.label(boundary),
        value=f"{central:,.0f}",
        low=f"{low:,.0f}",
        high=f"{high:,.0f}",
    )
    column = "name" if words.language == "en" else "name_zh"
    # Names are long and come last, where a terminal may break them.
    head = [words(k) for k in ("rank", "first_order", "total_order", "narrows")]
    head += [words(k) for k in ("grade", "place", "unknown_quantity")]
    rows = [
        [
            str(row["rank"]),
            f"{row['first_order']:z.3f} ± {row['first_order_error']:.3f}",
            f"{row['total_order']:z.3f} ± {row['total_order_error']:.3f}",
            "" if row["unknown"] == OTHERS else f"{row['narrows']:.1%}",
            str(row["grade"]),
            str(row["place"]),
            words("other_unknowns") if row["unknown"] == OTHERS else str(row[column]),
        ]
        for row in analysis.indices.to_dict("records")
    ]
    lines = table([head, None, *rows], (0, 4, 5, 6))
    return "\n".join(
        [heading, "", *lines, "", words("measure_next_note"), *_doubts(analysis, words)]
    )


def _doubts(analysis: Analysis, words: Words) -> list[str]:
    """Return what must be said where the draws are too few to tell indices apart.

    A total order is never below its first order. Where the estimates are, or where the unknown of
    the first rank is within the errors of the second, the error is larger than the difference.
    """
    indices, said = analysis.indices, []
    below = int((indices["total_order"] < indices["first_order"]).sum())
    if below:
        said.append(words("total_below_first", number=below, draws=analysis.size))
    ranked = indices[indices["unknown"] != OTHERS]
    if len(ranked) > 1:
        first, second = ranked["first_order"].iloc[:2]
        error = ranked["first_order_error"].iloc[:2].max()
        if first - second < error:
            said.append(words("ranks_not_apart", error=f"{error:.2f}"))
    return [*said, words("more_draws", draws=4 * analysis.size)] if said else []
