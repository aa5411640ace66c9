"""The text of a shapefile: its bytes tell the encoding, not the .cpg beside it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ecoassess.errors import InputError, Problem
from ecoassess.inputs.catalog import Catalog, DatasetEntry, Title
from ecoassess.inputs.parcels.findings import Note

RAW = "ISO-8859-1"
"""Read with it, each character of a text stands for one byte of the file."""

_READABLE = re.compile(
    "[\x20-\x7e\\s°±·×²³℃㎡Ⅰ-Ⅻ‐-”…\u2460-\u249b\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef]*"
)

_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")


def text_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns that hold text."""
    return [c for c in frame.columns if c != "geometry" and frame[c].dtype.kind in "OT"]


def texts_of(frame: pd.DataFrame) -> list[str]:
    """Return each text of a frame once, names of columns among them."""
    found = dict.fromkeys(str(column) for column in frame.columns)
    for column in text_columns(frame):
        found |= dict.fromkeys(v for v in frame[column].unique() if isinstance(v, str))
    return list(found)


def decode(text: Any, encoding: str) -> Any:
    """Decode a text read as `RAW`; a last character that its cell cuts off is left out."""
    if not isinstance(text, str) or text.isascii():
        return text
    return codecs.getincrementaldecoder(encoding)().decode(text.encode(RAW))


def _readable(texts: Sequence[str], encoding: str) -> list[str] | None:
    """Return raw texts decoded, or None where that does not give readable Chinese."""
    try:
        decoded = [str(decode(text, encoding)) for text in texts]
    except (UnicodeError, LookupError):
        return None
    return decoded if all(_READABLE.fullmatch(text) for text in decoded) else None


def true_text(text: str) -> str | None:
    """Return the Chinese that stands behind a text decoded wrongly; None for a sound text."""
    for wrong, right in (
        *((RAW, "utf-8"), (RAW, "gb18030"), ("cp1252", "gb18030"), ("gb18030", "utf-8")),
    ):
        try:
            again = text.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if again != text and _READABLE.fullmatch(again) and _IDEOGRAPH.search(again):
            return again
    return None


def find_encoding(
    catalog: Catalog, name: str, entry: DatasetEntry, file: Path, texts: Sequence[str]
) -> tuple[str, list[Note]]:
    """Return the encoding of a shapefile's text; its bytes decide, not the .cpg beside it."""
    texts = [text for text in texts if not text.isascii()]
    if not texts:
        return "utf-8", []
    guesses = {"UTF-8": _readable(texts, "utf-8"), "GBK": _readable(texts, "gb18030")}
    if not any(map(_IDEOGRAPH.search, guesses["UTF-8"] or ())):
        guesses["UTF-8"] = None  # a few GBK characters read as accented UTF-8 letters
    best = next((encoding for encoding, found in guesses.items() if found), None)
    codec = "gb18030" if best == "GBK" else "utf-8"
    if "encoding" in entry.model_fields_set:
        if _readable(texts, entry.encoding):
            return entry.encoding, []
        problem = Problem(
            f"the text of {file.name} is not {entry.encoding}",
            found=f"it reads as {best}" if best else "neither UTF-8 nor GBK",
            expected=f"encoding: {codec}" if best else "the encoding that the file has",
            remedy="correct it",
        )
        raise InputError(catalog.problem(name, "encoding", problem))
    written, claim = _claimed_encoding(file)
    if best is None or (claim not in ("", "UTF-8", "GBK") and _readable(texts, claim)):
        problem = Problem(
            f"the encoding of the text of {file.name} cannot be told",
            found=f"{texts[0][:20]!r}; .cpg: {written or 'absent'}",
            expected="UTF-8 or GBK",
            remedy="declare it in the catalogue: 'encoding: gb18030', 'utf-8', 'big5', ...",
        )
        raise InputError(catalog.problem(name, "encoding", problem))
    if best == claim:
        return codec, []
    return codec, [
        Note("encoding", {"encoding": best, "cpg": written or Title(en="absent", zh="缺失")})
    ]


def _claimed_encoding(file: Path) -> tuple[str, str]:
    """Return what the .cpg of a shapefile says, and what that means; Latin says nothing."""
    for part in file.parent.iterdir():
        if part.stem == file.stem and part.suffix.lower() == ".cpg":
            text = part.read_text(encoding="ascii", errors="replace").strip()
            for pattern, meaning in (
                ("utf|65001", "UTF-8"),
                ("gb|936", "GBK"),
                ("iso|latin|8859|1252|ansi|ascii", ""),
            ):
                if re.search(pattern, text.lower()):
                    return text, meaning
            return text, text
    return "", ""
