"""Rows of a CSV file and the lines they stand on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.orderfile import csv_cutting, csv_rows
from connector.orderfile.csv_rows import CsvFile
from connector.orderfile.errors import FileRefused
from connector.orderfile.reasons import Reason

Read = tuple[dict[int, list[str]], dict[int, Reason]]


@pytest.fixture(params=[(32_000, 2_000), (1, 1), (2, 2), (3, 2), (32_000, 1)])
def block_lines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the file falls into blocks, and whoever cuts them, its rows are the same."""
    lines, worth_arrow = request.param
    monkeypatch.setattr(csv_rows, "_BLOCK_LINES", lines)
    monkeypatch.setattr(csv_cutting, "_WORTH_ARROW", worth_arrow)


def read(path: Path, content: bytes | str) -> Read:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    file = CsvFile(path)
    rows: dict[int, list[str]] = {}
    broken: dict[int, Reason] = {}
    for chunk in file.chunks(range(len(file.header))):
        rows |= dict(
            zip(
                chunk.lines.tolist(),
                map(list, zip(*(column.rows() for column in chunk.columns), strict=True)),
                strict=True,
            )
        )
        broken |= dict(chunk.broken)
    return rows, broken


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_told_from_the_header(tmp_path: Path, delimiter: str) -> None:
    rows, _ = read(tmp_path / "f.csv", delimiter.join("ab") + "\n" + delimiter.join(("1,5", "2")[1:] * 2))
    assert rows == {2: ["2", "2"]}


@pytest.mark.usefixtures("block_lines")
def test_lines_are_counted_through_quoted_line_breaks_and_blank_lines(tmp_path: Path) -> None:
    content = 'id,note\n1,"one\ntwo\n"\n\n2,x\n3,"a ""b"" c"\r\n4,y'
    rows, broken = read(tmp_path / "f.csv", content)
    assert rows == {2: ["1", "one\ntwo\n"], 6: ["2", "x"], 7: ["3", 'a "b" c'], 8: ["4", "y"]}
    assert not broken


@pytest.mark.usefixtures("block_lines")
def test_a_quote_that_does_not_match_costs_its_line_only(tmp_path: Path) -> None:
    rows, broken = read(tmp_path / "f.csv", 'id,note\n1,"open\n2,x\n3,"a"b\n4,y\n')
    assert rows == {3: ["2", "x"], 5: ["4", "y"]}
    assert broken == {2: Reason.BROKEN_QUOTES, 4: Reason.BROKEN_QUOTES}


def test_a_quote_that_never_closes_in_a_long_file_costs_its_line_only(tmp_path: Path) -> None:
    rows, broken = read(tmp_path / "f.csv", 'id,note\n1,"open\n' + "2,some text\n" * 30_000)
    assert broken == {2: Reason.BROKEN_QUOTES}
    assert len(rows) == 30_000


@pytest.mark.usefixtures("block_lines")
def test_rows_of_another_width_are_told(tmp_path: Path) -> None:
    rows, broken = read(tmp_path / "f.csv", "a,b\n1\n1,2\n1,2,3\n")
    assert rows == {3: ["1", "2"]}
    assert broken == dict.fromkeys((2, 4), Reason.WRONG_NUMBER_OF_FIELDS)


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"\xef\xbb\xbfid,note\n1,2\n")
    assert CsvFile(path).header == ["id", "note"]


def test_another_encoding_is_refused_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="line 3 "):
        read(tmp_path / "f.csv", b"id,note\n1,a\n2,caf\xe9\n3,b\n")
    with pytest.raises(FileRefused, match="UTF-16"):
        read(tmp_path / "f.csv", "id,note\n".encode("utf-16"))


def test_a_file_without_a_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="no header"):
        read(tmp_path / "f.csv", "\n\n")


@pytest.mark.usefixtures("block_lines")
def test_rows_are_given_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('id,note\n1,"one\ntwo"\n2,"open\n3,x\n')
    file = CsvFile(path)
    assert list(file.texts(np.array([2, 4, 5]))) == [(2, '1,"one\ntwo"'), (4, '2,"open'), (5, "3,x")]


fields = st.text(alphabet="ab ;\t\\'é#\u2028\x1c=", max_size=4)


@given(st.lists(st.lists(fields, min_size=2, max_size=2), min_size=1), st.sampled_from(["\n", "\r\n"]))
def test_arrow_cuts_lines_as_the_standard_library_does(rows: list[list[str]], ending: str) -> None:
    lines = [",".join(row) + ending for row in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_cutting, "_WORTH_ARROW", 1)
        block = csv_cutting._cut_by_arrow(lines, ",", 2)
    assert block is not None
    plain = csv_cutting._cut_plain(lines, ",", 2)
    assert plain is not None
    assert [column.rows() for column in block.columns([0, 1])] == [column.rows() for column in plain.columns([0, 1])]


@pytest.mark.parametrize("odd", ["a\n", "a,b,c\n", '"a",b\n', "\n", "a,b\rc,d\n", "a,\x00\n"])
def test_arrow_is_not_asked_about_lines_that_need_care(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_cutting, "_WORTH_ARROW", 1)
    assert csv_cutting._cut_by_arrow(["a,b\n", odd], ",", 2) is None
