"""What guests had is handed to the users they turned out to be."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, select, tuple_, update

from connector.db.bulk import among
from connector.db.tables import customers


def hand_over(
    connection: Connection, store_id: int, users: Sequence[int], table: Table, what: Sequence[str]
) -> list[int]:
    """Give these users their guests' rows, except for those of which they have their own; return those guests.

    ``what`` names the columns by which rows are about the same. Of several guests the one who was known first is
    the first to hand over.
    """
    merged = select(customers.c.id, customers.c.merged_into_id).where(
        customers.c.store_id == store_id, customers.c.merged_into_id.in_(users)
    )
    user_of = {guest: user for guest, user in connection.execute(merged)}  # noqa: C416 - a row is no pair to mypy
    ours = table.c.store_id == store_id
    having = select(table.c.customer_id).where(ours, among(connection, table.c.customer_id, sorted(user_of)))
    guests = connection.execute(having.distinct().order_by(table.c.customer_id)).scalars().all()
    about = [table.c[name] for name in what]
    for guest in guests:
        user = user_of[guest]
        has = select(*about).where(ours, table.c.customer_id == user)
        news = table.c.customer_id == guest, tuple_(*about).not_in(has)
        connection.execute(update(table).where(ours, *news).values(customer_id=user))
    return list(guests)
