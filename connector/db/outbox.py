"""What the store should hold: the desired state of each customer's meta and of each coupon, and what was written."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, or_, select, update

from connector.db.bulk import among, insert_rows
from connector.db.session import insert_into
from connector.db.tables import outbox

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
    """Store (subject, WooCommerce id or None, state) as desired. A refusal is forgotten: something else is asked."""
    statement = insert_into(connection, outbox)
    new = statement.excluded
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
            }
            for subject_id, wc_id, state in wanted
        ],
    )


def unwritten(connection: Connection, store_id: int, kind: str, limit: int, *, after_id: int = 0) -> list[Row[Any]]:
    """Return rows after an id whose desired state the store does not hold yet, the oldest first.

    Refused ones are left out.
    """
    return list(
        connection.execute(
            select(outbox)
            .where(
                outbox.c.store_id == store_id,
                outbox.c.kind == kind,
                or_(outbox.c.written_hash.is_(None), outbox.c.written_hash != outbox.c.desired_hash),
                outbox.c.refusal.is_(None),
                outbox.c.id > after_id,
            )
            .order_by(outbox.c.id)
            .limit(limit)
        )
    )


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
        .values(written_hash=bindparam("hash"), written_at=now, wc_id=bindparam("held_id")),
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
