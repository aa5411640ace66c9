"""The variables that are data: their units, ranges and where they come from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, RootModel, model_validator

from ecoassess.configuration import CheckError, Strict, read_yaml, validate
from ecoassess.errors import InputError
from ecoassess.project import Project
from ecoassess.units import parse_unit

ORIGINS = (
    "statistic",
    "statistics",
    "year_since",
    "derived",
    "simulated",
    "adoption",
    "cohort_age",
)


class Variable(Strict):
    """One variable of `configs/variables.yaml`."""

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
    adoption: bool | None = None
    cohort_age: bool | None = None
    spread: list[str] | None = None
    range: list[float] = Field(min_length=2, max_length=2)

    @model_validator(mode="after")
    def _one_origin(self) -> Variable:
        origins = [name for name in ORIGINS if getattr(self, name) is not None]
        if len(origins) != 1:
            raise CheckError(
                "a variable comes from one place",
                found=", ".join(origins) or "none",
                expected="one of " + ", ".join(ORIGINS),
            )
        if (self.kind == "extensive") != (self.spread is not None):
            raise CheckError(
                "'spread' belongs to extensive variables",
                expected="kind: extensive with spread: [class, ...], or neither",
            )
        try:
            parse_unit(self.unit)
        except InputError as error:
            problem = error.problems[0]
            raise CheckError(problem.what, found=self.unit, expected=problem.expected) from None
        return self


class _File(RootModel[dict[str, Variable]]):
    pass


def read_variables(project: Project) -> dict[str, Variable]:
    """Read `configs/variables.yaml`."""
    return validate(read_yaml(project.configs / "variables.yaml"), _File).root
