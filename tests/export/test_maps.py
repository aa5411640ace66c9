"""Maps of the configured run: titles, units, legends; the park's stocks and standard errors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray as xr
from pyproj import CRS

from ecoassess.crediting import credits_table
from ecoassess.explain_pixel import explain_pixel
from ecoassess.export.maps import write_maps
from ecoassess.export.park import quantities
from ecoassess.language import read_words
from ecoassess.raster.grid import WorkingGrid
from ecoassess.technology import Component

STOCKS = ["aboveground_stock", "belowground_stock", "dead_wood_stock", "litter_stock", "soil_stock"]
FLUXES = ["aboveground_increment", "belowground_increment"]


@pytest.fixture(scope="module")
def park(published: Any) -> Path:
    folder: Path = published.folder / "maps" / "park_region"
    return folder


@pytest.fixture(scope="module")
def sums(published: Any, park: Path) -> Any:
    """Return a function: name of a park map → pixel area × value by atom."""
    observation = published.session.observe()

    def by_atom(name: str) -> np.ndarray:
        with (
            rasterio.open(park / f"{name}.tif") as source,
            rasterio.open(observation.atom_raster) as atom_source,
        ):
            values = source.read(1).astype(float)
            window = rasterio.windows.from_bounds(*source.bounds, atom_source.transform)
            atoms = atom_source.read(1, window=window.round_offsets().round_lengths())
            crs = CRS.from_user_input(source.crs)
            grid = WorkingGrid(crs, source.transform, source.width, source.height, 1)
            area = grid.pixel_area()[:, None] / 1e4
        mass = (np.nan_to_num(values) * area).ravel()
        return np.bincount(atoms.ravel(), mass, len(observation.atoms) + 1)[1:]

    return by_atom


def tags_of(file: Path) -> dict[str, str]:
    with rasterio.open(file) as source:
        found: dict[str, str] = source.tags()
        assert source.descriptions == (found["title_en"],)
        assert source.units == (found["unit"],)
    return found


def test_the_park_has_each_pool_and_flux_and_their_sums_with_standard_errors(park: Path) -> None:
    names = [*STOCKS, *FLUXES, "total_stock", "total_sink"]
    expected = {f"forest_sink__{name}{end}.tif" for name in names for end in ("", "_sd")}
    assert {file.name for file in park.glob("*__*.tif")} == expected
    assert not list(park.parent.glob("*__*.tif"))  # the prefecture has the nets alone


def test_titles_and_units_are_in_the_file_in_both_languages(park: Path) -> None:
    tags = tags_of(park / "forest_sink__dead_wood_stock.tif")
    assert tags["title_en"] == "Forest sink: dead wood stock, t C/ha, end of 2024"
    assert tags["title_zh"] == "森林碳汇：枯死木碳储量（t C/ha，2024年末）"
    assert (tags["unit"], tags["kind"], tags["additive"]) == ("t C/ha", "stock", "yes")
    tags = tags_of(park / "forest_sink__total_sink_sd.tif")
    assert tags["title_en"].startswith("Forest sink: standard error of total sink, t CO2/ha/yr")
    assert "标准误" in tags["title_zh"]
    assert (tags["kind"], tags["additive"], tags["sign"]) == ("standard_error", "no", "none")
    tags = tags_of(park.parent / "straw_return.tif")
    assert tags["title_en"] == "Straw return: annual net, t CO2e/ha/yr, 2024"
    assert tags["title_zh"] == "秸秆还田：年净值（t CO2e/ha/yr，2024年）"
    assert (tags["component"], tags["kind"], tags["outline"]) == ("net", "flux", "measured")


def test_every_map_has_a_legend(published: Any) -> None:
    maps = {file.with_suffix("") for file in (published.folder / "maps").rglob("*.tif")}
    legends = {file.with_suffix("") for file in (published.folder / "maps").rglob("*.qml")}
    assert maps == legends
    text = (published.folder / "maps/park_region/forest_sink__total_stock.qml").read_text("utf-8")
    assert "t C/ha" in text


def test_the_sum_of_the_pools_is_the_total_on_every_pixel(park: Path) -> None:
    layers = {}
    for name in [*STOCKS, "total_stock"]:
        with rasterio.open(park / f"forest_sink__{name}.tif") as source:
            layers[name] = source.read(1).astype(float)
    total = layers.pop("total_stock")
    np.testing.assert_allclose(np.sum(list(layers.values()), axis=0), total, rtol=1e-6)


def test_the_sink_is_the_net_because_all_of_it_is_carbon_dioxide(sums: Any) -> None:
    np.testing.assert_allclose(sums("forest_sink__total_sink"), sums("forest_sink"), rtol=1e-6)


def test_a_standard_error_is_that_of_the_atom_and_not_additive(published: Any, sums: Any) -> None:
    """Of each atom the map sums up to the deviation of its draws; of two atoms to more."""
    outcome = published.assessment.outcomes["forest_sink"]
    inside = (published.session.observe().atoms["park_zone"] != "").to_numpy()
    (total,) = [q for q in quantities(outcome) if q.name == "total_stock"]
    draws = sum(
        outcome.amounts[name].sum("forest_type").transpose("draw", "atom").values for name in STOCKS
    )
    deviation = np.sqrt(((draws[1:] - draws[1:].mean(axis=0)) ** 2).sum(axis=0) / 49)
    found = sums("forest_sink__total_stock_sd")
    np.testing.assert_allclose(found[inside], deviation[inside], rtol=1e-6)
    assert (found[~inside] == 0).all()
    np.testing.assert_allclose(
        sums("forest_sink__total_stock")[inside], draws[0][inside], rtol=1e-6
    )
    whole = total.amount[1:][:, inside].sum(axis=1).std(ddof=1)
    assert found.sum() >= whole * (1 - 1e-9)


def test_effects_have_no_stock_maps_and_no_quantities(published: Any) -> None:
    outcomes = published.assessment.outcomes
    assert [n for n, o in outcomes.items() if quantities(o)] == ["forest_sink"]


def test_a_second_time_the_maps_have_the_same_bytes(published: Any, tmp_path: Path) -> None:
    first = published.folder / "maps"
    key = published.folder.name
    write_maps(published.assessment, tmp_path / "maps", key)
    names = [f.relative_to(first) for f in sorted(first.rglob("*")) if f.is_file()]
    assert names == [
        f.relative_to(tmp_path / "maps") for f in sorted(tmp_path.rglob("*")) if f.is_file()
    ]
    for name in names:
        assert (first / name).read_bytes() == (tmp_path / "maps" / name).read_bytes(), name


def made(published: Any, component: Component) -> Any:
    """Return the assessment with one technology more, that has a single made-up component."""
    known = published.assessment.outcomes["straw_return"]
    name = "afforestation"  # one that credits know
    technology = replace(known.technology, name=name, components={"made": component})
    amount = xr.ones_like(next(iter(known.amounts.values())).isel(crop=0, drop=True))
    outcome = replace(
        known,
        technology=technology,
        amounts={"made": amount},
        month_shares={"made": next(iter(known.month_shares.values()))},
    )
    return replace(published.assessment, outcomes={name: outcome})


@pytest.mark.parametrize(
    "component",
    [
        Component("t CO/yr", "effect", "x", "co_benefit", month_share="day_share"),
        Component("t CO2/yr", "effect", "x", "side_effect", "flux", "embodied", "day_share"),
    ],
    ids=["co-benefit", "embodied"],
)
def test_what_has_no_territorial_net_has_no_map(
    published: Any, component: Component, tmp_path: Path
) -> None:
    assessment = made(published, component)
    write_maps(assessment, tmp_path / "maps", "key")
    assert not list(tmp_path.rglob("*.tif"))
    assert credits_table(assessment).empty
    text = explain_pixel(assessment, "afforestation", 129.5, 42.9, read_words("en"))
    assert "t CO2e" not in text
