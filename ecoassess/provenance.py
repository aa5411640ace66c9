"""What a run rests on, and the key that names it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ecoassess
from ecoassess.claims import taken
from ecoassess.coefficients import Coefficient
from ecoassess.inputs.catalog import Catalog
from ecoassess.run_config import plain

if TYPE_CHECKING:
    from ecoassess.run import Assessment

LIBRARIES = ("numpy", "pandas", "xarray", "pint", "pvlib", "rasterio", "scipy", "geopandas")


def file_hash(file: Path) -> str:
    """Return the sha256 of a small file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def code_hash() -> str:
    """Return one hash over all of the package's own files, without what makes its web pages."""
    root = Path(ecoassess.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        if file.suffix in (".py", ".txt") and "documentation" not in file.parts:
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
                    "drawn": value.spread.drawn,
                    "mean_drawn": value.spread.mean_drawn,
                    "truncate": value.spread.truncate,
                    "outcomes": value.spread.outcomes,
                    "source": sources[value.source].citation,
                    "locator": value.locator,
                    "grade": value.grade,
                    "note": value.note,
                }
                for value in coefficient.table
            ],
        }
        version = coefficient.version
        if version:
            record[key] |= {
                "valid_from": version.valid_from.isoformat() if version.valid_from else None,
                "valid_to": version.valid_to.isoformat() if version.valid_to else None,
                "reason": version.reason,
                "versions": [one.span for one in coefficient.versions],
            }
    return record


def record(assessment: Assessment, key: str) -> dict[str, Any]:
    """Return the provenance of a run."""
    from ecoassess.ledger import SCHEMA_VERSION
    from ecoassess.models.solar import DAYS_IN_MONTH

    session = assessment.session
    climate = session.climate
    runner = assessment.runner
    models = [
        (f"models/{model}/{name}", coefficient)
        for model, table in session.kernels.items()
        for name, coefficient in table.items()
    ]
    used = [*runner.used.items(), *models]
    return {
        "run_key": key,
        "schema_version": SCHEMA_VERSION,
        "region": session.run.config.region,
        "month": str(session.month),
        "as_of": session.as_of.isoformat() if session.as_of else None,
        "run_config": plain(session.run.config),
        "scenario": plain(session.run.scenario),
        "gwp": dict(assessment.gwp),
        "draws": session.run.config.draws,
        "seed": session.run.config.seed,
        "datasets": {
            name: describe_dataset(session.catalog, name) for name in session.dataset_names()
        },
        "coefficients": describe_coefficients(used, session.sources),
        "correlations": {n: plain(c) for n, c in session.book.correlations.entries.items()},
        "statistics": runner.activity.statistics_record(),
        "activity_uncertainty": plain(session.widths)
        if session.widths and session.run.config.activity_uncertainty
        else None,
        "climate": {
            code: {
                "zone": climate.zone[code],
                "distance_to_thresholds": climate.distance[code],
                "mean_annual_temperature": float(
                    np.average(climate.temperature.sel(adcode=code), weights=DAYS_IN_MONTH)
                ),
                "annual_precipitation": float(climate.precipitation.sel(adcode=code).sum()),
                "annual_potential_evapotranspiration": float(
                    climate.evapotranspiration.sel(adcode=code).sum()
                ),
                "precipitation_correction": float(climate.correction.sel(adcode=code)),
            }
            for code in session.run.config.all_counties
        },
        "claims": [
            *runner.allocation.claims.to_dict("records"),
            *taken(runner, session.run.scenario.resources).to_dict("records"),
        ],
        "park": runner.activity.observation.park_status,
        "code": code_hash(),
        "libraries": versions(),
    }
