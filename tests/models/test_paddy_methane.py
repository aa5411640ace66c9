"""Paddy methane against figures worked out by hand and published ones."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.models.paddy_methane import paddy_methane
from ecoassess.units import magnitude, quantify

PUBLISHED = YAML(typ="safe").load(Path(__file__).parents[1] / "reference" / "paddy_methane.yaml")
CROPS = ["maize", "rice"]
DRAINAGE = ["single", "multiple"]
TIMING = ["over_30_days_before", "within_30_days_before"]
PRE_SEASON = ["over_180_days", "under_180_days", "flooded_over_30_days", "over_365_days"]


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def methane(straw=0.0, drained=(0.0, 0.0), **changes):
    """Return kg CH4/yr of 500 ha of paddy beside 1,000 ha of maize; IPCC 2019, East Asia."""
    base = {
        "crop_area": array([[1000, 500]], "ha", ("atom", "crop"), atom=[1], crop=CROPS),
        "collectable_straw": array(
            [[4.698, 4.984]], "t dm/ha/yr", ("atom", "crop"), atom=[1], crop=CROPS
        ),
        "straw_return_share": array(
            [[straw, straw]], "1", ("cohort", "crop"), cohort=[0], crop=CROPS
        ),
        "drainage_share": array(
            [drained], "1", ("cohort", "drainage"), cohort=[0], drainage=DRAINAGE
        ),
        "upland": array([1, 0], "1", ("crop",), crop=CROPS),
        "harvests": array(1, "1/yr"),
        "methane_baseline_factor": array(1.32, "kg CH4_biogenic/ha/day"),
        "cultivation_period": array(112, "day"),
        "water_regime_factor": array([0.71, 0.55], "1", ("drainage",), drainage=DRAINAGE),
        "pre_season_factor": array(
            [0.89, 1.0, 2.41, 0.59], "1", ("pre_season_regime",), pre_season_regime=PRE_SEASON
        ),
        "straw_conversion_factor": array([0.19, 1.0], "ha/t dm", ("timing",), timing=TIMING),
        "organic_amendment_exponent": array(0.59, "1"),
        "incorporation": "over_30_days_before",
        "pre_season": "over_180_days",
    }
    with xr.set_options(arithmetic_join="exact"):
        result = paddy_methane(**(base | changes))["paddy_methane"]
    assert result.dims == ("atom",)
    return float(magnitude(result, "kg CH4_biogenic/yr").item())


# A flooded hectare without straw: 1.32 · 112 · 0.89 = 131.5776 kg a season.
# Straw of 4.984 t/ha: SF_o = 1.94696^0.59 = exp(0.59 · 0.66627) = 1.48156 off season,
# 5.984^0.59 = exp(0.59 · 1.789089) = 2.873592 just before it.
@pytest.mark.parametrize(
    ("drained", "straw", "timing", "per_hectare"),
    [
        ((0, 0), 0, "over_30_days_before", 131.5776),
        ((1, 0), 0, "over_30_days_before", 93.42010),  # · 0.71
        ((0, 1), 0, "over_30_days_before", 72.36768),  # · 0.55
        ((0.5, 0.2), 0, "over_30_days_before", 100.65686),  # · (0.3 + 0.5 · 0.71 + 0.2 · 0.55)
        ((0, 0), 1, "over_30_days_before", 194.9401),  # · 1.48156
        ((0, 0), 1, "within_30_days_before", 378.1003),  # · 2.873592
        ((1, 0), 0.4, "over_30_days_before", 111.4152),  # 93.42010 · (1 + 0.4 · 0.48156)
        ((0, 1), 0.4, "within_30_days_before", 126.6027),  # 72.36768 · (1 + 0.4 · 1.873592)
    ],
)
def test_a_season_by_hand(drained, straw, timing, per_hectare):
    found = methane(straw, drained, incorporation=timing)
    assert found == pytest.approx(500 * per_hectare, rel=1e-5)


def test_pre_season_options_scale_by_the_table():
    # 1.32 · 112 = 147.84 kg/ha: 0.89 → 131.5776, 1.00, 2.41 → 356.2944, 0.59 → 87.2256
    found = [methane(pre_season=option) / 500 for option in PRE_SEASON]
    assert found == pytest.approx([131.5776, 147.84, 356.2944, 87.2256])


@pytest.mark.parametrize("case", PUBLISHED["seasons"], ids=lambda case: case["name"])
def test_published_season(case, compare):
    found = methane(
        methane_baseline_factor=array(case["baseline_factor"], "kg CH4_biogenic/ha/day"),
        cultivation_period=array(case["days"], "day"),
        pre_season="under_180_days",
    )
    compare(
        "paddy_methane",
        f"methane of a season, {case['baseline_factor']} kg/ha/day for {case['days']} days",
        found / 500,
        case["kilograms_methane"],
        unit="kg CH4/ha",
        abs=0.005,
        source=case.get("source", case["name"]),
    )


@pytest.mark.parametrize("case", PUBLISHED["straw_factors"], ids=lambda case: case["name"])
def test_published_straw_factor(case, compare):
    changes = {
        "collectable_straw": array(case["straw"], "t dm/ha/yr"),
        "straw_conversion_factor": array(
            [case["conversion"]] * 2, "ha/t dm", ("timing",), timing=TIMING
        ),
    }
    compare(
        "paddy_methane",
        f"factor of {case['straw']} t/ha of straw, conversion {case['conversion']}",
        methane(1, **changes) / methane(0, **changes),
        case["factor"],
        unit="1",
        abs=0.005,
        source=case.get("source", case["name"]),
    )


@pytest.mark.parametrize("drained", [(1, 0), (0, 1)])
def test_reduction_is_within_what_was_measured_in_northeast_china(drained, compare):
    cases = PUBLISHED["measured_reductions"]["cases"]
    measured = [case["per_cent"] for case in cases]
    compare(
        "paddy_methane",
        f"reduction by {'single' if drained[0] else 'multiple'} drainage",
        100 * (1 - methane(drained=drained) / methane()),
        (min(measured), max(measured)),
        unit="%",
        between=True,
        source="; ".join(c["source"] for c in cases if not c["source"].startswith("as above")),
    )


@pytest.mark.parametrize("straw", [0.0, 0.5, 1.0])
def test_drained_is_below_flooded_and_linear_in_its_share(straw):
    flooded, half, full = (methane(straw, (share, 0)) for share in (0, 0.5, 1))
    assert full < half < flooded
    assert half == pytest.approx((flooded + full) / 2)
    assert methane(straw, (0, 1)) < full


def test_more_straw_never_lowers_methane_and_off_season_is_below_in_season():
    totals = [methane(share) for share in (0, 0.2, 0.5, 1)]
    assert totals == sorted(totals)
    richer = array([[4.698, 7]], "t dm/ha/yr", ("atom", "crop"), atom=[1], crop=CROPS)
    assert methane(1, collectable_straw=richer) > methane(1)
    assert methane(1, incorporation="within_30_days_before") > methane(1)
    assert methane(0, incorporation="within_30_days_before") == methane(0)


def test_only_the_sum_of_the_cohorts_counts():
    split = array(
        [[0.6, 0.1], [-0.2, 0.3]], "1", ("cohort", "drainage"), cohort=[0, 1], drainage=DRAINAGE
    )
    assert methane(0.3, drainage_share=split) == pytest.approx(methane(0.3, (0.4, 0.4)))


def test_two_harvests_share_the_straw_of_a_year():
    # Each season takes half the straw: 2 · 131.5776 · (1 + 2.492 · 0.19)^0.59
    #   = 263.1552 · 1.47348^0.59 = 263.1552 · exp(0.59 · 0.387627) = 263.1552 · 1.256962
    found = methane(1, harvests=array(2, "1/yr"))
    assert found / 500 == pytest.approx(330.776, rel=1e-5)


def test_dry_crops_do_not_count_and_an_unknown_paddy_is_unknown():
    def area(maize, rice):
        return array([[maize, rice]], "ha", ("atom", "crop"), atom=[1], crop=CROPS)

    for maize in (0, 9999, np.nan):
        assert methane(0.4, crop_area=area(maize, 500)) == methane(0.4)
    assert np.isnan(methane(0.4, crop_area=area(1000, np.nan)))
