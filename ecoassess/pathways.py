"""Pathways: what a scenario brings year by year, and in all.

Every year is evaluated on the activity data of the run's year: land, herds and buildings as they
are now, unless an exogenous path of the scenario moves them. Adoption, the age of cohorts and
coefficients by year are the year's own. The draws are the same unknowns in all years, so sums over
years are summed draw by draw before their intervals are read off.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ecoassess.allocation import STATES, allocate
from ecoassess.claims import check_taken, make_room
from ecoassess.crediting import MODEL, credit_draws, credit_lines
from ecoassess.errors import InputError, Problem, RunError
from ecoassess.ledger import CO2E, NET, TERRITORIAL, lines, zone_notes
from ecoassess.provenance import run_key
from ecoassess.vocabulary import STATUS_ORDER, worst

if TYPE_CHECKING:
    from ecoassess.run import Assessment, Progress, Session
    from ecoassess.scenario import Curve, Scenario
    from ecoassess.zones import Zone

DRAWS = 200
"""Random draws of a pathway at most: fewer than the tables', for its many years."""

YEARLY_TO, STEP = 2030, 5
"""Every year is evaluated up to the first, then every so many."""

ALL_EFFECTS = "all_effects"
"""Sum of the technologies that have data, within one boundary."""

ZONINGS = ("county", "prefecture")
ZONE_COLUMNS = ["zoning", "adcode", "zone", "zone_zh"]
SPAN = ["value", "p2.5", "p97.5", "cumulative", "cumulative_p2.5", "cumulative_p97.5", "unit"]
COLUMNS = [
    *ZONE_COLUMNS,
    *("technology", "boundary", "basis", "year", "how", *SPAN, "status", "coverage", "reason"),
]
CREDIT_COLUMNS = [*ZONE_COLUMNS, "technology", "line", "counted", "year", "how", *SPAN]

Key = tuple[str, str]
"""Technology and boundary of a net."""


