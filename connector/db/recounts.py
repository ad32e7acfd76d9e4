"""Recounts: what orders count for, computed anew where a programme came after they were stored."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, update

from connector.db import accounts, programmes
from connector.db.bulk import keyed
from connector.db.orders import lines_of
from connector.db.stores import Store
from connector.db.tables import orders
from connector.domain.orders import CountingRules, OrderLine, is_purchase
from connector.domain.worth import Amounts, net_value

_COUNTING: Final = 7_205_822


def rules_held(connection: Connection, store_id: int, clock: Callable[[], datetime]) -> CountingRules:
    """Return what orders count for that are stored in this transaction, before it locks anything else.

    A recount by later rules begins when it has ended, and so passes nothing by that was stored by earlier ones.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock_shared(_COUNTING, store_id % 2**31)))
    return programmes.current(connection, store_id, clock()).counting


def let_storing_end(connection: Connection, store_id: int) -> None:
    """Wait for whoever stores orders by rules of before. Call it once the new ones hold, in a transaction of its own.

    Raises StorageUnavailable where that takes longer than anybody waits. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_COUNTING, store_id % 2**31)))


def recount(connection: Connection, store: Store, rules: CountingRules, after: int, limit: int) -> int | None:
    """Bring the next orders after one, by the store's ids, in line with the rules; return the last, or None.

    Whose orders count for something else now is awarded anew when the store is settled next: bonuses are given for
    orders that count.
    """
    chunk = select(orders.c.id, orders.c.wc_id).where(orders.c.store_id == store.id, orders.c.wc_id > after)
    found = connection.execute(chunk.order_by(orders.c.wc_id).limit(limit)).all()
    if not found:
        return None
    rows = connection.execute(
        select(orders)
        .where(keyed(connection, orders.c.id, store.id, [row.id for row in found]))
        .order_by(orders.c.id)
        .with_for_update(key_share=True)
    ).all()
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for order_id, line in lines_of(connection, store.id, [row.id for row in rows]):
        lines[order_id].append(line)
    news = []
    for row in rows:
        bought = row.deleted_at is None and row.currency == store.currency
        counts = bought and is_purchase(row.status, row.total, row.refunded, rules)
        amounts = Amounts(row.total, row.tax, row.shipping, row.refunded, tuple(lines[row.id]))
        value = net_value(amounts, rules) if counts else 0
        if (row.counts, row.net_value) != (counts, value):
            news.append({"order": row.id, "counted": counts, "worth": value})
    if news:
        owners = {row.id: row.customer_id for row in rows}
        concerned = {owners[one["order"]] for one in news} - {None}
        accounts.outdate(connection, store.id, sorted(concerned))
        changed = update(orders).where(orders.c.store_id == store.id, orders.c.id == bindparam("order"))
        connection.execute(changed.values(counts=bindparam("counted"), net_value=bindparam("worth")), news)
    return int(found[-1].wc_id)
