"""Points as double entry: what an order should have earned, against what is booked, gives what to post.

Every posting moves points between a store's account and customers' accounts and sums to zero. Nothing is ever
changed or taken back in place: undoing is another posting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from connector.domain.money import whole_units

AVAILABLE: Final = "available"
ISSUED: Final = "issued"
REVERSED: Final = "reversed"


@dataclass(frozen=True, slots=True)
class Entry:
    """Points moved into (positive) or out of (negative) one account. Only a customer's account names a customer."""

    account: str
    customer_id: int | None
    points: int


@dataclass(frozen=True, slots=True)
class Posting:
    """Entries that belong together and sum to zero, with their kind and a reason for people."""

    kind: str
    reason: str
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        """Refuse entries that would make or lose points."""
        if sum(entry.points for entry in self.entries) != 0:
            raise ValueError(f"a posting must sum to zero: {self}")


def points_for(net_value: int, currency: str) -> int:
    """Return the points an order's net value earns: one for each whole currency unit, rounded down."""
    return whole_units(net_value, currency)


def settle_order(
    order_name: str, earner: int | None, points: int, booked: Mapping[int, int], *, seen_before: bool
) -> Posting | None:
    """Return the posting that brings an order's booked points to what it should have earned, or None if they agree.

    ``earner`` is the customer the order belongs to (None: nobody earns), ``points`` what it is worth now, ``booked``
    the points per customer that earlier postings of this order sum to. Because only the difference to the latest
    state is posted, repeated and reordered deliveries end in the same balances, and an undone refund gives back
    exactly what it took.
    """
    target = {earner: points} if earner is not None and points else {}
    deltas = {customer: target.get(customer, 0) - booked.get(customer, 0) for customer in sorted({*target, *booked})}
    entries = tuple(_both_sides(deltas.items()))
    if not entries:
        return None
    kind = _kind(deltas.values(), seen_before=seen_before)
    return Posting(kind, _REASONS[kind].format(order=order_name), entries)


_REASONS: Final = {
    "earn": "Earned with {order}",
    "clawback": "Taken back: {order} is worth less now",
    "reinstate": "Given back: {order} is worth more again",
    "transfer": "Moved: {order} belongs to another customer now",
}


def _both_sides(deltas: Iterable[tuple[int, int]]) -> Iterable[Entry]:
    for customer, points in deltas:
        if points:
            yield Entry(AVAILABLE, customer, points)
            yield Entry(ISSUED if points > 0 else REVERSED, None, -points)


def _kind(deltas: Iterable[int], *, seen_before: bool) -> str:
    signs = {delta > 0 for delta in deltas if delta}
    if len(signs) == 2:
        return "transfer"
    if signs == {False}:
        return "clawback"
    return "reinstate" if seen_before else "earn"
