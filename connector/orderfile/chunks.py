"""What every kind of file gives: some thousand rows at a time, as texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from connector.domain.history import Ints
from connector.orderfile.reasons import Reason


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Rows in the order of the file: the wanted columns, each as many texts, and the line where each row starts.

    broken: lines that are no rows, with the reason. position: how much of the file's `size` has been read.
    """

    columns: Sequence[Sequence[str]]
    lines: Ints
    broken: Sequence[tuple[int, Reason]]
    position: int


class RowSource(Protocol):
    """A file that can be read from its beginning as often as need be. `line` is what a row is called by."""

    @property
    def header(self) -> Sequence[str]: ...

    @property
    def size(self) -> int: ...

    def chunks(self, columns: Sequence[int]) -> Iterator[Chunk]:
        """All rows, the columns with these numbers. Raises FileRefused where the file ends in something else."""
        ...

    def texts(self, lines: Ints) -> Iterator[tuple[int, str]]:
        """The rows at these lines (ascending) as they are written in the file."""
        ...
