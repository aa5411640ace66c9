"""The Tier 1 cropland example of the 2006 guidelines, by plain arithmetic."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

REFERENCE = Path(__file__).parents[1] / "reference" / "ipcc_cropland_soil.yaml"


@pytest.fixture(scope="module")
def example():
    return YAML(typ="safe").load(REFERENCE)


def stock(example, fields):
    """Σ SOC_ref F_LU F_MG F_I A, in Mt C."""
    return sum(
        example["reference_stock"]
        * example["land_use"]
        * example["tillage"][field["tillage"]]
        * example["input"][field["input"]]
        * field["area"]
        / 1e6
        for field in fields
    )


def test_the_areas_of_both_years_add_up_to_one_million_hectares(example):
    for year in ("first", "last"):
        assert sum(field["area"] for field in example[year]) == 1_000_000


def test_stocks_and_yearly_change_are_those_printed(example):
    printed = example["printed"]
    first, last = (stock(example, example[year]) for year in ("first", "last"))
    assert first == pytest.approx(printed["first"], abs=0.005)
    assert last == pytest.approx(printed["last"], abs=0.005)
    assert (last - first) / example["years"] == pytest.approx(printed["change_per_year"], abs=5e-4)


def test_the_first_year_by_hand(example):
    # 88 · 0.69 = 60.72; 0.4 · 60.72 · 0.92 + 0.6 · 60.72 = 22.34496 + 36.432
    assert stock(example, example["first"]) == pytest.approx(22.34496 + 36.432)
