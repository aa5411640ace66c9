"""Which field of a layer plays which role."""

from __future__ import annotations

from collections.abc import Sequence

from ecoassess.errors import Problem, raise_if_any
from ecoassess.inputs.catalog import Catalog
from ecoassess.inputs.parcels.codes import ParcelLegend

DBF_NAME_BYTES = 10
"""Longest name of a field in a shapefile, in bytes."""

NEEDED = ("parcel", "species", "origin", "age_group")

OPTIONAL = ("land_type", "age", "canopy", "area")


def map_fields(
    catalog: Catalog, name: str, legend: ParcelLegend, columns: Sequence[str]
) -> dict[str, str]:
    """Return role → field of the layer: as the catalogue declares, else by the usual names.

    Raises
    ------
    InputError
        For each declared field or role that does not exist and each needed one not found.
    """
    declared = catalog.dataset(name).entry.fields
    by_name = {column.casefold(): column for column in columns if column != "geometry"}
    listed = ", ".join(by_name.values())
    problems = []
    fields = {}
    for role, column in declared.items():
        if role not in legend.fields:
            problem = Problem("no such role", found=role, expected=", ".join(legend.fields))
            problems.append(catalog.problem(name, f"fields.{role}", problem))
        elif column.casefold() not in by_name:
            problem = Problem(
                "the layer has no such field", found=column, expected=listed, remedy="correct it"
            )
            problems.append(catalog.problem(name, f"fields.{role}", problem))
        else:
            fields[role] = by_name[column.casefold()]
    for role, usual in legend.fields.items():
        names = [short for long in usual for short in _cut_names(long)]
        match = next((by_name[short] for short in names if short in by_name), None)
        if role not in declared and match:
            fields[role] = match
    wanted = [(role,) for role in NEEDED] + [("volume_per_ha", "volume")]
    for roles in wanted:
        if not any(role in fields or role in declared for role in roles):
            usual = [usual for role in roles for usual in legend.fields[role]]
            problem = Problem(
                f"the layer has no field for {' or '.join(roles)}",
                found=listed,
                expected=" or ".join(usual),
                remedy=f"name it: 'fields: {{{roles[0]}: ...}}'",
            )
            problems.append(catalog.problem(name, "fields", problem))
    raise_if_any(problems)
    return {role: fields[role] for role in legend.fields if role in fields}


def _cut_names(name: str) -> list[str]:
    """Return a field's name, whole and as a shapefile of either encoding cuts it."""
    cut = (name.encode(e)[:DBF_NAME_BYTES].decode(e, "ignore") for e in ("utf-8", "gb18030"))
    return [name.casefold(), *(short.casefold() for short in cut)]


# The checks
