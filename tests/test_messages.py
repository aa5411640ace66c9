"""Every message has its Chinese, and no place in it is lost."""

from __future__ import annotations

import ast
import itertools
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ecoassess.errors import InputError, Line, Problem
from ecoassess.inputs.layers import TRANSFORMS
from ecoassess.language import read_words
from ecoassess.messages import Translator, literal, places, read_messages
from ecoassess.typed import NAMED

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "configs" / "messages.yaml"
PARTS = ("what", "found", "expected", "remedy")
INSIDE_OTHERS = {"climate_zone.py"}
"""Kernels whose problems are told within another's `found`."""


@dataclass
class Module:
    """A module's messages, as templates in which {} stands for what is filled in."""

    tree: ast.Module
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef):
                self.functions[node.name] = node

    def sentences(self) -> Iterator[tuple[int, str]]:
        """Yield line and template of all that reaches a problem."""
        for node in ast.walk(self.tree):
            scope = node if isinstance(node, ast.FunctionDef) else None
            if scope is None:
                continue
            for call in (n for n in ast.walk(scope) if isinstance(n, ast.Call)):
                for value in self.said(call):
                    for template in self.templates(value, scope):
                        yield call.lineno, template

    def said(self, call: ast.Call) -> Iterator[ast.expr]:
        """Yield the arguments of a call that are sentences."""
        target = call.func
        name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
        names: list[str] = []
        if name in ("Problem", "CheckError"):
            names = list(PARTS)
        elif name in self.functions:
            names = [a.arg for a in self.functions[name].args.args if a.arg != "self"]
        yield from (v for n, v in zip(names, call.args, strict=False) if n in PARTS)
        yield from (k.value for k in call.keywords if k.arg in PARTS)

    def templates(self, value: ast.expr, scope: ast.AST) -> Iterator[str]:
        """Yield every text that an expression can be."""
        match value:
            case ast.Constant(value=str(text)):
                yield text.replace("{", "{{").replace("}", "}}")
            case ast.Constant():
                return
            case ast.JoinedStr(values=parts):
                yield from map("".join, itertools.product(*(self.part(p) for p in parts)))
                for part in parts:
                    if isinstance(part, ast.FormattedValue):
                        yield from self.words(part.value)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                both = self.templates(left, scope), self.templates(right, scope)
                yield from map("".join, itertools.product(*map(list, both)))
            case ast.IfExp(body=one, orelse=other):
                yield from self.templates(one, scope)
                yield from self.templates(other, scope)
            case ast.BoolOp(values=values):
                for one in values:
                    yield from self.templates(one, scope)
            case ast.Name(id=name):
                given = list(self.assigned(name, scope))
                for one in given:
                    yield from self.templates(one, scope)
                if not given:
                    yield "{}"
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                for node in ast.walk(self.functions[name]):
                    if isinstance(node, ast.Return) and node.value is not None:
                        yield from self.templates(node.value, self.functions[name])
            case ast.Call(func=ast.Attribute(attr="get"), args=[_, otherwise]):
                yield from self.templates(otherwise, scope)
            case ast.Call(func=ast.Name(id="str"), args=[one]):
                yield from self.templates(one, scope)
            case _:
                yield "{}"

    def part(self, part: ast.expr) -> list[str]:
        if isinstance(part, ast.FormattedValue):
            spec = ast.unparse(part.format_spec)[2:-1] if part.format_spec else ""
            return [f"{{:{spec}}}" if spec.endswith(("g", "f")) else "{}"]
        return list(self.templates(part, self.tree))

    def words(self, value: ast.expr) -> Iterator[str]:
        """Yield the words between which an expression within a text chooses."""
        for node in ast.walk(value):
            if isinstance(node, ast.IfExp):
                for one in (node.body, node.orelse):
                    yield from (t for t in self.templates(one, self.tree) if t != "{}")

    def assigned(self, name: str, scope: ast.AST) -> Iterator[ast.expr]:
        """Yield what a function assigns to a name."""
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        yield node.value
                    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                        for one, value in zip(target.elts, node.value.elts, strict=True):
                            if isinstance(one, ast.Name) and one.id == name:
                                yield value


@cache
def said() -> dict[str, str]:
    """Return every template in the source → where it stands."""
    found: dict[str, str] = {}
    for file in sorted([*(ROOT / "ecoassess").rglob("*.py"), *(ROOT / "flows").rglob("*.py")]):
        if file.name in INSIDE_OTHERS:
            continue
        for line, template in Module(ast.parse(file.read_text(encoding="utf-8"))).sentences():
            if re.search("[A-Za-z]", literal(template)):
                found.setdefault(template, f"{file.relative_to(ROOT)}:{line}")
    for transform in TRANSFORMS.values():
        found.setdefault(transform.mistake, "ecoassess/inputs/layers.py")
    return found


