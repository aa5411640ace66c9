"""Straw by hand."""

import numpy as np
import pytest
import xarray as xr

from ecoassess.models.straw import straw
from ecoassess.units import magnitude, quantify

CROPS = ["maize", "rice"]


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def test_straw_of_two_crops():
    """7 t of maize at 87 % dry and 1:1; 6 t of rice at 89 % and 1.4."""
    found = straw(
        crop_area=array([[1000, 200]], "ha", ("atom", "crop"), atom=[1], crop=CROPS),
        crop_yield=array([[7, 6]], "t/ha", ("atom", "crop"), atom=[1], crop=CROPS),
        dry_matter_fraction=array([0.87, 0.89], "t dm/t", ("crop",), crop=CROPS),
        straw_to_grain=array([1.0, 1.4], "1", ("crop",), crop=CROPS),
        collectable_share=array([0.9, 0.8], "1", ("crop",), crop=CROPS),
        harvests=array(1, "1/yr"),
    )
    per_hectare = [6.09, 7.476]
    expected = {
        "straw_yield": (per_hectare, "t dm/ha/yr"),
        "collectable_straw": ([5.481, 5.9808], "t dm/ha/yr"),
        "straw_grown": ([6090, 1495.2], "t dm/yr"),
        "straw_supply": ([5481, 1196.16], "t dm/yr"),
    }
    for name, (values, unit) in expected.items():
        assert magnitude(found[name], unit).sel(atom=1).values == pytest.approx(values), name
