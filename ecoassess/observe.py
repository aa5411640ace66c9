"""OBSERVE: rasters and vectors → small tables per atomic zone, in one pass, cached by content.

An *atom* is one cell of the overlay of counties and park zones. Each pixel of the working grid
belongs to the atom that holds its centre. Everything later works on these tables; a changed
coefficient never comes back here.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.errors import InputError, Problem
from ecoassess.inputs.catalog import Catalog
from ecoassess.inputs.land_cover import (
    check_codes,
    class_shares,
    open_raster,
    read_classes,
    read_legend,
    refuse_odd_codes,
)
from ecoassess.inputs.land_cover_change import LandUseChange, change_key, read_change
from ecoassess.kept import kept, unwritable
from ecoassess.observed_layers import Layer, read_layers
from ecoassess.project import Project
from ecoassess.run_config import RunConfig

if TYPE_CHECKING:
    from ecoassess.footprint_sums import FootprintSums
    from ecoassess.parcel_sums import ParcelSums
    from ecoassess.raster.grid import WorkingGrid

OUTSIDE = 0
"""Atom number of pixels in no zone; atoms count from 1."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Observation:
    """What the rasters and vectors say about each atom and county.

    Parameters
    ----------
    atoms
        One row per atom (index: atom number): adcode, province, park_zone ("" outside).
    class_area
        Area of each land class in m² (atom, land_class).
    polygon_area
        Area of each county's polygon in m² (adcode).
    temperature, precipitation
        Normals per county in °C and mm per month, precipitation as the file has it.
    station_precipitation
        The file's annual precipitation at each station, mm (station).
    latitude, longitude
        Of each county's settled land, degrees (adcode).
    park_status
        "measured" for a boundary file, "proxy" for the clipped extent.
    folder
        The cache folder, which also holds `atoms.tif`.
    layers
        The layers that the run has a raster of, by name and transform.
    parcels, buildings
        Sums over the forest parcels and over the building footprints, where the run names a layer
        of them.
    change
        Changes since the earlier land-cover map, where the run names one.
    """

    atoms: pd.DataFrame
    class_area: xr.DataArray
    polygon_area: xr.DataArray
    temperature: xr.DataArray
    precipitation: xr.DataArray
    station_precipitation: xr.DataArray
    latitude: xr.DataArray
    longitude: xr.DataArray
    park_status: str
    folder: Path
    layers: Mapping[tuple[str, str | None], Layer] = field(default_factory=dict)
    parcels: ParcelSums | None = None
    buildings: FootprintSums | None = None
    change: LandUseChange | None = None

    @property
    def atom_raster(self) -> Path:
        """The raster of atom numbers on the working grid."""
        return self.folder / "atoms.tif"


def observe(
    project: Project,
    catalog: Catalog,
    config: RunConfig,
    stations: pd.DataFrame,
    progress: Progress = lambda text: None,
) -> Observation:
    """Return the observation of a run, from the cache when nothing it rests on has changed.

    Parameters
    ----------
    stations
        Columns longitude and latitude, indexed by station name.
    """
    key = _key(project, catalog, config, stations)
    folder = project.cache / "observe" / key
    if not (folder / "tables.json").is_file():
        progress("reading rasters and boundaries")
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as scratch:
                tables = _read(project, catalog, config, stations, Path(scratch))
                (Path(scratch) / "tables.json").write_text(json.dumps(tables), encoding="utf-8")
                if not folder.exists():
                    Path(scratch).rename(folder)
                    Path(scratch).mkdir()  # what TemporaryDirectory removes
        except OSError as error:
            raise unwritable(project, folder.parent, error) from error
    observation = _load(folder)
    parcels = None
    if config.datasets.parcels is not None:
        from ecoassess.parcel_sums import observed_parcels

        parcels = observed_parcels(
            project, catalog, config, observation, config.datasets.parcels, progress
        )
    buildings = None
    if config.datasets.buildings is not None:
        from ecoassess.footprint_sums import observed_buildings

        buildings = observed_buildings(
            project, catalog, config, observation, config.datasets.buildings, progress
        )
    return replace(
        observation,
        layers=read_layers(project, catalog, config, observation, progress),
        change=_change(project, catalog, config, observation, progress),
        parcels=parcels,
        buildings=buildings,
    )


def _change(
    project: Project,
    catalog: Catalog,
    config: RunConfig,
    observation: Observation,
    progress: Progress,
) -> LandUseChange | None:
    """Return the changes since the earlier land-cover map; the maps are compared once."""
    earlier = config.datasets.land_cover_earlier
    if earlier is None:
        return None
    file = change_key(project, catalog, earlier, observation.folder.name)
    found = kept(
        project,
        project.cache / "land_use_change" / file,
        partial(
            read_change,
            project,
            catalog,
            config.datasets.land_cover,
            earlier,
            config.finest_pixel,
            observation.atom_raster,
            len(observation.atoms),
        ),
        partial(progress, "comparing land-cover maps"),
    )
    return LandUseChange.of(found, observation.atoms.index.to_numpy())


