"""Costs of technologies: annuities, figures of three numbers, prices of other years, refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecoassess.calendar import Month
from ecoassess.configuration import Document, validate
from ecoassess.cost_figures import Costs, DiscountRate, Figure, Lifetime, Line, PriceIndex
from ecoassess.costs import (
    added,
    annual_costs,
    capital_recovery_factor,
    not_priced,
    without_cost,
)
from ecoassess.errors import InputError
from ecoassess.opening import open_run
from ecoassess.project import Project
from ecoassess.sampling import LatinHypercube

WHERE = {"source": "own_judgement", "locator": "test", "grade": "C"}


def read(model: Any, content: Any) -> Any:
    return validate(Document(Path("costs.yaml"), content, {}), model)


def test_the_capital_recovery_factor_is_that_of_the_tables() -> None:
    """5 % and 20 years: 0.05 x 1.05^20 / (1.05^20 - 1), 1.05^20 = 2.6532977."""
    assert capital_recovery_factor(0.05, 20) == pytest.approx(0.0802426, abs=5e-8)
    assert capital_recovery_factor(0.08, 25) == pytest.approx(0.0936788, abs=5e-8)


def test_an_investment_without_interest_is_shared_out_evenly() -> None:
    np.testing.assert_allclose(capital_recovery_factor(np.array([0.0]), np.array([25.0])), 0.04)


def test_payments_are_worth_the_investment() -> None:
    """The present value of a year's payment over n years is 1."""
    rate, years = 0.08, np.array([1, 15, 40])
    values = [sum(1.08**-k for k in range(1, n + 1)) for n in years]
    np.testing.assert_allclose(capital_recovery_factor(rate, years) * values, 1)


def test_draws_stay_between_low_and_high_around_the_middle() -> None:
    draws = Figure(low=10, mid=12, high=20, **WHERE).draws(LatinHypercube(2000, 1), "costs/test")
    assert draws[0] == 12
    assert draws[1:].mean() == pytest.approx(12, rel=0.01)
    assert draws.min() >= 10
    assert draws.max() <= 20
    assert draws[1:].std() > 0.5


def test_one_figure_alone_has_no_width() -> None:
    draws = Figure(low=300, mid=300, high=300, **WHERE).draws(LatinHypercube(5, 1), "costs/test")
    np.testing.assert_array_equal(draws, 300)


@pytest.mark.parametrize(("low", "mid", "high"), [(3, 2, 4), (1, 5, 4), (1, 1, 2), (1, 2, 2)])
def test_figures_out_of_order_are_refused(low: float, mid: float, high: float) -> None:
    with pytest.raises(InputError, match="out of order"):
        read(Figure, {"low": low, "mid": mid, "high": high, **WHERE})


def test_a_lifetime_of_no_years_and_a_rate_in_per_cent_are_refused() -> None:
    with pytest.raises(InputError, match="no years"):
        read(Lifetime, {"low": 0, "mid": 0, "high": 0, **WHERE})
    with pytest.raises(InputError, match="no share"):
        read(DiscountRate, {"low": 8, "mid": 8, "high": 8, **WHERE})


def test_a_line_has_a_cost_or_a_price() -> None:
    quantity = {"product": ["households"], "unit": "household"}
    with pytest.raises(InputError, match="one cost"):
        read(Line, {"en": "x", "zh": "x", "quantity": quantity})


def test_prices_of_other_years_are_brought_to_one_year() -> None:
    """2.0 % in 2022, 0.2 % in 2023 and in 2024: 1.02 x 1.002 x 1.002 = 1.02408408."""
    growth = {"2022": 0.02, "2023": 0.002, "2024": 0.002}
    index = PriceIndex(en="x", zh="x", source="x", locator="x", growth=growth)
    assert index.factor(2021, 2024) == pytest.approx(1.02408408)
    assert index.factor(2024, 2021) == pytest.approx(1 / 1.02408408)
    assert index.factor(2024, 2024) == 1
    assert index.covers(2021, 2024)
    assert not index.covers(2020, 2024)


def open_with(project: Project, *changes: tuple[str, str]) -> Any:
    """Open the configured run after changing the file of costs."""
    file = project.configs / "costs.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    return open_run(project, project.configs / "runs" / "yanbian.yaml", Month(2024, 6))


