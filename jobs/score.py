"""Score: fit the store's customers, then bring everybody's standing up to date.

Purchases are read once into columns and everybody is scored at once; what is written is written in chunks, each a
short transaction, so that deliveries and awards do not wait for a long night.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from connector.db import customers, programmes, purchases, refunds, standings, stores, work
from connector.db.session import reading, refresh_statistics, transaction
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.arrays import Ints
from connector.domain.assessment import assess
from connector.domain.calendar import local_day
from connector.domain.hindsight import Refunds, with_the_past
from connector.domain.history import Orders, epoch_day
from connector.domain.programme import Programme
from connector.domain.programme.scoring import lookback_days
from connector.domain.rfm import rfm_cutpoints
from connector.domain.standings import Fitted, StoreFigures, score_sheet
from connector.domain.terms import MONTH_DAYS, ValueTerms
from connector.queueing import LEASE
from jobs import standing
from jobs.context import Context
from jobs.standing import Computed

_CHUNK = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One view of the store: its purchases, what was given back, and who had a standing in which revision."""

    programme: Programme
    orders: Orders
    refunds: Refunds
    customer: Ints
    revision: Ints

    def changed_since(self, chunk: Ints, customer: Ints, revision: Ints) -> set[int]:
        """Return who of a chunk (sorted ids) was written, or lost their standing, after the view was taken.

        ``customer`` and ``revision`` say who of them has a standing now, and in which revision.
        """
        changed = _lookup(chunk, self.customer, self.revision) != _lookup(chunk, customer, revision)
        return set(chunk[changed].tolist())


def _lookup(chunk: Ints, customer: Ints, revision: Ints) -> Ints:
    """Return each one's revision, 0 for who has no standing."""
    if not len(customer):
        return np.zeros(len(chunk), dtype=np.int64)
    at = np.minimum(np.searchsorted(customer, chunk), len(customer) - 1)
    return np.where(customer[at] == chunk, revision[at], 0)


def run(context: Context, claim: Claim) -> None:
    """Fit RFM cut-points and the value model on all counted orders, then write everybody's standing in chunks.

    A run that dies starts again with a new fit; customers written twice end up the same. A store without counted
    orders gets no run.
    """
    with reading(context.engine) as connection:
        store = stores.by_id(connection, claim.store_id)
    refresh_statistics(context.engine)
    now = context.clock()
    with reading(context.engine) as connection:
        programme = programmes.current(connection, store.id, now)
        snapshot = Snapshot(
            programme,
            purchases.read(connection, store.id),
            refunds.read(connection, store, programme.counting),
            *standings.revisions(connection, store.id),
        )
    write(context, claim, store, snapshot, fit(context, store, snapshot, now))
    with transaction(context.engine) as connection:
        again = work.finish(connection, claim, context.clock())
    context.offer({"score": claim.id} if again else {})


def fit(context: Context, store: Store, snapshot: Snapshot, now: datetime) -> Computed:
    """Fit on the snapshot, store the run with its report, and score everybody by it."""
    today, programme = local_day(now, store.zone), snapshot.programme
    if not np.any(snapshot.orders.day <= epoch_day(today)):
        sheet = score_sheet(snapshot.orders, today, programme, store.currency, None)
        return Computed(sheet, None, StoreFigures())
    scoring = programme.scoring
    terms = ValueTerms(scoring.horizon_months * MONTH_DAYS, programme.margin, programme.annual_discount_rate)
    back = lookback_days(scoring.lookback_months, today)
    past = with_the_past(snapshot.orders, snapshot.refunds)
    assessment = assess(past, epoch_day(today), terms, lookback_days=back)
    fitted = Fitted(rfm_cutpoints(assessment.histories), assessment.fitted, lookback_months=scoring.lookback_months)
    sheet = score_sheet(snapshot.orders, today, programme, store.currency, fitted)
    fitted = replace(fitted, figures=sheet.figures())
    with transaction(context.engine) as connection:
        run_id = standings.save_run(
            connection,
            store.id,
            today,
            now,
            context.clock(),
            customers=len(assessment.histories),
            basis=assessment.fitted.basis,
            fitted=fitted.to_json(),
            report=assessment.report,
        )
    return Computed(sheet, run_id, fitted.figures)


def write(context: Context, claim: Claim, store: Store, snapshot: Snapshot, computed: Computed) -> None:
    """Write the standing of everybody who has bought or had one, and ask for the store to be told of each chunk.

    Who was brought up to date by an award since the snapshot is computed anew from what there is now.
    """
    everybody = np.union1d(computed.sheet.histories.customer, snapshot.customer)
    for start in range(0, len(everybody), _CHUNK):
        if start:
            context.give_way()
        chunk = everybody[start : start + _CHUNK].tolist()
        wanted: dict[str, int] = {}
        with transaction(context.engine) as connection:
            now = context.clock()
            customers.lock(connection, store.id, chunk)
            newer = snapshot.changed_since(np.array(chunk), *standings.revisions(connection, store.id, chunk))
            ours = [customer for customer in chunk if customer not in newer]
            changed = standing.settle(connection, store, snapshot.programme, ours, computed, now)
            changed |= standing.refresh(connection, store, sorted(newer), now)
            if changed:
                wanted["write_back"] = work.want(connection, store.id, "write_back", "", now)
            work.renew(connection, claim, now, LEASE)
        context.offer(wanted)
