"""Legends of the maps: a QGIS style (.qml) beside each GeoTIFF, which QGIS takes by itself.

A style has a handful of classes with round limits. They come from the values of the map, so maps of
two runs may have other limits; the same map gives the same bytes.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling

VERSION = "3.16.0"
"""Of QGIS, from which on it reads such a style."""

MOST_CLASSES = 7
STEPS = tuple(Decimal(step) for step in ("1", "2", "2.5", "5", "10", "20"))
LARGEST_SIDE = 1200
PERCENTILES = (2.0, 98.0)
"""The classes share out what lies between; the outer ones are open and hold the rest."""

FLAT = 0.02
"""Values nearer to each other than this get classes from 0, which do not magnify them."""

GREENS = ("#eef3d2", "#7dba78", "#0b4f2f")
BROWNS = ("#f8ecd9", "#cf9350", "#6b3410")
VIOLETS = ("#f1eff7", "#a198c9", "#41337a")
"""Light to dark: uptake and stocks, release, standard errors."""


def write_style(raster: Path, unit: str, kind: str) -> Path:
    """Write `<map>.qml` for a single-band map.

    Parameters
    ----------
    kind
        "stock", "flux" (green above 0 and brown below) or "standard_error".
    """
    low, high = _range(raster)
    limits = class_limits(low, high)
    element = style(limits, class_colours(limits, kind), class_labels(limits, unit))
    ET.indent(element)
    file = raster.with_suffix(".qml")
    file.write_bytes(ET.tostring(element, encoding="utf-8", xml_declaration=True) + b"\n")
    return file


def _range(raster: Path) -> tuple[float, float]:
    """Return the values between which most pixels lie; values of both signs stay so."""
    with rasterio.open(raster) as source:
        step = max(1, math.ceil(max(source.shape) / LARGEST_SIDE))
        shape = (math.ceil(source.height / step), math.ceil(source.width / step))
        values = source.read(1, out_shape=shape, resampling=Resampling.nearest)
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.0, 0.0
    low, high = map(float, np.percentile(known.astype(float), PERCENTILES))
    low = float(known.min()) if low >= 0 > known.min() else low
    high = float(known.max()) if high <= 0 < known.max() else high
    return low, high


def class_limits(low: float, high: float) -> list[Decimal]:
    """Return the round limits of the classes that hold `low` to `high`.

    All are multiples of one step of 1, 2, 2.5 or 5 times a power of ten, the smallest that needs
    at most `MOST_CLASSES`; so 0 is a limit wherever the values lie on both sides of it.
    """
    if high - low < FLAT * max(abs(low), abs(high)):
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        return [Decimal(0), Decimal(0)]
    power = Decimal(10) ** math.floor(math.log10((high - low) / MOST_CLASSES))
    for step in (factor * power for factor in STEPS):
        first, last = _floor(low, step), -_floor(-high, step)
        if last - first <= MOST_CLASSES:
            break
    return [number * step for number in range(first, last + 1)]


def _floor(value: float, step: Decimal) -> int:
    """Return the whole steps in a value; one within rounding of a limit lies on it."""
    ratio = Decimal(value) / step
    nearest = round(ratio)
    return nearest if abs(ratio - nearest) < Decimal("1e-4") else math.floor(ratio)


def class_colours(limits: Sequence[Decimal], kind: str) -> list[str]:
    """Return a colour for each class, light near 0 or near the lowest limit."""
    middles = [float(low + high) / 2 for low, high in pairwise(limits)]
    if kind == "standard_error":
        return [_mix(VIOLETS, place) for place in _places(middles)]
    if kind == "flux" and middles[0] < 0:
        if middles[-1] <= 0:
            return [_mix(BROWNS, place) for place in _places(middles[::-1])][::-1]
        furthest = max(-middles[0], middles[-1])
        return [_mix(BROWNS if m < 0 else GREENS, abs(m) / furthest) for m in middles]
    return [_mix(GREENS, place) for place in _places(middles)]


def _places(middles: Sequence[float]) -> list[float]:
    """Return places from 0 to 1, evenly spaced."""
    return [i / max(1, len(middles) - 1) for i in range(len(middles))]


def _mix(ramp: Sequence[str], place: float) -> str:
    """Return the colour at a place from 0 to 1 of a ramp."""
    reds, greens, blues = zip(*(bytes.fromhex(colour[1:]) for colour in ramp), strict=True)
    knots = np.linspace(0, 1, len(ramp))
    return "#" + "".join(f"{round(np.interp(place, knots, c)):02x}" for c in (reds, greens, blues))


def class_labels(limits: Sequence[Decimal], unit: str) -> list[str]:
    """Return the label of each class; the first and the last are open, but at 0."""
    exponents = [limit.normalize().as_tuple().exponent for limit in limits if limit]
    digits = max([0, *(-exponent for exponent in exponents if isinstance(exponent, int))])
    text = [
        f"{limit:.{digits}f}".replace("-", "\N{MINUS SIGN}") if limit else "0" for limit in limits
    ]
    if limits[0] == limits[-1]:
        return [f"{text[0]} {unit}"]
    labels = [f"{low} – {high} {unit}" for low, high in pairwise(text)]
    if limits[0] != 0:
        labels[0] = f"≤ {text[1]} {unit}"
    if limits[-1] != 0:
        labels[-1] = f"> {text[-2]} {unit}"
    if len(labels) == 1:
        labels[0] = f"{text[0]} – {text[1]} {unit}"
    return labels


def style(limits: Sequence[Decimal], colours: Sequence[str], labels: Sequence[str]) -> ET.Element:
    """Return the style: a class holds what is at most its upper limit, the last one the rest.

    Pixels without data stay transparent, as the map itself declares them.
    """
    low, high = f"{limits[0]:f}", f"{limits[-1]:f}"
    root = ET.Element("qgis", version=VERSION, styleCategories="Symbology")
    renderer = ET.SubElement(
        ET.SubElement(root, "pipe"),
        "rasterrenderer",
        type="singlebandpseudocolor",
        band="1",
        opacity="1",
        alphaBand="-1",
        nodataColor="",
        classificationMin=low,
        classificationMax=high,
    )
    ET.SubElement(renderer, "rasterTransparency")
    origin = ET.SubElement(renderer, "minMaxOrigin")
    for name, text in (("limits", "None"), ("extent", "WholeRaster"), ("statAccuracy", "Exact")):
        ET.SubElement(origin, name).text = text
    shader = ET.SubElement(
        ET.SubElement(renderer, "rastershader"),
        "colorrampshader",
        colorRampType="DISCRETE",
        classificationMode="1",
        clip="0",
        minimumValue=low,
        maximumValue=high,
    )
    uppers = [*(f"{limit:f}" for limit in limits[1:-1]), "inf"]
    for upper, colour, label in zip(uppers, colours, labels, strict=True):
        ET.SubElement(shader, "item", value=upper, color=colour, alpha="255", label=label)
    return root
