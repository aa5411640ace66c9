"""What goes wrong, said so that the reader can mend it.

A problem names the place (file, line, column, key), what was found, what was expected and the
remedy.
Checks collect every problem they see and raise them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

PARTS = ("found", "expected", "remedy")
"""What a problem says under its first line."""


class Line(int):
    """The number of a line, which knows the column at which something starts in it.

    Wherever a line is kept or handed on, its column comes along.
    """

    column: int | None

    def __new__(cls, line: int, column: int | None = None) -> Line:
        """Return line and column, both counted from 1."""
        made = super().__new__(cls, line)
        made.column = column
        return made


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

    @property
    def column(self) -> int | None:
        """The column at which it stands, counted from 1; None where only the line is known."""
        return getattr(self.line, "column", None)

    @property
    def place(self) -> str:
        """File, line and column as editors and terminals read them, and the key."""
        place = str(self.file) if self.file else ""
        for number in (self.line, self.column):
            if number is not None:
                place += f":{number}"
        if self.key:
            place += f" [{self.key}]" if place else self.key
        return place

    def told(
        self,
        say: Callable[[str], str] = str,
        labels: Callable[[str], str] = str,
    ) -> str:
        """Return the message, with its sentences put through `say`, its labels through `labels`."""
        lines = [f"{self.place}: {say(self.what)}" if self.place else say(self.what)]
        for part in PARTS:
            text = getattr(self, part)
            if text is not None:
                lines.append(f"  {labels(part)}: {say(text)}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.told()


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
