"""Run configurations: what is assessed, by which rules, under which scenario."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from ecoassess.configuration import CheckError, Document, Strict, read_yaml, validate
from ecoassess.inputs.catalog import Title
from ecoassess.project import Project
from ecoassess.scenario import Rule, Scenario, read_scenario


class Datasets(Strict):
    """Names of catalogue entries; beyond these, one for each layer that the run has a raster of."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str | None] = Field(init=False)

    boundaries: str
    land_cover: str
    climate: str
    statistics: str
    stations: str
    parcels: str | None = None
    buildings: str | None = None
    land_cover_earlier: str | None = None
    """A land-cover map of an earlier year, for changes of land use."""
    land_change_matrix: str | None = None
    """Sample counts of those changes: map classes in rows, reference classes in columns."""

    weather_hours: list[str] = []
    """Weather files of hours, for the counties they name or else are nearest to."""

    @property
    def named(self) -> list[tuple[str, str]]:
        """Key and catalogue entry of everything that the run names."""
        return [
            (key, name)
            for key, names in plain(self).items()
            for name in (names if isinstance(names, list) else [names])
            if name
        ]

    @property
    def layers(self) -> dict[str, str]:
        """Layer (`observed:` in configs/variables.yaml) → the catalogue entry of its raster."""
        return {layer: name for layer, name in self.__pydantic_extra__.items() if name}


class Park(Strict):
    """The park region and its official areas."""

    title: Title
    counties: list[str]
    extent: list[float] = Field(min_length=4, max_length=4)
    official_area: dict[str, str]
    """Code in the statistics table of each province's part, by province code."""


CHOICES = ("gwp", "electricity")
"""Dimensions of shared coefficients of which a run chooses one label for everything."""


class Estimate(Strict):
    """One rule that fills in counties without data.

    remainder
        The value of the parent less that of the counties with data, spread over the others by
        `weight`.
    density
        `weight` times the density (value per weight) of the zone `of`.
    inherit
        The value of the zone `of` (for values that are not sums).
    """

    rule: Literal["remainder", "density", "inherit"]
    of: str
    weight: str | None = None
    counties: list[str] | None = None
    because: str

    @model_validator(mode="after")
    def _weight_where_needed(self) -> Estimate:
        if (self.weight is None) == (self.rule != "inherit"):
            raise CheckError(
                f"rule '{self.rule}' {'needs a' if self.rule != 'inherit' else 'takes no'} weight",
                expected="a variable, or class:NAME for an area of the land-cover map",
            )
        return self


class ClimateRules(Strict):
    """How the climate zone of a county is found.

    pet_formula
        Potential evapotranspiration, of which the IPCC tree compares precipitation with.
    diurnal_range
        Mean daily temperature range in K, which `hargreaves` needs.
    zone
        A zone that is to hold for all counties instead ("cool_temperate_moist").
    """

    pet_formula: Literal["thornthwaite", "oudin", "hargreaves"]
    diurnal_range: float | None = Field(default=None, gt=0, lt=30)
    zone: str | None = None

    @model_validator(mode="after")
    def _range_for_hargreaves(self) -> ClimateRules:
        if self.pet_formula == "hargreaves" and self.diurnal_range is None:
            raise CheckError(
                "pet_formula 'hargreaves' needs the daily temperature range",
                expected="diurnal_range: 12.0 (kelvin)",
            )
        return self


class CreditRules(Strict):
    """Which lines between effect and credit `credits.csv` counts; all of them are shown.

    reversal
        The expected loss, or a risk buffer against it.
    uncertainty
        A conservative deduction for the width of the interval.
    methodology
        A crediting methodology, whose credit is one more line.
    """

    additionality: bool = True
    leakage: bool = True
    reversal: Literal["buffer", "expected", "none"] = "buffer"
    uncertainty: bool = False
    methodology: str | None = None

    def counted(self) -> list[str]:
        """Return the lines that are deducted."""
        reversal = {"buffer": ["buffer"], "expected": ["expected_reversal"], "none": []}
        return [
            *(["non_additional"] if self.additionality else []),
            *(["activity_shift_leakage", "market_leakage"] if self.leakage else []),
            *reversal[self.reversal],
            *(["conservative_deduction"] if self.uncertainty else []),
        ]


class RunConfig(Strict):
    """A run configuration.

    Parameters
    ----------
    region
        Name of the folder of results.
    datasets
        What is read, as entries of datasets/catalog.yaml.
    counties
        Code → name of each assessed county.
    parent
        Code of the prefecture.
    neighbours
        Counties that only the park reaches into.
    finest_pixel
        Length in m that a pixel of the working grid has at most.
    draws
        Number of random draws.
    seed
        The same seed gives the same draws.
    technologies
        What is assessed; effects are attributed in this order.
    scenario
        The file of configs/scenarios/ with the paths of adoption.
    choices
        The one label of `gwp` and of `electricity` for everything.
    methods
        Technology or model → argument → method.
    estimates
        Variable of the statistics table → rules that fill in counties without data.
    tower_like
        Whether the forest's exchange is also told in the manner of a flux tower.
    sensitivity
        Whether a run also tells Approach 1, what moves each net, and interactions.
    on_excess_claim
        What happens where more of a resource is claimed than there is.
    """

    region: str = Field(pattern="^[a-z0-9_]+$")
    title: Title
    datasets: Datasets
    counties: dict[str, Title]
    parent: str
    parent_title: Title
    park: Park | None = None
    neighbours: dict[str, Title] = {}
    finest_pixel: float = Field(default=500.0, gt=0)
    draws: int = Field(default=1000, ge=10)
    seed: int
    technologies: list[str]
    scenario: str
    choices: dict[str, str]
    methods: dict[str, dict[str, str]] = {}
    climate: ClimateRules
    estimates: dict[str, list[Estimate]] = {}
    credits: CreditRules = CreditRules()
    tower_like: bool = False
    sensitivity: bool = True
    activity_uncertainty: bool = True
    """Whether statistics and mapped areas are drawn with an error, as coefficients are."""

    on_excess_claim: Rule = "refuse"

    @model_validator(mode="after")
    def _park_counties_known(self) -> RunConfig:
        if self.park:
            unknown = set(self.park.counties) - set(self.all_counties)
            if unknown:
                raise CheckError(
                    "park counties that are in neither 'counties' nor 'neighbours'",
                    found=", ".join(sorted(unknown)),
                    remedy="add them to 'neighbours'",
                )
        return self

    @property
    def all_counties(self) -> list[str]:
        """Codes of the assessed counties and of the neighbours that the park reaches into."""
        return [*self.counties, *self.neighbours]


@dataclass(frozen=True)
class Run:
    """A run configuration with its scenario, as read."""

    path: Path
    config: RunConfig
    scenario: Scenario
    document: Document
    scenario_document: Document


def read_run(project: Project, path: Path, scenario: str | None = None) -> Run:
    """Read a run configuration and the scenario it names, or another `scenario`."""
    document = read_yaml(path)
    config = validate(document, RunConfig)
    if scenario is not None:
        config = config.model_copy(update={"scenario": scenario})
    read, scenario_document = read_scenario(project.configs / "scenarios", config.scenario)
    return Run(path, config, read, document, scenario_document)


def plain(model: Strict) -> Any:
    """Return a model as plain data for hashing and records."""
    return model.model_dump(mode="json")
