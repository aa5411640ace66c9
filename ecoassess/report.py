"""Text tables, the small table of counties, and the assessment as an xarray dataset."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecoassess.errors import InputError, Problem
from ecoassess.language import Words, read_words

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ecoassess.run import Assessment
    from ecoassess.technology import Technology

WIDTH = 100
"""Columns of a terminal that the table of counties keeps to; more technologies go below."""

MARKS = {"estimated": "e", "climatological": "c", "projected": "p", "proxy": "x"}
"""One letter per status behind a number; a measured one has none."""

NOTHING = "–"
Row = Sequence[str] | None


def table(rows: Iterable[Row], left: int | Sequence[int] = 1, indent: str = "") -> list[str]:
    """Return the lines of a table.

    Parameters
    ----------
    rows
        Cells of each row; None draws a line.
    left
        How many columns at the start, or which ones, stand to the left; numbers to the right.
    """
    from rich.cells import cell_len

    rows = list(rows)
    cells = [row for row in rows if row is not None]
    if not cells:
        return []
    widths = [max(cell_len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lefts = range(left) if isinstance(left, int) else left
    rule = indent + "─" * (sum(widths) + 2 * (len(widths) - 1))
    lines = []
    for row in rows:
        if row is None:
            lines.append(rule)
            continue
        padded = [
            text + " " * (width - cell_len(text))
            if i in lefts
            else " " * (width - cell_len(text)) + text
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(indent + "  ".join(padded).rstrip())
    return lines


def number(value: float | None) -> str:
    """Return a number with five significant digits and separators, or a dash for none."""
    if value is None or value != value:
        return NOTHING
    text = f"{value:,.5g}"
    return f"{value:,.0f}" if abs(value) >= 1e4 else text


def county_table(source: Assessment | Path, language: str = "en") -> str:
    """Return the net of each technology by county, for the month and the year.

    Parameters
    ----------
    source
        An assessment, or the folder of a published run.
    language
        en or zh.

    Returns
    -------
    str
        Counties, the prefecture's total and its coverage, and the park region below a line. Effects
        are added up where they have data, and a line below names those that lack it; inventory is
        never added to them.
    """
    rows, month, title, as_of = _read(source)
    words = read_words(language)
    net = rows[(rows["component"] == "net") & (rows["boundary"] == "territorial")]
    net = net[net["zoning"].isin(["county", "prefecture", "park_region"])]
    zones = list(
        net[["zoning", "adcode", "zone" if language == "en" else "zone_zh"]]
        .drop_duplicates()
        .itertuples(index=False, name=None)
    )
    columns: list[list[str]] = []
    seen: set[str] = set()
    effects = []
    for technology in dict.fromkeys(net["technology"]):
        own = net[net["technology"] == technology].set_index(["zoning", "adcode"])
        basis = str(own["basis"].iloc[0])
        if basis == "effect":
            effects.append(own)
        for period in (month, month[:4]):
            part = own[own["period"] == period]
            heading = words.technology(str(technology)) if period == month else ""
            label = words.label(basis) if period == month else ""
            columns.append([heading, label, period, *_cells(part, zones, period, seen)])
    lacking = _without_data(effects, month[:4], words)
    effects = [own for own in effects if own["value"].notna().any()]
    if len(effects) > 1:
        for period in (month, month[:4]):
            heading = words("effects_total") if period == month else ""
            parts = [own[own["period"] == period] for own in effects]
            columns.append([heading, "", period, *_cells(_sum(parts), zones, period, seen)])
    first = ["", "", words("zone"), *(str(zone[2]) for zone in zones), words("total_coverage")]
    lines = [words("county_title", region=title[language], month=month), ""]
    if as_of:
        lines[1:1] = [words("restated", day=as_of)]
    for block in _blocks(first, columns):
        lines += [*_block_lines(first, block, zones), ""]
    if seen:
        marks = [f"{MARKS[s]} {words.label(s)}" for s in MARKS if s in seen]
        missing = [f"{NOTHING} {words.label('missing')}"] if "missing" in seen else []
        lines.append(", ".join([*marks, *missing]))
    if lacking and len(effects) > 1:
        lines.append(words("without_data", names=", ".join(lacking)))
    return "\n".join(lines).rstrip()


def _without_data(effects: Sequence[pd.DataFrame], year: str, words: Words) -> list[str]:
    """Return the technologies that lack data, and in how many counties where not in all."""
    names = []
    for own in effects:
        counties = own[(own["period"] == year) & (own.index.get_level_values(0) == "county")]
        absent = int(counties["value"].isna().sum())
        if absent:
            name = words.technology(str(own["technology"].iloc[0]))
            of = len(counties)
            names.append(
                name if absent == of else words("part_of", name=name, absent=absent, of=of)
            )
    return names


def claims_table(folder: Path, words: Words) -> str:
    """Return who takes what of each shared resource of the prefecture, in both states.

    Raises
    ------
    InputError
        When `folder` is not a run's.
    """
    from ecoassess.allocation import STATES
    from ecoassess.export.tables import read_claims

    record = read_record(folder)
    claims = read_claims(folder / "claims.csv")
    claims = claims[claims["zoning"] == claims["zoning"].iloc[-1]]
    resources = record["scenario"]["resources"]
    heads = ["resource", "use_of_resource", "baseline", "project", "amount", "unit"]
    rows: list[Row] = [[words(head) for head in heads]]
    for (resource, label), users in claims.groupby(["resource", "label"], sort=False):
        title = resources.get(resource, {}).get("title", {}).get(words.language, resource)
        name = title if label == "all" else f"{title}: {words.label(str(label))}"
        rows.append(None)
        states = {state: own.set_index("use") for state, own in users.groupby("state", sort=False)}
        for use in dict.fromkeys(users["use"]):
            technology, _, part = str(use).partition(": ")
            known = technology in record["run_config"]["technologies"]
            shown = words.technology(technology) if known else words.label(technology)
            shares = [_share(states[state]["share"].get(use)) for state in STATES]
            amount = number(states["project"]["amount"].get(use))
            unit = str(users["unit"].iloc[0]) if amount != NOTHING else ""
            rows.append([name, f"{shown} {words.label(part)}".rstrip(), *shares, amount, unit])
            name = ""
    title = words(
        "claims_title",
        zone=claims["zone" if words.language == "en" else "zone_zh"].iloc[0],
        month=record["month"],
    )
    return "\n".join([title, "", *table(rows, (0, 1, 5))])


def _share(value: float | None) -> str:
    return NOTHING if value is None or value != value else f"{value:.3f}"


def technology_list(technologies: Mapping[str, Technology], words: Words) -> str:
    """Return what each technology declares: components with their labels, claims and methods."""
    heads = [words(h) for h in ("component", "unit", "basis", "kind", "boundary", "account")]
    lines: list[str] = []
    for name, technology in technologies.items():
        lines.append(f"{name}  {technology.zh}  [{words.label(technology.sector)}]")
        rows = [
            [
                words.component(name, key) if words.language == "zh" else f"{key} {component.zh}",
                component.unit,
                words.label(component.basis),
                words.label(component.kind),
                words.label(component.boundary),
                words.label(component.account),
            ]
            for key, component in technology.components.items()
        ]
        lines += table([heads, None, *rows], 6, "  ")
        if technology.joint:
            lines.append(f"  {words('joint')}")
        for resource, shares in technology.claims.items():
            lines.append(f"  {words('claims')}: {words.label(resource)} ({', '.join(shares)})")
        for resource, names in technology.takes.items():
            lines.append(f"  {words('claims')}: {words.label(resource)} ({', '.join(names)})")
        for argument, options in technology.methods.items():
            shown = ", ".join([f"{options[0]} ({words('default')})", *options[1:]])
            lines.append(f"  {words('methods')}: {argument} = {shown}")
        lines.append("")
    return "\n".join(lines).rstrip()


def _read(source: Assessment | Path) -> tuple[pd.DataFrame, str, dict[str, str], str | None]:
    """Return rows, month, the region's title and the day of a restatement."""
    if not isinstance(source, Path):
        session = source.session
        title = session.run.config.title
        as_of = session.as_of.isoformat() if session.as_of else None
        return source.rows, str(session.month), {"en": title.en, "zh": title.zh}, as_of
    from ecoassess.export.tables import read_assessment

    record = read_record(source)
    return (
        read_assessment(source / "assessment.csv"),
        record["month"],
        record["run_config"]["title"],
        record.get("as_of"),
    )


