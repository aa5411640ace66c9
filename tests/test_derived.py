"""Month shares by hand."""

import numpy as np
import pytest
import xarray as xr

from ecoassess.calendar import Month
from ecoassess.derived import (
    Climate,
    day_share,
    forest_growth_share,
    growing_degree_day_share,
    rice_season_share,
    straw_burning_share,
)
from ecoassess.errors import InputError

SEASONS = {
    "growth_base_temperature": 278.15,
    "rice_season_start": 142.0,
    "rice_season_end": 253.0,
}


@pytest.fixture
def climate() -> Climate:
    """One county with 15 °C in June and July, 5 °C or less else."""
    monthly = np.array([[-15, -10, -2, 4, 5, 15, 15, 5, 3, 1, -5, -12]], float)
    coords = {"adcode": ["1"], "month": np.arange(1, 13)}
    temperature = xr.DataArray(monthly, dims=("adcode", "month"), coords=coords)
    light = xr.DataArray([np.arange(1, 13) * 10.0], dims=("adcode", "month"), coords=coords)
    return Climate(temperature, temperature, temperature, {}, {}, temperature, light)


def test_growth_falls_in_the_warm_months(climate: Climate) -> None:
    # 10 K over 30 days of June and 31 of July
    share = growing_degree_day_share(climate, Month(2024, 6), SEASONS).sel(adcode="1")
    expected = np.zeros(12)
    expected[5:7] = 300 / 610, 310 / 610
    np.testing.assert_allclose(share, expected, atol=1e-12)


def test_forest_grows_by_warmth_and_light(climate: Climate) -> None:
    # 300 degree-days in June and 310 in July; 60 and 70 kWh/m² of the month, so 2.0 and 2.258 a day
    share = forest_growth_share(climate, Month(2024, 6), SEASONS).sel(adcode="1")
    expected = np.zeros(12)
    expected[5:7] = np.array([300 * 60 / 30, 310 * 70 / 31]) / (300 * 60 / 30 + 310 * 70 / 31)
    np.testing.assert_allclose(share, expected, atol=1e-12)


def test_days_of_a_leap_year(climate: Climate) -> None:
    share = day_share(climate, Month(2024, 6), SEASONS).sel(adcode="1")
    assert float(share.sel(month=2)) == pytest.approx(29 / 366)
    assert float(share.sum()) == pytest.approx(1)


def test_the_flooded_season(climate: Climate) -> None:
    # 22 May to 10 September: 10 + 30 + 31 + 31 + 10 = 112 days
    share = rice_season_share(climate, Month(2024, 6), SEASONS).sel(adcode="1")
    expected = np.zeros(12)
    expected[4:9] = np.array([10, 30, 31, 31, 10]) / 112
    np.testing.assert_allclose(share, expected, atol=1e-12)


def test_the_months_of_burning(climate: Climate) -> None:
    burning = {"4": 0.7, "11": 0.3}
    share = straw_burning_share(climate, Month(2024, 6), {"straw_burning": burning}).sel(adcode="1")
    expected = np.zeros(12)
    expected[3], expected[10] = 0.7, 0.3
    np.testing.assert_allclose(share, expected)


def test_months_that_are_more_than_the_year_are_refused(climate: Climate) -> None:
    with pytest.raises(InputError, match="do not add up to the year"):
        straw_burning_share(climate, Month(2024, 6), {"straw_burning": {"4": 0.7, "11": 0.4}})
