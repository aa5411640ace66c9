"""Pathways: by hand, and what must hold of a short one of a few technologies."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import copy_project

from ecoassess import run as run_module
from ecoassess.calendar import Month
from ecoassess.crediting import credit_lines
from ecoassess.errors import InputError
from ecoassess.export.claims import claims
from ecoassess.language import read_words
from ecoassess.opening import open_run
from ecoassess.pathway_report import pathway_summary
from ecoassess.pathway_tables import (
    credit_table,
    difference,
    difference_table,
    follow_both,
    pathway_table,
    publish_pathway,
)
from ecoassess.pathways import (
    between_years,
    follow,
    renewals,
    sum_of_known,
    years_to_evaluate,
)
from ecoassess.run import Session, silent

JUNE = Month(2024, 6)
CHOSEN = ["afforestation", "harvested_wood_products", "manure_management", "rooftop_pv"]


def test_every_year_to_2030_then_every_fifth_and_about_knots() -> None:
    found = years_to_evaluate(2028, 2042, [2015, 2030, 2037])
    assert found == [2028, 2029, 2030, 2031, 2035, 2036, 2037, 2038, 2040, 2042]


def test_the_ends_of_lives_are_evaluated(session: Session) -> None:
    """Modules of 25 to 40 years, built in 2015 to 2030: again in 2040 to 2070, and from 2065."""
    assert renewals(session, 2039) == set()
    assert renewals(session, 2060) == set(range(2040, 2061))
    assert renewals(session, 2080) == set(range(2040, 2081))


def test_what_happens_in_one_year_is_added_up_once() -> None:
    """A step in 2038: what is charged in that year alone is in no year beside it."""
    evaluated = np.array(years_to_evaluate(2020, 2060, [2038]))
    years = np.arange(2020, 2061)
    charged = between_years(years, evaluated, np.where(evaluated == 2038, 1.0, 0.0)[:, None])
    in_place = between_years(years, evaluated, np.where(evaluated >= 2038, 1.0, 0.0)[:, None])
    assert charged.sum() == 1
    assert in_place.sum() == 23


def test_between_evaluated_years_effects_lie_on_a_straight() -> None:
    """From 10 in 2030 to 20 in 2035, 2 a year."""
    years, evaluated = np.arange(2029, 2036), np.array([2029, 2030, 2035])
    values = np.array([[4.0, np.nan], [10.0, 1.0], [20.0, 1.0]])
    found = between_years(years, evaluated, values)
    np.testing.assert_allclose(found[:, 0], [4, 10, 12, 14, 16, 18, 20])
    np.testing.assert_array_equal(found[:, 1], [np.nan, 1, 1, 1, 1, 1, 1])


def test_a_sum_of_what_is_known() -> None:
    one, other = np.array([1.0, np.nan, np.nan]), np.array([2.0, 3.0, np.nan])
    np.testing.assert_array_equal(sum_of_known([one, other]), [3, 3, np.nan])


def test_a_conservative_deduction_by_hand() -> None:
    """Draws 1000 to 1100: their 90 % interval is 90 wide, and 0.524 / 1.645 of half of it goes."""
    draws = {
        "non_additional_share/planting": np.zeros(102),
        "activity_shift_leakage/planting": np.zeros(102),
        "market_leakage/planting": np.zeros(102),
        "permanence_period": np.full(102, 40.0),
        "buffer_share": np.full(102, 0.5),
        "yearly_loss": np.zeros(102),
        "conservative_quantile": np.full(102, 0.524417),
        "half_width_quantile": np.full(102, 1.645006),
    }
    effect = np.concatenate([[1050.0], 1000.0 + np.arange(101)])
    step = 0.524417 / 1.645006 * 45
    off = credit_lines(effect, "planting", draws, [])
    np.testing.assert_allclose(off["conservative_deduction"], -step)
    np.testing.assert_array_equal(off["after_deductions"], effect)
    halved = credit_lines(effect, "planting", draws, ["buffer", "conservative_deduction"])
    np.testing.assert_allclose(halved["conservative_deduction"], -step / 2)
    np.testing.assert_allclose(halved["after_deductions"], effect / 2 - step / 2)
    loss = credit_lines(-effect, "planting", draws, ["conservative_deduction"])
    np.testing.assert_array_equal(loss["after_deductions"], -effect)


def shorten(project: Any) -> Path:
    """Leave a few technologies in the run."""
    run: Path = project.configs / "runs" / "yanbian.yaml"
    text = run.read_text(encoding="utf-8")
    listed = r"(?m)^technologies:\n(?:  - .*\n)+"
    text = re.sub(listed, f"technologies: [{', '.join(CHOSEN)}]\n", text)
    run.write_text(text, encoding="utf-8")
    return run


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    project = copy_project(tmp_path_factory.mktemp("pathway"), draws=20)
    return open_run(project, shorten(project), JUNE)


def again(session: Session, scenario: str, text: str | None = None) -> Session:
    """Open the run with another scenario, which is written first where `text` is given."""
    if text is not None:
        file = session.project.configs / "scenarios" / f"{scenario}.yaml"
        file.write_text(text, encoding="utf-8")
    other = open_run(session.project, session.run.path, JUNE, scenario=scenario)
    other.__dict__["observation"] = session.observe()
    return other


@pytest.fixture(scope="module")
def table(session: Session) -> pd.DataFrame:
    return pathway_table(follow(session, 2023, 2033, silent))


def test_the_base_year_is_that_of_the_assessment(session: Session, table: pd.DataFrame) -> None:
    rows = session.assess().rows
    keys = ["zoning", "adcode", "technology", "boundary"]
    nets = rows[(rows["component"] == "net") & (rows["period"] == "2024")].set_index(keys)
    mine = table[(table["year"] == 2024) & (table["technology"] != "all_effects")].set_index(keys)
    assert len(mine) > 4 * 9
    for column in ("value", "p2.5", "p97.5"):
        np.testing.assert_allclose(mine[column], nets.loc[mine.index, column], rtol=1e-9, atol=1e-9)
    assert (mine["status"] == nets.loc[mine.index, "status"]).all()


def test_cumulative_is_the_sum_of_the_years(table: pd.DataFrame) -> None:
    for _, own in table.groupby(["zoning", "adcode", "technology", "boundary"]):
        if own["value"].notna().all():
            np.testing.assert_allclose(own["cumulative"], own["value"].cumsum(), rtol=1e-12)
            assert (own["cumulative_p2.5"] <= own["cumulative_p97.5"]).all()


def test_the_prefecture_is_the_sum_of_its_counties(table: pd.DataFrame) -> None:
    keys = ["technology", "boundary", "year"]
    counties = table[table["zoning"] == "county"].groupby(keys)[["value", "cumulative"]]
    sums = counties.sum(min_count=1).sort_index()
    whole = table[table["zoning"] == "prefecture"].set_index(keys).sort_index()
    np.testing.assert_allclose(whole[["value", "cumulative"]], sums, rtol=1e-9, atol=1e-6)


def test_the_sum_of_all_names_what_has_no_data(table: pd.DataFrame) -> None:
    mine = table[(table["zoning"] == "prefecture") & (table["boundary"] == "territorial")]
    own = mine.pivot_table(index="year", columns="technology", values="value")
    parts = own.drop(columns="all_effects")
    np.testing.assert_allclose(own["all_effects"], parts.sum(axis=1), rtol=1e-12)
    reasons = mine[mine["technology"] == "all_effects"]["reason"]
    assert reasons.iloc[0] == "without data: harvested_wood_products"
    assert set(reasons.iloc[1:]) == {""}  # told once


def test_later_years_are_projected_and_between_evaluated_ones_interpolated(
    table: pd.DataFrame,
) -> None:
    own = table[(table["technology"] == "rooftop_pv") & (table["zoning"] == "prefecture")]
    status = own[own["boundary"] == "territorial"].set_index("year")["status"]
    assert status[2024] == "climatological"
    assert status[2025] == status[2032] == "projected"
    assert dict(zip(own["year"], own["how"], strict=True)) | {2031: "x", 2032: "x", 2033: "x"} == {
        **dict.fromkeys(range(2023, 2031), "evaluated"),
        **dict.fromkeys(range(2031, 2034), "x"),
    }


def test_names_stand_in_chinese_beside(session: Session, table: pd.DataFrame) -> None:
    names = dict(zip(table["technology"], table["technology_zh"], strict=True))
    assert names.pop("all_effects") == "成效合计"
    assert names == {name: session.technologies[name].zh for name in names}
    assert names["rooftop_pv"] == "屋顶光伏"


def test_equal_states_bring_nothing(session: Session) -> None:
    found = pathway_table(follow(again(session, "baseline"), 2024, 2025, silent))
    numbers = found[["value", "p2.5", "p97.5", "cumulative"]].to_numpy()
    assert (numbers[np.isfinite(numbers)] == 0).all()
    assert np.isfinite(numbers).any()


def test_modules_are_charged_again_at_the_end_of_their_lives(session: Session) -> None:
    """A thirtieth of the roofs a year from 2022 to 2030: the same tonnes again in 2052 to 2060."""
    found = pathway_table(follow(session, 2024, 2054, silent), [("rooftop_pv", "embodied")])
    own = found[found["zoning"] == "prefecture"].set_index("year")
    assert own["value"][2024] < 0
    assert own["value"][2040] == 0
    assert own["value"][2053] == pytest.approx(own["value"][2024], rel=1e-9)


def test_lines_of_credits_add_up_over_the_years(session: Session) -> None:
    found = credit_table(follow(session, 2028, 2031, silent), session)
    assert set(found["technology"]) == {"afforestation", "harvested_wood_products"}
    planted = found[(found["technology"] == "afforestation") & (found["zoning"] == "prefecture")]
    for year, own in planted.groupby("year"):
        known = own.set_index("line")
        counted = known[known["counted"]].drop(index="after_deductions")["value"].sum()
        assert known.loc["after_deductions", "value"] == pytest.approx(counted, rel=1e-9), year
    for _, own in planted.groupby("line"):
        np.testing.assert_allclose(own["cumulative"], own["value"].cumsum(), rtol=1e-9)
    assert not planted[planted["line"] == "conservative_deduction"]["counted"].any()


def test_a_second_call_is_from_the_cache_and_writes_the_same_bytes(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = follow(session, 2023, 2033, silent)
    folder = publish_pathway(session, found, silent)
    names = {"pathway.csv", "pathway_credits.csv", "pathway.png", "provenance.json"}
    assert {file.name for file in folder.iterdir()} == names
    first = {name: (folder / name).read_bytes() for name in names}
    for name in names:
        (folder / name).unlink()
    folder.rmdir()
    monkeypatch.setattr(run_module.Session, "assess", lambda *_: pytest.fail("evaluated again"))
    assert publish_pathway(session, follow(session, 2023, 2033, silent), silent) == folder
    assert {name: (folder / name).read_bytes() for name in names} == first


MORE = """\
title: {en: Twice the roofs, zh: 屋顶加倍}
extends: yanbian
project:
  pv_roof_share:
    self_built: {knots: {"2015": 0.0, "2021": 0.0, "2030": 0.6}, source: own_judgement, grade: C}
    walk_up: {knots: {"2015": 0.0, "2021": 0.0, "2030": 0.4}, source: own_judgement, grade: C}
    lift: {knots: {"2015": 0.0, "2021": 0.0, "2030": 0.2}, source: own_judgement, grade: C}
