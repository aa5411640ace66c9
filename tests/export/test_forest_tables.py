"""The forest by other routes, and in the manner of a tower, on the configured run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio

from ecoassess.errors import InputError
from ecoassess.explain_pixel import explain_pixel, read_place
from ecoassess.export.forest_routes import SINK, STOCK, forest_routes
from ecoassess.export.tower_like import tower_like
from ecoassess.language import read_words


@pytest.fixture(scope="module")
def routes(published: Any) -> pd.DataFrame:
    return forest_routes(published.assessment)


def of_zone(table: pd.DataFrame, zoning: str, code: str) -> pd.DataFrame:
    return table[(table["zoning"] == zoning) & (table["adcode"] == code)]


def test_the_ruling_route_is_the_assessment(published: Any, routes: pd.DataFrame) -> None:
    rows = published.assessment.rows
    mine = rows[
        (rows["technology"] == "forest_sink")
        & (rows["zoning"] == "prefecture")
        & (rows["period"] == "2024")
    ].set_index("component")["native_value"]
    ruling = routes[routes["rules"] & (routes["zoning"] == "prefecture")].set_index("quantity")
    trees = mine["aboveground_stock"] + mine["belowground_stock"]
    gain = mine["aboveground_increment"] + mine["belowground_increment"]
    assert ruling.loc[STOCK, "value"] == pytest.approx(trees, rel=1e-9)
    assert ruling.loc[SINK, "value"] == pytest.approx(gain, rel=1e-9)
    assert (ruling["difference"] == 0).all()


def test_hunchuns_two_inventories(routes: pd.DataFrame) -> None:
    """45.537 Mm³ of 2012 and 36 Mm³ of 1999: 0.7336 Mm³ a year, against g V of the growth rate."""
    table = of_zone(routes, "county", "222404")
    sink = table[table["quantity"] == SINK].set_index("route")["value"]
    growth = (45.537 - 36.0) / 13
    stock = 45.537 * np.exp(0.01117 * 12)
    ratio = sink["stock_difference"] / sink["net_stock_growth"]
    assert ratio == pytest.approx(growth / (0.01117 * stock), rel=2e-3)  # the mean of a cut normal


def test_routes_without_data_say_which(routes: pd.DataFrame) -> None:
    table = of_zone(routes, "prefecture", "222400").set_index("route")
    missing = {
        "growing_stock, mapped": "no dataset 'biomass'",
        "parcels, fang2001": "no dataset 'parcels'",
        "gain_loss": "timber_harvest: looked for, not found",
        "stock_difference": "growing_stock: one inventory only",
    }
    for route, reason in missing.items():
        assert np.isnan(table.loc[route, "value"])
        assert reason in table.loc[route, "reason"]
    assert np.isfinite(table.loc["age_classes", "value"])


def test_tower_like_months_add_up_to_minus_the_increment(
    published: Any, routes: pd.DataFrame
) -> None:
    table = of_zone(tower_like(published.assessment), "prefecture", "222400").set_index("period")
    months = table.drop(index="2024")["value"]
    assert len(months) == 12
    increment = routes[
        routes["rules"] & (routes["quantity"] == SINK) & (routes["zoning"] == "prefecture")
    ]["value"].item()
    assert months.sum() == pytest.approx(-increment * 12 / 44, rel=1e-9)
    assert table.loc["2024", "value"] == pytest.approx(months.sum(), rel=1e-9)
    assert (months[["2024-01", "2024-10", "2024-11"]] > 0).all()
    assert (months[["2024-06", "2024-07", "2024-08"]] < 0).all()


def test_an_explained_pixel_is_the_maps(published: Any) -> None:
    text = explain_pixel(published.assessment, "forest_sink", 130.2, 43.3, read_words("en"))
    net = next(line for line in text.splitlines() if line.strip().startswith("net "))
    with rasterio.open(published.folder / "maps" / "forest_sink.tif") as source:
        (value,) = next(source.sample([(130.2, 43.3)]))
    assert float(net.split()[-1]) == pytest.approx(float(value), rel=1e-4)
    assert "Wangqing" in text


def test_a_place_outside_is_refused(published: Any) -> None:
    with pytest.raises(InputError, match="no pixel of the assessed counties"):
        explain_pixel(published.assessment, "forest_sink", 110.0, 43.3, read_words("en"))
    with pytest.raises(InputError, match="not a place"):
        read_place("43.3")
