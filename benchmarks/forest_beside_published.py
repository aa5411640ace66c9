"""Print the run's forest beside published figures: `python benchmarks/forest_beside_published.py`.

Nothing here is a test: a difference is to be understood, not to be tuned away.
"""

from __future__ import annotations

import numpy as np

from ecoassess.calendar import Month
from ecoassess.export.tower_like import tower_like
from ecoassess.opening import open_run
from ecoassess.project import find_project
from ecoassess.units import magnitude

FAN_2016_DENSITY = {
    "broadleaf_mixed": "71.9",
    "oak": "78.2",
    "conifer_broadleaf_mixed": "79.1",
    "larch": "40.8",
    "conifer_mixed": "84.8",
    "other_broadleaf": "30 to 86",
    "birch": "53.7 to 72.6",
    "korean_pine": "74.5",
    "spruce_fir": "75.3 to 84.2",
}
"""t C/ha of vegetation, Jilin 2014 (Fan et al. 2016, Table 2)."""

FAN_2016_COUNTY = {
    "Wangqing": ("over 40", 3.64),
    "Dunhua": ("over 40", 2.90),
    "Antu": ("over 40", 2.03),
    "Hunchun": ("about 30", 2.79),
    "Helong": ("about 30", None),
}
"""Vegetation carbon in 2014 and its gain of 2009-2014, Tg C (section 2.3, new area included)."""

TOWER = [
    *(-0.029, -0.017, 0.035, -0.022, -0.295, -1.02),
    *(-0.915, -0.608, -0.108, 0.162, 0.071, -0.005),
]
"""t C/ha/month of old forest at Changbai, mean of 2003-2005 (FLUXNET2015 CN-Cha)."""

QI_2016 = {10: 26.8, 15: 37.9, 21: 63.6, 35: 83.2}
"""t C/ha of larch plantations on former forest soil, by age (Qi et al. 2016, abstract)."""


def main() -> None:
    """Print the tables as Markdown."""
    project = find_project()
    session = open_run(project, project.configs / "runs" / "yanbian.yaml", Month(2024, 6))
    assessment = session.assess()
    runner = assessment.runner

    def central(name: str, unit: str) -> np.ndarray:
        """Return a variable by atom and forest type."""
        array = magnitude(runner.variable(name, frozenset()), unit).isel(draw=0)
        return np.asarray(array.transpose("atom", "forest_type").values)

    area, volume = central("stand_area", "ha"), central("stand_volume", "m^3")
    stock = central("aboveground_carbon", "t C") + central("belowground_carbon", "t C")
    gain = central("biomass_increment", "t C/yr")
    adcode = runner.activity.adcode
    titles = {**session.run.config.counties}
    inside = np.isin(adcode, list(titles))

    print("| county | stock Tg C | Fan 2014 | t C/ha | gain Tg C/yr | Fan, a year | t C/ha/yr |")
    print("|---|---|---|---|---|---|---|")
    for code, title in titles.items():
        mine = adcode == code
        there, added = FAN_2016_COUNTY.get(title.en, ("-", None))
        print(
            f"| {title.en} | {stock[mine].sum() / 1e6:.1f} | {there} "
            f"| {stock[mine].sum() / area[mine].sum():.1f} | {gain[mine].sum() / 1e6:.2f} "
            f"| {f'{added / 5:.2f}' if added else '-'} "
            f"| {gain[mine].sum() / area[mine].sum():.2f} |"
        )
    hectares = area[inside].sum()
    print(
        f"| Yanbian | {stock[inside].sum() / 1e6:.1f} | - | {stock[inside].sum() / hectares:.1f} "
        f"| {gain[inside].sum() / 1e6:.2f} | - | {gain[inside].sum() / hectares:.2f} |"
    )
    print(
        "\nPublished: Jilin 66.7 t C/ha, density growth 0.42, with new area 0.92 t C/ha/yr;"
        "\nnine of its counties 0.66 to 1.13; China 45.8 t C/ha (2014-18). Growing stock, Yanbian:"
        f"\n{volume[inside].sum() / 1e6:.0f} Mm3 here in 2024; 405 (c. 2014) and 472 (2022, all"
        " standing trees) in print."
    )

    print(
        "\n| type | area kha | m3/ha | t C/ha | Fan 2014 | t C/ha/yr |\n|---|---|---|---|---|---|"
    )
    types = runner.variable("stand_area", frozenset())["forest_type"].values
    for i, name in enumerate(map(str, types)):
        size = area[inside, i].sum()
        if size == 0:
            continue
        print(
            f"| {name} | {size / 1e3:.0f} | {volume[inside, i].sum() / size:.0f} "
            f"| {stock[inside, i].sum() / size:.1f} | {FAN_2016_DENSITY.get(name, '-')} "
            f"| {gain[inside, i].sum() / size:.2f} |"
        )

    simulated = session.simulate()
    larch = simulated["planted_biomass_gain"].isel(draw=0).sel(forest_type="larch").cumsum("age")
    print("\n| planted larch, years | t C/ha here | Qi 2016 |\n|---|---|---|")
    for age, value in QI_2016.items():
        print(f"| {age} | {float(larch.sel(age=age)):.1f} | {value} |")

    table = tower_like(assessment)
    antu = table[(table["zoning"] == "county") & (table["adcode"] == "222426")]
    print("\n| month | tower-like, Antu, t C/ha | tower |\n|---|---|---|")
    months = antu["value_per_hectare"].to_numpy()
    for month, (ours, theirs) in enumerate(zip(months[:12], TOWER, strict=True), start=1):
        print(f"| {month} | {ours:.2f} | {theirs:.2f} |")
    print(f"| year | {months[12]:.2f} | {sum(TOWER):.2f} (-1.84 to -3.08 by processing) |")
    print(f"\nr of the months: {np.corrcoef(months[:12], TOWER)[0, 1]:.2f}")


if __name__ == "__main__":
    main()
