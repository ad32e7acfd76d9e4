"""Catalogue: ask the store for the categories of products, as far as rules on categories need them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from connector.db import products, programmes
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.domain.earning import asks_for_categories
from connector.domain.orders import OrderState
from connector.shop import products as shop_products
from connector.shop.client import ShopClient
from jobs.context import Context


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
        products.save(connection, store.id, found, now)
        products.note_gone(connection, store.id, wanted - found.keys(), now)
