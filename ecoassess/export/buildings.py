"""Files on a layer of building footprints: what is said of it, and its areas beside the census."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas
import pandas as pd

from ecoassess.errors import InputError, Problem
from ecoassess.export.parcels import check_name
from ecoassess.export.tables import write_csv
from ecoassess.footprint_sums import sum_by_zone
from ecoassess.inputs import boundaries
from ecoassess.inputs.buildings import (
    ROOF_BANDS,
    Buildings,
    BuildingSums,
    RoofMap,
    census_floor_area,
    compare_floor_area,
    comparison_report,
    write_roof_map,
)
from ecoassess.inputs.catalog import Title
from ecoassess.inputs.land_cover import open_raster
from ecoassess.inputs.statistics import Statistics
from ecoassess.language import LANGUAGES, Words, read_words
from ecoassess.raster.grid import WorkingGrid
from ecoassess.units import magnitude

if TYPE_CHECKING:
    from ecoassess.run import Assessment, Session

AREAS = (
    "roof",
    "roof_unknown",
    "roof_by_census",
    "floor_area",
    "floor_area_unknown",
    "census",
    "difference",
    "other_roof",
    "other_floor_area",
)
"""Columns of the comparison in m², which their names in the file say."""


def write_buildings(assessment: Assessment, folder: Path) -> None:
    """Write what is said of the run's buildings, those set apart, and the census beside them."""
    session = assessment.session
    observation = assessment.runner.activity.observation
    buildings = observation.buildings
    if buildings is None:
        return
    config = session.run.config
    sums = buildings.by_county(observation.atoms["adcode"])
    table = beside_census(sums, session.statistics, config.counties, session.month.year)
    table = table.assign(roof_by_census=_roof_by_census(assessment).reindex(table.index))
    words = [read_words(language, session.project.root) for language in LANGUAGES]
    texts = [
        f"{buildings.report[own.language]}\n{comparison_report(table, config.counties, own)}"
        for own in words
    ]
    (folder / "buildings_report.txt").write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    write_csv(buildings.bad, folder / "buildings_bad.csv", exact=buildings.bad.columns)
    write_csv(_named(table, config.counties), folder / "buildings_beside_census.csv")


def _roof_by_census(assessment: Assessment) -> pd.Series:
    """Return the roof area of dwellings (m²) that floor area and storeys give, by county."""
    runner = assessment.runner.with_methods({"dwelling_roofs": {"roof_source": "floor_area"}})
    model = assessment.session.book.models["dwelling_roofs"]
    roof = magnitude(runner.model(model, frozenset())["roof_area"], "m^2").sel(draw=0)
    by_atom = roof.sum("dwelling", skipna=False).to_series()
    adcode = runner.activity.observation.atoms["adcode"]
    return by_atom.groupby(adcode.loc[by_atom.index].to_numpy()).sum(min_count=1)


def beside_census(
    sums: BuildingSums, statistics: Statistics, counties: Mapping[str, Title], year: int
) -> pd.DataFrame:
    """Return the areas by footprints beside those of the census, county by county."""
    census = census_floor_area(statistics, list(counties), year)
    return compare_floor_area(sums, census).loc[list(counties)]


def _named(table: pd.DataFrame, counties: Mapping[str, Title]) -> pd.DataFrame:
    """Return a table with the names of the counties, and the unit of areas in their columns."""
    named = table.rename(columns={name: f"{name}_m2" for name in AREAS})
    named.insert(0, "zone_zh", [counties[code].zh for code in table.index])
    named.insert(0, "zone", [counties[code].en for code in table.index])
    return named.rename_axis("adcode").reset_index()


def write_bad_buildings(table: pd.DataFrame, file: Path) -> None:
    """Write the bad buildings with their reasons.

    Raises
    ------
    InputError
        When the file is no CSV by its name.
    """
    check_name(file, ".csv")
    write_csv(table, file, exact=table.columns)


def county_zones(session: Session) -> geopandas.GeoDataFrame:
    """Return the polygons of a run's counties, with their codes as `adcode`."""
    config = session.run.config
    counties = boundaries.read_counties(
        session.catalog, config.all_counties, config.datasets.boundaries
    )
    return geopandas.GeoDataFrame(
        {"adcode": list(counties.index)},
        geometry=counties.geometry.to_numpy(),
        index=pd.Index(counties.index, name="county"),
        crs=counties.crs,
    )


def describe_beside_census(session: Session, sums: BuildingSums, words: Words) -> str:
    """Return the comparison of a layer's sums by county with the census."""
    counties = session.run.config.counties
    table = beside_census(sums, session.statistics, counties, session.month.year)
    return comparison_report(table, counties, words)


def county_sums(buildings: Buildings, zones: geopandas.GeoDataFrame) -> BuildingSums:
    """Return the sums of a layer by county and kind."""
    return sum_by_zone(buildings.good, zones, list(buildings.titles))


def refuse_dataset(session: Session, file: Path) -> None:
    """Refuse to write over a file of the catalogue, but an older map of roofs.

    Raises
    ------
    InputError
        When it is one.
    """
    for name, entry in session.catalog.entries.items():
        if entry.variables.keys() & set(ROOF_BANDS):
            continue
        if entry.file and (session.project.datasets / entry.file).resolve() == file.resolve():
            problem = Problem(
                f"the dataset '{name}' would be overwritten", str(file), remedy="another name"
            )
            raise InputError(problem)


def write_map(
    session: Session,
    buildings: Buildings,
    sums: BuildingSums,
    zones: geopandas.GeoDataFrame,
    file: Path,
) -> RoofMap:
    """Write the map of roofs on the run's working grid; no data where no county has a building.

    Raises
    ------
    InputError
        When the file is no GeoTIFF by its name, or another dataset's.
    """
    check_name(file, ".tif")
    refuse_dataset(session, file)
    config = session.run.config
    number = sums.zones["number"].unstack("kind").sum(axis=1, min_count=1)
    with open_raster(session.catalog, config.datasets.land_cover) as land_cover:
        grid = WorkingGrid.over(land_cover, config.finest_pixel)
    return write_roof_map(buildings, grid, file, zones.loc[number.dropna().index])


def describe_map(written: RoofMap, words: Words) -> str:
    """Return what was written on a map of roofs, in ha."""
    areas = {k: getattr(written, k) / 1e4 for k in ("on_grid", "outside", "cut")}
    return words("roof_map_written", file=written.file, bands=", ".join(ROOF_BANDS), **areas)
