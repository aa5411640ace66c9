"""Erosion control against a soil loss worked out by hand, and through a run with a slope raster."""

import re

import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine

from ecoassess.calendar import Month
from ecoassess.models.slope_factor import length_slope_factor
from ecoassess.opening import open_run
from ecoassess.technologies.erosion_control import erosion_control
from ecoassess.units import magnitude, quantify

CROPS = ["maize", "soybean", "rice"]
MEASURES = ["contour_ridge", "terrace"]


def array(values, unit, dims=(), **coords):
    return quantify(xr.DataArray(np.asarray(values, float), dims=dims, coords=coords), unit)


def arguments(shares=(0.0, 0.0), **changes):
    """Return 1000 ha of maize, 500 ha of soybean and 200 ha of paddy in one atom."""
    base = {
        "crop_area": array([[1000, 500, 200]], "ha", ("atom", "crop"), atom=[1], crop=CROPS),
        "erosion_measure_share": array(
            [shares], "1", ("cohort", "measure"), cohort=[2024], measure=MEASURES
        ),
        "slope_length_steepness": array([1.5], "1", ("atom",), atom=[1]),
        "modified_fournier_index": array([80.0], "mm", ("atom",), atom=[1]),
        "soil_carbon_stock": array([90.0], "t C/ha", ("atom",), atom=[1]),
        "erosivity_scale": array(0.3125, "MJ mm/ha/h/yr"),
        "erosivity_exponent": array(2, "1"),
        "unit_index": array(1, "mm"),
        "soil_erodibility": array(0.03, "t soil h/MJ/mm"),
        "slope_length_correction": array(1, "1"),
        "cover_factor": array([0.4, 0.3, 0], "1", ("crop",), crop=CROPS),
        "practice_factor": array([0.4, 0.25], "1", ("measure",), measure=MEASURES),
        "soil_carbon_content": array(0.02, "t C/t soil"),
        "topsoil_mass": array(3750, "t soil/ha"),
        "soil_nitrogen_content": array(0.002, "t N/t soil"),
        "soil_phosphorus_content": array(0.0008, "t phosphorus/t soil"),
        "oxidised_share": array(0, "1"),
        "carbon_in_place": array(1, "t soil_carbon/t C"),
        "carbon_content": "typical",
    }
    return base | changes


def kept(project, baseline=None):
    before, after = erosion_control(**(baseline or arguments())), erosion_control(**project)
    return {name: after[name] - before[name] for name in after}


def test_soil_loss_by_hand():
    # R = 0.3125 · 80² = 2000; · K 0.03 · LS 1.5 = 90 t/ha/yr on bare ground
    # maize 90 · 0.4 = 36 t/ha · 1000 ha, soybean 90 · 0.3 = 27 t/ha · 500 ha, paddy none
    lost = magnitude(erosion_control(**arguments())["soil_kept"], "t soil/yr").sel(atom=1)
    assert lost.values == pytest.approx([-36_000, -13_500, 0])


def test_what_is_kept_by_hand():
    # half under contour ridges: P = 1 − 0.5 · 0.6 = 0.7, so 0.3 of 49 500 t stays
    found = kept(arguments((0.5, 0.0)))

    def total(name, unit):
        return float(magnitude(found[name], unit).sum())

    assert total("soil_kept", "t soil/yr") == pytest.approx(14_850)
    assert total("carbon_kept", "t soil_carbon/yr") == pytest.approx(14_850 * 0.02)
    assert total("nitrogen_kept", "t N/yr") == pytest.approx(29.7)
    assert total("phosphorus_kept", "t phosphorus/yr") == pytest.approx(11.88)
    assert total("carbon_dioxide_avoided", "t CO2/yr") == 0.0


def test_measures_on_the_same_slopes_multiply_and_a_stopped_one_loses():
    # (1 − 0.5 · 0.6)(1 − 0.2 · 0.75) = 0.7 · 0.85 = 0.595
    both = kept(arguments((0.5, 0.2)))["soil_kept"]
    assert float(magnitude(both, "t soil/yr").sum()) == pytest.approx(49_500 * 0.405)
    stopped = kept(arguments(), baseline=arguments((0.5, 0.0)))["soil_kept"]
    assert float(magnitude(stopped, "t soil/yr").sum()) == pytest.approx(-14_850)


def test_the_effect_is_linear_in_the_practice_factor():
    def soil(factor):
        practice = array([factor, 0.25], "1", ("measure",), measure=MEASURES)
        changed = {"practice_factor": practice}
        found = kept(arguments((0.5, 0.0), **changed), arguments(**changed))["soil_kept"]
        return float(magnitude(found, "t soil/yr").sum())

    assert soil(1.0) == 0.0
    assert soil(0.2) == pytest.approx(2 * soil(0.6))
    assert soil(0.0) == pytest.approx(49_500 / 2)


def test_carbon_counts_as_carbon_dioxide_by_the_declared_share_only():
    # 14 850 t soil · 0.02 = 297 t C; 0.2 of it as CO2
    changed = {"oxidised_share": array(0.2, "1")}
    found = kept(arguments((0.5, 0.0), **changed), arguments(**changed))
    avoided = magnitude(found["carbon_dioxide_avoided"], "t CO2/yr")
    assert float(avoided.sum()) == pytest.approx(297 * 0.2 * 44 / 12)


