"""Rooftop PV, its roofs and its electricity against figures worked out by hand."""

import numpy as np
import pytest
import xarray as xr

from ecoassess.models.dwelling_roofs import dwelling_roofs
from ecoassess.models.rooftop_power import rooftop_power
from ecoassess.technologies.rooftop_pv import rooftop_pv
from ecoassess.units import magnitude, quantify

DWELLINGS = ["self_built", "walk_up", "lift"]


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def dwelling(values, unit):
    return array(values, unit, ("dwelling",), dwelling=DWELLINGS)


def by_month(values, unit):
    """Return the same for the three kinds of dwelling, by month."""
    full = np.broadcast_to(np.asarray(values, float)[None, :, None], (1, 12, 3))
    dims = ("atom", "month", "dwelling")
    return array(full, unit, dims, atom=[1], month=np.arange(1, 13), dwelling=DWELLINGS)


def roofs(**changes):
    """Return the roofs of 10⁶ m² of dwellings, 20 % self-built, 10 % with a lift."""
    base = {
        "residential_floor_area": array([1e6], "m^2", ("atom",), atom=[1]),
        "household_share": dwelling([0.2, 0.7, 0.1], "1"),
        "storeys": dwelling([1, 5, 10], "1"),
        "footprint_roof_area": dwelling([np.nan, np.nan, np.nan], "m^2"),
        "usable_roof_share": dwelling([0.3, 0.4, 0.5], "1"),
        "roof_source": "floor_area",
    }
    return dwelling_roofs(**(base | changes))


def power(shares, ages, **changes):
    """Return a state of those roofs; 100 kWh/kWp a month, half of it used in the dwelling."""
    cohorts = np.arange(len(ages))
    base = {
        "usable_roof_area": roofs()["usable_roof_area"],
        "pv_roof_share": array(
            shares, "1", ("cohort", "dwelling"), cohort=cohorts, dwelling=DWELLINGS
        ),
        "cohort_age": array(ages, "yr", ("cohort",), cohort=cohorts),
        "pv_yield": by_month(np.full(12, 100.0), "kWh/kWp/yr"),
        "self_use_share": by_month(np.full(12, 0.5), "1"),
        "uneven_load": dwelling([1, 1, 1], "1"),
        "packing": dwelling([0.9, 0.5, 0.5], "1"),
        "module_power": array(0.2, "kWp/m^2"),
        "degradation": array(0.005, "1/yr"),
        "yield_factor": array(1, "1"),
        "pv_service_life": array(30, "yr"),
        "cohort_length": array(1, "yr"),
    }
    return rooftop_power(**(base | changes))


def avoided(state, factor=0.5):
    return rooftop_pv(
        own_use=state["own_use"],
        exported=state["exported"],
        new_roof_capacity=state["new_roof_capacity"],
        monthly_electricity_factor=array(factor, "kg CO2/kWh"),
        electricity_upstream_methane=array(0.001, "kg CH4_fossil/kWh"),
        electricity_upstream_carbon_dioxide=array(0.02, "kg CO2/kWh"),
        embodied_carbon=array(900, "kg CO2/kWp"),
    )


def test_roofs_by_hand():
    # 200,000 m² on one storey, 700,000 on five, 100,000 on ten
    found = roofs()
    area = magnitude(found["roof_area"], "m^2").sel(atom=1)
    assert area.values == pytest.approx([200_000, 140_000, 10_000])
    usable = magnitude(found["usable_roof_area"], "m^2").sel(atom=1)
    assert usable.values == pytest.approx([60_000, 56_000, 5_000])


def test_footprints_measure_the_roof_itself():
    measured = dwelling([3e5, 2e5, 1e4], "m^2")
    found = roofs(footprint_roof_area=measured, roof_source="footprints")["usable_roof_area"]
    np.testing.assert_allclose(magnitude(found, "m^2").squeeze(), [9e4, 8e4, 5e3])


def test_generation_by_hand():
    # full capacity in kWp: 60,000 · 0.9 · 0.2 = 10,800; 56,000 · 0.5 · 0.2 = 5,600; 500
    # half of each, ten years old: · 0.5 · exp(−0.05); · 1,200 kWh/kWp
    found = power([[0.5, 0.5, 0.5]], [10])
    generation = magnitude(found["roof_generation"], "kWh/yr").sum("month").sel(atom=1)
    expected = np.array([10_800, 5_600, 500]) * 0.5 * np.exp(-0.05) * 1200
    assert generation.values == pytest.approx(expected)


