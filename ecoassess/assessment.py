"""ASSESS: technologies evaluated in their states, with the same draws for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from ecoassess.activity import Activity, Field
from ecoassess.allocation import Allocation
from ecoassess.coefficients import Coefficient
from ecoassess.errors import InputError, Problem, RunError, raise_if_any
from ecoassess.technology import Component, Technology
from ecoassess.units import compatible, magnitude, parse_unit, quantify, unit_of
from ecoassess.variables import Variable
from ecoassess.vocabulary import GRADE_ORDER, STATUS_ORDER, worst


@dataclass(frozen=True)
class Book:
    """All coefficients: of each technology, and the shared ones.

    `used` is worked out by `arguments_of`: argument → coefficient.
    """

    own: Mapping[str, Mapping[str, Coefficient]]
    shared: Mapping[str, Coefficient]

    def find(self, technology: str, name: str) -> Coefficient | None:
        """Return the coefficient that an argument of a technology names."""
        return self.own.get(technology, {}).get(name) or self.shared.get(name)


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
    status, grade, reason
        By atom: the worst of the inputs.
    """

    technology: Technology
    amounts: Mapping[str, xr.DataArray]
    month_shares: Mapping[str, xr.DataArray]
    status: Sequence[str]
    grade: Sequence[str]
    reason: Sequence[str]


def native_unit(component: Component) -> str:
    """Return the unit of an amount over a year: the component's, times a year for a flux."""
    return component.unit.removesuffix("/yr") if component.kind == "flux" else component.unit


def check_arguments(
    technologies: Mapping[str, Technology],
    book: Book,
    variables: Mapping[str, Variable],
) -> None:
    """Check that each argument is defined once, and each coefficient is used.

    Raises
    ------
    InputError
        With every argument that is defined nowhere or twice, carries no unit or one of another
        kind than its definition, and every coefficient that no argument takes.
    """
    problems: list[Problem] = []
    for name, technology in technologies.items():
        place = f"ecoassess/technologies/{name}.py"
        units = technology.units
        for argument in technology.arguments:
            if argument in technology.methods:
                continue
            homes = {
                f"configs/technologies/{name}.yaml": argument in book.own[name],
                "configs/shared.yaml": argument in book.shared,
                "configs/variables.yaml": argument in variables,
            }
            found = [home for home, there in homes.items() if there]
            if len(found) != 1:
                problems.append(
                    Problem(
                        what=f"argument '{argument}' is defined {'twice' if found else 'nowhere'}",
                        file=place,
                        line=technology.line,
                        found=" and ".join(found) or None,
                        expected="one of " + ", ".join(homes),
                        remedy="define it once",
                    )
                )
                continue
            coefficient = book.find(name, argument)
            unit = coefficient.unit if coefficient else variables[argument].unit
            if argument not in units:
                problems.append(
                    Problem(
                        what=f"argument '{argument}' declares no unit",
                        file=place,
                        line=technology.line,
                        expected=f'Annotated[xr.DataArray, Unit("{unit}")]',
                    )
                )
            elif not compatible(unit, units[argument]):
                problems.append(
                    Problem(
                        what="wrong unit",
                        file=str(coefficient.file) if coefficient else found[0],
                        line=coefficient.line if coefficient else None,
                        key=argument,
                        found=unit,
                        expected=f"a unit such as {units[argument]} (as {place} declares)",
                        remedy="correct the unit, and the value with it",
                    )
                )
        for argument, coefficient in book.own[name].items():
            if argument not in technology.arguments:
                problems.append(
                    Problem(
                        what="a coefficient that the technology does not use",
                        file=coefficient.file,
                        line=coefficient.line,
                        key=argument,
                        expected="an argument of " + place,
                        remedy="correct its name, or delete it",
                    )
                )
    raise_if_any(problems)


