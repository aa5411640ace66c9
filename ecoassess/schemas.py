"""JSON Schemas of the YAML files, from which editors complete keys, explain them and mark mistakes.

They are made from the models that check the files, with the fields' descriptions from the models'
docstrings. What a file may name that stands in other files (sources, datasets, adoption shares) is
in one schema of names. What no schema can say, such as a value within its own range, is left to
`ecoassess check`.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import os
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, RootModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from ecoassess.configuration import read_text, read_yaml
from ecoassess.project import Project

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The dialect that the YAML extensions of editors know best."""

NAMES, NOTED = "names", "x-names"
HEADER = "# yaml-language-server: $schema="

FILES = {
    "coefficients": ("configs/technologies/*.yaml", "configs/models/*.yaml", "configs/shared.yaml"),
    "variables": ("configs/variables.yaml",),
    "scenario": ("configs/scenarios/*.yaml",),
    "run": ("configs/runs/*.yaml",),
    "costs": ("configs/costs.yaml",),
    "indicators": ("configs/indicators.yaml",),
    "correlations": ("configs/correlations.yaml",),
    "activity_uncertainty": ("configs/activity_uncertainty.yaml",),
    "sources": ("configs/sources.yaml",),
    "methodologies": ("configs/methodologies.yaml",),
    "language": ("configs/language.yaml",),
    "messages": ("configs/messages.yaml",),
    "classes": ("configs/legends/classes.yaml",),
    "legend": ("configs/legends/*.yaml",),
    "buildings": ("configs/codes/buildings.yaml",),
    "parcels": ("configs/codes/parcels.yaml",),
    "park_zones": ("configs/codes/park_zones.yaml",),
    "land_use_categories": ("configs/codes/land_use_categories.yaml",),
    "catalog": ("datasets/catalog.yaml",),
}
"""Schema → the files it is for; a file that several are for takes the first."""

SOURCED = (
    *("Entry", "Cell", "Earlier", "Correlation", "Methodology"),
    *("AdoptionPath", "CountyPath", "ExogenousPath"),
    *("Width", "Kind", "Likeness"),
    *("Cost", "Lifetime", "DiscountRate", "PriceIndex"),
    *("Indicator", "Observation"),
)
"""Models whose `source` is a key of configs/sources.yaml."""

NAMED = {
    **{(model, "source"): "source" for model in SOURCED},
    ("Entry", "unit"): "unit",
    ("Earlier", "unit"): "unit",
    ("Variable", "unit"): "unit",
    ("Variable", "modelled"): "model",
    ("ScenarioFile", "extends"): "scenario",
    ("Datasets", "*"): "dataset",
    ("RunConfig", "technologies"): "technology",
    ("RunConfig", "scenario"): "scenario",
    ("CreditRules", "methodology"): "methodology",
    ("OfScenario", "technology"): "technology",
    ("DatasetEntry", "legend"): "legend",
}
"""(Model, field) → which names it takes; * for every field."""

KEYED = {
    ("ScenarioFile", "baseline"): "adoption_share",
    ("ScenarioFile", "project"): "adoption_share",
    ("RunConfig", "methods"): "equation",
}
"""(Model, field) → which names its keys are."""


def models() -> dict[str, Any]:
    """Return what checks the files of each schema."""
    from ecoassess.activity_uncertainty import Widths
    from ecoassess.coefficient_entries import Entry
    from ecoassess.correlation import Correlation
    from ecoassess.cost_figures import Costs
    from ecoassess.crediting import Methodology
    from ecoassess.indicators import Indicators
    from ecoassess.inputs.buildings.codes import BuildingLegend
    from ecoassess.inputs.catalog import DatasetEntry, Title
    from ecoassess.inputs.land_cover import Classes, Legend
    from ecoassess.inputs.land_cover_change import Category
    from ecoassess.inputs.parcels.codes import ParcelLegend
    from ecoassess.inputs.park_zones import ParkZones
    from ecoassess.opening import Source
    from ecoassess.run_config import RunConfig
    from ecoassess.scenario import ScenarioFile
    from ecoassess.variables import Variable

    return {
        "coefficients": dict[str, Entry],
        "variables": dict[str, Variable],
        "scenario": ScenarioFile,
        "run": RunConfig,
        "costs": Costs,
        "indicators": Indicators,
        "correlations": dict[str, Correlation],
        "activity_uncertainty": Widths,
        "sources": dict[str, Source],
        "methodologies": dict[str, Methodology],
        "language": dict[str, Title],
        "messages": dict[str, str | None],
        "classes": Classes,
        "legend": Legend,
        "buildings": BuildingLegend,
        "parcels": ParcelLegend,
        "park_zones": ParkZones,
        "land_use_categories": dict[str, Category],
        "catalog": dict[str, DatasetEntry],
    }


