"""The legend of building footprints: field names, usage codes, storey heights and limits."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ecoassess.configuration import Document, Strict, read_yaml, validate
from ecoassess.errors import Problem, raise_if_any
from ecoassess.inputs.catalog import Title
from ecoassess.inputs.parcels.codes import Code, Limit, normal
from ecoassess.project import Project

Kind = Literal["self_built", "walk_up", "lift", "residential", "other", "unknown"]

OF_KNOWN_STOREYS: tuple[Kind, ...] = ("self_built", "walk_up", "lift")
"""Kinds of dwellings that equations know."""

DWELLINGS: tuple[Kind, ...] = (*OF_KNOWN_STOREYS, "residential")
"""Kinds of dwellings; `residential` where the storeys are not known."""


class Usage(Code):
    """What a usage code means."""

    usage: Literal["house", "apartments", "residential", "other", "canopy", "none", "unknown"]


class FloorHeight(Limit):
    """The height between two floors."""

    range: list[float] = Field(min_length=2, max_length=2)
    locator: str


class FloorHeights(Strict):
    """Heights between two floors, by use."""

    dwelling: FloorHeight
    other: FloorHeight
    unknown: FloorHeight


class Limits(Strict):
    """The limits of all checks."""

    tiny: Limit
    large: Limit
    giant: Limit
    lowest: Limit
    highest: Limit
    most_floors: Limit
    lowest_floor: Limit
    highest_floor: Limit
    overlap: Limit
    same: Limit
    repair: Limit
    least_known: Limit
    most_mean_floors: Limit
    self_built_floors: Limit
    lift_floors: Limit


class BuildingLegend(Strict):
    """Field names, usage codes, storey heights and limits of a layer of buildings."""

    title: Title
    source: str
    fields: dict[str, list[str]]
    tags: str
    absent_heights: list[float]
    floor_heights: FloorHeights
    limits: Limits
    kinds: dict[Kind, Title]
    usages: dict[str, Usage]


def read_building_legend(project: Project, name: str = "buildings") -> BuildingLegend:
    """Read the legend of a layer of buildings.

    Raises
    ------
    InputError
        When it is incomplete, or a name stands for two usages.
    """
    document = read_yaml(project.configs / "codes" / f"{name}.yaml")
    legend = validate(document, BuildingLegend)
    raise_if_any(_names_of_two(document, legend))
    return legend


def _names_of_two(document: Document, legend: BuildingLegend) -> list[Problem]:
    seen: dict[str, str] = {}
    problems = []
    for code, entry in legend.usages.items():
        for word in {normal(word) for word in (code, entry.name.zh, entry.name.en, *entry.also)}:
            if word in seen:
                problem = Problem(
                    "a name stands for two codes",
                    found=f"{word}: {seen[word]} and {code}",
                    remedy="delete it from one of the two",
                )
                problems.append(document.problem(("usages", code), problem))
            seen[word] = code
    return problems
