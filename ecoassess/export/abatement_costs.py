"""Cost per tonne of each technology, by county and prefecture, and the lines it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.cost_figures import Costs
from ecoassess.costs import LineResult, annual_costs, not_priced, without_cost
from ecoassess.export.tables import ENCODING, check_there
from ecoassess.ledger import CO2E, TERRITORIAL, co2e_factor
from ecoassess.vocabulary import GRADE_ORDER, worst

if TYPE_CHECKING:
    from pathlib import Path

    from ecoassess.assessment import Outcome
    from ecoassess.language import Words
    from ecoassess.run import Assessment
    from ecoassess.zones import Zone

GIVEN = "given"
NO_COST = "no cost given"
INCOMPLETE = "cost incomplete"
UNCHANGED = "nothing added"
NOT_DIFFERENT = "effect not different from zero"
EMISSION = "effect is an emission"
MISSING = "missing"

INTERVAL = ("p2.5", "p97.5")
LEVELS = (0.025, 0.975)

PLACE = ["zoning", "adcode", "zone", "zone_zh", "technology", "technology_zh"]
COLUMNS = [
    *PLACE,
    *("perspective", "status", "annual_cost", *(f"annual_cost_{p}" for p in INTERVAL)),
    *("cost_unit", "price_year"),
    *("effect", *(f"effect_{p}" for p in INTERVAL), "effect_unit"),
    *("cost_per_tonne", *(f"cost_per_tonne_{p}" for p in INTERVAL), "cost_per_tonne_unit"),
    *("effect_with_upstream", *(f"effect_with_upstream_{p}" for p in INTERVAL)),
    *("status_with_upstream", "cost_per_tonne_with_upstream"),
    *(f"cost_per_tonne_with_upstream_{p}" for p in INTERVAL),
    *("coverage", "grade", "sources", "no_width", "not_priced", "reason"),
]
PART_COLUMNS = [
    *PLACE,
    *("line", "line_zh", "amount", "amount_unit", "cost_low", "cost_mid", "cost_high", "width"),
    *("cost_unit", "cost_price_year", "index_factor", "lifetime", "annual_cost"),
    *(f"annual_cost_{p}" for p in INTERVAL),
    *("annual_cost_unit", "grade", "source", "locator", "note"),
]


@dataclass(frozen=True)
class Priced:
    """A technology with its yearly effects and costs by draw and atom.

    Parameters
    ----------
    lacking
        Adopted labels that no line of the cost names.
    unpriced
        What is used or saved without a price, such as firewood.
    """

    outcome: Outcome
    territorial: np.ndarray
    whole: np.ndarray
    lines: Mapping[str, LineResult]
    lacking: list[str]
    unpriced: list[str]

    @property
    def cost(self) -> np.ndarray:
        """Yearly cost by draw and atom."""
        return np.asarray(sum(line.annual for line in self.lines.values()))


def annual_net(
    outcome: Outcome, gwp: Mapping[str, float], boundaries: tuple[str, ...]
) -> np.ndarray:
    """Return the year's net within the boundaries, t CO2e by draw and atom; NaN where missing."""
    total = np.zeros(1)
    for name, component in outcome.technology.components.items():
        if component.kind == "flux" and component.warms and component.boundary in boundaries:
            amount = outcome.amounts[name]
            extra = [d for d in amount.dims if d not in ("draw", "atom")]
            summed = amount.sum(extra, skipna=False).transpose("draw", "atom")
            total = total + summed.values * co2e_factor(component, gwp)
    return np.asarray(total)


def price(assessment: Assessment) -> tuple[Costs | None, dict[str, Priced]]:
    """Return the costs that the project gives and every technology with a territorial effect."""
    costs, runner = assessment.session.costs, assessment.runner
    result = {}
    for name, outcome in assessment.outcomes.items():
        technology = outcome.technology
        if technology.basis != "effect" or TERRITORIAL not in technology.nets:
            continue
        result[name] = Priced(
            outcome,
            annual_net(outcome, assessment.gwp, (TERRITORIAL,)),
            annual_net(outcome, assessment.gwp, (TERRITORIAL, "upstream")),
            annual_costs(costs, runner, technology) if costs else {},
            without_cost(costs, runner, technology) if costs else [],
            not_priced(costs, runner, technology) if costs else [],
        )
    return costs, result


