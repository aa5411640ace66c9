"""OBSERVE, of layers: continuous rasters summed by atom and land class."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ecoassess.inputs.catalog import Catalog
from ecoassess.inputs.land_cover import class_shares, open_raster, read_classes, read_legend
from ecoassess.inputs.layers import check_peak, check_unit, layer_sums, open_layer
from ecoassess.kept import kept
from ecoassess.project import Project
from ecoassess.run_config import RunConfig
from ecoassess.variables import Variable, read_variables

if TYPE_CHECKING:
    from ecoassess.observe import Observation


@dataclass(frozen=True)
class Layer:
    """Sums of a layer over the pixels of each land class, from which means are taken.

    Parameters
    ----------
    total
        Σ area · value (atom, land_class), in `unit` times m².
    area
        Σ area where the layer has a value, m² (atom, land_class).
    status, grade
        As the catalogue declares them.
    """

    total: xr.DataArray
    area: xr.DataArray
    unit: str
    status: str
    grade: str


def read_layers(
    project: Project,
    catalog: Catalog,
    config: RunConfig,
    observation: Observation,
    progress: Callable[[str], None],
) -> dict[tuple[str, str | None], Layer]:
    """Return the layers that the run names a raster of; each raster is read once, then cached."""
    named = config.datasets.layers
    if not named:
        return {}
    wanted = {v.layer: v for v in read_variables(project).values() if v.observed in named}
    result = {}
    for (layer, transform), variable in sorted(wanted.items(), key=str):
        dataset = named[layer]
        file = project.cache / "layers" / _layer_key(catalog, dataset, observation, variable)
        sums = kept(
            project,
            file,
            partial(_read_layer, project, catalog, config, observation, variable),
            partial(progress, f"reading {layer}"),
        )
        if variable.peak:
            check_peak(catalog, dataset, layer, sums["peak"], variable.unit, variable.peak)
        entry = catalog.entries[dataset].variables[layer]
        result[layer, transform] = Layer(
            observation.class_area.copy(data=np.array(sums["total"])),
            observation.class_area.copy(data=np.array(sums["area"])),
            check_unit(catalog, dataset, layer, transform, variable.unit),
            entry.status,
            entry.grade,
        )
    return result


def _layer_key(catalog: Catalog, dataset: str, observation: Observation, variable: Variable) -> str:
    """Return a hash of everything the sums of a layer rest on."""
    here = Path(__file__).parent
    parts = [
        observation.folder.name,  # atoms and land cover
        catalog.dataset(dataset).checksum,
        catalog.entries[dataset].model_dump_json(),
        *map(str, variable.layer),
    ]
    digest = hashlib.sha256("\n".join(parts).encode())
    for code in (here / "inputs" / "layers.py", *sorted((here / "models").glob("slope_*.py"))):
        digest.update(code.read_bytes())
    return digest.hexdigest()[:20]


def _read_layer(
    project: Project,
    catalog: Catalog,
    config: RunConfig,
    observation: Observation,
    variable: Variable,
) -> dict[str, Any]:
    """Do the pass over one layer's raster."""
    import rasterio

    from ecoassess.raster.grid import WorkingGrid

    layer, transform = variable.layer
    dataset = config.datasets.layers[layer]
    classes = read_classes(project)
    legend = read_legend(project, catalog.entries[config.datasets.land_cover].legend or "", classes)
    with (
        open_layer(catalog, dataset, layer, transform) as opened,
        open_raster(catalog, config.datasets.land_cover) as land_cover,
        rasterio.open(observation.atom_raster) as atoms,
    ):
        check_unit(catalog, dataset, layer, transform, variable.unit)
        total, area, peak = layer_sums(
            opened,
            WorkingGrid.over(land_cover, config.finest_pixel),
            land_cover,
            atoms,
            len(observation.atoms),
            class_shares(legend, classes),
        )
    return {"total": total.tolist(), "area": area.tolist(), "peak": peak}
