"""Rows of an order export as counted orders: each row is checked, and used or accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from connector.domain.arrays import Ints
from connector.domain.hindsight import Refunds
from connector.domain.history import Orders, epoch_day
from connector.domain.orders import CountingRules
from connector.orderfile import repeats
from connector.orderfile.amounts import Amounts, Notation, Spellings
from connector.orderfile.chunks import UNBELIEVABLE, UNREADABLE, Chunk, Texts
from connector.orderfile.currencies import Units, code
from connector.orderfile.customers import NOBODY, Customers
from connector.orderfile.days import Days, Times, day_and_time, tells_the_second
from connector.orderfile.order_ids import NO_ORDER, OrderIds
from connector.orderfile.reasons import Reason
from connector.orderfile.repeats import Rows
from connector.orderfile.tally import Rejects, Tally

_NO_CODE = -1  # where a cell of the currency column holds something else


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person asks of the file. `today` bounds believable dates; a store may be a time zone ahead of it."""

    today: date
    as_of: date | None = None
    currency: str | None = None
    date_format: str | None = None
    statuses: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OrderRows:
    """The counted orders of a file. `labels` names the customers 0, 1, … of `orders`, in order.

    given_back: what later rows took from orders, and when. refunds: how many such rows.
    """

    orders: Orders
    given_back: Refunds
    labels: list[str]
    as_of_day: int
    currency: str | None
    tally: Tally
    refunds: int


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """Rows of which the whole file decides what they are worth: amounts in millionths, as Amounts reads them.

    refunded, respelt: a column for each column of refunds. said: what the row says of its currency. reason: what is
    against the row whatever its currency turns out to be, 0 for nothing.
    """

    line: Ints
    customer: Ints
    address: Ints
    order: Ints
    day: Ints
    moment: Ints
    amount: Ints
    spelt: Spellings
    refunded: Ints
    respelt: Spellings
    said: npt.NDArray[np.int32]
    reason: npt.NDArray[np.int8]

    def take(self, rows: npt.NDArray[np.bool_]) -> _Held:
        return _Held(*(getattr(self, column.name)[rows] for column in fields(self)))


def _no_rows(refund_columns: int) -> _Held:
    shapes = {"refunded": (0, refund_columns), "respelt": (0, refund_columns)}
    return _Held(*(np.zeros(shapes.get(column.name, 0), dtype=np.int8) for column in fields(_Held)))  # type: ignore[arg-type]