def test_every_mistake_is_named_at_once(project: Project) -> None:
    with pytest.raises(InputError) as caught:
        open_with(
            project,
            ("  rooftop_pv:\n", "  rooftop_solar:\n"),
            ("unit: CNY/kW\n", "unit: CNY/kWh\n"),
            ("unit: kWp}", "unit: m^2}"),
            ("retrofit_share]", "retrofit_shares]"),
            ("price: straw\n", "price: hay\n"),
            ("[open_land]", "[meadow]"),
            ("source: heilongjiang_2022", "source: nowhere"),
            ("price_year: 2015", "price_year: 2009"),
        )
    messages = [str(problem) for problem in caught.value.problems]
    expected = {
        "no such technology": "rooftop_solar",
        "a cost that does not fit its quantity": "CNY/kWh for a quantity in kW",
        "the quantity is not in its unit": "m^2",
        "neither a datum nor a coefficient": "retrofit_shares",
        "no such price": "hay",
        "no such label of planting_site": "meadow",
        "no such source": "nowhere",
        "no index between the prices of 2009 and 2024": "2015",
    }
    for what, found in expected.items():
        matching = [message for message in messages if what in message and found in message]
        assert matching, f"{what} / {found} in {messages}"
        assert "costs.yaml:" in matching[0]
    assert len(messages) == len(expected)


def test_a_project_without_the_file_has_no_costs(project: Project) -> None:
    (project.configs / "costs.yaml").unlink()
    run = project.configs / "runs" / "yanbian.yaml"
    assert open_run(project, run, Month(2024, 6)).costs is None


def test_what_is_added_is_the_product_of_its_factors(published: Any) -> None:
    """Plantable land x share planted by 2024, with the scenario's own numbers."""
    assessment = published.assessment
    runner, technology = assessment.runner, published.session.technologies["afforestation"]
    line = published.session.costs.technologies["afforestation"]["sloping_cropland"]
    found = added(runner, technology, line.quantity)
    land = runner.variable("plantable_area", frozenset()).sel(planting_site="sloping_cropland")
    land = land.isel(draw=0) if "draw" in land.dims else land
    path = published.session.run.scenario.project["afforestation_share"]["sloping_cropland"].knots
    years = [int(year) for year in path]
    share = np.interp(2024, years, list(path.values()))
    np.testing.assert_allclose(found[0], land.data.to("ha").magnitude * share, rtol=1e-12)


def test_a_yearly_cost_is_amount_times_annuity_times_unit_cost(published: Any) -> None:
    """8 % and 30 years: 0.0888274 of 2650 CNY/kWp are 235.393 CNY a year."""
    assessment = published.assessment
    technology = published.session.technologies["rooftop_pv"]
    lines = annual_costs(published.session.costs, assessment.runner, technology)
    modules, fed_in = lines["modules"], lines["exported"]
    known = np.isfinite(modules.amount[0])
    assert known.any()
    np.testing.assert_allclose(
        modules.annual[0, known], modules.amount[0, known] * 235.393, rtol=1e-5
    )
    assert (fed_in.annual[0, known] <= 0).all()
    np.testing.assert_allclose(fed_in.annual[0], -0.373 * fed_in.amount[0])


POWER = {"unit": "CNY/kWh", "price_year": 2024, **WHERE}
PRICES = {
    "power": {
        **{"en": "x", "zh": "x"},
        "society": {**POWER, "low": 0.3, "mid": 0.4, "high": 0.5},
        "household": {**POWER, "low": 0.5, "mid": 0.6, "high": 0.7},
    },
    "fed_in": {
        **{"en": "x", "zh": "x", "society": "power"},
        "household": {**POWER, "low": 0.4, "mid": 0.4, "high": 0.4},
    },
    "used": {"en": "x", "zh": "x", "society": "fed_in"},
}
INDEX = {"en": "x", "zh": "x", "source": "s", "locator": "x", "growth": {}}


def priced(perspective: str, prices: Any = None) -> Costs:
    rate = {"low": 0.08, "mid": 0.08, "high": 0.08, **WHERE}
    content = {
        **{"currency": "CNY", "price_year": 2024, "perspective": perspective},
        **{"discount_rate": rate, "price_index": INDEX, "technologies": {}},
        "prices": prices or PRICES,
    }
    found: Costs = read(Costs, content)
    return found


