"""What histories make of customers: scoring runs and standings."""

from sqlalchemy import JSON, BigInteger, Column, Date, Float, ForeignKey, Index, Integer, String, Table

from connector.db.tables.base import Id, UtcTime, metadata, of_store, row_id

score_runs = Table(
    "score_runs",
    metadata,
    row_id(),
    of_store(),
    Column("as_of", Date, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime, nullable=False),
    Column("customers", Integer, nullable=False),
    Column("basis", String(24), nullable=False),
    # Cut-points and fitted parameters: enough to score one customer without fitting again.
    Column("fitted", JSON, nullable=False),
    # Parameters, back-test and how far to trust them, for people.
    Column("report", JSON, nullable=False),
)
Index(None, score_runs.c.store_id, score_runs.c.id)

standings = Table(
    "standings",
    metadata,
    Column("customer_id", Id, ForeignKey("customers.id"), primary_key=True, autoincrement=False),
    of_store(),
    Column("score_run_id", Id, ForeignKey("score_runs.id")),
    Column("tier", String(24), nullable=False),
    # Since when; empty for the lowest tier. When it is lost if nothing more is bought; empty: never.
    Column("tier_since", Date),
    Column("tier_falls_on", Date),
    Column("window_value", BigInteger, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("orders", Integer, nullable=False),
    Column("recency_days", Integer),
    Column("frequency", Integer, nullable=False),
    Column("monetary", BigInteger, nullable=False),
    Column("rfm", String(3), nullable=False),
    Column("segment", String(24), nullable=False),
    # The one before, so that movements can be shown.
    Column("previous_segment", String(24), nullable=False, server_default=""),
    Column("p_alive", Float),
    Column("p_order_30d", Float),
    Column("p_order_90d", Float),
    Column("p_order_365d", Float),
    Column("expected_orders", Float),
    Column("clv", BigInteger),
    Column("clv_low", BigInteger),
    Column("clv_high", BigInteger),
    # Days from the scoring on between which the next order is likely.
    Column("next_order_from", Integer),
    Column("next_order_to", Integer),
    Column("basis", String(24), nullable=False),
    Column("scored_at", UtcTime, nullable=False),
    # Counts writes, so that a long run notices who was brought up to date while it computed.
    Column("revision", BigInteger, nullable=False),
)
Index(None, standings.c.store_id, standings.c.clv)

# What was worked out of a whole store for somebody to read, each the latest of its name, as of a moment.
store_reports = Table(
    "store_reports",
    metadata,
    Column("store_id", Id, ForeignKey("stores.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("as_of", UtcTime, nullable=False),
    Column("content", JSON, nullable=False),
)
