"""Standing: what a customer's history makes of them, and what the store should therefore hold."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row

from connector.db import accounts, blocks, customers, outbox, programmes, purchases, redemptions, standings
from connector.db.stores import Store
from connector.domain.calendar import local_day
from connector.domain.offering import ByHand
from connector.domain.programme import Programme
from connector.domain.redemption import limits
from connector.domain.standings import UNSCORED, Fitted, ScoreSheet, StoreFigures, score_sheet
from connector.domain.storefront import (
    Standing,
    customer_meta,
    expiring,
    invitation,
    redeemable,
    still_to_do,
    worth_writing,
)
from connector.domain.tiers import Climb
from jobs import entitle
from jobs.coupon_state import Coupons
from jobs.offer_cases import Known
from jobs.tiers import tiers_of


@dataclass(frozen=True, slots=True)
class Run:
    """The latest scoring run: what scores one customer without fitting again."""

    id: int
    fitted: Fitted


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """What standings are written from: the sheet, the run whose fit made it (None before the first), its figures."""

    sheet: ScoreSheet
    run_id: int | None
    figures: StoreFigures


def refresh(
    connection: Connection,
    store: Store,
    customer_ids: Sequence[int],
    now: datetime,
    by_hand: ByHand | None = None,
) -> bool:
    """Bring these customers' tier, points, scores, entitlements and desired store state up to date.

    Locks the customers first, so that it computes from what no other transaction is about to change. Returns whether
    the store has to be written to.
    """
    if not customer_ids:
        return False
    customers.lock(connection, store.id, customer_ids)
    programme = programmes.current(connection, store.id, now)
    run = latest_run(connection, store.id)
    orders = purchases.read(connection, store.id, customer_ids)
    fitted = run.fitted if run else None
    computed = Computed(
        score_sheet(orders, local_day(now, store.zone), programme, store.currency, fitted),
        run.id if run else None,
        fitted.figures if fitted else StoreFigures(),
    )
    return settle(connection, store, programme, customer_ids, computed, now, by_hand)


def latest_run(connection: Connection, store_id: int) -> Run | None:
    """Return the store's latest scoring run, or None before the first."""
    row = standings.latest_run(connection, store_id)
    return Run(row.id, Fitted.from_json(row.fitted)) if row is not None else None


def settle(
    connection: Connection,
    store: Store,
    programme: Programme,
    customer_ids: Sequence[int],
    computed: Computed,
    now: datetime,
    by_hand: ByHand | None = None,
) -> bool:
    """Write the standings of locked customers and what follows from them; return whether the store must hear of it.

    A guest who registered has no standing any more, and what is left of their entitlements is withdrawn. Who has
    bought nothing (any more) gets a standing without scores.
    """
    known = standings.people(connection, store.id, customer_ids)
    people = [person for person in known if person.merged_into_id is None]
    # A guest who registered buys nothing any more, also while their orders have yet to follow them.
    sheet = computed.sheet.of(np.array(sorted(person.id for person in people), dtype=np.int64))
    scored = {customer_id: {**row, "score_run_id": computed.run_id} for customer_id, row in sheet.rows().items()}
    standings.forget(connection, store.id, [person.id for person in known if person.merged_into_id is not None])
    climbs = tiers_of(connection, store, programme.ladder, sheet, [person.id for person in people], now)
    shown = _shown(connection, store, programme, climbs, now)
    written = {
        person.id: {
            "customer_id": person.id,
            "store_id": store.id,
            **scored.get(person.id, {**UNSCORED, "score_run_id": None}),
            **_tier(climbs[person.id]),
            "points": shown[person.id].available,
            "scored_at": now,
        }
        for person in people
    }
    standings.save(connection, list(written.values()))
    reached = {customer_id: climb.state.since for customer_id, climb in climbs.items() if not climb.state.fell}
    facts = Known(written, sheet.histories, computed.figures, reached)
    coupons = entitle.decide(connection, store, programme, known, facts, now, by_hand)
    changed = _desire_meta(connection, store, programme, people, written, shown, coupons, now)
    return changed or bool(coupons.changed)


def _tier(climb: Climb) -> dict[str, Any]:
    return {"tier": climb.state.tier, "tier_since": climb.state.since, "tier_falls_on": climb.state.falls_on}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a customer has of points, and what the shopper is told about points and tier."""

    available: int = 0
    pending: int = 0
    expiring: Mapping[str, Any] | None = None
    redeemable: Mapping[str, Any] | None = None
    codes: tuple[str, ...] = ()
    progress: Mapping[str, Any] | None = None


def _shown(
    connection: Connection, store: Store, programme: Programme, climbs: Mapping[int, Climb], now: datetime
) -> dict[int, Shown]:
    customer_ids = list(climbs)
    held = accounts.of_customers(connection, store.id, customer_ids)
    shut_out = {
        block.customer_id
        for block in blocks.of_customers(connection, store.id, customer_ids)
        if block.covers(block.customer_id, now)
    }
    codes: dict[int, tuple[str, ...]] = defaultdict(tuple)
    for row in redemptions.live_of(connection, store.id, customer_ids):
        codes[row.customer_id] += (row.code,)
    rules, currency = programme.redeeming, store.currency
    found: dict[int, Shown] = {}
    for customer, climb in climbs.items():
        progress = still_to_do(climb, programme.ladder.basis, currency)
        if customer not in held:
            found[customer] = Shown(progress=progress)
            continue
        row = held[customer]
        allowed = limits(rules, row.available, currency, blocked=customer in shut_out)
        found[customer] = Shown(
            row.available,
            row.pending,
            expiring(row.expiring, row.expiring_at, store.zone),
            redeemable(allowed, rules, currency),
            codes[customer],
            progress,
        )
    return found


def _desire_meta(
    connection: Connection,
    store: Store,
    programme: Programme,
    people: Sequence[Row[Any]],
    rows: Mapping[int, Mapping[str, Any]],
    shown: Mapping[int, Shown],
    coupons: Coupons,
    now: datetime,
) -> bool:
    """Desire each registered customer's meta where a person would notice the difference."""
    promised = invitation(programme.bonuses)
    registered = {
        person.id: person.wc_id for person in people if person.wc_id is not None and person.deleted_at is None
    }
    held = outbox.held(connection, store.id, outbox.CUSTOMER, list(registered))
    wanted = []
    for customer_id, wc_id in registered.items():
        row, has = rows[customer_id], shown[customer_id]
        meta = customer_meta(
            Standing(
                tier=row["tier"],
                points=row["points"],
                segment=row["segment"],
                rfm=row["rfm"],
                clv=row["clv"],
                coupon_codes=(*coupons.live.get(customer_id, ()), *has.codes),
                scored_at=row["scored_at"],
                pending=has.pending,
                expiring=has.expiring,
                redeemable=has.redeemable,
                progress=has.progress,
                invitation=promised,
            ),
            store.currency,
        )
        if worth_writing(held[customer_id].desired if customer_id in held else None, meta):
            wanted.append((customer_id, wc_id, meta))
    outbox.desire(connection, store.id, outbox.CUSTOMER, wanted, now)
    return bool(wanted)
