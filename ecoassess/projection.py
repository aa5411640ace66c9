"""Forty years of the forest's carbon, in the baseline and in the project.

The standing forest follows its age structure (models/stand_growth.py): the pools of the assessed
year, and what the stands gain per hectare since then, under disturbance and without harvest. The
measures add what their cohorts bring year by year. Both rest on today's stands: no measure changes
the course of the forest around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.allocation import STATES, Allocation, allocate
from ecoassess.assessment import Runner
from ecoassess.ledger import CO2E, co2e_factor
from ecoassess.sampling import LatinHypercube
from ecoassess.units import magnitude, quantify

if TYPE_CHECKING:
    from ecoassess.run import Assessment
    from ecoassess.technology import Technology
    from ecoassess.zones import Zone

YEARS = 40
"""How far the projection reaches beyond the assessed year."""

DRAWS = 100
"""Random draws of the projection: fewer than the tables', for its many years."""

STANDING = {
    "living_trees": ("aboveground_stock", "belowground_stock"),
    "dead_wood": ("dead_wood_stock",),
    "litter": ("litter_stock",),
}
"""Pool of the course of the standing forest → the stocks of forest_sink that follow it."""

LEFT_OUT = ("harvested_wood_products",)
"""Measures that rest on a harvest, which the projected forest does not have."""

BEYOND = "share_of_area_beyond_growth_curves"

COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "scenario", "component", "year"),
    *("value", "p2.5", "p97.5", "unit"),
]


