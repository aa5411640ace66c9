from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from ruamel.yaml import YAML

from ecoassess.models import climate_zone as cz
from ecoassess.models import solar

REFERENCE = YAML(typ="safe").load(Path(__file__).parents[1] / "reference" / "climate_zone_pet.yaml")
COLD_YEAR = [-14.0, -10.0, -2.0, 7.0, 14.0, 18.0, 22.0, 21.5, 15.0, 7.0, -3.0, -11.0]
RANGE = np.full(12, 11.0)


def test_thornthwaite_of_aberdeen(compare):
    example = REFERENCE["thornthwaite_aberdeen"]
    temperature, latitude = example["monthly_temperature"], example["latitude"]
    pet = cz.potential_evapotranspiration_thornthwaite(temperature, latitude)
    compare(
        "climate_zone",
        "Thornthwaite's evapotranspiration of Aberdeen, 12 months",
        pet,
        example["pet_mm_month"],
        unit="mm/month",
        rel=1e-3,
        source=example["source"],
    )


def test_thornthwaite_by_hand():
    # Twelve months of 10 degC at the equator, where every day has 12 h.
    # I = 12 * 2^1.514 = 12 * 2.8560 = 34.272
    # a = 6.75e-7 * 40255 - 7.71e-5 * 1174.6 + 1.792e-2 * 34.272 + 0.49239
    #   = 0.02717 - 0.09056 + 0.61415 + 0.49239 = 1.04315
    # 16 * (100 / 34.272)^1.04315 = 16 * 3.0559 = 48.89 mm in 30 days
    temperature = np.full(12, 10.0)
    assert cz.annual_heat_index(temperature) == pytest.approx(34.272, abs=0.005)
    pet = cz.potential_evapotranspiration_thornthwaite(temperature, 0.0)
    np.testing.assert_allclose(pet, 48.89 * cz.DAYS_IN_MONTH / 30, rtol=1e-3)


def test_thornthwaite_hot_months():
    # 30 degC: -415.85 + 32.24 * 30 - 0.43 * 900 = 164.35; top at 32.24 / 0.86 = 37.488 degC:
    # -415.85 + 32.24^2 / (4 * 0.43) = 188.46.
    temperature = np.array([30.0, 40.0, 45.0, *[28.0] * 9])
    pet = cz.potential_evapotranspiration_thornthwaite(temperature, 0.0)
    unadjusted = pet * 30 / cz.DAYS_IN_MONTH
    np.testing.assert_allclose(unadjusted[:3], [164.35, 188.46, 188.46], atol=0.01)


def test_thornthwaite_joins_its_hot_branch():
    # The lines of all heat indices meet near 135 mm at 26.5 degC (Thornthwaite 1948, Fig. 13).
    for rest in (5.0, 15.0, 25.0):
        months = [[at, *[rest] * 11] for at in (26.5, 26.5001)]
        below, above = cz.potential_evapotranspiration_thornthwaite(months, 0.0)[:, 0] * 30 / 31
        assert below == pytest.approx(135.0, abs=2.0)
        assert below <= above <= below + 3.0


def test_thornthwaite_without_a_warm_month():
    temperature = np.array([np.full(12, -1.0), np.zeros(12), [*np.full(11, -9.0), 1e-6]])
    pet = cz.potential_evapotranspiration_thornthwaite(temperature, [70.0, 70.0, 43.0])
    assert (pet[:2] == 0).all()
    assert pet[2, :11].sum() == 0
    assert 0 < pet[2, 11] < 136.6  # bounded though the heat index is next to 0


def test_oudin_by_hand(compare):
    # Mid-July at Lyon: Re = 16.55 mm/day of water; T = 20.7: 16.55 * 25.7 / 100 * 31 = 131.8 mm.
    example = REFERENCE["hargreaves_lyon"]
    latitude = example["latitude"]
    water = solar.extraterrestrial_radiation(latitude, example["mid_july_day"]) / cz.LATENT_HEAT
    compare(
        "solar",
        "extraterrestrial radiation at Lyon, mid-July, as water",
        water,
        example["mid_july_radiation_mm_day"],
        unit="mm/day",
        rel=1e-3,
        source=example["source"],
    )
    temperature = np.full(12, 20.7)
    temperature[:2] = [-5.0, -30.0]
    pet = cz.potential_evapotranspiration_oudin(temperature, latitude)
    assert pet[6] == pytest.approx(131.8, rel=0.01)
    assert (pet[:2] == 0).all()


