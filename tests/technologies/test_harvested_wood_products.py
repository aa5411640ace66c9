"""Harvested wood products: the closed form, the recursion, and the published defaults."""

from math import exp, log
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.models.wood_products import first_order_decay, steady_state_stock
from ecoassess.technologies.harvested_wood_products import harvested_wood_products
from ecoassess.units import magnitude, quantify

ROOT = Path(__file__).parents[2]
REFERENCE = YAML(typ="safe").load(ROOT / "tests/reference/wood_products.yaml")
TABLES = YAML(typ="safe").load(ROOT / "configs/technologies/harvested_wood_products.yaml")
PRODUCTS = ["sawnwood", "wood_panel", "paper"]
HALF_LIFE = REFERENCE["ipcc_defaults"]["half_life"]


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def by_product(values, unit):
    return array(values, unit, ("wood_product",), wood_product=PRODUCTS)


def table(name):
    return {product: cell["value"] for product, cell in TABLES[name]["values"].items()}


def gain(shares, ages, **changed):
    """Return the gain in t C/yr by product; shares have a row for each cohort."""
    arguments = {
        "timber_harvest": array([100_000], "m^3/yr", ("atom",), atom=[1]),
        "long_lived_wood_share": array(
            shares,
            "1",
            ("cohort", "wood_product"),
            cohort=range(len(shares)),
            wood_product=PRODUCTS,
        ),
        "cohort_age": array(ages, "yr", ("cohort",), cohort=range(len(ages))),
        "product_yield": by_product([0.23, 0.29, 0.23], "t dm/m^3"),
        "carbon_fraction_of_product": by_product([0.5, 0.45, 0.43], "t C/t dm"),
        "half_life": by_product([HALF_LIFE[p] for p in PRODUCTS], "yr"),
        "accounting_year": array(1, "yr"),
    } | changed
    found = harvested_wood_products(**arguments)["products_stock_gain"]
    return magnitude(found, "t C/yr").sel(atom=1)


def test_first_year_of_a_new_share_by_hand():
    """A tenth of 100 000 m³ to sawnwood: 10 000 · 0.23 · 0.5 = 1150 t C enter; 0.98 % decay.

    k = 0.693147 / 35 = 0.0198042; (1 − e^−k) / k = 0.0196094 / 0.0198042 = 0.990163.
    """
    found = gain([[0.1, 0, 0]], [0])
    assert float(found.sel(wood_product="sawnwood")) == pytest.approx(1150 * 0.990163, rel=1e-5)
    assert found.sel(wood_product=["wood_panel", "paper"]).values == pytest.approx([0, 0])


def test_carbon_becomes_carbon_dioxide():
    found = harvested_wood_products(
        timber_harvest=array([1000], "m^3/yr", ("atom",), atom=[1]),
        long_lived_wood_share=array([0.5], "1", ("cohort",), cohort=[0]),
        cohort_age=array([0], "yr", ("cohort",), cohort=[0]),
        product_yield=array(0.2, "t dm/m^3"),
        carbon_fraction_of_product=array(0.5, "t C/t dm"),
        half_life=array(1, "yr"),
        accounting_year=array(1, "yr"),
    )["products_stock_gain"]
    # 50 t C enter; with a half-life of one year (1 − 1/2) / ln 2 of it is there at the end.
    expected = 50 * 0.5 / log(2) * 44 / 12
    assert float(magnitude(found, "t CO2/yr").sel(atom=1)) == pytest.approx(expected)


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_closed_form_is_the_recursion(product):
    """Of a constant inflow from year 1 on, each year's change of the IPCC stock."""
    index = PRODUCTS.index(product)
    carbon = [1150, 100_000 * 0.1 * 0.29 * 0.45, 100_000 * 0.1 * 0.23 * 0.43][index]
    stock = first_order_decay(np.full(60, carbon), HALF_LIFE[product], initial_stock=0)
    share = np.zeros((1, 3))
    share[0, index] = 0.1
    for age in (0, 1, 7, 59):
        found = float(gain(share, [age]).sel(wood_product=product))
        assert found == pytest.approx(stock[age + 1] - stock[age], rel=1e-9)


def test_cohorts_add_up_and_a_fall_reverses():
    """Shares of three years, the last a fall, as a recursion with the inflow of each year."""
    added, ages = [0.3, 0.1, -0.2], [20, 5, 2]
    level = np.array([0.3] * 15 + [0.4] * 3 + [0.2] * 3)  # years 20 … 0 before the assessed one
    stock = first_order_decay(level * 100_000 * 0.23 * 0.5, 35, initial_stock=0)
    found = float(gain([[s, 0, 0] for s in added], ages).sel(wood_product="sawnwood"))
    assert found == pytest.approx(stock[-1] - stock[-2], rel=1e-9)
    lost = float(gain([[-0.1, 0, 0]], [3]).sel(wood_product="sawnwood"))
    assert lost == pytest.approx(-float(gain([[0.1, 0, 0]], [3]).sel(wood_product="sawnwood")))


def test_half_of_the_gain_is_gone_after_a_half_life():
    new = gain([[0.1, 0.1, 0.1]], [0])
    for product, half_life in HALF_LIFE.items():
        old = gain([[0.1, 0.1, 0.1]], [half_life])
        ratio = float(old.sel(wood_product=product) / new.sel(wood_product=product))
        assert ratio == pytest.approx(0.5)


