"""Tiers: where customers stand on the store's ladder, from what they bought or earned and what a person gave them."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from connector.db import lots, tier_overrides
from connector.db.stores import Store
from connector.domain.calendar import local_day
from connector.domain.climbs import climbs_of
from connector.domain.history import Orders, epoch_day
from connector.domain.ledger import is_earned
from connector.domain.programme.ladder import Ladder, TierBasis
from connector.domain.standings import ScoreSheet
from connector.domain.tiers import Climb


def tiers_of(
    connection: Connection,
    store: Store,
    ladder: Ladder,
    sheet: ScoreSheet,
    customer_ids: Sequence[int],
    now: datetime,
) -> dict[int, Climb]:
    """Return where each of these customers stands and what is still to do, on the day of the sheet."""
    climbs = sheet.climbs
    if ladder.basis is TierBasis.POINTS:
        earned = _points_earned(connection, store, customer_ids)
        climbs = climbs_of(earned, local_day(now, store.zone), ladder, store.currency)
    return climbs.of(customer_ids, tier_overrides.of_customers(connection, store.id, customer_ids))


def _points_earned(connection: Connection, store: Store, customer_ids: Sequence[int]) -> Orders:
    rows = [
        (row.customer_id, epoch_day(local_day(row.earned_at, store.zone)), row.points)
        for row in lots.of_customers(connection, store.id, customer_ids)
        if is_earned(row.source)
    ]
    return Orders(*np.array(rows, dtype=np.int64).reshape(-1, 3).T)
