"""ALLOCATE: adoption paths and resource claims → the baseline and the project state.

Adoption comes in cohorts: what was added in each year. A share that falls is a negative cohort,
so that a practice which stops takes its effect back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.book import Book
from ecoassess.equation import Equation, Model
from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.run_config import AdoptionPath, Run
from ecoassess.technology import Technology
from ecoassess.variables import Variable

STATES = ("baseline", "project")

ROUNDING = 1e-9
"""Excess over 1 that sums of shares may have from floating-point arithmetic."""


@dataclass(frozen=True)
class Allocation:
    """Adoption in both states.

    Parameters
    ----------
    adoption
        State → variable → shares added in each year (cohort, label).
    cohort
        The years in which some share changed, and the assessed one, last.
    claims
        One row per resource, label, use and state: the share of the supply it takes.
    unchanged
        Adoption shares that are the same in both states, and why, as the scenario says.
    curtailed
        Adoption shares that were cut to what is left of a resource, and of which.
    """

    adoption: Mapping[str, Mapping[str, xr.DataArray]]
    cohort: np.ndarray
    claims: pd.DataFrame
    unchanged: Mapping[str, str]
    curtailed: Mapping[str, str]


def level(path: AdoptionPath, years: np.ndarray) -> np.ndarray:
    """Return the share in each year: linear between knots, constant after, 0 before the first."""
    knots = np.array([int(year) for year in path.knots])
    shares = np.array(list(path.knots.values()))
    return np.where(years < knots[0], 0.0, np.interp(years, knots, shares))


def allocate(
    run: Run,
    technologies: Iterable[Technology],
    book: Book,
    year: int,
) -> Allocation:
    """Return both states in `year` after checking what they claim against what there is.

    Adoption that a model takes but no technology of the run adopts is in both states as in the
    baseline.

    Raises
    ------
    InputError
        When the scenario lacks or misnames an adoption, or (under `on_excess_claim: refuse`) the
        claims on a resource exceed its supply.
    """
    technologies = list(technologies)
    variables = book.variables
    equations: list[Equation] = [*technologies, *models_of_supply(run, technologies, book)]
    needed = {name for one in equations for name in book.adoptions_behind(one)}
    labels = {name: _labels(run, book, name) for name in needed}
    _check_names(run, needed, variables, labels)
    scenario = run.scenario
    states = {"baseline": scenario.baseline, "project": scenario.project}
    first = [
        int(next(iter(path.knots)))
        for state in states.values()
        for name in needed
        for path in state[name].values()
    ]
    years = np.arange(min([*first, year]), year + 1)
    adoption: dict[str, dict[str, xr.DataArray]] = {
        state: {
            name: _cohorts(paths[name], years, variables[name].by, labels[name])
            for name in sorted(needed)
        }
        for state, paths in states.items()
    }
    arrays = [array for shares in adoption.values() for array in shares.values()]
    moved = years == year
    for array in arrays:
        moved |= (array.values.reshape(len(years), -1) != 0).any(axis=1)
    years = years[moved]
    adoption = {
        state: {name: array.sel(cohort=years) for name, array in shares.items()}
        for state, shares in adoption.items()
    }
    problems = _exclusive_problems(run, adoption, variables)
    claims = _claims(run, technologies, adoption)
    curtailed: dict[str, str] = {}
    for key, users in claims.groupby(["state", "resource", "label"]):
        state, resource, label = (str(part) for part in key)
        total = users["share"].sum()
        if total <= 1 + ROUNDING:
            continue
        if run.config.on_excess_claim == "curtail":
            for name in _curtail(adoption[state], technologies, resource, label, users):
                cut = f"cut to what is left of {resource} ({label}, {state})"
                curtailed[name] = "; ".join(filter(None, [curtailed.get(name), cut]))
            continue
        problems.append(
            run.scenario_document.problem(
                ("resources", resource),
                Problem(
                    what=f"more {resource} is claimed than there is ({state}, {label})",
                    found=f"{total:.3f} of the supply: "
                    + ", ".join(f"{u.use} {u.share:.3f}" for u in users.itertuples()),
                    expected="at most 1",
                    remedy="lower a share, or set 'on_excess_claim: curtail' in the run",
                ),
            )
        )
    raise_if_any(problems)
    return Allocation(
        adoption,
        years,
        _claims(run, technologies, adoption),
        _unchanged(run, adoption),
        curtailed,
    )


def models_of_supply(run: Run, technologies: Iterable[Technology], book: Book) -> Iterator[Model]:
    """Yield the models that say how much there is of the resources that technologies use."""
    used = {name for one in technologies for name in (*one.claims, *one.takes)}
    for name, entry in run.scenario.resources.items():
        for variable in (entry.supply, entry.total) if name in used else ():
            model = book.variables[variable].modelled if variable else None
            if model:
                yield book.models[model]


def _unchanged(run: Run, adoption: Mapping[str, Mapping[str, xr.DataArray]]) -> dict[str, str]:
    """Return why shares that are the same in both states are so."""
    baseline, project = (adoption[state] for state in STATES)
    result = {}
    for name, shares in baseline.items():
        if shares.equals(project[name]):
            paths = run.scenario.project[name].values()
            notes = dict.fromkeys(path.note or path.locator or path.source for path in paths)
            result[name] = "the same in baseline and project: " + ", ".join(notes)
    return result


def _exclusive_problems(
    run: Run,
    adoption: Mapping[str, Mapping[str, xr.DataArray]],
    variables: Mapping[str, Variable],
) -> list[Problem]:
    """Return the years in which practices that exclude each other cover more than everything."""
    problems = []
    for state, shares in adoption.items():
        for name, added in shares.items():
            if not variables[name].exclusive:
                continue
            total = added.sum(str(variables[name].by)).cumsum("cohort")
            if float(total.max()) > 1 + ROUNDING:
                year = int(total["cohort"].values[int(total.values.argmax())])
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


def _check_names(
    run: Run,
    needed: set[str],
    variables: Mapping[str, Variable],
    labels: Mapping[str, list[str]],
) -> None:
    problems = []
    for state in STATES:
        paths: Mapping[str, Mapping[str, AdoptionPath]] = getattr(run.scenario, state)
        for name in sorted(needed - set(paths)):
            problems.append(
                run.scenario_document.problem(
                    (state,),
                    Problem(
                        what=f"the {state} says nothing about '{name}'",
                        remedy=f"add '{name}:' with its knots and source",
                    ),
                )
            )
        for name in paths:
            if not (name in variables and variables[name].adoption):
                adoptable = [n for n, v in variables.items() if v.adoption]
                problems.append(
                    run.scenario_document.problem(
                        (state, name),
                        Problem(
                            what="not an adoption variable",
                            found=name,
                            expected=", ".join(adoptable),
                        ),
                    )
                )
    for state in STATES:
        for name in sorted(needed & set(getattr(run.scenario, state))):
            found = list(getattr(run.scenario, state)[name])
            if set(found) != set(labels[name]):
                problems.append(
                    run.scenario_document.problem(
                        (state, name),
                        Problem(
                            what="a path for each label is needed, and for no other",
                            found=", ".join(found),
                            expected=", ".join(labels[name]),
                        ),
                    )
                )
    raise_if_any(problems)


def _cohorts(
    paths: Mapping[str, AdoptionPath], years: np.ndarray, by: str | None, labels: list[str]
) -> xr.DataArray:
    """Return the shares added in each year; the first cohort is what was there in that year."""
    levels = np.array([level(paths[label], years) for label in labels])
    added = np.diff(levels, axis=1, prepend=0.0)
    array = xr.DataArray(
        added.T,
        dims=("cohort", by or "label"),
        coords={"cohort": years, by or "label": labels},
    )
    return array if by else array.squeeze("label", drop=True)


def _claims(
    run: Run,
    technologies: Iterable[Technology],
    adoption: Mapping[str, Mapping[str, xr.DataArray]],
) -> pd.DataFrame:
    rows = []
    for state in STATES:
        labels: dict[str, list[str]] = {}
        for technology in technologies:
            for resource, names in technology.claims.items():
                first, *others = (adoption[state][name].sum("cohort") for name in names)
                taken = sum(others, first)
                dimension = taken.dims[0] if taken.dims else None
                keys = [str(v) for v in taken[dimension].values] if dimension else ["all"]
                labels.setdefault(resource, keys)
                rows += [
                    (state, resource, key, technology.name, float(share))
                    for key, share in zip(keys, np.atleast_1d(taken.values), strict=True)
                ]
        for resource, entry in run.scenario.resources.items():
            for label, uses in entry.other_uses.items():
                known = labels.get(resource)
                if known is None:
                    continue
                if label not in known:
                    raise InputError(
                        run.scenario_document.problem(
                            ("resources", resource, "other_uses", label),
                            Problem(what="no such label", found=label, expected=", ".join(known)),
                        )
                    )
                rows += [(state, resource, label, use, share) for use, share in uses.items()]
    return pd.DataFrame(rows, columns=["state", "resource", "label", "use", "share"])


def _curtail(
    adoption: dict[str, xr.DataArray],
    technologies: Iterable[Technology],
    resource: str,
    label: str,
    users: pd.DataFrame,
) -> set[str]:
    """Scale the technologies' claims on one label down to what other uses leave; return them."""
    names = {t.name: t.claims[resource] for t in technologies if resource in t.claims}
    claimed = users[users["use"].isin(names)]["share"].sum()
    left = max(0.0, 1.0 - users[~users["use"].isin(names)]["share"].sum())
    shares = {name for each in names.values() for name in each}
    for name in shares:
        array = adoption[name]
        if len(array.dims) == 1:
            adoption[name] = array * (left / claimed)
        else:
            hit = array[array.dims[1]] == label
            adoption[name] = array.where(~hit, array * (left / claimed))
    return shares
