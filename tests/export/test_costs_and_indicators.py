"""Cost per tonne, its curve and the indicators, on the configured run."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import image
from matplotlib.ft2font import FT2Font

from ecoassess.errors import InputError
from ecoassess.export import cost_curve
from ecoassess.export.abatement_costs import (
    COLUMNS,
    EMISSION,
    GIVEN,
    INCOMPLETE,
    MISSING,
    NO_COST,
    NOT_DIFFERENT,
    UNCHANGED,
    abatement_costs,
    describe_costs,
    read_abatement_costs,
)
from ecoassess.export.indicators import (
    STYLES,
    describe_indicators,
    indicators,
    print_indicators,
)
from ecoassess.export.pictures import FONT_FILE
from ecoassess.indicators import Observation
from ecoassess.language import read_words

PREFECTURE = ("prefecture", "222400")


@pytest.fixture(scope="module")
def tables(published: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    return abatement_costs(published.assessment)


@pytest.fixture(scope="module")
def costs(tables: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    return tables[0]


def test_the_effect_is_the_assessments(published: Any, costs: pd.DataFrame) -> None:
    keys = ["zoning", "adcode", "technology"]
    rows = published.assessment.rows
    net = rows[
        (rows["component"] == "net")
        & (rows["boundary"] == "territorial")
        & (rows["period"] == "2024")
    ].set_index(keys)
    mine = costs[costs["status"].isin([GIVEN, NO_COST])].set_index(keys)
    theirs = net.loc[mine.index]
    for own, other in (("effect", "value"), ("effect_p2.5", "p2.5"), ("effect_p97.5", "p97.5")):
        np.testing.assert_allclose(mine[own], theirs[other], rtol=1e-9, atol=1e-6)


def test_with_upstream_adds_up_what_a_year_emits(published: Any, costs: pd.DataFrame) -> None:
    rows = published.assessment.rows
    net = rows[(rows["component"] == "net") & (rows["period"] == "2024")]
    net = net[net["boundary"] != "embodied"]
    whole = net.groupby(["zoning", "adcode", "technology"])["value"].sum(min_count=1)
    mine = costs[costs["status"] == GIVEN].set_index(["zoning", "adcode", "technology"])
    assert len(mine)
    np.testing.assert_allclose(mine["effect_with_upstream"], whole.loc[mine.index], rtol=1e-9)


def test_cost_per_tonne_times_tonnes_is_the_cost(costs: pd.DataFrame) -> None:
    given = costs[costs["status"] == GIVEN]
    np.testing.assert_allclose(given["cost_per_tonne"] * given["effect"], given["annual_cost"])
    assert (given["cost_per_tonne_p2.5"] <= given["cost_per_tonne_p97.5"]).all()


def test_only_an_effect_that_differs_from_zero_has_a_cost(costs: pd.DataFrame) -> None:
    priced = costs[costs["sources"] != ""]
    above, below = priced["effect_p2.5"] > 0, priced["effect_p97.5"] < 0
    assert (priced[above]["status"] == GIVEN).all()
    assert (priced[below]["status"] == EMISSION).all()
    none = priced[(priced["effect_p2.5"] == 0) & (priced["effect_p97.5"] == 0)]
    assert (none["status"] == UNCHANGED).all()
    rest = priced[~above & ~below].drop(none.index)
    assert set(rest["status"]) <= {NOT_DIFFERENT, MISSING}
    assert costs[costs["status"] != GIVEN]["cost_per_tonne"].isna().all()
    assert set(costs["status"]) >= {GIVEN, NO_COST, NOT_DIFFERENT, MISSING}


def test_what_has_no_data_stays_missing(costs: pd.DataFrame) -> None:
    hydro = costs[costs["technology"] == "small_hydro"]
    assert (hydro["status"] == MISSING).all()
    assert hydro[["effect", "annual_cost", "cost_per_tonne"]].isna().all(axis=None)
    assert (hydro["coverage"] == 0).all()


def test_the_table_says_whose_costs_and_what_has_no_price_or_no_width(
    costs: pd.DataFrame, tables: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    mine = costs[costs["zoning"] == "prefecture"].set_index("technology")
    assert set(mine["perspective"]) == {"society"}
    saved = mine["not_priced"]["heat_pump_heating"].split("; ")
    assert saved[0] == "heating_fuel of firewood_stove"
    assert mine["not_priced"]["green_housing"].split("; ") == saved
    assert mine["not_priced"]["rooftop_pv"] == ""
    assert mine["no_width"]["straw_return"] == "Chopping and working in"
    assert mine["no_width"]["rooftop_pv"] == ""
    parts = tables[1]
    single = parts["cost_low"] == parts["cost_high"]
    assert (parts["width"] == np.where(single, "no width", "range")).all()
    assert set(parts["width"]) == {"no width", "range"}


def test_costs_of_counties_add_up_and_so_do_their_lines(
    costs: pd.DataFrame, tables: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    given = costs[costs["status"] == GIVEN]
    whole = given[given["zoning"] == "prefecture"].set_index("technology")["annual_cost"]
    parts = tables[1].groupby(["zoning", "technology"])["annual_cost"].sum()
    for name, value in whole.items():
        counties = costs[(costs["zoning"] == "county") & (costs["technology"] == name)]
        assert counties["annual_cost"].sum() == pytest.approx(value, rel=1e-9)
        assert parts["prefecture", name] == pytest.approx(value, rel=1e-9)


def test_a_cost_that_lacks_a_part_gives_no_number(published: Any) -> None:
    session = published.session
    lines = dict(session.costs.technologies["green_housing"])
    del lines["near_zero"]
    cut = session.costs.model_copy(update={"technologies": {"green_housing": lines}})
    table, _ = abatement_costs(replace(published.assessment, session=replace(session, costs=cut)))
    mine = table[(table["technology"] == "green_housing") & (table["zoning"] == "prefecture")]
    row = mine.iloc[0]
    assert row["status"] == INCOMPLETE
    assert "near_zero_share of lift" in row["reason"]
    assert np.isnan(row["annual_cost"])
    assert np.isnan(row["cost_per_tonne"])


def test_without_a_file_no_technology_has_a_cost(published: Any) -> None:
    bare = replace(published.assessment, session=replace(published.session, costs=None))
    table, parts = abatement_costs(bare)
    assert set(table["status"]) == {NO_COST, MISSING}
    assert parts.empty


def test_the_command_names_what_has_no_cost(published: Any) -> None:
    english = describe_costs(published.folder, read_words("en"))
    assert "rooftop pv" in english
    assert "no cost given: " in english
    assert "effect not different from zero: " in english
    chinese = describe_costs(published.folder, read_words("zh"))
    assert "屋顶光伏" in chinese
    assert "无成本数据" in chinese


def test_a_run_of_before_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"without abatement_costs\.csv"):
        read_abatement_costs(tmp_path / "abatement_costs.csv")


def many(number: int) -> pd.DataFrame:
    """Return rows of technologies, half of them too narrow to be seen."""
    rows = []
    for i in range(number):
        price, effect = -300.0 + 250 * i, 10_000.0 if i % 2 else 20.0
        known: dict[str, Any] = dict.fromkeys(COLUMNS, np.nan)
        known |= {
            **{"zoning": "prefecture", "adcode": "222400", "technology": f"technology_{i}"},
            **{"technology_zh": "屋顶光伏", "status": GIVEN, "annual_cost": price * effect},
            **{"cost_unit": "CNY/yr", "price_year": 2024, "effect": effect},
            **{"cost_per_tonne": price, "cost_per_tonne_p2.5": price - 90},
            **{"cost_per_tonne_p97.5": price + 150},
        }
        rows.append(known)
    lacking = {
        **rows[0],
        "status": NO_COST,
        "technology_zh": "天然林保护",
        "cost_per_tonne": np.nan,
    }
    return pd.DataFrame([*rows, lacking], columns=COLUMNS)


def draw(table: pd.DataFrame, file: Path, region: tuple[str, str] = ("延边州", "Yanbian")) -> bytes:
    cost_curve.draw_cost_curve(file, table, PREFECTURE, region, 2024)
    return file.read_bytes()


def test_the_curve_is_the_same_twice(tmp_path: Path, published: Any) -> None:
    table = read_abatement_costs(published.folder / "abatement_costs.csv")
    title = published.session.run.config.title
    first = draw(table, tmp_path / "a.png", (title.zh, title.en))
    assert first == draw(table, tmp_path / "b.png", (title.zh, title.en))
    assert first == (published.folder / "cost_curve.png").read_bytes()
    assert image.imread(io.BytesIO(first)).shape[:2] == (900, 1600)


def test_the_curve_is_drawn_of_none_and_of_many(tmp_path: Path) -> None:
    empty = many(2).assign(status=NO_COST, price_year="", cost_unit="")
    assert draw(empty, tmp_path / "empty.png")
    assert draw(many(18), tmp_path / "many.png")


def test_numbers_stand_apart_and_in_order() -> None:
    places = cost_curve._apart(np.array([1.0, 1.1, 1.2, 50.0, 99.0, 99.5]), 3.5, 100.0)
    assert (np.diff(places) >= 3.5 - 1e-9).all()
    assert places.max() <= 100


def test_the_font_has_every_character_of_the_curve() -> None:
    have = set(FT2Font(str(FONT_FILE)).get_charmap())
    text = "".join([*cost_curve.TEXT.values(), *cost_curve.HEADS])
    assert {c for c in text if ord(c) > 0x2E80 and ord(c) not in have} == set()


def test_what_the_scenario_assumes_is_no_observation(published: Any) -> None:
    """The run's own value stands beside the target, and lights no light."""
    table = indicators(published.assessment).set_index("indicator")
    solar = table.loc["rooftop_solar"]
    rows = published.assessment.rows
    mine = rows[
        (rows["technology"] == "rooftop_pv")
        & (rows["component"] == "net")
        & (rows["boundary"] == "territorial")
        & (rows["period"] == "2024")
        & (rows["zoning"] == "prefecture")
    ].iloc[0]
    assert solar["scenario"] == pytest.approx(mine["value"])
    assert solar["scenario_p97.5"] == pytest.approx(mine["p97.5"])
    assert solar["scenario_of"] == "prefecture / 222400 / rooftop_pv / net / territorial"
    assert (solar["origin"], solar["light"]) == ("not observed", "grey")
    assert solar[["observed", "progress"]].isna().all()


