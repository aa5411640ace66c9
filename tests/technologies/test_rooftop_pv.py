"""Rooftop PV against figures worked out by hand."""

import numpy as np
import pytest
import xarray as xr

from ecoassess.technologies.rooftop_pv import rooftop_pv
from ecoassess.units import magnitude, quantify

DWELLINGS = ["self_built", "walk_up", "lift"]


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def dwelling(values, unit):
    return array(values, unit, ("dwelling",), dwelling=DWELLINGS)


def arguments(shares, ages, **changes):
    """Return 10⁶ m² of dwellings, 20 % self-built, 10 % with a lift; 100 kWh/kWp a month."""
    base = {
        "residential_floor_area": array([1e6], "m^2", ("atom",), atom=[1]),
        "self_built_share": array([0.2], "1", ("atom",), atom=[1]),
        "lift_share": array([0.1], "1", ("atom",), atom=[1]),
        "pv_roof_share": array(
            shares, "1", ("cohort", "dwelling"), cohort=np.arange(len(ages)), dwelling=DWELLINGS
        ),
        "cohort_age": array(ages, "yr", ("cohort",), cohort=np.arange(len(ages))),
        "pv_yield": array(
            np.full((1, 12, 3), 100.0),
            "kWh/kWp/yr",
            ("atom", "month", "dwelling"),
            atom=[1],
            month=np.arange(1, 13),
            dwelling=DWELLINGS,
        ),
        "storeys": dwelling([1, 5, 10], "1"),
        "usable_roof_share": dwelling([0.3, 0.4, 0.5], "1"),
        "packing": dwelling([0.9, 0.5, 0.5], "1"),
        "module_power": array(0.2, "kWp/m^2"),
        "degradation": array(0.005, "1/yr"),
        "yield_factor": array(1, "1"),
        "electricity_factor": array(0.5, "kg CO2/kWh"),
        "embodied_carbon": array(900, "kg CO2/kWp"),
        "cohort_length": array(1, "yr"),
    }
    return base | changes


def test_capacity_and_avoided_emissions_by_hand():
    # roofs 200,000 / 140,000 / 10,000 m²; full capacity in kWp:
    #   200,000 · 0.3 · 0.9 · 0.2 = 10,800; 140,000 · 0.4 · 0.5 · 0.2 = 5,600;
    #   10,000 · 0.5 · 0.5 · 0.2 = 500
    # half of each, ten years old: · 0.5 · exp(−0.05); · 1,200 kWh/kWp · 0.5 kg/kWh
    result = rooftop_pv(**arguments([[0.5, 0.5, 0.5]], [10]))
    avoided = magnitude(result["avoided_grid_emissions"], "t CO2/yr").sum("month").sel(atom=1)
    expected = np.array([10_800, 5_600, 500]) * 0.5 * np.exp(-0.05) * 1200 * 0.5 / 1000
    assert avoided.values == pytest.approx(expected)


def test_embodied_carbon_is_charged_once_in_the_year_of_installation():
    new = rooftop_pv(**arguments([[0.1, 0, 0]], [0]))["embodied_emissions"]
    old = rooftop_pv(**arguments([[0.1, 0, 0]], [1]))["embodied_emissions"]
    # 1,080 kWp · 900 kg
    assert float(magnitude(new, "t CO2/yr").sum()) == pytest.approx(-972.0)
    assert float(magnitude(old, "t CO2/yr").sum()) == 0.0


def test_a_grid_without_emissions_saves_none_and_double_the_roof_saves_double():
    clean = rooftop_pv(
        **arguments([[0.5, 0.5, 0.5]], [1], electricity_factor=array(0, "kg CO2/kWh"))
    )
    assert float(magnitude(clean["avoided_grid_emissions"], "t CO2/yr").sum()) == 0.0
    one = rooftop_pv(**arguments([[0.2, 0.2, 0.2]], [1]))["avoided_grid_emissions"]
    two = rooftop_pv(**arguments([[0.4, 0.4, 0.4]], [1]))["avoided_grid_emissions"]
    assert magnitude(two / one, "1").values == pytest.approx(2.0)
