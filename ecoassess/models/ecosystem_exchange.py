"""An estimate in the manner of a flux tower: what forest breathes in and out by month."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="森林生态系统净交换（类NEE估算）",
    returns={"net_ecosystem_exchange": "t C/yr"},
)
def ecosystem_exchange(
    stand_area: Annotated[xr.DataArray, Unit("ha")],
    biomass_increment: Annotated[xr.DataArray, Unit("t C/yr")],
    forest_growth_share: Annotated[xr.DataArray, Unit("1")],
    monthly_temperature: Annotated[xr.DataArray, Unit("K")],
    day_share: Annotated[xr.DataArray, Unit("1")],
    ecosystem_respiration: Annotated[xr.DataArray, Unit("t C/ha/yr")],
    respiration_q10: Annotated[xr.DataArray, Unit("1")],
    q10_interval: Annotated[xr.DataArray, Unit("K")],
    coldest_soil: Annotated[xr.DataArray, Unit("K")],
) -> Result:
    """Monthly net ecosystem exchange, positive when the forest is a source.

    Formula
    -------
    ::

        NEE_m = R · r_m − (R + ΔC) · g_m,      Σ_m NEE_m = −ΔC
        r_m = d_m Q10^{T_m / ΔT} / Σ d Q10^{T / ΔT},    T_m not below the coldest soil

    Symbols
    -------
    R = ecosystem_respiration times stand_area A, of the year; biomass_increment ΔC, so that
    R + ΔC is what the forest breathes in; forest_growth_share g, day_share d, monthly_temperature
    T, respiration_q10 Q10 per q10_interval ΔT, coldest_soil (under snow). Returns
    `net_ecosystem_exchange` by month, months adding up to the year; the sign is a tower's:
    uptake is negative.

    Source
    ------
    Sign and partition as in eddy covariance, NEE = R_eco − GPP (Wu et al. 2007,
    doi:10.13332/j.1000-1522.2007.01.001, for the Changbai tower).

    Validity
    --------
    To look at beside a tower, never to be added to anything: the year is the inventory's
    increment, only its course is drawn here. Air temperature stands for that of soil and wood.
    Left out: drought, lag of leaf-out behind warmth, soil and litter out of balance.
    """
    area = stand_area.sum("forest_type", skipna=False)
    increment = biomass_increment.sum("forest_type", skipna=False)
    warmth = monthly_temperature.where(~(monthly_temperature < coldest_soil), coldest_soil)
    pace = day_share * respiration_q10 ** ((warmth - coldest_soil) / q10_interval)
    respiration = area * ecosystem_respiration
    released = respiration * pace / pace.sum("month", skipna=False)
    return {
        "net_ecosystem_exchange": released - (respiration + increment) * forest_growth_share,
    }
