"""Maps by hand on a raster of 10 × 10 pixels.

The land has forest (code 1), cropland (2) and a mosaic that is half forest (3). Atoms::

    columns   0 1 2 3 4   5 6 7 8 9
    rows 0-4     atom 1      atom 2
    rows 5-8          atom 3
    row  9         outside

Forest: three whole pixels in row 0 and two halves in row 2 of atom 1; two whole in row 1 of
atom 2; the whole of row 6 in atom 3, and one pixel outside all atoms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from ecoassess.configuration import Document
from ecoassess.inputs.catalog import Catalog, DatasetEntry
from ecoassess.inputs.land_cover import Classes, Legend
from ecoassess.project import Project
from ecoassess.raster import grid as grid_module
from ecoassess.raster.paint import Painter, Spread

TRANSFORM = Affine(0.01, 0, 129, 0, -0.01, 43.1)
TITLE = {"en": "x", "zh": "x"}
CLASSES = Classes.model_validate(
    {
        "classes": {
            name: {"name": TITLE, "description": "x"}
            for name in ("forest", "cropland", "settlement")
        },
        "groups": {},
    }
)
LEGEND = Legend.model_validate(
    {
        "title": TITLE,
        "source": "x",
        "codes": {
            "1": {"name": TITLE, "classes": {"forest": 1.0}},
            "2": {"name": TITLE, "classes": {"cropland": 1.0}},
            "3": {"name": TITLE, "classes": {"forest": 0.5, "cropland": 0.5}},
        },
    }
)

LAND = np.full((10, 10), 2, np.uint8)
LAND[0, :3] = 1
LAND[2, :2] = 3
LAND[1, 5:7] = 1
LAND[6, :] = 1
LAND[9, 0] = 1
ATOMS = np.zeros((10, 10), np.uint16)
ATOMS[:5, :5], ATOMS[:5, 5:], ATOMS[5:9, :] = 1, 2, 3


def write(file: Path, values: np.ndarray, **profile: Any) -> None:
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        dtype=values.dtype,
        count=1,
        width=values.shape[1],
        height=values.shape[0],
        crs="EPSG:4326",
        transform=TRANSFORM,
        **profile,
    ) as target:
        target.write(values, 1)


class Sheet:
    """Paints amounts in a folder and reads them back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "datasets").mkdir()
        write(folder / "datasets" / "land.tif", LAND)
        write(folder / "atoms.tif", ATOMS, nodata=0)

    def painter(self, weighting: np.ndarray | None) -> Painter:
        entries = {"land": self.entry("land.tif")}
        if weighting is not None:
            write(self.folder / "datasets" / "weight.tif", weighting, nodata=-1.0)
            entries["weight"] = self.entry("weight.tif")
        document = Document(self.folder / "catalog.yaml", {}, {})
        catalog = Catalog(document, entries, Project(self.folder, self.folder / "out"))
        return Painter(
            catalog,
            "land",
            LEGEND,
            CLASSES,
            self.folder / "atoms.tif",
            5000.0,
            {} if weighting is None else {"density": "weight"},
        )

    @staticmethod
    def entry(file: str) -> DatasetEntry:
        return DatasetEntry.model_validate(
            {
                "title": TITLE,
                "kind": "raster",
                "file": file,
                "crs": "EPSG:4326",
                "licence": "x",
                "citation": "x",
                "variables": {"density": {"unit": "1"}},
            }
        )

    def paint(
        self,
        amount: list[float],
        groups: tuple[str, str, str] = ("forest", "forest", "forest"),
        members: tuple[bool, bool, bool] = (True, True, True),
        weighting: np.ndarray | None = None,
        over: tuple[str, str, str] | None = None,
    ) -> tuple[np.ndarray, np.ndarray, Mapping[str, str]]:
        """Return the map on the whole grid, the area of each pixel, and the map's tags."""
        file = self.folder / "map.tif"
        with self.painter(weighting) as painter:
            used = painter.paint(
                file,
                np.array(amount),
                Spread(groups) if weighting is None else Spread(groups, "density", over or groups),
                np.array(members),
                {"unit": "t CO2e/ha/yr"},
                "a map",
            )
            area = painter.grid.pixel_area()[:, None] * np.ones(10)
        with rasterio.open(file) as source:
            values = source.read(1).astype(float)
            tags = source.tags()
            left = round((source.transform.c - 129) / 0.01)
            top = round((43.1 - source.transform.f) / 0.01)
            assert source.descriptions == ("a map",)
            assert source.units == ("t CO2e/ha/yr",)
            assert np.isnan(source.nodata)
        assert tags["spread_layer"] == used
        assert tags.get("weight_layer") == (None if used == "class_mean" else "density")
        whole = np.full((10, 10), np.nan)
        whole[top : top + values.shape[0], left : left + values.shape[1]] = values
        return whole, area, tags


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    return Sheet(tmp_path)


