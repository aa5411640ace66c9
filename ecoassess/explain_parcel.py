"""One forest parcel: its record, and the forest's equations worked out for this stand alone."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.assessment import Runner
from ecoassess.atom_zones import atom_zones
from ecoassess.equation import Equation, Result
from ecoassess.errors import EcoassessError, InputError, Problem
from ecoassess.explain import INDENT, holding
from ecoassess.inputs.catalog import Title
from ecoassess.inputs.parcels import ParcelLegend, Parcels, read_parcel_legend, read_parcels, say
from ecoassess.inputs.parcels.codes import find, plain
from ecoassess.language import Words
from ecoassess.report import NOTHING, number, table
from ecoassess.run import Assessment
from ecoassess.technology import Technology
from ecoassess.units import magnitude, quantify

TECHNOLOGY = "forest_sink"
CHAIN = ("stand_volume", "stand_carbon", "stand_increment")
"""The models behind the forest sink, in the order in which they take each other's results."""

BY_PARCELS = {"stand_volume": {"volume_source": "parcels"}}


@dataclass
class Stand:
    """The forest's equations for one stand: one draw (the central), one atom, one forest type.

    Data of the whole zone (timber harvest, change of the growing stock, mapped forest) count with
    the stand's part of the growing stock of the zone's parcels. So the equations share out harvest
    and change themselves; a map's biomass they share out by biomass, which differs by type.

    Parameters
    ----------
    area, volume
        Of the stand, ha and m³.
    part
        The stand's part of the growing stock of its atom's parcels.
    results
        What the models have returned so far, by name.
    """

    runner: Runner
    forest_type: str
    atom: int
    area: float
    volume: float
    part: float
    results: dict[str, xr.DataArray] = field(default_factory=dict)

    def arguments(self, equation: Equation) -> dict[str, object]:
        """Return the arguments of an equation for this stand."""
        variables = self.runner.book.variables
        chosen = dict(
            zip(equation.methods, equation.chosen(self.runner.config.methods), strict=True)
        )
        result: dict[str, object] = {}
        for name in equation.arguments:
            if name in chosen:
                result[name] = chosen[name]
            elif name in self.results:
                result[name] = self.results[name]
            elif name in variables:
                result[name] = self._datum(name)
            else:
                result[name] = self._own(self.runner.coefficient(equation.name, name))
        return result

    def acting(self, equation: Equation, arguments: Mapping[str, object]) -> list[str]:
        """Return the arguments without which a result would be missing, under the run's methods."""
        whole = equation(**arguments)
        names = []
        for name, value in arguments.items():
            if isinstance(value, xr.DataArray):
                without = equation(**{**arguments, name: value * np.nan})
                if any(int(without[key].count()) < int(whole[key].count()) for key in whole):
                    names.append(name)
        return names

    def _datum(self, name: str) -> xr.DataArray:
        recorded = {"parcel_area": (self.area, "ha"), "parcel_volume": (self.volume, "m^3")}
        if name in recorded:
            value, unit = recorded[name]
            coords = {"atom": [self.atom], "forest_type": [self.forest_type]}
            return quantify(xr.DataArray([[value]], coords, list(coords)), unit)
        array = self._own(self.runner.variable(name, frozenset()))
        extensive = self.runner.book.variables[name].kind == "extensive"
        return array * self.part if extensive else array

    def _own(self, array: xr.DataArray) -> xr.DataArray:
        """Return the central value of this atom and type."""
        own = {"draw": 0, "atom": self.atom, "forest_type": self.forest_type}
        return array.sel({name: [label] for name, label in own.items() if name in array.dims})


def explain_parcel(assessment: Assessment, text: str, words: Words) -> str:
    """Return the record of a parcel and, where it is good, the numbers of its stand.

    Parameters
    ----------
    text
        The number of the parcel, or # and its row in the file.

    Raises
    ------
    InputError
        When the run names no parcels, or none has this number.
    """
    session = assessment.session
    name = session.run.config.datasets.parcels
    if name is None:
        problem = Problem(
            "the run names no forest parcels", expected="datasets: {parcels: NAME}", remedy="add it"
        )
        raise InputError(session.run.document.problem(("datasets",), problem))
    parcels = read_parcels(session.catalog, name)
    entry = session.catalog.entries[name]
    legend = read_parcel_legend(session.project, entry.legend or "parcels")
    lines: list[str] = []
    for row in find_rows(parcels, text):
        lines += ["", *_record(parcels, legend, row, words)]
        if row in parcels.good.index:
            lines += _numbers(assessment, parcels, row, words)
    return "\n".join(lines[1:])


