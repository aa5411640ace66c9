"""Where the value of one pixel of a map comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ecoassess.assessment import native_unit
from ecoassess.errors import InputError, Problem
from ecoassess.explain import INDENT
from ecoassess.export.maps import open_painter, spread_of
from ecoassess.ledger import TERRITORIAL, net_by_atom
from ecoassess.report import number, table

if TYPE_CHECKING:
    from ecoassess.inputs.catalog import Title
    from ecoassess.language import Words
    from ecoassess.run import Assessment

HECTARE = 1e4


def read_place(text: str) -> tuple[float, float]:
    """Return longitude and latitude of a text such as "129.5,43.2".

    Raises
    ------
    InputError
        When it is none.
    """
    try:
        longitude, latitude = (float(part) for part in text.split(","))
    except ValueError:
        longitude = latitude = np.nan
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        raise InputError(
            Problem(
                what="not a place",
                found=text,
                expected="longitude and latitude in degrees, such as 129.5,43.2",
            )
        )
    return longitude, latitude


def explain_pixel(
    assessment: Assessment, name: str, longitude: float, latitude: float, words: Words
) -> str:
    """Return how the pixel at a place gets its share of its county's or park part's result.

    Raises
    ------
    InputError
        When the place lies outside the counties.
    """
    session, activity = assessment.session, assessment.runner.activity
    outcome = assessment.outcomes[name]
    technology = outcome.technology
    spread = spread_of(technology, activity)
    names = {key: one.name for key, one in activity.classes.classes.items()}
    with open_painter(session, activity) as painter:
        pixel = painter.pixel(longitude, latitude, spread)
    if pixel is None or pixel.atom == 0:
        raise InputError(
            Problem(
                what="no pixel of the assessed counties lies there",
                found=f"{longitude:g}, {latitude:g} (longitude, latitude)",
                expected="a place within " + ", ".join(t.en for t in _titles(assessment).values()),
                remedy="give degrees east, then north: --at 129.5,43.2",
            )
        )
    index = pixel.atom - 1
    group = (spread.over if pixel.weighted else spread.groups)[index]
    row = activity.observation.atoms.loc[pixel.atom]
    county = words.title(_titles(assessment)[str(row["adcode"])])
    zone = words.label(str(row["park_zone"])) if row["park_zone"] else ""
    share = pixel.weight / pixel.total if pixel.total else np.nan
    lines = [
        f"{words.technology(name)} ({name})",
        words(
            "pixel_place",
            longitude=f"{pixel.longitude:.5f}",
            latitude=f"{pixel.latitude:.5f}",
            hectares=f"{pixel.area / HECTARE:.2f}",
            county=county + (f", {zone}" if zone else ""),
        ),
        words("pixel_code", code=pixel.code, classes=_classes(pixel.classes, names, words)),
        words(
            "pixel_share",
            group=words.title(names[group]) if group in names else words.label(group),
            weight=number(pixel.weight),
            total=number(pixel.total),
            share=f"{share:.6g}",
            layer=words("pixel_weighted" if pixel.weighted else "pixel_class_mean"),
        ),
        "",
    ]
    heads = ["component", "native_unit", "pixel_part", "pixel_amount", "pixel_per_hectare"]
    body: list[list[str] | None] = [[words(head) for head in heads], None]
    rows = [
        (words.component(name, component), native_unit(one), _central(assessment, name, component))
        for component, one in technology.components.items()
        if one.boundary == TERRITORIAL
    ]
    if TERRITORIAL in technology.nets:
        rows.append((words.label("net"), "t CO2e", net_by_atom(outcome, assessment.gwp)[0]))
    for title, unit, amount in rows:
        part = float(amount[index]) + 0.0
        own = part * share + 0.0
        hectares = pixel.area / HECTARE
        body.append([title, unit, number(part), number(own), number(own / hectares)])
    lines += table(body, (0, 1), INDENT)
    lines += ["", words("pixel_more", technology=name, zone=str(row["adcode"]))]
    return "\n".join(lines)


def _titles(assessment: Assessment) -> dict[str, Title]:
    config = assessment.session.run.config
    return {**config.counties, **config.neighbours}


def _classes(classes: Mapping[str, float], names: Mapping[str, Title], words: Words) -> str:
    return ", ".join(
        words.title(names[name]) + (f" {share:.0%}" if share < 1 else "")
        for name, share in classes.items()
        if share > 0
    )


def _central(assessment: Assessment, name: str, component: str) -> np.ndarray:
    """Return the central amount of the year by atom, in the native unit."""
    amount = assessment.outcomes[name].amounts[component].isel(draw=0)
    rest = [d for d in amount.dims if d != "atom"]
    total: np.ndarray = amount.sum(rest, skipna=False).values
    return total
