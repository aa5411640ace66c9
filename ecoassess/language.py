"""The words that people read, in English or Chinese, from `configs/language.yaml`.

What is said about errors stands in `configs/messages.yaml`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ecoassess.errors import EcoassessError, InputError, Problem

LANGUAGES = ("en", "zh")


class Words:
    """Labels, sentences and names in one language.

    Parameters
    ----------
    language
        en or zh.
    table
        Key → language → text.
    """

    def __init__(self, language: str, table: Mapping[str, Mapping[str, str]]) -> None:
        self.language = language
        self.table = table

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the sentence or heading `key` with its places filled in.

        Where `number` is 1, the sentence `key_one` if there is one.
        """
        if str(values.get("number")) == "1" and f"{key}_one" in self.table:
            key = f"{key}_one"
        return self.table[key][self.language].format(**values)

    def label(self, word: str) -> str:
        """Return a label in this language; one that the file lacks stays as it is."""
        entry = self.table.get(word)
        return entry[self.language] if entry else word.replace("_", " ")

    def title(self, both: Any) -> str:
        """Return the text of an object with `en` and `zh`."""
        return str(getattr(both, self.language))

    def technology(self, name: str) -> str:
        """Return the name of a technology."""
        declared = _declared(name) if self.language == "zh" else None
        return str(declared.zh) if declared else name.replace("_", " ")

    def component(self, technology: str, name: str) -> str:
        """Return the name of a component, of one of its parts ("soil_carbon:maize"), or the net."""
        stem, _, part = name.partition(":")
        declared = _declared(technology) if self.language == "zh" else None
        known = declared.components.get(stem) if declared else None
        text = known.zh if known else self.label(stem)
        return f"{text}: {self.label(part)}" if part else text

    def error(self, error: EcoassessError) -> str:
        """Return the message of an error in this language, with line and column of every key."""
        from ecoassess.configuration import placed
        from ecoassess.project import find_project

        try:
            root = find_project().root
        except InputError:
            root = Path()
        problems = [placed(problem, root) for problem in error.problems]
        say = _chinese() if self.language == "zh" else str
        return "\n".join(problem.told(say, self.label) for problem in problems)


def message(error: BaseException, language: str) -> tuple[str, int]:
    """Return what is said about an error, and the exit status."""
    try:
        words: Words | None = read_words(language)
    except EcoassessError:
        words = None
    if isinstance(error, EcoassessError):
        return (words.error(error) if words else str(error)), error.exit_status
    if isinstance(error, KeyboardInterrupt):
        return (words("interrupted") if words else "interrupted"), 130
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}", 1
    bug = words("bug") if words else "this is a bug, please report it"
    return f"{type(error).__name__}: {' '.join(str(error).split())}; {bug}", 1


def _file_of_words(name: str, start: Path | None = None) -> Path:
    """Return a file of the project's configurations, or of those beside the package."""
    from ecoassess.project import find_project

    try:
        own = find_project(start).configs / name
        if own.is_file():
            return own
    except InputError:
        pass
    return Path(__file__).parents[1] / "configs" / name


def _chinese() -> Callable[[str], str]:
    """Return what puts a sentence about an error into Chinese."""
    from ecoassess.messages import read_messages

    try:
        return read_messages(_file_of_words("messages.yaml"))
    except EcoassessError:  # its own mistakes are said in English
        return str


def progress(words: Words) -> Callable[[str], None]:
    """Return what prints a line of progress, with the seconds since now, to standard error."""
    start = time.perf_counter()

    def say(text: str) -> None:
        verb, _, rest = text.partition(" ")
        if words.language == "zh" and verb in words.table:
            text = words(verb, rest=words.technology(rest))
        print(f"{time.perf_counter() - start:6.1f} s  {text}", file=sys.stderr, flush=True)

    return say


def _declared(technology: str) -> Any:
    """Return what a technology's module declares; None when there is no such module (any more)."""
    import importlib

    try:
        module = importlib.import_module(f"ecoassess.technologies.{technology}")
    except ModuleNotFoundError:
        return None
    return getattr(getattr(module, technology, None), "technology", None)


def read_words(language: str, start: Path | None = None) -> Words:
    """Read the words of a language from the project at `start`, or the one beside the package.

    Raises
    ------
    InputError
        When the language is not one of `LANGUAGES`, or the file is wrong.
    """
    from pydantic import RootModel

    from ecoassess.configuration import read_yaml, validate
    from ecoassess.inputs.catalog import Title

    class _File(RootModel[dict[str, Title]]):
        pass

    if language not in LANGUAGES:
        raise InputError(
            Problem(what="no such language", found=language, expected=" or ".join(LANGUAGES))
        )
    file = _file_of_words("language.yaml", start)
    titles = validate(read_yaml(file), _File).root
    return Words(language, {key: {"en": t.en, "zh": t.zh} for key, t in titles.items()})
