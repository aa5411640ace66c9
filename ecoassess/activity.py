"""Activity data: statistics, observations and simulations as arrays over atoms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import xarray as xr

from ecoassess.activity_uncertainty import ActivityErrors
from ecoassess.calendar import Month
from ecoassess.derived import FUNCTIONS, Climate, Seasons
from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.inputs.land_cover import Classes
from ecoassess.inputs.statistics import Figure, Statistics, fill_in
from ecoassess.observe import Observation
from ecoassess.run_config import RunConfig
from ecoassess.units import convert, magnitude, parse_unit, quantify, unit_registry
from ecoassess.variables import Variable
from ecoassess.vocabulary import GRADE_ORDER, STATUS_ORDER, worst

OLD_FIGURE = 5
"""Years after which the year of a figure is named beside the result."""

LEAST_SURVEYED = 0.01
"""Share of a county's mapped forest from which on its parcels count as its survey."""

WHOLE = 0.9999
"""Share of a class's land from which on a layer counts as known on all of it."""


@dataclass(frozen=True)
class Field:
    """A variable over the atoms, with what each value rests on.

    Parameters
    ----------
    values
        Array that carries its unit; dimension `atom`, and more.
    status, grade, reason
        One word or text per atom.
    figures
        For statistics: label → county → the figure used.
    """

    values: xr.DataArray
    status: list[str]
    grade: list[str]
    reason: list[str]
    figures: Mapping[str, Mapping[str, Figure]]


