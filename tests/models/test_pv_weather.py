"""PV of hourly weather against PVWatts's own hours, and against the typical year."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from ecoassess.models.pv_weather import Weather, pv_of_weather
from ecoassess.models.pv_year import (
    PVParameters,
    Site,
    Snowfall,
    air_temperature,
    clear_sky,
    monthly_sum,
    pv_year,
    sun_of,
    whole_year,
)

REFERENCE = Path(__file__).parents[1] / "reference"
PARAMETERS = PVParameters(
    temperature_coefficient=-0.0035,
    soiling=0.02,
    system_losses=0.12,
    dc_ac_ratio=1.2,
    inverter_efficiency=0.96,
    heat_loss=25.0,
    heat_loss_wind=6.84,
    wind_speed=1.5,
    diurnal_amplitude=6.0,
    warmest_hour=14.5,
    ground_albedo=0.2,
    snow_albedo=0.6,
    slant_height=2.0,
    lower_edge_height=0.5,
    string_factor=0.75,
)
YANJI = Site(latitude=42.9, longitude=129.5, altitude=178.0, time_zone="Asia/Shanghai")
TEMPERATURE = np.array([-13.5, -9.1, -1.3, 7.2, 13.8, 18.3, 21.9, 21.8, 15.5, 7.8, -2.1, -11.1])


@pytest.fixture(scope="module")
def denver():
    data = YAML(typ="safe").load(REFERENCE / "pvwatts_denver.yaml")
    hours = pd.read_csv(REFERENCE / "pvwatts_denver.csv.gz")
    site = Site(*(data[key] for key in ("latitude", "longitude", "altitude", "time_zone")))
    sun = sun_of(site)
    height = whole_year(np.cos(np.radians(sun.zenith)), sun.hour)
    beam, diffuse = hours["beam"].to_numpy(float), hours["diffuse"].to_numpy(float)
    weather = Weather(
        ghi=beam * height + diffuse,
        dni=beam,
        dhi=diffuse,
        temperature=hours["temperature"].to_numpy(float),
        wind_speed=hours["wind"].to_numpy(float),
    )
    parameters = replace(
        PARAMETERS,
        temperature_coefficient=data["temperature_coefficient"],
        system_losses=1 - (1 - data["system_losses"]) / (1 - PARAMETERS.soiling),
    )
    year = pv_of_weather(site, weather, [data["tilt"]], [data["azimuth"]], parameters)
    return data, hours, year


def test_the_reference_is_whole(denver):
    data, hours, _ = denver
    assert len(hours) == 8760
    for name, total in data["totals"].items():
        assert hours[name].sum() == pytest.approx(total, abs=0.001)


@pytest.mark.parametrize("mount", ["ac_rack", "ac_roof"])
def test_pvwatts_of_denver(denver, mount, compare):
    """Issue 5: AC of the year within 3 %; here with another cell temperature (Faiman)."""
    data, hours, year = denver
    theirs = hours[mount].to_numpy()
    ours = data["capacity"] * 1000 * year.hourly()[:, 0]
    plane = 1000 * year.plane_irradiation.sum()
    months = monthly_sum(ours), monthly_sum(theirs)
    for what, found, known, unit, tolerance in (
        (f"alternating current of the year, {mount[3:]}", ours.sum(), theirs.sum(), "Wh", 0.015),
        (f"alternating current of the months, {mount[3:]}", *months, "Wh", 0.03),
        ("irradiation of the plane", plane, hours["plane"].sum(), "Wh/m²", 0.01),
    ):
        compare(
            "pv_weather",
            f"Denver: {what}",
            found,
            known,
            unit=unit,
            rel=tolerance,
            source="NREL's PVWatts, hours exported to the tests of pvlib-python (commit 6382338)",
        )


def test_a_clear_year_is_the_typical_year_of_its_own_sums():
    """Hours that are all clear have one state of the sky, in which both ways must agree."""
    sky = clear_sky(YANJI)
    air = air_temperature(TEMPERATURE, YANJI, PARAMETERS)
    wind = np.full(8760, PARAMETERS.wind_speed)
    irradiance = [whole_year(values, sky.hour) for values in (sky.ghi, sky.dni, sky.dhi)]
    planes = ([0, 40, 90], [180, 180, 0])
    snow = Snowfall(np.full(12, 8.0), np.ones(12), np.full(12, 65.0))
    ours = pv_of_weather(
        YANJI, Weather(*irradiance, air, wind), *planes, PARAMETERS, monthly_snowfall=snow
    )
    typical = pv_year(
        YANJI,
        sky.monthly(sky.ghi),
        TEMPERATURE,
        *planes,
        PARAMETERS,
        monthly_diffuse=sky.monthly(sky.dhi),
        monthly_snowfall=snow,
        sky=sky,
    )
    # sky.ghi differs from its beam and diffuse parts by what the clear-sky model rounds
    np.testing.assert_allclose(ours.monthly_yield, typical.monthly_yield, rtol=1e-9)
    assert (ours.clear_fraction == 1).all()
