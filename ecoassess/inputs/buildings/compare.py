"""Floor area by footprints beside floor area by census, zone by zone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecoassess.inputs.buildings.codes import DWELLINGS
from ecoassess.inputs.buildings.sums import BuildingSums
from ecoassess.inputs.statistics import Statistics
from ecoassess.units import unit_registry

CENSUS = "residential_floor_area"


def census_floor_area(statistics: Statistics, codes: Sequence[str], year: int) -> pd.Series:
    """Return the residential floor area (m²) of each county by the statistics table."""
    area = unit_registry().Quantity
    figures = {code: statistics.figure(code, CENSUS, year) for code in codes}
    values = {
        code: None if f.value is None else area(f.value, f.unit).to("m^2").magnitude
        for code, f in figures.items()
    }
    return pd.Series(values, name="census", dtype=float)


def compare_floor_area(sums: BuildingSums, census: pd.Series) -> pd.DataFrame:
    """Return residential floor area by footprints beside that of the census.

    Columns, in m² where nothing else is said: roof (of dwellings), roof_unknown (of buildings of
    unknown use), floor_area (of dwellings with known storeys), floor_area_unknown (of buildings of
    unknown use with known storeys), known_share (of the dwellings' roof with known storeys),
    census, difference = floor_area − census, difference_share = difference / census, and
    census_floors = census / roof: the mean storeys that the dwellings need to hold the census;
    other_roof, other_floor_area and other_known_share of buildings that are no dwellings.
    floor_area misses the dwellings of unknown storeys; only where known_share is near 1 and
    roof_unknown small does the difference say something about the sources. What a zone has no use
    of any building for is missing.

    Parameters
    ----------
    census
        m², indexed by zone.
    """
    by_kind = sums.zones
    kind = by_kind.index.get_level_values("kind")
    home = by_kind[kind.isin(DWELLINGS)].groupby(level=0, sort=False).sum(min_count=1)
    unknown = by_kind[kind == "unknown"].droplevel("kind")
    other = by_kind[kind == "other"].droplevel("kind")
    number = by_kind["number"].groupby(level=0, sort=False).sum(min_count=1)
    told = number > unknown["number"]
    roof = home["footprint"].where(told)
    has_roof = roof.where(roof > 0)
    known = home["footprint_known"] / has_roof
    floor_area = home["floor_area"].where(told & (known > 0))
    figure = census.reindex(home.index)
    difference = floor_area - figure
    return pd.DataFrame(
        {
            "roof": roof,
            "roof_unknown": unknown["footprint"],
            "floor_area": floor_area,
            "floor_area_unknown": unknown["floor_area"].where(unknown["number_known"] > 0),
            "known_share": known,
            "census": figure,
            "difference": difference,
            "difference_share": difference / figure.where(figure > 0),
            "census_floors": (figure / has_roof).replace(np.inf, np.nan),
            "other_roof": other["footprint"].where(told),
            "other_floor_area": other["floor_area"].where(told & (other["number_known"] > 0)),
            "other_known_share": other["known_share"].where(told),
        }
    )