def abatement_costs(assessment: Assessment) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of `abatement_costs.csv` and of `abatement_cost_parts.csv`."""
    costs, priced = price(assessment)
    zones = [z for z in assessment.zones if z.zoning in ("county", "prefecture")]
    rows, parts = [], []
    for name, one in priced.items():
        weight = assessment.runner.activity.group_area(one.outcome.technology.paint)
        for zone in zones:
            place = [*zone_names(zone), name, one.outcome.technology.zh]
            rows.append([*place, *_row(one, zone, weight, costs)])
            if costs:
                parts += [[*place, *part] for part in _parts(one, zone, costs)]
    return pd.DataFrame(rows, columns=COLUMNS), pd.DataFrame(parts, columns=PART_COLUMNS)


def write_curve(assessment: Assessment, table: pd.DataFrame, folder: Path) -> None:
    """Draw `cost_curve.png` of the prefecture."""
    from ecoassess.export.cost_curve import draw_cost_curve

    config = assessment.session.run.config
    draw_cost_curve(
        folder / "cost_curve.png",
        table,
        ("prefecture", config.parent),
        (config.title.zh, config.title.en),
        assessment.session.month.year,
    )


def zone_names(zone: Zone) -> list[str]:
    """Return the cells that name a zone."""
    return [zone.zoning, zone.code, zone.en, zone.zh]


def _row(one: Priced, zone: Zone, weight: np.ndarray, costs: Costs | None) -> list[object]:
    members = zone.weights != 0
    known = members & np.isfinite(one.territorial).all(axis=0) & np.isfinite(one.whole).all(axis=0)
    if one.lines:
        known &= np.isfinite(one.cost).all(axis=0)
    area = weight[members].sum()
    coverage = float(weight[known].sum() / area) if area > 0 else float(known.any())
    effect = _sum(one.territorial, zone, known)
    whole = _sum(one.whole, zone, known)
    cost = _sum(one.cost, zone, known) if one.lines and not one.lacking else effect * np.nan
    status = _status(one, effect, known)
    status_whole = _status(one, whole, known)
    reason = f"no cost for {', '.join(one.lacking)}" if status == INCOMPLETE else ""
    figures = [part.cost for part in one.lines.values()]
    currency = costs.currency if costs else ""
    single = [part.line.en for part in one.lines.values() if not part.cost.has_width]
    return [
        costs.perspective if costs else "",
        *(status, *_three(cost), f"{currency}/yr" if currency else ""),
        costs.price_year if costs else "",
        *(*_three(effect), f"{CO2E}/yr"),
        *_three(cost / effect if status == GIVEN else effect * np.nan),
        f"{currency}/{CO2E}" if currency else "",
        *(*_three(whole), status_whole),
        *_three(cost / whole if status_whole == GIVEN else whole * np.nan),
        round(coverage, 6),
        worst({figure.grade for figure in figures}, GRADE_ORDER) if figures else "missing",
        "; ".join(dict.fromkeys(figure.source for figure in figures)),
        "; ".join(single),
        "; ".join(one.unpriced),
        reason,
    ]


def _status(one: Priced, effect: np.ndarray, known: np.ndarray) -> str:
    """Return whether a cost per tonne has a meaning, and if not, why."""
    if not known.any():
        return MISSING
    if not one.lines:
        return NO_COST
    if one.lacking:
        return INCOMPLETE
    low, high = np.quantile(effect[1:], LEVELS)
    if low == high == 0:
        return UNCHANGED
    if low <= 0 <= high:
        return NOT_DIFFERENT
    return GIVEN if low > 0 else EMISSION


def _sum(values: np.ndarray, zone: Zone, known: np.ndarray) -> np.ndarray:
    """Return the sum over a zone's atoms with data, by draw; NaN when none has."""
    if not known.any():
        return np.full(values.shape[0], np.nan)
    return np.asarray(values[:, known] @ zone.weights[known])


def _three(draws: np.ndarray) -> list[float]:
    """Return the central value and the ends of the 95 % interval."""
    low, high = np.quantile(draws[1:], LEVELS)
    return [float(draws[0]), float(low), float(high)]


