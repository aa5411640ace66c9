"""All pages of the documentation: those that are written, and those that are generated."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ecoassess.calendar import Month
from ecoassess.documentation.coefficient_tables import cited, sources_page
from ecoassess.documentation.conformance import conformance_page
from ecoassess.documentation.method_pages import MethodPages, spelled
from ecoassess.documentation.test_status import TestStatus, read_reports
from ecoassess.documentation.worked_example import Example
from ecoassess.explain import find_zone
from ecoassess.language import LANGUAGES, Words, read_words
from ecoassess.opening import open_run
from ecoassess.project import Project
from ecoassess.run import Session

RUN = "configs/runs/yanbian.yaml"
MONTH = Month(2024, 6)
COUNTY = "222404"
"""What worked examples are of: the month and run of the README, and Hunchun."""

REPORTS = "junit*.xml"
"""The reports of the tests, in the project's cache."""

NAMES_ZH = {
    "area_estimation": "误差校正面积估计",
    "climate_zone": "气候区与潜在蒸散",
    "collector_irradiation": "集热面辐照",
    "crediting": "从成效到碳信用",
    "erosivity": "降雨侵蚀力",
    "forest_biomass": "蓄积到生物量的换算",
    "heat_bins": "采暖温度区间",
    "household_fuel": "家庭燃料排放",
    "land_use_change": "土地利用变化碳变动",
    "landfill": "填埋一级衰减",
    "liquid_manure": "液态粪污甲烷",
    "month_shares": "月份分配系数",
    "pv_weather": "逐时气象下的光伏",
    "pv_year": "光伏典型年",
    "river_flow": "河川径流的月分配",
    "rothc": "RothC土壤碳模型",
    "rothc_rates": "RothC速率修正",
    "self_use": "光伏自用率",
    "slope_factor": "坡长坡度因子",
    "soil_steady_state": "IPCC二级土壤碳稳态法",
    "solar": "太阳几何",
    "stand_curves": "林分生长曲线",
    "stand_disturbances": "林分扰动",
    "stand_growth": "林分生长模型",
    "station_weights": "站点权重",
    "wood_products": "木质林产品",
}
"""Chinese names of what is no equation and so declares none."""

READ_FIRST = ("results", "limits", "operating", "bad_input")
"""Pages of `docs/` in the order in which they are read; others follow by name."""


@dataclass(frozen=True)
class Site:
    """Generated pages, and the order of all.

    Parameters
    ----------
    pages
        Path within the site → Markdown.
    navigation
        What mkdocs takes as `nav`.
    """

    pages: Mapping[str, str]
    navigation: list[Any]


def make_site(project: Project, examples: bool = True) -> Site:
    """Return all generated pages of a checkout.

    Parameters
    ----------
    examples
        Whether to work out a county on the pages of methods; it takes an assessment.
    """
    session = open_run(project, project.root / RUN, MONTH)
    session.run = replace(
        session.run, config=session.run.config.model_copy(update={"draws": 1})
    )  # central values alone
    words = read_words("en", project.root)
    kernels = _kernels(session)
    book = session.book
    places = {name: f"technologies/{name}.md" for name in session.technologies} | {
        name: f"models/{name}.md" for name in sorted([*book.models, *kernels])
    }
    reports = sorted(project.cache.glob(REPORTS))
    cases = read_reports(reports, project.root, _changed(project))
    status = TestStatus(project.root, words, cases, list(places))
    example = None
    if examples:
        assessment = session.assess()
        example = Example(assessment, find_zone(assessment.zones, COUNTY), words)
    methods = MethodPages(session, status, example, NAMES_ZH)
    pages = {places[n]: methods.technology(t) for n, t in session.technologies.items()}
    pages |= {places[n]: methods.model(m) for n, m in book.models.items()}
    pages |= {places[n]: methods.kernel(n, module) for n, module in kernels.items()}
    pages["models/shared.md"] = methods.coefficients("Shared coefficients 共用系数", book.shared)
    tables = {places[n]: table for n, table in {**book.own, **book.kernels}.items() if n in places}
    used: dict[str, list[str]] = {}
    for page, table in [*tables.items(), ("models/shared.md", book.shared)]:
        for key in cited(table.values()):
            used.setdefault(key, []).append(page)
    pages["sources.md"] = sources_page(session.sources, used, _of_scenario(session))
    references = _references(project, status)
    pages["conformance.md"] = conformance_page(status, places, references)
    root = project.root
    for page, file in (("index.md", "README.md"), ("datasets.md", "datasets/README.md")):
        pages[page] = site_links((root / file).read_text(encoding="utf-8"), file, [*pages])
    navigation = _navigation(project, session, places, words)
    return Site(pages, navigation)