def test_a_carrier_has_one_price_from_each_side() -> None:
    """Society: all power is one, at 0.4; a household pays 0.6 and earns 0.4."""
    society, household = priced("society"), priced("household")
    found = [society.price(name) for name in ("power", "fed_in", "used")]
    assert [name for name, _ in found] == ["power"] * 3
    assert {one.mid for _, one in found} == {0.4}
    assert household.price("power")[1].mid == 0.6
    assert household.price("fed_in") == ("fed_in", household.prices["fed_in"].household)
    assert household.price("used")[0] == "fed_in"  # no price of its own: as society's


def test_prices_in_a_circle_and_other_sides_are_refused() -> None:
    circle = {"a": {**PRICES["used"], "society": "b"}, "b": {**PRICES["used"], "society": "a"}}
    with pytest.raises(InputError, match="in a circle"):
        priced("society", circle).price("a")
    with pytest.raises(InputError, match="household"):
        priced("state")


def test_power_that_is_saved_bought_and_fed_in_has_one_price_for_society(published: Any) -> None:
    session = published.session
    assert session.costs.perspective == "society"
    assert len({session.costs.price(n)[0] for n in ("power", "power_fed_in")}) == 1
    runner = published.assessment.runner
    lines = annual_costs(session.costs, runner, session.technologies["rooftop_pv"])
    bought = annual_costs(session.costs, runner, session.technologies["heat_pump_heating"])
    draws = [lines[n].unit_cost for n in ("own_use", "exported")]
    np.testing.assert_array_equal(draws[0], draws[1])
    np.testing.assert_array_equal(draws[0], bought["electricity"].unit_cost)
    own = session.costs.model_copy(update={"perspective": "household"})
    paid = annual_costs(own, runner, session.technologies["rooftop_pv"])
    assert paid["own_use"].unit_cost[0] == pytest.approx(0.575)
    assert paid["exported"].unit_cost[0] == pytest.approx(0.373)


def test_what_is_saved_without_a_price_is_named(published: Any) -> None:
    """Better envelopes and heat pumps save firewood, gas and pellets, whose prices nobody gave."""
    session, runner = published.session, published.assessment.runner
    for name in ("green_housing", "heat_pump_heating"):
        found = not_priced(session.costs, runner, session.technologies[name])
        stoves = ("firewood_stove", "gas_boiler", "biomass_boiler")
        assert found == [f"heating_fuel of {stove}" for stove in stoves]
    for name in ("rooftop_pv", "straw_return"):
        assert not_priced(session.costs, runner, session.technologies[name]) == []


def test_a_line_of_all_labels_that_move_is_asked_for(published: Any) -> None:
    session = published.session
    runner, technology = published.assessment.runner, session.technologies["green_housing"]
    assert without_cost(session.costs, runner, technology) == []
    lines = dict(session.costs.technologies["green_housing"])
    del lines["near_zero"]
    cut = session.costs.model_copy(update={"technologies": {"green_housing": lines}})
    lacking = without_cost(cut, runner, technology)
    assert lacking == [f"near_zero_share of {kind}" for kind in ("self_built", "walk_up", "lift")]
    first = lines["retrofit"]
    only = first.quantity.model_copy(update={"only": {"dwelling": ["self_built"]}})
    lines["retrofit"] = first.model_copy(update={"quantity": only})
    cut = session.costs.model_copy(update={"technologies": {"green_housing": lines}})
    # Blocks with lifts are not retrofitted in the scenario: no change, no cost to be named.
    assert without_cost(cut, runner, technology)[:1] == ["retrofit_share of walk_up"]


def test_costs_grow_with_their_figures(published: Any) -> None:
    session = published.session
    technology = session.technologies["utility_pv"]
    line = session.costs.technologies["utility_pv"]["plant"]
    dearer = line.cost.model_copy(
        update={name: 2 * getattr(line.cost, name) for name in ("low", "mid", "high")}
    )
    changed = session.costs.model_copy(
        update={"technologies": {"utility_pv": {"plant": line.model_copy(update={"cost": dearer})}}}
    )
    runner = published.assessment.runner
    before = annual_costs(session.costs, runner, technology)["plant"].annual
    after = annual_costs(changed, runner, technology)["plant"].annual
    np.testing.assert_allclose(after, 2 * before)
    assert replace(session, costs=changed).costs is changed
