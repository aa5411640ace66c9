"""What a checked layer holds, and what the checks found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import geopandas
import pandas as pd


@dataclass(frozen=True)
class Finding:
    """What a check found on a parcel.

    Parameters
    ----------
    level
        bad: set apart; doubt: kept, to be looked at; repaired: kept, changed.
    values
        Fill the sentence `parcel_<reason>` of the language file; a `Title` has both languages.
    """

    row: int
    parcel: str
    level: Literal["bad", "doubt", "repaired"]
    reason: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Note:
    """What is said of the whole layer."""

    reason: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Parcels:
    """A checked layer. Its three tables share no row; the index is the number in the file, from 1.

    Parameters
    ----------
    good
        parcel, forest_type, species, origin, age (yr), age_group, area_ha, recorded_area_ha,
        area_difference, volume_per_ha (m³/ha), volume (m³), doubts, geometry in the file's CRS.
    bad
        parcel, area_ha, reasons.
    not_stocked
        parcel, land_type, area_ha.
    fields
        What each column was read from.
    """

    file: Path
    good: geopandas.GeoDataFrame
    bad: pd.DataFrame
    not_stocked: pd.DataFrame
    findings: Sequence[Finding]
    notes: Sequence[Note]
    fields: Mapping[str, str]


@dataclass
class Log:
    """Collects findings; a Series among the values gives each parcel its own."""

    parcel: pd.Series
    findings: list[Finding] = field(default_factory=list)

    def add(
        self,
        level: Literal["bad", "doubt", "repaired"],
        reason: str,
        where: pd.Series,
        **values: object,
    ) -> None:
        """Log a finding for each parcel where `where` is true."""
        for row in where.index[where.astype(bool)]:
            own = {k: v[row] if isinstance(v, pd.Series) else v for k, v in values.items()}
            self.findings.append(Finding(row, self.parcel[row], level, reason, own))

    def rows(self, level: str) -> set[int]:
        """Return the rows with a finding of this level."""
        return {finding.row for finding in self.findings if finding.level == level}
