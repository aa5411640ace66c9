"""Electricity that thermal plants of the grid need not make, or have to make besides."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model, side_by_side
from ecoassess.units import Unit


@model(
    zh="电网火电增减",
    returns={"thermal_power_saved": "kWh/yr"},
)
def thermal_power(
    roof_generation: Annotated[xr.DataArray, Unit("kWh/yr")],
    ground_pv_generation: Annotated[xr.DataArray, Unit("kWh/yr")],
    hydro_generation: Annotated[xr.DataArray, Unit("kWh/yr")],
    straw_power_generation: Annotated[xr.DataArray, Unit("kWh/yr")],
    heating_electricity: Annotated[xr.DataArray, Unit("kWh/yr")],
    hot_water_electricity: Annotated[xr.DataArray, Unit("kWh/yr")],
    cooking_electricity: Annotated[xr.DataArray, Unit("kWh/yr")],
    day_share: Annotated[xr.DataArray, Unit("1")],
    thermal_share: Annotated[xr.DataArray, Unit("1")],
) -> Result:
    """Yearly thermal electricity saved by added plants and drawn by electric heat, by month.

    Formula
    -------
    ::

        thermal_power_saved = +generation · τ     of each kind of plant
                              −electricity · τ    of heat, hot water and cooking

    Symbols
    -------
    roof_generation, ground_pv_generation and hydro_generation by month; straw_power_generation,
    which day_share spreads over the months; heating_electricity of heat pumps, electric heaters,
    pumps and fans; hot_water_electricity and cooking_electricity; thermal_share τ of the grid
    by the run's family of factors. Returns thermal_power_saved by grid_user.

    Source
    ------
    Balance of the grid: what is fed in, others need not make; what is drawn, others must make.

    Validity
    --------
    What changes is thermal by the family of the factor of CO2: the mean mix with the average, most
    of it with the combined margin. The share is the same in all months, though wind is strong in
    the heating season. Grid losses are left out. Where a kind of plant has no data, the rest stands
    without it.
    """
    powers = {
        "rooftop_pv": roof_generation.sum("dwelling", skipna=False),
        "ground_pv": ground_pv_generation.sum("solar_site", skipna=False),
        "small_hydro": hydro_generation,
        "straw_power": straw_power_generation.sum("crop", skipna=False) * day_share,
        "heating": -heating_electricity.sum("dwelling", skipna=False),
        "hot_water": -hot_water_electricity.sum("dwelling", skipna=False),
        "cooking": -cooking_electricity.sum("dwelling", skipna=False),
    }
    return {"thermal_power_saved": side_by_side(powers, "grid_user") * thermal_share}
