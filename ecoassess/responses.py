"""How soil carbon answers a unit of extra input, year by year: linear responses of soil models.

A response is worked out once per county and a few draws, and holds for any amount of input, since
the models are linear in it. A coefficient of straw or manure never runs a soil model again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from ecoassess.coefficients import Coefficient
from ecoassess.derived import Climate
from ecoassess.models import rothc, rothc_rates, soil_steady_state
from ecoassess.models.solar import DAYS_IN_MONTH
from ecoassess.sampling import LatinHypercube
from ecoassess.units import magnitude

DRAWS = 50
"""Random draws of a response: fewer than the tables', which take them in turn."""

YEARS = 60
"""Years a response is followed; a cohort that is older counts as so old."""

MONTHS = np.arange(1, 13)

ROTHC_UNITS = {
    "clay": "percent",
    "soil_depth": "cm",
    "temperature_offset": "K",
    "precipitation_ratio": "1",
    "evapotranspiration_ratio": "1",
    "decay_ratio": "1",
    "crop_cover": "1",
    "practice_cover": "1",
    "input_month_share": "1",
    "decomposable_to_resistant": "1",
    "plant_share": "1",
    "reference_stock": "t C/ha",
}
"""The coefficients of the RothC runs and the units in which they are taken."""


def drawn(
    coefficients: Mapping[str, Coefficient], units: Mapping[str, str], seed: int
) -> dict[str, xr.DataArray]:
    """Return the draws of a model's coefficients as plain numbers; draw 0 is the central value."""
    return {
        name: magnitude(coefficients[name].draws(LatinHypercube(DRAWS, seed)), unit)
        for name, unit in units.items()
    }


def _monthly(shares: xr.DataArray) -> xr.DataArray:
    """Return a table by calendar month with all months, 0 where the table has none."""
    months = shares.assign_coords(calendar_month=shares["calendar_month"].astype(int))
    full = months.reindex(calendar_month=MONTHS, fill_value=0.0)
    return full.rename(calendar_month="month").fillna(0.0)


def _columns(array: xr.DataArray, template: xr.DataArray, *first: str) -> np.ndarray:
    """Return an array over (first..., column), where a column is a draw in a county."""
    full = array.broadcast_like(template).transpose(*first, "draw", "adcode")
    return full.values.reshape(*full.shape[: len(first)], -1)


def rothc_responses(
    climate: Climate, coefficients: Mapping[str, Coefficient], seed: int
) -> dict[str, xr.DataArray]:
    """Return RothC's responses by draw, county, label, age (years) and month.

    rothc_response
        Gain of soil carbon in the month (t C/yr, the months add up to the year) per t C/yr of an
        input kept up for `age` years, by carbon_source.
    rothc_cover_response
        Gain in the month as share of the stock (1/yr) since a practice covers the soil, by
        practice; the soil is taken to have been in equilibrium.
    """
    values = drawn(coefficients, ROTHC_UNITS, seed)
    template = (climate.temperature.isel(month=0, drop=True) + values["clay"]).drop_vars("draw")
    template = template.transpose("draw", "adcode")

    def columns(array: xr.DataArray, *first: str) -> np.ndarray:
        return _columns(array, template, *first)

    weather = rothc_rates.Climate(
        columns(climate.temperature + values["temperature_offset"].drop_vars("draw"), "month"),
        columns(climate.precipitation * values["precipitation_ratio"].drop_vars("draw"), "month"),
        columns(
            climate.evapotranspiration * values["evapotranspiration_ratio"].drop_vars("draw"),
            "month",
        ),
    )
    values = {name: array.drop_vars("draw") for name, array in values.items()}
    soil = rothc_rates.Soil(columns(values["clay"]), columns(values["soil_depth"]))

    def turnover(cover: xr.DataArray) -> rothc_rates.Turnover:
        plain = rothc_rates.turnover(weather, soil, columns(_monthly(cover), "month"))
        return rothc_rates.Turnover(plain.rate * columns(values["decay_ratio"]), plain.clay)

    def gains(totals: np.ndarray) -> xr.DataArray:
        """Return what each month adds, from the totals at the months' ends."""
        change = np.diff(totals, axis=0, prepend=np.zeros((1, totals.shape[1])))
        shape = (YEARS, 12, *template.shape)
        return xr.DataArray(
            change.reshape(shape),
            dims=("age", "month", "draw", "adcode"),
            coords={
                "age": np.arange(1, YEARS + 1),
                "month": MONTHS,
                "adcode": template["adcode"].values,
            },
        )

    crop = turnover(values["crop_cover"])
    entry = values["input_month_share"]
    by_source = {}
    for source in map(str, entry["carbon_source"].values):
        months = columns(_monthly(entry.sel(carbon_source=source, drop=True)), "month")
        plant = float(values["plant_share"].sel(carbon_source=source).isel(draw=0))
        inputs = rothc.Inputs(
            months * plant,
            months * (1 - plant),
            columns(values["decomposable_to_resistant"].sel(carbon_source=source, drop=True)),
        )
        by_source[source] = gains(rothc.response(inputs, crop, YEARS, "months"))

    stock = columns(values["reference_stock"])
    straw = columns(_monthly(entry.sel(carbon_source="straw", drop=True)), "month")
    equilibrium, _pools = rothc.inputs_for_stock(stock, straw, crop)
    by_practice = {}
    for practice in map(str, values["practice_cover"]["practice"].values):
        covered = turnover(values["practice_cover"].sel(practice=practice, drop=True))
        change = rothc.cover_response(equilibrium, crop, covered, YEARS, "months")
        by_practice[practice] = gains(change / stock)
    return {
        "rothc_response": _stacked(by_source, "carbon_source"),
        "rothc_cover_response": _stacked(by_practice, "practice"),
    }


