"""SIMULATE: models with hours or memory, cached by their inputs and coefficients."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.coefficients import Coefficient, central_values
from ecoassess.derived import Climate
from ecoassess.errors import InputError, Problem
from ecoassess.inputs.stations import monthly_at
from ecoassess.models import stand_growth
from ecoassess.observe import Observation
from ecoassess.project import Project
from ecoassess.responses import (
    ROTHC_UNITS,
    STEADY_STATE_UNITS,
    rothc_responses,
    steady_state_responses,
)
from ecoassess.stand_responses import stand_responses
from ecoassess.units import compatible

if TYPE_CHECKING:
    from ecoassess.inputs.weather_hours import WeatherFile
    from ecoassess.models.pv_year import PVYear

Progress = Callable[[str], None]
Coefficients = Mapping[str, Coefficient]

PV_UNITS = {
    "irradiation_factor": "1",
    "tilt": "degree",
    "azimuth": "degree",
    "plane_share": "1",
    "utility_tilt": "degree",
    "utility_azimuth": "degree",
    "floor_area_per_household": "m^2/household",
    "yearly_load": "kWh/household/yr",
    "load_month_share": "1",
    "load_hour_share": "1",
    "temperature_coefficient": "1/K",
    "soiling": "1",
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

ROOF_UNITS = {
    "dwelling_roofs": {"storeys": "1", "usable_roof_share": "1"},
    "rooftop_power": {"packing": "1", "module_power": "kWp/m^2"},
}
"""Model → its coefficients that the PV year takes too, for the capacity of a household."""

MODELS = {
    "pv_yield": "pv_year",
    "utility_pv_yield": "pv_year",
    "self_use_share": "pv_year",
    "rothc_response": "rothc",
    "rothc_cover_response": "rothc",
    "steady_state_response": "soil_steady_state",
    "steady_state_tillage_response": "soil_steady_state",
    "liquid_conversion": "liquid_manure",
    "planted_biomass_gain": "stand_growth",
    "planted_dead_matter_gain": "stand_growth",
    "age_class_growth": "stand_growth",
    "standing_change": "stand_growth",
    "beyond_curves": "stand_growth",
}
"""Simulated variable → its model, whose coefficients stand in configs/models/."""

LIQUID_UNITS = {
    "activation_energy": "cal/mol",
    "gas_constant": "cal/mol/K",
    "reference_temperature": "K",
    "minimum_temperature": "K",
    "freezing_limit": "K",
    "lag": "1",
    "kept_share": "1",
}
"""The coefficients of liquid manure and the units in which the model takes them."""

RESPONSES = {
    "rothc": (rothc_responses, ROTHC_UNITS),
    "soil_steady_state": (steady_state_responses, STEADY_STATE_UNITS),
}
"""Soil model → the function that gives its responses, and the units of its coefficients."""

TIME_ZONE = "Asia/Shanghai"

KERNEL_UNITS: Mapping[str, Mapping[str, str]] = {
    "pv_year": PV_UNITS,
    "liquid_manure": LIQUID_UNITS,
    "rothc": ROTHC_UNITS,
    "soil_steady_state": STEADY_STATE_UNITS,
    "stand_growth": stand_growth.UNITS,
}
"""Numerical model → its coefficients and the units it takes them in."""


def kernel_problems(
    coefficients: Mapping[str, Coefficients], forest_types: list[str]
) -> Iterator[Problem]:
    """Yield what numerical models would refuse: odd names, units and forest types."""
    for model, units in KERNEL_UNITS.items():
        for name, coefficient in coefficients.get(model, {}).items():
            problem = None
            odd = set(coefficient.labels.get("forest_type", forest_types)) ^ set(forest_types)
            if name not in units:
                problem = Problem(
                    "a coefficient that its model does not use",
                    expected=", ".join(units),
                    remedy="correct its name, or delete it",
                )
            elif not compatible(coefficient.unit, units[name]):
                problem = Problem(
                    "wrong unit",
                    found=coefficient.unit,
                    expected=f"a unit such as {units[name]}",
                    remedy="correct the unit, and the value with it",
                )
            elif odd:
                problem = Problem(
                    "not the forest types of configs/models/stand_volume.yaml",
                    found=", ".join(sorted(odd)),
                    expected=", ".join(forest_types),
                    remedy="correct the name, or add the type everywhere",
                )
            if problem:
                yield replace(problem, file=str(coefficient.file), line=coefficient.line, key=name)


def simulate(
    project: Project,
    needed: set[str],
    observation: Observation,
    climate: Climate,
    stations: pd.DataFrame,
    weather: Mapping[str, WeatherFile],
    coefficients: Mapping[str, Coefficients],
    seed: int,
    year: int,
    progress: Progress,
) -> dict[str, xr.DataArray]:
    """Return the simulated variables that the technologies need, by county.

    Parameters
    ----------
    weather
        County → hours that replace its typical year.
    coefficients
        Model → everything that it takes.
    year
        The assessed year.
    """
    result: dict[str, xr.DataArray] = {}
    for model in dict.fromkeys(MODELS[name] for name in sorted(needed)):
        own = coefficients.get(model, {})
        if model == "pv_year":
            shared = {name: unit for table in ROOF_UNITS.values() for name, unit in table.items()}
            values = central_values(model, own, {**PV_UNITS, **shared})
            hours = {county: file.checksum for county, file in weather.items()}
            inputs: list[Any] = [values, _plain(observation, climate), _table(stations), hours]
            compute = partial(pv_of_roofs, observation, climate, stations, weather, values)
        elif model == "liquid_manure":
            values = central_values(model, own, LIQUID_UNITS)
            inputs = [values, climate.temperature.values.tolist()]
            compute = partial(liquid_conversion, climate, values)
        elif model == "stand_growth":
            warmth = float(climate.temperature.mean())
            inputs = [_spreads(own), warmth, year, seed]
            compute = partial(stand_responses, own, warmth, year, seed)
        else:
            respond, units = RESPONSES[model]
            inputs = [central_values(model, own, units), _spreads(own), seed, _weather(climate)]
            compute = partial(respond, climate, own, seed)
        result |= _cached(project, model, inputs, compute, progress)
    return result


def liquid_conversion(climate: Climate, values: Mapping[str, Any]) -> dict[str, xr.DataArray]:
    """Return the share of the year's solids that liquid manure digests in each month, by county."""
    from ecoassess.models import liquid_manure

    air = climate.temperature.transpose("month", "adcode")
    kept = np.array([values["kept_share"][str(month)] for month in range(1, 13)])
    store = liquid_manure.Store(**{**values, "lag": int(values["lag"]), "kept_share": kept})
    digested = liquid_manure.monthly_conversion(air.values, store)
    return {"liquid_conversion": air.copy(data=digested).transpose("adcode", "month")}


