"""Equations whose arguments carry units: what technologies and models have in common.

A model is an equation that several technologies share: one stock or flow that they act on
together (the soil carbon of a field, the methane of a paddy). It is one function in
`ecoassess/models/` with one YAML of the same stem in `configs/models/`; what it returns reaches
technologies and other models as arguments, by the names in `configs/variables.yaml`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import xarray as xr

from ecoassess.errors import Problem, raise_if_any
from ecoassess.project import Project
from ecoassess.units import Unit

Result = dict[str, xr.DataArray]


def side_by_side(parts: Mapping[str, xr.DataArray], dimension: str) -> xr.DataArray:
    """Return arrays of one kind as one, with their names as the labels of a new dimension."""
    labels = xr.DataArray(list(parts), dims=dimension, name=dimension)
    alike = xr.broadcast(*xr.align(*parts.values(), join="exact"))
    together: xr.DataArray = xr.concat(alike, dim=labels, join="exact", coords="minimal")
    return together


@dataclass(frozen=True)
class Equation:
    """A function of arrays with units.

    Parameters
    ----------
    methods
        Argument → the options a run configuration may choose from; the first is the default.
    only_with
        Option → arguments that have a part in the result only where it is chosen.
    """

    name: str
    function: Callable[..., Result]
    zh: str
    methods: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)
    only_with: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)

    def chosen(self, methods: Mapping[str, Mapping[str, str]]) -> list[str]:
        """Return the options that a run's methods choose, the first where they say nothing."""
        own = methods.get(self.name, {})
        return [own.get(argument, options[0]) for argument, options in self.methods.items()]

    def idle(self, methods: Mapping[str, Mapping[str, str]]) -> frozenset[str]:
        """Return the arguments that have no part in the result under a run's methods."""
        chosen = self.chosen(methods)
        taken = {name for option in chosen for name in self.only_with.get(option, ())}
        named = {name for names in self.only_with.values() for name in names}
        return frozenset(named - taken)

    @cached_property
    def units(self) -> dict[str, str]:
        """The declared unit of each argument that is an array."""
        hints = get_type_hints(self.function, include_extras=True)
        units = {}
        for name in self.arguments:
            hint = hints.get(name)
            if get_origin(hint) is Annotated:
                declared = [item for item in get_args(hint)[1:] if isinstance(item, Unit)]
                if declared:
                    units[name] = declared[0].expression
        return units

    @cached_property
    def arguments(self) -> list[str]:
        """The names of the function's arguments."""
        return list(inspect.signature(self.function).parameters)

    @property
    def outputs(self) -> Mapping[str, str]:
        """Name of each array in the result → its unit."""
        raise NotImplementedError

    @property
    def file(self) -> Path:
        """The module that holds the equation."""
        return Path(inspect.getfile(self.function))

    @property
    def line(self) -> int:
        """The line at which the function starts."""
        return inspect.getsourcelines(self.function)[1]

    @property
    def documentation(self) -> str:
        """The scientific record."""
        return inspect.cleandoc(self.function.__doc__ or "")

    def __call__(self, **arguments: Any) -> Result:
        """Evaluate one state; arrays are aligned exactly or refused."""
        with xr.set_options(arithmetic_join="exact"):  # type: ignore[no-untyped-call]
            return self.function(**arguments)


@dataclass(frozen=True)
class Model(Equation):
    """An equation that several technologies share.

    Parameters
    ----------
    returns
        Name of each array in the result → its unit.
    """

    returns: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    @property
    def outputs(self) -> Mapping[str, str]:
        """Name of each array in the result → its unit."""
        return self.returns


def model(
    *,
    zh: str,
    returns: Mapping[str, str],
    methods: Mapping[str, tuple[str, ...]] | None = None,
    only_with: Mapping[str, tuple[str, ...]] | None = None,
) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Declare a model; the function itself stays a plain function."""

    def mark(function: Callable[..., Result]) -> Callable[..., Result]:
        function.model = Model(  # type: ignore[attr-defined]
            function.__name__,
            function,
            zh,
            methods=dict(methods or {}),
            only_with=dict(only_with or {}),
            returns=dict(returns),
        )
        return function

    return mark


def discover_models(project: Project) -> dict[str, Model]:
    """Return the models of `ecoassess/models/`, by name.

    Modules there without a function marked with `@model` are numerical kernels.

    Raises
    ------
    InputError
        When a model has no YAML, or its module no model of its name.
    """
    import ecoassess.models as package

    found: dict[str, Model] = {}
    problems = []
    for info in pkgutil.iter_modules(package.__path__):
        place = f"ecoassess/models/{info.name}.py"
        if MARK not in Path(package.__path__[0], f"{info.name}.py").read_text(encoding="utf-8"):
            continue  # a kernel, whose import may cost seconds
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        declared = getattr(getattr(module, info.name, None), "model", None)
        if declared is None:
            problems.append(
                Problem(
                    what="a module with a model of another name",
                    file=place,
                    expected=f"a function '{info.name}' under @model",
                )
            )
        elif not (project.configs / "models" / f"{info.name}.yaml").is_file():
            problems.append(
                Problem(
                    what="a model without its YAML",
                    file=place,
                    expected=f"configs/models/{info.name}.yaml",
                    remedy="add the file of its coefficients",
                )
            )
        else:
            found[info.name] = declared
    raise_if_any(problems)
    return found


MARK = "\n@model("
