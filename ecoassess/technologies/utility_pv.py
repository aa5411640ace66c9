"""Ground-mounted solar plants on open land."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.power_components import avoided_upstream
from ecoassess.technology import Component, technology
from ecoassess.units import Unit


@technology(
    zh="地面光伏电站",
    sector="energy",
    components={
        "avoided_grid_emissions": Component(
            "t CO2/yr", basis="effect", account="reduction", zh="替代电网排放"
        ),
        **avoided_upstream(),
        "embodied_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="side_effect",
            boundary="embodied",
            month_share="day_share",
            zh="设备隐含排放",
        ),
    },
    adopts=("utility_pv_share",),
    claims={"land": "utility_pv_share"},
    paint=("plantable", "cropland", "land"),
    per={"solar_site_area": ()},
)
def utility_pv(
    ground_pv_generation: Annotated[xr.DataArray, Unit("kWh/yr")],
    new_ground_pv_capacity: Annotated[xr.DataArray, Unit("kWp/yr")],
    monthly_electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    electricity_upstream_methane: Annotated[xr.DataArray, Unit("kg CH4_fossil/kWh")],
    electricity_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    embodied_carbon: Annotated[xr.DataArray, Unit("kg CO2/kWp")],
) -> Result:
    """Grid emissions avoided and emissions embodied by a state of ground-mounted PV, by site.

    Formula
    -------
    ::

        avoided           generation(month) · electricity factor
        avoided upstream  generation(month) · upstream factor of grid power    CH4 and CO2
        embodied          −(new capacity) · embodied carbon

    Embodied carbon is charged in the year of installation, and again when the plant is built anew
    at the end of its life, within its own boundary, and is negative.

    Symbols
    -------
    ground_pv_generation by site and month, new_ground_pv_capacity of the year by site
    (`ecoassess/models/ground_pv_power.py`); electricity_upstream_* of the coal behind grid power
    (grid_power).

    Source
    ------
    Avoided emissions: generation × electricity factor, as in IPCC 2006 Vol. 2 eq. 2.1 turned to
    power displaced.

    Validity
    --------
    The land is claimed: what carries modules is not planted with forest. Plants that stand are in
    both states. Left out: carbon of the vegetation and soil under the modules, grid losses,
    replacement of modules and inverters.
    """
    return {
        "avoided_grid_emissions": ground_pv_generation * monthly_electricity_factor,
        "avoided_upstream_methane": ground_pv_generation * electricity_upstream_methane,
        "avoided_upstream_carbon_dioxide": ground_pv_generation
        * electricity_upstream_carbon_dioxide,
        "embodied_emissions": -new_ground_pv_capacity * embodied_carbon,
    }
