"""Print buildings, energy, materials and waste beside published figures.

    python benchmarks/buildings_beside_published.py

Nothing here is a test: a difference is to be understood, not to be tuned away.
"""

from __future__ import annotations

from collections.abc import Iterator

from figures import Figures, assess_yanbian

from ecoassess.calendar import Month
from ecoassess.units import magnitude

PUBLISHED = {
    "pv": "1240 and 1375 h (plants of Wangqing and Longjing, design)",
    "ground pv": "1231 to 1250 h (Wangqing 130 and 100 MW, Longjing 20 MW)",
    "heat": "0.38 north China's networks; 0.68 Jilin 2008",
    "heat carbon": "36 (13.7 kg of coal equivalent, north China's networks 2020)",
    "heat saved": "no figure of this kind found; of what heat costs today (above)",
    "retrofit": "0.29 (310 million m² to 2011) to 0.39 (aim of 2006-10), fuel",
    "air heat pump": "2.21 (103 houses, Beijing); 2.63 (Shanxi office); 1.32 to 3.29 in deep cold",
    "ground heat pump": "2.6 to 3.8 (rough)",
    "heat pump carbon": "11.3 (Shanxi office, the pump alone)",
    "gas upstream": "21.7 (6.2 to 43.3; Gan 2020)",
    "solar water": "156 to 589 (Shimizu 2018, Japan)",
    "pump water": "none found",
    "electric water": "none found",
    "electric cooking": "none found",
    "biogas": "-522 to 653, north to south (Hou 2017); power forgone is charged apart",
    "straw power": "720 and 780 (12 MW Northeast; 25 MW Shanxian)",
    "hydro": "3140 h (China's rural stations)",
    "hydrogen": "18 to 20 from coal, 8 to 12 from gas",
    "structure": "372 to 526 (15 dwellings, Shaanxi); 520 to 640 (defaults by structure)",
    "steel frame": "460, with a frame of reinforced concrete 520 (defaults by structure)",
    "timber": "150, with a frame of reinforced concrete 520 (defaults by structure)",
    "scrap": "1500 (world), 850 (half of pig iron, GB/T 51366)",
    "aggregate": "2.18 of gravel, before crushing",
    "landfill": "1.19 Mt of CH4 from all China's landfills in 2007",
    "incineration": "251 (Yanji's plant, 2022 expected), 269 and 208 (designs)",
    "sewage methane": "0.018 to 0.3 kg CH4/kg BOD by route (IPCC 2019)",
    "sewage nitrogen": "9 to 13 g N/person/day (GB 50014 loads)",
    "stove particles": "7.33 (field, rural China), 9.1 (Beijing 2015), 3.2 (five coals in stoves)",
}


def ratio(f: Figures, technology: str, component: str, boundary: str, divisor: float) -> float:
    """Return an effect in kg per unit of what was adopted."""
    return 1000 * f.effect(technology, component, boundary) / divisor


def performance(f: Figures, source: str) -> float:
    """Return heat over electricity of a heat pump over the heating season."""
    needed = magnitude(f.runner.variable("electricity_per_heat", f.baseline), "1").isel(draw=0)
    heat = magnitude(f.runner.variable("useful_heat", f.baseline), "GJ/yr").isel(draw=0)
    heat = heat.sum("dwelling")
    electricity = (heat * needed.sel(heat_source=source)).sum("month")
    return float((f.weights @ heat.sum("month").values) / (f.weights @ electricity.values))


def heated_area(f: Figures, share: str) -> float:
    """Return the floor area whose heat an option takes over in the project."""
    area = 0.0
    for dwelling, part in dwellings(f).items():
        area += part * f.adopted(share, dwelling=dwelling)
    return area


def dwellings(f: Figures) -> dict[str, float]:
    """Return the floor area of each kind of dwelling in m²."""
    whole = magnitude(f.runner.activity.field("residential_floor_area").values, "m^2")
    share = magnitude(f.runner.variable("household_share", f.baseline), "1").isel(draw=0)
    area = (whole * share).fillna(0)
    return {str(d): float(f.weights @ area.sel(dwelling=d).values) for d in area["dwelling"].values}


OPTIONS = {
    "solar_water_share": ("hot_water", "solar water"),
    "heat_pump_water_share": ("hot_water", "pump water"),
    "electric_water_share": ("hot_water", "electric water"),
    "electric_cooking_share": ("cooking", "electric cooking"),
    "biogas_cooking_share": ("cooking", "biogas"),
}
GASES = {"fossil_methane": 29.8, "biogenic_methane": 27.0, "nitrous_oxide": 273.0}


