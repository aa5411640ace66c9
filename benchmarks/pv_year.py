"""Time eight sites x 20 orientations in one call against a plain ModelChain loop."""

from time import perf_counter

import numpy as np
import pandas as pd
import pvlib

from ecoassess.models.pv_year import PVParameters, Site, pv_years

SITES = [Site(42.3 + 0.2 * i, 127.9 + 0.35 * i, 200.0 + 50 * i, "Asia/Shanghai") for i in range(8)]
IRRADIATION = np.tile([63, 83, 124, 147, 170, 164, 155, 146, 128, 99, 62, 53], (8, 1))
TEMPERATURE = np.tile([-14, -9, -1, 7, 14, 18, 22, 22, 15, 8, -2, -11], (8, 1))
TILTS = np.tile([0, 20, 40, 60, 90], 4)
AZIMUTHS = np.repeat([0, 90, 180, 270], 5)
PARAMETERS = PVParameters(
    -0.0035, 0.14, 1.2, 0.96, 25.0, 6.84, 1.5, 6.0, 14.5, 0.2, 0.6, 2.0, 0.5, 0.75
)


def model_chains() -> int:
    """Run one ModelChain per site and orientation, a single sky, and return how many."""
    hours = pd.date_range("2023-01-01 00:30", periods=8760, freq="h", tz="Asia/Shanghai")
    count = 0
    for site in SITES:
        place = (site.latitude, site.longitude, site.time_zone, site.altitude)
        location = pvlib.location.Location(*place)
        weather = location.get_clearsky(hours).assign(temp_air=10.0, wind_speed=1.5)
        for tilt, azimuth in zip(TILTS, AZIMUTHS, strict=True):
            array = pvlib.pvsystem.Array(
                pvlib.pvsystem.FixedMount(tilt, azimuth),
                albedo=0.2,
                module_parameters={"pdc0": 1.0, "gamma_pdc": -0.0035},
                temperature_model_parameters={"u0": 25.0, "u1": 6.84},
            )
            system = pvlib.pvsystem.PVSystem([array], inverter_parameters={"pdc0": 0.87})
            chain = pvlib.modelchain.ModelChain(
                system, location, aoi_model="physical", spectral_model="no_loss"
            )
            chain.run_model(weather)
            count += 1
    return count


def main() -> None:
    """Print both times and their ratio."""
    arguments = (SITES, IRRADIATION, TEMPERATURE, TILTS, AZIMUTHS, PARAMETERS)
    pv_years(*arguments)
    start = perf_counter()
    pv_years(*arguments)
    ours = perf_counter() - start
    start = perf_counter()
    count = model_chains()
    loop = perf_counter() - start
    print(f"{count} orientations: pv_years {ours:.2f} s (two skies), ModelChain loop {loop:.2f} s")
    print(f"ratio {loop / ours:.1f}")


if __name__ == "__main__":
    main()
