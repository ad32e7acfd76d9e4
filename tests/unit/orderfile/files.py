"""A small file, read as the command reads it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from connector.orderfile.columns import ORDER_HEADERS, SUMMARY_HEADERS, find_columns
from connector.orderfile.opening import chunks, open_rows
from connector.orderfile.orders import Asked, OrderReader, OrderRows
from connector.orderfile.reasons import Reason
from connector.orderfile.summaries import SummaryReader, SummaryRows

TODAY = date(2026, 11, 22)


def read_orders(path: Path, content: str | bytes | None = None, **asked: Any) -> OrderRows:
    source = _written(path, content)
    reader = OrderReader(find_columns(source.header, {}, ORDER_HEADERS), Asked(TODAY, **asked))
    for chunk in chunks(source, reader.columns, lambda _position, _rows: None):
        reader.add(chunk)
    return reader.finish()


def read_summary(path: Path, content: str | bytes | None = None, *, unit: str = "day") -> SummaryRows:
    source = _written(path, content)
    reader = SummaryReader(find_columns(source.header, {}, SUMMARY_HEADERS), unit, None, None)
    for chunk in chunks(source, reader.columns, lambda _position, _rows: None):
        reader.add(chunk)
    return reader.finish()


def _written(path: Path, content: str | bytes | None) -> Any:
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_rows(path)


def by_customer(rows: OrderRows) -> dict[str, list[tuple[int, int]]]:
    """Customer -> (days before the as-of date, value) of each counted order, in order."""
    found: dict[str, list[tuple[int, int]]] = {label: [] for label in rows.labels}
    for owner, day, value in zip(rows.orders.customer, rows.orders.day, rows.orders.value, strict=True):
        found[rows.labels[owner]].append((int(rows.as_of_day - day), int(value)))
    return {label: sorted(orders) for label, orders in found.items()}


def rejected(rows: OrderRows | SummaryRows) -> list[tuple[int, str]]:
    """Line and reason of each rejected row."""
    tally = rows.tally
    pairs = zip(tally.rejected_lines.tolist(), tally.rejected_reasons.tolist(), strict=True)
    return [(line, Reason(reason).slug) for line, reason in pairs]
