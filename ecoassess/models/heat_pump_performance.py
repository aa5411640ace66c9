"""Electricity that heat pumps take for a unit of heat, by month."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.models.heat_bins import temperature_bins
from ecoassess.units import Unit


@model(
    zh="热泵制热性能",
    returns={"electricity_per_heat": "1"},
    methods={"emitter": ("radiator", "floor")},
)
def heat_pump_performance(
    monthly_temperature: Annotated[xr.DataArray, Unit("K")],
    temperature_spread: Annotated[xr.DataArray, Unit("K")],
    heating_limit: Annotated[xr.DataArray, Unit("K")],
    flow_temperature: Annotated[xr.DataArray, Unit("K")],
    flow_slope: Annotated[xr.DataArray, Unit("1")],
    flow_reference: Annotated[xr.DataArray, Unit("K")],
    performance_constant: Annotated[xr.DataArray, Unit("1")],
    performance_slope: Annotated[xr.DataArray, Unit("1/K")],
    performance_square: Annotated[xr.DataArray, Unit("1/K^2")],
    performance_correction: Annotated[xr.DataArray, Unit("1")],
    smallest_lift: Annotated[xr.DataArray, Unit("K")],
    air_source: Annotated[xr.DataArray, Unit("1")],
    ground_temperature: Annotated[xr.DataArray, Unit("K")],
    design_temperature: Annotated[xr.DataArray, Unit("K")],
    cut_off_temperature: Annotated[xr.DataArray, Unit("K")],
    auxiliary_efficiency: Annotated[xr.DataArray, Unit("1")],
    emitter: str,
) -> Result:
    """Electricity per useful heat of air and ground source heat pumps in each month.

    Formula
    -------
    Over bins k of the days' mean temperature T_k with shares w_k and load L_k = max(0, T_L − T_k)::

        e = Σ_k w_k L_k [c_k / COP_k + (1 − c_k) / η_aux] / Σ_k w_k L_k
        COP_k = κ (a − b Δ_k + d Δ_k²),     Δ_k = flow − source, within Δ_min and b / 2d
        flow_k = F_0 + s (T_k − T_F),     source = T_k (air) or T_G (ground)
        c_k = min(1, (T_L − T_design) / L_k), and 0 below the cut-off (air)

    Symbols
    -------
    performance_constant a, performance_slope b, performance_square d, performance_correction κ
    (real plants against test stands), heating_limit T_L, flow_temperature F_0 at flow_reference
    T_F with flow_slope s by emitter, ground_temperature T_G of the brine, design_temperature down
    to which the heat pump carries the load alone and whose output it keeps below, c its share of
    the load, cut_off_temperature, auxiliary_efficiency of the resistance heater.

    Source
    ------
    Ruhnau, Hirth and Praktiknjo (2019), Scientific Data 6, 189 (regressions on manufacturers'
    data, heating curves, correction).

    Validity
    --------
    The air regression is at its lowest at a lift of 90 K (2.03 before the correction) and held
    there. Defrost is within the correction. Days as their means: nights are colder, days warmer.
    Left out: refrigerant that leaks, wear, standby.
    """
    temperature, weight = temperature_bins(monthly_temperature, temperature_spread)
    load = heating_limit - temperature
    load = load.where(~(load < 0 * load), 0 * load)
    flow = flow_temperature + flow_slope * (temperature - flow_reference)
    flow = flow.sel(emitter=emitter, drop=True)
    source = air_source * temperature + (1 - air_source) * ground_temperature
    largest_lift = performance_slope / (2 * performance_square)
    lift = flow - source
    lift = lift.where(~(lift < smallest_lift), smallest_lift)
    lift = lift.where(~(lift > largest_lift), largest_lift)
    performance = performance_constant - performance_slope * lift + performance_square * lift**2

    carried = heating_limit - design_temperature
    share = (carried / load).where(load > carried, 1)
    stopped = (air_source > 0) & (temperature < cut_off_temperature)
    share = share.where(~stopped, 0 * share)
    by_heat_pump = share / (performance_correction * performance)
    electricity = by_heat_pump + (1 - share) / auxiliary_efficiency

    whole = xr.dot(weight, load, dim="bin")
    ratio = xr.dot(weight * load, electricity, dim="bin") / whole
    return {"electricity_per_heat": ratio.where(~(whole <= 0), 0)}
