"""Lines of a CSV file cut into records: at full speed where every line is one, with care where quotes are broken."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.orderfile.chunks import Texts
from connector.orderfile.reasons import Reason

_WORTH_ARROW = 2_000  # lines; below it loading Arrow would take longer than reading


@dataclass(slots=True)
class Block:
    """Lines cut into records; lines are counted from 0 within the block.

    starts: first lines of the rows. ends: lines after every record and broken line. consumed: lines cut; the rest may
    go on in lines to come. The rows are lists of fields, or a table of Arrow's.
    """

    rows: list[list[str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    broken: list[tuple[int, Reason]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    consumed: int = 0
    table: Any = None

    def columns(self, numbers: Sequence[int]) -> list[Texts]:
        """The columns with these numbers."""
        if self.table is not None:
            return [Texts.of_arrow(self.table.column(number)) for number in numbers]
        every = list(zip(*self.rows, strict=True))
        return [Texts.of(every[number] if every else ()) for number in numbers]


def cut(lines: list[str], delimiter: str, width: int, *, at_end: bool) -> Block:
    """Cut lines into records of `width` fields; what may go on in lines to come is left over unless `at_end`."""
    return (
        _cut_by_arrow(lines, delimiter, width)
        or _cut_plain(lines, delimiter, width)
        or _cut_with_care(lines, delimiter, width, at_end=at_end)
    )


def _cut_by_arrow(lines: list[str], delimiter: str, width: int) -> Block | None:
    """Many lines without any quotes, each a record. None where it is not so."""
    text = "".join(lines)
    if len(lines) < _WORTH_ARROW or '"' in text or "\0" in text or text.count("\r") != text.count("\r\n"):
        return None
    import pyarrow as pa
    import pyarrow.csv as pc

    names = [str(number) for number in range(width)]
    try:
        table = pc.read_csv(
            pa.py_buffer(text.encode()),
            pc.ReadOptions(use_threads=False, column_names=names),
            pc.ParseOptions(delimiter=delimiter, quote_char=False),
            pc.ConvertOptions(check_utf8=False, column_types=dict.fromkeys(names, pa.string())),
        )
    except pa.ArrowInvalid:
        return None
    return _one_a_line(len(lines), table=table) if table.num_rows == len(lines) else None


def _cut_plain(lines: list[str], delimiter: str, width: int) -> Block | None:
    """Lines that are a record each, quotes or not. None where it is not so."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    if len(rows) != len(lines) or set(map(len, rows)) != {width}:
        return None
    return _one_a_line(len(rows), rows=rows)


def _one_a_line(count: int, **rows: Any) -> Block:
    return Block(starts=list(range(count)), ends=list(range(1, count + 1)), consumed=count, **rows)


def _cut_with_care(lines: list[str], delimiter: str, width: int, *, at_end: bool) -> Block:
    block = Block()
    start = 0
    while start < len(lines):
        waiting: deque[str | None] = deque(lines[start:])
        waiting.append(None)
        start = _read(waiting, lines, start, delimiter, width, block, at_end=at_end)
        if start < 0:
            return block
    block.consumed = len(lines)
    return block


def _read(
    waiting: deque[str | None],
    lines: list[str],
    start: int,
    delimiter: str,
    width: int,
    block: Block,
    *,
    at_end: bool,
) -> int:
    """Read records until the lines run out inside one; the line to go on with, or -1 where it is left over."""
    reader = csv.reader(iter(waiting.popleft, None), delimiter=delimiter, strict=True)
    offset = start  # of the reader's own count of lines
    while True:
        try:
            for row in reader:
                end = reader.line_num + offset
                if len(row) == width:
                    block.rows.append(row)
                    block.starts.append(start)
                elif row:
                    block.broken.append((start, Reason.WRONG_NUMBER_OF_FIELDS))
                block.ends.append(end)
                start = end
            return len(lines)
        except csv.Error:
            end = reader.line_num + offset
            if end >= len(lines) and not at_end:
                block.consumed = start
                return -1
            block.broken.append((start, Reason.BROKEN_QUOTES))
            start += 1
            block.ends.append(start)
            if end >= len(lines):
                return start
            waiting.extendleft(reversed(lines[start:end]))
            offset -= end - start
