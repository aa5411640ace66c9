"""The management zones of the park, and what boundary files call them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ecoassess.configuration import Strict, read_yaml, validate
from ecoassess.errors import InputError, Problem, raise_if_any
from ecoassess.inputs.catalog import Catalog, Title
from ecoassess.project import Project

WHOLE_PARK = "park"
"""Name of the one zone of a park whose boundary tells no zones apart."""


class ParkZone(Strict):
    """A management zone of the park, and what boundary files call it."""

    name: Title
    also: list[str]
    official_area: str | None = None


class ParkZones(Strict):
    """The management zones that a boundary file may tell apart."""

    title: Title
    source: str
    zones: dict[str, ParkZone]

    def code(self, name: object) -> str | None:
        """Return the code of a zone by any of its names; None when no zone has it."""
        return self._codes().get(_spelling(name))

    def _codes(self) -> dict[str, str]:
        return {
            _spelling(word): code
            for code, zone in self.zones.items()
            for word in (code, zone.name.en, zone.name.zh, *zone.also)
        }


def _spelling(name: object) -> str:
    """Return a name as it is compared: without case, spaces, hyphens and underscores."""
    text = unicodedata.normalize("NFKC", str(name)).casefold()
    return re.sub(r"[\s_-]+", "", re.sub(r"\.0$", "", text.strip()))


def read_park_zones(project: Project) -> ParkZones:
    """Read the codes of park zones.

    Raises
    ------
    InputError
        When a name stands for two zones.
    """
    document = read_yaml(project.configs / "codes" / "park_zones.yaml")
    legend = validate(document, ParkZones)
    problems = [
        document.problem(
            ("zones", code, "also"),
            Problem(
                what="a name stands for two park zones",
                found=f"{word}: {legend.code(word)} and {code}",
                remedy="delete it from one of the two",
            ),
        )
        for code, zone in legend.zones.items()
        for word in (code, zone.name.en, zone.name.zh, *zone.also)
        if legend.code(word) != code
    ]
    raise_if_any(problems)
    return legend


def zone_codes(catalog: Catalog, legend: ParkZones, names: Iterable[str]) -> dict[str, str]:
    """Return the code of each zone name of the park's boundary file.

    Raises
    ------
    InputError
        With all names that stand for no zone.
    """
    codes = {name: legend.code(name) for name in names}
    unknown = sorted(name for name, code in codes.items() if code is None)
    if unknown:
        words = (
            f"{code} ({', '.join([zone.name.zh, zone.name.en, *zone.also])})"
            for code, zone in legend.zones.items()
        )
        raise InputError(
            catalog.problem(
                "park_boundary",
                "zone_field",
                Problem(
                    what="zones of the park that are not known",
                    found=", ".join(name or "(empty)" for name in unknown),
                    expected="; ".join(words),
                    remedy="name the right field, correct its text, or add the name under 'also' "
                    "in configs/codes/park_zones.yaml; without 'zone_field' the park is one zone",
                ),
            )
        )
    return {name: code for name, code in codes.items() if code is not None}
