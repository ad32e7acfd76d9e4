"""Simulate: play the store's own history through a proposed programme, and write nothing but what came of it."""

from typing import Final

from connector.db import past, programmes, simulations, stores, work
from connector.db.session import reading, transaction
from connector.db.work import Claim
from connector.domain.programme.document import from_document
from connector.domain.simulation import Comparison, Setting
from jobs.context import Context

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
        total = past.count_customers(connection, store.id)
    if asked is not None and asked.state != simulations.DONE:
        proposed = from_document(asked.document, current.version + 1)
        comparison = Comparison.of(current, proposed, Setting(store.currency, store.zone, now))
        last = 0
        while True:
            with reading(context.engine) as connection:
                chunk = past.next_customers(connection, store.id, last, _CHUNK)
                histories = past.read(connection, store, chunk, (current, proposed))
            if not chunk:
                break
            for history in histories:
                comparison.add(history)
            last = chunk[-1]
            with transaction(context.engine) as connection:
                simulations.progress(connection, asked.id, comparison.customers, max(total, comparison.customers))
                if claim.attempts:
                    work.progressed(connection, claim)
        with transaction(context.engine) as connection:
            simulations.finish(connection, asked.id, comparison.to_json(), context.clock())
    with transaction(context.engine) as connection:
        again = work.finish(connection, claim, context.clock())
    if again:
        context.offer({"simulate": claim.id})
