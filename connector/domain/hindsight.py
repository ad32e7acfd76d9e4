"""Orders as they were known at earlier days: what a later refund took was still there then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connector.domain.arrays import Ints
from connector.domain.history import Orders

NEVER = 2**62
UNKNOWN_DAY = -(2**62)


@dataclass(frozen=True, slots=True, eq=False)
class Refunds:
    """One row per refund of an order that is, or was before its refunds, a purchase; those of one order together.

    order: any number that is the same for the refunds of one order and no other. customer, day: of the order, the
    day store-local. taken: by how much all refunds of the order together lowered its net value, in minor units and
    never negative. amount: what this refund gave back. on_day: when, store-local; UNKNOWN_DAY where the store does
    not say, which is taken for the day of the order.
    """

    order: Ints
    customer: Ints
    day: Ints
    taken: Ints
    amount: Ints
    on_day: Ints

    def __len__(self) -> int:
        return len(self.order)


def with_the_past(latest: Orders, refunds: Refunds) -> Orders:
    """The orders so that `known_on` gives net values, and purchases given back since, as of any earlier day.

    `latest` holds counted orders in their latest state. What a refund took is put beside them as a row of its own,
    known from the day of the order until the day before the refund; where refunds lowered the net value by another
    sum than was given back, each took its share. As of the day of the last refund or later nothing differs from
    `latest`. Orders given back in full are thereby purchases until then; those cancelled, whose day is not known,
    never. The number of orders is that of rows, so it is right as of then only.
    """
    taken, until = _taken(refunds), np.maximum(refunds.on_day, refunds.day)
    rows = (until > refunds.day) & ((taken > 0) | (refunds.taken == 0))
    if not rows.any():
        return latest
    always = np.full(len(latest.day), NEVER)
    return Orders(
        customer=np.concatenate([latest.customer, refunds.customer[rows]]),
        day=np.concatenate([latest.day, refunds.day[rows]]),
        value=np.concatenate([latest.value, taken[rows]]),
        known_until=np.concatenate([always, until[rows]]),
    )


def _taken(refunds: Refunds) -> Ints:
    """What each refund took from its order's net value, whole and summing to `taken` by order."""
    if not len(refunds):
        return refunds.taken
    starts = np.flatnonzero(np.r_[True, refunds.order[1:] != refunds.order[:-1]])
    lengths = np.diff(starts, append=len(refunds))
    amount = np.maximum(refunds.amount, 0)
    running = np.cumsum(amount)
    before = np.repeat(running[starts] - amount[starts], lengths)
    whole = np.repeat(np.add.reduceat(amount, starts), lengths)
    share = (running - before) / np.maximum(whole, 1)
    up_to = np.rint(share * refunds.taken).astype(np.int64)
    first = np.zeros(len(refunds), dtype=bool)
    first[starts] = True
    each: Ints = np.diff(up_to, prepend=0)
    return np.where(first, up_to, each)
