"""Commands for those who write coefficients and technologies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecoassess.commands.common import (
    RUN_FILE,
    AsOf,
    RunFile,
    app,
    month_of,
    opened,
    reported,
    words,
)
from ecoassess.errors import EcoassessError, InputError, Problem
from ecoassess.language import progress

if TYPE_CHECKING:
    from ecoassess.run import Session


@app.command()
@reported
def check() -> None:
    """Check configurations, coefficients, units and data files."""
    from itertools import product

    from ecoassess.checking import check_scenario, check_session
    from ecoassess.opening import open_run
    from ecoassess.project import find_project
    from ecoassess.scaffold import placeholders
    from ecoassess.schemas import outdated

    texts, project, month = words(), find_project(), month_of(None)
    problems: dict[Problem, None] = {}

    def attempt(step: Callable[[], Any]) -> Any:
        try:
            return step()
        except EcoassessError as error:
            problems.update(dict.fromkeys(error.problems))

    files = sorted((project.configs / "runs").glob("*.yaml"))
    read = [attempt(partial(open_run, project, file, month)) for file in files]
    sessions = [session for session in read if session]
    evaluations = sum(check_session(session, attempt) for session in sessions)
    scenarios = sorted(file.stem for file in (project.configs / "scenarios").glob("*.yaml"))
    newer: dict[str, list[tuple[str, int, int]]] = {}
    for session, name in product(sessions[:1], scenarios):
        newer[name] = attempt(partial(check_scenario, session, name)) or []
    left = {problem: None for problem in placeholders(project) if problem not in problems}
    if not files:
        problems[Problem("no run configuration", expected="configs/runs/NAME.yaml")] = None
    if problems:
        typer.echo(texts.error(InputError(*problems)), err=True)
        typer.echo(texts("check_problems", number=len(problems)), err=True)
        raise typer.Exit(InputError.exit_status)
    session = sessions[0]
    tables = [session.book.shared, *session.book.own.values(), *session.kernels.values()]
    coefficients = [coefficient for table in tables for coefficient in table.values()]
    counts = {
        "runs": texts("run_configurations", number=len(files)),
        "technologies": len(session.book.own) - len(session.book.models),
        "models": len(session.book.models),
        "evaluations": evaluations,
        "coefficients": len(coefficients),
        "values": sum(len(coefficient.table) for coefficient in coefficients),
        "variables": len(session.variables),
        "scenarios": len(scenarios),
        "datasets": len(session.catalog.entries),
    }
    typer.echo(texts("check_counts", **counts))
    spreads = [v.spread for c in coefficients for v in c.table if v.spread.interval]
    medians = sum(spread.misses_mean for spread in spreads)
    if medians:
        typer.echo(texts("values_are_medians", number=medians, all=len(spreads)), err=True)
    for name, paths in newer.items():
        for moved, base, year in paths:
            said = {"scenario": name, "path": moved, "base": base, "year": year}
            typer.echo(texts("exogenous_newer", **said), err=True)
    if left:
        typer.echo(texts.error(InputError(*left)), err=True)
        skeletons = ", ".join(dict.fromkeys(Path(str(one.file)).stem for one in left))
        typer.echo(texts("skeletons_left", number=len(left), names=skeletons), err=True)
    stale = outdated(project)
    if stale:
        listed = ", ".join(str(project.relative(file)) for file in stale)
        typer.echo(texts("schemas_stale", files=listed), err=True)


@app.command()
@reported
def preview(
    run_file: RunFile = RUN_FILE,
    month: Annotated[
        str | None, typer.Option("--month", metavar="YYYY-MM", help="Default: of the last run.")
    ] = None,
    as_of: AsOf = None,
    zone: Annotated[
        str | None, typer.Option(help="Code or name of one zone. Default: prefecture and counties.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and show the effect each time a file is saved.")
    ] = False,
) -> None:
    """Show what edited coefficients would change, before anything is run."""
    from ecoassess import preview as previews
    from ecoassess.preview_report import print_preview, watched
    from ecoassess.project import find_project

    texts, project = words(), find_project()
    last = previews.last_assessed(project, run_file, month, as_of)

    def show(session: Session) -> None:
        anew = previews.worked_out_anew(session, snapshot)
        if anew is not None:
            key = "preview_simulates" if anew else "preview_evaluates"
            typer.echo(texts(key, names=", ".join(anew)), err=True)
        found = previews.preview(session, snapshot, progress(texts))
        print_preview(found, texts, zone)

    if month is None:
        typer.echo(texts("preview_month", month=last.as_of or last.month, run=run_file.stem))
    session = opened(project, run_file, last.month, last.as_of)
    snapshot = previews.read_snapshot(session)
    show(session)
    if watch:
        typer.echo(texts("preview_watching"))
    for _ in watched(project.configs) if watch else ():
        try:
            show(opened(project, run_file, last.month, last.as_of))
        except EcoassessError as error:
            typer.echo(texts.error(error), err=True)


@app.command()
@reported
def schemas(
    write: Annotated[
        bool, typer.Option("--write", help="Write what is missing or out of date.")
    ] = False,
) -> None:
    """Make the JSON Schemas from which editors complete and check the YAML files."""
    from ecoassess import schemas as files
    from ecoassess.project import find_project

    texts, project = words(), find_project()
    changed = files.write(project) if write else files.outdated(project)
    for file in changed:
        typer.echo(project.relative(file))
    key = "schemas_written" if write else "schemas_outdated" if changed else "schemas_current"
    typer.echo(texts(key, number=len(changed)))
    if changed and not write:
        raise typer.Exit(1)


@app.command("new-technology")
@reported
def new_technology(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as straw_return.")],
    zh: Annotated[str | None, typer.Option("--zh", metavar="名称", help="Chinese name.")] = None,
    sector: Annotated[str, typer.Option(help="Field of the list of technologies.")] = "farmland",
) -> None:
    """Write the skeleton of a technology, which no run takes until it is filled in."""
    from ecoassess import scaffold
    from ecoassess.project import find_project

    texts, project = words(), find_project()
    for file in scaffold.new_technology(project, name, zh, sector):
        typer.echo(project.relative(file))
    typer.echo("\n" + texts("next_steps", name=name))