class OrderReader:
    """Takes a file's chunks and, after the last, tells the orders. Memory grows by some 70 bytes a row."""

    def __init__(self, roles: Mapping[str, int], asked: Asked) -> None:
        self.columns = sorted(set(roles.values()))
        self._roles, self._asked = roles, asked
        self._customers = Customers(emails="email" in roles)
        self._order_ids = OrderIds()
        self._days, self._times = Days(asked.date_format), Times()
        self._moments: dict[str, int] = {}
        self._counted = CountingRules().statuses if asked.statuses is None else asked.statuses
        self._units = Units()
        self._amounts, self._refunds = Amounts(self._units), Amounts(self._units, empty=0)
        self._rejects = Rejects()
        self._held = [_no_rows(sum(role.startswith("refunded") for role in roles))]

    def add(self, chunk: Chunk) -> None:
        """Check the rows of the next chunk by themselves."""
        self._rejects.add_pairs(chunk.broken)
        texts = {role: chunk.columns[self.columns.index(number)] for role, number in self._roles.items()}
        if not len(chunk.lines):
            return
        marks = _Marks(np.zeros(len(chunk.lines), dtype=np.int64))
        customer, address = self._customers.number(texts.get("customer"), texts.get("email"))
        marks.mark(customer == NOBODY, Reason.NO_CUSTOMER)
        order = self._order(texts, chunk.lines, marks)
        if "status" in texts:
            marks.mark(texts["status"].each(self._is_counted) == 0, Reason.STATUS_NOT_COUNTED)
        day = self._day(texts["date"], marks)
        amount, spelt, said = self._amounts.read(texts["amount"])
        negative = (amount < 0) & (amount > UNBELIEVABLE)
        if "order" not in texts:
            marks.mark(negative, Reason.NEGATIVE_AMOUNT)
        back = [self._refunds.read(texts[role]) for role in texts if role.startswith("refunded")]
        none = np.zeros((len(chunk.lines), 0), dtype=np.int8)
        held = _Held(
            chunk.lines, customer, address, order, day, self._moment(texts["date"], negative), amount, spelt,
            refunded=np.column_stack([none, *(millionths for millionths, _, _ in back)]),
            respelt=np.column_stack([none, *(spelling for _, spelling, _ in back)]),
            said=self._said(texts, marks, said, *(unit for _, _, unit in back)).astype(np.int32),
            reason=marks.reasons.astype(np.int8),
        )  # fmt: skip
        useless = (marks.reasons > 0) & (marks.reasons <= Reason.CURRENCY_UNREADABLE)
        self._rejects.add(chunk.lines[useless], marks.reasons[useless])
        self._held.append(held.take(~useless) if useless.any() else held)

    def finish(self) -> OrderRows:
        """The orders up to the as-of date, which is the last date in the file unless one was asked for.

        Raises FileRefused where currencies mix and none was chosen.
        """
        good, currency = self._understood()
        last = int(good.day.max()) if len(good) else epoch_day(self._asked.today)
        as_of_day = epoch_day(self._asked.as_of) if self._asked.as_of else last
        present = good.take(good.day <= as_of_day)
        present = replace(present, customer=self._customers.guests_as_customers(present.customer, present.address))
        fate, value, head = repeats.resolve(present)
        self._rejects.add(present.line[fate > 0], fate[fate > 0])
        kept, refunds = fate == repeats.KEPT, int(np.count_nonzero(fate == repeats.REFUND))
        duplicates = int(np.count_nonzero(fate == repeats.DUPLICATE))
        used = int(np.count_nonzero(kept))
        tally = self._rejects.tally(used + refunds, len(good) - len(present), duplicates)
        labels, owner = self._customers.in_order(present.customer[kept])
        return OrderRows(
            orders=Orders(owner, present.day[kept], value[kept]),
            given_back=_given_back(present, owner, head, fate),
            labels=labels,
            as_of_day=as_of_day,
            currency=currency,
            tally=tally,
            refunds=refunds,
        )

    def _understood(self) -> tuple[Rows, str | None]:
        """The rows that are good by what the whole file shows, and its currency."""
        held = self._together()
        usable = (held.reason == 0) & (held.amount > UNBELIEVABLE)
        decided = self._units.decide(held.said[usable], self._asked.currency)
        other = decided.other[held.said]
        notation = Notation(decided.currency, held.spelt[~other], held.respelt[~other])
        marks = _Marks(held.reason.astype(np.int64))
        marks.mark(other, Reason.OTHER_CURRENCY)
        value = _value(held, notation, marks)
        bad = marks.reasons > 0
        self._rejects.add(held.line[bad], marks.reasons[bad])
        rows = Rows(held.line, held.customer, held.address, held.order, held.day, held.moment, value)
        return rows.take(~bad) if bad.any() else rows, decided.currency

    def _together(self) -> _Held:
        parts, self._held = self._held, []
        return _Held(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(_Held)))

    def _order(self, texts: Mapping[str, Texts], lines: Ints, marks: _Marks) -> Ints:
        if "order" not in texts:
            return lines  # every row is an order of its own
        order = self._order_ids.number(texts["order"])
        marks.mark(order == NO_ORDER, Reason.NO_ORDER_ID)
        return order

    def _is_counted(self, status: str) -> bool:
        return status.strip().lower().removeprefix("wc-") in self._counted

    def _said(self, texts: Mapping[str, Texts], marks: _Marks, *beside: Ints) -> Ints:
        """What each row says of its currency: in its cell of that column, and beside its amounts."""
        if "currency" not in texts:
            return self._units.joined(beside)
        said = texts["currency"].each(self._code)
        marks.mark(said == _NO_CODE, Reason.CURRENCY_UNREADABLE)
        return self._units.joined([np.maximum(said, 0), *beside])

    def _code(self, text: str) -> int:
        found = code(text)
        if found is None and text.strip().upper() == self._asked.currency:
            found = self._asked.currency  # one of the store's own, which only the person knows
        return _NO_CODE if found is None else self._units.number(frozenset({found} - {""}))

    def _day(self, texts: Texts, marks: _Marks) -> Ints:
        if self._asked.date_format is None:
            day = texts.each(lambda text: self._days[day_and_time(text)[0]])
            marks.mark(texts.each(lambda text: self._times[day_and_time(text)[1]]) == 0, Reason.DATE_UNREADABLE)
        else:
            day = texts.each(self._days.__getitem__)
        marks.mark(day == UNREADABLE, Reason.DATE_UNREADABLE)
        marks.mark(day == UNBELIEVABLE, Reason.DATE_NOT_BELIEVABLE)
        marks.mark(day > epoch_day(self._asked.today) + 1, Reason.DATE_IN_THE_FUTURE)
        return day

    def _moment(self, texts: Texts, refunds: npt.NDArray[np.bool_]) -> Ints:
        """A number for the date and time of each refund as they are written, 0 for the other rows.

        It is below 0 where the second is told.
        """
        moment = np.zeros(len(refunds), dtype=np.int64)
        for row in np.flatnonzero(refunds).tolist():
            written = texts.distinct[texts.codes[row]]
            number = self._moments.setdefault(written, len(self._moments) + 1)
            moment[row] = -number if tells_the_second(written) else number
        return moment