def _parts(one: Priced, zone: Zone, costs: Costs) -> Iterator[list[object]]:
    for part in one.lines.values():
        known = (zone.weights != 0) & np.isfinite(part.annual).all(axis=0)
        cost, quantity, years = part.cost, part.line.quantity, part.line.lifetime
        yield [
            *(part.line.en, part.line.zh, float(_sum(part.amount, zone, known)[0]), quantity.unit),
            *(cost.low, cost.mid, cost.high, "range" if cost.has_width else "no width"),
            *(cost.unit, cost.price_year),
            costs.price_index.factor(cost.price_year, costs.price_year),
            years.mid if years else np.nan,
            *(*_three(_sum(part.annual, zone, known)), f"{costs.currency}/yr"),
            *(cost.grade, cost.source, cost.locator, cost.note or ""),
        ]


def read_abatement_costs(file: Path) -> pd.DataFrame:
    """Read `abatement_costs.csv`; codes and words stay text."""
    check_there(file)
    texts = ["sources", "no_width", "not_priced", "reason", "perspective"]
    words = ["adcode", "status", "status_with_upstream", "grade", *texts]
    return pd.read_csv(
        file, encoding=ENCODING, dtype=dict.fromkeys(words, str), keep_default_na=True
    ).fillna(dict.fromkeys(texts, ""))


def describe_costs(folder: Path, words: Words) -> str:
    """Return the prefecture's costs per tonne as a table, cheapest first, and what has none.

    Raises
    ------
    InputError
        When `folder` is not a run's.
    """
    from ecoassess.report import number, read_record, table

    record = read_record(folder)
    rows = read_abatement_costs(folder / "abatement_costs.csv")
    mine = rows[rows["zoning"] == "prefecture"].sort_values("cost_per_tonne", na_position="last")
    priced = mine[mine["cost_unit"].notna()]
    currency = str(priced["cost_unit"].iloc[0]).removesuffix("/yr") if len(priced) else ""
    heads = ["technology", "year_cost", "effect", "cost_per_tonne", "interval", "whole_cost"]
    units = ["", f"k{currency}", "t CO2e", f"{currency}/t", "95 %", f"{currency}/t"]
    lines: list[list[str] | None] = [[words(head) for head in heads], units, None]
    for row in mine[mine["status"] == GIVEN].to_dict("records"):
        low, high = row["cost_per_tonne_p2.5"], row["cost_per_tonne_p97.5"]
        cells = [row["annual_cost"] / 1000, row["effect"], row["cost_per_tonne"]]
        whole = number(row["cost_per_tonne_with_upstream"])
        interval = f"{number(low)} … {number(high)}"
        name = words.technology(str(row["technology"]))
        lines.append([name, *map(number, cells), interval, whole])
    place = mine["zone" if words.language == "en" else "zone_zh"].iloc[0]
    year = "" if priced.empty else int(priced["price_year"].iloc[0])
    title = words("costs_title", zone=place, year=record["month"][:4], price_year=year)
    side = str(mine["perspective"].iloc[0])
    seen = [words(f"costs_{side}")] if side else []
    text = [title, *seen, "", *table(lines), "", words("costs_meaning")]
    text += _caveats(mine[mine["status"] == GIVEN], words)
    for status in mine[mine["status"] != GIVEN]["status"].unique():
        part = mine[mine["status"] == status]
        names = words("list_separator").join(
            words.technology(n) for n in sorted(part["technology"])
        )
        key = str(status).replace(" ", "_")
        text.append(f"{words(key)}: {names}")
    return "\n".join(text)


def _caveats(rows: pd.DataFrame, words: Words) -> list[str]:
    """Return which costs leave something without a price, and which have figures without width."""
    text = []
    for (names,), own in rows[rows["not_priced"] != ""].groupby(["not_priced"]):
        parts = [part.split(" of ") for part in str(names).split("; ")]
        said = [f"{words.label(quantity)} ({words.label(label)})" for quantity, label in parts]
        text.append(words("costs_not_priced", what=_listed(said, words), names=_names(own, words)))
    single = rows[rows["no_width"] != ""]
    if len(single):
        text.append(words("costs_no_width", names=_names(single, words)))
    return text


def _names(rows: pd.DataFrame, words: Words) -> str:
    return _listed(sorted(words.technology(str(name)) for name in rows["technology"]), words)


def _listed(texts: list[str], words: Words) -> str:
    return words("list_separator").join(texts)
