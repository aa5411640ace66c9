"""Two made maps, cross-tabulated, against sums by hand; and the sample of their changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import Geod

from ecoassess.errors import InputError
from ecoassess.inputs import land_cover_change
from ecoassess.inputs.catalog import Catalog, DatasetEntry, Title, read_catalog
from ecoassess.inputs.land_change_sample import check_sample, read_sample
from ecoassess.inputs.land_cover import read_classes, read_legend
from ecoassess.inputs.land_cover_change import (
    category_shares,
    least_change,
    read_categories,
    read_change,
    transition_areas,
)
from ecoassess.project import Project
from ecoassess.raster import grid
from tests.conftest import copy_project

CATEGORIES = ["forest_land", "cropland", "grassland", "wetlands", "settlements", "other_land"]
FOREST, CROP, GRASS, WET, TOWN, OTHER = range(6)
WEST, NORTH, PIXEL = 129.0, 43.5, 0.004  # about 320 by 440 m
# IGBP: 4 broadleaf forest, 8 open woodland, 10 grass, 12 cropland, 13 town, 14 mosaic, 0 water
EARLIER = np.array([[4, 4, 4, 12], [8, 4, 12, 12], [10, 14, 14, 12], [0, 13, 12, 255]], np.uint8)
LATER = np.array([[4, 12, 13, 12], [4, 8, 4, 10], [10, 14, 12, 13], [0, 13, 12, 12]], np.uint8)
ATOMS = np.array([[1, 1, 1, 1], [1, 1, 2, 2], [2, 2, 2, 2], [2, 2, 2, 0]], np.uint16)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return copy_project(tmp_path_factory.mktemp("change"), draws=10)


def write(file: Path, values: np.ndarray, **profile: Any) -> None:
    settings = {
        "driver": "GTiff",
        "dtype": values.dtype,
        "count": 1,
        "crs": "EPSG:4326",
        "nodata": 255,
        "height": values.shape[0],
        "width": values.shape[1],
        "transform": Affine(PIXEL, 0, WEST, 0, -PIXEL, NORTH),
        **profile,
    }
    with rasterio.open(file, "w", **settings) as target:
        target.write(values, 1)


def entry(file: str, **more: Any) -> DatasetEntry:
    return DatasetEntry(
        title=Title(en="Made", zh="Made"),
        file=file,
        licence="made for this test",
        citation="none",
        **{"kind": "raster", "crs": "EPSG:4326", "legend": "modis_igbp", **more},
    )


def catalog_of(project: Project, **entries: DatasetEntry) -> Catalog:
    catalog = read_catalog(project)
    return Catalog(catalog.document, {**catalog.entries, **entries}, project)


def compare(
    project: Project, earlier: np.ndarray = EARLIER, finest: float = 500, **profile: Any
) -> tuple[np.ndarray, str]:
    """Compare `earlier`, written with `profile`, with LATER; return hectares and the note."""
    write(project.datasets / "earlier.tif", earlier, **profile)
    write(project.datasets / "later.tif", LATER)
    times = round(500 / finest)
    atoms = ATOMS.repeat(times, axis=0).repeat(times, axis=1)
    place = Affine(PIXEL / times, 0, WEST, 0, -PIXEL / times, NORTH)
    write(project.datasets / "atoms.tif", atoms, nodata=0, transform=place)
    catalog = catalog_of(
        project,
        earlier=entry("earlier.tif", crs=str(profile.get("crs", "EPSG:4326"))),
        later=entry("later.tif"),
    )
    found = read_change(
        project, catalog, "later", "earlier", finest, project.datasets / "atoms.tif", 2
    )
    assert found["categories"] == CATEGORIES
    return np.array(found["area"]) / 1e4, found["note"]


def rows() -> np.ndarray:
    """Return the hectares of a pixel in each row, by other means than the grid's."""
    areas = []
    for row in range(4):
        north, south = NORTH - row * PIXEL, NORTH - (row + 1) * PIXEL
        ring = [0, PIXEL, PIXEL, 0], [north, north, south, south]
        areas.append(abs(Geod(ellps="WGS84").polygon_area_perimeter(*ring)[0]) / 1e4)
    return np.array(areas)


