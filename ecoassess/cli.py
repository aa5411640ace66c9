"""The command line. What computes is imported inside the commands, so that help is quick."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecoassess.errors import EcoassessError, InputError, Problem
from ecoassess.language import message, progress, read_words

if TYPE_CHECKING:
    from ecoassess.calendar import Month
    from ecoassess.equation import Equation
    from ecoassess.language import Words
    from ecoassess.project import Project
    from ecoassess.run import Session
    from ecoassess.technology import Technology

RUN_FILE = Path("configs/runs/yanbian.yaml")

app = typer.Typer(
    help="Carbon assessment of ecological technologies per county and month.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
options = {"language": "en"}

RunFile = Annotated[Path, typer.Argument(metavar="RUN.yaml", help="Run configuration.")]
RunFolder = Annotated[Path, typer.Argument(help="Folder of a run, or a link to one.")]
MonthText = Annotated[
    str | None, typer.Option("--month", metavar="YYYY-MM", help="Default: last complete month.")
]

AsOf = Annotated[
    str | None,
    typer.Option(
        metavar="YYYY-MM-DD",
        help="Restate: take the coefficients of this day, not those that held in the month.",
    ),
]


def words() -> Words:
    """Return the words of the chosen language."""
    return read_words(options["language"])


def reported(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what a command raises into a message and an exit status."""

    @wraps(command)
    def wrapped(*arguments: Any, **named: Any) -> None:
        try:
            command(*arguments, **named)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader went away; what is still buffered must not fail at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(141) from None
        except typer.Exit:
            raise
        except (KeyboardInterrupt, Exception) as error:
            expected = isinstance(error, EcoassessError | KeyboardInterrupt)
            if not expected and os.environ.get("ECOASSESS_DEBUG") == "1":
                raise
            text, status = message(error, options["language"])
            typer.echo(text, err=True)
            raise typer.Exit(status) from None

    return wrapped


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"ecoassess {version('ecoassess')}")
        except PackageNotFoundError:
            typer.echo("ecoassess (not installed)")
        raise typer.Exit


