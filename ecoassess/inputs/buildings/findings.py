"""What a checked layer of buildings holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas
import pandas as pd

from ecoassess.inputs.catalog import Title
from ecoassess.inputs.parcels.findings import Finding, Note


@dataclass(frozen=True)
class Buildings:
    """A checked layer. Its three tables share no row; the index is the feature's number.

    Parameters
    ----------
    good
        building, usage (code as recorded), kind, footprint (m²), height (m), floors, floors_from
        ("recorded", "height" or ""), floor_area (m²), geometry in the equal-area projection.
        What is not recorded is missing: floor_area where neither floors nor height are.
    bad
        building, footprint (m²), reasons.
    not_counted
        building, usage, footprint (m²): no building, no roof, or below the ground.
    fields
        What each column was read from.
    titles
        Names of the kinds.
    """

    file: Path
    good: geopandas.GeoDataFrame
    bad: pd.DataFrame
    not_counted: pd.DataFrame
    findings: Sequence[Finding]
    notes: Sequence[Note]
    fields: Mapping[str, str]
    titles: Mapping[str, Title]
