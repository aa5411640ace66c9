"""Errors of activity data: statistics, mapped areas and observed layers.

A figure is multiplied by an error of mean 1 that is drawn once per statistic and county, so that
all that rests on the figure moves together. Draw 0 is the figure itself. How wide an error is says
`configs/activity_uncertainty.yaml`: by kind of datum, with more for weaker evidence. What is exact
(days, years), a share of a year, a simulation or an adoption path has no error here.

Errors of one statistic are correlated between counties, since all count by one method.

A county without a figure has a part of a larger zone's, which brings two errors: that of the zone's
figure, one for all its counties, and that of sharing it out, one for each. What is shared out adds
up to the whole in every draw.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from pydantic import Field as Limits
from pydantic import model_validator

from ecoassess.configuration import CheckError, Strict, read_yaml, validate
from ecoassess.errors import Problem, raise_if_any
from ecoassess.figure_errors import (
    WIDEST,
    FigureErrors,
    Figures,
    common_uniform,
    error_draws,
    half_width_of_remainder,
    remainder_of,
    sharers,
)
from ecoassess.halves import Z95
from ecoassess.uncertainty import beta_quantile
from ecoassess.units import magnitude, quantify
from ecoassess.vocabulary import Grade

if TYPE_CHECKING:
    from ecoassess.activity import Activity, Field
    from ecoassess.run_config import RunConfig
    from ecoassess.sampling import Sample
    from ecoassess.variables import Variable

ORIGINS = ("mapped", "observed", "parcels", "buildings")
"""Kinds of data that are not statistics, by where `configs/variables.yaml` says they come from."""

OTHER = "other"
"""The kind of all statistics that no other kind names."""


class Width(Strict):
    """Half of a 95 % interval as a share of the value, and what it rests on."""

    half_width: float = Limits(ge=0, lt=1)
    source: str
    locator: str
    grade: Grade
    note: str | None = None


class Kind(Width):
    """How sure data of one kind are at their best.

    Parameters
    ----------
    statistics
        Those of this kind.
    sharing_out
        The factor within which, up and down, a county's true value lies in 95 % of cases when a
        rule gave it a part of a larger zone's figure.
    """

    statistics: list[str] = []
    sharing_out: float | None = Limits(default=None, ge=1)
    sharing_out_locator: str | None = None


class Likeness(Strict):
    """How much the errors of one statistic are alike in two counties: correlation of logarithms."""

    correlation: float = Limits(ge=0, lt=1)
    source: str
    locator: str
    grade: Grade
    note: str | None = None


class Widths(Strict):
    """The content of `configs/activity_uncertainty.yaml`."""

    between_counties: Likeness
    kinds: dict[str, Kind]
    grade: dict[str, Width]
    status: dict[str, Width]

    @model_validator(mode="after")
    def _complete(self) -> Widths:
        lacking = [name for name in (*ORIGINS, OTHER) if name not in self.kinds]
        if lacking or self.kinds[OTHER].sharing_out is None:
            raise CheckError(
                "kinds of data without a width",
                found="none for " + ", ".join(lacking or [f"{OTHER}.sharing_out"]),
                expected=", ".join((*ORIGINS, OTHER)),
            )
        named = [s for kind in self.kinds.values() for s in kind.statistics]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise CheckError("a statistic of two kinds", found=", ".join(twice))
        widest = [
            max(w.half_width for w in t.values()) for t in (self.kinds, self.grade, self.status)
        ]
        if combined(*widest) > WIDEST:
            raise CheckError(
                "widths that together reach zero",
                found=f"{combined(*widest):.2f}",
                expected=f"kind, grade and status combined at most {WIDEST:g}",
            )
        return self

    def kind_of(self, statistic: str) -> Kind:
        """Return the kind of a statistic."""
        own = (kind for kind in self.kinds.values() if statistic in kind.statistics)
        return next(own, self.kinds[OTHER])

    def half_width(self, kind: Kind, status: str, grade: str) -> float:
        """Return the width of a datum: that of its kind, with what weak evidence adds."""
        added = [
            table[word].half_width
            for table, word in ((self.status, status), (self.grade, grade))
            if word in table
        ]
        return combined(kind.half_width, *added)

    def sharing_out(self, kind: Kind) -> float:
        """Return the factor within which a rule's share of a county is right."""
        return kind.sharing_out or self.kinds[OTHER].sharing_out or 1.0


