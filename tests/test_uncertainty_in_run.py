"""Uncertainty, sensitivity, totals and interactions of the configured run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecoassess import sensitivity as sensitivities
from ecoassess.sensitivity import (
    ALL_EFFECTS,
    SIMULATIONS,
    evaluate_nets,
    published_nets,
    unknowns,
)
from ecoassess.totals import IDENTITY

ZONE = ["zoning", "adcode"]
NET = ["technology", "boundary"]
SIX_DIGITS = 1e-5
"""Tables are rounded: twice what half a unit of the sixth digit can be of a number."""


def read(published: Any, name: str) -> pd.DataFrame:
    text = dict.fromkeys(["adcode", "period"], str)
    table = pd.read_csv(published.folder / f"{name}.csv", encoding="utf-8-sig", dtype=text)
    return table.assign(adcode=table["adcode"].astype(str))


@pytest.fixture(scope="module")
def rows(published: Any) -> pd.DataFrame:
    return published.assessment.rows


@pytest.fixture(scope="module")
def uncertainty(published: Any) -> pd.DataFrame:
    return read(published, "uncertainty")


@pytest.fixture(scope="module")
def sensitivity(published: Any) -> pd.DataFrame:
    return read(published, "sensitivity")


@pytest.fixture(scope="module")
def totals(published: Any) -> pd.DataFrame:
    return read(published, "totals")


@pytest.fixture(scope="module")
def interactions(published: Any) -> pd.DataFrame:
    return read(published, "interactions")


def nets(rows: pd.DataFrame) -> pd.DataFrame:
    year = rows[(rows["component"] == "net") & (rows["period"] == "2024")]
    return year.set_index([*ZONE, *NET])


def test_evaluation_again_gives_what_is_published(published: Any) -> None:
    assessment = published.assessment
    chosen = ("rooftop_pv", "nitrogen_reduction")
    found = evaluate_nets(assessment, assessment.runner.sample, chosen)
    expected = published_nets(assessment)
    assert {name for name, _ in found} == set(chosen)
    for name, net in found.items():
        np.testing.assert_allclose(net, expected[name], rtol=1e-9, atol=1e-6)


def test_unknowns_are_named_once_and_can_be_found(published: Any) -> None:
    found = unknowns(published.assessment)
    keys = [unknown.key for unknown in found]
    assert len(keys) == len(set(keys))
    assert keys[-1] == SIMULATIONS
    for unknown in found[:-1]:
        assert unknown.source
        assert unknown.grade in ("A", "B", "C")
        assert unknown.file is not None
        if unknown.line is not None:  # all but the errors of data
            line = unknown.file.read_text(encoding="utf-8").splitlines()[unknown.line - 1]
            assert ":" in line


def test_what_is_left_out_of_the_unknowns_moves_no_net(published: Any) -> None:
    """Values for climates that no county has, and factors of air pollutants."""
    keys = {unknown.key for unknown in unknowns(published.assessment)}
    used = published.assessment.runner.used.values()
    every = {c.unknown(v): c for c in used for v in c.table if v.spread.distribution != "fixed"}
    absent = [key for key in every if key not in keys]
    assert absent
    half = len(absent)
    design = sensitivities.OneAtATime(tuple(absent))
    found = evaluate_nets(published.assessment, design)
    assert design.size == 2 * half
    for net in found.values():
        # The last bit may differ: several numbers are worked out at once, the rest by themselves.
        np.testing.assert_allclose(net, np.broadcast_to(net[:1], net.shape), rtol=1e-12)


def test_values_and_intervals_of_both_approaches(
    rows: pd.DataFrame, uncertainty: pd.DataFrame
) -> None:
    single = uncertainty[uncertainty["technology"] != ALL_EFFECTS].set_index([*ZONE, *NET])
    published = nets(rows).loc[single.index]
    for column, name in (
        ("value", "value"),
        ("approach_2_low", "p2.5"),
        ("approach_2_high", "p97.5"),
    ):
        np.testing.assert_allclose(single[column], published[name], rtol=SIX_DIGITS)
    known = single["value"].notna()
    middle = (single["approach_1_low"] + single["approach_1_high"]) / 2
    half = (single["approach_1_high"] - single["approach_1_low"]) / 2
    size = single[["approach_1_low", "approach_1_high"]].abs().max(axis=1)
    assert ((middle - single["value"]).abs() <= SIX_DIGITS * size)[known].all()
    moved = known & (half > 0)
    given = single["approach_1_percent"] / 100 * single["value"].abs()
    assert ((given - half).abs() <= SIX_DIGITS * (size + half))[moved].all()
    assert (single["note"][~known] == "no data").all()


def test_one_at_a_time_explains_most_of_what_draws_show(uncertainty: pd.DataFrame) -> None:
    """Most nets are products and sums with moderate errors; medians, since there are 50 draws."""
    prefecture = uncertainty[uncertainty["zoning"] == "prefecture"].dropna(subset=["skewness"])
    assert len(prefecture) > 25
    assert 0.75 < prefecture["explained_one_at_a_time"].median() < 1.1
    assert 0.85 < prefecture["ratio"].median() < 1.15


def test_all_effects_are_the_sum_of_the_technologies(
    rows: pd.DataFrame, uncertainty: pd.DataFrame
) -> None:
    year = nets(rows[rows["basis"] == "effect"]).reset_index()
    expected = year.groupby([*ZONE, "boundary"])["value"].sum(min_count=1)
    found = uncertainty[uncertainty["technology"] == ALL_EFFECTS]
    found = found.set_index([*ZONE, "boundary"])["value"]
    np.testing.assert_allclose(found, expected.loc[found.index], rtol=SIX_DIGITS)


def test_shares_add_up_and_swings_lie_between_the_ends(sensitivity: pd.DataFrame) -> None:
    total = sensitivity.groupby([*ZONE, *NET])["share"].sum().reset_index()
    # What correlated factors have in common is in the share of each.
    common = total["technology"].isin(["rice_methane", "straw_return", ALL_EFFECTS])
    np.testing.assert_allclose(total["share"][~common], 1.0, rtol=SIX_DIGITS)
    np.testing.assert_allclose(total["share"][common], 1.0, atol=0.6)
    named = sensitivity[sensitivity["low"].notna()]
    size = named[["low", "high"]].abs().max(axis=1)
    gap = (named["high"] - named["low"] - named["swing"]).abs()
    assert (gap <= SIX_DIGITS * size).all()
    assert (named["share"] >= 1e-3).all()
    ranks = sensitivity.groupby([*ZONE, *NET])["rank"].apply(list)
    assert all(rank == list(range(1, len(rank) + 1)) for rank in ranks)
    assert (
        named[named["unknown"] != SIMULATIONS]["place"]
        .str.contains(r"configs/.*\.yaml:\d+$|configs/activity_uncertainty.yaml$")
        .all()
    )


def test_what_moves_every_county_alike_moves_the_prefecture_by_the_sum(
    sensitivity: pd.DataFrame,
) -> None:
    """Unknowns are shared: swings of the counties add up, they do not average out as 1/√n."""
    one = sensitivity[
        (sensitivity["technology"] == "rooftop_pv")
        & (sensitivity["boundary"] == "territorial")
        & (sensitivity["unknown"] == "dwelling_roofs/usable_roof_share/self_built")
    ]
    counties = one[one["zoning"] == "county"]["swing"]
    (prefecture,) = one[one["zoning"] == "prefecture"]["swing"]
    assert len(counties) == 8
    assert counties.sum() == pytest.approx(prefecture, rel=SIX_DIGITS)


def test_totals_are_the_sums_of_the_components(rows: pd.DataFrame, totals: pd.DataFrame) -> None:
    whole = rows[(rows["component"] != "net") & ~rows["component"].str.contains(":")]
    whole = whole.assign(benefit=whole["component"].where(whole["account"] == "co_benefit", ""))
    keys = [*ZONE, *IDENTITY, "period"]
    expected = whole.groupby(keys)["value"].sum(min_count=1)
    found = totals.fillna({"benefit": ""}).set_index(keys)["value"]
    assert set(found.index) == set(expected.index)
    np.testing.assert_allclose(found, expected.loc[found.index], rtol=SIX_DIGITS)


def test_totals_never_mix_labels_and_months_add_up(totals: pd.DataFrame) -> None:
    keys = [*ZONE, *IDENTITY]
    totals = totals.fillna({"benefit": ""})
    assert not totals.duplicated([*keys, "period"]).any()
    flux = totals[totals["kind"] == "flux"]
    months = flux[flux["period"].str.len() == 7].groupby(keys)["value"].sum(min_count=1)
    year = flux[flux["period"].str.len() == 4].set_index(keys)["value"]
    size = flux.assign(value=flux["value"].abs()).groupby(keys)["value"].sum().loc[year.index]
    assert ((year - months.loc[year.index]).abs().fillna(0) <= SIX_DIGITS * size).all()
    assert {"removal", "reduction", "side_effect", "co_benefit"} == set(totals["account"])


def test_totals_name_who_has_no_data(totals: pd.DataFrame) -> None:
    one = totals[(totals["zoning"] == "prefecture") & (totals["period"] == "2024")]
    one = one[(one["account"] == "removal") & (one["basis"] == "effect")]
    (territorial,) = one[one["boundary"] == "territorial"].to_dict("records")
    assert territorial["without_data"] == "harvested_wood_products"
    assert territorial["p2.5"] < territorial["value"] < territorial["p97.5"]


def test_interactions_close_the_gap_between_joint_and_single_effects(
    rows: pd.DataFrame, interactions: pd.DataFrame
) -> None:
    keys = [*ZONE, "boundary"]
    single = interactions[interactions["of"] == "technology"]
    joint = interactions[interactions["of"] == "all"].set_index(keys)
    for column in ("together", "alone", "interaction"):
        summed = single.groupby(keys)[column].sum(min_count=1).loc[joint.index]
        size = single.assign(size=single[column].abs()).groupby(keys)["size"].sum()
        gap = (joint[column] - summed).abs().fillna(0)
        assert (gap <= SIX_DIGITS * size.loc[joint.index]).all()
    published = nets(rows)["value"]
    own = single.set_index([*ZONE, *NET])["together"]
    np.testing.assert_allclose(own, published.loc[own.index], rtol=SIX_DIGITS)


def test_rows_of_interactions_without_a_number_say_why(interactions: pd.DataFrame) -> None:
    empty = interactions["together"].isna()
    assert empty.any()
    assert interactions["reason"][empty].str.startswith("no data").all()
    assert interactions["reason_zh"][empty].str.contains("无数据").all()
    without_last = interactions["last"].isna()
    assert interactions["reason"][without_last].notna().all()
    assert interactions["reason"][~without_last].isna().all()


def test_who_comes_first_has_no_interaction_and_who_comes_last_is_last(
    interactions: pd.DataFrame,
) -> None:
    """Nothing before rooftops and straw return alters them; nothing after heat pumps does."""
    single = interactions[(interactions["of"] == "technology")].set_index("technology")
    np.testing.assert_allclose(single.loc[["rooftop_pv", "straw_return"], "interaction"], 0)
    pumps = single.loc["heat_pump_heating"]
    np.testing.assert_allclose(pumps["last"], pumps["together"], rtol=1e-8)


def test_a_retrofit_leaves_less_to_the_heat_pump(interactions: pd.DataFrame) -> None:
    pair = interactions[
        (interactions["technology"] == "green_housing")
        & (interactions["with"] == "heat_pump_heating")
        & (interactions["boundary"] == "territorial")
        & (interactions["zoning"] == "prefecture")
    ]
    single = interactions[
        (interactions["of"] == "technology")
        & (interactions["technology"] == "heat_pump_heating")
        & (interactions["boundary"] == "territorial")
        & (interactions["zoning"] == "prefecture")
    ]
    assert pair["interaction"].item() < 0
    # Of those before it the retrofit alone alters the heat pump.
    assert pair["interaction"].item() == pytest.approx(single["interaction"].item(), rel=1e-6)
    assert {"straw_return", "nitrogen_reduction"} in [
        {row["technology"], row["with"]} for row in interactions.to_dict("records")
    ]
