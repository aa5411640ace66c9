"""Roof and floor area of buildings by zone and kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import shapely

from ecoassess.inputs.parcels.checks import flat

AREAS = ("footprint", "footprint_known", "floor_area")

COUNTS = ("number", "number_known")


@dataclass(frozen=True)
class BuildingSums:
    """What the good buildings sum up to, by zone and kind, and outside all zones by kind.

    Columns: number of buildings; footprint (m², the roof area seen from above); floor_area (m², of
    the buildings whose storeys are known); number_known and footprint_known of these alone;
    known_share = footprint_known / footprint. A zone without any building is missing throughout:
    the layer may not cover it.
    """

    zones: pd.DataFrame
    outside: pd.DataFrame


def buildings_by_zone(
    buildings: geopandas.GeoDataFrame,
    zones: geopandas.GeoDataFrame,
    kinds: Sequence[str],
) -> BuildingSums:
    """Sum good buildings by zone and kind.

    A building on a border is shared out by area and counted where most of it lies. Both tables add
    up to the buildings. Where zones overlap, a building is shared out between them.

    Parameters
    ----------
    zones
        Polygons indexed by the name or code of a zone.
    kinds
        The rows of each zone.
    """
    shapes, areas = flat(buildings.geometry).array, flat(zones.geometry).array
    number, size = len(shapes), shapely.area(shapes)
    zone, building = shapely.STRtree(shapes).query(areas, predicate="intersects")
    whole_zone, whole = shapely.STRtree(shapes).query(areas, predicate="covers")
    cut = ~np.isin(zone * number + building, whole_zone * number + whole)
    common = size[building]  # only those on a border cost an intersection
    common[cut] = shapely.area(shapely.intersection(areas[zone[cut]], shapes[building[cut]]))
    inside = np.bincount(building, common, minlength=number)
    nearly_all = inside > size * (1 - 1e-9)
    share = common / np.where(nearly_all, inside, size)[building]
    left = np.where(nearly_all, 0.0, 1 - inside / size)

    order = np.argsort(share, kind="stable")  # the largest share of a building comes last
    most = np.full(number, -1)
    most[building[order]] = zone[order]
    most[inside < size / 2] = -1

    known = buildings["floor_area"].notna().to_numpy()
    kind = buildings["kind"].to_numpy()
    footprint = buildings["footprint"].to_numpy()
    values = np.column_stack(
        [footprint, footprint * known, buildings["floor_area"].fillna(0.0).to_numpy()]
    )
    named = zones.index.to_numpy()
    inner = pd.DataFrame(values[building] * share[:, None], columns=list(AREAS))
    inner = inner.groupby([named[zone], kind[building]]).sum()
    outer = pd.DataFrame(values * left[:, None], columns=list(AREAS)).groupby(kind).sum()
    counted = pd.DataFrame({"number": 1, "number_known": known.astype(int)})
    inner_number = counted[most >= 0].groupby([named[most[most >= 0]], kind[most >= 0]]).sum()
    outer_number = counted[most < 0].groupby(kind[most < 0]).sum()

    names = [zones.index.name or "zone", "kind"]
    rows = pd.MultiIndex.from_product([named, list(kinds)], names=names)
    table = pd.concat([inner_number.reindex(rows), inner.reindex(rows)], axis=1).fillna(0.0)
    covered = table["number"].groupby(level=0).transform("sum") > 0
    table = with_share(table).where(covered)
    own = pd.Index(list(kinds), name="kind")
    rest = pd.concat([outer_number.reindex(own), outer.reindex(own)], axis=1).fillna(0.0)
    return BuildingSums(table, with_share(rest))


def with_share(table: pd.DataFrame) -> pd.DataFrame:
    """Order the columns and add the share of the roof area whose storeys are known."""
    table = table[["number", "footprint", "floor_area", "number_known", "footprint_known"]]
    footprint = table["footprint"]
    return table.assign(known_share=table["footprint_known"] / footprint.where(footprint > 0))
