"""A customer's points account, played back from its facts: which lots are spent, expired, owed, and what comes next.

Nothing here remembers an earlier answer. A fact that changes (an order refunded, a redemption given back) changes
everything after it as if it had always been so; the ledger then posts the difference.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from heapq import heapify, heappop, heappush

from connector.domain.lots import Lot, Lots, LotState
from connector.domain.silence import Inactivity, Silence

__all__ = ["AccountState", "Inactivity", "Spend", "WriteOff", "replay"]


@dataclass(frozen=True, slots=True)
class Spend:
    """Points taken out at a time. A redemption that was given back is a spend of nothing."""

    source: str
    points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class WriteOff:
    """A debt forgiven: up to so many points of what is owed at the time."""

    id: int
    points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account at a moment. Where there is a ``debt`` no lot has anything remaining.

    ``written_off``: what each write-off took off the debt. ``next_change_at``: the first moment at which time alone
    changes a lot. ``expiring`` points are what goes next without anybody's doing, at ``expiring_at``.
    """

    lots: Mapping[str, LotState]
    written_off: Mapping[int, int]
    debt: int
    next_change_at: datetime | None
    expiring: int
    expiring_at: datetime | None

    @property
    def available(self) -> int:
        """What can be spent, below zero where points are owed."""
        return sum(lot.remaining for lot in self.lots.values()) - self.debt

    @property
    def pending(self) -> int:
        """What waits for the end of its hold."""
        return sum(lot.pending for lot in self.lots.values())


def replay(
    lots: Sequence[Lot],
    spends: Iterable[Spend],
    write_offs: Iterable[WriteOff],
    inactivity: Sequence[Inactivity],
    now: datetime,
    zone: tzinfo,
) -> AccountState:
    """Return the account at ``now`` as its facts have it; their order does not matter, sources are unique.

    At one moment expiry comes first, then maturing, spending and forgiving. A spend takes the oldest matured lots
    (by earning time, then source); what they do not cover is a debt, which lots that mature later pay first. A
    write-off takes no more than the debt there is at its time. ``inactivity`` holds the rules in force from the
    oldest on: what can be spent goes when nothing was earned, received or spent for as long as the rule of that day
    says.
    Points that were on hold then stay, and their silence begins when they are free. Spends and write-offs dated after
    ``now`` count as of now: another machine's clock may be ahead of ours.
    """
    account = Lots(lots)
    events = _Events(lots, spends, write_offs, now)
    watch = _Watch(Silence(inactivity, zone), events)
    ahead = _Ahead()
    state: tuple[dict[str, LotState], dict[int, int], int] | None = None
    for at, event in events:
        if at > now and state is None:
            state = account.as_of_now()
        if ahead.is_known_before(at):
            break
        changed, expired = _take(event, at, account, watch)
        if at > now:
            ahead.note(at, changed, expired)
    return AccountState(*(state or account.as_of_now()), ahead.next_change_at, ahead.expiring, ahead.expiring_at)


@dataclass(frozen=True, slots=True)
class _Ends:
    lot: Lot


@dataclass(frozen=True, slots=True)
class _Earned:
    lot: Lot


@dataclass(frozen=True, slots=True)
class _Matures:
    lot: Lot


@dataclass(frozen=True, slots=True)
class _Silent:
    """The moment at which inactivity may have lasted too long."""


_Event = _Ends | _Earned | _Matures | _Silent | Spend | WriteOff
# What comes first at one moment: points that have ended are not spent, and what is earned then is not silence.
_EXPIRY, _EARNING, _MATURING, _SPENDING, _FORGIVING = range(5)


def _take(event: _Event, at: datetime, account: Lots, watch: "_Watch") -> tuple[bool, int]:
    """Let an event happen; return whether time alone changed a lot by it, and how many points expired."""
    expired = 0
    match event:
        case _Ends():
            expired = account.expire(event.lot)
        case _Silent():
            expired = account.expire_matured() if watch.is_over(at) else 0
        case _Matures():
            if watch.ended_since(event.lot.earned_at):
                watch.broken(at, event.lot.points)
            return account.mature(event.lot), 0
        case _Earned():
            watch.broken(at, event.lot.points)
        case Spend():
            account.spend(event.points)
            watch.broken(at, event.points)
        case WriteOff():
            account.write_off(event.id, event.points)
    return expired > 0, expired


class _Ahead:
    """What time alone will do, as far as anybody asks: the first change, and all that expires first."""

    def __init__(self) -> None:
        self.next_change_at: datetime | None = None
        self.expiring_at: datetime | None = None
        self.expiring = 0

    def is_known_before(self, at: datetime) -> bool:
        return self.expiring_at is not None and self.expiring_at < at

    def note(self, at: datetime, changed: bool, expired: int) -> None:
        if changed and self.next_change_at is None:
            self.next_change_at = at
        if expired:
            self.expiring, self.expiring_at = self.expiring + expired, at


class _Events:
    """Everything that happens to an account, in the order of time; what follows from it may be added on the way."""

    def __init__(
        self, lots: Iterable[Lot], spends: Iterable[Spend], write_offs: Iterable[WriteOff], now: datetime
    ) -> None:
        # Where everything else is equal the oldest lot goes first, and then the names decide, so that no two are.
        self._waiting: list[tuple[datetime, int, datetime, str, int, _Event]] = []
        for lot in lots:
            at = lot.earned_at
            self._waiting.append((lot.used_at, _EARNING, at, lot.source, 0, _Earned(lot)))
            self._waiting.append((max(at, lot.available_at), _MATURING, at, lot.source, 0, _Matures(lot)))
            if lot.expires_at is not None:
                self._waiting.append((max(at, lot.expires_at), _EXPIRY, at, lot.source, 0, _Ends(lot)))
        for spend in spends:
            self._waiting.append((min(spend.at, now), _SPENDING, spend.at, spend.source, 0, spend))
        for one in write_offs:
            self._waiting.append((min(one.at, now), _FORGIVING, one.at, "", one.id, one))
        heapify(self._waiting)

    def __iter__(self) -> Iterator[tuple[datetime, _Event]]:
        while self._waiting:
            at, *_, event = heappop(self._waiting)
            yield at, event

    def look_for_silence(self, at: datetime) -> None:
        heappush(self._waiting, (at, _EXPIRY, at, "", 0, _Silent()))


class _Watch:
    """Knows when the account was last used, and looks again when that may be too long ago."""

    def __init__(self, silence: Silence, events: _Events) -> None:
        self._silence, self._events = silence, events
        self._last: datetime | None = None
        self._ended: datetime | None = None
        self._looking = False

    def broken(self, at: datetime, points: int) -> None:
        """Take note of a use of the account; what was undone in full was none."""
        if points and self._silence.ever_ends:
            self._last = at
            if not self._looking:
                self._look_at(self._silence.ends_at(at))

    def is_over(self, at: datetime) -> bool:
        """Say whether the silence has lasted too long at a moment that was looked for; if not, look again later."""
        self._looking = False
        ends_at = self._silence.ends_at(self._last) if self._last is not None else None
        if ends_at is not None and ends_at <= at:
            self._ended = at
            return True
        self._look_at(ends_at)
        return False

    def ended_since(self, moment: datetime) -> bool:
        """Say whether a silence has lasted too long after a moment."""
        return self._ended is not None and moment < self._ended

    def _look_at(self, ends_at: datetime | None) -> None:
        if ends_at is not None:
            self._looking = True
            self._events.look_for_silence(ends_at)
