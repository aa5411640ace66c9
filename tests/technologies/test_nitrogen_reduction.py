"""Nitrogen reduction against figures worked out by hand."""

import numpy as np
import pytest
import xarray as xr

from ecoassess.technologies.nitrogen_reduction import nitrogen_reduction
from ecoassess.units import magnitude, quantify

CROPS = ["maize", "rice"]
SOURCES = ["synthetic", "manure", "residue", "mineralised"]


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def state(nitrogen, nitrous_oxide=(1.0, 2.0, 3.0, 4.0)):
    """Return the result for t N by crop and t N2O by source, the same for each pathway."""
    emitted = array([nitrous_oxide], "t N2O/yr", ("atom", "source"), atom=[1], source=SOURCES)
    return nitrogen_reduction(
        direct_nitrous_oxide=emitted,
        volatilised_nitrous_oxide=emitted / 10,
        leached_nitrous_oxide=emitted / 5,
        synthetic_nitrogen=array([nitrogen], "t N/yr", ("atom", "crop"), atom=[1], crop=CROPS),
        urea_share=array(0.6, "1"),
        urea_nitrogen_content=array(0.46, "t N/t"),
        urea_carbon=array(0.20, "t C/t"),
        fertiliser_production_factor=array(8, "t CO2/t N"),
    )


def test_components_are_those_declared():
    assert set(state([180, 75])) == set(nitrogen_reduction.technology.components)
    assert nitrogen_reduction.technology.adopts == ("nitrogen_practice_share",)


def test_urea_and_production_by_hand():
    # 180 t N · 0.6 / 0.46 = 234.7826 t urea · 0.20 = 46.95652 t C · 44/12 = 172.1739 t CO2
    result = state([180, 75])
    urea = magnitude(result["urea_carbon_dioxide"], "t CO2/yr").sel(atom=1)
    assert urea.sel(crop="maize").item() == pytest.approx(-180 * 0.6 / 0.46 * 0.20 * 44 / 12)
    assert urea.sel(crop="maize").item() == pytest.approx(-172.1739, abs=5e-5)
    made = magnitude(result["fertiliser_production"], "t CO2/yr").sel(atom=1)
    assert made.values == pytest.approx([-1440, -600])


def test_emissions_are_negative_and_less_nitrogen_is_positive():
    before, after = state([180, 75]), state([150, 60], (0.8, 2.0, 3.0, 4.0))
    for name, component in nitrogen_reduction.technology.components.items():
        one, other = (magnitude(found[name], component.unit) for found in (before, after))
        assert (one < 0).all()
        assert float((other - one).sum()) > 0
    direct = magnitude(after["direct_nitrous_oxide"] - before["direct_nitrous_oxide"], "t N2O/yr")
    assert direct.sel(atom=1).values == pytest.approx([0.2, 0, 0, 0])


def test_equal_states_have_no_effect_and_missing_stays_missing():
    one, other = state([180, np.nan]), state([180, np.nan])
    for name in one:
        difference = magnitude(one[name] - other[name], str(one[name].data.units))
        assert not np.nan_to_num(difference.values).any()
    made = magnitude(one["fertiliser_production"], "t CO2/yr").sel(atom=1)
    assert np.isnan(made.sel(crop="rice").item())
