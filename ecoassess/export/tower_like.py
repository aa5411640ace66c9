"""The forest's exchange by month in the manner of a flux tower, where the run asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecoassess.units import magnitude

if TYPE_CHECKING:
    from ecoassess.run import Assessment

UNIT, PER_AREA = "t C", "t C/ha"
COLUMNS = [
    *("zoning", "adcode", "zone", "zone_zh", "period", "value", "p2.5", "p97.5", "unit"),
    *("value_per_hectare", "per_hectare_unit", "sign"),
]
SIGN = "positive is a source (as a flux tower counts)"


def tower_like(assessment: Assessment) -> pd.DataFrame:
    """Return net ecosystem exchange by zone and month, and of the year, with intervals.

    A run without the forest sink has none.
    """
    if "forest_sink" not in assessment.outcomes:
        return pd.DataFrame(columns=COLUMNS)
    runner = assessment.runner
    model = runner.book.models["ecosystem_exchange"]
    result = runner.model(model, frozenset())["net_ecosystem_exchange"]
    exchange = magnitude(result, "t C/yr").transpose("draw", "atom", "month").values
    exchange = np.concatenate([exchange, exchange.sum(axis=-1, keepdims=True)], axis=-1)
    area = magnitude(runner.variable("stand_area", frozenset()), "ha")
    area = area.isel(draw=0) if "draw" in area.dims else area
    hectares = area.sum("forest_type", skipna=False).values
    year = assessment.session.month.year
    periods = [*(f"{year}-{month:02d}" for month in range(1, 13)), str(year)]
    rows: list[list[object]] = []
    for zone in assessment.zones:
        members = zone.weights != 0
        total = np.einsum("dam,a->dm", exchange[:, members], zone.weights[members])
        size = float(hectares[members] @ zone.weights[members])
        low, high = np.quantile(total[1:], (0.025, 0.975), axis=0)
        rows += [
            [
                *(zone.zoning, zone.code, zone.en, zone.zh, period),
                *(total[0, i], low[i], high[i], UNIT, total[0, i] / size, PER_AREA, SIGN),
            ]
            for i, period in enumerate(periods)
        ]
    return pd.DataFrame(rows, columns=COLUMNS)
