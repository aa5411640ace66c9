"""Print the run's figures beside published ones: `python benchmarks/beside_published.py`.

Nothing here is a test: a difference is to be understood, not to be tuned away.
"""

from __future__ import annotations

import numpy as np

from ecoassess.calendar import Month
from ecoassess.opening import open_run
from ecoassess.project import find_project
from ecoassess.zones import forest_area_of_atoms


def main() -> None:
    """Print the tables as Markdown."""
    project = find_project()
    session = open_run(project, project.configs / "runs" / "yanbian.yaml", Month(2024, 6))
    observation = session.observe()
    climate, statistics = session.climate, session.statistics
    adcode = observation.atoms["adcode"].to_numpy()
    area = observation.class_area

    def figure(code: str, name: str, scale: float = 1.0) -> str:
        value = statistics.figure(code, name, 2024).value
        return "-" if value is None else f"{value * scale:,.4g}"

    print(
        "| county | land km² | statistic | forest km² | statistic | cropland km² | T °C |"
        " statistic | P mm | statistic | P ERA5 |"
    )
    print("|---|" + "---|" * 10)
    for code, title in session.run.config.counties.items():
        mine = adcode == code
        print(
            f"| {title.en} | {area.values[mine].sum() / 1e6:,.0f} | {figure(code, 'land_area')} "
            f"| {forest_area_of_atoms(observation)[mine].sum() / 1e6:,.0f} "
            f"| {figure(code, 'forest_area', 0.01)} "
            f"| {area.sel(land_class='cropland').values[mine].sum() / 1e6:,.0f} "
            f"| {np.average(climate.temperature.sel(adcode=code), weights=session.month.days):.1f} "
            f"| {figure(code, 'temperature_mean')} "
            f"| {float(climate.precipitation.sel(adcode=code).sum()):.0f} "
            f"| {figure(code, 'precipitation')} "
            f"| {float(observation.precipitation.sel(adcode=code).sum()):.0f} |"
        )

    by_county = session.simulate()["pv_yield"].sum("month")
    print("\n| county | kWh/kWp self-built houses | walk-up blocks |\n|---|---|---|")
    for code, title in session.run.config.counties.items():
        values = by_county.sel(adcode=code)
        print(
            f"| {title.en} | {float(values.sel(dwelling='self_built')):.0f} "
            f"| {float(values.sel(dwelling='walk_up')):.0f} |"
        )


if __name__ == "__main__":
    main()
