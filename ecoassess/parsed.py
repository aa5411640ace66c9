"""What YAML files hold, kept from one start of the program to the next.

Most of the time of a start went into reading the same hundred files of coefficients again. A text
that was read before, and that the same program made the same sense of, is not read a second time.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ecoassess.errors import Line

Parsed = tuple[Any, dict[tuple[str | int, ...], Line]]
"""The plain content of a file, and the place of each key."""

MOST = 500
"""Texts that are kept: all of a project, and some earlier states of each."""

_known: dict[str, bytes] = {}
_new: set[str] = set()
_read: set[Path] = set()


@cache
def _program() -> bytes:
    """Return what the sense of a text hangs on beside the text."""
    source = Path(__file__).with_name("configuration.py").read_bytes()
    return hashlib.sha256(source + version("ruamel.yaml").encode()).digest()


def _key(text: str) -> str:
    return hashlib.sha256(_program() + text.encode()).hexdigest()


def known(text: str) -> Parsed | None:
    """Return what a text holds, where it was read before; each time anew, free to be changed."""
    key = _key(text)
    if key not in _known:
        return None
    _known[key] = _known.pop(key)  # the last used stand last
    parsed: Parsed = pickle.loads(_known[key])  # noqa: S301 - of our own cache
    return parsed


def learn(text: str, content: Any, lines: dict[tuple[str | int, ...], Line]) -> None:
    """Keep what a text without mistakes holds."""
    key = _key(text)
    _known[key] = pickle.dumps((content, lines))
    _new.add(key)


@contextmanager
def kept(file: Path) -> Iterator[None]:
    """Know what a file holds of earlier starts, and leave there what is learned meanwhile.

    A file that cannot be read or written is done without: it saves time and holds nothing else.
    """
    if file not in _read:
        _read.add(file)
        try:
            earlier = pickle.loads(file.read_bytes())  # noqa: S301
        except (OSError, EOFError, ValueError, pickle.UnpicklingError, AttributeError, ImportError):
            earlier = None
        both = {**(earlier if isinstance(earlier, dict) else {}), **_known}
        _known.clear()
        _known.update(both)
    try:
        yield
    finally:
        if _new:
            _new.clear()
            _leave(file)


def _leave(file: Path) -> None:
    """Write what is known, at once or not at all."""
    scratch = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(pickle.dumps(dict(list(_known.items())[-MOST:])))
        scratch.replace(file)
    except OSError:
        scratch.unlink(missing_ok=True)