def _value(held: _Held, notation: Notation, marks: _Marks) -> Ints:
    """Minor units of each row, less what it says was given back of it."""
    amount = notation.minor(held.amount, held.spelt)
    marks.mark(amount == UNREADABLE, Reason.AMOUNT_UNREADABLE)
    marks.mark(amount == UNBELIEVABLE, Reason.AMOUNT_NOT_BELIEVABLE)
    back = notation.minor(held.refunded, held.respelt)
    marks.mark((back <= UNBELIEVABLE).any(axis=1), Reason.REFUNDED_UNREADABLE)
    # Some exporters write what was given back as a negative number.
    refunded: Ints = np.abs(np.where(back > UNBELIEVABLE, back, 0)).sum(axis=1)
    marks.mark((amount >= 0) & (refunded > 0) & (refunded >= amount), Reason.REFUNDED_IN_FULL)
    return np.where(amount < 0, amount, amount - refunded)


def _given_back(rows: Rows, owner: Ints, head: Ints, fate: Ints) -> Refunds:
    """The refunds in rows of their own; `owner` is the customer of each row that is kept."""
    refunds = np.flatnonzero(fate == repeats.REFUND)
    refunds = refunds[np.lexsort((rows.day[refunds], head[refunds]))]
    order, amount = head[refunds], -rows.value[refunds]
    taken = np.zeros(len(rows), dtype=np.int64)
    np.add.at(taken, order, amount)
    place = np.cumsum(fate == repeats.KEPT) - 1
    return Refunds(order, owner[place[order]], rows.day[order], taken[order], amount, rows.day[refunds])


class _Marks:
    """The reason against each row, 0 where there is none: of several the first in the list of reasons."""

    def __init__(self, reasons: Ints) -> None:
        self.reasons = reasons

    def mark(self, rows: object, reason: Reason) -> None:
        self.reasons[np.asarray(rows, dtype=bool) & ((self.reasons == 0) | (self.reasons > reason))] = reason
