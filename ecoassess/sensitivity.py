"""SENSITIVITY: which unknown moves a result, and by how much.

A design is a sample (`sampling.py`) that moves unknowns on purpose: one at a time, or as a Saltelli
design. All evaluations of the run go through `evaluate_nets`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecoassess.halves import Z95
from ecoassess.ledger import QUANTILES, nets_by_atom
from ecoassess.vocabulary import GRADE_ORDER, worst

if TYPE_CHECKING:
    from ecoassess.assessment import Runner
    from ecoassess.coefficients import Coefficient, Value
    from ecoassess.correlation import Correlations
    from ecoassess.run import Assessment
    from ecoassess.sampling import Sample
    from ecoassess.zones import Zone

ALL_EFFECTS = "all_effects"
"""The sum of all technologies that are effects, where a technology is named."""

SIMULATIONS = "simulations"
"""The unknown that says which draw of the PV year, soil and stand simulations is taken."""

OF_DATA = "activity/"
"""How the keys of errors of data begin."""

ENDS = (QUANTILES["p2.5"], QUANTILES["p97.5"])

Name = tuple[str, str]
"""A technology, or all effects, and a boundary."""

Results = dict[Name, np.ndarray]
"""Annual nets in t CO2e, by draw and then by atom or zone."""

Evaluate = Callable[["Sample"], Results]


@dataclass(frozen=True)
class Unknown:
    """Something drawn as one: a value of a coefficient, or all that hang on one group or name.

    Parameters
    ----------
    key
        The name it is drawn by.
    grade
        Worst of its values.
    file, line
        Where its first value stands.
    """

    key: str
    en: str
    zh: str
    labels: tuple[str, ...] = ()
    source: str = ""
    locator: str = ""
    grade: str = ""
    file: Path | None = None
    line: int | None = None


class Asked:
    """A sample of no draw that notes which unknowns are asked for."""

    size = 0

    def __init__(self) -> None:
        self.keys: dict[str, None] = {}

    def uniform(self, key: str) -> np.ndarray:
        """Note a key."""
        self.keys[key] = None
        return np.empty(0)

    def turn(self, available: int) -> np.ndarray:
        """Return the central draw of a simulation."""
        return np.zeros(1, dtype=int)


def _of_data(assessment: Assessment) -> list[Unknown]:
    """Return the errors of statistics, maps and surveys that nets are drawn by."""
    asked = Asked()
    for key in assessment.replay.player.inputs:
        if key.startswith(OF_DATA):
            assessment.replay.numbers(key, asked)
    book, widths = assessment.runner.book, assessment.session.widths
    file = assessment.session.project.configs / "activity_uncertainty.yaml"
    if widths is None:
        return []
    titles = {
        statistic: variable
        for variable in book.variables.values()
        for statistic in [variable.statistic, *(variable.statistics or {}).values()]
    }
    found = []
    for key in asked.keys:
        name, *labels = key.removeprefix(OF_DATA).split("/")
        variable = titles.get(name)
        en, zh = (variable.en, variable.zh) if variable else (name, name)
        origin = name.partition(" ")[0].replace("map", "mapped")
        kind = widths.kind_of(name) if variable else widths.kinds[origin]
        told = kind.source, kind.locator, kind.grade
        found.append(Unknown(key, f"{en} ({name})", zh, tuple(labels), *told, file))
    return found


def unknowns(assessment: Assessment) -> list[Unknown]:
    """Return what the nets of an assessment are drawn by, simulations last.

    What cannot move a net is left out: coefficients behind co-benefits alone, and values for labels
    (an animal, a climate) that the data of the run do not have.
    """
    runner = assessment.runner
    found: dict[str, list[tuple[Coefficient, Value, str]]] = {}
    sites = list(dict.fromkeys(runner.activity.adcode))
    for name in _behind_nets(runner):
        coefficient = runner.used[name]
        by_site = coefficient.entry.uncertainty_of == "site"
        for value in coefficient.table:
            pairs = zip(coefficient.entry.dimensions, value.labels, strict=True)
            there = all(runner.has(dimension, label) for dimension, label in pairs)
            if there and value.spread.distribution != "fixed":
                for site in sites if by_site else [""]:
                    key = coefficient.unknown(value, site)
                    found.setdefault(key, []).append((coefficient, value, site))
    named = [_unknown(key, members) for key, members in found.items()]
    return [
        *named,
        *_of_data(assessment),
        SIMULATED,
    ]


def _behind_nets(runner: Runner) -> list[str]:
    """Return the used coefficients that technologies with a net, or models behind them, take."""
    equations = [e for t in runner.technologies if t.nets for e in runner.book.behind(t)]
    taken = {
        f"{coefficient.file.stem}/{argument}"
        for equation in equations
        for argument in equation.arguments
        if (coefficient := runner.book.coefficient(equation.name, argument))
    }
    return [name for name in runner.used if name in taken]


def _unknown(key: str, members: Sequence[tuple[Coefficient, Value, str]]) -> Unknown:
    coefficient, value, site = members[0]

    def merged(texts: Iterable[str]) -> str:
        return "; ".join(dict.fromkeys(texts))

    alone = len(members) == 1
    labels = value.labels if alone else ()
    return Unknown(
        key,
        merged(c.entry.en for c, _, _ in members),
        merged(c.entry.zh for c, _, _ in members),
        (*labels, site) if site else labels,
        merged(v.source for _, v, _ in members),
        merged(v.locator for _, v, _ in members),
        worst({v.grade for _, v, _ in members}, GRADE_ORDER),
        coefficient.file,
        value.line,
    )


SIMULATED = Unknown(SIMULATIONS, "simulated years and soils", "模拟年与土壤模拟")


@dataclass(frozen=True)
class OneAtATime:
    """Two draws for each key, at the ends of its 95 % interval, all others at their central values.

    After them come draws in which the simulations alone are drawn.
    """

    keys: tuple[str, ...]
    simulated: int = 0

    independent = True
    """What is correlated is moved apart here; `Moves.variances` brings the correlations in."""

    @property
    def size(self) -> int:
        """Number of draws beside the central one."""
        return len(ENDS) * len(self.keys) + self.simulated

    @cached_property
    def _place(self) -> dict[str, int]:
        return {key: len(ENDS) * i for i, key in enumerate(self.keys)}

    def uniform(self, key: str) -> np.ndarray:
        """Return the ends in the draws that belong to `key`, and NaN in all others."""
        moved = np.full(self.size, np.nan)
        if key in self._place:
            moved[self._place[key] :][: len(ENDS)] = ENDS
        return moved

    def turn(self, available: int) -> np.ndarray:
        """Return the central draw of the simulations, but for the last draws."""
        turn = np.zeros(self.size + 1, dtype=int)
        turn[self.size + 1 - self.simulated :] = 1 + np.arange(self.simulated) % (available - 1)
        return turn


@dataclass(frozen=True)
class Table:
    """Uniform numbers given key by key; a key without any stays at its central value."""

    size: int
    columns: Mapping[str, np.ndarray]

    def uniform(self, key: str) -> np.ndarray:
        """Return the column of `key`."""
        return self.columns.get(key, np.full(self.size, np.nan))

    def turn(self, available: int) -> np.ndarray:
        """Return which draw of a simulation the column of `SIMULATIONS` says; else the central."""
        chosen = np.zeros(self.size + 1, dtype=int)
        if SIMULATIONS in self.columns:
            chosen[1:] = 1 + (self.columns[SIMULATIONS] * (available - 1)).astype(int)
        return chosen


def evaluate_nets(
    assessment: Assessment, sample: Sample, technologies: Iterable[str] | None = None
) -> Results:
    """Return the annual nets of technologies (all by default) by draw and atom under a sample."""
    names = set(assessment.outcomes if technologies is None else technologies)
    nets = assessment.replay.nets(sample)
    return {name: net for name, net in nets.items() if name[0] in names}


def published_nets(assessment: Assessment) -> Results:
    """Return the annual nets of the run's own draws, by draw and atom."""
    return {
        (name, boundary): net
        for name, outcome in assessment.outcomes.items()
        if outcome.technology.nets
        for boundary, net in nets_by_atom(outcome, assessment.gwp).items()
    }


