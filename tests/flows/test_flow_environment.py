"""The project has a Prefect of its own, and uses the server of `make serve` while there is one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ecoassess.errors import InputError
from flows import environment

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _restored_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def answering() -> Iterator[str]:
    """The API address of something that says it is healthy."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"true")

        def log_message(self, *_details: object) -> None:
            pass

    server = HTTPServer((environment.LOCALHOST, 0), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield environment.api_address(server.server_port)
    server.shutdown()
    server.server_close()


@pytest.fixture
def no_servers(monkeypatch: pytest.MonkeyPatch) -> list[environment.Server]:
    started: list[environment.Server] = []
    monkeypatch.setattr(environment.Server, "start", lambda server: started.append(server))
    return started


def serving(root: Path, url: str) -> subprocess.Popen[bytes]:
    """Return another process that has announced `url` and ends when its input closes."""
    code = (
        "import sys; from pathlib import Path; from flows.environment import claim_serving\n"
        f"with claim_serving(Path({str(root)!r}), {url!r}):\n"
        "    print('ready', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_settings_of_the_user_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://somewhere.example/api")
    monkeypatch.setenv("PREFECT_API_KEY", "secret")
    monkeypatch.setenv("PREFECT_PROFILE", "cloud")
    environment.isolate(tmp_path, "http://127.0.0.1:1/api")
    assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:1/api"
    assert "PREFECT_API_KEY" not in os.environ
    assert "PREFECT_PROFILE" not in os.environ
    kept = [v for k, v in os.environ.items() if k in ("PREFECT_HOME", "PREFECT_PROFILES_PATH")]
    assert all(Path(path).is_relative_to(tmp_path / ".prefect") for path in kept)
    assert os.environ["DO_NOT_TRACK"] == "1"


def test_local_calls_go_past_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "inside.example")
    environment.isolate(tmp_path, "http://127.0.0.1:1/api")
    assert os.environ["NO_PROXY"] == "inside.example,127.0.0.1"


def test_prefect_sees_only_the_project(tmp_path: Path) -> None:
    home = tmp_path / "home" / ".prefect"
    home.mkdir(parents=True)
    (home / "profiles.toml").write_text(
        'active = "mine"\n[profiles.mine]\nPREFECT_API_URL = "https://somewhere.example/api"\n'
    )
    code = (
        "from pathlib import Path; from flows.environment import isolate\n"
        f"isolate(Path({str(tmp_path)!r}), 'http://127.0.0.1:1/api')\n"
        "from prefect.settings import PREFECT_API_URL, PREFECT_HOME\n"
        "print(PREFECT_API_URL.value(), PREFECT_HOME.value())"
    )
    told = {**os.environ, "HOME": str(tmp_path / "home"), "PREFECT_PROFILE": "mine"}
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=told, check=True, capture_output=True, text=True
    ).stdout
    assert output.split() == ["http://127.0.0.1:1/api", str(tmp_path / ".prefect")]


def test_healthy_server_of_make_serve_is_used(
    tmp_path: Path, answering: str, no_servers: list[environment.Server]
) -> None:
    process = serving(tmp_path, answering)
    try:
        with environment.connection(tmp_path) as server:
            assert server is None
            assert os.environ["PREFECT_API_URL"] == answering
    finally:
        process.communicate()
    assert not no_servers


def test_temporary_server_when_the_serving_one_does_not_answer(
    tmp_path: Path, no_servers: list[environment.Server]
) -> None:
    process = serving(tmp_path, environment.api_address(environment.free_port()))
    try:
        with environment.connection(tmp_path) as server:
            assert no_servers == [server]
    finally:
        process.communicate()


def test_announcement_ends_with_its_process(
    tmp_path: Path, answering: str, no_servers: list[environment.Server]
) -> None:
    process = serving(tmp_path, answering)
    process.kill()
    process.communicate()
    assert environment.served_at(tmp_path) is None
    with environment.connection(tmp_path) as server:
        assert no_servers == [server]


def test_project_is_served_once(tmp_path: Path) -> None:
    process = serving(tmp_path, "http://127.0.0.1:1/api")
    try:
        with (
            pytest.raises(InputError, match="served already"),
            environment.claim_serving(tmp_path, "http://127.0.0.1:2/api"),
        ):
            pass
    finally:
        process.communicate()


def test_taken_port_is_seen(answering: str) -> None:
    assert not environment.port_is_free(int(answering.split(":")[2].removesuffix("/api")))
    assert environment.port_is_free(environment.free_port())


@pytest.mark.parametrize("text", ["x", "0", "70000", "-1"])
def test_port_is_checked(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_PORT", text)
    with pytest.raises(InputError, match="PREFECT_PORT"):
        environment.serve_port()


def test_nothing_in_the_library_needs_prefect() -> None:
    for file in (ROOT / "ecoassess").rglob("*.py"):
        assert "import prefect" not in file.read_text(encoding="utf-8"), file
        assert "from prefect" not in file.read_text(encoding="utf-8"), file
