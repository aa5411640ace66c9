"""The Tier 2 steady-state method: IPCC's worked figures, hand arithmetic, conservation, order."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ecoassess.coefficients import central_values, read_coefficients
from ecoassess.models.soil_steady_state import (
    PARAMETER_UNITS,
    Management,
    Pools,
    Site,
    SteadyStateParameters,
    decay_rates,
    mixed_tillage,
    simulate,
    spin_up,
    steady_state,
    step,
    temperature_factor,
    water_factor,
)
from ecoassess.responses import STEADY_STATE_UNITS
from ecoassess.sampling import LatinHypercube

ROOT = Path(__file__).parents[2]


def load(path):
    return YAML(typ="safe").load(ROOT / path)


@pytest.fixture(scope="module")
def coefficients():
    return read_coefficients(
        ROOT / "configs/models/soil_steady_state.yaml", load("configs/sources.yaml")
    )


@pytest.fixture(scope="module")
def parameters(coefficients):
    values = central_values("soil_steady_state", coefficients, STEADY_STATE_UNITS)
    return SteadyStateParameters(**{name: values[name] for name in PARAMETER_UNITS})


@pytest.fixture(scope="module")
def reference():
    return load("tests/reference/soil_steady_state.yaml")


def management(parameters, tillage="full", **changes):
    """Return 3 t C/ha/yr of maize residue under a class of tillage."""
    base = Management(
        carbon_input=3.0,
        lignin=0.11,
        nitrogen=0.0063,
        tillage_factor=parameters.tillage_factor[tillage],
        structural_to_active=parameters.structural_to_active[tillage],
    )
    return replace(base, **changes)


SITE = Site(sand=0.25, temperature_factor=0.25, water_factor=1.3)


# IPCC's worked figures


def test_parameters_units_and_yaml_name_the_same_things(coefficients):
    names = [field.name for field in fields(SteadyStateParameters)]
    assert names == list(PARAMETER_UNITS)
    assert sorted(STEADY_STATE_UNITS) == sorted(coefficients)


def test_temperature_effect_of_the_published_months(parameters, reference, compare):
    for key, monthly_tolerance in (("months_1950", 0.0025), ("months_1959", None)):
        months = reference[key]
        factor = temperature_factor(months["temperature"], parameters)
        printed = 5e-7 if monthly_tolerance is None else 1e-3
        compare(
            "soil_steady_state",
            f"temperature factor of {key[-4:]}",
            factor,
            months["temperature_factor"],
            unit="1",
            abs=printed,
            source=months["source"],
        )
        if monthly_tolerance:  # a temperature known to 0.05 °C gives the effect to 0.002
            alike = np.tile(months["temperature"], (12, 1))
            effects = temperature_factor(alike, parameters)
            compare(
                "soil_steady_state",
                f"temperature effect of the months of {key[-4:]}",
                effects,
                months["temperature_effect"],
                unit="1",
                abs=monthly_tolerance,
                source=months["source"],
            )


def test_water_effect_of_the_published_months(parameters, reference, compare):
    for key, tolerance in (("months_1950", 1e-3), ("months_1959", 5e-7)):
        months = reference[key]
        factor = water_factor(months["precipitation"], months["evapotranspiration"], parameters)
        compare(
            "soil_steady_state",
            f"water factor of {key[-4:]}",
            factor,
            months["water_factor"],
            unit="1",
            abs=tolerance,
            source=months["source"],
        )
    months = reference["months_1950"]
    rain, pet = (np.tile(months[k], (12, 1)) for k in ("precipitation", "evapotranspiration"))
    effects = water_factor(rain, pet, parameters) / parameters.water_scale
    compare(
        "soil_steady_state",
        "water effect of the months of 1950",
        effects,
        months["water_effect"],
        unit="1",
        abs=6e-4,
        source=months["source"],
    )


def test_extreme_climates(parameters, reference, compare):
    source = reference["other_climates"]["source"]
    for degrees, factor in reference["other_climates"]["temperature"].items():
        found = temperature_factor(np.full(12, float(degrees)), parameters)
        compare(
            "soil_steady_state",
            f"temperature factor at {degrees} °C",
            found,
            factor,
            unit="1",
            rel=1e-6,
            abs=1e-30,
            source=source,
        )
    for case in reference["other_climates"]["water"]:
        found = water_factor(np.full(12, case["rain"]), np.full(12, case["pet"]), parameters)
        compare(
            "soil_steady_state",
            f"water factor at {case['rain']} mm of rain and {case['pet']} mm of evapotranspiration",
            found,
            case["factor"],
            unit="1",
            rel=1e-6,
            source=source,
        )


@pytest.fixture(scope="module")
def published_years(parameters, reference):
    years = reference["years"]
    site = Site(
        years["sand"], np.array(years["temperature_factor"]), np.array(years["water_factor"])
    )
    inputs = management(
        parameters,
        carbon_input=np.array(years["carbon_input"]),
        lignin=years["lignin"],
        nitrogen=years["nitrogen"],
        structural_to_active=parameters.structural_to_active["unknown"],
    )
    return years, site, inputs


def test_decay_rates_and_steady_states_of_the_published_years(published_years, parameters, compare):
    years, site, inputs = published_years
    rates = decay_rates(inputs.tillage_factor, site, parameters)
    targets = steady_state(inputs, site, parameters)
    # t and w are printed to 0.0005, together 0.17 % of a rate; the results to half a last digit
    for found, key, half_digit in (
        (rates.active, "active_rate", 0.0005),
        (rates.slow, "slow_rate", 0.0005),
        (rates.passive, "passive_rate", 0.00005),
        (targets.active, "active_target", 0.005),
        (targets.slow, "slow_target", 0.005),
        (targets.passive, "passive_target", 0.005),
    ):
        printed = np.array(years[key])
        compare(
            "soil_steady_state",
            f"{key.replace('_', ' ')} of twelve years",
            found,
            printed,
            unit="t C/ha" if key.endswith("target") else "1/yr",
            rel=1.7e-3,
            abs=half_digit,
            source=years["source"],
        )


def test_twelve_published_years_end_to_end(published_years, parameters, compare):
    years, site, inputs = published_years
    start = Pools(*(np.array(years["start"][name]) for name in Pools._fields))
    stocks = simulate(start, inputs, site, parameters)
    # the start's largest pool and the stocks are printed to 0.005 each
    compare(
        "soil_steady_state",
        "stock of twelve years, from one start",
        stocks,
        years["stock"],
        unit="t C/ha",
        abs=0.01,
        source=years["source"],
    )


# By hand


def test_a_no_till_field_by_hand(parameters):
    site = Site(sand=0.4, temperature_factor=0.3, water_factor=1.2)
    field = management(parameters, "no_till", carbon_input=2.0, lignin=0.08, nitrogen=0.01)
    # t w = 0.36; k_A = 7.4 · 0.36 · (0.25 + 0.75 · 0.4) = 1.4652; k_S = 0.209 · 0.36 = 0.07524
    # k_P = 0.00689 · 0.36 = 0.0024804
    # metabolic share 0.85 − 0.018 · 8 = 0.706: β = 1.412; σ = 2 · 0.92 − 1.412 = 0.428; λ = 0.16
    # f4 = 1 − 0.0855 − (0.17 + 0.68 · 0.4) = 0.4725
    # numerator = 1.412 · 0.378 + 0.428 · 0.5 + 0.16 · 0.455 · (0.42 + 0.0504 · 0.45)
    #           = 0.533736 + 0.214 + 0.0728 · 0.44268 = 0.779963104
    # denominator = 1 − 0.4725 · 0.42 − 0.0855 · 0.45 − 0.4725 · 0.0504 · 0.45
    #             = 1 − 0.19845 − 0.038475 − 0.0107163 = 0.7523587
    through_active = 0.779963104 / 0.7523587
    through_slow = 0.0728 + 0.4725 * through_active
    through_passive = 0.0855 * through_active + 0.0504 * through_slow
    found = steady_state(field, site, parameters)
    assert found.active == pytest.approx(through_active / 1.4652)
    assert found.slow == pytest.approx(through_slow / 0.07524)
    assert found.passive == pytest.approx(through_passive / 0.0024804)
    # one year on from an empty soil: A reaches its target (k_A > 1), S and P a share k of theirs
    empty = Pools(*(np.zeros(()) for _ in range(3)))
    rates = decay_rates(field.tillage_factor, site, parameters)
    later = step(empty, found, rates)
    assert later.total == pytest.approx(through_active / 1.4652 + through_slow + through_passive)


def test_irrigated_months_have_their_own_water_effect(parameters):
    rain, pet, share = np.full(12, 30.0), np.full(12, 60.0), np.zeros(12)
    share[:6] = 0.5
    # rain-fed 0.2129 + 1.331 · 0.5 − 0.2413 · 0.25 = 0.818075; a quarter of all irrigated 0.775
    expected = 1.5 * (0.75 * 0.818075 + 0.25 * 0.775)
    assert water_factor(rain, pet, parameters, share) == pytest.approx(expected)


def test_mixed_tillage_is_the_area_weighted_mean(parameters):
    factor, f2 = mixed_tillage({"full": 0.5, "reduced": 0.3, "no_till": 0.2}, parameters)
    assert factor == pytest.approx(0.5 * 3.036 + 0.3 * 2.075 + 0.2)
    assert f2 == pytest.approx(0.5 * 0.455 + 0.3 * 0.477 + 0.2 * 0.5)


def test_a_mean_field_holds_less_than_the_mean_of_fields(parameters):
    factor, f2 = mixed_tillage({"full": 0.5, "no_till": 0.5}, parameters)
    mean_field = management(parameters, tillage_factor=factor, structural_to_active=f2)
    apart = [
        steady_state(management(parameters, tillage), SITE, parameters).total
        for tillage in ("full", "no_till")
    ]
    assert steady_state(mean_field, SITE, parameters).total < np.mean(apart)


# Conservation


def test_the_steady_state_solves_the_flows_between_the_pools(parameters):
    p, field, sand = parameters, management(parameters), SITE.sand
    f4 = 1 - p.active_to_passive - (p.respired_intercept + p.respired_slope * sand)
    k = decay_rates(field.tillage_factor, SITE, p)
    metabolic = 3 * (0.85 - 0.018 * 0.11 / 0.0063)
    inflow = np.array(
        [
            metabolic * p.metabolic_to_active
            + (3 * (1 - 0.11) - metabolic) * field.structural_to_active,
            3 * 0.11 * p.structural_to_slow,
            0,
        ]
    )
    moves = np.array(  # d(pools)/dt = inflow + moves · pools
        [
            [-k.active, k.slow * p.slow_to_active, k.passive * p.passive_to_active],
            [k.active * f4, -k.slow, 0],
            [k.active * p.active_to_passive, k.slow * p.slow_to_passive, -k.passive],
        ]
    )
    assert np.array(steady_state(field, SITE, p)) == pytest.approx(np.linalg.solve(moves, -inflow))


# Order and limits

INPUTS = st.floats(0.0, 12.0)
SANDS = st.floats(0.0, 1.0)
FACTORS = st.floats(0.02, 1.0)


@settings(max_examples=60, deadline=None)
@given(carbon=INPUTS, more=st.floats(0.0, 5.0), sand=SANDS, t=FACTORS, w=st.floats(0.32, 2.24))
def test_more_input_and_less_tillage_never_lower_the_stock(parameters, carbon, more, sand, t, w):
    site = Site(sand, t, w)
    stocks = [
        steady_state(management(parameters, tillage, carbon_input=carbon), site, parameters)
        for tillage in ("no_till", "reduced", "full")
    ]
    totals = [float(pools.total) for pools in stocks]
    assert totals == sorted(totals, reverse=True)
    assert all(np.all(stock >= 0) for pools in stocks for stock in pools)
    richer = management(parameters, "full", carbon_input=carbon + more)
    assert steady_state(richer, site, parameters).total >= totals[-1]


@settings(max_examples=60, deadline=None)
@given(start=st.tuples(*3 * [st.floats(0.0, 300.0)]), t=FACTORS, w=st.floats(0.32, 2.24))
def test_a_step_never_passes_the_steady_state(parameters, start, t, w):
    site = Site(0.25, t, w)
    field = management(parameters)
    target = steady_state(field, site, parameters)
    rates = decay_rates(field.tillage_factor, site, parameters)
    before = Pools(*(np.array(stock) for stock in start))
    after = step(before, target, rates)
    slack = 1e-9
    for old, new, goal in zip(before, after, target, strict=True):
        assert min(old, goal) - slack <= new <= max(old, goal) + slack
        assert new >= 0


def test_the_steady_state_is_a_fixed_point(parameters):
    years = 50
    field = management(parameters, carbon_input=np.full((years, 1), 3.0))
    start = spin_up(field, SITE, parameters)
    stocks = simulate(start, field, SITE, parameters)
    assert start.total.shape == (1,)
    assert stocks == pytest.approx(np.full((years, 1), start.total[0]), rel=1e-12)


def test_stocks_go_with_inputs_and_a_stopped_practice_turns(parameters):
    base = np.full((60, 2), 2.0)
    base[20:, 1] = 3.0
    base[40:, 1] = 2.0
    field = management(parameters, carbon_input=base)
    start = steady_state(management(parameters, carbon_input=np.full(2, 2.0)), SITE, parameters)
    stocks = simulate(start, field, SITE, parameters)
    gain = stocks[:, 1] - stocks[:, 0]
    assert gain[:20] == pytest.approx(0)
    assert np.all(np.diff(gain[20:40]) > 0)
    assert np.all(np.diff(gain[40:]) < 0)
    double = simulate(
        Pools(*(2 * stock for stock in start)),
        replace(field, carbon_input=2 * base),
        SITE,
        parameters,
    )
    assert double == pytest.approx(2 * stocks)


def test_columns_and_draws_give_what_single_runs_give(parameters):
    drawn = replace(parameters, slow_decay_rate=np.array([0.18, 0.209, 0.25]))
    carbon = np.full((5, 2, 1), 3.0) * np.array([[1.0], [1.5]])  # five years, two fields
    site = Site(np.array([[0.2], [0.5]]), 0.25, np.full((5, 1, 1), 1.3))
    field = management(parameters, carbon_input=carbon)
    richer = management(parameters, carbon_input=carbon * np.linspace(1, 1.4, 5).reshape(5, 1, 1))
    stocks = simulate(spin_up(field, site, drawn), richer, site, drawn)
    assert stocks.shape == (5, 2, 3)
    single = replace(parameters, slow_decay_rate=0.25)
    alone = simulate(
        steady_state(management(single, carbon_input=4.5), Site(0.5, 0.25, 1.3), single),
        management(single, carbon_input=4.5 * np.linspace(1, 1.4, 5)),
        Site(0.5, 0.25, 1.3),
        single,
    )
    assert stocks[:, 1, 2] == pytest.approx(alone)


def test_the_run_in_is_averaged_over_years_and_not_over_columns(parameters):
    carbon = np.array([[2.0, 4.0], [4.0, 4.0]])
    site = Site(np.array([0.2, 0.5]), np.array([0.25, 0.3]), 1.2)
    found = spin_up(management(parameters, carbon_input=carbon), site, parameters)
    mean = management(parameters, carbon_input=np.array([3.0, 4.0]))
    assert found.total == pytest.approx(steady_state(mean, site, parameters).total)


def test_drawn_parameters_stay_possible(coefficients):
    for name, coefficient in coefficients.items():
        numbers = coefficient.draws(LatinHypercube(500, 1)).data.magnitude
        assert np.all(numbers > 0), name
        if coefficient.entry.share:
            assert np.all(numbers <= 1), name
        if name == "tillage_factor":
            assert np.all(numbers >= 1)


# Refused inputs


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"carbon_input": -1.0}, "carbon_input is -1"),
        ({"carbon_input": np.nan}, "carbon_input has values that are missing"),
        ({"lignin": 1.2}, "lignin is 1.2; at most 1"),
        ({"nitrogen": 0.0}, "nitrogen is 0"),
        ({"lignin": 0.3, "nitrogen": 0.004}, "negative metabolic"),
        ({"tillage_factor": 0.5}, "tillage_factor is 0.5; at least 1"),
    ],
)
def test_impossible_management_is_refused_by_name(parameters, changes, words):
    with pytest.raises(ValueError, match=words):
        steady_state(management(parameters, **changes), SITE, parameters)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sand": 25.0}, "sand is 25; at most 1"),
        ({"sand": -0.1}, "sand is -0.1"),
        ({"temperature_factor": 0.0}, "nothing decays"),
        ({"water_factor": np.nan}, "water_factor has values that are missing"),
    ],
)
def test_impossible_sites_are_refused_by_name(parameters, changes, words):
    with pytest.raises(ValueError, match=words):
        steady_state(management(parameters), replace(SITE, **changes), parameters)


def test_impossible_climates_shares_and_starts_are_refused(parameters):
    with pytest.raises(ValueError, match="twelve months"):
        temperature_factor(np.zeros(11), parameters)
    with pytest.raises(ValueError, match="precipitation is -1"):
        water_factor(np.full(12, -1.0), np.ones(12), parameters)
    with pytest.raises(ValueError, match="do not add up to 1"):
        mixed_tillage({"full": 0.5, "no_till": 0.4}, parameters)
    with pytest.raises(ValueError, match="found ploughed"):
        mixed_tillage({"ploughed": 1.0}, parameters)
    start = Pools(*(np.array([value]) for value in (1.0, -2.0, 3.0)))
    field = management(parameters, carbon_input=np.full((3, 1), 3.0))
    with pytest.raises(ValueError, match="the slow pool is -2"):
        simulate(start, field, SITE, parameters)
    uneven = Site(0.25, np.full((4, 1), 0.25), 1.3)
    with pytest.raises(ValueError):  # noqa: PT011 - numpy's own words on shapes
        simulate(start, field, uneven, parameters)
