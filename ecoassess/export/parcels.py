"""Files on a layer of forest parcels: the good ones apart from the bad, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyogrio  # type: ignore[import-untyped]

from ecoassess.errors import InputError, Problem
from ecoassess.export.tables import write_csv
from ecoassess.inputs.parcels import Parcels
from ecoassess.parcel_sums import ParcelSums


def write_parcels(parcels: ParcelSums | None, folder: Path) -> None:
    """Write the parcels set apart, and what is said of their layer in both languages."""
    if parcels is None:
        return
    write_csv(parcels.bad, folder / "parcels_bad.csv", exact=parcels.bad.columns)
    text = "\n\n".join(parcels.report.values())
    (folder / "parcels_report.txt").write_text(text + "\n", encoding="utf-8")


def write_bad(table: pd.DataFrame, file: Path) -> None:
    """Write the bad parcels with their reasons.

    Raises
    ------
    InputError
        When the file is no CSV by its name.
    """
    check_name(file, ".csv")
    write_csv(table, file, exact=table.columns)


def write_good(parcels: Parcels, file: Path) -> None:
    """Write the good parcels, in the coordinate system of their layer.

    Raises
    ------
    InputError
        When the file is no GeoPackage by its name, or the layer's own.
    """
    check_name(file, ".gpkg")
    if file.resolve() == parcels.file.resolve():
        problem = Problem("the layer itself would be overwritten", str(file), remedy="another name")
        raise InputError(problem)
    file.unlink(missing_ok=True)
    pyogrio.write_dataframe(parcels.good.reset_index(), file, layer="parcels")


def check_name(file: Path, ending: str) -> None:
    """Refuse a file of another ending, or in a folder that is not there."""
    if file.suffix.lower() != ending:
        raise InputError(Problem("a file of another kind", str(file), f"a name in {ending}"))
    if not file.parent.is_dir():
        raise InputError(Problem("no such folder", str(file.parent), remedy="make it first"))
