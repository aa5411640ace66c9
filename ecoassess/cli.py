"""The command line. What computes is imported inside the commands, so that help is quick."""

from __future__ import annotations

import filecmp
import functools
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecoassess.errors import EcoassessError, InputError, Problem

if TYPE_CHECKING:
    from ecoassess.calendar import Month
    from ecoassess.language import Words
    from ecoassess.project import Project
    from ecoassess.run import Session

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


def words() -> Words:
    """Return the words of the chosen language."""
    from ecoassess.language import read_words

    return read_words(options["language"])


def reported(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what a command raises into a message and an exit status."""

    @functools.wraps(command)
    def wrapped(*arguments: Any, **named: Any) -> None:
        try:
            command(*arguments, **named)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader went away; what is still buffered must not fail at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(141) from None
        except (KeyboardInterrupt, Exception) as error:
            if isinstance(error, typer.Exit) or os.environ.get("ECOASSESS_DEBUG") == "1":
                raise
            text, status = message(error)
            typer.echo(text, err=True)
            raise typer.Exit(status) from None

    return wrapped


def message(error: BaseException) -> tuple[str, int]:
    """Return what is said about an error, and the exit status."""
    try:
        texts: Words | None = words()
    except EcoassessError:
        texts = None
    if isinstance(error, EcoassessError):
        return (texts.error(error) if texts else str(error)), error.exit_status
    if isinstance(error, KeyboardInterrupt):
        return (texts("interrupted") if texts else "interrupted"), 130
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}", 1
    bug = texts("bug") if texts else "this is a bug, please report it"
    return f"{type(error).__name__}: {' '.join(str(error).split())}; {bug}", 1


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


def _open(project: Project, run_file: Path, month: str | None) -> Session:
    """Open a run configuration, named from the working folder or from the project's root."""
    from ecoassess.run import open_run

    file = run_file if run_file.is_file() else project.root / run_file
    return open_run(project, file, _month(month))


def _progress(texts: Words) -> Callable[[str], None]:
    """Return what prints lines of progress, with the seconds since now."""
    start = time.perf_counter()

    def say(text: str) -> None:
        verb, _, rest = text.partition(" ")
        if verb in texts.table and texts.language == "zh":
            text = texts(verb, rest=texts.technology(rest))
        typer.echo(f"{time.perf_counter() - start:6.1f} s  {text}", err=True)

    return say


@app.command()
@reported
def run(
    run_file: RunFile = RUN_FILE,
    month: MonthText = None,
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
    texts = words()
    from ecoassess.project import find_project

    project = find_project(outputs=outputs.resolve() if outputs else None)
    say = _progress(texts)
    if fresh:
        _rerun(project, run_file, month, maps, texts, say)
        return
    from ecoassess.report import county_table, table

    session = _open(project, run_file, month)
    assessment = session.assess(say)
    folder = session.publish(assessment, say, maps)
    typer.echo(county_table(assessment, texts.language))
    typer.echo("\n" + texts("published", folder=folder))
    spent = {**session.timings, "all_stages": sum(session.timings.values())}
    rows = [[texts.label(stage), f"{seconds:.2f} s"] for stage, seconds in spent.items()]
    typer.echo("\n".join(["", texts("timings"), *table(rows, 1, "  ")]))


def _rerun(
    project: Project,
    run_file: Path,
    month: str | None,
    maps: bool,
    texts: Words,
    say: Callable[[str], None],
) -> None:
    """Compute a published run again from nothing and compare every file.

    Raises
    ------
    RunError
        When a file differs, or is in one of the two only.
    """
    from dataclasses import dataclass

    from ecoassess import provenance
    from ecoassess import project as projects
    from ecoassess.errors import RunError

    @dataclass(frozen=True)
    class Scratch(projects.Project):
        @property
        def cache(self) -> Path:
            return self.outputs / ".cache"

    session = _open(project, run_file, month)
    key = provenance.run_key(session.key_parts())
    published = session.month_folder / key
    if not published.is_dir():
        raise InputError(
            Problem(
                what="there is no published run to compare with",
                expected=str(published),
                remedy="run without --fresh first",
            )
        )
    with tempfile.TemporaryDirectory(prefix="ecoassess-") as scratch:
        session = _open(Scratch(project.root, Path(scratch)), run_file, month)
        folder = session.publish(session.assess(say), say, maps)
        names = {
            file.relative_to(root).as_posix()
            for root in (published, folder)
            for file in root.rglob("*")
            if file.is_file()
        }
        if not maps:
            names = {n for n in names if not n.startswith("maps/") and n != "overview.png"}
        pairs = {name: (published / name, folder / name) for name in sorted(names)}
        differing = [
            name
            for name, (one, other) in pairs.items()
            if not (one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False))
        ]
    if not maps:
        typer.echo(texts("maps_left_out"))
    if differing:
        files = ", ".join(differing)
        raise RunError(Problem(what=texts("other_bytes", files=files, folder=published)))
    typer.echo(texts("same_bytes", number=len(names), folder=published))


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
    from ecoassess.checks import check_project
    from ecoassess.project import find_project

    texts = words()
    problems, counts = check_project(find_project(), _month(None))
    if problems:
        typer.echo(texts.error(InputError(*problems)), err=True)
        typer.echo(texts("check_problems", number=len(problems)), err=True)
        raise typer.Exit(InputError.exit_status)
    typer.echo(texts("check_counts", **counts))


@app.command()
@reported
def explain(
    technology: Annotated[str, typer.Argument(metavar="TECHNOLOGY")],
    zone: Annotated[
        str | None, typer.Option(help="Code or name. Default: the whole prefecture.")
    ] = None,
    run_file: Annotated[
        Path, typer.Option("--run", metavar="RUN.yaml", help="Run configuration.")
    ] = RUN_FILE,
    month: MonthText = None,
) -> None:
    """Show what a technology's results in a zone rest on."""
    from ecoassess import explain as explanations
    from ecoassess.project import find_project

    session = _open(find_project(), run_file, month)
    if technology not in session.technologies:
        known = ", ".join(session.technologies)
        raise InputError(
            Problem(what="no such technology in the run", found=technology, expected=known)
        )
    assessment = session.assess()
    place = explanations.find_zone(assessment.zones, zone or session.run.config.parent)
    typer.echo(explanations.explain(assessment, technology, place, words()))


@app.command()
@reported
def compare(
    run_a: RunFolder,
    run_b: RunFolder,
    limit: Annotated[int, typer.Option(min=1, help="Rows of results to show.")] = 30,
) -> None:
    """Show what differs between two runs."""
    from ecoassess import history

    typer.echo(history.describe(history.compare(run_a, run_b), words(), limit))


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
    try:
        app(prog_name="ecoassess")
    except KeyboardInterrupt as error:
        text, status = message(error)
        typer.echo(text, err=True)
        sys.exit(status)


if __name__ == "__main__":
    main()
