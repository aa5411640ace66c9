"""Whether what a run published agrees with its rows: maps by pixel area × value, and park.csv."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyproj import CRS

from ecoassess.errors import InputError, Problem
from ecoassess.export.park import TOTALS
from ecoassess.export.tables import ENCODING, read_assessment
from ecoassess.ledger import NET
from ecoassess.run import Session
from ecoassess.zones import PARK_MAP, PREFECTURE_MAP, make_zones

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Comparison:
    """One zone of one map or table beside its row."""

    map: str
    zoning: str
    code: str
    zone: str
    table: float
    raster: float
    gross: float
    """Sum of the absolute values of the zone's pixels: the scale of its rounding errors."""

    @property
    def difference(self) -> float:
        """Difference relative to the row, or to the gross sum where gains and losses cancel."""
        if self.table == self.raster:
            return 0.0
        return abs(self.raster - self.table) / max(abs(self.table), self.gross)

    @property
    def holds(self) -> bool:
        """Whether the two agree to 1e-6."""
        return self.difference <= TOLERANCE


def verify(session: Session, folder: Path) -> list[Comparison]:
    """Compare every map of a run with every zone it covers, and the park's table with its rows.

    The pixels of a zone come from the atom raster of the run's own boundaries; their areas are
    computed anew from the map's georeference on its ellipsoid. Maps that are not additive (standard
    errors) have no sum to compare.
    """
    if not (folder / "assessment.csv").is_file():
        raise InputError(
            Problem(
                what="not a run folder",
                found=str(folder),
                expected="a folder with assessment.csv and maps/",
            )
        )
    rows = expected_sums(read_assessment(folder / "assessment.csv"), str(session.month.year))
    return [*_maps(session, folder, rows), *_park(folder, rows)]


IDENTITY = ["technology", "component", "zoning", "adcode"]


def expected_sums(rows: pd.DataFrame, year: str) -> pd.Series:
    """Return the year's native values by technology, component, zoning and code.

    Besides the components and the territorial net there are the sums over the stocks and over the
    fluxes of inventories, where all of them cover the same part of the zone.
    """
    rows = rows[rows["period"] == year]
    net = rows[(rows["component"] == NET) & (rows["boundary"] == "territorial")]
    parts = rows[(rows["component"] != NET) & ~rows["component"].str.contains(":", regex=False)]
    sums = []
    for kind, (name, _) in TOTALS.items():
        of_kind = parts[(parts["kind"] == kind) & (parts["basis"] == "inventory")]
        groups = of_kind.groupby(["technology", "zoning", "adcode"], sort=False, as_index=False)
        total = groups.agg(
            native_value=("native_value", lambda values: values.sum(skipna=False)),
            coverages=("coverage", "nunique"),
        )
        sums.append(total[total["coverages"] == 1].assign(component=name))
    found: pd.Series = pd.concat([parts, net, *sums]).set_index(IDENTITY)["native_value"]
    return found


def _maps(session: Session, folder: Path, rows: pd.Series) -> Iterator[Comparison]:
    import rasterio
    from rasterio.windows import from_bounds

    from ecoassess.raster.grid import WorkingGrid

    observation = session.observe()
    zones = make_zones(session.run.config, observation, session.statistics, session.catalog)
    with rasterio.open(observation.atom_raster) as atom_source:
        for file in sorted((folder / "maps").rglob("*.tif")):
            kinds = PARK_MAP if file.parent.name == "park_region" else PREFECTURE_MAP
            with rasterio.open(file) as source:
                tags = source.tags()
                if tags.get("additive") == "no":
                    continue
                values = source.read(1).astype(np.float64)
                window = from_bounds(*source.bounds, atom_source.transform).round_offsets()
                atoms = atom_source.read(1, window=window.round_lengths())
                grid = WorkingGrid(_crs(source), source.transform, source.width, source.height, 1)
            mass = np.nan_to_num(values) * grid.pixel_area()[:, None] / 1e4
            by_atom, gross = (
                np.bincount(atoms.ravel(), values.ravel(), len(observation.atoms) + 1)[1:]
                for values in (mass, np.abs(mass))
            )
            of_map = tags.get("technology", file.stem), tags.get("component", NET)
            for zone in zones:
                key = (*of_map, zone.zoning, zone.code)
                if zone.zoning not in kinds or not np.isfinite(rows.get(key, np.nan)):
                    continue
                yield Comparison(
                    file.relative_to(folder).as_posix(),
                    zone.zoning,
                    zone.code,
                    zone.zh,
                    float(rows[key]),
                    float((zone.weights * by_atom).sum()),
                    float((zone.weights * gross).sum()),
                )


def _park(folder: Path, rows: pd.Series) -> Iterator[Comparison]:
    """Compare the stocks and sinks of park.csv, where the run has it."""
    file = folder / "park.csv"
    if not file.is_file():
        return
    table = pd.read_csv(file, encoding=ENCODING, dtype={"adcode": str}).dropna(
        subset=["technology", "value"]
    )
    for row in table.to_dict("records"):
        key = (row["technology"], row["quantity"], row["zoning"], row["adcode"])
        if not np.isfinite(rows.get(key, np.nan)):
            continue  # an area, or a value per hectare
        value = float(row["value"])
        yield Comparison(
            f"{file.name}: {row['quantity']}",
            row["zoning"],
            row["adcode"],
            row["zone_zh"],
            float(rows[key]),
            value,
            abs(value),
        )


def _crs(source: Any) -> CRS:
    """Return the CRS of an open raster as pyproj sees it."""
    return CRS.from_user_input(source.crs)
