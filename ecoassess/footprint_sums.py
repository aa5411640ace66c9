"""OBSERVE, of building footprints: a layer summed by atom and kind, and what is said of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.atom_zones import atom_zones
from ecoassess.inputs.buildings import (
    DWELLINGS,
    OF_KNOWN_STOREYS,
    BuildingSums,
    bad_buildings,
    building_report,
    buildings_by_zone,
    check_kind,
    read_building_legend,
    read_buildings,
    with_share,
)
from ecoassess.inputs.catalog import Catalog
from ecoassess.kept import kept
from ecoassess.language import LANGUAGES, read_words
from ecoassess.project import Project
from ecoassess.run_config import RunConfig

if TYPE_CHECKING:
    from ecoassess.observe import Observation

WHOLE = 0.9999
"""Share of known use and storeys from which on nothing is left out."""


@dataclass(frozen=True)
class DwellingRoofs:
    """Roof area of dwellings, with what each atom's rests on.

    Parameters
    ----------
    area
        m² (atom, dwelling).
    status, grade, reason
        One word or text per atom.
    """

    area: xr.DataArray
    status: list[str]
    grade: list[str]
    reason: list[str]


@dataclass(frozen=True)
class FootprintSums:
    """What the buildings of each atom sum up to.

    Parameters
    ----------
    zones
        By atom and kind, as `BuildingSums` has them; 0 in an atom without a building, missing in a
        county without any.
    outside
        The same of what lies in no county, by kind.
    note
        Year of the layer, and how many buildings were left out.
    report
        What is said of the layer, by language.
    bad
        The buildings set apart, with their reasons.
    least_known
        Share of a county's roof area of known use and storeys from which on the rest may be left
        out.
    most_mean_floors
        Mean storeys of dwellings above which a layer covers but a part of the county.
    """

    zones: pd.DataFrame
    outside: pd.DataFrame
    note: str
    report: Mapping[str, str]
    bad: pd.DataFrame
    least_known: float
    most_mean_floors: float

    @staticmethod
    def of(found: Mapping[str, Any]) -> FootprintSums:
        """Return the sums from plain data."""
        return FootprintSums(
            pd.DataFrame(found["zones"]).set_index(["atom", "kind"]),
            pd.DataFrame(found["outside"]).set_index("kind"),
            found["note"],
            found["report"],
            pd.DataFrame(found["bad"]),
            found["least_known"],
            found["most_mean_floors"],
        )

    def by_county(self, adcode: pd.Series) -> BuildingSums:
        """Return the sums of each county; `adcode` is that of each atom."""
        code = adcode.loc[self.zones.index.get_level_values("atom")].to_numpy()
        kind = self.zones.index.get_level_values("kind")
        counties = self.zones.groupby([code, kind], sort=False).sum(min_count=1)
        counties.index.names = ["adcode", "kind"]
        return BuildingSums(with_share(counties), self.outside)

    def dwelling_roofs(self, adcode: pd.Series, census: pd.Series) -> DwellingRoofs:
        """Return the roof area of dwellings whose use and storeys are known.

        Missing where these are known for less than `least_known` of a county's roof area, or where
        the dwellings' floor area of the census would need more than `most_mean_floors`.

        Parameters
        ----------
        adcode
            Of each atom.
        census
            Residential floor area of each county in m².
        """
        roof = self.zones["footprint"].unstack("kind").loc[adcode.index]
        by_county = roof.groupby(adcode).sum(min_count=1)
        status, grade, reason = {}, {}, {}
        for code, own in by_county.iterrows():
            whole = own.sum(min_count=1)
            known = own[[*OF_KNOWN_STOREYS, "other"]].sum() / whole if whole > 0 else np.nan
            home = own[list(DWELLINGS)].sum()
            figure = census.get(code, np.nan)
            storeys = figure / home if home > 0 else np.nan
            notes = [self.note]
            if np.isfinite(storeys):
                notes.append(f"the census needs {storeys:.2g} storeys on the dwellings' roofs")
            if not np.isfinite(known):
                status[code], notes = "missing", ["no buildings in this county"]
            elif known < self.least_known:
                status[code] = "missing"
                notes.append(
                    f"use and storeys are known for {known:.2g} of the roof area, below "
                    f"{self.least_known:g}"
                )
            elif storeys > self.most_mean_floors:
                status[code] = "missing"
                notes.append(
                    f"above {self.most_mean_floors:g}: the layer holds a part of the county only"
                )
            elif known < WHOLE:
                status[code] = "estimated"
                notes.append(f"{1 - known:.2g} of the roof area, of unknown use or storeys, is out")
            else:
                status[code] = "measured"
            grade[code] = {"missing": "missing", "estimated": "C", "measured": "B"}[status[code]]
            reason[code] = "; ".join(notes)
        values = roof[list(OF_KNOWN_STOREYS)].to_numpy(copy=True)
        values[(adcode.map(status) == "missing").to_numpy()] = np.nan
        area = xr.DataArray(
            values,
            {"atom": adcode.index.to_numpy(), "dwelling": list(OF_KNOWN_STOREYS)},
            ("atom", "dwelling"),
        )
        return DwellingRoofs(
            area, *([one[code] for code in adcode] for one in (status, grade, reason))
        )


def observed_buildings(
    project: Project,
    catalog: Catalog,
    config: RunConfig,
    observation: Observation,
    name: str,
    progress: Callable[[str], None],
) -> FootprintSums:
    """Return the sums over the buildings of the layer `name`; it is read once."""
    check_kind(catalog, name)
    found = kept(
        project,
        project.cache / "buildings" / _key(project, catalog, name, observation.folder.name),
        partial(_read, project, catalog, config, name, observation.atoms),
        partial(progress, f"reading {name}"),
    )
    return FootprintSums.of(found)


def _read(
    project: Project, catalog: Catalog, config: RunConfig, name: str, atoms: pd.DataFrame
) -> dict[str, Any]:
    """Read a layer of buildings; return its sums and the report on it as plain data."""
    zones = atom_zones(catalog, config, atoms)
    buildings = read_buildings(catalog, name, zones)
    sums = sum_by_zone(buildings.good, zones, list(buildings.titles))
    words = {language: read_words(language, project.root) for language in LANGUAGES}
    entry = catalog.entries[name]
    year = entry.year
    limits = read_building_legend(project, entry.legend or "buildings").limits
    number = sums.outside["number"].sum()
    return {
        "zones": sums.zones.reset_index().to_dict("list"),
        "outside": sums.outside.reset_index().to_dict("list"),
        "note": f"footprints of {year or 'an unknown year'}: {len(buildings.good)} good, "
        f"{len(buildings.bad)} bad and set apart, {len(buildings.not_counted)} not counted; "
        f"{number:.0f} good ones outside all counties",
        "report": {language: building_report(buildings, own) for language, own in words.items()},
        "bad": bad_buildings(buildings, words).to_dict("list"),
        "least_known": limits.least_known.value,
        "most_mean_floors": limits.most_mean_floors.value,
    }


def sum_by_zone(
    good: geopandas.GeoDataFrame, zones: geopandas.GeoDataFrame, kinds: Sequence[str]
) -> BuildingSums:
    """Return sums by zone and kind; 0 without a building, missing in counties without any.

    A county has buildings when the middle of at least one lies in it: what else reaches in over
    its border, along another line of it, is no survey of the county.

    Parameters
    ----------
    zones
        Polygons with the `adcode` of their county.
    """
    middle = good.set_geometry(good.representative_point())[["geometry"]].to_crs(zones.crs)
    found = middle.sjoin(zones[["adcode", "geometry"]], how="left", predicate="intersects")
    surveyed = zones["adcode"].isin(found["adcode"].dropna().unique())
    sums = buildings_by_zone(good, zones[surveyed], kinds)
    counted = sums.zones.drop(columns="known_share").fillna(0.0)
    names = sums.zones.index.names
    rows = pd.MultiIndex.from_product([zones.index, list(kinds)], names=names)
    return BuildingSums(with_share(counted.reindex(rows)), sums.outside)


def _key(project: Project, catalog: Catalog, name: str, observed: str) -> str:
    """Return a hash of everything the sums and the report rest on."""
    here = Path(__file__).parent
    entry = catalog.entries[name]
    parts = [observed, catalog.dataset(name).checksum, entry.model_dump_json()]
    digest = hashlib.sha256("\n".join(parts).encode())
    for file in (
        project.configs / "codes" / f"{entry.legend or 'buildings'}.yaml",
        project.configs / "language.yaml",
        Path(__file__),
        here / "atom_zones.py",
        *sorted((here / "inputs" / "buildings").glob("*.py")),
        *sorted((here / "inputs" / "parcels").glob("*.py")),  # checks that both share
    ):
        digest.update(file.read_bytes() if file.is_file() else b"absent")
    return digest.hexdigest()[:20]
