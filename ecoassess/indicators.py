"""Indicators of a plan: `configs/indicators.yaml` → progress against a straight path, and a light.

An indicator has a base, a target and what was observed in between, with its source. What the run's
scenario assumes for the assessed year may stand beside it; it is no observation and has no light: a
scenario measured by itself is always on its path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from ecoassess.configuration import CheckError, Document, KeyPath, Strict, read_yaml, validate
from ecoassess.errors import InputError, Problem
from ecoassess.ledger import CO2E, NET, TERRITORIAL
from ecoassess.project import Project
from ecoassess.units import compatible
from ecoassess.vocabulary import Boundary, Grade

if TYPE_CHECKING:
    from ecoassess.technology import Technology

FILE = "indicators.yaml"

Light = Literal["green", "amber", "red", "grey"]


def progress_made(base: float, target: float, observed: float) -> float:
    """Return the share of the way from base to target: (observed − base) / (target − base)."""
    return (observed - base) / (target - base)


def progress_expected(base_year: int, target_year: int, year: int) -> float:
    """Return the share of the way that a straight path has gone in a year; 1 after its end."""
    return min((year - base_year) / (target_year - base_year), 1.0)


def light(made: float | None, expected: float, amber_from: float) -> Light:
    """Return the light of an indicator: grey where nothing was observed.

    Green is on the straight path or ahead of it, amber at least `amber_from` of what it expects,
    red less. The threshold is a convention.
    """
    if made is None or made != made:
        return "grey"
    if made >= expected:
        return "green"
    return "amber" if made >= amber_from * expected else "red"


class Observation(Strict):
    """What was observed in a year."""

    value: float
    source: str
    locator: str
    grade: Grade


class OfScenario(Strict):
    """A value of the run: what its scenario brings in the assessed year.

    Parameters
    ----------
    component
        A component of the technology, a part of one ("soil_carbon:maize"), or the net.
    zone
        Code of the zone.
    zoning
        Kind of zone.
    """

    technology: str
    component: str = NET
    boundary: Boundary = TERRITORIAL
    zone: str
    zoning: str = "prefecture"


class Indicator(Strict):
    """One indicator.

    Parameters
    ----------
    unit
        Free text; that of the run's value, or one it converts to, where `scenario` names one.
    kind
        Whether the plan names it, or it is an ecological target beside the plan.
    base, target
        One year and its value.
    observed
        Year → what was observed.
    scenario
        Value of the run that is shown beside, as what the scenario assumes; it is never compared.
    unit_zh
        Chinese name of a unit that is words.
    """

    en: str
    zh: str
    unit: str
    kind: Literal["plan", "ecological"]
    direction: Literal["higher", "lower"]
    base: dict[str, float] = Field(min_length=1, max_length=1)
    target: dict[str, float] = Field(min_length=1, max_length=1)
    source: str
    locator: str
    grade: Grade
    observed: dict[str, Observation] = {}
    scenario: OfScenario | None = None
    note: str | None = None
    unit_zh: str | None = None

    @model_validator(mode="after")
    def _a_way_to_go(self) -> Indicator:
        years = [*self.base, *self.target, *self.observed]
        if any(not year.isdigit() for year in years):
            raise CheckError("a year that is no number", found=", ".join(years), expected='"2025"')
        if self.target_year <= self.base_year:
            raise CheckError(
                "the target is not after the base",
                found=f"base {self.base_year}, target {self.target_year}",
                expected="a later year",
            )
        rise = self.target_value - self.base_value
        if rise == 0 or (rise > 0) != (self.direction == "higher"):
            raise CheckError(
                "base and target do not fit the direction",
                found=f"{self.base_value:g} to {self.target_value:g}, direction: {self.direction}",
                expected="a target above the base where higher is better, below it where lower is",
                remedy="correct a value or the direction",
            )
        early = [year for year in self.observed if int(year) <= self.base_year]
        if early:
            raise CheckError(
                "observed before the path begins",
                found=", ".join(early),
                expected=f"years after {self.base_year}, the base",
                remedy="delete it, or move the base",
            )
        return self

    @property
    def base_year(self) -> int:
        """Year of the base."""
        return int(next(iter(self.base)))

    @property
    def base_value(self) -> float:
        """Value in the base year."""
        return next(iter(self.base.values()))

    @property
    def target_year(self) -> int:
        """Year of the target."""
        return int(next(iter(self.target)))

    @property
    def target_value(self) -> float:
        """Value aimed at."""
        return next(iter(self.target.values()))

    def latest(self, year: int) -> tuple[int, Observation] | None:
        """Return the last observation up to a year, if there is one."""
        known = {int(y): o for y, o in self.observed.items() if int(y) <= year}
        return max(known.items(), key=lambda item: item[0]) if known else None


class Indicators(Strict):
    """`configs/indicators.yaml`.

    Parameters
    ----------
    amber_from
        Share of the expected progress from which an indicator that lags is amber, not red.
    """

    amber_from: float = Field(default=2 / 3, gt=0, lt=1)
    indicators: dict[str, Indicator]


@dataclass(frozen=True)
class Standing:
    """Where an indicator stands.

    Parameters
    ----------
    year
        Year of the observation, or the assessed one where there is none.
    observed, made
        None where nothing was observed.
    path
        Value of the straight path in that year.
    """

    year: int
    observed: float | None
    path: float
    made: float | None
    expected: float
    light: Light


def standing(
    indicator: Indicator, year: int, observed: float | None, amber_from: float
) -> Standing:
    """Return where an indicator stands with what was observed in a year."""
    base, target = indicator.base_value, indicator.target_value
    expected = progress_expected(indicator.base_year, indicator.target_year, year)
    made = None if observed is None else progress_made(base, target, observed)
    return Standing(
        year,
        observed,
        base + expected * (target - base),
        made,
        expected,
        light(made, expected, amber_from),
    )


def read_indicators(
    project: Project, technologies: Mapping[str, Technology], sources: Mapping[str, Any]
) -> Indicators | None:
    """Read and check `configs/indicators.yaml`; None where the project has no such file.

    Raises
    ------
    InputError
        With every technology, component and source that does not exist, and every unit that does
        not fit the value of the run.
    """
    path = project.configs / FILE
    if not path.is_file():
        return None
    document = read_yaml(path)
    table = validate(document, Indicators)
    problems = list(_problems(document, table, technologies, sources))
    if problems:
        raise InputError(*problems)
    return table


def _problems(
    document: Document,
    table: Indicators,
    technologies: Mapping[str, Technology],
    sources: Mapping[str, Any],
) -> Iterator[Problem]:
    for name, indicator in table.indicators.items():
        place: KeyPath = ("indicators", name)
        named: dict[KeyPath, str] = {(*place, "source"): indicator.source}
        named |= {
            (*place, "observed", year, "source"): one.source
            for year, one in indicator.observed.items()
        }
        for key, source in named.items():
            if source not in sources:
                expected = "an entry of configs/sources.yaml"
                yield document.problem(key, Problem("no such source", source, expected, "add it"))
        if indicator.scenario:
            for problem in _run_problems(indicator, indicator.scenario, technologies):
                yield document.problem((*place, "scenario"), problem)


def _run_problems(
    indicator: Indicator, origin: OfScenario, technologies: Mapping[str, Technology]
) -> Iterator[Problem]:
    technology = technologies.get(origin.technology)
    if technology is None:
        known = ", ".join(technologies)
        yield Problem("no such technology", origin.technology, known, "correct the name")
        return
    stem = origin.component.partition(":")[0]
    if stem == NET:
        if origin.boundary not in technology.nets:
            known = ", ".join(technology.nets) or "none: its components do not count in CO2e"
            yield Problem("no net within this boundary", origin.boundary, known)
        unit = CO2E
    elif stem in technology.components:
        component = technology.components[stem]
        unit = CO2E if component.warms else component.unit.removesuffix("/yr")
    else:
        known = ", ".join([NET, *technology.components])
        yield Problem("no such component", origin.component, known, "correct the name")
        return
    try:
        fits = compatible(indicator.unit, unit)
    except InputError as error:
        yield error.problems[0]
        return
    if not fits:
        yield Problem(
            what="a unit that does not fit the value of the run",
            found=indicator.unit,
            expected=f"a unit such as {unit}",
            remedy="correct the unit, and base and target with it",
        )