def read_record(folder: Path) -> dict[str, Any]:
    """Return the provenance of a published run.

    Raises
    ------
    InputError
        When `folder` is not a run's.
    """
    absent = [n for n in ("provenance.json", "assessment.csv") if not (folder / n).is_file()]
    if absent:
        raise InputError(
            Problem(
                what="not a run folder",
                found=f"{folder} without {' and '.join(absent)}",
                expected="the folder of a completed run",
                remedy="name a key, a month, 'latest' or the path of a folder",
            )
        )
    record: dict[str, Any] = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    return record


def _cells(part: pd.DataFrame, zones: Sequence[Any], period: str, seen: set[str]) -> list[str]:
    """Return a column's cells: values with marks, and last the coverage of the prefecture."""
    values = [float(part["value"].get(zone[:2], float("nan"))) / 1e3 for zone in zones]
    largest = max((abs(v) for v in values if v == v), default=0.0)
    digits = 1 if largest >= 100 else 2 if largest >= 10 else 3
    cells = []
    for zone, value in zip(zones, values, strict=True):
        status = "missing" if value != value else str(part["status"][zone[:2]])
        if status != "measured":
            seen.add(status)
        text = NOTHING if status == "missing" else f"{value:,.{digits}f}"
        cells.append(text + MARKS.get(status, " "))
    coverage = [float(part["coverage"][z[:2]]) for z in zones if z[0] == "prefecture"]
    covered = f"{coverage[0]:.0%} " if coverage and len(period) == 4 else ""
    return [*cells, covered]


