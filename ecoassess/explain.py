"""Where a number comes from: a technology's equation, coefficients, data and results in a zone."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ecoassess.activity import Field
from ecoassess.book import Book
from ecoassess.coefficients import Coefficient, Value
from ecoassess.derived import SEASON_MODEL
from ecoassess.equation import Equation
from ecoassess.errors import InputError, Problem
from ecoassess.inputs.statistics import Figure
from ecoassess.language import Words
from ecoassess.report import NOTHING, number, table
from ecoassess.run import Assessment, Session
from ecoassess.sampling import LatinHypercube
from ecoassess.simulate import MODELS
from ecoassess.technology import Technology
from ecoassess.units import magnitude, quantify
from ecoassess.variables import Variable
from ecoassess.vocabulary import GRADE_ORDER, STATUS_ORDER, worst
from ecoassess.zones import Zone

INDENT = "  "


def find_zone(zones: Sequence[Zone], text: str) -> Zone:
    """Return the zone of a code or name: English or Chinese, with or without 市, 县 or 州.

    Counties and the prefecture come first where a code names several zones.

    Raises
    ------
    InputError
        With the list of zones, when none has this name.
    """
    for spelling in (str.lower, _bare):
        for zone in zones:
            if spelling(text) in map(spelling, (zone.code, zone.en, zone.zh)):
                return zone
    names = {name: zone for zone in zones for name in (zone.code, zone.en, zone.zh)}
    nearby = difflib.get_close_matches(text, names, n=1)
    raise InputError(
        Problem(
            what="no such zone",
            found=text,
            expected="\n".join(["one of", *(f"    {z.code:<8}{z.en} {z.zh}" for z in zones)]),
            remedy=f"did you mean '{nearby[0]}'?" if nearby else None,
        )
    )


def _bare(name: str) -> str:
    """Return a name without what people leave out."""
    name = re.sub(r"[\s'’,_-]", "", name.lower())
    name = name.removesuffix("inpark").removesuffix("园内")
    for suffix in ("city", "county", "prefecture", "自治州", "市", "县", "州", "片区"):
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name


def explain(assessment: Assessment, name: str, zone: Zone, words: Words) -> str:
    """Return everything that the results of a technology in a zone rest on.

    Parameters
    ----------
    assessment
        An evaluated run that holds the technology.
    """
    session = assessment.session
    technology = session.technologies[name]
    runner = assessment.runner
    climate = runner.activity.climate.zone
    codes = _counties(assessment, zone)
    places = {
        "adcode": codes,
        "climate_zone": list(dict.fromkeys(climate[code] for code in codes)),
        "province": list(dict.fromkeys(code[:2] for code in codes)),
    }
    lines = [
        f"{words.technology(name)} ({name})",
        words(
            "of_zone",
            zone=zone.en if words.language == "en" else zone.zh,
            climate=", ".join(words.label(c) for c in places["climate_zone"]),
            province=", ".join(words.label(p) for p in places["province"]),
        ),
        *_climate(assessment, codes, words),
    ]
    for equation in session.book.behind(technology):
        lines += _equation(assessment, equation, places, words)
    lines += ["", words("coefficients")]
    gwp = "gwp_100"
    lines += _coefficient(
        assessment, session.book.shared[gwp], runner.used[f"shared/{gwp}"], places, words
    )
    for kernel in _kernels(technology, session):
        lines += ["", words("model_coefficients", model=kernel)]
        for coefficient in session.kernels[kernel].values():
            lines += _coefficient(assessment, coefficient, coefficient, places, words)
    lines += ["", words("data")]
    fields = runner.fields(technology)
    for variable in session.book.variables_behind(technology):
        lines += _variable(assessment, variable, fields.get(variable), zone, codes, words)
    lines += ["", words("datasets")]
    for dataset_name in session.dataset_names():
        dataset = session.catalog.dataset(dataset_name)
        entry = dataset.entry
        year = f", {entry.year}" if entry.year else ""
        lines += [
            f"{INDENT}{dataset_name}: {words.title(entry.title)}{year}",
            f"{INDENT * 2}{dataset.file.name}  sha256 {dataset.checksum}",
        ]
    counted = any(component.warms for component in technology.components.values())
    heading = "results" if counted else "results_in_own_units"
    lines += ["", words(heading, year=session.month.year)]
    lines += _results(assessment, technology, zone, words)
    return "\n".join(lines)


def _counties(assessment: Assessment, zone: Zone) -> list[str]:
    """Return the codes of the counties that a zone has parts of."""
    adcode = assessment.runner.activity.adcode
    return list(dict.fromkeys(str(code) for code in adcode[zone.weights != 0]))


def _equation(
    assessment: Assessment,
    equation: Equation,
    places: Mapping[str, Sequence[str]],
    words: Words,
) -> list[str]:
    """Return an equation with its chosen methods and coefficients."""
    session, runner = assessment.session, assessment.runner
    lines = [
        "",
        f"{words('equation')}  {session.project.relative(equation.file)}:{equation.line}",
        *(f"{INDENT}{line}".rstrip() for line in equation.documentation.splitlines()),
    ]
    if equation.methods:
        chosen = session.run.config.methods.get(equation.name, {})
        lines += ["", words("chosen_methods")] + [
            f"{INDENT}{argument}: {chosen.get(argument, options[0])}  ({', '.join(options)})"
            for argument, options in equation.methods.items()
        ]
    named = {
        argument: coefficient
        for argument in equation.arguments
        if (coefficient := session.book.coefficient(equation.name, argument))
    }
    if named:
        lines += ["", words("coefficients")]
    for argument, whole in named.items():
        used = runner.used[f"{whole.file.stem}/{argument}"]
        lines += _coefficient(assessment, whole, used, places, words)
    return lines


def _kernels(technology: Technology, session: Session) -> list[str]:
    """Return the numerical models that a technology's data and months come from."""
    simulated = [session.variables[n].simulated for n in session.book.variables_behind(technology)]
    models = [MODELS[name] for name in simulated if name]
    if any(component.month_share for component in technology.components.values()):
        models.append(SEASON_MODEL)
    return list(dict.fromkeys(models))


