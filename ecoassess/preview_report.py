"""The effect of an edit as text, in colour where the terminal has it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from ecoassess.explain import find_zone
from ecoassess.preview import DRAWS
from ecoassess.report import NOTHING, number, table

if TYPE_CHECKING:
    from ecoassess.coefficients import Coefficient
    from ecoassess.edits import Change, Dormant
    from ecoassess.language import Words
    from ecoassess.preview import Preview
    from ecoassess.versions import Version

INTERVAL = 0.2
"""Seconds between two looks at the files."""


def print_preview(preview: Preview, words: Words, zone: str | None = None) -> None:
    """Print what was edited and what it changes, in one zone or in prefecture and counties."""
    console = Console(highlight=False, soft_wrap=True)
    snapshot, when = preview.snapshot, preview.when
    edited = "preview_edited" if preview.changes else "preview_nothing"
    console.print(words(edited, key=snapshot.key, month=when))
    place = None
    for change in preview.changes:
        if (change.file, change.line) != place:
            place = change.file, change.line
            title = _heading(change, change.labels, words)
            console.print(f"  {escape(title)}")
            if change.version:
                console.print(f"    {escape(_held(change.version, words))}")
        for line, style in _lines(change, words):
            console.print(f"    {escape(line)}", style=style)
    _print_dormant(console, preview, words)
    if preview.changes:
        _print_effects(console, preview, words, zone)


def _print_dormant(console: Console, preview: Preview, words: Words) -> None:
    """Print the edited versions that do not hold now, and when they do."""
    if preview.dormant:
        console.print(words("preview_dormant", month=preview.when), style="bold yellow")
    for one in preview.dormant:
        console.print(f"  {escape(_heading(one, (), words))}")
        told = words.label(one.edit), _held(one.version, words), _held(one.holds, words)
        text = words("preview_version", edit=told[0], version=told[1], other=told[2])
        console.print(f"    {escape(text)}")
        for change in one.changes:
            for line, style in _lines(change, words):
                labels = f"[{', '.join(change.labels)}] " if change.labels else ""
                console.print(f"    {escape(labels + line)}", style=style)
        first, last = one.version.valid_from, one.version.valid_to
        here = one.holds.valid_from
        later = first is not None and (here is None or first > here)
        day = first if later else last
        if one.edit != "removed" and day is not None:
            key = "preview_later" if later else "preview_earlier"
            console.print(f"    {words(key, month=str(day)[:7], day=day)}")


def _held(version: Version[Coefficient], words: Words) -> str:
    """Return when a version holds, and why it replaced the one before."""
    text = words("valid_span", span=version.span)
    return f"{text} ({version.reason})" if version.reason else text


def _print_effects(console: Console, preview: Preview, words: Words, zone: str | None) -> None:
    """Print the nets that change, in one zone or in prefecture and counties."""
    rows = preview.effects
    if zone is not None:
        chosen = find_zone(preview.snapshot.zones, zone)
        rows = rows[(rows["zoning"] == chosen.zoning) & (rows["adcode"] == chosen.code)]
    else:
        rows = rows[rows["zoning"].isin(["prefecture", "county"])]
    if rows.empty:
        console.print(words("no_change"))
        return
    heads = [
        "technology",
        "boundary",
        "zone",
        "old",
        "new",
        "change",
        "relative",
        "interval_change",
    ]
    body: list[list[str] | None] = [[words(head) for head in heads]]
    previous = None
    for row in (
        rows.sort_values("zoning", ascending=False, kind="stable")
        .sort_values(["technology", "boundary"], kind="stable")
        .to_dict("records")
    ):
        if (row["technology"], row["boundary"]) != previous:
            body.append(None)
        previous = row["technology"], row["boundary"]
        body.append(
            [
                words.technology(row["technology"]),
                words.label(row["boundary"]),
                row["zone"] if words.language == "en" else row["zone_zh"],
                number(row["old"]),
                number(row["new"]),
                number(row["change"]),
                f"{row['relative']:+.2%}" if abs(row["relative"]) < 1e4 else NOTHING,
                " → ".join(
                    f"{number(row[f'{when}_p2.5'])} – {number(row[f'{when}_p97.5'])}"
                    for when in ("old", "new")
                ),
            ]
        )
    console.print()
    console.print(words("annual_changes"))
    for line in table(body, 3, "  "):
        console.print(escape(line))
    console.print(words("preview_draws", number=DRAWS))


def _heading(edit: Change | Dormant, labels: Sequence[str], words: Words) -> str:
    told = f" [{', '.join(labels)}]" if labels else ""
    place = f"{edit.file.parent.name}/{edit.file.name}"
    title = edit.title[words.language == "zh"]
    return f"{place}:{edit.line or ''} {edit.name}{told} ({title})"


def _lines(change: Change, words: Words) -> Iterator[tuple[str, str]]:
    """Yield the lines of one change and their styles."""
    old, new = (_shown(value, words) for value in (change.old, change.new))
    relative = f"  ({change.relative:+.1%})" if change.relative is not None else ""
    source = f"  {change.source}" if change.field == "value" and change.source else ""
    before, unit = (f" {unit}" if unit not in ("", "1") else "" for unit in change.units)
    yield f"− {words.label(change.field)}: {old}{before}{source}", "red"
    yield f"+ {words.label(change.field)}: {new}{unit}{relative}", "green"
    if change.beyond:
        low, high = (f"{end:.4g}" for end in change.beyond)
        text = words("preview_beyond", low=low, high=high, unit=unit, source=change.source)
        yield f"! {text}", "bold yellow"


def _shown(value: object, words: Words) -> str:
    if value is None:
        return words("absent")
    if isinstance(value, tuple):
        return f"[{', '.join('' if end is None else f'{end:g}' for end in value)}]"
    return f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())


def watched(folder: Path) -> Iterator[None]:
    """Yield each time a YAML file below a folder was saved, until interrupted."""

    def stamps() -> dict[Path, int]:
        return {file: file.stat().st_mtime_ns for file in folder.rglob("*.yaml")}

    known = stamps()
    while True:
        time.sleep(INTERVAL)
        now = stamps()
        if now != known:
            known = now
            yield None
