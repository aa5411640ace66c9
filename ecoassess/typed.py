"""Characters that an input method types instead of those that YAML means, such as ：，［］“”.

In a Chinese sentence they are right. Where a key, a number, a list or a code is meant, they are the
mistake, and one that is hard to see: the error names the character and where it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from ecoassess.errors import Line

FULL_WIDTH = range(0xFF01, 0xFF5F)
"""Full-width forms of the ASCII characters from ! to ~."""

MEANT = {
    **{chr(code): unicodedata.normalize("NFKC", chr(code)) for code in FULL_WIDTH},
    **dict.fromkeys("“”„‟", '"'),
    **dict.fromkeys("‘’‚‛", "'"),
    **dict.fromkeys("【〔", "["),
    **dict.fromkeys("】〕", "]"),
    **dict.fromkeys("、", ","),
    **dict.fromkeys("。", "."),
    **dict.fromkeys("−–—‐‑", "-"),
    **dict.fromkeys("\u3000\u00a0\u2002\u2003\u2009\u202f\u200b\ufeff", " "),
    "\t": " ",
}
"""Character → what was meant by it."""

BREAKING = {character for character, meant in MEANT.items() if meant not in "-'\""}
"""Those that can break a file rather than a value."""

NAMED = {
    "\t": "a tab",
    " ": "a space",
    "\u3000": "a full-width space",
    "\u00a0": "a no-break space",
    "\u200b": "a space of no width",
}
"""What is said of characters that cannot be seen."""

KEY = re.compile(r"(?:^|[{,，]|- )\s*[A-Za-z_][\w.-]*[^\S\n]*(：)")
DECIMAL_COMMA = re.compile(r"'?[-+]?\d+(,\d+)+(\.\d+)?'?")
QUOTED_OR_COMMENT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?:^|(?<=\s))#.*")


def _ideograph(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def foreign(text: str) -> str | None:
    """Return the first character of a key or a code that was meant as another one.

    A text with Chinese words is a sentence, in which such characters are right.
    """
    if any(map(_ideograph, text)):
        return None
    return next((character for character in text if character in MEANT), None)


def remedy_for(character: str, place: Line, last: bool = False) -> str:
    """Return what to write instead; a `last` one that joins or ends a sentence is too much."""
    meant, typed = (
        NAMED.get(c, f'"{c}"' if c == "'" else f"'{c}'") for c in (MEANT[character], character)
    )
    where = f"in line {int(place)}, column {place.column}"
    if last and MEANT[character] in ",.;: ":
        return f"delete {typed} {where}"
    return f"write {meant} instead of {typed} {where}"


def mistyped(lines: Iterable[tuple[int, str]]) -> tuple[str, Line] | None:
    """Return the character that most likely breaks some lines of YAML, and its place.

    A full-width colon behind a key is surest; then the first character that touches no Chinese
    word, outside of quotes and comments. Dashes and quotes are left to sentences.
    """
    masked = [
        (number, QUOTED_OR_COMMENT.sub(lambda found: "q" * len(found[0]), line))
        for number, line in lines
    ]
    for number, line in masked:
        match = KEY.search(line)
        if match:
            return match[1], Line(number, match.start(1) + 1)
    return next(_alone(masked), None)


def _alone(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[str, Line]]:
    """Yield the characters that stand beside no Chinese word."""
    for number, line in lines:
        for column, character in enumerate(line):
            around = line[:column].rstrip()[-1:] + line[column + 1 :].lstrip()[:1]
            if character in BREAKING and not any(map(_ideograph, around)):
                yield character, Line(number, column + 1)
