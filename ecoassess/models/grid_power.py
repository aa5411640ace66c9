"""What a kilowatt hour of the grid emits in each month, and what getting its coal does."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="电网排放因子",
    returns={
        "monthly_electricity_factor": "kg CO2/kWh",
        "electricity_upstream_methane": "kg CH4_fossil/kWh",
        "electricity_upstream_carbon_dioxide": "kg CO2/kWh",
    },
)
def grid_power(
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    electricity_month_ratio: Annotated[xr.DataArray, Unit("1")],
    thermal_share: Annotated[xr.DataArray, Unit("1")],
    fuel_per_thermal_power: Annotated[xr.DataArray, Unit("MJ/kWh")],
    upstream_methane_factor: Annotated[xr.DataArray, Unit("kg CH4_fossil/GJ")],
    upstream_carbon_dioxide_factor: Annotated[xr.DataArray, Unit("kg CO2/GJ")],
) -> Result:
    """Emissions of grid electricity and of getting its coal, drawn and displaced alike.

    Formula
    -------
    ::

        factor(month)     factor of the year · ratio(month)
        upstream          τ · q · upstream factor of coal              CH4 and CO2

    Symbols
    -------
    electricity_factor of the run's family, province and year; electricity_month_ratio;
    thermal_share τ of the same family; fuel_per_thermal_power q; upstream_methane_factor and
    upstream_carbon_dioxide_factor of the coal that cogeneration burns.

    Source
    ------
    Months: none, no official factor of one was found; the ratios are 1 until someone has better
    ones. Upstream: fuel × factor, as in IPCC 2006 Vol. 2 eq. 2.1; coal per kWh by the China
    Electricity Council.

    Validity
    --------
    The lever is for the heating season: heat pumps draw in winter, modules give most in spring and
    summer, so that a grid with more coal in winter makes the first worse and leaves the second.
    Technologies whose power runs evenly through the year take the factor of the year. All thermal
    power counts as coal's, with mines and rail as of any coal, alike in all months and years. Left
    out: upstream of other power, making of plants, losses of the grid.
    """
    month = electricity_month_ratio["month"].astype(int)  # labels of coefficients are text
    ratio = electricity_month_ratio.assign_coords(month=month)
    coal = thermal_share * fuel_per_thermal_power

    def of_coal(factor: xr.DataArray) -> xr.DataArray:
        upstream: xr.DataArray = coal * factor.sel(heat_source="cogeneration", drop=True)
        return upstream.broadcast_like(electricity_factor)  # one coal for all places

    return {
        "monthly_electricity_factor": electricity_factor * ratio,
        "electricity_upstream_methane": of_coal(upstream_methane_factor),
        "electricity_upstream_carbon_dioxide": of_coal(upstream_carbon_dioxide_factor),
    }