def _key(project: Project, catalog: Catalog, config: RunConfig, stations: pd.DataFrame) -> str:
    """Return a hash of everything the observation rests on."""
    names = [config.datasets.boundaries, config.datasets.land_cover, config.datasets.climate]
    if "park_boundary" in catalog:
        names.append("park_boundary")
    legends = project.configs / "legends"
    here = Path(__file__).parent
    code = [
        Path(__file__),
        *sorted((here / "raster").glob("*.py")),
        here / "inputs" / "boundaries.py",
        here / "inputs" / "climate.py",
        here / "inputs" / "land_cover.py",
    ]
    legend = catalog.entries[config.datasets.land_cover].legend
    files = [legends / "classes.yaml", legends / f"{legend}.yaml", *code]
    digest = hashlib.sha256()
    for name in names:
        digest.update(f"{name} {catalog.dataset(name).checksum}\n".encode())
        digest.update(catalog.entries[name].model_dump_json().encode())
    for file in files:
        digest.update(file.read_bytes() if file.is_file() else b"absent")
    digest.update(
        json.dumps(
            [
                config.all_counties,
                [config.park.counties, config.park.extent] if config.park else None,
                config.finest_pixel,
                stations[["longitude", "latitude"]].to_dict(),
            ],
            sort_keys=True,
        ).encode()
    )
    return digest.hexdigest()[:20]


def _read(
    project: Project,
    catalog: Catalog,
    config: RunConfig,
    stations: pd.DataFrame,
    folder: Path,
) -> dict[str, Any]:
    """Do the pass over rasters and vectors; write `atoms.tif`; return the tables."""
    import rasterio

    from ecoassess.inputs import boundaries, climate
    from ecoassess.raster.grid import WorkingGrid

    codes = config.all_counties
    counties = boundaries.read_counties(catalog, codes, config.datasets.boundaries)
    park_status = "missing"
    if config.park:
        parks, park_status = boundaries.park_zones(
            catalog, counties, config.park.counties, config.park.extent
        )
        park_names = [str(zone) for zone in parks.index]
    classes = read_classes(project)
    name = config.datasets.land_cover
    legend = read_legend(project, catalog.entries[name].legend or "", classes)

    pairs: dict[tuple[int, int], int] = {}
    code_area: dict[int, np.ndarray] = {}
    place = np.zeros((len(codes), 3))
    settled = classes.members("settlement")
    shares = class_shares(legend, classes)
    settlement = shares[:, [list(classes.classes).index(c) for c in settled]].sum(axis=1)
    with open_raster(catalog, name) as source:
        grid = WorkingGrid.over(source, config.finest_pixel)
        county_shapes = counties.to_crs(grid.crs).geometry
        park_shapes = parks.to_crs(grid.crs).geometry if config.park else []
        nodata = source.nodata
        profile = {
            "driver": "GTiff",
            "dtype": "uint16",
            "count": 1,
            "width": grid.width,
            "height": grid.height,
            "crs": source.crs,
            "transform": grid.transform,
            "nodata": OUTSIDE,
            "compress": "deflate",
            "tiled": True,
        }
        with rasterio.open(folder / "atoms.tif", "w", **profile) as target:
            for window in grid.blocks():
                county = _burn(grid, window, county_shapes)
                park = _burn(grid, window, park_shapes)
                park[county == 0] = 0
                atom = np.zeros(county.shape, np.uint16)
                for pair in np.unique(county.astype(np.int64) << 16 | park):
                    c, p = int(pair >> 16), int(pair & 0xFFFF)
                    if c == 0:
                        continue
                    number = pairs.setdefault((c, p), len(pairs) + 1)
                    atom[(county == c) & (park == p)] = number
                target.write(atom, 1, window=window)
                code = _codes(catalog, name, grid, source, window)
                refuse_odd_codes(catalog, name, legend, code)
                area = np.broadcast_to(grid.pixel_area(window)[:, None], code.shape)
                for number in range(1, len(pairs) + 1):
                    here = atom == number
                    sums = np.bincount(code[here].astype(int), weights=area[here], minlength=256)
                    code_area[number] = code_area.get(number, np.zeros(256)) + sums
                _add_places(place, grid, window, county, area * settlement[code.astype(int)], area)
    order = sorted(pairs, key=lambda pair: pairs[pair])
    area_by_code = np.array([code_area[pairs[pair]] for pair in order])
    total = area_by_code.sum(axis=0)
    check_codes(catalog, name, legend, {i: a for i, a in enumerate(total) if a > 0}, nodata)
    normals = climate.read_climate(catalog, config.datasets.climate)
    county_normals = climate.over_polygons(normals, counties.to_crs("EPSG:4326"))
    points = climate.at_points(
        normals, stations["longitude"].tolist(), stations["latitude"].tolist()
    )
    return {
        "atoms": [
            {
                "adcode": codes[c - 1],
                "province": codes[c - 1][:2],
                "park_zone": park_names[p - 1] if p else "",
            }
            for c, p in order
        ],
        "class_area": (area_by_code @ shares).tolist(),
        "land_class": list(classes.classes),
        "adcode": list(codes),
        "polygon_area": boundaries.polygon_area(counties).tolist(),
        "temperature": county_normals["temperature"].transpose("adcode", "month").values.tolist(),
        "precipitation": county_normals["precipitation"]
        .transpose("adcode", "month")
        .values.tolist(),
        "station": list(stations.index),
        "station_precipitation": points["precipitation"].sum("month").values.tolist(),
        "longitude": (place[:, 0] / place[:, 2]).tolist(),
        "latitude": (place[:, 1] / place[:, 2]).tolist(),
        "park_status": park_status,
    }


