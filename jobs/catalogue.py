"""Catalogue: ask the store for the categories of products, as far as rules on categories need them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from connector.db import products, programmes, stores, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.earning import asks_for_categories
from connector.domain.orders import OrderState
from connector.shop import products as shop_products
from connector.shop.client import ShopClient
from jobs.clocks import on_store_clock
from jobs.context import STEP, Context

_CHUNK: Final = 100


def run(context: Context, claim: Claim) -> None:
    """Ask for products that rules on categories are about and nobody has asked for, then let points follow.

    A hundred at a time; what was told is kept when a later question fails. Raises ShopError.
    """
    ends_at = context.clock() + STEP
    with reading(context.engine) as connection:
        store = stores.by_id(connection, claim.store_id)
    with context.shop(store) as shop:
        while wc_ids := _lacking(context, store):
            started = context.clock()
            ask(context, store, shop, wc_ids, on_store_clock(shop, started))
            if context.clock() >= ends_at:
                with transaction(context.engine) as connection:
                    work.go_on(connection, claim, context.clock())
                context.offer({"catalogue": claim.id})
                return
    wanted: dict[str, int] = {}
    with transaction(context.engine) as connection:
        now = context.clock()
        wanted["settle_due"] = work.want(connection, store.id, "settle_due", "", now)
        if work.finish(connection, claim, now):
            wanted["catalogue"] = claim.id
    context.offer(wanted)


def _lacking(context: Context, store: Store) -> list[int]:
    with reading(context.engine) as connection:
        return lacking(connection, store.id, _CHUNK)


def is_wanted(context: Context, store: Store) -> bool:
    """Say whether the store's programme has rules on categories."""
    with reading(context.engine) as connection:
        return asks_for_categories(programmes.every(connection, store.id))


def with_categories(shop: ShopClient, state: OrderState) -> OrderState:
    """Return an order with the categories of its products as the store has them now, as the plugin delivers it."""
    return replace(state, categories=shop_products.categories(shop, state.uncategorised))


def look_up(
    context: Context, store: Store, shop: ShopClient, seen: Iterable[OrderState], since: datetime, now: datetime
) -> None:
    """Store the categories of these orders' products; those looked at since then are not asked for again."""
    wanted = frozenset[int]().union(*(state.uncategorised for state in seen))
    with reading(context.engine) as connection:
        wc_ids = products.not_seen_since(connection, store.id, wanted, since)
    ask(context, store, shop, wc_ids, now)


def ask(context: Context, store: Store, shop: ShopClient, wc_ids: Iterable[int], now: datetime) -> None:
    """Ask for the categories of these products and store them as seen ``now``, on the store's clock."""
    wanted = set(wc_ids)
    if not wanted:
        return
    found = shop_products.categories(shop, wanted)
    with transaction(context.engine) as connection:
        note(connection, store, [(found, now)])
    # Apart, so that each transaction locks products in one order.
    with transaction(context.engine) as connection:
        products.note_gone(connection, store.id, wanted - found.keys(), now)


def note(
    connection: Connection, store: Store, sights: Iterable[tuple[Mapping[int, frozenset[int]], datetime]]
) -> None:
    """Store products' categories as seen at some times.

    Where a rule is about categories, whoever bought what moved is awarded anew when the store is settled next.
    """
    moved = products.save(connection, store.id, sights)
    if moved and asks_for_categories(programmes.every(connection, store.id)):
        products.note_moved(connection, store.id, moved)


def lacking(connection: Connection, store_id: int, limit: int) -> list[int]:
    """Return products that nobody has asked about, where there are rules on categories."""
    if not asks_for_categories(programmes.every(connection, store_id)):
        return []
    return products.unknown(connection, store_id, limit)
