"""The generated documentation: complete, sourced, without loose ends or addresses to load from."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from ecoassess.documentation.hand_worked import hand_worked
from ecoassess.documentation.markdown import docstring
from ecoassess.documentation.site import Site, make_site, site_links
from ecoassess.documentation.test_status import CONTRACTS, STALE, TestStatus, read_reports
from ecoassess.documentation.worked_example import Example
from ecoassess.explain import find_zone
from ecoassess.language import read_words
from ecoassess.project import Project

ROOT = Path(__file__).resolve().parents[1]
TECHNOLOGIES = sorted(p.stem for p in (ROOT / "configs" / "technologies").glob("*.yaml"))
VALUE = re.compile(r"^\|.*\]\(\.\./sources\.md#source-[\w-]+\) \|", re.MULTILINE)
"""A row of a table of coefficients: one value with its source."""


@pytest.fixture(scope="module")
def site() -> Site:
    return make_site(Project(ROOT, ROOT / "outputs"), examples=False)


def test_each_technology_and_model_has_a_page(site: Site) -> None:
    assert len(TECHNOLOGIES) >= 30
    models = {p.stem for p in (ROOT / "configs" / "models").glob("*.yaml")}
    models |= {p.stem for p in (ROOT / "ecoassess" / "models").glob("[a-z]*.py")}
    expected = {f"technologies/{n}.md" for n in TECHNOLOGIES} | {f"models/{n}.md" for n in models}
    assert expected <= set(site.pages)
    listed = json.dumps(site.navigation)
    assert [page for page in expected if page not in listed] == []


@pytest.mark.parametrize("name", TECHNOLOGIES)
def test_a_technology_s_page_has_all_its_coefficients(
    site: Site, name: str, published: Any
) -> None:
    page = site.pages[f"technologies/{name}.md"]
    session = published.session
    technology, book = session.technologies[name], session.book
    taken = [c for a in technology.arguments if (c := book.coefficient(name, a))]
    headed = re.findall(r"^### `(\w+)`$", page, re.MULTILINE)
    assert sorted(headed) == sorted(c.name for c in taken)
    assert {*book.own[name]} <= {*headed}
    assert len(VALUE.findall(page)) == sum(len(c.table) for c in taken)
    for source in {value.source for c in taken for value in c.table}:
        assert f"- `{source}`: " in page
    assert technology.zh in page.splitlines()[0]
    for component in technology.components.values():
        assert component.zh in page
    for section in ("Formula", "Symbols", "Source", "Validity"):
        assert f"## {section} " in page
    assert f"`{CONTRACTS}`" in page


def test_pages_leave_nothing_open(site: Site) -> None:
    for path, page in site.pages.items():
        if path in ("index.md", "datasets.md"):
            continue  # written by people
        prose = "\n".join(x for x in page.splitlines() if not x.startswith("    "))
        assert re.findall(r"\| None \||`None`|\b(?:nan|TODO|0x[0-9a-f]+)\b", prose) == [], path
        assert re.findall(r"(?<!`)\{(?! #)[a-z_]+\}", prose) == [], path
        assert not re.search(r"<(?:script|link|img|iframe)\b", page), path
    uncited = [p for p in site.pages if p.startswith("models/") and "source-" in site.pages[p]]
    assert all("## Sources of the coefficients" in site.pages[p] for p in uncited)


def test_each_source_is_on_the_page_of_sources(site: Site, published: Any) -> None:
    page = site.pages["sources.md"]
    for key in published.session.sources:
        assert f"### `{key}` {{ #source-{key.replace('_', '-')} }}" in page
    named = {
        m for text in site.pages.values() for m in re.findall(r"sources\.md#(source-[\w-]+)", text)
    }
    assert {m for m in named if f"#{m} }}" not in page} == set()


def test_the_worked_example_is_the_row_of_the_county(published: Any) -> None:
    assessment = published.assessment
    example = Example(assessment, find_zone(assessment.zones, "222404"), read_words("en", ROOT))
    lines = example.technology(published.session.technologies["rice_methane"])
    row = [x for x in lines if x.startswith("| `paddy_methane`")][-1]
    difference = row.strip("| ").split(" | ")[3]
    rows = assessment.rows
    mine = rows[
        (rows["technology"] == "rice_methane")
        & (rows["component"] == "paddy_methane")
        & (rows["adcode"] == "222404")
        & (rows["zoning"] == "county")
        & (rows["period"] == "2024")
    ]
    assert float(difference.replace(",", "")) == pytest.approx(
        float(mine["native_value"].item()), rel=1e-4
    )
    methane = 27.0  # kg CO2e/kg, AR6, biogenic; the nitrogen of the fields stays as it is
    net = float(lines[-2].strip("| ").split(" | ")[1].replace(",", ""))
    assert net == pytest.approx(methane * float(mine["native_value"].item()), rel=1e-4)


def test_an_example_moves_to_a_county_with_data(published: Any) -> None:
    assessment = published.assessment
    hunchun = Example(assessment, find_zone(assessment.zones, "222404"), read_words("en", ROOT))
    technology = published.session.technologies["rooftop_pv"]
    rows = assessment.rows
    known = rows[(rows["technology"] == "rooftop_pv") & rows["value"].notna()]
    moved = hunchun.where_known(technology)
    assert moved.zone.code in set(known["adcode"])
    assert moved.zone.code != "222404"  # the census of Hunchun's dwellings is missing


# ---- Docstrings and links


def test_docstrings_become_markdown() -> None:
    text = "What.\n\nFormula\n-------\n::\n\n    a = b * c\n\nthe_area* of a<b, `x*`::\n\n    d\n"
    lines = docstring(text + "\nEnd.", {"Formula": "公式"})
    assert [x for x in lines if x] == [
        "What.",
        "## Formula 公式",
        "    a = b * c",
        "the_area&#42; of a&#60;b, `x*`:",
        "    d",
        "End.",
    ]


def test_links_are_as_seen_from_the_page() -> None:
    pages = ["technologies/sewage.md", "datasets.md", "index.md"]
    text = (
        "[a](docs/limits.md#x) [b](ecoassess/technologies/sewage.py) [c](flows/x.py) "
        '[d](https://example.org) <img src="docs/images/o.png">'
    )
    assert site_links(text, "README.md", pages) == (
        "[a](limits.md#x) [b](technologies/sewage.md) c "
        '[d](https://example.org) <img src="images/o.png">'
    )
    back = site_links("[r](../../README.md) [o](0002.md)", "docs/decisions/0001.md", pages)
    assert back == "[r](../index.md) [o](0002.md)"


# ---- Tests and their report

CASES = """<testsuites><testsuite>
<testcase classname="tests.models.test_straw" name="test_a[x]"><properties><property name="compared"
 value='{"of": "straw", "quantity": "q", "expected": [2.0], "ours": [2.1], "count": 1, "unit": "t",
 "tolerance": "± 10 %", "deviation": 0.05, "source": "Somebody (1999)"}'/></properties></testcase>
