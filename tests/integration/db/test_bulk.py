from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from connector.db import lots, orders
from connector.db.bulk import among, insert_rows, keyed, numbers
from connector.db.lots import LotFacts
from connector.db.session import insert_into, reading, transaction
from connector.db.tables import customers, outbox, standings

STATES = [
    {"tier": "gold", "note": 'a "quote", a {brace}, a \\ and an é'},
    {"coupons": ["x1", "x2"], "clv": None, "deleted": True},
    {},
]


def outbox_rows(store, now, states):
    return [
        {
            "store_id": store.id,
            "kind": "customer",
            "subject_id": subject,
            "wc_id": None if subject == 2 else 70 + subject,
            "desired": state,
            "desired_hash": f"{{{subject},'\"}}",
            "desired_at": now + timedelta(seconds=subject),
            "attempts": 0,
        }
        for subject, state in enumerate(states, start=1)
    ]


def replacing(connection):
    statement = insert_into(connection, outbox)
    return statement.on_conflict_do_update(
        index_elements=[outbox.c.store_id, outbox.c.kind, outbox.c.subject_id],
        set_={"desired": statement.excluded.desired, "wc_id": statement.excluded.wc_id},
    )


def held(engine):
    with reading(engine) as connection:
        return connection.execute(select(outbox).order_by(outbox.c.subject_id)).all()


@pytest.fixture
def ids(new_customer, store, other_store):
    """Our ids of ten customers of the store; another store has customers with the same WooCommerce ids."""
    for wc_id in range(1, 11):
        new_customer(other_store, wc_id)
    return [new_customer(store, wc_id) for wc_id in range(1, 11)]


@pytest.mark.parametrize("chosen", [[], [4], [0, 9], [7, 2, 5], list(range(10))])
def test_exactly_the_rows_with_one_of_the_ids_are_found(engine, ids, chosen):
    wanted = [ids[number] for number in chosen]
    with reading(engine) as connection:
        found = connection.execute(select(customers.c.id).where(among(connection, customers.c.id, wanted))).scalars()
        assert sorted(found) == sorted(wanted)


def test_a_row_is_found_by_its_key_only_in_its_own_store(engine, ids, store, other_store):
    with reading(engine) as connection:
        found = {
            one.id: list(
                connection.execute(
                    select(customers.c.id).where(keyed(connection, customers.c.id, one.id, ids[:3]))
                ).scalars()
            )
            for one in (store, other_store)
        }
    assert found == {store.id: ids[:3], other_store.id: []}


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize("rows", [standings.c.customer_id, customers.c.id])
def test_rows_are_looked_up_by_their_keys_also_without_statistics(engine, store, rows):
    with reading(engine) as connection:
        query = select(rows).where(keyed(connection, rows, store.id, [1, 2])).compile(engine)
        values = tuple(query.params[name] for name in query.positiontup)
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()
    assert f"SEARCH {rows.table.name} USING INTEGER PRIMARY KEY (rowid=?)" in [step.detail for step in plan]


def test_ids_that_nobody_has_find_nothing(engine, ids):
    with reading(engine) as connection:
        nobody = among(connection, customers.c.id, [max(ids) + 1, 2**40])
        assert connection.execute(select(customers.c.id).where(nobody)).all() == []


def test_texts_are_found_as_they_are_and_more_of_them_than_a_statement_has_parameters(
    engine, store, new_customer, now
):
    names = ["adjustment:1", 'it\'s "quoted" {a,b}', "點數", "bonus:50%"]
    owner = new_customer(store, 1)
    with transaction(engine) as connection:
        kept = [LotFacts(owner, name, 5, now, now, None, 1, "USD", "a present") for name in names]
        lots.save(connection, store.id, kept)

    with reading(engine) as connection:
        many = [*names[1:], *(f"order:{number}" for number in range(70_000))]
        assert set(lots.by_source(connection, store.id, many)) == set(names[1:])
        assert lots.by_source(connection, store.id, []) == {}
        assert list(orders.lines_of(connection, store.id, range(1, 70_000))) == []


def test_rows_come_back_as_they_were_put_in(engine, store, now):
    rows = outbox_rows(store, now, STATES)
    with transaction(engine) as connection:
        insert_rows(connection, insert_into(connection, outbox), rows)
    assert [{name: getattr(row, name) for name in rows[0]} for row in held(engine)] == rows


def test_a_time_without_a_zone_is_refused(engine, store, now):
    (row,) = outbox_rows(store, now, STATES[:1])
    with transaction(engine) as connection, pytest.raises((ValueError, StatementError), match="naive"):
        insert_rows(connection, insert_into(connection, outbox), [row | {"desired_at": now.replace(tzinfo=None)}])


def test_rows_replace_those_they_conflict_with(engine, store, now):
    with transaction(engine) as connection:
        insert_rows(connection, replacing(connection), outbox_rows(store, now, STATES[:2]))
        insert_rows(connection, replacing(connection), outbox_rows(store, now, STATES[::-1]))
    assert [row.desired for row in held(engine)] == STATES[::-1]


def test_no_rows_change_nothing(engine, store, now):
    with transaction(engine) as connection:
        insert_rows(connection, replacing(connection), [])
    assert held(engine) == []


def test_numbers_come_one_row_a_column_however_many_there_are(engine, ids, monkeypatch):
    monkeypatch.setattr("connector.db.bulk._BLOCK", 3)
    wanted = select(customers.c.id, customers.c.wc_id).order_by(customers.c.id.desc())
    with reading(engine) as connection:
        id_, wc_id = numbers(connection, wanted.where(among(connection, customers.c.id, ids)))
        assert (id_.tolist(), wc_id.tolist()) == (ids[::-1], list(range(10, 0, -1)))
        assert numbers(connection, wanted.where(customers.c.id < 0)).shape == (2, 0)


def test_a_number_that_is_missing_is_refused(engine, store):
    with transaction(engine) as connection:
        connection.execute(insert(customers).values(store_id=store.id, email="guest@example.com"))
    with reading(engine) as connection, pytest.raises(TypeError):
        numbers(connection, select(customers.c.wc_id))
