"""Self-use by hand on made-up hours, and its limits."""

import numpy as np
import pytest

from ecoassess.models.pv_year import PVYear, monthly_sum
from ecoassess.models.self_use import household_load, self_use_share
from ecoassess.models.solar import DAYS_IN_MONTH

EVEN = np.full(24, 1 / 24)


def year_of(clear, overcast, clear_fraction=0.5):
    """Return a year of one plane whose every day has these 24 hours in kW/kWp."""
    hourly = [np.tile(np.asarray(day, float), 365)[:, None] for day in (clear, overcast)]
    s = np.full(12, clear_fraction)
    months = [monthly_sum(state) for state in hourly]
    monthly = s[:, None] * months[0] + (1 - s[:, None]) * months[1]
    nothing = np.zeros((12, 1))
    return PVYear(monthly, nothing, nothing, s, s, *hourly)


def noon(power):
    return [power if hour == 12 else 0.0 for hour in range(24)]


def test_load_adds_up_to_the_year_and_its_months():
    months = np.arange(1, 13) / 78
    hours = np.arange(24) / 276
    load = household_load(np.array([1200.0, 600.0]), months, hours)
    assert load.shape == (8760, 2)
    np.testing.assert_allclose(monthly_sum(load)[:, 0], 1200 * months)
    np.testing.assert_allclose(load[:, 1], load[:, 0] / 2)
    # 31 January at 23 h: 1200 · 1/78 / 31 days · 23/276
    assert load[30 * 24 + 23, 0] == pytest.approx(1200 / 78 / 31 * 23 / 276)


def test_each_sky_is_split_by_itself():
    """Clear noons give 0.8 and overcast ones 0.1 kW beside a load of 0.2.

    Used 0.2 and 0.1, in the mean of equal parts 0.15 of 0.45; the mean noon of 0.45 kW would
    wrongly have 0.2 of 0.45.
    """
    year = year_of(noon(0.8), noon(0.1))
    load = household_load(np.array([0.2 * 8760]), DAYS_IN_MONTH / 365, EVEN)
    share = self_use_share(year, np.array([[1.0]]), np.array([1.0]), load)
    np.testing.assert_allclose(share, 0.15 / 0.45)


def test_capacity_mix_and_limits():
    year = year_of(noon(0.8), noon(0.8))
    load = household_load(np.array([0.2 * 8760] * 3), DAYS_IN_MONTH / 365, EVEN)
    # 0.2 kW of 0.8 kWp · 0.8; all of a small plant; half the capacity on the plane
    shares = np.array([[1.0], [1.0], [0.5]])
    found = self_use_share(year, shares, np.array([1.0, 0.1, 1.0]), load)
    np.testing.assert_allclose(found, np.tile([0.25, 1.0, 0.5], (12, 1)))
    none = self_use_share(year, shares, np.array([1.0, 0.1, 1.0]), 0 * load)
    assert (none == 0).all()


def test_nothing_is_used_of_a_dark_month():
    year = year_of(noon(0.0), noon(0.0))
    load = household_load(np.array([1000.0]), DAYS_IN_MONTH / 365, EVEN)
    assert (self_use_share(year, np.array([[1.0]]), np.array([1.0]), load) == 0).all()


def test_a_larger_plant_is_used_less():
    year = year_of(np.clip(np.sin((np.arange(24) - 6) * np.pi / 12), 0, None), noon(0.1))
    load = household_load(np.array([1500.0] * 4), DAYS_IN_MONTH / 365, EVEN)
    found = self_use_share(year, np.ones((4, 1)), np.array([0.3, 1.0, 3.0, 9.0]), load)
    assert (np.diff(found, axis=1) < 0).all()
