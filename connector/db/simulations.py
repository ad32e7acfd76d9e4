"""Simulations: programmes that somebody proposes, and what they would do to a store. Nothing follows from them."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from connector.db.tables import simulations

WAITING, RUNNING, DONE = "waiting", "running", "done"
# Long enough to come back to; a result is of its day and no use later.
_KEPT: Final = timedelta(days=30)


def ask(connection: Connection, store_id: int, document: Mapping[str, Any], now: datetime) -> str:
    """Store a proposed programme, whose document was checked, and return the simulation's public id.

    One that has the same document and is not done yet is that simulation already. Old ones are forgotten.
    """
    connection.execute(
        delete(simulations).where(simulations.c.store_id == store_id, simulations.c.asked_at < now - _KEPT)
    )
    unfinished = connection.execute(
        select(simulations.c.public_id, simulations.c.document).where(
            simulations.c.store_id == store_id, simulations.c.state != DONE
        )
    )
    for row in unfinished:
        if row.document == document:
            return str(row.public_id)
    public_id = f"sim_{secrets.token_urlsafe(18)}"
    connection.execute(
        insert(simulations).values(
            store_id=store_id,
            public_id=public_id,
            document=document,
            state=WAITING,
            done=0,
            total=0,
            asked_at=now,
        )
    )
    return public_id


def of(connection: Connection, store_id: int, public_id: str) -> Row[Any] | None:
    """Return a simulation of this store, or None."""
    return connection.execute(
        select(simulations).where(simulations.c.store_id == store_id, simulations.c.public_id == public_id)
    ).one_or_none()


def progress(connection: Connection, store_id: int, simulation_id: int, done: int, total: int) -> None:
    """Record how many customers have been played through. ``done`` is at most ``total``, as told."""
    connection.execute(
        update(simulations)
        .where(simulations.c.store_id == store_id, simulations.c.id == simulation_id)
        .values(state=RUNNING, done=done, total=total)
    )


def finish(
    connection: Connection, store_id: int, simulation_id: int, result: Mapping[str, Any], now: datetime
) -> None:
    """Store what came of it."""
    connection.execute(
        update(simulations)
        .where(simulations.c.store_id == store_id, simulations.c.id == simulation_id)
        .values(state=DONE, result=result, finished_at=now, done=simulations.c.total)
    )
