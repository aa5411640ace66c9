"""The forest's carbon by each route that the run has data for, beside the one that rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.errors import EcoassessError
from ecoassess.units import magnitude

if TYPE_CHECKING:
    from ecoassess.assessment import Runner
    from ecoassess.run import Assessment

COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "quantity", "route", "rules"),
    *("value", "p2.5", "p97.5", "unit", "difference", "difference_percent", "reason"),
]
STOCK, SINK = "tree_carbon_stock", "tree_carbon_increment"
UNITS = {STOCK: "t C", SINK: "t CO2/yr"}

Methods = Mapping[str, Mapping[str, str]]


def forest_routes(assessment: Assessment) -> pd.DataFrame:
    """Return stock and net increment of the trees by route, with intervals and differences.

    The stock by what gives volume or biomass; the increment by each method on the stock that
    rules. A route whose data the run lacks has a row that says so.
    """
    if "forest_sink" not in assessment.outcomes:
        return pd.DataFrame(columns=COLUMNS)
    rows: list[list[object]] = []
    for quantity, routes in _routes(assessment).items():
        amounts, reasons = {}, {}
        for name, methods in routes.items():
            amounts[name], reasons[name] = _amount(assessment.runner, quantity, methods)
        ruling = next(iter(routes))
        for zone in assessment.zones:
            base = _sum(amounts[ruling], zone.weights)
            for name, amount in amounts.items():
                total = _sum(amount, zone.weights)
                known = bool(np.isfinite(total).all())
                why = [r for i in np.flatnonzero(zone.weights) if (r := reasons[name][int(i)])]
                difference = total[0] - base[0]
                rows.append(
                    [
                        *(zone.zoning, zone.code, zone.en, zone.zh, quantity, name),
                        *(name == ruling, total[0]),
                        *(np.quantile(total[1:], (0.025, 0.975)) if known else (np.nan, np.nan)),
                        UNITS[quantity],
                        *(difference, 100 * difference / base[0] if base[0] else np.nan),
                        "" if known else "; ".join(dict.fromkeys(why)),
                    ]
                )
    return pd.DataFrame(rows, columns=COLUMNS)


def _routes(assessment: Assessment) -> dict[str, dict[str, Methods]]:
    """Return the routes by quantity; the first is the one that rules."""
    models = assessment.session.book.models
    config = assessment.session.run.config

    (source,), (biomass,), (increment,) = (
        models[name].chosen(config.methods)
        for name in ("stand_volume", "stand_carbon", "stand_increment")
    )
    stock = {
        f"{volume}, {method}": {
            "stand_volume": {"volume_source": volume},
            "stand_carbon": {"biomass_method": method},
        }
        for volume in models["stand_volume"].methods["volume_source"]
        for method in models["stand_carbon"].methods["biomass_method"]
        if method != "mapped" or volume == source
    }
    sink = {
        method: {"stand_increment": {"increment_method": method}}
        for method in models["stand_increment"].methods["increment_method"]
    }
    first = f"{source}, {biomass}"
    return {
        STOCK: {first: stock.pop(first), **stock},
        SINK: {increment: sink.pop(increment), **sink},
    }


def _amount(runner: Runner, quantity: str, methods: Methods) -> tuple[np.ndarray, list[str]]:
    """Return the amount by draw and atom under other methods; and by atom why there is none."""
    number = len(runner.activity.atom)
    other = runner.with_methods(methods)
    models = runner.book.models
    try:
        if quantity == STOCK:
            result = other.model(models["stand_carbon"], frozenset())
            array = result["aboveground_carbon"] + result["belowground_carbon"]
        else:
            array = other.model(models["stand_increment"], frozenset())["biomass_increment"]
    except EcoassessError as error:
        problem = error.problems[0]
        return np.full((2, number), np.nan), [f"{problem.what}: {problem.found}"] * number
    plain = magnitude(array, UNITS[quantity]).sum("forest_type", skipna=False)
    values: np.ndarray = plain.transpose("draw", "atom").values
    model = models["stand_carbon" if quantity == STOCK else "stand_increment"]
    idle = other.idle(model)
    fields = [field for name, field in other.fields(model).items() if name not in idle]
    reasons = [
        "; ".join(r for f in fields if (r := f.reason[i]) and f.status[i] == "missing")
        for i in range(number)
    ]
    return values, reasons


def _sum(amount: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the sum over a zone by draw; missing where one of its atoms is."""
    members = weights != 0
    total: np.ndarray = amount[:, members] @ weights[members]
    return total
