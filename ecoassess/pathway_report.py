"""A pathway as text: one zone year by year and by technology, or all zones side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ecoassess.explain import find_zone
from ecoassess.ledger import TERRITORIAL
from ecoassess.pathway_tables import Extended, difference, span
from ecoassess.pathways import ALL_EFFECTS, Key, Pathway
from ecoassess.report import NOTHING, Row, table

if TYPE_CHECKING:
    from ecoassess.language import Words
    from ecoassess.run import Session

ALL_ZONES = "all"
"""What asks for all zones side by side."""

KILOTONNE = 1e3
ALL: Key = (ALL_EFFECTS, TERRITORIAL)


def pathway_summary(
    pathway: Pathway,
    session: Session,
    words: Words,
    zone: str | None = None,
    extended: Extended | None = None,
) -> str:
    """Return the effects on a zone year by year and by technology, or on all zones in all.

    Parameters
    ----------
    zone
        Code or name in English or Chinese, or "all". Default: the prefecture.
    extended
        The scenario that this one extends, to tell what it adds.

    Raises
    ------
    InputError
        When no zone has this name.
    """
    wanted = None if zone == ALL_ZONES else _index(pathway, zone or session.run.config.parent)
    place = words("pathway_all_zones") if wanted is None else _name(pathway, wanted, words)
    title = words(
        "pathway_title",
        region=place,
        scenario=words.title(session.run.scenario.title),
        year=session.month.year,
    )
    text = [title]
    if extended:
        scenario = words.title(extended.scenario.title)
        text.append(words("pathway_against", scenario=scenario, name=extended.name))
    if wanted is None:
        text += ["", *_by_zone(pathway, words, extended)]
    else:
        text += ["", *_by_year(pathway, wanted, words, extended)]
        text += ["", *_by_technology(pathway, wanted, words, extended)]
    return "\n".join([*text, "", *_without_data(pathway, wanted, words)]).rstrip()


def _index(pathway: Pathway, zone: str) -> int:
    """Return the place of a zone by its code or name."""
    found: Any = find_zone(cast("Sequence[Any]", pathway.zones), zone)
    return list(pathway.zones).index(found)


def _name(pathway: Pathway, zone: int, words: Words) -> str:
    place = pathway.zones[zone]
    return place.zh if words.language == "zh" else place.en


def _heads(words: Words, first: str, extended: Extended | None, last: int | str) -> list[str]:
    heads = [words(first), f"{words('yearly_effect')} {last}".rstrip(), words("interval")]
    heads += [words("cumulative_effect"), words("interval")]
    return [*heads, words("pathway_more"), words("interval")] if extended else heads


def _cells(spans: np.ndarray, more: np.ndarray | None) -> list[str]:
    """Return the cells of a yearly and a cumulative effect, and of the cumulative difference."""
    cells = [*_pair(spans[:3]), *_pair(spans[3:])]
    return cells if more is None else [*cells, *_pair(more[3:])]


def _pair(three: np.ndarray) -> list[str]:
    if not np.isfinite(three[0]):
        return [NOTHING, ""]
    # Rounded first and 0 added, so that no -0.0 is shown.
    middle, low, high = (f"{round(float(value) / KILOTONNE, 1) + 0.0:,.1f}" for value in three)
    return [middle, f"{low} … {high}"]


def _more(pathway: Pathway, key: Key, extended: Extended | None) -> np.ndarray | None:
    if extended is None:
        return None
    found = difference(pathway, extended.pathway)
    return span(found[key]) if key in found else np.full_like(span(pathway.nets[key]), np.nan)


def _by_year(pathway: Pathway, zone: int, words: Words, extended: Extended | None) -> list[str]:
    """Return a row per evaluated year: all effects, in the year and since the first."""
    spans, more = span(pathway.nets[ALL]), _more(pathway, ALL, extended)
    body: list[Row] = [_heads(words, "year", extended, ""), None]
    for year in pathway.evaluated.tolist():
        i = year - int(pathway.years[0])
        own = None if more is None else more[:, i, zone]
        body.append([str(year), *_cells(spans[:, i, zone], own)])
    return table(body)


def _by_technology(
    pathway: Pathway, zone: int, words: Words, extended: Extended | None
) -> list[str]:
    """Return a row per technology, largest in all first: the last year, and since the first."""
    last = int(pathway.years[-1])
    rows: list[tuple[float, Row]] = []
    for key in pathway.nets:
        if key[1] != TERRITORIAL or key == ALL:
            continue
        spans, more = span(pathway.nets[key])[:, -1, zone], _more(pathway, key, extended)
        if np.isfinite(spans[0]):
            cells = _cells(spans, None if more is None else more[:, -1, zone])
            rows.append((-spans[3], [words.technology(key[0]), *cells]))
    body = [row for _, row in sorted(rows, key=lambda one: one[0])]
    return table([_heads(words, "technology", extended, last), None, *body])


def _by_zone(pathway: Pathway, words: Words, extended: Extended | None) -> list[str]:
    """Return a row per zone: all effects of the last year, and since the first."""
    last = int(pathway.years[-1])
    spans, more = span(pathway.nets[ALL]), _more(pathway, ALL, extended)
    body: list[Row] = [_heads(words, "zone", extended, last), None]
    for z, place in enumerate(pathway.zones):
        if place.zoning == "prefecture":
            body.append(None)
        own = None if more is None else more[:, -1, z]
        body.append([_name(pathway, z, words), *_cells(spans[:, -1, z], own)])
    return table(body)


def _without_data(pathway: Pathway, zone: int | None, words: Words) -> list[str]:
    """Return the technologies that have no data in a zone, or in any of them."""
    lacking = []
    for name, boundary in pathway.nets:
        if boundary == TERRITORIAL and name != ALL_EFFECTS:
            values = pathway.nets[name, boundary][-1, 0]
            known = values if zone is None else values[[zone]]
            if np.isnan(known).all():
                lacking.append(words.technology(name))
    separator = words("list_separator")
    return [words("pathway_without", names=separator.join(lacking))] if lacking else []
