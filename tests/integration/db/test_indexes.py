"""What is asked again and again is found in an index, however large a store is."""

from __future__ import annotations

import pytest
from sqlalchemy import event, insert, text

from connector.db import outbox
from connector.db.session import transaction
from connector.db.tables import outbox as outbox_table

MANY = 5_000


def indexes_of(engine, question) -> str:
    """How the database finds what a function asks with its last statement, once it knows how its data is spread."""
    asked = []

    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with transaction(engine) as connection:
        connection.execute(text("ANALYZE"))
        event.listen(engine, "before_cursor_execute", note)
        question(connection)
        event.remove(engine, "before_cursor_execute", note)
        statement, parameters = asked[-1]
        return str(connection.exec_driver_sql(explain + statement, parameters).all())


@pytest.fixture
def written(engine, store, now) -> None:
    """A store that holds what it should of many customers."""
    row = {
        "store_id": store.id,
        "kind": outbox.CUSTOMER,
        "desired": {},
        "desired_hash": "a",
        "desired_at": now,
        "attempts": 0,
    }
    with transaction(engine) as connection:
        connection.execute(
            insert(outbox_table), [{**row, "written_hash": "a", "subject_id": one} for one in range(MANY)]
        )


def test_the_few_changes_that_are_not_written_are_not_looked_for_among_all(engine, store, written, now):
    found = indexes_of(engine, lambda connection: outbox.unwritten(connection, store.id, outbox.CUSTOMER, 100, now))
    assert "ix_outbox_unwritten" in found