def described_files(project: Project) -> dict[Path, str]:
    """Return each YAML file that a schema is for → the name of the schema."""
    found: dict[Path, str] = {}
    for name, patterns in FILES.items():
        for pattern in patterns:
            for file in sorted(project.root.glob(pattern)):
                found.setdefault(file, name)
    return found


def schemas(project: Project) -> dict[str, dict[str, Any]]:
    """Return all schemas by name."""
    made = {name: _schema(name, model) for name, model in models().items()}
    return {**made, NAMES: _names(project)}


def texts(project: Project) -> dict[Path, str]:
    """Return the files of all schemas, and those they are for with their first line."""
    folder = project.configs / "schemas"
    made = {
        folder / f"{name}.schema.json": json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        for name, schema in schemas(project).items()
    }
    for file, name in described_files(project).items():
        place = os.path.relpath(folder / f"{name}.schema.json", file.parent)
        made[file] = _with_header(read_text(file), f"{HEADER}{Path(place).as_posix()}\n")
    return made


def outdated(project: Project) -> list[Path]:
    """Return the files that differ from what `write` would make of them."""
    return [
        file
        for file, text in texts(project).items()
        if not file.is_file() or read_text(file) != text
    ]


def write(project: Project) -> list[Path]:
    """Write the schemas, and into each YAML file which is its; return what changed."""
    changed = outdated(project)
    made = texts(project)
    for file in changed:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made[file], encoding="utf-8", newline="\n")
    return changed


def _with_header(text: str, header: str) -> str:
    first, _, rest = text.partition("\n")
    return header + (rest if first.startswith(HEADER) else text)


class _Described(GenerateJsonSchema):
    """Makes schemas whose descriptions come from docstrings, and which name names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave out titles that only repeat a field's name."""
        return False

    def model_schema(self, schema: Any) -> dict[str, Any]:
        """Return the schema of a model with its fields described."""
        model = schema["cls"]
        made: dict[str, Any] = super().model_schema(schema)
        made.pop("title", None)
        if issubclass(model, RootModel):
            return made
        made["description"] = _first_paragraph(model)
        said = descriptions(model)
        for name, field in made.get("properties", {}).items():
            kind = NAMED.get((model.__name__, name)) or NAMED.get((model.__name__, "*"))
            if kind:
                _replace_text(field, kind)
            if (model.__name__, name) in KEYED:
                field["propertyNames"] = {NOTED: KEYED[model.__name__, name]}
            if name in said:
                field["description"] = said[name]
        return made


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """Return what the docstrings of a model, and of those it extends, say about its fields."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if issubclass(one, BaseModel) and one is not BaseModel:
            found |= dict(_of_docstring(inspect.cleandoc(one.__doc__ or "")))
            found |= dict(_of_attributes(one))
    return {name: text for name, text in found.items() if name in model.model_fields}


def _first_paragraph(model: type[BaseModel]) -> str:
    return " ".join(inspect.cleandoc(model.__doc__ or "").split("\n\n")[0].split())


def _of_docstring(text: str) -> Iterator[tuple[str, str]]:
    """Yield the entries of a list of parameters: names in a line, what they are below, indented."""
    for match in re.finditer(r"^([a-z_]+(?:, [a-z_]+)*)\n((?: {4}.*\n?|\n(?= {4}))+)", text, re.M):
        for name in match[1].split(", "):
            yield name, " ".join(match[2].split())


def _of_attributes(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Yield the texts that stand under fields."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(model)))
    body = getattr(tree.body[0], "body", [])
    for field, text in itertools.pairwise(body):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(said))),
            ):
                yield name, " ".join(said.split())


def _refer(schema: Any) -> Any:
    """Put references to the schema of names where kinds of names are noted."""
    if isinstance(schema, list):
        return [_refer(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _refer(one) for key, one in schema.items() if key != NOTED}
    if NOTED in schema:
        made["allOf"] = [{"$ref": f"{NAMES}.schema.json#/$defs/{schema[NOTED]}"}]
    return made


def _replace_text(schema: dict[str, Any], kind: str) -> None:
    """Turn the free text within a field's schema into a name of a kind."""
    if schema.get("type") == "string":
        del schema["type"]
        schema[NOTED] = kind
    for inner in [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]:
        _replace_text(inner, kind)