def zone_sums(net: np.ndarray, zones: Sequence[Zone]) -> np.ndarray:
    """Return the sums of each zone's atoms that have data (draw, zone); NaN where none has."""
    present = np.isfinite(net).all(axis=0)
    matrix = np.array([zone.weights for zone in zones])[:, present]
    return np.where((matrix != 0).any(axis=1), net[:, present] @ matrix.T, np.nan)


def sums_of(results: Results) -> dict[str, np.ndarray]:
    """Return the sums over technologies within each boundary, of those with data in a zone."""
    parts: dict[str, list[np.ndarray]] = {}
    for (_, boundary), sums in results.items():
        parts.setdefault(boundary, []).append(sums)
    return {
        boundary: np.where(np.isfinite(part).any(axis=0), np.nansum(part, axis=0), np.nan)
        for boundary, part in parts.items()
    }


def by_zone(assessment: Assessment, nets: Results, zones: Sequence[Zone]) -> Results:
    """Return nets by zone, and the sum of all effects within each boundary.

    The sum is over the technologies that have data in a zone, as in `summary.csv`.
    """
    results = {name: zone_sums(net, zones) for name, net in nets.items()}
    basis = {name: outcome.technology.basis for name, outcome in assessment.outcomes.items()}
    effects = {name: sums for name, sums in results.items() if basis[name[0]] == "effect"}
    return results | {(ALL_EFFECTS, b): total for b, total in sums_of(effects).items()}


