"""Versions of a coefficient: what holds now, what held before, and which of them holds on a day.

An entry of a coefficient file is what holds now. Where it replaced another, it says since when and
why, and `earlier` lists what held before, the newest first:

    growth:
      unit: 1/yr
      value: 0.012
      range: [0.010, 0.014]
      source: inventory_10
      locator: Table 3
      grade: A
      valid_from: 2025-01-01
      reason: the tenth inventory was published
      earlier:
        - value: 0.011
          range: [0.009, 0.013]
          source: inventory_9
          locator: Table 3
          grade: A

An earlier version ends on the day before the next one begins, and the oldest is open to the past
unless it has a `valid_from` of its own. It names its own numbers and where they come from; names,
dimensions, unit and distribution are those of the entry, the last two unless it says otherwise.
Of a table it gives only the cells that differed: the others were those of the version after it,
with their sources. So whoever changes a value moves the old one, with its source, to the top of
`earlier`, and everything below keeps its meaning.

The versions say which number *held* on a day. They are not the dimension `year` of a table, which
says of which year a number *is*: a factor of the grid of 2021, published in 2024 and corrected in
2026, is one cell with two versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import BeforeValidator, Field

from ecoassess.configuration import CheckError, Document, KeyPath, Strict
from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.units import compatible
from ecoassess.vocabulary import Distribution, Grade, Statistic

if TYPE_CHECKING:
    from ecoassess.coefficient_entries import Entry
    from ecoassess.coefficients import Coefficient

OF_TIME = ("valid_from", "valid_to", "reason", "earlier")
"""Keys that say when a version holds, and nothing about the number."""

OF_NUMBERS = (
    "value",
    "range",
    "bounds",
    "outcomes",
    "values",
    "statistic",
    "truncate",
    "source",
    "locator",
    "grade",
    "note",
)
"""Keys that each version gives anew; where it lacks one it means what it means in any entry."""

ONE_DAY = timedelta(days=1)


def _day(given: Any) -> Any:
    """Read a date."""
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given if isinstance(given, str) and len(given) == 10 else "")
    except ValueError:
        raise CheckError(
            "not a date",
            found=str(given),
            expected="YYYY-MM-DD, such as 2025-01-01",
            remedy="correct the date",
        ) from None


Day = Annotated[date, BeforeValidator(_day)]


def parse_day(text: str) -> date:
    """Read "2025-01-01".

    Raises
    ------
    InputError
        When it is not a date.
    """
    try:
        day: date = _day(text.strip())
    except CheckError as error:
        raise InputError(error.problem) from None
    return day


class Dated(Strict):
    """What holds from one day to another, and why it replaced what held before."""

    valid_from: Day | None = None
    valid_to: Day | None = None
    reason: str | None = None


class Earlier(Dated):
    """What an entry of a coefficient file was before: its numbers, and what else differed."""

    value: float | None = None
    range: list[float] | None = Field(default=None, min_length=2, max_length=2)
    bounds: list[float] | None = Field(default=None, min_length=2, max_length=2)
    outcomes: list[list[float]] | None = Field(default=None, min_length=2)
    values: dict[str, Any] | None = None
    unit: str | None = None
    distribution: Distribution | None = None
    statistic: Statistic | None = None
    truncate: list[float | None] | None = Field(default=None, min_length=2, max_length=2)
    source: str | None = None
    locator: str | None = None
    grade: Grade | None = None
    note: str | None = None


ContentT = TypeVar("ContentT")


@dataclass(frozen=True)
class Version(Generic[ContentT]):
    """A version of a coefficient and the days on which it holds, both ends included.

    Parameters
    ----------
    valid_from, valid_to
        None is open.
    content
        The coefficient as it was.
    """

    valid_from: date | None
    valid_to: date | None
    reason: str | None
    content: ContentT

    def holds(self, day: date) -> bool:
        """Tell whether this version holds on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    @property
    def span(self) -> str:
        """The first and the last day, an open end as an ellipsis."""
        return f"{self.valid_from or '…'} – {self.valid_to or '…'}"


