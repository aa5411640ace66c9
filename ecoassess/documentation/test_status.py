"""Which tests cover a method, what they said in their last run, and what they compared with."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

from ecoassess.documentation.hand_worked import hand_worked
from ecoassess.documentation.markdown import NOTHING, code, line, table
from ecoassess.language import Words
from ecoassess.report import number

PROPERTY = "compared"
"""Name of the property in pytest's XML report that holds one comparison, as JSON."""

BY_HAND = "by hand"
"""What a comparison names as its source when the figure was worked out by hand."""

STALE = "Code, configurations or tests changed after that run."

CONTRACTS = "tests/test_contracts.py"
"""The tests that every technology passes, with no line written for it."""

SHOWN = 6
"""A comparison of more figures than these shows between which they lie."""


@dataclass(frozen=True)
class Comparison:
    """One figure, or several alike, that a test compared with.

    Parameters
    ----------
    of
        The technology or model.
    expected, ours
        The figures; the smallest and the largest where `count` is more than `SHOWN`.
    deviation
        The largest relative difference; None within a range and beside 0.
    test
        File and name of the test.
    """

    of: str
    quantity: str
    expected: Sequence[float]
    ours: Sequence[float]
    count: int
    unit: str
    tolerance: str
    deviation: float | None
    source: str
    test: str

    @property
    def row(self) -> list[str]:
        """The cells of a table."""
        apart = NOTHING if self.deviation is None else f"{100 * self.deviation:.2g} %"
        return [
            line(self.quantity),
            self._figures(self.expected),
            self._figures(self.ours),
            line(self.unit),
            line(self.tolerance),
            apart,
            code(self.test),
        ]

    def _figures(self, values: Sequence[float]) -> str:
        texts = [number(value) for value in values]
        if self.count > SHOWN:
            return f"{' … '.join(texts)} ({self.count})"
        ranged = self.expected if self.tolerance == WITHIN else self.ours
        is_range = self.tolerance in (WITHIN, CONTAINS) and values is ranged
        return (" … " if is_range else ", ").join(texts)


HEADS = ["quantity", "compared with", "ours", "unit", "tolerance", "difference", "test"]


def comparisons(compared: Iterable[Comparison], sources: bool = False) -> list[str]:
    """Return the table of comparisons, with a column of sources where that is asked."""
    rows = [[*c.row[:-1], *([line(c.source)] * sources), c.row[-1]] for c in compared]
    heads = [*HEADS[:-1], *(["source"] * sources), HEADS[-1]]
    return ["", '<div class="comparisons" markdown>', *table(heads, rows), "</div>", ""]


WITHIN = "ours within the range"
CONTAINS = "within our range"
"""The tolerance of a comparison with a published range, and of one with a range of ours."""


@dataclass(frozen=True)
class Case:
    """One test of a report.

    Parameters
    ----------
    stale
        Whether code, configurations, data or tests changed after the report.
    """

    file: str
    name: str
    outcome: str
    compared: Sequence[Comparison]
    stale: bool = False


def read_reports(paths: Iterable[Path], root: Path, changed: float = 0.0) -> list[Case]:
    """Return the tests of reports that pytest wrote; of each test what the newest report says.

    Parameters
    ----------
    changed
        When code, configurations, data or tests changed last; an older report is stale.
    """
    cases: dict[tuple[str, str], Case] = {}
    for path in sorted(paths, key=lambda path: path.stat().st_mtime):
        stale = path.stat().st_mtime < changed
        cases |= {(case.file, case.name): case for case in _cases(path, root, stale)}
    return list(cases.values())


def _cases(path: Path, root: Path, stale: bool) -> list[Case]:
    cases = []
    for element in ElementTree.parse(path).iter("testcase"):  # noqa: S314 - our own tests wrote it
        file = _file(element.get("classname", ""), root)
        name = element.get("name", "")
        outcomes = [o for o in ("failure", "error", "skipped") if element.find(o) is not None]
        compared = [
            Comparison(**json.loads(p.get("value", "")), test=f"{file}::{name}")
            for p in element.iter("property")
            if p.get("name") == PROPERTY
        ]
        cases.append(Case(file, name, outcomes[0] if outcomes else "passed", compared, stale))
    return cases