@pytest.mark.parametrize("share", [0.0, 0.137, 1.0])
def test_generated_is_used_and_exported_in_every_month(share):
    season = np.linspace(0.3, 1, 12) * share
    found = power([[0.3, 0.2, 0.1]], [3], self_use_share=by_month(season, "1"))
    generated, used, exported = (
        magnitude(found[name], "kWh/yr").values
        for name in ("roof_generation", "own_use", "exported")
    )
    np.testing.assert_allclose(used + exported, generated, rtol=1e-15)
    np.testing.assert_allclose(used, generated * season, rtol=1e-12)
    assert (exported >= 0).all()


def test_uneven_load_moves_own_use_to_export():
    plain = power([[0.3, 0.2, 0.1]], [3])
    uneven = power([[0.3, 0.2, 0.1]], [3], uneven_load=dwelling([0.8, 1, 1], "1"))
    ratio = magnitude(uneven["own_use"] / plain["own_use"], "1").isel(atom=0, month=0)
    assert ratio.values == pytest.approx([0.8, 1, 1])
    same = magnitude(uneven["roof_generation"] / plain["roof_generation"], "1")
    assert (same == 1).all()


def test_both_uses_avoid_the_same_emissions():
    """Half is used: 10,800 kWp · 0.1 · 1,200 kWh · 0.5 kg = 648 t in two equal parts."""
    result = avoided(power([[0.1, 0, 0]], [0]))
    for name in ("avoided_by_own_use", "avoided_by_export"):
        assert float(magnitude(result[name], "t CO2/yr").sum()) == pytest.approx(324.0)
    season = by_month(np.linspace(0, 1, 12), "1")
    other = avoided(power([[0.1, 0, 0]], [0], self_use_share=season))
    total = other["avoided_by_own_use"] + other["avoided_by_export"]
    assert float(magnitude(total, "t CO2/yr").sum()) == pytest.approx(648.0)


def test_used_and_exported_power_avoid_the_upstream_emissions_of_coal():
    """10,800 kWp · 0.1 · 1,200 kWh = 1,296 MWh; 1 kg CH4 and 20 kg CO2 for each."""
    result = avoided(power([[0.1, 0, 0]], [0]))
    methane = magnitude(result["avoided_upstream_methane"], "t CH4_fossil/yr")
    assert float(methane.sum()) == pytest.approx(1.296)
    carbon = magnitude(result["avoided_upstream_carbon_dioxide"], "t CO2/yr")
    assert float(carbon.sum()) == pytest.approx(25.92)


def test_embodied_carbon_is_charged_once_in_the_year_of_installation():
    new = avoided(power([[0.1, 0, 0]], [0]))["embodied_emissions"]
    old = avoided(power([[0.1, 0, 0]], [1]))["embodied_emissions"]
    # 1,080 kWp · 900 kg
    assert float(magnitude(new, "t CO2/yr").sum()) == pytest.approx(-972.0)
    assert float(magnitude(old, "t CO2/yr").sum()) == 0.0


def test_modules_are_built_again_after_thirty_years():
    """At 30 years they are as on the first day: charged again, and without degradation."""
    first, worn, again = (power([[0.1, 0, 0]], [age]) for age in (0, 29, 30))
    for state, tonnes in ((first, -972.0), (worn, 0.0), (again, -972.0)):
        found = float(magnitude(avoided(state)["embodied_emissions"], "t CO2/yr").sum())
        assert found == pytest.approx(tonnes)
    output = [float(magnitude(s["roof_generation"], "kWh/yr").sum()) for s in (first, worn, again)]
    assert output[1] / output[0] == pytest.approx(np.exp(-0.005 * 29))
    assert output[2] == pytest.approx(output[0])


def test_a_grid_without_emissions_saves_none_and_double_the_capacity_saves_double():
    clean = avoided(power([[0.5, 0.5, 0.5]], [1]), factor=0)
    for name in ("avoided_by_own_use", "avoided_by_export"):
        assert (magnitude(clean[name], "t CO2/yr") == 0).all()
    one = avoided(power([[0.2, 0.2, 0.2]], [1]))
    two = avoided(power([[0.4, 0.4, 0.4]], [1]))
    for name in ("avoided_by_own_use", "avoided_by_export"):
        assert magnitude(two[name] / one[name], "1").values == pytest.approx(2.0)
