"""Where each argument of an equation is defined: coefficient, datum, adoption or model result."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ecoassess.coefficients import Coefficient
from ecoassess.correlation import Correlations
from ecoassess.equation import Equation, Model
from ecoassess.errors import Problem, raise_if_any
from ecoassess.technology import Technology
from ecoassess.units import compatible
from ecoassess.variables import Variable


@dataclass(frozen=True)
class Book:
    """Everything that arguments can be.

    Parameters
    ----------
    own
        Technology or model → its coefficients.
    shared
        The coefficients that several equations use.
    variables
        Data, adoption shares and results of models.
    models
        The equations that technologies share.
    kernels
        Numerical model → its coefficients.
    correlations
        Coefficients that are drawn alike.
    """

    own: Mapping[str, Mapping[str, Coefficient]]
    shared: Mapping[str, Coefficient]
    variables: Mapping[str, Variable]
    models: Mapping[str, Model]
    kernels: Mapping[str, Mapping[str, Coefficient]]
    correlations: Correlations = field(default_factory=Correlations)

    def coefficient(self, equation: str, name: str) -> Coefficient | None:
        """Return the coefficient that an argument of an equation names, if it is one."""
        return self.own.get(equation, {}).get(name) or self.shared.get(name)

    def models_of(self, equation: Equation) -> list[Model]:
        """Return the models whose results an equation takes, in the order of its arguments."""
        names = [
            self.variables[name].modelled
            for name in equation.arguments
            if name in self.variables and self.variables[name].modelled
        ]
        return [self.models[name] for name in dict.fromkeys(map(str, names)) if name in self.models]

    def behind(self, equation: Equation) -> list[Equation]:
        """Return the equation and, after it, all models that its results rest on."""
        found = {equation.name: equation}
        for model in self.models_of(equation):
            found |= {one.name: one for one in self.behind(model)}
        return list(found.values())

    def variables_behind(self, equation: Equation) -> list[str]:
        """Return the data and adoption shares that an equation rests on, models' too."""
        names = [name for one in self.behind(equation) for name in one.arguments]
        return [
            name
            for name in dict.fromkeys(names)
            if name in self.variables and not self.variables[name].modelled
        ]

    def needed_by(self, equation: Equation) -> set[str]:
        """Return the variables without which an equation has no result.

        Those behind a result that counts as `if_missing` when it is missing are not among them.
        """
        needed: set[str] = set()
        for name in equation.arguments:
            variable = self.variables.get(name)
            if variable is None or variable.if_missing is not None:
                continue
            if variable.modelled:
                needed |= self.needed_by(self.models[variable.modelled])
            else:
                needed.add(name)
        return needed

    def adoptions_behind(self, equation: Equation) -> frozenset[str]:
        """Return the adoption shares that an equation's results depend on."""
        return frozenset(n for n in self.variables_behind(equation) if self.variables[n].adoption)

    def labels(self, dimension: str) -> list[str]:
        """Return the labels of a dimension, as statistics or else coefficients give them."""
        for variable in self.variables.values():
            if variable.by == dimension and variable.statistics:
                return list(variable.statistics)
        for table in [self.shared, *self.own.values(), *self.kernels.values()]:
            for coefficient in table.values():
                if dimension in coefficient.labels:
                    return coefficient.labels[dimension]
        return []

    def check(self, technologies: Mapping[str, Technology], awaited: Container[str] = ()) -> None:
        """Check that everything is defined once, fits, and is used.

        Parameters
        ----------
        awaited
            Adoption shares of technologies that are skeletons still: nobody adopts them yet.

        Raises
        ------
        InputError
            With every argument that is defined nowhere or twice, carries no unit or one of another
            kind than its definition; every coefficient that no argument takes; models that go
            round in a circle or return something else than the variables say; adoption shares that
            no technology, or more than one, adopts.
        """
        equations: list[Equation] = [*technologies.values(), *self.models.values()]
        raise_if_any(list(self._model_problems()))  # the rest follows models to their roots
        problems = list(self._adoption_problems(technologies.values(), awaited))
        for equation in equations:
            for argument in equation.arguments:
                if argument not in equation.methods:
                    problems += self._argument_problems(equation, argument)
            problems += [
                Problem(
                    what="a coefficient that its equation does not use",
                    file=coefficient.file,
                    line=coefficient.line,
                    key=name,
                    expected=f"an argument of {_module(equation)}",
                    remedy="correct its name, or delete it",
                )
                for name, coefficient in self.own[equation.name].items()
                if name not in equation.arguments
            ]
        raise_if_any(problems)

    def _argument_problems(self, equation: Equation, argument: str) -> Iterator[Problem]:
        place = _module(equation)
        homes = {
            f"configs/{_folder(equation)}/{equation.name}.yaml": argument
            in self.own[equation.name],
            "configs/shared.yaml": argument in self.shared,
            "configs/variables.yaml": argument in self.variables,
        }
        found = [home for home, there in homes.items() if there]
        if len(found) != 1:
            yield Problem(
                what=f"argument '{argument}' is defined {'twice' if found else 'nowhere'}",
                file=place,
                line=equation.line,
                found=" and ".join(found) or None,
                expected="one of " + ", ".join(homes),
                remedy="define it once",
            )
            return
        coefficient = self.coefficient(equation.name, argument)
        unit = coefficient.unit if coefficient else self.variables[argument].unit
        if argument not in equation.units:
            yield Problem(
                what=f"argument '{argument}' declares no unit",
                file=place,
                line=equation.line,
                expected=f'Annotated[xr.DataArray, Unit("{unit}")]',
            )
        elif not compatible(unit, equation.units[argument]):
            yield Problem(
                what="wrong unit",
                file=str(coefficient.file) if coefficient else found[0],
                line=coefficient.line if coefficient else None,
                key=argument,
                found=unit,
                expected=f"a unit such as {equation.units[argument]} (as {place} declares)",
                remedy="correct the unit, and the value with it",
            )

    def _model_problems(self) -> Iterator[Problem]:
        for name, variable in self.variables.items():
            if variable.modelled is None:
                continue
            model = self.models.get(variable.modelled)
            returned = model.returns.get(name) if model else None
            if model is None or returned is None:
                yield Problem(
                    what="a variable that no model returns",
                    file="configs/variables.yaml",
                    key=f"{name}.modelled",
                    found=variable.modelled,
                    expected=", ".join(model.returns if model else self.models) or None,
                    remedy="correct the name",
                )
            elif not compatible(variable.unit, returned):
                yield Problem(
                    what="wrong unit",
                    file="configs/variables.yaml",
                    key=name,
                    found=variable.unit,
                    expected=f"a unit such as {returned} (as {_module(model)} declares)",
                    remedy="correct the unit",
                )
        for model in self.models.values():
            for name in model.returns:
                if name not in self.variables or self.variables[name].modelled != model.name:
                    yield Problem(
                        what="a model returns what no variable names",
                        file=_module(model),
                        line=model.line,
                        found=name,
                        expected=f"a variable '{name}' with 'modelled: {model.name}'",
                    )
            reached = [self._reached(one) for one in self.models_of(model)]
            if model.name in frozenset().union(*reached):
                yield Problem(
                    what="models that take each other's results",
                    file=_module(model),
                    line=model.line,
                    found=model.name,
                    remedy="break the circle",
                )

    def _reached(self, model: Model, seen: frozenset[str] = frozenset()) -> frozenset[str]:
        """Return the names of a model and of those behind it; ends in a circle too."""
        if model.name in seen:
            return seen
        seen |= {model.name}
        for one in self.models_of(model):
            seen |= self._reached(one, seen)
        return seen

    def _adoption_problems(
        self, technologies: Iterable[Technology], awaited: Container[str]
    ) -> Iterator[Problem]:
        adopters: dict[str, list[str]] = {n: [] for n, v in self.variables.items() if v.adoption}
        for technology in technologies:
            if technology.joint:
                yield from self._joint_problems(technology)
            for name in technology.adopts:
                adopters.setdefault(name, []).append(technology.name)
            for name in itertools.chain(*technology.claims.values()):
                if name not in technology.adopts:
                    yield Problem(
                        what="a technology claims a resource by a share that it does not adopt",
                        file=_module(technology),
                        line=technology.line,
                        found=name,
                        expected=", ".join(technology.adopts) or "an adoption share in 'adopts'",
                    )
            for name in (n for names in technology.takes.values() for n in names):
                model = self.models.get(getattr(self.variables.get(name), "modelled", None) or "")
                if model is None or not (
                    self.adoptions_behind(model) <= self.adoptions_behind(technology)
                ):
                    yield Problem(
                        what="a technology takes a resource by what it does not bring about",
                        file=_module(technology),
                        line=technology.line,
                        found=name,
                        expected="the result of a model that hangs on the technology's adoption",
                    )
            for name in sorted(set(technology.adopts) - self.adoptions_behind(technology)):
                yield Problem(
                    what="a technology adopts what its results do not depend on",
                    file=_module(technology),
                    line=technology.line,
                    found=name,
                    remedy="take it, or the result of a model that takes it, as an argument",
                )
        for name, users in adopters.items():
            if not users and name in awaited:
                continue
            if name not in self.variables or not self.variables[name].adoption or len(users) != 1:
                yield Problem(
                    what="an adoption share belongs to one technology",
                    file="configs/variables.yaml",
                    key=name,
                    found=", ".join(users) or "none",
                    expected="one technology that names it in 'adopts'",
                )

    def _joint_problems(self, technology: Technology) -> Iterator[Problem]:
        problems = []
        if technology.adopts:
            problems.append(
                Problem(
                    what="a joint technology adopts nothing of its own",
                    found=", ".join(technology.adopts),
                    remedy="leave out 'adopts', or 'joint'",
                )
            )
        if technology.takes:
            problems.append(
                Problem(
                    what="a joint technology takes no resource",
                    found=", ".join(technology.takes),
                    remedy="leave out 'takes': those before it have taken it",
                )
            )
        if technology.basis != "effect":
            problems.append(
                Problem(
                    what="a joint technology is an effect",
                    found=technology.basis,
                    expected="components of the basis effect",
                )
            )
        if not self.adoptions_behind(technology):
            problems.append(
                Problem(
                    what="a joint technology that rests on no adoption share",
                    remedy="take the results of models that other technologies change",
                )
            )
        for problem in problems:
            yield problem.at(_module(technology), technology.line)


def _folder(equation: Equation) -> str:
    return "models" if isinstance(equation, Model) else "technologies"


def _module(equation: Equation) -> str:
    return f"ecoassess/{_folder(equation)}/{equation.name}.py"
