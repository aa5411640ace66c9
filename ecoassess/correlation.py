"""Correlations between coefficients that are drawn apart.

What is one unknown shares its draws by `correlated` in the coefficient itself. What is only alike
(two factors of one experiment) is correlated here, as a Gaussian copula: the uniform numbers of the
members become normal scores, these are mixed, and the mixed scores become uniform numbers again.

    z_i = Φ⁻¹(u_i),   y = L z,   v_i = Φ(y_i),   with L Lᵀ the matrix of correlations

Each member keeps its own distribution, whatever that is, and each draw is made of that draw alone,
so that it works for any sample or design. The price is the strata of a Latin hypercube, which the
first member of a group keeps and the others lose: their draws are as plain random ones. Putting
ranks in order instead (Iman and Conover 1982) would keep the strata, but mixes the draws of a
design that must stay apart. Simulations, which draw by themselves, know nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from pydantic import Field, RootModel, model_validator
from scipy import special

from ecoassess.coefficients import Coefficient, Value
from ecoassess.configuration import CheckError, Document, Strict, read_yaml, validate
from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.sampling import Sample
from ecoassess.vocabulary import Grade

Table = Mapping[str, Coefficient]


class Correlation(Strict):
    """An entry of `configs/correlations.yaml`: members of which any two are equally correlated.

    Parameters
    ----------
    between
        Coefficients, each with its labels: "name", "name/label" or "name/label/label".
    correlation
        Of the normal scores.
    rank_correlation
        Spearman's, instead.
    """

    between: list[str] = Field(min_length=2)
    correlation: float | None = Field(default=None, gt=-1, lt=1)
    rank_correlation: float | None = Field(default=None, gt=-1, lt=1)
    source: str
    locator: str
    grade: Grade
    note: str | None = None

    @model_validator(mode="after")
    def _one_number(self) -> Correlation:
        if (self.correlation is None) == (self.rank_correlation is None):
            raise CheckError(
                "a correlation is one number",
                found="none" if self.correlation is None else "two",
                expected="'correlation' (of normal scores) or 'rank_correlation' (Spearman)",
            )
        return self

    @property
    def of_scores(self) -> float:
        """Correlation of the normal scores: 2 sin(π ρ / 6) of Spearman's ρ (Pearson 1907)."""
        if self.correlation is not None:
            return self.correlation
        return float(2 * np.sin(np.pi * (self.rank_correlation or 0.0) / 6))


class _File(RootModel[dict[str, Correlation]]):
    pass


@dataclass(frozen=True)
class Group:
    """Unknowns that hang together, and the lower triangle L that mixes their normal scores."""

    unknowns: tuple[str, ...]
    mixing: np.ndarray


@dataclass(frozen=True)
class Correlations:
    """All groups of correlated unknowns, and the entries that they are made of."""

    groups: tuple[Group, ...] = ()
    entries: Mapping[str, Correlation] = field(default_factory=dict)

    @cached_property
    def _place(self) -> dict[str, tuple[Group, int]]:
        return {
            unknown: (group, row)
            for group in self.groups
            for row, unknown in enumerate(group.unknowns)
        }

    def over(self, sample: Sample) -> Sample:
        """Return a sample whose unknowns are correlated, unless it is one that moves them apart."""
        apart = not self.groups or getattr(sample, "independent", False)
        return sample if apart else _Correlated(sample, self)

    def uniform(self, sample: Sample, unknown: str) -> np.ndarray:
        """Return the numbers of an unknown in (0, 1), mixed with those it is correlated with."""
        if unknown not in self._place:
            return sample.uniform(unknown)
        group, row = self._place[unknown]
        parts = [sample.uniform(name) for name in group.unknowns[: row + 1]]
        return mixed(group.mixing[row, : row + 1], parts)


def mixed(weights: np.ndarray, uniforms: Sequence[np.ndarray]) -> np.ndarray:
    """Return Φ(Σ w z) of numbers in (0, 1) with normal scores z.

    What stays at its central value (NaN) has no part; where all stay, so does the sum.
    """
    scores = special.ndtri(np.array(uniforms))
    stays = np.isnan(scores)
    total = special.ndtr(weights @ np.where(stays, 0, scores))
    return np.where(stays.all(axis=0), np.nan, total)


@dataclass(frozen=True)
class _Correlated:
    """A sample of independent unknowns, correlated."""

    sample: Sample
    correlations: Correlations

    @property
    def size(self) -> int:
        return self.sample.size

    def uniform(self, key: str) -> np.ndarray:
        return self.correlations.uniform(self.sample, key)

    def turn(self, available: int) -> np.ndarray:
        return self.sample.turn(available)


