"""What is said about errors in Chinese, from `configs/messages.yaml`.

Sentences are written in English where an error is found. Here an English sentence is matched
against the templates of the file, and what was filled in goes into the Chinese one. A sentence
that the file lacks stays English.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from pathlib import Path

NUMBER = r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan)"
LITTLE = 6
"""Fewer letters than these around its places tell a template from no other."""

JOINED = re.compile(r", | or | and ")
JOINTS = {", ": "、", " or ": " 或 ", " and ": " 和 "}


def literal(template: str) -> str:
    """Return what a template says around its places."""
    return "".join(part for part, *_ in string.Formatter().parse(template))


def places(template: str) -> list[str]:
    """Return the names of a template's places; "" for those without one."""
    return [name for _, name, *_ in string.Formatter().parse(template) if name is not None]


def pattern(template: str) -> re.Pattern[str]:
    """Return what matches the sentences of a template: {:g} holds a number, {} anything.

    Where a template says next to nothing itself ("{} in {}"), all places but the last hold one
    word, lest it be found in every sentence.
    """
    says_little = len(re.findall("[A-Za-z]", literal(template))) < LITTLE
    left, parts = len(places(template)), []
    for text, name, form, _ in string.Formatter().parse(template):
        parts.append(re.escape(text))
        if name is not None:
            left -= 1
            anything = r"(\S+)" if says_little and left else "(.+?)"
            parts.append(f"({NUMBER})" if form else anything)
    return re.compile("".join(parts), re.DOTALL)


class Translator:
    """English sentences → Chinese ones.

    Parameters
    ----------
    table
        English template → Chinese template; None where the text is code and stays as it is.
    """

    def __init__(self, table: Mapping[str, str | None]) -> None:
        filled = {en: zh for en, zh in table.items() if places(en)}
        whole = {en: zh or en for en, zh in table.items() if en not in filled}
        self.sentences = {en.format(): zh.format() for en, zh in whole.items()}
        # What says most on its own is tried first: "no value for {} '{}'" before "{} in {}".
        order = sorted(filled, key=lambda en: len(literal(en)), reverse=True)
        self.templates = [(pattern(en), filled[en] or _unnamed(en)) for en in order]

    def __call__(self, text: str) -> str:
        """Return a sentence in Chinese, or as it is."""
        if text in self.sentences:
            return self.sentences[text]
        for template, chinese in self.templates:
            match = template.fullmatch(text)
            if match:
                return chinese.format(*map(self.filled, match.groups()))
        return self.filled(text)

    def filled(self, text: str) -> str:
        """Return what stands in a place of a template: a word of the file, names, or data."""
        if text in self.sentences:
            return self.sentences[text]
        if all(name and " " not in name for name in JOINED.split(text)):
            return JOINED.sub(lambda joint: JOINTS[joint[0]], text)
        return text


def _unnamed(template: str) -> str:
    """Return a template into which matched texts fit as they are."""
    return re.sub(r"(?<!\{)\{:[^{}]*\}", "{}", template)


def read_messages(file: Path) -> Translator:
    """Read the Chinese of all messages.

    Raises
    ------
    InputError
        When the file is wrong.
    """
    from pydantic import RootModel

    from ecoassess.configuration import read_yaml, validate

    class _File(RootModel[dict[str, str | None]]):
        pass

    return Translator(validate(read_yaml(file), _File).root)
