"""Customers of one store: registered users, and guests known by e-mail until they register."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from connector.db import entitlements
from connector.db.session import insert_into
from connector.db.tables import customers, orders
from connector.domain.orders import CustomerState
from connector.domain.versions import Sight, is_newer


@dataclass(frozen=True, slots=True)
class Identity:
    """What an order says about who placed it: a user id (0 for none) and a normalised billing e-mail."""

    wc_id: int
    email: str | None


def save(connection: Connection, store_id: int, seen: Iterable[tuple[CustomerState, datetime]]) -> list[int]:
    """Store registered users as the store showed them at a time; older sights than the one held change nothing.

    Guests with a user's address become that user. Returns the ids of the orders that changed hands by it.
    """
    newest: dict[int, tuple[CustomerState, datetime]] = {}
    for state, observed_at in seen:
        if state.wc_id not in newest or observed_at >= newest[state.wc_id][1]:
            newest[state.wc_id] = (state, observed_at)
    held = _by_wc_id(connection, store_id, list(newest))
    current = {
        wc_id: _columns(state, observed_at)
        for wc_id, (state, observed_at) in newest.items()
        if _may_replace(held.get(wc_id), observed_at)
    }
    new = [
        {"store_id": store_id, "wc_id": wc_id, **columns} for wc_id, columns in current.items() if wc_id not in held
    ]
    if new:
        connection.execute(insert(customers), new)
    for wc_id in current.keys() & held.keys():
        connection.execute(
            update(customers)
            .where(customers.c.store_id == store_id, customers.c.id == held[wc_id].id)
            .values(**current[wc_id])
        )
    return _adopt_guests(connection, store_id, [columns["email"] for columns in current.values() if columns["email"]])


def mark_deleted(connection: Connection, store_id: int, wc_id: int, observed_at: datetime) -> None:
    """Remember that the store deleted a user: nothing is written to it any more, its history stays."""
    row = _by_wc_id(connection, store_id, [wc_id]).get(wc_id)
    if row is not None and _may_replace(row, observed_at):
        connection.execute(
            update(customers)
            .where(customers.c.store_id == store_id, customers.c.id == row.id)
            .values(deleted_at=observed_at, observed_at=observed_at)
        )


def resolve(connection: Connection, store_id: int, identities: Iterable[Identity]) -> dict[Identity, int]:
    """Return the customer of each identity that names somebody, making customers that are new.

    A user id decides; else the living user whose account has the address; else the guest with the address.
    """
    wanted = set(identities)
    registered = _ensure_registered(connection, store_id, sorted({i.wc_id for i in wanted if i.wc_id}))
    guests = _ensure_known(connection, store_id, sorted({i.email for i in wanted if not i.wc_id and i.email}))
    found = {i: registered[i.wc_id] for i in wanted if i.wc_id}
    found |= {i: guests[i.email] for i in wanted if not i.wc_id and i.email}
    return found


def lock(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> None:
    """Keep other transactions from deciding about these customers until this one ends.

    SQLite has one writer anyway and no row locks; PostgreSQL locks in the order of the ids, so that nobody deadlocks.
    """
    connection.execute(
        select(customers.c.id)
        .where(customers.c.store_id == store_id, customers.c.id.in_(customer_ids))
        .order_by(customers.c.id)
        .with_for_update()
    ).all()


def find(connection: Connection, store_id: int, wanted: str) -> Row[Any] | None:
    """Return the customer a person means: a WooCommerce user id, or an e-mail address (the registered one first)."""
    match = customers.c.wc_id == int(wanted) if wanted.isdecimal() else customers.c.email == wanted
    return connection.execute(
        select(customers)
        .where(customers.c.store_id == store_id, match)
        .order_by(customers.c.merged_into_id.is_not(None), customers.c.wc_id.is_(None))
        .limit(1)
    ).one_or_none()


def by_id(connection: Connection, store_id: int, customer_id: int) -> Row[Any]:
    """Return a customer that exists."""
    return connection.execute(
        select(customers).where(customers.c.store_id == store_id, customers.c.id == customer_id)
    ).one()


def _by_wc_id(connection: Connection, store_id: int, wc_ids: Sequence[int]) -> dict[int, Row[Any]]:
    rows = connection.execute(
        select(customers).where(customers.c.store_id == store_id, customers.c.wc_id.in_(wc_ids))
    )
    return {row.wc_id: row for row in rows}


def _may_replace(row: Row[Any] | None, observed_at: datetime) -> bool:
    if row is None or row.observed_at is None:
        return True
    return is_newer(Sight(None, observed_at), Sight(None, row.observed_at))


def _columns(state: CustomerState, observed_at: datetime) -> dict[str, Any]:
    return {
        "email": state.email,
        "registered_at": state.registered_at,
        "observed_at": observed_at,
        "deleted_at": None,
    }


def _adopt_guests(connection: Connection, store_id: int, emails: Sequence[str]) -> list[int]:
    """Merge guests into the users who have their address now; return the orders that went with them."""
    guest, user = customers.alias("guest"), customers.alias("user")
    pairs = connection.execute(
        select(guest.c.id.label("guest"), user.c.id.label("user"))
        .join(user, and_(user.c.store_id == guest.c.store_id, user.c.email == guest.c.email))
        .where(
            guest.c.store_id == store_id,
            guest.c.email.in_(emails),
            guest.c.wc_id.is_(None),
            user.c.wc_id.is_not(None),
            user.c.deleted_at.is_(None),
            or_(guest.c.merged_into_id.is_(None), guest.c.merged_into_id != user.c.id),
        )
    ).all()
    moved: list[int] = []
    for pair in pairs:
        connection.execute(update(customers).where(customers.c.id == pair.guest).values(merged_into_id=pair.user))
        entitlements.move(connection, store_id, pair.guest, pair.user)
        moved += connection.execute(
            update(orders)
            .where(orders.c.store_id == store_id, orders.c.customer_id == pair.guest)
            .values(customer_id=pair.user)
            .returning(orders.c.id)
        ).scalars()
    return moved


def _ensure_registered(connection: Connection, store_id: int, wc_ids: Sequence[int]) -> dict[int, int]:
    found = {wc_id: row.id for wc_id, row in _by_wc_id(connection, store_id, wc_ids).items()}
    for wc_id in wc_ids:
        if wc_id not in found:
            found[wc_id] = connection.execute(
                insert_into(connection, customers)
                .values(store_id=store_id, wc_id=wc_id)
                .on_conflict_do_update(
                    index_elements=[customers.c.store_id, customers.c.wc_id], set_={"wc_id": wc_id}
                )
                .returning(customers.c.id)
            ).scalar_one()
    return found


def _ensure_known(connection: Connection, store_id: int, emails: Sequence[str]) -> dict[str, int]:
    rows = connection.execute(
        select(customers.c.id, customers.c.email, customers.c.merged_into_id)
        .where(customers.c.store_id == store_id, customers.c.email.in_(emails), customers.c.deleted_at.is_(None))
        # Users last, so that they win over the guest row of the same address.
        .order_by(customers.c.wc_id.is_not(None), customers.c.id)
    )
    found: dict[str, int] = {row.email: row.merged_into_id or row.id for row in rows}
    for email in emails:
        if email not in found:
            found[email] = connection.execute(
                insert_into(connection, customers)
                .values(store_id=store_id, email=email)
                .on_conflict_do_update(
                    index_elements=[customers.c.store_id, customers.c.email],
                    index_where=customers.c.wc_id.is_(None),
                    set_={"email": email},
                )
                .returning(customers.c.id)
            ).scalar_one()
    return found
