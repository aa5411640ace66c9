"""Layers: made-up rasters through OBSERVE against sums by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import Geod

from ecoassess.errors import InputError
from ecoassess.inputs import layers
from ecoassess.inputs.catalog import read_catalog
from ecoassess.inputs.land_cover import class_shares, read_classes, read_legend
from ecoassess.inputs.stations import annual_precipitation, read_stations
from ecoassess.models.slope_factor import length_slope_factor
from ecoassess.observe import Observation, observe
from ecoassess.observed_layers import Layer
from ecoassess.project import Project
from ecoassess.run_config import read_run
from ecoassess.variables import Variable, read_variables
from tests.conftest import copy_project

WEST, NORTH = 127.0, 45.0  # of the land-cover grid: 100 by 70 cells of 0.05 degrees
LEVEL, STEEP = 0.0, 20.0


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return copy_project(tmp_path_factory.mktemp("layers"), draws=10)


def write(project: Project, values: np.ndarray, pixel: float, **profile: Any) -> None:
    """Write `layer.tif` with its first pixel in the corner of the land-cover grid."""
    bands = values if values.ndim == 3 else values[None]
    settings = {
        "driver": "GTiff",
        "dtype": "float32",
        "crs": "EPSG:4326",
        "nodata": -9999.0,
        "transform": Affine(pixel, 0, WEST, 0, -pixel, NORTH),
        **profile,
    }
    with rasterio.open(
        project.datasets / "layer.tif",
        "w",
        count=len(bands),
        height=bands.shape[1],
        width=bands.shape[2],
        **settings,
    ) as target:
        target.write(bands.astype(settings["dtype"]))


def observed(project: Project, layer: str, unit: str, crs: str = "EPSG:4326") -> Observation:
    """Observe with `layer.tif` as a layer; nothing on the disk is declared for the next test."""
    catalog = read_catalog(project)
    entry = catalog.entries["land_cover"].model_copy(
        update={
            "file": "layer.tif",
            "crs": crs,
            "sha256": None,
            "variables": {layer: layers.VariableEntry(unit=unit, valid_range=[0, 1000], grade="B")},
        }
    )
    catalog = type(catalog)(catalog.document, {**catalog.entries, "mine": entry}, project)
    config = read_run(project, project.configs / "runs" / "yanbian.yaml").config
    datasets = type(config.datasets).model_validate({**config.datasets.model_dump(), layer: "mine"})
    config = config.model_copy(update={"datasets": datasets})
    stations = annual_precipitation(read_stations(catalog, "station_normals"))
    return observe(project, catalog, config, stations)


def land(project: Project, observation: Observation) -> tuple[np.ndarray, ...]:
    """Return atom, cropland share and area in m² of each working pixel, by other means."""
    with rasterio.open(observation.atom_raster) as source:
        atom, place = source.read(1), source.transform
    with rasterio.open(project.datasets / "modis_landcover_2019.tif") as source:
        code = source.read(1).repeat(12, axis=0).repeat(12, axis=1)
    classes = read_classes(project)
    shares = class_shares(read_legend(project, "modis_igbp", classes), classes)
    cropland = shares[code, list(classes.classes).index("cropland")]
    geod, step = Geod(ellps="WGS84"), place.a
    rows = []
    for row in range(len(atom)):
        north = place.f - row * step
        corners = [(0, north), (step, north), (step, north - step), (0, north - step)]
        rows.append(abs(geod.polygon_area_perimeter(*zip(*corners, strict=True))[0]))
    return atom, cropland, np.array(rows)[:, None] + 0 * cropland


def mean(sums: Layer, land_class: str = "cropland") -> np.ndarray:
    part = sums.total.sel(land_class=land_class) / sums.area.sel(land_class=land_class)
    return np.asarray(part.values)


def test_atom_means_of_the_slope_factor_equal_sums_by_hand(root: Project) -> None:
    slope = np.random.default_rng(7).choice([LEVEL, 3.0, 7.0, STEEP], (140, 200))
    write(root, slope, 0.025)
    observation = observed(root, "slope", "degree")
    sums = observation.layers["slope", "length_slope_factor"]
    assert (sums.unit, sums.status, sums.grade) == ("1", "estimated", "B")
    atom, cropland, area = land(root, observation)
    factor = length_slope_factor(slope).repeat(6, axis=0).repeat(6, axis=1)
    for i, number in enumerate(observation.atoms.index):
        weight = np.where(atom == number, cropland * area, 0)
        known = float(sums.area.sel(atom=number, land_class="cropland"))
        # 1e-6: chords of the geodesic polygon for the parallels of the grid
        assert known == pytest.approx(weight.sum(), rel=1e-6)
        if known:
            assert mean(sums)[i] == pytest.approx((weight * factor).sum() / weight.sum(), rel=1e-6)


def test_what_is_not_linear_is_worked_out_on_the_fine_pixels(root: Project) -> None:
    # Stripes narrower than a working pixel: half level, half steep in each.
    stripes = np.tile([LEVEL, STEEP], (1680, 1200))
    write(root, stripes, 0.05 / 24)
    sums = observed(root, "slope", "degree").layers["slope", "length_slope_factor"]
    both = length_slope_factor(np.array([LEVEL, STEEP]))
    assert mean(sums)[np.isfinite(mean(sums))] == pytest.approx(both.mean(), rel=1e-6)
    assert both.mean() > 1.2 * length_slope_factor(10.0 - 1e-9)


def test_the_size_of_the_tiles_does_not_matter(
    root: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    slope = np.random.default_rng(8).uniform(0, 25, (1400, 2000))
    write(root, slope, 0.0025)
    whole = observed(root, "slope", "degree").layers["slope", "length_slope_factor"]
    for file in (root.cache / "layers").iterdir():
        file.unlink()
    monkeypatch.setattr(layers, "SOURCE_PIXELS", 60_000)
    tiled = observed(root, "slope", "degree").layers["slope", "length_slope_factor"]
    np.testing.assert_allclose(tiled.total.values, whole.total.values, rtol=1e-9)
    np.testing.assert_allclose(tiled.area.values, whole.area.values, rtol=1e-9)


def test_mean_soil_carbon_of_cropland_equals_its_pixels(root: Project) -> None:
    # 5 minutes of arc, as the published maps of soil carbon have: 20 working pixels.
    stock = np.random.default_rng(9).uniform(40, 160, (42, 60))
    stock[20, 30] = -9999
    write(root, stock, 1 / 12)
    observation = observed(root, "soil_carbon", "Mg C/ha")
    sums = observation.layers["soil_carbon", None]
    atom, cropland, area = land(root, observation)
    fine = np.float32(stock).astype(float).repeat(20, axis=0).repeat(20, axis=1)
    for i, number in enumerate(observation.atoms.index):
        weight = np.where((atom == number) & (fine > 0), cropland * area, 0)
        if weight.any():
            assert mean(sums)[i] == pytest.approx((weight * fine).sum() / weight.sum(), rel=1e-6)


def test_a_file_of_scaled_integers_is_read_in_its_scale(root: Project) -> None:
    """720 in a file of scale 0.1 and offset 8 is 80 t C/ha."""
    write(root, np.full((120, 140), 720), 0.05, dtype="int16", nodata=-32768)
    with rasterio.open(root.datasets / "layer.tif", "r+") as target:
        target.scales, target.offsets = (0.1,), (8.0,)
    sums = observed(root, "soil_carbon", "t C/ha").layers["soil_carbon", None]
    known = mean(sums)[np.isfinite(mean(sums))]
    assert len(known)
    np.testing.assert_allclose(known, 80, rtol=1e-6)


def test_a_projected_raster_is_warped_and_missing_land_is_left_out(root: Project) -> None:
    from rasterio.warp import transform_bounds

    west, south, _, north = transform_bounds("EPSG:4326", "EPSG:32652", WEST, 41.5, 129.4, NORTH)
    size = round((north - south) / 900), round((429_000 - west) / 900) + 100
    place = Affine(900, 0, west, 0, -900, north)
    write(root, np.full(size, 88.0), 900, crs="EPSG:32652", transform=place)
    observation = observed(root, "soil_carbon", "t C/ha", crs="EPSG:32652")
    sums = observation.layers["soil_carbon", None]
    share = sums.area.sum("land_class") / observation.class_area.sum("land_class")
    assert float(share.max()) == pytest.approx(1)
    assert float(share.min()) == 0
    inside = sums.area.values > 0
    np.testing.assert_allclose(sums.total.values[inside] / sums.area.values[inside], 88.0)


def test_the_cache_follows_the_file(root: Project) -> None:
    write(root, np.full((70, 100), 50.0), 0.05)
    one = observed(root, "soil_carbon", "t C/ha").layers["soil_carbon", None]
    write(root, np.full((70, 100), 60.0), 0.05)
    other = observed(root, "soil_carbon", "t C/ha").layers["soil_carbon", None]
    assert np.nanmean(mean(one)) == pytest.approx(50)
    assert np.nanmean(mean(other)) == pytest.approx(60)


def test_no_layer_is_read_that_the_run_does_not_name(root: Project) -> None:
    catalog = read_catalog(root)
    config = read_run(root, root.configs / "runs" / "yanbian.yaml").config
    stations = annual_precipitation(read_stations(catalog, "station_normals"))
    assert config.datasets.layers == {}
    assert observe(root, catalog, config, stations).layers == {}


def test_a_layer_of_another_kind_of_unit_is_refused(root: Project) -> None:
    write(root, np.full((70, 100), 50.0), 0.05)
    with pytest.raises(InputError, match="another kind of unit than its variable") as caught:
        observed(root, "soil_carbon", "g/kg")
    (problem,) = caught.value.problems
    assert (problem.found, problem.expected) == ("g/kg", "t C/ha")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"transform": "steepness"}, "no such transform"),
        ({"over": None}, "belong to observed layers"),
        ({"observed": None}, "comes from one place"),
        ({"observed": None, "derived": "day_share"}, "belong to observed layers"),
        ({"kind": "extensive", "spread": ["land"]}, "a mean, not a sum"),
    ],
)
def test_a_variable_of_a_layer_is_checked(root: Project, change: dict[str, Any], what: str) -> None:
    entry = read_variables(root)["slope_length_steepness"].model_dump(exclude_none=True)
    Variable.model_validate(entry)
    with pytest.raises(ValueError, match=what):
        Variable.model_validate({k: v for k, v in (entry | change).items() if v is not None})


CLASSES = ["cropland", "grassland"]
COUNTIES = ["222401", "222401", "222402", "222403"]


def field_of(area: list[list[float]], value: list[list[float]], mapped: bool = True) -> Any:
    """Return the field of soil carbon for made-up atoms: land and known land by class, in m²."""
    from types import SimpleNamespace

    import pandas as pd
    import xarray as xr

    from ecoassess.activity import Activity
    from ecoassess.calendar import Month
    from ecoassess.inputs.land_cover import Classes, LandClass

    def table(values: list[list[float]]) -> xr.DataArray:
        return xr.DataArray(
            np.array(values, float),
            {"atom": np.arange(1, len(values) + 1), "land_class": CLASSES},
            ("atom", "land_class"),
        )

    named = LandClass.model_validate({"name": {"en": "x", "zh": "x"}, "description": "x"})
    known = table(value)
    means = np.array([10.0, 30.0, 20.0, 40.0])[: len(area), None]
    layer = Layer(known * means, known, "kg C/m^2", "measured", "A")
    activity = Activity(
        SimpleNamespace(all_counties=list(dict.fromkeys(COUNTIES))),  # type: ignore[arg-type]
        {
            "stock": Variable.model_validate(
                {
                    "en": "x",
                    "zh": "x",
                    "unit": "t C/ha",
                    "kind": "intensive",
                    "observed": "soil_carbon",
                    "over": ["cropland", "land"],
                    "range": [0, 1000],
                }
            )
        },
        None,  # type: ignore[arg-type]
        SimpleNamespace(  # type: ignore[arg-type]
            atoms=pd.DataFrame({"adcode": COUNTIES}, index=range(1, 5)),
            class_area=table(area),
            layers={("soil_carbon", None): layer} if mapped else {},
        ),
        None,  # type: ignore[arg-type]
        Classes(classes=dict.fromkeys(CLASSES, named), groups={}),
        {},
        {},
        Month(2024, 6),
    )
    return activity.field("stock")


def test_a_field_says_where_its_layer_is_known() -> None:
    # First county: 100 m² of cropland, known on 75, in its first atom; the second has none.
    # Second county: no cropland, so all land. Third: cropland outside the raster.
    field = field_of([[100, 9], [0, 9], [0, 50], [40, 10]], [[75, 9], [0, 9], [0, 50], [0, 10]])
    values = field.values.data.to("t C/ha").magnitude  # 1 kg/m² is 10 t/ha
    np.testing.assert_allclose(values, [100, 100, 200, np.nan])
    assert field.status == ["measured", "measured", "proxy", "missing"]
    assert field.grade == ["A", "A", "A", "missing"]
    assert field.reason == [
        "soil_carbon known on 75 % of cropland",
        "soil_carbon known on 75 % of cropland",
        "no cropland here: soil_carbon of land",
        "soil_carbon known on 0 % of cropland",
    ]


def test_a_run_without_the_raster_has_missing_values_and_says_so() -> None:
    field = field_of([[1, 1]] * 4, [[1, 1]] * 4, mapped=False)
    assert np.isnan(field.values.data.magnitude).all()
    assert set(field.status) == set(field.grade) == {"missing"}
    assert set(field.reason) == {"no dataset 'soil_carbon' in the run configuration"}
