"""Where every row of a file went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from connector.domain.arrays import Ints
from connector.orderfile.reasons import Reason


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """rows = used + rejected + later + duplicates, always.

    used: rows that count. later: good rows after the as-of date. duplicates: rows that repeat an order as it is.
    rejected_lines, rejected_reasons: the others, by ascending line.
    """

    rows: int
    used: int
    later: int
    duplicates: int
    rejected_lines: Ints
    rejected_reasons: Ints

    @property
    def rejected(self) -> int:
        return len(self.rejected_lines)

    def by_reason(self) -> list[tuple[Reason, int]]:
        """Rejected rows by reason, the most frequent first."""
        counts = Counter(self.rejected_reasons.tolist())
        return sorted(((Reason(code), count) for code, count in counts.items()), key=lambda pair: (-pair[1], pair[0]))

    def sentence(self) -> str:
        """Why rows were not used, in words; empty where all were."""
        parts = [f"{count:,} {reason.words}" for reason, count in self.by_reason()]
        parts += [f"{self.later:,} later than the as-of date"] if self.later else []
        parts += [f"{self.duplicates:,} repeated"] if self.duplicates else []
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "used": self.used,
            "rejected": self.rejected,
            "rejected_by_reason": {reason.slug: count for reason, count in self.by_reason()},
            "later": self.later,
            "duplicates": self.duplicates,
        }


class Rejects:
    """Collects rejected rows as they are met."""

    def __init__(self) -> None:
        self._lines: list[Ints] = []
        self._reasons: list[Ints] = []

    def add(self, lines: Ints, reasons: Ints | Reason) -> None:
        if len(lines):
            self._lines.append(lines)
            self._reasons.append(np.broadcast_to(np.asarray(reasons, dtype=np.int64), lines.shape))

    def add_pairs(self, rejected: Sequence[tuple[int, Reason]]) -> None:
        if rejected:
            lines, reasons = np.array(rejected, dtype=np.int64).T
            self.add(lines, reasons)

    def tally(self, used: int, later: int, duplicates: int) -> Tally:
        """Everything together, once the last row has been met."""
        nothing = np.zeros(0, dtype=np.int64)
        lines = np.concatenate([nothing, *self._lines])
        order = np.argsort(lines, kind="stable")
        reasons = np.concatenate([nothing, *self._reasons])[order]
        return Tally(used + later + duplicates + len(lines), used, later, duplicates, lines[order], reasons)