def pv_of_roofs(
    observation: Observation,
    climate: Climate,
    stations: pd.DataFrame,
    weather: Mapping[str, WeatherFile],
    values: Mapping[str, Any],
) -> dict[str, xr.DataArray]:
    """Return AC yields and the share that households use themselves, by county and month.

    Yields are in kWh/kWp/yr, those of roofs by kind of dwelling: the mix of its planes. Global and
    diffuse irradiation come from the stations around, snow from the precipitation of the months
    below freezing. Each county is one site, at its settled land. A weather file of hours replaces
    the irradiation, temperature, wind and site of its counties.
    """
    from ecoassess.models.self_use import self_use_share

    tilts, azimuths, mix = _planes(values)
    years = _pv_years(observation, climate, stations, weather, values, tilts, azimuths)
    dwellings = list(values["yearly_load"])
    capacity, load = _households(values, dwellings)
    months = {"adcode": observation.latitude["adcode"].values, "month": np.arange(1, 13)}

    def by_dwelling(of_years: Iterable[np.ndarray]) -> xr.DataArray:
        coordinates = {**months, "dwelling": dwellings}
        return xr.DataArray(np.stack(list(of_years)), coordinates, tuple(coordinates))

    return {
        "pv_yield": by_dwelling(year.monthly_yield @ mix.T for year in years),
        "self_use_share": by_dwelling(self_use_share(y, mix, capacity, load) for y in years),
        "utility_pv_yield": xr.DataArray(
            np.stack([year.monthly_yield[:, -1] for year in years]), months, tuple(months)
        ),
    }


