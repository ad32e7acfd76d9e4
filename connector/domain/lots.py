"""Lots: points from one source each, spent from the oldest on, and gone at their age. They pay what is owed first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush


@dataclass(frozen=True, slots=True)
class Lot:
    """Points from one source: spendable from ``available_at`` on, gone at ``expires_at`` (None: never by age).

    ``received_at`` is when they were taken over from another customer; they keep the age they had there.
    """

    source: str
    points: int
    earned_at: datetime
    available_at: datetime
    expires_at: datetime | None
    received_at: datetime | None = None

    @property
    def used_at(self) -> datetime:
        """When the account they are in was used by their coming."""
        return self.earned_at if self.received_at is None else max(self.earned_at, self.received_at)


@dataclass(frozen=True, slots=True)
class LotState:
    """What has become of a lot of ``points`` (never negative, spent + expired <= points)."""

    points: int
    matured: bool
    spent: int
    expired: int

    @property
    def remaining(self) -> int:
        """What can be spent of it now."""
        return self.points - self.spent - self.expired if self.matured else 0

    @property
    def pending(self) -> int:
        """What will be spendable after its hold."""
        return 0 if self.matured else self.points


class Lots:
    """A customer's lots, what is owed, and what of that was written off, while one thing after the other happens."""

    def __init__(self, lots: Iterable[Lot]) -> None:
        """Begin with lots that are all still on hold."""
        self._lots = {lot.source: lot for lot in lots}
        self._spent = dict.fromkeys(self._lots, 0)
        self._expired = dict.fromkeys(self._lots, 0)
        self._matured: set[str] = set()
        self._oldest: list[tuple[datetime, str]] = []
        self._written_off: dict[int, int] = {}
        self._debt = 0

    def mature(self, lot: Lot) -> bool:
        """Make a lot spendable, after what it pays of the debt; return whether there was anything in it."""
        if lot.source in self._matured:
            return False
        self._matured.add(lot.source)
        self._pay(lot.source)
        if self._left(lot.source):
            heappush(self._oldest, (lot.earned_at, lot.source))
        return lot.points > 0

    def spend(self, points: int) -> None:
        """Take points from the oldest matured lots; what they do not cover is owed."""
        self._debt += points
        while self._debt and self._oldest:
            _, source = self._oldest[0]
            self._pay(source)
            if not self._left(source):
                heappop(self._oldest)

    def write_off(self, write_off_id: int, points: int) -> None:
        """Forgive up to so many points of what is owed now."""
        taken = min(points, self._debt)
        self._written_off[write_off_id] = taken
        self._debt -= taken

    def expire(self, lot: Lot) -> int:
        """Let what is left of a lot go, its hold over or not; return how much that was."""
        left = self._left(lot.source)
        self._expired[lot.source] += left
        if left:
            self._matured.add(lot.source)
        return left

    def expire_matured(self) -> int:
        """Let go what is left of every lot whose hold is over; return how much that was."""
        return sum(self.expire(lot) for lot in self._lots.values() if lot.source in self._matured)

    def as_of_now(self) -> tuple[dict[str, LotState], dict[int, int], int]:
        """Return what has become of each lot, what each write-off forgave, and what is owed."""
        states = {
            source: LotState(lot.points, source in self._matured, self._spent[source], self._expired[source])
            for source, lot in self._lots.items()
        }
        return states, dict(self._written_off), self._debt

    def _left(self, source: str) -> int:
        return self._lots[source].points - self._spent[source] - self._expired[source]

    def _pay(self, source: str) -> None:
        paid = min(self._debt, self._left(source))
        self._spent[source] += paid
        self._debt -= paid
