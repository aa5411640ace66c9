"""Errors of activity data, and what they do to the results of a run."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special

from ecoassess.activity_uncertainty import (
    ActivityErrors,
    Widths,
    combined,
    read_widths,
    share_draws,
)
from ecoassess.coefficient_entries import Entry
from ecoassess.coefficients import Coefficient, Value
from ecoassess.configuration import read_yaml, validate
from ecoassess.errors import InputError
from ecoassess.explain import explain, find_zone
from ecoassess.figure_errors import error_draws, factor_draws, remainder_of
from ecoassess.language import read_words
from ecoassess.sampling import LatinHypercube
from ecoassess.uncertainty import Spread
from ecoassess.units import magnitude

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "configs" / "activity_uncertainty.yaml"
MANY = (np.arange(100_000) + 0.5) / 100_000
KEY = ["zoning", "adcode", "technology", "component", "boundary", "period"]


def test_widths_of_factors_add_in_squares() -> None:
    assert combined(0.3, 0.4) == pytest.approx(0.5)  # 3, 4, 5
    assert combined(0.2) == 0.2


def test_an_error_has_the_mean_1_and_the_width_it_is_given() -> None:
    drawn = error_draws(0.2, MANY)
    assert drawn[0] == 1.0
    assert drawn[1:].mean() == pytest.approx(1.0, rel=1e-5)
    low, high = np.quantile(drawn[1:], [0.025, 0.975])
    assert high / low == pytest.approx(1.2 / 0.8, rel=1e-3)
    assert (error_draws(0.0, MANY[:3]) == 1).all()


def test_a_factor_spreads_so_far_up_and_down() -> None:
    drawn = factor_draws(3.0, MANY)
    low, middle, high = np.quantile(drawn[1:], [0.025, 0.5, 0.975])
    assert (middle / low, high / middle) == pytest.approx((3.0, 3.0), rel=1e-3)
    assert drawn[1:].mean() == pytest.approx(1.0, rel=1e-3)
    assert (factor_draws(1.0, MANY[:3]) == 1).all()


@pytest.mark.parametrize("share", [0.01, 0.3, 0.97])
def test_a_share_stays_a_share(share: float) -> None:
    drawn = share_draws(share, 0.2, MANY)
    assert drawn[0] == share
    assert 0 < drawn.min() < drawn.max() < 1
    assert drawn[1:].mean() == pytest.approx(share, rel=1e-4)
    # sd = 0.2 / 1.959964 · p (1 − p)
    assert drawn[1:].std() == pytest.approx(0.2 / 1.959964 * share * (1 - share), rel=1e-2)


def test_all_and_nothing_are_certain() -> None:
    assert (share_draws(0.0, 0.2, MANY[:3]) == 0).all()
    assert (share_draws(1.0, 0.2, MANY[:3]) == 1).all()
    assert np.isnan(share_draws(np.nan, 0.2, MANY[:3])).all()


def test_errors_of_two_counties_are_half_alike() -> None:
    errors, sample = ActivityErrors(widths()), LatinHypercube(20_000, 1)
    one, other = (special.ndtri(errors.uniform(sample, "maize_area", c)) for c in "ab")
    assert widths().between_counties.correlation == 0.5
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(0.5, abs=0.02)
    assert (one.mean(), one.std()) == pytest.approx((0, 1), abs=0.02)
    elsewhere = special.ndtri(errors.uniform(sample, "rice_area", "a"))
    assert abs(np.corrcoef(one, elsewhere)[0, 1]) < 0.025


def widths() -> Widths:
    return validate(read_yaml(CONFIG), Widths)


def test_weak_evidence_widens() -> None:
    found = widths()
    kind = found.kind_of("rice_area")
    assert found.half_width(kind, "measured", "A") == kind.half_width == 0.10
    # √(0.1² + 0.15² + 0.2²) = √0.0725 = 0.269258
    assert found.half_width(kind, "estimated", "C") == pytest.approx(0.2692582)
    assert found.kind_of("no such statistic") is found.kinds["other"]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("    source: nasa_landval_mcd12\n", "    source: nasa\n", "a width needs a source"),
        ("[timber_harvest]", "[timber]", "no such statistic"),
        ("[timber_harvest]", "[forest_area]", "a statistic of two kinds"),
        ("  observed:\n", "  observd:\n", "kinds of data without a width"),
        ("half_width: 0.25", "half_width: 0.95", "together reach zero"),
        ("half_width: 0.25", "half_width: 1.5", "half_width"),
    ],
)
def test_impossible_widths_are_refused(tmp_path: Path, old: str, new: str, what: str) -> None:
    text = CONFIG.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "activity_uncertainty.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    found = widths()
    tables = (found.kinds, found.grade, found.status)
    sources = dict.fromkeys(width.source for table in tables for width in table.values())
    names = [s for kind in widths().kinds.values() for s in kind.statistics]
    with pytest.raises(InputError) as caught:
        read_widths(file, sources, names)
    assert what in str(caught.value)
    assert "activity_uncertainty.yaml:" in str(caught.value)


@pytest.fixture(scope="module")
def exact(published: Any) -> pd.DataFrame:
    """The rows of the published run when its activity data have no error."""
    session = copy(published.session)
    config = session.run.config.model_copy(update={"activity_uncertainty": False})
    session.run = replace(session.run, config=config)
    assessment = session.assess()
    assert "draw" not in assessment.runner.variable("crop_area", frozenset()).dims
    return assessment.rows


def test_no_value_hangs_on_the_errors(published: Any, exact: pd.DataFrame) -> None:
    with_errors, without = (rows.set_index(KEY) for rows in (published.assessment.rows, exact))
    assert with_errors.index.equals(without.index)
    np.testing.assert_allclose(with_errors["value"], without["value"], rtol=1e-9, atol=1e-9)
    for column in ("status", "evidence", "reason", "coverage"):
        assert with_errors[column].equals(without[column])


def nets(rows: pd.DataFrame, zoning: str) -> pd.DataFrame:
    """Return the territorial nets of the year."""
    own = (rows["period"] == "2024") & (rows["component"] == "net") & (rows["zoning"] == zoning)
    return rows[own & (rows["boundary"] == "territorial")]


def shared_part(rows: pd.DataFrame) -> pd.DataFrame:
    """Return by technology the prefecture's sd over the sum of the counties': 1 when all move as
    one; and what it would be if they moved apart."""
    counties = nets(rows, "county").groupby("technology")["sd"]
    whole = nets(rows, "prefecture").set_index("technology")["sd"]
    apart = counties.apply(lambda sd: float(np.sqrt((sd**2).sum())))
    table = pd.DataFrame({"shared": whole / counties.sum(), "apart": apart / counties.sum()})
    return table[table["shared"] > 0]


def test_shared_coefficients_do_not_average_out(exact: pd.DataFrame) -> None:
    """Eight counties are as uncertain as one: their sum does not gain by 1/√8 = 0.35."""
    table = shared_part(exact).drop("solid_waste")  # whose landfills differ from site to site
    assert len(table) > 15
    assert (table["shared"] > 0.85).all()
    assert (table["shared"] < 1 + 1e-9).all()
    assert table.loc["forest_sink", "shared"] > 0.99
    assert (table["apart"] < 0.7).all()


def test_errors_of_counties_average_out_in_part(published: Any, exact: pd.DataFrame) -> None:
    """Herds are shared out by cropland: the counties' errors cancel in the prefecture's sum."""
    table = shared_part(published.assessment.rows)
    assert table.loc["livestock_feeding", "shared"] < 0.7
    counties = [
        nets(rows, "county").set_index(["technology", "adcode"])["sd"]
        for rows in (published.assessment.rows, exact)
    ]
    ratio = (counties[0] / counties[1])["livestock_feeding"]
    assert (ratio > 1.5).all()


def drawn(published: Any, name: str) -> Any:
    runner = published.assessment.runner
    return magnitude(runner.datum(name), published.session.variables[name].unit)


def test_one_statistic_has_one_error(published: Any) -> None:
    dimension = published.session.variables["population"].by
    urban = drawn(published, "population").sel({dimension: "urban"})
    np.testing.assert_array_equal(urban.values, drawn(published, "urban_population").values)


CROPS = {"maize": "maize_area", "soybean": "soybean_area", "rice": "rice_area"}


@pytest.fixture(scope="module")
def crops(published: Any) -> dict[str, np.ndarray]:
    """Crop area by county: draw and crop, 2000 draws after the figures."""
    activity = published.assessment.runner.activity
    drawn = activity.errors.drawn(activity, "crop_area", LatinHypercube(2000, 11))
    area = magnitude(drawn, "ha").sel(crop=list(CROPS)).transpose("draw", "atom", "crop").values
    codes = published.session.run.config.all_counties
    return {code: area[:, activity.adcode == code].sum(axis=1) for code in codes}


def test_what_is_shared_out_adds_up_to_what_is_left(published: Any, crops: Any) -> None:
    """Counties without a figure of rice vary; their sum as whole less counted counties does."""
    session, activity = published.session, published.assessment.runner.activity
    config, figures = session.run.config, activity.field("crop_area").figures["rice"]
    parts = [code for code in config.counties if figures[code].whole is not None]
    rest = sum(crops[code][:, 2] for code in parts)
    left, _ = remainder_of(session.widths, config, "rice_area", figures)
    # The whole ± 10 % of 32 067 ha, 2502, 4733 and 9200 ha ± 10 % of it counted, likeness 0.5:
    # 0.051021 · √(0.5 · 15 632² + 0.5 · (32 067² + 2502² + 4733² + 9200²)) / 15 632 = 0.08592
    assert left.error == pytest.approx(0.08592, rel=1e-3)
    assert rest[1:].std() / rest[0] == pytest.approx(left.error, rel=0.03)
    assert all(crops[code][1:, 2].std() / crops[code][0, 2] > 5 * left.error for code in parts)


def test_a_prefecture_is_as_sure_as_its_own_figure(published: Any, crops: Any) -> None:
    """Counted counties and what is left add up to the prefecture's figure with its error."""
    config = published.session.run.config
    total = sum(crops[code] for code in config.counties)
    half_widths = {"soybean": 0.10, "rice": 0.10}
    for column, crop in enumerate(CROPS):
        if crop in half_widths:
            sd = total[1:, column].std() / total[0, column]
            assert sd == pytest.approx(half_widths[crop] / 1.959964, rel=0.05)


