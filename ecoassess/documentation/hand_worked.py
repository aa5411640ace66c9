"""What tests work out by hand, in the words and sums of their own comments."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class HandWorked:
    """One test that works something out by hand.

    Parameters
    ----------
    sums
        Its docstring and comments, line by line.
    """

    name: str
    sums: tuple[str, ...]


def hand_worked(path: Path, method: str) -> list[HandWorked]:
    """Return the tests of a module that work out a method's figures by hand.

    Those whose name or docstring says so, and which use the method: by its name, or through
    functions, fixtures and constants of the module that do.
    """
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    comments = _comments(text)
    uses = {name: _used(node) for node in tree.body for name in _defines(node)}
    starts = [node.lineno for node in tree.body]
    found = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        documentation = ast.get_docstring(node) or ""
        by_hand = "by_hand" in node.name or "by hand" in documentation
        if by_hand and method in _reached(node.name, uses):
            end = node.end_lineno or node.lineno
            before = max([s for s in starts if s < node.lineno], default=0)
            above = _directly_above(comments, min([node.lineno, *_decorators(node)]), before)
            inside = [c for at, c in comments.items() if node.lineno <= at <= end]
            sums = [*documentation.splitlines(), *above, *inside]
            found.append(HandWorked(node.name, tuple(s.strip() for s in sums if s.strip())))
    return found


def _decorators(node: ast.FunctionDef) -> list[int]:
    return [decorator.lineno for decorator in node.decorator_list]


def _comments(text: str) -> dict[int, str]:
    """Return line → comment."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}


def _directly_above(comments: dict[int, str], line: int, after: int) -> list[str]:
    """Return the block of comments that ends on the line before a function."""
    block: list[str] = []
    at = line - 1
    while at > after and at in comments:
        block.insert(0, comments[at])
        at -= 1
    return block


def _defines(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement of a module gives a meaning."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (t.id for one in node.targets for t in ast.walk(one) if isinstance(t, ast.Name))


def _used(node: ast.AST) -> set[str]:
    """Return the names, arguments and texts within a statement."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.arg):
            found.add(part.arg)
        elif isinstance(part, ast.Attribute):
            found.add(part.attr)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            found.add(part.value)
    return found


def _reached(name: str, uses: dict[str, set[str]]) -> set[str]:
    """Return all names that a function uses, through others of its module too."""
    reached: set[str] = set()
    waiting = {name}
    while waiting:
        one = waiting.pop()
        reached.add(one)
        waiting |= uses.get(one, set()) - reached
    return reached
