"""What is said of a layer of buildings, in either language."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ecoassess.inputs.buildings.findings import Buildings
from ecoassess.inputs.catalog import Title
from ecoassess.inputs.parcels.findings import Finding, Note
from ecoassess.inputs.parcels.report import BETWEEN
from ecoassess.language import Words


def say(what: Finding | Note, words: Words) -> str:
    """Return the sentence of a finding or note."""
    values = {k: words.title(v) if isinstance(v, Title) else v for k, v in what.values.items()}
    return words(f"building_{what.reason}", **values)


def bad_buildings(buildings: Buildings, words: Mapping[str, Words]) -> pd.DataFrame:
    """Return the buildings set apart, with their reasons in English and Chinese.

    Parameters
    ----------
    words
        By language, en and zh.
    """
    frame = buildings.bad.reset_index()[["building", "row", "footprint"]]
    by_row: dict[int, list[Finding]] = {row: [] for row in buildings.bad.index}
    for finding in buildings.findings:
        if finding.level == "bad":
            by_row[finding.row].append(finding)
    for column, language in (("reasons", "en"), ("reasons_zh", "zh")):
        texts = [[say(f, words[language]) for f in found] for found in by_row.values()]
        frame[column] = [BETWEEN.join(dict.fromkeys(own)) for own in texts]
    return frame


def building_report(buildings: Buildings, words: Words, first: int = 5) -> str:
    """Return what is to be said of a layer, in the language of `words`.

    Parameters
    ----------
    first
        How many buildings are named for each reason.
    """
    good = buildings.good
    groups = {
        "good": good["footprint"],
        "bad": buildings.bad["footprint"],
        "not_counted": buildings.not_counted["footprint"],
    }
    area = pd.concat(list(groups.values()))
    whole = area.sum() or 1.0

    def line(text: str, number: int, size: float) -> str:
        share = 100 * size / whole
        return words("building_line", text=text, number=number, area=size / 1e4, share=share)

    lines = [
        words("building_title", file=buildings.file.name),
        line(words("building_all"), len(area), area.sum()),
    ]
    lines += [line(words(f"building_{k}"), len(part), part.sum()) for k, part in groups.items()]
    lines.append(words("building_kinds"))
    for kind, title in buildings.titles.items():
        own = good[good["kind"] == kind]
        known = own["floor_area"].notna()
        lines.append(
            "  "
            + words(
                "building_kind",
                text=line(words.title(title), len(own), own["footprint"].sum()),
                known=int(known.sum()),
                floors=own["floor_area"].sum() / 1e4,
            )
        )
    recorded = int((good["floors_from"] == "recorded").sum())
    by_height = int((good["floors_from"] == "height").sum())
    without = len(good) - recorded - by_height
    lines.append(words("building_rests_on", recorded=recorded, height=by_height, without=without))

    for level in ("bad", "repaired", "doubt"):
        found = [finding for finding in buildings.findings if finding.level == level]
        if level != "bad":  # a bad building's doubts are of no interest any more
            kept = set(good.index)
            found = [finding for finding in found if finding.row in kept]
        if found:
            lines.append(words(f"building_{level}_reasons"))
        by_reason: dict[str, list[Finding]] = {}
        for finding in found:
            by_reason.setdefault(finding.reason, []).append(finding)
        for reason, same in sorted(by_reason.items(), key=lambda item: -len(item[1])):
            rows = list({finding.row for finding in same})
            lines.append("  " + line(words(f"building_{reason}_name"), len(rows), area[rows].sum()))
            lines += [
                "    " + words("building_item", building=f.parcel, row=f.row, text=say(f, words))
                for f in same[:first]
            ]
            if len(same) > first:
                lines.append("    " + words("building_more", number=len(same) - first))
    lines += [say(note, words) for note in buildings.notes]
    used = ", ".join(f"{role} ← {column}" for role, column in buildings.fields.items())
    return "\n".join([*lines, words("building_fields", fields=used)])


def comparison_report(table: pd.DataFrame, names: Mapping[str, Title], words: Words) -> str:
    """Return what `compare_floor_area` found, zone by zone.

    Parameters
    ----------
    names
        Of the zones; one without a name is called by its code.
    """
    lines = [words("building_compared")]
    for zone, row in table.iterrows():
        name = words.title(names[str(zone)]) if str(zone) in names else str(zone)
        if pd.isna(row["floor_area"]) or pd.isna(row["census"]):
            why = "no_census" if pd.isna(row["census"]) else "no_floors"
            lines.append("  " + words(f"building_compared_{why}", zone=name))
            continue
        lines.append(
            "  "
            + words(
                "building_compared_zone",
                zone=name,
                floors=row["floor_area"] / 1e4,
                census=row["census"] / 1e4,
                difference=row["difference"] / 1e4,
                percent=100 * row["difference_share"],
                known=100 * row["known_share"],
                storeys=row["census_floors"],
                unknown=row["roof_unknown"] / 1e4,
            )
        )
    lines.append(words("building_others"))
    for zone, row in table.iterrows():
        name = words.title(names[str(zone)]) if str(zone) in names else str(zone)
        known = not pd.isna(row["other_floor_area"])
        lines.append(
            "  "
            + words(
                "building_others_zone" if known else "building_others_none",
                zone=name,
                roof=row["other_roof"] / 1e4,
                floors=row["other_floor_area"] / 1e4,
                known=100 * row["other_known_share"],
            )
        )
    return "\n".join(lines)
