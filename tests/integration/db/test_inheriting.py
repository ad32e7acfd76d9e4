from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select

from connector.db import entitlements, suppressions
from connector.db.entitlements import Grant
from connector.db.session import transaction
from connector.db.suppressions import Suppressed
from connector.db.tables import customers
from connector.db.tables import entitlements as entitlements_table
from connector.db.tables import suppressions as suppressions_table


def guest_of(engine, store, user, email) -> int:
    with transaction(engine) as connection:
        made = insert(customers).values(store_id=store.id, email=email, merged_into_id=user).returning(customers.c.id)
        return connection.execute(made).scalar_one()


def grant(engine, store, customer, occasion, now) -> None:
    given = Grant(customer, "welcome", "", now + timedelta(days=9), {}, occasion=occasion)
    with transaction(engine) as connection:
        entitlements.grant(connection, store.id, [given], 1, now)


def stop(engine, store, customer, occasion, now) -> None:
    with transaction(engine) as connection:
        stopped = Suppressed(customer, "welcome", occasion, "gap", "too soon")
        suppressions.record(connection, store.id, [stopped], 1, now)


def held(engine, table) -> list[tuple[int, str]]:
    wanted = select(table.c.customer_id, table.c.occasion).order_by(table.c.id)
    with transaction(engine) as connection:
        return [(row.customer_id, row.occasion) for row in connection.execute(wanted)]


def test_users_inherit_the_entitlements_of_their_guests_once_for_each_occasion(
    engine, store, other_store, new_customer, now
):
    ann, ben, theirs = new_customer(store, 7), new_customer(store, 8), new_customer(other_store, 7)
    first, second = (guest_of(engine, store, ann, f"{name}@example.com") for name in ("first", "second"))
    for customer, occasion in ((ann, "may"), (first, "may"), (first, "june"), (second, "june"), (ben, "may")):
        grant(engine, store, customer, occasion, now)
    grant(engine, other_store, theirs, "may", now)

    with transaction(engine) as connection:
        entitlements.move_to_users(connection, store.id, [ann])

    kept = [(ann, "may"), (first, "may"), (ann, "june"), (second, "june"), (ben, "may"), (theirs, "may")]
    assert held(engine, entitlements_table) == kept


def test_users_inherit_what_was_withheld_from_their_guests_and_nobody_keeps_the_rest(
    engine, store, new_customer, now
):
    ann, ben = new_customer(store, 7), new_customer(store, 8)
    guest, bens = guest_of(engine, store, ann, "ann@example.com"), guest_of(engine, store, ben, "ben@example.com")
    for customer, occasion in ((ann, "may"), (guest, "may"), (guest, "june"), (bens, "may")):
        stop(engine, store, customer, occasion, now)

    with transaction(engine) as connection:
        suppressions.move_to_users(connection, store.id, [ann])

    assert held(engine, suppressions_table) == [(ann, "may"), (ann, "june"), (bens, "may")]
