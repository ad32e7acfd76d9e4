"""Simulate: play the store's own history through a proposed programme, and write nothing but what came of it."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from connector.db import past, programmes, simulations, stores, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.programme import Programme
from connector.domain.programme.document import from_document
from connector.domain.simulation import Comparison, Setting
from connector.queueing import LEASE
from jobs.context import Context
from jobs.simulated_offers import Offers

_CHUNK: Final = 500


def run(context: Context, claim: Claim) -> None:
    """Play everybody's history, a chunk of customers at a time, and store the comparison.

    A run that dies starts again: nothing of it is kept but how far it was. One that was forgotten meanwhile is done.
    """
    with reading(context.engine) as connection:
        store = stores.by_id(connection, claim.store_id)
        asked = simulations.of(connection, store.id, claim.subject)
        now = context.clock()
        current = programmes.current(connection, store.id, now)
    if asked is not None and asked.state != simulations.DONE:
        result = _compare(context, claim, store, asked, current, now)
        with transaction(context.engine) as connection:
            simulations.finish(connection, store.id, asked.id, result, context.clock())
    with transaction(context.engine) as connection:
        again = work.finish(connection, claim, context.clock())
    if again:
        context.offer({"simulate": claim.id})


def _compare(
    context: Context, claim: Claim, store: Store, asked: Row[Any], current: Programme, now: datetime
) -> dict[str, Any]:
    proposed = from_document(asked.document, current.version + 1)
    versions = (current, proposed)
    comparison = Comparison.of(current, proposed, Setting(store.currency, store.zone, now))
    with reading(context.engine) as connection:
        total = past.count_customers(connection, store.id, versions)
        use = past.coupon_use(connection, store.id)
        offers = [Offers.of(connection, store, one, now) for one in versions]
    last = 0
    while True:
        with reading(context.engine) as connection:
            chunk = past.next_customers(connection, store.id, versions, last, _CHUNK)
            if not chunk:
                break
            histories = past.read(connection, store, chunk, versions)
            played = {history.customer_id: comparison.add(history) for history in histories}
            for side, of_programme in enumerate(offers):
                of_programme.add(connection, {customer: both[side] for customer, both in played.items()})
        last = chunk[-1]
        with transaction(context.engine) as connection:
            simulations.progress(
                connection, store.id, asked.id, comparison.customers, max(total, comparison.customers)
            )
            work.renew(connection, claim, context.clock(), LEASE)
    result = comparison.to_json()
    for name, of_programme in zip(("current", "proposed"), offers, strict=True):
        result[name]["offers_today"] = of_programme.due.to_json(use)
    return result | {"coupon_use": {"share": round(use.share, 4), "basis": use.basis}}