def _climate(assessment: Assessment, codes: Sequence[str], words: Words) -> list[str]:
    """Return what decided the climate zone of each county, and how near its borders are."""
    climate = assessment.runner.activity.climate
    rules = assessment.session.run.config.climate
    lines = []
    for code in codes:
        distance = climate.distance[code]
        lines.append(
            INDENT
            + words(
                "climate_of",
                code=code,
                precipitation=f"{float(climate.precipitation.sel(adcode=code).sum()):.0f}",
                pet=f"{float(climate.evapotranspiration.sel(adcode=code).sum()):.0f}",
                formula=rules.pet_formula,
                ratio=f"{distance['precipitation_over_pet']:+.2f}",
                kelvin=f"{distance['temperature_10']:+.1f}",
            )
        )
    return lines


def _coefficient(
    assessment: Assessment,
    whole: Coefficient,
    used: Coefficient,
    places: Mapping[str, Sequence[str]],
    words: Words,
) -> list[str]:
    """Return one coefficient: the values that hold in the zone, and what they rest on."""
    session = assessment.session
    here = {value.line: value for value in holding(used, places)}
    values = [value for value in whole.table if value.line in here]
    file = session.project.relative(whole.file)
    line = values[0].line if len(values) == 1 else whole.line
    lines = [f"{INDENT}{whole.name}: {words.title(whole.entry)}, {whole.unit}  ({file}:{line})"]
    rows = []
    for value in values:
        spread = value.spread
        ends = spread.interval or spread.bounds or _first_and_last(spread.outcomes)
        statistic = "" if spread.statistic == "mean" else f", {words.label(spread.statistic)}"
        rows.append(
            [
                ", ".join(words.label(label) for label in value.labels) or NOTHING,
                f"{spread.value:g}",
                f"{ends[0]:g} … {ends[1]:g}" if ends else NOTHING,
                words.label(spread.distribution) + statistic,
                value.grade,
                str(value.line),
            ]
        )
    heads = ["label", "value", "spread", "distribution", "grade", "line"]
    lines += table([[words(h) for h in heads], *rows], (0, 3, 4), INDENT * 2)
    origins: dict[tuple[str, str, str | None], list[str]] = {}
    for value in values:
        origin = (value.source, value.locator, value.note or whole.entry.note)
        origins.setdefault(origin, []).append(", ".join(map(words.label, value.labels)))
    for (source, locator, note), labels in origins.items():
        of = f" ({'; '.join(labels)})" if len(origins) > 1 else ""
        citation = session.sources[source].citation
        lines.append(f"{INDENT * 2}{words('source')}{of}: {citation}; {locator}")
        if note:
            lines.append(f"{INDENT * 2}{words('note')}: {' '.join(note.split())}")
    return [*lines, *_versions(session, whole, places, words)]