class Runner:
    """Evaluates technologies for one run."""

    def __init__(
        self,
        book: Book,
        variables: Mapping[str, Variable],
        activity: Activity,
        allocation: Allocation,
    ) -> None:
        self.book = book
        self.variables = variables
        self.activity = activity
        self.allocation = allocation
        self.config = activity.config
        self.used: dict[str, Coefficient] = {}
        self._draws: dict[str, xr.DataArray] = {}
        zone = activity.climate.zone
        self._attributes = {
            "climate_zone": [zone[code] for code in activity.adcode],
            "province": [str(code)[:2] for code in activity.adcode],
            "adcode": [str(code) for code in activity.adcode],
        }

    def coefficient(self, technology: str, name: str) -> xr.DataArray:
        """Return the draws of a coefficient, with run choices and atom attributes resolved."""
        coefficient = self.book.find(technology, name)
        assert coefficient is not None  # noqa: S101 - check_arguments saw to it
        key = f"{coefficient.file.stem}/{name}"
        if key in self._draws:
            return self._draws[key]
        choice = {**self.config.choices, "year": str(self.activity.month.year)}
        chosen = coefficient.select(choice)
        number, seed = self.config.draws, self.config.seed
        if coefficient.entry.uncertainty_of == "site":
            sites = {c: chosen.draws(number, seed, c) for c in dict.fromkeys(self.activity.adcode)}
            first = next(iter(sites.values()))
            stacked = np.stack(
                [magnitude(sites[c], chosen.unit).values for c in self.activity.adcode], axis=-1
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
            draws = chosen.draws(number, seed)
        for dimension, labels in self._attributes.items():
            if dimension in draws.dims:
                draws = self._by_atom(draws, dimension, labels, chosen)
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

    def arguments(self, technology: Technology, state: str) -> dict[str, object]:
        """Return the arguments of a technology in one state."""
        methods = self.config.methods.get(technology.name, {})
        result: dict[str, object] = {}
        for name in technology.arguments:
            if name in technology.methods:
                result[name] = methods.get(name, technology.methods[name][0])
            elif name in self.variables:
                variable = self.variables[name]
                if variable.adoption:
                    result[name] = quantify(self.allocation.adoption[state][name], variable.unit)
                elif variable.cohort_age:
                    result[name] = self._cohort_age(technology)
                else:
                    result[name] = self.activity.field(name).values
            else:
                result[name] = self.coefficient(technology.name, name)
        return result

    def _cohort_age(self, technology: Technology) -> xr.DataArray:
        adopted = next(
            n for n in technology.arguments if n in self.variables and self.variables[n].adoption
        )
        cohort = self.allocation.adoption["baseline"][adopted]["cohort"]
        age = (self.activity.month.year - cohort).astype(float).drop_vars("cohort")
        return quantify(age.assign_coords(cohort=cohort.values), "yr")

    def fields(self, technology: Technology) -> dict[str, Field]:
        """Return the data fields that a technology takes."""
        return {
            name: self.activity.field(name)
            for name in technology.arguments
            if name in self.variables
            and not self.variables[name].adoption
            and not self.variables[name].cohort_age
        }

    def evaluate(self, technology: Technology) -> Outcome:
        """Evaluate one technology: its inventory, or project minus baseline.

        Raises
        ------
        RunError
            When the function returns other components, units or dimensions than declared.
        """
        baseline = technology(**self.arguments(technology, "baseline"))
        if technology.basis == "effect":
            project = technology(**self.arguments(technology, "project"))
            result = {name: project[name] - baseline[name] for name in project}
        else:
            result = baseline
        if set(result) != set(technology.components):
            raise RunError(
                Problem(
                    what=f"{technology.name} returned other components than it declares",
                    file=technology.file,
                    line=technology.line,
                    found=", ".join(result),
                    expected=", ".join(technology.components),
                )
            )
        fields = self.fields(technology)
        amounts = {
            name: self._amount(technology, name, component, result[name])
            for name, component in technology.components.items()
        }
        shares = {
            name: self._month_share(component.month_share)
            for name, component in technology.components.items()
            if component.month_share
        }
        number = len(self.activity.atom)
        fallback = self._fallbacks(technology)
        data = [field for name, field in fields.items() if not self.variables[name].derived]
        return Outcome(
            technology,
            amounts,
            shares,
            [worst({f.status[i] for f in data}, STATUS_ORDER) for i in range(number)],
            [worst({f.grade[i] for f in data}, GRADE_ORDER) for i in range(number)],
            [
                "; ".join(
                    dict.fromkeys([*(f.reason[i] for f in data if f.reason[i]), *fallback[i]])
                )
                for i in range(number)
            ],
        )

    def _fallbacks(self, technology: Technology) -> list[list[str]]:
        """Return, by atom, a note where the map spreads over another land class than the first."""
        first = technology.paint[0]
        return [
            [] if group == first else [f"the map shows no {first} here: spread over {group}"]
            for group in self.activity.first_group(technology.paint)
        ]

    def _month_share(self, name: str) -> xr.DataArray:
        return magnitude(self.activity.field(name).values, "1")

    def _amount(
        self, technology: Technology, name: str, component: Component, value: xr.DataArray
    ) -> xr.DataArray:
        """Check one returned array and return plain numbers in the native unit of an amount."""
        problem = None
        if not unit_of(value).is_compatible_with(parse_unit(component.unit)):
            problem = f"unit {unit_of(value)}, declared {component.unit}"
        elif "atom" not in value.dims or len(set(value.dims) - {"draw", "atom", "month"}) > 1:
            problem = f"dimensions {value.dims}, expected atom and at most one label"
        if problem:
            raise RunError(
                Problem(
                    what=f"{technology.name} returned a wrong '{name}'",
                    file=technology.file,
                    line=technology.line,
                    found=problem,
                )
            )
        plain = magnitude(value, component.unit)
        if "draw" not in plain.dims:
            plain = plain.expand_dims(draw=np.arange(self.config.draws + 1))
        return plain.transpose("draw", "atom", ...)
