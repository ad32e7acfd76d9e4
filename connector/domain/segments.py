"""The one table that names a customer's segment from the R, F and M scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NAMES: dict[str, str] = {
    "champions": "Champions",
    "loyal": "Loyal",
    "potential_loyalist": "Potential loyalist",
    "new": "New",
    "promising": "Promising",
    "needs_attention": "Needs attention",
    "about_to_sleep": "About to sleep",
    "at_risk": "At risk",
    "cannot_lose": "Cannot lose",
    "hibernating": "Hibernating",
    "lost": "Lost",
}
SLUGS: tuple[str, ...] = tuple(NAMES)

_ANY = (1, 5)


@dataclass(frozen=True, slots=True)
class Rule:
    """A box of scores, both ends included, that belongs to one segment."""

    r: tuple[int, int]
    f: tuple[int, int]
    m: tuple[int, int]
    slug: str


RULES: tuple[Rule, ...] = (
    # Bought lately and often.
    Rule((5, 5), (4, 5), (4, 5), "champions"),
    Rule((4, 4), (5, 5), (4, 5), "champions"),
    Rule((4, 4), (4, 4), (4, 5), "loyal"),
    Rule((4, 5), (4, 5), (1, 3), "loyal"),
    Rule((3, 3), (4, 5), (3, 5), "loyal"),
    # Bought lately, not often yet.
    Rule((4, 5), (3, 3), _ANY, "potential_loyalist"),
    Rule((5, 5), (1, 2), _ANY, "new"),
    Rule((4, 4), (1, 2), _ANY, "promising"),
    # Cooling.
    Rule((3, 3), (4, 5), (1, 2), "needs_attention"),
    Rule((3, 3), (3, 3), _ANY, "needs_attention"),
    Rule((3, 3), (1, 2), _ANY, "about_to_sleep"),
    # Long silent, but they bought often.
    Rule((1, 1), (4, 5), (4, 5), "cannot_lose"),
    Rule((1, 1), (4, 5), (1, 3), "at_risk"),
    Rule((1, 1), (3, 3), _ANY, "hibernating"),
    Rule((2, 2), (3, 5), _ANY, "at_risk"),
    # Long silent and seldom bought.
    Rule((2, 2), (1, 2), _ANY, "hibernating"),
    Rule((1, 1), (1, 2), (4, 5), "hibernating"),
    Rule((1, 1), (1, 2), (1, 3), "lost"),
)


class SegmentTable:
    """A complete table: each of the 125 combinations of scores lies in exactly one rule, or ValueError is raised."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.slugs = tuple(dict.fromkeys(rule.slug for rule in rules))
        self._which = np.full((5, 5, 5), -1, dtype=np.int8)
        for rule in rules:
            box = tuple(slice(low - 1, high) for low, high in (rule.r, rule.f, rule.m))
            if np.any(self._which[box] != -1):
                raise ValueError(f"a combination of {rule} is already in another rule")
            self._which[box] = self.slugs.index(rule.slug)
        missing = np.argwhere(self._which == -1)
        if len(missing):
            raise ValueError(f"no rule covers r, f, m = {(missing[0] + 1).tolist()}")

    def segment(self, r: int, f: int, m: int) -> str:
        """The slug for one customer's scores. Raises ValueError for a score outside 1 to 5."""
        return str(self.segments(np.array([r]), np.array([f]), np.array([m]))[0])

    def segments(self, r: npt.ArrayLike, f: npt.ArrayLike, m: npt.ArrayLike) -> npt.NDArray[np.str_]:
        """The slug of each customer, in the shape of the scores. Raises ValueError for a score outside 1 to 5."""
        scores = np.asarray(r), np.asarray(f), np.asarray(m)
        if any(np.any((axis < 1) | (axis > 5)) for axis in scores):
            raise ValueError("scores go from 1 to 5")
        row, column, layer = (axis.astype(np.intp) - 1 for axis in scores)
        return np.array(self.slugs)[self._which[row, column, layer]]


DEFAULT_TABLE = SegmentTable(RULES)
segment = DEFAULT_TABLE.segment
segments = DEFAULT_TABLE.segments