def _schema(name: str, model: Any) -> dict[str, Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    made = adapter.json_schema(schema_generator=_Described)
    if name == "coefficients":
        _nest_cells(made)
    if name == "scenario":
        _leave_to_extended(made)
    return {"$schema": DIALECT, "$id": f"{name}.schema.json", **_refer(made)}


def _nest_cells(schema: dict[str, Any]) -> None:
    """Say what a table of values is: cells, under the labels of one or more dimensions."""
    from ecoassess.coefficient_entries import Cell

    cell: TypeAdapter[Any] = TypeAdapter(Cell)
    inner = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Cells"}}
    cells = {
        "description": "A number, or a table by the next dimension.",
        "if": {"required": ["value"]},
        "then": {"$ref": "#/$defs/Cell"},
        "else": inner,
    }
    entry = schema["$defs"]["Entry"]
    entry["properties"]["values"] |= inner
    entry["properties"]["values"].pop("anyOf", None)
    entry["dependencies"] = {"by": ["values"], "values": ["by"]}
    cell_schema = cell.json_schema(schema_generator=_Described)
    schema["$defs"] |= {**cell_schema.pop("$defs", {}), "Cell": cell_schema, "Cells": cells}


def _leave_to_extended(schema: dict[str, Any]) -> None:
    """Ask only a scenario that extends no other for what could be taken over from that."""
    resource = {"required": schema["$defs"]["Resource"].pop("required")}
    whole = {
        "required": ["baseline"],
        "properties": {"resources": {"additionalProperties": resource}},
    }
    schema |= {"if": {"required": ["extends"]}, "else": whole}


def _names(project: Project) -> dict[str, Any]:
    """Return the names that stand in the project's files."""
    from ecoassess.equation import discover_models
    from ecoassess.technology import discover

    configs = project.configs
    content = {
        name: read_yaml(file).content
        for name, file in {
            "sources": configs / "sources.yaml",
            "variables": configs / "variables.yaml",
            "methodologies": configs / "methodologies.yaml",
            "catalog": project.datasets / "catalog.yaml",
        }.items()
    }
    technologies, equations = discover(project), discover_models(project)
    variables: Mapping[str, Any] = content["variables"]
    names = {
        "source": ("A key of configs/sources.yaml.", content["sources"]),
        "dataset": ("An entry of datasets/catalog.yaml.", content["catalog"]),
        "methodology": ("A key of configs/methodologies.yaml.", content["methodologies"]),
        "technology": ("A module of ecoassess/technologies/.", technologies),
        "model": ("A model of ecoassess/models/.", equations),
        "equation": ("A technology or model.", [*technologies, *equations]),
        "legend": ("A file of configs/legends/ or configs/codes/.", _legends(configs)),
        "adoption_share": (
            "A variable of configs/variables.yaml with `adoption: true`.",
            [name for name, entry in variables.items() if entry.get("adoption")],
        ),
    }
    listed = {
        kind: {"description": text, "type": "string", "enum": sorted(found)}
        for kind, (text, found) in names.items()
    }
    unit = {
        "description": "A unit of pint or of ecoassess/units.txt.",
        "type": "string",
        "examples": sorted({entry["unit"] for entry in variables.values()}),
    }
    # Not listed: a scenario that someone adds must not put the schemas out of date.
    scenario = {
        "description": "A file of configs/scenarios/, without .yaml.",
        "type": "string",
        "pattern": "^[^/\\\\.]+$",
    }
    own = {"scenario": scenario, "unit": unit}
    return {"$schema": DIALECT, "$id": f"{NAMES}.schema.json", "$defs": {**listed, **own}}


def _stems(folder: Path) -> list[str]:
    return [file.stem for file in folder.glob("*.yaml")]


def _legends(configs: Path) -> list[str]:
    return sorted({*_stems(configs / "legends"), *_stems(configs / "codes")} - {"classes"})
