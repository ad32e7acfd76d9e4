"""Backfill: read the store's whole history, customers first, then orders from the newest to the oldest.

Each page is stored together with the cursor behind it, so that a kill costs one page at most. A run gives its
place to other stores after twenty seconds and goes on from the checkpoint.
"""

import logging
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from connector.db import accounts, backfills, customers, orders, programmes, recounts, stores, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.bonuses import are_set
from connector.shop.client import ShopClient
from connector.shop.customers import CustomersCursor, customers_page, next_customers
from connector.shop.orders import OrdersCursor, next_cursor, orders_page
from connector.shop.paging import Page
from jobs import catalogue
from jobs.award import Awarded, award_orders, award_users
from jobs.clocks import on_store_clock
from jobs.context import STEP, Context
from jobs.settle_due import any_due

log = logging.getLogger(__name__)


def run(context: Context, claim: Claim) -> None:
    """Read pages from the checkpoint for one step; ask for scoring when the history is complete.

    Raises ShopError with everything read so far kept.
    """
    ends_at = context.clock() + STEP
    with reading(context.engine) as connection:
        store = stores.by_id(connection, claim.store_id)
    with context.shop(store) as shop:
        while _read_page(context, claim, store, shop):
            if context.clock() >= ends_at:
                _give_place(context, claim, None)
                return
    if not _let_bonuses_follow(context, claim, store, ends_at):
        return
    wanted: dict[str, int] = {}
    with transaction(context.engine) as connection:
        now = context.clock()
        wanted["score"] = work.want(connection, store.id, "score", "", now)
        if any_due(connection, store.id, now):
            wanted["settle_due"] = work.want(connection, store.id, "settle_due", "", now)
        if work.finish(connection, claim, now):
            wanted["backfill"] = claim.id
    context.offer(wanted)


def _give_place(context: Context, claim: Claim, place: int | None) -> None:
    with transaction(context.engine) as connection:
        work.go_on(connection, claim, context.clock(), place)
    context.offer({"backfill": claim.id})


def _read_page(context: Context, claim: Claim, store: Store, shop: ShopClient) -> bool:
    """Read and store one page; return whether there is more to read."""
    with reading(context.engine) as connection:
        current = backfills.latest(connection, store.id)
    if current is None or current.state != backfills.RUNNING:
        return False
    if current.phase == "customers":
        return _customers_page(context, claim, store, shop, current)
    return _orders_page(context, claim, store, shop, current)


def _customers_page(context: Context, claim: Claim, store: Store, shop: ShopClient, current: Any) -> bool:
    started = context.clock()
    cursor = CustomersCursor(**current.cursor)
    page = customers_page(shop, cursor.offset)
    following = next_customers(page, cursor)
    observed_at = on_store_clock(shop, started)
    with transaction(context.engine) as connection:
        customers.save(connection, store.id, [(state, observed_at) for state in page.items])
    with transaction(context.engine) as connection:
        # Apart, so that nobody holds addresses while waiting for orders. It goes by the page, not by what was new.
        users = customers.ids_of(connection, store.id, [state.wc_id for state in page.items])
        awarded = award_users(connection, store, users, context.clock())
        done = max(current.customers_done, page.offset + page.received)
        progress: dict[str, Any] = {
            "customers_done": done,
            "customers_total": max(done, page.total or 0),
            "unreadable": _unreadable(current, page),
        }
        if following is None:
            progress |= {"phase": "orders", "cursor": {}}
        else:
            progress |= {"cursor": asdict(following)}
        backfills.checkpoint(connection, store.id, current.id, context.clock(), **progress)
        wanted = _written_back(connection, store, awarded, context.clock())
        work.progressed(connection, claim)
    context.offer(wanted)
    return True


def _orders_page(context: Context, claim: Claim, store: Store, shop: ShopClient, current: Any) -> bool:
    started = context.clock()
    cursor = _load(current.cursor)
    page = orders_page(shop, cursor.before, cursor.offset)
    observed_at = on_store_clock(shop, started)
    following = next_cursor(page, cursor)
    if catalogue.is_wanted(context, store):
        catalogue.look_up(context, store, shop, page.items, current.started_at, observed_at)
    with transaction(context.engine) as connection:
        counting = recounts.rules_held(connection, store.id, context.clock)
        now = context.clock()
        seen = [orders.Observed(state, observed_at) for state in page.items]
        changed = orders.save(connection, store, counting, seen)
        awarded = award_orders(connection, store, changed, now)
        backfills.checkpoint(
            connection, store.id, current.id, now, **_progress(connection, store, current, page, following)
        )
        if following is None:
            backfills.checkpoint(
                connection, store.id, current.id, now, state=backfills.DONE, phase="done", finished_at=now
            )
        wanted = _written_back(connection, store, awarded, now)
        work.progressed(connection, claim)
    context.offer(wanted)
    return following is not None


def _written_back(connection: Connection, store: Store, awarded: Awarded, now: datetime) -> dict[str, int]:
    """Return the work that is wanted where the store must be told of coupons before everybody is scored."""
    return {"write_back": work.want(connection, store.id, "write_back", "", now)} if awarded.told else {}


def _let_bonuses_follow(context: Context, claim: Claim, store: Store, ends_at: datetime) -> bool:
    """Let everybody be awarded anew, a chunk a transaction: only now is it known which orders were the first.

    Returns whether that is done; otherwise the step is over, and the next one goes on.
    """
    last: int = claim.place or 0
    while True:
        with transaction(context.engine) as connection:
            if not backfills.is_complete(connection, store.id) or not are_set(programmes.every(connection, store.id)):
                return True
            chunk = customers.after(connection, store.id, last, _CHUNK)
            if not chunk:
                return True
            last = chunk[-1]
            accounts.outdate(connection, store.id, chunk)
            work.progressed(connection, claim, last)
        if context.clock() >= ends_at:
            _give_place(context, claim, last)
            return False
        context.give_way()


_CHUNK: Final = 500


def _progress(connection: Connection, store: Store, current: Any, page: Any, following: Any) -> dict[str, Any]:
    """Say how much is read, which is all that does not follow: pages overlap where orders share a second.

    Where the store does not count, what it sent is counted, and at the end what there is.
    """
    total = max(current.orders_total, page.total or 0)
    if following is None:
        done = total = orders.count(connection, store.id)
    elif page.total is None:
        done = current.orders_done + page.received
    else:
        done = max(current.orders_done, total - (page.total - page.offset - page.received))
    return {
        "orders_done": done,
        "orders_total": max(done, total),
        "unreadable": _unreadable(current, page),
        "cursor": {} if following is None else _dump(following),
    }


def _unreadable(current: Any, page: Page[Any]) -> list[str]:
    """Return what could not be read so far, each once, as far as anybody would read on."""
    for sentence in page.rejected:
        log.error("backfill %d: %s", current.id, sentence)
    return list(dict.fromkeys([*current.unreadable, *page.rejected]))[:_MOST_COMPLAINTS]


_MOST_COMPLAINTS: Final = 200


def _dump(cursor: OrdersCursor) -> dict[str, Any]:
    return {"before": cursor.before.isoformat() if cursor.before else None, "offset": cursor.offset}


def _load(stored: dict[str, Any]) -> OrdersCursor:
    before = stored.get("before")
    return OrdersCursor(datetime.fromisoformat(before) if before else None, stored.get("offset", 0))
