"""The checks of parcels, one function per kind; each logs what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from ecoassess.errors import InputError, Problem
from ecoassess.inputs.boundaries import EQUAL_AREA
from ecoassess.inputs.catalog import Catalog, Title
from ecoassess.inputs.parcels.codes import (
    AGE_GROUPS,
    Code,
    ParcelLegend,
    Species,
    find,
    nearest,
    normal,
    plain,
)
from ecoassess.inputs.parcels.findings import Finding, Log, Note

HECTARES_PER_MU = 1 / 15
"""The mu (亩) of 1959: fifteen are a hectare."""

LARGEST_UNIT_RATIO = 2.0
"""Recorded over measured area: a median beyond this, or below its inverse, is a wrong unit."""

FEWEST_FOR_UNIT = 3
"""Parcels from which that median is trusted."""

NUMBERS = ("age", "canopy", "area", "volume_per_ha", "volume")


def land_types(
    table: geopandas.GeoDataFrame, legend: ParcelLegend, log: Log
) -> tuple[pd.Series, pd.Series]:
    """Return which parcels are arbor forest, and the Chinese name of each land type."""
    if "land_type" not in table:
        return pd.Series(True, table.index), pd.Series("", table.index)
    found = pd.Series(find(table["land_type"], legend.land_types), table.index, dtype=object)
    _add_unknown(log, "land_type", found.isna(), table["land_type"], legend.land_types)
    stocked = found.map(lambda entry: entry is not None and entry.stocked).astype(bool)
    return stocked, found.map(lambda entry: entry.name.zh if entry else "")


def geometries(
    table: geopandas.GeoDataFrame, legend: ParcelLegend, log: Log, stocked: pd.Series
) -> tuple[geopandas.GeoSeries, pd.Series]:
    """Return the geometries, repaired where that changes next to nothing, and areas in ha."""
    shapes = table.geometry
    absent = shapes.isna() | shapes.is_empty
    log.add("bad", "no_geometry", stocked & absent)
    polygon = shapes.geom_type.isin(["Polygon", "MultiPolygon"])
    log.add("bad", "no_polygon", stocked & ~absent & ~polygon, found=shapes.geom_type)
    broken = ~absent & polygon & ~shapes.is_valid
    mended = shapes.copy()
    if broken.any():
        mended[broken] = [_polygons(shape) for shape in shapely.make_valid(shapes[broken].array)]
    before = shapes.to_crs(EQUAL_AREA).area / 1e4
    after = mended.to_crs(EQUAL_AREA).area.replace(np.inf, np.nan) / 1e4
    change = (after - before).abs() / after.where(after > 0)
    why = pd.Series(shapely.is_valid_reason(shapes.array), table.index)
    slight = broken & (change <= legend.limits.repair.value)
    log.add("bad", "broken", stocked & broken & ~slight, why=why)
    log.add("repaired", "repaired", stocked & slight, why=why, change=100 * change)
    log.add("bad", "no_area", stocked & ~absent & polygon & ~broken & ~(after > 0))
    shapes = shapes.copy()
    shapes[slight] = mended[slight]
    return shapes, after.where(~absent & polygon)


def _polygons(shape: Any) -> Any:
    """Return the polygons of a repaired shape, without stray lines and points."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts)


def attributes(
    table: geopandas.GeoDataFrame, legend: ParcelLegend, log: Log, stocked: pd.Series
) -> pd.DataFrame:
    """Return forest type, origin, age and age group."""
    number = {}
    for role in NUMBERS:
        values = table.get(role, pd.Series(np.nan, table.index))
        number[role] = pd.to_numeric(
            values.map(lambda v: plain(v) or np.nan), errors="coerce"
        ).astype(float)
        odd = (values.map(plain) != "") & ~np.isfinite(number[role])
        log.add("bad", "no_number", stocked & odd, role=role, found=values)
        log.add("bad", "negative", stocked & (number[role] < 0), role=role, found=values)
    found: dict[str, pd.Series] = {}
    tables: dict[str, Mapping[str, Code]] = {
        "species": legend.species,
        "origin": legend.origins,
        "age_group": legend.age_groups,
    }
    for role, codes in tables.items():
        found[role] = pd.Series(find(table[role], codes), table.index, dtype=object)
        _add_unknown(log, role, stocked & found[role].isna(), table[role], codes)
    alien = found["species"].map(lambda s: s is not None and s.forest_type is None)
    name = found["species"].map(lambda s: s.name if s else None)
    log.add("bad", "alien_species", stocked & alien, found=table["species"], species=name)
    result = pd.DataFrame(number, index=table.index)
    result["species"] = table["species"].map(plain)
    result["forest_type"] = found["species"].map(lambda s: s.forest_type if s else None)
    result["origin"] = found["origin"].map(lambda o: o.origin if o else None)
    result["age_group"] = found["age_group"].map(lambda g: g.age_group if g else None)
    age = result["age"] = result["age"].where(result["age"] != 0)  # 0: not recorded
    limits = legend.limits
    log.add("bad", "too_old", stocked & (age > limits.age.value), age=age, limit=limits.age.value)
    if "age" in table:
        log.add("doubt", "no_age", stocked & age.isna())
    by_age = pd.Series(
        [
            _group_of_age(legend, *row)
            for row in zip(found["species"], result["origin"], age, strict=True)
        ],
        table.index,
        dtype=object,
    )
    names = {group.age_group: group.name for group in legend.age_groups.values()}
    log.add(
        "doubt",
        "other_age_group",
        stocked & by_age.notna() & result["age_group"].notna() & (by_age != result["age_group"]),
        age=age,
        found=result["age_group"].map(names.get),
        expected=by_age.map(names.get),
    )
    canopy = result["canopy"]
    thin = canopy.notna() & ~canopy.between(limits.canopy.value, 1)
    log.add("doubt", "canopy", stocked & thin, found=canopy, limit=limits.canopy.value)
    return result


