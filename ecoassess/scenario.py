"""Scenarios: adoption in the baseline and in the project, what they draw on, what moves by itself.

A scenario stands in `configs/scenarios/` and may extend another one of that folder: what it names
replaces the other's path, and everything else is taken over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from ecoassess.configuration import CheckError, Document, KeyPath, Strict, read_yaml, validate
from ecoassess.errors import InputError, Line, Problem
from ecoassess.inputs.catalog import Title

State = Literal["baseline", "project"]
Rule = Literal["refuse", "proportional", "order"]

PARTS = {"baseline": 3, "project": 3, "exogenous": 2, "resources": 3}
"""Section of a scenario → how deep lies what another scenario replaces as a whole: the path of a
label, an exogenous path, an entry of a resource."""


class Curve(Strict):
    """A course over the years through knots {year: level}.

    Parameters
    ----------
    knots
        Year → level, in order.
    shape
        How it runs between its knots (see `between`).
    midpoint, steepness
        Of a logistic course: the year of its fastest rise, and the slope of Griliches (1/yr).
    """

    knots: dict[str, float]
    shape: Literal["linear", "logistic", "steps"] = "linear"
    midpoint: float | None = None
    steepness: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _ordered_years(self) -> Curve:
        if not self.knots:
            raise CheckError("a path needs a knot", expected='knots: {"2020": 0.18}')
        for year in self.knots:
            if not (year.isdigit() and len(year) == 4):
                raise CheckError("a knot is a year", found=year, expected="such as '2020'")
        if list(self.knots) != sorted(self.knots):
            raise CheckError("knots must be in order", found=", ".join(self.knots))
        return self

    @model_validator(mode="after")
    def _what_its_shape_needs(self) -> Curve:
        given = {"midpoint": self.midpoint, "steepness": self.steepness}
        named = [name for name, value in given.items() if value is not None]
        if self.shape == "logistic":
            lacking = [name for name in given if name not in named]
            if lacking or len(self.knots) != 2:
                raise CheckError(
                    "a logistic path runs from its first knot to its last, about its midpoint",
                    found=f"{len(self.knots)} knots, "
                    f"{', '.join(named) if named else 'neither midpoint nor steepness'}",
                    expected="two knots, midpoint: 2030 (a year), steepness: 0.4 (per year)",
                    remedy="add what is lacking, or take shape: linear",
                )
        elif named:
            raise CheckError(
                f"{' and '.join(named)} belong to a logistic path",
                found=f"shape: {self.shape}",
                remedy="set shape: logistic, or delete them",
            )
        return self


class Share(Curve):
    """A course of shares, 0 to 1."""

    @model_validator(mode="after")
    def _shares(self) -> Share:
        for year, share in self.knots.items():
            if not 0 <= share <= 1:
                raise CheckError(
                    "an adoption level is a share",
                    found=f"{year}: {share}",
                    expected="0 to 1",
                    remedy="divide a per cent value by 100",
                )
        return self


class CountyPath(Share):
    """Adoption of one county in place of the prefecture's; what it rests on, where that differs."""

    source: str | None = None
    locator: str | None = None
    grade: str | None = Field(default=None, pattern="^[ABC]$")
    note: str | None = None


class AdoptionPath(Share):
    """Adoption over the years, nothing before the first knot.

    Parameters
    ----------
    counties
        County code → the path that it has instead.
    """

    source: str
    locator: str | None = None
    grade: str = Field(pattern="^[ABC]$")
    note: str | None = None
    counties: dict[str, CountyPath] = {}


