"""Legends: round limits, colours by sign, and an XML that says what it shows."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from ecoassess.export import styles


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 143.0, "0 25 50 75 100 125 150"),
        (0.0, 100.0, "0 20 40 60 80 100"),
        (55.2, 61.9, "55 56 57 58 59 60 61 62"),
        (-3.0, 2.0, "-3 -2 -1 0 1 2"),
        (-0.0021, 0.3, "-0.05 0 0.05 0.1 0.15 0.2 0.25 0.3"),
        (0.0003, 0.0072, "0 0.002 0.004 0.006 0.008"),
        (-9.0, -1.0, "-10 -8 -6 -4 -2 0"),
        # 1 % apart: classes from 0, not a hundredfold magnifying glass
        (141.0, 142.0, "0 25 50 75 100 125 150"),
        (-5.0, -5.0, "-5 -4 -3 -2 -1 0"),
        (0.0, 0.0, "0 0"),
        # a float32 beside a limit lies on it
        (float(np.float32(0.1)), float(np.float32(0.7)), "0.1 0.2 0.3 0.4 0.5 0.6 0.7"),
    ],
)
def test_limits_are_round_and_few(low: float, high: float, expected: str) -> None:
    assert styles.class_limits(low, high) == [Decimal(word) for word in expected.split()]


numbers = st.floats(-1e7, 1e7).filter(lambda x: x == 0 or abs(x) > 1e-9)


@given(numbers, numbers)
def test_limits_hold_all_values_with_0_among_them(one: float, other: float) -> None:
    low, high = sorted((one, other))
    limits = styles.class_limits(low, high)
    steps = {b - a for a, b in pairwise(limits)}
    assert len(steps) == 1
    if one == other == 0:
        return
    (step,) = steps
    assert step > 0
    assert len(limits) - 1 <= styles.MOST_CLASSES
    assert float(limits[0]) <= low + 2e-4 * float(step)
    assert float(limits[-1]) >= high - 2e-4 * float(step)
    if low < 0 < high and min(-low, high) > float(step) / 1000:
        assert 0 in limits


def brightness(colour: str) -> float:
    return sum(bytes.fromhex(colour[1:])) / (3 * 255)


def is_green(colour: str) -> bool:
    red, green, blue = bytes.fromhex(colour[1:])
    return green >= max(red, blue)


def test_a_flux_is_green_above_0_and_brown_below() -> None:
    limits = styles.class_limits(-3, 2)
    colours = styles.class_colours(limits, "flux")
    assert [is_green(c) for c in colours] == [False, False, False, True, True]
    light = [brightness(c) for c in colours]
    assert light[0] < light[1] < light[2]
    assert light[3] > light[4]
    # As far from 0, as dark: the middle of the class is 2.5 and 1.5 of 2.5 away.
    assert colours[0] == styles.BROWNS[-1]
    assert colours[4] != styles.GREENS[-1]


@pytest.mark.parametrize("kind", ["stock", "flux", "standard_error"])
def test_values_of_one_sign_take_the_whole_ramp(kind: str) -> None:
    colours = styles.class_colours(styles.class_limits(60, 143), kind)
    ramp = styles.VIOLETS if kind == "standard_error" else styles.GREENS
    assert (colours[0], colours[-1]) == (ramp[0], ramp[-1])
    light = [brightness(c) for c in colours]
    assert light == sorted(light, reverse=True)


def test_losses_alone_are_brown_and_darkest_at_the_largest() -> None:
    colours = styles.class_colours(styles.class_limits(-9, -1), "flux")
    assert (colours[0], colours[-1]) == (styles.BROWNS[-1], styles.BROWNS[0])


def test_labels_have_the_unit_and_open_ends() -> None:
    assert styles.class_labels([Decimal(x) for x in (-2, -1, 0, 1)], "t") == [
        "≤ −1 t",
        "−1 – 0 t",
        "> 0 t",
    ]
    assert styles.class_labels([Decimal("0.0"), Decimal("0.5"), Decimal("1.0")], "t C/ha") == [
        "0 – 0.5 t C/ha",
        "> 0.5 t C/ha",
    ]
    assert styles.class_labels([Decimal(0), Decimal(0)], "t") == ["0 t"]
    assert styles.class_labels([Decimal(0), Decimal(10)], "t") == ["0 – 10 t"]


def write_map(folder: Path, values: list[float]) -> Path:
    file = folder / "map.tif"
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "height": 1, "nodata": math.nan}
    transform = Affine(0.01, 0, 129, 0, -0.01, 43)
    with rasterio.open(
        file, "w", width=len(values), crs="EPSG:4326", transform=transform, **profile
    ) as target:
        target.write(np.array([values], "float32"), 1)
    return file


def items(file: Path) -> list[tuple[float, str]]:
    """Return the upper limit and the label of each class."""
    root = ET.parse(file).getroot()  # noqa: S314 - written by the test
    assert root.tag == "qgis"
    renderer = root.find("pipe/rasterrenderer")
    assert renderer is not None
    assert renderer.get("type") == "singlebandpseudocolor"
    shader = renderer.find("rastershader/colorrampshader")
    assert shader is not None
    assert shader.get("colorRampType") == "DISCRETE"
    return [(float(i.get("value", "")), i.get("label", "")) for i in shader.findall("item")]


def test_a_style_stands_beside_its_map(tmp_path: Path) -> None:
    file = styles.write_style(write_map(tmp_path, [math.nan, 0.0, 40.0, 100.0]), "t C/ha", "stock")
    assert file == tmp_path / "map.qml"
    found = items(file)
    # 2 % of the way from 0 to 40, and from 100 back to 40: 1.6 to 97.6 in classes of 20
    assert [limit for limit, _ in found] == [20, 40, 60, 80, math.inf]
    assert [label for _, label in found][:2] == ["0 – 20 t C/ha", "20 – 40 t C/ha"]
    assert found[-1][1] == "> 80 t C/ha"


def test_the_same_map_has_the_same_bytes(tmp_path: Path) -> None:
    raster = write_map(tmp_path, [1.5, -2.0, 7.25])
    first = styles.write_style(raster, "t CO2e/ha/yr", "flux").read_bytes()
    assert styles.write_style(raster, "t CO2e/ha/yr", "flux").read_bytes() == first


def test_a_few_losses_keep_a_class_of_their_own(tmp_path: Path) -> None:
    raster = write_map(tmp_path, [-0.5, *np.linspace(1, 10, 199)])
    labels = [label for _, label in items(styles.write_style(raster, "t", "flux"))]
    assert labels[:2] == ["≤ 0 t", "0 – 2 t"]


@pytest.mark.parametrize("values", [[math.nan], [0.0, 0.0]])
def test_a_map_of_nothing_has_one_class(tmp_path: Path, values: list[float]) -> None:
    assert items(styles.write_style(write_map(tmp_path, values), "t", "flux")) == [
        (math.inf, "0 t")
    ]
