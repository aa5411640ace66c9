"""Coefficient files: what is read, what is drawn, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ecoassess.coefficients import Coefficient, read_coefficients
from ecoassess.errors import InputError
from ecoassess.sampling import LatinHypercube
from ecoassess.units import magnitude

SOURCES = {"book": object(), "paper": object()}

FILE = """\
growth:
  en: Growth
  zh: 生长
  unit: 1/yr
  value: 2.0
  range: [1.0, 4.0]
  distribution: lognormal
  statistic: median
  source: book
  locator: Table 1
  grade: A

factor:
  en: Factor
  zh: 因子
  unit: kg CO2/kWh
  distribution: fixed
  by: [family, province, year]
  source: book
  locator: Table 2
  grade: B
  values:
    average:
      "22":
        "2021": {value: 0.5}
        "2023": {value: 0.4, source: paper, grade: A}
      "23":
        "2021": {value: 0.6}
    margin:
      "22":
        "2019": {value: 0.9}
"""


def read(folder: Path, text: str = FILE) -> dict[str, Coefficient]:
    file = folder / "coefficients.yaml"
    file.write_text(text, encoding="utf-8")
    return read_coefficients(file, SOURCES)


def test_draw_zero_is_the_central_value_and_the_rest_are_random(tmp_path: Path) -> None:
    draws = magnitude(read(tmp_path)["growth"].draws(LatinHypercube(200, 1)), "1/yr")
    assert draws.dims == ("draw",)
    assert list(draws["draw"].values) == list(range(201))
    assert float(draws[0]) == pytest.approx(2.129063, rel=1e-6)  # 2 exp(0.353653² / 2)
    assert float(draws[1:].median()) == pytest.approx(2.0, rel=0.01)
    assert float(draws[1:].mean()) == pytest.approx(2.129063, rel=0.01)


def test_draws_hang_on_the_name_only(tmp_path: Path) -> None:
    before = read(tmp_path)["growth"].draws(LatinHypercube(50, 1))
    other = FILE.replace("growth:", "another:", 1).split("factor:")[0].replace("2.0", "3.0")
    changed = read(tmp_path, other + FILE.replace("value: 0.5}", "value: 0.7}"))
    after = changed["growth"].draws(LatinHypercube(50, 1))
    np.testing.assert_array_equal(before.data.magnitude, after.data.magnitude)
    another = changed["another"].draws(LatinHypercube(50, 1))
    assert not np.isin(another.data.magnitude[1:], before.data.magnitude[1:]).any()


def test_sites_are_drawn_apart(tmp_path: Path) -> None:
    growth = read(tmp_path)["growth"]
    one, two = (
        growth.draws(LatinHypercube(50, 1), site).data.magnitude for site in ("222401", "222402")
    )
    assert one[0] == two[0]
    assert not (one[1:] == two[1:]).any()


def test_a_table_becomes_an_array_with_gaps(tmp_path: Path) -> None:
    draws = magnitude(read(tmp_path)["factor"].draws(LatinHypercube(2, 1)), "kg CO2/kWh")
    assert draws.dims == ("draw", "family", "province", "year")
    assert list(draws["year"].values) == ["2021", "2023", "2019"]
    assert (draws.sel(family="average", province="22", year="2023") == 0.4).all()
    assert np.isnan(draws.sel(family="margin", province="23")).all()


@pytest.mark.parametrize(
    ("year", "value"), [("2024", 0.4), ("2023", 0.4), ("2022", 0.5), ("2021", 0.5), ("2000", 0.5)]
)
def test_the_latest_year_not_after_is_taken(tmp_path: Path, year: str, value: float) -> None:
    chosen = read(tmp_path)["factor"].select({"family": "average", "year": year})
    assert {v.labels: v.central for v in chosen.table}["22",] == value


def test_each_province_has_its_own_latest_year(tmp_path: Path) -> None:
    """Province 23 has no figure of 2023: that of 2021 is its latest, not a gap."""
    chosen = read(tmp_path)["factor"].select({"family": "average", "year": "2024"})
    assert {v.labels: v.central for v in chosen.table} == {("22",): 0.4, ("23",): 0.6}


def test_an_unknown_choice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no value for family 'build'") as caught:
        read(tmp_path)["factor"].select({"family": "build"})
    (problem,) = caught.value.problems
    assert problem.found == "average, margin"
    assert problem.line == 13
    assert problem.key == "factor"


def test_cells_override_their_entry(tmp_path: Path) -> None:
    table = {v.labels: v for v in read(tmp_path)["factor"].table}
    assert table["average", "22", "2023"].source == "paper"
    assert table["average", "22", "2023"].grade == "A"
    assert table["average", "22", "2021"].source == "book"
    assert table["average", "22", "2021"].locator == "Table 2"
    assert table["average", "22", "2023"].line == 26


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("unit: 1/yr", "unit: 1/yaer", 1, "unknown unit"),
        ("  value: 2.0\n", "", 1, "either one value or a table"),
        ("  by: [family, province, year]\n", "", 13, "'by' and 'values' go together"),
        ("source: book\n  locator: Table 1", "source: bok\n  locator: Table 1", 9, "a source"),
        ("  locator: Table 1\n", "", 1, "needs a locator"),
        ("value: 0.5}", "value: half}", 25, "wrong value"),
        ('"2021": {value: 0.6}', '"2021": 0.6', 28, "wrong value"),
        ('      "22":\n        "2019": {value: 0.9}\n', '      "22": 0.9\n', 30, "wrong value"),
        ("distribution: fixed", "distribution: gaussian", 17, "wrong value"),
    ],
)
def test_mistakes_are_named_with_their_line(
    tmp_path: Path, old: str, new: str, line: int, what: str
) -> None:
    assert old in FILE
    with pytest.raises(InputError, match=what) as caught:
        read(tmp_path, FILE.replace(old, new, 1))
    assert [p.line for p in caught.value.problems] == [line]


METHOD = """\
{name}:
  en: {name}
  zh: 系数
  unit: t/m^3
  distribution: normal
  by: kind
{correlated}  source: book
  locator: Table 3
  grade: B
  values:
    oak: {{value: 1.0, range: [0.8, 1.2]}}
    larch: {{value: 0.6, range: [0.48, 0.72]}}

"""


def test_labels_and_entries_of_a_group_share_their_unknown(tmp_path: Path) -> None:
    """Both labels and both entries leave their values by the same part of their widths."""
    group = "  correlated: method\n"
    text = (
        METHOD.format(name="slope", correlated=group)
        + METHOD.format(name="other", correlated=group)
        + METHOD.format(name="alone", correlated="")
    )
    table = read(tmp_path, text)
    draws = {
        name: magnitude(one.draws(LatinHypercube(500, 1)), "t/m^3") for name, one in table.items()
    }
    relative = {
        name: (array / array.isel(draw=0)).isel(draw=slice(1, None))
        for name, array in draws.items()
    }
    oak = relative["slope"].sel(kind="oak", drop=True)
    np.testing.assert_allclose(relative["slope"].sel(kind="larch"), oak, rtol=1e-12)
    np.testing.assert_allclose(relative["other"].sel(kind="oak"), oak, rtol=1e-12)
    alone = relative["alone"]
    assert abs(np.corrcoef(alone.sel(kind="oak"), alone.sel(kind="larch"))[0, 1]) < 0.2
    assert abs(np.corrcoef(alone.sel(kind="oak"), oak)[0, 1]) < 0.2
