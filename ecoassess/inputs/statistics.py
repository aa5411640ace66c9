"""County statistics: which row of the table counts, and how counties without one are filled in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.inputs.catalog import Catalog, Ratio
from ecoassess.inputs.table_text import read_table_text
from ecoassess.run_config import Estimate
from ecoassess.units import compatible, parse_unit, unit_registry
from ecoassess.vocabulary import GRADE_ORDER

COLUMNS = (
    *("adcode", "zone", "zone_zh", "variable", "value", "unit"),
    *("year", "year_note", "kind", "source", "grade", "note"),
)
STATUS_OF_KIND = {
    "statistic": "measured",
    "derived": "measured",
    "rough": "estimated",
    "plan": "projected",
    "design": "projected",
    "missing": "missing",
}


@dataclass(frozen=True)
class Figure:
    """One value for one zone, and what it rests on.

    Parameters
    ----------
    value
        The number in `unit`; None when there is none.
    year
        The year it stands for; None when the source names none.
    whole, zone
        Where a rule gave it a part of a larger zone's figure: that figure, and the zone's code.
    """

    value: float | None
    unit: str
    year: int | None
    status: str
    grade: str
    source: str
    reason: str = ""
    whole: Figure | None = None
    zone: str = ""


@dataclass(frozen=True)
class Statistics:
    """The statistics table, by zone and variable."""

    rows: Mapping[tuple[str, str], Sequence[Figure]]
    zones: frozenset[str]
    variables: frozenset[str]
    name: str

    def figure(self, adcode: str, variable: str, year: int) -> Figure:
        """Return the figure that counts in `year`.

        Of the rows with a number: those not after `year`; counts before plans; the latest year
        (rows without a year last); the best grade.
        """
        rows = [row for row in self.rows.get((adcode, variable), ()) if row.value is not None]
        usable = [row for row in rows if row.year is None or row.year <= year]
        if not usable:
            if rows:
                reason = f"{variable}: only after {year} ({min(r.year or 0 for r in rows)})"
            elif self.rows.get((adcode, variable)):
                reason = f"{variable}: looked for, not found"
            else:
                reason = f"{variable}: not in {self.name}"
            return Figure(None, "1", None, "missing", "missing", "", reason)
        return min(
            usable,
            key=lambda row: (
                row.status == "projected",
                row.year is None,
                -(row.year or 0),
                GRADE_ORDER.index(row.grade),
            ),
        )

    def earlier_figure(self, adcode: str, variable: str, year: int) -> Figure:
        """Return the last figure of an earlier year than the one that counts in `year`."""
        latest = self.figure(adcode, variable, year)
        rows = [
            row
            for row in self.rows.get((adcode, variable), ())
            if row.value is not None
            and row.status != "projected"
            and row.year is not None
            and row.year < (latest.year or 0)
        ]
        if not rows:
            reason = f"{variable}: one inventory only"
            return Figure(None, "1", None, "missing", "missing", "", reason)
        return min(rows, key=lambda row: (-(row.year or 0), GRADE_ORDER.index(row.grade)))


def read_statistics(catalog: Catalog, name: str) -> Statistics:
    """Read the statistics table and check columns, numbers, units and ranges.

    Raises
    ------
    InputError
        With every problem of the table.
    """
    dataset = catalog.dataset(name)
    text = read_table_text(catalog, name)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    absent = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
    if absent:
        raise InputError(
            Problem(
                what="columns are missing",
                file=dataset.file,
                line=1,
                found=", ".join(reader.fieldnames or []),
                expected=", ".join(COLUMNS),
                remedy=f"add {', '.join(absent)}",
            )
        )
    problems: list[Problem] = []
    rows: dict[tuple[str, str], list[Figure]] = {}
    lines: dict[tuple[str, str], list[int]] = {}
    seen: dict[tuple[str, ...], int] = {}
    for row in reader:
        line = reader.line_num
        spilt = row.get(None)
        row = {key: (value or "").strip() for key, value in row.items() if key}
        found = (
            [_spilt(len(COLUMNS) + len(spilt))]
            if spilt
            else _row_problems(row, dataset.entry.variables)
        )
        identity = tuple(row[c] for c in ("adcode", "variable", "year", "kind", "value", "source"))
        if identity in seen:
            found.append(
                Problem(what="the row stands twice", found=f"first in line {seen[identity]}")
            )
        seen[identity] = line
        problems += [
            replace(problem, file=dataset.file, line=line, key=f"{row['variable']} {row['adcode']}")
            for problem in found
        ]
        if found:
            continue
        unit = dataset.entry.variables[row["variable"]].unit
        status = STATUS_OF_KIND[row["kind"]]
        if status == "measured" and row["grade"] == "C":
            status = "estimated"
        lines.setdefault((row["adcode"], row["variable"]), []).append(line)
        rows.setdefault((row["adcode"], row["variable"]), []).append(
            Figure(
                value=_in_unit(float(row["value"]), row["unit"], unit) if row["value"] else None,
                unit=unit,
                year=int(row["year"]) if row["year"] else None,
                status=status,
                grade=row["grade"],
                source=row["source"],
                reason=row["note"],
            )
        )
    for ratio in dataset.entry.ratios:
        problems += _ratio_problems(ratio, rows, lines, str(dataset.file))
    raise_if_any(problems)
    return Statistics(
        rows,
        frozenset(zone for zone, _ in rows),
        frozenset(variable for _, variable in rows),
        dataset.file.name,
    )


def _ratio_problems(
    ratio: Ratio,
    rows: Mapping[tuple[str, str], Sequence[Figure]],
    lines: Mapping[tuple[str, str], Sequence[int]],
    file: str,
) -> Iterator[Problem]:
    """Yield the rows whose value per another variable of the zone, of the nearest year, is odd."""
    low, high = ratio.range
    unit = "" if ratio.unit == "1" else f" {ratio.unit}"
    for (zone, variable), figures in rows.items():
        others = [
            (f.year, unit_registry().Quantity(f.value, parse_unit(f.unit)), f.unit)
            for f in rows.get((zone, ratio.per), ())
            if f.value
        ]
        if variable != ratio.of or not others:
            continue
        for line, figure in zip(lines[zone, variable], figures, strict=True):
            if figure.value is None:
                continue
            year = figure.year or 0
            _, per, per_unit = min(others, key=lambda other: abs((other[0] or year) - year))
            quantity = unit_registry().Quantity(figure.value, parse_unit(figure.unit))
            found = float((quantity / per).to(parse_unit(ratio.unit)).magnitude)
            if not low <= found <= high:
                yield Problem(
                    what=f"{ratio.of} does not fit {ratio.per}: {ratio.because}",
                    file=file,
                    line=line,
                    key=f"{variable} {zone}",
                    found=f"{figure.value:g} {figure.unit} over {per.magnitude:g} {per_unit} "
                    f"is {found:.4g}{unit}",
                    expected=f"{low:g} to {high:g}{unit}",
                    remedy="correct the misprint in either row; or widen the range under 'ratios' "
                    "in the catalogue, if it is true",
                )


def _in_unit(number: float, unit: str, wanted: str) -> float:
    """Convert a number of a row to the unit that the catalogue declares for its variable."""
    if unit == wanted:
        return number
    quantity = unit_registry().Quantity(number, parse_unit(unit))
    return float(quantity.to(parse_unit(wanted)).magnitude)


def _spilt(cells: int) -> Problem:
    return Problem(
        what="more cells than columns",
        found=str(cells),
        expected=str(len(COLUMNS)),
        remedy="write numbers without thousands separators; put texts with commas in quotes",
    )


def _row_problems(row: Mapping[str, str], declared: Mapping[str, object]) -> list[Problem]:
    problems = []
    kind, value, grade = row["kind"], row["value"], row["grade"]
    if kind not in STATUS_OF_KIND:
        problems.append(
            Problem(what="unknown kind", found=kind, expected=", ".join(STATUS_OF_KIND))
        )
    if grade not in GRADE_ORDER:
        problems.append(Problem(what="unknown grade", found=grade, expected=", ".join(GRADE_ORDER)))
    if row["year"] and not (row["year"].isdigit() and len(row["year"]) == 4):
        problems.append(Problem(what="not a year", found=row["year"], expected="such as 2022"))
    try:
        number = float(value) if value else None
    except ValueError:
        return [
            *problems,
            Problem(
                what="not a number",
                found=value,
                expected="digits and a decimal point, no thousands separators",
                remedy="correct it, or leave the cell empty with kind and grade 'missing'",
            ),
        ]
    if (number is None) != (kind == "missing"):
        problems.append(
            Problem(
                what="a value is missing" if number is None else "a missing row has a value",
                found=value or "empty",
                expected="a number, or kind 'missing' and no number",
            )
        )
    variable = declared.get(row["variable"])
    if variable is None:
        problems.append(
            Problem(
                what="a variable that the catalogue does not declare",
                found=row["variable"],
                remedy="correct the name, or declare it under 'variables' of this dataset",
            )
        )
        return problems
    unit, limits = variable.unit, variable.valid_range  # type: ignore[attr-defined]
    try:
        same_kind = row["unit"] == unit or compatible(row["unit"], unit)
    except InputError as error:
        return [*problems, *error.problems]
    if not same_kind:
        problems.append(Problem(what="wrong unit", found=row["unit"], expected=unit))
        return problems
    if number is not None:
        number = _in_unit(number, row["unit"], unit)
    if number is not None and limits and not limits[0] <= number <= limits[1]:
        problems.append(
            Problem(
                what="the value is outside its valid range",
                found=value,
                expected=f"{limits[0]:g} to {limits[1]:g} {unit}",
                remedy="correct a misprint; or widen the range in the catalogue, if it is true",
            )
        )
    return problems


def fill_in(
    figures: Mapping[str, Figure],
    rules: Sequence[Estimate],
    zone_figure: Callable[[str], Figure],
    weights: Callable[[str], Mapping[str, float | None]],
    members: Callable[[str], Sequence[str]],
    variable: str,
) -> dict[str, Figure]:
    """Return `figures` with gaps filled by the rules that the run configuration switches on.

    Parameters
    ----------
    figures
        One per county; `value` None where there is none.
    zone_figure
        Code of a larger zone → its figure for this variable.
    weights
        Name of a weight → its value per county.
    members
        Code of a larger zone → its counties.
    """
    result = dict(figures)
    for rule in rules:
        gaps = [
            code
            for code, figure in result.items()
            if figure.value is None and (rule.counties is None or code in rule.counties)
        ]
        if not gaps:
            continue
        whole = zone_figure(rule.of)
        if whole.value is None:
            for code in gaps:
                result[code] = replace(
                    result[code], reason=f"{result[code].reason}; {rule.of}: {whole.reason}"
                )
            continue
        filled = _apply(rule, gaps, result, whole, weights, members, variable)
        for code, value in filled.items():
            result[code] = Figure(
                value=value,
                unit=whole.unit,
                year=whole.year,
                status="estimated",
                grade="C",
                source=whole.source,
                reason=f"{variable}: {rule.because}",
                whole=whole,
                zone=rule.of,
            )
    return result


def _apply(
    rule: Estimate,
    gaps: Sequence[str],
    figures: Mapping[str, Figure],
    whole: Figure,
    weights: Callable[[str], Mapping[str, float | None]],
    members: Callable[[str], Sequence[str]],
    variable: str,
) -> dict[str, float]:
    """Return the values that one rule gives to the gaps."""
    assert whole.value is not None  # noqa: S101 - checked by the caller
    if rule.rule == "inherit":
        return dict.fromkeys(gaps, whole.value)
    weight = weights(rule.weight or "")
    inside = list(members(rule.of))
    if rule.rule == "density":
        parts = [weight.get(code) for code in inside]
        total = sum(part for part in parts if part is not None)
        if None in parts or total <= 0:
            return {}
        return {
            code: whole.value * part / total
            for code in gaps
            if (part := weight.get(code)) is not None
        }
    known = sum(figures[code].value or 0.0 for code in inside)
    rest = whole.value - known
    if rest < 0:
        raise InputError(
            Problem(
                what=f"the counties' {variable} add up to more than the whole",
                found=f"{known:.6g} {whole.unit}",
                expected=f"at most {whole.value:.6g} {whole.unit} ({rule.of})",
                remedy="correct the table, or drop the 'remainder' rule for this variable",
            )
        )
    # Every county without a figure shares the rest, those too that this rule does not fill.
    parts = [weight.get(code) for code in inside if figures[code].value is None]
    total = sum(part for part in parts if part is not None)
    if None in parts or total <= 0:
        return {}
    return {code: rest * (weight[code] or 0.0) / total for code in gaps if code in inside}
