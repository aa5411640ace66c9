"""What all commands share: the application, its options, and how errors are told."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecoassess.errors import EcoassessError, InputError, Problem
from ecoassess.language import message, read_words

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
RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="Key, month, folder of a run, or `latest`.")
]
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


def month_of(text: str | None) -> Month:
    """Return the month asked for, or the last complete one in Yanbian."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from ecoassess.calendar import Month

    if text is not None:
        return Month.parse(text)
    return Month.last_complete(datetime.now(ZoneInfo("Asia/Shanghai")).date())


def run_folder(name: str) -> Path:
    """Return the folder of a run that is named by key, month, path or `latest`."""
    from ecoassess.runs import find_run

    return find_run(name)


def opened(
    project: Project, run_file: Path, month: str | None, as_of: str | None = None
) -> Session:
    """Open a run configuration, named from the working folder or from the project's root."""
    from ecoassess.opening import open_run
    from ecoassess.versions import parse_day

    file = run_file if run_file.is_file() else project.root / run_file
    assessed, day = month_of(month), parse_day(as_of) if as_of else None
    session = open_run(project, file, assessed, day)
    if day is not None and day.isoformat() < f"{assessed}-01":
        typer.echo(words()("as_of_before_month", day=day, month=assessed), err=True)
    return session
