"""`python -m flows assess` runs the assessment of a month; `python -m flows serve` schedules it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from ecoassess.calendar import Month
from ecoassess.errors import EcoassessError, InputError, Problem
from ecoassess.project import find_project
from flows import environment
from flows.schedule import CRON, RUN_FILE, TIMEZONE, month_before

if TYPE_CHECKING:
    from types import FrameType


def assess(
    root: Path, run_file: str, month: Month, language: str, as_of: str | None = None
) -> None:
    """Assess `month` once, with progress and the table of counties on standard output."""
    with environment.connection(root) as server:
        print(
            f"Assessment of {month} ({'temporary server' if server else 'server of make serve'})",
            flush=True,
        )
        # Prefect and the science load while the server starts.
        from flows.monthly_assessment import monthly_assessment

        if server:
            server.wait()
        try:
            monthly_assessment(str(root), run_file, str(month), language, as_of)
        finally:
            # What is still to be sent to the server goes before the server does.
            for handler in logging.getLogger("prefect.flow_runs").handlers:
                handler.flush()


def serve(root: Path, run_file: str, language: str) -> None:
    """Run a server with its page, and the flow each month, until interrupted."""
    from ecoassess.opening import open_run

    open_run(find_project(root), root / run_file, month_before())  # a mistake shows now
    port = environment.serve_port()
    url = environment.api_address(port)
    with environment.claim_serving(root, url):
        if not environment.port_is_free(port):
            raise InputError(
                Problem(
                    what=f"port {port} is taken by another program",
                    remedy=f"end it, or choose another port: PREFECT_PORT={port + 1} make serve",
                )
            )
        environment.isolate(root, url)
        server = environment.Server(root, port, lasting=True)
        stopping = threading.Event()

        def watch() -> None:
            server.join()
            if not stopping.is_set():
                print(f"The Prefect server ended; see {server.log}", file=sys.stderr)
                os.kill(os.getpid(), signal.SIGINT)

        try:
            print("Starting the Prefect server …", flush=True)
            server.start()
            from prefect.runner import Runner
            from prefect.schedules import Cron
            from prefect.types.entrypoint import EntrypointType

            from flows.monthly_assessment import monthly_assessment

            server.wait()
            threading.Thread(target=watch, daemon=True).start()
            print(
                f"Page: {url.removesuffix('/api')}\n"
                f"Schedule: {CRON} {TIMEZONE}, for the month before. Ctrl-C ends it.",
                flush=True,
            )
            runner = Runner(name=Path(run_file).stem, limit=1, pause_on_shutdown=False)
            # SIGTERM ends it as Ctrl-C does, with the run that is under way.
            runner.handle_sigterm = _interrupt  # type: ignore[method-assign]
            runner.add_flow(
                monthly_assessment,
                name=runner.name,
                description="Assesses the last complete month.",
                schedule=Cron(CRON, timezone=TIMEZONE),
                parameters={"root": str(root), "run_file": run_file, "language": language},
                entrypoint_type=EntrypointType.MODULE_PATH,
            )
            asyncio.run(runner.start())
        finally:
            stopping.set()
            server.stop()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m flows", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("assess", "assess one month"), ("serve", "schedule the assessment")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--run", default=RUN_FILE, help=f"default: {RUN_FILE}")
        command.add_argument("--language", choices=("en", "zh"), default="en")
    commands.choices["assess"].add_argument("--month", help="default: the last complete month")
    commands.choices["assess"].add_argument(
        "--as-of", metavar="YYYY-MM-DD", help="restate with the coefficients of this day"
    )
    options = parser.parse_args(arguments)

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        root = find_project().root
        run_file = Path(options.run).resolve()
        shown = str(run_file.relative_to(root) if run_file.is_relative_to(root) else run_file)
        if options.command == "serve":
            serve(root, shown, options.language)
        else:
            month = Month.parse(options.month) if options.month else month_before()
            assess(root, shown, month, options.language, options.as_of)
    except EcoassessError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())
