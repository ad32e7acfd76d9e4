"""Rows of a Parquet file as texts, numbered from 1."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connector.domain.arrays import Ints
from connector.orderfile.chunks import Chunk, Texts
from connector.orderfile.errors import FileRefused

_BATCH_ROWS = 50_000
_EXACT = 2.0**53  # up to here floats tell every whole number from its neighbours


class ParquetFile:
    """A Parquet file; a row is called by its number instead of a line. Empty cells read as empty texts."""

    counted_in: Literal["bytes", "rows"] = "rows"

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with pq.ParquetFile(path) as file:
                self.header = list(file.schema_arrow.names)
                self.size = int(file.metadata.num_rows)
        except (pa.ArrowException, OSError) as error:
            raise FileRefused(f"{path.name} is a Parquet file that cannot be read ({_first_line(error)}).") from error

    def chunks(self, columns: Sequence[int]) -> Iterator[Chunk]:
        done = 0
        for batch in self._batches(columns):
            rows = len(batch[0].codes) if batch else 0
            yield Chunk(batch, np.arange(done + 1, done + rows + 1, dtype=np.int64), [], done + rows)
            done += rows

    def texts(self, lines: Ints) -> Iterator[tuple[int, str]]:
        done = upto = 0
        for batch in self._batches(range(len(self.header)), lenient=True):
            count = len(batch[0].codes)
            first, upto = upto, int(np.searchsorted(lines, done + count, side="right"))
            for line in lines[first:upto].tolist():
                text = io.StringIO()
                csv.writer(text, lineterminator="").writerow(
                    [column.distinct[column.codes[line - done - 1]] for column in batch]
                )
                yield line, text.getvalue()
            done += count

    def _batches(self, columns: Sequence[int], *, lenient: bool = False) -> Iterator[list[Texts]]:
        try:
            with pq.ParquetFile(self._path) as file:
                for group in range(file.num_row_groups):
                    # Columns of the same name are told apart by number, which batches by name could not do.
                    table = file.read_row_group(group).select(list(columns))
                    for start in range(0, table.num_rows, _BATCH_ROWS):
                        part = table.slice(start, _BATCH_ROWS)
                        yield [self._as_text(part, number, lenient=lenient) for number in range(part.num_columns)]
        except (pa.ArrowException, OSError) as error:
            raise FileRefused(
                f"{self._path.name} is a Parquet file that cannot be read ({_first_line(error)})."
            ) from error

    def _as_text(self, table: Any, number: int, *, lenient: bool) -> Texts:
        column = table.column(number)
        if isinstance(column.type, pa.DictionaryType):
            column = column.cast(column.type.value_type)
        if pa.types.is_floating(column.type):
            column = _whole(column)
        try:
            written = column.cast(pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
            if lenient:
                return Texts.of([str(value) for value in column.to_pylist()])
            name = table.column_names[number]
            raise FileRefused(
                f"{self._path.name}: the column {name!r} holds {column.type}, not plain values."
            ) from error
        return Texts.of_arrow(written)


def _whole(column: Any) -> Any:
    """Floats as whole numbers where all are, which is how programmes keep ids some of which are missing."""
    numbers = column.cast(pa.float64())
    numbers = pc.if_else(pc.is_nan(numbers), None, numbers)
    exact = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less_equal(pc.abs(numbers), _EXACT))
    return numbers.cast(pa.int64()) if pc.all(exact, min_count=0).as_py() else column


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:200]
