"""The tables. Money is BIGINT minor units, time is UTC; every row belongs to one store."""

from connector.db.tables.base import Id, UtcTime, metadata
from connector.db.tables.progress import backfills, outbox, ticks, work
from connector.db.tables.rewards import entitlements, entries, postings, score_runs, standings
from connector.db.tables.shop import customers, inbox, order_lines, orders, pairing_codes, programmes, refunds, stores

__all__ = [
    "Id",
    "UtcTime",
    "backfills",
    "customers",
    "entitlements",
    "entries",
    "inbox",
    "metadata",
    "order_lines",
    "orders",
    "outbox",
    "pairing_codes",
    "postings",
    "programmes",
    "refunds",
    "score_runs",
    "standings",
    "stores",
    "ticks",
    "work",
]
