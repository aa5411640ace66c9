"""Hydrogen from electrolysis, from plants of its own or from the grid."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result
from ecoassess.technology import SETTLED, Component, technology
from ecoassess.units import Unit


@technology(
    zh="绿氢",
    sector="energy",
    components={
        "replaced_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="reduction",
            month_share="day_share",
            zh="替代化石能源制氢或柴油排放",
        ),
        "grid_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="side_effect",
            month_share="day_share",
            zh="电解用网电排放",
        ),
        "embodied_emissions": Component(
            "t CO2/yr",
            basis="effect",
            account="side_effect",
            boundary="embodied",
            month_share="day_share",
            zh="配套电站隐含排放",
        ),
    },
    adopts=("green_hydrogen_share",),
    methods={
        "power": ("dedicated", "grid"),
        "replaces": ("coal_hydrogen", "gas_hydrogen", "diesel"),
    },
    only_with={
        "coal_hydrogen": ("replaced_hydrogen_carbon",),
        "gas_hydrogen": ("replaced_hydrogen_carbon",),
        "diesel": ("diesel_per_hydrogen", "diesel_factor"),
    },
    paint=SETTLED,
    paint_proxy="settlement, not the plant",
    per={"planned_hydrogen_output": ()},
)
def green_hydrogen(
    planned_hydrogen_output: Annotated[xr.DataArray, Unit("t/yr")],
    green_hydrogen_share: Annotated[xr.DataArray, Unit("1")],
    electricity_per_hydrogen: Annotated[xr.DataArray, Unit("kWh/kg")],
    replaced_hydrogen_carbon: Annotated[xr.DataArray, Unit("kg CO2/kg")],
    diesel_per_hydrogen: Annotated[xr.DataArray, Unit("L/kg")],
    diesel_factor: Annotated[xr.DataArray, Unit("kg CO2/L")],
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    dedicated_power_carbon: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    power: str,
    replaces: str,
) -> Result:
    """Emissions that electrolytic hydrogen replaces and causes, by electrolyser, in one state.

    Formula
    -------
    ::

        hydrogen        M = output · Σ_k s_k                                 cohorts k
        electricity     E = M · w
        replaced        M · r                  hydrogen from coal or gas; or M · diesel · EF
        grid            −E · electricity factor          (power: grid)
        embodied        −E · c                           (power: dedicated)

    On the grid hydrogen is worse than what it replaces where w · electricity factor > r.

    Symbols
    -------
    planned_hydrogen_output, green_hydrogen_share s (cohort, electrolyser) share of it that was
    taken into operation in a year, electricity_per_hydrogen w of the whole system,
    replaced_hydrogen_carbon r, dedicated_power_carbon c embodied in the plants that feed the
    electrolyser, per kWh.

    Source
    ------
    Emissions: activity × factor, as in IPCC 2006 Vol. 2 eq. 2.1. Electrolysers: IRENA (2020).

    Validity
    --------
    Dedicated plants come with the hydrogen and would not stand without it; their electricity is
    no part of utility_pv or small_hydro. Electricity that could go to the grid would avoid
    w · electricity factor there, more than most uses of hydrogen do: that comparison is not an
    effect and stands in no line. Left out: hydrogen that leaks (it warms indirectly), compression
    and transport, upstream emissions of the grid's coal as of what hydrogen replaces, carbon
    embodied in electrolysers, oxygen sold.
    """
    hydrogen = planned_hydrogen_output * green_hydrogen_share.sum("cohort")
    electricity = hydrogen * electricity_per_hydrogen
    if replaces == "diesel":
        replaced = diesel_per_hydrogen * diesel_factor
    else:
        replaced = replaced_hydrogen_carbon.sel(hydrogen_source=replaces, drop=True)
    from_grid = int(power == "grid")
    return {
        "replaced_emissions": hydrogen * replaced,
        "grid_emissions": -electricity * from_grid * electricity_factor,
        "embodied_emissions": -electricity * (1 - from_grid) * dedicated_power_carbon,
    }
