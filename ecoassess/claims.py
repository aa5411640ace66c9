"""CLAIM: what technologies take of shared resources, in shares and in amounts.

A technology claims a share of a resource by an adoption share (`claims`), or takes an amount that
follows from what it does (`takes`): the straw in pellets, the roof under solar collectors. Claims
are checked when the scenario is allocated; what is taken is known once the models have run, and is
checked here, over the whole region, since straw and gas are carried from county to county.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.allocation import ALL, EVERYWHERE, ROUNDING, STATES, allocate, rule_of
from ecoassess.errors import Problem, raise_if_any
from ecoassess.units import compatible, magnitude

if TYPE_CHECKING:
    from ecoassess.assessment import Runner
    from ecoassess.book import Book
    from ecoassess.run_config import Run
    from ecoassess.scenario import Resource
    from ecoassess.technology import Technology


def central_amounts(
    runner: Runner, name: str, state: str, unit: str | None = None
) -> dict[str, np.ndarray]:
    """Return the central amount of a variable over the year, label → array (atom).

    In the variable's own unit, or in `unit`.
    """
    variables = runner.book.variables
    adopted = frozenset(n for n, v in variables.items() if v.adoption and state == "project")
    value = magnitude(runner.variable(name, adopted), unit or variables[name].unit)
    value = value.isel(draw=0, drop=True) if "draw" in value.dims else value
    value = value.sum("month", skipna=False) if "month" in value.dims else value
    labels = [d for d in value.dims if d != "atom"]
    if not labels:
        return {ALL: np.asarray(value.values)}
    return {str(k): np.asarray(value.sel({labels[0]: k}).values) for k in value[labels[0]].values}


def uses(technology: Technology, resource: str) -> Iterator[tuple[str, str]]:
    """Yield use and variable of what a technology takes of a resource."""
    names = technology.takes[resource]
    for name in names:
        yield technology.name if len(names) == 1 else f"{technology.name}: {name}", name


def taken(runner: Runner, resources: Mapping[str, Resource]) -> pd.DataFrame:
    """Return a row per state, resource, label and use of what is taken as an amount.

    `share` is of the supply of the region's counties that have data of both; it is missing where
    the scenario names no supply.
    """
    rows = []
    inside = np.isin(runner.activity.adcode, list(runner.config.counties))
    for state in STATES:
        for technology in runner.technologies:
            for resource in technology.takes:
                of = getattr(resources.get(resource), "supply", None)
                unit = runner.book.variables[of].unit if of else None
                supply = central_amounts(runner, of, state) if of else {}
                for use, name in uses(technology, resource):
                    for label, amount in central_amounts(runner, name, state, unit).items():
                        there = supply.get(label, np.full(len(amount), np.nan))
                        known = inside & np.isfinite(amount) & np.isfinite(there)
                        whole = there[known].sum()
                        share = amount[known].sum() / whole if whole > 0 else np.nan
                        rows.append((state, resource, label, use, share))
    return pd.DataFrame(rows, columns=["state", "resource", "label", "use", "share"])


def claimed(runner: Runner, resources: Mapping[str, Resource]) -> pd.DataFrame:
    """Return a row per state, resource, label and use of what is claimed, as `taken`.

    Where counties differ, the region's share is that of its supply: Σ share · supply / Σ supply.
    """
    claims = runner.allocation.claims
    alike = claims[claims["adcode"] == EVERYWHERE]
    inside = np.isin(runner.activity.adcode, list(runner.config.counties))
    rows = []
    keys = ["state", "resource", "label", "use"]
    for key, own in claims[claims["adcode"] != EVERYWHERE].groupby(keys, sort=False):
        state, resource, label, _ = (str(part) for part in key)
        of = getattr(resources.get(resource), "supply", None)
        supply = central_amounts(runner, of, state).get(label) if of else None
        share = own.set_index("adcode")["share"].reindex(runner.activity.adcode).to_numpy()
        total = np.nan
        if supply is not None:
            known = inside & np.isfinite(supply)
            total = (share[known] @ supply[known]) / supply[known].sum()
        rows.append((*key, total))
    by_county = [pd.DataFrame(rows, columns=[*keys, "share"])] if rows else []
    return pd.concat([alike[[*keys, "share"]], *by_county], ignore_index=True)


def make_room(run: Run, runner: Runner) -> Runner:
    """Return a runner whose claims are cut to what the amounts that are taken leave.

    Amounts come first, since they follow from what is done elsewhere: the straw in pellets from
    heating. Only resources whose rule is to cut are cut; in years before, the amounts count as in
    the runner's year.
    """
    resources = dict(run.scenario.resources)
    of = {r for one in runner.technologies for r in one.takes if rule_of(run, r) != "refuse"}
    if not of:
        return runner
    amounts = taken(runner, resources)
    keys = ["state", "resource", "label"]
    total = pd.concat([claimed(runner, resources), amounts]).groupby(keys)["share"].sum()
    over = {
        (str(row.state), str(row.resource), str(row.label)): float(row.share)
        for row in amounts.groupby(keys, as_index=False)["share"].sum().itertuples()
        if row.resource in of and total[row.state, row.resource, row.label] > 1 + ROUNDING
    }
    if not over:
        return runner
    allocation = allocate(run, runner.technologies, runner.book, runner.year, over)
    return runner.at(runner.year, allocation)


def unit_problems(run: Run, book: Book, technologies: Iterable[Technology]) -> Iterator[Problem]:
    """Yield amounts that are in another unit or have other labels than the supply of a resource."""
    for technology in technologies:
        for resource, names in technology.takes.items():
            supply = getattr(run.scenario.resources.get(resource), "supply", None)
            for name in names if supply else ():
                taken, there = book.variables[name], book.variables[str(supply)]
                if not compatible(taken.unit, there.unit) or taken.by != there.by:
                    yield run.scenario_document.problem(
                        ("resources", resource, "supply"),
                        Problem(
                            what=f"{technology.name} takes {name} of what is measured otherwise",
                            found=f"{there.unit} by {there.by}",
                            expected=f"{taken.unit} by {taken.by}",
                            remedy="name a supply in that unit and by that label",
                        ),
                    )


def _remedy(state: str, users: Iterable[str], runner: Runner, rule: str) -> str:
    names = dict.fromkeys(use.partition(":")[0] for use in users)
    known = [name for name in names if name in runner.before]
    if state == "baseline":
        return (
            "what is used today exceeds the supply: correct the supply, today's use by "
            + ", ".join(known)
            + ", or the other uses of the scenario"
        )
    cut = (
        "" if rule == "refuse" else f" (the rule '{rule}' cuts claims, not amounts that are taken)"
    )
    return "lower the adoption of one of: " + ", ".join(known) + cut


def check_taken(run: Run, runner: Runner) -> None:
    """Refuse amounts that, with the claims of the scenario, exceed a supply.

    Raises
    ------
    InputError
        Naming the resource, each use and its share.
    """
    resources, year = dict(run.scenario.resources), runner.year
    amounts = taken(runner, resources)
    both = pd.concat([claimed(runner, resources), amounts])
    problems = []
    for key, users in both.groupby(["state", "resource", "label"], sort=False):
        state, resource, label = (str(part) for part in key)
        measured = amounts.query("state == @state and resource == @resource and label == @label")
        total = users["share"].sum()
        if measured.empty or total <= 1 + ROUNDING:
            continue
        problems.append(
            run.scenario_document.problem(
                ("resources", resource),
                Problem(
                    what=f"more {resource} is taken than there is ({state} of {year}, {label})",
                    found=f"{total:.3f} of the supply: "
                    + ", ".join(f"{u.use} {u.share:.3f}" for u in users.itertuples()),
                    expected="at most 1",
                    remedy=_remedy(state, users["use"], runner, rule_of(run, resource)),
                ),
            )
        )
    raise_if_any(problems)
