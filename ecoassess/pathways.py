"""Pathways: what a scenario brings year by year, and in all.

Every year is evaluated on the activity data of the run's year: land, herds and buildings as they
are now, unless an exogenous path of the scenario moves them. Adoption, the age of cohorts and
coefficients by year are the year's own. The draws are the same unknowns in all years, so sums over
years are summed draw by draw before their intervals are read off.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ecoassess.allocation import STATES, allocate
from ecoassess.claims import check_taken, make_room
from ecoassess.crediting import credit_draws
from ecoassess.errors import InputError, Problem, RunError
from ecoassess.ledger import NET, lines, zone_notes
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

SERVICE_LIFE = "service_life"
"""How the names of coefficients end after which something is built again."""

LIVES = (0.001, 0.999)
"""The probabilities between which the life of a plant is taken to lie."""

MOST_LIVES = 10
"""Renewals of one plant that a pathway looks ahead at most."""

ALL_EFFECTS = "all_effects"
ALL_EFFECTS_ZH = "成效合计"
"""Sum of the technologies that have data, within one boundary."""

ZONINGS = ("county", "prefecture")

Key = tuple[str, str]
"""Technology and boundary of a net."""


class Place(NamedTuple):
    """What names a zone."""

    zoning: str
    code: str
    en: str
    zh: str


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
        The counties and the prefecture.
    found
        Evaluated year → its effects.
    credits
        The draws that lead from an effect to a credit (`crediting.credit_draws`).
    chinese
        Technology → its name in Chinese.
    """

    years: np.ndarray
    evaluated: np.ndarray
    zones: Sequence[Place]
    found: Mapping[int, Year]
    credits: Mapping[str, np.ndarray]
    chinese: Mapping[str, str]

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

    Each year to 2030, then every fifth, the last, and those of a scenario's knots with the years
    before and after: where planting stops, say, effects leap from one year to the next.
    """
    bends = {year + after for year in knots for after in (-1, 0, 1)} | {last}
    years = range(first, last + 1)
    return [year for year in years if year <= YEARLY_TO or year % STEP == 0 or year in bends]


def knots_of(scenario: Scenario) -> set[int]:
    """Return the years in which some path of a scenario bends."""
    names = {name for state in STATES for name in scenario.paths(state)}
    curves = [*_courses(scenario, names), *scenario.exogenous.values()]
    return {int(year) for curve in curves for year in curve.knots}


def _courses(scenario: Scenario, names: Iterable[str]) -> list[Curve]:
    """Return the paths of some adoption shares, those of single counties too."""
    paths = [
        path
        for state in STATES
        for name in names
        for path in scenario.paths(state).get(name, {}).values()
    ]
    return [*paths, *(own for path in paths for own in path.counties.values())]


def renewals(session: Session, last: int) -> set[int]:
    """Return the years up to `last` in which what was built between knots may be built again.

    From the first knot and the shortest life to the last knot and the longest one, since each draw
    has a life of its own: all of them, for what is built again is in no year but its own.
    """
    book, found = session.book, set()
    behind = {one.name: one for t in session.technologies.values() for one in book.behind(t)}
    for equation in behind.values():
        shares = [
            n for n in equation.arguments if n in book.variables and book.variables[n].adoption
        ]
        knots = {int(y) for curve in _courses(session.run.scenario, shares) for y in curve.knots}
        for name in equation.arguments:
            coefficient = book.coefficient(equation.name, name)
            if coefficient is None or not name.endswith(SERVICE_LIFE):
                continue
            for value in coefficient.table if knots else ():
                short, long = value.spread.quantile(np.array(LIVES))
                for k in range(1, 1 + MOST_LIVES):
                    ends = math.floor(min(knots) + k * short), math.ceil(max(knots) + k * long)
                    found |= set(range(ends[0], min(ends[1], last) + 1))
    return found


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


def bends(session: Session, last: int) -> set[int]:
    """Return the years from which a scenario's effects run on in another way."""
    return knots_of(session.run.scenario) | renewals(session, last)


def follow(
    session: Session, first: int, last: int, progress: Progress, also: Iterable[int] = ()
) -> Pathway:
    """Evaluate a scenario from one year to another.

    Years that were evaluated before on the same configuration, data and code come from the cache.

    Parameters
    ----------
    also
        Years in which another pathway bends that this one is compared with.

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
    evaluated = years_to_evaluate(first, last, {*bends(session, last), *also})
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
    chinese = {ALL_EFFECTS: ALL_EFFECTS_ZH, **{n: t.zh for n, t in session.technologies.items()}}
    return Pathway(np.arange(first, last + 1), np.array(evaluated), zones, found, credits, chinese)


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
        raise unwritten(base.session, file.parent, error) from error


def _shape(base: Assessment) -> tuple[int]:
    return (base.runner.sample.size + 1,)


def _kept(file: Path) -> tuple[Year, list[Place], dict[str, np.ndarray]]:
    """Read a year, the zones and the draws of crediting from the cache."""
    with np.load(file, allow_pickle=False) as stored:
        texts = json.loads(str(stored["texts"]))
        keys = [(str(name), str(boundary)) for name, boundary in texts["keys"]]
        year = Year(
            dict(zip(keys, stored["nets"], strict=True)),
            dict(zip(keys, texts["notes"], strict=True)),
        )
        credits = dict(zip(texts["credits"], stored["credits"], strict=True))
    return year, [Place(*zone) for zone in texts["zones"]], credits


def unwritten(session: Session, folder: Path, error: OSError) -> RunError:
    """Return what is said where a pathway's files could not be written."""
    return RunError(
        Problem(
            what="the pathway could not be written",
            file=session.project.relative(folder),
            found=error.strerror or str(error),
            remedy="free disk space or correct the permissions, then run again",
        )
    )
