"""The forest's forty years on the configured run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecoassess.calendar import Month
from ecoassess.ledger import net_by_atom
from ecoassess.opening import open_run
from ecoassess.projection import BEYOND, STANDING, project_forest


@pytest.fixture(scope="module")
def table(published: Any) -> pd.DataFrame:
    return project_forest(published.assessment)


def values(table: pd.DataFrame, scenario: str, component: str, code: str = "222400") -> np.ndarray:
    mine = table[
        (table["scenario"] == scenario)
        & (table["component"] == component)
        & (table["adcode"] == code)
        & table["zoning"].isin(["county", "prefecture"])
    ]
    assert list(mine["year"]) == list(range(2024, 2065))
    return mine["value"].to_numpy()


def test_it_starts_with_the_assessed_years_stocks(published: Any, table: pd.DataFrame) -> None:
    rows = published.assessment.rows
    stocks = rows[
        (rows["technology"] == "forest_sink")
        & (rows["zoning"] == "prefecture")
        & (rows["period"] == "2024")
    ].set_index("component")["value"]
    for pool, components in STANDING.items():
        start = values(table, "baseline", pool)[0]
        assert start == pytest.approx(stocks[list(components)].sum(), rel=1e-9)


def test_the_project_is_the_baseline_and_its_measures(table: pd.DataFrame) -> None:
    measures = set(table[table["scenario"] == "project"]["component"])
    measures -= {*STANDING, "total", BEYOND}
    assert measures == {"natural_forest_protection", "forest_restoration", "afforestation"}
    total = values(table, "baseline", "total") + sum(
        values(table, "project", name) for name in measures
    )
    np.testing.assert_allclose(values(table, "project", "total"), total, rtol=1e-12)
    assert (values(table, "project", "natural_forest_protection") == 0).all()


def test_the_next_year_adds_what_an_assessment_of_it_finds(
    published: Any, table: pd.DataFrame
) -> None:
    """Afforestation hangs on no stand of today, so both ways lead to the net of 2025."""
    session = open_run(published.project, published.session.run.path, Month(2025, 6))
    name = "afforestation"
    alone = replace(session, technologies={name: session.technologies[name]})
    assessment = alone.assess()
    amount = net_by_atom(assessment.outcomes[name], assessment.gwp)[0]
    prefecture = next(z for z in assessment.zones if z.zoning == "prefecture")
    brought = values(table, "project", name)
    assert brought[1] - brought[0] == pytest.approx(prefecture.weights @ amount, rel=1e-9)


def test_the_prefecture_is_the_sum_of_its_counties(table: pd.DataFrame) -> None:
    counties = table[(table["zoning"] == "county") & (table["component"] == "total")]
    codes = list(dict.fromkeys(counties["adcode"]))
    total = sum(values(table, "project", "total", code) for code in codes)
    np.testing.assert_allclose(total, values(table, "project", "total"), rtol=1e-9)


def test_what_outgrew_its_curve_is_flagged(table: pd.DataFrame) -> None:
    share = values(table, "baseline", BEYOND)
    assert (np.diff(share) >= 0).all()
    assert 0 < share[0] < share[-1] < 1
