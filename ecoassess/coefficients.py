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

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ecoassess.coefficient_entries import INHERITED, Cell, Entry, EntryFile, Pair
from ecoassess.configuration import Document, KeyPath, read_yaml, validate
from ecoassess.errors import EcoassessError, InputError, Problem, raise_if_any
from ecoassess.sampling import Sample
from ecoassess.uncertainty import Spread
from ecoassess.uncertainty_checks import cut_problem, distribution_problem, share_problem
from ecoassess.units import parse_unit, quantify, unit_registry
from ecoassess.versions import (
    Version,
    earlier_documents,
    problems_of_change,
    problems_of_time,
    versions_of,
)


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
    entries = validate(document, EntryFile).root
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
