"""Units: the field's notation, conversions by hand, and what must not mix."""

from __future__ import annotations

import numpy as np
import pint
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ecoassess.errors import InputError
from ecoassess.units import (
    compatible,
    convert,
    magnitude,
    parse_unit,
    quantify,
    unit_of,
    unit_registry,
)


def amount(value: float, unit: str) -> pint.Quantity:
    return unit_registry().Quantity(value, parse_unit(unit))


@pytest.mark.parametrize(
    ("value", "unit", "other", "expected"),
    [
        (12, "t C", "t CO2", 44),
        (44, "kg CO2", "kg C", 12),
        (28, "kg N2O_N", "kg N2O", 44),
        (0.5, "t C/t dm", "kg C/kg dm", 0.5),
        (1, "t C/t dm", "t CO2/t dm", 44 / 12),
        (1, "t/ha", "kg/m^2", 0.1),
        (1, "t CO2/ha", "kg CO2/m^2", 0.1),
        (1, "kg CO2/kWh", "t CO2/MWh", 1),
        (1, "MWh", "GJ", 3.6),
        (27, "kg CO2e/kg CH4_biogenic", "t CO2e/t CH4_biogenic", 27),
        (100, "ha", "km^2", 1),
        (1, "t dm/ha/yr", "kg dm/ha/yr", 1000),
        (50, "percent", "1", 0.5),
    ],
)
def test_conversions_by_hand(value: float, unit: str, other: str, expected: float) -> None:
    assert amount(value, unit).to(parse_unit(other)).magnitude == pytest.approx(expected)


def test_each_part_between_slashes_belongs_together() -> None:
    """ "t C/t dm" is carbon per dry matter; pint alone would read t · C / t · dm."""
    assert parse_unit("t C/t dm") == parse_unit("t C") / parse_unit("t dm")
    assert parse_unit("t C/t dm") != unit_registry().parse_units("t C/t dm")
    assert parse_unit("kg CO2/m^2/yr") == parse_unit("kg CO2") / parse_unit("m^2") / parse_unit(
        "yr"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("t CH4_biogenic", "t CH4_fossil"),
        ("t CH4_biogenic", "t CO2"),
        ("t CO2", "t CO2e"),
        ("t N", "t N2O"),
        ("t N", "t N2O_N"),
        ("t dm", "t"),
        ("t C", "t"),
        ("kWp", "kW"),
        ("person", "household"),
        ("head", "1"),
        ("ha", "ha/yr"),
    ],
)
def test_substances_do_not_mix(one: str, other: str) -> None:
    assert not compatible(one, other)
    with pytest.raises(pint.DimensionalityError):
        amount(1, one).to(parse_unit(other))
    with pytest.raises(pint.DimensionalityError):
        _ = amount(1, one) + amount(1, other)


@pytest.mark.parametrize("unit", ["tce", "t CO3", "ha/yaer", "t C//ha", "12", "", "3 ha", "公顷"])
def test_what_is_no_unit_is_refused(unit: str) -> None:
    with pytest.raises(InputError, match="unknown unit") as caught:
        parse_unit(unit)
    (problem,) = caught.value.problems
    assert problem.found == unit
    assert problem.expected
    assert problem.remedy


def test_arrays_carry_units_through_arithmetic() -> None:
    area = quantify(xr.DataArray([1.0, 2.0], dims="atom"), "ha")
    rate = quantify(xr.DataArray([3.0, 4.0], dims="atom"), "t C/ha/yr")
    product = area * rate
    assert unit_of(product).is_compatible_with(parse_unit("t CO2/yr"))
    np.testing.assert_allclose(magnitude(product, "t CO2/yr").values, [11.0, 8 * 44 / 12])
    assert unit_of(convert(area, "m^2")) == parse_unit("m^2")
    np.testing.assert_allclose(magnitude(area, "m^2").values, [1e4, 2e4])


def test_plain_arrays_are_refused() -> None:
    with pytest.raises(TypeError, match="carries no unit"):
        unit_of(xr.DataArray([1.0], name="area"))


def test_adding_another_kind_is_refused() -> None:
    area = quantify(xr.DataArray([1.0], dims="atom"), "ha")
    mass = quantify(xr.DataArray([1.0], dims="atom"), "t")
    with pytest.raises(pint.DimensionalityError):
        _ = area + mass
    with pytest.raises(pint.DimensionalityError):
        magnitude(area, "t")


UNITS = ["t C", "kg CO2", "t N2O_N", "kg N2O", "ha", "m^2", "t dm/ha/yr", "kWh/kWp", "1/yr"]


@given(value=st.floats(1e-6, 1e9), unit=st.sampled_from(UNITS), other=st.sampled_from(UNITS))
def test_conversions_go_back(value: float, unit: str, other: str) -> None:
    if compatible(unit, other):
        there = amount(value, unit).to(parse_unit(other))
        assert there.to(parse_unit(unit)).magnitude == pytest.approx(value, rel=1e-12)
