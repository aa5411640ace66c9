"""Straw and wood that are made into pellets for the heat of dwellings."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(zh="成型燃料原料", returns={"pellet_straw": "t dm/yr", "pellet_wood": "t dm/yr"})
def pellet_feedstock(
    pellet_energy: Annotated[xr.DataArray, Unit("GJ/yr")],
    pellet_heating_value: Annotated[xr.DataArray, Unit("GJ/t dm")],
    straw_in_pellets: Annotated[xr.DataArray, Unit("1")],
) -> Result:
    """Yearly straw by crop, and wood, in the pellets that dwellings burn beyond today's.

    Formula
    -------
    ::

        straw_c = E / NCV · p_c,     wood = E / NCV · (1 − Σ_c p_c)

    Symbols
    -------
    pellet_energy E, pellet_heating_value NCV, straw_in_pellets p by crop.

    Source
    ------
    Fuel over its net calorific value, IPCC 2006 Vol. 2 Ch. 1.

    Validity
    --------
    One heating value for all feedstock; no loss in pelleting. Straw is claimed of what can be
    collected in the region. No harvest or sawmill of the counties is known, so that the supply of
    wood cannot be checked.
    """
    mass = pellet_energy.sum("month", skipna=False) / pellet_heating_value
    return {
        "pellet_straw": mass * straw_in_pellets,
        "pellet_wood": mass * (1 - straw_in_pellets.sum("crop")),
    }
