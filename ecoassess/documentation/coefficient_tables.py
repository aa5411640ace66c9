"""Coefficients and sources as they stand in the YAML, for pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from ecoassess.coefficients import Coefficient, Value
from ecoassess.documentation.markdown import NOTHING, code, line, link, table
from ecoassess.language import Words
from ecoassess.opening import Source
from ecoassess.project import Project


def anchor(source: str) -> str:
    """Return the anchor of a source on the page of sources."""
    return f"source-{source.replace('_', '-')}"


def coefficient_lines(coefficient: Coefficient, project: Project, words: Words) -> list[str]:
    """Return one coefficient: what it is, and a row for each of its values.

    The page is one folder below the page of sources.
    """
    entry = coefficient.entry
    file = project.relative(coefficient.file)
    heads = [d.replace("_", " ") for d in entry.dimensions]
    heads += ["value", "95 % range or bounds", "distribution", "grade", "source", "locator"]
    lines = [
        f"### {code(coefficient.name)}",
        "",
        f"{line(entry.en)} · {line(entry.zh)}",
        "",
        f"Unit {code(coefficient.unit)} · {code(f'{file}:{coefficient.line}')}"
        + (
            f" · shares one unknown with the group {code(entry.correlated)}"
            * bool(entry.correlated)
        )
        + " · drawn for each county apart" * (entry.uncertainty_of == "site"),
    ]
    lines += table([*heads, "line"], [_row(value, words) for value in coefficient.table])
    notes: dict[str, list[str]] = {}
    for value in coefficient.table:
        text = value.note or entry.note
        if text:
            notes.setdefault(text, []).append(", ".join(map(words.label, value.labels)))
    for text, labels in notes.items():
        of = f" ({line('; '.join(labels))})" if 0 < len(labels) < len(coefficient.table) else ""
        lines += [f"*Note*{of if any(labels) else ''}: {line(text)}", ""]
    return lines


def _row(value: Value, words: Words) -> list[str]:
    spread = value.spread
    statistic = "" if spread.statistic == "mean" else f", {words.label(spread.statistic)}"
    ends, which = (spread.interval, "") if spread.interval else (spread.bounds, " (bounds)")
    return [
        *(line(words.label(label)) for label in value.labels),
        f"{spread.value:g}",
        f"{ends[0]:g} … {ends[1]:g}{which}" if ends else NOTHING,
        words.label(spread.distribution) + statistic,
        value.grade,
        link(code(value.source), "../sources.md", anchor(value.source)),
        line(value.locator),
        str(value.line),
    ]


def cited(coefficients: Iterable[Coefficient]) -> list[str]:
    """Return the keys of the sources that coefficients name, in alphabetical order."""
    return sorted({value.source for one in coefficients for value in one.table})


def citation(source: Source) -> str:
    """Return a source's citation with DOI and address."""
    doi = f" doi:{source.doi}" if source.doi else ""
    url = f" <{source.url}>" if source.url else ""
    return line(source.citation) + line(doi) * bool(doi) + url


def sources_page(
    sources: Mapping[str, Source], used_by: Mapping[str, Iterable[str]], scenario: Iterable[str]
) -> str:
    """Return the page of all sources.

    Parameters
    ----------
    used_by
        Source → pages whose coefficients name it.
    scenario
        Sources that adoption paths name.
    """
    named = set(scenario)
    lines = ["# Sources 来源", "", "Every source that a coefficient or an adoption path names.", ""]
    for key, source in sources.items():
        uses = [link(PurePosixPath(page).stem, page) for page in used_by.get(key, ())]
        uses += ["adoption paths of the scenario"] if key in named else []
        lines += [
            f"### {code(key)} {{ #{anchor(key)} }}",
            "",
            citation(source),
            "",
            f"Used by: {', '.join(uses) or NOTHING}",
            "",
        ]
    return "\n".join(lines)
