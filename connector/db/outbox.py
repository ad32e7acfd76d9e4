"""What the store should hold: the desired state of each customer's meta and of each coupon, and what was written."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, func, null, or_, select, tuple_, update

from connector.db.bulk import among, insert_rows
from connector.db.session import insert_into
from connector.db.tables import outbox
from connector.db.work import delay_after

# Coupons of both kinds look alike: `shop.coupons.CouponDraft` as JSON, or "code", "entitlement" and "deleted": true.
# What a coupon is about: an entitlement, or points turned into money.
CUSTOMER, COUPON, REDEMPTION = "customer", "coupon", "redemption"


def held(connection: Connection, store_id: int, kind: str, subject_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Return the outbox rows of these subjects."""
    rows = connection.execute(
        select(outbox).where(
            outbox.c.store_id == store_id,
            outbox.c.kind == kind,
            among(connection, outbox.c.subject_id, subject_ids),
        )
    ).all()
    return {row.subject_id: row for row in rows}


def desire(
    connection: Connection,
    store_id: int,
    kind: str,
    wanted: Sequence[tuple[int, int | None, Mapping[str, Any]]],
    now: datetime,
) -> None:
    """Store (subject, WooCommerce id or None, state) as desired.

    A refusal is forgotten, and a state other than the one the store stumbled over is tried at once.
    """
    statement = insert_into(connection, outbox)
    new = statement.excluded
    same = outbox.c.desired_hash == new.desired_hash
    insert_rows(
        connection,
        statement.on_conflict_do_update(
            index_elements=[outbox.c.store_id, outbox.c.kind, outbox.c.subject_id],
            set_={
                "wc_id": func.coalesce(new.wc_id, outbox.c.wc_id),
                "desired": new.desired,
                "desired_hash": new.desired_hash,
                "desired_at": new.desired_at,
                "refusal": None,
                "attempts": case((same, outbox.c.attempts), else_=0),
                "retry_at": case((same, outbox.c.retry_at), else_=null()),
            },
        ),
        [
            {
                "store_id": store_id,
                "kind": kind,
                "subject_id": subject_id,
                "wc_id": wc_id,
                "desired": dict(state),
                "desired_hash": _hash(state),
                "desired_at": now,
                "attempts": 0,
            }
            for subject_id, wc_id, state in wanted
        ],
    )


def unwritten(
    connection: Connection,
    store_id: int,
    kind: str,
    limit: int,
    now: datetime,
    *,
    stumbled: bool | None = None,
    after: Row[Any] | None = None,
) -> list[Row[Any]]:
    """Return rows after another whose desired state the store does not hold yet and that may be tried now.

    Those that the store has stumbled over least come first, the oldest before others; ``stumbled`` asks only for
    those that it has stumbled over, or only for the others. Refused ones are left out.
    """
    found = (
        select(outbox)
        .where(
            outbox.c.store_id == store_id,
            outbox.c.kind == kind,
            _is_unwritten(),
            or_(outbox.c.retry_at.is_(None), outbox.c.retry_at <= now),
        )
        .order_by(outbox.c.attempts, outbox.c.id)
        .limit(limit)
    )
    if stumbled is not None:
        found = found.where(outbox.c.attempts > 0 if stumbled else outbox.c.attempts == 0)
    if after is not None:
        found = found.where(tuple_(outbox.c.attempts, outbox.c.id) > tuple_(after.attempts, after.id))
    return list(connection.execute(found))


def _is_unwritten() -> ColumnElement[bool]:
    return and_(outbox.c.written_hash.is_distinct_from(outbox.c.desired_hash), outbox.c.refusal.is_(None))