def test_hargreaves_of_fao_example(compare):
    example = REFERENCE["hargreaves_lyon"]
    mean = (example["tmax"] + example["tmin"]) / 2
    spread = np.full(12, example["tmax"] - example["tmin"])
    pet = cz.potential_evapotranspiration_hargreaves(np.full(12, mean), example["latitude"], spread)
    compare(
        "climate_zone",
        "Hargreaves' evapotranspiration of Lyon, July",
        pet[6] / 31,
        example["july_mm_day"],
        unit="mm/day",
        abs=0.05,
        source=example["source"],
    )
    frozen = cz.potential_evapotranspiration_hargreaves(np.full(12, -20.0), 43.0, spread)
    assert (frozen == 0).all()


def _pet(name, temperature, latitude):
    extra = [np.broadcast_to(RANGE, np.shape(temperature))] if name == "hargreaves" else []
    return cz.PET_FORMULAS[name](temperature, latitude, *extra)


@pytest.mark.parametrize("name", cz.PET_FORMULAS)
def test_pet_is_vectorised_and_keeps_missing_values(name):
    temperature = np.array([COLD_YEAR, np.add(COLD_YEAR, 5.0), np.full(12, np.nan)])
    latitude = np.array([43.0, -35.0, 43.0])
    together = _pet(name, temperature, latitude)
    assert together.shape == (3, 12)
    for site in range(3):
        np.testing.assert_allclose(together[site], _pet(name, temperature[site], latitude[site]))
    assert np.isnan(together[2]).all()
    grid = _pet(name, np.broadcast_to(temperature, (4, 3, 12)), latitude)
    np.testing.assert_array_equal(grid[1], together)
    assert np.isnan(_pet(name, temperature, [43.0, np.nan, 43.0])[1]).all()


def test_one_missing_month_is_missing():
    gap = np.array(COLD_YEAR)
    gap[6] = np.nan
    assert np.isnan(_pet("oudin", gap, 43.0)).sum() == 1
    assert np.isnan(_pet("hargreaves", gap, 43.0)).sum() == 1
    assert np.isnan(_pet("thornthwaite", gap, 43.0)).all()  # through the heat index


@pytest.mark.parametrize("name", cz.PET_FORMULAS)
def test_impossible_input_is_refused(name):
    with pytest.raises(ValueError, match=r"(?s)such as 259.15.*-90 to 60 degC.*kelvin"):
        _pet(name, np.add(COLD_YEAR, 273.15), 43.0)
    with pytest.raises(ValueError, match=r"(?s)shape \(11,\).*12 months on the last axis"):
        cz.PET_FORMULAS[name](COLD_YEAR[:11], 43.0, *([RANGE] if name == "hargreaves" else []))
    with pytest.raises(ValueError, match=r"(?s)latitude.*such as 129.5.*degrees north"):
        _pet(name, COLD_YEAR, 129.5)


def test_negative_diurnal_range_is_refused():
    with pytest.raises(ValueError, match=r"(?s)diurnal range.*such as -11"):
        cz.potential_evapotranspiration_hargreaves(COLD_YEAR, 43.0, -RANGE)


# MAT, MAP, PET, elevation, frost days, warmest month; every leaf of the tree and its borders.
LEAVES = [
    (20.0, 900.0, 1500.0, 1200.0, 0.0, 25.0, "tropical montane"),
    (26.0, 2500.0, 1500.0, 100.0, 0.0, 28.0, "tropical wet"),
    (26.0, 1500.0, 1600.0, 100.0, 0.0, 28.0, "tropical moist"),
    (26.0, 500.0, 1900.0, 100.0, 0.0, 28.0, "tropical dry"),
    (15.0, 1200.0, 900.0, 100.0, 30.0, 25.0, "warm temperate moist"),
    (15.0, 500.0, 900.0, 100.0, 30.0, 25.0, "warm temperate dry"),
    (5.0, 650.0, 600.0, 300.0, 150.0, 22.0, "cool temperate moist"),
    (5.0, 550.0, 600.0, 300.0, 150.0, 22.0, "cool temperate dry"),
    (-3.0, 500.0, 400.0, 300.0, 220.0, 16.0, "boreal moist"),
    (-3.0, 300.0, 400.0, 300.0, 220.0, 16.0, "boreal dry"),
    (-12.0, 300.0, 150.0, 10.0, 300.0, 6.0, "polar moist"),
    (-12.0, 100.0, 150.0, 10.0, 300.0, 6.0, "polar dry"),
]
BORDERS = [
    (18.0, 2500.0, 1500.0, 100.0, 0.0, 25.0, "warm temperate moist"),
    (26.0, 2500.0, 1500.0, 100.0, 7.0, 28.0, "tropical wet"),
    (26.0, 2500.0, 1500.0, 100.0, 7.01, 28.0, "warm temperate moist"),
    (26.0, 2500.0, 1500.0, 1000.0, 0.0, 28.0, "tropical wet"),
    (26.0, 2000.0, 1500.0, 100.0, 0.0, 28.0, "tropical moist"),
    (26.0, 1000.0, 1500.0, 100.0, 0.0, 28.0, "tropical dry"),
    (10.0, 700.0, 600.0, 300.0, 90.0, 25.0, "cool temperate moist"),
    (5.0, 600.0, 600.0, 300.0, 90.0, 22.0, "cool temperate dry"),
    (0.0, 600.0, 500.0, 300.0, 90.0, 22.0, "boreal moist"),
    (-3.0, 500.0, 400.0, 300.0, 220.0, 10.0, "boreal moist"),
    (-3.0, 500.0, 400.0, 300.0, 220.0, 9.99, "polar moist"),
    (-20.0, 0.0, 0.0, 3000.0, 365.0, -5.0, "polar dry"),
]


