"""Coefficients: YAML → checked entries → draws that carry units.

A file holds one mapping of names to entries. An entry is one number, or a table of numbers `by`
one or more dimensions (forest type, climate zone, year, ...). `value` is the mean unless
`statistic` says otherwise; `range` is the 95 % interval; `bounds` are hard ends. What held before
stands under `earlier` (see `versions`).

Draw 0 of every coefficient is its central value (the mean); draws 1..n are random. The random
numbers hang on the seed and the coefficient's name and label, so that adding or editing one
coefficient leaves the draws of all others as they were. Labels of an entry, and entries, that name
the same group in `correlated` take the same numbers: what they share is one unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from pydantic import Field, RootModel, model_validator

from ecoassess.configuration import CheckError, Document, KeyPath, Strict, read_yaml, validate
from ecoassess.errors import EcoassessError, InputError, Problem, raise_if_any
from ecoassess.sampling import Sample
from ecoassess.uncertainty import Spread
from ecoassess.uncertainty_checks import cut_problem, distribution_problem, share_problem
from ecoassess.units import parse_unit, quantify, unit_registry
from ecoassess.versions import (
    Dated,
    Earlier,
    Version,
    earlier_documents,
    problems_of_change,
    problems_of_time,
    versions_of,
    walk,
)
from ecoassess.vocabulary import Distribution, Grade, Statistic

Pair = list[float]


ROUNDING_OF_SHARES = 2e-3
"""By how much shares of a whole may miss 1 for the rounding of their source."""


class Cell(Strict):
    """One number of a coefficient, with what differs from the entry it stands in.

    Parameters
    ----------
    value
        The number, in the entry's unit.
    range
        The 95 % interval, [low, high].
    bounds
        Hard ends, [low, high].
    locator
        Table, equation or page of the source.
    grade
        A read in the source, B widely published, C rough.
    """

    value: float
    range: Pair | None = Field(default=None, min_length=2, max_length=2)
    bounds: Pair | None = Field(default=None, min_length=2, max_length=2)
    outcomes: list[Pair] | None = Field(default=None, min_length=2)
    distribution: Distribution | None = None
    statistic: Statistic | None = None
    correlated: str | None = Field(default=None, pattern="^[a-z0-9_]+$")
    source: str | None = None
    locator: str | None = None
    grade: Grade | None = None
    note: str | None = None


class Entry(Dated):
    """A coefficient as it stands in YAML.

    Parameters
    ----------
    en, zh
        What it is, in English and in Chinese.
    unit
        A unit of pint or of ecoassess/units.txt.
    value
        The mean, unless `statistic` says otherwise; or else a table: `by` and `values`.
    range
        The 95 % interval, [low, high].
    bounds
        Hard ends, [low, high].
    outcomes
        Of a discrete distribution: [[value, weight], [value, weight], ...].
    distribution
        How the value is drawn; fixed has neither range nor bounds.
    statistic
        What `value` is of the distribution.
    truncate
        Where a normal or lognormal distribution is cut, [low, high]; null leaves an end open.
    share
        Whether it is a share, which no draw may put above 1.
    adds_up
        Whether the values of the last dimension are shares of a whole.
    by
        The dimension, or the dimensions, that the table is given by.
    values
        The table: label, of each dimension in turn, with a value under the last.
    years
        First and last year for which it holds.
    correlated
        Coefficients that name the same group are drawn together.
    uncertainty_of
        What the range is of: the mean of many sites, shared by all counties, or single sites.
    source
        A key of configs/sources.yaml.
    locator
        Table, equation or page of the source.
    grade
        A read in the source, B widely published, C rough.
    """

    en: str
    zh: str
    unit: str
    value: float | None = None
    range: Pair | None = Field(default=None, min_length=2, max_length=2)
    bounds: Pair | None = Field(default=None, min_length=2, max_length=2)
    outcomes: list[Pair] | None = Field(default=None, min_length=2)
    distribution: Distribution
    statistic: Statistic = "mean"
    truncate: list[float | None] | None = Field(default=None, min_length=2, max_length=2)
    share: bool = False
    adds_up: bool = False
    by: str | list[str] | None = None
    values: dict[str, Any] | None = None
    years: list[int] | None = Field(default=None, min_length=2, max_length=2)
    correlated: str | None = Field(default=None, pattern="^[a-z0-9_]+$")
    uncertainty_of: str = Field(default="mean", pattern="^(mean|site)$")
    source: str | None = None
    locator: str | None = None
    grade: Grade | None = None
    note: str | None = None
    earlier: list[Earlier] = []

    @model_validator(mode="after")
    def _one_number_or_a_table(self) -> Entry:
        try:
            parse_unit(self.unit)
        except InputError as error:
            problem = error.problems[0]
            raise CheckError(
                "unknown unit", found=self.unit, expected=problem.expected, remedy=problem.remedy
            ) from None
        if (self.value is None) == (self.values is None):
            raise CheckError(
                "a coefficient has either one value or a table of values",
                found="both" if self.value is not None else "neither",
                expected="'value', or 'by' and 'values'",
                remedy="delete one of the two" if self.value is not None else "add 'value'",
            )
        if (self.by is None) != (self.values is None):
            raise CheckError(
                "'by' and 'values' go together",
                expected="'by: forest_type' with 'values: {larch: {value: ...}}'",
                remedy="add the missing one",
            )
        odd = [name for name in self.dimensions if not (name.isascii() and name.isidentifier())]
        if odd:
            raise CheckError(
                "not a name of a dimension",
                found=odd[0],
                expected="a name such as forest_type",
                remedy="correct the name",
            )
        return self

    @model_validator(mode="after")
    def _adds_up(self) -> Entry:
        """Check that shares of a whole, over the last dimension, are the whole."""
        sums: dict[tuple[str, ...], float] = {}
        for labels, cell in self.cells() if self.adds_up else ():
            if isinstance(cell, dict) and isinstance(cell.get("value"), int | float):
                sums[labels[:-1]] = sums.get(labels[:-1], 0.0) + cell["value"]
        for labels, total in sums.items():
            if abs(total - 1) > ROUNDING_OF_SHARES:
                raise CheckError(
                    "shares of a whole do not add up to 1",
                    found=f"{total:.4g}" + (f" for {', '.join(labels)}" if labels else ""),
                    expected="1",
                    remedy="correct a share, so that the others make room for it",
                )
        return self

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of the dimensions the values are given by."""
        if self.by is None:
            return ()
        return (self.by,) if isinstance(self.by, str) else tuple(self.by)

    def cells(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        """Yield the labels and the raw content of each cell."""
        if self.values is None:
            yield (), {}
            return
        yield from walk(self.values, (), len(self.dimensions))


class _File(RootModel[dict[str, Entry]]):
    pass


@dataclass(frozen=True)
class Value:
    """One checked number with everything that is known about it."""

    labels: tuple[str, ...]
    spread: Spread
    source: str
    locator: str
    grade: str
    note: str | None
    line: int | None
    group: str | None = None
    """The group of correlated values that it belongs to."""

    @property
    def central(self) -> float:
        """The mean of the distribution."""
        return self.spread.mean


INHERITED = [name for name in Cell.model_fields if name != "value" and name in Entry.model_fields]
"""What a cell takes from its entry unless it has its own."""


@dataclass(frozen=True)
class Coefficient:
    """A checked coefficient.

    Parameters
    ----------
    versions
        What it is and what it was, the newest first; none where the file says nothing of time.
    version
        The one of them that this is, once a day is chosen.
    """

    name: str
    entry: Entry
    table: tuple[Value, ...]
    file: Path
    line: int | None
    versions: tuple[Version[Coefficient], ...] = ()
    version: Version[Coefficient] | None = None

    @property
    def unit(self) -> str:
        """The unit as written."""
        return self.entry.unit

    @cached_property
    def labels(self) -> dict[str, list[str]]:
        """The labels of each dimension, in the order of the file."""
        return {
            dimension: list(dict.fromkeys(value.labels[axis] for value in self.table))
            for axis, dimension in enumerate(self.entry.dimensions)
        }

    def select(self, choice: Mapping[str, str]) -> Coefficient:
        """Return the coefficient with some dimensions reduced to one label each.

        A label that the table lacks is an error, except for `year`, where each combination of the
        other labels gets its latest year not after the wanted one (its earliest when there is
        none).
        """
        axes = [axis for axis, name in enumerate(self.entry.dimensions) if name in choice]
        table = self.table
        for axis in axes:
            dimension = self.entry.dimensions[axis]
            wanted = choice[dimension]
            available = list(dict.fromkeys(value.labels[axis] for value in table))
            if dimension == "year":
                table = _in_year(table, axis, int(wanted))
                continue
            if wanted not in available:
                raise InputError(
                    Problem(
                        what=f"no value for {dimension} '{wanted}'",
                        file=self.file,
                        line=self.line,
                        key=self.name,
                        found=", ".join(available),
                        expected=f"a value for '{wanted}'",
                        remedy=f"add '{wanted}:' with value, range and source",
                    )
                )
            table = tuple(value for value in table if value.labels[axis] == wanted)
        keep = [axis for axis in range(len(self.entry.dimensions)) if axis not in axes]
        names = [self.entry.dimensions[axis] for axis in keep]
        entry = self.entry.model_copy(update={"by": names or None})
        reduced = tuple(
            Value(
                tuple(value.labels[axis] for axis in keep),
                value.spread,
                value.source,
                value.locator,
                value.grade,
                value.note,
                value.line,
                value.group,
            )
            for value in table
        )
        return replace(self, entry=entry, table=reduced)

    def unknown(self, value: Value, site: str = "") -> str:
        """Return the key of the unknown that a value of this coefficient hangs on.

        Coefficients of one name in two files are two unknowns.
        """
        own = [self.file.stem, self.name, *value.labels]
        own = [f"group {value.group}"] if value.group else own
        return "/".join([*own, *([site] if site else [])])

    def numbers(self, sample: Sample, site: str = "") -> np.ndarray:
        """Return the central value and the draws of a sample (draw, labels), in the unit.

        A combination of labels that the file does not give is NaN.
        """
        dimensions = list(self.labels.values())
        shape = [*map(len, dimensions), sample.size + 1]
        result = np.moveaxis(np.full(shape, np.nan), -1, 0)  # the draws of a value side by side
        for value in self.table:
            position: tuple[int, ...] = tuple(
                labels.index(label) for labels, label in zip(dimensions, value.labels, strict=True)
            )
            cell = result[np.index_exp[:] + position]
            cell[:] = value.central
            if value.spread.distribution != "fixed":
                cell[1:] = value.spread.draw(sample.uniform(self.unknown(value, site)))
        return result

    def draws(self, sample: Sample, site: str = "") -> xr.DataArray:
        """Return the central value and the draws of a sample, with their unit.

        Dimensions: `draw` (0 is the central value) and those the coefficient is given by.
        """
        array = xr.DataArray(
            self.numbers(sample, site),
            dims=("draw", *self.labels),
            coords={"draw": np.arange(sample.size + 1), **self.labels},
            name=self.name,
        )
        return quantify(array, self.unit)


def _in_year(table: tuple[Value, ...], axis: int, wanted: int) -> tuple[Value, ...]:
    """Return, for each combination of the other labels, the value that holds in a year."""
    groups: dict[tuple[str, ...], list[Value]] = {}
    for value in table:
        others = value.labels[:axis] + value.labels[axis + 1 :]
        groups.setdefault(others, []).append(value)
    chosen = []
    for values in groups.values():
        earlier = [value for value in values if int(value.labels[axis]) <= wanted]
        rank = {int(value.labels[axis]): value for value in earlier or values}
        chosen.append(rank[max(rank) if earlier else min(rank)])
    return tuple(chosen)


def read_coefficients(path: Path, sources: Mapping[str, Any]) -> dict[str, Coefficient]:
    """Read and check one coefficient file, all versions of each coefficient; return the newest.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    document = read_yaml(path)
    entries = validate(document, _File).root
    problems: dict[Problem, None] = {}  # what versions have in common is said once
    coefficients: dict[str, Coefficient] = {}
    for name, entry in entries.items():
        own: list[Problem] = list(problems_of_time(document, name, entry))
        found: list[Coefficient] = []
        for part in [document, *earlier_documents(document, name, INHERITED)]:
            try:
                found.append(_coefficient(part, name, sources))
            except EcoassessError as error:
                own.extend(error.problems)
        if not own:
            own.extend(problems_of_change(document, name, entry))
        problems.update(dict.fromkeys(own))
        if not own:
            coefficients[name] = replace(found[0], versions=versions_of(entry, found))
    raise_if_any(problems)
    return coefficients


def _coefficient(document: Document, name: str, sources: Mapping[str, Any]) -> Coefficient:
    """Check one version of a coefficient."""
    entry = validate(document, Entry, (name,))
    problems: list[Problem] = []
    table: list[Value] = []
    for labels, raw in entry.cells():
        key: KeyPath = (name, "values", *labels) if labels else (name,)
        try:
            table.append(_value(document, entry, labels, raw, key, sources))
        except EcoassessError as error:
            problems.extend(error.problems)
    raise_if_any(problems)
    return Coefficient(name, entry, tuple(table), document.path, document.line((name,)))


def _value(
    document: Document,
    entry: Entry,
    labels: tuple[str, ...],
    raw: Any,
    key: KeyPath,
    sources: Mapping[str, Any],
) -> Value:
    """Check one cell of a coefficient."""
    cell = validate(document, Cell, key) if labels else None
    value = cell.value if cell else entry.value
    assert value is not None  # noqa: S101 - checked by Entry

    def either(field: str) -> Any:
        own = getattr(cell, field) if cell else None
        return own if own is not None else getattr(entry, field)

    spread = Spread(
        distribution=either("distribution"),
        value=value,
        statistic=either("statistic"),
        interval=_pair(either("range")),
        bounds=_pair(either("bounds")),
        truncate=_pair(entry.truncate),
        outcomes=_outcomes(document, key, either("outcomes")),
    )
    problems = []
    problem = (
        distribution_problem(spread, entry.unit)
        or (share_problem(spread) if entry.share else None)
        or cut_problem(spread)
    )
    if problem:
        problems.append(document.problem(key, problem))
    source = either("source")
    if source not in sources:
        problems.append(
            document.problem(
                (*key, "source"),
                Problem(
                    what="a coefficient needs a source",
                    found="none" if source is None else source,
                    expected="a key of configs/sources.yaml",
                    remedy="add the source there and name it here",
                ),
            )
        )
    for field in ("locator", "grade"):
        if either(field) is None:
            problems.append(
                document.problem(
                    key,
                    Problem(
                        what=f"a coefficient needs a {field}",
                        expected="table, equation or page"
                        if field == "locator"
                        else "A (read in the source), B (widely published) or C (rough)",
                        remedy=f"add '{field}:'",
                    ),
                )
            )
    if problems:
        raise InputError(*problems)
    return Value(
        labels,
        spread,
        str(source),
        either("locator"),
        either("grade"),
        either("note"),
        document.line(key),
        either("correlated"),
    )


def _pair(values: list[Any] | None) -> tuple[Any, Any] | None:
    return None if values is None else (values[0], values[1])


def _outcomes(
    document: Document, key: KeyPath, pairs: list[Pair] | None
) -> tuple[tuple[float, float], ...] | None:
    """Return the outcomes of a discrete distribution as pairs of value and weight."""
    for pair in pairs or ():
        if len(pair) != 2:
            raise InputError(
                document.problem(
                    (*key, "outcomes"),
                    Problem(
                        what="an outcome is a value and its weight",
                        found=str(pair),
                        expected="[[value, weight], [value, weight], ...]",
                    ),
                )
            )
    return None if pairs is None else tuple((pair[0], pair[1]) for pair in pairs)


def central_values(
    model: str, coefficients: Mapping[str, Coefficient], units: Mapping[str, str]
) -> dict[str, Any]:
    """Return the central values of a model's coefficients in the units it takes.

    Raises
    ------
    InputError
        When one is missing, unknown or of another kind of unit.
    """
    file = f"configs/models/{model}.yaml"
    problems = [
        Problem(what=f"the model {model} needs '{name}'", file=file, expected=f"unit {units[name]}")
        for name in units
        if name not in coefficients
    ] + [
        Problem(
            what=f"a coefficient that the model {model} does not use",
            file=c.file,
            line=c.line,
            key=name,
            remedy="correct its name, or delete it",
        )
        for name, c in coefficients.items()
        if name not in units
    ]
    raise_if_any(problems)
    result: dict[str, Any] = {}
    for name, unit in units.items():
        coefficient = coefficients[name]
        declared = parse_unit(coefficient.unit)
        if not declared.is_compatible_with(parse_unit(unit)):
            problems.append(
                Problem(
                    what="wrong unit",
                    file=coefficient.file,
                    line=coefficient.line,
                    key=name,
                    found=coefficient.unit,
                    expected=unit,
                )
            )
            continue
        numbers = {
            "/".join(value.labels): float(
                unit_registry().Quantity(value.central, declared).to(parse_unit(unit)).magnitude
            )
            for value in coefficient.table
        }
        result[name] = numbers if coefficient.entry.dimensions else numbers[""]
    raise_if_any(problems)
    return result
