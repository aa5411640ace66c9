"""What moves by itself: exogenous paths of a scenario, from the year of the figures in use.

A path says how a figure goes on from one year's to another's. It is applied from the year of the
figure that the run holds, so that a newer figure does not fall a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ecoassess.errors import InputError, Problem
from ecoassess.scenario import ExogenousPath, between

if TYPE_CHECKING:
    from ecoassess.activity import Activity
    from ecoassess.assessment import Runner
    from ecoassess.coefficients import Coefficient
    from ecoassess.equation import Equation
    from ecoassess.inputs.statistics import Statistics
    from ecoassess.run import Session
    from ecoassess.run_config import Run
    from ecoassess.variables import Variable

YEAR = "year"
"""Dimension of coefficients that have a value for each of several years."""

Factor = float | xr.DataArray


@dataclass(frozen=True)
class Moved:
    """An exogenous path in the assessed year.

    Parameters
    ----------
    path
        The course.
    year
        The assessed year.
    """

    path: ExogenousPath
    year: int

    def since(self, years: np.ndarray) -> np.ndarray:
        """Return path(assessed year) / path(year of the figure); NaN stands for the base year.

        Raises
        ------
        InputError
            When the path is at 0 in the year of a figure, from which nothing goes on.
        """
        start = np.where(np.isnan(years), self.path.base_year, years)
        levels = between(self.path, start)
        if (levels == 0).any():
            raise InputError(
                Problem(
                    what="an exogenous path is at 0 in the year of the figure that it moves",
                    found=f"figure of {int(start[levels == 0].min())}",
                    remedy="let the path start from that figure: move 'base_year' and its knots",
                )
            )
        return np.asarray(between(self.path, np.asarray(self.year)) / levels)


def variable_years(activity: Activity, name: str, variable: Variable) -> xr.DataArray:
    """Return the years of a variable's figures by atom and label; NaN where none is told."""
    if not (variable.statistic or variable.statistics):
        return xr.DataArray(np.nan)
    figures = activity.field(name).figures
    table = [
        [np.nan if (y := by_county[code].year) is None else y for by_county in figures.values()]
        for code in activity.adcode
    ]
    coords = {"atom": activity.atom, variable.by or "label": list(figures)}
    years = xr.DataArray(np.array(table, dtype=float), coords, ("atom", variable.by or "label"))
    return years if variable.by else years.isel(label=0, drop=True)


def coefficient_years(
    coefficient: Coefficient, choices: Mapping[str, str], year: int
) -> xr.DataArray:
    """Return the years whose values of a coefficient hold in a year; NaN where it names none.

    By the dimensions that are left beside the year when the run's choices are made.
    """
    if YEAR not in coefficient.entry.dimensions:
        return xr.DataArray(np.nan)
    chosen = coefficient.select({k: v for k, v in choices.items() if k != YEAR})
    axis = chosen.entry.dimensions.index(YEAR)
    known: dict[tuple[str, ...], list[int]] = {}
    for value in chosen.table:
        others = value.labels[:axis] + value.labels[axis + 1 :]
        known.setdefault(others, []).append(int(value.labels[axis]))
    held = {k: max([y for y in own if y <= year] or [min(own)]) for k, own in known.items()}
    if len(set(held.values())) == 1:
        return xr.DataArray(float(next(iter(held.values()))))
    names = [name for name in chosen.entry.dimensions if name != YEAR]
    labels = {name: chosen.labels[name] for name in names}
    years = xr.DataArray(np.full([len(v) for v in labels.values()], np.nan), labels, names)
    for key, own in held.items():
        years.loc[dict(zip(names, key, strict=True))] = own
    return years


def factor(moved: Moved, years: xr.DataArray) -> Factor:
    """Return what figures of some years are multiplied by; one number where it is the same."""
    factors = years.copy(data=moved.since(years.values))
    same = np.unique(factors.values)
    return float(same[0]) if same.size == 1 else factors


def reason(name: str, moved: Moved, years: xr.DataArray) -> str | None:
    """Return what is said of a result that an exogenous path moves; None where the factor is 1."""
    factors = np.unique(moved.since(years.values))
    if (factors == 1).all():
        return None
    known = np.unique(years.values[np.isfinite(years.values)]).astype(int)
    times = " to ".join(f"{one:.4g}" for one in dict.fromkeys((factors[0], factors[-1])))
    of = " to ".join(str(y) for y in dict.fromkeys((known[0], known[-1]))) if known.size else ""
    base = moved.path.base_year
    newer = f", newer than the path's base {base}" if known.size and known[-1] > base else ""
    figure = f" from the figure of {of}{newer}" if of else f" from {base}"
    return f"exogenous path of the scenario: {name} times {times} in {moved.year}{figure}"


def reasons(runner: Runner, equation: Equation) -> list[str]:
    """Return which exogenous paths of the scenario act on what an equation rests on."""
    found = []
    for one in runner.book.behind(equation):
        for name in one.arguments:
            for key in (name, f"{one.name}/{name}"):
                moved = runner.allocation.exogenous.get(key)
                if moved:
                    found.append(reason(key, moved, figure_years(runner, one, name)))
    return list(dict.fromkeys(filter(None, found)))


def figure_years(runner: Runner, equation: Equation, name: str) -> xr.DataArray:
    """Return the years of the figures that an argument of an equation takes."""
    if name in runner.book.variables:
        return variable_years(runner.activity, name, runner.book.variables[name])
    coefficient = runner.book.coefficient(equation.name, name)
    if coefficient is None:
        return xr.DataArray(np.nan)
    return coefficient_years(coefficient, runner.config.choices, runner.year)


def newer_figures(
    run: Run,
    statistics: Statistics,
    variables: Mapping[str, Variable],
    coefficients: Mapping[str, Coefficient],
    year: int,
) -> Iterator[tuple[str, int, int]]:
    """Yield the paths that start before the newest figure of what they move: name and both years.

    Parameters
    ----------
    coefficients
        Name, or EQUATION/NAME → coefficient.
    year
        Year up to which figures count.
    """
    for name, path in run.scenario.exogenous.items():
        years: list[int] = []
        if name in variables:
            variable = variables[name]
            names = filter(None, [variable.statistic, *(variable.statistics or {}).values()])
            for statistic in names:
                for county in run.config.all_counties:
                    years += [y for y in _years(statistics, county, statistic) if y <= year]
        elif name in coefficients:
            found = coefficient_years(coefficients[name], run.config.choices, year)
            years = [int(y) for y in np.unique(found.values[np.isfinite(found.values)])]
        if years and max(years) > path.base_year:
            yield name, path.base_year, max(years)


def newer_than_base(session: Session, run: Run) -> list[tuple[str, int, int]]:
    """Return `newer_figures` for the figures that a session holds, under a scenario of its own."""
    book = session.book
    own = {f"{name}/{key}": c for name, table in book.own.items() for key, c in table.items()}
    coefficients = {**own, **book.shared}
    return list(
        newer_figures(run, session.statistics, book.variables, coefficients, session.month.year)
    )


def _years(statistics: Statistics, county: str, name: str) -> list[int]:
    """Return the years of which a county has counted figures of a statistic."""
    return [
        row.year
        for row in statistics.rows.get((county, name), ())
        if row.value is not None and row.year is not None and row.status != "projected"
    ]
