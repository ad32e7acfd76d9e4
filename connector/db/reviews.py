"""Reviews of one store's products by its registered users, as far as the store shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from connector.db.session import insert_into
from connector.db.tables import reviews
from connector.domain.orders import ReviewState
from connector.domain.versions import Sight, is_newer


def save(
    connection: Connection, store_id: int, wc_id: int, seen: Iterable[tuple[ReviewState | None, datetime]]
) -> list[int]:
    """Store a review as the store showed it at a time (None: it is not shown); the newest sight counts.

    Returns the WooCommerce ids of the users for whom something is different now.
    """
    state, observed_at = max(seen, key=lambda sight: (sight[1], sight[0] is None))
    held = connection.execute(
        select(reviews).where(reviews.c.store_id == store_id, reviews.c.wc_id == wc_id).with_for_update()
    ).one_or_none()
    before = None if held is None else _sight(held.is_shown, held.observed_at)
    if not is_newer(_sight(state is not None, observed_at), before):
        return []
    columns: dict[str, Any] = {"is_shown": state is not None, "observed_at": observed_at}
    if state is not None:
        about = {name: getattr(state, name) for name in ("wc_customer_id", "product_id", "reviewed_at")}
    elif held is not None:
        about = {name: held._mapping[name] for name in ("wc_customer_id", "product_id", "reviewed_at")}
    else:
        # Never seen while it was shown; an older delivery of it may still arrive, and must find it gone.
        about = {"wc_customer_id": 0, "product_id": 0, "reviewed_at": observed_at}
    statement = insert_into(connection, reviews)
    connection.execute(
        statement.values(store_id=store_id, wc_id=wc_id, **about, **columns).on_conflict_do_update(
            index_elements=[reviews.c.store_id, reviews.c.wc_id], set_=about | columns
        )
    )
    was = {"is_shown": False} if held is None else {name: held._mapping[name] for name in ("is_shown", *about)}
    now = about | {"is_shown": state is not None}
    if was == now or not (was["is_shown"] or now["is_shown"]):
        return []
    users = {about["wc_customer_id"]} | ({held.wc_customer_id} if held is not None else set())
    return sorted(users - {0})


def _sight(is_shown: bool, observed_at: datetime) -> Sight:
    # A review has no date of change: the time of looking decides, and at the same time that it is gone.
    return Sight(observed_at if is_shown else None, observed_at)
