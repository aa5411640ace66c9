"""Treatment of domestic sewage and its sludge: what it saves in gas, and what it costs."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr

from ecoassess.equation import Result, side_by_side
from ecoassess.technology import ROOFS, SETTLED, Component, technology
from ecoassess.units import Unit
from ecoassess.vocabulary import Account


def _gas(unit: str, account: Account, zh: str) -> Component:
    """Declare a yearly flux of the effect, spread evenly over the days of the year."""
    return Component(unit, basis="effect", account=account, month_share="day_share", zh=zh)


@technology(
    zh="生活污水处理",
    sector="waste",
    components={
        "treatment_methane": _gas("t CH4_biogenic/yr", "reduction", "污水处理设施甲烷"),
        "effluent_methane": _gas("t CH4_biogenic/yr", "reduction", "排入水体有机物甲烷"),
        "treatment_nitrous_oxide": _gas("t N2O/yr", "side_effect", "污水处理设施氧化亚氮"),
        "effluent_nitrous_oxide": _gas("t N2O/yr", "reduction", "排入水体氮的氧化亚氮"),
        "sludge_methane": _gas("t CH4_biogenic/yr", "side_effect", "污泥处置甲烷"),
        "sludge_nitrous_oxide": _gas("t N2O/yr", "side_effect", "污泥处置氧化亚氮"),
        "electricity_emissions": _gas("t CO2/yr", "side_effect", "污水处理用电排放"),
        "biogas_electricity": _gas("t CO2/yr", "reduction", "沼气发电替代电网排放"),
        "nitrogen_removed": _gas("t N/yr", "co_benefit", "总氮削减量"),
        "phosphorus_removed": _gas("t phosphorus/yr", "co_benefit", "总磷削减量"),
    },
    adopts=(
        "sewage_treatment_share",
        "rural_sewage_treatment_share",
        "sludge_treatment_share",
    ),
    methods={
        "nitrogen_load": ("protein_supply", "design_standard"),
        "biogas_use": ("flare", "power"),
    },
    only_with={
        "protein_supply": (
            "protein_supply",
            "consumed_share",
            "nitrogen_in_protein",
            "household_nitrogen",
            "unconsumed_nitrogen",
        ),
        "design_standard": ("nitrogen_per_person",),
    },
    paint=SETTLED,
    paint_weight=ROOFS,
    paint_proxy="population",
    per={"population": ()},
)
def sewage(
    population: Annotated[xr.DataArray, Unit("person")],
    sewage_treatment_share: Annotated[xr.DataArray, Unit("1")],
    rural_sewage_treatment_share: Annotated[xr.DataArray, Unit("1")],
    sludge_treatment_share: Annotated[xr.DataArray, Unit("1")],
    cohort_age: Annotated[xr.DataArray, Unit("yr")],
    cohort_length: Annotated[xr.DataArray, Unit("yr")],
    organics_per_person: Annotated[xr.DataArray, Unit("kg/person/yr")],
    co_discharge_factor: Annotated[xr.DataArray, Unit("1")],
    methane_potential: Annotated[xr.DataArray, Unit("t CH4_biogenic/t")],
    methane_correction_factor: Annotated[xr.DataArray, Unit("1")],
    methane_recovery: Annotated[xr.DataArray, Unit("1")],
    organics_to_sludge: Annotated[xr.DataArray, Unit("1")],
    organics_removal: Annotated[xr.DataArray, Unit("1")],
    discharge_correction_factor: Annotated[xr.DataArray, Unit("1")],
    protein_supply: Annotated[xr.DataArray, Unit("kg/person/yr")],
    consumed_share: Annotated[xr.DataArray, Unit("1")],
    nitrogen_in_protein: Annotated[xr.DataArray, Unit("kg N/kg")],
    household_nitrogen: Annotated[xr.DataArray, Unit("1")],
    unconsumed_nitrogen: Annotated[xr.DataArray, Unit("1")],
    nitrogen_per_person: Annotated[xr.DataArray, Unit("kg N/person/yr")],
    nitrogen_removal: Annotated[xr.DataArray, Unit("1")],
    treatment_nitrous_oxide_factor: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    effluent_nitrous_oxide_factor: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    phosphorus_per_person: Annotated[xr.DataArray, Unit("kg phosphorus/person/yr")],
    phosphorus_removal: Annotated[xr.DataArray, Unit("1")],
    sludge_per_organics: Annotated[xr.DataArray, Unit("t dm/t")],
    sludge_methane_factor: Annotated[xr.DataArray, Unit("t CH4_biogenic/t dm")],
    sludge_nitrous_oxide_factor: Annotated[xr.DataArray, Unit("t N2O/t dm")],
    digester_methane: Annotated[xr.DataArray, Unit("t CH4_biogenic/t dm")],
    sludge_carbon: Annotated[xr.DataArray, Unit("t C/t dm")],
    decomposed_share: Annotated[xr.DataArray, Unit("1")],
    landfill_correction_factor: Annotated[xr.DataArray, Unit("1")],
    methane_fraction: Annotated[xr.DataArray, Unit("1")],
    methane_per_carbon: Annotated[xr.DataArray, Unit("t CH4_biogenic/t C")],
    sludge_decay_rate: Annotated[xr.DataArray, Unit("1/yr")],
    reaction_start: Annotated[xr.DataArray, Unit("yr")],
    landfill_oxidation: Annotated[xr.DataArray, Unit("1")],
    wastewater_per_person: Annotated[xr.DataArray, Unit("m^3/person/yr")],
    treatment_electricity: Annotated[xr.DataArray, Unit("kWh/m^3")],
    sludge_electricity: Annotated[xr.DataArray, Unit("kWh/t dm")],
    methane_heating_value: Annotated[xr.DataArray, Unit("MJ/kg CH4_biogenic")],
    electric_efficiency: Annotated[xr.DataArray, Unit("1")],
    digester_own_use: Annotated[xr.DataArray, Unit("1")],
    electricity_factor: Annotated[xr.DataArray, Unit("kg CO2/kWh")],
    nitrogen_load: str,
    biogas_use: str,
) -> Result:
    """Emissions of sewage and sludge in a state of treatment, and nutrients kept out of rivers.

    Formula
    -------
    With P the people living in towns or villages i, x_ir the share of them whose sewage goes
    route r and the rest discharged untreated::

        organics        TOW_i = P_i · BOD · I_i
        methane formed  W_r = Σ_i TOW_i x_ir (1 − S_r) · B_o · MCF_r
        methane         CH4_r = W_r (1 − R_r)
        of effluent     CH4 = Σ_i TOW_i (1 − Σ_r x_ir ρ_r) · B_o · MCF_water
        nitrogen        TN_i = P_i · I_i · protein supply · F_PC · F_NPR · N_HH · F_NON-CON
                        or, by design standard, P_i · I_i · n
        N2O             N2O-N_r = Σ_i TN_i x_ir · EF_r
        of effluent     N2O-N = Σ_i TN_i (1 − Σ_r x_ir ν_r) · EF_water
        sludge          M = Σ_ir TOW_i x_ir S_r · m_r
        buried sludge   B_k = M_k (1 − Σ_s y_sk)           with the shares reached in cohort k
        of sludge y_s   CH4 = M Σ_s y_s E_s + DOC · DOC_f · MCF_L · F · 16/12 · (1 − OX)
                              · Σ_k (B_k − B_k−1) (1 − e^(−k_d (a_k + 1 − s)))
                        N2O = M Σ_s y_s N_s
        electricity     [Σ_ir P_i x_ir w_i e_r + M Σ_s y_s e_s] · EF_grid
        from biogas     [Σ_r R_r W_r + M Σ_s y_s b_s] · H η (1 − own use) · EF_grid
        removed         Σ_ir TN_i x_ir ν_r,  Σ_ir P_i I_i p x_ir π_r

    Symbols
    -------
    population P by residence (urban, rural); sewage_treatment_share x of towns and
    rural_sewage_treatment_share x of villages (cohort, route); sludge_treatment_share y of the
    plants' sludge (cohort, sludge_treatment), the rest is landfilled. organics_per_person BOD;
    co_discharge_factor I (trade and small industry on the same sewers); methane_potential B_o;
    methane_correction_factor MCF; methane_recovery R; organics_to_sludge S; organics_removal ρ;
    discharge_correction_factor MCF_water; consumed_share F_PC; nitrogen_in_protein F_NPR;
    household_nitrogen N_HH; unconsumed_nitrogen F_NON-CON; nitrogen_per_person n; nitrogen_removal
    ν; treatment_ and effluent_nitrous_oxide_factor EF; phosphorus_per_person p, phosphorus_removal
    π; sludge_per_organics m = 1/K_rem; sludge_methane_factor E, sludge_nitrous_oxide_factor N,
    digester_methane b (captured); sludge_carbon DOC, decomposed_share DOC_f,
    landfill_correction_factor MCF_L, methane_fraction F, methane_per_carbon 16/12,
    landfill_oxidation OX, sludge_decay_rate k_d, cohort_age a, reaction_start s, cohort_length 1
    yr; wastewater_per_person w, treatment_electricity and sludge_electricity e;
    methane_heating_value H, electric_efficiency η by `biogas_use`. Emissions are negative; by route
    where the route emits.

    Source
    ------
    IPCC 2019 Refinement Vol. 5 Ch. 6: eq. 6.1 to 6.3D (methane), 6.7 to 6.10A (N2O),
    Tables 6.3, 6.6A, 6.6B, 6.8A, 6.10A to 6.10C. Sludge: IPCC 2006 Vol. 5 Ch. 4 Table 4.1
    (composting, digestion), Ch. 5 Table 5.6 (burning), Ch. 3 eq. 3.2 to 3.6 (landfill, first-order
    decay in the closed form of solid_waste). Wetlands: IPCC 2013 Wetlands Supplement Ch. 6.

    Validity
    --------
    Biogenic CO2 does not count. Co-discharge of towns is there whether or not it
    is treated, where IPCC adds it to sewers only. What a route does not remove reaches water,
    latrines too: where latrines are emptied onto fields the N and P removed by replacing them are
    too high, and N2O goes from soil, not counted here. The factors hold for warm and temperate
    places: below about 15 °C tanks hardly make methane, so that what leaving septic tanks or
    latrines saves in Yanbian is rather too high. Sludge in landfills decays as waste does
    (solid_waste), of which it is no part; what was buried before the first cohort is left out. Left
    out: sludge of tanks and latrines, digestate on land, building, chemicals, fossil CO2 of
    detergents and burned sludge, carting, sewers, upstream emissions of the power.
    """
    share = side_by_side(
        {"urban": sewage_treatment_share, "rural": rural_sewage_treatment_share}, "residence"
    )
    treated = share.sum("cohort")
    sludge_share = sludge_treatment_share.sum("cohort")
    discharging = population * co_discharge_factor

    organics = discharging * organics_per_person
    in_route = organics * treated
    formed = in_route * (1 - organics_to_sludge) * methane_potential * methane_correction_factor
    formed = formed.sum("residence", skipna=False)
    left = (organics * (1 - (treated * organics_removal).sum("route"))).sum(
        "residence", skipna=False
    )

    per_person = {
        "protein_supply": protein_supply
        * consumed_share
        * nitrogen_in_protein
        * household_nitrogen
        * unconsumed_nitrogen,
        "design_standard": nitrogen_per_person,
    }
    nitrogen = discharging * per_person[nitrogen_load]
    kept_nitrogen = nitrogen * (treated * nitrogen_removal).sum("route")
    nitrogen_left = (nitrogen - kept_nitrogen).sum("residence", skipna=False)
    phosphorus = discharging * phosphorus_per_person

    sludge = (in_route * organics_to_sludge * sludge_per_organics).sum(
        ["residence", "route"], skipna=False
    )
    methane_of_buried = (
        sludge_carbon
        * decomposed_share
        * landfill_correction_factor
        * methane_fraction
        * methane_per_carbon
        * (1 - landfill_oxidation)
    )

    def buried(routes: xr.DataArray, treatments: xr.DataArray) -> xr.DataArray:
        of_organics = organics_to_sludge * sludge_per_organics
        made: xr.DataArray = xr.dot(organics, routes, of_organics, dim=["residence", "route"])
        return made * (1 - treatments.sum("sludge_treatment"))

    reached = share.cumsum("cohort"), sludge_treatment_share.cumsum("cohort")
    change = buried(*reached) - buried(reached[0] - share, reached[1] - sludge_treatment_share)
    decayed = 1 - np.exp(-sludge_decay_rate * (cohort_age + cohort_length - reaction_start))
    decaying = xr.dot(change, decayed, dim="cohort")
    of_sludge = (sludge_share * sludge_methane_factor).sum("sludge_treatment")

    pumped = (population * treated * wastewater_per_person * treatment_electricity).sum(
        ["residence", "route"], skipna=False
    )
    electricity = pumped + sludge * (sludge_share * sludge_electricity).sum("sludge_treatment")
    captured = (formed * methane_recovery).sum("route", skipna=False) + sludge * (
        sludge_share * digester_methane
    ).sum("sludge_treatment")
    generated = (
        captured
        * methane_heating_value
        * electric_efficiency.sel(use=biogas_use, drop=True)
        * (1 - digester_own_use)
    )
    return {
        "treatment_methane": -formed * (1 - methane_recovery),
        "effluent_methane": -left * methane_potential * discharge_correction_factor,
        "treatment_nitrous_oxide": -(nitrogen * treated).sum("residence", skipna=False)
        * treatment_nitrous_oxide_factor,
        "effluent_nitrous_oxide": -nitrogen_left * effluent_nitrous_oxide_factor,
        "sludge_methane": -sludge * of_sludge - decaying * methane_of_buried,
        "sludge_nitrous_oxide": -sludge
        * (sludge_share * sludge_nitrous_oxide_factor).sum("sludge_treatment"),
        "electricity_emissions": -electricity * electricity_factor,
        "biogas_electricity": generated * electricity_factor,
        "nitrogen_removed": kept_nitrogen.sum("residence", skipna=False),
        "phosphorus_removed": (phosphorus * (treated * phosphorus_removal).sum("route")).sum(
            "residence", skipna=False
        ),
    }
