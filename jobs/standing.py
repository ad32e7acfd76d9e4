"""Standing: what a customer's history makes of them, and what the store should therefore hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row

from connector.db import backfills, ledger, outbox, standings, stores
from connector.db.stores import Store
from connector.domain.calendar import local_day, months_before
from connector.domain.clv import Estimates, FittedValue, predict_with
from connector.domain.history import Histories, epoch_day, purchase_histories
from connector.domain.programme import Programme
from connector.domain.rfm import RfmCutpoints, score_rfm
from connector.domain.segments import segments
from connector.domain.storefront import Standing, customer_meta, worth_writing
from connector.domain.tiers import tier_for
from jobs import entitle
from jobs.entitle import Coupons


@dataclass(frozen=True, slots=True)
class Run:
    """The latest scoring run: what scores one customer without fitting again."""

    id: int
    cutpoints: RfmCutpoints
    value: FittedValue


def refresh(connection: Connection, store: Store, customer_ids: Sequence[int], now: datetime) -> bool:
    """Bring these customers' tier, points, scores, entitlements and desired store state up to date.

    Entitlements wait until the store's history has been read to its end, because half a history makes everybody a
    first-time buyer. A guest who registered has no standing any more, and what is left of their entitlements is
    withdrawn. Returns whether the store has to be written to.
    """
    if not customer_ids:
        return False
    programme = stores.programme(connection, store.id)
    today = local_day(now, store.zone)
    known = standings.people(connection, store.id, customer_ids)
    people = [person for person in known if person.merged_into_id is None]
    ids = [person.id for person in people]
    histories = read_histories(connection, store.id, today, ids)
    coupons = Coupons(frozenset(), {})
    if backfills.is_complete(connection, store.id):
        coupons = entitle.decide(connection, store, programme, known, histories, now)
    standings.forget(connection, store.id, [person.id for person in known if person.merged_into_id is not None])
    rows = _standings(connection, store, programme, ids, histories, now)
    standings.save(connection, rows)
    changed = _desire_meta(connection, store, people, {row["customer_id"]: row for row in rows}, coupons, now)
    return changed or bool(coupons.changed)


def read_histories(
    connection: Connection, store_id: int, today: date, customer_ids: Sequence[int] | None = None
) -> Histories:
    """Return the purchase histories up to and with the store's today, of these customers or of all."""
    rows = standings.purchases(connection, store_id, customer_ids)
    count = len(rows)
    return purchase_histories(
        np.fromiter((row.customer_id for row in rows), np.int64, count),
        np.fromiter((epoch_day(row.local_day) for row in rows), np.int64, count),
        np.fromiter((row.net_value for row in rows), np.int64, count),
        epoch_day(today),
    )


def latest_run(connection: Connection, store_id: int) -> Run | None:
    """Return the store's latest scoring run, or None before the first."""
    row = standings.latest_run(connection, store_id)
    if row is None:
        return None
    return Run(row.id, RfmCutpoints.from_json(row.fitted["rfm"]), FittedValue.from_json(row.fitted["value"]))


def _standings(
    connection: Connection,
    store: Store,
    programme: Programme,
    ids: Sequence[int],
    histories: Histories,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return a row for each customer; who has bought nothing (any more) gets one without scores."""
    today = local_day(now, store.zone)
    since = months_before(today, programme.tier_window_months)
    window = standings.window_values(connection, store.id, ids, since, today)
    points = ledger.balances(connection, store.id, ids)
    scored = _scores(latest_run(connection, store.id), histories)
    return [
        {
            **_UNSCORED,
            **scored.get(customer_id, {}),
            "customer_id": customer_id,
            "store_id": store.id,
            "tier": tier_for(window.get(customer_id, 0), store.currency, programme.tiers).name,
            "window_value": window.get(customer_id, 0),
            "points": points.get(customer_id, 0),
            "scored_at": now,
        }
        for customer_id in ids
    ]


_UNSCORED: dict[str, Any] = {
    "score_run_id": None,
    "orders": 0,
    "recency_days": None,
    "frequency": 0,
    "monetary": 0,
    "rfm": "",
    "segment": "",
    "p_alive": None,
    "expected_orders": None,
    "clv": None,
    "basis": "none",
}


def _scores(run: Run | None, histories: Histories) -> dict[int, dict[str, Any]]:
    facts: dict[int, dict[str, Any]] = {
        int(customer): {
            "orders": int(histories.orders[i]),
            "recency_days": int(histories.recency_days[i]),
            "frequency": int(histories.frequency[i]),
            "monetary": int(histories.monetary[i]),
        }
        for i, customer in enumerate(histories.customer)
    }
    if run is None or not len(histories):
        return facts
    rfm = score_rfm(histories, run.cutpoints)
    names = segments(rfm.r, rfm.f, rfm.m)
    estimates = predict_with(run.value, histories)
    for i, (text, segment) in enumerate(zip(rfm.text(), names, strict=True)):
        facts[int(histories.customer[i])] |= {
            "score_run_id": run.id,
            "rfm": text,
            "segment": str(segment),
            **_prediction(estimates, i),
        }
    return facts


def _prediction(estimates: Estimates, i: int) -> dict[str, Any]:
    if not estimates.has_numbers:
        return {"basis": estimates.basis}
    return {
        "p_alive": None if estimates.p_alive is None else float(estimates.p_alive[i]),
        "expected_orders": float(estimates.expected_orders[i]),
        "clv": int(estimates.clv[i]),
        "basis": estimates.basis,
    }


def _desire_meta(
    connection: Connection,
    store: Store,
    people: Sequence[Row[Any]],
    rows: Mapping[int, Mapping[str, Any]],
    coupons: Coupons,
    now: datetime,
) -> bool:
    """Desire each registered customer's meta where a person would notice the difference."""
    registered = {
        person.id: person.wc_id for person in people if person.wc_id is not None and person.deleted_at is None
    }
    held = outbox.held(connection, store.id, outbox.CUSTOMER, list(registered))
    wanted = []
    for customer_id, wc_id in registered.items():
        row = rows[customer_id]
        meta = customer_meta(
            Standing(
                tier=row["tier"],
                points=row["points"],
                segment=row["segment"],
                rfm=row["rfm"],
                clv=row["clv"],
                coupon_codes=coupons.live.get(customer_id, ()),
                scored_at=row["scored_at"],
            ),
            store.currency,
        )
        if worth_writing(held[customer_id].desired if customer_id in held else None, meta):
            wanted.append((customer_id, wc_id, meta))
    outbox.desire(connection, store.id, outbox.CUSTOMER, wanted, now)
    return bool(wanted)