"""


def test_what_a_scenario_adds_to_the_one_it_extends(session: Session) -> None:
    """Twice the roofs bring as much again, in each draw, and nothing else changes."""
    mine = again(session, "more", MORE)
    pathway, extended = follow_both(mine, 2023, 2024, silent)
    assert extended is not None
    assert extended.name == "yanbian"
    found = difference(pathway, extended.pathway)
    roofs = "rooftop_pv", "territorial"
    np.testing.assert_allclose(found[roofs], extended.pathway.nets[roofs], rtol=1e-9)
    assert (found["manure_management", "territorial"] == 0).all()
    np.testing.assert_allclose(found["all_effects", "territorial"], found[roofs], rtol=1e-6)

    rows = difference_table(pathway, "more", extended)
    own = rows[(rows["technology"] == "rooftop_pv") & (rows["boundary"] == "territorial")]
    whole = own[own["zoning"] == "prefecture"].set_index("year")
    plain = pathway_table(extended.pathway, [roofs])
    plain = plain[plain["zoning"] == "prefecture"].set_index("year")
    for column in ("value", "p2.5", "cumulative", "cumulative_p97.5"):
        np.testing.assert_allclose(whole[column], plain[column], rtol=1e-9)
    assert set(rows["scenario"]) == {"more"}
    assert set(rows["less"]) == {"yanbian"}

    folder = publish_pathway(mine, pathway, silent, extended)
    assert (folder / "pathway_difference.csv").is_file()
    assert folder != publish_pathway(mine, pathway, silent)  # without it, another folder


def test_a_scenario_on_the_baseline_is_compared_with_nothing(session: Session) -> None:
    """The baseline has no effects: all that a scenario brings is the difference."""
    for name in ("yanbian", "baseline"):
        _, extended = follow_both(again(session, name), 2024, 2024, silent)
        assert extended is None


def test_a_zone_is_told_by_any_of_its_names(session: Session) -> None:
    """The figures of the county, names in the language, and what has no data."""
    pathway, extended = follow_both(again(session, "more", MORE), 2023, 2024, silent)
    english, chinese = read_words("en"), read_words("zh")
    told = [
        pathway_summary(pathway, session, english, zone, extended)
        for zone in ("222401", "Yanji", "延吉市", "延吉")
    ]
    assert len(set(told)) == 1
    rows = pathway_table(pathway, [("all_effects", "territorial")])
    county = rows[(rows["adcode"] == "222401") & (rows["year"] == 2024)].iloc[0]
    (line,) = [text for text in told[0].splitlines() if text.startswith("2024 ")]
    assert f"{county['value'] / 1e3:,.1f}" in line
    assert f"{county['cumulative'] / 1e3:,.1f}" in line
    assert "Without data: harvested wood products" in told[0]
    assert "harvested_wood_products" not in told[0]
    assert "Beside the scenario that it extends: Thirty technologies" in told[0]
    other = pathway_summary(pathway, session, chinese, "222401", extended)
    assert "屋顶光伏" in other
    assert "无数据：木质林产品" in other
    with pytest.raises(InputError, match="no such zone"):
        pathway_summary(pathway, session, english, "Beijing")


def test_all_zones_stand_side_by_side(session: Session) -> None:
    pathway = follow(session, 2023, 2024, silent)
    told = pathway_summary(pathway, session, read_words("zh"), "all").splitlines()
    for place in pathway.zones:
        assert any(line.startswith(place.zh) for line in told), place
    assert not any("累计之差" in line for line in told)  # compared with nothing


def test_years_run_forward(session: Session) -> None:
    with pytest.raises(InputError, match="a pathway runs forward"):
        follow(session, 2030, 2020, silent)


MOVED = """\
title: {en: Half the grid factor, zh: 示例}
extends: yanbian
exogenous:
  electricity_factor:
    base_year: 2023
    knots: {"2023": 1.0, "2025": 0.5}
    source: own_judgement
    grade: C
