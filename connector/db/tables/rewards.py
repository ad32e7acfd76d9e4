"""What customers are given and what people decide about them: coupons, redemptions, adjustments, overrides."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from connector.db.tables.base import Id, UtcTime, metadata, of_store, row_id

entitlements = Table(
    "entitlements",
    metadata,
    row_id(),
    of_store(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("campaign", String(40), nullable=False),
    # Which time of those that recur ("2026"), or which tier was reached; empty where there is only one.
    Column("occasion", String(40), nullable=False),
    Column("variant", String(40), nullable=False),
    # A tier's benefit is not an offer: the governor passes it by.
    Column("is_benefit", Boolean, nullable=False),
    Column("code", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", String(300), nullable=False),
    # What the coupon gives, as it was promised.
    Column("terms", JSON, nullable=False),
    # What it is expected to take off, in minor units of the store's currency.
    Column("cost", BigInteger, nullable=False, server_default=text("0")),
    # Once it is used: what it did take off, and the store's day of that order, as days since 1970-01-01.
    Column("took_off", BigInteger),
    Column("used_on", Integer),
    Column("rule_version", Integer, nullable=False),
    Column("granted_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    UniqueConstraint("store_id", "customer_id", "campaign", "occasion"),
    UniqueConstraint("store_id", "code"),
)
# The year's budget is a sum over these columns alone.
Index(
    "ix_entitlements_budget",
    entitlements.c.store_id,
    entitlements.c.state,
    entitlements.c.is_benefit,
    entitlements.c.used_on,
    entitlements.c.took_off,
    entitlements.c.cost,
)

# Offers that were not made, each with the rule that stopped it. Effects are measured against those of the hold-out.
suppressions = Table(
    "suppressions",
    metadata,
    row_id(),
    of_store(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("campaign", String(40), nullable=False),
    Column("occasion", String(40), nullable=False),
    Column("rule", String(40), nullable=False),
    Column("why", String(300), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("suppressed_at", UtcTime, nullable=False),
    UniqueConstraint("store_id", "customer_id", "campaign", "occasion", "rule"),
)
Index(None, suppressions.c.store_id, suppressions.c.campaign)

# Who is kept without offers. Drawn once by a keyed hash and never again.
hold_outs = Table(
    "hold_outs",
    metadata,
    Column("customer_id", Id, ForeignKey("customers.id"), primary_key=True, autoincrement=False),
    of_store(),
    Column("held_out", Boolean, nullable=False),
    Column("drawn_at", UtcTime, nullable=False),
)

# Campaigns issued by hand, or only previewed: how far that is and what became of it.
issues = Table(
    "issues",
    metadata,
    row_id(),
    of_store(),
    Column("public_id", String(40), nullable=False, unique=True),
    Column("campaign", String(40), nullable=False),
    Column("occasion", String(40), nullable=False),
    Column("preview", Boolean, nullable=False),
    # Who is asked instead of the campaign's own audience; empty where nobody was named.
    Column("audience", JSON, nullable=False),
    Column("reason", String(200), nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("state", String(16), nullable=False),
    # The last customer looked at, so that a run that dies is taken up where it ended.
    Column("last_customer_id", Id, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("tally", JSON, nullable=False),
    # Minor units of the store's currency.
    Column("promised", BigInteger, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
)
Index(None, issues.c.store_id, issues.c.id)

# Points turned into a coupon: reserved, then captured by the order that used it or released.
redemptions = Table(
    "redemptions",
    metadata,
    row_id(),
    of_store(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("idempotency_key", String(128), nullable=False),
    Column("points", BigInteger, nullable=False),
    # Minor units of the store's currency.
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("code", String(40), nullable=False),
    Column("terms", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("reserved_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("order_id", Id, ForeignKey("orders.id")),
    Column("refusal", Text),
    # What was left right after, so that asking again under the same key gets the same answer.
    Column("balance_after", BigInteger, nullable=False),
    UniqueConstraint("store_id", "idempotency_key"),
    UniqueConstraint("store_id", "code"),
)
Index(None, redemptions.c.store_id, redemptions.c.customer_id)
Index(None, redemptions.c.store_id, redemptions.c.state, redemptions.c.expires_at)

# Which orders carry a redemption's code, as their latest state has it.
redemption_uses = Table(
    "redemption_uses",
    metadata,
    Column("redemption_id", Id, ForeignKey("redemptions.id"), primary_key=True, autoincrement=False),
    Column("order_id", Id, ForeignKey("orders.id"), primary_key=True, autoincrement=False),
    of_store(),
)
Index(None, redemption_uses.c.order_id)

# What a person decided about points, by hand or from a file. A merge moves points from one customer to another.
adjustments = Table(
    "adjustments",
    metadata,
    row_id(),
    of_store(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("to_customer_id", Id, ForeignKey("customers.id")),
    Column("idempotency_key", String(128), nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("reason", String(300), nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    UniqueConstraint("store_id", "idempotency_key"),
    CheckConstraint("points <> 0", name="moves_something"),
)
Index(None, adjustments.c.store_id, adjustments.c.customer_id)

# Periods in which a customer earns and redeems nothing, and periods in which a person set the tier.
blocks = Table(
    "blocks",
    metadata,
    row_id(),
    of_store(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("reason", String(300), nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("from_at", UtcTime, nullable=False),
    Column("until_at", UtcTime),
)
Index(None, blocks.c.store_id, blocks.c.customer_id)

tier_overrides = Table(
    "tier_overrides",
    metadata,
    row_id(),
    of_store(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("tier", String(24), nullable=False),
    Column("reason", String(300), nullable=False),
    Column("made_by", String(120), nullable=False),
    # Days since 1970-01-01 in the store's zone, first and last included.
    Column("from_day", Integer, nullable=False),
    Column("until_day", Integer),
)
Index(None, tier_overrides.c.store_id, tier_overrides.c.customer_id)

# Proposed programmes and what they would do to this store.
simulations = Table(
    "simulations",
    metadata,
    row_id(),
    of_store(),
    Column("public_id", String(40), nullable=False, unique=True),
    Column("document", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("result", JSON),
    Column("asked_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
)
Index(None, simulations.c.store_id, simulations.c.id)
