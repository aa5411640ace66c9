"""What a technology is: an equation with declared units, components and claims.

A technology is one module in `ecoassess/technologies/` with one decorated function of the same
name, and one YAML of the same stem in `configs/technologies/`. The function describes the system
in one state; the runner calls it for baseline and project with the same draws.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from ecoassess.equation import Equation, Result
from ecoassess.errors import InputError, Problem
from ecoassess.project import Project
from ecoassess.units import parse_unit
from ecoassess.vocabulary import Account, Basis, Boundary, Kind

GASES = ("CO2", "CH4_biogenic", "CH4_fossil", "N2O")
"""What a component can be made of; carbon counts as CO2 and N2O-N as N2O."""


@dataclass(frozen=True)
class Component:
    """One line of a technology's result.

    Parameters
    ----------
    unit
        Unit of the yearly flux ("t CO2/yr") or of the stock ("t C").
    zh
        Chinese name.
    month_share
        Variable that spreads a yearly flux over the months; None when the function returns months
        itself.
    month_basis
        What the months are, where that must be said in the tables; by default which share they
        were allocated by, or that the equation gave them.
    stock_of
        For a stock: the flux component that changes it, so that months can be told.
    """

    unit: str
    basis: Basis
    zh: str
    account: Account
    kind: Kind = "flux"
    boundary: Boundary = "territorial"
    month_share: str | None = None
    month_basis: str = ""
    stock_of: str | None = None

    @property
    def gas(self) -> str:
        """The greenhouse gas the component is made of, or the substance of a co-benefit."""
        unit = parse_unit(self.unit)
        for gas in GASES:
            if unit.dimensionality.get(_dimension(gas)):
                return gas
        if self.account != "co_benefit":
            raise ValueError(f"'{self.unit}' names none of {', '.join(GASES)}")
        return self.unit.removesuffix("/yr").split()[-1]

    @property
    def warms(self) -> bool:
        """Whether it counts in CO2e; a co-benefit stays in its own unit."""
        return self.account != "co_benefit"


SETTLED = ("settlement", "cropland", "land")
"""Where people live, for `paint`; cropland stands for villages where no settlement is mapped."""

ROOFS = {"residential_roof_share": ("land",), "built_up_share": ("land",)}
"""What finds dwellings better than a land class, for `paint_weight`."""


@cache
def _dimension(gas: str) -> str:
    return str(next(iter(parse_unit(gas).dimensionality)))


@dataclass(frozen=True)
class Technology(Equation):
    """A technology's function and what it declares.

    Parameters
    ----------
    adopts
        The adoption shares that the technology is: what the project changes.
    joint
        Whether its effect is that of all technologies before it in the run together.
    """

    sector: str = field(kw_only=True)
    components: Mapping[str, Component] = field(kw_only=True)
    adopts: tuple[str, ...] = ()
    joint: bool = False
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    takes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paint: tuple[str, ...] = ("land",)
    paint_weight: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paint_proxy: str | None = None
    density_of: str | None = None
    not_linear_in: tuple[str, ...] = ()
    per: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def basis(self) -> str:
        """The one basis all components share."""
        return next(iter(self.components.values())).basis

    @property
    def nets(self) -> tuple[Boundary, ...]:
        """The boundaries within which its fluxes add up to a net in CO2e; none for co-benefits."""
        fluxes = (c for c in self.components.values() if c.kind == "flux" and c.warms)
        return tuple(dict.fromkeys(component.boundary for component in fluxes))

    @property
    def outputs(self) -> Mapping[str, str]:
        """Name of each array in the result → its unit."""
        return {name: component.unit for name, component in self.components.items()}


def technology(
    *,
    zh: str,
    sector: str,
    components: Mapping[str, Component],
    adopts: tuple[str, ...] = (),
    joint: bool = False,
    claims: Mapping[str, str | tuple[str, ...]] | None = None,
    takes: Mapping[str, tuple[str, ...]] | None = None,
    methods: Mapping[str, tuple[str, ...]] | None = None,
    only_with: Mapping[str, tuple[str, ...]] | None = None,
    paint: tuple[str, ...] = ("land",),
    paint_weight: Mapping[str, tuple[str, ...]] | None = None,
    paint_proxy: str | None = None,
    density_of: str | None = None,
    not_linear_in: tuple[str, ...] = (),
    per: Mapping[str, tuple[str, ...]] | None = None,
) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Declare a technology; the function itself stays a plain function.

    Parameters
    ----------
    adopts
        The adoption shares that the technology is. What it brings is the difference that these
        make while technologies before it in the run are in place and those after it are not.
    joint
        For another account of what the technologies before it do together: its effect is the
        difference that all their adoption shares make. It adopts nothing and changes nothing for
        those after it.
    claims
        Resource → adoption share that says how much of it is used, or several that add up.
    takes
        Resource → variables that say how much of it is used, as amounts in the unit and by the
        labels of its supply.
    methods
        Argument → the options a run configuration may choose from; the first is the default.
    only_with
        Option → arguments that have a part in the result only where it is chosen.
    paint
        Land class or group over which a zone's result is spread on the map, and what to fall back
        on where the zone has none of it.
    paint_weight
        Raster layer → the land whose pixels it weights instead, and what to fall back on. The
        first layer counts that the run has a raster of, in each atom where it is not zero.
    paint_proxy
        What the land stands for on the map where the technology's own places are not known:
        people for what serves them, fields for herds. The map's tags say it.
    density_of
        Class whose density the park estimate carries over to official areas.
    not_linear_in
        Extensive arguments in which the result is not linear.
    per
        Variable → the components that the table of intensities gives per unit of it; none named,
        all.
    """

    def mark(function: Callable[..., Result]) -> Callable[..., Result]:
        if len({component.basis for component in components.values()}) != 1:
            raise TypeError(f"{function.__name__}: inventory and effect never share a technology")
        function.technology = Technology(  # type: ignore[attr-defined]
            name=function.__name__,
            function=function,
            zh=zh,
            sector=sector,
            components=dict(components),
            adopts=adopts,
            joint=joint,
            claims={
                resource: (names,) if isinstance(names, str) else names
                for resource, names in (claims or {}).items()
            },
            takes=dict(takes or {}),
            methods=dict(methods or {}),
            only_with=dict(only_with or {}),
            paint=paint,
            paint_weight=dict(paint_weight or {}),
            paint_proxy=paint_proxy,
            density_of=density_of,
            not_linear_in=not_linear_in,
            per=dict(per or {}),
        )
        return function

    return mark