def _file(classname: str, root: Path) -> str:
    """Return the file that a report's class name stands for; classes come after it."""
    parts = classname.split(".")
    for length in range(len(parts), 0, -1):
        file = "/".join(parts[:length]) + ".py"
        if (root / file).is_file():
            return file
    return classname


@dataclass(frozen=True)
class TestStatus:
    """The tests of a checkout and their last report.

    Parameters
    ----------
    root
        The checkout.
    cases
        The tests of the last report; empty when there is none.
    methods
        The names of technologies and models.
    """

    __test__ = False  # not a test itself, though pytest would take it for one

    root: Path
    words: Words
    cases: Sequence[Case]
    methods: Iterable[str]

    @cached_property
    def covering(self) -> Mapping[str, Mapping[str, str]]:
        """Method → test module → how it covers it: imports its module, or names it."""
        found: dict[str, dict[str, str]] = {name: {} for name in self.methods}
        for path in sorted((self.root / "tests").rglob("test_*.py")):
            file = path.relative_to(self.root).as_posix()
            tree = ast.parse(path.read_text(encoding="utf-8"))
            imported, named = set(_imports(tree)), set(_names(tree))
            for name, tests in found.items():
                if name in imported:
                    tests[file] = "imports it"
                elif name in named:
                    tests[file] = "names it"
        return found

    def of(self, method: str) -> list[str]:
        """Return what is said about the tests of one method."""
        rows = [[code(file), how, self.counts(file)] for file, how in self._modules(method)]
        lines = table(["tests", "how", "last run"], rows) or ["No test names it by itself."]
        files = {file for file, _ in self._modules(method)}
        if any(case.stale for case in self.cases if case.file in files):
            lines += ["", STALE]
        compared = [c for case in self.cases for c in case.compared if c.of == method]
        published = [c for c in compared if c.source != BY_HAND]
        by_hand = [c for c in compared if c.source == BY_HAND]
        if published:
            lines += ["", "Beside published figures 与已发表数字对照:"]
            lines += comparisons(published, sources=True)
        if by_hand:
            lines += ["", "Beside figures worked out by hand 与手算对照:"]
            lines += comparisons(by_hand)
        return lines + self._hand_worked(method)

    def _hand_worked(self, method: str) -> list[str]:
        """Return the sums that tests of a method do by hand."""
        lines = []
        for file, how in self._modules(method):
            for one in hand_worked(self.root / file, method) if how == "imports it" else []:
                outcomes = {
                    case.outcome
                    for case in self.cases
                    if case.file == file and case.name.partition("[")[0] == one.name
                }
                outcome = ", ".join(sorted(outcomes)) or "not run in this build"
                lines += ["", f"{code(f'{file}::{one.name}')} ({outcome})", ""]
                lines += (
                    [f"    {text}" for text in one.sums] if one.sums else ["(sums in its code)"]
                )
        return ["", "### Worked out by hand 手算", *lines] if lines else []

    def _modules(self, method: str) -> list[tuple[str, str]]:
        contracts = self.root / "ecoassess" / "technologies" / f"{method}.py"
        always = [(CONTRACTS, "each technology")] if contracts.is_file() else []
        covering = self.covering.get(method, {}).items()
        return [*always, *((f, how) for f, how in covering if f != CONTRACTS)]

    def counts(self, file: str) -> str:
        """Return how many tests of a module passed, failed and were left out."""
        own = [case for case in self.cases if case.file == file]
        outcomes = [case.outcome for case in own]
        if not outcomes:
            return "not run in this build"
        failed = outcomes.count("failure") + outcomes.count("error")
        texts = [f"{outcomes.count('passed')} passed"]
        texts += [f"**{failed} failed**"] if failed else []
        texts += [f"{outcomes.count('skipped')} skipped"] if "skipped" in outcomes else []
        written = (self.root / file).read_text(encoding="utf-8").count("\ndef test_")
        run = len({case.name.partition("[")[0] for case in own})
        part = f" ({run} of its {written} functions ran)" if run < written else ""
        return ", ".join(texts) + part


def _imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules of technologies and models that a test imports."""
    packages = ("ecoassess.technologies", "ecoassess.models", "ecoassess")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module.startswith(packages):
                yield node.module.rpartition(".")[2]
            if node.module in packages:
                yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name.rpartition(".")[2] for alias in node.names)


def _names(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a test, among them names of technologies and models."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