def earlier_documents(document: Document, name: str, inner: Sequence[str]) -> list[Document]:
    """Return one document for each earlier version of an entry, the newest first, as if alone.

    Parameters
    ----------
    inner
        Keys that a cell takes from its entry unless it has its own.

    Returns
    -------
    list of Document
        With the whole entry under `name`, and the line of each key wherever it stands.
    """
    content = document.content[name]
    current = {key: value for key, value in content.items() if key not in OF_TIME}
    common = {key: value for key, value in current.items() if key not in OF_NUMBERS}
    lines = {key: line for key, line in document.lines.items() if key[:1] == (name,)}
    found = [Document(document.path, {name: current}, lines, document.text)]
    for index, own in enumerate(content.get("earlier") or ()):
        start: KeyPath = (name, "earlier", index)
        later, later_lines = found[-1].content[name], found[-1].lines
        merged = common | {key: value for key, value in own.items() if key not in OF_TIME}
        if isinstance(own.get("values"), dict) and isinstance(later.get("values"), dict):
            given = {key: later[key] for key in inner if later.get(key) is not None}
            merged["values"] = _overlay(later["values"], own["values"], _depth(later), given)
            merged.setdefault("truncate", later.get("truncate"))  # holds for the cells taken over
        kept = {key: line for key, line in later_lines.items() if key[1:2] not in REPLACED}
        moved = {(name, *k[3:]): line for k, line in document.lines.items() if k[:3] == start}
        found.append(Document(document.path, {name: merged}, {**kept, **moved}, document.text))
    return found[1:]


REPLACED = {(key,) for key in (*OF_TIME, *OF_NUMBERS) if key != "values"}
"""Keys whose lines are never those of the version after."""


def _depth(content: Mapping[str, Any]) -> int:
    """Return the number of dimensions of a table."""
    return len(content["by"]) if isinstance(content.get("by"), list) else 1


def _overlay(later: Any, own: Any, depth: int, given: Mapping[str, Any]) -> Any:
    """Return a table with the cells of `own`, and where it has none those of `later`."""
    if depth == 0 or not (isinstance(later, dict) and isinstance(own, dict)):
        return own
    table = {
        label: _overlay(inner, own[label], depth - 1, given)
        if label in own
        else _inherited(inner, depth - 1, given)
        for label, inner in later.items()
    }
    return {**table, **{label: inner for label, inner in own.items() if label not in later}}


def _inherited(table: Any, depth: int, given: Mapping[str, Any]) -> Any:
    """Return cells with what they took from their own entry written into them."""
    if not isinstance(table, dict):
        return table
    if depth == 0:
        return {**given, **table}
    return {label: _inherited(inner, depth - 1, given) for label, inner in table.items()}


