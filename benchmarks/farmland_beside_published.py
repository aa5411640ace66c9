"""Print farmland and livestock beside published figures.

    python benchmarks/farmland_beside_published.py

Nothing here is a test: a difference is to be understood, not to be tuned away.
"""

from __future__ import annotations

from collections.abc import Iterator

from figures import Figures, assess_yanbian

from ecoassess.calendar import Month
from ecoassess.models.slope_factor import length_slope_factor
from ecoassess.units import magnitude


def area(f: Figures, name: str, **labels: str) -> float:
    """Return the hectares of dry land on which the project has more of a practice."""
    levels = [
        magnitude(f.runner.variable(name, state), "1").sum("cohort")
        for state in (f.project, f.baseline)
    ]
    change = (levels[0] - levels[1]).sel(labels).sum()
    area = magnitude(f.runner.activity.field("crop_area").values, "ha")
    upland = magnitude(f.runner.coefficient("cropland_carbon", "upland"), "1")
    dry = (area * upland.isel(draw=0)).fillna(0)
    dry = dry.sel(labels) if labels else dry.sum("crop")
    return float(f.weights @ dry.values * float(change))


PUBLISHED = {
    "straw methane": "2.2 (IPCC 2006 T2.5 × T2.6) to 5.8 (Akagi 2011)",
    "straw soot": "5 to 12 (Li 2007, Ni 2015, Lasko 2018)",
    "straw carbon": "0.1 to 0.7 Northeast (rough); 0.14 China's cropland (PNAS 115:4045)",
    "no-till": "0.95 Northeast (70 papers, abstract); 0 over the full profile (Haddaway 2017)",
    "diesel": "100 to 108 (Lal 2004)",
    "enteric": "54 (IPCC 2019, Asia); 52.9 to 67.9 (provincial guide)",
    "product": "none found for Yanbian cattle",
    "manure methane": "1.02 (provincial guide, Northeast, other cattle)",
    "manure nitrous oxide": "0.91 (provincial guide)",
    "topsoil": "0.33 cover crops, 0.41 manure (Bolinder 2020); 0.32 (Poeplau & Don 2015)",
    "fertiliser": "0.5 dry, 1.6 wet (IPCC); 0.59 (Wang 2019); 1.14 Northeast (provincial guide)",
    "paddy": "115 (Changchun 1995-97); 112.6 to 230.3 (provincial guide); 162 (Liaohe)",
    "erosion": "7.1 black soil by caesium (Xie 2023); 7.5 on plots; 2 to 20",
}
CARBON = 12 / 44


def lines(f: Figures) -> Iterator[tuple[str, str, float, str]]:
    """Yield technology, what is compared, its figure and what was published."""
    burned = sum(
        (f.claimed("open_burning", "baseline", crop) - f.claimed("open_burning", "project", crop))
        * f.total("straw_supply", "t dm/yr", f.baseline, crop=crop)
        for crop in ("maize", "rice")
    )
    methane = 1000 * f.effect("open_burning", "methane") / burned
    yield "open_burning", "g CH4/kg straw not burned", methane, "straw methane"
    soot = 1000 * f.effect("air_quality_cobenefits", "fine_particles:open_burning") / burned
    yield "open_burning", "g PM2.5/kg straw not burned", soot, "straw soot"

    gain = f.effect("straw_return", "soil_carbon_gain") * CARBON
    land = area(f, "straw_return_share", crop="maize")
    yield "straw_return", "t C/ha/yr where straw newly returns", gain / land, "straw carbon"

    gain = f.effect("conservation_tillage", "soil_carbon_gain") * CARBON
    diesel = 1000 * f.effect("conservation_tillage", "diesel_carbon_dioxide")
    land = area(f, "tillage_share")
    yield "conservation_tillage", "t C/ha/yr on new no-till", gain / land, "no-till"
    yield "conservation_tillage", "kg CO2 of diesel/ha", diesel / land, "diesel"

    heads = f.total("animal_stock", "head", f.baseline)
    enteric = f.total("enteric_methane", "kg CH4_biogenic/yr", f.baseline)
    product = f.total("animal_product", "kg/yr", f.baseline)
    yield "livestock_feeding", "kg enteric CH4/head", enteric / heads, "enteric"
    yield "livestock_feeding", "kg enteric CH4/kg live-weight gain", enteric / product, "product"

    methane = f.total("manure_methane", "kg CH4_biogenic/yr", f.baseline)
    nitrous_oxide = sum(
        f.total(f"manure_{path}_nitrous_oxide", "kg N2O/yr", f.baseline)
        for path in ("direct", "volatilised", "leached")
    )
    yield "manure_management", "kg manure CH4/head", methane / heads, "manure methane"
    yield "manure_management", "kg manure N2O/head", nitrous_oxide / heads, "manure nitrous oxide"

    gain = f.effect("topsoil_carbon", "soil_carbon_gain") * CARBON
    rate = f.central("cropland_carbon", "manured_nitrogen_rate", "t N/ha/yr")
    manured = sum(
        (f.claimed("topsoil_carbon", "project", a) - f.claimed("topsoil_carbon", "baseline", a))
        * f.total("field_manure_nitrogen", "t N/yr", f.project, animal=a)
        for a in ("breeding_cow", "other_cattle")
    )
    land = area(f, "soil_practice_share") + manured / rate
    yield "topsoil_carbon", "t C/ha/yr newly manured or covered", gain / land, "topsoil"

    fertiliser = f.total("synthetic_nitrogen", "t N/yr", f.baseline)
    direct = f.total("direct_nitrous_oxide", "t N2O_N/yr", f.baseline, source="synthetic")
    share = 100 * direct / fertiliser
    yield "nitrogen_reduction", "% of fertiliser N as direct N2O-N", share, "fertiliser"

    methane = f.total("paddy_methane", "kg CH4_biogenic/yr", f.baseline)
    paddy = f.total("crop_area", "ha", f.baseline, crop="rice")
    yield "rice_methane", "kg CH4/ha of paddy", methane / paddy, "paddy"

    index = magnitude(f.runner.variable("modified_fournier_index", f.baseline), "mm").mean()
    loss = f.central("erosion_control", "erosivity_scale", "MJ mm/ha/h/yr") * float(index)
    loss *= float(index) ** (f.central("erosion_control", "erosivity_exponent", "1") - 1)
    loss *= f.central("erosion_control", "soil_erodibility", "t soil h/MJ/mm")
    loss *= f.central("erosion_control", "cover_factor", "1", crop="maize")
    loss *= float(length_slope_factor(5.0))
    yield "erosion_control", "t soil/ha/yr lost under maize at 5°", loss, "erosion"


def main() -> None:
    """Print the tables as Markdown."""
    figures = Figures(assess_yanbian(Month(2024, 6)))
    print("| technology | prefecture 2024, t CO2e | per unit | figure | published |")
    print("|---|---|---|---|---|")
    for technology, what, figure, key in lines(figures):
        net = figures.net(technology)
        print(f"| {technology} | {net} | {what} | {figure:.3g} | {PUBLISHED[key]} |")


if __name__ == "__main__":
    main()