def _group_of_age(
    legend: ParcelLegend, species: Species | None, origin: str | None, age: float
) -> str | None:
    if species is None or species.ages is None or not isinstance(origin, str) or not age > 0:
        return None
    limits: list[float] = getattr(legend.age_limits[species.ages], origin)
    return AGE_GROUPS[int(np.searchsorted(limits, age))]


def recorded_area(
    catalog: Catalog,
    name: str,
    area: pd.Series,
    result: pd.DataFrame,
) -> pd.Series:
    """Return the recorded area in ha (missing where it is 0); refuse a unit that cannot be."""
    unit = catalog.dataset(name).entry.area_unit
    recorded = result["area"].where(result["area"] > 0)
    recorded = recorded * (HECTARES_PER_MU if unit == "mu" else 1)
    ratio = (recorded / area).replace(np.inf, np.nan).dropna()
    typical = ratio.median()
    sound = 1 / LARGEST_UNIT_RATIO < typical < LARGEST_UNIT_RATIO
    if len(ratio) >= FEWEST_FOR_UNIT and not sound:
        problem = Problem(
            "the recorded areas are in another unit than declared",
            found=f"recorded / measured area: {typical:.4g} (median), declared: {unit}",
            expected="about 1; 15 is mu declared as ha, 10000 is m²",
            remedy="correct 'area_unit: mu' or 'ha' here; convert other units in the file",
        )
        raise InputError(catalog.problem(name, "area_unit", problem))
    return recorded


def volumes(
    legend: ParcelLegend,
    log: Log,
    stocked: pd.Series,
    area: pd.Series,
    recorded: pd.Series,
    result: pd.DataFrame,
) -> None:
    """Fill in the volume of a parcel and per hectare; each is kept as recorded where it is.

    A volume per hectare goes with the area it was recorded for, not with the measured one.
    """
    limits = legend.limits
    difference = 100 * (recorded / area - 1)
    differs = difference.abs() > 100 * limits.area_difference.value
    log.add("doubt", "area", stocked & differs, recorded=recorded, measured=area, change=difference)
    own_area = recorded.fillna(area)
    whole, density = result["volume"], result["volume_per_ha"]
    product = density * own_area
    apart = (whole - product).abs() > limits.volume_difference.value * np.maximum(whole, product)
    log.add("doubt", "volumes", stocked & apart, volume=whole, product=product)
    whole = whole.where(whole > 0, product).fillna(0.0)
    density = density.where(density > 0, whole / own_area).fillna(0.0)
    result["volume"], result["volume_per_ha"] = whole, density
    old = result["age"] > limits.oldest_without_volume.value
    old |= result["age"].isna() & (result["age_group"] != "young")
    log.add(
        "bad",
        "no_volume",
        stocked & (whole == 0) & old,
        age=result["age"].map(
            lambda age: f"{age:g}" if age > 0 else Title(en="unknown", zh="未知")
        ),
    )
    top = limits.volume_per_ha.value
    log.add("bad", "too_much", stocked & (density > top), found=density, limit=top)


def flat(shapes: geopandas.GeoSeries) -> geopandas.GeoSeries:
    """Return shapes in the equal-area projection, valid there too."""
    flat = shapes.to_crs(EQUAL_AREA)
    broken = ~flat.is_valid
    if broken.any():
        flat[broken] = shapely.make_valid(flat[broken].array)
    return flat


def overlaps(parcels: geopandas.GeoDataFrame, legend: ParcelLegend, log: Log) -> list[Note]:
    """Set apart the later of two parcels that overlap, so that the land counts once."""
    shapes = flat(parcels.geometry)
    one, other = shapely.STRtree(shapes.array).query(shapes.array, predicate="intersects")
    one, other = one[one < other], other[one < other]
    common = shapely.area(shapely.intersection(shapes.array[one], shapes.array[other])) / 1e4
    order = np.lexsort((one, other))
    slight = []
    gone: set[int] = set()
    for first, later, size in zip(one[order], other[order], common[order], strict=True):
        kept, lost = shapes.index[first], shapes.index[later]
        if 0 < size <= legend.limits.overlap.value:
            slight.append(size)
        elif size > 0 and not {kept, lost} & gone:
            gone.add(lost)
            own, others = log.parcel[lost], log.parcel[kept]
            values = {"other": others, "other_row": kept, "area": size}
            log.findings.append(Finding(lost, own, "bad", "overlap", values))
            values = {"other": own, "other_row": lost, "area": size}
            log.findings.append(Finding(kept, others, "doubt", "overlapped", values))
    if not slight:
        return []
    return [Note("slight_overlaps", {"number": len(slight), "area": sum(slight)})]


# The sums and the report


def _add_unknown(
    log: Log, role: str, where: pd.Series, values: pd.Series, table: Mapping[str, Code]
) -> None:
    """Log what is missing and what no code of the table is."""
    empty = values.map(normal) == ""
    log.add("bad", f"no_{role}", where & empty)
    closest = {value: nearest(value, table) for value in values[where & ~empty].unique()}
    log.add("bad", f"unknown_{role}", where & ~empty, found=values, nearest=values.map(closest.get))
