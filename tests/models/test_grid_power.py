"""The grid's factor by month."""

import numpy as np
import pytest
import xarray as xr

from ecoassess.models.grid_power import grid_power
from ecoassess.units import magnitude, quantify


def test_a_month_has_its_ratio_of_the_year():
    ratio = xr.DataArray(
        [1.2, *[1.0] * 11], dims="month", coords={"month": [str(m) for m in range(1, 13)]}
    )
    year = quantify(xr.DataArray([0.5, 0.4], dims="atom"), "kg CO2/kWh")
    found = grid_power(year, quantify(ratio, "1"))["monthly_electricity_factor"]
    plain = magnitude(found, "kg CO2/kWh")
    assert plain["month"].values.tolist() == list(range(1, 13))
    assert plain.sel(month=1).values == pytest.approx([0.6, 0.48])
    np.testing.assert_allclose(plain.sel(month=7), [0.5, 0.4])
