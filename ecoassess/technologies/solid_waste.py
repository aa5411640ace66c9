"""Municipal waste: landfill methane avoided by burning, composting, digesting, capturing gas."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result
from ecoassess.technology import ROOFS, SETTLED, Component, technology
from ecoassess.units import Unit
from ecoassess.vocabulary import Account


def _emission(unit: str, account: Account, zh: str) -> Component:
    return Component(unit, basis="effect", account=account, month_share="day_share", zh=zh)


@technology(
    zh="生活垃圾处置",
    sector="waste",
    components={
        "landfill_methane": _emission("t CH4_biogenic/yr", "reduction", "填埋场甲烷排放"),
        "incineration_carbon_dioxide": _emission(
            "t CO2/yr", "side_effect", "焚烧化石碳二氧化碳排放"
        ),
        "incineration_nitrous_oxide": _emission("t N2O/yr", "side_effect", "焚烧氧化亚氮排放"),
        "incineration_power": _emission("t CO2/yr", "reduction", "焚烧发电替代电网排放"),
        "treatment_methane": _emission(
            "t CH4_biogenic/yr", "side_effect", "堆肥与厌氧消化甲烷排放"
        ),
        "treatment_nitrous_oxide": _emission(
            "t N2O/yr", "side_effect", "堆肥与厌氧消化氧化亚氮排放"
        ),
        "biogas_power": _emission("t CO2/yr", "reduction", "沼气发电替代电网排放"),
    },
    adopts=("waste_incineration_share", "food_treatment_share", "landfill_gas_share"),
    paint=SETTLED,
    paint_weight=ROOFS,
    paint_proxy="population",
    per={"urban_population": ()},
)
def solid_waste(
    urban_population: Annotated[xr.DataArray, Unit("person")],
    waste_incineration_share: Annotated[xr.DataArray, Unit("1")],
    food_treatment_share: Annotated[xr.DataArray, Unit("1")],
    landfill_gas_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    cohort_length: Annotated[xr.DataArray, Unit("yr")],
    waste_rate: Annotated[xr.DataArray, Unit("t/person/yr")],
    composition_weight: Annotated[xr.DataArray, Unit("1")],
    food: Annotated[xr.DataArray, Unit("1")],
    existing_incineration_share: Annotated[xr.DataArray, Unit("1")],
    degradable_carbon: Annotated[xr.DataArray, Unit("t C/t")],
    decomposing_fraction: Annotated[xr.DataArray, Unit("1")],
    landfill_correction_factor: Annotated[xr.DataArray, Unit("1")],
    methane_fraction: Annotated[xr.DataArray, Unit("1")],
    methane_per_carbon: Annotated[xr.DataArray, Unit("t CH4_biogenic/t C")],
    decay_rate: Annotated[xr.DataArray, Unit("1/yr")],
    reaction_start: Annotated[xr.DataArray, Unit("yr")],
    landfill_oxidation: Annotated[xr.DataArray, Unit("1")],
    waste_dry_matter: Annotated[xr.DataArray, Unit("t dm/t")],
    waste_carbon: Annotated[xr.DataArray, Unit("t C/t dm")],
    fossil_share: Annotated[xr.DataArray, Unit("1")],
    burnout: Annotated[xr.DataArray, Unit("1")],
    incineration_nitrous_oxide_factor: Annotated[xr.DataArray, Unit("g N2O/t")],
    net_calorific_value: Annotated[xr.DataArray, Unit("GJ/t")],
    export_efficiency: Annotated[xr.DataArray, Unit("1")],
    treatment_methane_factor: Annotated[xr.DataArray, Unit("kg CH4_biogenic/t")],
    treatment_nitrous_oxide_factor: Annotated[xr.DataArray, Unit("kg N2O/t")],
    treatment_power: Annotated[xr.DataArray, Unit("kWh/t")],
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
) -> Result:
    """Emissions of the waste of a year's towns in a state of treatment, and power they replace.

    Formula
    -------
    A year's waste W = people · rate has the components c by p_c = w_c / Σ w. Food waste
    (g_c = 1, others 0) is composted or digested by the shares f_t, of what is left existing plants
    burn e and new ones i of the rest. The share of a component that is buried, in the cohort k::

        b_k,c = (1 − g_c Σ_t F_t) (1 − e) (1 − I)          F, I: levels of f, i reached in k

    First-order decay: of waste no longer buried since a years, the share of its methane that it
    would give in the assessed year is 1 − e^(−k_c (a + 1 − s)), s the start of the reaction, so
    that a landfill with the same waste every year emits::

        h_c = (1 − e) + Σ_k (b_k,c − b_k−1,c) (1 − e^(−k_c (a_k + 1 − s)))
        CH4 = W Σ_c (p_c DOC_c DOCf_c h_c) · MCF · F · 16/12 · (1 − R) (1 − OX)

    Burned and treated today (u_c = p_c (1 − g_c Σ f_t) (e + (1 − e) i), v_t = Σ_c p_c g_c f_t)::

        CO2   = W Σ_c (u_c dm_c CF_c FCF_c) · OF
        N2O   = W Σ_c u_c · EF
        power = W Σ_c (u_c NCV_c) · η · electricity factor
        CH4_t, N2O_t, power_t = W v_t · factor_t (· electricity factor)

    Symbols
    -------
    waste_incineration_share i, food_treatment_share f by food_treatment (composting, digestion),
    landfill_gas_share R, cohort_age a, cohort_length 1 yr, waste_rate, composition_weight w by
    waste_component, food g, existing_incineration_share e, degradable_carbon DOC of wet waste,
    decomposing_fraction DOCf, landfill_correction_factor MCF, methane_fraction F of the gas,
    methane_per_carbon 16/12, decay_rate k, reaction_start s in years from 1 January of the year of
    deposit, landfill_oxidation OX, waste_dry_matter dm, waste_carbon CF, fossil_share FCF, burnout
    OF, incineration_nitrous_oxide_factor EF, net_calorific_value NCV as fired, export_efficiency η
    of power fed to the grid per heat, treatment_* per tonne of food waste. Emissions are negative,
    power is positive; treatment_methane, treatment_nitrous_oxide and biogas_power by
    food_treatment.

    Source
    ------
    IPCC 2006 and 2019 Vol. 5: Ch. 3 eq. 3.1 to 3.6, Tables 3.0 to 3.3 (landfill), Ch. 5 eq. 5.2
    and 5.5, Tables 5.2 and 5.6 (incineration), Ch. 4 eq. 4.1, 4.2, Table 4.1 (composting,
    digestion), Ch. 2 Tables 2.3 and 2.4 (composition). The closed form is that of the yearly
    recursion in ecoassess/models/landfill.py.

    Validity
    --------
    The year's waste of the towns is the same in all years, in baseline and project. The level of
    landfill methane is that of a landfill in balance with what is buried; what diversion avoids
    does not hang on it, what gas capture avoids does: where an incinerator has run for few years,
    old waste still gives more gas than that, and capture avoids more than is said here.
    In its first years a diversion avoids little. Waste of villages is left out, as are recycling,
    leachate, transport, auxiliary fuel and slag of incinerators, fertiliser and soil carbon by
    compost, digestate, carbon that stays in the landfill. Incineration releases biogenic carbon,
    which counts as nothing. Captured landfill gas is flared: no power. One climate rules the
    decay: frozen ground and shallow tips decay slower and less than here. Upstream emissions of the
    grid power displaced are left out.
    """
    composition = composition_weight / composition_weight.sum("waste_component")
    waste = urban_population * waste_rate

    food_added = food_treatment_share.sum("food_treatment")
    mixed = 1 - food * food_added.cumsum("cohort")
    not_burned = (1 - existing_incineration_share) * (1 - waste_incineration_share.cumsum("cohort"))
    mixed_before = mixed + food * food_added
    not_burned_before = not_burned + (1 - existing_incineration_share) * waste_incineration_share
    change = mixed * not_burned - mixed_before * not_burned_before

    decayed = 1 - np.exp(-decay_rate * (cohort_age + cohort_length - reaction_start))
    giving_methane = 1 - existing_incineration_share + xr.dot(change, decayed, dim="cohort")
    decomposing_carbon = (
        composition * degradable_carbon * decomposing_fraction * giving_methane
    ).sum("waste_component")
    generated = (
        waste
        * decomposing_carbon
        * landfill_correction_factor
        * methane_fraction
        * methane_per_carbon
    )
    emitted = generated * (1 - landfill_gas_share.sum("cohort")) * (1 - landfill_oxidation)

    treated = food_treatment_share.sum("cohort")
    burned_of_mixed = existing_incineration_share + (
        1 - existing_incineration_share
    ) * waste_incineration_share.sum("cohort")
    burned = composition * (1 - food * treated.sum("food_treatment")) * burned_of_mixed
    fossil_carbon = (burned * waste_dry_matter * waste_carbon * fossil_share).sum("waste_component")
    heat = (burned * net_calorific_value).sum("waste_component")
    treated_waste = waste * (composition * food).sum("waste_component") * treated
    return {
        "landfill_methane": -emitted,
        "incineration_carbon_dioxide": -waste * fossil_carbon * burnout,
        "incineration_nitrous_oxide": -waste
        * burned.sum("waste_component")
        * incineration_nitrous_oxide_factor,
        "incineration_power": waste * heat * export_efficiency * electricity_factor,
        "treatment_methane": -treated_waste * treatment_methane_factor,
        "treatment_nitrous_oxide": -treated_waste * treatment_nitrous_oxide_factor,
        "biogas_power": treated_waste * treatment_power * electricity_factor,
    }
