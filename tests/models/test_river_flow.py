"""River flow by month: worked out by hand, and what any flow keeps."""

import numpy as np
import pytest

from ecoassess.models.river_flow import monthly_flow_share

DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) / 365
COLD = np.array([-15, -10, -3, 6, 12, 17, 20, 20, 14, 6, -4, -12.0])
RAIN = np.array([10, 10, 20, 30, 60, 90, 120, 110, 50, 30, 20, 10.0])


def share(temperature=COLD, precipitation=RAIN, even=0.0):
    return monthly_flow_share(temperature, precipitation, DAYS, 0.0, even)


def test_snow_runs_off_in_the_first_month_above_freezing():
    # frozen: November 20, December 10, January 10, February 10, March 20, with April's 30: 100
    # of 560 mm in the year
    expected = np.array([0, 0, 0, 100, 60, 90, 120, 110, 50, 30, 0, 0]) / 560
    np.testing.assert_allclose(share(), expected, rtol=1e-12)


def test_groundwater_runs_through_the_winter():
    # a fifth of the flow by days: January 0.2 · 31/365, July 0.8 · 120/560 + 0.2 · 31/365
    found = share(even=0.2)
    assert found[0] == pytest.approx(0.2 * 31 / 365)
    assert found[6] == pytest.approx(0.8 * 120 / 560 + 0.2 * 31 / 365)


def test_the_year_adds_up_for_any_place_and_precipitation_scales_out():
    places = np.stack([COLD, COLD + 30, COLD[::-1]])
    for even in (0.0, 0.3, 1.0):
        np.testing.assert_allclose(share(places, RAIN, even).sum(-1), 1, rtol=1e-12)
    np.testing.assert_allclose(share(COLD, 2 * RAIN), share(), rtol=1e-12)


def test_without_frost_flow_is_precipitation():
    np.testing.assert_allclose(share(COLD + 30), RAIN / RAIN.sum(), rtol=1e-12)


@pytest.mark.parametrize(
    ("temperature", "precipitation", "even", "said"),
    [
        (COLD - 30, RAIN, 0.2, "thaw"),
        (COLD, 0 * RAIN, 0.2, "precipitation"),
        (COLD, -RAIN, 0.2, "precipitation"),
        (COLD, RAIN, 1.2, "even share"),
    ],
)
def test_what_cannot_be_is_refused(temperature, precipitation, even, said):
    with pytest.raises(ValueError, match=said):
        share(temperature, precipitation, even)
