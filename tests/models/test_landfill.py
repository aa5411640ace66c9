"""The landfill's yearly recursion: by hand, against its closed form, and what it conserves."""

from math import exp, log

import numpy as np
import pytest

from ecoassess.models.landfill import first_order_decay


def test_recursion_by_hand():
    """Half-life 1 yr: half of the stock goes each year, nothing in the year of deposit."""
    found = first_order_decay([100, 40, 0, 0], log(2))
    assert found.decomposed == pytest.approx([0, 50, (50 + 40) / 2, 45 / 2])
    assert found.stock == pytest.approx([100, 50 + 40, 45, 22.5])


def test_an_earlier_start_lets_the_deposit_decay_in_its_own_year():
    """Start on 1 July: e^(−k/2) = 1/√2 of the deposit is left on 31 December."""
    found = first_order_decay([100, 0], log(2), reaction_start=0.5)
    left = 100 / 2**0.5
    assert found.decomposed == pytest.approx([100 - left, left / 2])
    assert found.stock == pytest.approx([left, left / 2])


@pytest.mark.parametrize("start", [0.25, 1.0])
def test_a_constant_deposit_has_a_closed_form(start):
    """In the n-th year of a deposit D: D (1 − e^(−k (n − s)))."""
    found = first_order_decay(np.full(40, 7.0), 0.06, start)
    expected = [7 * (1 - exp(-0.06 * (n - start))) for n in range(1, 41)]
    assert found.decomposed == pytest.approx(expected)


def test_all_that_is_deposited_decomposes_or_is_left():
    deposits = np.random.default_rng(1).uniform(0, 10, (50, 3))
    found = first_order_decay(deposits, [0.02, 0.06, 0.4], 0.7)
    assert found.decomposed.sum(axis=0) + found.stock[-1] == pytest.approx(deposits.sum(axis=0))


def test_one_deposit_decomposes_wholly_in_time():
    deposits = np.zeros(1000)
    deposits[0] = 5
    assert first_order_decay(deposits, 0.06).decomposed.sum() == pytest.approx(5)


def test_deposits_add_up():
    one, other = np.arange(20.0), np.linspace(3, 0, 20)
    both = first_order_decay(2 * one + other, 0.1).decomposed
    parts = 2 * first_order_decay(one, 0.1).decomposed + first_order_decay(other, 0.1).decomposed
    assert both == pytest.approx(parts)


def test_what_does_not_decay_stays():
    found = first_order_decay([1, 2], 0.0)
    assert found.decomposed == pytest.approx([0, 0])
    assert found.stock[-1] == pytest.approx(3)


def test_a_gap_in_the_series_is_not_a_zero():
    found = first_order_decay([1.0, np.nan, 1.0], 0.1)
    assert np.isnan(found.decomposed[1:]).all()
