"""What moves by itself goes on from the year of the figure in use: by hand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from ecoassess.cli import app
from ecoassess.coefficients import Coefficient, read_coefficients
from ecoassess.errors import InputError
from ecoassess.exogenous import (
    Moved,
    coefficient_years,
    factor,
    newer_figures,
    reason,
    variable_years,
)
from ecoassess.inputs.statistics import Figure, Statistics
from ecoassess.project import Project
from ecoassess.scenario import ExogenousPath
from ecoassess.variables import Variable

FALL = ExogenousPath(
    base_year=2023, knots={"2023": 1.0, "2033": 0.5, "2060": 0.0}, source="s", grade="C"
)
"""5 % of the figure of 2023 less in each year up to 2033."""

NO_YEAR = xr.DataArray(np.nan)
GRID = """\
factor:
  en: Grid
  zh: 电网
  unit: kg CO2/kWh
  distribution: fixed
  by: [electricity, province, year]
  source: s
  locator: x
  grade: A
  values:
    average:
      "22": {"2022": {value: 0.55}, "2023": {value: 0.5}}
      "23": {"2022": {value: 0.60}}
    margin:
      "22": {"2019": {value: 0.9}}
      "23": {"2019": {value: 0.9}}
"""


def of(year: int) -> xr.DataArray:
    return xr.DataArray(float(year))


@pytest.fixture
def grid(tmp_path: Path) -> Coefficient:
    file = tmp_path / "shared.yaml"
    file.write_text(GRID, encoding="utf-8")
    return read_coefficients(file, {"s": None})["factor"]


def test_a_figure_of_the_base_year_follows_the_path() -> None:
    assert factor(Moved(FALL, 2028), of(2023)) == pytest.approx(0.75)
    assert factor(Moved(FALL, 2023), of(2023)) == 1
    assert factor(Moved(FALL, 2028), NO_YEAR) == pytest.approx(0.75)  # taken as of 2023


def test_a_newer_figure_does_not_fall_a_second_time() -> None:
    """0.5 in 2023 is 0.45 in 2025 by the path; when 0.45 arrives, 2028 is 0.375 all the same."""
    before = 0.5 * factor(Moved(FALL, 2028), of(2023))
    after = 0.45 * factor(Moved(FALL, 2028), of(2025))
    assert before == pytest.approx(0.375)
    assert after == pytest.approx(before)


def test_a_figure_older_than_the_path_has_not_moved_before_it() -> None:
    assert factor(Moved(FALL, 2028), of(2019)) == pytest.approx(0.75)


def test_a_figure_of_a_year_in_which_the_path_is_at_0_is_refused() -> None:
    with pytest.raises(InputError, match="at 0 in the year of the figure"):
        factor(Moved(FALL, 2061), of(2060))


def test_figures_of_several_years_have_several_factors() -> None:
    years = xr.DataArray([2023.0, 2025.0, np.nan], {"atom": [1, 2, 3]}, "atom")
    found = factor(Moved(FALL, 2028), years)
    assert isinstance(found, xr.DataArray)
    np.testing.assert_allclose(found, [0.75, 0.75 / 0.9, 0.75])


def test_a_coefficient_by_year_says_whose_value_holds(grid: Coefficient) -> None:
    """In 2030 that of 2023 and of 2022; in 2022 that of 2022; under the margin that of 2019."""
    found = coefficient_years(grid, {"electricity": "average", "year": "2030"}, 2030)
    assert found.dims == ("province",)
    assert found.sel(province=["22", "23"]).values.tolist() == [2023, 2022]
    assert float(coefficient_years(grid, {"electricity": "average"}, 2022)) == 2022
    assert float(coefficient_years(grid, {"electricity": "margin"}, 2030)) == 2019
    assert float(coefficient_years(grid, {"electricity": "margin"}, 2010)) == 2019  # its earliest


def test_figures_of_counties_have_their_own_years() -> None:
    def figure(year: int | None) -> Figure:
        return Figure(1.0, "1", year, "measured", "A", "s")

    figures = {"cattle": {"1": figure(2022), "2": figure(2024)}, "pig": {"1": figure(None)}}
    figures["pig"]["2"] = figure(2024)
    activity: Any = SimpleNamespace(
        adcode=np.array(["1", "2", "1"]),
        atom=np.array([7, 8, 9]),
        field=lambda _: SimpleNamespace(figures=figures),
    )
    known = {"en": "x", "zh": "x", "unit": "1", "kind": "intensive", "range": [0, 1]}
    herd = Variable(by="animal", statistics={"cattle": "c", "pig": "p"}, **known)
    years = variable_years(activity, "herd", herd)
    assert years.dims == ("atom", "animal")
    np.testing.assert_array_equal(years, [[2022, np.nan], [2024, 2024], [2022, np.nan]])
    assert np.isnan(variable_years(activity, "x", Variable(simulated="x", **known)))


def test_a_reason_names_factor_year_and_figure() -> None:
    start = "exogenous path of the scenario: grid times "
    assert reason("grid", Moved(FALL, 2028), of(2023)) == start + (
        "0.75 in 2028 from the figure of 2023"
    )
    assert reason("grid", Moved(FALL, 2028), of(2025)) == start + (
        "0.8333 in 2028 from the figure of 2025, newer than the path's base 2023"
    )
    assert reason("grid", Moved(FALL, 2028), NO_YEAR) == start + "0.75 in 2028 from 2023"
    assert reason("grid", Moved(FALL, 2023), of(2023)) is None


def test_figures_newer_than_a_path_are_found(grid: Coefficient) -> None:
    def rows(*years: int) -> list[Figure]:
        return [Figure(1.0, "1", year, "measured", "A", "s") for year in years]

    known = {"en": "x", "zh": "x", "unit": "1", "kind": "intensive", "range": [0, 1]}
    variables = {"herd": Variable(statistic="cattle", **known)}
    statistics = Statistics({("1", "cattle"): rows(2021, 2024)}, frozenset(), frozenset(), "t")
    early = FALL.model_copy(update={"base_year": 2022})
    run: Any = SimpleNamespace(
        scenario=SimpleNamespace(exogenous={"herd": FALL, "grid": early}),
        config=SimpleNamespace(all_counties=["1"], choices={"electricity": "average"}),
    )
    found = newer_figures(run, statistics, variables, {"grid": grid}, 2024)
    assert list(found) == [("herd", 2023, 2024), ("grid", 2022, 2023)]
    assert list(newer_figures(run, statistics, variables, {"grid": grid}, 2022)) == []


def test_check_says_that_the_data_are_newer_than_a_path(project: Project) -> None:
    """A factor of 2025 arrives: what falls from 2023 on goes on from 2025."""
    file = project.configs / "shared.yaml"
    old = '"2023": {value: 0.4671, range: [0.3994, 0.5348], source: mee_2025_47}\n'
    text = file.read_text(encoding="utf-8")
    assert old in text
    new = old + '        "2025": {value: 0.44, range: [0.38, 0.50], source: mee_2025_47}\n'
    file.write_text(text.replace(old, new), encoding="utf-8")
    for language, said in (("en", "goes on from 2025"), ("zh", "从2025年续算")):
        place = {"ECOASSESS_PROJECT": str(project.root), "ECOASSESS_LANG": language}
        result = CliRunner().invoke(app, ["check"], env=place)
        assert result.exit_code == 0, result.output
        (line,) = [t for t in result.stderr.splitlines() if "electricity_factor" in t]
        assert "ambitious_2060" in line
        assert said in line
