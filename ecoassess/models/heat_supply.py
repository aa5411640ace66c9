"""Final energy and emissions of the heat supply of dwellings, by source of heat."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.models.household_fuel import emitted as per_fuel
from ecoassess.units import Unit


@model(
    zh="住宅供热",
    returns={
        "heating_fuel": "GJ/yr",
        "pellet_energy": "GJ/yr",
        "heating_electricity": "kWh/yr",
        "heating_carbon_dioxide": "t CO2/yr",
        "heating_fossil_methane": "t CH4_fossil/yr",
        "heating_biogenic_methane": "t CH4_biogenic/yr",
        "heating_nitrous_oxide": "t N2O/yr",
        "heating_upstream_methane": "t CH4_fossil/yr",
        "heating_upstream_carbon_dioxide": "t CO2/yr",
    },
    methods={"cogeneration_rule": ("exergy", "energy", "alternative")},
    only_with={
        "exergy": ("network_temperature", "monthly_temperature"),
        "alternative": ("reference_heat_efficiency", "reference_power_efficiency"),
    },
)
def heat_supply(
    useful_heat: Annotated[xr.DataArray, Unit("GJ/yr")],
    electricity_per_heat: Annotated[xr.DataArray, Unit("1")],
    monthly_temperature: Annotated[xr.DataArray, Unit("K")],
    heat_pump_share: Annotated[xr.DataArray, Unit("1")],
    gas_heating_share: Annotated[xr.DataArray, Unit("1")],
    biomass_heating_share: Annotated[xr.DataArray, Unit("1")],
    geothermal_heating_share: Annotated[xr.DataArray, Unit("1")],
    heat_source_weight: Annotated[xr.DataArray, Unit("1")],
    cogeneration_share: Annotated[xr.DataArray, Unit("1")],
    efficiency: Annotated[xr.DataArray, Unit("1")],
    network_efficiency: Annotated[xr.DataArray, Unit("1")],
    resistance_efficiency: Annotated[xr.DataArray, Unit("1")],
    power_to_heat: Annotated[xr.DataArray, Unit("1")],
    network_temperature: Annotated[xr.DataArray, Unit("K")],
    reference_heat_efficiency: Annotated[xr.DataArray, Unit("1")],
    reference_power_efficiency: Annotated[xr.DataArray, Unit("1")],
    auxiliary_electricity: Annotated[xr.DataArray, Unit("kWh/GJ")],
    carbon_dioxide_factor: Annotated[xr.DataArray, Unit("kg CO2/GJ")],
    fossil_methane_factor: Annotated[xr.DataArray, Unit("kg CH4_fossil/GJ")],
    biogenic_methane_factor: Annotated[xr.DataArray, Unit("kg CH4_biogenic/GJ")],
    nitrous_oxide_factor: Annotated[xr.DataArray, Unit("kg N2O/GJ")],
    upstream_methane_factor: Annotated[xr.DataArray, Unit("kg CH4_fossil/GJ")],
    upstream_carbon_dioxide_factor: Annotated[xr.DataArray, Unit("kg CO2/GJ")],
    monthly_electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    electricity_upstream_methane: Annotated[xr.DataArray, Unit("kg CH4_fossil/kWh")],
    electricity_upstream_carbon_dioxide: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    cogeneration_rule: str,
) -> Result:
    """Yearly fuel, electricity and emissions of dwelling heat in a state of heat sources.

    Formula
    -------
    An option o takes the share x_o of a dwelling's heat from all of today's sources s, evenly::

        share_s = w_s (1 − Σ_o x_o) + [s = o] x_o,     w_s = v_s n_s / Σ v n
        n = c for cogeneration, 1 − c for boiler houses, 1 for all others
        fuel_s = Q · share_s · r_s / (η_s λ_s)
        pellets = Q · x_pellets / (η_s λ_s)                   s = pellet boilers
        electricity = Q (Σ_p share_p e_p + share_electric / η_R + Σ_s share_s a_s)
        emission = Σ_s fuel_s · factor_s,    CO2 and upstream + electricity · the grid's factor

    r_s = 1 but for cogeneration with σ = power / heat and η of both together, by rule::

        energy        r = 1
        exergy        r = (1 + σ) θ / (θ + σ),     θ = 1 − T / T_network
        alternative   r = (1 + σ) (1 / η_b) / (1 / η_b + σ / η_p)

    Symbols
    -------
    useful_heat Q, heat_source_weight v, cogeneration_share c of the networks' heat, efficiency η
    (net calorific value), network_efficiency λ, resistance_efficiency η_R, electricity_per_heat e
    of heat pumps p, auxiliary_electricity a (pumps, fans), power_to_heat σ, network_temperature
    T_network, monthly_temperature T, reference_heat_efficiency η_b and reference_power_efficiency
    η_p of separate plants; monthly_electricity_factor and electricity_upstream_* of the grid
    (grid_power). Returns emissions by dwelling and month (positive), heating_fuel by source and
    month, pellet_energy of the pellets beyond today's by month, heating_electricity by dwelling and
    month.

    Source
    ------
    IPCC 2006 Vol. 2 eq. 2.1. Cogeneration: GHG Protocol (2006), allocation of emissions from a
    combined heat and power plant (energy, work potential, efficiency method).

    Validity
    --------
    Carbon dioxide of biomass counts as 0. The rule decides what displaced cogeneration saves: by
    exergy little, by energy much. What the plant burns when it loses heat customers is not
    modelled. All electricity is the grid's at the run's factor of the month; the coal behind it is
    charged upstream as other coal is. Claims of all options on one dwelling's heat are at most 1.
    """
    taken = xr.concat(
        [heat_pump_share, geothermal_heating_share, gas_heating_share, biomass_heating_share],
        dim=xr.DataArray(
            ["air_heat_pump", "ground_heat_pump", "gas_boiler", "biomass_boiler"],
            dims="heat_source",
            name="heat_source",
        ),
        join="exact",
    ).sum("cohort")
    named = heat_source_weight["heat_source"]
    of_networks = cogeneration_share * (named == "cogeneration") + (1 - cogeneration_share) * (
        named == "coal_boiler"
    )
    weight = heat_source_weight * of_networks.where(named.isin(["cogeneration", "coal_boiler"]), 1)
    today = weight / weight.sum("heat_source")
    taken_here = taken.reindex(heat_source=today["heat_source"]).fillna(0)
    share = today * (1 - taken.sum("heat_source")) + taken_here

    separate = 1 / reference_heat_efficiency
    work = 1 - monthly_temperature / network_temperature
    of_heat = {
        "exergy": (1 + power_to_heat) * work / (work + power_to_heat),
        "energy": 1 + 0 * power_to_heat,
        "alternative": (1 + power_to_heat)
        * separate
        / (separate + power_to_heat / reference_power_efficiency),
    }[cogeneration_rule]
    source = efficiency["heat_source"]
    burned_share = share.sel(heat_source=source) / (efficiency * network_efficiency)
    burned_share = burned_share * of_heat.where(source == "cogeneration", 1)

    pellets = useful_heat * biomass_heating_share.sum("cohort")
    pellet_boiler = (efficiency * network_efficiency).sel(heat_source="biomass_boiler", drop=True)

    pumped = share.sel(heat_source=electricity_per_heat["heat_source"])
    electricity = (
        xr.dot(pumped, electricity_per_heat, dim="heat_source")
        + share.sel(heat_source="electric_heater", drop=True) / resistance_efficiency
        + xr.dot(share, auxiliary_electricity, dim="heat_source")
    ) * useful_heat

    fuel = useful_heat * burned_share

    def emitted(factor: xr.DataArray) -> xr.DataArray:
        return per_fuel(fuel, factor)

    return {
        "heating_fuel": fuel.sum("dwelling", skipna=False),
        "pellet_energy": pellets.sum("dwelling", skipna=False) / pellet_boiler,
        "heating_electricity": electricity,
        "heating_carbon_dioxide": emitted(carbon_dioxide_factor)
        + electricity * monthly_electricity_factor,
        "heating_fossil_methane": emitted(fossil_methane_factor),
        "heating_biogenic_methane": emitted(biogenic_methane_factor),
        "heating_nitrous_oxide": emitted(nitrous_oxide_factor),
        "heating_upstream_methane": emitted(upstream_methane_factor)
        + electricity * electricity_upstream_methane,
        "heating_upstream_carbon_dioxide": emitted(upstream_carbon_dioxide_factor)
        + electricity * electricity_upstream_carbon_dioxide,
    }
