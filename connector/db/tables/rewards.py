"""What we concluded: the points ledger, entitlements, scores and standings."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from connector.db.tables.base import Id, UtcTime, metadata, of_store, row_id

# The ledger. Rows are only ever added; triggers in the migrations refuse anything else.
postings = Table(
    "postings",
    metadata,
    row_id(),
    of_store(),
    Column("kind", String(24), nullable=False),
    Column("idempotency_key", String(160), nullable=False),
    Column("reason", String(300), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id")),
    Column("inbox_id", Id, ForeignKey("inbox.id")),
    Column("rule_version", Integer, nullable=False),
    Column("posted_at", UtcTime, nullable=False),
    UniqueConstraint("store_id", "idempotency_key"),
)
Index(None, postings.c.order_id)

entries = Table(
    "entries",
    metadata,
    row_id(),
    of_store(),
    Column("posting_id", Id, ForeignKey("postings.id"), nullable=False),
    # A store's account ("issued", "reversed") has no customer; a customer's is "available".
    Column("account", String(16), nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("points", BigInteger, nullable=False),
    CheckConstraint("points <> 0", name="moves_something"),
    CheckConstraint("(account = 'available') = (customer_id IS NOT NULL)", name="customer_accounts_name_a_customer"),
)
Index(None, entries.c.posting_id)
Index(None, entries.c.customer_id, entries.c.points)

entitlements = Table(
    "entitlements",
    metadata,
    row_id(),
    of_store(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("campaign", String(40), nullable=False),
    Column("code", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", String(300), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("granted_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    UniqueConstraint("store_id", "customer_id", "campaign"),
    UniqueConstraint("store_id", "code"),
)

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
