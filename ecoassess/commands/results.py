"""Commands that read results, or follow them further."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecoassess.commands.common import (
    RUN_FILE,
    MonthText,
    RunFile,
    RunName,
    app,
    month_of,
    opened,
    reported,
    run_folder,
    words,
)
from ecoassess.language import progress


@app.command()
@reported
def compare(
    run_a: RunName,
    run_b: RunName,
    limit: Annotated[int, typer.Option(min=1, help="Rows of results to show.")] = 30,
    causes: Annotated[
        bool, typer.Option("--causes/--no-causes", help="Split the changes by cause.")
    ] = True,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE.csv", help="Write all changes here.")
    ] = None,
) -> None:
    """Show what differs between two runs, and by what the results changed."""
    from ecoassess import comparison
    from ecoassess.export.tables import write_csv
    from ecoassess.project import find_project

    texts = words()
    project = find_project() if causes else None
    found = comparison.compare(run_folder(run_a), run_folder(run_b), project, progress(texts))
    typer.echo(comparison.describe(found, texts, limit))
    if csv is not None:
        write_csv(found.split.table, csv, exact=found.split.table.columns)
        typer.echo("\n" + texts("changes_written", number=len(found.split.table), file=csv))


@app.command()
@reported
def sensitivity(
    run_file: RunFile = RUN_FILE,
    month: MonthText = None,
    technology: Annotated[str | None, typer.Option(help="Default: the sum of all effects.")] = None,
    zone: Annotated[
        str | None, typer.Option(help="Code or name. Default: the whole prefecture.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Base size of the design, a power of two.")] = 256,
    top: Annotated[int, typer.Option(min=1, help="Unknowns that are looked at one by one.")] = 12,
    folder: Annotated[
        Path | None, typer.Option(help="Where tables and picture are written.")
    ] = None,
) -> None:
    """Rank what to measure next: Sobol' indices, and a tornado of one unknown at a time."""
    from ecoassess import measure_next
    from ecoassess.explain import find_zone
    from ecoassess.export.tornado import TITLE_OF_ALL
    from ecoassess.project import find_project
    from ecoassess.sensitivity import ALL_EFFECTS
    from ecoassess.sobol import check_size

    check_size(draws)
    texts, project = words(), find_project()
    session, say = opened(project, run_file, month), progress(texts)
    config, name = session.run.config, technology or ALL_EFFECTS
    measure_next.boundary_of(session, name)
    assessment = session.assess(say)
    zones = [one for one in assessment.zones if one.zoning != "park_estimate"]
    place = find_zone(zones, zone or config.parent)
    found = measure_next.analyse(assessment, name, place, draws, top, say)
    titles = TITLE_OF_ALL
    if name != ALL_EFFECTS:
        titles = (session.technologies[name].zh, name.replace("_", " "))
    folder = folder or project.outputs / config.region / "sensitivity" / (
        f"{session.month}-{name}-{place.code}"
    )
    measure_next.write_analysis(found, project, folder, titles, session.month.year)
    typer.echo(measure_next.describe(found, texts))
    typer.echo("\n" + texts("written_to", folder=folder))


@app.command()
@reported
def pathway(
    run_file: RunFile = RUN_FILE,
    scenario: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of configs/scenarios. Default: the run's own."),
    ] = None,
    first: Annotated[int, typer.Option("--from", metavar="YEAR", help="First year.")] = 2020,
    last: Annotated[int, typer.Option("--to", metavar="YEAR", help="Last year.")] = 2060,
    zone: Annotated[
        str | None, typer.Option(help="Code or name of a zone, or all. Default: the prefecture.")
    ] = None,
    compared: Annotated[
        bool,
        typer.Option("--compare/--no-compare", help="Beside the scenario that it extends."),
    ] = True,
    month: MonthText = None,
    outputs: Annotated[
        Path | None, typer.Option(help="Where pathways are published. Default: outputs/.")
    ] = None,
) -> None:
    """Follow a scenario over the years: yearly and cumulative effects, and credits."""
    from ecoassess.exogenous import newer_than_base
    from ecoassess.opening import open_run
    from ecoassess.pathway_report import pathway_summary
    from ecoassess.pathway_tables import follow_both, publish_pathway
    from ecoassess.pathways import follow
    from ecoassess.project import find_project

    texts = words()
    project = find_project(outputs=outputs.resolve() if outputs else None)
    file = run_file if run_file.is_file() else project.root / run_file
    session, say = open_run(project, file, month_of(month), scenario=scenario), progress(texts)
    for path, base, year in newer_than_base(session, session.run):
        said = {"scenario": session.run.config.scenario, "path": path, "base": base, "year": year}
        typer.echo(texts("exogenous_newer", **said), err=True)
    if compared:
        found, extended = follow_both(session, first, last, say)
    else:
        found, extended = follow(session, first, last, say), None
    text = pathway_summary(found, session, texts, zone, extended)
    folder = publish_pathway(session, found, say, extended)
    typer.echo(text)
    typer.echo("\n" + texts("pathway_published", folder=folder))


@app.command()
@reported
def claims(run: RunName = "latest") -> None:
    """Show who takes what of each shared resource, and what is left."""
    from ecoassess.report import claims_table

    typer.echo(claims_table(run_folder(run), words()))


@app.command()
@reported
def costs(run: RunName = "latest") -> None:
    """Show what each technology costs per tonne of CO2e."""
    from ecoassess.export.abatement_costs import describe_costs

    typer.echo(describe_costs(run_folder(run), words()))


@app.command()
@reported
def indicators(run: RunName = "latest") -> None:
    """Show where the plan's indicators stand against a straight path."""
    from ecoassess.export.indicators import print_indicators

    print_indicators(run_folder(run), words())