def household_saving(f: Figures, share: str, use: str) -> float:
    """Return the CO2e that a household saves in a year by an option, in kg, in the territory."""
    number = f.runner.variable("households", f.baseline) * f.runner.variable(
        "household_share", f.baseline
    )
    number = magnitude(number, "household")
    households = sum(
        float(f.weights @ number.isel(draw=0).sel(dwelling=d).fillna(0).values)
        * f.adopted(share, dwelling=d)
        for d in dwellings(f)
    )
    saved = 0.0
    for gas, weight in {"carbon_dioxide": 1.0, **GASES}.items():
        name = f"{use}_{gas}"
        unit = f.assessment.session.variables[name].unit
        change = f.total(name, unit, f.baseline) - f.total(name, unit, frozenset({share}))
        saved += 1000 * weight * change
    return saved / households


def embodied(f: Figures, structure: str) -> float:
    """Return the CO2 of making the materials of a square metre, in kg."""
    factor = magnitude(f.runner.coefficient("green_materials", "production_factor"), "kg CO2/t")
    if structure == "reinforced concrete":
        use = f.runner.coefficient("green_materials", "reference_intensity")
    else:
        use = f.runner.coefficient("green_materials", "structure_intensity").sel(
            structure=structure
        )
    return float((factor * magnitude(use, "t/m^2")).isel(draw=0).sum())


def waste_sum(f: Figures, name: str, unit: str) -> float:
    """Return the mean of a coefficient over the components of mixed waste."""
    weight = f.runner.coefficient("solid_waste", "composition_weight").isel(draw=0)
    share = magnitude(weight / weight.sum(), "1")
    return float((share * magnitude(f.runner.coefficient("solid_waste", name), unit)[0]).sum())


def landfill_methane(f: Figures) -> float:
    """Return the CH4 that leaves a landfill per tonne of mixed waste over all years, in kg."""
    weight = f.runner.coefficient("solid_waste", "composition_weight").isel(draw=0)
    carbon = magnitude(weight / weight.sum(), "1")
    for name, unit in (("degradable_carbon", "kg C/t"), ("decomposing_fraction", "1")):
        carbon = carbon * magnitude(f.runner.coefficient("solid_waste", name), unit).isel(draw=0)
    methane = float(carbon.sum()) * 16 / 12
    for name in ("landfill_correction_factor", "methane_fraction"):
        methane *= f.central("solid_waste", name, "1")
    return methane * (1 - f.central("solid_waste", "landfill_oxidation", "1"))


