"""When what recurs was last done."""

from datetime import datetime

from sqlalchemy import Connection, select

from connector.db.session import insert_into
from connector.db.tables import ticks


def last(connection: Connection, name: str) -> datetime | None:
    """Return when it was last done, or None where it never was."""
    return connection.execute(select(ticks.c.last_at).where(ticks.c.name == name)).scalar_one_or_none()


def note(connection: Connection, name: str, at: datetime) -> None:
    """Remember that it was done at a time."""
    statement = insert_into(connection, ticks).values(name=name, last_at=at)
    connection.execute(statement.on_conflict_do_update(index_elements=[ticks.c.name], set_={"last_at": at}))
