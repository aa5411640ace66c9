"""One county's standing forest recomputed without the library."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ecoassess.project import find_project

ROOT = find_project(Path(__file__)).root


def county_figure(adcode: str, variable: str, year: int) -> tuple[float, int]:
    """Return value and year of the latest measured row of a county, from the table itself."""
    with (ROOT / "datasets" / "county_statistics.csv").open(encoding="utf-8-sig") as stream:
        rows = [
            row
            for row in csv.DictReader(stream)
            if row["adcode"] == adcode
            and row["variable"] == variable
            and row["value"]
            and row["kind"] in ("statistic", "derived")
            and row["year"]
            and int(row["year"]) <= year
        ]
    best = min(rows, key=lambda row: (-int(row["year"]), "ABC".index(row["grade"])))
    return float(best["value"]), int(best["year"])


def mean_of(entry: dict[str, Any], cell: dict[str, Any] | None = None) -> float:
    """Return the mean of a coefficient; a cut normal has another than the uncut one."""
    value = float((cell or entry)["value"])
    assert entry.get("statistic", "mean") == "mean"
    if not entry.get("truncate"):
        return value
    # Halves of their own widths; uncut, their mean m + (s_high − s_low) / √(2π) is the value.
    low, high = entry["range"]
    z = 1.959963984540054
    k = 1 / (z * math.sqrt(2 * math.pi))
    middle = (value - k * (low + high)) / (1 - 2 * k)
    lower, upper = (middle - low) / z, (high - middle) / z
    bottom = (entry["truncate"][0] - middle) / lower
    top = (entry["truncate"][1] - middle) / upper

    def density(z: float) -> float:
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    def below(z: float) -> float:
        return (1 + math.erf(z / math.sqrt(2))) / 2

    moved = lower * (density(bottom) - density(0)) + upper * (density(0) - density(top))
    return middle + moved / (below(top) - below(bottom))


def test_antu_recomputed_without_the_library(published: Any) -> None:
    """C = Σ CF (a V + b A) and ΔC = Σ CF a g V of Antu (222426), by the documented formulas."""
    table = {}
    for name in ("models/stand_volume", "models/stand_carbon", "shared"):
        text = (ROOT / "configs" / f"{name}.yaml").read_text(encoding="utf-8")
        table |= YAML(typ="safe").load(text)
    methods = published.session.run.config.methods
    assert methods["stand_volume"] == {"volume_source": "growing_stock"}
    assert methods["stand_carbon"] == {"biomass_method": "fang2001"}
    assert methods["stand_increment"] == {"increment_method": "net_stock_growth"}

    stock, inventory = county_figure("222426", "growing_stock", 2024)
    area, _ = county_figure("222426", "forest_area", 2024)
    growth = mean_of(table["net_stock_growth_rate"])
    stocked = mean_of(table["stocked_share_of_forest_area"])

    def by_type(name: str) -> dict[str, float]:
        entry = table[name]
        return {label: mean_of(entry, cell) for label, cell in entry["values"].items()}

    share, ratio = by_type("area_share"), by_type("stock_density_ratio")
    fraction, slope = by_type("carbon_fraction"), by_type("biomass_per_volume")
    intercept, roots = by_type("biomass_intercept"), by_type("root_shoot_ratio")
    weight = sum(share[t] * ratio[t] for t in share)
    grown = stock * math.exp(growth * (2024 - inventory))
    above = below = increment = 0.0
    for t in share:
        volume = grown * share[t] * ratio[t] / weight
        carbon = fraction[t] * (slope[t] * volume + intercept[t] * area * stocked * share[t])
        above += carbon / (1 + roots[t])
        below += carbon * roots[t] / (1 + roots[t])
        increment += fraction[t] * slope[t] * growth * volume

    rows = published.assessment.rows
    antu = rows[
        (rows["technology"] == "forest_sink")
        & (rows["zoning"] == "county")
        & (rows["adcode"] == "222426")
        & (rows["period"] == "2024")
    ].set_index("component")
    assert antu.loc["net", "value"] == pytest.approx(increment * 44 / 12, rel=1e-9)
    parts = antu.loc[["aboveground_increment", "belowground_increment"], "native_value"]
    assert parts.sum() == pytest.approx(increment * 44 / 12, rel=1e-9)
    assert antu.loc["aboveground_stock", "native_value"] == pytest.approx(above, rel=1e-9)
    assert antu.loc["belowground_stock", "native_value"] == pytest.approx(below, rel=1e-9)
    assert antu.loc["aboveground_stock", "native_unit"] == "t C"
