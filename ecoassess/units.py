"""The one unit registry.

Every quantity in the program is made from `unit_registry`; pint refuses to mix registries.
The substances (C, CO2, CH4, N, ...) that the field counts in are in `units.txt`.
"""

from __future__ import annotations

import logging
import pickle
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, cast

import pint
import xarray as xr

from ecoassess.errors import InputError, Problem


@cache
def unit_registry() -> pint.UnitRegistry[Any]:
    """Return the registry, built on first use."""
    # Redefining pint's coulomb "C", newton "N" and decimetre "dm" is meant.
    logging.getLogger("pint.util").setLevel(logging.ERROR)
    try:  # pint's own definitions, parsed once per user: saves 0.2 s of every start
        registry: pint.UnitRegistry[Any] = pint.UnitRegistry(cache_folder=":auto:")
    except (OSError, EOFError, pickle.UnpicklingError):  # no writable home, or half a cache file
        registry = pint.UnitRegistry()
    text = resources.files("ecoassess").joinpath("units.txt").read_text(encoding="utf-8")
    registry.load_definitions(text.splitlines())
    _tell_absent_attributes_shortly(registry.Quantity)
    return registry


def _tell_absent_attributes_shortly(quantity: Any) -> None:
    """Spare pint from printing a whole array into the message of an absent attribute.

    xarray asks each array of each operation whether it has `chunks`; the printing was a quarter of
    the time of an assessment.
    """
    found = quantity.__getattr__

    def attribute(self: Any, name: str) -> Any:
        if name == "chunks":
            raise AttributeError(name)
        return found(self, name)

    quantity.__getattr__ = attribute


@dataclass(frozen=True)
class Unit:
    """The unit of an argument, for use in `Annotated[xr.DataArray, Unit("ha")]`."""

    expression: str

    @property
    def pint(self) -> pint.Unit:
        """The unit as pint sees it."""
        return parse_unit(self.expression)


@cache
def parse_unit(expression: str) -> pint.Unit:
    """Return the pint unit that `expression` names.

    Each part between slashes belongs together, as people write it: "t C/t dm" is tonnes of carbon
    per tonne of dry matter (pint alone would multiply by dry matter).

    Raises
    ------
    InputError
        When pint does not know the expression.
    """
    if expression == "1":
        return unit_registry().dimensionless
    try:
        if not all(part.strip() for part in expression.split("/")):
            raise ValueError("a part is empty")
        parts = "/".join(f"({part})" for part in expression.split("/"))
        unit: Any = unit_registry().parse_units(parts)
    except (pint.errors.UndefinedUnitError, pint.errors.DefinitionSyntaxError, ValueError) as error:
        raise InputError(
            Problem(
                what=f"unknown unit ({error})",
                found=expression,
                expected="a unit of pint or of ecoassess/units.txt, such as 't CO2/ha/yr' or '1'",
                remedy="correct the unit",
            )
        ) from error
    return cast("pint.Unit", unit)


def quantify(values: xr.DataArray, expression: str) -> xr.DataArray:
    """Return `values` (plain numbers in `expression`) as an array that carries its unit."""
    return values.copy(data=unit_registry().Quantity(values.data, parse_unit(expression)))


def unit_of(values: xr.DataArray) -> pint.Unit:
    """Return the unit an array carries; an array of plain numbers is refused."""
    if not isinstance(values.data, pint.Quantity):
        raise TypeError(f"array {values.name!r} carries no unit")
    return cast("pint.Unit", values.data.units)


def convert(values: xr.DataArray, expression: str) -> xr.DataArray:
    """Return `values` in the unit `expression`.

    Raises
    ------
    pint.DimensionalityError
        When the units are of another kind.
    """
    return values.copy(data=values.data.to(parse_unit(expression)))


def magnitude(values: xr.DataArray, expression: str) -> xr.DataArray:
    """Return the plain numbers of `values` in the unit `expression`."""
    return values.copy(data=values.data.to(parse_unit(expression)).magnitude)


def compatible(one: str, other: str) -> bool:
    """Tell whether two unit expressions are of one kind."""
    return bool(parse_unit(one).is_compatible_with(parse_unit(other)))
