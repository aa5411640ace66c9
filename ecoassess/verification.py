"""Whether a published run's maps and table agree: pixel area × value against each zone's row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS

from ecoassess.errors import InputError, Problem
from ecoassess.export.tables import read_assessment
from ecoassess.ledger import NET
from ecoassess.run import Session
from ecoassess.zones import PARK_MAP, PREFECTURE_MAP, make_zones

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Comparison:
    """One zone of one map beside its row."""

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
    """Compare every map of a run with every zone it covers.

    The pixels of a zone come from the atom raster of the run's own boundaries; their areas are
    computed anew from the map's georeference on its ellipsoid.
    """
    import rasterio
    from rasterio.windows import from_bounds

    from ecoassess.raster.grid import WorkingGrid

    if not (folder / "assessment.csv").is_file():
        raise InputError(
            Problem(
                what="not a run folder",
                found=str(folder),
                expected="a folder with assessment.csv and maps/",
            )
        )
    observation = session.observe()
    zones = make_zones(session.run.config, observation, session.statistics)
    rows = read_assessment(folder / "assessment.csv")
    year = str(session.month.year)
    net = rows[
        (rows["component"] == NET) & (rows["boundary"] == "territorial") & (rows["period"] == year)
    ].set_index(["technology", "zoning", "adcode"])["value"]
    found = []
    with rasterio.open(observation.atom_raster) as atom_source:
        for file in sorted((folder / "maps").rglob("*.tif")):
            kinds = PARK_MAP if file.parent.name == "park_region" else PREFECTURE_MAP
            with rasterio.open(file) as source:
                values = source.read(1).astype(np.float64)
                window = from_bounds(*source.bounds, atom_source.transform).round_offsets()
                atoms = atom_source.read(1, window=window.round_lengths())
                grid = WorkingGrid(_crs(source), source.transform, source.width, source.height, 1)
            mass = np.nan_to_num(values) * grid.pixel_area()[:, None] / 1e4
            by_atom, gross = (
                np.bincount(atoms.ravel(), values.ravel(), len(observation.atoms) + 1)[1:]
                for values in (mass, np.abs(mass))
            )
            for zone in zones:
                key = (file.stem, zone.zoning, zone.code)
                if zone.zoning not in kinds or not np.isfinite(net.get(key, np.nan)):
                    continue
                found.append(
                    Comparison(
                        file.relative_to(folder).as_posix(),
                        zone.zoning,
                        zone.code,
                        zone.zh,
                        float(net[key]),
                        float((zone.weights * by_atom).sum()),
                        float((zone.weights * gross).sum()),
                    )
                )
    return found


def _crs(source: Any) -> CRS:
    """Return the CRS of an open raster as pyproj sees it."""
    return CRS.from_user_input(source.crs)
