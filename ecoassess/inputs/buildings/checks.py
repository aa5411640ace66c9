"""The checks of buildings, one function per kind; each logs what it finds."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import shapely

from ecoassess.errors import InputError, Problem
from ecoassess.inputs.buildings.codes import BuildingLegend, Usage
from ecoassess.inputs.catalog import Catalog, Title
from ecoassess.inputs.parcels.codes import find, nearest, normal, plain
from ecoassess.inputs.parcels.findings import Finding, Log, Note
from ecoassess.units import unit_registry

FEWEST_FOR_UNIT = 3
"""Heights from which a wrong unit can be told."""

DIGITS = 6
"""Decimals of storeys per height before it is rounded down: 8.4 m are three times 2.8 m."""

NUMBER = r"^\s*(-?\d+(?:\.\d+)?)\s*(m|ft|'|米|层)?\s*$"
"""A number as OpenStreetMap writes it, perhaps with its unit."""


def geometries(
    table: geopandas.GeoDataFrame, legend: BuildingLegend, log: Log, counted: pd.Series
) -> tuple[geopandas.GeoSeries, pd.Series]:
    """Return shapes in an equal-area projection, repaired where that changes little, and m².

    Parameters
    ----------
    table
        In the equal-area projection already.
    """
    shapes = table.geometry
    absent = shapes.isna() | shapes.is_empty
    log.add("bad", "no_geometry", counted & absent)
    polygon = shapes.geom_type.isin(["Polygon", "MultiPolygon"])
    log.add("bad", "no_polygon", counted & ~absent & ~polygon, found=shapes.geom_type)
    on_earth = pd.Series(np.isfinite(shapes.bounds).all(axis=1), table.index)
    log.add("bad", "no_area", counted & ~absent & polygon & ~on_earth)
    shapes = shapes.where(on_earth | absent, None)
    sound = ~absent & polygon & on_earth
    broken = sound & ~shapes.is_valid
    mended = shapes.copy()
    if broken.any():
        mended[broken] = _polygons(shapely.make_valid(shapes[broken].array))
    before, area = shapes.area, mended.area
    change = (area - before).abs() / area.where(area > 0)
    why = pd.Series("", table.index, dtype=object)
    why[broken] = shapely.is_valid_reason(shapes[broken].array)
    slight = broken & (change <= legend.limits.repair.value)
    log.add("bad", "broken", counted & broken & ~slight, why=why)
    log.add("repaired", "repaired", counted & slight, why=why, change=100 * change)
    log.add("bad", "no_area", counted & sound & ~broken & ~(area > 0))
    limits = legend.limits
    whole = counted & sound & (area > 0) & (slight | ~broken)
    log.add("bad", "tiny", whole & (area < limits.tiny.value), area=area, limit=limits.tiny.value)
    giant = area > limits.giant.value
    log.add("bad", "giant", whole & giant, area=area, limit=limits.giant.value)
    large = ~giant & (area > limits.large.value)
    log.add("doubt", "large", whole & large, area=area, limit=limits.large.value)
    return mended.where(slight, shapes), area.where(sound)


def _polygons(shapes: np.ndarray) -> list[shapely.Geometry]:
    """Return the polygons of repaired shapes, without stray lines and points."""
    return [
        shapely.union_all([p for p in shapely.get_parts(s) if p.geom_type.endswith("Polygon")])
        for s in shapes
    ]


def usages(table: pd.DataFrame, legend: BuildingLegend) -> tuple[pd.Series, pd.Series, list[Note]]:
    """Return the usage that counts for each building, and the code it was found by.

    The detailed field rules; where it is empty or says nothing, the general one.
    """
    usage = pd.Series("unknown", table.index, dtype=object)
    code = pd.Series("", table.index, dtype=object)
    notes = []
    for role in ("usage", "usage_general"):
        if role not in table:
            continue
        values = table[role].map(plain)
        unique = pd.Series(values.unique(), dtype=object)
        entries = dict(zip(unique, find(unique, legend.usages), strict=True))
        meant = values.map(lambda value, known=entries: _meaning(known[value]))
        open_still = usage == "unknown"
        code = code.where(~open_still | (values == ""), values)
        usage = usage.where(~open_still, meant)
        counts = values[open_still].value_counts()
        notes += [
            Note(
                "unknown_usage",
                {
                    "role": table[role].name,
                    "found": value,
                    "number": int(counts[value]),
                    "nearest": nearest(value, legend.usages),
                },
            )
            for value in sorted(counts.index)
            if normal(value) and entries[value] is None
        ]
    return usage, code, notes


def _meaning(entry: Usage | None) -> str:
    return entry.usage if entry else "unknown"


def numbers(
    catalog: Catalog,
    name: str,
    table: pd.DataFrame,
    legend: BuildingLegend,
    log: Log,
    counted: pd.Series,
) -> tuple[pd.Series, pd.Series]:
    """Return height in m and recorded floors; what cannot be is logged and missing.

    Raises
    ------
    InputError
        When the heights as a whole are in another unit than declared.
    """
    limits = legend.limits
    unit = catalog.entries[name].height_unit
    height = _number(table, "height", log, counted, unit)
    height = height.where(~height.isin(legend.absent_heights))
    floors = _number(table, "floors", log, counted, None)
    floors = floors.where(floors != 0)
    factor = float(unit_registry().Quantity(1.0, unit).to("m").magnitude)
    height = height * factor
    storey = (height / floors)[counted].dropna()
    storey = storey[storey > 0]
    _check_unit(catalog, name, legend, unit, height[counted].dropna(), storey)
    low, high = limits.lowest.value, limits.highest.value
    odd = height.notna() & ~height.between(low, high)
    log.add("doubt", "height", counted & odd, found=height, low=low, high=high)
    height = height.where(~odd)
    odd = floors.notna() & ~floors.between(1, limits.most_floors.value)
    log.add("doubt", "floors", counted & odd, found=floors, high=limits.most_floors.value)
    floors = floors.where(~odd)
    storey = height / floors
    low, high = limits.lowest_floor.value, limits.highest_floor.value
    apart = storey.notna() & ~storey.between(low, high)
    log.add("doubt", "storey", counted & apart, height=height, floors=floors, storey=storey)
    return height, floors


def _check_unit(
    catalog: Catalog,
    name: str,
    legend: BuildingLegend,
    unit: str,
    height: pd.Series,
    storey: pd.Series,
) -> None:
    """Refuse heights whose median cannot be, per storey or as such."""
    limits = legend.limits
    for values, low, high, what in (
        (storey, limits.lowest_floor.value, limits.highest_floor.value, "per storey"),
        (height, limits.lowest.value, limits.highest.value, "of a building"),
    ):
        typical = values.median()
        if len(values) >= FEWEST_FOR_UNIT and not low <= typical <= high:
            problem = Problem(
                "the heights are in another unit than declared",
                found=f"{typical:.3g} m {what} (median), declared: {unit}",
                expected=f"{low:g} to {high:g} m {what}",
                remedy="correct 'height_unit: m', 'dm', 'cm' or 'ft' here, or name the true "
                "'fields: {height: ...}'",
            )
            raise InputError(catalog.problem(name, "height_unit", problem))


def _number(
    table: pd.DataFrame, role: str, log: Log, counted: pd.Series, unit: str | None
) -> pd.Series:
    """Return a field as numbers; a unit written beside one counts (12 m, 39 ft)."""
    if role not in table:
        return pd.Series(np.nan, table.index)
    values = table[role]
    result = pd.to_numeric(values, errors="coerce").astype(float)
    text = values.where(result.isna() & values.notna()).map(plain)
    parts = text.astype("string").str.extract(NUMBER)
    written = pd.to_numeric(parts[0], errors="coerce").astype(float)
    if unit is not None:
        length = unit_registry().Quantity
        for name, real in (("m", "m"), ("米", "m"), ("ft", "ft"), ("'", "ft")):
            factor = float(length(1.0, real).to(unit).magnitude)
            written = written.where(parts[1] != name, written * factor)
    result = result.fillna(written)
    odd = counted & (text != "") & result.isna()
    field = Title(en=role, zh={"height": "高度", "floors": "层数"}[role])
    log.add("doubt", "no_number", odd, role=field, found=values)
    return result.where(np.isfinite(result))


def storeys(
    usage: pd.Series, height: pd.Series, floors: pd.Series, legend: BuildingLegend
) -> tuple[pd.Series, pd.Series]:
    """Return the storeys of each building, and what they rest on."""
    heights = legend.floor_heights
    per_use = {"other": heights.other, "canopy": heights.other, "unknown": heights.unknown}
    between = usage.map(lambda use: per_use.get(use, heights.dwelling).value).astype(float)
    fitting = np.floor((height / between).round(DIGITS)).clip(lower=1)
    result = floors.fillna(fitting).where(usage != "canopy", 0.0)
    rests_on = pd.Series("", usage.index, dtype=object)
    rests_on = rests_on.where(fitting.isna(), "height").where(floors.isna(), "recorded")
    return result, rests_on


def kinds(usage: pd.Series, floors: pd.Series, legend: BuildingLegend) -> pd.Series:
    """Return the kind of each building; dwellings by their storeys."""
    few, many = legend.limits.self_built_floors.value, legend.limits.lift_floors.value
    home = usage.isin(["house", "apartments", "residential"])
    kind = pd.Series("unknown", usage.index, dtype=object)
    kind[usage.isin(["other", "canopy"])] = "other"
    kind[home] = "residential"
    kind[home & floors.notna()] = "walk_up"
    kind[home & (floors >= many)] = "lift"
    kind[(usage == "house") | ((usage == "residential") & (floors <= few))] = "self_built"
    return kind


def overlaps(
    shapes: geopandas.GeoSeries, legend: BuildingLegend, log: Log
) -> tuple[list[Note], set[int]]:
    """Set apart the later of two buildings that cover each other, so that a roof counts once."""
    array = shapes.array
    one, other = shapely.STRtree(array).query(array, predicate="intersects")
    one, other = one[one < other], other[one < other]
    common = shapely.area(shapely.intersection(array[one], array[other]))
    area = shapely.area(array)
    smaller = np.minimum(area[one], area[other])
    larger = np.maximum(area[one], area[other])
    order = np.lexsort((one, other))
    gone: set[int] = set()
    slight = []
    for pair in order[common[order] > 0]:
        kept, lost = shapes.index[one[pair]], shapes.index[other[pair]]
        if {kept, lost} & gone:
            continue
        if common[pair] <= legend.limits.overlap.value * smaller[pair]:
            slight.append((kept, lost, common[pair]))
            continue
        gone.add(lost)
        same = common[pair] >= legend.limits.same.value * larger[pair]
        share = 100 * common[pair] / smaller[pair]
        values = {"other": log.parcel[kept], "other_row": kept, "share": share}
        reason = "twice" if same else "overlap"
        log.findings.append(Finding(lost, log.parcel[lost], "bad", reason, values))
    left = [size for kept, lost, size in slight if not {kept, lost} & gone]
    if not left:
        return [], gone
    return [Note("slight_overlaps", {"number": len(left), "area": sum(left)})], gone
