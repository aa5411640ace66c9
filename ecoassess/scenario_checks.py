"""CHECK: what a scenario names, against the adoption, counties and data of its run."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ecoassess.errors import Problem
from ecoassess.stand_responses import SHARED_UNITS

if TYPE_CHECKING:
    from ecoassess.book import Book
    from ecoassess.run_config import Run
    from ecoassess.variables import Variable

NOT_OF_EQUATIONS = ("gwp_100", *SHARED_UNITS)
"""Shared coefficients that the ledger or a simulation takes too: they have no exogenous path."""


def scenario_problems(run: Run, book: Book, labels: Mapping[str, list[str]]) -> Iterator[Problem]:
    """Yield everything that a scenario lacks or misnames.

    Parameters
    ----------
    labels
        Adoption share that the run needs → its labels.
    """
    yield from _name_problems(run, book.variables, labels)
    yield from _county_problems(run)
    yield from _exogenous_problems(run, book)


def _name_problems(
    run: Run, variables: Mapping[str, Variable], labels: Mapping[str, list[str]]
) -> Iterator[Problem]:
    """Yield adoption that the scenario lacks or misnames; a project may lack any."""
    needed = set(labels)
    for name in sorted(needed - set(run.scenario.baseline)):
        yield run.scenario_document.problem(
            ("baseline",),
            Problem(
                what=f"the baseline says nothing about '{name}'",
                remedy=f"add '{name}:' with its knots and source",
            ),
        )
    adoptable = [name for name, variable in variables.items() if variable.adoption]
    for state in ("baseline", "project"):
        paths = getattr(run.scenario, state)
        for name in paths:
            if name not in adoptable:
                yield run.scenario_document.problem(
                    (state, name),
                    Problem(
                        what="not an adoption variable", found=name, expected=", ".join(adoptable)
                    ),
                )
        for name in sorted(needed & set(paths)):
            found, expected = set(paths[name]), set(labels[name])
            if found != expected and not (state == "project" and found < expected):
                yield run.scenario_document.problem(
                    (state, name),
                    Problem(
                        what="a path for each label is needed, and for no other",
                        found=", ".join(paths[name]),
                        expected=", ".join(labels[name]),
                    ),
                )


def _county_problems(run: Run) -> Iterator[Problem]:
    """Yield paths of counties that the run does not have."""
    for state in ("baseline", "project"):
        for name, labels in getattr(run.scenario, state).items():
            for label, path in labels.items():
                for code in path.counties:
                    if code not in run.config.all_counties:
                        yield run.scenario_document.problem(
                            (state, name, label, "counties", code),
                            Problem(
                                what="no such county in the run",
                                found=code,
                                expected=", ".join(run.config.all_counties),
                                remedy="correct the code",
                            ),
                        )


def _exogenous_problems(run: Run, book: Book) -> Iterator[Problem]:
    """Yield exogenous paths of what is no datum and no coefficient of an equation."""
    if not run.scenario.exogenous:
        return
    from ecoassess.simulate import ROOF_UNITS

    taken = {f"{name}/{key}" for name, table in book.own.items() for key in table}
    data = {
        name
        for name, v in book.variables.items()
        if not (v.adoption or v.cohort_age or v.derived or v.year_since or v.years_between)
    }
    simulated = {f"{model}/{name}" for model, names in ROOF_UNITS.items() for name in names}
    known = (data | taken | set(book.shared)) - {*NOT_OF_EQUATIONS, *simulated}
    for name in run.scenario.exogenous:
        if name not in known:
            yield run.scenario_document.problem(
                ("exogenous", name),
                Problem(
                    what="an exogenous path moves data or coefficients of equations",
                    found=name,
                    expected="a variable of configs/variables.yaml that is no adoption, age or "
                    "derived from the climate; a coefficient of configs/shared.yaml; or "
                    "EQUATION/COEFFICIENT; none that a simulation takes",
                    remedy=_nearest(name, known),
                ),
            )


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return the remedy for a name that is not known."""
    nearby = difflib.get_close_matches(name, sorted(known), n=1)
    return f"did you mean '{nearby[0]}'?" if nearby else "correct the name"
