"""The flow on a real Prefect server, with a stand-in for the science."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows import environment
from flows.schedule import CRON, TIMEZONE

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.flow

STAND_IN = """
import errno, sys, types
from pathlib import Path
from ecoassess.errors import InputError, Problem, RunError
import ecoassess

class Session:
    def __init__(self, project, month):
        self.project, self.month, self.attempts = project, month, 0
    def observe(self, progress):
        progress("reading")
        self.attempts += 1
        if {fault!r} == "passing" and self.attempts == 1:
            raise RunError(Problem(what="disk")) from OSError(errno.EIO, "once")
        if {fault!r} == "input":
            raise InputError(Problem(what="a wrong raster", file="x.tif"))
    def simulate(self, progress): progress("simulating")
    def assess(self, progress): return "results"
    def publish(self, assessment, progress):
        folder = self.project.outputs / "yanbian" / str(self.month)
        folder.mkdir(parents=True)
        return folder

def stand_in(name, **members):
    module = types.ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module

stand_in("ecoassess.run", Session=Session)
stand_in("ecoassess.opening", open_run=lambda p, f, m, day: Session(p, m))
stand_in("ecoassess.report", county_table=lambda folder, language: "Yanji 1.0 " + language)
from flows import __main__ as program
import flows.environment
connection = flows.environment.connection
def quick(root):
    import contextlib
    @contextlib.contextmanager
    def opened():
        with connection(root) as server:
            from flows import monthly_assessment as module
            for stage in (module.observe, module.assess_and_publish):
                stage.retry_delay_seconds = 0
            yield server
    return opened()
flows.environment.connection = quick
sys.exit(program.main(sys.argv[1:]))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "variables.yaml").touch()
    return tmp_path


def run(project: Path, *arguments: str, fault: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", STAND_IN.replace("{fault!r}", repr(fault)), *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_API_URL": "http://127.0.0.1:9/api"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_assessment_ends_with_table_and_folder(project: Path) -> None:
    done = run(project, "assess", "--month", "2024-06", "--language", "zh")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[-3:] == ["Yanji 1.0 zh", "", str(project / "outputs" / "yanbian" / "2024-06")]
    assert "observe   reading" in lines

    again = run(project, "assess", "--month", "2024-05", fault="passing")
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("reading") == 2


def test_wrong_input_ends_with_its_message_alone(project: Path) -> None:
    done = run(project, "assess", "--month", "2024-06", fault="input")
    assert done.returncode == 2
    assert done.stderr == "x.tif: a wrong raster\n"
    assert done.stdout.count("reading") == 1
    assert not (project / "outputs").exists()


def test_wrong_month_needs_no_server(project: Path) -> None:
    done = run(project, "assess", "--month", "2024-13")
    assert done.returncode == 2
    assert done.stderr.startswith("not a month")
    assert not (project / ".prefect").exists()


@pytest.fixture
def lasting_server(tmp_path: Path) -> Iterator[environment.Server]:
    server = environment.Server(tmp_path, environment.free_port(), lasting=True)
    # The server's process takes its settings from the environment, the tests' own stay as they are.
    before = dict(os.environ)
    environment.isolate(tmp_path, server.api_url)
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        server.start()
        server.wait()
        yield server
    finally:
        os.environ.clear()
        os.environ.update(before)
        server.stop()


def test_server_schedules_the_flow(lasting_server: environment.Server) -> None:
    """Some versions of the server's libraries make its scheduler do nothing, without a word."""

    def call(path: str, data: dict[str, object]) -> list[dict[str, str]] | dict[str, str]:
        request = urllib.request.Request(
            f"{lasting_server.api_url}/{path}",
            json.dumps(data).encode(),
            {"content-type": "application/json"},
        )
        while True:  # a new server with much to do answers 503 for a while, as clients expect
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 503 or time.monotonic() > deadline:
                    raise
                time.sleep(1)

    deadline = time.monotonic() + 90
    flow = call("flows/", {"name": "monthly"})
    schedule = {"active": True, "schedule": {"cron": CRON, "timezone": TIMEZONE}}
    call("deployments/", {"name": "x", "flow_id": flow["id"], "schedules": [schedule]})
    while not (runs := call("flow_runs/filter", {})) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert runs, "nothing was scheduled"
    for planned in runs:
        start = datetime.fromisoformat(planned["expected_start_time"])
        local = start.astimezone(ZoneInfo(TIMEZONE))
        assert (local.day, local.hour, local.minute) == (5, 3, 0)


def test_server_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    port = environment.free_port()
    code = (
        "import os, signal; from pathlib import Path; from flows import environment\n"
        f"root = Path({str(tmp_path)!r})\n"
        f"environment.isolate(root, environment.api_address({port}))\n"
        f"server = environment.Server(root, {port}, lasting=False)\n"
        "server.root = Path.cwd(); server.start(); server.wait()\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=180)
    deadline = time.monotonic() + 20
    while not environment.port_is_free(port) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert environment.port_is_free(port)