def _planes(values: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return tilts and azimuths (k,) and the mix of kinds of dwelling (m, k).

    The last plane is that of fixed racks on the ground, of which dwellings have none.

    Raises
    ------
    ValueError
        When the mix names a plane without tilt or azimuth.
    """
    planes, dwellings = list(values["tilt"]), list(values["yearly_load"])
    expected = {f"{dwelling}/{plane}" for dwelling in dwellings for plane in planes}
    odd = sorted(set(values["plane_share"]) - expected)
    if odd or set(values["azimuth"]) != set(planes):
        raise ValueError(
            f"plane_share, azimuth: found {', '.join(odd) or ', '.join(values['azimuth'])}; "
            f"expected the planes of tilt ({', '.join(planes)}) and the dwellings of "
            f"yearly_load ({', '.join(dwellings)})"
        )
    mix = [[values["plane_share"].get(f"{d}/{p}", 0.0) for p in planes] for d in dwellings]
    return (
        np.array([*(values["tilt"][p] for p in planes), values["utility_tilt"]]),
        np.array([*(values["azimuth"][p] for p in planes), values["utility_azimuth"]]),
        np.pad(np.array(mix), ((0, 0), (0, 1))),
    )


def _households(values: Mapping[str, Any], dwellings: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the capacity (m,) in kWp of a household whose roof is full, and its load (8760, m)."""
    from ecoassess.models.self_use import household_load

    def of(name: str) -> np.ndarray:
        return np.array([values[name][dwelling] for dwelling in dwellings])

    usable = values["floor_area_per_household"] / of("storeys") * of("usable_roof_share")
    load = household_load(
        of("yearly_load"),
        np.array([values["load_month_share"][str(month)] for month in range(1, 13)]),
        np.array([values["load_hour_share"][str(hour)] for hour in range(24)]),
    )
    return usable * of("packing") * values["module_power"], load


def _pv_years(
    observation: Observation,
    climate: Climate,
    stations: pd.DataFrame,
    weather: Mapping[str, WeatherFile],
    values: Mapping[str, Any],
    tilts: np.ndarray,
    azimuths: np.ndarray,
) -> list[PVYear]:
    """Return the PV year of each county for all planes."""
    from dataclasses import fields

    from pvlib.location import lookup_altitude

    from ecoassess.models import pv_weather, pv_year

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
    parameters = pv_year.PVParameters(
        **{f.name: values[f.name] for f in fields(pv_year.PVParameters)}
    )
    snowfall = [pv_year.Snowfall(d, d / values["snow_depth_per_event"], humidity) for d in depth]
    cover = snowy.astype(float)
    typical = pv_year.pv_years(
        sites,
        irradiation.values * factor,
        climate.temperature.values,
        tilts,
        azimuths,
        parameters,
        monthly_diffuse=diffuse.values * factor,
        monthly_snow_cover=cover,
        monthly_snowfall=snowfall,
    )
    return [
        pv_weather.pv_of_weather(
            weather[code].site,
            weather[code].weather,
            tilts,
            azimuths,
            parameters,
            monthly_snow_cover=cover[place],
            monthly_snowfall=snowfall[place],
        )
        if code in weather
        else year
        for place, (code, year) in enumerate(
            zip(latitude["adcode"].values.tolist(), typical, strict=True)
        )
    ]


def _cached(
    project: Project,
    model: str,
    inputs: list[Any],
    compute: Callable[[], Mapping[str, xr.DataArray]],
    progress: Progress,
) -> dict[str, xr.DataArray]:
    """Return a model's results from the cache, or compute and keep them."""
    import ecoassess.responses
    import ecoassess.stand_responses

    kernels = sorted(Path(str(ecoassess.models.__file__)).parent.glob("*.py"))  # they share code
    digest = hashlib.sha256()
    wiring = (__file__, ecoassess.responses.__file__, ecoassess.stand_responses.__file__)
    for module in (*kernels, *map(Path, wiring)):
        digest.update(module.read_bytes())
    digest.update(json.dumps(inputs, sort_keys=True).encode())
    file = project.cache / model / f"{digest.hexdigest()[:20]}.npz"
    if not file.is_file():
        progress(f"simulating {model}")
        try:
            results = compute()
        except ValueError as error:
            raise InputError(
                Problem(
                    what=f"the model {model} refused its inputs",
                    file=f"configs/models/{model}.yaml",
                    found=str(error),
                    remedy="correct the coefficient or the data that it names",
                )
            ) from error
        _keep(file, results)
    return _kept(file)


def _keep(file: Path, results: Mapping[str, xr.DataArray]) -> None:
    """Write arrays with their labels, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    labels = {
        name: {str(d): array[d].values.tolist() if d in array.coords else None for d in array.dims}
        for name, array in results.items()
    }
    scratch = file.with_suffix(".new.npz")
    np.savez(
        scratch,
        allow_pickle=False,
        labels=np.array(json.dumps(labels)),
        **{name: array.values for name, array in results.items()},
    )
    scratch.replace(file)


def _kept(file: Path) -> dict[str, xr.DataArray]:
    with np.load(file, allow_pickle=False) as stored:
        labels = json.loads(str(stored["labels"]))
        return {
            name: xr.DataArray(
                stored[name],
                dims=list(table),
                coords={d: values for d, values in table.items() if values is not None},
                name=name,
            )
            for name, table in labels.items()
        }


def _spreads(coefficients: Coefficients) -> list[Any]:
    """Return what the draws of coefficients hang on."""
    return [
        [name, coefficient.unit, value.group, value.labels, repr(value.spread)]
        for name, coefficient in coefficients.items()
        for value in coefficient.table
    ]


def _weather(climate: Climate) -> list[Any]:
    return [
        [array["adcode"].values.tolist(), array.values.tolist()]
        for array in (climate.temperature, climate.precipitation, climate.evapotranspiration)
    ]


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
