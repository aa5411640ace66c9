"""Heat that a square metre of dwelling asks for, by kind of dwelling and envelope."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.models.heat_bins import mean_shortfall, season_days
from ecoassess.units import Unit


@model(
    zh="单位面积供暖需热量",
    returns={
        "heat_requirement": "GJ/m^2/yr",
        "retrofit_saving": "GJ/m^2/yr",
        "near_zero_saving": "GJ/m^2/yr",
    },
)
def heat_requirement(
    monthly_temperature: Annotated[xr.DataArray, Unit("K")],
    temperature_spread: Annotated[xr.DataArray, Unit("K")],
    heat_loss: Annotated[xr.DataArray, Unit("W/m^2/K")],
    form_factor: Annotated[xr.DataArray, Unit("1")],
    indoor_temperature: Annotated[xr.DataArray, Unit("K")],
    heated_share: Annotated[xr.DataArray, Unit("1")],
    internal_gain: Annotated[xr.DataArray, Unit("W/m^2")],
    season_start: Annotated[xr.DataArray, Unit("day")],
    season_end: Annotated[xr.DataArray, Unit("day")],
    envelope_weight: Annotated[xr.DataArray, Unit("1")],
    retrofittable: Annotated[xr.DataArray, Unit("1")],
    retrofit_target: Annotated[xr.DataArray, Unit("1")],
    newly_built: Annotated[xr.DataArray, Unit("1")],
    near_zero: Annotated[xr.DataArray, Unit("1")],
) -> Result:
    """Yearly useful heat per floor area, and what better envelopes save, by dwelling and month.

    Formula
    -------
    For dwelling d, envelope class c and month m of the heating season::

        q = f_d · H_dc · E[max(0, T_b − T)] · D_m
        H_dc = h_c · k_d,     T_b = T_in,d − g / H_dc
        E[max(0, T_b − T)] = (T_b − μ_m) Φ(z) + σ φ(z),     z = (T_b − μ_m) / σ

    and over the classes of today's shares w_c = v_c / Σ v::

        requirement Σ_c w_c q_c
        saving of retrofit Σ_c w_c o_c (q_c − q_target), of near-zero Σ_c w_c n_c (q_c − q_0)

    Symbols
    -------
    heat_loss h (transmission and air change, per floor area of a walk-up block), form_factor k,
    indoor_temperature T_in, internal_gain g (people, appliances, sun left out of h), T_b the
    outdoor temperature at which gains suffice, monthly_temperature μ, temperature_spread σ of
    daily means within a month, heated_share f of the floor area, D days of the month between
    season_start and season_end; envelope_weight v, retrofittable o (1 or 0), retrofit_target 1
    for the class that retrofit reaches, newly_built n, near_zero 1 for the class of q_0. Savings
    are per floor area of the whole kind of dwelling, were all of it done. Φ and φ of the standard
    normal distribution.

    Source
    ------
    Steady heat balance of JGJ 26-95 and JGJ 26-2010 (q_H = q_HT + q_INF − q_IH) over degree-days
    to the balance temperature. Normal spread of daily means: Thom (1954); Erbs et al. (1983).

    Validity
    --------
    Heating by the season of 183 days whatever the weather. Means of a stock, not one building. No
    storage, no regain of sun by orientation, one indoor temperature a dwelling. Left out: hot
    water, and what cooking stoves and flues give to the room.
    """
    loss = heat_loss * form_factor
    balance = indoor_temperature - internal_gain / loss
    shortfall = mean_shortfall(monthly_temperature, temperature_spread, balance)
    days = season_days(season_start, season_end)
    by_class = heated_share * loss * shortfall * days

    share = envelope_weight / envelope_weight.sum("envelope")
    old, new = share * retrofittable, share * newly_built
    reached = xr.dot(retrofit_target, by_class, dim="envelope")
    lowest = xr.dot(near_zero, by_class, dim="envelope")
    return {
        "heat_requirement": xr.dot(share, by_class, dim="envelope"),
        "retrofit_saving": xr.dot(old, by_class, dim="envelope") - old.sum("envelope") * reached,
        "near_zero_saving": xr.dot(new, by_class, dim="envelope") - new.sum("envelope") * lowest,
    }
