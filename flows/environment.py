"""The Prefect that the flow talks to.

Everything that Prefect keeps lies in `.prefect/` of the project. Whatever the user has set up for
other work (a profile, the address of a server, a key) is not read. Prefect reads its settings when
it is imported, so `isolate` comes before that; this module does not import it.

The server is the one of `make serve` while that is healthy, otherwise a temporary one.
"""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ecoassess.errors import InputError, Problem, RunError

LOCALHOST = "127.0.0.1"
DEFAULT_PORT = 4200
STARTUP_SECONDS = 90
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def prefect_home(root: Path) -> Path:
    """Return the folder that holds everything Prefect keeps for the project at `root`."""
    home = root / ".prefect"
    home.mkdir(exist_ok=True)
    return home


def settings(root: Path, api_url: str) -> dict[str, str]:
    """Return the environment variables for Prefect in the project at `root`."""
    home = prefect_home(root)
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_API_URL": api_url,
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # Runs log their progress to the server; the terminal gets our own lines.
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "INFO",
        "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "INFO",
    }


def isolate(root: Path, api_url: str) -> None:
    """Replace the user's Prefect settings in `os.environ` by those of the project."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ.update(settings(root, api_url))
    # A proxy for the outside world must not see the calls to our own server.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), LOCALHOST]))


def api_address(port: int) -> str:
    """Return the address of the API of the server on `port`."""
    return f"http://{LOCALHOST}:{port}/api"


def healthy(api_url: str) -> bool:
    """Tell whether a Prefect server answers at `api_url`."""
    try:
        with _NO_PROXY.open(f"{api_url}/health", timeout=5) as answer:
            return bool(answer.read().strip() == b"true")
    except (OSError, ValueError):
        return False


def serve_port() -> int:
    """Return the port of `make serve`: `PREFECT_PORT`, or 4200."""
    text = os.environ.get("PREFECT_PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise InputError(
            Problem(what="not a port", key="PREFECT_PORT", found=text, expected="1 to 65535")
        )
    return int(text)


def port_is_free(port: int) -> bool:
    """Tell whether a server can listen on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCALHOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return int(probe.getsockname()[1])


class Server:
    """A Prefect server in a process of its own, which ends when this one does."""

    def __init__(self, root: Path, port: int, *, lasting: bool) -> None:
        self.root = root
        self.api_url = api_address(port)
        self.log = prefect_home(root) / ("serve.log" if lasting else "temporary.log")
        self._arguments = ["server", "start", "--host", LOCALHOST, "--port", str(port)]
        if not lasting:
            self._arguments += ["--no-services", "--no-ui"]
        self._process: subprocess.Popen[bytes] | None = None
        self._startup: IO[str] | None = None

    def start(self) -> None:
        """Start the process; `wait` says when it is ready."""
        # One at a time: two servers must not create the tables of a new database together.
        self._startup = (prefect_home(self.root) / "startup.lock").open("w")
        fcntl.flock(self._startup, fcntl.LOCK_EX)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "flows.server", *self._arguments],
                cwd=self.root,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to handle
            )

    def wait(self) -> None:
        """Return when the server is healthy.

        Raises
        ------
        RunError
            When the server ends, or needs more than `STARTUP_SECONDS`.
        """
        deadline = time.monotonic() + STARTUP_SECONDS
        try:
            while not healthy(self.api_url):
                if not self.running or time.monotonic() > deadline:
                    raise RunError(
                        Problem(
                            what="the Prefect server did not start",
                            found=f"{'no answer' if self.running else 'it ended'} ({self.api_url})",
                            remedy=f"see {self.log}",
                        )
                    )
                time.sleep(0.1)
        finally:
            self._release()

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def join(self) -> None:
        """Return when the process has ended."""
        if self._process:
            self._process.wait()

    def stop(self) -> None:
        """End the process."""
        self._release()
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def _release(self) -> None:
        if self._startup:
            self._startup.close()
            self._startup = None


@contextmanager
def claim_serving(root: Path, api_url: str) -> Iterator[None]:
    """Announce that this process serves the project at `api_url`, as long as the block lasts.

    The lock on the announcement goes with the process, so a crash leaves nothing that misleads.
    """
    with (prefect_home(root) / "serve.lock").open("a+") as announcement:
        try:
            fcntl.flock(announcement, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                Problem(what="this project is being served already", found=served_at(root))
            ) from None
        announcement.truncate(0)
        announcement.write(api_url)
        announcement.flush()
        yield


def served_at(root: Path) -> str | None:
    """Return the address that another process serves this project at, if one does."""
    with suppress(FileNotFoundError), (prefect_home(root) / "serve.lock").open() as announcement:
        try:
            fcntl.flock(announcement, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return announcement.read().strip() or None
    return None


@contextmanager
def connection(root: Path) -> Iterator[Server | None]:
    """Isolate Prefect and give it a server: None for that of `make serve`, or a temporary one.

    The temporary server is on its way when the block begins; call its `wait` before it is used.
    """
    url = served_at(root)
    if url and healthy(url):
        isolate(root, url)
        yield None
        return
    server = Server(root, free_port(), lasting=False)
    isolate(root, server.api_url)
    try:
        server.start()
        yield server
    finally:
        server.stop()
