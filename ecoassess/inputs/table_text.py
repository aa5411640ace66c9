"""The text of a table of the catalogue, in the encoding it declares."""

from __future__ import annotations

from ecoassess.configuration import read_text
from ecoassess.errors import InputError, Problem
from ecoassess.inputs.catalog import Catalog


def read_table_text(catalog: Catalog, name: str) -> str:
    """Return the text of the CSV file of dataset `name`.

    Raises
    ------
    InputError
        When the file is not in the declared encoding; one that reads as GBK is named as such.
    """
    dataset = catalog.dataset(name)
    file, encoding = dataset.file, dataset.entry.encoding

    def fail(problem: Problem) -> InputError:
        return InputError(catalog.problem(name, "encoding", problem))

    if encoding.lower() not in ("utf-8", "utf8"):
        try:
            return file.read_text(encoding=encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise fail(
                Problem(
                    what=f"{file.name} is not {encoding}",
                    found=str(error),
                    expected="the encoding that the file has: utf-8, gb18030, ...",
                    remedy="correct it",
                )
            ) from None
    try:
        return read_text(file)
    except InputError as error:
        try:
            file.read_text(encoding="gb18030")
        except (UnicodeDecodeError, OSError):
            raise error from None
        raise fail(
            Problem(
                what=f"{file.name} is not UTF-8; it reads as GBK (as Excel saves it in China)",
                found="GBK (gb18030)",
                expected="UTF-8, or the encoding declared here",
                remedy="add 'encoding: gb18030' to this entry, or save as CSV UTF-8",
            )
        ) from None
