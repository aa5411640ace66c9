"""Tables as people read them: six digits, Chinese beside English, and sums that still add up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecoassess.export.bilingual import Chinese, bilingual, chinese
from ecoassess.export.tables import EXACT, read_assessment, rounded, write_csv
from ecoassess.language import read_words
from ecoassess.project import Project

ROOT = Path(__file__).resolve().parents[2]
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def words() -> Chinese:
    return chinese(Project(ROOT, ROOT / "outputs"))


def read(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, encoding="utf-8-sig", dtype={"adcode": str, "period": str})


# -- digits


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        (6562592.4567, 6562590.0),
        (-0.00123456789, -0.00123457),
        (0.1 + 0.2, 0.3),
        (999999.9, 1000000.0),
        (123456, 123456.0),
        (0.0, 0.0),
        (np.nan, np.nan),
        (np.inf, np.inf),
        (4.2e-300, 4.2e-300),
    ],
)
def test_six_digits(number: float, printed: float) -> None:
    np.testing.assert_allclose(rounded(pd.Series([number])), [printed], rtol=1e-15)


def test_what_is_read_again_keeps_its_digits(tmp_path: Path) -> None:
    frame = pd.DataFrame({"value": [6562592.4567], "mean": [6562592.4567], "year": [2024]})
    write_csv(frame, tmp_path / "t.csv", EXACT)
    text = (tmp_path / "t.csv").read_text(encoding="utf-8-sig")
    assert text == "value,mean,year\n6562592.457,6562590,2024\n"


def test_a_reason_that_nothing_has_is_left_out(tmp_path: Path) -> None:
    frame = pd.DataFrame({"value": [1.0, 2.0], "reason": ["", None]})
    write_csv(frame, tmp_path / "t.csv")
    assert list(read(tmp_path / "t.csv")) == ["value"]
    write_csv(frame.assign(reason=["", "no data"]), tmp_path / "t.csv")
    assert list(read(tmp_path / "t.csv")) == ["value", "reason"]


# -- Chinese


def test_names_labels_and_sentences(words: Chinese) -> None:
    frame = pd.DataFrame(
        {
            "technology": ["straw_return", "all_effects", "forest_sink"],
            "component": ["soil_carbon:maize", "net", "net"],
            "boundary": ["territorial", "upstream", "embodied"],
            "status": ["measured", "missing", "something else"],
            "note": [
                "lopsided: the longer tail is below; the sign is not certain in Approach 1",
                "",
                "what nobody has translated",
            ],
            "value": [1.0, 2.0, 3.0],
        }
    )
    found = bilingual(frame, words)
    assert list(found)[:4] == ["technology", "technology_zh", "component", "component_zh"]
    assert found["technology_zh"].tolist()[:2] == ["秸秆还田", "成效合计"]
    assert found["component_zh"][0].endswith(": 玉米")
    assert found["component_zh"][1] == "净值"
    assert found["boundary_zh"].tolist() == ["区域内", "上游", "隐含"]
    assert found["status_zh"].tolist() == ["实测", "缺失", "something else"]
    assert found["note_zh"][0] == "不对称：下侧尾部较长；按方法1符号不确定"
    assert found["note_zh"][2] == "what nobody has translated"
    assert "value_zh" not in found


def test_columns_that_are_there_stay_and_empty_ones_are_not_doubled(words: Chinese) -> None:
    frame = pd.DataFrame({"technology": ["straw_return"], "technology_zh": ["x"], "note": [""]})
    assert bilingual(frame, words).equals(frame)
    own = pd.DataFrame({"note": ["what a user wrote"]})
    assert bilingual(own, words).equals(own)


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("growing_stock of 2011", "growing_stock为2011年数值"),
        ("timber_harvest: looked for, not found", "timber_harvest：已查找，未找到"),
        (
            "taken as none: planned_small_hydro_capacity: not in county_statistics.csv",
            "视为零：planned_small_hydro_capacity：county_statistics.csv中没有",
        ),
        ("where the map shows no settlement: spread over cropland", None),
        ("maize_area, rice_area: mapped cropland times the prefecture's share of the crop", None),
        ("exogenous path of the scenario: x/y times 0.9 in 2030", None),
        ("slope known on 93 % of cropland", None),
    ],
)
def test_sentences(words: Chinese, english: str, expected: str | None) -> None:
    found = words.sentences(english)
    assert found == (expected or found)
    assert HAN.search(found)


def test_the_notes_of_uncertainty_are_all_there(words: Chinese) -> None:
    """Every sentence that `_note` can give."""
    from ecoassess.export.uncertainty import _note

    nan = float("nan")
    given = {
        _note(nan, 1, 1, 0, 1),
        _note(1, 0, 1, 0, 1),
        _note(1, 0.1, 1, 0.6, 1),
        _note(1, 0.1, 1, -0.6, 1),
        _note(1, 0.1, 1, 0, 0.5),
        _note(1, 0.1, 1, 0, 1.5),
        _note(1, 2, 1, 0, 1),
        _note(1, 0.1, 1.5, 0, 1),
    }
    assert len(given) == 8
    for text in given:
        assert HAN.search(words.sentences(text)), text


def test_sentences_of_tables_hold_their_places() -> None:
    for key, text in read_words("zh").table.items():
        if key.startswith("note_"):
            places = [one.count("{") for one in (text["en"], text["zh"])]
            assert places[0] == places[1], key


# -- a run


def tables(published: Any) -> dict[str, pd.DataFrame]:
    return {file.stem: read(file) for file in sorted(published.folder.glob("*.csv"))}


def test_every_table_with_technologies_names_them_in_chinese(published: Any) -> None:
    found = {name: t for name, t in tables(published).items() if "technology" in t}
    assert {"assessment", "uncertainty", "sensitivity", "interactions", "grid_factors"} <= set(
        found
    )
    for name, table in found.items():
        named = table.dropna(subset=["technology"])
        assert named["technology_zh"].str.contains(HAN).all(), name
    totals = tables(published)["totals"]
    assert totals["account_zh"].str.contains(HAN).all()
    assert totals["benefit_zh"].dropna().str.contains(HAN).all()
    assert totals["without_data_zh"].dropna().str.contains(HAN).all()


@pytest.mark.parametrize("column", ["status", "note", "months"])
def test_finite_sentences_have_their_chinese(published: Any, column: str) -> None:
    """But for what users write: the notes of costs and indicators."""
    for name, table in tables(published).items():
        own = f"{column}_zh"
        if own in table and not name.startswith(("abatement_cost_parts", "indicators")):
            known = table[[column, own]].dropna(subset=[column])
            assert known[own].str.contains(HAN).all(), name


def test_reasons_have_their_chinese(published: Any, words: Chinese) -> None:
    rows = published.assessment.rows
    pieces = {piece for text in rows["reason"].unique() for piece in text.split("; ") if piece}
    assert pieces
    lacking = [piece for piece in pieces if not HAN.search(words.sentences(piece))]
    assert lacking == []
    assert not any(piece.startswith(" of ") for piece in pieces)


def test_numbers_have_six_digits_but_those_that_are_read_again(published: Any) -> None:
    for name, table in tables(published).items():
        exact = EXACT if name in ("assessment", "park") else ()
        for column in table.select_dtypes("float"):
            if column not in exact:
                pd.testing.assert_series_equal(
                    table[column], rounded(table[column]), rtol=1e-12, check_names=False
                )


def test_compare_and_verify_read_all_digits(published: Any) -> None:
    read_again = read_assessment(published.folder / "assessment.csv")
    np.testing.assert_allclose(
        read_again["value"], published.assessment.rows["value"], rtol=1e-9, atol=0
    )


def test_rounded_totals_are_sums_of_rounded_rows(published: Any) -> None:
    """Months add up to the year, and counties to the prefecture."""
    totals = tables(published)["totals"]
    totals = totals[totals["kind"] == "flux"]
    identity = ["account", "basis", "boundary", "gas", "benefit", "unit"]
    totals = totals.fillna({"benefit": ""})
    year = totals["period"].str.len() == 4
    keys = ["zoning", "adcode", *identity]
    months = totals[~year].groupby(keys)["value"]
    size = totals[~year].assign(value=totals["value"].abs()).groupby(keys)["value"].sum()
    difference = (months.sum(min_count=1) - totals[year].set_index(keys)["value"]).abs().dropna()
    assert (difference <= 1e-5 * size.loc[difference.index]).all()
    annual = totals[year]
    counties = annual[annual["zoning"] == "county"].groupby(identity)["value"]
    whole = annual[annual["zoning"] == "prefecture"].set_index(identity)["value"]
    size = annual[annual["zoning"] == "county"].assign(value=annual["value"].abs())
    difference = (counties.sum() - whole).abs().dropna()
    assert len(difference) > 10
    assert (difference <= 1e-5 * size.groupby(identity)["value"].sum().loc[difference.index]).all()


def test_the_total_of_the_summary_is_the_sum_of_its_columns(published: Any) -> None:
    summary = tables(published)["summary"]
    effects = [c for c in summary if c.startswith("effect ") and " 2024 (" in c]
    size = summary[effects].abs().sum(axis=1)
    difference = (summary[effects].sum(axis=1) - summary["effects total 2024 (t CO2e)"]).abs()
    assert (difference.fillna(0) <= 1e-5 * size).all()
    assert "restated_as_of" not in summary
