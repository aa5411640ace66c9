"""The inputs kept with a run: the same bytes each time, complete, and refused when they are not."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ecoassess.archive import (
    ARCHIVE,
    CATALOG,
    CHECKSUMS,
    GROUPS,
    Inputs,
    group_of,
    read_inputs,
    recompose,
    write_archive,
)
from ecoassess.errors import InputError
from ecoassess.export.bilingual import OF_ASSESSMENT
from ecoassess.export.tables import EXACT, Writer
from ecoassess.opening import open_run
from ecoassess.project import Project


def test_the_same_run_gives_the_same_bytes(published: Any, tmp_path: Path) -> None:
    """Wherever the project lies, and whatever the times of its files."""
    for part in ("configs", "datasets"):
        shutil.copytree(published.project.root / part, tmp_path / part, copy_function=shutil.copy)
    project = Project(tmp_path, tmp_path / "outputs")
    run = project.configs / "runs" / "yanbian.yaml"
    run.write_text("# A remark that is in no key.\n" + run.read_text(encoding="utf-8"), "utf-8")
    again = open_run(project, run, published.session.month)
    assert again.key_parts() == published.session.key_parts()
    write_archive(again, tmp_path / ARCHIVE)
    assert (tmp_path / ARCHIVE).read_bytes() == (published.folder / ARCHIVE).read_bytes()


def test_everything_small_is_kept_as_it_was(published: Any) -> None:
    with zipfile.ZipFile(published.folder / ARCHIVE) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        for name in names:
            file = published.project.root / name
            if name.startswith(("configs/runs/", "configs/scenarios/")) or name == CATALOG:
                continue  # as read: values without comments
            if name != CHECKSUMS:
                assert archive.read(name) == file.read_bytes(), name
        checksums = json.loads(archive.read(CHECKSUMS))
    record = json.loads((published.folder / "provenance.json").read_text(encoding="utf-8"))
    assert checksums == {name: one["sha256"] for name, one in record["datasets"].items()}
    kept = {name for name in names if name.startswith("datasets/")} - {CATALOG, CHECKSUMS}
    assert kept == {
        "datasets/county_statistics.csv",
        "datasets/era5_normals_2000_2025.nc",
        "datasets/modis_landcover_2019.tif",
        "datasets/station_normals.csv",
    }  # the boundaries, ten megabytes of a package, stand there by their checksum
    keyed = published.session.key_parts()["files"]
    assert {f"configs/{name}" for name in keyed} <= set(names)


def test_a_run_is_computed_again_from_what_was_kept(published: Any, tmp_path: Path) -> None:
    """All numbers of all draws, after the project's own files have changed."""
    spoilt = tmp_path / "project"
    for part in ("configs", "datasets"):
        shutil.copytree(published.project.root / part, spoilt / part)
    for file in (spoilt / "configs" / "models").glob("*.yaml"):
        file.write_text("{}\n", encoding="utf-8")
    (spoilt / "datasets" / "county_statistics.csv").write_text("gone\n", encoding="utf-8")
    project = Project(spoilt, spoilt / "outputs")
    shutil.copytree(published.project.cache, project.cache)
    inputs = read_inputs(published.folder)
    root = tmp_path / "again"
    parts = dict.fromkeys(GROUPS, inputs)
    session = recompose(project, root, parts, inputs.month, inputs.day)
    write = Writer(session.project)
    write(session.assess().rows, tmp_path / "assessment.csv", EXACT, OF_ASSESSMENT)
    assert (tmp_path / "assessment.csv").read_bytes() == (
        published.folder / "assessment.csv"
    ).read_bytes()


def test_central_values_do_not_hang_on_the_number_of_draws(published: Any, tmp_path: Path) -> None:
    inputs = read_inputs(published.folder)
    parts = dict.fromkeys(GROUPS, inputs)
    session = recompose(published.project, tmp_path, parts, inputs.month, inputs.day, draws=10)
    keys = ["technology", "component", "boundary", "basis", "zoning", "adcode", "period"]
    few = session.assess().rows.set_index(keys)["value"]
    many = published.assessment.rows.set_index(keys)["value"]
    # A part that is zero in every draw has no row, so that few draws may show fewer parts.
    assert set(few.index) <= set(many.index)
    pd.testing.assert_series_equal(few, many.loc[few.index], check_exact=True)


def without(inputs: Inputs, name: str, **checksums: str) -> Inputs:
    members = {key: content for key, content in inputs.members.items() if key != name}
    known = {**json.loads(members[CHECKSUMS]), **checksums}
    return replace(inputs, members={**members, CHECKSUMS: json.dumps(known).encode()})


def test_a_large_file_is_taken_from_wherever_it_is(published: Any, tmp_path: Path) -> None:
    raster = "datasets/modis_landcover_2019.tif"
    inputs = without(read_inputs(published.folder), raster)
    parts = dict.fromkeys(GROUPS, inputs)
    project = Project(tmp_path / "project", tmp_path / "outputs")
    for part in ("configs", "datasets"):
        shutil.copytree(published.project.root / part, project.root / part)
    catalog = project.datasets / "catalog.yaml"
    text = catalog.read_text(encoding="utf-8").replace("modis_landcover_2019.tif", "renamed.tif")
    catalog.write_text(text, encoding="utf-8")
    (project.root / raster).rename(project.datasets / "renamed.tif")
    session = recompose(project, tmp_path / "one", parts, inputs.month, inputs.day)
    assert session.catalog.dataset("land_cover").file.resolve().name == "renamed.tif"

    (project.datasets / "renamed.tif").unlink()
    with pytest.raises(InputError, match="land_cover of this run is no longer at hand") as caught:
        recompose(project, tmp_path / "two", parts, inputs.month, inputs.day)
    assert "sha256 e59bf444" in str(caught.value.problems[0].expected)


def test_a_file_that_was_replaced_is_not_taken(published: Any, tmp_path: Path) -> None:
    inputs = without(read_inputs(published.folder), "", county_boundaries="0" * 64)
    parts = dict.fromkeys(GROUPS, inputs)
    with pytest.raises(InputError, match="county_boundaries of this run is no longer at hand"):
        recompose(published.project, tmp_path, parts, inputs.month, inputs.day)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("configs/shared.yaml", "coefficients"),
        ("configs/models/straw.yaml", "coefficients"),
        ("configs/technologies/straw_return.yaml", "coefficients"),
        ("configs/runs/yanbian.yaml", "scenario"),
        ("configs/scenarios/yanbian.yaml", "scenario"),
        ("configs/variables.yaml", "data"),
        ("configs/legends/classes.yaml", "data"),
        ("datasets/county_statistics.csv", "data"),
    ],
)
def test_groups(name: str, group: str) -> None:
    assert group_of(name) == group


def test_what_was_not_kept_or_is_spoilt_is_said(published: Any, tmp_path: Path) -> None:
    for name in ("provenance.json", "assessment.csv"):
        shutil.copy(published.folder / name, tmp_path / name)
    with pytest.raises(InputError, match="inputs of this run were not kept"):
        read_inputs(tmp_path)
    (tmp_path / ARCHIVE).write_bytes(b"no archive")
    with pytest.raises(InputError, match="inputs of this run cannot be read"):
        read_inputs(tmp_path)
    with zipfile.ZipFile(tmp_path / ARCHIVE, "w") as archive:
        archive.writestr("../outside", "x")
    with pytest.raises(InputError, match="outside of the archive"):
        read_inputs(tmp_path)
