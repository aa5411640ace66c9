"""What grid power does to the technologies that use or replace it, on the configured run."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ecoassess.export.grid_factors import grid_factors

FAMILIES = ("average", "combined_margin")


@pytest.fixture(scope="module")
def table(published: Any) -> pd.DataFrame:
    return grid_factors(published.assessment)


def test_the_family_that_rules_gives_the_run(published: Any, table: pd.DataFrame) -> None:
    rows = published.assessment.rows
    year = rows[(rows["component"] == "net") & (rows["period"] == "2024")]
    year = year[year["boundary"] == "territorial"].set_index(["zoning", "adcode", "technology"])
    own = table[table["rules"] & (table["boundary"] == "territorial")]
    own = own.set_index(["zoning", "adcode", "technology"])["value"].dropna()
    assert len(own) > 50
    pd.testing.assert_series_equal(own, year.loc[own.index, "value"], check_names=False, rtol=1e-9)


def test_displaced_power_grows_with_the_factor_and_bought_power_costs(table: pd.DataFrame) -> None:
    """0.8719 kg/kWh of the margin over 0.4671 of the average of 2023; PV credits in proportion."""
    whole = table[(table["zoning"] == "prefecture") & (table["boundary"] == "territorial")]
    net = whole.set_index(["technology", "electricity"])["value"]
    ratio = net["utility_pv", "combined_margin"] / net["utility_pv", "average"]
    assert ratio == pytest.approx(0.8719 / 0.4671, rel=1e-9)
    for technology in ("heat_pump_heating", "geothermal_heating", "sewage"):
        assert net[technology, "combined_margin"] < net[technology, "average"]
    assert net["heat_pump_heating", "combined_margin"] < 0


def test_upstream_of_displaced_power_follows_the_family(
    published: Any, table: pd.DataFrame
) -> None:
    """Thermal shares of 0.82 and 0.62; what is embodied is the same under both."""
    whole = table[(table["zoning"] == "prefecture") & (table["technology"] == "utility_pv")]
    net = whole.set_index(["electricity", "boundary"])["value"]
    rows = published.assessment.rows
    rows = rows[(rows["technology"] == "utility_pv") & (rows["period"] == "2024")]
    own = rows[(rows["zoning"] == "prefecture") & (rows["component"] == "net")]
    own = own.set_index("boundary")["value"]
    beyond = {one: net[one, "all"] - net[one, "territorial"] - own["embodied"] for one in FAMILIES}
    assert beyond["average"] == pytest.approx(own["upstream"], rel=1e-6)
    assert beyond["combined_margin"] / beyond["average"] == pytest.approx(0.82 / 0.62, rel=1e-6)


def test_what_takes_no_power_or_has_no_net_has_no_row(table: pd.DataFrame) -> None:
    without = {"forest_sink", "rice_methane", "construction_recycling", "air_quality_cobenefits"}
    assert not without & set(table["technology"])
