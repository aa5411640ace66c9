"""Rainfall erosivity of the months."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from ecoassess.calendar import Month
from ecoassess.models.erosivity import erosivity_share, modified_fournier_index

JUNE = Month(2024, 6)


def climate(*months, temperature=(10.0,) * 12):
    def monthly(values):
        coords = {"adcode": ["222401"], "month": np.arange(1, 13)}
        return xr.DataArray([values], coords, dims=("adcode", "month"))

    precipitation = [*months, *[0.0] * (12 - len(months))]
    return SimpleNamespace(precipitation=monthly(precipitation), temperature=monthly(temperature))


def test_index_and_shares_by_hand():
    # 10² + 20² + 70² = 5400, over 100 mm
    wet = climate(10.0, 20.0, 70.0)
    assert modified_fournier_index(wet, JUNE, {}).values == pytest.approx([54.0])
    shares = erosivity_share(wet, JUNE, {}).values[0]
    assert shares[:3] == pytest.approx([100 / 5400, 400 / 5400, 4900 / 5400])
    assert shares.sum() == pytest.approx(1)


def test_even_rain_has_a_twelfth_of_the_year():
    even = climate(*[50.0] * 12)
    assert modified_fournier_index(even, JUNE, {}).values == pytest.approx([600 / 12])
    assert erosivity_share(even, JUNE, {}).values == pytest.approx(1 / 12)


def test_a_missing_month_is_no_dry_month():
    gap = climate(10.0, np.nan, 70.0)
    assert np.isnan(modified_fournier_index(gap, JUNE, {})).all()
    assert np.isnan(erosivity_share(gap, JUNE, {})).all()


def test_snow_is_water_but_does_not_erode():
    # 20² + 70² = 5300 over 100 mm; the 10 mm of January are snow
    winter = climate(10.0, 20.0, 70.0, temperature=(-15.0, *[10.0] * 11))
    assert modified_fournier_index(winter, JUNE, {}).values == pytest.approx([53.0])
    shares = erosivity_share(winter, JUNE, {}).values[0]
    assert shares[:3] == pytest.approx([0, 400 / 5300, 4900 / 5300])