def sums(values: np.ndarray, area: np.ndarray) -> list[float]:
    """Return pixel area times value, by atom (t/ha/yr × m² / 10 000)."""
    return [float(np.nansum((values * area)[number == ATOMS]) / 1e4) for number in (1, 2, 3)]


def test_class_means(sheet: Sheet) -> None:
    """Atom 1: 100 t on 3 a₀ + 2 · ½ a₂ of forest, with aᵢ the pixel area in row i."""
    values, area, tags = sheet.paint([100.0, 50.0, -20.0])
    rate = 100 / (3 * area[0, 0] + area[2, 0]) * 1e4
    np.testing.assert_allclose(values[0, :3], rate, rtol=1e-6)
    np.testing.assert_allclose(values[2, :2], rate / 2, rtol=1e-6)  # half forest
    np.testing.assert_allclose(values[1, 5:7], 50 / (2 * area[1, 0]) * 1e4, rtol=1e-6)
    np.testing.assert_allclose(values[6], -20 / (10 * area[6, 0]) * 1e4, rtol=1e-6)
    painted = (LAND != 2) & (ATOMS > 0)
    assert np.isfinite(values[painted]).all()
    assert np.isnan(values[~painted]).all()  # not even the forest outside all atoms
    assert sums(values, area) == pytest.approx([100, 50, -20], rel=1e-6)
    assert tags["spread_layer"] == "class_mean"
    assert tags["unit"] == "t CO2e/ha/yr"


def weights(**places: float) -> np.ndarray:
    layer = np.full((10, 10), 50.0, np.float32)
    for place, value in places.items():
        row, column = map(int, place[1:].split("_"))
        layer[row, column] = value
    return layer


def test_a_weighting_raster(sheet: Sheet) -> None:
    """Atom 1 with weights 10, 20, 30 in row 0 and 50, 50 on the halves of row 2.

    Σ w = 60 a₀ + 50 a₂; the pixel of weight 30 takes 30 a₀ / Σ w of the 100 t.
    """
    layer = weights(p0_0=10, p0_1=20, p0_2=30)
    values, area, tags = sheet.paint([100.0, 50.0, -20.0], weighting=layer)
    total = 60 * area[0, 0] + 50 * area[2, 0]
    np.testing.assert_allclose(values[0, :3], np.array([10, 20, 30]) * 100 / total * 1e4, rtol=1e-5)
    np.testing.assert_allclose(values[2, :2], 25 * 100 / total * 1e4, rtol=1e-5)
    assert sums(values, area) == pytest.approx([100, 50, -20], rel=1e-6)
    assert tags["spread_layer"] == "weighted"


def test_gaps_and_negatives_of_the_weighting_count_as_zero(sheet: Sheet) -> None:
    layer = weights(p0_0=-1, p0_1=-7, p0_2=30)  # -1 is no data
    values, area, _ = sheet.paint([100.0, 50.0, -20.0], weighting=layer)
    assert np.isnan(values[0, 0])
    assert np.isnan(values[0, 1])
    assert sums(values, area) == pytest.approx([100, 50, -20], rel=1e-6)


def test_an_atom_without_any_weight_falls_back_to_the_class_mean(sheet: Sheet) -> None:
    """The others keep theirs: in atom 1, 10 of 60 a₀ + 50 a₂ lie on the first pixel."""
    layer = weights(p0_0=10, p0_1=20, p0_2=30, p1_5=0, p1_6=0)  # the last two: all of atom 2
    values, area, tags = sheet.paint([100.0, 50.0, -20.0], weighting=layer)
    assert tags["spread_layer"] == "weighted in part"
    assert sums(values, area) == pytest.approx([100, 50, -20], rel=1e-6)
    np.testing.assert_allclose(values[1, 5:7], 50 / (2 * area[1, 0]) * 1e4, rtol=1e-6)
    first = 10 * 100 / (60 * area[0, 0] + 50 * area[2, 0]) * 1e4
    np.testing.assert_allclose(values[0, 0], first, rtol=1e-5)


