"""Legends, classes, and the areas that come of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecoassess.errors import InputError
from ecoassess.inputs.land_cover import class_shares, read_classes, read_legend
from ecoassess.project import Project, find_project

PROJECT = find_project(Path(__file__))
LEGENDS = sorted(
    file.stem for file in (PROJECT.configs / "legends").glob("*.yaml") if file.stem != "classes"
)


@pytest.mark.parametrize("name", LEGENDS)
def test_each_code_is_wholly_shared_out(name: str) -> None:
    classes = read_classes(PROJECT)
    legend = read_legend(PROJECT, name, classes)
    shares = class_shares(legend, classes)
    codes = [int(code) for code in legend.codes]
    np.testing.assert_allclose(shares[codes].sum(axis=1), 1)
    others = np.setdiff1d(np.arange(256), codes)
    assert (shares[others] == 0).all()
    assert (shares >= 0).all()
    assert legend.nodata not in codes


def test_a_mosaic_is_split_as_its_legend_says() -> None:
    classes = read_classes(PROJECT)
    shares = class_shares(read_legend(PROJECT, "modis_igbp", classes), classes)
    names = list(classes.classes)
    assert shares[14, names.index("cropland")] == 0.5
    assert shares[14, names.index("grassland")] == 0.5
    assert shares[4, names.index("forest_broadleaf")] == 1


def test_groups_are_made_of_classes() -> None:
    classes = read_classes(PROJECT)
    for group, members in classes.groups.items():
        assert set(members) <= set(classes.classes)
        assert classes.members(group) == members
    assert classes.members("cropland") == ["cropland"]
    assert classes.members("land") == list(classes.classes)
    with pytest.raises(InputError, match="no such land class or group") as caught:
        classes.members("frost")
    assert "forest" in (caught.value.problems[0].expected or "")


@pytest.mark.parametrize(
    ("old", "new", "what", "key"),
    [
        ("{water: 1.0}", "{watter: 1.0}", "no such land class", "codes.0.classes.watter"),
        ("cropland: 0.5,", "cropland: 0.6,", "do not add up to 1", "codes.14"),
    ],
)
def test_wrong_legends_are_refused(
    project: Project, old: str, new: str, what: str, key: str
) -> None:
    file = project.configs / "legends" / "modis_igbp.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=what) as caught:
        read_legend(project, "modis_igbp", read_classes(project))
    (problem,) = caught.value.problems
    assert problem.key == key
    assert problem.line
    assert problem.file == file


def test_classes_fill_the_mapped_area(published: Any) -> None:
    """Every pixel of a county belongs to one class; counties are near their polygons."""
    observation = published.session.observe()
    mapped = observation.class_area.sum("land_class").values
    adcode = observation.atoms["adcode"].to_numpy()
    for code in published.session.run.config.counties:
        polygon = float(observation.polygon_area.sel(adcode=code))
        assert mapped[adcode == code].sum() == pytest.approx(polygon, rel=0.005)
    assert (observation.class_area.values >= 0).all()


def test_atoms_are_the_overlay_of_counties_and_park(published: Any) -> None:
    import rasterio

    observation = published.session.observe()
    atoms = observation.atoms
    assert not atoms.duplicated().any()
    assert (atoms["province"] == atoms["adcode"].str[:2]).all()
    with rasterio.open(observation.atom_raster) as source:
        numbers = np.unique(source.read(1))
    assert set(numbers) == {0, *atoms.index}
