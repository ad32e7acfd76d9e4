"""Customers of one store: registered users, and guests known by e-mail until they register.

Each address has one guest's row. A user seen with the address has claimed it: the guest is merged into them, and
orders without a user follow (`orders.follow_claims`). The latest sight of an address decides whose it is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, union_all, update

from connector.db.bulk import keyed
from connector.db.session import insert_into
from connector.db.tables import customers
from connector.domain.orders import CustomerState
from connector.domain.versions import Sight, is_newer


@dataclass(frozen=True, slots=True)
class Identity:
    """What an order says about who placed it: a user id (0 for none) and a normalised billing e-mail."""

    wc_id: int
    email: str | None


def save(connection: Connection, store_id: int, seen: Iterable[tuple[CustomerState, datetime]]) -> list[int]:
    """Store registered users as the store showed them at a time; older sights than the one held change nothing.

    Every sight, older ones too, claims its address for the user: that is how guests become users, whatever the
    order of telling. Returns the ids of the users who are different now.
    """
    sights = list(seen)
    newest: dict[int, tuple[CustomerState, datetime]] = {}
    for state, observed_at in sights:
        if state.wc_id not in newest or observed_at >= newest[state.wc_id][1]:
            newest[state.wc_id] = (state, observed_at)
    held, guests = _hold(connection, store_id, list(newest), {state.email for state, _ in sights if state.email})
    current = {
        wc_id: _columns(state, observed_at)
        for wc_id, (state, observed_at) in newest.items()
        if _may_replace(held.get(wc_id), observed_at)
    }
    ids = _add(connection, store_id, {wc_id: columns for wc_id, columns in current.items() if wc_id not in held})
    changed = list(ids.values())
    for wc_id in current.keys() & held.keys():
        row = held[wc_id]
        connection.execute(
            update(customers)
            .where(customers.c.store_id == store_id, customers.c.id == row.id)
            .values(**current[wc_id])
        )
        if any(row._mapping[name] != current[wc_id][name] for name in _TELLING):
            changed.append(row.id)
    ids |= {wc_id: row.id for wc_id, row in held.items()}
    claims = [(state.email, ids[state.wc_id], at) for state, at in sights if state.email]
    # An older sight says nothing new of the user, and may yet bring them what was ordered under an address they had.
    return list(dict.fromkeys([*changed, *_claim(connection, store_id, claims, guests)]))


def mark_deleted(connection: Connection, store_id: int, wc_id: int, observed_at: datetime) -> list[int]:
    """Remember that the store deleted a user; return its id where that is news.

    Nothing is written or offered to it any more. What the account said of the person is forgotten; its history
    stays, and so do the orders its address has claimed. A user we never saw is kept as a deleted one, because an
    older delivery of it may still arrive.
    """
    gone = {
        "email": None,
        "birthday": None,
        "consent": None,
        "deleted_at": observed_at,
        "observed_at": observed_at,
    }
    row = _hold(connection, store_id, [wc_id])[0].get(wc_id)
    if row is None:
        connection.execute(insert(customers).values(store_id=store_id, wc_id=wc_id, **gone))
        return []
    if not _may_replace(row, observed_at):
        return []
    connection.execute(
        update(customers).where(customers.c.store_id == store_id, customers.c.id == row.id).values(**gone)
    )
    return [] if row.deleted_at else [int(row.id)]


def resolve(connection: Connection, store_id: int, identities: Iterable[Identity]) -> dict[Identity, int]:
    """Return the customer of each identity that names somebody, making customers that are new.

    A user id decides; else the user who has claimed the address; else the guest with the address. The guest's row
    is held until the transaction ends, so that nobody claims it meanwhile.
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
    if connection.dialect.name == "sqlite":
        return
    connection.execute(
        select(customers.c.id)
        .where(keyed(connection, customers.c.id, store_id, customer_ids))
        .order_by(customers.c.id)
        # Not against those who only refer to the customer, or an order being stored would wait for its own award.
        .with_for_update(key_share=True)
    ).all()


def ids_of(connection: Connection, store_id: int, wc_ids: Sequence[int]) -> list[int]:
    """Return our ids of these WooCommerce users, as far as we know them."""
    return sorted(row.id for row in _by_wc_id(connection, store_id, wc_ids).values())


def guests_of(connection: Connection, store_id: int, users: Sequence[int]) -> list[int]:
    """Return the guests who turned out to be these users."""
    return list(
        connection.execute(
            select(customers.c.id)
            .where(customers.c.store_id == store_id, customers.c.merged_into_id.in_(users))
            .order_by(customers.c.id)
        ).scalars()
    )


def count(connection: Connection, store_id: int) -> int:
    """Return how many rows of customers a store has, guests who registered and deleted users included."""
    return connection.execute(
        select(func.count()).select_from(customers).where(customers.c.store_id == store_id)
    ).scalar_one()


def after(connection: Connection, store_id: int, customer_id: int, limit: int) -> list[int]:
    """Return the next customers of a store by their ids, to walk through all of them."""
    return list(
        connection.execute(
            select(customers.c.id)
            .where(customers.c.store_id == store_id, customers.c.id > customer_id)
            .order_by(customers.c.id)
            .limit(limit)
        ).scalars()
    )