@dataclass(frozen=True)
class Year:
    """The effects of one evaluated year.

    Parameters
    ----------
    nets
        Technology and boundary → t CO2e by draw and zone, NaN where no part of it has data.
    notes
        Technology and boundary → status, coverage and reason of each zone.
    """

    nets: Mapping[Key, np.ndarray]
    notes: Mapping[Key, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Pathway:
    """A scenario over the years.

    Parameters
    ----------
    years, evaluated
        All years, and those that were evaluated.
    zones
        Zoning, code and names of the counties and of the prefecture.
    found
        Evaluated year → its effects.
    credits
        The draws that lead from an effect to a credit (`crediting.credit_draws`).
    """

    years: np.ndarray
    evaluated: np.ndarray
    zones: Sequence[tuple[str, str, str, str]]
    found: Mapping[int, Year]
    credits: Mapping[str, np.ndarray]

    @cached_property
    def nets(self) -> dict[Key, np.ndarray]:
        """Technology and boundary, and the sum of all, → t CO2e by year, draw and zone."""
        result = {
            key: between_years(
                self.years, self.evaluated, np.stack([y.nets[key] for y in self.found.values()])
            )
            for key in next(iter(self.found.values())).nets
        }
        for boundary in dict.fromkeys(boundary for _, boundary in result):
            result[ALL_EFFECTS, boundary] = sum_of_known(
                [values for (_, where), values in result.items() if where == boundary]
            )
        return result

    def note(self, year: int, key: Key, zone: int) -> Mapping[str, Any]:
        """Return status, coverage and reason of a net: of its year, or the next evaluated one."""
        of = int(self.evaluated[np.searchsorted(self.evaluated, year)])
        notes = self.found[of].notes
        if key in notes:
            return notes[key][zone]
        own = {name: n[zone] for (name, where), n in notes.items() if where == key[1]}
        lacking = [name for name, note in own.items() if note["status"] == "missing"]
        known = [note for note in own.values() if note["status"] != "missing"]
        return {
            "status": worst({n["status"] for n in known} or {"missing"}, STATUS_ORDER),
            "coverage": min((n["coverage"] for n in known), default=0.0),
            "reason": "without data: " + ", ".join(lacking) if lacking else "",
        }


def years_to_evaluate(first: int, last: int, knots: Iterable[int]) -> list[int]:
    """Return the years that are evaluated; the effects of those between lie on straights.

    Each year to 2030, then every fifth, the last, and those of a scenario's knots with the year
    after: where planting stops, say, effects leap from one year to the next.
    """
    bends = {year + after for year in knots for after in (0, 1)} | {last}
    years = range(first, last + 1)
    return [year for year in years if year <= YEARLY_TO or year % STEP == 0 or year in bends]


def knots_of(scenario: Scenario) -> set[int]:
    """Return the years in which some path of a scenario bends."""
    paths = [
        path
        for state in STATES
        for labels in scenario.paths(state).values()
        for path in labels.values()
    ]
    curves: list[Curve] = [*paths, *(own for path in paths for own in path.counties.values())]
    return {int(year) for curve in [*curves, *scenario.exogenous.values()] for year in curve.knots}


def between_years(years: np.ndarray, evaluated: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return values (year, ...) for all years from those of the evaluated ones, on straights."""
    after = np.searchsorted(evaluated, years)
    before = np.maximum(after - 1, 0)
    span = np.maximum(evaluated[after] - evaluated[before], 1)
    part = ((years - evaluated[before]) / span).reshape(-1, *[1] * (values.ndim - 1))
    exact = (evaluated[after] == years).reshape(part.shape)
    straight = values[before] + part * (values[after] - values[before])
    return np.asarray(np.where(exact, values[after], straight))


def sum_of_known(arrays: Iterable[np.ndarray]) -> np.ndarray:
    """Return the sum of arrays where any of them is known; NaN where none is."""
    stacked = np.stack(list(arrays))
    known = np.isfinite(stacked)
    return np.where(known.any(axis=0), np.where(known, stacked, 0).sum(axis=0), np.nan)


def follow(session: Session, first: int, last: int, progress: Progress) -> Pathway:
    """Evaluate a scenario from one year to another.

    Years that were evaluated before on the same configuration, data and code come from the cache.

    Raises
    ------
    InputError
        When the years are not in order, or the scenario claims more than there is in one of them.
    """
    if not last >= first:
        raise InputError(
            Problem(
                what="a pathway runs forward",
                found=f"{first} to {last}",
                expected="--from a year, --to the same or a later one",
            )
        )
    session = with_few_draws(session)
    evaluated = years_to_evaluate(first, last, knots_of(session.run.scenario))
    parts, folder = session.key_parts(), session.project.cache / "pathway"
    parts["month"] = str(session.month.year)  # months have no part in years
    files = {year: folder / f"{run_key({**parts, 'year': year})}.npz" for year in evaluated}
    base: Assessment | None = None
    for year, file in files.items():
        if file.is_file():
            progress(f"cached {year}")
            continue
        base = base or session.assess()
        progress(f"assessing {year}")
        _keep(file, base, _evaluate(base, year))
    found: dict[int, Year] = {}
    for year, file in files.items():
        found[year], zones, credits = _kept(file)
    return Pathway(np.arange(first, last + 1), np.array(evaluated), zones, found, credits)


def with_few_draws(session: Session) -> Session:
    """Return a session that draws no more often than a pathway does."""
    config = session.run.config
    config = config.model_copy(update={"draws": min(DRAWS, config.draws)})
    return replace(session, run=replace(session.run, config=config))


def _evaluate(base: Assessment, year: int) -> Year:
    """Return the effects of a year on the data of the base year."""
    session, runner = base.session, base.runner
    technologies = session.technologies
    allocation = allocate(session.run, technologies.values(), session.book, year)
    then = make_room(session.run, runner.at(year, allocation))
    check_taken(session.run, then)
    zones = _zones(base)
    matrix = np.array([zone.weights for zone in zones])
    nets: dict[Key, np.ndarray] = {}
    notes: dict[Key, list[Mapping[str, Any]]] = {}
    for technology in technologies.values():
        if technology.basis != "effect" or not technology.nets:
            continue
        outcome = then.evaluate(technology)
        weight = runner.activity.group_area(technology.paint)
        for line in lines(outcome, base.gwp):
            if line.component != NET:
                continue
            amount = line.amount.sum(axis=2)
            present = np.isfinite(amount).all(axis=0)
            key = technology.name, line.boundary
            own = [zone_notes(zone, present, weight, outcome) for zone in zones]
            missing = np.array([note["status"] == "missing" for note in own])
            sums = amount[:, present] @ matrix[:, present].T
            nets[key] = np.where(missing, np.nan, sums)
            notes[key] = [_of_year(note, year, session.month.year) for note in own]
    return Year(nets, notes)


def _of_year(note: Mapping[str, Any], year: int, base: int) -> dict[str, Any]:
    """Return a note whose status says that the year is not that of the data."""
    status = {str(note["status"])}
    if "missing" not in status and year != base:
        status |= {"projected" if year > base else "estimated"}
    return {
        "status": worst(status, STATUS_ORDER),
        "coverage": float(note["coverage"]),
        "reason": str(note["reason"]),
    }


def _zones(base: Assessment) -> list[Zone]:
    return [zone for zone in base.zones if zone.zoning in ZONINGS]


def _keep(file: Path, base: Assessment, year: Year) -> None:
    """Write a year to the cache, whole or not at all."""
    keys = list(year.nets)
    texts = {
        "keys": keys,
        "notes": [year.notes[key] for key in keys],
        "zones": [[zone.zoning, zone.code, zone.en, zone.zh] for zone in _zones(base)],
        "credits": list(credits := credit_draws(base)),
    }
    scratch = file.with_suffix(".new.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            scratch,
            allow_pickle=False,
            texts=np.array(json.dumps(texts)),
            nets=np.stack([year.nets[key] for key in keys]),
            credits=np.stack([np.broadcast_to(c, _shape(base)) for c in credits.values()]),
        )
        scratch.replace(file)
    except OSError as error:
        raise _unwritten(base.session, file.parent, error) from error


def _shape(base: Assessment) -> tuple[int]:
    return (base.runner.sample.size + 1,)


def _kept(file: Path) -> tuple[Year, list[tuple[str, str, str, str]], dict[str, np.ndarray]]:
    """Read a year, the zones and the draws of crediting from the cache."""
    with np.load(file, allow_pickle=False) as stored:
        texts = json.loads(str(stored["texts"]))
        keys = [(str(name), str(boundary)) for name, boundary in texts["keys"]]
        year = Year(
            dict(zip(keys, stored["nets"], strict=True)),
            dict(zip(keys, texts["notes"], strict=True)),
        )
        credits = dict(zip(texts["credits"], stored["credits"], strict=True))
    return year, [tuple(zone) for zone in texts["zones"]], credits


def _unwritten(session: Session, folder: Path, error: OSError) -> RunError:
    return RunError(
        Problem(
            what="the pathway could not be written",
            file=session.project.relative(folder),
            found=error.strerror or str(error),
            remedy="free disk space or correct the permissions, then run again",
        )
    )


def pathway_table(pathway: Pathway, keys: Iterable[Key] | None = None) -> pd.DataFrame:
    """Return a row per zone, technology, boundary and year: the yearly and cumulative effect.

    Of all nets, or of some `keys`. A reason stands in the first year, and where it changes.

    Effects are project minus baseline. `all_effects` is the sum of the technologies that have data;
    its reason names those that have none.
    """
    evaluated = set(pathway.evaluated.tolist())
    rows: list[list[object]] = []
    for name, boundary in pathway.nets if keys is None else keys:
        span = _span(pathway.nets[name, boundary])
        for z, zone in enumerate(pathway.zones):
            told = ""
            for i, year in enumerate(pathway.years.tolist()):
                note = pathway.note(year, (name, boundary), z)
                how = "evaluated" if year in evaluated else "interpolated"
                reason = "" if note["reason"] == told else note["reason"]
                told = note["reason"]
                said = note["status"], note["coverage"], reason
                row = [*zone, name, boundary, "effect", year, how, *span[:, i, z], CO2E, *said]
                rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def _span(values: np.ndarray) -> np.ndarray:
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
    evaluated = set(pathway.evaluated.tolist())
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
            span = _span(values.swapaxes(1, 2))
            counts = line in ("effect", "after_deductions", *counted)
            for z, zone in enumerate(pathway.zones):
                for i, year in enumerate(pathway.years.tolist()):
                    how = "evaluated" if year in evaluated else "interpolated"
                    rows.append([*zone, name, line, counts, year, how, *span[:, i, z], CO2E])
    return pd.DataFrame(rows, columns=CREDIT_COLUMNS)


def publish_pathway(session: Session, pathway: Pathway, progress: Progress) -> Path:
    """Write the tables and the picture of a pathway into a folder of its own, whole or not at all.

    `outputs/<region>/pathways/<scenario>-<key>/`; the same key gives the same bytes.
    """
    from ecoassess.export.pathway_picture import draw_pathway
    from ecoassess.export.tables import write_csv
    from ecoassess.publishing import whole_folder

    session = with_few_draws(session)
    config = session.run.config
    parts = {
        **session.key_parts(),
        "month": str(session.month.year),
        "from": int(pathway.years[0]),
        "to": int(pathway.years[-1]),
        "evaluated": pathway.evaluated.tolist(),
    }
    key = run_key(parts)
    folder = session.project.outputs / config.region / "pathways" / f"{config.scenario}-{key}"

    def write(scratch: Path) -> None:
        table = pathway_table(pathway)
        write_csv(table, scratch / "pathway.csv")
        write_csv(credit_table(pathway, session), scratch / "pathway_credits.csv")
        record = json.dumps({"key": key, **parts}, ensure_ascii=False, indent=1, sort_keys=True)
        (scratch / "provenance.json").write_text(record + "\n", encoding="utf-8")
        progress("drawing the pathway")
        draw_pathway(scratch / "pathway.png", table, session)

    try:
        whole_folder(folder, write)
    except OSError as error:
        raise _unwritten(session, folder, error) from error
    return folder
