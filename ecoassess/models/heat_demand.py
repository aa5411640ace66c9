"""Heat demand of the dwellings in a state of retrofit and new building."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="住宅供暖需热量",
    returns={
        "useful_heat": "GJ/yr",
        "retrofittable_floor_area": "m^2",
        "newly_built_floor_area": "m^2",
    },
)
def heat_demand(
    residential_floor_area: Annotated[xr.DataArray, Unit("m^2")],
    household_share: Annotated[xr.DataArray, Unit("1")],
    heat_requirement: Annotated[xr.DataArray, Unit("GJ/m^2/yr")],
    retrofit_saving: Annotated[xr.DataArray, Unit("GJ/m^2/yr")],
    near_zero_saving: Annotated[xr.DataArray, Unit("GJ/m^2/yr")],
    envelope_weight: Annotated[xr.DataArray, Unit("1")],
    retrofittable: Annotated[xr.DataArray, Unit("1")],
    newly_built: Annotated[xr.DataArray, Unit("1")],
    retrofit_share: Annotated[xr.DataArray, Unit("1")],
    near_zero_share: Annotated[xr.DataArray, Unit("1")],
    rebound: Annotated[xr.DataArray, Unit("1")],
) -> Result:
    """Yearly useful heat of the residential stock, by dwelling and month.

    Formula
    -------
    For dwelling d::

        A_d = A · household_share_d
        Q_d = A_d {q − x (1 − ρ) Δq_retrofit − y Δq_near_zero}
        retrofittable A_d Σ_c w_c o_c,     newly built A_d Σ_c w_c n_c

    Symbols
    -------
    heat_requirement q, retrofit_saving and near_zero_saving Δq if done everywhere,
    envelope_weight (w, divided by its sum), retrofittable o and newly_built n (1 or 0) by class c,
    retrofit_share x of the retrofittable floor area, near_zero_share y of the newly built, rebound
    ρ: the part of the saving that is taken as warmer rooms.

    Source
    ------
    Sum over the stock. Rebound as a share of the saving: Galvin (2014).

    Validity
    --------
    Shares of households stand for shares of floor area. The stock is the census's: what is built
    after it is counted only as a better envelope of the newest class. Retrofit lasts. Left out:
    empty dwellings, dormitories and all other buildings, whose floor area is not known.
    """
    area = residential_floor_area * household_share
    share = envelope_weight / envelope_weight.sum("envelope")
    old = (share * retrofittable).sum("envelope")
    new = (share * newly_built).sum("envelope")
    retrofitted, better_built = retrofit_share.sum("cohort"), near_zero_share.sum("cohort")
    saved = retrofitted * retrofit_saving * (1 - rebound) + better_built * near_zero_saving
    return {
        "useful_heat": area * (heat_requirement - saved),
        "retrofittable_floor_area": area * old,
        "newly_built_floor_area": area * new,
    }