def lock(connection: Connection, store_id: int, rows: Sequence[Row[Any]]) -> None:
    """Keep other transactions from changing these rows until this one ends.

    PostgreSQL locks in the order in which standings desire them, so that neither waits for the other; SQLite has one
    writer anyway.
    """
    if connection.dialect.name == "sqlite":
        return
    connection.execute(
        select(outbox.c.id)
        .where(outbox.c.store_id == store_id, among(connection, outbox.c.id, [row.id for row in rows]))
        .order_by(outbox.c.subject_id)
        .with_for_update(key_share=True)
    ).all()


def put_off(connection: Connection, store_id: int, rows: Sequence[Row[Any]], now: datetime) -> None:
    """Record that the store stumbled over what each row desired when it was read; something newer is tried at once.

    Each is tried again after a delay of its own, which doubles from 5 seconds to an hour.
    """
    if not rows:
        return
    connection.execute(
        update(outbox)
        .where(
            outbox.c.store_id == store_id,
            outbox.c.id == bindparam("row_id"),
            outbox.c.desired_hash == bindparam("hash"),
        )
        .values(attempts=outbox.c.attempts + 1, retry_at=bindparam("again_at")),
        [{"row_id": row.id, "hash": row.desired_hash, "again_at": now + delay_after(row.attempts)} for row in rows],
    )


def try_now(connection: Connection, store_id: int) -> None:
    """Let all that the store stumbled over be tried at once: what it stumbled over may be gone."""
    waiting = outbox.c.store_id == store_id, outbox.c.retry_at.is_not(None)
    connection.execute(update(outbox).where(*waiting).values(attempts=0, retry_at=null()))


def put_off_until(connection: Connection, store_id: int) -> tuple[int, datetime | None]:
    """Return how many states wait after the store stumbled over them, and when the first is tried again."""
    waiting = select(func.count(), func.min(outbox.c.retry_at)).where(
        outbox.c.store_id == store_id, outbox.c.retry_at.is_not(None), _is_unwritten()
    )
    number, first = connection.execute(waiting).one()
    return number, first


def mark_written(
    connection: Connection, store_id: int, written: Sequence[tuple[Row[Any], int | None]], now: datetime
) -> None:
    """Record that the store holds what each row desired when it was read, and under which id.

    Something newer stays unwritten.
    """
    if not written:
        return
    connection.execute(
        update(outbox)
        .where(outbox.c.store_id == store_id, outbox.c.id == bindparam("row_id"))
        .values(
            written_hash=bindparam("hash"), written_at=now, wc_id=bindparam("held_id"), attempts=0, retry_at=None
        ),
        [{"row_id": row.id, "hash": row.desired_hash, "held_id": wc_id} for row, wc_id in written],
    )


def mark_refused(connection: Connection, store_id: int, row: Row[Any], sentence: str) -> None:
    """Record that the store refused this state for good; it is not tried again until something else is desired."""
    connection.execute(
        update(outbox)
        .where(outbox.c.store_id == store_id, outbox.c.id == row.id, outbox.c.desired_hash == row.desired_hash)
        .values(refusal=sentence)
    )


def counts(connection: Connection, store_id: int) -> dict[str, int]:
    """Return how many desired states are written, waiting and refused."""
    written = outbox.c.written_hash == outbox.c.desired_hash
    state = case((outbox.c.refusal.is_not(None), "refused"), (written, "written"), else_="waiting")
    rows = connection.execute(
        select(state.label("state"), func.count().label("rows")).where(outbox.c.store_id == store_id).group_by(state)
    )
    return {"written": 0, "waiting": 0, "refused": 0} | {row.state: row.rows for row in rows}


def refusals(connection: Connection, store_id: int) -> dict[str, int]:
    """Return what the store said about what it refused, with how many times it said it, the most frequent first."""
    rows = connection.execute(
        select(outbox.c.refusal, func.count().label("rows"))
        .where(outbox.c.store_id == store_id, outbox.c.refusal.is_not(None))
        .group_by(outbox.c.refusal)
        .order_by(func.count().desc(), outbox.c.refusal)
    )
    return {row.refusal: row.rows for row in rows}


def _hash(state: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
