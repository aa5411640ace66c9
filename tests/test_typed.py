"""Full-width punctuation and its like: the error names the character, its line and its column."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecoassess.coefficients import read_coefficients
from ecoassess.errors import InputError
from ecoassess.language import read_words

COLON, COMMA, FULL_SPACE, MINUS = "\uff1a", "\uff0c", "\u3000", "\u2212"
GOOD = f"""growth:
  en: Growth
  zh: 生长（年）{COLON}净增长{COMMA}按面积
  unit: 1/yr
  value: 0.5
  range: [0.4, 0.6]
  distribution: normal
  source: ipcc
  locator: "Table 3{COMMA}第4页"
  grade: A

other:
  en: Other
  zh: 其他
  unit: t/ha
  by: crop
  distribution: normal
  source: ipcc
  locator: Table 4
  grade: B
  values:
    maize: {{value: 1, range: [0.8, 1.2]}}
    rice: {{value: 2, range: [1.8, 2.2]}}
"""


def refused(folder: Path, old: str, new: str) -> InputError:
    assert old in GOOD
    file = folder / "typed.yaml"
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_coefficients(file, {"ipcc": None})
    return caught.value


def test_chinese_sentences_keep_their_punctuation(tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text(GOOD + f"# 注{COLON}单位为 t{COMMA} kg\n", encoding="utf-8")
    assert set(read_coefficients(file, {"ipcc": None})) == {"growth", "other"}


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        # a colon that makes no key
        ("value: 0.5", f"value{COLON}0.5", f"write ':' instead of '{COLON}' in line 5, column 8"),
        ("unit: 1/yr", f"unit{COLON}1/yr", f"write ':' instead of '{COLON}' in line 4, column 7"),
        ("en: Growth", f"en{COLON}Growth", f"write ':' instead of '{COLON}' in line 2, column 5"),
        ("zh: 生长", f"zh{COLON}生长", f"write ':' instead of '{COLON}' in line 3, column 5"),
        ("growth:", f"growth{COLON}", f"write ':' instead of '{COLON}' in line 1, column 7"),
        ("maize: {", f"maize{COLON}{{", f"write ':' instead of '{COLON}' in line 22, column 10"),
        ("{value: 1", f"{{value{COLON}1", f"write ':' instead of '{COLON}' in line 22, column 18"),
        # commas and brackets
        ("0.4, 0.6", f"0.4{COMMA}0.6", f"write ',' instead of '{COMMA}' in line 6, column 14"),
        ("1, range", f"1{COMMA}range", f"write ',' instead of '{COMMA}' in line 22, column 21"),
        ("0.8, 1.2", "0.8、 1.2", "write ',' instead of '、' in line 22, column 34"),
        (
            "[0.4, 0.6]",
            "\uff3b0.4, 0.6\uff3d",
            "write '[' instead of '\uff3b' in line 6, column 10",
        ),
        ("[0.4, 0.6]", "【0.4, 0.6】", "write '[' instead of '【' in line 6, column 10"),
        ("{value: 1", "\uff5bvalue: 1", "write '{' instead of '\uff5b' in line 22, column 12"),
        ("normal\n", f"normal{COMMA}\n", f"delete '{COMMA}' in line 7, column 23"),
        ("by: crop", "by: \uff3bcrop\uff3d", "write '[' instead of '\uff3b' in line 16, column 7"),
        # digits, letters, signs and quotes
        ("value: 0.5", "value: \uff10.5", "write '0' instead of '\uff10' in line 5, column 10"),
        ("value: 0.5", "value: 0。5", "write '.' instead of '。' in line 5, column 11"),
        ("value: 0.5", f"value: {MINUS}5", f"write '-' instead of '{MINUS}' in line 5, column 10"),
        ("grade: A", "grade: \uff21", "write 'A' instead of '\uff21' in line 10, column 10"),
        ("grade: A", "grade: ‘A’", "write \"'\" instead of '‘' in line 10, column 10"),
        ("source: ipcc", "source: “ipcc”", "write '\"' instead of '“' in line 8, column 11"),
        # what cannot be seen
        (
            "  value: 0.5",
            f"{FULL_SPACE}{FULL_SPACE}value: 0.5",
            "write a space instead of a full-width space in line 5, column 1",
        ),
        (
            "value: 0.5",
            f"value:{FULL_SPACE}0.5",
            "write a space instead of a full-width space in line 5, column 9",
        ),
        ("  value: 0.5", "\tvalue: 0.5", "write a space instead of a tab in line 5, column 1"),
        # a comma for a point
        ("value: 0.5", "value: 0,5", "write a decimal point, and no other separator"),
    ],
)
def test_what_to_write_instead(tmp_path: Path, old: str, new: str, remedy: str) -> None:
    error = refused(tmp_path, old, new)
    assert remedy in [problem.remedy for problem in error.problems]
    chinese = [line for line in read_words("zh").error(error).splitlines() if "处理" in line]
    assert not any(remedy in line for line in chinese)  # it has its Chinese


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[0.4, 0.6]", "[0.4, 0.6"),
        ("grade: A", "grade: D"),
        ("unit: 1/yr", "unit: 1/jahr"),
        ("  value: 0.5\n", ""),
    ],
)
def test_other_mistakes_near_chinese_sentences_are_not_blamed_on_them(
    tmp_path: Path, old: str, new: str
) -> None:
    for problem in refused(tmp_path, old, new).problems:
        assert "instead of" not in str(problem.remedy)


def test_an_earlier_version_is_looked_at_too(tmp_path: Path) -> None:
    own = f"valid_from: 2025-01-01\n  reason: new\n  earlier:\n    - value: 0{COMMA}4\n"
    error = refused(tmp_path, "  grade: A\n", f"  grade: A\n  {own}")
    remedies = [problem.remedy for problem in error.problems]
    assert f"write ',' instead of '{COMMA}' in line 14, column 15" in remedies