"""


def test_an_exogenous_path_moves_a_coefficient_in_both_states(
    session: Session, table: pd.DataFrame
) -> None:
    """What a roof's power displaces within the territory is proportional to the grid's factor."""
    found = pathway_table(follow(again(session, "moved", MOVED), 2023, 2025, silent))
    pick = "technology == 'rooftop_pv' and boundary == 'territorial' and zoning == 'prefecture'"
    moved = found.query(pick).set_index("year")
    plain = table.query(pick).set_index("year")
    for year, factor in ((2023, 1.0), (2024, 0.75), (2025, 0.5)):
        for column in ("value", "p2.5", "p97.5"):  # the factor's width goes with it
            assert moved[column][year] == pytest.approx(factor * plain[column][year], rel=1e-9)
    assert (
        "exogenous path of the scenario: electricity_factor times 0.75 in 2024"
        in (moved["reason"][2024])
    )
    assert moved["status"][2024] == "projected"


LOCAL = """\
title: {en: One county, zh: 示例}
extends: baseline
project:
  pv_roof_share:
    self_built:
      knots: {"2015": 0.0}
      source: own_judgement
      grade: C
      counties: {"222401": {knots: {"2020": 0.0, "2030": 0.3}}}
"""


def test_a_county_goes_ahead_alone(session: Session) -> None:
    """0.12 of the roofs of Yanji's own houses in 2024, and none elsewhere."""
    local = again(session, "local", LOCAL)
    assessment = replace(local, timings={}).assess()
    rows = assessment.rows
    own = rows[(rows["technology"] == "rooftop_pv") & (rows["component"] == "net")]
    values = own[(own["period"] == "2024") & (own["boundary"] == "territorial")].set_index("adcode")
    assert values["value"]["222401"] > 0
    others = values[(values["zoning"] == "county") & (values.index != "222401")]["value"]
    assert (others == 0).all()
    assert values["value"]["222400"] == pytest.approx(values["value"]["222401"], rel=1e-9)

    found = claims(assessment)
    roof = found.query("resource == 'roof' and label == 'self_built' and use == 'rooftop_pv'")
    roof = roof[roof["state"] == "project"].set_index("adcode")
    assert roof["share"]["222401"] == pytest.approx(0.12)
    assert roof["share"]["222402"] == 0
    counties = roof[roof["zoning"] == "county"]
    assert roof["amount"]["222400"] == pytest.approx(counties["amount"].sum(), rel=1e-9)
    assert 0 < roof["share"]["222400"] < 0.12