def discover(project: Project) -> dict[str, Technology]:
    """Return all technologies, by name; a skeleton that is not filled in is none yet.

    Raises
    ------
    InputError
        When a module has no YAML, a YAML no module, or a module no technology of its name.
    """
    import ecoassess.technologies as package
    from ecoassess.scaffold import unfinished

    modules = {info.name for info in pkgutil.iter_modules(package.__path__)}
    files = {path.stem for path in (project.configs / "technologies").glob("*.yaml")}
    problems = [
        Problem(
            what="a technology module without its YAML",
            found=f"ecoassess/technologies/{name}.py",
            expected=f"configs/technologies/{name}.yaml",
            remedy="add the file of its coefficients",
        )
        for name in sorted(modules - files)
    ] + [
        Problem(
            what="a technology YAML without its module",
            found=f"configs/technologies/{name}.yaml",
            expected=f"ecoassess/technologies/{name}.py",
            remedy="correct the file name, or remove it",
        )
        for name in sorted(files - modules)
    ]
    found: dict[str, Technology] = {}
    for name in sorted(modules - set(unfinished(project))):
        module = importlib.import_module(f"{package.__name__}.{name}")
        function = getattr(module, name, None)
        declared = getattr(function, "technology", None)
        if declared is None:
            problems.append(
                Problem(
                    what="a technology module without a technology",
                    file=f"ecoassess/technologies/{name}.py",
                    expected=f"a function '{name}' under @technology",
                )
            )
        else:
            found[name] = declared
    if problems:
        raise InputError(*problems)
    return found