def test_crops_keep_within_the_cropland_and_to_their_values(published: Any, crops: Any) -> None:
    activity = published.assessment.runner.activity
    for code, area in crops.items():
        land = activity.area("cropland")[activity.adcode == code].sum() / 1e4
        assert area[0].sum() < land
        assert (area.sum(axis=1) <= land * (1 + 1e-9)).all()
        assert area[1:].mean(axis=0) == pytest.approx(area[0], rel=0.03)


def test_shares_stay_shares_in_a_run(published: Any) -> None:
    for name in ("self_built_share", "lift_share"):
        values = drawn(published, name)
        assert "draw" in values.dims
        assert 0 <= float(values.min()) <= float(values.max()) <= 1


def test_parts_of_a_county_move_together(published: Any) -> None:
    """The park cuts counties in two; a county's figure is one."""
    area = drawn(published, "forest_area")
    adcode = published.assessment.runner.activity.adcode
    twice = [c for c in set(adcode) if (adcode == c).sum() > 1]
    assert twice
    for code in twice:
        here = area.isel(atom=np.flatnonzero(adcode == code))
        relative = (here / here.isel(draw=0)).transpose("atom", "draw").values
        np.testing.assert_allclose(relative[0], relative[1], rtol=1e-12)


def test_what_is_exact_has_no_draws(published: Any) -> None:
    for name in ("day_share", "years_since_inventory", "monthly_temperature"):
        assert "draw" not in published.assessment.runner.datum(name).dims


