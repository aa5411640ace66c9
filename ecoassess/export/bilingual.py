"""Chinese columns beside the English ones: names, labels, and the sentences of notes and reasons.

A column `technology` is followed by `technology_zh`, and so on. Names stand in the modules of the
technologies; labels and sentences in `configs/language.yaml`, the sentences as templates whose keys
begin with `note_`. What the file lacks (what a user wrote, such as `because` of an estimate) stays
as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from ecoassess.messages import Translator

if TYPE_CHECKING:
    from ecoassess.language import Words
    from ecoassess.project import Project

SENTENCES = "note_"
"""How the keys of sentences in tables begin."""

JOINT = "; "
"""What parts the sentences of a cell, and what comes before one that is qualified."""

QUALIFIED = "taken as none: "

LABELS = ("account", "basis", "kind", "boundary", "status", "status_with_upstream", "of", "label")
"""Columns of words that are labels."""

NOTES = ("months", "note", "reason")
"""Columns of sentences."""

LISTS = ("without_data", "effects without data")
"""Columns of technologies, parted by commas."""

OF_ASSESSMENT = ("technology", "component", "status", "reason")
"""The columns of the longest table that have their Chinese: it has 150,000 rows."""


class Chinese:
    """Puts the names, labels and sentences of tables into Chinese.

    Parameters
    ----------
    words
        The words of the project in Chinese.
    benefits
        Component that is a co-benefit → its Chinese name.
    """

    def __init__(self, words: Words, benefits: Mapping[str, str]) -> None:
        self.words, self.benefits = words, benefits
        self.translate = Translator(
            {text["en"]: text["zh"] for key, text in words.table.items() if _is_note(key)}
        )

    def technology(self, name: str) -> str:
        """Return the name of a technology, or of all effects together."""
        from ecoassess.sensitivity import ALL_EFFECTS

        return self.words("effects_total") if name == ALL_EFFECTS else self.words.technology(name)

    def label(self, word: str) -> str:
        """Return a label; one that the file lacks stays as it is."""
        known = self.words.table.get(word) or self.words.table.get(word.replace(" ", "_"))
        return known["zh"] if known else word

    def benefit(self, name: str) -> str:
        """Return the name of a co-benefit."""
        return self.benefits.get(name, name)

    def technologies(self, names: str) -> str:
        """Return the names of technologies that stand in a row."""
        return "、".join(map(self.technology, names.split(", ")))

    def sentences(self, text: str) -> str:
        """Return sentences that stand in a row."""
        said = [self._sentence(sentence) for sentence in text.split(JOINT)]
        return text if said == text.split(JOINT) else "；".join(said)

    def _sentence(self, text: str) -> str:
        if text.startswith(QUALIFIED):
            return self.words("taken_as_none", what=self._sentence(text.removeprefix(QUALIFIED)))
        return self.translate(text)

    def of_column(self, column: str) -> Callable[[str], str] | None:
        """Return what puts the texts of a column into Chinese; None where nothing does."""
        if column in ("technology", "with"):
            return self.technology
        if column in LABELS:
            return self.label
        if column in NOTES:
            return self.sentences
        return {"benefit": self.benefit, **dict.fromkeys(LISTS, self.technologies)}.get(column)


def _is_note(key: str) -> bool:
    return key.startswith(SENTENCES)


def chinese(project: Project) -> Chinese:
    """Return the Chinese of a project's tables."""
    from ecoassess.language import read_words
    from ecoassess.technology import discover

    benefits = {
        name: component.zh
        for technology in discover(project).values()
        for name, component in technology.components.items()
        if not component.warms
    }
    return Chinese(read_words("zh", project.root), benefits)


def bilingual(
    frame: pd.DataFrame, words: Chinese, columns: tuple[str, ...] | None = None
) -> pd.DataFrame:
    """Return a table with the Chinese columns that it lacks, each behind its English one.

    Parameters
    ----------
    columns
        Those that get their Chinese. Default: all of which something is known.
    """
    made = dict(_chinese_columns(frame, words, columns))
    parts: dict[str, pd.Series] = {}
    for column in frame:
        parts[str(column)] = frame[column]
        if column in made:
            parts[f"{column}_zh"] = made[str(column)]
    return pd.DataFrame(parts, index=frame.index)


def _chinese_columns(
    frame: pd.DataFrame, words: Chinese, columns: tuple[str, ...] | None
) -> Iterator[tuple[str, pd.Series]]:
    for column in map(str, frame):
        wanted = columns is None or column in columns
        if not wanted or f"{column}_zh" in frame or frame[column].isna().all():
            continue
        if column == "component" and "technology" in frame:
            named = cache(words.words.component)
            texts = [named(*pair) for pair in zip(frame["technology"], frame[column], strict=True)]
            yield column, pd.Series(texts, index=frame.index, dtype=object)
            continue
        say = words.of_column(column)
        if say is not None:
            known = {text: say(str(text)) for text in frame[column].dropna().unique() if text}
            if any(text != meant for text, meant in known.items()):
                yield column, frame[column].map(known)