@app.callback()
@reported
def options_of_all(
    language: Annotated[
        str, typer.Option("--lang", envvar="ECOASSESS_LANG", metavar="en|zh", help="Language.")
    ] = "en",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Assess ecological technologies per county and month."""
    if language not in ("en", "zh"):
        raise InputError(Problem(what="no such language", found=language, expected="en or zh"))
    options["language"] = language


def _month(text: str | None) -> Month:
    """Return the month asked for, or the last complete one in Yanbian."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from ecoassess.calendar import Month

    if text is not None:
        return Month.parse(text)
    return Month.last_complete(datetime.now(ZoneInfo("Asia/Shanghai")).date())


def _open(project: Project, run_file: Path, month: str | None, as_of: str | None = None) -> Session:
    """Open a run configuration, named from the working folder or from the project's root."""
    from ecoassess.run import open_run
    from ecoassess.versions import parse_day

    file = run_file if run_file.is_file() else project.root / run_file
    return open_run(project, file, _month(month), parse_day(as_of) if as_of else None)


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
    session, say = _open(project, run_file, month, as_of), progress(texts)
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
def check() -> None:
    """Check configurations, coefficients, units and data files."""
    from itertools import product

    from ecoassess.project import find_project
    from ecoassess.run import open_run

    texts, project, month = words(), find_project(), _month(None)
    problems: dict[Problem, None] = {}

    def attempt(step: Callable[[], Any]) -> Any:
        try:
            return step()
        except EcoassessError as error:
            problems.update(dict.fromkeys(error.problems))

    files = sorted((project.configs / "runs").glob("*.yaml"))
    opened = [attempt(partial(open_run, project, file, month)) for file in files]
    sessions = [session for session in opened if session]
    evaluations = sum(_check_session(session, attempt) for session in sessions)
    scenarios = sorted(file.stem for file in (project.configs / "scenarios").glob("*.yaml"))
    for session, name in product(sessions[:1], scenarios):
        attempt(partial(_check_scenario, session, name))
    from ecoassess.scaffold import placeholders

    problems.update(dict.fromkeys(placeholders(project)))
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
        "runs": len(files),
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
    from ecoassess.schemas import outdated

    stale = outdated(project)
    if stale:
        typer.echo(texts("schemas_outdated", number=len(stale)), err=True)


@app.command("new-technology")
@reported
def new_technology(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as straw_return.")],
    zh: Annotated[str | None, typer.Option("--zh", metavar="名称", help="Chinese name.")] = None,
    sector: Annotated[str, typer.Option(help="Field of the list of technologies.")] = "farmland",
) -> None:
    """Write the skeleton of a technology, which `check` refuses until it is filled in."""
    from ecoassess import scaffold
    from ecoassess.project import find_project

    texts, project = words(), find_project()
    for file in scaffold.new_technology(project, name, zh, sector):
        typer.echo(project.relative(file))
    typer.echo("\n" + texts("next_steps", name=name))


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


def _check_session(session: Session, attempt: Callable[[Callable[[], Any]], Any]) -> int:
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
            attempt(partial(_evaluate, session, equation, methods))
            number += 1
    for technology in available:
        for component in technology.components.values():
            attempt(partial(_find_months, session, technology, component.month_share))
    return number


def _check_scenario(session: Session, name: str) -> None:
    """Check what a scenario names and claims, in the year of its last knot."""
    from ecoassess.allocation import allocate
    from ecoassess.errors import raise_if_any
    from ecoassess.pathways import knots_of
    from ecoassess.run_checks import source_problems
    from ecoassess.run_config import read_run

    run = read_run(session.project, session.run.path, name)
    raise_if_any(source_problems(run, session.sources))
    year = max(session.month.year, *knots_of(run.scenario))
    allocate(run, session.technologies.values(), session.book, year)


def _find_months(session: Session, technology: Technology, name: str | None) -> None:
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


def _evaluate(session: Session, equation: Equation, methods: dict[str, str]) -> None:
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

    session = _open(find_project(), run_file, month, as_of)
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
def parcels(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Entry of the catalogue.")],
    good: Annotated[
        Path | None, typer.Option(metavar="FILE.gpkg", help="Write the good parcels here.")
    ] = None,
    bad: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the bad ones here, with reasons.")
    ] = None,
) -> None:
    """Check a layer of forest parcels and report on it."""
    from ecoassess.export.parcels import write_bad, write_good
    from ecoassess.inputs.catalog import read_catalog
    from ecoassess.inputs.parcels import bad_parcels, parcel_report, read_parcels
    from ecoassess.language import LANGUAGES
    from ecoassess.project import find_project

    texts, project = words(), find_project()
    found = read_parcels(read_catalog(project), dataset)
    typer.echo(parcel_report(found, texts))
    if good is not None:
        write_good(found, good)
        typer.echo(texts("parcels_written", number=len(found.good), file=good))
    if bad is not None:
        table = bad_parcels(found, {lang: read_words(lang) for lang in LANGUAGES})
        write_bad(table, bad)
        typer.echo(texts("parcels_written", number=len(table), file=bad))


@app.command()
@reported
def buildings(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Entry of the catalogue.")],
    bad: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the bad ones here, with reasons.")
    ] = None,
    roof_map: Annotated[
        Path | None, typer.Option("--map", metavar="FILE.tif", help="Write a map of roofs here.")
    ] = None,
    run_file: Annotated[
        Path, typer.Option("--run", metavar="RUN.yaml", help="Whose counties and statistics.")
    ] = RUN_FILE,
    month: MonthText = None,
) -> None:
    """Check a layer of building footprints, and compare it with the census."""
    from ecoassess.export import buildings as files
    from ecoassess.inputs.buildings import bad_buildings, building_report, read_buildings
    from ecoassess.language import LANGUAGES
    from ecoassess.project import find_project

    texts, session = words(), _open(find_project(), run_file, month)
    zones = files.county_zones(session)
    found = read_buildings(session.catalog, dataset, zones)
    sums = files.county_sums(found, zones)
    typer.echo(building_report(found, texts))
    typer.echo(files.describe_beside_census(session, sums, texts))
    if bad is not None:
        table = bad_buildings(found, {lang: read_words(lang) for lang in LANGUAGES})
        files.write_bad_buildings(table, bad)
        typer.echo(texts("buildings_written", number=len(table), file=bad))
    if roof_map is not None:
        written = files.write_map(session, found, sums, zones, roof_map)
        typer.echo(files.describe_map(written, texts))


