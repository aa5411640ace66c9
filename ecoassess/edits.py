"""Edits of coefficients: what differs in the versions that hold, and in those that do not yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecoassess.versions import Version

if TYPE_CHECKING:
    from ecoassess.coefficients import Coefficient, Value

Tables = Mapping[str, Mapping[str, "Coefficient"]]
"""File of coefficients, as seen from configs/ → name → coefficient."""

FIELDS = (
    "unit",
    "value",
    "statistic",
    "range",
    "bounds",
    "outcomes",
    "distribution",
    "source",
    "locator",
    "grade",
)
"""What is told of a value that changed, in this order."""


@dataclass(frozen=True)
class Change:
    """One edited number or property of a coefficient; None where there is no such entry.

    Parameters
    ----------
    units
        Units of the old and of the new number.
    beyond
        The 95 % range of the old value, where the new one lies outside of it.
    version
        The version that was edited, where the file says when it holds.
    """

    file: Path
    line: int | None
    name: str
    labels: tuple[str, ...]
    title: tuple[str, str]
    field: str
    old: Any
    new: Any
    units: tuple[str, str]
    source: str
    beyond: tuple[float, float] | None = None
    version: Version[Coefficient] | None = None

    @property
    def relative(self) -> float | None:
        """The change of a number, relative to the old one."""
        numbers = isinstance(self.old, float | int) and isinstance(self.new, float | int)
        numbers = numbers and self.units[0] == self.units[1]
        return (self.new - self.old) / abs(self.old) if numbers and self.old else None


def _shown(coefficient: Coefficient, value: Value) -> dict[str, Any]:
    spread = value.spread
    return {
        "unit": coefficient.unit,
        "value": spread.value,
        "statistic": spread.statistic,
        "range": spread.interval,
        "bounds": spread.bounds,
        "outcomes": spread.outcomes,
        "distribution": spread.distribution,
        "source": value.source,
        "locator": value.locator,
        "grade": value.grade,
    }


def changes(old: Tables, new: Tables) -> Iterator[Change]:
    """Yield what differs between two sets of coefficients."""
    for file in dict.fromkeys([*old, *new]):
        before, after = old.get(file, {}), new.get(file, {})
        for name in dict.fromkeys([*before, *after]):
            one, two = before.get(name), after.get(name)
            yield from _changes_of(name, one, two)


def _changes_of(name: str, old: Coefficient | None, new: Coefficient | None) -> Iterator[Change]:
    known = new or old
    assert known is not None  # noqa: S101 - one of them is there
    values = [{v.labels: v for v in one.table} if one else {} for one in (old, new)]
    units = (old or known).unit, (new or known).unit
    for labels in dict.fromkeys([*values[0], *values[1]]):
        before, after = (table.get(labels) for table in values)
        shown = [
            _shown(one, value) if one and value else dict.fromkeys(FIELDS)
            for one, value in ((old, before), (new, after))
        ]
        told = after or before
        assert told is not None  # noqa: S101 - the label is of one of them
        for field in FIELDS:
            if shown[0][field] == shown[1][field]:
                continue
            yield Change(
                known.file,
                told.line,
                name,
                labels,
                (known.entry.en, known.entry.zh),
                field,
                shown[0][field],
                shown[1][field],
                units if field in ("value", "range", "bounds") else ("", ""),
                before.source if before else "",
                _beyond(before, after) if field == "value" and units[0] == units[1] else None,
                new.version if new else None,
            )


def _beyond(old: Value | None, new: Value | None) -> tuple[float, float] | None:
    """Return the old 95 % range where the new value lies outside of it."""
    if old is None or new is None or old.spread.distribution == "fixed":
        return None
    low, high = old.spread.quantile(np.array([0.025, 0.975]))
    low, high = old.spread.interval or (float(low), float(high))
    return None if low <= new.spread.value <= high else (low, high)


@dataclass(frozen=True)
class Dormant:
    """An edited version of a coefficient that does not hold on the day that is assessed.

    Parameters
    ----------
    edit
        `added`, `edited` or `removed`.
    version
        As it is now; as it was, where it was removed.
    holds
        The version that holds on the day instead.
    changes
        What differs from the same version before the edit; for one that is new, from what holds.
    """

    name: str
    file: Path
    title: tuple[str, str]
    edit: str
    version: Version[Coefficient]
    holds: Version[Coefficient]
    changes: list[Change]

    @property
    def line(self) -> int | None:
        """Where the version stands; None where it was removed."""
        return None if self.edit == "removed" else self.version.content.line


def dormant(old: Tables, new: Tables) -> Iterator[Dormant]:
    """Yield the edited versions that do not hold on the day that both sets were chosen for."""
    for file, table in new.items():
        for name, coefficient in table.items():
            before = old.get(file, {}).get(name)
            if before is not None and (before.versions or coefficient.versions):
                yield from _dormant_of(name, before, coefficient)


def _dormant_of(name: str, old: Coefficient, new: Coefficient) -> Iterator[Dormant]:
    """Yield a coefficient's edited versions; a version is known again by its first day."""
    known = {version.valid_from: version for version in _versions(old)}
    kept = {version.valid_from for version in _versions(new)}
    title = (new.entry.en, new.entry.zh)
    holds = new.version or Version(None, None, None, new)
    newest = _versions(old)[0], _versions(new)[0]
    for version in _versions(new):
        if version is holds or version.content is new:
            continue
        before = known.get(version.valid_from)
        other = before.content if before else holds.content
        found = [
            replace(change, version=None) for change in _changes_of(name, other, version.content)
        ]
        if before:
            # When a version ends is its own word only where no later one says it.
            fields = ["reason", *(["valid_to"] if newest == (before, version) else [])]
            found += _changes_of_time(name, title, fields, before, version)
        if found or not before:
            edit = "edited" if before else "added"
            yield Dormant(name, new.file, title, edit, version, holds, found)
    for first_day, version in known.items():
        held = old.version is None or version.valid_from == old.version.valid_from
        if first_day not in kept and not held:
            yield Dormant(name, new.file, title, "removed", version, holds, [])


def _versions(coefficient: Coefficient) -> tuple[Version[Coefficient], ...]:
    """Return all versions; one that is open at both ends where the file says nothing of time."""
    return coefficient.versions or (Version(None, None, None, coefficient),)


def _changes_of_time(
    name: str,
    title: tuple[str, str],
    fields: list[str],
    old: Version[Coefficient],
    new: Version[Coefficient],
) -> Iterator[Change]:
    for field in fields:
        before, after = (getattr(version, field) for version in (old, new))
        if before != after:
            told = (None if before is None else str(before), None if after is None else str(after))
            content = new.content
            place = content.file, content.line
            yield Change(*place, name, (), title, field, *told, ("", ""), "")