@cache
def catalogue() -> dict[str, str | None]:
    return dict(YAML(typ="safe").load(FILE.read_text(encoding="utf-8")))


def missing() -> dict[str, str]:
    return {template: place for template, place in said().items() if template not in catalogue()}


def test_the_source_is_read() -> None:
    assert len(said()) > 400
    assert "argument '{}' is defined {}" in said()
    assert {"twice", "nowhere"} <= set(said())  # words within a text
    assert "lower the adoption of one of: {}" in said()  # what a function returns
    assert "{} fails on single elements ({})" in said()  # a name assigned before
    assert "each class once as a row and once as a column" in said()  # by way of a helper


def test_every_message_has_its_chinese() -> None:
    assert not missing(), "\n".join(f"{place}: {text}" for text, place in missing().items())


FROM_TABLES = {
    *("baseline", "project"),  # states, as they fill places
    *("not a choice of the run", "no technology claims this"),  # a loop in run_checks.py
    *("write {} instead of {} in line {}, column {}", "delete {} in line {}, column {}"),
    *NAMED.values(),  # characters that cannot be seen, as they fill places
}
OF_PYDANTIC = re.compile(r"a valid |a finite |greater |less |String should|List should|Dictionary")


def test_the_file_holds_nothing_that_is_never_said() -> None:
    idle = [text for text in catalogue() if text not in said() and not OF_PYDANTIC.match(text)]
    assert set(idle) <= FROM_TABLES


def test_chinese_keeps_the_places() -> None:
    for english, chinese in catalogue().items():
        if chinese is None:
            continue
        assert re.search("[\u3001-\u9fff“”《》，（）]", chinese), english
        numbers = places(chinese)
        if all(number == "" for number in numbers):
            assert len(numbers) == len(places(english)) or OF_PYDANTIC.match(english), english
        else:  # numbered; some of both kinds are refused by str.format
            lost = set(range(len(places(english)))) - set(map(int, numbers))
            assert not lost or english == "{} band{}", english


@pytest.fixture(scope="module")
def translate() -> Translator:
    return read_messages(FILE)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("wrong unit", "单位有误"),
        ("argument 'leaf_area' is defined nowhere", "参数“leaf_area”没有定义"),
        ("a coefficient needs a grade", "系数须有 grade"),
        ("no value for gwp 'ar7'", "gwp“ar7”没有数值"),
        ("the baseline says nothing about 'straw_return_share'", "基准中没有“straw_return_share”"),
        ("0.1 to 20.5 t/ha", "0.1 至 20.5 t/ha"),
        ("-40.0 to 40.0 degC", "-40.0 至 40.0 degC"),
        ("more straw is taken than there is (project of 2024, maize)", None),
        ("'A', 'B' or 'C'", "'A'、'B' 或 'C'"),
        ("larch, oak", "larch、oak"),
        ("byte 0xd1 at position 7", "第7字节处为0xd1"),
        ("something nobody thought of", "something nobody thought of"),
        ("it is nothing to speak of", "it is nothing to speak of"),
        ("kind: raster, with variables: {slope: {unit: ...}}", None),
        ('knots: {"2020": 0.18}', 'knots: {"2020": 0.18}'),
    ],
)
def test_sentences(translate: Translator, english: str, chinese: str | None) -> None:
    said_in_chinese = {
        "more straw is taken than there is (project of 2024, maize)": (
            "straw 的占用超过供给（2024年项目，maize）"
        ),
        "kind: raster, with variables: {slope: {unit: ...}}": (
            "kind: raster，且 variables: {slope: {unit: ...}}"
        ),
    }
    assert translate(english) == (chinese or said_in_chinese[english])


def test_every_template_finds_its_own_chinese(translate: Translator) -> None:
    """With places filled, no other template is taken for it."""
    number = re.compile(r"(?<!\{)\{:[^{}]*\}")
    for english, chinese in catalogue().items():
        forms = [number.sub("{}", text) for text in (english, chinese or english)]
        filled = ["7" if "{:" in english else f"x{i}" for i, _ in enumerate(places(english))]
        assert translate(forms[0].format(*filled)) == forms[1].format(*filled), english


def test_a_whole_message_in_chinese() -> None:
    problem = Problem("wrong unit", "t/ha", "a unit such as 1/yr", "correct the unit")
    error = InputError(problem.at("a.yaml", Line(3, 5), "growth"))
    assert str(error).splitlines()[0] == "a.yaml:3:5 [growth]: wrong unit"
    assert read_words("zh").error(error).splitlines() == [
        "a.yaml:3:5 [growth]: 单位有误",
        "  实际: t/ha",
        "  应为: 与 1/yr 同类的单位",
        "  处理: 改正单位",
    ]
    assert read_words("en").error(error) == str(error)


if __name__ == "__main__":
    for template, place in missing().items():
        print(f"# {place}\n{json.dumps(template, ensure_ascii=False)}: ", file=sys.stdout)
