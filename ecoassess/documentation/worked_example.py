"""One county in numbers: what an equation takes there, and what it gives."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.documentation.markdown import code, line, table
from ecoassess.equation import Equation
from ecoassess.language import Words
from ecoassess.report import NOTHING, number
from ecoassess.run import Assessment
from ecoassess.technology import Technology
from ecoassess.units import magnitude
from ecoassess.zones import Zone

MOST_LABELS = 24
"""With more values than these a table shows between which they lie."""


@dataclass(frozen=True)
class Example:
    """A county of an evaluated run, in which equations are worked out.

    Parameters
    ----------
    assessment
        The run; only its central values are used.
    zone
        The county.
    """

    assessment: Assessment
    zone: Zone
    words: Words

    def where_known(self, equation: Equation) -> Example:
        """Return this example, or one of the first county in which the equation has a result.

        Where none has, it stays as it is and shows what is missing.
        """
        counties = [zone for zone in self.assessment.zones if zone.zoning == "county"]
        for zone in [self.zone, *counties]:
            other = replace(self, zone=zone)
            if other._known(equation):
                return other
        return self

    def reasons(self, equation: Equation) -> list[str]:
        """Return why a technology's result is missing or how it was estimated in the county."""
        reasons = self._rows(equation)["reason"]
        return list(dict.fromkeys(str(reason) for reason in reasons if reason))

    def net(self, technology: Technology) -> list[str]:
        """Return the table of a technology's net of the year in CO2e, by boundary."""
        mine = self._rows(technology)
        year = mine["period"] == str(self.assessment.session.month.year)
        rows = [
            [self.words.label(str(row["boundary"])), number(row["value"]), str(row["unit"])]
            for row in mine[year & (mine["component"] == "net")].to_dict("records")
        ]
        return ["", "Net of the year 全年净值:", *table(["boundary", "net", "unit"], rows)]

    def _rows(self, equation: Equation) -> pd.DataFrame:
        """Return the rows of a technology in the county."""
        rows = self.assessment.rows
        return rows[
            (rows["technology"] == equation.name)
            & (rows["zoning"] == self.zone.zoning)
            & (rows["adcode"] == self.zone.code)
        ]

    def _known(self, equation: Equation) -> bool:
        """Tell whether an equation has a finite result in every part of the county."""
        if isinstance(equation, Technology):
            found = [s[1] for s in self.assessment.outcomes[equation.name].states.values()]
        else:
            runner = self.assessment.runner
            result = runner.model(runner.book.models[equation.name], frozenset())
            found = [magnitude(result[name], unit) for name, unit in equation.outputs.items()]
        return any(bool(np.isfinite(self._of_county(a, extensive=True)).all()) for a in found)

    def technology(self, technology: Technology) -> list[str]:
        """Return the tables of a technology: arguments in both states, and what it brings."""
        runner = self.assessment.runner
        without, with_it = runner.states(technology)
        states = [without] if technology.basis == "inventory" else [without, with_it]
        lines = self._arguments(technology, states)
        before, after, unit = zip(
            *self.assessment.outcomes[technology.name].states.values(), strict=True
        )
        rows = []
        for name, first, last, native in zip(
            technology.components, before, after, unit, strict=True
        ):
            texts = [self._values(x, extensive=True) for x in (first, last)]
            effect = self._values(last - first, extensive=True)
            for label, value in texts[0].items():
                title = f"{code(name)} {line(label)}" if label else code(name)
                if technology.basis == "inventory":
                    rows.append([title, value, native])
                else:
                    rows.append([title, value, texts[1][label], effect[label], native])
        heads = (
            ["component", "result", "unit"]
            if technology.basis == "inventory"
            else ["component", "before", "with it", "difference", "unit"]
        )
        lines += ["", "What comes out, in a year 一年的结果:", *table(heads, rows)]
        return lines + (self.net(technology) if technology.nets else [])

    def model(self, equation: Equation) -> list[str]:
        """Return the tables of a model: arguments and results in baseline and project."""
        runner = self.assessment.runner
        project = frozenset(n for one in runner.technologies for n in one.adopts)
        states = [frozenset[str](), project]
        if not runner.book.adoptions_behind(equation):
            states = states[:1]
        lines = self._arguments(equation, states)
        rows = []
        model = runner.book.models[equation.name]
        for name, unit in equation.outputs.items():
            extensive = runner.book.variables[name].kind == "extensive"
            found = [
                self._values(magnitude(runner.model(model, s)[name], unit), extensive)
                for s in states
            ]
            rows += [_row(name, label, found, unit) for label in found[0]]
        return [*lines, "", "What comes out 结果:", *table(self._heads(states, "result"), rows)]

    def _heads(self, states: Sequence[frozenset[str]], first: str) -> list[str]:
        """Return the headings of a table of one or two states."""
        columns = ["value"] if len(states) == 1 else ["before", "after"]
        return [first, "label", *columns, "unit"]

    def _arguments(self, equation: Equation, states: Sequence[frozenset[str]]) -> list[str]:
        """Return the table of what an equation takes."""
        runner = self.assessment.runner
        given = [runner.arguments(equation, state) for state in states]
        rows = []
        for name in equation.arguments:
            if name in equation.methods:
                rows.append([code(name), NOTHING, *(code(g[name]) for g in given), "method"])
                continue
            variable = runner.book.variables.get(name)
            coefficient = runner.book.coefficient(equation.name, name)
            unit = variable.unit if variable else coefficient.unit if coefficient else "1"
            found = []
            for arguments in given:
                array = arguments[name]
                assert isinstance(array, xr.DataArray)  # noqa: S101 - only methods are texts
                plain = magnitude(array, unit)
                if variable and variable.adoption:
                    plain = plain.sum("cohort")
                found.append(self._values(plain, bool(variable and variable.kind == "extensive")))
            rows += [_row(name, label, found, unit) for label in found[0]]
        if not rows:
            return []
        return ["What goes in 输入:", *table(self._heads(states, "argument"), rows)]

    def _values(self, array: xr.DataArray, extensive: bool) -> dict[str, str]:
        """Return the county's central values by label: sums, or the span over its parts."""
        array = array.isel(draw=0, drop=True) if "draw" in array.dims else array
        array = self._of_county(array, extensive)
        inner = [d for d in ("part", "month") if d in array.dims]
        labelled = [str(d) for d in array.dims if d not in inner]
        texts = [[str(v) for v in array[d].values] for d in labelled]
        if int(np.prod([len(t) for t in texts])) > MOST_LABELS or "cohort" in labelled:
            across = " × ".join(f"{len(t)} {d}" for t, d in zip(texts, labelled, strict=True))
            return {f"by {across}": _span(array.values)}
        result = {}
        for labels in itertools.product(*texts):
            chosen = dict(zip(labelled, range(len(labelled)), strict=True))
            cell = array.isel(
                {d: texts[axis].index(labels[axis]) for d, axis in chosen.items()}, drop=True
            )
            shown = ", ".join(self.words.label(label) for label in labels)
            if "month" in cell.dims:
                months = cell.transpose("month", ...).values
                result[shown] = " · ".join(_span(np.atleast_1d(m)) for m in months)
            else:
                result[shown] = _span(np.atleast_1d(cell.values))
        return result

    def _of_county(self, array: xr.DataArray, extensive: bool) -> xr.DataArray:
        """Return what an array is in the county: one sum, or a value for each of its parts."""
        if "atom" not in array.dims:
            return array
        inside = self.zone.weights != 0
        own = array.isel(atom=np.flatnonzero(inside)).rename(atom="part")
        if not extensive:
            return own
        weights = xr.DataArray(self.zone.weights[inside], dims="part")
        return (own.drop_vars("part", errors="ignore") * weights).sum("part", skipna=False)


def _row(name: str, label: str, found: Sequence[dict[str, str]], unit: str) -> list[str]:
    return [code(name), line(label), *(values.get(label, NOTHING) for values in found), unit]


def _span(values: np.ndarray) -> str:
    """Return one number where all are alike, or the smallest and the largest."""
    flat = values[np.isfinite(values)]
    if not flat.size:
        return NOTHING
    low, high = number(float(flat.min())), number(float(flat.max()))
    return low if low == high else f"{low} … {high}"
