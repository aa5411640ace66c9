"""Eight counties x 20 orientations: one call against a plain ModelChain loop, and their energy.

Both get the same hours: the two skies of `pv_years`, its air temperature, wind, albedo and snow.
The loop runs one ModelChain per site and orientation in each sky, and its two skies are mixed as
`pv_years` mixes them. It does not use that a site has one sun.
"""

from time import perf_counter

import numpy as np
import pandas as pd
import pvlib

from ecoassess.models.pv_year import (
    MONTH_OF_HOUR,
    Array,
    PVParameters,
    PVYear,
    Site,
    Snowfall,
    air_temperature,
    clear_sky,
    half_hours,
    pv_years,
    sky_mixture,
    whole_year,
)

SITES = [Site(42.3 + 0.2 * i, 127.9 + 0.35 * i, 200.0 + 50 * i, "Asia/Shanghai") for i in range(8)]
IRRADIATION = np.tile([63, 83, 124, 147, 170, 164, 155, 146, 128, 99, 62, 53], (8, 1))
DIFFUSE = 0.45 * IRRADIATION
TEMPERATURE = np.tile([-14, -9, -1, 7, 14, 18, 22, 22, 15, 8, -2, -11], (8, 1))
SNOW = Snowfall(
    [6, 7, 10, 4, 0, 0, 0, 0, 0, 1, 8, 7], [2, 2, 3, 1, 0, 0, 0, 0, 0, 0, 3, 2], np.full(12, 65)
)
TILTS = np.tile([0, 20, 40, 60, 90], 4)
AZIMUTHS = np.repeat([0, 90, 180, 270], 5)
PARAMETERS = PVParameters(
    temperature_coefficient=-0.0035,
    soiling=0.02,
    system_losses=0.1232,
    dc_ac_ratio=1.2,
    inverter_efficiency=0.96,
    heat_loss=25.0,
    heat_loss_wind=6.84,
    wind_speed=1.5,
    diurnal_amplitude=6.0,
    warmest_hour=14.5,
    ground_albedo=0.2,
    snow_albedo=0.2,
    slant_height=2.0,
    lower_edge_height=0.5,
    string_factor=0.75,
)


def skies(site: Site, year: PVYear) -> list[pd.DataFrame]:
    """Return the hourly weather of a site's clear and overcast state."""
    sky = clear_sky(site)
    months = (IRRADIATION[0] - DIFFUSE[0], sky.monthly(sky.ghi - sky.dhi))
    _, clear, overcast = (v[MONTH_OF_HOUR] for v in sky_mixture(year.clear_sky_index, *months))
    hours = {name: whole_year(getattr(sky, name), sky.hour) for name in ("ghi", "dni", "dhi")}
    dark = overcast * hours["ghi"]
    air = air_temperature(TEMPERATURE[0].astype(float), site, PARAMETERS)
    shared = {"temp_air": air, "wind_speed": PARAMETERS.wind_speed}
    return [
        pd.DataFrame({**irradiance, **shared}, index=half_hours(site))
        for irradiance in (
            {name: clear * values for name, values in hours.items()},
            {"ghi": dark, "dni": 0.0, "dhi": dark},
        )
    ]


def loop(weather: list[list[pd.DataFrame]], years: tuple[PVYear, ...]) -> Array:
    """Run ModelChain for every site, orientation and sky; return the yearly kWh/kWp, (8, 20)."""
    p = PARAMETERS
    yearly = np.zeros((len(SITES), TILTS.size))
    for i, site in enumerate(SITES):
        place = (site.latitude, site.longitude, site.time_zone, site.altitude)
        location = pvlib.location.Location(*place)
        for k, (tilt, azimuth) in enumerate(zip(TILTS, AZIMUTHS, strict=True)):
            kept = (1 - p.soiling) * (1 - p.system_losses) * (1 - years[i].snow_loss[:, k])
            array = pvlib.pvsystem.Array(
                pvlib.pvsystem.FixedMount(tilt, azimuth),
                albedo=p.ground_albedo,
                module_parameters={"pdc0": 1.0, "gamma_pdc": p.temperature_coefficient},
                temperature_model_parameters={"u0": p.heat_loss, "u1": p.heat_loss_wind},
            )
            system = pvlib.pvsystem.PVSystem(
                [array],
                inverter_parameters={
                    "pdc0": 1 / p.dc_ac_ratio / p.inverter_efficiency,
                    "eta_inv_nom": p.inverter_efficiency,
                },
            )
            chain = pvlib.modelchain.ModelChain(
                system,
                location,
                transposition_model="haydavies",
                dc_model="pvwatts",
                ac_model="pvwatts",
                aoi_model="physical",
                spectral_model="no_loss",
                temperature_model="faiman",
                losses_model=_losses(kept[MONTH_OF_HOUR]),
            )
            power = []
            for hours in weather[i]:
                chain.run_model(hours)
                power.append(chain.results.ac.fillna(0).to_numpy())
            s = years[i].clear_fraction[MONTH_OF_HOUR]
            yearly[i, k] = (s * power[0] + (1 - s) * power[1]).sum()
    return yearly


def _losses(kept: Array):
    """Return a losses model for ModelChain: what is kept of each hour's DC power."""

    def losses(chain: pvlib.modelchain.ModelChain) -> None:
        chain.results.losses = pd.Series(kept, index=chain.results.dc.index)
        chain.results.dc = chain.results.dc * chain.results.losses

    return losses


def main() -> None:
    """Print both times, their ratio, and how far the energies are apart by orientation."""
    arguments = (SITES, IRRADIATION, TEMPERATURE, TILTS, AZIMUTHS, PARAMETERS)
    more = {"monthly_diffuse": DIFFUSE, "monthly_snowfall": [SNOW] * len(SITES)}
    pv_years(*arguments, **more)
    start = perf_counter()
    years = pv_years(*arguments, **more)
    ours = perf_counter() - start
    weather = [skies(site, year) for site, year in zip(SITES, years, strict=True)]
    start = perf_counter()
    theirs = loop(weather, years)
    plain = perf_counter() - start
    found = np.array([year.annual_yield for year in years])
    difference = found / theirs - 1
    print("| tilt | azimuth | kWh/kWp | largest difference of a site |\n|---|---|---|---|")
    for k, (tilt, azimuth) in enumerate(zip(TILTS, AZIMUTHS, strict=True)):
        worst = difference[np.abs(difference[:, k]).argmax(), k]
        print(f"| {tilt} | {azimuth} | {found[0, k]:.0f} | {100 * worst:+.4f} % |")
    print(f"\n{theirs.size} orientations in two skies: {ours:.2f} s in one call")
    print(f"ModelChain {plain:.2f} s, ratio {plain / ours:.1f} (at least 5 wanted)")
    print(f"largest difference {100 * np.abs(difference).max():.4f} % (at most 0.05 wanted)")
    loss = years[0].snow_loss[:, 2 * 5 + 2]
    print("snow loss by month, south at 40°:", " ".join(f"{100 * v:.1f}" for v in loss), "%")


if __name__ == "__main__":
    main()