def _versions(
    session: Session, whole: Coefficient, places: Mapping[str, Sequence[str]], words: Words
) -> list[str]:
    """Return the versions of a coefficient: when each holds and why, its values and its place."""
    lines = []
    choice = {**session.run.config.choices, "year": str(session.month.year)}
    for version in whole.versions:
        other = version.content
        values = "; ".join(
            " ".join([", ".join(map(words.label, value.labels)), f"{value.spread.value:g}"]).strip()
            for value in holding(other.select(choice), places)
        )
        place = f"{session.project.relative(other.file)}:{other.line}"
        key = "in_force" if version == whole.version else "held"
        reason = f"; {version.reason}" if version.reason else ""
        lines.append(
            f"{INDENT * 2}{words(key, span=version.span)}: {values} {other.unit}  ({place}){reason}"
        )
    return lines


def _first_and_last(outcomes: Sequence[tuple[float, float]] | None) -> tuple[float, float] | None:
    """Return the smallest and largest of outcomes with weights."""
    values = [value for value, _ in outcomes or ()]
    return (min(values), max(values)) if values else None


def holding(used: Coefficient, places: Mapping[str, Sequence[str]]) -> Iterator[Value]:
    """Yield the values that hold in the zone."""
    for value in used.table:
        labels = zip(used.entry.dimensions, value.labels, strict=True)
        if all(label in places[name] for name, label in labels if name in places):
            yield value


def _variable(
    assessment: Assessment,
    name: str,
    field: Field | None,
    zone: Zone,
    codes: Sequence[str],
    words: Words,
) -> list[str]:
    """Return one data input: its value in the zone, and what that rests on."""
    variable = assessment.session.variables[name]
    head = f"{INDENT}{name}: {words.title(variable)}, {variable.unit}"
    if variable.cohort_age:
        year = assessment.session.month.year
        return [head, f"{INDENT * 2}{words('cohort_age_note', year=year)}"]
    if variable.aged:
        return [head, f"{INDENT * 2}{words('aged_note')}"]
    if field is None:
        return [head, *_adoption(assessment, name, words)]
    lines = [head, *_values(field, variable.kind == "extensive", variable.unit, zone, words)]
    if variable.derived:
        lines.append(f"{INDENT * 2}{words('derived_note', name=variable.derived)}")
    elif variable.observed:
        lines.append(f"{INDENT * 2}{words('observed_note', name=variable.observed)}")
        lines += [f"{INDENT * 2}{words('reason')}: {r}" for r in dict.fromkeys(field.reason) if r]
    elif variable.simulated:
        lines.append(f"{INDENT * 2}{words('simulated_note')}")
    lines += _figures(assessment, variable, field.figures, codes, words)
    return lines


