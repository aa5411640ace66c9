"""A new technology: its skeleton stays out of all runs until it is filled in, and then works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecoassess import cli, scaffold
from ecoassess.errors import InputError
from ecoassess.project import Project

ROOT = Path(__file__).resolve().parents[1]
MODULE = "ecoassess/technologies/biochar.py"
YAML = "configs/technologies/biochar.yaml"
TEST = "tests/technologies/test_biochar.py"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own, with a new technology."""
    root = tmp_path_factory.mktemp("checkout")
    for part in ("ecoassess", "configs", "datasets"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    done = call(root, "new-technology", "biochar", "--zh", "生物炭还田")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:3] == [MODULE, YAML, TEST]
    assert "biochar_share:" in done.stdout
    assert "configs/runs/*.yaml: 'biochar' in `technologies`" in done.stdout
    return root


def run(root: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(root), "ECOASSESS_PROJECT": str(root)} | more
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=root,
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )


def call(root: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return run(root, "-m", "ecoassess", *arguments, **more)


def edit(file: Path, *pairs: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def left(text: str) -> list[str]:
    """What stands behind "found" of the placeholders in a message."""
    return re.findall(r"(?m)^  (?:found|实际): (.*)$", text)


def test_a_skeleton_is_told_line_by_line_and_stops_nothing(checkout: Path) -> None:
    done = call(checkout, "check")
    assert done.returncode == 0, done.stderr
    assert "no problem" in done.stdout
    assert f"{MODULE}:1:4: a placeholder of the skeleton is left" in done.stderr
    lines = 0
    for file in (MODULE, YAML):
        text = (checkout / file).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(text, start=1):
            if "TODO" in line or "todo_" in line:
                assert f"{file}:{number}:" in done.stderr, line
                lines += 1
    assert f"{lines} lines of skeletons are still to be written" in done.stderr
    assert "until then: biochar" in done.stderr


def test_a_run_without_the_skeleton_opens(checkout: Path) -> None:
    """And `list` shows the technologies that there are."""
    program = (
        "from pathlib import Path; from ecoassess.project import find_project;"
        "from ecoassess.calendar import Month; from ecoassess.opening import open_run;"
        "root = find_project(); file = root.configs / 'runs' / 'yanbian.yaml';"
        "print(len(open_run(root, file, Month(2024, 6)).technologies))"
    )
    done = run(checkout, "-c", program)
    assert done.returncode == 0, done.stderr
    done = call(checkout, "list")
    assert done.returncode == 0
    assert "biochar" not in done.stdout


def test_a_skeleton_whose_share_is_there_already_stops_nothing(
    checkout: Path, tmp_path: Path
) -> None:
    root = tmp_path / "shared"
    shutil.copytree(checkout, root)
    variable = 'en: Share\n  zh: 比例\n  unit: "1"\n  kind: intensive\n  adoption: true\n'
    with (root / "configs" / "variables.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\nbiochar_share:\n  {variable}  range: [0, 1]\n")
    path = 'all: {knots: {"2024": 0.0, "2030": 0.1}, source: own_judgement, grade: C}'
    share = f"  biochar_share:\n    {path}\n"
    scenarios = root / "configs" / "scenarios"
    edit(scenarios / "baseline.yaml", ("\nbaseline:\n", f"\nbaseline:\n{share}"))
    edit(scenarios / "yanbian.yaml", ("\nproject:\n", f"\nproject:\n{share}"))
    done = call(root, "check")
    assert done.returncode == 0, done.stderr


def test_a_run_that_names_a_skeleton_is_refused_line_by_line(
    checkout: Path, tmp_path: Path
) -> None:
    root = tmp_path / "named"
    shutil.copytree(checkout, root)
    edit(
        root / "configs" / "runs" / "yanbian.yaml",
        ("\ntechnologies:\n", "\ntechnologies:\n  - biochar\n"),
    )
    for command in (("check",), ("run", "--month", "2024-06")):
        done = call(root, *command)
        assert done.returncode == 2
        assert f"{MODULE}:1:4: a placeholder of the skeleton is left" in done.stderr
        assert f"{YAML}:8:10: a placeholder of the skeleton is left" in done.stderr
        assert "value: TODO" in left(done.stderr)
        assert "wrong value" not in done.stderr


def test_a_skeleton_is_told_in_chinese(checkout: Path) -> None:
    done = call(checkout, "check", ECOASSESS_LANG="zh")
    assert done.returncode == 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("  实际")]
    labelled = [re.sub(r"^\S+:\d+:\d+( \[\S+\])?: |^  (应为|处理): ", "", line) for line in said]
    assert all(re.search("[\\u4e00-\\u9fff]|^'A'", line) for line in labelled)


def test_the_test_of_a_skeleton_fails(checkout: Path) -> None:
    done = run(checkout, "-m", "pytest", "-q", "-p", "no:cacheprovider", TEST)
    assert done.returncode == 1
    assert "2 failed" in done.stdout


@pytest.mark.slow
def test_a_skeleton_passes_once_it_is_filled_in(checkout: Path, tmp_path: Path) -> None:
    root = tmp_path / "filled"
    shutil.copytree(checkout, root)
    module = (root / MODULE).read_text(encoding="utf-8")
    module = re.sub(r"(?m)^ *# TODO.*\n(?: *#.*\n)*", "", module)
    module = re.sub(r"TODO[: ]+", "", module).replace("todo_area", "crop_area")
    module = module.replace("todo_factor", "carbon_rate").replace("todo_component", "carbon")
    (root / MODULE).write_text(module, encoding="utf-8")
    edit(
        root / YAML,
        ("value: TODO", "value: 1.5"),
        ("[TODO, TODO]", "[1.0, 2.0]"),
        ("source: TODO", "source: own_judgement"),
        ("grade: TODO", "grade: C"),
        ("TODO: ", ""),
        ("todo_factor", "carbon_rate"),
    )
    edit(root / TEST, ("todo_area", "crop_area"), ("todo_factor", "carbon_rate"))
    edit(root / TEST, ("todo_component", "carbon"), ("TODO: ", ""))
    text = (root / TEST).read_text(encoding="utf-8")
    text = re.sub(r"(?m)^ +pytest\.fail.*\n", "", text)
    (root / TEST).write_text(text, encoding="utf-8")

    done = call(root, "check")  # the share is nowhere yet
    assert done.returncode == 2
    assert "argument 'biochar_share' is defined nowhere" in done.stderr

    variable = 'en: Share\n  zh: 比例\n  unit: "1"\n  kind: intensive\n  adoption: true\n'
    with (root / "configs" / "variables.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\nbiochar_share:\n  {variable}  range: [0, 1]\n")
    path = 'all: {knots: {"2024": 0.0, "2030": 0.1}, source: own_judgement, grade: C}'
    share = f"  biochar_share:\n    {path}\n"
    scenarios = root / "configs" / "scenarios"
    edit(scenarios / "baseline.yaml", ("\nbaseline:\n", f"\nbaseline:\n{share}"))
    edit(scenarios / "yanbian.yaml", ("\nproject:\n", f"\nproject:\n{share}"))
    run_file = root / "configs" / "runs" / "yanbian.yaml"
    edit(run_file, ("\ntechnologies:\n", "\ntechnologies:\n  - biochar\n"))

    assert call(root, "schemas", "--write").returncode == 0
    done = call(root, "check")
    assert done.returncode == 0, done.stderr
    assert "TODO" not in done.stderr
    assert "no problem" in done.stdout
    number = len(list((root / "configs" / "technologies").glob("*.yaml")))
    assert f" {number} technologies and" in done.stdout  # each is evaluated on single elements

    done = run(root, "-m", "pytest", "-q", "-p", "no:cacheprovider", TEST)
    assert done.returncode == 0, done.stdout


# -- what is refused before anything is written


def checkout_of(tmp_path: Path) -> Project:
    return Project(tmp_path, tmp_path / "outputs")


@pytest.mark.parametrize(
    ("name", "sector", "what"),
    [
        ("Biochar", "farmland", "not a name"),
        ("bio-char", "farmland", "not a name"),
        ("2biochar", "farmland", "not a name"),
        ("bio__char", "farmland", "not a name"),
        ("../biochar", "farmland", "not a name"),
        ("", "farmland", "not a name"),
        ("import", "farmland", "not a name"),
        ("生物炭", "farmland", "not a name"),
        ("biochar", "farming", "no such sector"),
        ("straw_return", "farmland", "the name is taken"),  # a technology
        ("herd", "farmland", "the name is taken"),  # a model
        ("crop_area", "farmland", "the name is taken"),  # a variable
        ("pv_roof", "energy", "the name is taken"),  # its share is
    ],
)
def test_names_and_sectors(name: str, sector: str, what: str) -> None:
    before = sorted((ROOT / "ecoassess" / "technologies").iterdir())
    with pytest.raises(InputError, match=what) as caught:
        scaffold.new_technology(Project(ROOT, ROOT / "outputs"), name, None, sector)
    assert len(caught.value.problems) == 1
    assert sorted((ROOT / "ecoassess" / "technologies").iterdir()) == before


def test_nothing_is_overwritten(checkout: Path) -> None:
    files = [checkout / file for file in (MODULE, YAML, TEST)]
    before = [file.read_bytes() for file in files]
    again = call(checkout, "new-technology", "biochar")
    assert again.returncode == 2
    assert "the name is taken" in again.stderr
    assert all(file in again.stderr for file in (MODULE, YAML, TEST))
    assert [file.read_bytes() for file in files] == before


def test_without_a_checkout_it_says_so(project: Project) -> None:
    """The project's folder holds no package: as with an installed one."""
    result = CliRunner().invoke(
        cli.app, ["new-technology", "biochar"], env={"ECOASSESS_PROJECT": str(project.root)}
    )
    assert result.exit_code == 2
    assert "not into an installed package" in result.stderr
    assert not (project.configs / "technologies" / "biochar.yaml").exists()


def test_no_placeholder_is_left_in_the_project() -> None:
    assert list(scaffold.placeholders(Project(ROOT, ROOT / "outputs"))) == []
