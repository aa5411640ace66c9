"""Methane of liquid manure by month: published examples, hand figures, conservation, frost."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from ecoassess.models.liquid_manure import Store, digested_share, monthly_conversion

REFERENCE = YAML(typ="safe").load(
    (Path(__file__).parents[1] / "reference" / "liquid_manure.yaml").read_text(encoding="utf-8")
)
MONTHS = np.arange(1, 13)
COLD = np.array([-20.0, -14, -4, 6, 13, 18, 21, 21, 14, 6, -4, -13])


def store(emptied=(4, 10), efficiency=0.95, minimum=1.0, **changes):
    """Return a store by the annex of the IPCC."""
    kept = np.where(np.isin(MONTHS, list(emptied)), 1 - efficiency, 1.0)
    annex = Store(19347, 1.987, 308.16, minimum + 273.15, 0, 1, kept)
    return replace(annex, **changes)


@pytest.mark.parametrize("case", REFERENCE["examples"]["cases"])
def test_published_examples(case, compare):
    air = np.array(REFERENCE["examples"]["air"][case["air"]]) - case.get("damping", 0)
    example = store(case["emptied"], case.get("efficiency", 0.95), case.get("minimum", 1.0))
    # two decimals, from exponentials that the source rounds to three
    compare(
        "liquid_manure",
        f"methane conversion factor, {case['air']} air, emptied in months "
        + ", ".join(map(str, case["emptied"])),
        monthly_conversion(air, example).sum(),
        case["factor"],
        unit="1",
        abs=0.0055,
        source=REFERENCE["examples"]["source"],
    )


@pytest.mark.parametrize("zone", REFERENCE["table_10_17"]["zones"].values())
def test_one_sine_year_meets_the_table_of_the_ipcc_at_every_retention(zone, compare):
    """Some year of the zone's mean temperature rounds to the table's factors at all retentions.

    The monthly temperatures behind the table are not printed, nor which months are emptied: the
    swing of a sine year is sought, and any even schedule of emptying is allowed.
    """
    swing = np.arange(8.0, 20.0, 0.1)
    years = zone["mean"] - np.cos(2 * np.pi * (MONTHS[:, None] - 1) / 12) * swing
    fits, worst = np.ones(swing.shape, dtype=bool), {}
    for retention, printed in zone["by_retention"].items():
        factors = [
            monthly_conversion(years, store(range(first, 13, retention))).sum(axis=0)
            for first in range(1, retention + 1)
        ]
        worst[retention] = np.clip(printed, np.min(factors, axis=0), np.max(factors, axis=0))
        fits &= np.abs(worst[retention] - printed) < 0.005
    assert fits.any()
    compare(
        "liquid_manure",
        f"factors of a zone of {zone['mean']} °C at {len(worst)} retentions, by the sine year and "
        "the emptying that fit best",
        [nearest[fits.argmax()] for nearest in worst.values()],
        list(zone["by_retention"].values()),
        unit="1",
        abs=0.005,
        source=REFERENCE["table_10_17"]["source"],
    )


def test_the_share_of_a_month_by_hand():
    # 10 °C: 19347 · (283.15 − 308.16) / (1.987 · 283.15 · 308.16) = −483868.47 / 173376.69
    #   = −2.790851; exp = 0.0613690
    ten = digested_share(np.full(12, 10.0), store())
    np.testing.assert_allclose(ten, 0.061369, atol=5e-7)
    # never more than all, at least that of 1 °C:
    #   19347 · (274.15 − 308.16) / (1.987 · 274.15 · 308.16) = −657991.47 / 167865.86 = −3.919746
    assert digested_share(np.full(12, 45.0), store())[0] == 1
    assert digested_share(np.full(12, -20.0), store())[0] == pytest.approx(0.019846, abs=5e-7)


def test_the_store_follows_the_air_by_a_month():
    lagged = digested_share(COLD, store())
    direct = digested_share(COLD, store(lag=0))
    np.testing.assert_array_equal(lagged[1:], direct[:-1])
    assert lagged[0] == direct[-1]


def test_two_months_by_hand():
    """Emptied wholly each month nothing is carried over: a twelfth times the month's share."""
    found = monthly_conversion(COLD, store(range(1, 13), efficiency=1.0))
    np.testing.assert_allclose(found, digested_share(COLD, store()) / 12, rtol=1e-14)


def test_what_is_never_emptied_is_digested_in_the_end():
    for year in (COLD, np.full(12, 3.0), np.full(12, 25.0)):
        found = monthly_conversion(year, store(()))
        assert found.sum() == pytest.approx(1, rel=1e-12)


def test_what_goes_in_is_digested_or_taken_out():
    """The repeating year closes: load = digested + emptied."""
    example = store((4, 10), efficiency=0.8)
    share = digested_share(COLD, example)
    digested = monthly_conversion(COLD, example)
    left = digested / share - digested  # at each month's end
    emptied = (np.roll(left, 1) * (1 - example.kept_share)).sum()
    assert digested.sum() + emptied == pytest.approx(1, rel=1e-12)


def test_months_below_the_freezing_limit_give_nothing_and_nothing_is_missing():
    frozen = store(freezing_limit=273.15, lag=0)
    found = monthly_conversion(np.stack([COLD, COLD + 1], axis=1), frozen)
    assert found.shape == (12, 2)
    assert np.isfinite(found).all()
    assert (found[[0, 1, 2, 10, 11]] == 0).all()
    assert (found[3:10] > 0).all()
    always = monthly_conversion(np.full(12, -20.0), store((), freezing_limit=273.15))
    np.testing.assert_array_equal(always, 0)


def test_warmer_and_longer_kept_is_more():
    base = monthly_conversion(COLD, store()).sum()
    assert monthly_conversion(COLD + 2, store()).sum() > base
    assert monthly_conversion(COLD, store((10,))).sum() > base
    assert monthly_conversion(COLD, store(efficiency=0.5)).sum() > base
    assert monthly_conversion(COLD, store(freezing_limit=273.15)).sum() < base


@pytest.mark.parametrize(
    ("temperature", "message"),
    [
        (np.full(12, np.nan), "missing"),
        (np.full(12, 283.15), "not in °C"),
        (COLD[:6], "twelve months"),
    ],
)
def test_impossible_temperatures_are_refused(temperature, message):
    with pytest.raises(ValueError, match=message):
        monthly_conversion(temperature, store())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kept_share": np.full(12, 2.0)}, "outside 0 to 1"),
        ({"kept_share": np.ones(6)}, "twelve months"),
        ({"minimum_temperature": -1.0}, "minimum_temperature"),
    ],
)
def test_impossible_stores_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        store(**changes)