class ExogenousPath(Curve):
    """What a datum or coefficient becomes by itself: its figure times path(year) / path(its year).

    It holds in both states alike, so it is no effect of any technology.

    Parameters
    ----------
    base_year
        Year of the figures that the path was drawn from. Where the run holds a figure of another
        year, the path goes on from that; figures that name no year are taken as of this one.
    """

    base_year: int = Field(ge=1900, le=2200)
    source: str
    locator: str | None = None
    grade: str = Field(pattern="^[ABC]$")
    note: str | None = None

    @model_validator(mode="after")
    def _factors(self) -> ExogenousPath:
        for year, factor in self.knots.items():
            if factor < 0:
                raise CheckError(
                    "an exogenous path multiplies by what is not negative",
                    found=f"{year}: {factor}",
                    expected="1 in the year of the datum, 0.8 for a fifth less",
                )
        if float(between(self, np.array([self.base_year]))[0]) == 0:
            raise CheckError(
                "an exogenous path is at 0 in its base year",
                found=f"base_year: {self.base_year}",
                expected="a year in which it is above 0",
            )
        return self


class Resource(Strict):
    """A resource that several uses compete for; shares of its supply.

    Parameters
    ----------
    on_excess
        What happens when technologies claim more than other uses leave; by default as the run says
        (`on_excess_claim`). refuse: the run stops. proportional: all claims are cut alike. order:
        those later in the run's list of technologies are cut first.
    """

    title: Title
    supply: str | None = None
    """Variable that holds how much there is; shares are of it."""
    total: str | None = None
    """Variable that holds how much there would be if all could be collected."""
    other_uses: dict[str, dict[str, float]] = {}
    """Share taken by uses outside the technologies: {label: {use: share}}."""
    on_excess: Rule | None = None

    @model_validator(mode="after")
    def _shares_of_one(self) -> Resource:
        for label, uses in self.other_uses.items():
            for use, share in uses.items():
                if not 0 <= share <= 1:
                    raise CheckError(
                        "a use takes a share of the supply",
                        found=f"{label}: {use}: {share}",
                        expected="0 to 1",
                        remedy="divide a per cent value by 100",
                    )
        return self


Paths = Mapping[str, Mapping[str, AdoptionPath]]


class Scenario(Strict):
    """Adoption in the baseline and in the project, and the resources they draw on.

    Parameters
    ----------
    project
        What differs from the baseline; a path that it does not name is the baseline's.
    exogenous
        Variable, coefficient that several equations share, or equation/coefficient → its course.
    """

    title: Title
    baseline: dict[str, dict[str, AdoptionPath]]
    project: dict[str, dict[str, AdoptionPath]] = {}
    exogenous: dict[str, ExogenousPath] = {}
    resources: dict[str, Resource] = {}

    def paths(self, state: str) -> Paths:
        """Return adoption share → label → path of a state."""
        if state == "baseline":
            return self.baseline
        names = dict.fromkeys([*self.baseline, *self.project])
        return {n: {**self.baseline.get(n, {}), **self.project.get(n, {})} for n in names}

    def owner(self, state: str, name: str, label: str) -> State:
        """Return the state in whose section the path of a label stands."""
        own = state == "project" and label in self.project.get(name, {})
        return "project" if own else "baseline"


class ScenarioFile(Scenario):
    """A scenario as its file has it: what it leaves out is that of the one it extends.

    Parameters
    ----------
    extends
        Another file of this folder.
    """

    extends: str | None = None
    baseline: dict[str, dict[str, AdoptionPath]] = {}


def between(curve: Curve, years: np.ndarray) -> np.ndarray:
    """Return the level in each year; before the first and after the last knot it is constant.

    linear
        Straight between knots.
    steps
        As the last knot that was reached.
    logistic
        L(t) = L₀ + (L₁ − L₀) (F(t) − F(t₀)) / (F(t₁) − F(t₀)) with F(t) = 1 / (1 + e^(−b (t − m))),
        from the first knot (t₀, L₀) to the last (t₁, L₁): the logistic growth of Griliches (1957,
        Econometrica 25, 501-522), of slope b (`steepness`) about the year m (`midpoint`), scaled to
        pass through both knots. 2 ln 9 / b years lie between a tenth and nine tenths of F.
    """
    knots = np.array([int(year) for year in curve.knots], dtype=float)
    levels = np.array(list(curve.knots.values()))
    inside = np.clip(years, knots[0], knots[-1])
    if curve.shape == "steps":
        return np.asarray(levels[np.searchsorted(knots, inside, side="right") - 1])
    if curve.shape == "logistic":
        slope, middle = float(curve.steepness or 0), float(curve.midpoint or 0)  # checked above
        first, last, now = (
            1 / (1 + np.exp(-slope * (t - middle))) for t in (knots[0], knots[-1], inside)
        )
        return np.asarray(levels[0] + (levels[-1] - levels[0]) * (now - first) / (last - first))
    return np.asarray(np.interp(inside, knots, levels))


