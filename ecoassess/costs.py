"""What technologies cost: `configs/costs.yaml` → yearly cost by draw and atom.

Each technology has lines: a quantity that the project adds over the baseline times a cost per unit
of it. A line with a lifetime is an investment and is spread evenly over its years; one without is
paid each year. What is saved or sold counts against the cost. Costs are those of the assessed
year's state: everything that has been adopted since its first year, not the year's addition alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from pydantic import Field, model_validator

from ecoassess.configuration import CheckError, Document, KeyPath, Strict, read_yaml, validate
from ecoassess.errors import InputError, Problem
from ecoassess.project import Project
from ecoassess.sampling import Sample
from ecoassess.uncertainty import Spread
from ecoassess.units import magnitude, parse_unit, unit_registry
from ecoassess.vocabulary import Grade

if TYPE_CHECKING:
    import pint

    from ecoassess.assessment import Runner
    from ecoassess.book import Book
    from ecoassess.technology import Technology

FILE = "costs.yaml"
KIND = "costs"
"""First part of the keys under which the unknowns of this file are drawn."""


def capital_recovery_factor(discount_rate: np.ndarray, lifetime: np.ndarray) -> np.ndarray:
    """Return the part of an investment that is paid in each year of its life.

    Formula
    -------
    ::

        CRF = r (1 + r)^n / ((1 + r)^n − 1),     1 / n where r = 0

    Symbols
    -------
    discount_rate r (per year), lifetime n (years).

    Source
    ------
    Short, W., Packey, D. J., Holt, T. (1995), NREL/TP-462-5173 (uniform capital recovery factor);
    the formula was read in NASA (2024), Space-Based Solar Power, note 57.

    Validity
    --------
    Equal payments at the end of each year, no residual value, one rate over the whole life.
    """
    rate, years = np.broadcast_arrays(
        np.asarray(discount_rate, dtype=float), np.asarray(lifetime, dtype=float)
    )
    growth = (1 + rate) ** years
    with np.errstate(invalid="ignore"):
        factor = rate * growth / (growth - 1)
    return np.where(rate == 0, 1 / years, factor)


class Figure(Strict):
    """A number known as low, mid and high; all three the same where no range is known.

    The draws follow a beta distribution on [low, high] with the mean `mid` (a + b = 6, as in PERT),
    so that the central value is the mean of the draws.
    """

    low: float
    mid: float
    high: float
    source: str
    locator: str
    grade: Grade
    note: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Figure:
        if not (self.low < self.mid < self.high or self.low == self.mid == self.high):
            raise CheckError(
                "low, mid and high out of order",
                found=f"{self.low:g}, {self.mid:g}, {self.high:g}",
                expected="low < mid < high, or all three the same where no range is known",
                remedy="correct the three numbers",
            )
        return self

    def draws(self, sample: Sample, key: str) -> np.ndarray:
        """Return the central value and the draws of the unknown `key`."""
        if self.low == self.high:
            return np.full(sample.size + 1, self.mid)
        spread = Spread("beta", self.mid, bounds=(self.low, self.high))
        return np.concatenate([[self.mid], spread.draw(sample.uniform(key))])


class Cost(Figure):
    """A cost or price per unit of a quantity, at the prices of a year."""

    unit: str
    price_year: int


class Price(Cost):
    """A price that several lines name, so that they share its draws."""

    en: str
    zh: str


class Lifetime(Figure):
    """Years over which an investment is spread."""

    @model_validator(mode="after")
    def _positive(self) -> Lifetime:
        if self.low <= 0:
            raise CheckError("a lifetime of no years", found=f"{self.low:g}", expected="above 0")
        return self


class DiscountRate(Figure):
    """Real discount rate per year, as a share."""

    @model_validator(mode="after")
    def _share(self) -> DiscountRate:
        if not 0 <= self.low <= self.high < 1:
            raise CheckError(
                "a discount rate that is no share",
                found=f"{self.low:g} to {self.high:g}",
                expected="at least 0 and below 1",
                remedy="divide a per cent value by 100",
            )
        return self


class Quantity(Strict):
    """What the project adds over the baseline: a product of arguments, in both states.

    Parameters
    ----------
    product, over
        Data, model results, adoption shares (what has been adopted up to the assessed year) and
        coefficients that are multiplied, and by which is divided.
    of
        Technology or model whose coefficients are meant.
    only
        Dimension → the labels that count.
    """

    product: list[str] = Field(min_length=1)
    unit: str
    over: list[str] = []
    of: str | None = None
    only: dict[str, list[str]] = {}


class Line(Strict):
    """One line of a technology's cost.

    Parameters
    ----------
    cost, price
        A cost per unit of the quantity, or the name of a price.
    lifetime
        For an investment.
    earns
        Whether what is added has a value that counts against the cost, such as power fed in. (What
        is no longer bought is a quantity that falls, and needs no mark.)
    """

    en: str
    zh: str
    quantity: Quantity
    cost: Cost | None = None
    price: str | None = None
    lifetime: Lifetime | None = None
    earns: bool = False

    @model_validator(mode="after")
    def _one_cost(self) -> Line:
        if (self.cost is None) == (self.price is None):
            raise CheckError(
                "a line has one cost", expected="'cost' or 'price', the name of one under 'prices'"
            )
        return self


class PriceIndex(Strict):
    """Yearly changes of prices.

    Parameters
    ----------
    growth
        Year → change of prices over the year before, as a share.
    """

    en: str
    zh: str
    source: str
    locator: str
    growth: dict[str, float]

    def factor(self, start: int, end: int) -> float:
        """Return prices of `end` over those of `start`."""
        years = range(min(start, end) + 1, max(start, end) + 1)
        change = float(np.prod([1 + self.growth[str(year)] for year in years]))
        return change if end >= start else 1 / change

    def covers(self, start: int, end: int) -> bool:
        """Tell whether the index says how prices changed between two years."""
        years = range(min(start, end) + 1, max(start, end) + 1)
        return all(str(year) in self.growth for year in years)


class Costs(Strict):
    """`configs/costs.yaml`."""

    currency: str
    price_year: int
    discount_rate: DiscountRate
    price_index: PriceIndex
    prices: dict[str, Price]
    technologies: dict[str, dict[str, Line]]

    def cost_of(self, line: Line) -> Cost:
        """Return the cost or price per unit of a line."""
        return line.cost or self.prices[str(line.price)]


def read_costs(
    project: Project, technologies: Mapping[str, Technology], book: Book, sources: Mapping[str, Any]
) -> Costs | None:
    """Read and check `configs/costs.yaml`; None where the project has no such file.

    Raises
    ------
    InputError
        With every technology, argument, label, price and source that does not exist, every unit
        that does not fit, and every price year that the index does not reach.
    """
    path = project.configs / FILE
    if not path.is_file():
        return None
    document = read_yaml(path)
    costs = validate(document, Costs)
    problems = list(_problems(document, costs, technologies, book, sources))
    if problems:
        raise InputError(*problems)
    return costs


def _problems(
    document: Document,
    costs: Costs,
    technologies: Mapping[str, Technology],
    book: Book,
    sources: Mapping[str, Any],
) -> Iterator[Problem]:
    figures: dict[KeyPath, Any] = {
        ("discount_rate",): costs.discount_rate,
        ("price_index",): costs.price_index,
        **{("prices", name): price for name, price in costs.prices.items()},
    }
    for name, lines in costs.technologies.items():
        place: KeyPath = ("technologies", name)
        if name not in technologies:
            known = ", ".join(technologies)
            problem = Problem("no such technology", name, known, "correct the name")
            yield document.problem(place, problem)
        for key, line in lines.items():
            if line.cost:
                figures[(*place, key, "cost")] = line.cost
            if line.lifetime:
                figures[(*place, key, "lifetime")] = line.lifetime
            for problem in _line_problems(costs, line, book):
                yield document.problem((*place, key), problem)
    for path, figure in figures.items():
        if figure.source not in sources:
            problem = Problem(
                "no such source", figure.source, "an entry of configs/sources.yaml", "add it"
            )
            yield document.problem((*path, "source"), problem)
        if isinstance(figure, Cost) and not costs.price_index.covers(
            figure.price_year, costs.price_year
        ):
            problem = Problem(
                what=f"no index between the prices of {figure.price_year} and {costs.price_year}",
                found="price_index.growth of " + ", ".join(costs.price_index.growth),
                remedy="add the years between them to the index, with their source",
            )
            yield document.problem((*path, "price_year"), problem)


def _line_problems(costs: Costs, line: Line, book: Book) -> Iterator[Problem]:
    if line.price is not None and line.price not in costs.prices:
        known = ", ".join(costs.prices)
        yield Problem("no such price", line.price, known, "correct it, or add it under 'prices'")
        return
    quantity = line.quantity
    names = [*quantity.product, *quantity.over]
    units = {name: _unit(book, quantity, name) for name in names}
    for name in [name for name, unit in units.items() if unit is None]:
        yield Problem(
            what="neither a datum nor a coefficient",
            found=name,
            expected=f"a name of configs/variables.yaml, or a coefficient of {quantity.of}"
            if quantity.of
            else "a name of configs/variables.yaml; 'of' names whose coefficients are meant",
            remedy="correct the name",
        )
    if None in units.values():
        return
    for dimension, labels in quantity.only.items():
        existing = _labels(book, dimension)
        for label in labels:
            if label not in existing:
                yield Problem(f"no such label of {dimension}", label, ", ".join(existing) or "none")
    try:
        whole = parse_unit("1")
        for name in names:
            one: Any = parse_unit(str(units[name]))
            whole = whole / one if name in quantity.over else whole * one
        declared: Any = parse_unit(quantity.unit)
        cost: Any = parse_unit(costs.cost_of(line).unit)
        payment = parse_unit(costs.currency if line.lifetime else f"{costs.currency}/yr")
    except InputError as error:
        yield error.problems[0]
        return
    if not whole.is_compatible_with(declared):
        yield Problem(
            what="the quantity is not in its unit",
            found=quantity.unit,
            expected=f"a unit such as {whole:~}",
            remedy="correct the unit, or the product",
        )
    elif not (declared * cost).is_compatible_with(payment):
        yield Problem(
            what="a cost that does not fit its quantity",
            found=f"{costs.cost_of(line).unit} for a quantity in {quantity.unit}",
            expected=f"a unit such as {payment / declared:~}"
            + (" (paid once: 'lifetime' is given)" if line.lifetime else " (paid each year)"),
            remedy="correct the unit, or give or delete 'lifetime'",
        )


def _labels(book: Book, dimension: str) -> list[str]:
    """Return every label of a dimension that some coefficient or datum has."""
    tables = [book.shared, *book.own.values(), *book.kernels.values()]
    found = [one.labels.get(dimension, []) for table in tables for one in table.values()]
    for variable in book.variables.values():
        if variable.by == dimension:
            found.append(list(variable.statistics or variable.mapped or {}))
    return list(dict.fromkeys(label for labels in found for label in labels))


def _unit(book: Book, quantity: Quantity, name: str) -> str | None:
    if name in book.variables:
        return book.variables[name].unit
    coefficient = book.coefficient(quantity.of or "", name)
    return coefficient.unit if coefficient else None


@dataclass(frozen=True)
class LineResult:
    """What a line comes to.

    Parameters
    ----------
    amount
        Quantity that the project adds, by draw and atom, in its unit.
    unit_cost
        Cost per unit at the prices of the file's price year, by draw.
    annual
        Cost a year by draw and atom, negative for what is earned or saved.
    """

    line: Line
    cost: Cost
    amount: np.ndarray
    unit_cost: np.ndarray
    annual: np.ndarray


def annual_costs(costs: Costs, runner: Runner, technology: Technology) -> dict[str, LineResult]:
    """Return the lines of a technology's yearly cost, project over baseline."""
    sample, result = runner.sample, {}
    rate = costs.discount_rate.draws(sample, f"{KIND}/discount_rate")
    for name, line in costs.technologies.get(technology.name, {}).items():
        key = f"{KIND}/{technology.name}/{name}"
        cost = costs.cost_of(line)
        drawn = cost.draws(sample, f"{KIND}/prices/{line.price}" if line.price else key)
        per_unit = drawn * costs.price_index.factor(cost.price_year, costs.price_year)
        yearly, period = per_unit, ""
        if line.lifetime:
            years = line.lifetime.draws(sample, f"{key}/lifetime")
            yearly, period = per_unit * capital_recovery_factor(rate, years), "/yr"
        amount = added(runner, technology, line.quantity)
        unit: pint.Unit = parse_unit(line.quantity.unit) * parse_unit(f"{cost.unit}{period}")
        factor = unit_registry().Quantity(1.0, unit).to(f"{costs.currency}/yr").magnitude
        sign = -1 if line.earns else 1
        annual = amount * yearly[:, None] * (factor * sign)
        result[name] = LineResult(line, cost, amount, per_unit, annual)
    return result


