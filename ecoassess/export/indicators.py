"""Where the indicators of the plan stand in the assessed year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.export.tables import ENCODING, check_there
from ecoassess.indicators import Indicator, OfScenario, standing
from ecoassess.units import parse_unit, unit_registry

if TYPE_CHECKING:
    from pathlib import Path

    from ecoassess.language import Words
    from ecoassess.run import Assessment

OBSERVED, NOT_OBSERVED = "observed", "not observed"

COLUMNS = [
    *("indicator", "indicator_en", "indicator_zh", "kind", "unit", "unit_zh", "direction"),
    *("base_year", "base", "target_year", "target", "assessed_year", "origin"),
    *("observed_year", "observed", "path", "progress", "expected_progress", "light", "amber_from"),
    *("source", "locator", "grade", "observed_source", "observed_locator", "observed_grade"),
    *("scenario", "scenario_p2.5", "scenario_p97.5", "scenario_of", "note"),
]

STYLES = {"green": "bold green", "amber": "bold yellow", "red": "bold red", "grey": "dim"}
"""How a light is coloured; its word stands there too."""


def indicators(assessment: Assessment) -> pd.DataFrame:
    """Return a row per indicator of `configs/indicators.yaml`."""
    session = assessment.session
    table, year = session.indicators, session.month.year
    rows = []
    for name, one in (table.indicators if table else {}).items():
        amber_from = table.amber_from if table else np.nan
        rows.append([name, *_row(one, year, amber_from, assessment.rows)])
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(one: Indicator, year: int, amber_from: float, values: pd.DataFrame) -> list[object]:
    origin, at = NOT_OBSERVED, year
    observed: float | None = None
    by: list[str] = ["", "", "missing"]
    assumed = run_value(one.scenario, one.unit, year, values) if one.scenario else None
    if latest := one.latest(year):
        at, observation = latest
        observed, origin = observation.value, OBSERVED
        by = [observation.source, observation.locator, observation.grade]
    stands = standing(one, at, observed, amber_from)
    seen = observed is not None
    return [
        *(one.en, one.zh, one.kind, one.unit, one.unit_zh or one.unit, one.direction),
        *(one.base_year, one.base_value, one.target_year, one.target_value, year, origin),
        *(at if seen else "", observed if seen else np.nan),
        *(stands.path, stands.made if seen else np.nan, stands.expected, stands.light, amber_from),
        *(one.source, one.locator, one.grade, *by),
        *(assumed or [np.nan] * 3),
        *(_path(one.scenario) if one.scenario else "", one.note or ""),
    ]


def run_value(origin: OfScenario, unit: str, year: int, values: pd.DataFrame) -> list[float] | None:
    """Return the run's value of the year and its interval in a unit.

    None where the run has no such row, or no data for it.
    """
    row = values[
        (values["technology"] == origin.technology)
        & (values["component"] == origin.component)
        & (values["boundary"] == origin.boundary)
        & (values["zoning"] == origin.zoning)
        & (values["adcode"] == origin.zone)
        & (values["period"] == str(year))
    ]
    if row.empty or not np.isfinite(row["value"].iloc[0]):
        return None
    of_run = unit_registry().Quantity(1.0, parse_unit(str(row["unit"].iloc[0])))
    factor = float(of_run.to(parse_unit(unit)).magnitude)
    return [float(row[column].iloc[0]) * factor for column in ("value", "p2.5", "p97.5")]


def _path(origin: OfScenario) -> str:
    parts = (origin.zoning, origin.zone, origin.technology, origin.component, origin.boundary)
    return " / ".join(parts)


def read_indicator_table(file: Path) -> pd.DataFrame:
    """Read `indicators.csv`."""
    check_there(file)
    text = ["indicator", "unit", "unit_zh", "light", "source", "observed_source", "note"]
    return pd.read_csv(file, encoding=ENCODING, dtype=dict.fromkeys(text, str))


def describe_indicators(folder: Path, words: Words) -> str:
    """Return the indicators of a run as a table, plan first.

    Raises
    ------
    InputError
        When `folder` is not a run's.
    """
    from ecoassess.report import number, read_record, table

    record = read_record(folder)
    rows = read_indicator_table(folder / "indicators.csv")
    heads = ["indicator", "base", "target", "observed", "path", "progress", "light", "scenario"]
    lines: list[list[str] | None] = [[words(f"indicator_{head}") for head in heads]]
    for kind in ("plan", "ecological"):
        mine = rows[rows["kind"] == kind]
        if len(mine):
            lines.append(None)
        for row in mine.to_dict("records"):
            unit = row["unit_zh" if words.language == "zh" else "unit"]
            title = f"{row[f'indicator_{words.language}']} ({unit})"
            seen = row["observed"] == row["observed"]
            at = f"{int(float(row['observed_year']))}: {number(row['observed'])}" if seen else "–"
            made = f"{row['progress']:.0%} / " if seen else "– / "
            lines.append(
                [
                    title,
                    f"{row['base_year']}: {number(row['base'])}",
                    f"{row['target_year']}: {number(row['target'])}",
                    at,
                    number(row["path"]),
                    made + f"{row['expected_progress']:.0%}",
                    f"● {words('light_' + str(row['light']))}",
                    number(row["scenario"]),
                ]
            )
    if rows.empty:
        return words("indicators_none")
    title = words("indicators_title", year=record["month"][:4])
    meaning = words("indicators_meaning", amber=f"{rows['amber_from'].iloc[0]:.0%}")
    return "\n".join([title, "", *table(lines, (0, 6)), "", meaning])


def print_indicators(folder: Path, words: Words) -> None:
    """Print the indicators of a run; lights in colour where the terminal shows it."""
    from rich.console import Console
    from rich.text import Text

    text = Text(describe_indicators(folder, words))
    for light, style in STYLES.items():
        text.highlight_words([f"● {words('light_' + light)}"], style)
    # No wrapping: lines that a pipe or a narrow terminal breaks are no table any more.
    Console(highlight=False, soft_wrap=True).print(text)
