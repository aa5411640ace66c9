"""A user replaces a dataset by editing one catalogue entry."""

from __future__ import annotations

import geopandas
import numpy as np
import pytest
import rasterio
from affine import Affine
from ruamel.yaml import YAML
from shapely.geometry import box

from ecoassess.calendar import Month
from ecoassess.export import maps
from ecoassess.opening import open_run
from ecoassess.verification import verify

# MODIS IGBP code → the code of another product with the same meaning
ESA = {0: 80, 3: 10, 4: 10, 5: 10, 8: 10, 9: 30, 10: 30, 12: 40, 13: 50, 14: 40}
CLCD = {0: 5, 3: 2, 4: 2, 5: 2, 8: 2, 9: 4, 10: 4, 12: 1, 13: 8, 14: 1}


def edit_yaml(path, change):
    yaml = YAML()
    data = yaml.load(path.read_text(encoding="utf-8"))
    change(data)
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(data, stream)


def recode(project, codes, finer):
    """Write the MODIS clip in another legend, on pixels `finer` times smaller."""
    with rasterio.open(project.datasets / "modis_landcover_2019.tif") as source:
        modis, profile = source.read(1), source.profile
    lookup = np.full(256, 255, np.uint8)
    lookup[list(codes)] = list(codes.values())
    values = lookup[modis].repeat(finer, axis=0).repeat(finer, axis=1)
    profile.update(
        width=values.shape[1],
        height=values.shape[0],
        transform=profile["transform"] @ Affine.scale(1 / finer),
    )
    with rasterio.open(project.datasets / "other.tif", "w", **profile) as target:
        target.write(values, 1)


def assessed(project):
    session = open_run(project, project.configs / "runs" / "yanbian.yaml", Month(2024, 6))
    return session, session.assess()


def annual(assessment, zoning, code, technology="forest_sink"):
    rows = assessment.rows
    hit = rows[
        (rows["technology"] == technology)
        & (rows["component"] == "net")
        & (rows["boundary"] == "territorial")
        & (rows["zoning"] == zoning)
        & (rows["adcode"] == code)
        & (rows["period"] == "2024")
    ]
    return hit.iloc[0]


@pytest.mark.by_hand
@pytest.mark.parametrize(
    ("legend", "codes", "finer"),
    [("esa_worldcover", ESA, 20), pytest.param("clcd", CLCD, 3, marks=pytest.mark.by_hand)],
)
def test_another_land_cover_product(project, published, monkeypatch, legend, codes, finer):
    recode(project, codes, finer)

    def change(catalog):
        catalog["land_cover"].update(file="other.tif", legend=legend)
        del catalog["land_cover"]["sha256"]

    edit_yaml(project.datasets / "catalog.yaml", change)
    session, assessment = assessed(project)
    # The prefecture's stock is the statistic's, whatever the map; counties shift by the map only
    # where their figure is an estimate.
    assert annual(assessment, "prefecture", "222400")["native_value"] == pytest.approx(
        annual(published.assessment, "prefecture", "222400")["native_value"], rel=0.02
    )
    assert annual(assessment, "county", "222426")["native_value"] == pytest.approx(
        annual(published.assessment, "county", "222426")["native_value"], rel=1e-9
    )
    monkeypatch.setattr(maps, "write_overview", lambda *_: None)
    comparisons = verify(session, session.publish(assessment))
    assert comparisons
    assert [c for c in comparisons if not c.holds] == []


def test_a_park_boundary_with_zones_replaces_region_and_estimate(project):
    # Two squares across the border of the provinces.
    frame = geopandas.GeoDataFrame(
        {"grade": ["核心保护区", "一般控制区"]},
        geometry=[box(130.2, 43.2, 130.6, 43.9), box(130.6, 43.2, 131.0, 43.9)],
        crs="EPSG:4490",
    )
    frame.to_file(project.datasets / "park.gpkg")

    def change(catalog):
        catalog["park_boundary"] = {
            "title": {"en": "Park", "zh": "公园"},
            "kind": "boundary",
            "file": "park.gpkg",
            "crs": "EPSG:4490",
            "zone_field": "grade",
            "licence": "made for this test",
            "citation": "none",
        }

    edit_yaml(project.datasets / "catalog.yaml", change)
    session, assessment = assessed(project)
    rows = assessment.rows
    assert "park_estimate" not in set(rows["zoning"])
    assert set(rows[rows["zoning"] == "park_zone"]["adcode"]) == {"core", "general_control"}
    whole = annual(assessment, "park_region", "park")
    parts = [annual(assessment, "park_zone", zone) for zone in ("core", "general_control")]
    assert sum(part["value"] for part in parts) == pytest.approx(whole["value"], rel=1e-9)
    assert whole["status"] != "proxy"
    assert session.observe().park_status == "measured"


@pytest.mark.by_hand
def test_a_biomass_raster_weights_the_map_and_leaves_the_table(project, published, monkeypatch):
    with rasterio.open(project.datasets / "modis_landcover_2019.tif") as source:
        profile = source.profile
    profile.update(dtype="float32", nodata=-1.0)
    # Biomass grows from west to east: 50 to 149 t/ha.
    biomass = np.broadcast_to(50 + np.arange(profile["width"], dtype="float32"), (70, 100))
    with rasterio.open(project.datasets / "agb.tif", "w", **profile) as target:
        target.write(biomass, 1)

    def add(catalog):
        catalog["aboveground_biomass"] = {
            "title": {"en": "Biomass", "zh": "生物量"},
            "kind": "raster",
            "file": "agb.tif",
            "crs": "EPSG:4326",
            "variables": {"biomass": {"unit": "t dm/ha", "valid_range": [0, 600]}},
            "licence": "made for this test",
            "citation": "none",
        }

    edit_yaml(project.datasets / "catalog.yaml", add)
    edit_yaml(
        project.configs / "runs" / "yanbian.yaml",
        lambda run: run["datasets"].update(biomass="aboveground_biomass"),
    )
    session, assessment = assessed(project)
    assert annual(assessment, "county", "222424")["value"] == pytest.approx(
        annual(published.assessment, "county", "222424")["value"], rel=1e-12
    )
    monkeypatch.setattr(maps, "write_overview", lambda *_: None)
    folder = session.publish(assessment)
    assert all(comparison.holds for comparison in verify(session, folder))
    with rasterio.open(folder / "maps" / "forest_sink.tif") as source:
        assert source.tags()["spread_layer"] == "weighted"
        row = source.read(1)[source.height // 2]
    # Within a county the value follows the layer: more in the east.
    inside = row[np.isfinite(row)][:200]
    assert inside[-1] > inside[0]


def test_maps_are_valid_cloud_optimised_geotiffs(published):
    from rio_cogeo.cogeo import cog_validate

    files = sorted((published.folder / "maps").rglob("*.tif"))
    with_data = [
        name
        for name, rows in published.assessment.rows.groupby("technology")
        if rows["value"].notna().any()
        and "territorial" in published.assessment.outcomes[name].technology.nets
    ]
    assert len([file for file in files if "__" not in file.name]) == 2 * len(with_data)
    for file in files:
        valid, errors, _ = cog_validate(file, quiet=True)
        assert valid, errors
        with rasterio.open(file) as source:
            tags = source.tags()
            assert source.dtypes == ("float32",)
            assert np.isnan(source.nodata)
        for name in ("unit", "basis", "sign", "period", "run_key", "spread_layer"):
            assert tags[name]
