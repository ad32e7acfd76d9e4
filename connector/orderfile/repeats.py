"""Orders that a file names more than once: repeated rows, contradictions, and refunds in rows of their own."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from connector.domain.arrays import Ints
from connector.orderfile.reasons import Reason

KEPT, REFUND, DUPLICATE = 0, -1, -2  # beside the codes of Reason


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Good rows: line, customer, its e-mail address, order, day, value in minor units after refunds of the row.

    moment: of refunds, a number for the date and time that are written, below 0 where they tell the second.
    """

    line: Ints
    customer: Ints
    address: Ints
    order: Ints
    day: Ints
    moment: Ints
    value: Ints

    def __len__(self) -> int:
        return len(self.line)

    def take(self, rows: npt.NDArray[np.bool_]) -> Rows:
        """The chosen rows, in their order."""
        return Rows(*(getattr(self, column.name)[rows] for column in fields(self)))


def resolve(rows: Rows) -> tuple[Ints, Ints, Ints]:
    """What each row is (KEPT, REFUND, DUPLICATE or a code of Reason), its value less refunds, and which row's order.

    The value is less the refunds in other rows; the third column holds the row that is the order of each.

    Of rows with the same order id the first that is not negative is the order; a row that says the same is a
    duplicate, one that says something else contradicts it. A negative row is a refund of the order with its id and
    customer, on its day or after, and is rejected where there is none. Refunds of one amount in one second are one.
    Of those that say the same without a second only as many are repetitions as the order's own row has: where that is
    there once they are all refunds, so that splitting one in two changes nothing. An order given back in full is no
    purchase.
    """
    fate, value = np.full(len(rows), KEPT, dtype=np.int64), rows.value.copy()
    if not len(rows):
        return fate, value, fate
    negative = rows.value < 0
    sorting = np.lexsort((np.arange(len(rows)), negative, rows.order))
    starts = np.r_[True, rows.order[sorting][1:] != rows.order[sorting][:-1]]
    head = np.empty(len(rows), dtype=np.int64)
    head[sorting] = sorting[starts][np.cumsum(starts) - 1]
    same_customer = rows.customer == rows.customer[head]
    same = same_customer & (rows.day == rows.day[head]) & (rows.value == rows.value[head])
    others = ~negative & (head != np.arange(len(rows)))
    fate[others & same] = DUPLICATE
    fate[others & ~same] = Reason.CONFLICTING_DUPLICATE
    refunds = negative & ~negative[head] & same_customer & (rows.day >= rows.day[head])
    fate[negative & ~refunds] = Reason.NEGATIVE_AMOUNT
    _take_refunds(rows, np.flatnonzero(refunds), head, fate, value)
    return fate, value, head


def _take_refunds(rows: Rows, refunds: Ints, head: Ints, fate: Ints, value: Ints) -> None:
    if not len(refunds):
        return
    said = np.stack([head[refunds], rows.moment[refunds], rows.value[refunds]], axis=1)
    _, which = np.unique(said, axis=0, return_inverse=True)
    copies = 1 + np.bincount(head[fate == DUPLICATE], minlength=len(rows))
    fate[refunds] = DUPLICATE
    before = _how_many_before(which.reshape(-1))
    once = refunds[np.where(rows.moment[refunds] < 0, before, before % copies[head[refunds]]) == 0]
    fate[once] = REFUND
    np.add.at(value, head[once], rows.value[once])
    gone = (value <= 0) & np.isin(np.arange(len(rows)), head[once])
    fate[once[gone[head[once]]]] = Reason.REFUNDED_IN_FULL
    fate[gone] = Reason.REFUNDED_IN_FULL


def _how_many_before(which: Ints) -> Ints:
    """How many of the same come before each."""
    order = np.argsort(which, kind="stable")
    places = np.arange(len(which))
    first = np.r_[True, which[order][1:] != which[order][:-1]]
    found = np.empty_like(places)
    found[order] = places - np.maximum.accumulate(np.where(first, places, 0))
    return found
