"""ALLOCATE: adoption paths and resource claims → the baseline and the project state.

Adoption comes in cohorts: what was added in each year. A share that falls is a negative cohort,
so that a practice which stops takes its effect back. Where a county has a path of its own, a share
has the dimension `adcode`, and what is claimed is counted county by county.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.book import Book
from ecoassess.equation import Equation, Model
from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.exogenous import Moved
from ecoassess.run_config import Run
from ecoassess.scenario import AdoptionPath, Rule, level
from ecoassess.scenario_checks import scenario_problems
from ecoassess.technology import Technology
from ecoassess.variables import Variable

STATES = ("baseline", "project")

ROUNDING = 1e-9
"""Excess over 1 that sums of shares may have from floating-point arithmetic."""

ALL = "all"
"""Label of a resource that has none."""

EVERYWHERE = ""
"""County code of a claim that is the same in all counties."""

CLAIM_COLUMNS = ["state", "resource", "label", "adcode", "use", "claimed", "share", "rule"]

Shares = dict[str, xr.DataArray]


@dataclass(frozen=True)
class Allocation:
    """Adoption in both states.

    Parameters
    ----------
    adoption
        State → variable → shares added in each year (cohort, label, and adcode where counties
        differ).
    cohort
        The years in which some share changed, and the assessed one, last.
    claims
        One row per resource, label, use and state: the share of the supply that is claimed, and
        the one that is given. `adcode` is empty where all counties have the same.
    unchanged
        Adoption shares that are the same in both states, and why, as the scenario says.
    curtailed
        Adoption shares that were cut to what is left of a resource, and of which.
    exogenous
        Datum or coefficient that the scenario moves → its path in the assessed year.
    """

    adoption: Mapping[str, Mapping[str, xr.DataArray]]
    cohort: np.ndarray
    claims: pd.DataFrame
    unchanged: Mapping[str, str]
    curtailed: Mapping[str, str]
    exogenous: Mapping[str, Moved] = field(default_factory=dict)


def allocate(
    run: Run,
    technologies: Iterable[Technology],
    book: Book,
    year: int,
    reserved: Mapping[tuple[str, str, str], float] | None = None,
) -> Allocation:
    """Return both states in `year` after checking what they claim against what there is.

    Adoption that a model takes but no technology of the run adopts is in both states as in the
    baseline.

    Parameters
    ----------
    reserved
        State, resource and label → share of the supply that is taken as an amount and comes first.

    Raises
    ------
    InputError
        When the scenario lacks or misnames an adoption, a county or an exogenous path, or (where
        the rule of a resource is to refuse) the claims on it exceed its supply.
    """
    technologies = list(technologies)
    variables = book.variables
    equations: list[Equation] = [*technologies, *models_of_supply(run, technologies, book)]
    needed = {name for one in equations for name in book.adoptions_behind(one)}
    labels = {name: _labels(run, book, name) for name in needed}
    raise_if_any(list(scenario_problems(run, book, labels)))
    states = {state: run.scenario.paths(state) for state in STATES}
    first = [
        int(next(iter(curve.knots)))
        for paths in states.values()
        for name in needed
        for path in paths[name].values()
        for curve in (path, *path.counties.values())
    ]
    years = np.arange(min([*first, year]), year + 1)
    levels: dict[str, Shares] = {
        state: {
            name: _levels(run, paths[name], years, variables[name].by, labels[name])
            for name in sorted(needed)
        }
        for state, paths in states.items()
    }
    problems = _exclusive_problems(run, levels, variables)
    claims: list[pd.DataFrame] = []
    curtailed: dict[str, str] = {}
    for state in STATES:
        for resource in dict.fromkeys(r for one in technologies for r in one.claims):
            rule = rule_of(run, resource)
            users = {t.name: t.claims[resource] for t in technologies if resource in t.claims}
            shares = levels[state]
            asked = {
                use: _sum(_labelled(shares[name]) for name in names) for use, names in users.items()
            }
            first_come = {} if reserved is None else reserved
            left = _left(run, state, resource, asked, first_come)
            given = _given(asked, left, rule)
            for use, names in users.items():
                for name in names:
                    shares[name], where = _cut(shares[name], asked[use], given[use], year)
                    if where:
                        cut = f"cut to what is left of {resource} ({where}, {state})"
                        curtailed[name] = "; ".join(filter(None, [curtailed.get(name), cut]))
            table = _claims(run, state, resource, rule, asked, given, year)
            claims.append(table)
            problems += _excess_problems(run, state, resource, table)
    raise_if_any(problems)
    adoption, cohort = _cohorts(levels, years)
    return Allocation(
        adoption,
        cohort,
        pd.concat(claims, ignore_index=True) if claims else pd.DataFrame(columns=CLAIM_COLUMNS),
        _unchanged(run, adoption),
        curtailed,
        {name: Moved(path, year) for name, path in run.scenario.exogenous.items()},
    )


def rule_of(run: Run, resource: str) -> Rule:
    """Return what happens when more of a resource is claimed than there is."""
    entry = run.scenario.resources.get(resource)
    return (entry.on_excess if entry else None) or run.config.on_excess_claim


def granted(
    asked: Mapping[str, xr.DataArray], left: xr.DataArray, rule: Rule
) -> dict[str, xr.DataArray]:
    """Return what each technology is given of the share that other uses leave.

    proportional
        All claims by the same factor, left / Σ claims, where they exceed what is left.
    order
        The smaller of the claim and of what those before it leave, in the order of `asked`.
    refuse
        All that they claim: the excess is a problem of its own.
    """
    if rule == "order":
        given: dict[str, xr.DataArray] = {}
        for use, claim in asked.items():
            given[use] = claim.where(claim <= left, left)
            left = left - given[use]
        return given
    if rule == "proportional":
        total = _sum(asked.values())
        excess = total > left + ROUNDING
        factor = (left / total.where(excess, 1)).where(excess, 1)
        return {use: claim * factor for use, claim in asked.items()}
    return dict(asked)


def models_of_supply(run: Run, technologies: Iterable[Technology], book: Book) -> Iterator[Model]:
    """Yield the models that say how much there is of the resources that technologies use."""
    used = {name for one in technologies for name in (*one.claims, *one.takes)}
    for name, entry in run.scenario.resources.items():
        for variable in (entry.supply, entry.total) if name in used else ():
            model = book.variables[variable].modelled if variable else None
            if model:
                yield book.models[model]


def _sum(arrays: Iterable[xr.DataArray]) -> xr.DataArray:
    first, *others = arrays
    return sum(others, first)


def _labelled(share: xr.DataArray) -> xr.DataArray:
    """Return a share with its labels as `label`, whatever kind they are; `ALL` where it has none.

    Technologies that share a resource may name its parts by other dimensions: land is a planting
    site to one and a solar site to another.
    """
    dimension = _label_dimension(share)
    return share.rename({dimension: "label"}) if dimension else share.expand_dims(label=[ALL])


def _label_dimension(share: xr.DataArray) -> str | None:
    return next((str(d) for d in share.dims if d not in ("year", "adcode")), None)


def _left(
    run: Run,
    state: str,
    resource: str,
    asked: Mapping[str, xr.DataArray],
    reserved: Mapping[tuple[str, str, str], float],
) -> xr.DataArray:
    """Return the share of a resource that other uses and reserved amounts leave, by label.

    Raises
    ------
    InputError
        When an other use names a label that no technology's claim has.
    """
    entry = run.scenario.resources.get(resource)
    labels = (str(label) for array in asked.values() for label in array["label"].values)
    taken = {label: reserved.get((state, resource, label), 0.0) for label in labels}
    for label, uses in (entry.other_uses if entry else {}).items():
        if label not in taken:
            raise InputError(
                run.scenario_document.problem(
                    ("resources", resource, "other_uses", label),
                    Problem(what="no such label", found=label, expected=", ".join(taken)),
                )
            )
        taken[label] += sum(uses.values())
    left = np.maximum(0.0, 1.0 - np.array(list(taken.values())))
    return xr.DataArray(left, {"label": list(taken)}, ("label",))


def _given(
    asked: Mapping[str, xr.DataArray], left: xr.DataArray, rule: Rule
) -> dict[str, xr.DataArray]:
    """Return what each technology is given of the labels that it claims."""
    every = left["label"].values
    whole = {use: claim.reindex(label=every, fill_value=0.0) for use, claim in asked.items()}
    given = granted(whole, left, rule)
    return {use: given[use].sel(label=claim["label"]) for use, claim in asked.items()}


def _cut(
    share: xr.DataArray, asked: xr.DataArray, given: xr.DataArray, year: int
) -> tuple[xr.DataArray, str]:
    """Return an adoption share as far as its technology's claim was given, and where it was cut."""
    less = given < asked
    if not bool(less.any()):
        return share, ""
    factor = (given / asked.where(less, 1)).where(less, 1)
    dimension = _label_dimension(share)
    factor = factor.rename(label=dimension) if dimension else factor.isel(label=0, drop=True)
    now = less.sel(year=year).transpose("label", ...).to_series()
    where = [key if isinstance(key, tuple) else (key,) for key, cut in now.items() if cut]
    return (share * factor).transpose("year", ...), "; ".join(", ".join(key) for key in where)


