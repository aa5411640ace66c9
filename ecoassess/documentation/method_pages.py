"""One page per technology and per model, from docstrings, YAML and one worked county."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ecoassess.coefficients import Coefficient
from ecoassess.derived import SEASON_MODEL
from ecoassess.documentation.coefficient_tables import citation, cited, coefficient_lines
from ecoassess.documentation.markdown import NOTHING, code, docstring, line, link, table
from ecoassess.documentation.test_status import TestStatus
from ecoassess.documentation.worked_example import Example
from ecoassess.equation import Equation
from ecoassess.run import Session
from ecoassess.simulate import MODELS
from ecoassess.technology import Technology
from ecoassess.variables import ORIGINS, Variable

SECTIONS = {
    "Formula": "公式",
    "Symbols": "符号",
    "Source": "来源",
    "Validity": "适用范围",
    "Parameters": "参数",
    "Returns": "返回",
    "Raises": "错误",
}
MEANINGS = {
    "statistic": "county statistics",
    "statistics": "county statistics",
    "year_since": "years since a statistic's year",
    "derived": "computed from observations",
    "simulated": "model with hours or memory",
    "modelled": "model",
    "earlier": "earlier figure of a statistic",
    "years_between": "years between two figures",
    "mapped": "land-cover map",
    "parcels": "forest parcels",
    "buildings": "building footprints",
    "observed": "raster",
    "adoption": "adoption path of the scenario",
    "cohort_age": "years since adoption",
}


SPELLINGS = {"Pv": "PV", " pv": " PV", "Rothc": "RothC"}


def spelled(name: str) -> str:
    """Return the name of a module as a title."""
    title = name.replace("_", " ").capitalize()
    for plain, proper in SPELLINGS.items():
        title = title.replace(plain, proper)
    return title


@dataclass(frozen=True)
class MethodPages:
    """What pages of methods are made from.

    Parameters
    ----------
    example
        A county in which equations are worked out; None leaves worked examples out.
    """

    session: Session
    tests: TestStatus
    example: Example | None
    names_zh: Mapping[str, str] = field(default_factory=dict)

    def technology(self, technology: Technology) -> str:
        """Return the page of a technology."""
        words = self.tests.words
        lines = [
            f"# {spelled(technology.name)} {technology.zh}",
            "",
            f"Field: {words.label(technology.sector)} · module "
            f"{code(self.session.project.relative(technology.file))} · coefficients "
            f"{code(f'configs/technologies/{technology.name}.yaml')}",
            "",
            *docstring(technology.documentation, SECTIONS),
            *self._components(technology),
            *self._declared(technology),
            *self._equation(technology),
        ]
        if self.example:
            example = self.example.where_known(technology)
            lines += self._example_heading(example) + example.technology(technology)
            reasons = [f"- {line(reason)}" for reason in example.reasons(technology)]
            lines += ["", "What the county's rows say 说明:", "", *reasons] if reasons else []
        return "\n".join([*lines, *self._tests(technology.name)]) + "\n"

    def model(self, equation: Equation) -> str:
        """Return the page of a model that is an equation."""
        users = [
            one
            for one in [*self.session.technologies.values(), *self.session.book.models.values()]
            if equation.name in {m.name for m in self.session.book.models_of(one)}
        ]
        lines = [
            f"# {spelled(equation.name)} {equation.zh}",
            "",
            f"Module {code(self.session.project.relative(equation.file))} · coefficients "
            f"{code(f'configs/models/{equation.name}.yaml')}",
            "",
            f"Taken by: {', '.join(map(_to, users)) or NOTHING}",
            "",
            *docstring(equation.documentation, SECTIONS),
            "",
            "## Results 结果",
            *table(
                ["result", "meaning", "含义", "unit"],
                [
                    [code(name), line(v.en), line(v.zh), code(unit)]
                    for name, unit in equation.outputs.items()
                    if (v := self.session.variables[name])
                ],
            ),
            *self._equation(equation),
        ]
        if self.example:
            example = self.example.where_known(equation)
            lines += self._example_heading(example) + example.model(equation)
        return "\n".join([*lines, *self._tests(equation.name)]) + "\n"

    def kernel(self, name: str, module: Path) -> str:
        """Return the page of a numerical model: its module's docstring, functions, coefficients."""
        tree = ast.parse(module.read_text(encoding="utf-8"))
        functions = [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        ]
        own = self.session.kernels.get(name, {})
        lines = [
            f"# {spelled(name)} {self.names_zh.get(name, '')}".rstrip(),
            "",
            f"Module {code(self.session.project.relative(module))}"
            + f" · coefficients {code(f'configs/models/{name}.yaml')}" * bool(own),
            "",
            *docstring(ast.get_docstring(tree) or "", SECTIONS),
            "",
            *self._functions(functions),
            *self._coefficients("Coefficients 系数", own),
            *self._citations(own.values()),
        ]
        return "\n".join([*lines, *self._tests(name)]) + "\n"

    def coefficients(self, title: str, table: Mapping[str, Coefficient]) -> str:
        """Return a page of coefficients alone."""
        lines = [f"# {title}", *self._coefficients("Coefficients 系数", table)]
        return "\n".join([*lines, *self._citations(table.values())]) + "\n"

    def coefficients_of(self, equation: Equation) -> dict[str, Coefficient]:
        """Return the coefficients that an equation takes: its own and shared ones."""
        book = self.session.book
        return {
            name: coefficient
            for name in equation.arguments
            if (coefficient := book.coefficient(equation.name, name))
        }

    def kernels_of(self, equation: Equation) -> list[str]:
        """Return the numerical models whose results an equation takes as data."""
        variables = self.session.variables
        simulated = [variables[n].simulated for n in equation.arguments if n in variables]
        names = [MODELS[name] for name in simulated if name]
        components = equation.components.values() if isinstance(equation, Technology) else ()
        if any(component.month_share for component in components):
            names.append(SEASON_MODEL)
        return list(dict.fromkeys(names))

    def _components(self, technology: Technology) -> list[str]:
        words = self.tests.words
        return [
            "",
            "## Components 组分",
            *table(
                [
                    "component",
                    "名称",
                    "unit",
                    "basis",
                    "kind",
                    "boundary",
                    "account",
                    "gas",
                    "months",
                ],
                [
                    [
                        code(name),
                        line(one.zh),
                        code(one.unit),
                        *map(words.label, (one.basis, one.kind, one.boundary, one.account)),
                        one.gas,
                        code(one.month_share) if one.month_share else "modelled",
                    ]
                    for name, one in technology.components.items()
                ],
            ),
            *self._warming(technology),
        ]

    def _warming(self, technology: Technology) -> list[str]:
        """Return how masses of gases become CO2e."""
        if not any(component.warms for component in technology.components.values()):
            return ["Co-benefits stay in their own unit."]
        chosen = self.session.run.config.choices["gwp"]
        gwp = link(code("gwp_100"), "../models/shared.md", "gwp_100")
        return [f"Gases become CO2e by {gwp} of the set {code(chosen)}, once, in the ledger."]

    def _declared(self, technology: Technology) -> list[str]:
        rows = [["adopts 采用", ", ".join(map(code, technology.adopts)) or NOTHING]]
        if technology.joint:
            rows[0][1] = "nothing: it is another account of what those before it do together"
        rows.append(["claims 占用", _named(technology.claims)])
        rows.append(["takes 取用", _named(technology.takes)])
        rows.append(["map spread over 制图", ", ".join(map(code, technology.paint))])
        if technology.paint_proxy:
            rows.append(["land stands for 替代", line(technology.paint_proxy)])
        return ["", "## Adopts, claims, takes 采用与占用", *table(["declared", "what"], rows)]

    def _equation(self, equation: Equation) -> list[str]:
        """Return what technologies and models have in common: methods, models, data, numbers."""
        book, chosen = self.session.book, self.session.run.config.methods.get(equation.name, {})
        lines = []
        if equation.methods:
            rows = [
                [code(name), ", ".join(map(code, options)), code(chosen.get(name, options[0]))]
                for name, options in equation.methods.items()
            ]
            lines += ["", "## Methods 方法选项"]
            lines += table(["method", "to choose from", "in the run configuration"], rows)
        behind = book.models_of(equation)
        kernels = self.kernels_of(equation)
        if behind or kernels:
            deeper = [m for m in book.behind(equation)[1:] if m not in behind]
            lines += ["", "## Models behind 所依据的模型", ""]
            lines += [
                f"- {_to(m)} {m.zh} ({len(self.coefficients_of(m))} coefficients)" for m in behind
            ]
            lines += [
                f"- {link(k, f'../models/{k}.md')} {self.names_zh.get(k, '')}" for k in kernels
            ]
            lines += [f"- behind these: {', '.join(map(_to, deeper))}"] if deeper else []
        lines += self._data(equation)
        all_of_it = self.coefficients_of(equation)
        shared = {n: c for n, c in all_of_it.items() if n not in book.own.get(equation.name, {})}
        own = {n: c for n, c in all_of_it.items() if n not in shared}
        if not all_of_it:
            lines += ["", "## Coefficients 系数", ""]
            lines += ["It has no coefficients of its own: they stand with the models behind it."]
        lines += self._coefficients("Coefficients of its own 自有系数", own)
        lines += self._coefficients("Shared coefficients 共用系数", shared)
        return lines + self._citations(all_of_it.values())

    def _data(self, equation: Equation) -> list[str]:
        rows = []
        for name in equation.arguments:
            variable = self.session.variables.get(name)
            if variable:
                kind = "adoption share" if variable.adoption else variable.kind
                rows.append(
                    [
                        code(name),
                        line(variable.en),
                        line(variable.zh),
                        code(variable.unit),
                        kind,
                        _origin(variable),
                    ]
                )
        heads = ["variable", "meaning", "含义", "unit", "kind", "origin"]
        return ["", "## Data 数据", *table(heads, rows)] if rows else []

    def _coefficients(self, title: str, coefficients: Mapping[str, Coefficient]) -> list[str]:
        lines = ["", f"## {title}", ""] if coefficients else []
        for coefficient in coefficients.values():
            lines += coefficient_lines(coefficient, self.session.project, self.tests.words)
        return lines

    def _citations(self, coefficients: Iterable[Coefficient]) -> list[str]:
        keys = cited(coefficients)
        rows = [f"- {code(key)}: {citation(self.session.sources[key])}" for key in keys]
        return ["", "## Sources of the coefficients 系数来源", "", *rows] if rows else []

    def _functions(self, functions: Sequence[ast.FunctionDef]) -> list[str]:
        rows = [
            [code(f.name), line((ast.get_docstring(f) or "").split("\n\n")[0])] for f in functions
        ]
        return ["## Functions 函数", *table(["function", "what it returns"], rows)] if rows else []

    def _example_heading(self, example: Example) -> list[str]:
        zone, month = example.zone, self.session.month
        return [
            "",
            f"## Worked example: {zone.en}, {month.year} 算例：{zone.zh}",
            "",
            "Computed as this page was built, from the project's own data, methods and central "
            "values. Sums are the county's; where its parts differ, the span is given. "
            "Months stand from January to December. The scenario is illustrative.",
            "",
        ]

    def _tests(self, name: str) -> list[str]:
        return ["", "## Tests 测试", "", *self.tests.of(name)]


def _to(equation: Equation) -> str:
    """Return a link to an equation's page from another method's page."""
    folder = "technologies" if isinstance(equation, Technology) else "models"
    return link(equation.name, f"../{folder}/{equation.name}.md")


def _named(names: Mapping[str, Sequence[str]]) -> str:
    """Return resources with what says how much of them is used."""
    texts = [f"{key} by {', '.join(map(code, of))}" for key, of in names.items()]
    return "; ".join(texts) or NOTHING


def _origin(variable: Variable) -> str:
    """Return where a variable comes from."""
    key = next(name for name in ORIGINS if getattr(variable, name) is not None)
    value = getattr(variable, key)
    if key == "modelled":
        return link(str(value), f"../models/{value}.md")
    if key == "simulated":
        return link(MODELS[value], f"../models/{MODELS[value]}.md")
    if isinstance(value, dict):
        return f"{MEANINGS[key]}: {', '.join(code(v) for v in value.values())}"
    return MEANINGS[key] if value is True else f"{MEANINGS[key]}: {code(value)}"
