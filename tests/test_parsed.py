"""YAML files that were read before are the same when they are not read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecoassess import parsed
from ecoassess.configuration import read_yaml
from ecoassess.errors import InputError

TEXT = "one: 1\ntwo:\n  - {three: 0.5, 四: yes}\n"


@pytest.fixture
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_known", "_new", "_read"):
        monkeypatch.setattr(parsed, name, type(getattr(parsed, name))())


def read(file: Path) -> tuple[object, dict[object, tuple[int, int | None]]]:
    document = read_yaml(file)
    return document.content, {key: (int(at), at.column) for key, at in document.lines.items()}


@pytest.mark.usefixtures("nothing_known")
def test_a_text_is_read_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, cache = tmp_path / "a.yaml", tmp_path / "cache" / "yaml.pickle"
    file.write_text(TEXT)
    with parsed.kept(cache):
        first = read(file)
    parsed._known.clear()  # as at the next start
    parsed._read.clear()
    monkeypatch.setattr("ecoassess.configuration.YAML", None)  # reading would fail
    with parsed.kept(cache):
        assert read(file) == first
        document = read_yaml(file)
        document.content["one"] = 2
        assert read(file) == first


@pytest.mark.usefixtures("nothing_known")
def test_another_text_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(TEXT)
    with parsed.kept(tmp_path / "yaml.pickle"):
        assert read_yaml(file).content["one"] == 1
        file.write_text(TEXT.replace("one: 1", "one: 10"))
        assert read_yaml(file).content["one"] == 10
        file.write_text("one: 1\none: 2\n")
        for _ in range(2):
            with pytest.raises(InputError, match="stands twice"):
                read_yaml(file)


@pytest.mark.usefixtures("nothing_known")
@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x80\x04K\x01."])
def test_a_broken_cache_is_done_without(tmp_path: Path, content: bytes) -> None:
    file, cache = tmp_path / "a.yaml", tmp_path / "yaml.pickle"
    file.write_text(TEXT)
    cache.write_bytes(content)
    with parsed.kept(cache):
        assert read_yaml(file).content["one"] == 1