@dataclass(frozen=True)
class Moves:
    """What results become when one unknown is moved and all others stay at their central values.

    Parameters
    ----------
    central
        Result → central value by zone.
    low, high
        Result → (unknown, zone), with the unknown at the low and the high end of its interval. For
        the simulations, which have no low and high, the central value less and plus 1.96 standard
        deviations of what their draws give.
    correlated
        Places of unknowns that are correlated, and the matrix of their correlations.
    """

    central: Results
    low: Results
    high: Results
    correlated: Sequence[tuple[Sequence[int], np.ndarray]] = ()

    def half_widths(self, name: Name) -> np.ndarray:
        """Return how far each unknown moves a result to either side (unknown, zone).

        Half the distance between the ends where they lie on both sides of the central value. Where
        both lie on one side, the mean of both distances, so that no unknown counts as idle.
        """
        central = self.central[name]
        below, above = np.abs(self.low[name] - central), np.abs(self.high[name] - central)
        return np.asarray((below + above) / 2)

    def shares(self, name: Name) -> np.ndarray:
        """Return the share of each unknown in the variance (unknown, zone); NaN for 0/0.

        What correlated unknowns have in common is in the share of each of them.
        """
        first, total = self.variances(name)
        return first / np.where(total > 0, total, np.nan)

    def variances(self, name: Name) -> tuple[np.ndarray, np.ndarray]:
        """Return the squared half-width that each unknown gives (unknown, zone), and of all (zone).

        With h the signed half-widths and R the correlations, all together give hᵀ R h, and the
        unknown k, of which its partners follow, gives (R h)_k². Without correlations these are the
        sum of squares and h_k².
        """
        moved = self.half_widths(name) * np.sign(self.high[name] - self.low[name])
        first = self.half_widths(name) ** 2
        total = first.sum(axis=0)
        for places, matrix in self.correlated:
            own = moved[list(places)]
            first[list(places)] = (matrix @ own) ** 2
            total = total + (own * (matrix @ own)).sum(axis=0) - (own**2).sum(axis=0)
        return first, total


def one_at_a_time(
    evaluate: Evaluate,
    keys: Sequence[str],
    simulated: int = 0,
    correlations: Correlations | None = None,
) -> Moves:
    """Move one unknown after the other to the ends of its 95 % interval.

    Parameters
    ----------
    evaluate
        Returns results by draw and zone under a sample.
    simulated
        Number of draws of the simulations; where there are any, they are the last unknown.
    """
    results = evaluate(OneAtATime(tuple(keys), simulated))
    central: Results = {}
    low: Results = {}
    high: Results = {}
    for name, draws in results.items():
        central[name] = draws[0]
        ends = draws[1 : 1 + len(ENDS) * len(keys)]
        low[name], high[name] = ends[0 :: len(ENDS)], ends[1 :: len(ENDS)]
        if simulated:
            spread = Z95 * draws[-simulated:].std(axis=0, ddof=1)
            low[name] = np.vstack([low[name], draws[0] - spread])
            high[name] = np.vstack([high[name], draws[0] + spread])
    groups = correlations.groups if correlations else ()
    correlated = []
    for group in groups:
        rows = [row for row, unknown in enumerate(group.unknowns) if unknown in keys]
        matrix = (group.mixing @ group.mixing.T)[np.ix_(rows, rows)]
        correlated.append(([list(keys).index(group.unknowns[row]) for row in rows], matrix))
    return Moves(central, low, high, correlated)


def moves_of_run(
    assessment: Assessment, zones: Sequence[Zone], technologies: Iterable[str] | None = None
) -> tuple[list[Unknown], Moves]:
    """Move each unknown of a run and return what it does to nets and to all effects, by zone."""
    from ecoassess.responses import DRAWS

    every = unknowns(assessment)
    chosen = None if technologies is None else set(technologies)
    moves = one_at_a_time(
        lambda sample: by_zone(assessment, evaluate_nets(assessment, sample, chosen), zones),
        [unknown.key for unknown in every[:-1]],
        DRAWS,
        assessment.runner.book.correlations,
    )
    return every, moves


def narrowing(share: np.ndarray) -> np.ndarray:
    """Return by which part a 95 % interval narrows when an unknown becomes known exactly.

    With S = V(E(Y|X)) / V(Y), the first-order share (Saltelli et al. 2010, Computer Physics
    Communications 181, 259-270), V (1 − S) is left of the variance V, on average over the values
    that the unknown can turn out to have. The width goes with its square root.
    """
    return np.asarray(1 - np.sqrt(1 - np.clip(share, 0, 1)))
