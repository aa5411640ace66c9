"""ASSESS: technologies evaluated in their states, with the same draws for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import xarray as xr

from ecoassess.activity import Activity, Field
from ecoassess.allocation import Allocation
from ecoassess.book import Book
from ecoassess.coefficients import Coefficient
from ecoassess.drawn import Drawn, InTurn
from ecoassess.equation import Equation, Model, Result
from ecoassess.errors import InputError, Problem, RunError
from ecoassess.exogenous import coefficient_years, factor, reasons, variable_years
from ecoassess.sampling import LatinHypercube, Sample
from ecoassess.technology import Component, Technology
from ecoassess.units import magnitude, parse_unit, quantify, unit_of
from ecoassess.vocabulary import GRADE_ORDER, STATUS_ORDER, worst


@dataclass(frozen=True)
class Outcome:
    """What one technology brings, by atom.

    Parameters
    ----------
    amounts
        Component → amount over the year (flux) or at its end (stock), plain numbers in
        `native_unit`; dimensions draw, atom, and optionally month and a label.
    month_shares
        Component → share of each month (atom, month), where the amount has no months itself.
    states
        Component → its central amount before and after the technology, and their unit.
    status, grade, reason
        By atom: the worst of the inputs.
    """

    technology: Technology
    amounts: Mapping[str, xr.DataArray]
    month_shares: Mapping[str, xr.DataArray]
    states: Mapping[str, tuple[xr.DataArray, xr.DataArray, str]]
    status: Sequence[str]
    grade: Sequence[str]
    reason: Sequence[str]


def native_unit(component: Component) -> str:
    """Return the unit of an amount over a year: the component's, times a year for a flux."""
    return component.unit.removesuffix("/yr") if component.kind == "flux" else component.unit


