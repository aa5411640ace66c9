from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecoassess import cli
from ecoassess.errors import RunError
from ecoassess.language import read_words
from ecoassess.project import Project
from ecoassess.report import county_table, table

ROOT = Path(__file__).resolve().parents[1]
MONTH = ("--month", "2024-06")


def call(project: Project | Path, *arguments: object, **environment: str) -> Result:
    root = project if isinstance(project, Path) else project.root
    variables = {"ECOASSESS_PROJECT": str(root), "ECOASSESS_LANG": "en", **environment}
    return CliRunner().invoke(cli.app, [str(a) for a in arguments], env=variables)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def run_folder(result: Result) -> Path:
    match = re.search(r"^(?:Run: |结果：)(.+)$", result.stdout, re.MULTILINE)
    assert match, result.output
    return Path(match[1])


# -- help and imports


def test_help_imports_nothing_that_computes() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "ecoassess", "--help"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": "."}
    )
    assert done.returncode == 0
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    heavy = {"numpy", "pandas", "xarray", "pint", "pydantic", "ruamel", "rasterio", "matplotlib"}
    assert not loaded & heavy
    assert all(name in done.stdout for name in ("run", "list", "check", "explain", "compare"))


def test_help_is_quick() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    spent = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "ecoassess", "--help"],
            check=True,
            capture_output=True,
            env=environment,
        )
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.4


@pytest.mark.parametrize("command", ["run", "list", "check", "explain", "compare", "verify"])
def test_each_command_has_help(command: str) -> None:
    assert call(ROOT, command, "--help").exit_code == 0


def test_version() -> None:
    assert call(ROOT, "--version").stdout.startswith("ecoassess ")


# -- run


