"""What campaigns and the governor ask about customers, for many of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Text, cast, func, select

from connector.db.bulk import among
from connector.db.tables import orders
from connector.domain.calendar import from_epoch_day
from connector.domain.history import epoch_day


@dataclass(frozen=True, slots=True)
class Use:
    """A coupon on a counted order: the store's day, and what it took off, or None where the order does not say."""

    day: date
    discount: int | None


def uses(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> dict[int, dict[str, Use]]:
    """Return the coupon codes on these customers' counted orders, the first use of each."""
    rows = connection.execute(
        select(orders.c.customer_id, orders.c.local_day, orders.c.coupon_codes, orders.c.coupon_discounts)
        .where(
            orders.c.store_id == store_id,
            orders.c.counts,
            among(connection, orders.c.customer_id, customer_ids),
            cast(orders.c.coupon_codes, Text) != "[]",
        )
        .order_by(orders.c.local_day, orders.c.id)
    )
    used: dict[int, dict[str, Use]] = {}
    for row in rows:
        for code in row.coupon_codes:
            use = Use(from_epoch_day(row.local_day), row.coupon_discounts.get(code))
            used.setdefault(row.customer_id, {}).setdefault(code, use)
    return used


def bought_at_full_price(
    connection: Connection, store_id: int, customer_ids: Sequence[int], since: date
) -> dict[int, date]:
    """Return the day of the latest counted order without a coupon of those who have one since a day."""
    rows = connection.execute(
        select(orders.c.customer_id, func.max(orders.c.local_day).label("day"))
        .where(
            orders.c.store_id == store_id,
            orders.c.counts,
            orders.c.local_day >= epoch_day(since),
            among(connection, orders.c.customer_id, customer_ids),
            cast(orders.c.coupon_codes, Text) == "[]",
        )
        .group_by(orders.c.customer_id)
    )
    return {row.customer_id: from_epoch_day(row.day) for row in rows}


def countries(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> dict[int, str]:
    """Return the billing country of each customer's latest order that names one."""
    rows = connection.execute(
        select(orders.c.customer_id, orders.c.country)
        .where(
            orders.c.store_id == store_id,
            orders.c.country != "",
            among(connection, orders.c.customer_id, customer_ids),
        )
        .order_by(orders.c.ordered_at, orders.c.wc_id)
    )
    return {row.customer_id: row.country for row in rows}