def test_an_observation_is_compared_with_the_target_and_not_with_the_scenario(
    published: Any,
) -> None:
    """A third of 190 000 t in 2024 is on the path of 3 of 9 years, whatever the scenario has."""
    session = published.session
    seen = {"value": 64_000.0, "source": "s", "locator": "x", "grade": "A"}
    solar = session.indicators.indicators["rooftop_solar"]
    solar = solar.model_copy(update={"observed": {"2024": Observation(**seen)}})
    plan = session.indicators.model_copy(update={"indicators": {"rooftop_solar": solar}})
    row = indicators(replace(published.assessment, session=replace(session, indicators=plan)))
    row = row.iloc[0]
    assert (row["origin"], row["observed"], row["light"]) == ("observed", 64_000, "green")
    assert row["progress"] == pytest.approx(64 / 190)
    assert row["expected_progress"] == pytest.approx(3 / 9)
    assert row["scenario"] != row["observed"]


def test_what_nobody_observed_is_grey(published: Any) -> None:
    table = indicators(published.assessment)
    plan = table[table["kind"] == "plan"]
    assert len(plan) == 5
    assert set(plan["light"]) == {"grey"}
    assert plan[["observed", "progress"]].isna().all(axis=None)
    assert plan.set_index("indicator")["path"]["research_intensity"] == pytest.approx(0.952)


def test_a_technology_outside_the_run_leaves_an_indicator_without_its_value(
    published: Any,
) -> None:
    rows = published.assessment.rows
    without = replace(published.assessment, rows=rows[rows["technology"] != "rooftop_pv"])
    solar = indicators(without).set_index("indicator").loc["rooftop_solar"]
    assert solar["light"] == "grey"
    assert np.isnan(solar["scenario"])


def test_lights_are_words_and_colours(
    published: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = read_words("zh")
    plain = describe_indicators(published.folder, words)
    assert "● 灰" in plain
    assert "研发经费投入强度" in plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    print_indicators(published.folder, words)
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    print_indicators(published.folder, words)
    coloured = capsys.readouterr().out
    assert "\x1b[3" not in coloured
    assert "● 灰" in coloured
    assert {words(f"light_{light}") for light in STYLES} == {"绿", "黄", "红", "灰"}