STEADY_STATE_UNITS = {
    **soil_steady_state.PARAMETER_UNITS,
    "sand": "1",
    "lignin": "1",
    "input_nitrogen": "1",
}
"""The coefficients of the Tier 2 runs and the units in which they are taken."""


def steady_state_responses(
    climate: Climate, coefficients: Mapping[str, Coefficient], seed: int
) -> dict[str, xr.DataArray]:
    """Return the Tier 2 method's responses by draw, county, label, age (years) and month.

    steady_state_response
        Gain of soil carbon (t C/yr) per t C/yr of an input kept up for `age` years, under full
        tillage, by carbon_source.
    steady_state_tillage_response
        Gain as share of the stock (1/yr) since a tillage replaced full tillage, by tillage; the
        soil is taken to have been in balance with a straw-like input.

    The method has a yearly step; the months have their days' share of it.
    """
    kernel = soil_steady_state
    values = drawn(coefficients, STEADY_STATE_UNITS, seed)

    def rows(array: xr.DataArray) -> Any:
        """Return draws as a column, to meet the counties; or a table of such by label."""
        labels = [d for d in array.dims if d != "draw"]
        if not labels:
            return array.values[:, None]
        return {str(v): rows(array.sel({labels[0]: v})) for v in array[labels[0]].values}

    parameters = kernel.SteadyStateParameters(
        **{name: rows(values[name]) for name in kernel.PARAMETER_UNITS}
    )
    counties = climate.temperature["adcode"].values

    def months(array: xr.DataArray) -> np.ndarray:
        return np.asarray(array.transpose("month", "adcode").values[:, None, :])

    site = kernel.Site(
        rows(values["sand"]),
        kernel.temperature_factor(months(climate.temperature), parameters),
        kernel.water_factor(
            months(climate.precipitation), months(climate.evapotranspiration), parameters
        ),
    )

    def management(source: str, tillage: str) -> kernel.Management:
        return kernel.Management(
            np.ones((YEARS, DRAWS + 1, len(counties))),
            rows(values["lignin"])[source],
            rows(values["input_nitrogen"])[source],
            parameters.tillage_factor[tillage],
            parameters.structural_to_active[tillage],
        )

    def gains(stock: np.ndarray, start: np.ndarray | float) -> xr.DataArray:
        first = np.broadcast_to(start, stock.shape[1:])[None]
        yearly = xr.DataArray(
            np.diff(stock, axis=0, prepend=first),
            dims=("age", "draw", "adcode"),
            coords={"age": np.arange(1, YEARS + 1), "adcode": counties},
        )
        days = xr.DataArray(DAYS_IN_MONTH / sum(DAYS_IN_MONTH), {"month": MONTHS})
        return yearly * days

    nothing = np.zeros((DRAWS + 1, len(counties)))
    empty = kernel.Pools(nothing, nothing, nothing)
    by_source = {
        source: gains(kernel.simulate(empty, management(source, "full"), site, parameters), 0.0)
        for source in map(str, values["lignin"]["carbon_source"].values)
    }
    balance = kernel.spin_up(management("straw", "full"), site, parameters)
    by_tillage = {
        tillage: gains(
            kernel.simulate(balance, management("straw", tillage), site, parameters)
            / balance.total,
            1.0,
        )
        for tillage in ("reduced", "no_till")
    }
    return {
        "steady_state_response": _stacked(by_source, "carbon_source"),
        "steady_state_tillage_response": _stacked(by_tillage, "tillage"),
    }


def _stacked(arrays: Mapping[str, xr.DataArray], dimension: str) -> xr.DataArray:
    """Return arrays side by side under their labels."""
    joined: xr.DataArray = xr.concat(list(arrays.values()), dim=dimension)
    joined = joined.assign_coords({dimension: list(arrays)})
    return joined.transpose("draw", "adcode", dimension, "age", "month")