def test_the_same_path_in_every_county_changes_nothing(session: Session) -> None:
    """Every share by county, all alike: models may not add counties up."""
    from ecoassess.scenario import CountyPath

    plain = session.assess().rows
    scenario = session.run.scenario
    states = {
        state: {
            name: {
                label: path.model_copy(
                    update={"counties": {"222401": CountyPath(knots=path.knots)}}
                )
                for label, path in labels.items()
            }
            for name, labels in scenario.paths(state).items()
        }
        for state in ("baseline", "project")
    }
    run = replace(session.run, scenario=scenario.model_copy(update=states))
    by_county = replace(session, run=run, timings={}).assess().rows
    np.testing.assert_allclose(by_county["value"], plain["value"], rtol=1e-9, atol=1e-9)


PELLETS = """\
title: {en: Much straw, zh: 示例}
extends: yanbian
project:
  straw_return_share:
    maize: {knots: {"2020": 0.18, "2024": 0.6}, source: own_judgement, grade: C}
resources:
  straw: {on_excess: order}
"""


def test_amounts_come_before_claims_that_are_cut(session: Session) -> None:
    """Feed and fuel leave 0.44 of the straw, pellets take of it as heat needs, return the rest.

    To 1e-4: a sliver of a county has straw and no dwellings, and counts in one of the two shares.
    """
    text = session.run.path.read_text(encoding="utf-8")
    file = session.run.path.with_name("pellets.yaml")
    chosen = "technologies: [straw_return, biomass_heating]"
    file.write_text(re.sub(r"(?m)^technologies: .*", chosen, text), encoding="utf-8")
    again(session, "pellets", PELLETS)
    burning = open_run(session.project, file, JUNE, scenario="pellets")
    burning.__dict__["observation"] = session.observe()
    assessment = burning.assess()
    found = claims(assessment).query("label == 'maize' and state == 'project'")
    shares = found[found["zoning"] == "prefecture"].set_index("use")
    pellets = shares["share"]["biomass_heating"]
    assert 0 < pellets < 0.1
    assert shares["claimed"]["straw_return"] == pytest.approx(0.6)
    assert shares["share"]["straw_return"] == pytest.approx(0.44 - pellets, rel=1e-4)
    assert set(shares["rule"]) == {"order"}
    (reason,) = {r.split("; ")[0] for r in assessment.outcomes["straw_return"].reason}
    assert reason == "straw_return_share: cut to what is left of straw (maize, project)"


@pytest.mark.by_hand
def test_scenarios_of_the_project_are_in_order(session: Session) -> None:
    """Each that is delivered allocates in all its years, and names sources that there are."""
    from ecoassess.allocation import allocate
    from ecoassess.pathways import knots_of
    from ecoassess.run_checks import source_problems

    for name in ("baseline", "yanbian", "plan_2025", "ambitious_2060", "example_user"):
        other = open_run(session.project, session.run.path, JUNE, scenario=name)
        assert source_problems(other.run, other.sources) == []
        for year in sorted(knots_of(other.run.scenario) | {2060}):
            allocate(other.run, other.technologies.values(), other.book, year)


def test_the_command_names_a_scenario_that_is_not_there(session: Session) -> None:
    from typer.testing import CliRunner

    from ecoassess.cli import app

    place = {"ECOASSESS_PROJECT": str(session.project.root), "ECOASSESS_LANG": "en"}
    asked = ["pathway", "--scenario", "yanbain", "--month", "2024-06"]
    result = CliRunner().invoke(app, asked, env=place)
    assert result.exit_code == 2
    assert "yanbain.yaml: file not found" in result.stderr
    assert "did you mean yanbian.yaml?" in result.stderr
