"""SIMULATE: models with hours or memory, cached by their inputs and coefficients."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import ecoassess.models
from ecoassess.coefficients import Coefficient, central_values
from ecoassess.derived import Climate
from ecoassess.errors import InputError, Problem
from ecoassess.inputs.stations import monthly_at
from ecoassess.observe import Observation
from ecoassess.project import Project

Progress = Callable[[str], None]
Coefficients = Mapping[str, Coefficient]

PV_UNITS = {
    "irradiation_factor": "1",
    "tilt": "degree",
    "azimuth": "degree",
    "temperature_coefficient": "1/K",
    "system_losses": "1",
    "dc_ac_ratio": "1",
    "inverter_efficiency": "1",
    "heat_loss": "W/m^2/K",
    "heat_loss_wind": "W s/m^3/K",
    "wind_speed": "m/s",
    "diurnal_amplitude": "K",
    "warmest_hour": "h",
    "ground_albedo": "1",
    "snow_albedo": "1",
    "slant_height": "m",
    "lower_edge_height": "m",
    "string_factor": "1",
    "snow_depth_per_water": "cm/mm",
    "snow_depth_per_event": "cm",
    "snow_temperature": "K",
    "winter_humidity": "1",
}
"""The coefficients of the PV year and the units in which the model takes them."""

MODELS = {"pv_yield": "pv_year"}
"""Simulated variable → its model, whose coefficients stand in configs/models/."""

TIME_ZONE = "Asia/Shanghai"


def simulate(
    project: Project,
    needed: set[str],
    observation: Observation,
    climate: Climate,
    stations: pd.DataFrame,
    coefficients: Mapping[str, Coefficients],
    progress: Progress,
) -> dict[str, xr.DataArray]:
    """Return the simulated variables that the technologies need, by county."""
    result = {}
    if "pv_yield" in needed:
        model = MODELS["pv_yield"]
        values = central_values(model, coefficients.get(model, {}), PV_UNITS)
        result["pv_yield"] = _cached(
            project,
            model,
            [values, _plain(observation, climate), _table(stations)],
            lambda: pv_yield(observation, climate, stations, values),
            progress,
        )
    return result


def pv_yield(
    observation: Observation,
    climate: Climate,
    stations: pd.DataFrame,
    values: Mapping[str, Any],
) -> xr.DataArray:
    """Return the yearly AC yield by county, kind of dwelling and month, in kWh/kWp/yr.

    Global and diffuse irradiation come from the stations around, snow from the precipitation of
    the months below freezing. Each county is one site, at its settled land.
    """
    from dataclasses import fields

    from pvlib.location import lookup_altitude

    from ecoassess.models import pv_year

    longitude, latitude = observation.longitude, observation.latitude
    factor = values["irradiation_factor"]
    irradiation = monthly_at(
        stations, "global_horizontal_irradiation", "kWh/m^2", longitude, latitude
    )
    diffuse = monthly_at(stations, "diffuse_horizontal_irradiation", "kWh/m^2", longitude, latitude)
    sites = [
        pv_year.Site(y, x, max(0.0, float(lookup_altitude(y, x))), TIME_ZONE)
        for y, x in zip(latitude.values.tolist(), longitude.values.tolist(), strict=True)
    ]
    snowy = climate.temperature.values + 273.15 < values["snow_temperature"]
    depth = np.where(snowy, climate.precipitation.values, 0.0) * values["snow_depth_per_water"]
    humidity = np.full(12, 100 * values["winter_humidity"])
    dwellings = list(values["tilt"])
    years = pv_year.pv_years(
        sites,
        irradiation.values * factor,
        climate.temperature.values,
        np.array([values["tilt"][d] for d in dwellings]),
        np.array([values["azimuth"][d] for d in dwellings]),
        pv_year.PVParameters(**{f.name: values[f.name] for f in fields(pv_year.PVParameters)}),
        monthly_diffuse=diffuse.values * factor,
        monthly_snow_cover=snowy.astype(float),
        monthly_snowfall=[
            pv_year.Snowfall(d, d / values["snow_depth_per_event"], humidity) for d in depth
        ],
    )
    return xr.DataArray(
        np.stack([year.monthly_yield for year in years]),
        dims=("adcode", "month", "dwelling"),
        coords={
            "adcode": latitude["adcode"].values,
            "month": np.arange(1, 13),
            "dwelling": dwellings,
        },
        name="pv_yield",
    )


def _cached(
    project: Project,
    model: str,
    inputs: list[Any],
    compute: Callable[[], xr.DataArray],
    progress: Progress,
) -> xr.DataArray:
    """Return a model's result from the cache, or compute and keep it."""
    code = Path(ecoassess.models.__file__).parent / f"{model}.py"
    digest = hashlib.sha256(code.read_bytes())
    digest.update(Path(__file__).read_bytes())
    digest.update(json.dumps(inputs, sort_keys=True).encode())
    file = project.cache / model / f"{digest.hexdigest()[:20]}.json"
    if not file.is_file():
        progress(f"simulating {model}")
        try:
            data = compute()
        except ValueError as error:
            raise InputError(
                Problem(what=f"the model {model} refused its inputs", found=str(error))
            ) from error
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(".new")
        scratch.write_text(json.dumps(data.to_dict()), encoding="utf-8")
        scratch.replace(file)
    return xr.DataArray.from_dict(json.loads(file.read_text(encoding="utf-8")))


def _plain(observation: Observation, climate: Climate) -> list[Any]:
    return [
        observation.longitude.values.tolist(),
        observation.latitude.values.tolist(),
        climate.temperature.values.tolist(),
        climate.precipitation.values.tolist(),
    ]


def _table(stations: pd.DataFrame) -> list[Any]:
    columns = ["station", "variable", "month", "value", "unit"]
    rows: list[Any] = stations[columns].values.tolist()
    return rows
