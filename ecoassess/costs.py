"""What technologies cost: `configs/costs.yaml` → yearly cost by draw and atom.

Each technology has lines: a quantity that the project adds over the baseline times a cost per unit
of it. A line with a lifetime is an investment and is spread evenly over its years; one without is
paid each year. What is saved or sold counts against the cost. Costs are those of the assessed
year's state: everything that has been adopted since its first year, not the year's addition alone.

All lines are seen from one side, `perspective`, from which each carrier has one price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ecoassess.configuration import Document, KeyPath, read_yaml, validate
from ecoassess.cost_figures import Cost, Costs, Line, Quantity
from ecoassess.errors import InputError, Problem
from ecoassess.project import Project
from ecoassess.units import magnitude, parse_unit, unit_registry

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
    }
    for name, price in costs.prices.items():
        for side, one in (("society", price.society), ("household", price.household)):
            if isinstance(one, Cost):
                figures["prices", name, side] = one
            elif one is not None and one not in costs.prices:
                known = ", ".join(costs.prices)
                problem = Problem("no such price", one, known, "correct the name")
                yield document.problem(("prices", name, side), problem)
                return
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
    side = costs.perspective
    rate = costs.discount_rate.draws(sample, f"{KIND}/discount_rate")
    for name, line in costs.technologies.get(technology.name, {}).items():
        key = f"{KIND}/{technology.name}/{name}"
        cost = costs.cost_of(line)
        shared = f"{KIND}/prices/{costs.price(line.price)[0]}/{side}" if line.price else key
        drawn = cost.draws(sample, shared)
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


def not_priced(costs: Costs, runner: Runner, technology: Technology) -> list[str]:
    """Return what a technology uses or saves of a quantity whose other labels its lines price."""
    lines = costs.technologies.get(technology.name, {}).values()
    found = []
    for line in lines:
        for dimension, named in line.quantity.only.items():
            whole = line.quantity.model_copy(update={"only": {}})
            without, with_it = (_amount(runner, whole, s) for s in runner.states(technology))
            change = (with_it - without).fillna(0)
            for label in map(str, change[dimension].values):
                priced = set(named).union(*(o.quantity.only.get(dimension, ()) for o in lines))
                moved = bool((np.abs(change.sel({dimension: label}).values) > 0).any())
                if label not in priced and moved:
                    found.append(f"{line.quantity.product[0]} of {label}")
    return list(dict.fromkeys(found))


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
