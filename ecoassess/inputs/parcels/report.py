"""What is said of a layer, in either language."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ecoassess.inputs.catalog import Title
from ecoassess.inputs.parcels.findings import Finding, Note, Parcels
from ecoassess.language import Words

BETWEEN = " | "
"""Between two reasons, whose sentences hold commas and semicolons themselves."""


def bad_parcels(parcels: Parcels, words: Mapping[str, Words]) -> pd.DataFrame:
    """Return the parcels set apart, with their reasons in English and Chinese.

    Parameters
    ----------
    words
        By language, en and zh.
    """
    bad = parcels.bad
    frame = bad.reset_index()[["parcel", "row", "area_ha"]]
    by_row: dict[int, list[Finding]] = {row: [] for row in bad.index}
    for finding in parcels.findings:
        if finding.level == "bad" and finding.row in by_row:
            by_row[finding.row].append(finding)
    for column, language in (("reasons", "en"), ("reasons_zh", "zh")):
        texts = [[say(f, words[language]) for f in found] for found in by_row.values()]
        frame[column] = [BETWEEN.join(dict.fromkeys(own)) for own in texts]
    return frame


def say(what: Finding | Note, words: Words) -> str:
    """Return the sentence of a finding or note."""
    values = {k: words.title(v) if isinstance(v, Title) else v for k, v in what.values.items()}
    return words(f"parcel_{what.reason}", **values)


def parcel_report(parcels: Parcels, words: Words, first: int = 5) -> str:
    """Return what is to be said of a layer, in the language of `words`.

    Parameters
    ----------
    first
        How many parcels are named for each reason.
    """
    groups = {
        "good": parcels.good["area_ha"],
        "bad": parcels.bad["area_ha"],
        "not_stocked": parcels.not_stocked["area_ha"],
    }
    area = pd.concat(list(groups.values()))
    whole = area.sum() or 1.0

    def line(text: str, number: int, size: float) -> str:
        return words("parcel_line", text=text, number=number, area=size, share=100 * size / whole)

    lines = [
        words("parcel_title", file=parcels.file.name),
        line(words("parcel_all"), len(area), area.sum()),
    ]
    lines += [line(words(f"parcel_{key}"), len(part), part.sum()) for key, part in groups.items()]

    for level in ("bad", "repaired", "doubt"):
        found = [finding for finding in parcels.findings if finding.level == level]
        if level != "bad":  # a bad parcel's doubts are of no interest any more
            found = [finding for finding in found if finding.row in parcels.good.index]
        if found:
            lines.append(words(f"parcel_{level}_reasons"))
        by_reason: dict[str, list[Finding]] = {}
        for finding in found:
            by_reason.setdefault(finding.reason, []).append(finding)
        for reason, same in sorted(by_reason.items(), key=lambda item: -len(item[1])):
            rows = list({finding.row for finding in same})
            lines.append("  " + line(words(f"parcel_{reason}_name"), len(rows), area[rows].sum()))
            lines += [
                "    " + words("parcel_item", parcel=f.parcel, row=f.row, text=say(f, words))
                for f in same[:first]
            ]
            if len(same) > first:
                lines.append("    " + words("parcel_more", number=len(same) - first))
    lines += [say(note, words) for note in parcels.notes]
    used = ", ".join(f"{role} ← {column}" for role, column in parcels.fields.items())
    return "\n".join([*lines, words("parcel_fields", fields=used)])
