"""Interpolation from stations to places by inverse squared distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

EARTH_RADIUS = 6371.0088  # km, mean radius of GRS 80
AT_STATION = 1e-3  # km; a place nearer than this is at the station


def great_circle(
    longitude: ArrayLike, latitude: ArrayLike, longitudes: ArrayLike, latitudes: ArrayLike
) -> Array:
    """Return distances on a sphere in km by the haversine formula; degrees, broadcast."""
    phi, phis = np.radians(np.asarray(latitude)), np.radians(np.asarray(latitudes))
    east = np.radians(np.asarray(longitudes) - np.asarray(longitude))
    half = np.sin((phis - phi) / 2) ** 2 + np.cos(phi) * np.cos(phis) * np.sin(east / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def station_weights(
    longitude: ArrayLike,
    latitude: ArrayLike,
    station_longitude: ArrayLike,
    station_latitude: ArrayLike,
) -> Array:
    """Return the weight of each station at each place, (..., stations); each place's sum is 1.

    w_i = d_i^-2 / sum(d^-2), d great-circle distance; at a station (within 1 m) only that station
    counts. Positions in degrees.

    Source: Shepard 1968, Proc. 23rd ACM National Conference, 517-524, doi:10.1145/800186.810616.
    """
    distance = great_circle(
        np.asarray(longitude)[..., np.newaxis],
        np.asarray(latitude)[..., np.newaxis],
        station_longitude,
        station_latitude,
    )
    here = distance < AT_STATION
    away = np.maximum(distance, AT_STATION) ** -2
    weight = np.where(here.any(axis=-1, keepdims=True), here, away)
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))
