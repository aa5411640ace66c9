"""PV of the configured run: planes of roofs, snow of Yanji, self-use."""

from pathlib import Path

import numpy as np
import pytest

from ecoassess import simulate
from ecoassess.calendar import Month
from ecoassess.coefficients import central_values
from ecoassess.inputs.weather_hours import WeatherFile
from ecoassess.models.pv_weather import Weather
from ecoassess.models.pv_year import Site, clear_sky, whole_year
from ecoassess.opening import open_run
from ecoassess.project import find_project

PROJECT = find_project(Path(__file__))
YANJI, DWELLINGS = "222401", ["self_built", "walk_up", "lift"]
WINTER = [0, 1, 10, 11]


@pytest.fixture(scope="module")
def session():
    return open_run(PROJECT, PROJECT.configs / "runs" / "yanbian.yaml", Month(2024, 6))


@pytest.fixture(scope="module")
def values(session):
    units = dict(simulate.PV_UNITS)
    for table in simulate.ROOF_UNITS.values():
        units |= table
    return central_values("pv_year", session.of_kernels["pv_year"], units)


@pytest.fixture(scope="module")
def run(session, values):
    """Return the function that simulates with some coefficients changed."""
    observation = session.observe()

    def call(weather=None, **changes):
        return simulate.pv_of_roofs(
            observation, session.climate, session.stations, weather or {}, {**values, **changes}
        )

    return call


@pytest.fixture(scope="module")
def found(run):
    return run()


def test_yield_of_roofs_is_the_mix_of_their_planes(run, found, values):
    planes, alone = list(values["tilt"]), {}
    for start in range(0, len(planes), len(DWELLINGS)):  # a plane for each kind of dwelling
        pairs = dict(zip(DWELLINGS, planes[start:], strict=False))
        only = run(plane_share={f"{dwelling}/{plane}": 1.0 for dwelling, plane in pairs.items()})
        alone |= {p: only["pv_yield"].sel(dwelling=d, drop=True) for d, p in pairs.items()}
    for dwelling in DWELLINGS:
        mixed = sum(
            values["plane_share"].get(f"{dwelling}/{plane}", 0.0) * alone[plane].values
            for plane in planes
        )
        np.testing.assert_allclose(found["pv_yield"].sel(dwelling=dwelling), mixed, rtol=1e-12)
    yearly = {plane: float(alone[plane].sel(adcode=YANJI).sum()) for plane in planes}
    assert yearly["south_rack"] >= yearly["south_slope"] > yearly["east_slope"]
    assert min(yearly["east_slope"], yearly["west_slope"]) > yearly["north_slope"]


def test_ground_racks_reach_the_hours_that_local_designs_state(found):
    """Designs state 1240 to 1375 h a year."""
    yearly = found["utility_pv_yield"].sum("month")
    assert 1240 < float(yearly.sel(adcode=YANJI)) < 1375


def test_snow_takes_from_the_winter_of_yanji(run, found):
    bare = run(snow_temperature=0.0, snow_albedo=0.2)["pv_yield"].sel(adcode=YANJI)
    # the albedo of snow on the ground would hide part of the loss
    snowy = run(snow_albedo=0.2)["pv_yield"].sel(adcode=YANJI)
    loss = 1 - snowy.values / bare.values
    assert (loss[WINTER] > 0.01).all()
    np.testing.assert_allclose(loss[4:9], 0, atol=1e-12)
    assert loss[WINTER].mean() < 0.5


def test_soiling_takes_its_share(run, found):
    dirty = run(soiling=0.10)["utility_pv_yield"].sum("month")
    lost = 1 - dirty / found["utility_pv_yield"].sum("month")
    # 1 − 0.90 / 0.98, a little more through the inverter's curve
    assert float(lost.sel(adcode=YANJI)) == pytest.approx(1 - 0.90 / 0.98, rel=0.05)


def test_self_use_lies_between_none_and_all(run, found):
    share = found["self_use_share"]
    assert ((share > 0) & (share <= 1)).all()
    # the fuller the roof per household, the less of it is used
    yearly = (share * found["pv_yield"]).sum("month") / found["pv_yield"].sum("month")
    assert (np.diff(yearly.sel(adcode=YANJI)) > 0).all()
    frugal = run(yearly_load=dict.fromkeys(DWELLINGS, 1.0))["self_use_share"]
    assert (frugal < share).all()


def test_a_weather_file_replaces_the_year_of_its_county(run, found):
    """Half the light gives its county about half the yield, or less for the inverter's losses."""
    site = Site(42.9, 129.5, 178.0, "Asia/Shanghai")
    sky = clear_sky(site)
    light = [whole_year(values / 2, sky.hour) for values in (sky.ghi, sky.dni, sky.dhi)]
    air, wind = np.full(8760, 10.0), np.full(8760, 2.0)
    file = WeatherFile("made_up", site, Weather(*light, air, wind), "")
    bright = WeatherFile("made_up", site, Weather(*(2 * v for v in light), air, wind), "")
    dim, full = (run(weather={YANJI: one}) for one in (file, bright))
    for name, array in found.items():
        others = array["adcode"] != YANJI
        np.testing.assert_array_equal(dim[name][others], array[others], err_msg=name)
    ratio = dim["pv_yield"].sel(adcode=YANJI).sum() / full["pv_yield"].sel(adcode=YANJI).sum()
    assert 0.40 < float(ratio) < 0.55
    assert (dim["self_use_share"] >= full["self_use_share"]).all()


def test_a_plane_without_tilt_is_refused_by_name(run):
    with pytest.raises(ValueError, match="self_built/facade"):
        run(plane_share={"self_built/facade": 1.0})
