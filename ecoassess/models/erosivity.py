"""What monthly rain says about its power to erode: how much in a year, and in which months.

Both functions have the form of those in `ecoassess/derived.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import xarray as xr

if TYPE_CHECKING:
    from ecoassess.calendar import Month
    from ecoassess.derived import Climate


def modified_fournier_index(
    climate: Climate, month: Month, seasons: Mapping[str, float]
) -> xr.DataArray:
    """Return F = Σ p² / Σ p of the monthly precipitation p, in mm (adcode).

    Source: Arnoldus 1980, in De Boodt and Gabriels (eds.), Assessment of Erosion, Wiley, 127-132.
    """
    monthly = climate.precipitation
    return (monthly**2).sum("month", skipna=False) / monthly.sum("month", skipna=False)


def erosivity_share(climate: Climate, month: Month, seasons: Mapping[str, float]) -> xr.DataArray:
    """Return the share p² / Σ p² of each month in the index, and so in the year's erosivity.

    The snow of five winter months is 3 % of the water and 0.1 % of the index here. Snowmelt
    erodes too, in March and April; the index does not see it.
    """
    squared = climate.precipitation**2
    return squared / squared.sum("month", skipna=False)
