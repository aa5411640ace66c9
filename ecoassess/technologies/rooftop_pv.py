"""Solar modules on the roofs of dwellings."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.power_components import avoided_upstream
from ecoassess.technology import ROOFS, SETTLED, Component, technology
from ecoassess.units import Unit


@technology(
    zh="屋顶光伏",
    sector="building",
    components={
        "avoided_by_own_use": Component(
            "t CO2/yr", basis="effect", account="reduction", zh="自用电替代电网排放"
        ),
        "avoided_by_export": Component(
            "t CO2/yr", basis="effect", account="reduction", zh="上网电替代电网排放"
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
    adopts=("pv_roof_share",),
    claims={"roof": "pv_roof_share"},
    takes={"roof_electricity": ("own_use", "exported")},
    paint=SETTLED,
    paint_weight=ROOFS,
)
def rooftop_pv(
    own_use: Annotated[xr.DataArray, Unit("kWh/yr")],
    exported: Annotated[xr.DataArray, Unit("kWh/yr")],
    new_roof_capacity: Annotated[xr.DataArray, Unit("kWp/yr")],
    monthly_electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    electricity_upstream_methane: Annotated[xr.DataArray, Unit("kg CH4_fossil/kWh")],
    electricity_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    embodied_carbon: Annotated[xr.DataArray, Unit("kg CO2/kWp")],
) -> Result:
    """Grid emissions avoided and emissions embodied by a state of rooftop PV, by kind of dwelling.

    Formula
    -------
    ::

        avoided_by_own_use = own_use · electricity factor
        avoided_by_export = exported · electricity factor
        avoided_upstream = (own_use + exported) · upstream factor of grid power    CH4 and CO2
        embodied_emissions = −new_roof_capacity · embodied carbon

    Embodied carbon is charged in the year of installation, and again when the modules are replaced
    at the end of their life, within its own boundary, and is negative.

    Symbols
    -------
    own_use, exported by dwelling and month (`ecoassess/models/rooftop_power.py`);
    new_roof_capacity by dwelling; electricity_upstream_* of the coal behind grid power
    (grid_power).

    Source
    ------
    Avoided emissions: generation × electricity factor, as in IPCC 2006 Vol. 2 eq. 2.1 turned to
    power displaced.

    Validity
    --------
    All electricity, used or exported, displaces the grid of the province at the run's factor
    family, and each kWh is credited once, here. What runs on it, a heat pump too, is charged for
    all its electricity at the same factors: modules give it no second credit. Grid losses that own
    use saves and curtailment of exports are left out. Residential roofs only.
    """
    generation = own_use + exported
    return {
        "avoided_by_own_use": own_use * monthly_electricity_factor,
        "avoided_by_export": exported * monthly_electricity_factor,
        "avoided_upstream_methane": generation * electricity_upstream_methane,
        "avoided_upstream_carbon_dioxide": generation * electricity_upstream_carbon_dioxide,
        "embodied_emissions": -new_roof_capacity * embodied_carbon,
    }
