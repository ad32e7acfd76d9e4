"""Redeeming: points are taken and a coupon is promised, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connector.db import accounts, blocks, customers, redemptions
from connector.db import programmes as programmes_by_store
from connector.db.stores import Store
from connector.domain.programme import Programme
from connector.domain.programme.versions import in_force
from connector.domain.redemption import Limits, Refused, limits, quote


class KeyReused(Exception):
    """The idempotency key belongs to another redemption."""


class NoAddress(Exception):
    """The customer has no e-mail address a coupon could be made out to."""


@dataclass(frozen=True, slots=True)
class Purse:
    """What a customer has to redeem at a moment, and by which rules."""

    programme: Programme
    available: int
    blocked: bool

    def limits(self, currency: str) -> Limits | None:
        """Return how many points may be redeemed, or None."""
        return limits(self.programme.redeeming, self.available, currency, blocked=self.blocked)


def purse(connection: Connection, store: Store, customer_id: int, now: datetime) -> Purse:
    """Return what a customer can redeem, as far as the account is settled."""
    account = accounts.of(connection, store.id, customer_id)
    shut_out = blocks.of_customers(connection, store.id, [customer_id])
    return Purse(
        in_force(programmes_by_store.every(connection, store.id), now),
        account.available if account is not None else 0,
        any(block.covers(customer_id, now) for block in shut_out),
    )


def redeem(
    connection: Connection, store: Store, customer: Row[Any], points: object, key: str, now: datetime
) -> Row[Any] | Refused:
    """Turn points of a customer into a coupon and return the redemption, or why that is refused.

    Under a key that was used before for the same, it is the same redemption and nothing more is taken. Requests about
    one customer wait for each other, so that together they never take more than there is. Ask for writing back in the
    same transaction. Raises KeyReused or NoAddress, and IntegrityError where another customer's request with the same
    key was first.
    """
    customers.lock(connection, store.id, [customer.id])
    made = redemptions.by_key(connection, store.id, key)
    if made is not None:
        if (made.customer_id, made.points) != (customer.id, points):
            raise KeyReused
        return made
    if customer.email is None:
        raise NoAddress
    programmes = programmes_by_store.every(connection, store.id)
    accounts.settle(connection, store, programmes, [customer.id], now)
    held = purse(connection, store, customer.id, now)
    rules = held.programme.redeeming
    quoted = quote(points, rules, held.available, store.currency, blocked=held.blocked)
    if isinstance(quoted, Refused):
        return quoted
    left = held.available - quoted.points
    number = redemptions.reserve(connection, store, held.programme, customer.id, key, quoted, left, now)
    redemptions.settle(connection, store, [number], now)
    accounts.settle(connection, store, programmes, [customer.id], now)
    return redemptions.by_id(connection, store.id, number)
