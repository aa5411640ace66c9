"""YAML files → checked models, with the line and column of every mistake.

The files are read by ruamel.yaml (YAML 1.2) into nodes, so that each key keeps its place, and then
checked by pydantic models. Aliases, tags, duplicate keys and numbers with leading zeros are
refused: each of them changes what a reader believes the file says.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ecoassess import parsed
from ecoassess.errors import InputError, Line, Problem, raise_if_any
from ecoassess.typed import DECIMAL_COMMA, foreign, mistyped, remedy_for

KeyPath = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)

LINES_BEFORE = 3
"""So many lines before a mistake of syntax its cause is looked for."""

_SCALARS: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:null": lambda text: None,
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:timestamp": str,  # a date is checked where one is meant
}


class Strict(BaseModel):
    """Base of all configuration models: no unknown key, no silent conversion, no change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Document:
    """A YAML file: its plain content, the line and column of each key, and its text."""

    def __init__(
        self, path: Path, content: Any, lines: Mapping[KeyPath, Line], text: str = ""
    ) -> None:
        self.path = path
        self.content = content
        self.lines = lines
        self.text = text

    def line(self, key: KeyPath) -> Line | None:
        """Return the line (with its column) of `key`, or of the nearest parent that exists."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key)

    def place(self, key: KeyPath) -> tuple[Path, int | None]:
        """Return the file and line of `key`."""
        return self.path, self.line(key)

    def problem(self, key: KeyPath, problem: Problem) -> Problem:
        """Return `problem` with this file, line and key.

        Where a character was typed for another one, the remedy is to write that.
        """
        own = problem.at(self.path, self.line(key), ".".join(map(str, key)) or None)
        found = self._foreign(key, problem.found or "")
        return replace(own, remedy=remedy_for(*found)) if found else own

    def _foreign(self, key: KeyPath, found: str) -> tuple[str, Line, bool] | None:
        """Return the character in a key, or in what was found there, that stands for another.

        With its place, and whether it is the last of the text.
        """
        place = self.line(key)
        for text in [*map(str, key[-1:]), found.strip("[]'\"")]:
            character = foreign(text)
            if character is None or place is None:
                continue
            lines = self.text.splitlines()[place - 1 :]
            for number, line in enumerate(lines, start=int(place)):
                start = (place.column or 1) - 1 if number == place else 0
                column = line.find(text, start)
                if column >= 0:
                    index = text.index(character)
                    return character, Line(number, column + index + 1), text[index:] == character
        return None

    def missing(self, key: KeyPath, name: str) -> tuple[str, Line] | None:
        """Return the full-width colon behind a name that is no key because of it."""
        place = self.line(key)
        if place is None:
            return None
        others = (line for path, line in self.lines.items() if path[: len(key)] != key)
        end = min((line for line in others if line > place), default=None)
        lines = self.text.splitlines()[place - 1 : end and end - 1]
        for number, line in enumerate(lines, start=int(place)):
            match = re.search(rf"\b{re.escape(name)}\s*(：)", line)
            if match:
                return match[1], Line(number, match.start(1) + 1)
        return None


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file.

    Raises
    ------
    InputError
        When the file is absent, unreadable or in another encoding.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        nearby = difflib.get_close_matches(
            path.name, [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
        )
        raise InputError(
            Problem(
                what="file not found",
                file=path,
                expected="an existing file",
                remedy=f"did you mean {nearby[0]}?" if nearby else "create it or correct the path",
            )
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(
            Problem(
                what="file is not UTF-8",
                file=path,
                found=f"byte {error.object[error.start]:#04x} at position {error.start}",
                expected="UTF-8 text",
                remedy="save the file as UTF-8",
            )
        ) from None
    except OSError as error:
        raise InputError(
            Problem(what="file cannot be read", file=path, found=error.strerror)
        ) from None


def read_yaml(path: Path) -> Document:
    """Read one YAML file.

    Raises
    ------
    InputError
        For syntax errors, duplicate keys, aliases, tags, directives and octal-looking numbers.
    """
    text = read_text(path)
    before = parsed.known(text)
    if before is not None:
        return Document(path, *before, text)
    if text.startswith("%"):
        raise InputError(
            Problem(
                what="YAML directives are not read",
                file=path,
                line=Line(1, 1),
                found=text.splitlines()[0],
                remedy="delete the line",
            )
        )
    try:
        root = YAML(typ="safe").compose(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        start = getattr(error, "context_mark", None) or mark
        near = list(enumerate(text.splitlines(), start=1))
        typed = None
        if mark and start:
            # A key that is none makes its line part of the value before it, which may end later.
            for first in (start.line, mark.line - 1, mark.line - LINES_BEFORE):
                typed = typed or mistyped(near[max(first, 0) : mark.line + 1])
        raise InputError(
            Problem(
                what="not valid YAML",
                file=path,
                line=_place(mark) if mark else None,
                found=str(getattr(error, "problem", None) or error).splitlines()[0],
                remedy=remedy_for(*typed)
                if typed
                else "check indentation, colons, quotes and * or & signs near this line",
            )
        ) from None
    lines: dict[KeyPath, Line] = {}
    problems: list[Problem] = []
    content = _plain(root, (), lines, problems, set()) if root is not None else {}
    raise_if_any(problem.at(path) for problem in problems)
    parsed.learn(text, content, lines)
    return Document(path, content, lines, text)


def placed(problem: Problem, root: Path) -> Problem:
    """Return a problem that names a key of a YAML file with the line of that key."""
    if problem.line is not None or not problem.key or not str(problem.file).endswith(".yaml"):
        return problem
    try:
        document = read_yaml(root / str(problem.file))
    except InputError:
        return problem
    dotted = {".".join(map(str, key)): line for key, line in document.lines.items()}
    name = problem.key
    while name and name not in dotted:
        name = name.rpartition(".")[0]
    return replace(problem, line=dotted.get(name))


def _place(mark: Any) -> Line:
    """Return line and column of a place in a YAML file."""
    return Line(mark.line + 1, mark.column + 1)


def _plain(
    node: Node,
    key: KeyPath,
    lines: dict[KeyPath, Line],
    problems: list[Problem],
    seen: set[int],
) -> Any:
    """Turn a YAML node into plain Python values, noting lines and problems."""
    line = _place(node.start_mark)
    lines.setdefault(key, line)
    dotted = ".".join(map(str, key))
    if id(node) in seen:
        problems.append(
            Problem(
                what="an alias (*name) repeats another value",
                line=line,
                key=dotted,
                remedy="write the value out",
            )
        )
    seen.add(id(node))
    if isinstance(node, MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            name = str(key_node.value)
            path = (*key, name)
            if name in result:
                problems.append(
                    Problem(
                        what="the key stands twice",
                        line=_place(key_node.start_mark),
                        key=".".join(map(str, path)),
                        found=f"first in line {lines[path]}",
                        expected="each key once",
                        remedy="delete or rename one of the two",
                    )
                )
                continue
            lines[path] = _place(key_node.start_mark)
            result[name] = _plain(value_node, path, lines, problems, seen)
        return result
    if isinstance(node, SequenceNode):
        return [
            _plain(item, (*key, index), lines, problems, seen)
            for index, item in enumerate(node.value)
        ]
    assert isinstance(node, ScalarNode)  # noqa: S101 - YAML has three kinds of node
    convert = _SCALARS.get(str(node.tag))
    odd = re.fullmatch(
        r"[-+]?0(\d+|x[\da-f]+|o\d+|b\d+)|[-+]?\.(inf|nan)", node.value, re.IGNORECASE
    )
    if convert is None or (odd and not node.style):
        problems.append(
            Problem(
                what="ambiguous value",
                line=line,
                key=dotted,
                found=node.value,
                expected="plain text, number, true/false or null",
                remedy="put codes in quotes; write numbers without leading zeros; use no tags",
            )
        )
        return None
    return convert(node.value)


def validate(document: Document, model: type[ModelT], key: KeyPath = ()) -> ModelT:
    """Check the content of `document` (or its part at `key`) against `model`.

    Raises
    ------
    InputError
        With one problem per mistake, all at once.
    """
    content = document.content
    for part in key:
        content = content[part]
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(
            *(_translate(document, model, key, dict(detail)) for detail in error.errors())
        ) from None


def _translate(
    document: Document, model: type[BaseModel], key: KeyPath, detail: dict[str, Any]
) -> Problem:
    """Turn one pydantic error into a problem."""
    location: KeyPath = (*key, *detail["loc"])
    kind = detail["type"]
    if kind == "extra_forbidden":
        name = str(location[-1])
        allowed = sorted(_fields_at(model, detail["loc"][:-1]))
        nearby = difflib.get_close_matches(name, allowed, n=1)
        problem = Problem(
            what="unknown key",
            found=name,
            expected=", ".join(allowed) or None,
            remedy=f"did you mean '{nearby[0]}'?" if nearby else "delete it",
        )
    elif kind == "missing":
        problem = Problem(
            what="a key is missing",
            expected=f"'{location[-1]}'",
            remedy="add it",
        )
        typed = document.missing(location[:-1], str(location[-1]))
        if typed:
            problem = replace(problem, remedy=remedy_for(*typed))
    elif kind == "value_error":
        cause = detail["ctx"]["error"]
        problem = cause.problem if isinstance(cause, CheckError) else Problem(what=str(cause))
    else:
        problem = Problem(
            what="wrong value",
            found=repr(detail["input"]),
            expected=detail["msg"].replace("Input should be ", ""),
            remedy="write a decimal point, and no other separator"
            if DECIMAL_COMMA.fullmatch(repr(detail["input"]))
            else "correct the value",
        )
    return document.problem(location, problem)


def _fields_at(model: Any, location: KeyPath) -> list[str]:
    """Return the field names of the model that sits at `location` below `model`."""
    annotation: Any = model
    for part in location:
        inner = _model_in(annotation)
        if inner is not None and not issubclass(inner, RootModel):
            if str(part) not in inner.model_fields:
                return []
            annotation = inner.model_fields[str(part)].annotation
        else:  # a mapping or a list: its last argument is what it holds
            held: Any = inner.model_fields["root"].annotation if inner else annotation
            annotation = get_args(held)[-1] if get_args(held) else None
    inner = _model_in(annotation)
    if inner is None or issubclass(inner, RootModel):
        return []
    return [field.alias or name for name, field in inner.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation is, or is optional of; None for mappings and lists."""
    candidates = [annotation]
    if get_origin(annotation) in (Union, UnionType):
        candidates = list(get_args(annotation))
    for candidate in candidates:
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


class CheckError(ValueError):
    """Raised by a model's own checks; carries a whole problem."""

    def __init__(self, what: str, **details: Any) -> None:
        super().__init__(what)
        self.problem = Problem(what, **details)