def combined(*half_widths: float) -> float:
    """Return the relative half-width of a product of independent factors.

    U = √(U₁² + … + Uₙ²), IPCC 2006 Guidelines, Vol. 1, ch. 3, eq. 3.1.
    """
    return float(np.sqrt(sum(width**2 for width in half_widths)))


def read_widths(path: Path, sources: Mapping[str, object], statistics: Iterable[str]) -> Widths:
    """Read `configs/activity_uncertainty.yaml`.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    document = read_yaml(path)
    widths = validate(document, Widths)
    known = set(statistics)
    problems = []
    if widths.between_counties.source not in sources:
        found = Problem(
            "a correlation needs a source",
            widths.between_counties.source,
            "a key of configs/sources.yaml",
        )
        problems.append(document.problem(("between_counties", "source"), found))
    for table in ("kinds", "grade", "status"):
        for name, width in getattr(widths, table).items():
            if width.source not in sources:
                found = Problem(
                    "a width needs a source", width.source, "a key of configs/sources.yaml"
                )
                problems.append(document.problem((table, name, "source"), found))
    for name, kind in widths.kinds.items():
        for statistic in set(kind.statistics) - known:
            found = Problem("no such statistic", statistic, "one that configs/variables.yaml names")
            problems.append(document.problem(("kinds", name, "statistics"), found))
    raise_if_any(problems)
    return widths


def share_draws(share: float, half_width: float, uniform: np.ndarray) -> np.ndarray:
    """Return draws of a share, after the share itself, which all lie between 0 and 1.

    Beta with mean p and standard deviation s p (1 − p), s = w / 1.96: for a small share w is its
    relative half-width, for a large one that of the rest. Its a + b is 1 / (s² p (1 − p)) − 1.
    """
    whole = not 0 < share < 1 or not half_width
    if whole:
        return np.full(uniform.size + 1, share)
    total = 1 / ((half_width / Z95) ** 2 * share * (1 - share)) - 1
    drawn = beta_quantile(share * total, (1 - share) * total, uniform)
    drawn = np.where(np.isnan(uniform), share, drawn)
    return np.concatenate([[share], drawn])


@dataclass(frozen=True)
class ActivityErrors:
    """Draws data with their errors."""

    widths: Widths
    _of_figures: dict[str, FigureErrors] = field(default_factory=dict, compare=False)

    def drawn(self, activity: Activity, name: str, sample: Sample) -> xr.DataArray:
        """Return a variable's values by draw, or as they are where they have no error."""
        variable, field = activity.variables[name], activity.field(name)
        unit = variable.unit
        plain = magnitude(field.values, unit)
        label = [str(d) for d in plain.dims if d != "atom"]
        if not self.has_error(variable) or len(label) > 1:
            return field.values
        values = plain.transpose("atom", *label).values.reshape(len(activity.atom), -1)
        if variable.unit == "1" and variable.range == [0, 1]:
            result = self._shares(activity, variable, field, values, sample)
        else:
            result = values * self._factors(activity, name, values.shape[1], sample)
        coords = {"draw": np.arange(sample.size + 1), **{d: plain[d] for d in ("atom", *label)}}
        shape = (sample.size + 1, *plain.transpose("atom", *label).shape)
        array = xr.DataArray(result.reshape(shape), coords, ("draw", "atom", *label), name)
        return quantify(array, unit)

    def has_error(self, variable: Variable) -> bool:
        """Tell whether a variable is a datum that can be wrong."""
        counted = variable.statistic or variable.statistics or variable.earlier
        seen = variable.mapped or variable.observed or variable.buildings
        return bool(counted or seen or variable.parcels in ("area", "volume"))

    def uniform(self, sample: Sample, name: str, place: str) -> np.ndarray:
        """Return the numbers of a statistic's error in a county or larger zone, in (0, 1).

        Φ(√ρ z + √(1 − ρ) z_place): a part z of all places and one of its own.
        """
        likeness = self.widths.between_counties.correlation
        return common_uniform(sample, name, [place], np.sqrt([likeness, 1 - likeness]))

    def record(
        self, config: RunConfig, statistic: str, figures: Figures, code: str
    ) -> dict[str, float | None]:
        """Return how sure a county's figure is taken to be."""
        figure = figures[code]
        kind, counted = self.widths.kind_of(statistic), figure.whole or figure
        if figure.value is None:
            return {"half_width": None, "sharing_out": None}
        half_width = self.widths.half_width(kind, counted.status, counted.grade)
        if code in sharers(figures, config):
            left, _ = remainder_of(self.widths, config, statistic, figures)
            half_width = half_width_of_remainder(left)
        return {
            "half_width": half_width,
            "sharing_out": self.widths.sharing_out(kind) if figure.whole else None,
        }

    def _factors(self, activity: Activity, name: str, labels: int, sample: Sample) -> np.ndarray:
        """Return the errors by draw, atom and label."""
        variable, field = activity.variables[name], activity.field(name)
        if field.figures:
            columns = self._figure_errors(activity, variable, field, name).drawn(sample)
            by_atom = [[column[code] for column in columns] for code in activity.adcode]
            return np.array(by_atom).transpose(2, 0, 1)
        kind = self.widths.kinds[_origin(variable)]
        names = _unknowns(variable, labels)
        return np.array(
            [
                [
                    error_draws(
                        self._seen_width(variable, kind, field, i),
                        self.uniform(sample, name, code),
                    )
                    for name in names
                ]
                for i, code in enumerate(activity.adcode)
            ]
        ).transpose(2, 0, 1)

    def _seen_width(self, variable: Variable, kind: Kind, field: Field, atom: int) -> float:
        """Return the width of what maps, layers and surveys show in an atom.

        That a mapped area is an estimate is what the width of its kind says.
        """
        if variable.mapped:
            return kind.half_width
        return self.widths.half_width(kind, field.status[atom], field.grade[atom])

    def _figure_errors(
        self, activity: Activity, variable: Variable, field: Field, name: str
    ) -> FigureErrors:
        """Return what draws a variable's figures; it knows its centres once it has drawn."""
        known = self._of_figures.get(name)
        if known is None or known.activity is not activity:
            statistics = _statistics(variable, field)
            known = FigureErrors(self.widths, activity, variable, field, statistics)
            self._of_figures[name] = known
        return known

    def _shares(
        self,
        activity: Activity,
        variable: Variable,
        field: Field,
        values: np.ndarray,
        sample: Sample,
    ) -> np.ndarray:
        """Return draws of shares, by draw, atom and label."""
        result = np.empty((sample.size + 1, *values.shape))
        statistics = _statistics(variable, field)
        for (i, code), column in itertools.product(
            enumerate(activity.adcode), range(values.shape[1])
        ):
            zone = code
            if statistics:
                kind = self.widths.kind_of(statistics[column])
                figure = list(field.figures.values())[column][code]
                zone, name = figure.zone or code, statistics[column]
                width = self.widths.half_width(kind, figure.status, figure.grade)
            else:
                kind = self.widths.kinds[_origin(variable)]
                name = _unknowns(variable, values.shape[1])[column]
                width = self._seen_width(variable, kind, field, i)
            uniform = self.uniform(sample, name, zone)
            result[:, i, column] = share_draws(float(values[i, column]), width, uniform)
        return result


def _statistics(variable: Variable, field: Field) -> list[str]:
    """Return the statistics of a variable, in the order of its labels in this run.

    An earlier figure comes from the same plots as the later one, and shares its error.
    """
    if variable.statistics:
        return [variable.statistics[label] for label in field.figures]
    return [name for name in (variable.statistic, variable.earlier) if name]


def _origin(variable: Variable) -> str:
    return next(name for name in ORIGINS if getattr(variable, name))


def _unknowns(variable: Variable, labels: int) -> list[str]:
    """Return what is drawn, by label: map classes apart, all labels of a survey as one."""
    if variable.mapped:
        return [f"map {group}" for group in variable.mapped.values()]
    what = variable.observed or variable.parcels or variable.buildings
    return [f"{_origin(variable)} {what}"] * labels
