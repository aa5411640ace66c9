"""Correlated draws against figures worked out by hand, and what a file of correlations may say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats

from ecoassess.coefficients import Coefficient, read_coefficients
from ecoassess.correlation import Correlation, Correlations, make_correlations, read_correlations
from ecoassess.errors import InputError
from ecoassess.sampling import LatinHypercube, Sample
from ecoassess.units import magnitude

ROOT = Path(__file__).resolve().parents[1]
SOURCES = {"book": object()}
MANY = LatinHypercube(50_000, 7)

FILE = """\
growth:
  {en: Growth, zh: 生长, unit: 1/yr, value: 2.0, range: [1.0, 4.0], distribution: lognormal,
   source: book, locator: Table 1, grade: A}
loss:
  {en: Loss, zh: 损失, unit: "1", distribution: beta, by: kind, source: book, locator: Table 2,
   grade: A, values: {fire: {value: 0.2, bounds: [0, 1]}, wind: {value: 0.3, bounds: [0, 1]},
   none: {value: 0, distribution: fixed}}}
local:
  {en: Local, zh: 本地, unit: "1", value: 1.0, range: [0.5, 1.5], distribution: normal,
   uncertainty_of: site, source: book, locator: Table 3, grade: A}
gases:
  {en: Gases, zh: 气体, unit: "1", distribution: beta, by: row, source: book, locator: Table 4,
   grade: A, values: {manure: {value: 0.2, bounds: [0, 1], correlated: other},
   residue: {value: 0.2, bounds: [0, 1], correlated: other},
   synthetic: {value: 0.3, bounds: [0, 1]},
   loads: {value: 1.5, distribution: discrete, outcomes: [[1, 3], [3, 1]], grade: C}}}
