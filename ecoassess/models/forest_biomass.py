"""Conversions from growing stock to biomass."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import xarray as xr

from ecoassess.errors import Problem, RunError
from ecoassess.tape import seen
from ecoassess.units import magnitude, quantify


def interpolate_stock_class(values: xr.DataArray, volume_per_area: xr.DataArray) -> xr.DataArray:
    """Interpolate a coefficient given by stock class to volumes per hectare.

    Linear between the class middles (the labels of `stock_class`, m³/ha), constant beyond the
    first and last. A step table would give more biomass to less wood at each class edge.

    Parameters
    ----------
    values
        Coefficient with the dimension `stock_class`.
    volume_per_area
        Growing stock per stocked area.
    """
    middles = [float(label) for label in values["stock_class"].values]
    volume = magnitude(volume_per_area, "m^3/ha")
    result = values.isel(stock_class=0, drop=True)
    for index, (low, high) in enumerate(pairwise(middles)):
        step = values.isel(stock_class=index + 1, drop=True) - values.isel(
            stock_class=index, drop=True
        )
        share = ((volume - low) / (high - low)).clip(0, 1)
        result = result + step * quantify(share, "1")
    return result


def regression(
    slope: xr.DataArray, intercept: xr.DataArray, volume: xr.DataArray, lowest: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray]:
    """Return what a regression B = a V + b adds per volume, and its biomass per area.

    Below the lowest volume it is used for, a straight line leads to no biomass at no volume: the
    intercept of up to 91 t/ha would give bare land a forest.

    Parameters
    ----------
    slope, intercept
        a and b.
    volume
        Growing stock per area.
    lowest
        From where on the regression is used.
    """
    young = volume < lowest
    steep = (slope * lowest + intercept) / lowest
    per_volume = steep.where(young, slope.where(volume.notnull()))
    return per_volume, (steep * volume).where(young, slope * volume + intercept)


def check_volume_per_area(
    volume_per_area: xr.DataArray, lowest: xr.DataArray, highest: xr.DataArray
) -> None:
    """Refuse central volumes per hectare that statistics cannot mean.

    Raises
    ------
    RunError
        When a central value (draw 0) lies outside [lowest, highest].
    """
    volume = magnitude(volume_per_area, "m^3/ha")
    if "draw" in volume.dims:
        volume = volume.isel(draw=0)
    low = float(seen(magnitude(lowest, "m^3/ha").isel(draw=0).data))
    high = float(seen(magnitude(highest, "m^3/ha").isel(draw=0).data))
    numbers = seen(volume.data)
    finite = numbers[np.isfinite(numbers)]
    outside = finite[(finite < low) | (finite > high)]
    if outside.size:
        raise RunError(
            Problem(
                what="growing stock and forest area do not fit each other",
                found=f"{outside.min():.1f} to {outside.max():.1f} m³/ha",
                expected=f"{low:g} to {high:g} m³/ha",
                remedy="check growing_stock and forest_area of the county, and the mix of types in "
                "configs/models/stand_volume.yaml",
            )
        )
