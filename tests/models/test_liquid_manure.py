"""Methane of liquid manure by month: hand figures, conservation, frost."""

import numpy as np
import pytest

from ecoassess.models.liquid_manure import digested_share, monthly_conversion

COLD = np.array([-20.0, -14, -4, 6, 13, 18, 21, 21, 14, 6, -4, -13]) + 273.15
ALL_KEPT = np.ones(12)
EMPTIED = np.where(np.isin(np.arange(1, 13), [4, 10]), 0.05, 1.0)


def test_the_share_of_a_month_by_hand():
    # 10 °C: exp(15175 (283.15 − 303.15) / (1.987 · 283.15 · 303.15)) = exp(−1.779453)
    assert digested_share(np.array([283.15]), 273.15)[0] == pytest.approx(0.168730, abs=5e-7)
    assert digested_share(np.array([303.15]), 273.15)[0] == 1
    assert digested_share(np.array([313.15]), 273.15)[0] == 1


def test_a_year_at_thirty_degrees_turns_all_that_is_available_to_gas():
    warm = np.full(12, 303.15)
    assert monthly_conversion(warm, 0.8, 273.15, ALL_KEPT).sum() == pytest.approx(0.8)


def test_a_store_that_is_never_emptied_digests_its_load_in_the_long_run():
    """Carried over for ever, each month's load turns to gas some day; five years come near."""
    mild = np.full(12, 293.15)
    found = monthly_conversion(mild, 0.8, 273.15, ALL_KEPT)
    assert found.sum() == pytest.approx(0.8, rel=1e-6)
    np.testing.assert_allclose(found, 0.8 / 12, rtol=1e-6)


def test_two_months_by_hand():
    """Emptied each month, so that nothing is carried over: the load times the month's share."""
    found = monthly_conversion(COLD, 0.8, 273.15, np.zeros(12))
    np.testing.assert_allclose(found, 0.8 / 12 * digested_share(COLD, 273.15))


def test_frozen_months_give_nothing_and_nothing_is_missing():
    found = monthly_conversion(np.stack([COLD, COLD + 1], axis=1), 0.8, 273.15, EMPTIED)
    assert found.shape == (12, 2)
    assert np.isfinite(found).all()
    assert (found[[0, 1, 2, 10, 11]] == 0).all()
    assert (found[3:10] > 0).all()


def test_warmer_and_longer_kept_is_more():
    base, warm, kept = (
        monthly_conversion(t, 0.8, 273.15, k).sum()
        for t, k in ((COLD, EMPTIED), (COLD + 2, EMPTIED), (COLD, ALL_KEPT))
    )
    assert base < warm
    assert base < kept


def test_a_cool_year_emptied_twice_lies_near_the_table_of_the_ipcc():
    """Table 10.17, cool temperate: 0.15 to 0.26 for four to six months of retention.

    This climate is colder than the table's and its winters stop the process; the order of
    magnitude is all that is compared.
    """
    total = monthly_conversion(COLD, 0.8, 273.15, EMPTIED).sum()
    assert 0.10 < total < 0.45


@pytest.mark.parametrize(
    ("temperature", "design", "kept", "message"),
    [
        (np.full(12, np.nan), 0.8, ALL_KEPT, "missing"),
        (np.full(12, -20.0), 0.8, ALL_KEPT, "kelvin"),
        (COLD, 1.2, ALL_KEPT, "design_factor"),
        (COLD, 0.8, 2 * ALL_KEPT, "kept_share"),
        (COLD, 0.8, ALL_KEPT[:6], "12 temperatures"),
    ],
)
def test_impossible_input_is_refused(temperature, design, kept, message):
    with pytest.raises(ValueError, match=message):
        monthly_conversion(temperature, design, 273.15, kept)