<testcase classname="tests.models.test_straw" name="test_b"><failure message="no"/></testcase>
<testcase classname="tests.models.test_straw" name="test_c"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "tests" / "models"
    folder.mkdir(parents=True)
    (folder / "test_straw.py").write_text(
        "from ecoassess.models.straw import straw\n\n\ndef of(x):\n    return straw(x)\n\n\n"
        "# 2 · 3 = 6\ndef test_six_by_hand():\n    # halved: 3\n    assert of(2) == 6\n\n\n"
        "def test_other_by_hand():\n    assert 1\n",
        encoding="utf-8",
    )
    (tmp_path / "junit.xml").write_text(CASES, encoding="utf-8")
    return tmp_path


def status_of(root: Path) -> TestStatus:
    cases = read_reports(sorted(root.glob("junit*.xml")), root, changed=100.0)
    return TestStatus(root, read_words("en", ROOT), cases, ["straw", "herd"])


def test_a_report_is_counted_and_its_comparisons_shown(checkout: Path) -> None:
    status = status_of(checkout)
    assert status.counts("tests/models/test_straw.py").startswith(
        "1 passed, **1 failed**, 1 skipped"
    )
    assert status.counts("tests/test_none.py") == "not run in this build"
    page = "\n".join(status.of("straw"))
    row = "| q | 2 | 2.1 | t | ± 10 % | 5 % | Somebody (1999) | "
    assert f"{row}`tests/models/test_straw.py::test_a[x]` |" in page
    assert "imports it" in page
    assert "No test names it" in "\n".join(status.of("herd"))