def _claims(
    run: Run,
    state: str,
    resource: str,
    rule: Rule,
    asked: Mapping[str, xr.DataArray],
    given: Mapping[str, xr.DataArray],
    year: int,
) -> pd.DataFrame:
    """Return who claims what of a resource in the assessed year, and what is given."""
    differing = any("adcode" in array.dims for array in asked.values())
    entry = run.scenario.resources.get(resource)
    others = entry.other_uses if entry else {}
    rows: list[tuple[object, ...]] = []
    for place in run.config.all_counties if differing else [EVERYWHERE]:
        for use in asked:
            pair = [array.sel(year=year) for array in (asked[use], given[use])]
            pair = [array.sel(adcode=place) if "adcode" in array.dims else array for array in pair]
            for label in map(str, asked[use]["label"].values):
                shares = (float(array.sel(label=label)) for array in pair)
                rows.append((state, resource, label, place, use, *shares, rule))
        for label, uses in others.items():
            rows += [(state, resource, label, place, use, s, s, rule) for use, s in uses.items()]
    return pd.DataFrame(rows, columns=CLAIM_COLUMNS)


def _excess_problems(
    run: Run, state: str, resource: str, claims: pd.DataFrame
) -> Iterator[Problem]:
    """Yield the labels, and counties, of which more is given than there is."""
    for key, users in claims.groupby(["label", "adcode"], sort=True):
        place = ", ".join(str(part) for part in key if part)
        total = users["share"].sum()
        if total > 1 + ROUNDING:
            yield run.scenario_document.problem(
                ("resources", resource),
                Problem(
                    what=f"more {resource} is claimed than there is ({state}, {place})",
                    found=f"{total:.3f} of the supply: "
                    + ", ".join(f"{u.use} {u.share:.3f}" for u in users.itertuples()),
                    expected="at most 1",
                    remedy="lower a share, or set 'on_excess: proportional' (or order) here",
                ),
            )


