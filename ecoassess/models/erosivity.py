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
    """Return F = Σ p² / Σ P of the monthly rain p and all precipitation P, in mm (adcode).

    Source: Arnoldus 1980, in De Boodt and Gabriels (eds.), Assessment of Erosion, Wiley, 127-132.
    """
    year = climate.precipitation.sum("month", skipna=False)
    return (_rain(climate) ** 2).sum("month", skipna=False) / year


def erosivity_share(climate: Climate, month: Month, seasons: Mapping[str, float]) -> xr.DataArray:
    """Return the share p² / Σ p² of each month's rain in the index, and so in the erosivity.

    Snow does not erode as it falls. Snowmelt does, in March and April; the index does not see it.
    """
    squared = _rain(climate) ** 2
    return squared / squared.sum("month", skipna=False)


def _rain(climate: Climate) -> xr.DataArray:
    """Return the precipitation of months above freezing, and nothing in the others."""
    frozen = climate.temperature <= 0  # °C, the monthly mean
    return climate.precipitation.where(~frozen, 0 * climate.precipitation)
