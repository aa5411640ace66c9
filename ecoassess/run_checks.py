"""CHECK: what a run configuration and its scenario name, against what there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ecoassess.errors import Problem
from ecoassess.inputs.catalog import Catalog
from ecoassess.project import Project
from ecoassess.run_config import CHOICES, Datasets, Run


def name_problems(
    run: Run,
    resources: Collection[str],
    table_variables: Collection[str],
    statistics: Mapping[str, Sequence[str]],
) -> list[Problem]:
    """Return choices, resources and statistics that nothing else knows.

    Parameters
    ----------
    resources
        What the technologies claim.
    table_variables
        What the statistics table declares.
    statistics
        Variable of `configs/variables.yaml` → the statistics it names.
    """
    known = [
        (run.document, ("choices", name), "not a choice of the run", name, CHOICES)
        for name in run.config.choices
    ] + [
        (run.scenario_document, ("resources", name), "no technology claims this", name, resources)
        for name in run.scenario.resources
    ]
    problems = [
        document.problem(key, Problem(what, name, ", ".join(expected), "correct the name"))
        for document, key, what, name, expected in known
        if name not in expected
    ]
    problems += [
        run.scenario_document.problem(
            ("resources", resource, key),
            Problem(
                "no such variable", found=name, expected="a variable of configs/variables.yaml"
            ),
        )
        for resource, entry in run.scenario.resources.items()
        for key in ("supply", "total")
        if (name := getattr(entry, key)) is not None and name not in statistics
    ]
    problems += [
        Problem(
            what="a variable names a statistic that the table does not declare",
            file="configs/variables.yaml",
            key=variable,
            found=statistic,
            expected="a variable of the statistics table, as the catalogue declares them",
            remedy="correct the name",
        )
        for variable, names in statistics.items()
        for statistic in names
        if statistic not in table_variables
    ]
    return problems


def run_problems(
    run: Run, catalog: Catalog, sources: Collection[str], tables: list[Any]
) -> list[Problem]:
    """Return what a run and its scenario name that is not there."""
    problems = (
        _layer_problems(run, catalog.project)
        + _change_problems(run, catalog)
        + [
            run.document.problem(
                ("datasets", key),
                Problem(
                    what="no such dataset",
                    found=name,
                    expected=", ".join(catalog.entries),
                    remedy=f"add an entry '{name}:' to datasets/catalog.yaml, or correct the name",
                ),
            )
            for key, name in run.config.datasets.named
            if name not in catalog
        ]
    )
    for choice in CHOICES:
        labels = [
            label
            for table in tables
            for coefficient in (table or {}).values()
            for label in coefficient.labels.get(choice, ())
        ]
        chosen = run.config.choices.get(choice)
        if labels and chosen is not None and chosen not in labels:
            problems.append(
                run.document.problem(
                    ("choices", choice),
                    Problem(
                        what=f"no such {choice}",
                        found=chosen,
                        expected=", ".join(dict.fromkeys(labels)),
                        remedy="correct the name",
                    ),
                )
            )
        if labels and choice not in run.config.choices:
            problems.append(
                run.document.problem(
                    ("choices",),
                    Problem(
                        what="a choice is missing",
                        expected=f"'{choice}:' with one of {', '.join(dict.fromkeys(labels))}",
                        remedy="add it",
                    ),
                )
            )
    table = catalog.entries.get(run.config.datasets.statistics)
    if table is not None:
        problems += _estimate_problems(run, table.variables)
    problems += source_problems(run, sources)
    return problems


def source_problems(run: Run, sources: Collection[str]) -> list[Problem]:
    """Return the paths of a scenario whose source stands nowhere."""
    named: dict[tuple[str | int, ...], str] = {
        ("exogenous", name, "source"): path.source for name, path in run.scenario.exogenous.items()
    }
    for state in ("baseline", "project"):
        for variable, paths in getattr(run.scenario, state).items():
            for label, path in paths.items():
                named[state, variable, label, "source"] = path.source
                for code, own in path.counties.items():
                    key = (state, variable, label, "counties", code, "source")
                    named[key] = own.source or path.source
    return [
        run.scenario_document.problem(
            key,
            Problem(
                what="an adoption path needs a source"
                if key[0] != "exogenous"
                else "an exogenous path needs a source",
                found=source,
                expected="a key of configs/sources.yaml",
                remedy="add the source there and name it here",
            ),
        )
        for key, source in named.items()
        if source not in sources
    ]


def _layer_problems(run: Run, project: Project) -> list[Problem]:
    """Return the layers for which the run names a raster, but which no variable takes."""
    from ecoassess.variables import read_variables

    named = run.config.datasets.layers
    if not named:
        return []
    known = sorted({v.observed for v in read_variables(project).values() if v.observed})
    expected = [*(name for name in Datasets.model_fields), *known]
    return [
        run.document.problem(
            ("datasets", layer),
            Problem(
                what="no variable takes this layer",
                found=layer,
                expected=", ".join(expected),
                remedy="correct the name, or add a variable with "
                f"'observed: {layer}' to configs/variables.yaml",
            ),
        )
        for layer in named
        if layer not in known
    ]


def _change_problems(run: Run, catalog: Catalog) -> list[Problem]:
    """Return what keeps two land-cover maps from being compared."""
    datasets = run.config.datasets
    if datasets.land_cover_earlier is None:
        return [
            run.document.problem(
                ("datasets", "land_change_matrix"),
                Problem(
                    what="a matrix of land-use changes without an earlier land-cover map",
                    expected="land_cover_earlier: a dataset of the catalogue",
                    remedy="name the earlier map, or take the matrix out",
                ),
            )
            for name in [datasets.land_change_matrix]
            if name is not None
        ]
    names = {"land_cover_earlier": datasets.land_cover_earlier, "land_cover": datasets.land_cover}
    entries = {key: catalog.entries[name] for key, name in names.items() if name in catalog}
    problems = [
        catalog.problem(
            names[key],
            "legend",
            Problem(
                what="this dataset is no land-cover map",
                found=f"kind: {entry.kind}, legend: {entry.legend}",
                expected="kind: raster, with a legend of configs/legends",
            ),
        )
        for key, entry in entries.items()
        if entry.kind != "raster" or entry.legend is None
    ]
    years = [entry.year for entry in entries.values()]
    if len(entries) == len(names) and not (
        all(isinstance(year, int) for year in years) and int(years[0] or 0) < int(years[1] or 0)
    ):
        problems.append(
            run.document.problem(
                ("datasets", "land_cover_earlier"),
                Problem(
                    what="the years of the two land-cover maps do not follow each other",
                    found=" and ".join(map(str, years)),
                    expected="'year:' in both catalogue entries, the earlier map's first",
                    remedy="correct the years, or exchange the maps",
                ),
            )
        )
    if datasets.land_change_matrix is None:
        problems += [
            catalog.problem(
                names[key],
                "accuracy",
                Problem(
                    what="how good this land-cover map is stands nowhere, so its changes may be "
                    "nothing but errors",
                    expected="'accuracy:' here (overall, 0 to 1), or a sample of the changes: "
                    "'land_change_matrix:' in the run",
                    remedy="add one of the two",
                ),
            )
            for key, entry in entries.items()
            if entry.accuracy is None
        ]
    return problems


def _estimate_problems(run: Run, variables: Mapping[str, Any]) -> list[Problem]:
    """Return the estimates that name a statistic which the table does not declare."""
    named: list[tuple[tuple[str | int, ...], str]] = []
    for statistic, rules in run.config.estimates.items():
        named.append((("estimates", statistic), statistic))
        for number, rule in enumerate(rules):
            if rule.weight and not rule.weight.startswith("class:"):
                named.append((("estimates", statistic, number, "weight"), rule.weight))
    return [
        run.document.problem(
            key,
            Problem(
                what="an estimate with a statistic that does not exist",
                found=name,
                expected="a variable of the statistics table, as the catalogue declares them",
                remedy="correct the name",
            ),
        )
        for key, name in named
        if name not in variables
    ]
