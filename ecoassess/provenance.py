"""What a run rests on, and the key that names it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import ecoassess
from ecoassess.coefficients import Coefficient
from ecoassess.inputs.catalog import Catalog

LIBRARIES = ("numpy", "pandas", "xarray", "pint", "pvlib", "rasterio", "scipy", "geopandas")


def file_hash(file: Path) -> str:
    """Return the sha256 of a small file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def code_hash() -> str:
    """Return one hash over all of the package's own files."""
    root = Path(ecoassess.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        if file.suffix in (".py", ".txt"):
            digest.update(file.relative_to(root).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of the libraries that compute."""
    return {name: metadata.version(name) for name in LIBRARIES}


def run_key(parts: Mapping[str, Any]) -> str:
    """Return the key of a run: a hash of everything its numbers rest on."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def describe_dataset(catalog: Catalog, name: str) -> dict[str, Any]:
    """Return the record of one dataset."""
    dataset = catalog.dataset(name)
    entry = dataset.entry
    return {
        "title": entry.title.en,
        "file": dataset.file.name,
        "package": f"{entry.package} {entry.version}" if entry.package else None,
        "sha256": dataset.checksum,
        "year": entry.year,
        "licence": entry.licence,
        "citation": entry.citation,
    }


def describe_coefficients(
    used: Iterable[tuple[str, Coefficient]], sources: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the record of the coefficients used: values, widths, sources."""
    record: dict[str, Any] = {}
    for key, coefficient in sorted(used):
        record[key] = {
            "en": coefficient.entry.en,
            "zh": coefficient.entry.zh,
            "unit": coefficient.unit,
            "values": [
                {
                    "labels": list(value.labels),
                    "central": value.central,
                    "value": value.spread.value,
                    "statistic": value.spread.statistic,
                    "distribution": value.spread.distribution,
                    "range": value.spread.interval,
                    "bounds": value.spread.bounds,
                    "source": sources[value.source].citation,
                    "locator": value.locator,
                    "grade": value.grade,
                    "note": value.note,
                }
                for value in coefficient.table
            ],
        }
    return record
