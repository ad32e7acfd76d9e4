"""Points as double entry: what the facts make of an account, against what is booked, gives what to post.

Every posting is about one source, moves points between a store's accounts and customers' accounts and sums to zero.
Nothing is ever changed or taken back in place: undoing is another posting.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from connector.domain.account import AccountState, Spend
from connector.domain.programme.points import Shortfall

PENDING: Final = "pending"
AVAILABLE: Final = "available"
OWED: Final = "owed"
ISSUED: Final = "issued"
REDEEMED: Final = "redeemed"
EXPIRED: Final = "expired"
REVERSED: Final = "reversed"

_ORDER: Final = "order"
BONUS: Final = "bonus"

# Points of one source in customers' accounts, by customer and account.
Held = Mapping[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class Entry:
    """Points moved into (positive) or out of (negative) one account. Only a customer's account names a customer."""

    account: str
    customer_id: int | None
    points: int


@dataclass(frozen=True, slots=True)
class Posting:
    """Entries about one source that belong together and sum to zero, with their kind and a reason for people."""

    source: str
    kind: str
    reason: str
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        """Refuse entries that would make or lose points."""
        if sum(entry.points for entry in self.entries) != 0:
            raise ValueError(f"a posting must sum to zero: {self}")


def order_source(order_id: int) -> str:
    """Return the source of what an order earns."""
    return f"{_ORDER}:{order_id}"


def is_bonus(source: str) -> bool:
    """Say whether a source's points were earned beside orders."""
    return _prefix(source) == BONUS


def is_earned(source: str) -> bool:
    """Say whether a source's points were earned. Those given, moved or corrected by hand were not."""
    return _prefix(source) in (_ORDER, BONUS)


def expiry_source(source: str) -> str:
    """Return the source of what expired of a lot."""
    return f"{_EXPIRY}:{source}"


def lot_of(source: str) -> str:
    """Return the lot's source that a source is about, itself or its expiry."""
    return source.removeprefix(f"{_EXPIRY}:")


def write_off_source(number: int) -> str:
    """Return the source of a write-off."""
    return f"{_WRITE_OFF}:{number}"


def targets(
    customer_id: int, state: AccountState, spends: Iterable[Spend], shortfall: Shortfall
) -> dict[str, dict[tuple[int, str], int]]:
    """Return what should be booked for a customer, by source: the points in each of their accounts.

    They sum to the account's state. A debt is a balance below zero, unless the customer owes it: then it is beside
    the balance, which is zero.
    """
    wanted: dict[str, dict[tuple[int, str], int]] = defaultdict(lambda: defaultdict(int))
    available, owed = (customer_id, AVAILABLE), (customer_id, OWED)
    for source, lot in state.lots.items():
        wanted[source][available if lot.matured else (customer_id, PENDING)] += lot.points
        wanted[expiry_source(source)][available] -= lot.expired
    for spend in spends:
        wanted[spend.source][available] -= spend.points
    for number, points in state.written_off.items():
        wanted[write_off_source(number)][available] += points
    if shortfall is Shortfall.OWE:
        wanted[f"{_DEBT}:{customer_id}"][available] += state.debt
        wanted[f"{_DEBT}:{customer_id}"][owed] -= state.debt
    return wanted


def difference(source: str, name: str, wanted: Held, booked: Held, *, seen_before: bool) -> Posting | None:
    """Return the posting that brings what is booked for a source to what is wanted, or None if they agree.

    ``name`` is what people call the source, or the sentence a person gave as reason. Because only the difference to
    the latest state is posted, repeated and reordered news end in the same balances, and what is undone gives back
    exactly what it took.
    """
    moved = {key: wanted.get(key, 0) - booked.get(key, 0) for key in {*wanted, *booked}}
    moved = {key: points for key, points in sorted(moved.items()) if points}
    if not moved:
        return None
    gained: dict[int, int] = defaultdict(int)
    for (customer, _), points in moved.items():
        gained[customer] += points
    kind = _kind(source, gained.values(), moved, seen_before=seen_before)
    return Posting(source, kind, _reason(kind, name), tuple(_both_sides(source, moved, gained)))


_REDEMPTION, _EXPIRY, _WRITE_OFF, _DEBT = "redemption", "expiry", "writeoff", "debt"
# A person's own words say why; nothing is put before them.
_BY_HAND: Final = ("adjustment", "merge")
# Where points come from when a customer's account rises, and where they go when it falls.
_STORE_SIDES: Final = {
    _REDEMPTION: (REDEEMED, REDEEMED),
    _EXPIRY: (EXPIRED, EXPIRED),
    _WRITE_OFF: (REVERSED, REVERSED),
}
_REASONS: Final = {
    "earn": "Earned with {name}",
    "mature": "Free to spend: {name}",
    "hold": "On hold again: {name}",
    "clawback": "Taken back: {name} is worth less now",
    "reinstate": "Given back: {name} is worth more again",
    "transfer": "Moved: {name} belongs to another customer now",
    "redeem": "Redeemed for {name}",
    "release": "Given back: {name} was not used",
    "expire": "Expired: what was left of {name}",
    "restore": "Expired no more: what is left of {name}",
    "adjust": "{name}",
    "forgive": "Forgiven: points that were spent already",
    "unforgive": "Forgiven no more: the points are there again",
    "owe": "Owed: points that were spent already",
    "repay": "Paid off: points that were owed",
}


def _both_sides(source: str, moved: Mapping[tuple[int, str], int], gained: Mapping[int, int]) -> Iterator[Entry]:
    """Yield each customer's entries, followed by the store's side of what they gained or lost."""
    rising, falling = _STORE_SIDES.get(_prefix(source), (ISSUED, REVERSED))
    for customer, net in gained.items():
        for (owner, account), points in moved.items():
            if owner == customer:
                yield Entry(account, customer, points)
        if net:
            yield Entry(rising if net > 0 else falling, None, -net)


def _kind(source: str, gained: Iterable[int], moved: Mapping[tuple[int, str], int], *, seen_before: bool) -> str:
    signs = {net > 0 for net in gained if net}
    prefix = _prefix(source)
    if len(signs) == 2:
        return "transfer"
    if not signs:
        return _kind_within(prefix, moved)
    rising = True in signs
    if prefix in _BY_HAND:
        return "adjust"
    if prefix in _KINDS:
        return _KINDS[prefix][0 if rising else 1]
    if not rising:
        return "clawback"
    return "reinstate" if seen_before else "earn"


# When a customer's account rises, and when it falls.
_KINDS: Final = {
    _REDEMPTION: ("release", "redeem"),
    _EXPIRY: ("restore", "expire"),
    _WRITE_OFF: ("forgive", "unforgive"),
}


def _kind_within(prefix: str, moved: Mapping[tuple[int, str], int]) -> str:
    """Name what moves between one customer's accounts."""
    rising = any(points > 0 for (_, account), points in moved.items() if account == AVAILABLE)
    if prefix == _DEBT:
        return "owe" if rising else "repay"
    return "mature" if rising else "hold"


def _reason(kind: str, name: str) -> str:
    return _REASONS[kind].format(name=name)[:_LONGEST_REASON]


_LONGEST_REASON: Final = 300


def _prefix(source: str) -> str:
    return source.partition(":")[0]