def by_hand() -> np.ndarray:
    one, two, three, four = rows()
    area = np.zeros((2, 6, 6))
    # Row 1: forest stays, forest to cropland, forest to town, cropland stays.
    area[0, FOREST, [FOREST, CROP, TOWN]] += one
    area[0, CROP, CROP] += one
    # Row 2: open woodland and forest are one category; cropland to forest, cropland to grass.
    area[0, FOREST, FOREST] += 2 * two
    area[1, CROP, [FOREST, GRASS]] += two
    # Row 3: grass stays; a mosaic stays (half cropland, half grass); a mosaic becomes cropland:
    # its cropland half stays; cropland to town.
    area[1, GRASS, GRASS] += three + three / 2
    area[1, CROP, CROP] += three / 2 + three / 2
    area[1, GRASS, CROP] += three / 2
    area[1, CROP, TOWN] += three
    # Row 4: water, town and cropland stay; the last pixel lies in no atom.
    area[1, [WET, TOWN, CROP], [WET, TOWN, CROP]] += four
    return area


def test_transitions_equal_sums_by_hand(root: Project) -> None:
    area, note = compare(root)
    assert note == ""
    np.testing.assert_allclose(area, by_hand(), rtol=1e-6, atol=1e-9)


def test_neither_blocks_nor_subdivision_matter(
    root: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "BLOCK_PIXELS", 9)
    area, note = compare(root, finest=250)
    assert note == ""
    np.testing.assert_allclose(area, by_hand(), rtol=1e-6, atol=1e-9)


def test_carbon_by_transition_is_carbon_by_pixel(root: Project) -> None:
    """Stock of the later map less that of the earlier one, pixel by pixel, as InVEST has it."""
    stock = {4: 100.0, 8: 100.0, 12: 40.0, 10: 60.0, 13: 20.0, 14: 50.0, 0: 5.0}
    pixels = np.broadcast_to(rows()[:, None], ATOMS.shape)[ATOMS > 0]
    last, first = ([stock[code] for code in codes[ATOMS > 0]] for codes in (LATER, EARLIER))
    density = np.array([100, 40, 60, 5, 20, 0])
    area, _ = compare(root)
    by_transition = (area * (density[None, None, :] - density[None, :, None])).sum()
    assert by_transition == pytest.approx(pixels @ (np.array(last) - first), rel=1e-6)


def test_land_is_conserved(root: Project) -> None:
    area, _ = compare(root)
    inside = [np.where(number == ATOMS, rows()[:, None], 0).sum() for number in (1, 2)]
    assert area.sum(axis=(1, 2)) == pytest.approx(inside, rel=1e-6)


@pytest.mark.parametrize("nodata", [255, None])
def test_an_earlier_map_on_a_finer_shifted_grid_is_warped_and_said_to_be(
    root: Project, nodata: int | None
) -> None:
    """Thirds of pixels, one row and column of them more: the nearest is that of the same place."""
    fine = np.pad(EARLIER.repeat(3, axis=0).repeat(3, axis=1), 1, mode="edge")
    step = PIXEL / 3
    place = Affine(step, 0, WEST - step, 0, -step, NORTH + step)
    area, note = compare(root, fine, transform=place, nodata=nodata)
    assert "nearest neighbour" in note
    np.testing.assert_allclose(area, by_hand(), rtol=1e-6, atol=1e-9)


def test_a_projected_earlier_map_is_warped(root: Project) -> None:
    forest = np.full((100, 100), 4, np.uint8)
    place = Affine(100, 0, 498_000, 0, -100, 4_822_000)  # around 129° E, 43.5° N in zone 52
    area, note = compare(root, forest, crs="EPSG:32652", transform=place)
    assert note
    assert area[:, FOREST].sum() == pytest.approx(area.sum())
    assert area[:, FOREST, TOWN].sum() == pytest.approx(rows()[[0, 2, 3]].sum(), rel=1e-6)


def test_the_core_takes_one_grid_only(root: Project) -> None:
    compare(root)
    with (
        rasterio.open(root.datasets / "later.tif") as source,
        rasterio.open(root.datasets / "atoms.tif") as atoms,
    ):
        here = land_cover_change.CodeMap(source, grid.WorkingGrid.over(source, 500))
        there = land_cover_change.CodeMap(source, grid.WorkingGrid.over(source, 250))
        with pytest.raises(ValueError, match="different grids"):
            land_cover_change.cross_tabulate(there, here, atoms, 2)


def test_holes_and_unknown_codes_of_the_earlier_map_are_refused(root: Project) -> None:
    holes = EARLIER.copy()
    holes[0] = 255
    with pytest.raises(InputError, match="holes inside the zones"):
        compare(root, holes)
    with pytest.raises(InputError, match="codes that its legend does not know"):
        compare(root, np.where(EARLIER == 4, 77, EARLIER).astype(np.uint8))


def test_as_little_as_can_be_changes() -> None:
    half = np.array([0.5, 0.5, 0.0])
    np.testing.assert_allclose(least_change(half, half), np.diag(half))
    # 0.5 + 0.5 to 0.2 + 0.8 of the first and third: 0.2 stays, 0.3 and 0.5 go to the third.
    np.testing.assert_allclose(
        least_change(half, np.array([0.2, 0.0, 0.8])), [[0.2, 0, 0.3], [0, 0, 0.5], [0, 0, 0]]
    )


