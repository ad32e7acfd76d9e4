"""`regulars score FILE` where rows, files, options or results are of no use: what is said, and what is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import pyarrow.parquet as pq
import pytest

from tests.integration.cli.exports import HEADER, Score, rows_of


def test_rejected_rows_are_counted_and_listed_with_their_lines(score: Score, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        HEADER
        + 'a,1,2026-01-01,10\n\nb,2,"never\nmind",10\n"c,3,2026-01-01,10\nd,4,2026-01-01,ten\ne,5,2026-01-01,5\n'
    )
    result = score("f.csv", "--rejects", "x.csv")
    assert result.exit_code == 0, result.output
    assert rows_of(tmp_path / "x.csv") == [
        {"line": "4", "reason": "date_unreadable", "row": 'b,2,"never\nmind",10'},
        {"line": "6", "reason": "broken_quotes", "row": '"c,3,2026-01-01,10'},
        {"line": "7", "reason": "amount_unreadable", "row": "d,4,2026-01-01,ten"},
    ]
    assert "2 of 5 rows" in result.output
    assert "1 not used: with an amount that is no number" in result.output


def test_parquet_rejects_are_listed_by_row_number(score: Score, tmp_path: Path) -> None:
    import pyarrow as pa

    table = pa.table(
        {"customer_id": ["a", None, "c"], "date": ["2026-01-01", "2026-01-02", "x"], "amount": [1.5, 2, 3]}
    )
    pq.write_table(table, tmp_path / "f.parquet")
    assert score("f.parquet", "--rejects", "x.csv").exit_code == 0
    assert [(row["line"], row["reason"], row["row"]) for row in rows_of(tmp_path / "x.csv")] == [
        ("2", "no_customer", ",2026-01-02,2"),
        ("3", "date_unreadable", "c,x,3"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADER + "a,1,soon,10\n", "No row of f.csv can be used: 1 with a date that cannot be read (--date-format "),
        (HEADER, "No row of f.csv can be used: there are none."),
        ("", "f.csv is empty."),
        ("who,when,what\n1,2,3\n", "No column is the customer"),
        ("customer_id,date,amount\na,2026-01-01,caf\udce9\n", "line 2"),
    ],
)
def test_a_file_of_no_use_ends_with_status_2_and_one_sentence(
    score: Score, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "f.csv").write_bytes(content.encode(errors="surrogateescape"))
    result = score("f.csv", "--out", "s.csv")
    assert result.exit_code == 2
    assert result.output.startswith("Error: ")
    assert said in result.output
    assert result.output.count("\n") == 1
    assert not (tmp_path / "s.csv").exists()


def test_why_no_row_can_be_used_is_listed_all_the_same(score: Score, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(HEADER + "a,1,soon,10\n")
    assert score("f.csv", "--rejects", "x.csv").exit_code == 2
    assert rows_of(tmp_path / "x.csv") == [{"line": "2", "reason": "date_unreadable", "row": "a,1,soon,10"}]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("f.csv", "--store", "st_1"), "not both"),
        (("--out", "s.csv"), "--out is about a FILE"),
        (("f.csv", "--out", "f.csv"), "overwritten"),
        (("f.csv", "--out", "s.csv", "--report", "s.csv"), "three different files"),
        (("f.csv", "--as-of", "30.9.1997"), "not a day"),
        (("f.csv", "--date-format", "%d.%m."), "day, month and year"),
        (("f.csv", "--date-format", "%Q"), "day, month and year"),
        (("missing.csv",), "does not exist"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_done(
    score: Score, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "f.csv").write_text(HEADER + "a,1,2026-01-01,10\n")
    result = score(*arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert [name.name for name in tmp_path.iterdir()] == ["f.csv"]


def test_a_result_that_cannot_be_written_is_said_and_leaves_no_half_file(score: Score, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(HEADER + "a,1,2026-01-01,10\n")
    result = score("f.csv", "--out", tmp_path / "nowhere" / "s.csv")
    assert result.exit_code == 1
    assert "cannot be written: No such file or directory. Nothing was written." in result.output
    assert [name.name for name in tmp_path.iterdir()] == ["f.csv"]


def test_what_was_written_before_something_went_wrong_is_said(score: Score, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(HEADER + "a,1,2026-01-01,10\n")
    result = score("f.csv", "--rejects", "x.csv", "--report", "r.json", "--out", "/dev/full")
    assert result.exit_code == 1
    assert result.output == "Error: /dev/full cannot be written: No space left on device. Written: x.csv, r.json.\n"


def test_ctrl_c_leaves_only_results_that_are_complete(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(table: Any, file: BinaryIO) -> None:
        file.write(b"customer_id\n")
        raise KeyboardInterrupt

    monkeypatch.setattr("connector.orderfile.writing._write_csv", interrupted)
    (tmp_path / "f.csv").write_text(HEADER + "a,1,2026-01-01,10\n")
    result = score("f.csv", "--rejects", "x.csv", "--out", "s.csv")
    assert (result.exit_code, result.output) == (130, "Error: Stopped. Written: x.csv.\n")
    assert sorted(name.name for name in tmp_path.iterdir()) == ["f.csv", "x.csv"]
