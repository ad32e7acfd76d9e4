"""Why a row is not used: each rejected row has exactly one of these reasons."""

from __future__ import annotations

from enum import IntEnum


class Reason(IntEnum):
    """`slug` is the reason in reports and listings. Of several faults a row has by itself the first counts."""

    BROKEN_QUOTES = 1
    WRONG_NUMBER_OF_FIELDS = 2
    NO_CUSTOMER = 3
    NO_ORDER_ID = 4
    STATUS_NOT_COUNTED = 5
    CURRENCY_UNREADABLE = 6
    OTHER_CURRENCY = 7
    DATE_UNREADABLE = 8
    DATE_NOT_BELIEVABLE = 9
    DATE_IN_THE_FUTURE = 10
    AMOUNT_UNREADABLE = 11
    AMOUNT_NOT_BELIEVABLE = 12
    REFUNDED_UNREADABLE = 13
    NEGATIVE_AMOUNT = 14
    REFUNDED_IN_FULL = 15
    CONFLICTING_DUPLICATE = 16
    HISTORY_UNREADABLE = 17
    HISTORY_IMPOSSIBLE = 18
    REPEATED_CUSTOMER = 19

    @property
    def slug(self) -> str:
        return self.name.lower()

    @property
    def words(self) -> str:
        """The reason as a person says it of one row or several."""
        return _WORDS[self]


_WORDS = {
    Reason.BROKEN_QUOTES: "with quotes that do not match",
    Reason.WRONG_NUMBER_OF_FIELDS: "with more or fewer fields than the header",
    Reason.NO_CUSTOMER: "without a customer",
    Reason.NO_ORDER_ID: "without an order id",
    Reason.STATUS_NOT_COUNTED: "with a status that is no purchase (--counted-statuses says which are)",
    Reason.CURRENCY_UNREADABLE: "with a currency that is no three-letter code",
    Reason.OTHER_CURRENCY: "in another currency",
    Reason.DATE_UNREADABLE: "with a date that cannot be read (--date-format says how dates are written)",
    Reason.DATE_NOT_BELIEVABLE: "from before 1970",
    Reason.DATE_IN_THE_FUTURE: "with a date in the future",
    Reason.AMOUNT_UNREADABLE: "with an amount that is no number or could be two",
    Reason.AMOUNT_NOT_BELIEVABLE: "with an amount beyond belief",
    Reason.REFUNDED_UNREADABLE: "with a refund that is no number or could be two",
    Reason.NEGATIVE_AMOUNT: "with a negative amount and no order it belongs to",
    Reason.REFUNDED_IN_FULL: "refunded in full",
    Reason.CONFLICTING_DUPLICATE: "saying something else of an order seen before",
    Reason.HISTORY_UNREADABLE: "with a purchase history that is no plain number like 12.5",
    Reason.HISTORY_IMPOSSIBLE: "with a purchase history that cannot be",
    Reason.REPEATED_CUSTOMER: "repeating a customer",
}
