"""The skeleton of a new technology: module, coefficients and test, to be filled in.

What is to be written says TODO, or is named todo_something. A technology with such a line is not
discovered: `ecoassess check` lists what is left to write, and a run that names it is refused, so
that no skeleton ever computes and none is in the way of others.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from string import Template

from ecoassess.errors import InputError, Line, Problem, raise_if_any
from ecoassess.project import Project

PLACEHOLDER = re.compile(r"\bTODO\b|\btodo_\w+")
SHARE = re.compile(r"\b\w+_share\b")
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def files_of(project: Project, name: str) -> dict[str, Path]:
    """Return template → the file that it becomes for a technology."""
    return {
        "technology.py.txt": project.root / "ecoassess" / "technologies" / f"{name}.py",
        "technology.yaml.txt": project.configs / "technologies" / f"{name}.yaml",
        "test_technology.py.txt": project.root / "tests" / "technologies" / f"test_{name}.py",
    }


def new_technology(project: Project, name: str, zh: str | None, sector: str) -> list[Path]:
    """Write the skeleton of a technology, and return its files.

    Raises
    ------
    InputError
        When the name is taken or none, the sector is unknown, or there is no checkout to write to.
    """
    _check_checkout(project)
    files = files_of(project, name)
    raise_if_any(_problems(project, name, sector, files))
    filled = {
        "name": name,
        "title": name.replace("_", " "),
        "zh": zh or "TODO: 名称",
        "sector": sector,
        "module": f"ecoassess/technologies/{name}.py",
    }
    for template, file in files.items():
        text = resources.files("ecoassess").joinpath("templates", template)
        made = Template(text.read_text(encoding="utf-8")).substitute(filled)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(made)
    return list(files.values())


def placeholders(project: Project, name: str = "*") -> Iterator[Problem]:
    """Yield every line of a technology's module or YAML, or of all, that is still to be written."""
    import ecoassess.technologies as package

    modules = (file for folder in package.__path__ for file in Path(folder).glob(f"{name}.py"))
    for file in [
        *sorted(modules),
        *sorted((project.configs / "technologies").glob(f"{name}.yaml")),
    ]:
        text = file.read_text(encoding="utf-8", errors="replace")
        if not PLACEHOLDER.search(text):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            match = PLACEHOLDER.search(line)
            if match:
                yield Problem(
                    what="a placeholder of the skeleton is left",
                    found=line.strip(),
                    remedy="write what belongs here, and delete the placeholder",
                    file=project.relative(file),
                    line=Line(number, match.start() + 1),
                )


def unfinished(project: Project) -> dict[str, list[Problem]]:
    """Return the technologies that are skeletons still → what is left to write."""
    found: dict[str, list[Problem]] = {}
    for problem in placeholders(project):
        found.setdefault(Path(str(problem.file)).stem, []).append(problem)
    return found


def awaited_shares(project: Project) -> set[str]:
    """Return the adoption shares that skeletons will adopt once they are filled in."""
    import ecoassess.technologies as package

    names = unfinished(project)
    modules = [Path(folder) / f"{name}.py" for folder in package.__path__ for name in names]
    return {
        share
        for file in modules
        if file.is_file()
        for share in SHARE.findall(file.read_text(encoding="utf-8", errors="replace"))
    }


def _check_checkout(project: Project) -> None:
    package = Path(str(resources.files("ecoassess"))).resolve()
    if package != (project.root / "ecoassess").resolve():
        raise InputError(
            Problem(
                what="new technologies are written into a checkout, not into an installed package",
                found=str(package),
                expected=str(project.root / "ecoassess"),
                remedy="change into a checkout whose ecoassess is the one that runs (make setup)",
            )
        )


def _problems(
    project: Project, name: str, sector: str, files: Mapping[str, Path]
) -> Iterator[Problem]:
    from ecoassess.equation import discover_models
    from ecoassess.technology import discover
    from ecoassess.variables import read_variables

    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        yield Problem(
            what="not a name of a technology",
            found=name,
            expected="small letters, digits and single underscores, such as straw_return",
        )
        return
    technologies = discover(project)
    sectors = sorted({technology.sector for technology in technologies.values()})
    if sector not in sectors:
        yield Problem("no such sector", found=sector, expected=", ".join(sectors))
    named = {*technologies, *unfinished(project)}
    taken = {*named, *discover_models(project), *read_variables(project)}
    there = [project.relative(file) for file in files.values() if file.exists()]
    if name in taken or f"{name}_share" in taken or there:
        yield Problem(
            what="the name is taken",
            found=", ".join(there) or name,
            expected="a name that no technology, model or variable has",
            remedy="choose another, or delete the files first",
        )
