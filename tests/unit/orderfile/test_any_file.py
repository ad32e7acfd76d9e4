"""Whatever is in a file: it is refused with a sentence or every row of it is accounted for."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.orderfile.errors import FileRefused
from connector.orderfile.tally import Tally
from tests.unit.orderfile.files import by_customer, read_orders, read_summary, rejected

HEADER = "customer_id,order_id,date,amount,refunded,currency,email,status\n"
cells = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "1",
            "2",
            "-1",
            "7.5",
            "1e3",
            "-0",
            "nan",
            "inf",
            "1,5",
            "2026-01-01",
            "2026-06-01 10:00",
            "2099-01-01",
            "1969-01-01",
            "EUR",
            "USD",
            "a@b.c",
            "completed",
            "refunded",
            '"',
            "'",
            "=1",
            "\x00",
            "9" * 30,
        ]
    ),
    st.text(max_size=6),
)
likely = st.tuples(
    st.sampled_from(["a", "b", "0", ""]),
    st.sampled_from(["1", "2", "#2", ""]),
    st.sampled_from(["2026-01-01", "2026-02-01", "2026-03-01"]),
    st.sampled_from(["10", "20", "-10", "-5", "0"]),
    st.sampled_from(["", "5", "10"]),
    st.just("EUR"),
    st.sampled_from(["a@b.c", "d@e.f", ""]),
    st.sampled_from(["completed", "processing"]),
)
priced = st.tuples(
    st.sampled_from(["a", "b"]),
    st.sampled_from(["1", "2", "3", "4"]),
    st.sampled_from(["2026-01-01", "2026-02-01", "soon"]),
    st.sampled_from(["10", "12.5", "12,5", "1.234", "1,234", "€1.234", "€5", "$5", "5 EUR", "-5", "much"]),
    st.sampled_from(["", "5", "1.234", "$5"]),
    st.sampled_from(["", "", "EUR", "JPY", "KWD"]),
    st.sampled_from(["a@b.c", ""]),
    st.sampled_from(["completed", "failed"]),
)
rows_of_cells = st.lists(st.one_of(likely, st.lists(cells, max_size=9)), max_size=12)


def accounted_for(tally: Tally) -> bool:
    return tally.rows == tally.used + tally.rejected + tally.later + tally.duplicates


@given(rows_of_cells, st.sampled_from([None, date(2026, 1, 15)]))
def test_rows_in_are_rows_used_rejected_later_and_repeated(rows: list[list[str]], as_of: date | None) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        content = (HEADER + "\n".join(quoted)).encode(errors="replace")
        found = read_orders(Path(folder) / "f.csv", content, as_of=as_of, currency="EUR")
    assert accounted_for(found.tally)
    # A row of no cell, or of one empty cell, is an empty line.
    assert found.tally.rows == sum(1 for row in rows if row)
    assert found.tally.used == len(found.orders.day) + found.refunds
    assert found.orders.value.min(initial=0) >= 0
    assert found.orders.customer.min(initial=0) >= 0
    assert found.orders.customer.max(initial=0) < max(len(found.labels), 1)


@given(st.lists(priced, max_size=8), st.integers(1, 4), st.sampled_from([None, "EUR", "JPY"]))
def test_a_file_means_the_same_in_pieces_of_any_size(
    rows: list[tuple[str, ...]], lines: int, currency: str | None
) -> None:
    content = HEADER + "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    found = []
    for block_lines in (lines, 1_000):
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            patch.setattr("connector.orderfile.csv_rows._BLOCK_LINES", block_lines)
            try:
                orders = read_orders(Path(folder) / "f.csv", content, currency=currency)
            except FileRefused as error:
                found.append((str(error),))
            else:
                found.append((orders.currency, by_customer(orders), rejected(orders), orders.tally.to_json()))
    assert found[0] == found[1]


@given(st.binary(max_size=300), st.booleans())
@example(b'"', True)
@example(b"a\r\rb", False)
@example(b"\xff\xfe", False)
@example(b"PAR1", False)
@example(b"PK\x03\x04", False)
def test_any_bytes_are_refused_with_a_sentence_or_accounted_for(content: bytes, with_header: bool) -> None:
    header = HEADER.encode() if with_header else b""
    with tempfile.TemporaryDirectory() as folder:
        for read in (read_orders, read_summary):
            with suppress(FileRefused):  # the only way out that is meant
                assert accounted_for(read(Path(folder) / "f.csv", header + content).tally)


@given(st.lists(st.lists(cells, min_size=5, max_size=5), max_size=8))
def test_summed_up_histories_are_used_or_rejected(rows: list[list[str]]) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        content = ("customer_id,x,t_x,T,monetary_value\n" + "\n".join(quoted)).encode(errors="replace")
        found = read_summary(Path(folder) / "f.csv", content)
    assert accounted_for(found.tally)
    assert found.tally.rows == len(rows)
