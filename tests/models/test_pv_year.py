"""PV year: published examples, closure, physics, and an independent ModelChain."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ecoassess.models import pv_year as model
from ecoassess.models.pv_year import PVParameters, Site, Snowfall, pv_year, pv_years
from ecoassess.models.solar import extraterrestrial_irradiation

REFERENCE = Path(__file__).parents[1] / "reference"

YANJI = Site(latitude=42.9, longitude=129.5, altitude=178.0, time_zone="Asia/Shanghai")
SUNSHINE = np.array([0.60, 0.62, 0.57, 0.51, 0.48, 0.45, 0.39, 0.43, 0.55, 0.59, 0.55, 0.56])
TEMPERATURE = np.array([-13.5, -9.1, -1.3, 7.2, 13.8, 18.3, 21.9, 21.8, 15.5, 7.8, -2.1, -11.1])
# Angstrom-Prescott with FAO-56's coefficients (eq. 35)
IRRADIATION = extraterrestrial_irradiation(YANJI.latitude) * (0.25 + 0.50 * SUNSHINE)
SNOWFALL = Snowfall(
    depth=[6, 7, 10, 4, 0, 0, 0, 0, 0, 1, 8, 7],
    events=[0.6, 0.7, 1.0, 0.5, 0, 0, 0, 0, 0, 0.1, 0.9, 0.7],
    relative_humidity=[58, 54, 52, 51, 60, 71, 79, 80, 74, 64, 61, 60],
)
PARAMETERS = PVParameters(
    temperature_coefficient=-0.0035,
    soiling=0.0,
    system_losses=0.14,
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


@pytest.fixture(scope="module")
def sky():
    return model.clear_sky(YANJI)


@pytest.fixture(scope="module")
def run(sky):
    def call(tilts=(40,), azimuths=(180,), irradiation=IRRADIATION, parameters=PARAMETERS, **more):
        return pv_year(
            YANJI, irradiation, TEMPERATURE, tilts, azimuths, parameters, sky=sky, **more
        )

    return call


# --- published values


def test_extraterrestrial_agrees_with_solar_position(sky):
    normal = sky.extraterrestrial * np.maximum(np.cos(np.radians(sky.zenith)), 0)
    found, expected = extraterrestrial_irradiation(YANJI.latitude), sky.monthly(normal)
    np.testing.assert_allclose(found, expected, rtol=0.045)  # FAO's declination in autumn
    assert found.sum() == pytest.approx(expected.sum(), rel=0.012)


def test_diffuse_cubic_by_hand():
    """K = 0.5, sunset after 81.4 degrees: 1.311 - 1.511 + 0.85675 - 0.227625 = 0.429125."""
    half = extraterrestrial_irradiation(0) / 2
    np.testing.assert_allclose(model.diffuse_irradiation(half, 0) / half, 0.429125)
    # January at 60 N, sunset before 81.4: 1.391 - 1.780 + 1.04725 - 0.267125 = 0.391125.
    half = extraterrestrial_irradiation(60) / 2
    assert (model.diffuse_irradiation(half, 60) / half)[0] == pytest.approx(0.391125)


# --- the sky


def test_each_month_receives_its_irradiation(run, sky):
    year = run()
    month = model.MONTH_OF_HOUR[sky.hour]
    s, kc = year.clear_fraction, year.clear_sky_index
    alpha = (kc - s) / (1 - s)
    hourly = (s + (1 - s) * alpha)[month] * sky.ghi
    np.testing.assert_allclose(sky.monthly(hourly), IRRADIATION, rtol=1e-9)
    diffuse = s[month] * sky.dhi + ((1 - s) * alpha)[month] * sky.ghi
    expected = model.diffuse_irradiation(IRRADIATION, YANJI.latitude)
    np.testing.assert_allclose(sky.monthly(diffuse), expected, rtol=1e-9)
    assert (alpha > 0.3).all()
    assert (alpha < 0.6).all()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(0.02, 1.1), min_size=12, max_size=12),
    st.lists(st.floats(0.0, 1.0), min_size=12, max_size=12),
)
def test_sky_closes_global_and_diffuse(sky, index, diffuse_share):
    index, share = np.array(index), np.array(diffuse_share)
    month = model.MONTH_OF_HOUR[sky.hour]
    clear_global, clear_beam = sky.monthly(sky.ghi), sky.monthly(sky.ghi - sky.dhi)
    beam = (1 - share) * index * clear_global
    fraction, clear, overcast = model.sky_mixture(index, beam, clear_beam)
    assert ((fraction >= 0) & (fraction <= 1) & (overcast >= 0)).all()
    hourly = (fraction * clear + (1 - fraction) * overcast)[month] * sky.ghi
    np.testing.assert_allclose(sky.monthly(hourly), index * clear_global, rtol=1e-9)
    met = fraction * clear * clear_beam
    attainable = beam <= np.minimum(index, 1) * clear * clear_beam
    np.testing.assert_allclose(met[attainable], beam[attainable], rtol=1e-9, atol=1e-12)


def test_horizontal_plane_receives_the_irradiation_given(run):
    """Hay-Davies on a flat plane is the horizontal irradiance itself."""
    flat = run(tilts=[0], azimuths=[180])
    # The ratio cos(aoi) / cos(zenith) is bounded near the horizon: not 1e-9 here.
    np.testing.assert_allclose(flat.plane_irradiation[:, 0], IRRADIATION, rtol=1e-4)


def load_tmy3():
    return YAML(typ="safe").load(REFERENCE / "pv_tmy3.yaml")


@pytest.mark.parametrize(("station", "south", "north"), [(0, 0.012, 0.07), (1, 0.045, 0.06)])
def test_planes_of_hourly_weather_are_met_from_its_monthly_sums(station, south, north, compare):
    data = load_tmy3()
    place = data["stations"][station]
    site = Site(*(place[key] for key in ("latitude", "longitude", "altitude", "time_zone")))
    weather = (place["global_horizontal"], place["temperature"])
    tilts, azimuths = np.array(data["tilts"]), np.array(data["azimuths"])
    for diffuse in (None, place["diffuse_horizontal"]):
        year = pv_year(site, *weather, tilts, azimuths, PARAMETERS, monthly_diffuse=diffuse)
        found, known = year.plane_irradiation.sum(axis=0), np.array(place["plane_irradiation"])
        away = azimuths == 0
        given = "without" if diffuse is None else "with"
        for which, planes, tolerance in (("north", away, north), ("other", ~away, south)):
            compare(
                "pv_year",
                f"{place['name']}: {which} planes from monthly sums, {given} diffuse",
                found[planes],
                known[planes],
                unit="kWh/m²",
                rel=tolerance,
                source="TMY3 (Wilcox and Marion 2008, NREL/TP-581-43156), hours on planes by pvlib",
            )


def test_uniformly_scaled_clear_sky_is_too_diffuse(sky):
    """Why two states: hours of average cloud would make 60 % of the irradiation diffuse."""
    index = IRRADIATION / sky.monthly(sky.ghi)
    uniform = index[model.MONTH_OF_HOUR[sky.hour]] * sky.ghi
    time = model.typical_hours(YANJI.time_zone)[sky.hour]
    hourly = pvlib.irradiance.erbs(uniform, sky.zenith, time)["dhi"]
    assert hourly.sum() / uniform.sum() > 0.58
    monthly = model.diffuse_irradiation(IRRADIATION, YANJI.latitude).sum() / IRRADIATION.sum()
    assert 0.38 < monthly < 0.45


def test_a_month_brighter_than_the_clear_sky(run, sky):
    irradiation = IRRADIATION.copy()
    irradiation[0] = 1.05 * sky.monthly(sky.ghi)[0]
    year = run(tilts=[0], azimuths=[180], irradiation=irradiation)
    assert year.clear_sky_index[0] == pytest.approx(1.05)
    np.testing.assert_allclose(year.plane_irradiation[:, 0], irradiation, rtol=1e-4)


# --- the plant


def test_orientations_in_their_order(run):
    south30, south45, flat, wall = run([30, 45, 0, 90], [180, 180, 0, 0]).annual_yield
    assert min(south30, south45) > flat > wall > 0


def test_east_and_west_mirror_each_other(run):
    east, west = run([30, 30], [90, 270]).annual_yield
    assert east == pytest.approx(west, rel=0.02)


def test_yanji_matches_the_design_of_local_plants(run):
    """Designs state 1240 to 1375 h; GHI here is 1300 to 1450 kWh m-2."""
    assert 1300 < IRRADIATION.sum() < 1450
    assert 1200 < run().annual_yield[0] < 1500


def test_monsoon_lowers_july_below_september(run):
    july, september = run().monthly_yield[[6, 8], 0] / [31, 30]
    assert july < september


def test_hours_add_up_to_months(run):
    year = run([40, 90], [180, 90])
    months = model.typical_hours(YANJI.time_zone).month
    hours = pd.DataFrame(year.hourly()).groupby(months).sum()
    np.testing.assert_allclose(hours, year.monthly_yield, rtol=1e-12)
    assert year.hourly().shape == (8760, 2)


def test_power_is_linear_in_capacity():
    irradiance, air, snow = np.array([0.0, 30.0, 500.0, 1200.0]), np.full(4, 5.0), np.zeros(4)
    one, two = (
        model.ac_power(irradiance, irradiance, air, 1.5, snow, PARAMETERS, kw) for kw in (1.0, 2.0)
    )
    np.testing.assert_allclose(two, 2 * one, rtol=1e-12)
    assert one[0] == 0


def test_inverter_limit(run):
    tight = run(parameters=replace(PARAMETERS, dc_ac_ratio=2.0))
    assert tight.hourly_clear.max() == pytest.approx(0.5)
    assert tight.annual_yield < run().annual_yield
    assert run().hourly_clear.max() <= 1 / PARAMETERS.dc_ac_ratio + 1e-12


def test_nights_are_dark(run):
    clock = model.typical_hours(YANJI.time_zone).hour
    assert run().hourly()[(clock < 3) | (clock > 20)].max() == 0


def test_air_temperature_keeps_its_means_and_peaks_after_noon():
    hourly = model.air_temperature(TEMPERATURE, YANJI, PARAMETERS)
    sums = np.add.reduceat(hourly, 24 * model.MONTH_STARTS)
    np.testing.assert_allclose(sums / (24 * model.DAYS_IN_MONTH), TEMPERATURE, atol=1e-9)
    assert hourly[:24].argmax() == 13  # 14:30 solar is 13:52 by the clock of 120 E
    assert np.ptp(hourly[:24]) == pytest.approx(12, abs=0.2)


def test_snow_is_a_matter_of_winter(run):
    bare, snowy = run([10, 40], [180, 180]), run([10, 40], [180, 180], monthly_snowfall=SNOWFALL)
    loss = 1 - snowy.monthly_yield / bare.monthly_yield
    assert (loss[[0, 1, 2, 10, 11]] > 0.005).all()
    np.testing.assert_allclose(loss[5:9], 0, atol=1e-12)
    assert (snowy.snow_loss[[0, 1, 2, 10, 11], 0] > snowy.snow_loss[[0, 1, 2, 10, 11], 1]).all()


def test_snow_loss_given_as_share(run):
    share = np.where(np.arange(12) == 0, 1.0, 0.0)
    year = run(monthly_snow_loss=share)
    assert year.monthly_yield[0, 0] == 0
    np.testing.assert_array_equal(year.monthly_yield[1:], run().monthly_yield[1:])


def test_snow_on_the_ground_helps_walls(run):
    cover = np.array([0.8, 0.7, 0.4, 0, 0, 0, 0, 0, 0, 0, 0.3, 0.7])
    gain = (
        run([0, 90], [180, 180], monthly_snow_cover=cover).monthly_yield
        / run([0, 90], [180, 180]).monthly_yield
    )
    assert (gain[:, 0] == 1).all()
    assert (gain[[0, 1, 11], 1] > 1.05).all()


# --- an independent run


@pytest.mark.parametrize(("tilt", "azimuth"), [(40, 180), (0, 180), (20, 90), (90, 270), (90, 0)])
def test_against_modelchain(run, tilt, azimuth):
    """Both skies through pvlib's own ModelChain with PVWatts, weather built anew here."""
    ours = run([tilt], [azimuth])
    location = pvlib.location.Location(42.9, 129.5, "Asia/Shanghai", 178)
    hours = pd.date_range("2023-01-01 00:30", periods=8760, freq="h", tz="Asia/Shanghai")
    clear = location.get_clearsky(hours)
    month = hours.month.to_numpy() - 1
    kc, s = ours.clear_sky_index, ours.clear_fraction
    alpha = ((kc - s) / (1 - s))[month]
    solar = hours.hour + 0.5 + 129.5 / 15 - 8
    air = TEMPERATURE[month] + 6 * np.cos(2 * np.pi * (solar - 14.5) / 24)
    overcast = pd.DataFrame({"ghi": alpha * clear.ghi, "dhi": alpha * clear.ghi, "dni": 0.0})
    names = "shading snow mismatch wiring connections lid nameplate_rating age availability"
    system = pvlib.pvsystem.PVSystem(
        arrays=[
            pvlib.pvsystem.Array(
                pvlib.pvsystem.FixedMount(tilt, azimuth),
                albedo=0.2,
                module_parameters={"pdc0": 1.0, "gamma_pdc": -0.0035},
                temperature_model_parameters={"u0": 25.0, "u1": 6.84},
            )
        ],
        inverter_parameters={"pdc0": 1 / 1.2 / 0.96, "eta_inv_nom": 0.96},
        losses_parameters={"soiling": 14, **dict.fromkeys(names.split(), 0)},
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
        losses_model="pvwatts",
    )
    power = []
    for weather in (clear, overcast):
        chain.run_model(weather.assign(temp_air=air, wind_speed=1.5))
        power.append(chain.results.ac.fillna(0).to_numpy())
    theirs = s[month] * power[0] + (1 - s[month]) * power[1]
    assert ours.annual_yield[0] == pytest.approx(theirs.sum(), rel=0.005)
    by_month = np.bincount(month, theirs)
    np.testing.assert_allclose(ours.monthly_yield[:, 0], by_month, rtol=0.01)