@pytest.mark.parametrize("case", [*LEAVES, *BORDERS], ids=lambda case: f"{case[-1]} {case[0]}")
def test_climate_zone_one_site(case):
    assert cz.ipcc_climate_zone(*case[:-1]) == case[-1]


def test_climate_zone_many_sites():
    columns = list(zip(*LEAVES, strict=True))
    labels = cz.ipcc_climate_zone(*columns[:-1])
    assert tuple(labels) == columns[-1] == cz.CLIMATE_ZONES
    grid = cz.ipcc_climate_zone(np.full((2, 1), 5.0), [700.0, 500.0, np.nan], 600.0, 100.0)
    assert grid.shape == (2, 3)
    assert grid[1].tolist() == ["cool temperate moist", "cool temperate dry", ""]


NAN = np.nan


@pytest.mark.parametrize(
    ("site", "label"),
    [
        ((NAN, 600.0, 500.0, 300.0, 0.0, 20.0), ""),
        ((5.0, NAN, 500.0, 300.0, 0.0, 20.0), ""),
        ((5.0, 600.0, NAN, 300.0, 0.0, 20.0), ""),
        ((5.0, 600.0, 500.0, NAN, NAN, NAN), "cool temperate moist"),
        ((-5.0, 600.0, 500.0, NAN, NAN, NAN), ""),
        ((26.0, 1500.0, NAN, 100.0, 0.0, NAN), "tropical moist"),
        ((26.0, 1500.0, 900.0, 100.0, NAN, NAN), ""),
        ((26.0, 1500.0, 900.0, NAN, 0.0, NAN), ""),
        ((26.0, NAN, 900.0, 100.0, 0.0, NAN), ""),
        ((26.0, NAN, 900.0, 1500.0, 0.0, NAN), "tropical montane"),
        ((26.0, 1500.0, 900.0, NAN, 30.0, NAN), "warm temperate moist"),
    ],
)
def test_climate_zone_is_missing_only_where_the_value_is_asked_for(site, label):
    assert cz.ipcc_climate_zone(*site) == label


@pytest.mark.parametrize(
    ("site", "message"),
    [
        ((278.0, 600.0, 500.0, 300.0), r"(?s)mean annual temperature.*278.*kelvin"),
        ((5.0, -1.0, 500.0, 300.0), r"(?s)annual precipitation.*such as -1.*mm/yr"),
        ((5.0, 600.0, -500.0, 300.0), r"annual PET"),
        ((5.0, 600.0, 500.0, 30_000.0), r"elevation"),
        ((5.0, 600.0, np.inf, 300.0), r"annual PET"),
    ],
)
def test_climate_zone_refuses_the_impossible(site, message):
    with pytest.raises(ValueError, match=message):
        cz.ipcc_climate_zone(*site)


def test_distance_to_thresholds():
    distance = cz.distance_to_thresholds(
        [5.2, NAN, -8.0], [530.0, 530.0, 90.0], [500.0, 500.0, 0.0]
    )
    np.testing.assert_allclose(distance["temperature_18"], [-12.8, NAN, -26.0])
    np.testing.assert_allclose(distance["temperature_10"], [-4.8, NAN, -18.0])
    np.testing.assert_allclose(distance["temperature_0"], [5.2, NAN, -8.0])
    np.testing.assert_allclose(distance["precipitation_over_pet"], [0.06, 0.06, np.inf])


STATIONS = {
    "station_longitude": [129.5, 128.2],
    "station_latitude": [42.9, 43.4],
    "station_annual": [530.0, 630.0],
    "model_annual_at_station": [760.0, 800.0],
}
RAIN = np.array([6.0, 8.0, 17.0, 35.0, 75.0, 110.0, 165.0, 175.0, 80.0, 45.0, 27.0, 17.0])


def test_scaling_by_hand():
    # On the equator 1 degree east and 2 degrees west: weights 1 and 1/4, ratios 0.5 and 1.5,
    # (0.5 + 1.5 / 4) / (1 + 1 / 4) = 0.7.
    scaled = cz.scale_precipitation(
        np.full(12, 10.0), [1.0, -2.0], [0.0, 0.0], [500.0, 1500.0], [1000.0, 1000.0], 0.0, 0.0
    )
    np.testing.assert_allclose(scaled, 7.0)


