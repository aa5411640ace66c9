"""A stratified sample of reference labels that tells how true a map of land-use changes is."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.inputs.catalog import Catalog
from ecoassess.inputs.table_text import read_table_text
from ecoassess.models.area_estimation import SMALLEST_SAMPLE

REST = "rest"
"""In `strata`: every transition that no other stratum names."""

Transition = tuple[str, str]


@dataclass(frozen=True, eq=False)
class ChangeSample:
    """Counts of a stratified sample of a change map.

    Parameters
    ----------
    labels
        The classes of map and reference, in one order.
    counts
        Sample units (map class, reference class).
    members
        Label → the transitions (category before, category after) that it holds.
    """

    labels: tuple[str, ...]
    counts: np.ndarray
    members: Mapping[str, Sequence[Transition]]


def read_sample(catalog: Catalog, name: str, categories: Sequence[str]) -> ChangeSample:
    """Read a matrix of sample counts: map classes in rows, reference classes in columns.

    A label is a transition ("forest_land:cropland", "cropland:cropland") or a name that `strata` of
    the catalogue entry explains.

    Raises
    ------
    InputError
        With every label, cell and stratum that does not hold.
    """
    dataset = catalog.dataset(name)
    rows = [row for row in csv.reader(io.StringIO(read_table_text(catalog, name))) if any(row)]
    header = [cell.strip() for cell in rows[0][1:]] if rows else []
    labels = [row[0].strip() for row in rows[1:]]

    def fail(what: str, line: int | None, **details: str) -> Problem:
        return Problem(what, file=dataset.file, line=line, **details)

    if sorted(header) != sorted(labels) or len(set(labels)) != len(labels) or not labels:
        raise InputError(
            fail(
                "map classes and reference classes are not the same",
                1,
                found=f"rows {', '.join(labels)}; columns {', '.join(header)}",
                expected="each class once as a row and once as a column",
            )
        )
    problems = []
    counts = np.zeros((len(labels), len(labels)))
    for i, row in enumerate(rows[1:]):
        cells = [cell.strip() for cell in row[1:]]
        if len(cells) != len(header) or not all(cell.isdigit() for cell in cells):
            problems.append(
                fail(
                    "a row that is not one count for each reference class",
                    i + 2,
                    found=", ".join(cells),
                    expected=f"{len(header)} whole numbers, 0 where nothing was found",
                )
            )
            continue
        for label, cell in zip(header, cells, strict=True):
            counts[i, labels.index(label)] = int(cell)
    members, wrong = _members(catalog, name, labels, categories)
    raise_if_any([*problems, *wrong])
    return ChangeSample(tuple(labels), counts, members)


def _members(
    catalog: Catalog, name: str, labels: Sequence[str], categories: Sequence[str]
) -> tuple[dict[str, list[Transition]], list[Problem]]:
    """Return the transitions of each label, and what is wrong with them."""
    strata = catalog.entries[name].strata
    known = {f"{b}:{a}": (b, a) for b in categories for a in categories}
    problems = [
        catalog.problem(
            name,
            f"strata.{label}",
            Problem("a stratum that the table lacks", found=label, expected=", ".join(labels)),
        )
        for label in strata
        if label not in labels
    ]
    listed = {label: strata.get(label, [label]) for label in labels}
    taken: dict[str, str] = {}
    for label, transitions in listed.items():
        for transition in transitions:
            if transition not in known and transition != REST:
                problem = Problem(
                    "no such change of land use",
                    found=transition,
                    expected=f"such as forest_land:cropland, of {', '.join(categories)}; or {REST}",
                    remedy=f"explain '{label}' under 'strata' of this entry, or correct the name",
                )
                problems.append(catalog.problem(name, f"strata.{label}", problem))
            elif transition in taken:
                problem = Problem(
                    "a change of land use in two strata",
                    found=f"{transition}: {taken[transition]} and {label}",
                    expected="one stratum",
                )
                problems.append(catalog.problem(name, f"strata.{label}", problem))
            taken.setdefault(transition, label)
    rest = [pair for transition, pair in known.items() if transition not in taken]
    members = {
        label: [known[t] for t in transitions if t in known] + (rest if REST in transitions else [])
        for label, transitions in listed.items()
    }
    return members, problems


def check_sample(
    sample: ChangeSample,
    mapped: Mapping[Transition, float],
    catalog: Catalog,
    name: str,
) -> np.ndarray:
    """Return the mapped area of each label after checking that the sample is one of these maps.

    Parameters
    ----------
    mapped
        Transition → mapped area.

    Raises
    ------
    InputError
        For a mapped change that no stratum holds, a stratum with area and too few units, or one
        with units and no area.
    """
    file = catalog.dataset(name).file
    held = {transition for members in sample.members.values() for transition in members}
    area = np.array([sum(mapped[t] for t in sample.members[label]) for label in sample.labels])
    units = sample.counts.sum(axis=1)
    problems = [
        Problem(
            "a change that the maps show and no stratum holds",
            file=file,
            found=f"{before}:{after} ({hectares:.6g} ha)",
            remedy=f"add it to 'strata' of {name}, or '{REST}' to one of them",
        )
        for (before, after), hectares in mapped.items()
        if hectares > 0 and (before, after) not in held
    ]
    for label, hectares, number in zip(sample.labels, area, units, strict=True):
        if hectares > 0 and number < SMALLEST_SAMPLE:
            problems.append(
                Problem(
                    f"too few sample units in '{label}'",
                    file=file,
                    found=f"{number:.0f} for {hectares:.6g} ha",
                    expected=f"at least {SMALLEST_SAMPLE}; some 50 to 100 for a useful interval",
                )
            )
        elif hectares == 0 and number > 0:
            problems.append(
                Problem(
                    f"a sample of '{label}', which the maps do not show",
                    file=file,
                    found=f"{number:.0f} units, 0 ha",
                    expected="a sample of the maps that the run names",
                )
            )
    raise_if_any(problems)
    return area
