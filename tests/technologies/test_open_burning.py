"""Open burning of straw against figures worked out by hand from IPCC eq. 2.27."""

import numpy as np
import pytest
import xarray as xr

from ecoassess.models.straw_burning import straw_burning
from ecoassess.technologies.open_burning import open_burning
from ecoassess.units import magnitude, quantify

CROPS = ["maize", "rice"]
SETS = ["ipcc", "akagi_2011"]
UNITS = {
    "methane": "t CH4_biogenic/yr",
    "nitrous_oxide": "t N2O/yr",
    "carbon_monoxide": "t CO/yr",
    "fine_particles": "t PM2_5/yr",
    "nitrogen_oxides": "t NOx/yr",
    "sulfur_dioxide": "t SO2/yr",
}


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def emissions(shares, **changes):
    """Return t/yr of each gas by crop: 1,000 ha of maize and 500 ha of rice."""
    cohorts = np.arange(len(shares))

    def by_set(values, unit):
        return array(values, unit, ("compilation",), compilation=SETS)

    base = {
        "crop_area": array([[1000, 500]], "ha", ("atom", "crop"), atom=[1], crop=CROPS),
        "collectable_straw": array(
            [[5.0, 4.0]], "t dm/ha/yr", ("atom", "crop"), atom=[1], crop=CROPS
        ),
        "straw_burned_share": array(shares, "1", ("cohort", "crop"), cohort=cohorts, crop=CROPS),
        "combustion_factor": array([0.8, 0.75], "1", ("crop",), crop=CROPS),
        "burning_methane": by_set([2.7, 5.82], "g CH4_biogenic/kg dm"),
        "burning_nitrous_oxide": by_set([0.07, 0.10], "g N2O/kg dm"),
        "burning_carbon_monoxide": by_set([92, 102], "g CO/kg dm"),
        "burning_nitrogen_oxides": by_set([2.5, 3.11], "g NOx/kg dm"),
        "burning_fine_particles": array([11.7, 8.8], "g PM2_5/kg dm", ("crop",), crop=CROPS),
        "burning_sulfur_dioxide": array(0.4, "g SO2/kg dm"),
        "burning_factors": "ipcc",
    }
    with xr.set_options(arithmetic_join="exact"):
        fires = straw_burning(**(base | changes))
    counted = open_burning(
        **{
            f"straw_fire_{name}": fires[f"straw_fire_{name}"]
            for name in ("methane", "nitrous_oxide")
        }
    )
    result = {name: -fires[f"straw_fire_{name}"] for name in UNITS} | counted
    return {name: magnitude(result[name], unit).sel(atom=1).values for name, unit in UNITS.items()}


# maize: 1000 ha · 5 t · 0.10 · 0.8 = 400 t burned; rice: 500 ha · 4 t · 0.20 · 0.75 = 300 t
@pytest.mark.parametrize(
    ("gas", "maize", "rice"),
    [
        ("methane", -1.08, -0.81),  # · 2.7 / 1000
        ("nitrous_oxide", -0.028, -0.021),  # · 0.07 / 1000
        ("carbon_monoxide", -36.8, -27.6),  # · 92 / 1000
        ("fine_particles", -4.68, -2.64),  # · 11.7 / 1000 and · 8.8 / 1000
        ("nitrogen_oxides", -1.0, -0.75),  # · 2.5 / 1000
        ("sulfur_dioxide", -0.16, -0.12),  # · 0.4 / 1000
    ],
)
def test_emissions_by_hand(gas, maize, rice):
    assert emissions([[0.1, 0.2]])[gas] == pytest.approx([maize, rice])


def test_the_other_compilation_by_hand():
    found = emissions([[0.1, 0.2]], burning_factors="akagi_2011")
    assert found["methane"] == pytest.approx([-400 * 5.82e-3, -300 * 5.82e-3])
    assert found["nitrous_oxide"] == pytest.approx([-0.04, -0.03])
    assert found["fine_particles"] == pytest.approx([-4.68, -2.64])


def test_nothing_burned_gives_nothing_and_burning_is_linear_in_the_share():
    none, some, double = (emissions([[s, s]]) for s in (0.0, 0.15, 0.3))
    for gas in UNITS:
        assert none[gas] == pytest.approx([0, 0], abs=0)
        assert double[gas] == pytest.approx(2 * some[gas])


def test_a_ban_that_ends_burning_counts_as_its_absence():
    # burned 10 % since long, none of it since the ban
    for gas, values in emissions([[0.1, 0.1], [-0.1, -0.1]]).items():
        assert values == pytest.approx([0, 0], abs=1e-12), gas


def test_an_unknown_area_gives_an_unknown_crop_only():
    area = array([[1000, np.nan]], "ha", ("atom", "crop"), atom=[1], crop=CROPS)
    found = emissions([[0.1, 0.2]], crop_area=area)["methane"]
    assert found[0] == pytest.approx(-1.08)
    assert np.isnan(found[1])
