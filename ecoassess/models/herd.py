"""The herd: what the animals of a state of feeding emit and excrete, and what they yield."""

from __future__ import annotations

from typing import Annotated

import xarray as xr

from ecoassess.equation import Result, model
from ecoassess.units import Unit


@model(
    zh="畜群：肠道甲烷与排泄",
    returns={
        "enteric_methane": "t CH4_biogenic/yr",
        "volatile_solids": "t dm/yr",
        "nitrogen_excretion": "t N/yr",
        "animal_product": "t/yr",
    },
    methods={
        "enteric_method": ("tier_2", "tier_1"),
        "winter_housing": ("sheltered", "open_yard"),
    },
)
def herd(
    animal_stock: Annotated[xr.DataArray, Unit("head")],
    feeding_share: Annotated[xr.DataArray, Unit("1")],
    monthly_temperature: Annotated[xr.DataArray, Unit("K")],
    day_share: Annotated[xr.DataArray, Unit("1")],
    body_weight: Annotated[xr.DataArray, Unit("kg/head")],
    mature_weight: Annotated[xr.DataArray, Unit("kg/head")],
    weight_gain: Annotated[xr.DataArray, Unit("kg/head/day")],
    milk_yield: Annotated[xr.DataArray, Unit("kg/head/day")],
    milk_fat: Annotated[xr.DataArray, Unit("1")],
    milk_protein: Annotated[xr.DataArray, Unit("1")],
    calving_share: Annotated[xr.DataArray, Unit("1")],
    calf_weight: Annotated[xr.DataArray, Unit("kg/head/yr")],
    digestibility: Annotated[xr.DataArray, Unit("1")],
    crude_protein: Annotated[xr.DataArray, Unit("kg/kg dm")],
    methane_conversion: Annotated[xr.DataArray, Unit("1")],
    maintenance_coefficient: Annotated[xr.DataArray, Unit("MJ/head/day")],
    cold_maintenance: Annotated[xr.DataArray, Unit("MJ/head/day/K")],
    cold_limit: Annotated[xr.DataArray, Unit("K")],
    activity_coefficient: Annotated[xr.DataArray, Unit("1")],
    milk_energy: Annotated[xr.DataArray, Unit("MJ/kg")],
    milk_fat_energy: Annotated[xr.DataArray, Unit("MJ/kg")],
    pregnancy_coefficient: Annotated[xr.DataArray, Unit("1")],
    growth_coefficient: Annotated[xr.DataArray, Unit("MJ/head/day")],
    growth_class: Annotated[xr.DataArray, Unit("1")],
    weight_exponent: Annotated[xr.DataArray, Unit("1")],
    gain_exponent: Annotated[xr.DataArray, Unit("1")],
    unit_weight: Annotated[xr.DataArray, Unit("kg/head")],
    unit_gain: Annotated[xr.DataArray, Unit("kg/head/day")],
    energy_ratio_term: Annotated[xr.DataArray, Unit("1")],
    energy_ratio_exponent: Annotated[xr.DataArray, Unit("1")],
    methane_energy: Annotated[xr.DataArray, Unit("MJ/kg CH4_biogenic")],
    feed_energy: Annotated[xr.DataArray, Unit("MJ/kg dm")],
    urinary_energy: Annotated[xr.DataArray, Unit("1")],
    feed_ash: Annotated[xr.DataArray, Unit("1")],
    protein_per_nitrogen: Annotated[xr.DataArray, Unit("kg/kg N")],
    milk_protein_per_nitrogen: Annotated[xr.DataArray, Unit("kg/kg N")],
    gain_protein: Annotated[xr.DataArray, Unit("1")],
    gain_protein_per_energy: Annotated[xr.DataArray, Unit("kg/MJ")],
    days_in_year: Annotated[xr.DataArray, Unit("day/yr")],
    digestibility_gain: Annotated[xr.DataArray, Unit("1")],
    methane_reduction: Annotated[xr.DataArray, Unit("1")],
    productivity_gain: Annotated[xr.DataArray, Unit("1")],
    enteric_factor: Annotated[xr.DataArray, Unit("kg CH4_biogenic/head/yr")],
    animal_mass: Annotated[xr.DataArray, Unit("kg/head")],
    volatile_solids_rate: Annotated[xr.DataArray, Unit("kg dm/t/day")],
    nitrogen_rate: Annotated[xr.DataArray, Unit("kg N/t/day")],
    enteric_method: str,
    winter_housing: str,
) -> Result:
    """Methane, volatile solids, nitrogen and product of a herd, by animal, a year.

    Formula
    -------
    Cattle, per head and day, with DE the digestibility and f the output of a head relative to
    usual feeding (f = 1 + productivity gain)::

        maintenance     NE_m = Cf W^0.75                  open yard: Cf + 0.0048 max(0, 20 °C − T)
        activity        NE_a = C_a NE_m
        milk            NE_l = f · milk · (1.47 + 40 fat)
        pregnancy       NE_p = f · 0.10 · calving · NE_m
        growth          NE_g = 22.02 (W / (C MW))^0.75 (f · gain)^1.097
        energy ratios   REM, REG = Σ_i c_i DE^i             i = 0, 1, 2, −1
        gross energy    GE = [(NE_m + NE_a + NE_l + NE_p) / REM + NE_g / REG] / DE
        methane         CH4 = GE · Y_m (1 − reduction) / 55.65 MJ/kg
        solids          VS = GE · (1 − DE + UE) (1 − ASH) / 18.45 MJ/kg
        nitrogen        N = GE / 18.45 · CP / 6.25 − f milk · protein / 6.38
                            − (0.268 f gain − 0.00703 NE_g) / 6.25
        product         P = f (gain · 365 + calving · calf weight)

    A measure m of feeding changes DE, Y_m or f on the share s_m of the herd. The herd yields the
    same product in every state, so that f > 1 leaves room for 1/f of the animals::

        herd            X = stock · [X(usual) + Σ_m s_m (X(m) / f_m − X(usual))] · 365

    Other animals, and cattle by the method `tier_1`: stock times a factor per head (methane), or
    a rate per mass and day times mass (VS, N); feeding changes nothing there.

    Symbols
    -------
    animal_stock stock (present, not "raised": that adds those marketed), feeding_share s (cohort,
    feeding), monthly_temperature T, body_weight W, mature_weight MW, weight_gain gain, milk_yield
    milk, calving_share calving, methane_conversion Y_m, maintenance_coefficient Cf (of a weight of
    1 kg, unit_weight; unit_gain likewise), cold_maintenance 0.0048, cold_limit 20 °C,
    activity_coefficient C_a, growth_class C, energy_ratio_term c, energy_ratio_exponent i,
    urinary_energy UE, feed_ash ASH, crude_protein CP. Returns, by animal, enteric_methane,
    volatile_solids, nitrogen_excretion and animal_product: live weight that cattle gain, calves
    at birth included, milk not; NaN for animals that have no Tier 2 description.

    Source
    ------
    IPCC 2019 Refinement Vol. 4 Ch. 10: eq. 10.2 to 10.4, 10.6, 10.8 and 10.13 to 10.16 (energy),
    10.21 (methane), 10.24 (solids), 10.31A to 10.33 (nitrogen), 10.19, 10.22A and 10.30 (Tier 1).

    Validity
    --------
    Cattle of constant condition on mixed rations, DE 0.45 to 0.85. `sheltered`: no extra
    energy for cold, as IPCC gives eq. 10.2 for animals outdoors; `open_yard`: all cattle outdoors
    all year, an upper bound. The measures stand on separate parts of the herd, Σ s ≤ 1; a package
    of two is a measure of its own. Y_m stays the same when straw is better digested, protein in
    the ration too. A measure acts as long as it is kept up. Left out: work, wool, weight lost in
    winter, calves on milk alone (no methane), growth of breeding heifers (they count as other
    cattle), the methane of better digested manure, making the additive and the ammonia, and
    feeding of pigs, sheep, goats, deer and poultry.
    """
    maintenance_now = maintenance_coefficient
    if winter_housing == "open_yard":
        difference = cold_limit - monthly_temperature
        coldness = ((difference + abs(difference)) / 2 * day_share).sum("month", skipna=False)
        maintenance_now = maintenance_coefficient + cold_maintenance * coldness
    maintenance = maintenance_now * (body_weight / unit_weight) ** weight_exponent
    activity = activity_coefficient * maintenance
    lactation = milk_yield * (milk_energy + milk_fat_energy * milk_fat)
    pregnancy = pregnancy_coefficient * calving_share * maintenance
    relative_weight = body_weight / (growth_class * mature_weight)
    growth = (
        growth_coefficient
        * relative_weight**weight_exponent
        * (weight_gain / unit_gain) ** gain_exponent
    )
    product = weight_gain * days_in_year + calving_share * calf_weight

    def per_product(
        digested: xr.DataArray, output: xr.DataArray | int, converted: xr.DataArray
    ) -> Result:
        """Return what a head gives in a year, divided by its output relative to usual feeding."""
        ratio = (energy_ratio_term * digested**energy_ratio_exponent).sum("power")
        living = maintenance + activity + output * (lactation + pregnancy)
        growing = output**gain_exponent * growth
        gross_energy = (
            living / ratio.sel(use="maintenance", drop=True)
            + growing / ratio.sel(use="growth", drop=True)
        ) / digested
        intake = gross_energy / feed_energy
        retained = (
            output * milk_yield * milk_protein / milk_protein_per_nitrogen
            + (output * gain_protein * weight_gain - gain_protein_per_energy * growing)
            / protein_per_nitrogen
        )
        daily = {
            "enteric_methane": gross_energy * converted / methane_energy,
            "volatile_solids": intake * (1 - digested + urinary_energy) * (1 - feed_ash),
            "nitrogen_excretion": intake * crude_protein / protein_per_nitrogen - retained,
        }
        return {name: value * days_in_year / output for name, value in daily.items()}

    usual = per_product(digestibility, 1, methane_conversion)
    changed = per_product(
        digestibility + digestibility_gain,
        1 + productivity_gain,
        methane_conversion * (1 - methane_reduction),
    )
    share = feeding_share.sum("cohort")
    factors = {
        "enteric_methane": enteric_factor,
        "volatile_solids": volatile_solids_rate * animal_mass * days_in_year,
        "nitrogen_excretion": nitrogen_rate * animal_mass * days_in_year,
    }
    result = {}
    for name, factor in factors.items():
        if enteric_method == "tier_1":
            result[name] = animal_stock * factor
        else:
            per_head = usual[name] + (share * (changed[name] - usual[name])).sum(
                "feeding", skipna=False
            )
            result[name] = animal_stock * _of_cattle_or(factor, per_head)
    result["animal_product"] = animal_stock * _of_animals(animal_stock["animal"], product)
    return result


def _of_animals(animals: xr.DataArray, cattle: xr.DataArray) -> xr.DataArray:
    """Return values by kind of cattle as values by animal, NaN for animals that are not cattle."""
    return cattle.rename(cattle="animal").reindex(animal=animals)


def _of_cattle_or(factor: xr.DataArray, cattle: xr.DataArray) -> xr.DataArray:
    """Return the Tier 2 values of cattle and the Tier 1 factor of all other animals."""
    is_cattle = factor["animal"].isin(cattle["cattle"].values)
    return _of_animals(factor["animal"], cattle).where(is_cattle, factor)