def lines(f: Figures) -> Iterator[tuple[str, str, float, str]]:
    """Yield technology, what is compared, its figure and what was published."""
    area = sum(dwellings(f).values())
    yields = {
        name: magnitude(f.runner.variable(name, f.baseline), "kWh/kWp/yr").sum("month").mean("atom")
        for name in ("pv_yield", "utility_pv_yield")
    }
    for dwelling, what in (("self_built", "village roofs"), ("walk_up", "racks on flat roofs")):
        mean = float(yields["pv_yield"].sel(dwelling=dwelling))
        yield "rooftop_pv", f"kWh/kWp/yr, {what}", mean, "pv"
    yield "utility_pv", "kWh/kWp/yr", float(yields["utility_pv_yield"]), "ground pv"

    heat = f.total("useful_heat", "GJ/yr", f.baseline)
    carbon = f.total("heating_carbon_dioxide", "kg CO2/yr", f.baseline)
    yield "(all dwellings)", "GJ of heat/m²/yr today", heat / area, "heat"
    yield "(all dwellings)", "kg CO2/m²/yr of heat today", carbon / area, "heat carbon"

    before = f.total("useful_heat", "GJ/yr", f.baseline)
    after = f.total("useful_heat", "GJ/yr", frozenset({"retrofit_share"}))
    retrofitted = sum(
        f.total("retrofittable_floor_area", "m^2", f.baseline, dwelling=d)
        * f.adopted("retrofit_share", dwelling=d)
        for d in dwellings(f)
    )
    yield "green_housing", "GJ of heat/m² retrofitted", (before - after) / retrofitted, "retrofit"

    yield "heat_pump_heating", "heat/electricity", performance(f, "air_heat_pump"), "air heat pump"
    pumped = f.total("heating_electricity", "kWh/yr", frozenset({"heat_pump_share"}))
    pumped -= f.total("heating_electricity", "kWh/yr", f.baseline)
    factor = f.central("heat_supply", "electricity_factor", "kg CO2/kWh")
    own = pumped * factor / heated_area(f, "heat_pump_share")
    yield "heat_pump_heating", "kg CO2/m²/yr of its electricity", own, "heat pump carbon"
    for technology, share in (
        ("heat_pump_heating", "heat_pump_share"),
        ("gas_heating", "gas_heating_share"),
        ("biomass_heating", "biomass_heating_share"),
        ("geothermal_heating", "geothermal_heating_share"),
    ):
        saved = 1000 * f.net_of_all(technology) / heated_area(f, share)
        yield technology, "kg CO2e/m²/yr saved, upstream too", saved, "heat saved"
    yield (
        "geothermal_heating",
        "heat/electricity",
        performance(f, "ground_heat_pump"),
        "ground heat pump",
    )
    methane = f.central(
        "heat_supply", "upstream_methane_factor", "g CH4_fossil/MJ", heat_source="gas_boiler"
    )
    other = f.central(
        "heat_supply", "upstream_carbon_dioxide_factor", "g CO2/MJ", heat_source="gas_boiler"
    )
    yield "gas_heating", "g CO2e/MJ before the house", other + 29.8 * methane, "gas upstream"

    for share, (use, key) in OPTIONS.items():
        what = f"kg CO2e/household/yr saved, {share.removesuffix('_share').replace('_', ' ')}"
        yield "hot_water_and_cooking", what, household_saving(f, share, use), key

    straw = sum(
        f.adopted("straw_power_share", crop=c)
        * f.total("straw_supply", "t dm/yr", f.baseline, crop=c)
        for c in ("maize", "rice")
    )
    factor = f.central("biomass_power", "electricity_factor", "kg CO2/kWh")
    power = 1000 * f.effect("biomass_power", "avoided_grid_emissions") / factor
    yield (
        "biomass_power",
        "kWh/t of straw as delivered, 10 % wet",
        0.9 * power / straw,
        "straw power",
    )
    hours = f.central("hydro_power", "full_load_hours", "h/yr")
    yield "small_hydro", "h/yr at full load", hours, "hydro"
    for electrolyser in ("alkaline", "pem"):
        needed = f.central(
            "green_hydrogen", "electricity_per_hydrogen", "kWh/kg", electrolyser=electrolyser
        )
        what = f"kg CO2/kg of {electrolyser} hydrogen on the grid"
        yield "green_hydrogen", what, needed * factor, "hydrogen"

    for structure, key in (
        ("reinforced concrete", "structure"),
        ("steel_frame", "steel frame"),
        ("timber_frame", "timber"),
    ):
        yield "green_materials", f"kg CO2/m², {structure}", embodied(f, structure), key
    for material, key in (("steel", "scrap"), ("aggregate", "aggregate")):
        saved = f.central(
            "construction_recycling", "avoided_factor", "kg CO2/t", recovered_material=material
        ) - f.central(
            "construction_recycling", "processing_factor", "kg CO2/t", recovered_material=material
        )
        yield "construction_recycling", f"kg CO2/t of {material}", saved, key

    yield "solid_waste", "kg CH4/t of waste buried, all years", landfill_methane(f), "landfill"
    power = waste_sum(f, "net_calorific_value", "MJ/t") / 3.6
    power *= f.central("solid_waste", "export_efficiency", "1")
    yield "solid_waste", "kWh/t of waste burned", power, "incineration"

    methane = f.central("sewage", "methane_potential", "kg CH4_biogenic/kg") * f.central(
        "sewage", "methane_correction_factor", "1", route="advanced_plant"
    )
    yield "sewage", "kg CH4/kg BOD of a plant with nutrient removal", methane, "sewage methane"
    nitrogen = f.central("sewage", "nitrogen_per_person", "g N/person/day")
    yield "sewage", "g N/person/day, design standard (used)", nitrogen, "sewage nitrogen"
    nitrogen = f.central("sewage", "protein_supply", "g/person/day")
    for name in ("consumed_share", "household_nitrogen", "unconsumed_nitrogen"):
        nitrogen *= f.central("sewage", name, "1")
    nitrogen *= f.central("sewage", "nitrogen_in_protein", "kg N/kg")
    yield "sewage", "g N/person/day, protein supply (IPCC)", nitrogen, "sewage nitrogen"

    particles = f.central(
        "air_quality_cobenefits", "fine_particles_factor", "g PM2_5/MJ", heat_source="coal_stove"
    )
    what = "g PM2.5/kg of raw coal (20.9 MJ/kg) in a stove"
    yield "air_quality_cobenefits", what, 20.9 * particles, "stove particles"


def main() -> None:
    """Print the tables as Markdown."""
    figures = Figures(assess_yanbian(Month(2026, 10)))
    print("| technology | prefecture 2026, t CO2e | per unit | figure | published |")
    print("|---|---|---|---|---|")
    for technology, what, figure, key in lines(figures):
        known = technology in figures.runner.before
        net = figures.net(technology) if known else "-"
        print(f"| {technology} | {net} | {what} | {figure:.3g} | {PUBLISHED[key]} |")


if __name__ == "__main__":
    main()
