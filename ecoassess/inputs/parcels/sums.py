"""Area and volume of parcels by zone and type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import shapely

from ecoassess.inputs.parcels.checks import flat


@dataclass(frozen=True)
class ZoneSums:
    """Area (ha) and volume (m³) by zone and type, and what lies outside all zones."""

    zones: pd.DataFrame
    outside: pd.DataFrame


def parcels_by_zone(
    parcels: geopandas.GeoDataFrame,
    zones: geopandas.GeoDataFrame,
    by: Sequence[str] = ("forest_type",),
) -> ZoneSums:
    """Sum area and volume of good parcels by zone and type.

    A parcel on a border is shared out by area. What lies in no zone is in `outside`; both
    together add up to the parcels. Where zones overlap, the parcel is shared out between them.

    Parameters
    ----------
    zones
        Polygons indexed by the name or code of a zone, such as the counties.
    by
        Columns of `parcels` besides the zone.
    """
    land = flat(parcels.geometry).array
    areas = flat(zones.geometry).array
    tree, size = shapely.STRtree(land), shapely.area(land)
    zone, parcel = tree.query(areas, predicate="intersects")
    whole_zone, whole_parcel = tree.query(areas, predicate="covers")
    pairs, whole = zone * len(land) + parcel, whole_zone * len(land) + whole_parcel
    cut = ~np.isin(pairs, whole)  # only these cost an intersection
    common = size[parcel]
    common[cut] = shapely.area(shapely.intersection(areas[zone[cut]], land[parcel[cut]]))
    inside = np.bincount(parcel, common, minlength=len(land))
    nearly_all = inside > size * (1 - 1e-9)
    share = common / np.where(nearly_all, inside, size)[parcel]
    left = np.where(nearly_all, 0.0, 1 - inside / size)
    zone_name = zones.index.name or "zone"
    values = parcels[["area_ha", "volume"]].to_numpy()
    groups = parcels[list(by)].reset_index(drop=True)
    sums = groups.iloc[parcel].assign(**{zone_name: zones.index[zone]})
    sums[["area_ha", "volume"]] = values[parcel] * share[:, None]
    rest = groups.assign(area_ha=values[:, 0] * left, volume=values[:, 1] * left)
    return ZoneSums(
        sums[share > 0].groupby([zone_name, *by], sort=True)[["area_ha", "volume"]].sum(),
        rest[left > 0].groupby(list(by), sort=True)[["area_ha", "volume"]].sum(),
    )
