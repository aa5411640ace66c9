"""Totals by account, by hand: two atoms, one zone each and one of both, four technologies."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecoassess.assessment import Outcome
from ecoassess.calendar import Month
from ecoassess.technology import Component, Technology
from ecoassess.totals import totals
from ecoassess.zones import Zone

GWP = {"CO2": 1.0, "CH4_biogenic": 27.0, "CH4_fossil": 29.8, "N2O": 273.0}
ZONES = [
    Zone("county", "1", "One", "一", np.array([1.0, 0.0])),
    Zone("county", "2", "Two", "二", np.array([0.0, 1.0])),
    Zone("prefecture", "0", "Both", "全", np.array([1.0, 1.0])),
]
ATOMS = {"atom": [1, 2]}


def outcome(
    name: str, amounts: dict[str, Any], joint: bool = False, **components: Component
) -> Any:
    """Return an outcome whose amounts (draw, atom) are spread evenly over the months."""
    technology = Technology(name, dict, "物", sector="sector", components=components, joint=joint)
    even = xr.DataArray(
        np.full((2, 12), 1 / 12),
        dims=("atom", "month"),
        coords={**ATOMS, "month": np.arange(1, 13)},
    )
    arrays = {
        name: xr.DataArray(
            np.array(values, dtype=float),
            dims=("draw", "atom"),
            coords={**ATOMS, "draw": np.arange(len(values))},
        )
        for name, values in amounts.items()
    }
    notes = (["measured"] * 2, ["A", "A"], ["", ""])
    return Outcome(technology, arrays, dict.fromkeys(components, even), {}, *notes)


def component(unit: str, account: Any, basis: Any = "effect", **more: Any) -> Component:
    return Component(unit, basis=basis, account=account, zh="x", month_share="m", **more)


@pytest.fixture
def table() -> pd.DataFrame:
    """Draw 0 is the central value; two draws follow."""
    outcomes = {
        "first": outcome(
            "first",
            {"gas": [[10, 20], [8, 16], [12, 24]], "dust": [[1, 2], [1, 2], [1, 2]]},
            gas=component("t CO2/yr", "reduction"),
            dust=component("t PM2_5/yr", "co_benefit"),
        ),
        "second": outcome(
            "second",
            {"gas": [[5, np.nan], [7, np.nan], [3, np.nan]]},
            gas=component("t CO2/yr", "reduction"),
        ),
        "standing": outcome(
            "standing",
            {"uptake": [[100, 100], [90, 90], [110, 110]]},
            uptake=component("t CO2/yr", "removal", basis="inventory"),
        ),
        "again": outcome(
            "again",
            {"dust": [[1, 2], [1, 2], [1, 2]], "soot": [[3, 4], [3, 4], [3, 4]]},
            joint=True,
            dust=component("t PM2_5/yr", "co_benefit"),
            soot=component("t CO/yr", "co_benefit"),
        ),
    }
    session = SimpleNamespace(month=Month(2024, 6))
    return totals(
        SimpleNamespace(outcomes=outcomes, gwp=GWP, zones=ZONES, session=session)  # type: ignore[arg-type]
    )


def year(table: pd.DataFrame, adcode: str, **labels: str) -> dict[str, Any]:
    chosen = table[(table["adcode"] == adcode) & (table["period"] == "2024")]
    for column, value in labels.items():
        chosen = chosen[chosen[column] == value]
    (row,) = chosen.to_dict("records")
    return row


def test_draws_are_summed_before_the_interval(table: pd.DataFrame) -> None:
    """County 1: 10 + 5; draws 8 + 7 and 12 + 3 are both 15, so that the sum is certain."""
    row = year(table, "1", account="reduction")
    assert row["value"] == pytest.approx(15)
    assert row["sd"] == pytest.approx(0, abs=1e-12)
    assert (row["p2.5"], row["p97.5"]) == pytest.approx((15, 15))
    assert (row["technologies"], row["without_data"]) == (2, "")


def test_a_county_without_data_is_left_out_by_name(table: pd.DataFrame) -> None:
    """County 2 has the first alone: 20. The prefecture sums what there is: 15 + 20."""
    row = year(table, "2", account="reduction")
    assert (row["value"], row["technologies"]) == (pytest.approx(20), 1)
    assert row["without_data"] == "second"
    assert year(table, "0", account="reduction")["value"] == pytest.approx(35)


def test_inventory_and_effect_stand_apart(table: pd.DataFrame) -> None:
    row = year(table, "0", account="removal")
    assert (row["basis"], row["value"]) == ("inventory", pytest.approx(200))
    assert table["basis"].isin(["inventory", "effect"]).all()


def test_a_joint_account_repeats_nothing(table: pd.DataFrame) -> None:
    """Dust is the first's already; soot is told by the joint technology alone."""
    dust, soot = (year(table, "0", benefit=name) for name in ("dust", "soot"))
    assert (dust["value"], dust["technologies"]) == (pytest.approx(3), 1)
    assert (soot["value"], soot["technologies"]) == (pytest.approx(7), 1)
    assert soot["unit"] == "t CO"


def test_a_month_is_a_twelfth(table: pd.DataFrame) -> None:
    june = table[(table["period"] == "2024-06") & (table["adcode"] == "1")]
    (value,) = june[june["account"] == "reduction"]["value"]
    assert value == pytest.approx(15 / 12)
