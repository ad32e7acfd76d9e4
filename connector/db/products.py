"""Products of one store: which categories they are in, as far as rules on categories have asked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update

from connector.db import accounts, customers
from connector.db.bulk import among
from connector.db.session import insert_into
from connector.db.tables import order_lines, orders, products


def save(
    connection: Connection, store_id: int, sights: Iterable[tuple[Mapping[int, Iterable[int]], datetime]]
) -> list[int]:
    """Store products' categories (ancestors included) by WooCommerce id, as the store showed them at some times.

    Older sights than the one held change nothing. Returns the WooCommerce ids of products that are in other
    categories now; one that is new counts as having been in none.
    """
    seen: dict[int, tuple[list[int], datetime]] = {}
    for found, observed_at in sorted(sights, key=lambda sight: sight[1]):
        seen |= {wc_id: (sorted(categories), observed_at) for wc_id, categories in found.items()}
    held = {row.wc_id: row for row in _rows(connection, store_id, seen)}
    # Sorted, as whoever else needs several of them takes them.
    rows: list[dict[str, Any]] = [
        {"store_id": store_id, "wc_id": wc_id, "categories": categories, "observed_at": observed_at}
        for wc_id, (categories, observed_at) in sorted(seen.items())
        if wc_id not in held or held[wc_id].observed_at <= observed_at
    ]
    if rows:
        statement = insert_into(connection, products)
        new = statement.excluded
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[products.c.store_id, products.c.wc_id],
                set_={"categories": new.categories, "observed_at": new.observed_at},
                where=products.c.observed_at <= new.observed_at,
            ),
            rows,
        )
    before = {wc_id: row.categories for wc_id, row in held.items()}
    return [row["wc_id"] for row in rows if before.get(row["wc_id"], []) != row["categories"]]


def categories_of(connection: Connection, store_id: int, wc_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return the categories of those of these products that are known."""
    return {row.wc_id: frozenset(row.categories) for row in _rows(connection, store_id, wc_ids)}


def not_seen_since(connection: Connection, store_id: int, wc_ids: Iterable[int], since: datetime) -> list[int]:
    """Return which of these products nobody has looked at since then, sorted."""
    wanted = set(wc_ids) - {0}
    fresh = {row.wc_id for row in _rows(connection, store_id, wanted) if row.observed_at >= since}
    return sorted(wanted - fresh)


def note_moved(connection: Connection, store_id: int, wc_ids: Sequence[int]) -> None:
    """Remember that whoever bought these products is to be awarded anew, which `outdate_buyers` sees to."""
    moved = products.c.store_id == store_id, among(connection, products.c.wc_id, wc_ids)
    connection.execute(update(products).where(*moved).values(outdated_up_to=0))


def any_moved(connection: Connection, store_id: int) -> bool:
    """Say whether there is anything for `outdate_buyers` to do."""
    return _least_outdated(connection, store_id) is not None


def outdate_buyers(connection: Connection, store_id: int, limit: int) -> bool:
    """Let who bought what moved be awarded anew, as far as so many orders tell; return whether there were any.

    Orders are walked by their customers' ids, and all of a customer's are looked at together. Only lines that do not
    know the categories they were bought from follow their product. What moves again, or besides, has its walk begun
    anew. Whoever is furthest behind is walked first, and products together while they stand at the same customer.
    """
    after = _least_outdated(connection, store_id)
    if after is None:
        return False
    alike = products.c.store_id == store_id, products.c.outdated_up_to == after
    together = select(products.c.wc_id).where(*alike).order_by(products.c.wc_id).limit(_WALK_TOGETHER)
    moved = connection.execute(together).scalars().all()
    following = select(orders.c.customer_id).where(orders.c.store_id == store_id, orders.c.customer_id > after)
    owners = connection.execute(following.order_by(orders.c.customer_id).limit(limit)).scalars()
    chunk = list(dict.fromkeys(owners))
    if chunk:
        # Before anybody looks at what they bought: an award that goes by the old categories ends first.
        customers.lock(connection, store_id, chunk)
        accounts.outdate(connection, store_id, _buyers(connection, store_id, moved, after, chunk[-1]))
    # After the customers and in the order in which they are saved, so that no delivery deadlocks with this.
    walked = select(products.c.id).where(*alike, products.c.wc_id.in_(moved))
    ids = connection.execute(walked.order_by(products.c.wc_id).with_for_update()).scalars().all()
    here = products.c.store_id == store_id, products.c.id.in_(ids)
    connection.execute(update(products).where(*here).values(outdated_up_to=chunk[-1] if chunk else None))
    return True


# Each line is held against all of them, which takes as long as they are many.
_WALK_TOGETHER: Final = 200


def _least_outdated(connection: Connection, store_id: int) -> int | None:
    moved = products.c.store_id == store_id, products.c.outdated_up_to.is_not(None)
    least = select(products.c.outdated_up_to).where(*moved).order_by(products.c.outdated_up_to).limit(1)
    return connection.execute(least).scalar_one_or_none()


def _buyers(connection: Connection, store_id: int, wc_ids: Sequence[int], after: int, last: int) -> list[int]:
    owners = (
        select(orders.c.customer_id)
        .join(order_lines, order_lines.c.order_id == orders.c.id)
        .where(
            orders.c.store_id == store_id,
            orders.c.customer_id > after,
            orders.c.customer_id <= last,
            order_lines.c.categories.is_(None),
            order_lines.c.product_id.in_(wc_ids),
        )
        .distinct()
        .order_by(orders.c.customer_id)
    )
    return list(connection.execute(owners).scalars())


def unknown(connection: Connection, store_id: int, limit: int) -> list[int]:
    """Return products of known order lines whose categories nobody has asked for yet, sorted.

    Lines that know the categories they were bought from need none. Goes from product to product, because there are
    many more lines.
    """
    least = select(func.min(order_lines.c.product_id)).where(
        order_lines.c.store_id == store_id, order_lines.c.categories.is_(None)
    )
    bought = select(least.where(order_lines.c.product_id > 0).scalar_subquery().label("wc_id")).cte(recursive=True)
    following = least.where(order_lines.c.product_id > bought.c.wc_id).scalar_subquery()
    bought = bought.union_all(select(following).where(bought.c.wc_id.is_not(None)))
    known = select(products.c.wc_id).where(products.c.store_id == store_id)
    wanted = select(bought.c.wc_id).where(bought.c.wc_id.is_not(None), bought.c.wc_id.not_in(known)).limit(limit)
    return sorted(connection.execute(wanted).scalars())


def note_gone(connection: Connection, store_id: int, wc_ids: Iterable[int], observed_at: datetime) -> None:
    """Remember that the store has these products no more: they stay in the categories they were last seen in."""
    rows = [
        {"store_id": store_id, "wc_id": wc_id, "categories": [], "observed_at": observed_at}
        for wc_id in sorted(set(wc_ids))
    ]
    if not rows:
        return
    statement = insert_into(connection, products)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[products.c.store_id, products.c.wc_id],
            set_={"observed_at": statement.excluded.observed_at},
            where=products.c.observed_at <= statement.excluded.observed_at,
        ),
        rows,
    )


def _rows(connection: Connection, store_id: int, wc_ids: Iterable[int]) -> list[Row[Any]]:
    wanted = select(products).where(
        products.c.store_id == store_id, among(connection, products.c.wc_id, sorted(set(wc_ids)))
    )
    return list(connection.execute(wanted))
