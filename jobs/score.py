"""Score: fit the store's customers, then bring everybody's standing up to date."""

from datetime import datetime

from connector.db import customers, standings, stores, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.calendar import local_day
from connector.domain.clv import ValueTerms, estimate
from connector.domain.programme import Programme
from connector.domain.rfm import rfm_cutpoints
from jobs import standing
from jobs.context import Context

_CHUNK = 1_000


def run(context: Context, claim: Claim) -> None:
    """Fit RFM cut-points and the value model on all counted orders, then refresh every customer in chunks.

    A run that dies starts again with a new fit; customers refreshed twice end up the same. A store without counted
    orders gets no run.
    """
    with reading(context.engine) as connection:
        store = stores.by_id(connection, claim.store_id)
        programme = stores.programme(connection, store.id)
    fit(context, store, programme, context.clock())
    changed = _refresh_all(context, store)
    wanted: dict[str, int] = {}
    with transaction(context.engine) as connection:
        now = context.clock()
        if changed:
            wanted["write_back"] = work.want(connection, store.id, "write_back", "", now)
        if work.finish(connection, claim, now):
            wanted["score"] = claim.id
    context.offer(wanted)


def fit(context: Context, store: Store, programme: Programme, now: datetime) -> int | None:
    """Fit on the store's history up to today and store the run; return its id, or None where nobody has bought."""
    today = local_day(now, store.zone)
    with reading(context.engine) as connection:
        histories = standing.read_histories(connection, store.id, today)
    if not len(histories):
        return None
    terms = ValueTerms(margin=programme.margin, annual_discount_rate=programme.annual_discount_rate)
    estimates = estimate(histories, terms)
    fitted = {
        "rfm": rfm_cutpoints(histories).to_json(),
        "value": estimates.fitted.to_json(),
        "reason": estimates.reason,
        "weeks_missing": estimates.weeks_missing,
    }
    with transaction(context.engine) as connection:
        return standings.save_run(
            connection,
            store.id,
            today,
            now,
            context.clock(),
            customers=len(histories),
            basis=estimates.basis,
            fitted=fitted,
        )


def _refresh_all(context: Context, store: Store) -> bool:
    changed, last_id = False, 0
    while True:
        with transaction(context.engine) as connection:
            now = context.clock()
            customer_ids = standings.to_refresh(connection, store.id, last_id, _CHUNK)
            if not customer_ids:
                return changed
            customers.lock(connection, store.id, customer_ids)
            changed |= standing.refresh(connection, store, customer_ids, now)
            last_id = customer_ids[-1]