class Runner:
    """Evaluates technologies for one run.

    A state of the system is named by the adoption shares that are as in the project; all others
    are as in the baseline. Each technology is given the difference that its own shares make while
    those of the technologies before it are in place, so that the effects of technologies that act
    on one stock add up to their joint effect. A joint technology is given that joint effect itself.
    """

    def __init__(
        self,
        book: Book,
        technologies: Sequence[Technology],
        activity: Activity,
        allocation: Allocation,
        sample: Sample,
    ) -> None:
        self.book = book
        self.sample = sample
        self.technologies = list(technologies)
        self.activity = activity
        self.allocation = allocation
        self.config = activity.config
        self.year = activity.month.year
        self.used: dict[str, Coefficient] = {}
        self.before: dict[str, frozenset[str]] = {}
        adopted: frozenset[str] = frozenset()
        for technology in technologies:
            self.before[technology.name] = adopted
            adopted |= set(technology.adopts)
        self._draws: dict[str, xr.DataArray] = {}
        self._responses: dict[str, xr.DataArray] = {}
        self._modelled: dict[tuple[str, frozenset[str]], Result] = {}
        zone = activity.climate.zone
        self._attributes = {
            "climate_zone": [zone[code] for code in activity.adcode],
            "province": [str(code)[:2] for code in activity.adcode],
            "adcode": [str(code) for code in activity.adcode],
        }

    def with_methods(self, methods: Mapping[str, Mapping[str, str]]) -> Runner:
        """Return a runner of the same data, draws and states under other methods."""
        chosen = {**self.config.methods}
        for equation, options in methods.items():
            chosen[equation] = {**chosen.get(equation, {}), **options}
        other = copy(self)
        other.config = self.config.model_copy(update={"methods": chosen})
        other._modelled = {}
        return other

    def central(self, choices: Mapping[str, str]) -> Runner:
        """Return a runner of the same data and states for central values under other choices."""
        chosen = {**self.config.choices, **choices}
        other = self.sampled(LatinHypercube(1, self.config.seed))
        other.config = self.config.model_copy(update={"choices": chosen})
        return other

    def sampled(self, sample: Sample) -> Runner:
        """Return a runner of the same data and states that takes its draws from another sample."""
        other = copy(self)
        other.sample = sample
        other.used, other._draws, other._responses, other._modelled = {}, {}, {}, {}
        return other

    def at(self, year: int, allocation: Allocation) -> Runner:
        """Return a runner of the same data and draws in another year of the scenario.

        Adoption, the age of cohorts, coefficients by year and exogenous paths are the year's.
        """
        other = self.sampled(self.sample)
        other.year, other.allocation = year, allocation
        return other

    def enter(self, key: str, drawn: Callable[[Sample], xr.DataArray]) -> xr.DataArray:
        """Return what is drawn under a key; all that hangs on the sample comes in here."""
        return drawn(self.sample)

    def coefficient(self, equation: str, name: str) -> xr.DataArray:
        """Return the draws of a coefficient, with run choices and atom attributes resolved."""
        coefficient = self.book.coefficient(equation, name)
        assert coefficient is not None  # noqa: S101 - Book.check saw to it
        key = f"{coefficient.file.stem}/{name}"
        if key in self._draws:
            return self._draws[key]
        choice = {**self.config.choices, "year": str(self.year)}
        chosen = coefficient.select(choice)
        if coefficient.entry.uncertainty_of == "site":
            sites = {
                code: self.enter(f"{key}@{code}", Drawn(chosen, self.book.correlations, code))
                for code in dict.fromkeys(self.activity.adcode)
            }
            first = next(iter(sites.values()))
            stacked = np.stack(
                [magnitude(sites[code], chosen.unit).data for code in self.activity.adcode], axis=-1
            )
            draws = quantify(
                xr.DataArray(
                    stacked,
                    dims=(*first.dims, "atom"),
                    coords={**first.coords, "atom": self.activity.atom},
                ),
                chosen.unit,
            )
        else:
            draws = self.enter(key, Drawn(chosen, self.book.correlations))
        if moved := self.allocation.exogenous.get(key.removeprefix("shared/")):
            years = coefficient_years(coefficient, self.config.choices, self.year)
            draws = draws * factor(moved, years)
        for dimension, labels in self._attributes.items():
            if dimension in draws.dims:
                draws = self._by_atom(draws, dimension, labels, chosen)
        draws = self._present(draws, chosen.file)
        self.used[key] = chosen
        self._draws[key] = draws
        return draws

    def _by_atom(
        self, draws: xr.DataArray, dimension: str, labels: Sequence[str], coefficient: Coefficient
    ) -> xr.DataArray:
        """Pick each atom's own label of an attribute; a label without a value is an error."""
        lacking = sorted(set(labels) - set(map(str, draws[dimension].values)))
        if lacking:
            raise InputError(
                Problem(
                    what=f"no value for {dimension} {', '.join(lacking)}",
                    file=coefficient.file,
                    line=coefficient.line,
                    key=coefficient.name,
                    found=", ".join(map(str, draws[dimension].values)),
                    remedy="add the value with range and source",
                )
            )
        if "atom" in draws.dims:
            raise NotImplementedError(f"{coefficient.name}: by site and by {dimension}")
        picked = draws.sel({dimension: xr.DataArray(list(labels), dims="atom")})
        return picked.drop_vars(dimension).assign_coords(atom=self.activity.atom)

    def _present(self, array: xr.DataArray, file: Path) -> xr.DataArray:
        """Keep the labels that the data of this run have, where data may lack some."""
        for dimension, labels in self.activity.present.items():
            if dimension in array.dims:
                lacking = [label for label in labels if label not in array[dimension]]
                if lacking:
                    raise InputError(
                        Problem(
                            what=f"no value for {dimension} {', '.join(lacking)}",
                            file=file,
                            key=str(array.name),
                            found=", ".join(map(str, array[dimension].values)),
                            remedy="add the value with range and source",
                        )
                    )
                array = array.sel({dimension: labels})
        return array

    def has(self, dimension: str, label: str) -> bool:
        """Tell whether the run has atoms or data of a label; True where neither is told by it."""
        known = self._attributes.get(dimension) or self.activity.present.get(dimension)
        return known is None or label in known

    def arguments(self, equation: Equation, adopted: frozenset[str]) -> dict[str, object]:
        """Return the arguments of an equation while `adopted` is as in the project."""
        methods = self.config.methods.get(equation.name, {})
        result: dict[str, object] = {}
        for name in equation.arguments:
            if name in equation.methods:
                result[name] = methods.get(name, equation.methods[name][0])
            elif name in self.book.variables:
                result[name] = self.variable(name, adopted)
            else:
                result[name] = self.coefficient(equation.name, name)
        return result

    def variable(self, name: str, adopted: frozenset[str]) -> xr.DataArray:
        """Return a datum, adoption share or model result while `adopted` is as in the project."""
        value = self._as_it_is(name, adopted)
        moved = self.allocation.exogenous.get(name)
        if moved is None:
            return value
        return value * factor(moved, variable_years(self.activity, name, self.book.variables[name]))

    def _as_it_is(self, name: str, adopted: frozenset[str]) -> xr.DataArray:
        """Return a variable before the scenario's exogenous path moves it."""
        variable = self.book.variables[name]
        if variable.adoption:
            state = "project" if name in adopted else "baseline"
            share = self.allocation.adoption[state][name].rename(name)
            if "adcode" in share.dims:
                share = share.sel(adcode=xr.DataArray(self.activity.adcode, dims="atom"))
                share = share.drop_vars("adcode").assign_coords(atom=self.activity.atom)
            return self._present(quantify(share, variable.unit), Path("configs/scenarios"))
        if variable.cohort_age:
            cohort = self.allocation.cohort
            age = xr.DataArray(
                (self.year - cohort).astype(float),
                dims="cohort",
                coords={"cohort": cohort},
            )
            return quantify(age, variable.unit)
        if variable.modelled:
            array = self.model(self.book.models[variable.modelled], adopted)[name]
            if variable.if_missing is None:
                return array
            return array.fillna(quantify(xr.DataArray(variable.if_missing), variable.unit))
        if not variable.aged:
            if variable.simulated:
                return self._in_turn(name, self.activity.field(name).values)
            return self.datum(name)
        if name not in self._responses:
            self._responses[name] = self._by_cohort(name, self.activity.field(name).values)
        return self._responses[name]

    def datum(self, name: str) -> xr.DataArray:
        """Return a datum, with draws where it can be wrong and the run says so."""
        errors, key = self.activity.errors, f"activity/{name}"
        if errors is None:
            return self.activity.field(name).values
        if key not in self._draws:
            self._draws[key] = self.enter(key, partial(errors.drawn, self.activity, name))
        return self._draws[key]

    def _by_cohort(self, name: str, response: xr.DataArray) -> xr.DataArray:
        """Return a response by cohort instead of by age, which is 1 in the year it begins."""
        ages = self.year - self.allocation.cohort + 1
        age = xr.DataArray(
            np.minimum(ages, int(response["age"].max())),
            dims="cohort",
            coords={"cohort": self.allocation.cohort},
        )
        return self._in_turn(name, response.sel(age=age).drop_vars("age"))

    def _in_turn(self, name: str, values: xr.DataArray) -> xr.DataArray:
        """Return values with as many draws as the run has: simulations have fewer, used in turn."""
        if "draw" not in values.dims:
            return values

        return self.enter(f"simulated/{name}", InTurn(values))

    def model(self, model: Model, adopted: frozenset[str]) -> Result:
        """Return the results of a model in one state; each state is worked out once."""
        key = model.name, adopted & self.book.adoptions_behind(model)
        if key not in self._modelled:
            result = model(**self.arguments(model, adopted))
            self._check(model, result)
            self._modelled[key] = result
        return self._modelled[key]

    def fields(self, equation: Equation) -> dict[str, Field]:
        """Return the data fields that an equation and the models behind it rest on."""
        variables = self.book.variables
        return {
            name: self.activity.field(name)
            for name in self.book.variables_behind(equation)
            if not variables[name].adoption and not variables[name].cohort_age
        }

    def idle(self, equation: Equation) -> frozenset[str]:
        """Return the variables that the run's methods leave without a part in a result."""
        methods = self.config.methods
        behind = self.book.behind(equation)
        taken = {n for one in behind for n in one.arguments if n not in one.idle(methods)}
        return frozenset(n for one in behind for n in one.idle(methods)) - taken

    def states(self, technology: Technology) -> tuple[frozenset[str], frozenset[str]]:
        """Return what is as in the project before a technology and with it."""
        before = self.before[technology.name]
        if technology.joint:
            return frozenset(), before
        return before, before | set(technology.adopts)

    def acting(self, technology: Technology) -> list[str]:
        """Return the adoption shares whose change is the effect of a technology."""
        if technology.joint:
            return sorted(self.before[technology.name] & self.book.adoptions_behind(technology))
        return list(technology.adopts)

    def evaluate(self, technology: Technology) -> Outcome:
        """Evaluate one technology: its inventory, or project minus baseline.

        Raises
        ------
        RunError
            When the function returns other components, units or dimensions than declared.
        """
        without, with_it = self.states(technology)
        first = last = result = technology(**self.arguments(technology, without))
        self._check(technology, result)
        if technology.basis == "effect":
            last = technology(**self.arguments(technology, with_it))
            result = {name: last[name] - first[name] for name in first}
        fields = self.fields(technology)
        amounts = {
            name: self._amount(component, result[name])
            for name, component in technology.components.items()
        }
        shares = {
            name: self._month_share(component.month_share)
            for name, component in technology.components.items()
            if component.month_share
        }
        number = len(self.activity.atom)
        fallback = self._fallbacks(technology)
        needed, idle = self.book.needed_by(technology), self.idle(technology)
        data = [
            field if name in needed else _assumed(field)
            for name, field in fields.items()
            if not self._shares_out(name) and name not in idle
        ]
        # Missing data that leave a finite result had no part in it: the method did without.
        finite = [
            all(bool(np.isfinite(a.isel(atom=i).values).all()) for a in amounts.values())
            for i in range(number)
        ]
        used = [
            ([f for f in data if f.status[i] != "missing"] or data) if finite[i] else data
            for i in range(number)
        ]
        # That both states are alike is an assumption of the scenario, and so is the 0 that follows.
        assumed = bool(self._unchanged(technology))
        status, grade = ({"estimated"}, {"C"}) if assumed else (set(), set())
        moved = reasons(self, technology)
        status |= {"projected"} if moved else set()
        return Outcome(
            technology,
            amounts,
            shares,
            {
                name: (
                    self._central(component, first[name]),
                    self._central(component, last[name]),
                    native_unit(component),
                )
                for name, component in technology.components.items()
            },
            [worst({f.status[i] for f in used[i]} | status, STATUS_ORDER) for i in range(number)],
            [worst({f.grade[i] for f in used[i]} | grade, GRADE_ORDER) for i in range(number)],
            [
                "; ".join(
                    dict.fromkeys(
                        filter(
                            None,
                            [
                                *self._unchanged(technology),
                                *self._curtailed(technology),
                                *moved,
                                *(f.reason[i] for f in used[i]),
                                *fallback[i],
                            ],
                        )
                    )
                )
                for i in range(number)
            ],
        )

    def _shares_out(self, name: str) -> bool:
        """Tell whether a derived variable only shares a year out to its months."""
        derived = self.book.variables[name].derived
        return derived is not None and derived.endswith("_share")

    def _unchanged(self, technology: Technology) -> list[str]:
        """Return why a technology has no effect, where both states adopt it alike."""
        unchanged, acting = self.allocation.unchanged, self.acting(technology)
        if technology.joint and not acting:
            return ["no technology before it in the run changes what it rests on"]
        if acting and set(acting) <= set(unchanged):
            return [f"{name}: {unchanged[name]}" for name in acting]
        return []

    def _curtailed(self, technology: Technology) -> list[str]:
        """Return which of a technology's shares were cut to what a resource leaves."""
        curtailed = self.allocation.curtailed
        return [f"{n}: {curtailed[n]}" for n in self.acting(technology) if n in curtailed]

    def _fallbacks(self, technology: Technology) -> list[list[str]]:
        """Return, by atom, a note where the map spreads over another land class than the first."""
        first = technology.paint[0]
        return [
            [] if group == first else [f"where the map shows no {first}: spread over {group}"]
            for group in self.activity.first_group(technology.paint)
        ]

    def _month_share(self, name: str) -> xr.DataArray:
        return magnitude(self.activity.field(name).values, "1")

    def _check(self, equation: Equation, result: Result) -> None:
        """Refuse a result of other arrays, units or dimensions than the equation declares."""
        problem = None
        if set(result) != set(equation.outputs):
            problem = f"'{', '.join(result)}', declared '{', '.join(equation.outputs)}'"
        for name, unit in equation.outputs.items():
            if problem:
                break
            extra = set(result[name].dims) - {"draw", "atom", "month"}
            if not unit_of(result[name]).is_compatible_with(parse_unit(unit)):
                problem = f"'{name}' in {unit_of(result[name])}, declared {unit}"
            elif "atom" not in result[name].dims or len(extra) > 1:
                problem = (
                    f"'{name}' with dimensions {', '.join(map(str, result[name].dims))}, "
                    "expected atom and at most one label"
                )
        if problem:
            raise RunError(
                Problem(
                    what=f"{equation.name} returned something else than it declares",
                    file=equation.file,
                    line=equation.line,
                    found=problem,
                )
            )

    def _central(self, component: Component, value: xr.DataArray) -> xr.DataArray:
        """Return the central amount over the year in the native unit, by atom and label."""
        plain = magnitude(value, component.unit)
        plain = plain.isel(draw=0, drop=True) if "draw" in plain.dims else plain
        return plain.sum("month", skipna=False) if "month" in plain.dims else plain

    def _amount(self, component: Component, value: xr.DataArray) -> xr.DataArray:
        """Return plain numbers in the native unit of an amount."""
        plain = magnitude(value, component.unit)
        if "draw" not in plain.dims:
            plain = plain.expand_dims(draw=np.arange(self.sample.size + 1))
        return plain.transpose("draw", "atom", ...)


def _assumed(field: Field) -> Field:
    """Return a field whose missing values were replaced by what the variable says."""
    missing = [status == "missing" for status in field.status]
    return replace(
        field,
        status=["estimated" if m else s for m, s in zip(missing, field.status, strict=True)],
        grade=["C" if m else g for m, g in zip(missing, field.grade, strict=True)],
        reason=[
            f"taken as none: {r}" if m else r for m, r in zip(missing, field.reason, strict=True)
        ],
    )
