"""What `regulars score FILE` tells: while it works, when it is done, and in its report."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from connector.cli.score_file import _BAR_FROM
from connector.orderfile.reasons import Reason
from tests.integration.cli.exports import HEADER, Score, report_of, rows_of


def test_a_large_file_shows_how_far_it_is(
    score: Score, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_BAR_FROM, "bytes", 1)
    result = score(small, "--model", "bg-nbd")
    assert "100%" in result.stderr
    assert "rows" in result.stderr
    assert "100%" not in result.stdout


def test_a_parquet_file_is_large_by_its_rows_because_they_lie_close(
    score: Score, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.csv

    table = pyarrow.csv.read_csv(small)
    pq.write_table(table, tmp_path / "f.parquet")
    for rows, shown in ((table.num_rows, True), (table.num_rows + 1, False)):
        monkeypatch.setitem(_BAR_FROM, "rows", rows)
        assert ("100%" in score("f.parquet", "--model", "bg-nbd").stderr) == shown


def test_what_was_read_for_what_is_said_and_reported(score: Score, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("Customer,Date,Net sales\nFirst Customer,2026-01-01,10\n")
    result = score("f.csv", "--report", "r.json")
    assert (
        "  Read: customer 'Customer', date 'Date', amount 'Net sales'; customers by name (people of one name are one "
        "customer); no order ids: every row is an order.\n"
    ) in result.stdout
    assert report_of(tmp_path / "r.json")["read"] == {
        "columns": {"customer": "Customer", "date": "Date", "amount": "Net sales"},
        "customers_by": "name",
        "order_ids": False,
    }


def test_the_total_says_of_whom_over_how_long_and_on_which_terms(score: Score, small: Path, tmp_path: Path) -> None:
    common = ("--model", "bg-nbd", "--report", "r.json")
    plain = score(small, *common, "--discount-rate", "0").stdout
    total = report_of(tmp_path / "r.json")["clv_total"]
    likely = f"{total['expected']}, likely {total['low']} to {total['high']}."
    assert f"\nValue of all customers over the next 12 months: {likely}\n" in plain
    other = score(small, *common, "--horizon-days", "90", "--margin", "0.4").stdout
    assert "Value of all customers over the next 90 days, at a margin of 40%, discounted at 10% a year: " in other
    assert report_of(tmp_path / "r.json")["terms"] == {
        "horizon": "90 days", "horizon_days": 90, "margin": 0.4, "annual_discount_rate": 0.1,
    }  # fmt: skip


def test_nobody_is_told_of_a_file_that_cannot_be_read_because_they_stopped_reading(
    small: Path, tmp_path: Path
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "connector", "score", small, "--model", "bg-nbd", "--out", tmp_path / "s.csv"]
    try:
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writer)
    assert done.stderr == ""
    assert len(rows_of(tmp_path / "s.csv")) == 250


def test_the_report_says_all_that_was_asked_and_decides_the_scores(score: Score, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("who,when,amount,status\na,01/02/2026,10,shipped\n")
    asked = ("--customer-column", "who", "--date-column", "when", "--date-format", "%d/%m/%Y",
             "--as-of", "2026-03-01", "--counted-statuses", "wc-shipped,completed", "--currency", "eur")  # fmt: skip
    assert score("f.csv", *asked, "--report", "r.json").exit_code == 0
    assert report_of(tmp_path / "r.json")["asked"] == {
        "model": "auto",
        "unit": "day",
        "priors": True,
        "horizon_days": None,
        "margin": 1.0,
        "discount_rate": 0.1,
        "lookback_days": None,
        "summary": False,
        "as_of": "2026-03-01",
        "currency": "EUR",
        "columns": {"customer": "who", "date": "when"},
        "date_format": "%d/%m/%Y",
        "counted_statuses": ["completed", "shipped"],
    }


def test_every_key_of_the_report_and_every_reason_is_documented(score: Score, small: Path, tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "score-file.md").read_text("utf-8")
    assert score(small, "--model", "bg-nbd", "--report", "r.json").exit_code == 0
    table = page[page.index("`--report` writes JSON") : page.index("`--model auto`")]
    assert set(report_of(tmp_path / "r.json")) <= set(re.findall(r"\w+", table))
    assert {reason.slug for reason in Reason} <= set(re.findall(r"`(\w+)`", page))


@pytest.mark.parametrize("times", [1, 2])
def test_rows_that_are_not_used_are_told_in_words_that_fit_one_and_many(
    score: Score, tmp_path: Path, times: int
) -> None:
    (tmp_path / "f.csv").write_text(HEADER + "a,1,2026-01-01,10\n" + "a,1,2026-01-01,11\n" * times)
    assert f"{times} not used: saying something else of an order seen before\n" in score("f.csv").stdout