def walk(table: Any, labels: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the labels and the content of each cell of a table of so many dimensions."""
    if depth == 0 or not isinstance(table, dict):  # too shallow: the check of the cell says so
        yield labels, table
    else:
        for label, inner in table.items():
            yield from walk(inner, (*labels, label), depth - 1)


def _labels(table: Any, entry: Entry) -> set[tuple[str, ...]]:
    """Return the labels of a table's cells, apart from years."""
    dimensions = entry.dimensions
    return {
        tuple(label for name, label in zip(dimensions, labels, strict=False) if name != "year")
        for labels, _ in walk(table, (), len(dimensions))
    }


def problems_of_time(document: Document, name: str, entry: Entry) -> Iterator[Problem]:
    """Yield what is wrong with the days on which the versions of an entry hold.

    Each but the oldest begins on a day and for a reason; they follow one another, the newest first,
    without overlap and without gap.
    """
    versions: list[Dated] = [entry, *entry.earlier]
    keys: list[KeyPath] = [(name,), *((name, "earlier", i) for i in range(len(versions) - 1))]
    for newer, older, key, older_key in zip(versions, versions[1:], keys, keys[1:], strict=False):
        for field in ("valid_from", "reason"):
            if getattr(newer, field) is None:
                yield document.problem(
                    key,
                    Problem(
                        f"a version that replaces another needs '{field}'",
                        expected="the first day on which it holds, such as 2025-01-01"
                        if field == "valid_from"
                        else "why the value was changed",
                        remedy=f"add '{field}:'",
                    ),
                )
        begin = newer.valid_from
        if begin is None:
            continue
        if older.valid_from is not None and older.valid_from >= begin:
            yield document.problem(
                (*older_key, "valid_from"),
                Problem(
                    "versions overlap",
                    found=f"valid_from {older.valid_from}, and the next one begins on {begin}",
                    expected="the newest version first, each beginning before the one above it",
                    remedy="correct the dates, or the order",
                ),
            )
        last = begin - ONE_DAY
        if older.valid_to is not None and older.valid_to != last:
            overlap = older.valid_to > last
            yield document.problem(
                (*older_key, "valid_to"),
                Problem(
                    "versions overlap" if overlap else "a gap between versions",
                    found=f"valid_to {older.valid_to}, and the next one begins on {begin}",
                    expected=f"{last}, the day before",
                    remedy="correct one of the two dates, or leave 'valid_to' out",
                ),
            )
    for version, key in zip(versions, keys, strict=True):
        begin, end = version.valid_from, version.valid_to
        if begin is not None and end is not None and end < begin:
            yield document.problem(
                (*key, "valid_to"),
                Problem(
                    "a version that ends before it begins",
                    found=f"{begin} to {end}",
                    remedy="correct one of the two dates",
                ),
            )


def problems_of_change(document: Document, name: str, entry: Entry) -> Iterator[Problem]:
    """Yield earlier versions that are of something else: another kind of unit, other labels."""
    now, later_unit = _labels(entry.values, entry), entry.unit
    for index, own in enumerate(entry.earlier):
        key: KeyPath = (name, "earlier", index)
        unit = own.unit or entry.unit
        if not compatible(unit, entry.unit):
            yield document.problem(
                (*key, "unit"),
                Problem(
                    "an earlier version in another kind of unit",
                    found=unit,
                    expected=f"a unit such as {entry.unit}",
                    remedy="another quantity is another coefficient: give it a name of its own",
                ),
            )
        elif (
            unit != later_unit and own.values is not None and not _labels(own.values, entry) >= now
        ):
            yield document.problem(
                (*key, "unit"),
                Problem(
                    "a version in another unit than the one after it gives only some cells",
                    found=f"{unit}, and after it {later_unit}",
                    expected=f"all cells, or values in {later_unit}",
                    remedy="give the whole table as it was",
                ),
            )
        later_unit = unit
        if own.values is not None and entry.values is not None:
            for labels in sorted(_labels(own.values, entry) - now):
                yield document.problem(
                    (*key, "values", *labels),
                    Problem(
                        "an earlier version gives a label that the coefficient no longer has",
                        found=", ".join(labels),
                        expected="a label of the table as it is now",
                        remedy="correct the label, or add it to the values of now",
                    ),
                )


def versions_of(entry: Entry, contents: Sequence[Coefficient]) -> tuple[Version[Coefficient], ...]:
    """Return the versions of an entry with the days on which they hold, the newest first.

    Parameters
    ----------
    contents
        The coefficient in each of them.
    """
    if not (entry.earlier or entry.valid_from or entry.valid_to):
        return ()
    found, last = [], entry.valid_to
    versions: list[Dated] = [entry, *entry.earlier]
    for declared, content in zip(versions, contents, strict=True):
        found.append(Version(declared.valid_from, last, declared.reason, content))
        last = declared.valid_from - ONE_DAY if declared.valid_from else None
    return tuple(found)


def in_force(coefficients: Mapping[str, Coefficient], day: date) -> dict[str, Coefficient]:
    """Return coefficients as they hold on a day.

    Raises
    ------
    InputError
        With every coefficient of which no version does.
    """
    result: dict[str, Coefficient] = {}
    problems: list[Problem] = []
    for name, coefficient in coefficients.items():
        holding = [version for version in coefficient.versions if version.holds(day)]
        if holding:
            own = holding[0]
            result[name] = replace(own.content, versions=coefficient.versions, version=own)
        elif not coefficient.versions:
            result[name] = coefficient
        else:
            problems.append(
                Problem(
                    what=f"no version of this coefficient holds on {day}",
                    file=coefficient.file,
                    line=coefficient.line,
                    key=name,
                    found=", ".join(version.span for version in coefficient.versions),
                    expected=f"a version that holds on {day}",
                    remedy="add under 'earlier' what held then, or correct the ends; to assess "
                    "the month with what holds on another day, give --as-of",
                )
            )
    raise_if_any(problems)
    return result
