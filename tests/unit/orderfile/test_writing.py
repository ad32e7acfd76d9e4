"""Results that appear complete or not at all."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from connector.orderfile.errors import NotWritten
from connector.orderfile.scores import Column
from connector.orderfile.writing import appearing, write_report, write_scores


def test_a_file_that_is_not_finished_leaves_the_old_one_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("old")
    unfinished = appearing(path)
    unfinished.__enter__().write(b"half")
    assert unfinished.__exit__(RuntimeError, RuntimeError(), None) is False
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("there.csv")
    with appearing(tmp_path / "link.csv") as file:
        file.write(b"new")
    assert (tmp_path / "there.csv").read_text() == "new"
    assert (tmp_path / "link.csv").is_symlink()


def test_a_device_is_written_to_and_stays_one() -> None:
    write_report(Path("/dev/null"), {"model": "none"})
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotWritten, match="cannot be written"), appearing(tmp_path / "no" / "s.csv"):
        pass


def test_not_a_number_never_gets_into_a_report(tmp_path: Path) -> None:
    write_report(tmp_path / "r.json", {"bias": [float("nan"), 1.5], "low": float("-inf")})
    assert json.loads((tmp_path / "r.json").read_text()) == {"bias": [None, 1.5], "low": None}


@pytest.mark.parametrize(
    ("decimals", "expected"), [(2, ["0.05", "-12.34", "10000000000000.00"]), (0, ["5", "-1234", "1000000000000000"])]
)
def test_money_is_written_exactly(tmp_path: Path, decimals: int, expected: list[str]) -> None:
    minor = np.array([5, -1234, 10**15])
    columns = [Column("customer_id", "text", ["a", "b", "c"]), Column("clv", "money", minor)]
    write_scores(tmp_path / "s.csv", columns, decimals)
    write_scores(tmp_path / "s.parquet", columns, decimals)
    assert (tmp_path / "s.csv").read_text() == "customer_id,clv\n" + "".join(
        f"{name},{amount}\n" for name, amount in zip("abc", expected, strict=True)
    )
    assert [str(value) for value in pq.read_table(tmp_path / "s.parquet")["clv"].to_pylist()] == expected


def test_what_is_not_known_is_empty_and_ids_with_signs_are_quoted(tmp_path: Path) -> None:
    columns = [
        Column("customer_id", "text", ['a"b', "c,d"]),
        Column("clv", "money", None),
        Column("x", "whole", np.array([1, 2])),
    ]
    write_scores(tmp_path / "s.csv", columns, 2)
    assert (tmp_path / "s.csv").read_text() == 'customer_id,clv,x\n"a""b",,1\n"c,d",,2\n'
