"""Responses of soil carbon: what a unit of input adds, by year and month."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ecoassess import responses
from ecoassess.calendar import Month
from ecoassess.coefficients import central_values
from ecoassess.derived import Climate
from ecoassess.models import rothc, rothc_rates, soil_steady_state
from ecoassess.opening import open_run
from ecoassess.project import find_project
from ecoassess.run import Session

PROJECT = find_project(Path(__file__))
TEMPERATURE = [-20.0, -14, -4, 6, 13, 18, 21, 21, 14, 6, -4, -13]
PRECIPITATION = [5.0, 6, 14, 30, 65, 85, 110, 125, 60, 28, 16, 8]
EVAPOTRANSPIRATION = [3.0, 8, 30, 70, 110, 125, 130, 110, 75, 40, 12, 4]


@pytest.fixture(scope="module")
def session() -> Session:
    return open_run(PROJECT, PROJECT.configs / "runs" / "yanbian.yaml", Month(2024, 6))


@pytest.fixture(scope="module")
def climate() -> Climate:
    """Two counties; January is colder than RothC decays."""
    coords = {"adcode": ["1", "2"], "month": np.arange(1, 13)}
    arrays = [
        xr.DataArray(np.array([values, values]) + np.array([[0.0], [shift]]), coords)
        for values, shift in (
            (TEMPERATURE, 1.0),
            (PRECIPITATION, 5.0),
            (EVAPOTRANSPIRATION, 0.0),
        )
    ]
    return Climate(*arrays, {}, {}, arrays[0], arrays[1])


@pytest.fixture(scope="module")
def found(session: Session, climate: Climate) -> dict[str, xr.DataArray]:
    return responses.rothc_responses(climate, session.kernels["rothc"], 1)


def test_the_central_response_is_a_run_of_the_model(
    session: Session, climate: Climate, found: dict[str, xr.DataArray]
) -> None:
    """Straw in October on a soil without any: the totals at the ends of 25 years of months."""
    table = session.kernels["rothc"]

    def central(name: str) -> float:
        return table[name].table[0].central

    weather = rothc_rates.Climate(
        np.array(TEMPERATURE) + central("temperature_offset"),
        np.array(PRECIPITATION),
        np.array(EVAPOTRANSPIRATION),
    )
    soil = rothc_rates.Soil(np.array(central("clay")), np.array(central("soil_depth")))
    covered = np.isin(np.arange(1, 13), [5, 6, 7, 8, 9]).astype(float)
    october = np.zeros(12)
    october[9] = 1.0
    empty = rothc.Pools(*(np.zeros(1) for _ in range(5)))
    run = rothc.simulate(
        empty, rothc.Inputs(october), rothc_rates.turnover(weather, soil, covered), 25, "months"
    )
    mine = found["rothc_response"].isel(draw=0).sel(adcode="1", carbon_source="straw")
    stock = mine.sel(age=slice(1, 25)).values.ravel().cumsum()
    np.testing.assert_allclose(stock, run.total[:, 0], rtol=1e-12)


def test_nothing_decays_in_january_and_nothing_is_missing(
    found: dict[str, xr.DataArray],
) -> None:
    for array in found.values():
        assert np.isfinite(array.values).all()
        np.testing.assert_allclose(array.sel(month=1), 0, atol=1e-12)


def test_a_response_saturates_and_stays_below_the_input(found: dict[str, xr.DataArray]) -> None:
    yearly = found["rothc_response"].sum("month")
    assert (yearly > 0).all()
    assert (yearly <= 1 + 1e-12).all()
    assert (yearly.diff("age") < 1e-9).all()


def test_cover_keeps_carbon(found: dict[str, xr.DataArray]) -> None:
    assert (found["rothc_cover_response"].sum("month").cumsum("age") > 0).all()


def test_draws_hang_on_the_seed_alone(session: Session, climate: Climate) -> None:
    table = session.kernels["rothc"]
    one, same, other = (responses.rothc_responses(climate, table, s) for s in (1, 1, 2))
    xr.testing.assert_identical(one["rothc_response"], same["rothc_response"])
    assert not one["rothc_response"].equals(other["rothc_response"])
    central = one["rothc_response"].isel(draw=0)
    xr.testing.assert_identical(central, other["rothc_response"].isel(draw=0))


@pytest.fixture(scope="module")
def steady(session: Session, climate: Climate) -> dict[str, xr.DataArray]:
    table = session.kernels["soil_steady_state"]
    return responses.steady_state_responses(climate, table, 1)


def test_the_tier_2_response_is_the_difference_of_two_runs(
    session: Session, climate: Climate, steady: dict[str, xr.DataArray]
) -> None:
    """3 t of straw against 2 t on a soil in balance with 2: each extra tonne does the same."""
    kernel = soil_steady_state
    values = central_values(
        "soil_steady_state", session.kernels["soil_steady_state"], responses.STEADY_STATE_UNITS
    )
    parameters = kernel.SteadyStateParameters(
        **{name: values[name] for name in kernel.PARAMETER_UNITS}
    )
    weather = [
        array.sel(adcode="2").values
        for array in (climate.temperature, climate.precipitation, climate.evapotranspiration)
    ]
    site = kernel.Site(
        values["sand"],
        kernel.temperature_factor(weather[0], parameters),
        kernel.water_factor(weather[1], weather[2], parameters),
    )

    def straw(tonnes: float) -> kernel.Management:
        return kernel.Management(
            np.full((15, 1), tonnes),
            values["lignin"]["straw"],
            values["input_nitrogen"]["straw"],
            parameters.tillage_factor["full"],
            parameters.structural_to_active["full"],
        )

    balance = kernel.spin_up(straw(2.0), site, parameters)
    more, same = (kernel.simulate(balance, straw(t), site, parameters) for t in (3.0, 2.0))
    mine = steady["steady_state_response"].isel(draw=0).sel(adcode="2", carbon_source="straw")
    np.testing.assert_allclose(
        mine.sum("month").cumsum("age").sel(age=slice(1, 15)), (more - same)[:, 0], rtol=1e-9
    )


def test_less_tillage_keeps_carbon_in_the_tier_2_method(steady: dict[str, xr.DataArray]) -> None:
    gained = steady["steady_state_tillage_response"].isel(draw=0).sum("month").cumsum("age")
    assert (gained.sel(tillage="no_till") > gained.sel(tillage="reduced")).all()
    assert (gained > 0).all()
