"""The page of published figures that tests compare with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from ecoassess.documentation.markdown import code, line, link
from ecoassess.documentation.test_status import (
    BY_HAND,
    STALE,
    Comparison,
    TestStatus,
    comparisons,
)

INTRODUCTION = """\
Each line is a figure that somebody else published and that a test holds against what this program
computes. *Ours* is what the test found in its last run, not a copy. A line is there because the
test says so (the fixture `compare` of `tests/conftest.py`), so that a figure cannot be listed
without being compared. A tolerance wider than rounding has its reason in the test.
"""

NOT_LISTED = """\
## What is not listed 未列入的对照

- figures worked out by hand: they stand on the pages of the methods;
- properties (balances, what must rise or fall, limits) and comparisons with other programs that are
  run beside ours, such as libcbm;
- figures of statistics and data sets, which the catalogue and the data tests carry;
- figures whose tests name no publication: what designs of local solar plants promise, and what
  sloping fields of black soil lose;
- published figures that a test compares with in another way than by the fixture. Reference files
  none of whose figures a listed test compares with are named below.
"""


def conformance_page(
    status: TestStatus, pages: Mapping[str, str], references: Mapping[str, bool]
) -> str:
    """Return the page.

    Parameters
    ----------
    pages
        Method → its page.
    references
        File of tests/reference → whether a listed test reads it.
    """
    compared = [c for case in status.cases for c in case.compared if c.source != BY_HAND]
    lines = ["# Conformance 与已发表数字的对照", "", INTRODUCTION]
    if not compared:
        lines += ["", "**No report of the tests was at hand when this page was built.**", ""]
    else:
        failed = sum(case.outcome not in ("passed", "skipped") for case in status.cases)
        tests = len({c.test for c in compared})
        lines += [
            "",
            f"{len(compared)} comparisons in {tests} tests, from {len(_sources(compared))} sources"
            + (f"; **{failed} tests of the last run failed**" if failed else "")
            + (f". {STALE}" if any(c.stale for c in status.cases if c.compared) else "."),
            "",
        ]
    for method in dict.fromkeys(sorted(c.of for c in compared)):
        own = [c for c in compared if c.of == method]
        lines += [f"## {_title(method, pages)}", ""]
        for source in _sources(own):
            lines += [line(source), *comparisons(c for c in own if c.source == source)]
    lines += ["", NOT_LISTED]
    lines += [f"- {code(file)}" for file, listed in references.items() if not listed] or [
        "(There is no such file.)"
    ]
    return "\n".join(lines) + "\n"


def _sources(compared: Iterable[Comparison]) -> list[str]:
    return list(dict.fromkeys(c.source for c in compared))


def _title(method: str, pages: Mapping[str, str]) -> str:
    page = pages.get(method)
    return link(PurePosixPath(page).stem, page) if page else method
