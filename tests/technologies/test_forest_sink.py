"""The standing forest by hand, and one county recomputed without the library."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.errors import RunError
from ecoassess.project import find_project
from ecoassess.technologies.forest_sink import forest_sink
from ecoassess.units import magnitude, quantify

ROOT = find_project(Path(__file__)).root

CLASSES = ["100", "200"]
NUMBERS: dict[str, tuple[float | list[float], str]] = {
    "growing_stock": (120_000.0, "m^3"),
    "forest_area": (1_000.0, "ha"),
    "years_since_inventory": (2.0, "yr"),
    "stocked_share_of_forest_area": (0.8, "1"),
    "area_share": (1.0, "1"),
    "stock_density_ratio": (1.3, "1"),
    "net_stock_growth_rate": (0.01, "1/yr"),
    "carbon_fraction": (0.5, "t C/t dm"),
    "biomass_per_volume": (0.6, "t dm/m^3"),
    "biomass_intercept": (30.0, "t dm/ha"),
    "conversion_expansion_factor": ([1.2, 0.8], "t dm/m^3"),
    "root_shoot_ratio": (0.25, "1"),
    "aboveground_growth": (4.0, "t dm/ha/yr"),
    "annual_loss_of_stock": (0.02, "1/yr"),
    "lowest_fitted_volume": (20.0, "m^3/ha"),
    "highest_fitted_volume": (400.0, "m^3/ha"),
}


def stand(biomass_method: str, increment_method: str, **changed: float) -> tuple[float, float]:
    """Return t C and t CO2/yr of one type of forest in one atom."""
    arguments: dict[str, Any] = {}
    for name, (number, unit) in NUMBERS.items():
        value = changed.get(name, number)
        if name in ("growing_stock", "forest_area", "years_since_inventory"):
            array = xr.DataArray([value], dims="atom", coords={"atom": [1]})
        elif name == "conversion_expansion_factor":
            array = xr.DataArray(
                [[value]],
                dims=("draw", "forest_type", "stock_class"),
                coords={"draw": [0], "forest_type": ["oak"], "stock_class": CLASSES},
            )
        elif name.endswith("_fitted_volume") or name in ("net_stock_growth_rate",):
            array = xr.DataArray([value], dims="draw", coords={"draw": [0]})
        else:
            array = xr.DataArray(
                [[value]],
                dims=("draw", "forest_type"),
                coords={"draw": [0], "forest_type": ["oak"]},
            )
        arguments[name] = quantify(array, unit)
    result = forest_sink(
        **arguments, biomass_method=biomass_method, increment_method=increment_method
    )
    return (
        magnitude(result["carbon_stock"], "t C").item(),
        magnitude(result["net_increment"], "t CO2/yr").item(),
    )


# Stocked area 1 000 · 0.8 = 800 ha. Volume 120 000 · exp(0.01 · 2) = 122 424.1608 m³, 153.0302 per
# hectare: 0.530302 of the way from class 100 to 200, so BCEF = 1.2 − 0.530302 · 0.4 = 0.9878792.
#
# fang2001   B = 0.6 · 122 424.1608 + 30 · 800                = 97 454.4965 t dm
#            C = 0.5 · B                                      = 48 727.2482 t C
# ipcc_bcef  B = 122 424.1608 · 0.9878792 · 1.25              = 151 175.3532 t dm
#            C = 0.5 · B                                      = 75 587.6766 t C
#
# net_stock_growth, fang2001   0.5 · 0.6 · 0.01 · 122 424.1608     = 367.2725 t C = 1 346.6658 t CO2
#                   ipcc_bcef  0.5 · 1.2348490 · 0.01 · 122 424.1608 = 755.8768 = 2 771.5481 t CO2
# gain_loss         gain       800 · 4 · 1.25                      = 4 000 t dm
#                   fang2001   0.5 · (4 000 − 0.02 · 97 454.4965)  = 1 025.4550 = 3 760.0018 t CO2
#                   ipcc_bcef  0.5 · (4 000 − 0.02 · 151 175.3532) = 488.2465 = 1 790.2370 t CO2
@pytest.mark.parametrize(
    ("biomass", "increment", "stock", "flux"),
    [
        ("fang2001", "net_stock_growth", 48_727.2482, 1_346.6658),
        ("ipcc_bcef", "net_stock_growth", 75_587.6766, 2_771.5481),
        ("fang2001", "gain_loss", 48_727.2482, 3_760.0018),
        ("ipcc_bcef", "gain_loss", 75_587.6766, 1_790.2370),
    ],
)
def test_a_stand_by_hand(biomass: str, increment: str, stock: float, flux: float) -> None:
    found = stand(biomass, increment)
    assert found == pytest.approx((stock, flux), rel=1e-7)


def test_bcef_is_constant_beyond_its_classes() -> None:
    # 50 m³/ha lies below class 100: BCEF 1.2, C = 0.5 · 40 000 · 1.2 · 1.25 = 30 000
    assert stand("ipcc_bcef", "gain_loss", growing_stock=40_000, years_since_inventory=0)[
        0
    ] == pytest.approx(30_000)
    # 300 m³/ha lies above class 200: BCEF 0.8, C = 0.5 · 240 000 · 0.8 · 1.25 = 120 000
    assert stand("ipcc_bcef", "gain_loss", growing_stock=240_000, years_since_inventory=0)[
        0
    ] == pytest.approx(120_000)


@pytest.mark.parametrize("volume", [15_000.0, 330_000.0])
def test_the_regression_is_not_used_outside_its_range(volume: float) -> None:
    with pytest.raises(RunError, match="outside the range of the biomass regression") as caught:
        stand("fang2001", "net_stock_growth", growing_stock=volume)
    (problem,) = caught.value.problems
    assert problem.expected == "20 to 400 m³/ha"
    assert "ipcc_bcef" in (problem.remedy or "")
    assert np.isfinite(stand("ipcc_bcef", "net_stock_growth", growing_stock=volume)).all()


def test_types_share_the_stock_by_area_and_density() -> None:
    """Two types of equal area, one twice as dense: a third and two thirds of the volume."""
    labels = ["oak", "larch"]

    def by_type(values: list[float], unit: str) -> xr.DataArray:
        array = xr.DataArray(values, dims="forest_type", coords={"forest_type": labels})
        return quantify(array, unit)

    arguments = {
        name: quantify(xr.DataArray([number], dims="draw", coords={"draw": [0]}), unit)
        if name.endswith("_fitted_volume")
        else quantify(xr.DataArray(number), unit)
        for name, (number, unit) in NUMBERS.items()
        if not isinstance(number, list)
    }
    arguments |= {
        "growing_stock": quantify(
            xr.DataArray([120_000.0], dims="atom", coords={"atom": [1]}), "m^3"
        ),
        "years_since_inventory": quantify(xr.DataArray(0.0), "yr"),
        "area_share": by_type([0.5, 0.5], "1"),
        "stock_density_ratio": by_type([1.0, 2.0], "1"),
        "biomass_per_volume": by_type([1.0, 1.0], "t dm/m^3"),
        "biomass_intercept": by_type([0.0, 0.0], "t dm/ha"),
        "conversion_expansion_factor": quantify(xr.DataArray(1.0), "t dm/m^3"),
    }
    result = forest_sink(
        **arguments, biomass_method="fang2001", increment_method="net_stock_growth"
    )
    stock = magnitude(result["carbon_stock"], "t C").sel(atom=1)
    np.testing.assert_allclose(stock.values, [20_000, 40_000])


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
    low, high = entry["range"]
    sd = (high - low) / (2 * 1.959963984540054)
    bottom, top = ((end - value) / sd for end in entry["truncate"])

    def density(z: float) -> float:
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    def below(z: float) -> float:
        return (1 + math.erf(z / math.sqrt(2))) / 2

    return value + sd * (density(bottom) - density(top)) / (below(top) - below(bottom))


def test_antu_recomputed_without_the_library(published: Any) -> None:
    """C = Σ CF (a V + b A) and ΔC = Σ CF a g V of Antu (222426), by the documented formula."""
    text = (ROOT / "configs" / "technologies" / "forest_sink.yaml").read_text(encoding="utf-8")
    table = YAML(typ="safe").load(text)
    methods = published.session.run.config.methods["forest_sink"]
    assert methods == {"biomass_method": "fang2001", "increment_method": "net_stock_growth"}

    stock, inventory = county_figure("222426", "growing_stock", 2024)
    area, _ = county_figure("222426", "forest_area", 2024)
    growth = mean_of(table["net_stock_growth_rate"])
    stocked = mean_of(table["stocked_share_of_forest_area"])

    def by_type(name: str) -> dict[str, float]:
        entry = table[name]
        return {label: mean_of(entry, cell) for label, cell in entry["values"].items()}

    share, ratio = by_type("area_share"), by_type("stock_density_ratio")
    fraction, slope = by_type("carbon_fraction"), by_type("biomass_per_volume")
    intercept = by_type("biomass_intercept")
    weight = sum(share[t] * ratio[t] for t in share)
    grown = stock * math.exp(growth * (2024 - inventory))
    carbon = increment = 0.0
    for t in share:
        volume = grown * share[t] * ratio[t] / weight
        carbon += fraction[t] * (slope[t] * volume + intercept[t] * area * stocked * share[t])
        increment += fraction[t] * slope[t] * growth * volume

    rows = published.assessment.rows
    antu = rows[
        (rows["technology"] == "forest_sink")
        & (rows["zoning"] == "county")
        & (rows["adcode"] == "222426")
        & (rows["period"] == "2024")
    ].set_index("component")
    assert antu.loc["net_increment", "native_value"] == pytest.approx(increment * 44 / 12, rel=1e-9)
    assert antu.loc["net", "value"] == pytest.approx(increment * 44 / 12, rel=1e-9)
    assert antu.loc["carbon_stock", "native_value"] == pytest.approx(carbon, rel=1e-9)
    assert antu.loc["carbon_stock", "native_unit"] == "t C"