def test_without_any_weight_the_map_is_that_of_the_classes(sheet: Sheet) -> None:
    plain, _, _ = sheet.paint([100.0, 50.0, -20.0])
    values, _, tags = sheet.paint([100.0, 50.0, -20.0], weighting=np.zeros((10, 10), np.float32))
    assert tags["spread_layer"] == "class_mean"
    np.testing.assert_array_equal(values, plain)


def test_a_weight_over_other_land_than_the_classes(sheet: Sheet) -> None:
    """Roofs where the map shows cropland; atom 3 has none, and stays on its forest."""
    roofs = np.zeros((10, 10), np.float32)
    roofs[4, 1], roofs[4, 2], roofs[0, 8] = 0.1, 0.3, 0.2
    land = ("land", "land", "land")
    values, area, _ = sheet.paint([100.0, 50.0, -20.0], weighting=roofs, over=land)
    np.testing.assert_allclose(values[4, 1:3], np.array([25, 75]) / area[4, 0] * 1e4, rtol=1e-5)
    np.testing.assert_allclose(values[0, 8], 50 / area[0, 0] * 1e4, rtol=1e-5)
    assert np.isfinite(values[:5]).sum() == 3
    np.testing.assert_allclose(values[6], -20 / (10 * area[6, 0]) * 1e4, rtol=1e-6)
    assert sums(values, area) == pytest.approx([100, 50, -20], rel=1e-6)


def test_the_weight_of_an_atom_without_amount_does_not_matter(sheet: Sheet) -> None:
    layer = weights(p1_5=0, p1_6=0)
    values, area, tags = sheet.paint([100.0, np.nan, -20.0], weighting=layer)
    assert tags["spread_layer"] == "weighted"
    assert np.isnan(values[ATOMS == 2]).all()
    assert sums(values, area) == pytest.approx([100, 0, -20], rel=1e-6)


def test_missing_amounts_stay_missing(sheet: Sheet) -> None:
    values, area, _ = sheet.paint([np.nan, 50.0, 0.0])
    assert np.isnan(values[ATOMS == 1]).all()
    assert (values[6] == 0).all()  # an amount of zero is a zero
    assert sums(values, area)[1] == pytest.approx(50, rel=1e-6)


def test_only_members_are_painted_and_the_map_is_cut_to_them(sheet: Sheet) -> None:
    values, area, _ = sheet.paint([100.0, 50.0, -20.0], members=(False, True, False))
    assert sums(values, area) == pytest.approx([0, 50, 0], rel=1e-6)
    with rasterio.open(sheet.folder / "map.tif") as source:
        assert (source.width, source.height) == (5, 5)
        assert (source.transform.c, source.transform.f) == pytest.approx((129.05, 43.1))


def test_each_atom_has_its_own_land_group(sheet: Sheet) -> None:
    values, area, _ = sheet.paint([100.0, 50.0, -20.0], groups=("cropland", "forest", "land"))
    assert sums(values, area) == pytest.approx([100, 50, -20], rel=1e-6)
    assert np.isnan(values[0, 0])  # forest, in an atom painted on cropland
    assert np.isfinite(values[4, 4])
    assert np.isfinite(values[5:9]).all()


def test_a_second_map_of_the_same_painter_is_that_of_a_new_one(sheet: Sheet) -> None:
    """Totals and extents are kept by land group, weighting and members."""
    forest, cropland = ["forest"] * 3, ["cropland", "forest", "land"]
    everywhere, one = np.array([True] * 3), np.array([False, True, False])
    calls = [(forest, everywhere), (cropland, everywhere), (forest, one), (forest, everywhere)]
    amount, tags = np.array([100.0, 50.0, -20.0]), {"unit": "t CO2e/ha/yr"}

    def painted(painter: Painter, groups: list[str], members: np.ndarray) -> bytes:
        file = sheet.folder / "again.tif"
        painter.paint(file, amount, Spread(groups), members, tags, "a map")
        return file.read_bytes()

    with sheet.painter(None) as kept:
        for groups, members in calls:
            with sheet.painter(None) as fresh:
                expected = painted(fresh, groups, members)
            assert painted(kept, groups, members) == expected


def test_maps_do_not_hang_on_the_block_size(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, _, _ = sheet.paint([100.0, 50.0, -20.0])
    monkeypatch.setattr(grid_module, "BLOCK_PIXELS", 30)
    found, _, _ = sheet.paint([100.0, 50.0, -20.0])
    np.testing.assert_array_equal(found, expected)


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    assert not list(tmp_path.glob("*.scratch.tif"))
