"""Versions of coefficients: which holds, what one takes from another, what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from ecoassess.coefficients import Coefficient, read_coefficients
from ecoassess.errors import InputError
from ecoassess.sampling import LatinHypercube
from ecoassess.units import magnitude
from ecoassess.versions import in_force, parse_day

SOURCES = {"ninth": object(), "tenth": object(), "guide": object()}

FILE = """\
growth:
  en: Growth
  zh: 生长
  unit: 1/yr
  distribution: normal
  value: 0.03
  range: [0.02, 0.04]
  source: tenth
  locator: Table 1
  grade: A
  valid_from: 2025-01-01
  reason: the tenth inventory was published
  earlier:
    - value: 2.0
      unit: "%/yr"
      range: [1.0, 3.0]
      source: ninth
      locator: Table 9
      grade: B
      valid_from: "2020-07-01"
      valid_to: 2024-12-31
      reason: the ninth inventory was published
    - value: 0.01
      range: [0.005, 0.015]
      source: guide
      locator: p. 4
      grade: C

density:
  en: Density
  zh: 密度
  unit: t/m^3
  distribution: normal
  by: [kind, year]
  source: tenth
  locator: Table 2
  grade: A
  valid_from: 2025-01-01
  reason: new samples of larch
  values:
    oak:
      "2020": {value: 0.7, range: [0.6, 0.8], source: guide, locator: p. 9}
    larch:
      "2020": {value: 0.5, range: [0.45, 0.55]}
      "2023": {value: 0.52, range: [0.47, 0.57]}
  earlier:
    - valid_from: 2022-01-01
      reason: a misprint of larch in 2020
      values:
        larch:
          "2020": {value: 0.4, range: [0.3, 0.5]}
      source: ninth
      locator: Table 3
      grade: B
    - values:
        oak:
          "2020": {value: 0.8, range: [0.6, 1.0]}
      source: guide
      locator: p. 8
      grade: C

plain:
  en: Plain
  zh: 普通
  unit: "1"
  distribution: fixed
  value: 0.5
  source: guide
  locator: p. 1
  grade: C
