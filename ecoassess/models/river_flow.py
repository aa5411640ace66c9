"""Share of a river's yearly flow in each month, from monthly temperature and precipitation.

Precipitation of months below the thaw temperature lies as snow until the next month above it, the
rest runs off in its month; a share of the year's flow is groundwater and runs evenly through all
days. Plain numpy; months along the last axis.

The picture of a snow store that empties at once is the simplest of its kind (degree-day models
spread the melt). Evaporation and soil water are left out, which puts too much of the flow into
May to July and too little into the melt and the late summer.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def monthly_flow_share(
    temperature: ArrayLike,
    precipitation: ArrayLike,
    day_share: ArrayLike,
    thaw_temperature: float,
    even_share: float,
) -> Array:
    """Return each month's share of the year's flow.

    Parameters
    ----------
    temperature, precipitation
        Monthly normals (..., 12); temperature in the unit of `thaw_temperature`.
    day_share
        Share of the year's days in each month (12).
    thaw_temperature
        Monthly mean below which precipitation is stored.
    even_share
        Share of the year's flow that runs evenly.

    Raises
    ------
    ValueError
        When a place never thaws or has no precipitation, or `even_share` is no share.
    """
    warmth, water = np.broadcast_arrays(
        np.asarray(temperature, float), np.asarray(precipitation, float)
    )
    if not 0 <= even_share <= 1:
        raise ValueError(f"the even share of the flow is {even_share:g}, not within 0 to 1")
    if (water < 0).any() or (water.sum(-1) <= 0).any():
        raise ValueError("precipitation is negative, or none in a year")
    if (warmth.max(-1) < thaw_temperature).any():
        raise ValueError(f"no month reaches the thaw temperature of {thaw_temperature:g}")
    stored = np.zeros(water.shape[:-1])
    runoff = np.zeros(water.shape)
    for month in [*range(12), *range(12)]:  # the second year starts with the first one's snow
        available = stored + water[..., month]
        frozen = warmth[..., month] < thaw_temperature
        runoff[..., month] = np.where(frozen, 0.0, available)
        stored = np.where(frozen, available, 0.0)
    quick = runoff / runoff.sum(-1, keepdims=True)
    return np.asarray((1 - even_share) * quick + even_share * np.asarray(day_share, float))
