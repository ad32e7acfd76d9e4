"""Orders as earning sees them: their amounts part by part, their products' categories, what they were paid with."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from connector.db import orders, products
from connector.db.bulk import among_texts
from connector.db.stores import Store
from connector.db.tables import redemptions
from connector.domain.calendar import from_epoch_day
from connector.domain.earning import OrderFacts, asks_for_categories
from connector.domain.orders import OrderLine
from connector.domain.programme import Programme
from connector.domain.worth import Amounts


def read(
    connection: Connection, store: Store, rows: Sequence[Row[Any]], programmes: Sequence[Programme]
) -> dict[int, OrderFacts]:
    """Return the facts of these orders (rows of the table) by their ids, as far as any version has rules on them."""
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for order_id, line in orders.lines_of(connection, store.id, [row.id for row in rows]):
        lines[order_id].append(line)
    categories: dict[int, frozenset[int]] = {}
    if asks_for_categories(programmes):
        unsaid = {line.product_id for of_order in lines.values() for line in of_order if line.categories is None}
        categories = products.categories_of(connection, store.id, unsaid)
    bought: set[str] = set()
    if any(one.earning.exclude.paid_with_points for one in programmes):
        bought = _bought_with_points(connection, store.id, {code for row in rows for code in row.coupon_codes})
    return {
        row.id: OrderFacts(
            status=row.status,
            currency=row.currency,
            store_currency=store.currency,
            amounts=Amounts(row.total, row.tax, row.shipping, row.refunded, tuple(lines.get(row.id, ()))),
            day=from_epoch_day(row.local_day),
            categories=categories,
            paid_with_points=not bought.isdisjoint(row.coupon_codes),
            deleted=row.deleted_at is not None,
        )
        for row in rows
    }


def _bought_with_points(connection: Connection, store_id: int, codes: Collection[str]) -> set[str]:
    """Return which of these coupon codes were bought with points."""
    wanted = select(redemptions.c.code).where(
        redemptions.c.store_id == store_id, among_texts(connection, redemptions.c.code, codes)
    )
    return set(connection.execute(wanted).scalars())