def test_no_more_carbon_is_kept_than_enters():
    for age in (0, 3, 40):
        found = gain([[0.2, 0.3, 0.1]], [age])
        entering = 100_000 * np.array([0.2 * 0.23 * 0.5, 0.3 * 0.29 * 0.45, 0.1 * 0.23 * 0.43])
        assert (found.values > 0).all()
        assert (found.values < entering).all()


def test_gains_of_all_years_add_up_to_the_steady_state():
    """Σ ΔC of the years 1 to 700 goes to I / k: 1150 t C · 35 yr / ln 2."""
    total = gain([[0.1, 0, 0]] * 700, range(700)).sel(wood_product="sawnwood")
    left = exp(-log(2) * 700 / 35)
    assert float(total) == pytest.approx(1150 * 35 / log(2) * (1 - left), rel=1e-9)


# The inventory of products in use


def test_recursion_by_hand():
    """Half-life 1 yr: each year halves, (1 − 1/2) / ln 2 = 0.721348 of the inflow stays."""
    stock = first_order_decay([100, 40, 0], 1, initial_stock=10)
    first = 10 / 2 + 72.1348
    second = first / 2 + 0.4 * 72.1348
    assert stock == pytest.approx([10, first, second, second / 2], rel=1e-6)


def test_recursion_against_short_steps():
    """Inflow even over the year and decay at every moment: 20 000 small steps a year."""
    inflow, half_life, steps = [5.0, 0.0, 12.0], 2.0, 20_000
    carbon, expected = 3.0, [3.0]
    for entering in inflow:
        for _ in range(steps):
            carbon += (entering - log(2) / half_life * carbon) / steps
        expected.append(carbon)
    found = first_order_decay(inflow, half_life, initial_stock=3.0)
    assert found == pytest.approx(expected, rel=1e-4)


def test_initial_stock_is_the_steady_state_of_five_years():
    """Mean of 10, 20, 30, 40, 50 is 30; the sixth year does not count: 30 · 25 / ln 2."""
    assert REFERENCE["decay_equation"]["initial_years"] == 5
    inflow = [10, 20, 30, 40, 50, 1000]
    assert float(steady_state_stock(inflow, 25)) == pytest.approx(30 * 25 / log(2))
    assert first_order_decay(inflow, 25)[0] == pytest.approx(30 * 25 / log(2))


def test_a_steady_inflow_keeps_its_steady_state():
    stock = first_order_decay(np.full((30, 3), 7.0), list(HALF_LIFE.values()))
    for column, half_life in enumerate(HALF_LIFE.values()):
        assert stock[:, column] == pytest.approx(np.full(31, 7 * half_life / log(2)))


def test_a_gap_in_the_series_is_not_a_zero():
    stock = first_order_decay([1.0, np.nan, 1.0], 35, initial_stock=0)
    assert np.isfinite(stock[:2]).all()
    assert np.isnan(stock[2:]).all()


# The coefficients against what was published


def test_half_lives_are_the_published_defaults(compare):
    assert table("half_life").keys() == HALF_LIFE.keys()
    source = REFERENCE["ipcc_defaults"]["source"]
    for product, years in table("half_life").items():
        name = f"half-life of {product.replace('_', ' ')}"
        compare(
            "harvested_wood_products", name, years, HALF_LIFE[product], unit="yr", source=source
        )


def test_carbon_of_sawnwood_is_the_published_factor_over_the_published_demand(compare):
    """0.229 t C/m³ of sawnwood, 1.99 to 2.01 m³ of logs each: 0.114 to 0.115 t C per m³."""
    factor = REFERENCE["ipcc_defaults"]["carbon_factor"]["sawnwood"]
    demand = REFERENCE["roundwood_per_sawnwood"]
    found = table("product_yield")["sawnwood"] * table("carbon_fraction_of_product")["sawnwood"]
    compare(
        "harvested_wood_products",
        "carbon in sawnwood of a cubic metre of logs",
        found,
        (factor / demand["other"], factor / demand["coniferous"]),
        unit="t C/m³",
        between=True,
        source=f"{REFERENCE['ipcc_defaults']['source']}; {demand['source']}",
    )


def test_carbon_of_panels_and_paper_is_the_published_factor_times_the_recovery(compare):
    factor = REFERENCE["ipcc_defaults"]["carbon_factor"]
    found = {
        product: table("product_yield")[product] * table("carbon_fraction_of_product")[product]
        for product in ("wood_panel", "paper")
    }
    # 0.48 m³ of board per m³ of wood; the three digits of the yield carry 0.2 %
    assert found["wood_panel"] == pytest.approx(0.48 * factor["particle_board"], rel=3e-3)
    pulp = REFERENCE["roundwood_per_pulp"]
    per_wood = pulp["virgin_pulp"] / pulp["roundwood"]
    compare(
        "harvested_wood_products",
        "carbon in paper of a cubic metre of pulpwood",
        found["paper"],
        per_wood * factor["paper"],
        unit="t C/m³",
        rel=3e-3,
        source=f"{REFERENCE['ipcc_defaults']['source']}; {pulp['source']}",
    )