"""


def coefficients(folder: Path) -> dict[str, Coefficient]:
    file = folder / "coefficients.yaml"
    file.write_text(FILE, encoding="utf-8")
    return read_coefficients(file, SOURCES)


def correlations(folder: Path, text: str) -> Correlations:
    file = folder / "correlations.yaml"
    file.write_text(text, encoding="utf-8")
    own = coefficients(folder)
    return read_correlations(file, [own], [{"kernel": own["growth"]}], SOURCES)


def entry(between: str, number: float | str = 0.6, name: str = "pair") -> str:
    return (
        f"{name}: {{between: [{between}], correlation: {number}, source: book, locator: p. 1,"
        " grade: C}\n"
    )


def scores(sample: Sample, key: str) -> np.ndarray:
    return np.asarray(special.ndtri(sample.uniform(key)))


def test_scores_have_the_correlation_and_every_other_pair_none() -> None:
    sample = make_correlations({("a", "b"): 0.6}).over(MANY)
    assert np.corrcoef(scores(sample, "a"), scores(sample, "b"))[0, 1] == pytest.approx(
        0.6, abs=0.01
    )
    assert abs(np.corrcoef(scores(sample, "a"), scores(sample, "c"))[0, 1]) < 0.015
    assert sample.size == MANY.size
    np.testing.assert_array_equal(sample.turn(5), MANY.turn(5))


def test_what_is_not_correlated_is_drawn_as_before() -> None:
    sample = make_correlations({("a", "b"): 0.6}).over(MANY)
    np.testing.assert_array_equal(sample.uniform("c"), MANY.uniform("c"))
    np.testing.assert_allclose(sample.uniform("a"), MANY.uniform("a"), rtol=1e-9)
    assert Correlations().over(MANY) is MANY


def test_numbers_stay_uniform() -> None:
    numbers = make_correlations({("a", "b"): -0.9}).over(MANY).uniform("b")
    assert 0 < numbers.min() < numbers.max() < 1
    # The largest distance from the diagonal is below 1.63 / √n in 99 of 100 random samples.
    assert stats.kstest(numbers, "uniform").statistic < 1.63 / np.sqrt(MANY.size)


def test_a_rank_correlation_is_one_of_ranks() -> None:
    # Spearman's 0.6 needs 2 sin(π · 0.6 / 6) = 2 sin(18°) = 0.618034 between the scores.
    one = Correlation(
        between=["a", "b"], rank_correlation=0.6, source="book", locator="p. 1", grade="C"
    )
    assert one.of_scores == pytest.approx(0.6180340, abs=1e-7)
    sample = make_correlations({("a", "b"): one.of_scores}).over(MANY)
    assert stats.spearmanr(sample.uniform("a"), sample.uniform("b")).statistic == pytest.approx(
        0.6, abs=0.01
    )


def test_pairs_of_one_group_are_mixed_together() -> None:
    # a with b and b with c at 0.6, a with c not: [[1, .6, 0], [.6, 1, .6], [0, .6, 1]] has the
    # determinant 1 − 0.36 − 0.36 = 0.28 and is positive definite.
    found = make_correlations({("a", "b"): 0.6, ("b", "c"): 0.6, ("d", "e"): 0.3})
    assert [group.unknowns for group in found.groups] == [("a", "b", "c"), ("d", "e")]
    sample = found.over(MANY)
    matrix = np.corrcoef([scores(sample, key) for key in "abc"])
    np.testing.assert_allclose(matrix, [[1, 0.6, 0], [0.6, 1, 0.6], [0, 0.6, 1]], atol=0.012)


@dataclass(frozen=True)
class Fixed:
    """A design of two draws whose numbers are given."""

    numbers: dict[str, list[float]]
    size: int = 2

    def uniform(self, key: str) -> np.ndarray:
        return np.array(self.numbers[key])

    def turn(self, available: int) -> np.ndarray:
        return np.arange(available)


def test_each_draw_is_mixed_by_itself() -> None:
    """Designs that move one unknown at a time keep their draws apart."""
    found = make_correlations({("a", "b"): 0.6})
    sample = found.over(Fixed({"a": [0.5, 0.8413447460685429], "b": [0.5, 0.5]}))
    np.testing.assert_allclose(sample.uniform("a"), [0.5, 0.8413447], rtol=1e-6)
    # one standard deviation up in a is 0.6 up in b: Φ(0.6) = 0.725747
    np.testing.assert_allclose(sample.uniform("b"), [0.5, 0.7257469], rtol=1e-6)
    moved = found.over(Fixed({"a": [0.5, 0.5], "b": [0.5, 0.8413447460685429]}))
    # b alone moves by √(1 − 0.36) = 0.8: Φ(0.8) = 0.788145, and a stays
    np.testing.assert_allclose(moved.uniform("b"), [0.5, 0.7881446], rtol=1e-6)
    np.testing.assert_allclose(moved.uniform("a"), [0.5, 0.5])


def test_coefficients_of_a_file_are_correlated_and_keep_their_means(tmp_path: Path) -> None:
    sample = correlations(tmp_path, entry("growth, loss/fire")).over(LatinHypercube(4000, 1))
    own = coefficients(tmp_path)
    growth = magnitude(own["growth"].draws(sample), "1/yr").values[1:]
    loss = magnitude(own["loss"].draws(sample), "1").sel(kind="fire").values[1:]
    # Spearman of normal scores at 0.6: 6 asin(0.3) / π = 0.581903
    assert stats.spearmanr(growth, loss).statistic == pytest.approx(0.582, abs=0.03)
    assert growth.mean() == pytest.approx(2.0, rel=0.01)
    assert loss.mean() == pytest.approx(0.2, rel=0.03)


def test_values_that_name_a_group_are_one_unknown(tmp_path: Path) -> None:
    draws = magnitude(coefficients(tmp_path)["gases"].draws(LatinHypercube(300, 1)), "1")
    manure, residue, other = (draws.sel(row=r).values for r in ("manure", "residue", "synthetic"))
    np.testing.assert_array_equal(manure, residue)
    assert abs(np.corrcoef(manure, other)[0, 1]) < 0.3
    loads = draws.sel(row="loads").values
    assert loads[0] == 1.5
    assert sorted(set(loads[1:])) == [1.0, 3.0]
    assert (loads[1:] == 1.0).sum() == 225  # three of four, by the strata


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (entry("growth, growht"), "no such coefficient to correlate"),
        (entry("growth, loss"), "no such label"),
        (entry("growth, loss/flood"), "no such label"),
        (entry("growth, loss/none"), "a fixed value has nothing to correlate"),
        (entry("growth, local"), "differs from site to site"),
        (entry("growth, kernel"), "of a simulation cannot be correlated"),
        (entry("growth, growth"), "one unknown twice"),
        (entry("gases/manure, gases/residue"), "one unknown twice"),
        (entry("growth, loss/fire") + entry("loss/fire, growth", 0.1, "again"), "also in 'pair'"),
        (entry("growth, loss/fire", 1), "correlation"),
        (entry("growth, loss/fire").replace("correlation: 0.6, ", ""), "a correlation is one"),
        (entry("growth, loss/fire").replace("source: book", "source: bok"), "needs a source"),
        (
            entry("growth, loss/fire, loss/wind", -0.6),  # 1 + 2 ρ is negative
            "correlations that contradict each other",
        ),
    ],
)
def test_impossible_correlations_are_refused(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        correlations(tmp_path, text)
    assert what in str(caught.value)
    assert "correlations.yaml:" in str(caught.value)


def test_drained_paddies_seldom_come_in_the_wrong_order() -> None:
    """More drainage leaves less methane: at most one draw of twenty says otherwise."""
    own = {}
    for name in ("paddy_methane", "field_nitrogen"):
        own[name] = read_coefficients(ROOT / "configs" / "models" / f"{name}.yaml", _AnySource())
    own["shared"] = read_coefficients(ROOT / "configs" / "shared.yaml", _AnySource())
    found = read_correlations(
        ROOT / "configs" / "correlations.yaml", list(own.values()), [], _AnySource()
    )
    factor = own["paddy_methane"]["water_regime_factor"]
    apart, together = (magnitude(factor.draws(sample), "1") for sample in (MANY, found.over(MANY)))
    wrong = [
        float((one.sel(drainage="multiple") > one.sel(drainage="single")).mean())
        for one in (apart, together)
    ]
    # Φ(−z), z = ln(0.71 / 0.55) over √(s₁² + s₂² − 2 ρ s₁ s₂), s = 0.1461 and 0.1436, apart 0.107,
    # at 0.5 0.039
    assert wrong == pytest.approx([0.107, 0.039], abs=0.005)
    assert float(together.sel(drainage="multiple").mean()) == pytest.approx(0.55, rel=0.01)
    direct = magnitude(
        own["field_nitrogen"]["direct_factor"].draws(LatinHypercube(50, 1)), "t N2O_N/t N"
    )
    wet = direct.sel(climate_zone="cool_temperate_moist")
    np.testing.assert_array_equal(wet.sel(source="manure"), wet.sel(source="residue"))
    dry = direct.sel(climate_zone="cool_temperate_dry")
    np.testing.assert_array_equal(dry.sel(source="synthetic"), dry.sel(source="mineralised"))


class _AnySource(dict[str, object]):
    """Sources that know every name."""

    def __contains__(self, key: object) -> bool:
        return True


def test_an_entry_is_kept_for_the_record(tmp_path: Path) -> None:
    found = correlations(tmp_path, entry("growth, loss/fire"))
    assert found.entries["pair"].correlation == 0.6
    assert replace(found, entries={}).groups == found.groups


def test_a_grid_with_more_thermal_plants_has_a_higher_factor() -> None:
    """Whatever the year and province of the factor, which is one unknown."""
    shared = read_coefficients(ROOT / "configs" / "shared.yaml", _AnySource())
    paddies = read_coefficients(ROOT / "configs" / "models" / "paddy_methane.yaml", _AnySource())
    found = read_correlations(
        ROOT / "configs" / "correlations.yaml", [shared, paddies], [], _AnySource()
    )
    factor, share = (
        magnitude(shared[name].draws(found.over(LatinHypercube(5000, 1))), shared[name].unit)
        .sel(electricity="average")
        .isel(draw=slice(1, None))
        for name in ("electricity_factor", "thermal_share")
    )
    for year in ("2021", "2023"):
        numbers = factor.sel(province="22", year=year)
        ranks = [np.argsort(np.argsort(one.values)) for one in (numbers, share)]
        # Spearman's ρ of a normal copula: 6 / π · asin(0.88 / 2) = 0.870
        assert np.corrcoef(ranks)[0, 1] == pytest.approx(0.870, abs=0.01)
