"""Calls that changed something and carry nothing else that would make a repetition harmless."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from connector.db.session import insert_into
from connector.db.tables import calls

# Longer than any signature is taken, by far.
_KEPT = timedelta(days=1)


def is_first(connection: Connection, store_id: int, message_id: str, now: datetime) -> bool:
    """Remember a call and say whether it is the first with its id; a repetition changes nothing."""
    connection.execute(delete(calls).where(calls.c.store_id == store_id, calls.c.called_at < now - _KEPT))
    made = connection.execute(
        insert_into(connection, calls)
        .values(store_id=store_id, message_id=message_id, called_at=now)
        .on_conflict_do_nothing()
        .returning(calls.c.message_id)
    )
    return made.first() is not None
