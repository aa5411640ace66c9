"""Straw return against figures worked out by hand from the IPCC equations."""

import numpy as np
import pytest
import xarray as xr

from ecoassess.technologies.straw_return import straw_return
from ecoassess.units import magnitude, quantify

CROPS = ["maize", "rice"]


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def crop(values, unit):
    return array(values, unit, ("crop",), crop=CROPS)


def arguments(shares, ages, **changes):
    """Return 1,000 ha of maize and 500 ha of paddy in one atom, IPCC moist defaults."""
    base = {
        "crop_area": array([[1000.0, 500.0]], "ha", ("atom", "crop"), atom=[1], crop=CROPS),
        "crop_yield": array([[6.0, 5.0]], "t/ha", ("atom", "crop"), atom=[1], crop=CROPS),
        "straw_return_share": array(
            shares, "1", ("cohort", "crop"), cohort=np.arange(len(ages)), crop=CROPS
        ),
        "cohort_age": array(ages, "yr", ("cohort",), cohort=np.arange(len(ages))),
        "harvests": array(1, "1/yr"),
        "upland": crop([1, 0], "1"),
        "soil_carbon_reference": array(81, "t C/ha"),
        "factor_land_use": array(0.7, "1"),
        "factor_tillage": array(1, "1"),
        "factor_input_low": array(0.92, "1"),
        "factor_input_medium": array(1, "1"),
        "transition_period": array(20, "yr"),
        "dry_matter_fraction": crop([0.87, 0.89], "t dm/t"),
        "straw_to_grain": crop([1.0, 1.4], "1"),
        "collectable_share": crop([0.9, 0.8], "1"),
        "straw_nitrogen": crop([0.006, 0.007], "t N/t dm"),
        "direct_factor_upland": array(0.006, "t N2O_N/t N"),
        "direct_factor_paddy": array(0.005, "t N2O_N/t N"),
        "leached_fraction": array(0.24, "1"),
        "leaching_factor": array(0.011, "t N2O_N/t N"),
        "methane_baseline_factor": array(1.32, "kg CH4_biogenic/ha/day"),
        "cultivation_period": array(112, "day/yr"),
        "water_regime_factor": array(0.71, "1"),
        "pre_season_factor": array(0.89, "1"),
        "straw_conversion_factor": array(
            [0.19, 1.0],
            "ha/t dm",
            ("timing",),
            timing=["over_30_days_before", "within_30_days_before"],
        ),
        "organic_amendment_exponent": array(0.59, "1"),
        "incorporation": "over_30_days_before",
    }
    return base | changes


def effect(baseline, project):
    before, after = straw_return(**baseline), straw_return(**project)
    return {name: after[name] - before[name] for name in after}


def test_soil_carbon_of_a_moist_field_by_hand():
    # 81 · 0.70 · (1 − 0.92) / 20 = 0.2268 t C/ha/yr on 1000 ha · 0.4; nothing on paddy.
    gained = effect(arguments([[0, 0]], [5]), arguments([[0.4, 0.4]], [5]))["soil_carbon"]
    assert magnitude(gained, "t C/yr").sel(atom=1).values == pytest.approx([90.72, 0.0])
    assert float(magnitude(gained, "t CO2/yr").sum()) == pytest.approx(90.72 * 44 / 12)


def test_the_gain_ends_after_twenty_years_and_turns_when_the_practice_stops():
    def carbon(shares, ages):
        return float(
            magnitude(straw_return(**arguments(shares, ages))["soil_carbon"], "t C/yr").sum()
        )

    assert carbon([[0.4, 0]], [19]) == pytest.approx(90.72)
    assert carbon([[0.4, 0]], [20]) == 0.0
    # adopted 25 years ago, dropped 3 years ago: the soil loses what it had gained
    assert carbon([[0.4, 0], [-0.4, 0]], [25, 3]) == pytest.approx(-90.72)


def test_nitrous_oxide_of_the_added_straw_by_hand():
    # maize: 6 · 0.87 · 1.0 · 0.9 = 4.698 t dm/ha; 400 ha · 4.698 · 0.006 = 11.2752 t N
    #   · (0.006 + 0.24 · 0.011 = 0.00864) = 0.09741773 t N2O-N
    # rice: 5 · 0.89 · 1.4 · 0.8 = 4.984 t dm/ha; 200 ha · 4.984 · 0.007 = 6.9776 t N
    #   · 0.005 = 0.034888 t N2O-N
    emitted = effect(arguments([[0, 0]], [5]), arguments([[0.4, 0.4]], [5]))[
        "residue_nitrous_oxide"
    ]
    assert magnitude(emitted, "t N2O_N/yr").sel(atom=1).values == pytest.approx(
        [-0.097417728, -0.034888]
    )
    assert magnitude(emitted, "t N2O/yr").sel(atom=1, crop="maize").item() == pytest.approx(
        -0.097417728 * 44 / 28
    )


@pytest.mark.parametrize(
    ("timing", "factor"), [("over_30_days_before", 1.48156), ("within_30_days_before", 2.87355)]
)
def test_paddy_methane_by_hand(timing, factor):
    # EF = 1.32 · 112 · 0.71 · 0.89 = 93.4205 kg/ha/yr without straw
    # SF_o = (1 + 4.984 · 0.19)^0.59 = exp(0.59 · 0.66627), or exp(0.59 · ln 5.984)
    emitted = effect(
        arguments([[0, 0]], [5], incorporation=timing),
        arguments([[0.4, 0.4]], [5], incorporation=timing),
    )["paddy_methane"]
    assert float(magnitude(emitted, "kg CH4_biogenic/yr").sum()) == pytest.approx(
        -200 * 93.4205 * (factor - 1), rel=1e-4
    )


def test_more_straw_never_lowers_soil_carbon_and_a_missing_crop_is_missing():
    totals = [
        float(magnitude(straw_return(**arguments([[s, s]], [5]))["soil_carbon"], "t C/yr").sum())
        for s in (0.0, 0.2, 0.5, 1.0)
    ]
    assert totals == sorted(totals)
    area = array([[1000.0, np.nan]], "ha", ("atom", "crop"), atom=[1], crop=CROPS)
    result = straw_return(**arguments([[0.4, 0.4]], [5], crop_area=area))
    assert np.isnan(magnitude(result["paddy_methane"], "t CH4_biogenic/yr").item())
