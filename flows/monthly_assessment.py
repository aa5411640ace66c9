"""The monthly assessment as a Prefect flow.

Each task is one call of the library. The flow can be deployed on any Prefect server; `python -m
flows` runs it with a server of its own.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import Flow, State, Task, flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import FlowRun, TaskRun
from prefect.runtime import flow_run as current_run

from ecoassess.calendar import Month
from ecoassess.opening import open_run
from ecoassess.project import find_project
from ecoassess.report import county_table
from ecoassess.run import Session
from ecoassess.versions import parse_day
from flows.schedule import RUN_FILE, month_before

PASSING_FAULTS = {
    errno.EAGAIN,
    errno.EBUSY,
    errno.EIO,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.ESTALE,
    errno.ETIMEDOUT,
}
"""What a network disk reports and a minute later no longer does."""

_sessions: dict[tuple[str, str, str, str | None], Session] = {}


def _may_pass(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Tell whether a failure is worth another attempt. Wrong input never is."""
    error = state.result(raise_on_failure=False)
    return any(
        isinstance(fault, OSError) and fault.errno in PASSING_FAULTS
        for fault in (error, error.__cause__)
    )


def _progress(name: str) -> Callable[[str], None]:
    """Return what prints a line of progress and logs it to the run."""
    logger = get_run_logger()

    def say(text: str) -> None:
        print(f"{name:<9} {text}", flush=True)
        logger.info(text)

    return say


def _session(root: str, run_file: str, month: str, as_of: str | None) -> Session:
    key = (root, run_file, month, as_of)
    if key not in _sessions:
        _sessions.clear()
        project = find_project(Path(root))
        day = parse_day(as_of) if as_of else None
        _sessions[key] = open_run(project, Path(root, run_file), Month.parse(month), day)
    return _sessions[key]


@task(name="check", task_run_name="check {month}", cache_policy=NO_CACHE)
def check(root: str, run_file: str, month: str, as_of: str | None = None) -> str:
    """Read and check every configuration."""
    _sessions.clear()
    _session(root, run_file, month, as_of)
    text = f"configuration of {Path(run_file).stem} {month} is complete"
    _progress("check")(text)
    return text


@task(
    name="observe",
    task_run_name="observe {month}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=30,
    retry_condition_fn=_may_pass,
)
def observe(root: str, run_file: str, month: str, as_of: str | None = None) -> str:
    """Turn rasters, vectors and tables into activity data."""
    _session(root, run_file, month, as_of).observe(_progress("observe"))
    return "activity data are ready"


@task(name="simulate", task_run_name="simulate {month}", cache_policy=NO_CACHE)
def simulate(root: str, run_file: str, month: str, as_of: str | None = None) -> str:
    """Run the models that have memory or hours."""
    _session(root, run_file, month, as_of).simulate(_progress("simulate"))
    return "models have run"


@task(
    name="assess and publish",
    task_run_name="assess and publish {month}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=30,
    retry_condition_fn=_may_pass,
)
def assess_and_publish(root: str, run_file: str, month: str, as_of: str | None = None) -> str:
    """Assess every technology and write the run's folder, whose path is returned."""
    session = _session(root, run_file, month, as_of)
    assessment = session.assess(_progress("assess"))
    return str(session.publish(assessment, _progress("publish")))


def _run_name() -> str:
    parameters = current_run.parameters
    return f"{Path(parameters['run_file']).stem} {parameters['month'] or _scheduled_month()}"


def _scheduled_month() -> Month:
    """Return the month before the date that the run was meant for, however late it starts."""
    return month_before(current_run.scheduled_start_time)


def _report_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Say on the terminal of `make serve` that a run failed; a direct call raises instead."""
    if flow_run.deployment_id:
        print(f"{flow_run.name}: {state.message}", flush=True)


@flow(
    name="monthly-assessment",
    flow_run_name=_run_name,
    on_failure=[_report_failure],
    on_crashed=[_report_failure],
)
def monthly_assessment(
    root: str,
    run_file: str = RUN_FILE,
    month: str | None = None,
    language: str = "en",
    as_of: str | None = None,
) -> str:
    """Assess one month and return the folder of the run.

    Parameters
    ----------
    root
        The project's folder.
    run_file
        The run configuration, as seen from `root`.
    month
        The month, such as 2024-06. Default: the last complete month in Yanbian at the time
        that the run was scheduled for.
    language
        Of the table of counties: en or zh.
    as_of
        A day such as 2026-11-01 whose coefficients are taken instead of those that held in the
        month: a restatement.
    """
    wanted = (root, run_file, month or str(_scheduled_month()), as_of)
    check(*wanted)
    observe(*wanted)
    simulate(*wanted)
    folder = assess_and_publish(*wanted)
    table = county_table(Path(folder), language)
    create_markdown_artifact(
        key=f"{Path(run_file).stem.replace('_', '-').lower()}-counties",
        markdown=f"```text\n{table}\n```",
        description=f"{Path(run_file).stem} {wanted[2]}, {folder}",
    )
    print(f"\n{table}\n\n{folder}", flush=True)
    return folder