def test_missing_stays_missing(published: Any) -> None:
    harvest = drawn(published, "timber_harvest")
    assert np.isnan(harvest.values).all()


def test_the_record_says_how_sure_a_figure_is(published: Any) -> None:
    record = {
        (r["statistic"], r["adcode"]): r
        for r in published.assessment.runner.activity.statistics_record()
    }
    assert record["growing_stock", "222403"]["half_width"] == 0.15
    assert record["growing_stock", "222403"]["sharing_out"] is None
    assert record["growing_stock", "222401"]["sharing_out"] == 1.8
    # what is left of 405 Mm³ less 88.66, 45.537 and 81.4335, each ± 15 %, likeness 0.5: 26 %
    assert record["growing_stock", "222401"]["half_width"] == pytest.approx(0.2606, rel=1e-3)
    assert record["timber_harvest", "222401"]["half_width"] is None


def coefficient(name: str, spread: Spread) -> Coefficient:
    entry = Entry(
        en=name,
        zh=name,
        unit="1",
        value=spread.value,
        distribution=spread.distribution,  # type: ignore[arg-type]
    )
    value = Value((), spread, "book", "p. 1", "A", None, None)
    return Coefficient(name, entry, (value,), Path("book.yaml"), None)


def test_intervals_hold_the_truth_in_95_of_100_worlds() -> None:
    """In each world estimates are reported that miss the truth as their intervals say.

    The result is (area · factor + stock) · ratio, the area with an error of its own. The share of
    1000 worlds whose 95 % interval holds the true result has a standard error of 0.7 %.
    """
    worlds, random = 1000, np.random.default_rng(5)
    area, factor, stock, ratio = 100.0, 2.0, 50.0, 0.7
    held = 0
    for world in range(worlds):
        sample = LatinHypercube(400, world)
        told_factor = factor * np.exp(0.25 * random.standard_normal())
        told_stock = stock + 15 * random.standard_normal()
        told_ratio = ratio * np.exp(0.1 * random.standard_normal())
        told_area = area / error_draws(0.2, random.random(1))[1]
        width = 1.959964
        drawn = [
            magnitude(coefficient(name, spread).draws(sample), "1").values
            for name, spread in (
                (
                    "factor",
                    Spread(
                        "lognormal",
                        told_factor,
                        "median",
                        (told_factor * np.exp(-0.25 * width), told_factor * np.exp(0.25 * width)),
                    ),
                ),
                (
                    "stock",
                    Spread(
                        "normal",
                        told_stock,
                        interval=(told_stock - 15 * width, told_stock + 15 * width),
                    ),
                ),
                (
                    "ratio",
                    Spread(
                        "lognormal",
                        told_ratio,
                        "median",
                        (told_ratio * np.exp(-0.1 * width), told_ratio * np.exp(0.1 * width)),
                    ),
                ),
            )
        ]
        areas = told_area * error_draws(0.2, sample.uniform("activity/area/here"))
        result = (areas * drawn[0] + drawn[1]) * drawn[2]
        low, high = np.quantile(result[1:], (0.025, 0.975))
        held += bool(low <= (area * factor + stock) * ratio <= high)
    assert 0.93 <= held / worlds <= 0.97


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "shared out, right within a factor of 1.8"), ("zh", "误差在 1.8 倍以内")],
)
def test_an_explanation_says_how_sure_a_figure_is(published: Any, language: str, told: str) -> None:
    zone = find_zone(published.assessment.zones, "222401")
    text = explain(published.assessment, "forest_sink", zone, read_words(language))
    assert "± 26 %; " + ("" if language == "en" else "按规则分摊，") + told in text
