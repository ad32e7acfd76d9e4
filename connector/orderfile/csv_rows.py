"""Rows of a CSV file with their true line numbers, whatever its delimiter and however broken some of them are."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np

from connector.domain.arrays import Ints
from connector.orderfile.chunks import Chunk
from connector.orderfile.csv_cutting import Block, cut
from connector.orderfile.errors import FileRefused

DELIMITERS = (",", ";", "\t")
_BLOCK_LINES = 32_000
_HEADER_LINES = 200


class CsvFile:
    """A CSV file in UTF-8, with or without byte-order mark, delimited by comma, semicolon or tab.

    A line whose quotes do not match is a broken row by itself; reading goes on with the line after it.
    """

    counted_in: Literal["bytes", "rows"] = "bytes"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(2)
        if start in (b"\xff\xfe", b"\xfe\xff"):
            raise FileRefused(f"{path.name} is UTF-16 from line 1 on; save it as UTF-8.")
        self._delimiter, self.header = self._find_header()

    def chunks(self, columns: Sequence[int]) -> Iterator[Chunk]:
        header_seen = False
        for first_line, _, block, position in self._blocks():
            texts, starts = block.columns(columns), block.starts
            if starts and not header_seen:
                texts, starts, header_seen = [column.without_first() for column in texts], starts[1:], True
            yield Chunk(
                columns=texts,
                lines=np.array(starts, dtype=np.int64) + first_line,
                broken=[(line + first_line, reason) for line, reason in block.broken],
                position=position,
            )

    def texts(self, lines: Ints) -> Iterator[tuple[int, str]]:
        done = 0
        for first_line, block_lines, block, _ in self._blocks():
            upto = int(np.searchsorted(lines, first_line + block.consumed))
            starts = lines[done:upto] - first_line
            ends = np.searchsorted(block.ends, starts, side="right")
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
                yield start + first_line, "".join(block_lines[start : block.ends[end]]).rstrip("\r\n")
            done = upto

    def _blocks(self) -> Iterator[tuple[int, list[str], Block, int]]:
        """The number of the first line, the lines, what they are cut into, and how many bytes have been read."""
        kept: list[str] = []
        first_line = 1
        with self._path.open("rb") as file, self._decoded(file) as text:
            while True:
                fresh = self._lines(text, _BLOCK_LINES)
                lines = kept + fresh
                if not lines:
                    return
                block = cut(lines, self._delimiter, len(self.header), at_end=len(fresh) < _BLOCK_LINES)
                yield first_line, lines, block, file.tell()
                kept = lines[block.consumed :]
                first_line += block.consumed

    def _find_header(self) -> tuple[str, list[str]]:
        with self._path.open("rb") as file, self._decoded(file) as text:
            lines = self._lines(text, _HEADER_LINES)
        best: tuple[str, list[str]] = (",", [])
        for delimiter in DELIMITERS:
            try:
                header = next((row for row in csv.reader(lines, delimiter=delimiter, strict=True) if row), [])
            except csv.Error:
                continue
            if len(header) > len(best[1]):
                best = delimiter, header
        if not any(name.strip() for name in best[1]):
            raise FileRefused(f"{self._path.name} has no header line that names its columns.")
        return best

    @staticmethod
    def _decoded(file: BinaryIO) -> TextIOWrapper:
        return TextIOWrapper(file, encoding="utf-8-sig", newline="")

    def _lines(self, text: TextIOWrapper, count: int) -> list[str]:
        try:
            return list(islice(text, count))
        except UnicodeDecodeError as error:
            raise FileRefused(self._not_utf_8()) from error

    def _not_utf_8(self) -> str:
        number = 0
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):  # noqa: B007 - the last number is wanted after the loop
                try:
                    line.decode()
                except UnicodeDecodeError:
                    break
        return f"{self._path.name} is not UTF-8: line {number} holds other bytes; save it as UTF-8."
