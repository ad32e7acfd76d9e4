"""Rows of an order export as counted orders: each row is checked, and used or accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from connector.domain.hindsight import Refunds
from connector.domain.history import Ints, Orders, epoch_day
from connector.domain.money import exponent
from connector.domain.orders import CountingRules
from connector.orderfile import repeats
from connector.orderfile.chunks import Chunk, Texts
from connector.orderfile.customers import NOBODY, Customers
from connector.orderfile.errors import FileRefused
from connector.orderfile.order_ids import NO_ORDER, OrderIds
from connector.orderfile.reasons import Reason
from connector.orderfile.repeats import Rows
from connector.orderfile.tally import Rejects, Tally
from connector.orderfile.values import UNBELIEVABLE, UNREADABLE, Amounts, Days, Times, day_and_time

_ANY_CODE, _NO_CODE = -1, -2  # where no currency is written, and where something else is


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

    given_back: what later rows took from orders, and when. refunds: how many such rows. without_order_ids: the file
    had none, so each row is an order.
    """

    orders: Orders
    given_back: Refunds
    labels: list[str]
    as_of_day: int
    currency: str | None
    tally: Tally
    refunds: int
    without_order_ids: bool


class OrderReader:
    """Takes a file's chunks and, after the last, tells the orders. Memory grows by some 60 bytes a row."""

    def __init__(self, roles: Mapping[str, int], asked: Asked) -> None:
        self.columns = sorted(set(roles.values()))
        self._roles, self._asked = roles, asked
        self._customers = Customers(emails="email" in roles)
        self._order_ids = OrderIds()
        self._days, self._times = Days(asked.date_format), Times()
        self._moments: dict[str, int] = {}
        self._counted = CountingRules().statuses if asked.statuses is None else asked.statuses
        self._currency = asked.currency
        self._codes: dict[str, int] = {}
        self._others: set[str] = set()
        self._amounts: Amounts | None = None
        self._refunded: Amounts | None = None
        self._rejects = Rejects()
        self._rows: list[Rows] = []

    def add(self, chunk: Chunk) -> None:
        """Check the rows of the next chunk."""
        self._rejects.add_broken(chunk.broken)
        texts = {role: chunk.columns[self.columns.index(number)] for role, number in self._roles.items()}
        count = len(chunk.lines)
        if not count:
            return
        marks = _Marks(count)
        customer, address = self._customers.number(texts.get("customer"), texts.get("email"))
        marks.mark(customer == NOBODY, Reason.NO_CUSTOMER)
        order = self._order(texts, count, marks)
        self._check_status(texts, marks)
        self._check_currency(texts, marks)
        day = self._day(texts["date"], marks)
        value = self._value(texts, marks)
        rows = Rows(chunk.lines, customer, address, order, day, self._moment(texts["date"], value < 0), value)
        bad = marks.reasons > 0
        self._rejects.add(chunk.lines[bad], marks.reasons[bad])
        self._rows.append(rows.take(~bad) if bad.any() else rows)

    def finish(self) -> OrderRows:
        """The orders up to the as-of date, which is the last date in the file unless one was asked for.

        Raises FileRefused where no row can be used, or where currencies mix and none was chosen.
        """
        if self._others and self._asked.currency is None:
            raise FileRefused(self._mixed())
        good = self._together()
        last = int(good.day.max()) if len(good) else epoch_day(self._asked.today)
        as_of_day = epoch_day(self._asked.as_of) if self._asked.as_of else last
        present = good.take(good.day <= as_of_day)
        fate, value, head = repeats.resolve(present)
        self._rejects.add(present.line[fate > 0], fate[fate > 0])
        kept, refunds = fate == repeats.KEPT, int(np.count_nonzero(fate == repeats.REFUND))
        duplicates = int(np.count_nonzero(fate == repeats.DUPLICATE))
        used = int(np.count_nonzero(kept))
        tally = self._rejects.tally(used + refunds, len(good) - len(present), duplicates)
        customer = self._customers.guests_as_customers(present.customer[kept], present.address[kept])
        labels, owner = self._customers.in_order(customer)
        return OrderRows(
            orders=Orders(owner, present.day[kept], value[kept]),
            given_back=_given_back(present, owner, head, fate),
            labels=labels,
            as_of_day=as_of_day,
            currency=self._currency or None,
            tally=tally,
            refunds=refunds,
            without_order_ids="order" not in self._roles,
        )

    def _together(self) -> Rows:
        nothing = np.zeros(0, dtype=np.int64)
        parts, self._rows = self._rows, []
        names = [column.name for column in fields(Rows)]
        joined = Rows(*(np.concatenate([nothing, *(getattr(part, name) for part in parts)]) for name in names))
        # Without order ids every row is an order of its own.
        return joined if "order" in self._roles else replace(joined, order=joined.line)

    def _order(self, texts: Mapping[str, Texts], count: int, marks: _Marks) -> Ints:
        if "order" not in texts:
            return np.zeros(count, dtype=np.int64)
        order = self._order_ids.number(texts["order"])
        marks.mark(order == NO_ORDER, Reason.NO_ORDER_ID)
        return order

    def _check_status(self, texts: Mapping[str, Texts], marks: _Marks) -> None:
        if "status" not in texts:
            return
        marks.mark(texts["status"].each(self._is_counted) == 0, Reason.STATUS_NOT_COUNTED)

    def _is_counted(self, status: str) -> bool:
        return status.strip().lower().removeprefix("wc-") in self._counted

    def _check_currency(self, texts: Mapping[str, Texts], marks: _Marks) -> None:
        if "currency" not in texts:
            return
        code = texts["currency"].each(self._code)
        marks.mark(code == _NO_CODE, Reason.CURRENCY_UNREADABLE)
        usable = code[(code >= 0) & (marks.reasons == 0)]
        if self._currency is None and len(usable):
            self._adopt(list(self._codes)[usable[0]])
        wanted = self._code(self._currency or "")
        self._others |= {list(self._codes)[other] for other in np.unique(usable[usable != wanted]).tolist()}
        marks.mark((code >= 0) & (code != wanted), Reason.OTHER_CURRENCY)

    def _adopt(self, code: str) -> None:
        """Take the first currency that is named for that of all amounts, unless some were read by other decimals."""
        if exponent(code) == exponent("") or not any(map(len, self._rows)):
            self._currency, self._amounts = code, None

    def _code(self, text: str) -> int:
        code = text.strip().upper()
        if not code:
            return _ANY_CODE
        if not (len(code) == 3 and code.isascii() and code.isalpha()):
            return _NO_CODE
        return self._codes.setdefault(code, len(self._codes))

    def _mixed(self) -> str:
        codes = [code for code in (self._currency, *sorted(self._others)) if code]
        which = f"in {', '.join(codes[:-1])} and {codes[-1]}" if len(codes) > 1 else f"in {codes[0]} and in none"
        return (
            f"The orders are {which}, which cannot be added up. "
            f"Say --currency {codes[0]}, for example, to score those orders and reject the others."
        )

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
        """A number for the date and time of each refund as they are written, 0 for the other rows."""
        moment = np.zeros(len(refunds), dtype=np.int64)
        for row in np.flatnonzero(refunds).tolist():
            written = texts.distinct[texts.codes[row]]
            moment[row] = self._moments.setdefault(written, len(self._moments) + 1)
        return moment

    def _value(self, texts: Mapping[str, Texts], marks: _Marks) -> Ints:
        if self._amounts is None or self._refunded is None:
            currency = self._currency or ""
            self._amounts, self._refunded = Amounts(currency), Amounts(currency, empty=0)
        amount = texts["amount"].each(self._amounts.__getitem__)
        marks.mark(amount == UNREADABLE, Reason.AMOUNT_UNREADABLE)
        marks.mark(amount == UNBELIEVABLE, Reason.AMOUNT_NOT_BELIEVABLE)
        if "order" not in texts:
            marks.mark(amount < 0, Reason.NEGATIVE_AMOUNT)
        if "refunded" not in texts:
            return amount
        refunded = texts["refunded"].each(self._refunded.__getitem__)
        marks.mark((refunded == UNREADABLE) | (refunded == UNBELIEVABLE), Reason.REFUNDED_UNREADABLE)
        refunded = np.abs(refunded)  # some exporters write what was given back as a negative number
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
    """The reason against each row of a chunk, 0 where there is none; the first one stays."""

    def __init__(self, count: int) -> None:
        self.reasons = np.zeros(count, dtype=np.int64)

    def mark(self, rows: object, reason: Reason) -> None:
        self.reasons[np.asarray(rows, dtype=bool) & (self.reasons == 0)] = reason
