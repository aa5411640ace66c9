"""The ledger by hand, on two atoms: GWPs, months, stocks, nets, zones and quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecoassess import ledger
from ecoassess.assessment import Outcome, native_unit
from ecoassess.calendar import Month
from ecoassess.technology import Component, Technology
from ecoassess.zones import Zone

GWP = {"CO2": 1.0, "CH4_biogenic": 27.0, "CH4_fossil": 29.8, "N2O": 273.0}
FLUX = {"basis": "effect", "account": "removal", "zh": "x"}


def function() -> dict[str, xr.DataArray]:
    """Stand in for an equation."""
    return {}


def technology(**components: Component) -> Technology:
    return Technology("thing", function, "物", sector="sector", components=components)


def array(values: Any, *extra: str, **labels: list[str]) -> xr.DataArray:
    """Return an array (draw, atom, ...) with atoms numbered from 1."""
    data = np.array(values, dtype=float)
    return xr.DataArray(
        data,
        dims=("draw", "atom", *extra),
        coords={"draw": np.arange(len(data)), "atom": np.arange(1, data.shape[1] + 1), **labels},
    )


def share(months: list[float]) -> xr.DataArray:
    """Return the same month shares for two atoms."""
    return xr.DataArray(
        [months, months],
        dims=("atom", "month"),
        coords={"atom": [1, 2], "month": np.arange(1, 13)},
    )


def outcome(
    tech: Technology,
    amounts: dict[str, xr.DataArray],
    shares: dict[str, xr.DataArray] | None = None,
) -> Outcome:
    return Outcome(tech, amounts, shares or {}, {}, ["measured"] * 2, ["A", "B"], ["", ""])


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("t CO2/yr", 1.0),
        ("kg CO2/yr", 1e-3),
        ("t C/yr", 44 / 12),
        ("t N2O/yr", 273.0),
        ("t N2O_N/yr", 273.0 * 44 / 28),
        ("t CH4_biogenic/yr", 27.0),
        ("kg CH4_fossil/yr", 29.8e-3),
    ],
)
def test_the_warming_potential_is_applied_once(unit: str, factor: float) -> None:
    component = Component(unit, month_share="m", **FLUX)
    assert ledger.co2e_factor(component, GWP) == pytest.approx(factor)
    # 10 of the unit in all, spread over the months
    found = outcome(
        technology(gas=component), {"gas": array([[4, 6]])}, {"gas": share([1 / 12] * 12)}
    )
    whole, net = ledger.lines(found, GWP)
    assert whole.amount.sum() == pytest.approx(10 * factor)
    assert net.amount.sum() == pytest.approx(10 * factor)
    assert whole.native == pytest.approx(1 / factor)
    assert whole.native_unit == unit.removesuffix("/yr") == native_unit(component)


def test_a_stock_counts_back_from_the_end_of_the_year() -> None:
    """Two atoms at 100 and 50 t C on 31 December; they took up 12 and 0 t C in the year.

    With a tenth of the uptake in January and nine tenths in June, atom 1 stood at
    100 − 0.9 · 12 = 89.2 t C from January to May and at 100 from June on.
    """
    tech = technology(
        stock=Component("t C", kind="stock", stock_of="uptake", **FLUX),
        uptake=Component("t C/yr", month_share="m", **FLUX),
    )
    months = share([0.1, 0, 0, 0, 0, 0.9, 0, 0, 0, 0, 0, 0])
    found = outcome(
        tech, {"stock": array([[100, 50]]), "uptake": array([[12, 0]])}, {"uptake": months}
    )
    stock, uptake, net = ledger.lines(found, GWP)
    factor = 44 / 12
    expected = np.array([[89.2] * 5 + [100] * 7, [50] * 12]) * factor
    np.testing.assert_allclose(stock.amount[0], expected)
    np.testing.assert_allclose(uptake.amount[0, 0], np.array(months)[0] * 12 * factor)
    np.testing.assert_allclose(net.amount, uptake.amount)  # a stock is no part of a net
    assert (stock.kind, net.kind) == ("stock", "flux")


def test_a_stock_that_nothing_changes_stands_still() -> None:
    tech = technology(stock=Component("t C", kind="stock", **FLUX))
    (stock,) = ledger.lines(outcome(tech, {"stock": array([[100, 50]])}), GWP)
    np.testing.assert_allclose(stock.amount[0], np.array([[100] * 12, [50] * 12]) * 44 / 12)


def test_nets_add_within_a_boundary_and_leave_co_benefits_out() -> None:
    flux = {"basis": "effect", "zh": "x", "month_share": "m"}
    tech = technology(
        gain=Component("t CO2/yr", account="removal", **flux),
        loss=Component("t N2O/yr", account="side_effect", **flux),
        other=Component("t CO2/yr", account="co_benefit", **flux),
        made=Component("t CO2/yr", account="side_effect", boundary="embodied", **flux),
    )
    amounts = {
        "gain": array([[1000, 500]]),
        "loss": array([[-1, -2]]),
        "other": array([[7, 7]]),
        "made": array([[-30, -40]]),
    }
    found = outcome(tech, amounts, dict.fromkeys(amounts, share([0.5, 0.5] + [0] * 10)))
    nets = {
        line.boundary: line.amount.sum(axis=2)[0]
        for line in ledger.lines(found, GWP)
        if line.component == ledger.NET
    }
    # 1000 − 273 and 500 − 546; embodied stays apart
    np.testing.assert_allclose(nets["territorial"], [727, -46])
    np.testing.assert_allclose(nets["embodied"], [-30, -40])
    np.testing.assert_allclose(ledger.net_by_atom(found, GWP)[0], [727, -46])


def test_co_benefits_alone_have_no_net() -> None:
    flux = {"basis": "effect", "zh": "x", "month_share": "m", "account": "co_benefit"}
    tech = technology(soot=Component("t PM2_5/yr", **flux), gas=Component("t CO/yr", **flux))
    amounts = {"soot": array([[1, 2]]), "gas": array([[3, 4]])}
    found = outcome(tech, amounts, dict.fromkeys(amounts, share([1] + [0] * 11)))
    told = list(ledger.lines(found, GWP))
    assert tech.nets == ()
    assert [(line.component, line.unit, line.gas) for line in told] == [
        ("soot", "t PM2_5", "PM2_5"),
        ("gas", "t CO", "CO"),
    ]


def test_what_is_only_embodied_has_a_net_of_its_own_boundary() -> None:
    flux = {"basis": "effect", "zh": "x", "month_share": "m", "account": "side_effect"}
    tech = technology(made=Component("t CO2/yr", boundary="embodied", **flux))
    found = outcome(tech, {"made": array([[-3, -4]])}, {"made": share([1] + [0] * 11)})
    assert tech.nets == ("embodied",)
    nets = [line for line in ledger.lines(found, GWP) if line.component == ledger.NET]
    assert [line.boundary for line in nets] == ["embodied"]


def test_labels_become_parts_that_add_up() -> None:
    tech = technology(gain=Component("t CO2/yr", month_share="m", **FLUX))
    amount = array([[[1, 2], [3, 4]]], "crop", crop=["maize", "rice"])
    found = outcome(tech, {"gain": amount}, {"gain": share([1] + [0] * 11)})
    by_name = {line.component: line.amount[0, :, 0] for line in ledger.lines(found, GWP)}
    np.testing.assert_allclose(by_name["gain"], [3, 7])
    np.testing.assert_allclose(by_name["gain:maize"], [1, 3])
    np.testing.assert_allclose(by_name["gain:rice"], [2, 4])
    np.testing.assert_allclose(by_name[ledger.NET], [3, 7])


def test_months_of_a_technology_are_kept_as_they_are() -> None:
    tech = technology(gain=Component("t CO2/yr", **FLUX))
    months = np.arange(24.0).reshape(1, 2, 12)
    found = outcome(tech, {"gain": array(months, "month", month=list(range(1, 13)))})
    whole, net = ledger.lines(found, GWP)
    np.testing.assert_allclose(whole.amount, months)
    np.testing.assert_allclose(net.amount, months)


def table(found: Outcome, zones: list[Zone], month: Month | None = None) -> pd.DataFrame:
    return ledger.summarise(
        found, zones, np.array([3e4, 1e4]), month or Month(2024, 6), "place", GWP
    )


ZONES = [
    Zone("county", "1", "One", "一", np.array([1.0, 0.0])),
    Zone("county", "2", "Two", "二", np.array([0.0, 1.0])),
    Zone("prefecture", "0", "Both", "全", np.array([1.0, 1.0])),
]


def test_quantiles_are_those_of_the_sum() -> None:
    """Draws that move against each other cancel in the sum; adding up ends would not show it."""
    tech = technology(gain=Component("t CO2/yr", month_share="m", **FLUX))
    up = np.linspace(0, 100, 41)
    draws = np.concatenate([[[50, 50]], np.stack([up, 100 - up], axis=1)])
    rows = table(
        outcome(tech, {"gain": array(draws)}, {"gain": share([1] + [0] * 11)}), ZONES
    ).query("component == 'net' and period == '2024'")
    one, _, both = (row for _, row in rows.iterrows())
    assert (one["value"], one["mean"], one["p50"]) == pytest.approx((50, 50, 50))
    assert (one["p2.5"], one["p97.5"]) == pytest.approx((2.5, 97.5))
    assert one["sd"] == pytest.approx(np.std(up, ddof=1))
    assert (both["value"], both["p2.5"], both["p97.5"]) == pytest.approx((100, 100, 100))
    assert both["sd"] == pytest.approx(0, abs=1e-9)


def test_the_central_value_is_no_draw() -> None:
    tech = technology(gain=Component("t CO2/yr", month_share="m", **FLUX))
    amounts = array([[1000, 0], [1, 0], [3, 0]])
    rows = table(outcome(tech, {"gain": amounts}, {"gain": share([1] + [0] * 11)}), ZONES)
    year = rows.query("component == 'net' and period == '2024' and adcode == '1'").iloc[0]
    assert year["value"] == 1000
    assert year["mean"] == 2
    assert year["sd"] == pytest.approx(np.sqrt(2))


def test_rows_tell_coverage_status_and_evidence() -> None:
    tech = technology(gain=Component("t CO2/yr", month_share="m", **FLUX))
    found = Outcome(
        tech,
        {"gain": array([[10, np.nan], [11, np.nan], [12, np.nan]])},
        {"gain": share([0.5, 0.5] + [0] * 10)},
        {},
        ["estimated", "missing"],
        ["C", "missing"],
        ["", "not counted"],
    )
    rows = table(found, ZONES).query("component == 'net'").set_index(["adcode", "period"])
    assert rows.loc[("1", "2024"), "value"] == 10
    assert rows.loc[("1", "2024-01"), "value"] == 5
    assert rows.loc[("1", "2024-06"), "status"] == "climatological"
    assert rows.loc[("1", "2024-07"), "status"] == "projected"
    assert rows.loc[("1", "2024"), "status"] == "estimated"
    assert np.isnan(rows.loc[("2", "2024"), "value"])
    assert rows.loc[("2", "2024-07"), "status"] == "missing"
    assert rows.loc[("2", "2024"), "reason"] == "not counted"
    whole = rows.loc[("0", "2024")]
    assert whole["value"] == 10
    assert whole["coverage"] == 0.75  # 3 of 4 ha have data
    assert whole["evidence"] == "C"
    assert whole["reason"] == "not counted"


def test_all_missing_is_missing_everywhere() -> None:
    tech = technology(gain=Component("t CO2/yr", month_share="m", **FLUX))
    found = Outcome(
        tech,
        {"gain": array([[np.nan, np.nan]] * 3)},
        {"gain": share([1] + [0] * 11)},
        {},
        ["missing"] * 2,
        ["missing"] * 2,
        ["nowhere"] * 2,
    )
    rows = table(found, ZONES)
    numbers = ["value", "native_value", "mean", "sd", "p2.5", "p50", "p97.5"]
    assert rows[numbers].isna().all(axis=None)
    assert (rows["status"] == "missing").all()
    assert (rows["coverage"] == 0).all()


def test_native_values_stand_beside_co2e() -> None:
    tech = technology(gain=Component("t N2O/yr", month_share="m", **FLUX))
    found = outcome(
        tech, {"gain": array([[2, 3], [2, 3], [2, 3]])}, {"gain": share([1] + [0] * 11)}
    )
    rows = table(found, ZONES).query("component == 'gain' and period == '2024'")
    assert list(rows["native_value"]) == pytest.approx([2, 3, 5])
    assert list(rows["value"]) == pytest.approx([546, 819, 1365])
    assert set(rows["native_unit"]) == {"t N2O"}
    assert set(rows["unit"]) == {"t CO2e"}


def test_an_estimate_needs_a_density_to_carry_over() -> None:
    tech = technology(gain=Component("t CO2/yr", month_share="m", **FLUX))
    found = outcome(
        tech, {"gain": array([[1, 1], [1, 1], [1, 1]])}, {"gain": share([1] + [0] * 11)}
    )
    estimate = Zone("park_estimate", "p", "P", "园", np.array([2.0, 0.0]), "proxy", "why")
    row = table(found, [estimate]).query("period == '2024' and component == 'net'").iloc[0]
    assert np.isnan(row["value"])
    assert row["status"] == "missing"
    assert "no density to carry over" in row["reason"]


def test_a_co_benefit_stays_in_its_own_unit() -> None:
    flux = {"basis": "effect", "zh": "x", "month_share": "m"}
    tech = technology(
        gain=Component("t CO2/yr", account="removal", **flux),
        soot=Component("t PM2_5/yr", account="co_benefit", **flux),
        land=Component("ha", basis="effect", account="co_benefit", kind="stock", zh="x"),
    )
    pairs = {"gain": [10, 5], "soot": [3, 4], "land": [20, 30]}
    amounts = {name: array([pair] * 3) for name, pair in pairs.items()}
    shares = dict.fromkeys(("gain", "soot"), share([0.25, 0.75] + [0] * 10))
    rows = table(outcome(tech, amounts, shares), ZONES).query("period == '2024' and adcode == '0'")
    by_name = rows.set_index("component")
    assert dict(by_name["unit"]) == {
        "gain": "t CO2e",
        "soot": "t PM2_5",
        "land": "ha",
        "net": "t CO2e",
    }
    assert dict(by_name["value"]) == pytest.approx({"gain": 15, "soot": 7, "land": 50, "net": 15})
    assert dict(by_name["gas"]) == {"gain": "CO2", "soot": "PM2_5", "land": "ha", "net": "CO2e"}
    assert by_name.loc["soot", "native_value"] == by_name.loc["soot", "value"]


def test_a_part_that_is_nothing_has_no_row_and_a_missing_one_has() -> None:
    tech = technology(gain=Component("t CO2/yr", month_share="m", **FLUX))
    amount = array([[[1, 0, np.nan], [3, 0, np.nan]]], "crop", crop=["maize", "rice", "millet"])
    found = outcome(tech, {"gain": amount}, {"gain": share([1] + [0] * 11)})
    assert [line.component for line in ledger.lines(found, GWP)] == [
        "gain",
        "gain:maize",
        "gain:millet",
        "net",
    ]


def test_reasons_are_told_once_and_together() -> None:
    tech = technology(gain=Component("t CO2/yr", month_share="m", **FLUX))
    found = Outcome(
        tech,
        {"gain": array([[10, 20], [11, 21], [12, 22]])},
        {"gain": share([1] + [0] * 11)},
        {},
        ["estimated"] * 2,
        ["C"] * 2,
        ["maize_area: shared out; rice_area: shared out", "maize_area: shared out; of 2012"],
    )
    rows = table(found, ZONES).query("component == 'net' and adcode == '0'").set_index("period")
    assert rows.loc["2024", "reason"] == "maize_area, rice_area: shared out; of 2012"
    assert rows.loc["2024-06", "reason"] == ""


def test_a_part_is_known_where_the_whole_is_not() -> None:
    """Pigs were not counted in the second place: its cows are known, its animals are not."""
    tech = technology(gain=Component("t CO2/yr", month_share="m", **FLUX))
    amount = array([[[1, 2], [3, np.nan]]] * 3, "animal", animal=["cow", "pig"])
    found = Outcome(
        tech,
        {"gain": amount},
        {"gain": share([1] + [0] * 11)},
        {},
        ["measured", "missing"],
        ["A", "missing"],
        ["", "pigs: not counted"],
    )
    rows = table(found, ZONES).query("period == '2024' and adcode == '2'").set_index("component")
    assert rows.loc["gain:cow", "value"] == 3
    assert rows.loc["gain:cow", "status"] == "estimated"
    assert rows.loc["gain:cow", "evidence"] == "C"
    for name in ("gain", "gain:pig", "net"):
        assert rows.loc[name, "status"] == "missing"
        assert np.isnan(rows.loc[name, "value"])
