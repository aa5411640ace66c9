"""What goes wrong, said so that the reader can mend it.

A problem names the place (file, line, key), what was found, what was expected and the remedy.
Checks collect every problem they see and raise them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input."""

    what: str
    found: str | None = None
    expected: str | None = None
    remedy: str | None = None
    file: Path | str | None = None
    line: int | None = None
    key: str | None = None

    def at(self, file: Path | str, line: int | None = None, key: str | None = None) -> Problem:
        """Return the same problem with its place filled in."""
        return replace(
            self,
            file=self.file or file,
            line=self.line if self.line is not None else line,
            key=self.key or key,
        )

    def __str__(self) -> str:
        place = str(self.file) if self.file else ""
        if self.line is not None:
            place += f":{self.line}"
        if self.key:
            place += f" [{self.key}]" if place else self.key
        parts = [f"{place}: {self.what}" if place else self.what]
        for label, text in (
            ("found", self.found),
            ("expected", self.expected),
            ("remedy", self.remedy),
        ):
            if text is not None:
                parts.append(f"  {label}: {text}")
        return "\n".join(parts)


class EcoassessError(Exception):
    """Base of the errors that are reported without a traceback."""

    exit_status = 1

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class InputError(EcoassessError):
    """An input (configuration, data, argument) is wrong; nothing was computed."""

    exit_status = 2


class RunError(EcoassessError):
    """A run failed while it computed or wrote; nothing was published."""

    exit_status = 1


def raise_if_any(problems: Iterable[Problem]) -> None:
    """Raise all `problems` in one `InputError`, or do nothing when there is none."""
    found = tuple(problems)
    if found:
        raise InputError(*found)