def project_forest(assessment: Assessment) -> pd.DataFrame:
    """Return the forest's carbon by zone, scenario, component and year, as t CO2e.

    Components are the pools of the standing forest, which both scenarios share; the measures of the
    project, as what their territorial nets (planted soil and fuel with them) have added up to since
    the first year in which the states differ; and the total. Soil of the standing forest is left
    out: its course is not modelled. So are wood products, since nothing is harvested here, and the
    first years' growth need not be the assessment's, whose rate is another route. A measure without
    data anywhere has no rows; where only a part of a zone has data, it and the total are missing.
    """
    if "forest_sink" not in assessment.outcomes:
        return pd.DataFrame(columns=COLUMNS)
    first = assessment.session.month.year
    years = list(range(first, first + YEARS + 1))
    standing = _standing(assessment)
    measures = _measures(assessment, years)
    zones = [z for z in assessment.zones if z.zoning in ("county", "prefecture", "park_region")]
    rows: list[list[object]] = []
    for zone in zones:
        pools = {name: _sum(array, zone.weights) for name, array in standing.items()}
        rows += _beyond(assessment, zone, years)
        brought = {name: _sum(array, zone.weights) for name, array in measures.items()}
        whole = sum(pools.values(), np.zeros(1))
        for scenario in STATES:
            parts = dict(pools)
            if scenario == "project":
                parts |= brought
            parts["total"] = whole + (sum(brought.values()) if scenario == "project" else 0)
            for component, values in parts.items():
                low, high = np.quantile(values[1:], (0.025, 0.975), axis=0)
                rows += [
                    [
                        *(zone.zoning, zone.code, zone.en, zone.zh, scenario, component, year),
                        *(values[0, i], low[i], high[i], CO2E),
                    ]
                    for i, year in enumerate(years)
                ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _beyond(assessment: Assessment, zone: Zone, years: Sequence[int]) -> list[list[object]]:
    """Return the share of a zone's stocked area that is older than its growth curves are valid for.

    There growth is held at zero; both scenarios have the same share.
    """
    draws = assessment.session.run.config.draws
    share = _few(assessment.session.simulate()["beyond_curves"], draws)
    area = magnitude(assessment.runner.variable("stand_area", frozenset()), "ha")
    members = zone.weights != 0
    weighted = xr.dot(
        _few(area, draws).isel(atom=members),
        xr.DataArray(zone.weights[members], dims="atom"),
        dim="atom",
    )
    beyond = xr.dot(weighted, share, dim="forest_type") / weighted.sum("forest_type")
    values = beyond.transpose("draw", "year").values
    low, high = np.quantile(values[1:], (0.025, 0.975), axis=0)
    return [
        [
            *(zone.zoning, zone.code, zone.en, zone.zh, scenario, BEYOND, year),
            *(values[0, i], low[i], high[i], "1"),
        ]
        for scenario in STATES
        for i, year in enumerate(years)
    ]


def _standing(assessment: Assessment) -> dict[str, np.ndarray]:
    """Return pool → carbon of the standing forest (draw, atom, year), t CO2e.

    The stock of the assessed year, and what the growth model's stands gain per hectare since.
    """
    outcome = assessment.outcomes["forest_sink"]
    components, amounts = outcome.technology.components, outcome.amounts
    change = assessment.session.simulate()["standing_change"]
    area = magnitude(assessment.runner.variable("stand_area", frozenset()), "ha")
    draws = assessment.session.run.config.draws
    result = {}
    for pool, stocks in STANDING.items():
        factor = co2e_factor(components[stocks[0]], assessment.gwp)
        stock = sum(_few(amounts[name], draws).sum("forest_type", skipna=False) for name in stocks)
        gained = xr.dot(
            _few(area, draws), _few(change.sel(pool=pool, drop=True), draws), dim="forest_type"
        )
        total = factor * (stock + gained)
        result[pool] = total.transpose("draw", "atom", "year").values
    return result


def _few(array: xr.DataArray, draws: int) -> xr.DataArray:
    """Return an array with the projection's draws, used in turn where there are fewer."""
    if "draw" not in array.dims:  # data, such as the area of parcels
        return array.expand_dims(draw=min(DRAWS, draws) + 1)
    turn = LatinHypercube(min(DRAWS, draws), 0).turn(array.sizes["draw"])
    return array.isel(draw=turn).drop_vars("draw", errors="ignore")


def _sum(array: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the sum over a zone's atoms by draw and year, of (draw, atom, year)."""
    members = weights != 0
    total: np.ndarray = array[:, members].swapaxes(1, 2) @ weights[members]
    return total


class YearsRunner(Runner):
    """Evaluates states of many years at once, on the stands of the assessed year.

    Adoption, the age of cohorts and what hangs on it have the dimension `year`; everything else is
    as in the assessed year.
    """

    def __init__(self, runner: Runner, allocation: Allocation, years: np.ndarray) -> None:
        sample = LatinHypercube(min(DRAWS, runner.config.draws), runner.config.seed)
        super().__init__(runner.book, runner.technologies, runner.activity, allocation, sample)
        self.whole, self.before = runner, runner.before
        self.years = xr.DataArray(years, {"year": years}, ("year",))
        cohort = allocation.cohort
        self.cohort = xr.DataArray(cohort, {"cohort": cohort}, ("cohort",))

    def coefficient(self, equation: str, name: str) -> xr.DataArray:
        """Return the first draws of the run's own, so that measures and stands share them."""
        return self.whole.coefficient(equation, name).isel(draw=slice(self.sample.size + 1))

    def datum(self, name: str) -> xr.DataArray:
        """Return the first draws of the run's own, as of coefficients."""
        values = self.whole.datum(name)
        if self.activity.variables[name].simulated or "draw" not in values.dims:
            return values
        return values.isel(draw=slice(self.sample.size + 1))

    def variable(self, name: str, adopted: frozenset[str]) -> xr.DataArray:
        """Return a variable with the dimension `year` where it hangs on adoption."""
        variable = self.book.variables[name]
        if variable.cohort_age:
            return quantify((self.years - self.cohort).astype(float), variable.unit)
        values = super().variable(name, adopted)
        return values.where(self.cohort <= self.years, 0) if variable.adoption else values

    def _by_cohort(self, name: str, response: xr.DataArray) -> xr.DataArray:
        age = (self.years - self.cohort + 1).clip(1, int(response["age"].max()))
        return self._in_turn(name, response.sel(age=age).drop_vars("age"))


def _measures(assessment: Assessment, years: Sequence[int]) -> dict[str, np.ndarray]:
    """Return measure → what it has brought by each year (draw, atom, year), t CO2e."""
    session, runner = assessment.session, assessment.runner
    forest = [
        technology
        for technology in session.technologies.values()
        if technology.sector == "forest"
        and technology.basis == "effect"
        and technology.name not in LEFT_OUT
        and _has_data(assessment, technology)
    ]
    start = min([years[0], *_changes(assessment, forest)])
    allocation = allocate(session.run, session.technologies.values(), runner.book, years[-1])
    # All else is as in the assessed year, what the scenario moves by itself too.
    allocation = replace(allocation, exogenous=runner.allocation.exogenous)
    later = YearsRunner(runner, allocation, np.arange(start, years[-1] + 1))
    return {
        technology.name: _nets(later, technology, assessment.gwp).cumsum(axis=-1)[
            ..., years[0] - start :
        ]
        for technology in forest
    }


def _nets(runner: YearsRunner, technology: Technology, gwp: Mapping[str, float]) -> np.ndarray:
    """Return the territorial net of each year (draw, atom, year), t CO2e."""
    first, last = (
        technology(**runner.arguments(technology, state)) for state in runner.states(technology)
    )
    draws = runner.sample.size
    shape = xr.DataArray(
        np.zeros((draws + 1, len(runner.activity.atom), runner.years.size)),
        {"draw": np.arange(draws + 1), "atom": runner.activity.atom, "year": runner.years},
        ("draw", "atom", "year"),
    )
    total = shape
    for name, component in technology.components.items():
        if component.kind == "flux" and component.boundary == "territorial" and component.warms:
            amount = magnitude(last[name] - first[name], component.unit)
            labels = [d for d in amount.dims if d not in shape.dims]
            total = total + co2e_factor(component, gwp) * amount.sum(labels, skipna=False)
    return np.asarray(total.transpose("draw", "atom", "year").values)


def _has_data(assessment: Assessment, technology: Technology) -> bool:
    """Return whether a technology has a result in some atom of the assessed year."""
    amounts = assessment.outcomes[technology.name].amounts.values()
    return all(bool(np.isfinite(amount.values).any()) for amount in amounts)


def _changes(assessment: Assessment, technologies: Sequence[Technology]) -> list[int]:
    """Return the years of cohorts that are not alike in both states."""
    adoption = assessment.runner.allocation.adoption
    years = []
    for name in (name for technology in technologies for name in technology.adopts):
        difference = adoption["project"][name] - adoption["baseline"][name]
        changed = (difference != 0).any([d for d in difference.dims if d != "cohort"])
        years += difference["cohort"].values[changed.values].tolist()
    return years
