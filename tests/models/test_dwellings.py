"""Kinds of dwelling: shares add up to the whole."""

import pytest
import xarray as xr

from ecoassess.models.dwellings import dwellings
from ecoassess.units import magnitude, quantify


def one(value):
    return quantify(xr.DataArray([value], dims="atom"), "1")


def shares(houses):
    people = xr.DataArray(
        [[750.0, 250.0]], {"residence": ["urban", "rural"]}, dims=("atom", "residence")
    )
    found = dwellings(
        population=quantify(people, "person"),
        village_house_share=one(0.9),
        town_house_share=one(0.1),
        self_built_share=one(0.2),
        lift_share=one(0.3),
        houses=houses,
    )
    plain = magnitude(found["household_share"], "1").isel(atom=0)
    return {str(d): float(plain.sel(dwelling=d)) for d in plain["dwelling"].values}


def test_houses_by_where_people_live():
    """A quarter in villages: 0.25 · 0.9 + 0.75 · 0.1 = 0.3; walk-up blocks are the rest."""
    expected = {"self_built": 0.3, "walk_up": 0.4, "lift": 0.3}
    assert shares("village_population") == pytest.approx(expected)


def test_houses_by_who_built_them():
    expected = {"self_built": 0.2, "walk_up": 0.5, "lift": 0.3}
    assert shares("self_built") == pytest.approx(expected)
