"""What a kilowatt hour of the grid emits in each month."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(zh="电网逐月排放因子", returns={"monthly_electricity_factor": "kg CO2/kWh"})
def grid_power(
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    electricity_month_ratio: Annotated[xr.DataArray, Unit("1")],
) -> Result:
    """CO2 of grid electricity by month, for what is drawn and for what is displaced.

    Formula
    -------
    ::

        factor(month) = factor of the year · ratio(month)

    Symbols
    -------
    electricity_factor of the run's family, province and year; electricity_month_ratio.

    Source
    ------
    None: no official factor of a month was found. The ratios are 1 until someone has better ones.

    Validity
    --------
    The lever is for the heating season: heat pumps draw in winter, modules give most in spring and
    summer, so that a grid with more coal in winter makes the first worse and leaves the second.
    Technologies whose power runs evenly through the year take the factor of the year.
    """
    month = electricity_month_ratio["month"].astype(int)  # labels of coefficients are text
    ratio = electricity_month_ratio.assign_coords(month=month)
    return {"monthly_electricity_factor": electricity_factor * ratio}
