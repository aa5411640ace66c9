"""Manure from the animal to the field: what it emits in store and at grazing, what is left."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="粪便管理",
    returns={
        "manure_methane": "t CH4_biogenic/yr",
        "manure_direct_nitrous_oxide": "t N2O/yr",
        "manure_volatilised_nitrous_oxide": "t N2O/yr",
        "manure_leached_nitrous_oxide": "t N2O/yr",
        "field_manure_nitrogen": "t N/yr",
        "field_manure_carbon": "t C/yr",
        "biogas_methane": "t CH4_biogenic/yr",
        "captured_biogas": "t CH4_biogenic/yr",
    },
    methods={"liquid_method": ("table", "monthly_model")},
)
def manure(
    volatile_solids: Annotated[xr.DataArray, Unit("t dm/yr")],
    nitrogen_excretion: Annotated[xr.DataArray, Unit("t N/yr")],
    manure_treatment_share: Annotated[xr.DataArray, Unit("1")],
    liquid_conversion: Annotated[xr.DataArray, Unit("1")],
    growing_degree_day_share: Annotated[xr.DataArray, Unit("1")],
    system_share: Annotated[xr.DataArray, Unit("1")],
    treatable_share: Annotated[xr.DataArray, Unit("1")],
    methane_potential: Annotated[xr.DataArray, Unit("m^3/kg dm")],
    methane_density: Annotated[xr.DataArray, Unit("kg CH4_biogenic/m^3")],
    methane_conversion_factor: Annotated[xr.DataArray, Unit("1")],
    liquid_share: Annotated[xr.DataArray, Unit("1")],
    biogas_recovery: Annotated[xr.DataArray, Unit("1")],
    store_direct_factor: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    store_volatilised_fraction: Annotated[xr.DataArray, Unit("1")],
    store_leached_fraction: Annotated[xr.DataArray, Unit("1")],
    grazing_share: Annotated[xr.DataArray, Unit("1")],
    spread_share: Annotated[xr.DataArray, Unit("1")],
    nitrogen_of_nitrous_oxide: Annotated[xr.DataArray, Unit("t N/t N2O_N")],
    dinitrogen_ratio: Annotated[xr.DataArray, Unit("t N/t N2O_N")],
    leached_fraction: Annotated[xr.DataArray, Unit("1")],
    volatilisation_factor: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    leaching_factor: Annotated[xr.DataArray, Unit("t N2O_N/t N")],
    manure_carbon_to_nitrogen: Annotated[xr.DataArray, Unit("t C/t N")],
    liquid_method: str,
) -> Result:
    """Emissions of manure in store and at grazing, and what is left for fields, by animal.

    Formula
    -------
    A treatment t takes the share x_t of the manure in systems that it can take from, evenly::

        MS_S = MS⁰_S (1 − q_S Σ_t x_t) + [S = t] x_t Σ_S' q_S' MS⁰_S'

        methane      CH4 = VS · B_o ρ · Σ_S MS_S MCF_S
        captured     CH4_biogas = VS · B_o ρ · Σ_S MS_S η_S
        direct       N2O-N = N_ex Σ_S MS_S EF3_S
        volatilised  N2O-N = N_ex Σ_S MS_S Frac_gas,S · EF4
        leached      N2O-N = N_ex Σ_S MS_S Frac_leach,S · EF5
        to fields    N = N_ex Σ_S p_S MS_S (1 − Frac_gas,S − Frac_leach,S − EF3_S (1 + R_N2))
                     C = N · C:N

    Months: of liquid systems by `liquid_conversion` (shares of the conversion in each month; with
    `liquid_method: monthly_model` the conversion itself stands for the table's MCF), of all others
    by degree-days of growth.

    Symbols
    -------
    volatile_solids VS, nitrogen_excretion N_ex, manure_treatment_share x (digester, composting),
    system_share MS⁰, treatable_share q, methane_potential B_o, methane_density ρ,
    methane_conversion_factor MCF, biogas_recovery η, store_direct_factor EF3,
    store_volatilised_fraction and store_leached_fraction Frac, at grazing (grazing_share 1)
    leached_fraction, dinitrogen_ratio R_N2 (N2 per N2O-N, whose own nitrogen is
    nitrogen_of_nitrous_oxide, 1), spread_share p (1 for systems whose
    manure is spread), volatilisation_factor EF4, leaching_factor EF5, manure_carbon_to_nitrogen
    C:N of what is spread, liquid_share 1 for liquid systems. Positive numbers; manure_methane by
    animal and month, biogas_methane by animal, captured_biogas of all animals.

    Source
    ------
    IPCC 2019 Refinement Vol. 4 Ch. 10: eq. 10.23, 10.25 to 10.29, 10.34 and 10.34A, Tables 10.16,
    10.17, 10.21 and 10.22; Vol. 4 Ch. 11, Tables 11.1 and 11.3 (grazing). Months of liquid manure:
    ecoassess/models/liquid_manure.py.

    Validity
    --------
    Dung and urine alone: bedding and its nitrogen are left out. Treatment does not change what the
    animals excrete. Carbon follows nitrogen by the C:N of stored manure. A digester's MCF holds its
    leaks and the store of its digestate. Manure burned for fuel counts as in Table 10.17, its N2O
    and smoke not. Left out: methane of manure once spread, N2O where manure that is not spread on
    fields ends up.
    """
    treated = manure_treatment_share.sum("cohort").rename(treatment="system")
    treated_here = treated.reindex(system=system_share["system"]).fillna(0)
    treatable = (system_share * treatable_share).sum("system")
    share = system_share * (1 - treatable_share * treated.sum("system")) + treated_here * treatable

    potential = volatile_solids * methane_potential * methane_density
    table = methane_conversion_factor
    conversion = liquid_conversion / liquid_conversion.sum("month")
    months_of_liquid = {
        "table": table * conversion,
        "monthly_model": liquid_conversion,
    }[liquid_method]
    by_month = (
        liquid_share * months_of_liquid + (1 - liquid_share) * table * growing_degree_day_share
    )

    escaped = store_leached_fraction + grazing_share * leached_fraction
    gaseous = store_direct_factor * (nitrogen_of_nitrous_oxide + dinitrogen_ratio)
    kept = 1 - store_volatilised_fraction - escaped - gaseous
    to_fields = nitrogen_excretion * (share * spread_share * kept).sum("system")
    biogas = potential * (share * biogas_recovery).sum("system")
    return {
        "manure_methane": potential * xr.dot(share, by_month, dim="system"),
        "manure_direct_nitrous_oxide": nitrogen_excretion
        * (share * store_direct_factor).sum("system"),
        "manure_volatilised_nitrous_oxide": nitrogen_excretion
        * (share * store_volatilised_fraction).sum("system")
        * volatilisation_factor,
        "manure_leached_nitrous_oxide": nitrogen_excretion
        * (share * escaped).sum("system")
        * leaching_factor,
        "field_manure_nitrogen": to_fields,
        "field_manure_carbon": to_fields * manure_carbon_to_nitrogen,
        "biogas_methane": biogas,
        "captured_biogas": biogas.sum("animal", skipna=False),
    }
