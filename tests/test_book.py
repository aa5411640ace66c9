"""Where arguments are defined, and what is refused when they are not, or twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest
import xarray as xr

from ecoassess.book import Book
from ecoassess.equation import Model
from ecoassess.errors import InputError
from ecoassess.technology import Component, Technology
from ecoassess.units import Unit
from ecoassess.variables import Variable

Share = Annotated[xr.DataArray, Unit("1")]
Tonnes = Annotated[xr.DataArray, Unit("t C/yr")]
Array = dict[str, xr.DataArray]


def soil(area: Annotated[xr.DataArray, Unit("ha")], straw_share: Share) -> Array:
    """Model of a stock."""
    return {"gain": area * straw_share}


def straw(gain: Tonnes) -> Array:
    """Take the model's result."""
    return {"gain": gain}


def variable(**more: Any) -> Variable:
    base = {"en": "x", "zh": "x", "unit": "1", "kind": "intensive", "range": [0, 1]}
    return Variable(**(base | more))


VARIABLES = {
    "area": variable(unit="ha", kind="extensive", statistic="area", spread=["land"]),
    "straw_share": variable(adoption=True),
    "gain": variable(unit="t C/yr", kind="extensive", modelled="soil"),
}
SOIL = Model("soil", soil, "x", returns={"gain": "t C/yr"})


def technology(**more: Any) -> Technology:
    component = Component("t C/yr", basis="effect", account="removal", zh="x")
    base = {"sector": "x", "components": {"gain": component}, "adopts": ("straw_share",)}
    return Technology("straw", straw, "x", **(base | more))


def check(
    variables: dict[str, Variable] | None = None,
    models: dict[str, Model] | None = None,
    technologies: list[Technology] | None = None,
) -> None:
    models = models or {"soil": SOIL}
    technologies = technologies or [technology()]
    own: dict[str, Any] = {name: {} for name in [*models, *(t.name for t in technologies)]}
    book = Book(own, {}, {**VARIABLES, **(variables or {})}, models, {})
    book.check({t.name: t for t in technologies})


def test_what_is_behind_a_technology() -> None:
    book = Book({}, {}, VARIABLES, {"soil": SOIL}, {})
    assert [one.name for one in book.behind(technology())] == ["straw", "soil"]
    assert book.variables_behind(technology()) == ["area", "straw_share"]
    assert book.adoptions_behind(technology()) == {"straw_share"}
    assert book.needed_by(technology()) == {"area", "straw_share"}


def test_a_result_that_may_be_missing_needs_nothing() -> None:
    spared = {**VARIABLES, "gain": VARIABLES["gain"].model_copy(update={"if_missing": 0.0})}
    assert Book({}, {}, spared, {"soil": SOIL}, {}).needed_by(technology()) == set()


def test_a_whole_book_passes() -> None:
    check()


def joint(**more: Any) -> Technology:
    """Return a joint technology that rests on the stock which straw changes."""
    component = Component("t C/yr", basis="effect", account="removal", zh="x")
    base = {"sector": "x", "components": {"gain": component}, "joint": True}
    return Technology("sum", straw, "x", **(base | more))


def test_a_joint_technology_shares_the_adoption_of_others() -> None:
    check(technologies=[technology(), joint()])


def heap(area: Annotated[xr.DataArray, Unit("ha")]) -> Array:
    """Take no result that anything changes."""
    return {"gain": area}


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"adopts": ("straw_share",)}, "a joint technology adopts nothing of its own"),
        ({"takes": {"straw": ("gain",)}}, "a joint technology takes no resource"),
        (
            {"components": {"gain": Component("t C/yr", "inventory", "x", "removal")}},
            "a joint technology is an effect",
        ),
        ({"function": heap}, "a joint technology that rests on no adoption share"),
    ],
)
def test_what_a_joint_technology_must_not_be(wrong: dict[str, Any], what: str) -> None:
    function = wrong.pop("function", straw)
    one = replace(joint(**wrong), function=function)
    with pytest.raises(InputError, match=what):
        check(technologies=[technology(), one])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"technologies": [technology(adopts=())]}, "an adoption share belongs to one technology"),
        (
            {"technologies": [technology(adopts=("straw_share", "roof_share"))]},
            "adopts what its results do not depend on",
        ),
        (
            {"technologies": [technology(adopts=(), claims={"straw": ("straw_share",)})]},
            "claims a resource by a share that it does not adopt",
        ),
        (
            {"variables": {"gain": variable(unit="t C/yr", kind="extensive", modelled="soyl")}},
            "a variable that no model returns",
        ),
        (
            {"variables": {"gain": variable(unit="t N/yr", kind="extensive", modelled="soil")}},
            "wrong unit",
        ),
        (
            {"models": {"soil": Model("soil", soil, "x", returns={"gain": "t C/yr", "b": "1"})}},
            "a model returns what no variable names",
        ),
        ({"variables": {"straw_share": variable(statistic="s", unit="ha")}}, "wrong unit"),
    ],
)
def test_a_slip_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(**change)


def round_trip(gain: Tonnes) -> Array:
    """Take its own result."""
    return {"gain": gain}


def test_models_in_a_circle_are_refused() -> None:
    circle = Model("soil", round_trip, "x", returns={"gain": "t C/yr"})
    with pytest.raises(InputError, match="models that take each other's results"):
        check(models={"soil": circle})


def test_a_model_is_found_by_its_module_and_needs_its_yaml(tmp_path: Path) -> None:
    from ecoassess.equation import discover_models
    from ecoassess.project import Project, find_project

    root = find_project(Path(__file__)).root
    assert "cropland_carbon" in discover_models(find_project(root))
    assert "rothc" not in discover_models(find_project(root))  # a kernel
    (tmp_path / "configs" / "models").mkdir(parents=True)
    empty = Project(tmp_path, tmp_path / "outputs")
    with pytest.raises(InputError, match="a model without its YAML"):
        discover_models(empty)
