"""The tables. Money is BIGINT minor units, time is UTC; every row belongs to one store."""

from connector.db.tables.base import Id, UtcTime, metadata
from connector.db.tables.ledger import accounts, entries, lots, postings, spends, write_offs
from connector.db.tables.progress import backfills, calls, outbox, ticks, work
from connector.db.tables.rewards import (
    adjustments,
    blocks,
    entitlements,
    hold_outs,
    issues,
    redemption_uses,
    redemptions,
    simulations,
    suppressions,
    tier_overrides,
)
from connector.db.tables.scores import score_runs, standings
from connector.db.tables.shop import (
    customers,
    inbox,
    order_lines,
    orders,
    pairing_codes,
    products,
    programmes,
    refunds,
    reviews,
    stores,
)

__all__ = [
    "Id",
    "UtcTime",
    "accounts",
    "adjustments",
    "backfills",
    "blocks",
    "calls",
    "customers",
    "entitlements",
    "entries",
    "hold_outs",
    "inbox",
    "issues",
    "lots",
    "metadata",
    "order_lines",
    "orders",
    "outbox",
    "pairing_codes",
    "postings",
    "products",
    "programmes",
    "redemption_uses",
    "redemptions",
    "refunds",
    "reviews",
    "score_runs",
    "simulations",
    "spends",
    "standings",
    "stores",
    "suppressions",
    "ticks",
    "tier_overrides",
    "work",
    "write_offs",
]
