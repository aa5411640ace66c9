"""Technologies that take shared models: signs, and what they add of their own."""

import numpy as np
import pytest
import xarray as xr

from ecoassess.technologies.conservation_tillage import conservation_tillage
from ecoassess.technologies.rice_methane import rice_methane
from ecoassess.technologies.straw_return import straw_return
from ecoassess.technologies.topsoil_carbon import topsoil_carbon
from ecoassess.units import magnitude, quantify

CROPS = ["maize", "rice"]
TILLAGE = ["reduced", "no_till"]
SOURCES = ["synthetic", "residue"]


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def nitrous_oxide():
    emitted = array([[3.0, 1.0]], "t N2O/yr", ("atom", "source"), atom=[1], source=SOURCES)
    return {f"{pathway}_nitrous_oxide": emitted for pathway in ("direct", "volatilised", "leached")}


CARBON = array([[100.0, 0.0]], "t C/yr", ("atom", "crop"), atom=[1], crop=CROPS)
METHANE = array([72.0], "t CH4_biogenic/yr", ("atom",), atom=[1])


@pytest.mark.parametrize(
    ("technology", "arguments"),
    [
        (straw_return, {"soil_carbon_gain": CARBON, "paddy_methane": METHANE}),
        (topsoil_carbon, {"soil_carbon_gain": CARBON}),
        (rice_methane, {"paddy_methane": METHANE}),
    ],
)
def test_carbon_gained_is_positive_and_gases_emitted_are_negative(technology, arguments):
    result = technology(**arguments, **nitrous_oxide())
    assert set(result) == set(technology.technology.components)
    expected = {"soil_carbon_gain": 100 * 44 / 12, "paddy_methane": -72.0}
    for name, component in technology.technology.components.items():
        total = float(magnitude(result[name], component.unit).sum())
        assert total == pytest.approx(expected.get(name, -4.0)), name


def test_diesel_and_area_of_less_tillage():
    """300 + 100 of 1,000 ha of dry land, the paddy aside: 300·28 + 100·39 L at 2.6 kg."""
    result = conservation_tillage(
        crop_area=array([[1000, 500]], "ha", ("atom", "crop"), atom=[1], crop=CROPS),
        tillage_share=array(
            [[0.2, 0.1], [0.1, 0.0]], "1", ("cohort", "tillage"), cohort=[0, 1], tillage=TILLAGE
        ),
        soil_carbon_gain=CARBON,
        **nitrous_oxide(),
        upland=array([1, 0], "1", ("crop",), crop=CROPS),
        diesel_saved=array([28, 39], "L/ha/yr", ("tillage",), tillage=TILLAGE),
        diesel_factor=array(2.6, "kg CO2/L"),
    )
    area = magnitude(result["protected_area"], "ha").sel(atom=1)
    assert area.values == pytest.approx([300, 100])
    diesel = magnitude(result["diesel_carbon_dioxide"], "t CO2/yr").sel(atom=1)
    assert diesel.values == pytest.approx([300 * 28 * 2.6 / 1000, 100 * 39 * 2.6 / 1000])