def test_level_ground_keeps_next_to_nothing():
    level = {"slope_length_steepness": array([0.03], "1", ("atom",), atom=[1])}
    found = kept(arguments((0.5, 0.0), **level), arguments(**level))["soil_kept"]
    assert float(magnitude(found, "t soil/yr").sum()) == pytest.approx(14_850 * 0.03 / 1.5)


def test_the_map_of_soil_carbon_counts_only_where_it_is_chosen():
    # 90 t C/ha in 3750 t of soil: 0.024 t C/t soil
    mapped = {"carbon_content": "mapped"}
    found = kept(arguments((0.5, 0.0), **mapped), arguments(**mapped))["carbon_kept"]
    assert float(magnitude(found, "t soil_carbon/yr").sum()) == pytest.approx(14_850 * 0.024)
    no_map = {"soil_carbon_stock": array([np.nan], "t C/ha", ("atom",), atom=[1])}
    typical = erosion_control(**arguments((0.5, 0.0), **no_map))["carbon_kept"]
    assert np.isfinite(magnitude(typical, "t soil_carbon/yr").values).all()
    missing = erosion_control(**arguments((0.5, 0.0), **no_map, **mapped))["carbon_kept"]
    assert np.isnan(magnitude(missing, "t soil_carbon/yr").values).all()


def outcome_of(project):
    """Assess erosion control alone, with a tenth under each measure in the project."""
    run = project.configs / "runs" / "yanbian.yaml"
    text = run.read_text(encoding="utf-8")
    listed = r"(?m)^technologies:\n(?:  - .*\n)+"
    run.write_text(re.sub(listed, "technologies: [erosion_control]\n", text), encoding="utf-8")
    scenario = project.configs / "scenarios" / "yanbian.yaml"
    text = scenario.read_text(encoding="utf-8")
    head, tail = text.split("\nproject:\n")
    before, measures = tail.split("  erosion_measure_share:\n")
    measures, rest = re.split(r"(?m)^(?=  \w)", measures, maxsplit=1)
    tenths = re.sub(r"knots: .*", 'knots: {"2000": 0.1}', measures)
    changed = f"{before}  erosion_measure_share:\n{tenths}{rest}"
    scenario.write_text(f"{head}\nproject:\n{changed}", encoding="utf-8")
    assessment = open_run(project, run, Month(2024, 6)).assess()
    return assessment.outcomes["erosion_control"], assessment


def test_without_a_slope_raster_the_rows_are_missing_and_say_why(project):
    outcome, _ = outcome_of(project)
    assert all(np.isnan(amount.values).all() for amount in outcome.amounts.values())
    assert set(outcome.status) == set(outcome.grade) == {"missing"}
    assert all("no dataset 'slope' in the run configuration" in r for r in outcome.reason)


def test_a_run_with_a_slope_raster(project):
    """Five degrees everywhere: soil kept is arithmetic on crop areas, rain and factors."""
    with rasterio.open(
        project.datasets / "slope.tif",
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        width=50,
        height=40,
        crs="EPSG:4326",
        transform=Affine(0.1, 0, 127.0, 0, -0.1, 45.2),
        nodata=-1,
    ) as target:
        target.write(np.full((40, 50), 5.0, "float32"), 1)
    catalog = project.datasets / "catalog.yaml"
    catalog.write_text(
        catalog.read_text(encoding="utf-8")
        + "slope_degrees:\n  title: {en: Slope, zh: 坡度}\n  kind: raster\n  file: slope.tif\n"
        "  crs: EPSG:4326\n  variables:\n    slope: {unit: degree, valid_range: [0, 90]}\n"
        "  licence: made for this test\n  citation: none\n",
        encoding="utf-8",
    )
    run = project.configs / "runs" / "yanbian.yaml"
    run.write_text(
        run.read_text(encoding="utf-8").replace(
            "datasets:\n", "datasets:\n  slope: slope_degrees\n", 1
        ),
        encoding="utf-8",
    )
    outcome, assessment = outcome_of(project)
    activity = assessment.runner.activity
    slope = magnitude(activity.field("slope_length_steepness").values, "1").values
    np.testing.assert_allclose(slope, float(length_slope_factor(5.0)), rtol=1e-6)

    def central(name):
        coefficient = assessment.session.book.own["erosion_control"][name]
        return {value.labels: value.central for value in coefficient.table}

    index = magnitude(activity.field("modified_fournier_index").values, "mm").values
    rain = central("erosivity_scale")[()] * index ** central("erosivity_exponent")[()]
    practices = np.prod([1 - 0.1 * (1 - p) for p in central("practice_factor").values()])
    area = magnitude(activity.field("crop_area").values, "ha")
    for crop in CROPS:
        per_hectare = (
            rain * central("soil_erodibility")[()] * slope * central("cover_factor")[(crop,)]
        )
        if crop != "rice":  # published for sloping black soil fields: 2 to 20 t/ha/yr
            assert (per_hectare > 2).all()
            assert (per_hectare < 20).all()
        np.testing.assert_allclose(
            outcome.amounts["soil_kept"].sel(draw=0, crop=crop).values,
            area.sel(crop=crop).values * per_hectare * (1 - practices),
            rtol=1e-6,
        )
    assert (outcome.amounts["soil_kept"].sel(crop="maize").values >= 0).all()
    shares = outcome.month_shares["soil_kept"]
    np.testing.assert_allclose(shares.sum("month").values, 1, rtol=1e-12)
    assert (shares.sel(month=[6, 7, 8]).sum("month") > 0.6).all()
    assert set(assessment.session.dataset_names()) >= {"slope_degrees"}
