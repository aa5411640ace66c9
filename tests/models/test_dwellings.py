"""Kinds of dwelling: shares add up to the whole."""

import pytest
import xarray as xr

from ecoassess.models.dwellings import dwellings
from ecoassess.units import magnitude, quantify


def test_walk_up_blocks_are_the_rest():
    def one(value):
        return quantify(xr.DataArray([value], dims="atom"), "1")

    found = magnitude(dwellings(one(0.2), one(0.3))["household_share"], "1").isel(atom=0)
    shares = {str(d): float(found.sel(dwelling=d)) for d in found["dwelling"].values}
    assert shares == pytest.approx({"self_built": 0.2, "walk_up": 0.5, "lift": 0.3})
