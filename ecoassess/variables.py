"""The variables that are data: their units, ranges and where they come from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, RootModel, model_validator

from ecoassess.configuration import CheckError, Strict, read_yaml, validate
from ecoassess.errors import InputError
from ecoassess.inputs.layers import TRANSFORMS
from ecoassess.project import Project
from ecoassess.units import parse_unit

ORIGINS = (
    "statistic",
    "statistics",
    "year_since",
    "derived",
    "simulated",
    "modelled",
    "earlier",
    "years_between",
    "mapped",
    "parcels",
    "buildings",
    "observed",
    "adoption",
    "cohort_age",
)


class Variable(Strict):
    """One variable of `configs/variables.yaml`.

    Parameters
    ----------
    en, zh
        What it is, in English and in Chinese.
    kind
        Extensive values are sums over a county; intensive ones hold everywhere in it.
    by
        The dimension whose labels have a value each.
    statistic
        The variable of the statistics table that it is, one value per county.
    statistics
        Label of `by` → variable of the statistics table.
    year_since
        Years from this statistic's own year to the assessed year.
    derived
        A function of ecoassess/derived.py.
    simulated
        The result of a model with hours or memory (ecoassess/simulate.py).
    modelled
        The model of ecoassess/models/ whose result it is.
    observed
        A raster layer that the run configuration names under `datasets`.
    transform
        A function of ecoassess/inputs/layers.py for each pixel of the layer.
    over
        Land over which the layer is averaged: the first that the county has.
    adoption
        Whether it is a share from the scenario.
    cohort_age
        Whether it is the years since each cohort of adoption.
    spread
        Land over whose area a sum is spread: the first that the county has.
    within
        Land that all labels of a county lie on together: where a rule hands out a larger zone's
        figure, no draw gives a county more than that.
    range
        Beyond it a value is refused, [low, high].
    aged
        Whether a simulated response hangs on the years since its cause: it reaches equations by
        cohort.
    monthly
        Whether a simulated variable or a model's result has months.
    earlier, years_between
        The figure of a statistic before the one that counts, and the years between the two.
    mapped
        Label → land class or group of the land-cover map whose area the variable is.
    parcels
        "area" or "volume" of the forest parcels, by forest type, or "age": years since their
        survey.
    buildings
        "roof": roof area of the building footprints, by kind of dwelling.
    optional_labels
        Labels for which no county has a figure leave the run, and results say so.
    if_missing
        What other equations take for a missing result of a model, and say so.
    peak
        Between which the largest pixel of an observed layer lies: what tells a unit from another.
    exclusive
        Shares of labels that exclude each other: in all they are at most 1.
    """

    en: str
    zh: str
    unit: str
    kind: Literal["extensive", "intensive"]
    by: str | None = None
    statistic: str | None = None
    statistics: dict[str, str] | None = None
    year_since: str | None = None
    derived: str | None = None
    simulated: str | None = None
    modelled: str | None = None
    earlier: str | None = None
    years_between: str | None = None
    mapped: dict[str, str] | None = None
    parcels: Literal["area", "volume", "age"] | None = None
    buildings: Literal["roof"] | None = None
    monthly: bool = False
    aged: bool = False
    observed: str | None = None
    transform: str | None = None
    over: list[str] | None = None
    adoption: bool | None = None
    cohort_age: bool | None = None
    spread: list[str] | None = None
    within: str | None = None
    optional_labels: bool = False
    if_missing: float | None = None
    exclusive: bool = False
    range: list[float] = Field(min_length=2, max_length=2)
    peak: list[float] | None = Field(default=None, min_length=2, max_length=2)

    @model_validator(mode="after")
    def _one_origin(self) -> Variable:
        origins = [name for name in ORIGINS if getattr(self, name) is not None]
        if len(origins) != 1:
            raise CheckError(
                "a variable comes from one place",
                found=", ".join(origins) or "none",
                expected="one of " + ", ".join(ORIGINS),
            )
        if self.observed and self.kind == "extensive":
            raise CheckError("an observed layer is a mean, not a sum", expected="kind: intensive")
        from_statistics = bool(self.statistic or self.statistics or self.earlier)
        if (self.kind == "extensive" and from_statistics) != (self.spread is not None):
            raise CheckError(
                "'spread' belongs to extensive variables from statistics",
                expected="kind: extensive with spread: [class, ...], or neither",
            )
        if self.if_missing is not None and self.modelled is None:
            raise CheckError("'if_missing' belongs to results of models", remedy="delete it")
        if self.exclusive and not (self.adoption and self.by):
            raise CheckError("'exclusive' belongs to adoption by label", remedy="delete it")
        if self.optional_labels and not self.statistics:
            raise CheckError(
                "'optional_labels' belongs to variables by label",
                expected="statistics: {label: NAME, ...}, or no 'optional_labels'",
            )
        if (self.observed is None) != (self.over is None) or (self.transform and not self.observed):
            raise CheckError(
                "'over' and 'transform' belong to observed layers",
                expected="observed: LAYER with over: [class, ...], or none of them",
            )
        if self.peak and (self.transform or not self.observed):
            raise CheckError("'peak' belongs to observed layers as they are", remedy="delete it")
        if self.transform and self.transform not in TRANSFORMS:
            raise CheckError(
                "no such transform of a layer",
                found=self.transform,
                expected=", ".join(TRANSFORMS),
            )
        try:
            parse_unit(self.unit)
        except InputError as error:
            problem = error.problems[0]
            raise CheckError(problem.what, found=self.unit, expected=problem.expected) from None
        return self

    @property
    def layer(self) -> tuple[str, str | None]:
        """The layer and the transform of an observed variable."""
        return str(self.observed), self.transform


class _File(RootModel[dict[str, Variable]]):
    pass


def read_variables(project: Project) -> dict[str, Variable]:
    """Read `configs/variables.yaml`."""
    return validate(read_yaml(project.configs / "variables.yaml"), _File).root
