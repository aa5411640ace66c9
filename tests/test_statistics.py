"""Which figure of the statistics counts, and how gaps are filled, by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecoassess.errors import InputError
from ecoassess.inputs.statistics import Figure, Statistics, fill_in
from ecoassess.run_config import Estimate


def figure(
    value: float | None, year: int | None = 2020, status: str = "measured", grade: str = "A"
) -> Figure:
    return Figure(value, "ha", year, status, grade, f"source of {value}")


def chosen(rows: Sequence[Figure], year: int = 2024) -> Figure:
    table = Statistics({("1", "area"): rows}, frozenset("1"), frozenset(["area"]), "table.csv")
    return table.figure("1", "area", year)


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        # the latest year not after the wanted one
        ([figure(1, 2018), figure(2, 2022), figure(3, 2025)], 2),
        # of the same year the better grade
        ([figure(1, 2022, grade="C"), figure(2, 2022, grade="A"), figure(3, 2022, grade="B")], 2),
        # counts before plans, however new the plan
        ([figure(1, 2015), figure(2, 2023, "projected")], 1),
        # a plan when there is nothing else
        ([figure(2, 2023, "projected"), figure(3, 2025)], 2),
        # a row without a year after all that have one
        ([figure(1, None), figure(2, 2001)], 2),
        # but before a plan
        ([figure(1, None), figure(2, 2023, "projected")], 1),
        # a row that was looked for and not found counts for nothing
        ([figure(None, 2023, "missing", "missing"), figure(2, 2001)], 2),
        # the year itself counts
        ([figure(1, 2023), figure(2, 2024)], 2),
    ],
)
def test_which_row_counts(rows: list[Figure], value: float) -> None:
    assert chosen(rows).value == value
    assert chosen(rows[::-1]).value == value


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "area: not in table.csv"),
        ([figure(None, None, "missing", "missing")], "area: looked for, not found"),
        ([figure(1, 2026), figure(1, 2025)], "area: only after 2024 (2025)"),
    ],
)
def test_what_is_missing_says_why(rows: list[Figure], reason: str) -> None:
    found = chosen(rows)
    assert found.value is None
    assert found.status == "missing"
    assert found.grade == "missing"
    assert found.reason == reason


@given(st.lists(st.tuples(st.integers(1990, 2040), st.sampled_from("ABC")), min_size=1))
def test_no_figure_of_the_future_counts(rows: list[tuple[int, str]]) -> None:
    found = chosen([figure(1.0, year, grade=grade) for year, grade in rows])
    usable = [year for year, _ in rows if year <= 2024]
    assert found.year == (max(usable) if usable else None)


MEMBERS = ["1", "2", "3"]


def fill(
    figures: Mapping[str, Figure],
    rules: list[dict[str, Any]],
    weights: Mapping[str, float | None] | None = None,
    whole: Figure | None = None,
) -> dict[str, Figure]:
    return fill_in(
        figures,
        [Estimate(because="why", **rule) for rule in rules],
        lambda _: whole or Figure(100.0, "ha", 2021, "measured", "B", "book"),
        lambda _: weights or {},
        lambda zone: MEMBERS if zone == "0" else [zone],
        "area",
    )


GAP = Figure(None, "1", None, "missing", "missing", "", "not found")
REMAINDER = {"rule": "remainder", "of": "0", "weight": "w"}
DENSITY = {"rule": "density", "of": "0", "weight": "w"}
INHERIT = {"rule": "inherit", "of": "0"}


def test_the_remainder_is_shared_by_weight() -> None:
    """100 in all, 40 known: 60 is shared 1 : 3, so 15 and 45."""
    found = fill({"1": figure(40), "2": GAP, "3": GAP}, [REMAINDER], {"1": 9.0, "2": 1.0, "3": 3.0})
    assert [found[code].value for code in MEMBERS] == [40, 15, 45]
    assert found["1"].status == "measured"
    assert (found["2"].status, found["2"].grade) == ("estimated", "C")
    assert found["2"].reason == "area: why"
    assert (found["2"].year, found["2"].source) == (2021, "book")
    assert sum(f.value or 0 for f in found.values()) == 100


def test_the_remainder_leaves_others_alone() -> None:
    """A county outside the prefecture takes no part of its remainder."""
    found = fill({"1": figure(40), "2": GAP, "3": figure(10), "9": GAP}, [REMAINDER], {"2": 1.0})
    assert found["2"].value == 50
    assert found["9"].value is None


def test_the_density_of_the_whole_is_carried_over() -> None:
    """100 on a weight of 1 + 4 + 5 = 10 is 10 per weight; 2.5 of it gives 25."""
    weights = {"1": 1.0, "2": 4.0, "3": 5.0, "9": 2.5}
    found = fill({"1": figure(1), "2": figure(2), "3": figure(3), "9": GAP}, [DENSITY], weights)
    assert found["9"].value == pytest.approx(25)
    assert found["1"].value == 1


def test_inherit_takes_the_value() -> None:
    found = fill({"1": figure(1), "9": GAP}, [INHERIT])
    assert found["9"].value == 100


def test_rules_follow_each_other() -> None:
    weights = {"1": 1.0, "2": 1.0, "3": 2.0, "9": 1.0}
    found = fill({"1": figure(40), "2": GAP, "3": GAP, "9": GAP}, [REMAINDER, DENSITY], weights)
    assert [found[c].value for c in ("2", "3", "9")] == pytest.approx([20, 40, 25])


def test_a_rule_for_named_counties_fills_no_other() -> None:
    rule = {**INHERIT, "counties": ["2"]}
    found = fill({"1": GAP, "2": GAP}, [rule])
    assert found["1"].value is None
    assert found["2"].value == 100


def test_a_remainder_for_some_does_not_take_the_part_of_the_rest() -> None:
    """Of 100, 40 is known and 2 and 3 are gaps of weight 1 and 3; a rule for 2 alone gives 15."""
    rule = {**REMAINDER, "counties": ["2"]}
    found = fill({"1": figure(40), "2": GAP, "3": GAP}, [rule], {"1": 9.0, "2": 1.0, "3": 3.0})
    assert found["2"].value == pytest.approx(15)
    assert found["3"].value is None


def test_a_negative_remainder_is_refused() -> None:
    with pytest.raises(InputError, match="add up to more than the whole") as caught:
        fill({"1": figure(70), "2": figure(40), "3": GAP}, [REMAINDER], {"3": 1.0})
    (problem,) = caught.value.problems
    assert problem.found == "110 ha"
    assert problem.expected == "at most 100 ha (0)"


def test_a_whole_without_a_figure_fills_nothing_and_says_so() -> None:
    nothing = Figure(None, "1", None, "missing", "missing", "", "area: not in table.csv")
    found = fill({"1": GAP}, [INHERIT], whole=nothing)
    assert found["1"].value is None
    assert found["1"].reason == "not found; 0: area: not in table.csv"


@pytest.mark.parametrize("rule", [REMAINDER, DENSITY], ids=["remainder", "density"])
def test_a_missing_weight_is_not_zero(rule: dict[str, Any]) -> None:
    """Without the weight of 3, neither its share nor the density is known: missing, never 0."""
    weights: dict[str, float | None] = {"1": 9.0, "2": 1.0, "3": None}
    found = fill({"1": figure(40), "2": GAP, "3": GAP}, [rule], weights)
    assert found["3"].value is None
    assert found["2"].value is None


@given(
    known=st.floats(0, 100),
    weights=st.lists(st.floats(0.01, 1e6), min_size=3, max_size=3),
)
def test_the_parts_add_up_to_the_whole(known: float, weights: list[float]) -> None:
    table = dict(zip(MEMBERS, weights, strict=True))
    found = fill({"1": figure(known), "2": GAP, "3": GAP}, [REMAINDER], table)
    assert sum(f.value or 0 for f in found.values()) == pytest.approx(100)


@pytest.mark.parametrize(
    "rule",
    [{"rule": "remainder", "of": "0"}, {"rule": "inherit", "of": "0", "weight": "w"}],
)
def test_rules_take_the_weight_they_need(rule: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="weight"):
        Estimate(because="why", **rule)  # type: ignore[arg-type]
