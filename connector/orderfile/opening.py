"""A file by its kind, and its rows with progress told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from connector.orderfile.chunks import Chunk, RowSource
from connector.orderfile.csv_rows import CsvFile
from connector.orderfile.errors import FileRefused

Progress = Callable[[int, int], None]  # position in the file, rows so far


def open_rows(path: Path) -> RowSource:
    """The rows of a .parquet file, or of a CSV file whatever its name. Raises FileRefused where it is neither."""
    if path.stat().st_size == 0:
        raise FileRefused(f"{path.name} is empty.")
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"PAR1":
        from connector.orderfile.parquet_rows import ParquetFile

        return ParquetFile(path)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")):
        raise FileRefused(f"{path.name} is a spreadsheet or an archive; save it as CSV in UTF-8, or as Parquet.")
    return CsvFile(path)


def chunks(source: RowSource, columns: Sequence[int], progress: Progress) -> Iterator[Chunk]:
    """The chunks of a file, each told of before it is handed on."""
    rows = 0
    for chunk in source.chunks(columns):
        rows += len(chunk.lines) + len(chunk.broken)
        progress(chunk.position, rows)
        yield chunk
