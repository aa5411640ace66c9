"""Markdown from docstrings and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

NOTHING = "–"


def escape(text: str) -> str:
    """Return plain text so that Markdown shows it as it is."""
    return re.sub(r"([*<>|\[\]])", lambda m: f"&#{ord(m[1])};", text)


def line(text: object) -> str:
    """Return plain text as one escaped line, a dash for none."""
    return escape(" ".join(str(text).split())) if text not in (None, "") else NOTHING


def code(text: object) -> str:
    """Return a name as code, a dash for none."""
    return f"`{text}`" if text not in (None, "") else NOTHING


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table, with an empty one before and after; none without rows."""
    body = [f"| {' | '.join(cells)} |" for cells in rows]
    if not body:
        return []
    return ["", f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads), *body, ""]


def link(text: str, page: str, anchor: str = "") -> str:
    """Return a link; `page` as seen from the page that holds it."""
    return f"[{text}]({page}{'#' + anchor if anchor else ''})"


def docstring(text: str, sections: dict[str, str]) -> list[str]:
    """Return the lines of a docstring: headings, paragraphs, and what `::` announces as code.

    Parameters
    ----------
    sections
        Heading → what stands beside it, the heading in Chinese.
    """
    lines = text.splitlines()
    result: list[str] = []
    verbatim = False
    for number, raw in enumerate(lines):
        below = lines[number + 1] if number + 1 < len(lines) else ""
        if raw and not raw[0].isspace() and re.fullmatch(r"-{3,}", below):
            result += ["", f"## {raw} {sections.get(raw, '')}".rstrip(), ""]
            verbatim = False
        elif re.fullmatch(r"-{3,}", raw):
            continue
        elif verbatim and (not raw or raw.startswith("    ")):
            result.append(raw)
        elif raw.endswith("::"):
            announced = raw[:-2].rstrip()
            result += [f"{_prose(announced)}:"] if announced else []
            verbatim = True
        else:
            verbatim = False
            result.append(_prose(raw))
    return result


def _prose(raw: str) -> str:
    """Return a line of prose: escaped outside of code, lists and indents as they are."""
    bullet = re.match(r"\s*[*-] ", raw)
    head = bullet[0] if bullet else ""
    parts = re.split(r"(`[^`]*`)", raw[len(head) :])
    return head + "".join(p if p.startswith("`") else escape(p) for p in parts)
