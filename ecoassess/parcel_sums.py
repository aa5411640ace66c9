"""OBSERVE, of forest parcels: a layer summed by atom and forest type, and what is said of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pandas as pd
import xarray as xr

from ecoassess.atom_zones import atom_zones
from ecoassess.configuration import read_yaml
from ecoassess.errors import InputError, Problem
from ecoassess.inputs.catalog import Catalog
from ecoassess.inputs.parcels import (
    Parcels,
    bad_parcels,
    check_kind,
    parcel_report,
    parcels_by_zone,
    read_parcels,
)
from ecoassess.kept import kept
from ecoassess.language import LANGUAGES, read_words
from ecoassess.project import Project
from ecoassess.run_config import RunConfig

if TYPE_CHECKING:
    from ecoassess.observe import Observation


@dataclass(frozen=True)
class ParcelSums:
    """What the forest parcels of each atom sum up to.

    Parameters
    ----------
    area, volume
        Stocked area in ha and volume in m³ (atom, forest_type); 0 for a type that there is none
        of, missing in a county without any parcel.
    year
        Of the survey.
    note
        How many parcels were left out, and why.
    report
        What is said of the layer, by language.
    bad
        The parcels set apart, with their reasons.
    """

    area: xr.DataArray
    volume: xr.DataArray
    year: int
    note: str
    report: Mapping[str, str]
    bad: pd.DataFrame

    @staticmethod
    def of(found: Mapping[str, Any], atom: np.ndarray, year: int) -> ParcelSums:
        """Return the sums from plain data."""
        coords = {"atom": atom, "forest_type": found["forest_type"]}
        area, volume = (
            xr.DataArray(np.array(found[what], float), coords, ("atom", "forest_type"))
            for what in ("area", "volume")
        )
        note = f"parcels of {year}: {found['note']}"
        return ParcelSums(area, volume, year, note, found["report"], pd.DataFrame(found["bad"]))


def observed_parcels(
    project: Project,
    catalog: Catalog,
    config: RunConfig,
    observation: Observation,
    name: str,
    progress: Callable[[str], None],
) -> ParcelSums:
    """Return the sums over the parcels of the layer `name`; it is read once."""
    year = survey_year(catalog, name)
    key = parcels_key(project, catalog, name, observation.folder.name)
    atoms = observation.atoms
    found = kept(
        project,
        project.cache / "parcels" / key,
        partial(read_parcel_sums, project, catalog, config, name, atoms),
        partial(progress, f"reading {name}"),
    )
    return ParcelSums.of(found, atoms.index.to_numpy(), year)


def read_parcel_sums(
    project: Project, catalog: Catalog, config: RunConfig, name: str, atoms: pd.DataFrame
) -> dict[str, Any]:
    """Read a layer of parcels; return its sums and the report on it as plain data."""
    parcels = read_parcels(catalog, name)
    words = {language: read_words(language, project.root) for language in LANGUAGES}
    return {
        **sum_by_atom(parcels, atom_zones(catalog, config, atoms), forest_types(project)),
        "report": {language: parcel_report(parcels, own) for language, own in words.items()},
        "bad": bad_parcels(parcels, words).to_dict("list"),
    }


def survey_year(catalog: Catalog, name: str) -> int:
    """Return the year of a parcel layer.

    Raises
    ------
    InputError
        When its entry is no layer of parcels, or names no year.
    """
    check_kind(catalog, name)
    year = catalog.entries[name].year
    try:
        return int(year or "")
    except ValueError:
        problem = Problem(
            "a run with parcels needs the year that they describe",
            found="none" if year is None else str(year),
            expected="year: 2023",
            remedy="give the year of the survey, or of its last update",
        )
        raise InputError(catalog.problem(name, "year", problem)) from None


def forest_types(project: Project) -> list[str]:
    """Return the forest types in the order of the equations."""
    stands = read_yaml(project.configs / "models" / "stand_volume.yaml").content
    return list(stands["area_share"]["values"])


def parcels_key(project: Project, catalog: Catalog, name: str, observed: str) -> str:
    """Return a hash of everything the sums and the report rest on.

    Parameters
    ----------
    observed
        The key of the atoms.
    """
    here = Path(__file__).parent
    entry = catalog.entries[name]
    parts = [
        observed,  # boundaries, park and atoms
        catalog.dataset(name).checksum,
        entry.model_dump_json(),
        *forest_types(project),
    ]
    digest = hashlib.sha256("\n".join(parts).encode())
    for file in (
        project.configs / "codes" / f"{entry.legend or 'parcels'}.yaml",
        project.configs / "language.yaml",
        Path(__file__),
        here / "atom_zones.py",
        *sorted((here / "inputs" / "parcels").glob("*.py")),
    ):
        digest.update(file.read_bytes() if file.is_file() else b"absent")
    return digest.hexdigest()[:20]


def sum_by_atom(
    parcels: Parcels, zones: geopandas.GeoDataFrame, types: list[str]
) -> dict[str, Any]:
    """Return area and volume by atom and type; missing in counties without parcels.

    A county has parcels when the middle of at least one lies in it: what else reaches in from
    a neighbour's layer, along another line of the border, is no survey of its forest.
    """
    good = parcels.good
    unknown = sorted(set(good["forest_type"]) - set(types))
    if unknown:
        raise InputError(
            Problem(
                "a forest type of the parcels that the equations do not have",
                file="configs/codes/parcels.yaml",
                found=", ".join(unknown),
                expected=", ".join(types),
                remedy="name another type, or add its coefficients to configs/models/",
            )
        )
    middle = good.set_geometry(good.representative_point())[["geometry"]].to_crs(zones.crs)
    found = middle.sjoin(zones, how="left", predicate="intersects")
    within = found["adcode"].groupby(level=0).first().dropna()
    surveyed = zones["adcode"].isin(within.unique())
    sums = parcels_by_zone(good, zones[surveyed])
    outside = sums.outside["area_ha"].sum()

    def table(column: str) -> list[list[float]]:
        by_type = sums.zones[column].unstack("forest_type")
        by_type = by_type.reindex(index=zones.index[surveyed], columns=types).fillna(0.0)
        whole: list[list[float]] = by_type.reindex(zones.index).to_numpy().tolist()
        return whole

    return {
        "area": table("area_ha"),
        "volume": table("volume"),
        "forest_type": types,
        "note": f"{len(good)} good, {len(parcels.bad)} bad and set apart, "
        f"{len(parcels.not_stocked)} not stocked; {len(good) - len(within)} good ones "
        f"outside all zones ({outside:.1f} ha)",
    }