# --- many sites, wrong input


def test_many_sites_equal_single_ones(monkeypatch):
    sites = [YANJI, Site(43.1, 128.9, 600.0, "Asia/Shanghai"), YANJI]
    irradiation = IRRADIATION * np.array([[1.0], [0.98], [0.95]])
    temperature = TEMPERATURE - np.array([[0.0], [2.0], [0.0]])
    skies = []
    compute = model.clear_sky
    monkeypatch.setattr(model, "clear_sky", lambda site: skies.append(site) or compute(site))
    plane = ([20, 40], [180, 90], PARAMETERS)
    many = pv_years(sites, irradiation, temperature, *plane, monthly_snowfall=[SNOWFALL] * 3)
    assert skies == sites[:2]
    for site, row, air, year in zip(sites, irradiation, temperature, many, strict=True):
        single = pv_year(site, row, air, *plane, monthly_snowfall=SNOWFALL)
        np.testing.assert_array_equal(year.monthly_yield, single.monthly_yield)
    with pytest.raises(ValueError, match="monthly_irradiation: found 2 rows, expected 3"):
        pv_years(sites, irradiation[:2], temperature, *plane)


def test_inputs_are_not_changed(run):
    irradiation = IRRADIATION.copy()
    run(irradiation=irradiation)
    np.testing.assert_array_equal(irradiation, IRRADIATION)