def test_scaling_across_the_date_line():
    # 179 and -179 stand 1 degree from 180 each, whichever sign the longitude has.
    for target in (180.0, -180.0):
        scaled = cz.scale_precipitation(
            np.ones(12), [179.0, -179.0], [0.0, 0.0], [500.0, 1500.0], [1000.0, 1000.0], target, 0.0
        )
        np.testing.assert_allclose(scaled, 1.0)


def test_scaling_leaves_out_a_missing_station():
    gap = {**STATIONS, "station_annual": [530.0, NAN]}
    scaled = cz.scale_precipitation(RAIN, **gap, target_longitude=128.2, target_latitude=43.4)
    np.testing.assert_allclose(scaled, RAIN * 530 / 760)


def test_scaling_keeps_missing_targets():
    rain = np.array([RAIN, np.where(RAIN > 170, NAN, RAIN), RAIN])
    scaled = cz.scale_precipitation(
        rain, **STATIONS, target_longitude=[129.0, 129.0, NAN], target_latitude=43.0
    )
    assert np.isnan(scaled).sum(axis=-1).tolist() == [0, 1, 12]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"station_annual": [NAN, NAN]}, "no ratio"),
        ({"model_annual_at_station": [0.0, 800.0]}, "no ratio"),
        ({"station_annual": [-530.0, 630.0]}, r"(?s)station annual.*such as -530"),
        ({"station_latitude": [129.5, 43.4]}, "station latitude"),
    ],
)
def test_scaling_refuses_useless_stations(change, message):
    stations = {**STATIONS, **change}
    with pytest.raises(ValueError, match=message):
        cz.scale_precipitation(RAIN, **stations, target_longitude=129.0, target_latitude=43.0)


def test_scaling_refuses_negative_rain():
    with pytest.raises(ValueError, match=r"(?s)such as -6.*mm/month"):
        cz.scale_precipitation(-RAIN, **STATIONS, target_longitude=129.0, target_latitude=43.0)


temperatures = arrays(float, 12, elements=st.floats(-60, 50))
latitudes = st.floats(-90, 90)


@pytest.mark.parametrize("name", cz.PET_FORMULAS)
@given(temperature=temperatures, latitude=latitudes)
def test_pet_is_never_negative(name, temperature, latitude):
    pet = _pet(name, temperature, latitude)
    assert np.isfinite(pet).all()
    assert (pet >= 0).all()
    assert (pet < 1000).all()


@pytest.mark.parametrize("name", ["oudin", "hargreaves"])
@given(temperature=temperatures, latitude=latitudes, warming=st.floats(0, 10))
def test_monthly_pet_increases_with_temperature(name, temperature, latitude, warming):
    cool, warm = (_pet(name, temperature + step, latitude) for step in (0, warming))
    assert (warm >= cool).all()


@given(
    summer=st.floats(9, 28), swing=st.floats(0, 24), north=st.floats(0, 66), step=st.floats(0.1, 3)
)
def test_annual_thornthwaite_increases_with_temperature(summer, swing, north, step):
    # The heat index makes this true of a year with a summer, not of any twelve numbers.
    year = summer - swing * (1 + np.cos(2 * np.pi * (np.arange(12) - 0.5) / 12))
    cool, warm = (_pet("thornthwaite", year + add, north).sum() for add in (0, step))
    assert warm >= cool


annuals = st.floats(50, 3000)


@given(
    observed=st.lists(annuals, min_size=4, max_size=4),
    modelled=st.lists(annuals, min_size=4, max_size=4),
    shape=arrays(float, (4, 12), elements=st.floats(0.01, 1)),
)
def test_scaling_reproduces_station_totals(observed, modelled, shape):
    longitude, latitude = [129.5, 128.2, 130.4, 129.0], [42.9, 43.4, 42.9, 42.5]
    rain = shape / shape.sum(axis=-1, keepdims=True) * np.array(modelled)[:, np.newaxis]
    scaled = cz.scale_precipitation(
        rain, longitude, latitude, observed, modelled, longitude, latitude
    )
    np.testing.assert_allclose(scaled.sum(axis=-1), observed, rtol=1e-9)
    shares, kept = (year / year.sum(axis=-1, keepdims=True) for year in (rain, scaled))
    np.testing.assert_allclose(kept, shares)


@given(longitude=st.floats(126, 132), latitude=st.floats(41, 46))
def test_scaling_factor_lies_between_those_of_the_stations(longitude, latitude):
    scaled = cz.scale_precipitation(
        RAIN, **STATIONS, target_longitude=longitude, target_latitude=latitude
    )
    factor = scaled.sum() / RAIN.sum()
    assert 530 / 760 - 1e-9 <= factor <= 630 / 800 + 1e-9
