"""New small hydropower stations on rivers without storage."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.power_components import avoided_upstream
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="小水电",
    sector="energy",
    components={
        "avoided_grid_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            month_basis="climatological river flow",
            zh="替代电网排放",
        ),
        **avoided_upstream(month_basis="climatological river flow"),
        "embodied_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="side_effect",
            boundary="embodied",
            month_share="day_share",
            zh="电站建设隐含排放",
        ),
    },
    adopts=("small_hydro_share",),
    paint=("land",),
    paint_proxy="land, not the river",
    per={"planned_small_hydro_capacity": ()},
)
def small_hydro(
    hydro_generation: Annotated[xr.DataArray, Unit("kWh/yr")],
    new_hydro_capacity: Annotated[xr.DataArray, Unit("kW/yr")],
    monthly_electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    electricity_upstream_methane: Annotated[xr.DataArray, Unit("kg CH4_fossil/kWh")],
    electricity_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    embodied_carbon: Annotated[xr.DataArray, Unit("kg CO2/kW")],
) -> Result:
    """Grid emissions avoided and emissions embodied by a state of new small hydropower.

    Formula
    -------
    ::

        avoided           generation(month) · electricity factor
        avoided upstream  generation(month) · upstream factor of grid power    CH4 and CO2
        embodied          −(new capacity) · embodied carbon

    Symbols
    -------
    hydro_generation by month and new_hydro_capacity of the year, of the model hydro_power;
    electricity_upstream_* of the coal behind grid power (grid_power).

    Source
    ------
    Avoided emissions: generation × electricity factor, as in IPCC 2006 Vol. 2 eq. 2.1 turned to
    power displaced.

    Validity
    --------
    Run-of-river stations. Left out: CO2 and CH4 of reservoirs (IPCC 2019 Vol. 4 ch. 7), which a
    station with storage must not leave out. Stations that stand are in both states.
    """
    return {
        "avoided_grid_emissions": hydro_generation * monthly_electricity_factor,
        "avoided_upstream_methane": hydro_generation * electricity_upstream_methane,
        "avoided_upstream_carbon_dioxide": hydro_generation * electricity_upstream_carbon_dioxide,
        "embodied_emissions": -new_hydro_capacity * embodied_carbon,
    }
