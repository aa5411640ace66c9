"""YAML traps: what a reader believes a file says is what the program reads, or it is refused."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import RootModel

from ecoassess.configuration import Strict, placed, read_yaml, validate
from ecoassess.errors import InputError, Line, Problem


class Inner(Strict):
    value: float
    name: str | None = None


class Outer(Strict):
    title: str
    inner: Inner
    table: dict[str, Inner] = {}


class Table(RootModel[dict[str, Inner]]):
    pass


def read(folder: Path, text: str | bytes) -> Any:
    file = folder / "file.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_yaml(file)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E3", 1000.0),
        ("0.5", 0.5),
        ("-2", -2),
        ("0", 0),
        ("NO", "NO"),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("null", None),
        ("2024-06", "2024-06"),
        ('"012"', "012"),
        ("'22'", "22"),
        ("延边", "延边"),
    ],
)
def test_scalars_are_what_they_look_like(tmp_path: Path, text: str, value: object) -> None:
    content = read(tmp_path, f"key: {text}\n").content["key"]
    assert content == value
    assert type(content) is type(value)


@pytest.mark.parametrize("text", [".nan", ".inf", "-.inf"])
def test_what_is_no_number_is_refused_as_one(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        validate(read(tmp_path, f"value: {text}\n"), Inner)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\ncode: 012\n", 2, "ambiguous value"),
        ("a: 1\ncode: -07\n", 2, "ambiguous value"),
        ("a: &x 1\nb: *x\n", None, "alias"),
        ("a: 1\nb: !!python/name:os.system 2\n", 2, "ambiguous value"),
        ("a: 1\nb: !tag 2\n", 2, "ambiguous value"),
        ("a: 1\nb: 2\na: 3\n", 3, "stands twice"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", 4, "stands twice"),
        ("a: [1\nb: 2\n", None, "not valid YAML"),
        ("a: 1\n\tb: 2\n", None, "not valid YAML"),
        ("%YAML 1.1\n---\na: NO\n", 1, "directives"),
    ],
)
def test_traps_are_refused(tmp_path: Path, text: str, line: int | None, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        read(tmp_path, text)
    problem = caught.value.problems[0]
    assert problem.file == tmp_path / "file.yaml"
    if line:
        assert problem.line == line
    assert problem.remedy


def test_a_second_key_names_the_first(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "a:\n  b: 1\n  c: 2\n  b: 3\n")
    (problem,) = caught.value.problems
    assert problem.key == "a.b"
    assert problem.found == "first in line 2"


def test_all_traps_of_a_file_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "a: 012\nb: !x 1\na: 2\nc: 07\n")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3, 4]


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfa: 1\n").content == {"a": 1}


def test_windows_line_ends_keep_their_lines(tmp_path: Path) -> None:
    document = read(tmp_path, "a: 1\r\nb:\r\n  c: 2\r\n")
    assert document.content == {"a": 1, "b": {"c": 2}}
    assert document.line(("b", "c")) == 3


def test_another_encoding_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not UTF-8") as caught:
        read(tmp_path, "title: 延边\n".encode("gbk"))
    assert "0xd1 at position 7" in str(caught.value)


def test_a_file_that_is_not_there_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "shared.yaml").touch()
    with pytest.raises(InputError, match=r"did you mean shared\.yaml\?"):
        read_yaml(tmp_path / "shard.yaml")


def test_an_empty_file_is_an_empty_mapping(tmp_path: Path) -> None:
    assert read(tmp_path, "# nothing\n").content == {}


def test_keys_are_text(tmp_path: Path) -> None:
    assert read(tmp_path, "222401: 1\n22: 2\n").content == {"222401": 1, "22": 2}


def test_a_missing_key_has_the_line_of_its_parent(tmp_path: Path) -> None:
    document = read(tmp_path, "title: x\ninner:\n  name: y\n")
    with pytest.raises(InputError) as caught:
        validate(document, Outer)
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (2, "inner.value")
    assert problem.what == "a key is missing"


def test_all_mistakes_of_a_model_come_at_once(tmp_path: Path) -> None:
    text = "titel: x\ninner: {value: '1', nam: y}\ntable:\n  one: {value: 1}\n  two: {valu: 2}\n"
    with pytest.raises(InputError) as caught:
        validate(read(tmp_path, text), Outer)
    found = {(p.line, p.key, p.what) for p in caught.value.problems}
    assert found == {
        (1, "titel", "unknown key"),
        (1, "title", "a key is missing"),
        (2, "inner.value", "wrong value"),
        (2, "inner.nam", "unknown key"),
        (5, "table.two.value", "a key is missing"),
        (5, "table.two.valu", "unknown key"),
    }


@pytest.mark.parametrize(
    ("model", "text", "hint"),
    [
        (Inner, "value: 1\nnmae: x\n", "did you mean 'name'?"),
        (Outer, "title: x\ninner: {value: 1, nmae: x}\n", "did you mean 'name'?"),
        (Outer, "title: x\ninner: {value: 1}\ntable:\n  a: {valu: 1, value: 2}\n", "'value'?"),
        (Table, "a: {value: 1, nmae: x}\n", "did you mean 'name'?"),
    ],
)
def test_an_unknown_key_names_the_nearest(
    tmp_path: Path, model: type[Any], text: str, hint: str
) -> None:
    with pytest.raises(InputError) as caught:
        validate(read(tmp_path, text), model)
    (problem,) = caught.value.problems
    assert hint in (problem.remedy or "")
    assert "value" in (problem.expected or "")


@pytest.mark.parametrize("text", ["value: '1'", "value: true", "value: [1]", "value: 1\nname: 2"])
def test_nothing_is_converted_silently(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="wrong value"):
        validate(read(tmp_path, text), Inner)


def test_a_whole_number_is_a_number(tmp_path: Path) -> None:
    assert validate(read(tmp_path, "value: 1"), Inner).value == 1.0


@given(value=st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_numbers_come_back_as_written(value: float, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert read(folder, f"value: {value!r}\n").content["value"] == value


# -- line and column, counted from 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("title: x\ninner:\n  name: y\n", "2:1"),  # `value` is missing: its parent
        ("title: x\ninner: {name: y}\n", "2:1"),
        ("title: x\ninner:\n  value: z\n", "3:3"),
        ("title: x\ninner: {name: y, value: z}\n", "2:18"),
        ("title: x\ninner: {value: 1, nmae: y}\n", "2:19"),
        ("title: 延边\ninner: {value: 1}\ntable:\n    延边: {value: 延}\n", "4:10"),
        ("\ufefftitel: x\ntitle: x\ninner: {value: 1}\n", "1:1"),
    ],
)
def test_messages_name_line_and_column(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(InputError) as caught:
        validate(read(tmp_path, text), Outer)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{tmp_path / 'file.yaml'}:{place} [")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\nb: {c: 012}\n", "2:8"),
        ("a:\n  b: 1\n  b: 3\n", "3:3"),
        ("a: 1\nb: [1, !x 2]\n", "2:8"),
        ("a: 1\nb: c: 2\n", "2:5"),  # the second colon
        ("%YAML 1.1\n---\na: NO\n", "1:1"),
    ],
)
def test_traps_name_line_and_column(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert f"file.yaml:{place}" in str(caught.value).splitlines()[0]


def test_a_line_keeps_its_column_wherever_it_goes() -> None:
    line = Line(12, 5)
    assert (line, str(line), f"{line}", json.dumps([line])) == (12, "12", "12", "[12]")
    assert pickle.loads(pickle.dumps(line)).column == 5  # noqa: S301
    assert str(Problem("x", file="a.csv", line=3)) == "a.csv:3: x"
    assert str(Problem("x", file="a.yaml", line=line, key="k")) == "a.yaml:12:5 [k]: x"


def test_a_key_without_a_line_is_looked_up(tmp_path: Path) -> None:
    read(tmp_path, "a: 1\nb:\n  c: {d: 1}\n")
    problem = Problem("x", file="file.yaml", key="b.c.d")
    assert placed(problem, tmp_path).place == "file.yaml:3:7 [b.c.d]"
    assert placed(Problem("x", file="file.yaml", key="b.e"), tmp_path).line == 2  # its parent
    for other in (
        Problem("x", file="none.yaml", key="a"),
        Problem("x", file="file.csv", key="a"),
        Problem("x", file="file.yaml"),
        Problem("x", file="file.yaml", key="a", line=7),
    ):
        assert placed(other, tmp_path) == other
