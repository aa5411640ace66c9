"""The tornado picture, and the table of what to measure next."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecoassess.export.tornado import TITLE_OF_ALL, draw_tornado
from ecoassess.export.uncertainty import sensitivity_table
from ecoassess.language import read_words
from ecoassess.measure_next import COLUMNS, Analysis, describe
from ecoassess.project import Project
from ecoassess.sensitivity import ALL_EFFECTS, Moves, Unknown
from ecoassess.zones import Zone

NAME = (ALL_EFFECTS, "territorial")
ZONE = Zone("prefecture", "222400", "Yanbian", "延边州", np.ones(2))


@pytest.fixture
def table(tmp_path: Path) -> pd.DataFrame:
    """Three unknowns that move a net of 1000 by ± 300, ± 100 and ± 1; the last is too small."""
    file = tmp_path / "configs" / "technologies" / "a.yaml"
    known = [
        Unknown("a/larch", "Growth", "生长", ("larch",), "s", "t", "B", file, 7),
        Unknown("b", "Removal", "移除", (), "s", "t", "C", file, 9),
        Unknown("c", "Nothing much", "其他", (), "s", "t", "A", file, 11),
    ]
    low = np.array([[900.0], [1300.0], [999.0]])
    moves = Moves({NAME: np.array([1000.0])}, {NAME: low}, {NAME: 2000.0 - low})
    return sensitivity_table(Project(tmp_path, tmp_path), known, moves, [ZONE])


def test_the_largest_stands_first_and_small_ones_together(table: pd.DataFrame) -> None:
    """Squares 90000, 10000 and 1: shares 0.9, 0.1 and 10⁻⁵."""
    assert list(table["unknown"]) == ["b", "a/larch", "others"]
    np.testing.assert_allclose(table["share"], np.array([90000, 10000, 1]) / 100001)
    assert table["swing"].tolist()[:2] == [-600.0, 200.0]
    assert table["name"].tolist()[1] == "Growth (larch)"
    assert table["place"].tolist()[0] == "configs/technologies/a.yaml:9"
    assert table["narrows"].tolist()[0] == pytest.approx(1 - np.sqrt(1 - 90000 / 100001))
    assert table["name"].tolist()[2].startswith("1 unknown below 0.1%")


def test_the_picture_is_the_same_twice(table: pd.DataFrame, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.png", "two.png")]
    for file in files:
        draw_tornado(file, table, (1000.0, 700.0, 1400.0), TITLE_OF_ALL, 2024)
    one, two = (file.read_bytes() for file in files)
    assert one.startswith(b"\x89PNG")
    assert one == two


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "95 % interval 700 to 1,400"), ("zh", "下一步测什么：延边州")],
)
def test_what_to_measure_next_is_told_in_both_languages(
    table: pd.DataFrame, language: str, expected: str
) -> None:
    row = ["prefecture", "222400", "Yanbian", "延边州", *NAME, 1, "b", "Removal", "移除"]
    row += [0.75, 0.1, 0.8, 0.1, 0.5, 850.0, 1200.0, "t CO2e", "C", "s", "t", "a.yaml:9"]
    indices = pd.DataFrame([row], columns=COLUMNS)
    text = describe(
        Analysis(NAME, ZONE, table, indices, (1000.0, 700.0, 1400.0), 64), read_words(language)
    )
    assert "--draws" not in text
    assert expected in text
    assert "50.0%" in text
    assert "a.yaml:9" in text


LONG = "Share of the straw that is collected where maize and soybean are grown in turn on slopes"


@pytest.mark.parametrize(
    ("first", "total", "told"),
    [
        ((0.6, 0.3), (0.7, 0.35), ()),
        ((0.6, 0.3), (0.55, 0.35), ("In one row the total order", "--draws 256")),
        ((0.6, 0.3), (0.55, 0.25), ("In 2 rows the total order", "--draws 256")),
        ((0.35, 0.3), (0.4, 0.35), ("less than their error of 0.10", "--draws 256")),
    ],
)
def test_too_few_draws_are_told(
    table: pd.DataFrame, first: tuple[float, ...], total: tuple[float, ...], told: tuple[str, ...]
) -> None:
    """A total order below the first one, or ranks within their errors, are no result."""
    rows = [
        [
            *("prefecture", "222400", "Yanbian", "延边州", *NAME, rank, "b", LONG, "移除"),
            *(one, 0.1, whole, 0.1, 0.5, 850.0, 1200.0, "t CO2e", "C", "s", "t", "a.yaml:9"),
        ]
        for rank, (one, whole) in enumerate(zip(first, total, strict=True), 1)
    ]
    indices = pd.DataFrame(rows, columns=COLUMNS)
    analysis = Analysis(NAME, ZONE, table, indices, (1000.0, 700.0, 1400.0), 64)
    text = describe(analysis, read_words("en"))
    assert LONG in text  # names are whole
    assert ("draws" in text.lower()) == bool(told)
    for sentence in told:
        assert sentence in text