def _values(field: Field, extensive: bool, unit: str, zone: Zone, words: Words) -> list[str]:
    """Return the zone's values by label: the sum, or the span over its parts; months in a row."""
    inside = zone.weights != 0
    values = magnitude(field.values, unit)
    values = values.isel(draw=0) if "draw" in values.dims else values
    extra = [str(d) for d in values.dims if d not in ("atom", "month")]
    labels = [str(label) for label in values[extra[0]].values] if extra else [""]
    lines = []
    for label in labels:
        own = values.sel({extra[0]: label}) if extra else values
        array = own.transpose("atom", ...).values[inside]
        if extensive:
            low = high = np.atleast_1d(np.tensordot(zone.weights[inside], array, axes=1))
        else:
            low, high = np.atleast_1d(array.min(axis=0)), np.atleast_1d(array.max(axis=0))
        same = np.array_equal(low, high, equal_nan=True)
        text = " ".join(
            number(float(a)) if same else f"{number(float(a))} … {number(float(b))}"
            for a, b in zip(low, high, strict=True)
        )
        lines.append(f"{INDENT * 2}{words.label(label) + ': ' if label else ''}{text}")
    status = worst({s for s, i in zip(field.status, inside, strict=True) if i}, STATUS_ORDER)
    grade = worst({g for g, i in zip(field.grade, inside, strict=True) if i}, GRADE_ORDER)
    lines[-1] += f"  [{words.label(status)}, {grade}]"
    return lines


def _figures(
    assessment: Assessment,
    variable: Variable,
    figures: Mapping[str, Mapping[str, Figure]],
    codes: Sequence[str],
    words: Words,
) -> list[str]:
    """Return the statistics behind a variable, by county and label."""
    config = assessment.session.run.config
    titles = {**config.counties, **config.neighbours}
    lines = []
    for label, by_county in figures.items():
        for code in codes:
            figure = by_county[code]
            place = words.title(titles[code]) + (f", {words.label(label)}" if label else "")
            value = f"{number(figure.value)} {figure.unit}" if figure.value is not None else NOTHING
            parts = [
                f"{value} ({figure.year or NOTHING}, {words.label(figure.status)}, {figure.grade})",
                *_sureness(assessment, variable, label, by_county, code, words),
                f"{words('source')}: {figure.source}" if figure.source else "",
                f"{words('reason')}: {figure.reason}" if figure.reason else "",
            ]
            lines.append(f"{INDENT * 2}{place}: " + "; ".join(part for part in parts if part))
    return lines


def _sureness(
    assessment: Assessment,
    variable: Variable,
    label: str,
    figures: Mapping[str, Figure],
    code: str,
    words: Words,
) -> list[str]:
    """Return how sure a county's figure is taken to be."""
    errors, config = assessment.runner.activity.errors, assessment.session.run.config
    if errors is None or figures[code].value is None or not errors.has_error(variable):
        return []
    statistic = (variable.statistics or {}).get(label) or variable.statistic or variable.earlier
    record = errors.record(config, str(statistic), figures, code)
    shared_out = record["sharing_out"]
    return [
        f"± {100 * (record['half_width'] or 0):.0f} %",
        words("shared_out_within", factor=f"{shared_out:g}") if shared_out else "",
    ]


