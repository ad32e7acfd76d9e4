"""What every kind of file gives: some thousand rows at a time, as texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from connector.domain.arrays import Ints
from connector.orderfile.reasons import Reason

# What stands for a text that is no day or amount, and for one that is beyond belief.
UNREADABLE = -(2**62)
UNBELIEVABLE = UNREADABLE + 1
# What databases and programmes write where there is nothing.
NOTHING = frozenset(("", "nan", "NaN", "None", "NULL", "null", "<NA>"))


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """A column of texts: row i is `distinct[codes[i]]`, so that what is the same need be read only once."""

    distinct: Sequence[str]
    codes: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """Texts as they come, each by itself."""
        return cls(texts, np.arange(len(texts)))

    @classmethod
    def of_arrow(cls, column: Any) -> Texts:
        """The texts of an Arrow column of strings; nothing reads as an empty text."""
        encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
        distinct = [text or "" for text in encoded.dictionary.to_pylist()]
        return cls(distinct, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64))

    def each(self, read: Callable[[str], int]) -> Ints:
        """What `read` makes of the text of each row."""
        return np.fromiter(map(read, self.distinct), np.int64, len(self.distinct))[self.codes]

    def rows(self) -> list[str]:
        """The text of each row."""
        return [self.distinct[code] for code in self.codes.tolist()]

    def without_first(self) -> Texts:
        """All rows but the first."""
        return Texts(self.distinct, self.codes[1:])


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Rows in the order of the file: the wanted columns, and the line where each row starts.

    broken: lines that are no rows, with the reason. position: how much of the file's `size` has been read.
    """

    columns: Sequence[Texts]
    lines: Ints
    broken: Sequence[tuple[int, Reason]]
    position: int


class RowSource(Protocol):
    """A file that can be read from its beginning as often as need be. `line` is what a row is called by."""

    @property
    def header(self) -> Sequence[str]: ...

    @property
    def size(self) -> int: ...

    @property
    def counted_in(self) -> Literal["bytes", "rows"]:
        """What `size` is a number of."""
        ...

    def chunks(self, columns: Sequence[int]) -> Iterator[Chunk]:
        """All rows, the columns with these numbers. Raises FileRefused where the file ends in something else."""
        ...

    def texts(self, lines: Ints) -> Iterator[tuple[int, str]]:
        """The rows at these lines (ascending) as they are written in the file."""
        ...