"""


def read(folder: Path, text: str = FILE) -> dict[str, Coefficient]:
    file = folder / "coefficients.yaml"
    file.write_text(text, encoding="utf-8")
    return read_coefficients(file, SOURCES)


@pytest.mark.parametrize(
    ("day", "value", "source", "line"),
    [
        ("2026-06-30", 0.03, "tenth", 1),
        ("2025-01-01", 0.03, "tenth", 1),
        ("2024-12-31", 2.0, "ninth", 14),
        ("2020-07-01", 2.0, "ninth", 14),
        ("2020-06-30", 0.01, "guide", 23),
        ("1999-01-01", 0.01, "guide", 23),
    ],
)
def test_the_version_that_holds_on_a_day(
    tmp_path: Path, day: str, value: float, source: str, line: int
) -> None:
    one = in_force(read(tmp_path), parse_day(day))["growth"]
    assert (one.table[0].central, one.table[0].source, one.line) == (value, source, line)
    assert one.version in one.versions
    assert [version.span for version in one.versions] == [
        "2025-01-01 – …",
        "2020-07-01 – 2024-12-31",
        "… – 2020-06-30",
    ]


def test_a_version_in_another_unit_of_the_same_kind(tmp_path: Path) -> None:
    """2 %/yr is 0.02 /yr; the random part hangs on the name and is the same in all versions."""
    table = read(tmp_path)
    draws = {
        year: magnitude(
            in_force(table, date(year, 1, 1))["growth"].draws(LatinHypercube(50, 1)), "1/yr"
        )
        for year in (2019, 2024, 2025)
    }
    assert float(draws[2024][0]) == pytest.approx(0.02)
    assert float(draws[2019][0]) == pytest.approx(0.01)
    from_mean = {year: array[1:] - array[0] for year, array in draws.items()}
    np.testing.assert_allclose(from_mean[2024], from_mean[2025])  # both ± 0.01
    np.testing.assert_allclose(2 * from_mean[2019], from_mean[2025])  # ± 0.005


def test_a_table_gives_only_the_cells_that_differed(tmp_path: Path) -> None:
    def cells(day: str) -> dict[tuple[str, ...], tuple[float, str, str, int | None]]:
        table = in_force(read(tmp_path), parse_day(day))["density"].table
        return {v.labels: (v.central, v.source, v.locator, v.line) for v in table}

    oak, larch, later = ("oak", "2020"), ("larch", "2020"), ("larch", "2023")
    assert cells("2025-03-31") == {
        oak: (0.7, "guide", "p. 9", 42),
        larch: (0.5, "tenth", "Table 2", 44),
        later: (0.52, "tenth", "Table 2", 45),
    }
    assert cells("2023-03-31") == {
        oak: (0.7, "guide", "p. 9", 42),
        larch: (0.4, "ninth", "Table 3", 51),
        later: (0.52, "tenth", "Table 2", 45),
    }
    # Oak was other before 2022; larch is that of the version after, with its source.
    assert cells("2021-12-31") == {
        oak: (0.8, "guide", "p. 8", 57),
        larch: (0.4, "ninth", "Table 3", 51),
        later: (0.52, "tenth", "Table 2", 45),
    }


def test_versions_and_years_of_a_table_are_two_things(tmp_path: Path) -> None:
    held = in_force(read(tmp_path), date(2023, 1, 1))["density"]
    assert {v.labels: v.central for v in held.select({"year": "2021"}).table} == {
        ("oak",): 0.7,
        ("larch",): 0.4,
    }
    assert held.select({"year": "2021"}).version is held.version


def test_an_entry_without_versions_holds_always(tmp_path: Path) -> None:
    one = in_force(read(tmp_path), date(1900, 1, 1))["plain"]
    assert one.table[0].central == 0.5
    assert one.versions == ()
    assert one.version is None


def test_before_the_first_and_after_the_last_nothing_holds(tmp_path: Path) -> None:
    text = FILE.replace(
        "  valid_from: 2025-01-01\n  reason: the",
        "  valid_from: 2025-01-01\n  valid_to: 2026-12-31\n  reason: the",
        1,
    )
    text = text.replace("    - value: 0.01\n", "    - value: 0.01\n      valid_from: 2010-01-01\n")
    table = read(tmp_path, text)
    for day in ("2009-12-31", "2027-01-01"):
        with pytest.raises(InputError, match="no version of this coefficient holds") as caught:
            in_force(table, parse_day(day))
        (problem,) = caught.value.problems
        assert (problem.key, problem.line) == ("growth", 1)
        assert "2020-07-01 – 2024-12-31" in str(problem.found)
        assert "--as-of" in str(problem.remedy)


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("valid_to: 2024-12-31", "valid_to: 2025-01-01", 21, "versions overlap"),
        ("valid_to: 2024-12-31", "valid_to: 2024-11-30", 21, "a gap between versions"),
        ('valid_from: "2020-07-01"\n      valid_to: 2024-12-31', "valid_from: 2025-01-01", 20,
         "versions overlap"),
        ('valid_from: "2020-07-01"', 'valid_from: "2020-07-32"', 20, "not a date"),
        ('valid_from: "2020-07-01"', "valid_from: 2020-7-1", 20, "not a date"),
        ('valid_from: "2020-07-01"', "valid_from: 2020", 20, "not a date"),
        ('      valid_from: "2020-07-01"\n', "", 14, "needs 'valid_from'"),
        ("      reason: the ninth inventory was published\n", "", 14, "needs 'reason'"),
        ("  reason: the tenth inventory was published\n", "", 1, "needs 'reason'"),
        ("    - value: 0.01\n      range", "    - range", 23, "either one value or a table"),
        ("      source: ninth\n", "", 14, "needs a source"),
        ("      locator: Table 9\n", "", 14, "needs a locator"),
        ("      source: ninth\n", "      source: eighth\n", 17, "needs a source"),
        ('unit: "%/yr"', "unit: kg/yr", 15, "another kind of unit"),
        ('unit: "%/yr"', "unit: yaer", 14, "unknown unit"),
        ("      range: [1.0, 3.0]\n", "", 14, "width"),
        ("    - value: 2.0", "    - valu: 2.0", 14, "unknown key"),
        ("oak:\n          \"2020\": {value: 0.8", "ash:\n          \"2020\": {value: 0.8", 56,
         "label that the coefficient no longer has"),
        ('"2020": {value: 0.4, range: [0.3, 0.5]}', '"2020": 0.4', 51, "wrong value"),
        ('"2020": {value: 0.4, range: [0.3, 0.5]}', '"2020": null', 51, "wrong value"),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_their_line(
    tmp_path: Path, old: str, new: str, line: int, what: str
) -> None:
    assert old in FILE
    with pytest.raises(InputError, match=what) as caught:
        read(tmp_path, FILE.replace(old, new, 1))
    assert [p.line for p in caught.value.problems if what in p.what] == [line]
    assert all(p.line == line for p in caught.value.problems), caught.value


def test_cells_are_not_taken_over_from_a_version_in_another_unit(tmp_path: Path) -> None:
    """Neither by the version in kg/m^3 nor by the one before it, again in t/m^3."""
    text = FILE.replace(
        "    - valid_from: 2022-01-01\n", "    - unit: kg/m^3\n      valid_from: 2022-01-01\n"
    )
    with pytest.raises(InputError, match="gives only some cells") as caught:
        read(tmp_path, text)
    assert [(p.line, p.found) for p in caught.value.problems] == [
        (47, "kg/m^3, and after it t/m^3"),
        (56, "t/m^3, and after it kg/m^3"),
    ]


def test_what_an_entry_adds_now_is_not_said_of_what_it_was(tmp_path: Path) -> None:
    """A median of now leaves an earlier mean a mean."""
    text = FILE.replace("  value: 0.03\n", "  value: 0.03\n  statistic: median\n").replace(
        "distribution: normal", "distribution: lognormal", 1
    )
    one = in_force(read(tmp_path, text), date(2024, 1, 1))["growth"].table[0]
    assert (one.spread.statistic, one.central) == ("mean", 2.0)


def test_a_mistake_that_versions_share_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, FILE.replace('"2023": {value: 0.52,', '"2023": {value: x,'))
    assert len(caught.value.problems) == 1