def _adoption(assessment: Assessment, name: str, words: Words) -> list[str]:
    """Return the share adopted in both states, with the scenario's knots and sources."""
    session = assessment.session
    run, year = session.run, session.month.year
    lines = []
    for state in ("baseline", "project"):
        shares = assessment.runner.allocation.adoption[state][name].sum("cohort")
        by = session.variables[name].by
        for label, path in run.scenario.paths(state)[name].items():
            own = shares.sel({by: label}) if by else shares
            low, high = float(own.min()), float(own.max())  # counties may have paths of their own
            share = f"{low:.4g}" if low == high else f"{low:.4g} … {high:.4g}"
            knots = ", ".join(f"{y}: {level:g}" for y, level in path.knots.items())
            knots = knots if path.shape == "linear" else f"{path.shape}, {knots}"
            section = run.scenario.owner(state, name, label)
            file, line = run.scenario_document.place((section, name, label))
            place = f"{session.project.relative(file)}:{line}"
            known = session.sources.get(path.source)
            source = "; ".join(
                t for t in (known.citation if known else path.source, path.locator) if t
            )
            lines.append(
                f"{INDENT * 2}{words.label(state)}, {words.label(label)}: "
                f"{words('adopted', year=year)} {share} ({knots}; {path.grade}; {place})"
            )
            lines.append(f"{INDENT * 3}{words('source')}: {source}")
    return lines


def _results(assessment: Assessment, technology: Technology, zone: Zone, words: Words) -> list[str]:
    """Return the zone's rows of the year, by component, with interval."""
    rows = assessment.rows
    mine = rows[
        (rows["technology"] == technology.name)
        & (rows["zoning"] == zone.zoning)
        & (rows["adcode"] == zone.code)
        & (rows["period"] == str(assessment.session.month.year))
    ]
    heads = ["component", "boundary", "account", "value", "interval", "native", "status"]
    body: list[list[str] | None] = [[words(h) for h in [*heads, "coverage", "grade"]], None]
    for row in mine.to_dict("records"):
        name, known = str(row["component"]), row["value"] == row["value"]
        part = INDENT if ":" in name else ""
        body.append(
            [
                part + words.component(technology.name, name),
                words.label(row["boundary"]),
                words.label(row["account"]),
                number(row["value"]),
                f"{number(row['p2.5'])} … {number(row['p97.5'])}" if known else NOTHING,
                f"{number(row['native_value'])} {row['native_unit']}" if known else NOTHING,
                words.label(row["status"]),
                f"{row['coverage']:.0%}",
                str(row["evidence"]),
            ]
        )
    lines = table(body, (0, 1, 2, 6, 8), INDENT)
    reasons = dict.fromkeys(str(r) for r in mine["reason"] if r)
    return [*lines, *(f"{INDENT}{words('reason')}: {reason}" for reason in reasons)]


def single_elements(session: Session, equation: Equation) -> dict[str, xr.DataArray]:
    """Return each argument with one draw, atom and cohort, and all labels it is given by."""
    config, book = session.run.config, session.book
    choice = {**config.choices, "year": str(session.month.year)}
    elements: dict[str, xr.DataArray] = {}
    for name in equation.arguments:
        coefficient = book.coefficient(equation.name, name)
        variable = session.variables.get(name)
        if coefficient is not None:
            draws = coefficient.select(choice).draws(LatinHypercube(0, config.seed))
            of_place = [d for d in ("climate_zone", "province", "adcode") if d in draws.dims]
            draws = draws.isel(dict.fromkeys(of_place, 0), drop=True)
            elements[name] = draws.expand_dims("atom") if of_place else draws
        elif variable is not None:
            moving = variable.adoption or variable.cohort_age
            coords: dict[str, Any] = {"cohort": [session.month.year]} if moving else {"atom": [1]}
            if variable.derived or variable.monthly:
                coords["month"] = np.arange(1, 13)
            if variable.by:
                scenario = session.run.scenario.baseline.get(name)
                known = _own_labels(book, equation, variable.by) or book.labels(variable.by)
                coords[variable.by] = known or list(scenario or ["any"])
            values = xr.DataArray(np.nan, coords, dims=list(coords))
            elements[name] = quantify(values, variable.unit)
    return elements


def _own_labels(book: Book, equation: Equation, dimension: str) -> list[str]:
    """Return the labels of a dimension by which an equation's own coefficients are given."""
    for name in equation.arguments:
        coefficient = book.own[equation.name].get(name)
        if coefficient is not None and dimension in coefficient.labels:
            return coefficient.labels[dimension]
    return []
