"""Commands that look at layers of data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecoassess.commands.common import (
    RUN_FILE,
    MonthText,
    app,
    opened,
    reported,
    words,
)
from ecoassess.language import read_words


@app.command()
@reported
def parcels(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Entry of the catalogue.")],
    good: Annotated[
        Path | None, typer.Option(metavar="FILE.gpkg", help="Write the good parcels here.")
    ] = None,
    bad: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the bad ones here, with reasons.")
    ] = None,
) -> None:
    """Check a layer of forest parcels and report on it."""
    from ecoassess.export.parcels import write_bad, write_good
    from ecoassess.inputs.catalog import read_catalog
    from ecoassess.inputs.parcels import bad_parcels, parcel_report, read_parcels
    from ecoassess.language import LANGUAGES
    from ecoassess.project import find_project

    texts, project = words(), find_project()
    found = read_parcels(read_catalog(project), dataset)
    typer.echo(parcel_report(found, texts))
    if good is not None:
        write_good(found, good)
        typer.echo(texts("parcels_written", number=len(found.good), file=good))
    if bad is not None:
        table = bad_parcels(found, {lang: read_words(lang) for lang in LANGUAGES})
        write_bad(table, bad)
        typer.echo(texts("parcels_written", number=len(table), file=bad))


@app.command()
@reported
def buildings(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Entry of the catalogue.")],
    bad: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the bad ones here, with reasons.")
    ] = None,
    roof_map: Annotated[
        Path | None, typer.Option("--map", metavar="FILE.tif", help="Write a map of roofs here.")
    ] = None,
    run_file: Annotated[
        Path, typer.Option("--run", metavar="RUN.yaml", help="Whose counties and statistics.")
    ] = RUN_FILE,
    month: MonthText = None,
) -> None:
    """Check a layer of building footprints, and compare it with the census."""
    from ecoassess.export import buildings as files
    from ecoassess.inputs.buildings import bad_buildings, building_report, read_buildings
    from ecoassess.language import LANGUAGES
    from ecoassess.project import find_project

    texts, session = words(), opened(find_project(), run_file, month)
    zones = files.county_zones(session)
    found = read_buildings(session.catalog, dataset, zones)
    sums = files.county_sums(found, zones)
    typer.echo(building_report(found, texts))
    typer.echo(files.describe_beside_census(session, sums, texts))
    if bad is not None:
        table = bad_buildings(found, {lang: read_words(lang) for lang in LANGUAGES})
        files.write_bad_buildings(table, bad)
        typer.echo(texts("buildings_written", number=len(table), file=bad))
    if roof_map is not None:
        written = files.write_map(session, found, sums, zones, roof_map)
        typer.echo(files.describe_map(written, texts))