def find_rows(parcels: Parcels, text: str) -> list[int]:
    """Return the rows of a parcel's number; a number that stands twice has several.

    Raises
    ------
    InputError
        With the numbers most like it, when there is none.
    """
    parts = (parcels.good, parcels.bad, parcels.not_stocked)
    rows = {
        int(row): str(own)
        for part in parts
        for row, own in zip(part.index, part["parcel"], strict=True)
    }
    wanted = plain(text)
    found = [row for row, own in sorted(rows.items()) if wanted in (own, f"#{row}")]
    if not found:
        nearby = difflib.get_close_matches(wanted, list(dict.fromkeys(rows.values())), n=3)
        raise InputError(
            Problem(
                "no such parcel",
                found=text,
                expected=f"a number of {parcels.file.name}, or #ROW, up to #{max(rows, default=0)}",
                remedy=f"did you mean {' or '.join(map(repr, nearby))}?" if nearby else None,
            )
        )
    return found


def _record(parcels: Parcels, legend: ParcelLegend, row: int, words: Words) -> list[str]:
    """Return what the layer says of a parcel, and what the checks do."""
    findings = [finding for finding in parcels.findings if finding.row == row]
    bad, idle = row in parcels.bad.index, row in parcels.not_stocked.index
    part = parcels.bad if bad else parcels.not_stocked if idle else parcels.good
    own: dict[Any, Any] = part.loc[row].to_dict()
    lines = [words("parcel_of", parcel=own["parcel"], row=row, file=parcels.file.name)]
    cells = [["parcel_area_ha", f"{own['area_ha']:.3f} ha"]]
    if idle:
        cells.append(["land_type", f"{own['land_type']}; {words('parcel_not_stocked')}"])
    if not bad and not idle:
        (species,) = find(pd.Series([own["species"]]), legend.species)
        groups: dict[str, Title] = {
            group.age_group: group.name for group in legend.age_groups.values()
        }
        named = f" {words.title(species.name)}" if species else ""
        age = f"{own['age']:g}" if own["age"] > 0 else words.label("unknown")
        recorded = own["recorded_area_ha"]
        if recorded > 0:
            cells[0][1] += words("parcel_recorded", area=recorded)
        cells = [
            ["species", f"{own['species']}{named}"],
            ["forest_type", words.title(legend.forest_types[own["forest_type"]])],
            ["origin", words.label(own["origin"])],
            ["age", age],
            ["age_group", words.title(groups[own["age_group"]])],
            *cells,
            ["volume", f"{number(own['volume'])} m³, {number(own['volume_per_ha'])} m³/ha"],
        ]
    lines += table([[words.label(key), value] for key, value in cells], 2, INDENT)
    said = [finding for finding in findings if not bad or finding.level == "bad"]
    if said:
        lines.append(INDENT + words("parcel_set_apart" if bad else "parcel_doubts"))
        lines += [INDENT * 2 + say(finding, words) for finding in said]
    return lines


def _numbers(assessment: Assessment, parcels: Parcels, row: int, words: Words) -> list[str]:
    """Return the equations' results and coefficients for the stand."""
    session = assessment.session
    config = session.run.config
    own: dict[Any, Any] = parcels.good.loc[row].to_dict()
    atom = _atom(assessment, parcels, row)
    if atom is None:
        return ["", words("parcel_outside")]
    code = str(assessment.runner.activity.observation.atoms.loc[atom, "adcode"])
    zone = {**config.counties, **config.neighbours}[code]
    sums = assessment.runner.activity.observation.parcels
    assert sums is not None  # noqa: S101 - the run names parcels
    whole = float(sums.volume.sel(atom=atom).sum())
    stand = Stand(
        assessment.runner.with_methods(BY_PARCELS),
        own["forest_type"],
        atom,
        own["area_ha"],
        own["volume"],
        own["volume"] / whole if whole else 0.0,
    )
    lines = [
        "",
        words("parcel_in", zone=words.title(zone), survey=sums.year, year=session.month.year),
    ]
    (ruling,) = session.book.models["stand_volume"].chosen(config.methods)
    if ruling != "parcels":
        lines.append(words("parcel_not_ruling", source=ruling))
    technology = session.technologies[TECHNOLOGY]
    for equation in (*(session.book.models[name] for name in CHAIN), technology):
        try:
            arguments = stand.arguments(equation)
            result = equation(**arguments)
        except EcoassessError as error:
            problem = error.problems[0]
            why = f"{problem.what}: {problem.found} ({words.label('expected')}: {problem.expected})"
            return [*lines, "", words("parcel_refused", equation=equation.name, why=why)]
        lines += _equation(assessment, stand, equation, arguments, words)
        lines += _results(assessment, equation, result, own["area_ha"], words)
        stand.results |= result
    return lines


