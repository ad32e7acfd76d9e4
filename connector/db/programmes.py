"""The programme of each store, in all its versions: added and never changed, because points name theirs."""

import json
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, cast, insert, or_, select

from connector.db.tables import programmes, stores
from connector.domain.programme import Programme
from connector.domain.programme.document import from_document, to_document


class StaleVersion(Exception):
    """Somebody saved a programme since the one that was read. ``latest`` is the version there is now."""

    def __init__(self, latest: int) -> None:
        super().__init__(f"the programme is at version {latest} now")
        self.latest = latest


def every(connection: Connection, store_id: int) -> list[Programme]:
    """Return all versions of the store's programme, the oldest first."""
    return [_read(row) for row in connection.execute(_of(store_id).order_by(programmes.c.version))]


def latest(connection: Connection, store_id: int) -> Programme:
    """Return the newest version, in force or to come: the one to change."""
    return _read(connection.execute(_of(store_id).order_by(programmes.c.version.desc()).limit(1)).one())


def current(connection: Connection, store_id: int, now: datetime) -> Programme:
    """Return the version in force: the newest of those that do not begin later."""
    begun = or_(programmes.c.effective_from.is_(None), programmes.c.effective_from <= now)
    wanted = _of(store_id).where(begun).order_by(programmes.c.version.desc()).limit(1)
    return _read(connection.execute(wanted).one())


def save(
    connection: Connection,
    store_id: int,
    wanted: Programme,
    read_at_version: int,
    effective_from: datetime | None,
    now: datetime,
) -> Programme:
    """Store a programme as the version after the one it was made from (0: the first), and return it as stored.

    ``effective_from`` is when it begins to hold; None: it covers the past too. Raises StaleVersion where there is a
    later version by now, and ProgrammeInvalid for what no document may say.
    """
    # One change of a store's programme at a time; deliveries, which only refer to the store, go on.
    connection.execute(select(stores.c.id).where(stores.c.id == store_id).with_for_update(key_share=True)).one()
    newest = connection.execute(
        select(programmes.c.version)
        .where(programmes.c.store_id == store_id)
        .order_by(programmes.c.version.desc())
        .limit(1)
    ).scalar()
    if (newest or 0) != read_at_version:
        raise StaleVersion(newest or 0)
    document = to_document(wanted)
    saved = replace(from_document(document, read_at_version + 1, effective_from), saved_at=now)
    connection.execute(
        insert(programmes).values(
            store_id=store_id,
            version=saved.version,
            document=document,
            effective_from=effective_from,
            created_at=now,
        )
    )
    return saved


def _of(store_id: int) -> Select[Any]:
    # As text, which a version that was parsed before is found by.
    document = cast(programmes.c.document, Text).label("document")
    wanted = select(document, programmes.c.version, programmes.c.effective_from, programmes.c.created_at)
    return wanted.where(programmes.c.store_id == store_id)


def _read(row: Row[Any]) -> Programme:
    return _parsed(row.document, row.version, row.effective_from, row.created_at)


# A version never changes, and every job and request asks for one.
@lru_cache(maxsize=256)
def _parsed(document: str, version: int, effective_from: datetime | None, saved_at: datetime) -> Programme:
    return replace(from_document(json.loads(document), version, effective_from), saved_at=saved_at)
