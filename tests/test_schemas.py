"""The schemas of editors: up to date, true for every file, and of use against mistakes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pydantic import Field
from referencing import Registry, Resource
from typer.testing import CliRunner

from ecoassess import cli, schemas
from ecoassess.configuration import Strict, read_yaml
from ecoassess.project import Project, find_project

ROOT = Path(__file__).resolve().parents[1]
PROJECT = find_project(ROOT)
FOLDER = ROOT / "configs" / "schemas"
WRITTEN = {
    file.name: json.loads(file.read_text(encoding="utf-8")) for file in FOLDER.glob("*.json")
}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(content)) for name, content in WRITTEN.items()
)


def mistakes(schema: str, content: Any) -> list[str]:
    """Return what the written schema finds wrong, with the place of each."""
    validator = Draft7Validator(WRITTEN[f"{schema}.schema.json"], registry=REGISTRY)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(content)]


# -- what is written


def test_the_written_schemas_are_those_of_the_models() -> None:
    stale = [PROJECT.relative(file) for file in schemas.outdated(PROJECT)]
    assert not stale, f"ecoassess schemas --write: {', '.join(stale)}"
    assert {file.name for file in FOLDER.iterdir()} == {
        f"{name}.schema.json" for name in schemas.schemas(PROJECT)
    }


def test_every_yaml_file_has_a_schema_and_names_it_in_its_first_line() -> None:
    files = {*(ROOT / "configs").rglob("*.yaml"), ROOT / "datasets" / "catalog.yaml"}
    assert files == set(schemas.described_files(PROJECT))
    for file in files:
        first = file.read_text(encoding="utf-8").splitlines()[0]
        match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert match, file
        assert (file.parent / match[1]).resolve().parent == FOLDER


def test_a_scenario_that_is_copied_puts_nothing_out_of_date(project: Project) -> None:
    before = schemas.outdated(project)
    folder = project.configs / "scenarios"
    (folder / "mine.yaml").write_bytes((folder / "example_user.yaml").read_bytes())
    assert schemas.outdated(project) == before == []


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_each_is_a_sound_schema(name: str) -> None:
    Draft7Validator.check_schema(WRITTEN[name])


def test_a_legend_is_no_class_scheme() -> None:
    described = {file.name: name for file, name in schemas.described_files(PROJECT).items()}
    assert described["classes.yaml"] == "classes"
    assert described["modis_igbp.yaml"] == "legend"


# -- every file passes


@pytest.mark.parametrize(
    "file", sorted(schemas.described_files(PROJECT)), ids=lambda file: PROJECT.relative(file)
)
def test_every_file_of_the_project_passes(file: Path) -> None:
    assert mistakes(schemas.described_files(PROJECT)[file], read_yaml(file).content) == []


# -- spoiled ones do not

COEFFICIENT = {
    "en": "x",
    "zh": "某",
    "unit": "1",
    "value": 0.5,
    "range": [0.4, 0.6],
    "distribution": "normal",
    "source": "ipcc_2019_v4",
    "locator": "Table 1",
    "grade": "A",
}
TABLE = {
    **{key: text for key, text in COEFFICIENT.items() if key not in ("value", "range")},
    "by": ["crop", "climate_zone"],
    "values": {"maize": {"dry": {"value": 1, "range": [0, 2]}}},
}


def some_source() -> str:
    return next(iter(read_yaml(ROOT / "configs" / "sources.yaml").content))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"distribution": "fixed", "range": None}, None),
        ({"valeu": 1}, "'valeu' was unexpected"),
        ({"value": "0.5"}, "not valid under any"),
        ({"distribution": "gauss"}, "'gauss' is not one of"),
        ({"statistic": "average"}, "'average' is not one of"),
        ({"grade": "D"}, "not valid under any"),
        ({"range": [0.4]}, "not valid under any"),
        ({"range": [0.4, 0.5, 0.6]}, "not valid under any"),
        ({"source": "nobody_1999"}, "not valid under any"),
        ({"share": "yes"}, "not of type 'boolean'"),
        ({"by": "crop"}, "'values' is a dependency of 'by'"),
        ({"unit": 1}, "not of type 'string'"),
    ],
)
def test_coefficients(change: dict[str, Any], said: str | None) -> None:
    found = mistakes("coefficients", {"x": {**COEFFICIENT, "source": some_source(), **change}})
    assert (not found) if said is None else any(said in one for one in found), found


def test_a_coefficient_without_a_unit() -> None:
    entry = {key: value for key, value in COEFFICIENT.items() if key != "unit"}
    found = mistakes("coefficients", {"x": {**entry, "source": some_source()}})
    assert found == ["$.x: 'unit' is a required property"]


@pytest.mark.parametrize(
    ("cell", "good"),
    [
        ({"value": 1, "range": [0, 2]}, True),
        ({"dry": {"value": 1}}, True),
        ({"value": 1, "rnge": [0, 2]}, False),
        ({"valeu": 1}, False),
        ({"value": "1"}, False),
        ({"dry": {"value": 1, "grade": "D"}}, False),
        (1, False),
    ],
)
def test_tables_of_values(cell: Any, good: bool) -> None:
    entry = {**TABLE, "source": some_source(), "values": {"maize": {"moist": cell}}}
    assert (not mistakes("coefficients", {"x": entry})) is good


def without(*keys: str) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        for key in keys[:-1]:
            content = content[key]
        del content[keys[-1]]

    return change


def put(value: Any, *keys: str) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        for key in keys[:-1]:
            content = content[key]
        content[keys[-1]] = value

    return change


RUN, SCENARIO = "configs/runs/yanbian.yaml", "configs/scenarios/baseline.yaml"
EXTENDING, COSTS = "configs/scenarios/ambitious_2060.yaml", "configs/costs.yaml"
CATALOG, VARIABLES = "datasets/catalog.yaml", "configs/variables.yaml"


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        (RUN, put(["forest_sinc"], "technologies"), "'forest_sinc' is not one of"),
        (RUN, put("yanbian.yaml", "scenario"), "does not match"),
        (RUN, put(5, "draws"), "less than the minimum of 10"),
        (RUN, put("1", "seed"), "not of type 'integer'"),
        (RUN, put("landcover", "datasets", "land_cover"), "'landcover' is not one of"),
        (RUN, put({}, "methods", "forest_sinc"), "'forest_sinc' is not one of"),
        (RUN, put("ignore", "on_excess_claim"), "'ignore' is not one of"),
        (RUN, without("climate"), "'climate' is a required property"),
        (SCENARIO, put({}, "baseline", "straw_returned"), "'straw_returned' is not one of"),
        (SCENARIO, put({}, "basline"), "'basline' was unexpected"),
        (SCENARIO, without("baseline"), "'baseline' is a required property"),
        (SCENARIO, without("resources", "straw", "title"), "'title' is a required property"),
        (EXTENDING, without("title"), "'title' is a required property"),
        (EXTENDING, put("nobody", "exogenous", "thermal_share", "source"), "'nobody' is not one"),
        (EXTENDING, put("scenarios/yanbian", "extends"), "not valid under any"),
        (COSTS, put("nobody", "discount_rate", "source"), "'nobody' is not one of"),
        (CATALOG, put("rastre", "land_cover", "kind"), "'rastre' is not one of"),
        (CATALOG, without("land_cover", "licence"), "'licence' is a required property"),
        (CATALOG, put("2019a", "land_cover", "acuracy"), "'acuracy' was unexpected"),
        (VARIABLES, put([0], "monthly_temperature", "range"), "too short"),
        (VARIABLES, put("sum", "monthly_temperature", "kind"), "'sum' is not one of"),
        ("configs/sources.yaml", put({"doi": "x"}, "new"), "'citation' is a required property"),
        ("configs/language.yaml", put({"en": "x"}, "new"), "'zh' is a required property"),
        ("configs/messages.yaml", put(1, "new"), "not valid under any"),
        ("configs/methodologies.yaml", put({}, "new"), "'counts' is a required property"),
        ("configs/legends/clcd.yaml", put({}, "code"), "'code' was unexpected"),
        ("configs/legends/classes.yaml", put("x", "groups"), "not of type 'object'"),
        ("configs/codes/parcels.yaml", without("limits"), "'limits' is a required property"),
    ],
)
def test_spoiled_files(file: str, change: Callable[[Any], None], said: str) -> None:
    content = read_yaml(ROOT / file).content
    change(content)
    found = mistakes(schemas.described_files(PROJECT)[ROOT / file], content)
    assert any(said in one for one in found), found


# -- where the descriptions come from


class Base(Strict):
    """What others extend.

    Parameters
    ----------
    one, two
        Both of them,
        in two lines.
    """

    one: int
    two: str = Field(default="x", pattern="^x$")


class Model(Base):
    """Another.

    And more.
    """

    three: float
    """After the field."""
    four: bool = False


def test_descriptions_of_fields() -> None:
    both = "Both of them, in two lines."
    assert schemas.descriptions(Model) == {"one": both, "two": both, "three": "After the field."}


def test_fields_that_name_something_are_fields() -> None:
    definitions = {
        name: definition
        for schema in WRITTEN.values()
        for name, definition in schema.get("$defs", {}).items()
    }
    definitions |= {"RunConfig": WRITTEN["run.schema.json"]}
    definitions |= {"ScenarioFile": WRITTEN["scenario.schema.json"]}
    for model, name in [*schemas.NAMED, *schemas.KEYED]:
        fields = definitions[model]["properties"]
        assert name in fields or name == "*", f"{model} has no {name}"


@pytest.mark.parametrize(
    ("schema", "model", "field"),
    [
        ("coefficients", "Entry", "range"),
        ("coefficients", "Entry", "uncertainty_of"),
        ("coefficients", "Cell", "grade"),
        ("scenario", "AdoptionPath", "knots"),
        ("variables", "Variable", "observed"),
        ("catalog", "DatasetEntry", "accuracy"),
    ],
)
def test_editors_can_explain(schema: str, model: str, field: str) -> None:
    properties = WRITTEN[f"{schema}.schema.json"]["$defs"][model]["properties"]
    assert properties[field]["description"].endswith(".")


# -- the command


def call(project: Project, *arguments: str, language: str = "en") -> Any:
    environment = {"ECOASSESS_PROJECT": str(project.root), "ECOASSESS_LANG": language}
    return CliRunner().invoke(cli.app, ["schemas", *arguments], env=environment)


def test_a_new_source_is_written_down_once(project: Project) -> None:
    assert call(project).exit_code == 0
    sources = project.configs / "sources.yaml"
    text = sources.read_text(encoding="utf-8")
    sources.write_text(text + "somebody_2026: {citation: Somebody 2026}\n", encoding="utf-8")
    stale = call(project, language="zh")
    assert stale.exit_code == 1
    assert stale.stdout.splitlines()[0] == "configs/schemas/names.schema.json"
    assert "1个" in stale.stdout
    assert call(project, "--write").exit_code == 0
    assert "somebody_2026" in (project.configs / "schemas" / "names.schema.json").read_text("utf-8")
    assert call(project).exit_code == 0


def test_a_new_file_gets_its_first_line_and_keeps_the_rest(project: Project) -> None:
    file = project.configs / "scenarios" / "other.yaml"
    text = (project.configs / "scenarios" / "yanbian.yaml").read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    file.write_text(rest, encoding="utf-8")
    assert call(project, "--write").exit_code == 0
    assert file.read_text(encoding="utf-8") == f"{first}\n{rest}"