@app.command()
@reported
def preview(
    run_file: RunFile = RUN_FILE,
    month: MonthText = None,
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
    session = _open(project, run_file, month)
    snapshot = previews.read_snapshot(session)
    print_preview(previews.preview(session, snapshot), texts, zone)
    if watch:
        typer.echo(texts("preview_watching"))
    for _ in watched(project.configs) if watch else ():
        try:
            found = previews.preview(_open(project, run_file, month), snapshot)
            print_preview(found, texts, zone)
        except EcoassessError as error:
            typer.echo(texts.error(error), err=True)


@app.command()
@reported
def compare(
    run_a: RunFolder,
    run_b: RunFolder,
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
    found = comparison.compare(run_a, run_b, project, progress(texts))
    typer.echo(comparison.describe(found, texts, limit))
    if csv is not None:
        write_csv(found.split.table, csv)
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
    session, say = _open(project, run_file, month), progress(texts)
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
    measure_next.write_analysis(found, folder, titles, session.month.year)
    typer.echo(measure_next.describe(found, texts))
    typer.echo("\n" + texts("written_to", folder=folder))


@app.command()
@reported
def claims(folder: RunFolder = Path("outputs/yanbian/latest")) -> None:
    """Show who takes what of each shared resource, and what is left."""
    from ecoassess.report import claims_table

    typer.echo(claims_table(folder, words()))


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
    month: MonthText = None,
    outputs: Annotated[
        Path | None, typer.Option(help="Where pathways are published. Default: outputs/.")
    ] = None,
) -> None:
    """Follow a scenario over the years: yearly and cumulative effects, and credits."""
    from ecoassess.pathways import follow, publish_pathway
    from ecoassess.project import find_project
    from ecoassess.report import pathway_summary
    from ecoassess.run import open_run

    texts = words()
    project = find_project(outputs=outputs.resolve() if outputs else None)
    file = run_file if run_file.is_file() else project.root / run_file
    session, say = open_run(project, file, _month(month), scenario=scenario), progress(texts)
    found = follow(session, first, last, say)
    folder = publish_pathway(session, found, say)
    typer.echo(pathway_summary(found, session, texts))
    typer.echo("\n" + texts("pathway_published", folder=folder))


@app.command()
@reported
def costs(folder: RunFolder = Path("outputs/yanbian/latest")) -> None:
    """Show what each technology costs per tonne of CO2e."""
    from ecoassess.export.abatement_costs import describe_costs

    typer.echo(describe_costs(folder, words()))


@app.command()
@reported
def indicators(folder: RunFolder = Path("outputs/yanbian/latest")) -> None:
    """Show where the plan's indicators stand against a straight path."""
    from ecoassess.export.indicators import print_indicators

    print_indicators(folder, words())


@app.command()
@reported
def verify(folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]) -> None:
    """Check that the maps of a run add up to its table."""
    from ecoassess import history
    from ecoassess.project import find_project
    from ecoassess.verification import verify as compare_maps

    texts = words()
    session, changed = history.reopen(find_project(), folder)
    if changed:
        typer.echo(texts("changed_since", key=folder.resolve().name), err=True)
    found = compare_maps(session, folder)
    typer.echo(history.describe_sums(found, folder, texts))
    if any(not comparison.holds for comparison in found):
        raise typer.Exit(1)


def main() -> None:
    """Run the command line."""
    app(prog_name="ecoassess")