def find(connection: Connection, store_id: int, wanted: str) -> Row[Any] | None:
    """Return the customer a person means: a WooCommerce user id, or an e-mail address (the registered one first)."""
    is_id = wanted.isdecimal() and len(wanted) <= _LONGEST_ID
    match = customers.c.wc_id == int(wanted) if is_id else customers.c.email == wanted
    return connection.execute(
        select(customers)
        .where(customers.c.store_id == store_id, match)
        .order_by(customers.c.merged_into_id.is_not(None), customers.c.wc_id.is_(None))
        .limit(1)
    ).one_or_none()


# Eighteen digits fit into a BIGINT, whatever they are.
_LONGEST_ID = 18


def by_id(connection: Connection, store_id: int, customer_id: int) -> Row[Any]:
    """Return a customer that exists."""
    return connection.execute(
        select(customers).where(customers.c.store_id == store_id, customers.c.id == customer_id)
    ).one()


def _by_wc_id(connection: Connection, store_id: int, wc_ids: Sequence[int]) -> dict[int, Row[Any]]:
    wanted = select(customers).where(customers.c.store_id == store_id, customers.c.wc_id.in_(wc_ids))
    return {row.wc_id: row for row in connection.execute(wanted)}


def _hold(
    connection: Connection, store_id: int, wc_ids: Collection[int], emails: Collection[str] = ()
) -> tuple[dict[int, Row[Any]], list[Row[Any]]]:
    """Lock these users and the guests of these addresses and return both, users by their WooCommerce ids.

    Together and in the order of their ids, as `lock` does, so that nobody deadlocks.
    """
    known = select(customers.c.id).where(customers.c.store_id == store_id)
    users = known.where(customers.c.wc_id.in_(wc_ids))
    # The sum, and ids before rows, keep SQLite from looking through all guests, or all of the store.
    guests = known.where((customers.c.wc_id + 0).is_(None), customers.c.email.in_(emails))
    wanted = select(customers).where(customers.c.id.in_(union_all(users, guests))).order_by(customers.c.id)
    rows = connection.execute(wanted.with_for_update(key_share=True)).all()
    return {row.wc_id: row for row in rows if row.wc_id is not None}, [row for row in rows if row.wc_id is None]


def _may_replace(row: Row[Any] | None, observed_at: datetime) -> bool:
    if row is None or row.observed_at is None:
        return True
    return is_newer(Sight(None, observed_at), Sight(None, row.observed_at))


def _columns(state: CustomerState, observed_at: datetime) -> dict[str, Any]:
    return {
        "email": state.email,
        "registered_at": state.registered_at,
        "birthday": state.birthday,
        "consent": state.consent,
        "observed_at": observed_at,
        "deleted_at": None,
    }


# Where one of these differs, something has happened.
_TELLING = ("email", "registered_at", "birthday", "consent", "deleted_at")


def _add(connection: Connection, store_id: int, new: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
    if not new:
        return {}
    rows = [{"store_id": store_id, "wc_id": wc_id, **columns} for wc_id, columns in new.items()]
    made = connection.execute(insert(customers).returning(customers.c.wc_id, customers.c.id), rows)
    return {row.wc_id: row.id for row in made}


def _claim(
    connection: Connection, store_id: int, claims: Iterable[tuple[str, int, datetime]], guests: Iterable[Row[Any]]
) -> list[int]:
    """Let the guest of each address be the user who was last seen with it.

    Takes (address, user, seen at) and the guests there are, locked. Returns the users whom a guest turned out to be
    just now.
    """
    newest: dict[str, tuple[int, datetime]] = {}
    for email, user, observed_at in claims:
        if email not in newest or observed_at >= newest[email][1]:
            newest[email] = (user, observed_at)
    if not newest:
        return []
    won = [
        newest[row.email][0]
        for row in guests
        if row.merged_into_id != newest[row.email][0]
        and (row.observed_at is None or row.observed_at <= newest[row.email][1])
    ]
    statement = insert_into(connection, customers)
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[customers.c.store_id, customers.c.email],
            index_where=customers.c.wc_id.is_(None),
            set_={"merged_into_id": new.merged_into_id, "observed_at": new.observed_at},
            where=or_(customers.c.observed_at.is_(None), customers.c.observed_at <= new.observed_at),
        ),
        [
            {"store_id": store_id, "email": email, "merged_into_id": user, "observed_at": observed_at}
            for email, (user, observed_at) in sorted(newest.items())
        ],
    )
    return won


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
    _, guests = _hold(connection, store_id, (), emails)
    found: dict[str, int] = {row.email: row.merged_into_id or row.id for row in guests}
    for email in emails:
        if email not in found:
            row = connection.execute(
                insert_into(connection, customers)
                .values(store_id=store_id, email=email)
                .on_conflict_do_update(
                    index_elements=[customers.c.store_id, customers.c.email],
                    index_where=customers.c.wc_id.is_(None),
                    set_={"email": email},
                )
                .returning(customers.c.id, customers.c.merged_into_id)
            ).one()
            found[email] = row.merged_into_id or row.id
    return found
