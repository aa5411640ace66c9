"""The slope factor against values worked out by hand, and its shape."""

from math import atan, degrees, sin
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from ecoassess.models.slope_factor import length_slope_factor


def by_hand(slope, steepness):
    """Return LS of a slope of 50 m from S, with the exponent of RUSLE."""
    sine = sin(slope * 3.141592653589793 / 180)
    rill = (sine / 0.0896) / (3 * sine**0.8 + 0.56)
    return steepness * (50 / 22.13) ** (rill / (1 + rill))


def test_level_ground_has_the_floor_of_the_formula():
    # S = 10.8 · 0 + 0.03, L = (50 / 22.13)^0
    assert float(length_slope_factor(0.0)) == pytest.approx(0.03)


@pytest.mark.parametrize(
    ("slope", "steepness"),
    [
        (3.0, 10.8 * 0.052335956 + 0.03),  # sin 3°
        (7.0, 16.8 * 0.121869343 - 0.50),  # sin 7°
        (20.0, 21.91 * 0.342020143 - 0.96),  # sin 20°
    ],
)
def test_each_branch_by_hand(slope, steepness):
    assert float(length_slope_factor(slope)) == pytest.approx(by_hand(slope, steepness), rel=1e-8)


def test_the_nine_per_cent_plot_of_22_m_is_the_unit_plot():
    # S is 1 at 9 %, whose exponent is near 0.5: L = (50 / 22.13)^0.5 = 1.50
    slope = degrees(atan(0.09))
    assert float(length_slope_factor(slope)) == pytest.approx(1.50, abs=0.03)


def test_grows_with_the_slope_and_stops_at_the_steepest_plots():
    slopes = np.linspace(0, 28.8, 500)
    factor = length_slope_factor(slopes)
    # S falls by 0.007 where McCool's two lines meet (5° for 9 %), nowhere else.
    falls = np.diff(factor) < 0
    assert falls.sum() <= 1
    assert (np.diff(factor)[falls] > -0.02).all()
    steepest = float(length_slope_factor(degrees(atan(0.55))))
    assert float(length_slope_factor(60.0)) == pytest.approx(steepest)


def test_no_slope_gives_no_factor():
    assert np.isnan(length_slope_factor(np.array([np.nan]))).all()


def test_the_table_of_the_handbook(compare):
    """132 printed values, slopes to 12 % and lengths from 25 to 1,000 ft, to the last digit."""
    file = Path(__file__).parents[1] / "reference" / "slope_factor.yaml"
    table = YAML(typ="safe").load(file)
    length = np.array(table["length_ft"]) * 0.3048
    for percent, row in table["by_slope_percent"].items():
        slope = np.degrees(np.arctan(percent / 100))
        found = [float(length_slope_factor(slope, one)) for one in length]
        compare(
            "slope_factor",
            f"length and steepness factor at {percent} %, 25 to 1,000 ft",
            found,
            row,
            unit="1",
            abs=0.0055,
            source=table["source"],
        )