def _codes(catalog: Catalog, name: str, grid: WorkingGrid, source: Any, window: Any) -> np.ndarray:
    """Read land-cover codes; a file that breaks off is reported as such."""
    from rasterio.errors import RasterioError

    try:
        return grid.read(source, window)
    except RasterioError as error:
        raise InputError(
            catalog.problem(
                name,
                "file",
                Problem(
                    what="the land-cover raster breaks off",
                    found=str(error).splitlines()[0],
                    remedy="restore the file",
                ),
            )
        ) from error


def _burn(grid: WorkingGrid, window: Any, shapes: Sequence[Any]) -> np.ndarray:
    """Return the number (from 1) of the shape that holds each pixel's centre; 0 for none."""
    from rasterio.features import rasterize

    size = (int(window.height), int(window.width))
    numbered = [(shape, i) for i, shape in enumerate(shapes, start=1) if not shape.is_empty]
    if not numbered:
        return np.zeros(size, np.uint16)
    burnt: np.ndarray = rasterize(
        numbered[::-1],  # the first shape wins where two share a pixel
        out_shape=size,
        transform=grid.window_transform(window),
        fill=0,
        dtype="uint16",
    )
    return burnt


def _add_places(
    place: np.ndarray,
    grid: WorkingGrid,
    window: Any,
    county: np.ndarray,
    settled: np.ndarray,
    area: np.ndarray,
) -> None:
    """Add weighted longitudes and latitudes; land counts a millionth of settlement.

    So the centre is that of the settled land, and of all land where the map shows no settlement.
    """
    weight = settled + 1e-6 * area
    transform = grid.window_transform(window)
    rows, columns = county.shape
    longitude = transform.c + transform.a * (np.arange(columns) + 0.5)
    latitude = transform.f + transform.e * (np.arange(rows) + 0.5)
    for index in range(len(place)):
        inside = np.where(county == index + 1, weight, 0.0)
        place[index, 0] += (inside.sum(axis=0) * longitude).sum()
        place[index, 1] += (inside.sum(axis=1) * latitude).sum()
        place[index, 2] += inside.sum()


def _load(folder: Path) -> Observation:
    tables = json.loads((folder / "tables.json").read_text(encoding="utf-8"))
    atoms = pd.DataFrame(tables["atoms"], index=range(1, len(tables["atoms"]) + 1))
    atoms.index.name = "atom"
    adcode = tables["adcode"]

    def by_county(name: str, *more: str) -> xr.DataArray:
        coords: dict[str, Any] = {"adcode": adcode}
        if more:
            coords["month"] = np.arange(1, 13)
        return xr.DataArray(tables[name], dims=("adcode", *more), coords=coords, name=name)

    return Observation(
        atoms=atoms,
        class_area=xr.DataArray(
            tables["class_area"],
            dims=("atom", "land_class"),
            coords={"atom": atoms.index.to_numpy(), "land_class": tables["land_class"]},
            name="class_area",
        ),
        polygon_area=by_county("polygon_area"),
        temperature=by_county("temperature", "month"),
        precipitation=by_county("precipitation", "month"),
        station_precipitation=xr.DataArray(
            tables["station_precipitation"], dims="station", coords={"station": tables["station"]}
        ),
        latitude=by_county("latitude"),
        longitude=by_county("longitude"),
        park_status=tables["park_status"],
        folder=folder,
    )