def site_links(text: str, file: str, pages: Iterable[str]) -> str:
    """Return a file of the checkout with its links as seen from its page.

    A link to what is no page becomes the name alone.
    """
    known, page = set(pages), page_of(file)

    def link(match: re.Match[str]) -> str:
        title, target = match[1], match[2]
        address, _, part = target.partition("#")
        if re.match(r"[a-z]+:", target) or not address:
            return match[0]
        goal = posixpath.normpath(posixpath.join(posixpath.dirname(file), address))
        if goal.startswith("docs/") or page_of(goal) in known:
            there = posixpath.relpath(page_of(goal), posixpath.dirname(page) or ".")
            return f"[{title}]({there}{'#' + part if part else ''})"
        return title

    text = re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", link, text)
    return re.sub(r'(src=")docs/', r"\1", text)


def page_of(file: str) -> str:
    """Return the page that shows a file of the checkout."""
    special = {"README.md": "index.md", "datasets/README.md": "datasets.md"}
    method = re.fullmatch(r"(?:ecoassess|configs)/(technologies|models)/(\w+)\.(?:py|yaml)", file)
    if method:
        return f"{method[1]}/{method[2]}.md"
    return special.get(file, file.removeprefix("docs/"))


def _kernels(session: Session) -> dict[str, Path]:
    """Return the modules behind coefficients and equations that are no equations themselves."""
    root = session.project.root / "ecoassess"
    equations = session.book.models
    found = {
        path.stem: path
        for path in sorted((root / "models").glob("*.py"))
        if path.stem not in equations and not path.stem.startswith("_")
    }
    homes = {"month_shares": "derived"}
    for name in session.kernels:
        found.setdefault(name, root / f"{homes.get(name, name)}.py")
    return found


def _of_scenario(session: Session) -> list[str]:
    """Return the sources that adoption paths name."""
    scenario = session.run.scenario
    states = (scenario.baseline, scenario.project)
    return [path.source for s in states for paths in s.values() for path in paths.values()]


def _references(project: Project, status: TestStatus) -> dict[str, bool]:
    """Return the reference files, and whether a test that compares by the fixture reads each."""
    comparing = {case.file for case in status.cases if case.compared}
    texts = [(project.root / file).read_text(encoding="utf-8") for file in sorted(comparing)]
    files = sorted((project.root / "tests" / "reference").glob("*"))
    return {f"tests/reference/{f.name}": any(f.name in t for t in texts) for f in files}


def _changed(project: Project) -> float:
    """Return when code, configurations, data or tests changed last."""
    parts = ("ecoassess", "configs", "datasets", "tests")
    files = (f for part in parts for f in (project.root / part).rglob("*") if f.is_file())
    return max(f.stat().st_mtime for f in files if "__pycache__" not in f.parts)


def _navigation(
    project: Project, session: Session, places: Mapping[str, str], words: Words
) -> list[Any]:
    """Return the order of all pages."""
    docs = project.root / "docs"
    written = [p.stem for p in sorted(docs.glob("*.md"))]
    order = [*(n for n in READ_FIRST if n in written), *(n for n in written if n not in READ_FIRST)]
    chinese = read_words(LANGUAGES[1], project.root)
    fields: dict[str, list[Any]] = {}
    for name, one in session.technologies.items():
        title = f"{spelled(name)} {one.zh}"
        field = f"{words.label(one.sector).capitalize()} {chinese.label(one.sector)}"
        fields.setdefault(field, []).append({title: places[name]})
    models = [
        {f"{spelled(name)} {_chinese(session, name)}".rstrip(): page}
        for name, page in places.items()
        if page.startswith("models/")
    ]
    decisions = [f"decisions/{p.name}" for p in sorted((docs / "decisions").glob("*.md"))]
    return [
        {"Overview 概览": "index.md"},
        {"Use 使用": [*(f"{name}.md" for name in order), {"Data 数据": "datasets.md"}]},
        {"Technologies 技术": [{field: pages} for field, pages in fields.items()]},
        {"Models 模型": [*models, {"shared coefficients 共用系数": "models/shared.md"}]},
        {"Evidence 依据": ["conformance.md", "sources.md"]},
        {"Decisions 决定": decisions},
    ]


def _chinese(session: Session, name: str) -> str:
    model = session.book.models.get(name)
    return model.zh if model else NAMES_ZH.get(name, "")