def changed(month, value):
    return np.where(np.arange(12) == month, value, IRRADIATION)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"irradiation": changed(3, 0.0)}, r"monthly_irradiation, Apr: found 0, expected"),
        ({"irradiation": changed(6, np.nan)}, r"monthly_irradiation, Jul: found nan"),
        ({"irradiation": IRRADIATION * 3.6}, r"(?s)monthly_irradiation, Jan: .*, Dec: "),
        ({"irradiation": changed(0, 100.0)}, r"clear-sky index, Jan: found 1\.\d+, .*kWh"),
        ({"irradiation": IRRADIATION[:11]}, r"monthly_irradiation: found shape \(11,\)"),
        ({"monthly_snow_cover": np.full(12, 40.0)}, r"monthly_snow_cover, Jan: found 40"),
        ({"monthly_diffuse": IRRADIATION * 1.1}, r"monthly_diffuse, Jan"),
        ({"tilts": [-1]}, "0 to 90"),
        ({"tilts": [1, 2]}, r"expected two \(k,\)"),
        (
            {"monthly_snowfall": SNOWFALL, "monthly_snow_loss": np.zeros(12)},
            "found both, expected one",
        ),
    ],
)
def test_wrong_input_is_named(run, arguments, message):
    with pytest.raises(ValueError, match=message):
        run(**arguments)
