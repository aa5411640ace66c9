"""From an effect to a credit: each line by hand, and what a run publishes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ecoassess.crediting import _parts, credits_table, read_methodologies
from ecoassess.errors import InputError

DRAWS = {
    "non_additional_share/planting": np.array([0.2, 0.1]),
    "activity_shift_leakage/planting": np.array([0.05, 0.0]),
    "market_leakage/planting": np.array([0.0, 0.5]),
    "permanence_period": np.array([40.0, 40.0]),
    "buffer_share": np.array([0.15, 0.2]),
    "yearly_loss": np.array([0.001, 0.0]),
}


EVERY = ["non_additional", "activity_shift_leakage", "market_leakage", "buffer"]


def test_each_line_by_hand() -> None:
    """Each on what those before it leave: 1000 · 0.8 · 0.95 = 760; 500 · 0.9 · 0.5 = 225."""
    parts = _parts(np.array([1000.0, 500.0]), "planting", DRAWS, EVERY)
    assert parts["non_additional"] == pytest.approx([-200, -50])
    assert parts["activity_shift_leakage"] == pytest.approx([-40, 0])
    assert parts["market_leakage"] == pytest.approx([0, -225])
    # 1 − 0.999⁴⁰ of the first draw is expected to burn, fall or be eaten; not counted here
    assert parts["expected_reversal"] == pytest.approx([-760 * (1 - 0.999**40), 0])
    assert parts["buffer"] == pytest.approx([-760 * 0.15, -225 * 0.2])
    assert (np.array([1000.0, 500.0]) + sum(parts[line] for line in EVERY) >= 0).all()


def test_a_line_that_is_switched_off_leaves_the_next_its_base() -> None:
    parts = _parts(np.array([1000.0, 500.0]), "planting", DRAWS, ["buffer"])
    assert parts["non_additional"] == pytest.approx([-200, -50])
    assert parts["buffer"] == pytest.approx([-150, -100])


def test_a_loss_is_not_made_smaller() -> None:
    parts = _parts(np.array([-10.0, -1.0]), "planting", DRAWS, EVERY)
    assert all((line == 0).all() for line in parts.values())


def test_an_unknown_methodology_is_named(published: Any) -> None:
    with pytest.raises(InputError, match="no such crediting methodology"):
        read_methodologies(published.session.project, "vm0047")


def test_lines_add_up_and_no_credit_by_default(published: Any) -> None:
    table = credits_table(published.assessment)
    assert "credit" not in set(table["line"])
    key = ["zoning", "adcode", "technology"]
    for _, group in table.groupby(key):
        known = group.set_index("line")
        if known["value"].isna().all():
            continue
        counted = known[known["counted"]].drop(index="after_deductions")["value"].sum()
        assert known.loc["after_deductions", "value"] == pytest.approx(counted, rel=1e-9)
    chinese = dict(zip(table["technology"], table["technology_zh"], strict=True))
    assert chinese["afforestation"] == published.session.technologies["afforestation"].zh
    under = dict(zip(table["technology"], table["eligible_under"], strict=True))
    assert under["afforestation"] == "ccer_14_001"
    assert under["forest_restoration"] == "none known"


def test_effect_is_the_assessments(published: Any) -> None:
    table = credits_table(published.assessment)
    effect = table[(table["line"] == "effect") & (table["technology"] == "afforestation")]
    rows = published.assessment.rows
    net = rows[
        (rows["technology"] == "afforestation")
        & (rows["component"] == "net")
        & (rows["boundary"] == "territorial")
        & (rows["period"] == "2024")
    ].set_index(["zoning", "adcode"])
    for row in effect.itertuples():
        assert row.value == pytest.approx(net.loc[(row.zoning, row.adcode), "value"], rel=1e-9)
