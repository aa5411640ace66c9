"""A made map of built-up area as GHS-BUILT-S is: m² per cell of 10,000 m², in Mollweide.

A square of 24 km in Yanji and around it, whose western half is built up to 5 per cent and whose
eastern half to 25 per cent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from conftest import copy_project
from pyproj import Transformer
from ruamel.yaml import YAML

from ecoassess.calendar import Month
from ecoassess.errors import InputError, Problem
from ecoassess.export.maps import open_painter, spread_of
from ecoassess.observe import Observation
from ecoassess.opening import open_run
from ecoassess.project import Project
from ecoassess.run import Assessment, Session

MOLLWEIDE = "ESRI:54009"
YANJI = "222401"
CELL, CELLS = 100.0, 240  # m
WEST, EAST = 500.0, 2500.0  # m² of buildings in a cell


def write(project: Project, factor: float) -> None:
    """Write the map with its values times `factor`."""
    x, y = Transformer.from_crs("EPSG:4326", MOLLWEIDE, always_xy=True).transform(129.5, 42.9)
    half = CELL * CELLS / 2
    values = np.full((CELLS, CELLS), WEST, "float32")
    values[:, CELLS // 2 :] = EAST
    with rasterio.open(
        project.datasets / "built.tif",
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        width=CELLS,
        height=CELLS,
        crs=MOLLWEIDE,
        transform=Affine(CELL, 0, x - half, 0, -CELL, y + half),
        nodata=-1.0,
    ) as target:
        target.write(values * factor, 1)


def declare(project: Project, unit: str, **more: Any) -> Session:
    """Declare the map in `unit` as docs/buildings.md says, and open the run that names it."""
    yaml = YAML()
    for file, change in (
        (
            project.datasets / "catalog.yaml",
            lambda catalog: catalog.update(
                my_built_up={
                    "title": {"en": "Built-up area", "zh": "建成区面积"},
                    "kind": "raster",
                    "file": "built.tif",
                    "crs": MOLLWEIDE,
                    "variables": {"built_up_share": {"unit": unit, **more}},
                    "licence": "made for this test",
                    "citation": "none",
                }
            ),
        ),
        (
            project.configs / "runs" / "yanbian.yaml",
            lambda run: (
                run.update(technologies=["forest_sink", "green_housing"]),
                run["datasets"].update(built_up_share="my_built_up"),
            ),
        ),
    ):
        data = yaml.load(file.read_text(encoding="utf-8"))
        change(data)
        with file.open("w", encoding="utf-8") as stream:
            yaml.dump(data, stream)
    return open_run(project, project.configs / "runs" / "yanbian.yaml", Month(2024, 6))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return copy_project(tmp_path_factory.mktemp("built_up"), draws=10)


def observed(project: Project, unit: str, factor: float, **more: Any) -> Observation:
    write(project, factor)
    return declare(project, unit, **more).observe()


def refused(project: Project, unit: str, factor: float, **more: Any) -> Problem:
    with pytest.raises(InputError) as caught:
        observed(project, unit, factor, **more)
    (problem,) = caught.value.problems
    assert problem.key is not None
    assert problem.key.startswith("my_built_up.variables.built_up_share")
    return problem


@pytest.mark.parametrize(
    ("unit", "factor"), [("m^2/ha", 1.0), ("1", 1e-4), ("percent", 1e-2), ("m^2/km^2", 1e2)]
)
def test_one_map_in_any_of_its_units_gives_one_share(
    root: Project, unit: str, factor: float
) -> None:
    """Halves of 5 and 25 per cent: 15 in the mean."""
    layer = observed(root, unit, factor).layers["built_up_share", None]
    total = float(layer.total.sum()) * {"m^2/ha": 1e-4, "1": 1, "percent": 1e-2}.get(unit, 1e-6)
    mean = total / float(layer.area.sum())
    # Equal halves; the pixels of their edges are shared out by area, to half a pixel of 500 m.
    assert mean == pytest.approx(0.15, abs=0.2 * 0.25 / 24)


@pytest.mark.parametrize(
    ("unit", "factor", "said"),
    [
        ("1", 1.0, "at most 2500 within the counties, declared: 1"),  # m² per cell
        ("1", 1e-2, "at most 25 within the counties, declared: 1"),  # per cent
        ("percent", 1.0, "at most 2500 within the counties, declared: percent"),
        ("percent", 1e-4, "at most 0.25 within the counties, declared: percent"),  # shares
        ("m^2/ha", 1e-2, "at most 25 within the counties, declared: m^2/ha"),  # per cent
        ("m^2/ha", 1e-4, "at most 0.25 within the counties, declared: m^2/ha"),  # shares
    ],
)
def test_another_unit_than_declared_is_refused(
    root: Project, unit: str, factor: float, said: str
) -> None:
    problem = refused(root, unit, factor)
    assert problem.what == "the layer 'built_up_share' is in another unit than declared"
    assert problem.found == said
    assert "GHS-BUILT-S at 100 m" in str(problem.remedy)


def test_square_metres_alone_are_no_share(root: Project) -> None:
    problem = refused(root, "m^2", 1.0)
    assert problem.what == "the layer 'built_up_share' has another kind of unit than its variable"
    assert "m² per cell of 10,000 m² (GHS-BUILT-S at 100 m) is m^2/ha" in str(problem.remedy)


def test_a_value_beyond_the_valid_range_is_refused(root: Project) -> None:
    problem = refused(root, "m^2/ha", 10.0, valid_range=[0, 10_000])
    assert problem.found == "25000 to 25000"


@dataclass(frozen=True)
class Painted:
    session: Session
    assessment: Assessment
    values: np.ndarray
    atom: np.ndarray
    tags: dict[str, str]
    area: np.ndarray


@pytest.fixture(scope="module")
def painted(root: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Painted]:
    write(root, 1.0)
    session = declare(root, "m^2/ha", valid_range=[0, 10_000])
    assessment = session.assess()
    activity = assessment.runner.activity
    technology = session.technologies["green_housing"]
    atoms = session.observe().atoms
    file: Path = tmp_path_factory.mktemp("map") / "map.tif"
    amount = np.where(atoms["adcode"] == YANJI, 1000.0, 0.0)
    with open_painter(session, activity) as painter:
        members = np.ones(len(atoms), bool)
        painter.paint(file, amount, spread_of(technology, activity), members, {"unit": "x"}, "x")
        area = painter.grid.pixel_area()
    with rasterio.open(file) as source, rasterio.open(session.observe().atom_raster) as own:
        window = own.window(*source.bounds).round_offsets().round_lengths()
        area = area[int(window.row_off) : int(window.row_off + window.height)]
        yield Painted(
            session, assessment, source.read(1), own.read(1, window=window), source.tags(), area
        )


def test_dwellings_are_painted_by_built_up_area(painted: Painted) -> None:
    """Five times as much per hectare on 25 per cent as on 5, and nothing beyond the map."""
    assert painted.tags["spread_layer"] == "weighted in part"  # most counties lie beyond it
    assert painted.tags["weight_layer"] == "built_up_share"
    atoms = painted.session.observe().atoms
    (yanji,) = atoms.index[atoms["adcode"] == YANJI]
    here = painted.atom == yanji
    values = painted.values[here & np.isfinite(painted.values)]
    assert values.max() / np.median(values[values < values.max() / 2]) == pytest.approx(5, rel=1e-5)
    assert (here & ~np.isfinite(painted.values)).any()
    whole = np.nansum(np.where(here, painted.values * painted.area[:, None], 0.0)) / 1e4
    assert whole == pytest.approx(1000.0, rel=1e-6)


def test_a_roof_map_goes_before_built_up_area(painted: Painted) -> None:
    session, activity = painted.session, painted.assessment.runner.activity
    technology = session.technologies["green_housing"]
    assert spread_of(technology, activity).layer == "built_up_share"
    assert list(technology.paint_weight) == ["residential_roof_share", "built_up_share"]
    assert spread_of(session.technologies["forest_sink"], activity).layer is None
