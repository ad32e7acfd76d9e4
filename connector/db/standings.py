"""Standings: each customer's tier, points, scores and predicted value, and the runs that scored them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, insert, select

from connector.db.bulk import among, insert_rows, keyed, numbers
from connector.db.session import insert_into
from connector.db.tables import accounts, customers, entitlements, lots, orders, score_runs, spends, standings
from connector.domain.arrays import Ints


def people(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the customers themselves, with the e-mail a coupon can be restricted to.

    That is the account's address, else the billing address of the latest order; none where the account was deleted.
    """
    billing = (
        select(orders.c.email)
        .where(orders.c.store_id == store_id, orders.c.customer_id == customers.c.id, orders.c.email.is_not(None))
        .order_by(orders.c.ordered_at.desc(), orders.c.wc_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    found: Any = connection.execute(
        select(
            customers.c.id,
            customers.c.wc_id,
            customers.c.deleted_at,
            customers.c.merged_into_id,
            customers.c.registered_at,
            customers.c.birthday,
            customers.c.consent,
            case((customers.c.deleted_at.is_(None), func.coalesce(customers.c.email, billing))).label("email"),
        )
        .where(keyed(connection, customers.c.id, store_id, customer_ids))
        .order_by(customers.c.id)
    ).all()
    return list(found)


def revisions(connection: Connection, store_id: int, customer_ids: Sequence[int] | None = None) -> tuple[Ints, Ints]:
    """Return who has a standing, sorted by id, and the revision of each."""
    of_store = standings.c.store_id == store_id
    if customer_ids is not None:
        of_store = keyed(connection, standings.c.customer_id, store_id, customer_ids)
    wanted = select(standings.c.customer_id, standings.c.revision).where(of_store)
    customer, revision = numbers(connection, wanted.order_by(standings.c.customer_id))
    return customer, revision


def with_history(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> set[int]:
    """Return those of the customers who have ordered or had points, or have a standing or an entitlement of then."""
    ordered = select(orders.c.customer_id).where(
        orders.c.store_id == store_id, among(connection, orders.c.customer_id, customer_ids)
    )
    standing = select(standings.c.customer_id).where(
        keyed(connection, standings.c.customer_id, store_id, customer_ids)
    )
    entitled = select(entitlements.c.customer_id).where(
        entitlements.c.store_id == store_id, among(connection, entitlements.c.customer_id, customer_ids)
    )
    rewarded = [
        select(facts.c.customer_id).where(
            facts.c.store_id == store_id, among(connection, facts.c.customer_id, customer_ids)
        )
        for facts in (lots, spends, accounts)
    ]
    return set(connection.execute(ordered.union(standing, entitled, *rewarded)).scalars())


def forget(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> None:
    """Drop the standings of guests who turned out to be users: they have a standing of their own."""
    if not customer_ids:
        return
    connection.execute(delete(standings).where(keyed(connection, standings.c.customer_id, store_id, customer_ids)))


def save(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store standings, replacing each customer's earlier one."""
    if not rows:
        return
    statement = insert_into(connection, standings)
    replaced: dict[str, Any] = {name: statement.excluded[name] for name in rows[0] if name != "customer_id"}
    moved = statement.excluded.segment != standings.c.segment
    replaced |= {
        "previous_segment": case((moved, standings.c.segment), else_=standings.c.previous_segment),
        "revision": standings.c.revision + 1,
    }
    insert_rows(
        connection,
        statement.on_conflict_do_update(index_elements=[standings.c.customer_id], set_=replaced),
        [{**row, "revision": 1} for row in rows],
    )


def of(connection: Connection, store_id: int, customer_id: int) -> Row[Any] | None:
    """Return one customer's standing, or None."""
    return connection.execute(
        select(standings).where(standings.c.store_id == store_id, standings.c.customer_id == customer_id)
    ).one_or_none()


def movements(connection: Connection, store_id: int) -> list[Row[Any]]:
    """Return ``previous_segment``, ``segment`` and ``customers``: each customer's latest change, most frequent first.

    A segment is "" where nothing was bought any more. Who was never in another segment is not counted.
    """
    which = standings.c.previous_segment, standings.c.segment
    customers = func.count().label("customers")
    return list(
        connection.execute(
            select(*which, customers)
            .where(standings.c.store_id == store_id, standings.c.previous_segment != "")
            .group_by(*which)
            .order_by(customers.desc(), *which)
        )
    )


def save_run(
    connection: Connection, store_id: int, as_of: date, started_at: datetime, now: datetime, **run: Any
) -> int:
    """Store a scoring run (customers, basis, fitted, report) and return its id."""
    return int(
        connection.execute(
            insert(score_runs)
            .values(store_id=store_id, as_of=as_of, started_at=started_at, finished_at=now, **run)
            .returning(score_runs.c.id)
        ).scalar_one()
    )


def run(connection: Connection, store_id: int, run_id: int) -> Row[Any]:
    """Return the store's scoring run that a standing names. Raises NoResultFound where there is none."""
    named = score_runs.c.store_id == store_id, score_runs.c.id == run_id
    return connection.execute(select(score_runs).where(*named)).one()


def latest_run(connection: Connection, store_id: int) -> Row[Any] | None:
    """Return the store's newest scoring run, or None where it has not been scored yet."""
    return connection.execute(
        select(score_runs).where(score_runs.c.store_id == store_id).order_by(score_runs.c.id.desc()).limit(1)
    ).one_or_none()