def level(path: Share, years: np.ndarray) -> np.ndarray:
    """Return the share in each year: `between` the knots, constant after, 0 before the first."""
    return np.where(years < int(next(iter(path.knots))), 0.0, between(path, years))


class Layers(Document):
    """A document over those that it extends, nearest first: each key belongs to one of them."""

    def __init__(self, layers: Sequence[Document], content: Any) -> None:
        super().__init__(layers[0].path, content, layers[0].lines)
        self.layers = layers

    def owner(self, key: KeyPath) -> Document:
        """Return the nearest document that names what a key is a part of."""
        part = key[: PARTS.get(str(key[0]), 1)] if key else key
        while part:
            for layer in self.layers:
                if part in layer.lines:
                    return layer
            part = part[:-1]
        return self.layers[0]

    def line(self, key: KeyPath) -> Line | None:
        """Return the line of `key`, in the file that names it."""
        return self.owner(key).line(key)

    def place(self, key: KeyPath) -> tuple[Path, int | None]:
        """Return the file and line of `key`."""
        return self.owner(key).place(key)

    def problem(self, key: KeyPath, problem: Problem) -> Problem:
        """Return `problem` with the file, line and key."""
        return self.owner(key).problem(key, problem)


def read_scenario(folder: Path, name: str) -> tuple[Scenario, Document]:
    """Read a scenario and those that it extends.

    Raises
    ------
    InputError
        When a file is absent or wrong, or scenarios extend each other in a circle.
    """
    documents: list[Document] = []
    names: list[str] = []
    wanted: Any = name
    while wanted is not None:
        if documents:
            _check_extends(documents[-1], names, wanted, folder)
        names.append(wanted)
        documents.append(read_yaml(folder / f"{wanted}.yaml"))
        content = documents[-1].content
        wanted = content.get("extends") if isinstance(content, dict) else None
    content = documents[-1].content
    for document in reversed(documents[:-1]):
        content = _over(document.content, content, 0)
    if isinstance(content, dict):
        content = {key: value for key, value in content.items() if key != "extends"}
        if "title" not in documents[0].content:
            raise InputError(
                documents[0].problem(
                    (), Problem("a key is missing", expected="'title'", remedy="add it")
                )
            )
    document = Layers(documents, content)
    return validate(document, Scenario), document


def _check_extends(document: Document, names: Sequence[str], wanted: Any, folder: Path) -> None:
    """Refuse a scenario that extends itself, at last, or one that is not there."""
    known = sorted(file.stem for file in folder.glob("*.yaml"))
    problem = None
    if wanted in names:
        problem = Problem(
            what="scenarios that extend each other in a circle",
            found=" → ".join([*names, wanted]),
            remedy="let one of them extend nothing",
        )
    elif wanted not in known:
        problem = Problem(
            what="no scenario of this name to extend",
            found=str(wanted),
            expected=", ".join(known),
            remedy="correct the name: the file's, without .yaml",
        )
    if problem:
        raise InputError(document.problem(("extends",), problem))


def _over(own: Any, base: Any, depth: int, section: str = "") -> Any:
    """Return `own` over `base`, replaced where the parts of a section lie."""
    if not (isinstance(own, dict) and isinstance(base, dict)):
        return own
    result = {**base, **own}
    for key in own:
        within = section or key
        if key in base and depth + 1 < PARTS.get(within, 1):
            result[key] = _over(own[key], base[key], depth + 1, within)
    return result
