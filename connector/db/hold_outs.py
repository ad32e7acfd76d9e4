"""Who is kept without offers: drawn once, kept for ever, inherited by the user a guest turns out to be."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from connector.db.bulk import among, insert_rows
from connector.db.session import insert_into
from connector.db.tables import customers, hold_outs


def of_customers(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> dict[int, bool]:
    """Return, of those who have been drawn, whether they are held out."""
    rows = connection.execute(
        select(hold_outs.c.customer_id, hold_outs.c.held_out).where(
            hold_outs.c.store_id == store_id, among(connection, hold_outs.c.customer_id, customer_ids)
        )
    )
    return {row.customer_id: row.held_out for row in rows}


def keep(connection: Connection, store_id: int, drawn: Mapping[int, bool], now: datetime) -> None:
    """Keep draws. Who has been drawn before keeps what they drew."""
    insert_rows(
        connection,
        insert_into(connection, hold_outs).on_conflict_do_nothing(index_elements=[hold_outs.c.customer_id]),
        [
            {"customer_id": customer_id, "store_id": store_id, "held_out": held_out, "drawn_at": now}
            for customer_id, held_out in drawn.items()
        ],
    )


def move_to_users(connection: Connection, store_id: int, users: Sequence[int]) -> None:
    """Let users who have not been drawn inherit what a guest of theirs drew: who was drawn first, if several.

    The guest's own draw stays: they are nobody any more, and nothing is offered to them.
    """
    rows = connection.execute(
        select(customers.c.merged_into_id, hold_outs.c.held_out, hold_outs.c.drawn_at)
        .join(hold_outs, hold_outs.c.customer_id == customers.c.id)
        .where(hold_outs.c.store_id == store_id, customers.c.merged_into_id.in_(users))
        .order_by(hold_outs.c.drawn_at, hold_outs.c.customer_id)
    ).all()
    for user, held_out, drawn_at in rows:
        keep(connection, store_id, {user: held_out}, drawn_at)
