"""Feeding of livestock: signs, shapes and units of what the models hand over."""

import numpy as np
import pytest
import xarray as xr

from ecoassess.technologies.livestock_feeding import livestock_feeding
from ecoassess.units import magnitude, quantify

COMPONENTS = livestock_feeding.technology.components
ANIMALS = ["breeding_cow", "pig"]


def array(values, unit, *more):
    coords = {"atom": [1], "animal": ANIMALS, "month": np.arange(1, 13)}
    dims = ("atom", "animal", *more)
    return quantify(xr.DataArray(values, dims=dims, coords={d: coords[d] for d in dims}), unit)


def emissions(factor=1.0):
    base = np.array([[60.0, 1.0]]) * factor
    gases = {name: array(base, COMPONENTS[name].unit) for name in COMPONENTS}
    months = base[..., None] * np.full(12, 0.01)
    return gases | {
        "manure_methane": array(months, "t CH4_biogenic/yr", "month"),
        "soil_carbon_gain": array(months, "t C/yr", "month"),
    }


def test_emissions_count_against_the_climate():
    result = livestock_feeding(**emissions())
    assert set(result) == set(COMPONENTS)
    for name, given in emissions().items():
        unit = COMPONENTS[name].unit
        sign = 1 if name == "soil_carbon_gain" else -1
        np.testing.assert_array_equal(magnitude(result[name], unit), sign * magnitude(given, unit))


def test_a_herd_that_emits_less_is_a_gain():
    baseline, project = livestock_feeding(**emissions()), livestock_feeding(**emissions(0.9))
    enteric = project["enteric_methane"] - baseline["enteric_methane"]
    effect = magnitude(enteric, "t CH4_biogenic/yr")
    assert effect.sum().item() == pytest.approx(6.1)


def test_components_without_a_share_bring_their_own_months():
    result = livestock_feeding(**emissions())
    for name, component in COMPONENTS.items():
        assert ("month" in result[name].dims) == (component.month_share is None)
