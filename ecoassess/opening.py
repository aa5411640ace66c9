"""Opening a run: everything that it rests on is read and checked, apart from the data itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from ecoassess.calendar import Month
from ecoassess.configuration import Strict, read_yaml, validate
from ecoassess.errors import EcoassessError, InputError, Problem, raise_if_any
from ecoassess.inputs.catalog import read_catalog
from ecoassess.parsed import kept
from ecoassess.project import Project
from ecoassess.run import Session
from ecoassess.run_checks import name_problems, run_problems
from ecoassess.run_config import Run, read_run


class Source(Strict):
    """A source of `configs/sources.yaml`."""

    citation: str
    doi: str | None = None
    url: str | None = None


def open_run(
    project: Project,
    run_file: Path | Run,
    month: Month,
    as_of: date | None = None,
    scenario: str | None = None,
) -> Session:
    """Read and check everything a run rests on, apart from the data itself.

    Parameters
    ----------
    run_file
        The run configuration, or one that is read already.
    as_of
        The day whose coefficients hold. Default: the last day of the month.
    scenario
        Takes the place of the one that the configuration names.

    Raises
    ------
    InputError
        With all problems of all files, at once where they do not hide each other.
    """
    with kept(project.cache / "yaml.pickle"):
        return _open_run(project, run_file, month, as_of, scenario)


def _open_run(
    project: Project, run_file: Path | Run, month: Month, as_of: date | None, scenario: str | None
) -> Session:
    from pydantic import RootModel

    from ecoassess.activity_uncertainty import read_widths
    from ecoassess.book import Book
    from ecoassess.coefficients import read_coefficients
    from ecoassess.correlation import read_correlations
    from ecoassess.equation import discover_models
    from ecoassess.scaffold import awaited_shares, placeholders
    from ecoassess.technology import discover
    from ecoassess.variables import read_variables
    from ecoassess.versions import in_force

    problems: list[Problem] = []

    def attempt(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except EcoassessError as error:
            problems.extend(error.problems)
            return None

    class Sources(RootModel[dict[str, Source]]):
        pass

    configs = project.configs
    run = (
        run_file
        if isinstance(run_file, Run)
        else attempt(partial(read_run, project, run_file, scenario))
    )
    catalog = attempt(lambda: read_catalog(project))
    variables = attempt(lambda: read_variables(project))
    available = attempt(lambda: discover(project))
    equations = attempt(lambda: discover_models(project))
    sources = attempt(lambda: validate(read_yaml(configs / "sources.yaml"), Sources).root)
    if problems:
        raise InputError(*problems)

    def coefficients(file: Path) -> Any:
        found = attempt(lambda: read_coefficients(file, sources))
        return found and attempt(lambda: in_force(found, as_of or month.last_day))

    shared = coefficients(configs / "shared.yaml")
    own = {name: coefficients(configs / "technologies" / f"{name}.yaml") for name in available}
    kernels = {f.stem: coefficients(f) for f in sorted((configs / "models").glob("*.yaml"))}
    table = catalog.entries.get(run.config.datasets.statistics)
    problems += name_problems(
        run,
        {name for one in available.values() for name in (*one.claims, *one.takes)},
        table.variables if table else (),
        {
            name: [v.statistic] if v.statistic else list((v.statistics or {}).values())
            for name, v in variables.items()
        },
    )
    own |= {name: kernels.pop(name) for name in equations}
    problems += run_problems(run, catalog, sources, [shared, *own.values()])
    for name in run.config.technologies:
        if name not in available:
            absent = Problem("no such technology", found=name, expected=", ".join(available))
            left = list(placeholders(project, name))
            problems += left or [run.document.problem(("technologies",), absent)]
    for name, table in run.config.methods.items():
        known = {**available, **equations}
        if name not in known:
            having = ", ".join(key for key, one in known.items() if one.methods)
            problem = Problem("no such technology or model", name, having, "correct the name")
            problems.append(run.document.problem(("methods", name), problem))
            continue
        declared = known[name].methods
        for argument, option in table.items():
            if option not in declared.get(argument, ()):
                problems.append(
                    run.document.problem(
                        ("methods", name, argument),
                        Problem(
                            what="no such method",
                            found=option,
                            expected=", ".join(declared.get(argument, ())) or "none",
                        ),
                    )
                )
    if problems:
        raise InputError(*problems)
    from ecoassess.claims import unit_problems
    from ecoassess.costs import read_costs
    from ecoassess.indicators import read_indicators
    from ecoassess.simulate import kernel_problems

    types = own["stand_volume"]["area_share"].labels["forest_type"]
    raise_if_any(list(kernel_problems(kernels, types)))
    tables, simulated = [shared, *own.values()], list(kernels.values())
    correlations = read_correlations(configs / "correlations.yaml", tables, simulated, sources)
    book = Book(own, shared, variables, equations, kernels, correlations)
    book.check(available, awaited_shares(project))
    costs = attempt(lambda: read_costs(project, available, book, sources))
    plan = attempt(lambda: read_indicators(project, available, sources))
    raise_if_any(problems)
    chosen = {name: available[name] for name in run.config.technologies}
    raise_if_any(list(unit_problems(run, book, chosen.values())))
    named = {s for v in variables.values() for s in [v.statistic, *(v.statistics or {}).values()]}
    widths = read_widths(configs / "activity_uncertainty.yaml", sources, filter(None, named))
    context = (catalog, chosen, book, kernels, variables, sources, widths, costs, plan)
    return Session(project, run, month, *context, as_of=as_of)
