"""Who takes what, and what comes per hectare and head, on the configured run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecoassess.export.claims import NOT_COLLECTABLE, UNASSIGNED, claims
from ecoassess.export.intensities import intensities
from ecoassess.language import read_words
from ecoassess.report import claims_table
from ecoassess.units import magnitude

KEYS = ["zoning", "adcode", "resource", "label", "state"]


@pytest.fixture(scope="module")
def table(published: Any) -> pd.DataFrame:
    return claims(published.assessment)


@pytest.fixture(scope="module")
def rates(published: Any) -> pd.DataFrame:
    return intensities(published.assessment)


def test_straw_has_one_balance_per_county(published: Any, table: pd.DataFrame) -> None:
    """Grown − not collectable − returned − burned − feed − fuel − unassigned = 0."""
    straw = table[table["resource"] == "straw"]
    assert set(straw["use"]) == {
        *("straw_return", "open_burning", "biomass_power", "biomass_heating"),
        *("feed", "fuel", UNASSIGNED, NOT_COLLECTABLE),
    }
    assert (straw["amount"].dropna() >= 0).all()
    runner = published.assessment.runner
    grown = magnitude(runner.variable("straw_grown", frozenset()), "t dm/yr").isel(draw=0)
    for (zoning, code, _, crop, _), uses in straw.groupby(KEYS):
        zone = next(z for z in published.assessment.zones if z.identity == (zoning, code))
        total = float(zone.weights @ np.nan_to_num(grown.sel(crop=crop).values))
        assert uses["amount"].sum() == pytest.approx(total, rel=1e-9)


def test_shares_add_up_to_the_supply(table: pd.DataFrame) -> None:
    known = table[(table["use"] != NOT_COLLECTABLE) & table["share"].notna()]
    sums = known.groupby(KEYS)["share"].sum()
    np.testing.assert_allclose(sums, 1, rtol=1e-9)


def test_the_prefecture_claims_what_its_counties_claim(table: pd.DataFrame) -> None:
    known = table.dropna(subset=["amount"])
    keys = ["resource", "label", "state", "use"]
    counties = known[known["zoning"] == "county"].groupby(keys)["amount"].sum()
    whole = known[known["zoning"] == "prefecture"].set_index(keys)["amount"]
    # What rounding leaves of nothing unassigned, of 1e7 kWh, is below 1e-6.
    np.testing.assert_allclose(whole.sort_index(), counties.sort_index(), rtol=1e-9, atol=1e-6)


def test_straw_in_pellets_is_taken_as_an_amount(published: Any, table: pd.DataFrame) -> None:
    """Heat x share / (efficiency 0.82) / 17.5 GJ/t, of which 0.35 maize; wood has no supply."""
    runner = published.assessment.runner
    adopted = frozenset(n for n, v in published.session.variables.items() if v.adoption)
    heat = magnitude(runner.variable("useful_heat", adopted), "GJ/yr").isel(draw=0).sum("month")
    share = runner.allocation.adoption["project"]["biomass_heating_share"].sum("cohort")
    burned = (heat * share).sum("dwelling") / 0.82
    mine = table[(table["use"] == "biomass_heating") & (table["state"] == "project")]
    amounts = mine[mine["zoning"] == "prefecture"].set_index(["resource", "label"])
    zone = next(z for z in published.assessment.zones if z.zoning == "prefecture")
    whole = float(zone.weights @ np.nan_to_num(burned.values)) / 17.5
    assert whole > 0
    assert amounts["amount"]["straw", "maize"] == pytest.approx(0.35 * whole, rel=1e-9)
    assert amounts["amount"]["straw", "rice"] == pytest.approx(0.15 * whole, rel=1e-9)
    assert amounts["amount"]["wood", "all"] == pytest.approx(0.5 * whole, rel=1e-9)
    assert np.isnan(amounts["share"]["wood", "all"])


def test_the_table_of_claims_names_uses_in_both_languages(published: Any) -> None:
    english = claims_table(published.folder, read_words("en"))
    lines = english.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("Collectable straw: maize"))
    block = lines[first : first + 8]
    assert any("straw return" in line for line in block)
    chinese = claims_table(published.folder, read_words("zh"))
    assert "秸秆还田" in chinese
    assert "饲料" in chinese
    assert "straw" not in chinese


def test_roof_power_is_used_or_fed_in(table: pd.DataFrame) -> None:
    power = table[(table["resource"] == "roof_electricity") & (table["state"] == "project")]
    whole = power[power["zoning"] == "prefecture"].groupby("label")["share"].sum()
    np.testing.assert_allclose(whole, 1, rtol=1e-9)


def test_animals_without_figures_claim_no_manure(table: pd.DataFrame) -> None:
    manure = table[table["resource"] == "manure"]
    assert set(manure["label"]) == {"breeding_cow", "other_cattle"}


def test_before_and_after_differ_by_the_effect(published: Any, rates: pd.DataFrame) -> None:
    rows = published.assessment.rows
    year = rows[(rows["period"] == "2024") & (rows["zoning"] == "prefecture")]
    effects = year.set_index(["technology", "component"])["native_value"]
    whole = rates[(rates["zoning"] == "prefecture") & (rates["label"] == "")]
    whole = whole[whole["technology"] != "forest_sink"].dropna(subset=["before"])
    assert len(whole) > 20
    for row in whole.itertuples():
        effect = effects[(row.technology, row.component)]
        assert row.after - row.before == pytest.approx(effect, rel=1e-6, abs=1e-6)


def test_enteric_methane_of_a_head_is_in_kilograms_and_near_the_published(
    rates: pd.DataFrame,
) -> None:
    """IPCC 2019, other cattle of Asia: 43 to 56 kg a head and year, 54 in the mean."""
    row = rates[
        (rates["zoning"] == "prefecture")
        & (rates["component"] == "enteric_methane")
        & (rates["per"] == "animal_stock")
        & (rates["label"] == "")
    ].iloc[0]
    assert row["unit"] == "kg CH4_biogenic/head"
    assert row["per_amount"] == pytest.approx(479_000)
    assert 43 < -row["before_per_unit"] < 63
    assert row["effect_per_unit"] == pytest.approx(
        row["after_per_unit"] - row["before_per_unit"], rel=1e-9
    )


def test_the_technology_of_a_use_has_its_chinese_name(published: Any) -> None:
    """Feed and fuel are no technologies, and what is left is nobody's."""
    table = claims(published.assessment)
    names = {
        str(use): str(zh) for use, zh in zip(table["use"], table["technology_zh"], strict=True)
    }
    assert names["rooftop_pv"] == "屋顶光伏"
    assert names["straw_return"] == published.session.technologies["straw_return"].zh
    assert names["unassigned"] == names["not_collectable"] == names["feed"] == ""