def _atom(assessment: Assessment, parcels: Parcels, row: int) -> int | None:
    """Return the atom that holds the middle of a parcel."""
    session = assessment.session
    observation = assessment.runner.activity.observation
    zones = atom_zones(session.catalog, session.run.config, observation.atoms)
    middle = parcels.good.geometry.loc[[row]].representative_point().to_crs(zones.crs).iloc[0]
    inside = zones.index[zones.intersects(middle)]
    return int(inside[0]) if len(inside) else None


def _equation(
    assessment: Assessment,
    stand: Stand,
    equation: Equation,
    arguments: Mapping[str, object],
    words: Words,
) -> list[str]:
    """Return an equation's place and methods, and the data and coefficients that act in it."""
    session, runner = assessment.session, stand.runner
    place = f"{session.project.relative(equation.file)}:{equation.line}"
    title = equation.zh if words.language == "zh" else equation.name.replace("_", " ")
    methods = [f"{name}: {arguments[name]}" for name in equation.methods]
    head = " ".join(filter(None, [f"{title}  {place}", f"({', '.join(methods)})"]))
    rows: list[list[str]] = []
    for name in stand.acting(equation, arguments):
        coefficient = session.book.coefficient(equation.name, name)
        if coefficient is None:
            variable = session.variables[name]
            datum = number(float(magnitude(_array(arguments[name]), variable.unit).mean()))
            origin = words.label("modelled" if variable.modelled else "datum")
            rows.append([name, words.title(variable), datum, variable.unit, "", origin])
            continue
        used = runner.used[f"{coefficient.file.stem}/{name}"]
        file = session.project.relative(coefficient.file)
        for value in holding(used, _places(runner, stand)):
            labels = [label for label in value.labels if label != stand.forest_type]
            of = f" ({', '.join(words.label(label) for label in labels)})" if labels else ""
            text = words.title(coefficient.entry) + of
            cells = [f"{value.central:g}", coefficient.unit, value.grade, f"{file}:{value.line}"]
            rows.append([name, text, *cells])
    heads = ["argument", "meaning", "value", "unit", "grade", "origin_of"]
    lines = ["", head]
    if rows:
        lines += table([[words.label(head) for head in heads], *rows], (0, 1, 3, 4, 5), INDENT)
    return lines


def _places(runner: Runner, stand: Stand) -> dict[str, Sequence[str]]:
    """Return the labels that hold for the stand, by dimension."""
    activity = runner.activity
    code = str(activity.observation.atoms.loc[stand.atom, "adcode"])
    return {
        "adcode": [code],
        "province": [code[:2]],
        "climate_zone": [activity.climate.zone[code]],
        "forest_type": [stand.forest_type],
    }


def _results(
    assessment: Assessment, equation: Equation, result: Result, area: float, words: Words
) -> list[str]:
    """Return results with their value per hectare; those of the technology with their sums."""
    variables = assessment.session.variables
    rows: list[list[str]] = []
    sums: dict[str, float] = {}
    for name, unit in equation.outputs.items():
        value = float(magnitude(result[name], unit).sum(skipna=False))
        technology = isinstance(equation, Technology)
        title = words.component(equation.name, name) if technology else words.title(variables[name])
        per_area = "m^3" not in unit.split("/")[1:] and unit != "ha"
        rows.append([title, *_cells(value, unit, area if per_area else None)])
        sums[unit] = sums.get(unit, 0.0) + value
    if isinstance(equation, Technology):
        rows += [
            [words.label("stand_sum"), *_cells(value, unit, area)] for unit, value in sums.items()
        ]
    heads = [words.label(head) for head in ("result", "value", "unit", "per_hectare")]
    return ["", *table([heads, *rows], (0, 2), INDENT)]


def _cells(value: float, unit: str, area: float | None) -> list[str]:
    return [number(value), unit, number(value / area) if area else NOTHING]


def _array(value: object) -> xr.DataArray:
    assert isinstance(value, xr.DataArray)  # noqa: S101 - arguments that act are arrays
    return value
