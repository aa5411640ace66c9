"""Coefficients as they stand in YAML: what may be written, and what must go together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field, RootModel, model_validator

from ecoassess.configuration import CheckError, Strict
from ecoassess.errors import InputError
from ecoassess.units import parse_unit
from ecoassess.versions import Dated, Earlier, walk
from ecoassess.vocabulary import Distribution, Grade, Statistic

Pair = list[float]
"""Two numbers, as YAML has them."""


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


class EntryFile(RootModel[dict[str, Entry]]):
    """A file of coefficients: name → entry."""


INHERITED = [name for name in Cell.model_fields if name != "value" and name in Entry.model_fields]
"""What a cell takes from its entry unless it has its own."""