def make_correlations(pairs: Mapping[tuple[str, str], float]) -> Correlations:
    """Return the groups that pairs of unknowns and their correlations make.

    Pairs that are not given within a group are not correlated of themselves.

    Raises
    ------
    numpy.linalg.LinAlgError
        When a group's correlations contradict each other (no positive definite matrix).
    """
    groups = []
    for unknowns in _connected(pairs):
        matrix = np.eye(len(unknowns))
        for (one, other), value in pairs.items():
            if one in unknowns:
                i, j = unknowns.index(one), unknowns.index(other)
                matrix[i, j] = matrix[j, i] = value
        groups.append(Group(tuple(unknowns), np.linalg.cholesky(matrix)))
    return Correlations(tuple(groups))


def _connected(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the unknowns that hang together, each group in the order they are first named."""
    groups: list[list[str]] = []
    for pair in pairs:
        joined = [group for group in groups if set(group) & set(pair)]
        merged = list(dict.fromkeys([*(name for group in joined for name in group), *pair]))
        groups = [*(group for group in groups if group not in joined), merged]
    return groups


def read_correlations(
    path: Path,
    tables: Sequence[Table],
    simulated: Sequence[Table],
    sources: Mapping[str, object],
) -> Correlations:
    """Read `configs/correlations.yaml`.

    Parameters
    ----------
    tables
        Coefficients that equations take.
    simulated
        Those of numerical models, whose draws are simulated once and cannot be correlated.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    document = read_yaml(path)
    entries = validate(document, _File).root
    problems: list[Problem] = []
    pairs: dict[tuple[str, str], float] = {}
    named: dict[tuple[str, str], str] = {}
    for name, entry in entries.items():
        if entry.source not in sources:
            found = Problem(
                "a correlation needs a source", entry.source, "a key of configs/sources.yaml"
            )
            problems.append(document.problem((name, "source"), found))
        unknowns = []
        for number, member in enumerate(entry.between):
            unknown = _unknown(member, tables, simulated)
            if isinstance(unknown, Problem):
                problems.append(document.problem((name, "between", number), unknown))
            else:
                unknowns.append(unknown)
        for i, one in enumerate(unknowns):
            for other in unknowns[i + 1 :]:
                pair = (min(one, other), max(one, other))
                if one == other or pair in named:
                    said = (
                        f"{one}: one unknown twice"
                        if one == other
                        else f"{one}, {other}: also in '{named[pair]}'"
                    )
                    problem = Problem("a pair that is correlated already", said)
                    problems.append(document.problem((name, "between"), problem))
                pairs[pair], named[pair] = entry.of_scores, name
    raise_if_any(problems)
    try:
        return replace(make_correlations(pairs), entries=entries)
    except np.linalg.LinAlgError:
        raise InputError(_contradiction(document, pairs, named)) from None


def _contradiction(
    document: Document,
    pairs: Mapping[tuple[str, str], float],
    named: Mapping[tuple[str, str], str],
) -> Problem:
    """Return which entries contradict each other."""
    for unknowns in _connected(pairs):
        own = {pair: value for pair, value in pairs.items() if pair[0] in unknowns}
        try:
            make_correlations(own)
        except np.linalg.LinAlgError:
            names = list(dict.fromkeys(named[pair] for pair in own))
            return document.problem(
                (names[0],),
                Problem(
                    what="correlations that contradict each other",
                    found=f"{', '.join(names)}: between {', '.join(unknowns)}",
                    expected="a positive definite matrix",
                    remedy="lower them, or correlate the pairs that are missing too",
                ),
            )
    raise AssertionError("no group contradicts itself")


def _unknown(member: str, tables: Sequence[Table], simulated: Sequence[Table]) -> str | Problem:
    """Return the key of the unknown that a member of a correlation names, or what is wrong."""
    name, *labels = member.split("/")
    found: list[tuple[Coefficient, Value]] = []
    available: list[str] = []
    for coefficient in (table[name] for table in tables if name in table):
        found += [(coefficient, v) for v in coefficient.table if list(v.labels) == labels]
        available += ["/".join([name, *value.labels]) for value in coefficient.table]
    if any(name in table for table in simulated):
        return Problem(
            what="a coefficient of a simulation cannot be correlated here",
            found=member,
            remedy="name the same group in 'correlated' of the coefficients that are one unknown",
        )
    if not found:
        return Problem(
            what="no such coefficient to correlate" if not available else "no such label",
            found=member,
            expected=", ".join(available) or "name, name/label or name/label/label",
            remedy="correct the name",
        )
    coefficient, value = found[0]
    if coefficient.entry.uncertainty_of == "site" or value.spread.distribution == "fixed":
        return Problem(
            what="a fixed value has nothing to correlate"
            if value.spread.distribution == "fixed"
            else "a coefficient that differs from site to site cannot be correlated",
            found=member,
            remedy="take it out",
        )
    return coefficient.unknown(value)
