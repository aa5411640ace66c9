"""What wears out: which cohorts stand, and what is built in a year, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from ecoassess.models.replacement import built, standing, years_in_use
from ecoassess.units import magnitude, quantify

YEARS = [2000, 2010, 2020, 2030]


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), coords, dims), unit)


def cohorts(values):
    return array(values, "1", ("cohort",), cohort=YEARS[: len(values)])


def age(year, number=4):
    years = [year - one for one in YEARS[:number]]
    return array(years, "yr", ("cohort",), cohort=YEARS[:number])


def built_in(year, shares, life=25.0, unit="yr"):
    known = [n for n in range(len(shares)) if YEARS[n] <= year]
    share, life_ = cohorts([shares[n] for n in known]), array(life, unit)
    found = built(share, age(year, len(known)), life_, array(1, "yr"))
    return float(magnitude(found, "1"))


def test_the_oldest_goes_first():
    """0.2 of 2000 and 0.3 of 2010; a fall by 0.1 in 2020 takes half of the former."""
    left = magnitude(standing(cohorts([0.2, 0.3, -0.1, 0.2])), "1").values
    np.testing.assert_allclose(left, [0.1, 0.3, 0.0, 0.2], atol=1e-15)
    left = magnitude(standing(cohorts([0.2, 0.3, -0.4, 0.0])), "1").values
    np.testing.assert_allclose(left, [0.0, 0.1, 0.0, 0.0], atol=1e-15)


@pytest.mark.parametrize("shares", [[0.2, 0.3, 0.1, 0.4], [0.5, -0.2, 0.4, -0.7], [0.0, 0.1, 0, 0]])
def test_what_stands_is_what_is_adopted(shares):
    assert float(magnitude(standing(cohorts(shares)).sum("cohort"), "1")) == pytest.approx(
        sum(shares)
    )


def test_without_a_fall_every_cohort_stands_whole():
    shares = cohorts([0.1, 0.2, 0.3, 0.15])
    assert (standing(shares) == shares).all()


def test_a_cohort_is_built_again_at_the_end_of_each_life():
    """25 years: 0.2 of 2000 in 2025, 2050 and 2075; 0.3 of 2010 in 2035 and 2060."""
    shares = [0.2, 0.3]
    found = {year: built_in(year, shares) for year in range(2010, 2080)}
    known = {year: share for year, share in found.items() if share}
    assert known == pytest.approx(
        {2010: 0.3, 2025: 0.2, 2035: 0.3, 2050: 0.2, 2060: 0.3, 2075: 0.2}
    )


def test_only_what_still_stands_is_built_again():
    """Half of the 0.2 of 2000 went in 2020: 0.1 in 2025; what goes gives nothing back."""
    shares = [0.2, 0.3, -0.1]
    assert built_in(2020, shares) == 0
    assert built_in(2025, shares) == pytest.approx(0.1)
    assert built_in(2035, shares) == pytest.approx(0.3)


def test_a_life_between_two_years_ends_in_the_later():
    """24.5 years from 2000: within 2025, and 49 years: in 2049."""
    assert [built_in(y, [1.0], 24.5) for y in (2024, 2025, 2026)] == [0, 1, 0]
    assert [built_in(y, [1.0], 24.5) for y in (2048, 2049, 2050)] == [0, 1, 0]


def test_over_a_long_time_as_much_is_built_as_wears_out():
    """1 000 years at lives of 12 and 7.3 years: 1 + ⌊1000 / L⌋ times, whatever the unit of L."""
    for life in (12.0, 7.3):
        times = sum(built_in(2000 + n, [1.0], life) for n in range(1001))
        assert times == 1 + np.floor(1000 / life)
    assert built_in(2012, [1.0], 12 * 365.25 - 1, "day") == 1


def test_draws_of_the_life_are_draws_of_the_year():
    life = array([20, 25, 30], "yr", ("draw",), draw=[0, 1, 2])
    found = built(cohorts([1.0]), age(2025, 1), life, array(1, "yr"))
    np.testing.assert_array_equal(magnitude(found, "1").values, [0, 1, 0])


def test_what_was_built_again_is_young():
    used = years_in_use(age(2055), array(25, "yr"))
    np.testing.assert_allclose(magnitude(used, "yr").values, [5, 20, 10, 0])
