"""Codes of a parcel layer: tables, limits and field names; how a code or name is found."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from itertools import takewhile
from typing import Any, Literal, TypeVar

import pandas as pd

from ecoassess.configuration import Document, Strict, read_yaml, validate
from ecoassess.errors import Problem, raise_if_any
from ecoassess.inputs.catalog import Title
from ecoassess.project import Project
from ecoassess.vocabulary import Grade

AGE_GROUPS = ("young", "middle_aged", "near_mature", "mature", "over_mature")


class Code(Strict):
    """One code of a table, with its names."""

    name: Title
    also: list[str] = []
    grade: Grade


class LandType(Code):
    """A land type; stocked is arbor forest."""

    stocked: bool


class Origin(Code):
    """An origin of a stand."""

    origin: Literal["natural", "planted"]


class AgeGroup(Code):
    """An age group."""

    age_group: Literal["young", "middle_aged", "near_mature", "mature", "over_mature"]


class Species(Code):
    """A species (group), the forest type it counts as and the row of its age limits."""

    forest_type: str | None
    ages: str | None = None


class Limit(Strict):
    """A limit of a check."""

    value: float
    unit: str
    grade: Grade


class Limits(Strict):
    """The limits of all checks."""

    oldest_without_volume: Limit
    volume_per_ha: Limit
    age: Limit
    canopy: Limit
    area_difference: Limit
    volume_difference: Limit
    overlap: Limit
    repair: Limit


class AgeLimits(Strict):
    """Last year of the first four age groups, by origin."""

    natural: list[float]
    planted: list[float]


class ParcelLegend(Strict):
    """Field names, code tables and limits of a parcel layer."""

    title: Title
    source: str
    fields: dict[str, list[str]]
    identity: list[str]
    limits: Limits
    forest_types: dict[str, Title]
    age_limits: dict[str, AgeLimits]
    origins: dict[str, Origin]
    age_groups: dict[str, AgeGroup]
    land_types: dict[str, LandType]
    species: dict[str, Species]


CodeT = TypeVar("CodeT", bound=Code)


def read_parcel_legend(project: Project, name: str = "parcels") -> ParcelLegend:
    """Read the legend of a parcel layer and check that its tables fit together.

    Raises
    ------
    InputError
        When a species names no known type or age limits, or a name stands for two codes.
    """
    document = read_yaml(project.configs / "codes" / f"{name}.yaml")
    legend = validate(document, ParcelLegend)
    problems = []
    for code, species in legend.species.items():
        for key, value, known in (
            ("forest_type", species.forest_type, list(legend.forest_types)),
            ("ages", species.ages, list(legend.age_limits)),
        ):
            if value is not None and value not in known:
                problem = Problem("no such name", found=value, expected=", ".join(known))
                problems.append(document.problem(("species", code, key), problem))
    for table in ("origins", "age_groups", "land_types", "species"):
        problems += _names_of_two(document, table, getattr(legend, table))
    raise_if_any(problems)
    return legend


def _names_of_two(document: Document, table: str, entries: Mapping[str, Code]) -> list[Problem]:
    seen: dict[str, str] = {}
    problems = []
    for code, entry in entries.items():
        for word in {normal(word) for word in (code, entry.name.zh, entry.name.en, *entry.also)}:
            if word in seen:
                what = Problem(
                    "a name stands for two codes",
                    found=f"{word}: {seen[word]} and {code}",
                    remedy="delete it from one of the two",
                )
                problems.append(document.problem((table, code), what))
            seen[word] = code
    return problems


def plain(value: Any) -> str:
    """Return a code or number as text: 12.0 is "12", nothing is ""."""
    if value is None or value is pd.NA or value != value:
        return ""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(value)))
    return re.sub(r"^(-?\d+)\.0+$", r"\1", text)


def normal(value: Any) -> str:
    """Return a code or name in the form it is compared in: 0111, 111 and "111.0" are one."""
    text = plain(value).casefold()
    return (text.lstrip("0") or "0") if text.isdecimal() else text


def find(values: pd.Series, table: Mapping[str, CodeT]) -> list[CodeT | None]:
    """Return the entry of each value, by code or by name; None for an unknown one."""
    entries = {normal(code): entry for code, entry in table.items()}
    for entry in table.values():
        for word in (entry.name.zh, entry.name.en, *entry.also):
            entries[normal(word)] = entry

    def entry_of(key: str) -> CodeT | None:
        if key in entries:
            return entries[key]
        if re.fullmatch(r"\d{3}000", key):
            return entries.get(key[:3])
        return entries.get(key.removesuffix("林"))

    return [entry_of(normal(value)) for value in values]


def nearest(value: Any, table: Mapping[str, Code]) -> Title:
    """Return the known code or name that is most like an unknown one."""
    key = normal(value)
    codes = {normal(code): code for code in table}
    if key.isdecimal():
        closest = max(codes, key=lambda c: (_same_start(c, key), -abs(int(c) - int(key))))
        code = codes[closest]
    else:
        names = {normal(w): c for c, e in table.items() for w in (e.name.zh, e.name.en, *e.also)}
        code = names[difflib.get_close_matches(key, names, n=1, cutoff=0.0)[0]]
    return Title(en=f"{code} {table[code].name.en}", zh=f"{code} {table[code].name.zh}")


def _same_start(one: str, other: str) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))
