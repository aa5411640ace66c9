"""The standing forest's area, volume, carbon and increment by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from ecoassess.documentation.test_status import BY_HAND
from ecoassess.errors import RunError
from ecoassess.models.forest_biomass import regression
from ecoassess.models.stand_carbon import stand_carbon
from ecoassess.models.stand_increment import stand_increment
from ecoassess.models.stand_volume import stand_volume
from ecoassess.units import magnitude, quantify

REFERENCE = Path(__file__).parents[1] / "reference"
CLASSES = ["100", "200"]


def number(value: float, unit: str, *dims: str) -> xr.DataArray:
    """Return one value with dimensions of length 1."""
    labels: dict[str, list[Any]] = {"atom": [1], "draw": [0], "forest_type": ["oak"]}
    shape = [1] * len(dims)
    return quantify(xr.DataArray(np.full(shape, value), {d: labels[d] for d in dims}, dims), unit)


def volume(source: str = "growing_stock", **changed: float) -> dict[str, xr.DataArray]:
    values = {
        "growing_stock": 120_000.0,
        "forest_area": 1_000.0,
        "years_since_inventory": 2.0,
        "parcel_area": 500.0,
        "parcel_volume": 60_000.0,
        "years_since_parcels": 3.0,
        **changed,
    }
    return stand_volume(
        growing_stock=number(values["growing_stock"], "m^3", "atom"),
        forest_area=number(values["forest_area"], "ha", "atom"),
        years_since_inventory=number(values["years_since_inventory"], "yr", "atom"),
        parcel_area=number(values["parcel_area"], "ha", "atom", "forest_type"),
        parcel_volume=number(values["parcel_volume"], "m^3", "atom", "forest_type"),
        years_since_parcels=number(values["years_since_parcels"], "yr", "atom"),
        stocked_share_of_forest_area=number(0.8, "1", "draw"),
        area_share=number(1.0, "1", "draw", "forest_type"),
        stock_density_ratio=number(1.3, "1", "draw", "forest_type"),
        net_stock_growth_rate=number(0.01, "1/yr", "draw"),
        lowest_fitted_volume=number(20.0, "m^3/ha", "draw"),
        highest_volume=number(400.0, "m^3/ha", "draw"),
        volume_source=source,
    )


def carbon(method: str, mapped: float = 100.0, **changed: float) -> dict[str, xr.DataArray]:
    stand = volume(**changed)
    of_growth = xr.DataArray(
        [[[0.8, 0.5]]],
        {"draw": [0], "forest_type": ["oak"], "stock_class": CLASSES},
        ("draw", "forest_type", "stock_class"),
    )
    expansion = xr.DataArray(
        [[[1.2, 0.8]]],
        {"draw": [0], "forest_type": ["oak"], "stock_class": CLASSES},
        ("draw", "forest_type", "stock_class"),
    )
    return stand_carbon(
        stand_area=stand["stand_area"],
        stand_volume=stand["stand_volume"],
        mapped_biomass=number(mapped, "t dm/ha", "atom"),
        mapped_forest_area=number(900.0, "ha", "atom"),
        carbon_fraction=number(0.5, "t C/t dm", "draw", "forest_type"),
        root_shoot_ratio=number(0.25, "1", "draw", "forest_type"),
        biomass_per_volume=number(0.6, "t dm/m^3", "draw", "forest_type"),
        biomass_intercept=number(30.0, "t dm/ha", "draw", "forest_type"),
        conversion_expansion_factor=quantify(expansion, "t dm/m^3"),
        increment_expansion_factor=quantify(of_growth, "t dm/m^3"),
        lowest_fitted_volume=number(20.0, "m^3/ha", "draw"),
        biomass_method=method,
    )


def total(result: dict[str, xr.DataArray]) -> float:
    return float(
        magnitude(result["aboveground_carbon"], "t C").item()
        + magnitude(result["belowground_carbon"], "t C").item()
    )


def test_volume_of_the_growing_stock() -> None:
    # 1 000 ha · 0.8 = 800 ha; 120 000 m³ · exp(0.01 · 2) = 122 424.1608 m³; growth a hundredth.
    result = volume()
    assert magnitude(result["stand_area"], "ha").item() == pytest.approx(800)
    assert magnitude(result["stand_volume"], "m^3").item() == pytest.approx(122_424.1608, rel=1e-9)
    assert magnitude(result["net_volume_growth"], "m^3/yr").item() == pytest.approx(1_224.241608)


def test_volume_of_parcels() -> None:
    # 60 000 m³ · exp(0.01 · 3) = 61 827.2720 m³ on the parcels' own 500 ha.
    result = volume("parcels")
    assert magnitude(result["stand_area"], "ha").item() == pytest.approx(500)
    assert magnitude(result["stand_volume"], "m^3").item() == pytest.approx(61_827.2720, rel=1e-8)


# 153.0302 m³/ha is 0.530302 of the way from class 100 to 200: BCEF = 1.2 − 0.530302 · 0.4
# = 0.9878792.
#
# fang2001   B = 0.6 · 122 424.1608 + 30 · 800       =  97 454.4965 t dm,  C = 48 727.2482 t C
# ipcc_bcef  B = 122 424.1608 · 0.9878792 · 1.25     = 151 175.3532 t dm,  C = 75 587.6766 t C
# mapped     B above = 100 t/ha · 900 ha = 90 000,  · 1.25 · 0.5           = 56 250 t C
@pytest.mark.parametrize(
    ("method", "stock"),
    [("fang2001", 48_727.2482), ("ipcc_bcef", 75_587.6766), ("mapped", 56_250.0)],
)
def test_carbon_of_a_stand_by_hand(method: str, stock: float) -> None:
    result = carbon(method)
    assert total(result) == pytest.approx(stock, rel=1e-8)
    above = magnitude(result["aboveground_carbon"], "t C").item()
    assert above == pytest.approx(stock / 1.25, rel=1e-8)  # R = 0.25


def test_growth_is_expanded_by_its_own_factor() -> None:
    """BCEF_I at 153.0302 m³/ha = 0.8 − 0.530302 · 0.3 = 0.6409094; · 1.25 · 0.5 t C/m³."""
    per_volume = carbon("ipcc_bcef")["carbon_per_volume"]
    assert magnitude(per_volume, "t C/m^3").item() == pytest.approx(0.6409094 * 0.625, rel=1e-7)


def test_the_three_routes_reconcile_on_data_made_to_agree() -> None:
    """A forest given by growing stock, by its parcels, and by a map of what they hold."""
    stock = carbon("fang2001", growing_stock=60_000, forest_area=625, years_since_inventory=3)
    parcels = volume("parcels")
    same = volume(growing_stock=60_000, forest_area=625, years_since_inventory=3)
    for name in ("stand_area", "stand_volume", "net_volume_growth"):
        assert magnitude(parcels[name], str(parcels[name].data.units)).item() == pytest.approx(
            magnitude(same[name], str(parcels[name].data.units)).item(), rel=1e-12
        )
    density = magnitude(stock["aboveground_carbon"], "t C").item() / 0.5 / 900
    mapped = carbon(
        "mapped", mapped=density, growing_stock=60_000, forest_area=625, years_since_inventory=3
    )
    for name, array in stock.items():
        assert mapped[name].data.magnitude.item() == pytest.approx(
            array.data.magnitude.item(), rel=1e-12
        )


def test_bcef_is_constant_beyond_its_classes() -> None:
    # 50 m³/ha lies below class 100: BCEF 1.2, C = 0.5 · 40 000 · 1.2 · 1.25 = 30 000
    assert total(
        carbon("ipcc_bcef", growing_stock=40_000, years_since_inventory=0)
    ) == pytest.approx(30_000)
    # 300 m³/ha lies above class 200: BCEF 0.8, C = 0.5 · 240 000 · 0.8 · 1.25 = 120 000
    assert total(
        carbon("ipcc_bcef", growing_stock=240_000, years_since_inventory=0)
    ) == pytest.approx(120_000)


@pytest.mark.parametrize("stock", [15_000.0, 330_000.0])
def test_statistics_that_do_not_fit_each_other_are_refused(stock: float) -> None:
    with pytest.raises(RunError, match="do not fit each other") as caught:
        volume(growing_stock=stock)
    (problem,) = caught.value.problems
    assert problem.expected == "20 to 400 m³/ha"
    assert "growing_stock and forest_area" in (problem.remedy or "")


def test_young_stands_lie_on_a_line_to_nothing() -> None:
    """10 m³/ha is half of 20: half of a · 20 + b = 0.6 · 20 + 30 = 42 t/ha, not 36."""
    slope, density = regression(
        number(0.6, "t dm/m^3", "forest_type"),
        number(30.0, "t dm/ha", "forest_type"),
        number(10.0, "m^3/ha", "atom", "forest_type"),
        number(20.0, "m^3/ha", "draw"),
    )
    assert magnitude(density, "t dm/ha").item() == pytest.approx(21.0)
    assert magnitude(slope, "t dm/m^3").item() == pytest.approx(2.1)
    _, grown = regression(
        number(0.6, "t dm/m^3", "forest_type"),
        number(30.0, "t dm/ha", "forest_type"),
        number(100.0, "m^3/ha", "atom", "forest_type"),
        number(20.0, "m^3/ha", "draw"),
    )
    assert magnitude(grown, "t dm/ha").item() == pytest.approx(90.0)


@pytest.mark.parametrize("method", ["fang2001", "ipcc_bcef"])
def test_a_type_that_a_county_has_none_of_has_no_carbon(method: str) -> None:
    result = carbon(method, growing_stock=0.0, forest_area=0.0)
    assert total(result) == 0.0


def increment(method: str, biomass: str = "fang2001") -> float:
    stand, living = volume(), carbon(biomass)

    def by(values: dict[str, float], unit: str, dimension: str) -> xr.DataArray:
        array = xr.DataArray(list(values.values()), {dimension: list(values)}, (dimension,))
        return quantify(array.expand_dims(draw=[0]), unit)

    result = stand_increment(
        stand_area=stand["stand_area"],
        stand_volume=stand["stand_volume"],
        net_volume_growth=stand["net_volume_growth"],
        **living,
        growing_stock=number(120_000, "m^3", "atom"),
        earlier_growing_stock=number(110_000, "m^3", "atom"),
        years_between_inventories=number(5, "yr", "atom"),
        timber_harvest=number(1_000, "m^3/yr", "atom"),
        age_class_growth=number(0.9, "t C/ha/yr", "draw", "atom", "forest_type"),
        carbon_fraction=number(0.5, "t C/t dm", "draw", "forest_type"),
        root_shoot_ratio=number(0.25, "1", "draw", "forest_type"),
        aboveground_growth=by({"up_to_20": 5.0, "over_20": 4.0}, "t dm/ha/yr", "stand_age"),
        stand_age_share=by({"up_to_20": 0.2, "over_20": 0.8}, "1", "stand_age"),
        harvest_yield=number(0.9, "1", "draw"),
        fuelwood_per_timber=number(0.1, "1", "draw"),
        disturbance_share=by({"fire": 0.001, "insects": 0.01}, "1/yr", "disturbance"),
        disturbance_killed=by({"fire": 0.5, "insects": 0.2}, "1", "disturbance"),
        increment_method=method,
    )
    return float(magnitude(result["biomass_increment"], "t C/yr").item())


# c = CF a = 0.3 t C/m³.
# net_stock_growth   0.3 · 1 224.241608                                          =   367.2725
# age_classes        800 ha · 0.9                                                =   720
# stock_difference   0.3 · (120 000 − 110 000) / 5                               =   600
# gain_loss  gain    800 · (0.2 · 5 + 0.8 · 4) · 1.25 · 0.5                      = 2 100
#            wood    48 727.2482 · 1 000 · 1.1 / (122 424.1608 · 0.9)            =   486.4687
#            killed  48 727.2482 · (0.001 · 0.5 + 0.01 · 0.2)                    =   121.8181
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("net_stock_growth", 367.2725),
        ("age_classes", 720.0),
        ("stock_difference", 600.0),
        ("gain_loss", 2_100 - 486.4687 - 121.8181),
    ],
)
def test_increment_by_hand(method: str, expected: float) -> None:
    assert increment(method) == pytest.approx(expected, rel=1e-6)


def test_wood_removal_is_the_ipcc_equation() -> None:
    """Eq. 2.12, L = H · BCEF_R · (1 + R) · CF with BCEF_R = BCEF_S / 0.9, at 153.03 m³/ha."""
    with_harvest = increment("gain_loss", "ipcc_bcef")
    bcef_removal = 0.9878792 / 0.9
    loss = 1_000 * 1.1 * bcef_removal * 1.25 * 0.5
    killed = 75_587.6766 * 0.0025
    assert with_harvest == pytest.approx(2_100 - loss - killed, rel=1e-6)


def test_the_gain_loss_case_of_the_ipcc(compare: Any) -> None:
    """Eq. 2.9 to 2.14; a stand of 40 m³/ha whose BCEF_S is 1.0, R 0.29 and CF 0.47."""
    case = YAML(typ="safe").load((REFERENCE / "ipcc_forest_gain_loss.yaml").read_text())
    area, stock = case["area_ha"], case["area_ha"] * case["growing_stock_m3_per_ha"]
    above = stock * 1.0 * case["carbon_fraction"]
    killed = case["disturbed_ha"] * case["disturbed_biomass"] * case["disturbed_share"] / stock
    types = ("draw", "atom", "forest_type")

    def loss_of(timber: float, fuelwood: float, disturbed: float) -> float:
        result = stand_increment(
            stand_area=number(area, "ha", *types),
            stand_volume=number(stock, "m^3", *types),
            net_volume_growth=number(0, "m^3/yr", *types),
            aboveground_carbon=number(above, "t C", *types),
            belowground_carbon=number(above * case["root_shoot_ratio"], "t C", *types),
            carbon_per_volume=number(0.5, "t C/m^3", *types),
            growing_stock=number(stock, "m^3", "atom"),
            earlier_growing_stock=number(stock, "m^3", "atom"),
            years_between_inventories=number(5, "yr", "atom"),
            timber_harvest=number(timber, "m^3/yr", "atom"),
            age_class_growth=number(0, "t C/ha/yr", *types),
            carbon_fraction=number(case["carbon_fraction"], "t C/t dm", "draw"),
            root_shoot_ratio=number(case["root_shoot_ratio"], "1", "draw"),
            aboveground_growth=label(case["above_ground_growth"], "t dm/ha/yr", "stand_age"),
            stand_age_share=label(1.0, "1", "stand_age"),
            harvest_yield=number(1 / case["bcef_removal"], "1", "draw"),
            fuelwood_per_timber=number(fuelwood / timber if timber else 0, "1", "draw"),
            disturbance_share=label(disturbed, "1/yr", "disturbance"),
            disturbance_killed=label(1.0, "1", "disturbance"),
            increment_method="gain_loss",
        )
        return case["gain"] - float(magnitude(result["biomass_increment"], "t C/yr").item())

    assert loss_of(0, 0, 0) == pytest.approx(0, abs=1e-6)
    timber, fuelwood = case["timber_m3"], case["fuelwood_m3"]
    fuel = loss_of(timber, fuelwood, 0) - loss_of(timber, 0, 0)
    for name, found in (
        ("wood_loss", loss_of(timber, 0, 0)),
        ("fuelwood_loss", fuel),
        ("disturbance_loss", loss_of(0, 0, killed)),
    ):
        compare(
            "stand_increment",
            name.replace("_", " "),
            found,
            case[name],
            unit="t C/yr",
            rel=1e-6,
            source=BY_HAND,  # the page of the guidelines was not read
        )


def label(value: float, unit: str, dimension: str) -> xr.DataArray:
    """Return one value under one label."""
    return quantify(xr.DataArray([value], {dimension: ["any"]}, (dimension,)), unit)


def test_types_share_the_stock_by_area_and_density() -> None:
    """Two types of equal area, one twice as dense: a third and two thirds of the volume."""
    labels = ["oak", "larch"]

    def by_type(values: list[float], unit: str) -> xr.DataArray:
        return quantify(xr.DataArray(values, {"forest_type": labels}, ("forest_type",)), unit)

    result = stand_volume(
        growing_stock=number(120_000, "m^3", "atom"),
        forest_area=number(1_000, "ha", "atom"),
        years_since_inventory=number(0, "yr", "atom"),
        parcel_area=by_type([0, 0], "ha"),
        parcel_volume=by_type([0, 0], "m^3"),
        years_since_parcels=number(0, "yr", "atom"),
        stocked_share_of_forest_area=number(0.8, "1", "draw"),
        area_share=by_type([0.5, 0.5], "1"),
        stock_density_ratio=by_type([1.0, 2.0], "1"),
        net_stock_growth_rate=number(0.01, "1/yr", "draw"),
        lowest_fitted_volume=number(20.0, "m^3/ha", "draw"),
        highest_volume=number(400.0, "m^3/ha", "draw"),
        volume_source="growing_stock",
    )
    assert magnitude(result["stand_volume"], "m^3").values.ravel() == pytest.approx(
        [40_000, 80_000]
    )