def _sum(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add up what has data in a zone; a zone where none has any has no total."""
    import pandas as pd

    from ecoassess.vocabulary import STATUS_ORDER

    together = pd.concat(parts)
    known = together[together["value"].notna()].groupby(level=[0, 1])
    total = known[["value"]].sum().join(known[["coverage"]].min())
    total["status"] = known["status"].agg(lambda own: max(own, key=STATUS_ORDER.index))
    total = total.reindex(parts[0].index)
    total["coverage"] = total["coverage"].fillna(0.0)
    total["status"] = total["status"].fillna("missing")
    return total


def _blocks(first: Sequence[str], columns: list[list[str]]) -> Iterable[list[list[str]]]:
    """Cut the columns, two by two, into blocks that fit side by side."""
    from rich.cells import cell_len

    def width(column: Sequence[str]) -> int:
        return 2 + max(cell_len(text) for text in column)

    room = WIDTH - width(first)
    block: list[list[str]] = []
    used = 0
    for month, year in zip(columns[::2], columns[1::2], strict=True):
        # The technology's name stands over both of its columns.
        needed = max(width(month[2:]) + width(year[2:]), width(month[:2]))
        if block and used + needed > room:
            yield block
            block, used = [], 0
        block += [month, year]
        used += needed
    if block:
        yield block


def _block_lines(
    first: Sequence[str], block: Sequence[Sequence[str]], zones: Sequence[Any]
) -> list[str]:
    """Return the lines of one block, with each heading over its two columns."""
    from rich.cells import cell_len

    padding = max(cell_len(text) for text in first)
    heads = [" " * padding, " " * padding]
    columns = [list(first[2:])]
    for month, year in zip(block[::2], block[1::2], strict=True):
        body = [list(month[2:]), list(year[2:])]
        widths = [max(cell_len(text) for text in column) for column in body]
        short = max(cell_len(text) for text in month[:2]) - sum(widths) - 2
        if short > 0:
            body[0][0] = " " * (short + widths[0] - cell_len(body[0][0])) + body[0][0]
        span = sum(widths) + 2 + max(0, short)
        for i, text in enumerate(month[:2]):
            heads[i] += "  " + " " * (span - cell_len(text)) + text
        columns += body
    rows: list[Row] = [list(row) for row in zip(*columns, strict=True)]
    counties = sum(zone[0] == "county" for zone in zones)
    body_rows = [rows[0], None, *rows[1 : 1 + counties], None]
    rest = list(zip(zones[counties:], rows[1 + counties : -1], strict=True))
    body_rows += [row for zone, row in rest if zone[0] == "prefecture"]
    body_rows.append(rows[-1])
    park = [row for zone, row in rest if zone[0] != "prefecture"]
    body_rows += [None, *park] if park else []
    return [*(h.rstrip() for h in heads), *table(body_rows)]


def to_dataset(rows: pd.DataFrame) -> xr.Dataset:
    """Return the rows of an assessment as a dataset (zone, period, line).

    Values are in the line's `unit`: t CO2e, or for a co-benefit its own.

    A line is a component, one of its parts or a net, within one boundary:
    "technology/component" or "technology/component@boundary".
    """
    import numpy as np
    import xarray as xr

    identity = ["technology", "component", "basis", "kind", "boundary", "account", "gas"]
    zones = rows[["zoning", "adcode", "zone", "zone_zh"]].drop_duplicates()
    lines = rows[[*identity, "unit", "native_unit"]].drop_duplicates()
    periods = list(dict.fromkeys(rows["period"]))
    shape = (len(lines), len(zones), len(periods))
    dims = ("line", "zone", "period")
    columns = ["value", "mean", "sd", "p2.5", "p50", "p97.5", "native_value"]
    numbers = {
        c: (dims, rows[c].to_numpy(dtype=np.float64).reshape(shape), {"units": "unit"})
        for c in columns
    }
    numbers["native_value"][2]["units"] = "native_unit"
    words = {
        c: (dims, rows[c].to_numpy(dtype=object).reshape(shape))
        for c in ("status", "evidence", "reason")
    }
    coverage = (dims, rows["coverage"].to_numpy(dtype=np.float64).reshape(shape))
    names = [
        f"{t}/{c}" if b == "territorial" else f"{t}/{c}@{b}"
        for t, c, b in zip(lines["technology"], lines["component"], lines["boundary"], strict=True)
    ]
    return xr.Dataset(
        {**numbers, **words, "coverage": coverage},
        coords={
            "line": names,
            "zone": [f"{z}/{a}" for z, a in zip(zones["zoning"], zones["adcode"], strict=True)],
            "period": periods,
            **{
                c: ("line", lines[c].astype(str).to_list())
                for c in [*identity, "unit", "native_unit"]
            },
            "zone_name": ("zone", zones["zone"].to_list()),
            "zone_name_zh": ("zone", zones["zone_zh"].to_list()),
        },
    ).transpose("zone", "period", "line")
