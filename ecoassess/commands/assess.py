"""Commands that assess: run, list, explain, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecoassess.commands.common import (
    RUN_FILE,
    AsOf,
    MonthText,
    RunFile,
    RunName,
    app,
    opened,
    reported,
    run_folder,
    words,
)
from ecoassess.errors import InputError, Problem
from ecoassess.language import progress


@app.command()
@reported
def run(
    run_file: RunFile = RUN_FILE,
    month: MonthText = None,
    as_of: AsOf = None,
    outputs: Annotated[
        Path | None, typer.Option(help="Where runs are published. Default: outputs/.")
    ] = None,
    maps: Annotated[bool, typer.Option("--maps/--no-maps", help="Paint maps.")] = True,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Recompute without caches, compare with the published run."),
    ] = False,
) -> None:
    """Assess a month and publish tables and maps."""
    from ecoassess.history import rerun
    from ecoassess.preview import save_snapshot
    from ecoassess.project import find_project
    from ecoassess.report import county_table, table

    texts = words()
    project = find_project(outputs=outputs.resolve() if outputs else None)
    session, say = opened(project, run_file, month, as_of), progress(texts)
    if fresh:
        folder, number = rerun(session, say, maps)
        if not maps:
            typer.echo(texts("maps_left_out"))
        typer.echo(texts("same_bytes", number=number, folder=folder))
        return
    assessment = session.assess(say)
    folder = session.publish(assessment, say, maps)
    with session.timed("preview"):
        save_snapshot(assessment, folder.name)
    typer.echo(county_table(assessment, texts.language))
    typer.echo("\n" + texts("published", folder=folder))
    spent = {**session.timings, "all_stages": sum(session.timings.values())}
    rows = [[texts.label(stage), f"{seconds:.2f} s"] for stage, seconds in spent.items()]
    typer.echo("\n".join(["", texts("timings"), *table(rows, 1, "  ")]))


@app.command("list")
@reported
def list_technologies() -> None:
    """List the technologies and what they declare."""
    from ecoassess.project import find_project
    from ecoassess.report import technology_list
    from ecoassess.technology import discover

    typer.echo(technology_list(discover(find_project()), words()))


@app.command()
@reported
def explain(
    technology: Annotated[str, typer.Argument(metavar="TECHNOLOGY")],
    zone: Annotated[
        str | None, typer.Option(help="Code or name. Default: the whole prefecture.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="LON,LAT", help="One pixel of the map instead, in degrees."),
    ] = None,
    parcel: Annotated[
        str | None,
        typer.Option(metavar="ID", help="One forest parcel of forest_sink: number, or #ROW."),
    ] = None,
    run_file: Annotated[
        Path, typer.Option("--run", metavar="RUN.yaml", help="Run configuration.")
    ] = RUN_FILE,
    month: MonthText = None,
    as_of: AsOf = None,
) -> None:
    """Show what a technology's results in a zone, a pixel or a parcel rest on."""
    from dataclasses import replace

    from ecoassess import explain as explanations
    from ecoassess.explain_parcel import TECHNOLOGY, explain_parcel
    from ecoassess.project import find_project

    session = opened(find_project(), run_file, month, as_of)
    if technology not in session.technologies:
        known = ", ".join(session.technologies)
        raise InputError(
            Problem(what="no such technology in the run", found=technology, expected=known)
        )
    if parcel is not None:
        if technology != TECHNOLOGY:
            problem = Problem("parcels belong to another technology", technology, TECHNOLOGY)
            raise InputError(problem)
        alone = replace(session, technologies={technology: session.technologies[technology]})
        typer.echo(explain_parcel(alone.assess(), parcel, words()))
        return
    assessment = session.assess()
    if at is not None:
        from ecoassess.explain_pixel import explain_pixel, read_place

        typer.echo(explain_pixel(assessment, technology, *read_place(at), words()))
        return
    place = explanations.find_zone(assessment.zones, zone or session.run.config.parent)
    typer.echo(explanations.explain(assessment, technology, place, words()))


@app.command()
@reported
def verify(run: RunName) -> None:
    """Check that the maps of a run add up to its table."""
    from ecoassess import history
    from ecoassess.project import find_project
    from ecoassess.verification import verify as compare_maps

    texts, folder = words(), run_folder(run)
    session, changed = history.reopen(find_project(), folder)
    if changed:
        typer.echo(texts("changed_since", key=folder.resolve().name), err=True)
    found = compare_maps(session, folder)
    typer.echo(history.describe_sums(found, folder, texts))
    if any(not comparison.holds for comparison in found):
        raise typer.Exit(1)
