"""What `ecoassess check` tries: every scenario, every method, every unit, without data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ecoassess.errors import EcoassessError, InputError, Problem

if TYPE_CHECKING:
    from ecoassess.equation import Equation
    from ecoassess.run import Session
    from ecoassess.technology import Technology


def check_session(session: Session, attempt: Callable[[Callable[[], Any]], Any]) -> int:
    """Check data, scenario and all technologies of a run; return the number of evaluations."""
    from itertools import product

    from ecoassess.allocation import allocate
    from ecoassess.technology import discover

    for name in session.catalog.entries:
        attempt(partial(session.catalog.dataset, name))
    attempt(lambda: session.statistics)
    attempt(lambda: session.stations)
    technologies, year = session.technologies.values(), session.month.year
    attempt(lambda: allocate(session.run, technologies, session.book, year))
    number = 0
    available = discover(session.project).values()
    for equation in [*available, *session.book.models.values()]:
        for chosen in product(*equation.methods.values()):
            methods = dict(zip(equation.methods, chosen, strict=True))
            attempt(partial(evaluate, session, equation, methods))
            number += 1
    for technology in available:
        for component in technology.components.values():
            attempt(partial(find_months, session, technology, component.month_share))
    return number


def check_scenario(session: Session, name: str) -> list[tuple[str, int, int]]:
    """Check what a scenario names and claims, in the year of its last knot.

    Returns the exogenous paths that start before the figures in use, with both years.
    """
    from ecoassess.allocation import allocate
    from ecoassess.errors import raise_if_any
    from ecoassess.exogenous import newer_than_base
    from ecoassess.pathways import knots_of
    from ecoassess.run_checks import source_problems
    from ecoassess.run_config import read_run

    run = read_run(session.project, session.run.path, name)
    raise_if_any(source_problems(run, session.sources))
    year = max(session.month.year, *knots_of(run.scenario))
    allocate(run, session.technologies.values(), session.book, year)
    return newer_than_base(session, run)


def find_months(session: Session, technology: Technology, name: str | None) -> None:
    """Check that the variable which spreads a component over the months exists."""
    if name is not None and name not in session.variables:
        raise InputError(
            Problem(
                "no such variable to spread months by",
                found=name,
                file=session.project.relative(technology.file),
                line=technology.line,
            )
        )


def evaluate(session: Session, equation: Equation, methods: dict[str, str]) -> None:
    """Evaluate an equation on single elements: coefficients as they are, data missing.

    Missing data carry their unit like any other, and lie outside no range.

    Raises
    ------
    InputError
        When units do not fit, or the result is not what it declares.
    """
    import warnings
    from traceback import extract_tb

    import pint

    from ecoassess.explain import single_elements
    from ecoassess.units import parse_unit, unit_of

    file = session.project.relative(equation.file)
    arguments = {**single_elements(session, equation), **methods}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pint.UnitStrippedWarning)
            result = equation(**arguments)
        found = {name: unit_of(value) for name, value in result.items()}
    except EcoassessError:
        raise
    except Exception as error:
        own = [
            f.lineno for f in extract_tb(error.__traceback__) if f.filename == str(equation.file)
        ]
        what = f"{equation.name} fails on single elements ({type(error).__name__})"
        line = own[-1] if own else equation.line
        raise InputError(Problem(what, found=str(error), file=file, line=line)) from error
    declared = {name: parse_unit(unit) for name, unit in equation.outputs.items()}
    problems = [
        Problem(
            f"{equation.name} returns '{name}' in a unit that it does not declare",
            found=str(found.get(name, "nothing")),
            expected=str(declared.get(name, "no such result")),
            file=file,
            line=equation.line,
        )
        for name in dict.fromkeys([*found, *declared])
        if name not in found
        or name not in declared
        or not found[name].is_compatible_with(declared[name])
    ]
    if problems:
        raise InputError(*problems)
