"""Reports on whole stores as they were last worked out. Reading one is a row; making one is a job's."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select

from connector.db.session import insert_into
from connector.db.tables import store_reports

LIABILITY: Final = "liability"
VALUE: Final = "value"
EFFECT: Final = "effect"
# Who reads a report again and again does not have the store read again and again.
_FRESH: Final = timedelta(hours=1)
_KEPT: Final = timedelta(days=30)


def value(days: int) -> str:
    """Return the name of the report on a store's figures over a period."""
    return f"{VALUE}:{days}"


def effect(campaign: str | None, days: int) -> str:
    """Return the name of the report on what a campaign, or the whole programme, changed within a horizon."""
    return f"{EFFECT}:{days}:{campaign or ''}"


def of(connection: Connection, store_id: int, name: str, now: datetime) -> Row[Any] | None:
    """Return a report (``content``, ``as_of``) as it was last made, or None where that is more than 30 days ago."""
    named = store_reports.c.store_id == store_id, store_reports.c.name == name
    return connection.execute(select(store_reports).where(*named, store_reports.c.as_of >= now - _KEPT)).one_or_none()


def is_fresh(report: Row[Any] | None, now: datetime) -> bool:
    """Say whether a report is so new that another one would say the same."""
    return report is not None and now < report.as_of + _FRESH


def save(connection: Connection, store_id: int, name: str, content: Mapping[str, Any], as_of: datetime) -> None:
    """Keep a report instead of the one before. Those that nobody has asked for in 30 days are forgotten."""
    connection.execute(
        delete(store_reports).where(store_reports.c.store_id == store_id, store_reports.c.as_of < as_of - _KEPT)
    )
    statement = insert_into(connection, store_reports).values(
        store_id=store_id, name=name, as_of=as_of, content=content
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[store_reports.c.store_id, store_reports.c.name],
            set_={"as_of": statement.excluded.as_of, "content": statement.excluded.content},
        )
    )