def test_pixels_without_a_code_are_left_out() -> None:
    shares = np.zeros((256, 2))
    shares[1], shares[2] = [1, 0], [0, 1]
    pairs = np.zeros((1, 256, 256))
    pairs[0, 1, 2], pairs[0, 1, 9], pairs[0, 9, 2] = 5, 7, 11
    np.testing.assert_allclose(transition_areas(pairs, shares, shares)[0], [[0, 5], [0, 0]])


def test_every_class_has_one_category(root: Project) -> None:
    classes = read_classes(root)
    categories = read_categories(root, classes)
    assert list(categories) == CATEGORIES
    shares = category_shares(read_legend(root, "modis_igbp", classes), classes, categories)
    codes = [int(code) for code in read_legend(root, "modis_igbp", classes).codes]
    np.testing.assert_allclose(shares[codes].sum(axis=1), 1)


def test_a_class_in_no_or_two_categories_is_refused(project: Project) -> None:
    file = project.configs / "codes" / "land_use_categories.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[bare, snow_ice]", "[bare, water, ice]"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_categories(project, read_classes(project))
    assert {problem.what.split("'")[1] for problem in caught.value.problems} == {
        *("snow_ice", "water", "ice")
    }


GOOD = "map,forest_loss,stable\nforest_loss,40,10\nstable,2,98\n"
STRATA = {"forest_loss": ["forest_land:cropland", "forest_land:settlements"], "stable": ["rest"]}


def sample_of(project: Project, text: str, strata: dict[str, list[str]]) -> Any:
    (project.datasets / "sample.csv").write_text(text, encoding="utf-8")
    table = entry("sample.csv", kind="table", crs=None, legend=None, strata=strata)
    catalog = catalog_of(project, sample=table)
    return read_sample(catalog, "sample", CATEGORIES), catalog


def test_a_sample_is_read_and_ordered(root: Project) -> None:
    swapped = "map,stable,forest_loss\nforest_loss,10,40\nstable,98,2\n"
    for text in (GOOD, swapped):
        sample, _ = sample_of(root, text, STRATA)
        assert sample.labels == ("forest_loss", "stable")
        np.testing.assert_array_equal(sample.counts, [[40, 10], [2, 98]])
        assert len(sample.members["forest_loss"]) == 2
        assert len(sample.members["stable"]) == 34


@pytest.mark.parametrize(
    ("text", "strata", "what"),
    [
        ("map,forest_loss\nforest_loss,40\nstable,2\n", STRATA, "not the same"),
        (GOOD.replace("40", "-4"), STRATA, "not one count"),
        (GOOD.replace("40", "4.5"), STRATA, "not one count"),
        (GOOD.replace("2,98", "98"), STRATA, "not one count"),
        (GOOD, {**STRATA, "gain": ["cropland:forest_land"]}, "the table lacks"),
        (GOOD, {"stable": ["rest"]}, "no such change"),
        (GOOD, {**STRATA, "stable": ["rest", "forest_land:cropland"]}, "in two strata"),
        ("", STRATA, "not the same"),
    ],
)
def test_wrong_samples_are_refused(
    root: Project, text: str, strata: dict[str, list[str]], what: str
) -> None:
    with pytest.raises(InputError, match=what):
        sample_of(root, text, strata)


def test_a_sample_of_other_maps_is_refused(root: Project) -> None:
    mapped = {(b, a): 0.0 for b in CATEGORIES for a in CATEGORIES}
    mapped["forest_land", "cropland"] = 30.0
    mapped["forest_land", "forest_land"] = 970.0
    sample, catalog = sample_of(root, GOOD, STRATA)
    np.testing.assert_allclose(check_sample(sample, mapped, catalog, "sample"), [30, 970])
    few, catalog = sample_of(root, GOOD.replace("40,10", "1,1"), STRATA)
    with pytest.raises(InputError, match="too few sample units in 'forest_loss'"):
        check_sample(few, mapped, catalog, "sample")
    with pytest.raises(InputError, match="which the maps do not show"):
        check_sample(sample, {**mapped, ("forest_land", "cropland"): 0.0}, catalog, "sample")
    narrow, catalog = sample_of(root, GOOD, {**STRATA, "stable": ["forest_land:forest_land"]})
    with pytest.raises(InputError, match="no stratum holds"):
        check_sample(narrow, {**mapped, ("cropland", "wetlands"): 1.0}, catalog, "sample")