@pytest.mark.slow
def test_run_publishes_and_a_fresh_run_gives_the_same_bytes(
    project: Project, tmp_path: Path
) -> None:
    where = ("--outputs", tmp_path / "elsewhere")
    result = call(project, "run", *MONTH, *where)
    assert result.exit_code == 0, result.output
    folder = run_folder(result)
    assert folder.parent == tmp_path / "elsewhere" / "yanbian" / "2024-06"
    assert (folder / "assessment.csv").is_file()
    assert (folder / "overview.png").is_file()
    assert "assessing forest_sink" in result.stderr
    assert "Hunchun" in result.stdout
    for stage in ("observe", "simulate", "assess", "tables", "netcdf", "maps", "picture", "total"):
        assert re.search(rf"^  {stage} +\d+\.\d\d s$", result.stdout, re.MULTILINE)

    again = call(project, "--lang", "zh", "run", *MONTH, *where, "--fresh")
    assert again.exit_code == 0, again.output
    assert "逐字节一致" in again.stdout
    assert "评估森林碳汇" in again.stderr

    with (folder / "summary.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    spoilt = call(project, "run", *MONTH, *where, "--fresh", "--no-maps")
    assert spoilt.exit_code == 1
    assert "summary.csv" in spoilt.stderr


def test_fresh_without_a_published_run(project: Project) -> None:
    result = call(project, "run", *MONTH, "--fresh")
    assert result.exit_code == 2
    assert "run without --fresh first" in result.stderr


# -- list and check


def test_list_names_all_technologies_in_both_languages() -> None:
    english, chinese = call(ROOT, "list").stdout, call(ROOT, "--lang", "zh", "list").stdout
    for file in (ROOT / "configs" / "technologies").glob("*.yaml"):
        assert file.stem in english
        assert file.stem in chinese
    assert "aboveground_increment" in english
    assert "地上生物量年净固碳量" in chinese


def test_check_passes() -> None:
    result = call(ROOT, "check")
    assert result.exit_code == 0, result.output
    assert "no problem" in result.stdout
    assert len(result.stdout.splitlines()) == 1


def test_check_reports_every_problem_at_once(project: Project) -> None:
    statistics = project.datasets / "county_statistics.csv"
    statistics.write_bytes(statistics.read_bytes().replace(b",ha,", b",kg,", 1))
    (project.datasets / "era5_normals_2000_2025.nc").unlink()
    other = project.configs / "runs" / "other.yaml"
    shutil.copy(project.configs / "runs" / "yanbian.yaml", other)
    edit(other, "technologies:\n", "technologies:\n  - no_such_one\n")
    result = call(project, "--lang", "zh", "check")
    assert result.exit_code == 2
    assert "era5_normals_2000_2025.nc" in result.stderr
    assert "county_statistics.csv" in result.stderr
    assert "no_such_one" in result.stderr
    assert "实际: " in result.stderr
    assert "found: " not in result.stderr


def test_check_finds_unit_errors_without_data(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from ecoassess.technologies.rooftop_pv import rooftop_pv

    right: Any = rooftop_pv

    def adds_energy_to_embodied(**arguments: Any) -> Any:
        result = right(**arguments)
        energy = arguments["own_use"]
        return result | {"embodied_emissions": result["embodied_emissions"] + energy}

    wrong = replace(right.technology, function=adds_energy_to_embodied)
    declared = {name: getattr(right.technology, name) for name in ("units", "arguments")}
    kind = type(
        "Wrong", (type(wrong),), {k: property(lambda _, v=v: v) for k, v in declared.items()}
    )
    broken = kind(**{n: getattr(wrong, n) for n in wrong.__dataclass_fields__})
    monkeypatch.setattr(right, "technology", broken)
    result = call(ROOT, "check")
    assert result.exit_code == 2
    assert "rooftop_pv fails on single elements (DimensionalityError)" in result.stderr
    assert "kilowatt_hour" in result.stderr


# -- errors and exit statuses


def test_wrong_input_gives_a_message_without_traceback(tmp_path: Path) -> None:
    result = call(tmp_path, "list")
    assert result.exit_code == 2
    assert result.stderr.startswith("no ecoassess project here\n  found: ")
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--month", "2024-13"),
        ("run", "configs/runs/nowhere.yaml"),
        ("explain", "no_such_technology"),
        ("compare", "nowhere", "nowhere"),
        ("verify", "nowhere"),
        ("--lang", "fr", "list"),
        ("run", "--no-such-option"),
    ],
)
def test_wrong_arguments_exit_with_2(arguments: tuple[str, ...]) -> None:
    result = call(ROOT, *arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (RunError(), 1, ""),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ValueError("odd\nthing"), 1, "ValueError: odd thing; this is a bug, please report"),
        (PermissionError(13, "Permission denied", "/x"), 1, "/x: Permission denied"),
    ],
)
def test_exit_status_of_what_is_raised(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, text: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("ecoassess.technology.discover", fail)
    monkeypatch.delenv("ECOASSESS_DEBUG", raising=False)
    result = call(ROOT, "list")
    assert result.exit_code == status
    assert result.stderr.startswith(text)
    assert len(result.stderr.splitlines()) <= 1


def test_debug_keeps_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("odd")

    monkeypatch.setattr("ecoassess.technology.discover", fail)
    result = call(ROOT, "list", ECOASSESS_DEBUG="1")
    assert isinstance(result.exception, ValueError)


def test_interrupt_of_a_running_command(project: Project) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ecoassess", "run", *MONTH],
        cwd=project.root,
        env=os.environ | {"PYTHONPATH": str(ROOT), "ECOASSESS_PROJECT": str(project.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline()  # it is at work
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "interrupted"
    assert "Traceback" not in errors
    assert not list(project.outputs.rglob("assessment.csv"))


def test_a_closed_pipe_is_quiet() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "ecoassess", "list"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 141


# -- words and tables


def test_every_word_used_stands_in_the_file() -> None:
    words = read_words("zh", ROOT)
    used: set[str] = set()
    for module in (ROOT / "ecoassess").rglob("*.py"):
        text = module.read_text(encoding="utf-8")
        used |= set(re.findall(r'\b(?:words|texts)\(\s*"(\w+)"', text))
    assert len(used) > 20
    assert not {key for key in used if key not in words.table}


def test_vocabulary_and_labels_of_coefficients_have_words(published: Any) -> None:
    from typing import get_args

    from ecoassess import vocabulary

    words = read_words("zh", ROOT)
    for kind in ("Basis", "Kind", "Boundary", "Account", "Status", "Distribution"):
        for word in get_args(getattr(vocabulary, kind)):
            assert word in words.table
    parts = {c.split(":")[1] for c in published.assessment.rows["component"] if ":" in c}
    assert not parts - set(words.table)
    sectors = {t.sector for t in published.session.technologies.values()}
    assert not sectors - set(words.table)


def test_chinese_takes_two_columns() -> None:
    lines = table([["区域", "1"], None, ["Yanji", "1,000"]])
    assert lines == ["区域       1", "────────────", "Yanji  1,000"]


@pytest.mark.parametrize(("language", "county"), [("en", "Hunchun"), ("zh", "珲春市")])
def test_county_table_from_memory_and_from_the_folder(
    published: Any, language: str, county: str
) -> None:
    text = county_table(published.folder, language)
    assert text == county_table(published.assessment, language)
    assert county in text
    rows = published.assessment.rows
    row = rows[
        (rows["technology"] == "rooftop_pv")
        & (rows["component"] == "net")
        & (rows["boundary"] == "territorial")
        & (rows["zone"] == "Hunchun")
        & (rows["period"] == "2024")
    ]
    assert f"{row['value'].item() / 1e3:.2f}" in text
    prefecture, park = ("Yanbian ", "Tiger") if language == "en" else ("延边州", "东北虎豹")
    assert text.index(county) < text.index(prefecture, 60) < text.index(park, 60)


def test_assess_returns_a_dataset(published: Any) -> None:
    import ecoassess

    data = ecoassess.assess(project=published.project)
    assert data["value"].dims == ("zone", "period", "line")
    value = data["value"].sel(zone="county/222404", period="2024", line="forest_sink/net").item()
    rows = published.assessment.rows
    same = rows.query(
        "zoning == 'county' and adcode == '222404' and period == '2024' "
        "and technology == 'forest_sink' and component == 'net'"
    )
    assert value == same["value"].item()


def test_a_restatement_from_before_the_month_is_told(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    from ecoassess.commands.common import opened

    file = project.configs / "runs" / "yanbian.yaml"
    opened(project, file, "2024-06", "2024-05-31")
    assert "2024-05-31 lies before 2024-06" in capsys.readouterr().err
    opened(project, file, "2024-06", "2024-06-01")
    opened(project, file, "2024-06")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("number", "told"), [(1, "1 problem"), (2, "2 problems"), (0, "0 problems")]
)
def test_one_is_not_many(number: int, told: str) -> None:
    assert read_words("en")("check_problems", number=number) == told
    assert read_words("zh")("check_problems", number=number) == f"{number}个问题"


def test_singulars_stand_beside_their_plurals() -> None:
    table = read_words("en").table
    for key, text in table.items():
        if key.endswith("_one"):
            assert "{number}" in table[key.removesuffix("_one")]["en"], key
            assert text["zh"].count("{") == table[key.removesuffix("_one")]["zh"].count("{"), key