def _cohorts(
    levels: Mapping[str, Shares], years: np.ndarray
) -> tuple[dict[str, Shares], np.ndarray]:
    """Return the shares added in each year in which some share changed, and these years.

    The first cohort is what was there in that year; the assessed year is always one.
    """
    added = {
        state: {
            name: array.copy(data=np.diff(array.values, axis=0, prepend=0.0)).rename(year="cohort")
            for name, array in shares.items()
        }
        for state, shares in levels.items()
    }
    moved = years == years[-1]
    for shares in added.values():
        for array in shares.values():
            moved |= (array.values.reshape(len(years), -1) != 0).any(axis=1)
    cohort = years[moved]
    adoption = {
        state: {name: array.sel(cohort=cohort) for name, array in shares.items()}
        for state, shares in added.items()
    }
    return adoption, cohort


def _unchanged(run: Run, adoption: Mapping[str, Mapping[str, xr.DataArray]]) -> dict[str, str]:
    """Return why shares that are the same in both states are so."""
    baseline, project = (adoption[state] for state in STATES)
    result = {}
    for name, shares in baseline.items():
        if shares.equals(project[name]):
            paths = run.scenario.paths("project")[name].values()
            notes = dict.fromkeys(path.note or path.locator or path.source for path in paths)
            result[name] = "the same in baseline and project: " + ", ".join(notes)
    return result


def _exclusive_problems(
    run: Run,
    levels: Mapping[str, Mapping[str, xr.DataArray]],
    variables: Mapping[str, Variable],
) -> list[Problem]:
    """Return the years in which practices that exclude each other cover more than everything."""
    problems = []
    for state, shares in levels.items():
        for name, array in shares.items():
            if not variables[name].exclusive:
                continue
            total = array.sum(str(variables[name].by))
            total = total.max("adcode") if "adcode" in total.dims else total
            if float(total.max()) > 1 + ROUNDING:
                year = int(total["year"].values[int(total.values.argmax())])
                problems.append(
                    run.scenario_document.problem(
                        (state, name),
                        Problem(
                            what="practices that exclude each other cover more than everything",
                            found=f"{float(total.max()):.3f} in {year}",
                            expected="at most 1 in all",
                            remedy="lower a share",
                        ),
                    )
                )
    return problems


def _labels(run: Run, book: Book, name: str) -> list[str]:
    """Return the labels of an adoption share: those of data or coefficients, or the scenario's."""
    by = book.variables[name].by
    return (book.labels(by) if by else []) or list(run.scenario.baseline.get(name, {}))


def _levels(
    run: Run,
    paths: Mapping[str, AdoptionPath],
    years: np.ndarray,
    by: str | None,
    labels: Sequence[str],
) -> xr.DataArray:
    """Return the shares in each year, by label, and by county where some county differs."""
    dimension = by or "label"
    if any(paths[label].counties for label in labels):
        counties = run.config.all_counties
        values = [
            [level(paths[label].counties.get(code, paths[label]), years) for code in counties]
            for label in labels
        ]
        array = xr.DataArray(
            values,
            {dimension: list(labels), "adcode": counties, "year": years},
            (dimension, "adcode", "year"),
        )
    else:
        array = xr.DataArray(
            [level(paths[label], years) for label in labels],
            {dimension: list(labels), "year": years},
            (dimension, "year"),
        )
    array = array.transpose("year", ...)
    return array if by else array.squeeze("label", drop=True)