def added(runner: Runner, technology: Technology, quantity: Quantity) -> np.ndarray:
    """Return what a technology adds of a quantity over the state before it, by draw and atom."""
    without, with_it = (_amount(runner, quantity, state) for state in runner.states(technology))
    difference = with_it - without
    extra = [d for d in difference.dims if d not in ("draw", "atom")]
    total = difference.sum(extra, skipna=False)
    if "draw" not in total.dims:
        total = total.expand_dims(draw=np.arange(runner.sample.size + 1))
    return np.asarray(total.transpose("draw", "atom").values)


def _amount(runner: Runner, quantity: Quantity, state: frozenset[str]) -> xr.DataArray:
    """Return a quantity while `state` is as in the project, with all its labels."""
    result: xr.DataArray | None = None
    with xr.set_options(arithmetic_join="exact"):  # type: ignore[no-untyped-call]
        for name in [*quantity.product, *quantity.over]:
            array = _argument(runner, quantity, name, state)
            if result is None:
                result = array
            else:
                result = result / array if name in quantity.over else result * array
    assert result is not None  # noqa: S101 - a product has a factor
    return magnitude(result, quantity.unit)


def _argument(runner: Runner, quantity: Quantity, name: str, state: frozenset[str]) -> xr.DataArray:
    if name in runner.book.variables:
        array = runner.variable(name, state)
    else:
        array = runner.coefficient(quantity.of or "", name)
    # What was adopted in all the years up to the assessed one.
    array = array.sum("cohort", skipna=False) if "cohort" in array.dims else array
    for dimension, labels in quantity.only.items():
        if dimension in array.dims:
            array = array.sel({dimension: labels})
    return array


def without_cost(costs: Costs, runner: Runner, technology: Technology) -> list[str]:
    """Return the labels that a technology adopts more or less of and that no line names."""
    lacking = []
    lines = costs.technologies.get(technology.name, {}).values()
    for name in technology.adopts:
        levels = [
            runner.allocation.adoption[state][name].sum("cohort")
            for state in ("baseline", "project")
        ]
        moved = levels[1] - levels[0]
        dimension = runner.book.variables[name].by
        named = [line.quantity for line in lines if name in line.quantity.product]
        labels = [str(v) for v in moved[dimension].values] if dimension else [""]
        for label in labels:
            change = moved.sel({dimension: label}) if dimension else moved
            known = any(
                dimension not in one.only or label in one.only[str(dimension)] for one in named
            )
            if not known and bool((np.abs(change.values) > 0).any()):
                lacking.append(f"{name} of {label}" if label else name)
    return lacking