class Activity:
    """Resolves variables to fields for one run and month; each is worked out once."""

    def __init__(
        self,
        config: RunConfig,
        variables: Mapping[str, Variable],
        statistics: Statistics,
        observation: Observation,
        climate: Climate,
        classes: Classes,
        simulated: Mapping[str, xr.DataArray],
        seasons: Seasons,
        month: Month,
        errors: ActivityErrors | None = None,
    ) -> None:
        self.config = config
        self.variables = variables
        self.statistics = statistics
        self.observation = observation
        self.climate = climate
        self.classes = classes
        self.simulated = simulated
        self.seasons = seasons
        self.month = month
        self.errors = errors
        self.adcode = observation.atoms["adcode"].to_numpy()
        self.atom = observation.atoms.index.to_numpy()
        self._fields: dict[str, Field] = {}
        self._figures: dict[tuple[str, str], dict[str, Figure]] = {}
        self._areas: dict[str, np.ndarray] = {}

    def field(self, name: str) -> Field:
        """Return the field of a variable that is not an adoption.

        Raises
        ------
        InputError
            When a value lies outside the variable's range, or a unit is of another kind.
        """
        if name not in self._fields:
            field = self._resolve(name, self.variables[name])
            self._check_range(name, field)
            self._fields[name] = field
        return self._fields[name]

    @cached_property
    def present(self) -> dict[str, list[str]]:
        """The labels with a figure in some county, by dimension, where data may lack labels.

        With no figure at all the labels stay, so that the result is missing and not nothing.
        """
        result = {}
        for name, variable in self.variables.items():
            if variable.optional_labels and variable.statistics:
                labels = [
                    label
                    for label, statistic in variable.statistics.items()
                    if any(f.value is not None for f in self.figures(name, statistic).values())
                ]
                result[str(variable.by)] = labels or list(variable.statistics)
        return result

    def group_area(self, groups: Sequence[str]) -> np.ndarray:
        """Return the area in m² of the first land group that each county has, by atom."""
        county = self._first_present(groups)
        return np.array([self.area(county[code])[i] for i, code in enumerate(self.adcode)])

    def first_group(self, groups: Sequence[str]) -> list[str]:
        """Return, by atom, the first of `groups` that the atom itself has."""
        areas = [self.area(group) for group in groups]
        result = []
        for i in range(len(self.atom)):
            present = [g for g, area in zip(groups, areas, strict=True) if area[i] > 0]
            result.append(present[0] if present else groups[-1])
        return result

    def _resolve(self, name: str, variable: Variable) -> Field:
        if variable.statistic:
            return self._from_figures(variable, {"": self.figures(name, variable.statistic)})
        if variable.statistics:
            labels = self.present.get(str(variable.by), list(variable.statistics))
            field = self._from_figures(
                variable, {la: self.figures(name, variable.statistics[la]) for la in labels}
            )
            absent = [s for la, s in variable.statistics.items() if la not in labels]
            if absent and variable.optional_labels:
                note = f"not counted, no figures: {', '.join(absent)}"
                field = replace(field, reason=[f"{r}; {note}" if r else note for r in field.reason])
            return field
        if variable.year_since:
            base = self.figures(variable.year_since, variable.year_since)
            years = {
                code: Figure(
                    None if f.value is None else float(max(0, self.month.year - (f.year or 0))),
                    "yr",
                    f.year,
                    "missing" if f.value is None or f.year is None else f.status,
                    f.grade,
                    f.source,
                    f.reason if f.value is None or f.year else f"{variable.year_since}: no year",
                )
                for code, f in base.items()
            }
            return self._from_figures(variable, {"": years})
        if variable.earlier or variable.years_between:
            return self._from_figures(variable, {"": self._two_inventories(variable)})
        if variable.mapped:
            return self._from_map(variable, variable.mapped)
        if variable.parcels:
            return self._from_parcels(variable, variable.parcels)
        if variable.buildings:
            return self._from_buildings(variable)
        if variable.observed:
            return self._from_layer(variable)
        if variable.derived:
            by_county = FUNCTIONS[variable.derived](self.climate, self.month, self.seasons)
        else:
            by_county = self.simulated[str(variable.simulated)]
        if "adcode" in by_county.dims:
            alike = list(by_county["adcode"].values) == list(self.adcode)
            values = (
                by_county.rename(adcode="atom")
                if alike
                else by_county.sel(adcode=xr.DataArray(self.adcode, dims="atom")).drop_vars(
                    "adcode"
                )
            )
            values = values.assign_coords(atom=self.atom)
        elif variable.aged:  # the same everywhere, and large
            values = by_county
        else:
            values = by_county.expand_dims(atom=self.atom)
        number = len(self.atom)
        status = "measured" if variable.derived == "day_share" else "climatological"
        return Field(
            quantify(
                values.transpose(*(d for d in ("atom",) if d in values.dims), ...), variable.unit
            ),
            [status] * number,
            ["A" if status == "measured" else "B"] * number,
            [""] * number,
            {},
        )

    def _two_inventories(self, variable: Variable) -> dict[str, Figure]:
        """Return, by county, the earlier figure of a statistic, or the years between the two."""
        statistic, year = str(variable.earlier or variable.years_between), self.month.year
        result = {}
        for code in self.config.all_counties:
            earlier = self.statistics.earlier_figure(code, statistic, year)
            if variable.years_between and earlier.value is not None:
                years = (self.statistics.figure(code, statistic, year).year or 0) - (
                    earlier.year or 0
                )
                earlier = replace(earlier, value=float(years), unit="yr")
            result[code] = earlier
        return result

    def _from_map(self, variable: Variable, groups: Mapping[str, str]) -> Field:
        """Return the mapped area of land classes or groups, by atom and label."""
        labels = list(groups)
        areas = np.stack([self.area(groups[label]) for label in labels], axis=1)
        values = xr.DataArray(
            areas,
            {"atom": self.atom, variable.by or "label": labels},
            ("atom", variable.by or "label"),
        )
        if not variable.by:
            values = values.isel(label=0, drop=True)
        number = len(self.atom)
        note = f"area of {', '.join(groups.values())} on the land-cover map"
        return Field(
            convert(quantify(values, "m^2"), variable.unit),
            ["estimated"] * number,
            ["C"] * number,
            [note] * number,
            {},
        )

    def _from_parcels(self, variable: Variable, what: str) -> Field:
        """Return what the forest parcels of each atom sum up to, by forest type."""
        number = len(self.atom)
        parcels = self.observation.parcels
        if parcels is None:
            return self._without_dataset(variable, "parcels")
        if what == "age":
            years = float(self.month.year - parcels.year)
            values = quantify(
                xr.DataArray(np.full(number, max(0.0, years)), {"atom": self.atom}, "atom"), "yr"
            )
        else:
            table = {"area": parcels.area, "volume": parcels.volume}[what]
            values = quantify(table, {"area": "ha", "volume": "m^3"}[what])
        status, grade, reasons = [], [], []
        area, mapped = parcels.area.sum("forest_type", skipna=False).values, self.area("forest")
        for code in self.adcode:
            here = self.adcode == code
            stocked, forest = 1e4 * area[here].sum(), mapped[here].sum()
            share = stocked / forest if forest else np.nan
            known = bool(np.isfinite(stocked)) and not share < LEAST_SURVEYED
            status.append("measured" if known else "missing")
            grade.append("B" if known else "missing")
            if not np.isfinite(stocked):
                reasons.append("no parcels in this county")
                continue
            told = f"their area is {share:.2g} of the mapped forest"
            few = "" if known else f", below {LEAST_SURVEYED:g}: no survey of the county"
            reasons.append(f"{parcels.note}; {told}{few}" if forest else parcels.note)
        values = values.where(
            xr.DataArray([s != "missing" for s in status], {"atom": self.atom}, "atom")
        )
        return Field(convert(values, variable.unit), status, grade, reasons, {})

    def _from_buildings(self, variable: Variable) -> Field:
        """Return the roof area of dwellings by building footprints, by kind of dwelling."""
        buildings = self.observation.buildings
        if buildings is None:
            return self._without_dataset(variable, "buildings")
        from ecoassess.inputs.buildings import census_floor_area

        census = census_floor_area(self.statistics, self.config.all_counties, self.month.year)
        roofs = buildings.dwelling_roofs(self.observation.atoms["adcode"], census)
        area = convert(quantify(roofs.area, "m^2"), variable.unit)
        return Field(area, roofs.status, roofs.grade, roofs.reason, {})

    def _without_dataset(self, variable: Variable, dataset: str) -> Field:
        """Return a field that is missing because the run names no such dataset."""
        number = len(self.atom)
        nothing = xr.DataArray(np.full(number, np.nan), {"atom": self.atom}, "atom")
        missing = ["missing"] * number
        reason = f"no dataset '{dataset}' in the run configuration"
        return Field(quantify(nothing, variable.unit), missing, missing, [reason] * number, {})

    def _from_layer(self, variable: Variable) -> Field:
        """Average a layer over the first land group of `over` that each county has, by atom.

        An atom without that land gets its county's mean, which no area weights. Land without a
        value is left out of the mean and named in the reason.
        """
        number = len(self.atom)
        layer = self.observation.layers.get(variable.layer)
        if layer is None:
            return self._without_dataset(variable, str(variable.observed))
        first, *_ = variable.over or ["land"]
        group_of = self._first_present(variable.over or ["land"])
        values, status, grade, reasons = np.full(number, np.nan), [], [], []
        for i, code in enumerate(self.adcode):
            group = group_of[code]
            members = self.classes.members(group)
            land = self.area(group)
            here = np.arange(number) == i if land[i] > 0 else self.adcode == code
            known = layer.area.sel(land_class=members).values[here].sum()
            whole = land[here].sum()
            share = known / whole if whole > 0 else 0.0
            notes = [] if group == first else [f"no {first} here: {variable.observed} of {group}"]
            if share < WHOLE:
                notes.append(f"{variable.observed} known on {100 * share:.0f} % of {group}")
            if known > 0:
                values[i] = layer.total.sel(land_class=members).values[here].sum() / known
            status.append("missing" if known == 0 else layer.status if group == first else "proxy")
            grade.append(layer.grade if known > 0 else "missing")
            reasons.append("; ".join(notes))
        means = xr.DataArray(values, {"atom": self.atom}, "atom")
        return Field(
            convert(quantify(means, layer.unit), variable.unit), status, grade, reasons, {}
        )

    def figures(self, variable: str, statistic: str) -> dict[str, Figure]:
        """Return one figure per county for a statistic, gaps filled by the run's rules."""
        key = (variable, statistic)
        if key not in self._figures:
            year = self.month.year
            raw = {
                code: self.statistics.figure(code, statistic, year)
                for code in self.config.all_counties
            }
            rules = self.config.estimates.get(statistic, ())
            for rule in rules:
                if rule.of not in self.statistics.zones:
                    raise InputError(
                        Problem(
                            what="an estimate from a zone that the statistics table does not hold",
                            file=f"configs/runs ({self.config.region})",
                            key=f"estimates.{statistic}",
                            found=rule.of,
                            expected="a code such as " + self.config.parent,
                            remedy="correct the code",
                        )
                    )
            self._figures[key] = fill_in(
                raw,
                rules,
                lambda zone: self.statistics.figure(zone, statistic, year),
                self._weights,
                lambda zone: list(self.config.counties) if zone == self.config.parent else [zone],
                statistic,
            )
        return self._figures[key]

    def _weights(self, weight: str) -> dict[str, float | None]:
        """Return a weight per county: the area of a land class, or another statistic."""
        if weight.startswith("class:"):
            area = self.area(weight.removeprefix("class:"))
            return {
                code: float(area[self.adcode == code].sum()) for code in self.config.all_counties
            }
        return {code: figure.value for code, figure in self.figures(weight, weight).items()}

    def _from_figures(self, variable: Variable, table: Mapping[str, Mapping[str, Figure]]) -> Field:
        """Spread county figures over the atoms."""
        unit = parse_unit(variable.unit)
        ureg = unit_registry()
        columns = []
        problems = []
        for figures in table.values():
            column = np.full(len(self.atom), np.nan)
            for code, figure in figures.items():
                if figure.value is None:
                    continue
                quantity = ureg.Quantity(figure.value, parse_unit(figure.unit))
                if not quantity.is_compatible_with(unit):
                    problems.append(
                        Problem(
                            what="the statistic has another kind of unit than its variable",
                            key=code,
                            found=figure.unit,
                            expected=variable.unit,
                            file="configs/variables.yaml",
                        )
                    )
                    continue
                column[self.adcode == code] = quantity.to(unit).magnitude
            if variable.spread:
                column = column * self._parts(variable.spread)
            columns.append(column)
        raise_if_any(problems)
        if variable.by:
            values = xr.DataArray(
                np.stack(columns, axis=1),
                dims=("atom", variable.by),
                coords={"atom": self.atom, variable.by: list(table)},
            )
        else:
            values = xr.DataArray(columns[0], dims="atom", coords={"atom": self.atom})
        status, grade, reason = [], [], []
        named = variable.statistic or variable.earlier or variable.years_between
        named = named or variable.year_since or ""
        for code in self.adcode:
            mine = [figures[code] for figures in table.values()]
            status.append(worst({f.status for f in mine}, STATUS_ORDER))
            grade.append(worst({f.grade for f in mine}, GRADE_ORDER))
            notes = [f.reason for f in mine if f.status in ("estimated", "missing") and f.reason]
            notes += [
                f"{label or named} of {f.year}"
                for label, figures in table.items()
                if (f := figures[code]).status == "measured"
                and f.year is not None
                and self.month.year - f.year > OLD_FIGURE
            ]
            reason.append("; ".join(dict.fromkeys(notes)))
        return Field(quantify(values, variable.unit), status, grade, reason, table)

    def _parts(self, groups: Sequence[str]) -> np.ndarray:
        """Return the share of its county that each atom holds, by land area of the first group."""
        area = self.group_area(groups)
        total = {code: area[self.adcode == code].sum() for code in set(self.adcode)}
        return np.array([area[i] / total[code] for i, code in enumerate(self.adcode)])

    def _first_present(self, groups: Sequence[str]) -> dict[str, str]:
        """Return, by county, the first group with any area in it."""
        return {
            code: next(
                (g for g in groups if self.area(g)[self.adcode == code].sum() > 0), groups[-1]
            )
            for code in self.config.all_counties
        }

    def area(self, group: str) -> np.ndarray:
        """Return the area in m² of a land class or group, by atom."""
        if group not in self._areas:
            members = self.classes.members(group)
            area = self.observation.class_area.sel(land_class=members).sum("land_class")
            self._areas[group] = area.values
        return self._areas[group]

    def _check_range(self, name: str, field: Field) -> None:
        variable = self.variables[name]
        values = magnitude(field.values, variable.unit).values
        low, high = variable.range
        outside = values[np.isfinite(values) & ((values < low) | (values > high))]
        if outside.size:
            raise InputError(
                Problem(
                    what=f"{name} is outside its range",
                    file="configs/variables.yaml",
                    key=name,
                    found=f"{outside.min():.6g} to {outside.max():.6g} {variable.unit}",
                    expected=f"{low:g} to {high:g} {variable.unit}",
                    remedy="check the value and its unit, or widen the range if it is true",
                )
            )

    def statistics_record(self) -> list[dict[str, object]]:
        """Return the figures that were used, one per county and statistic."""
        errors = self.errors
        return [
            {
                "statistic": statistic,
                "adcode": code,
                "value": figure.value,
                "unit": figure.unit,
                "year": figure.year,
                "status": figure.status,
                "grade": figure.grade,
                "source": figure.source,
                "reason": figure.reason,
                **(errors.record(self.config, statistic, figures, code) if errors else {}),
            }
            for (_, statistic), figures in sorted(self._figures.items())
            for code, figure in figures.items()
        ]