def test_the_newest_report_counts(checkout: Path) -> None:
    newer = checkout / "junit-later.xml"
    newer.write_text(CASES.replace('<failure message="no"/>', ""), encoding="utf-8")
    os.utime(checkout / "junit.xml", (1, 1))
    outcomes = {case.name: case.outcome for case in status_of(checkout).cases}
    assert outcomes == {"test_a[x]": "passed", "test_b": "passed", "test_c": "skipped"}


def test_an_old_report_is_called_old(checkout: Path) -> None:
    assert STALE not in status_of(checkout).of("straw")
    os.utime(checkout / "junit.xml", (1, 1))
    assert STALE in status_of(checkout).of("straw")


def test_sums_by_hand_are_found_through_helpers(checkout: Path) -> None:
    found = hand_worked(checkout / "tests" / "models" / "test_straw.py", "straw")
    assert [(one.name, one.sums) for one in found] == [
        ("test_six_by_hand", ("2 · 3 = 6", "halved: 3"))
    ]


def test_a_comparison_fails_outside_its_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    from conftest import Compare

    kept: list[Any] = []
    compare = Compare(lambda _, value: kept.append(json.loads(str(value))), {"straw"})
    compare("straw", "q", [1.0, 2.1], [1, 2], rel=0.05, abs=0.001, source="S")
    assert kept[0]["deviation"] == pytest.approx(0.05)
    assert kept[0]["tolerance"] == "± 0.001 + 5 %"
    compare("straw", "q", 3, (2, 4), between=True, source="S")
    compare("straw", "q", (2, 4), 3, contains=True, source="S")
    for arguments in (
        {"ours": 1.1, "published": 1.0, "rel": 0.05},
        {"ours": float("nan"), "published": 1.0, "rel": 0.05},
        {"ours": 5, "published": (2, 4), "between": True},
        {"ours": float("nan"), "published": (2, 4), "between": True},
        {"ours": (2, 4), "published": 5, "contains": True},
    ):
        with pytest.raises(AssertionError):
            compare("straw", "q", source="S", **arguments)
    with pytest.raises(AssertionError, match="no technology or model"):
        compare("straws", "q", 1, 1, source="S")


# ---- The site's own files


def test_no_page_loads_scripts_or_styles_from_elsewhere(tmp_path: Path) -> None:
    """The theme as configured, over one page: the settings decide, not what pages say."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    docs = tmp_path / "docs"
    (docs / "stylesheets").mkdir(parents=True)
    (docs / "index.md").write_text("# Page\n\n[far](https://example.org)\n", encoding="utf-8")
    (docs / "stylesheets" / "site.css").write_text("", encoding="utf-8")
    config = load_config(
        str(ROOT / "mkdocs.yml"), docs_dir=str(docs), site_dir=str(tmp_path / "site"), hooks=[]
    )
    build(config)
    pages = [p.read_text(encoding="utf-8") for p in (tmp_path / "site").rglob("*.html")]
    styles = [p.read_text(encoding="utf-8") for p in (tmp_path / "site").rglob("*.css")]
    assert pages
    for page in pages:
        loads = re.findall(
            r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"']?([^\"' >]+)", page
        )
        assert [address for address in loads if re.match(r"(?:https?:)?//", address)] == []
    for style in styles:
        assert not re.search(r"@import|url\([\"']?(?:https?:)?//", style)
