"""The points ledger: postings and entries, what they follow from (lots, spends), and balances kept beside them."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
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
    # What it is about ("order:12", "redemption:3"): all postings of one source sum to what that source is worth now.
    Column("source", String(80), nullable=False),
    # The currency the points were earned in, and what one unit of it was worth in the store's.
    Column("currency", String(3), nullable=False),
    Column("rate", Numeric(24, 12), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("posted_at", UtcTime, nullable=False),
    UniqueConstraint("store_id", "idempotency_key"),
)
Index(None, postings.c.order_id)
Index(None, postings.c.store_id, postings.c.source)

entries = Table(
    "entries",
    metadata,
    row_id(),
    of_store(),
    Column("posting_id", Id, ForeignKey("postings.id"), nullable=False),
    # A store's account ("issued", "redeemed", "expired", "reversed") has no customer; a customer's ("pending",
    # "available", "owed") names its own.
    Column("account", String(16), nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("points", BigInteger, nullable=False),
    CheckConstraint("points <> 0", name="moves_something"),
    CheckConstraint(
        "(account IN ('pending', 'available', 'owed')) = (customer_id IS NOT NULL)",
        name="customer_accounts_name_a_customer",
    ),
)
Index(None, entries.c.posting_id)
Index(None, entries.c.customer_id, entries.c.points)


# What a source earned, as its latest state has it. Ledger and balances follow from these and can be derived anew.
lots = Table(
    "lots",
    metadata,
    row_id(),
    of_store(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("source", String(80), nullable=False),
    Column("order_id", Id, ForeignKey("orders.id")),
    Column("points", BigInteger, nullable=False),
    Column("earned_at", UtcTime, nullable=False),
    Column("available_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("rule_version", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("rate", Numeric(24, 12), nullable=False),
    Column("reason", String(300), nullable=False),
    # Line by line how the points came about, for people.
    Column("detail", JSON, nullable=False),
    # What the latest replay made of them.
    Column("spent", BigInteger, nullable=False),
    Column("expired", BigInteger, nullable=False),
    UniqueConstraint("store_id", "source"),
    CheckConstraint("points >= 0", name="points_are_not_negative"),
    CheckConstraint("spent >= 0 AND expired >= 0 AND spent + expired <= points", name="not_overspent"),
)
Index(None, lots.c.store_id, lots.c.customer_id)
Index(None, lots.c.order_id)

# Points taken out of the oldest lots at a time: redemptions, deductions, points moved to another customer.
spends = Table(
    "spends",
    metadata,
    row_id(),
    of_store(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("source", String(80), nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("spent_at", UtcTime, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("reason", String(300), nullable=False),
    UniqueConstraint("store_id", "source"),
    CheckConstraint("points >= 0", name="points_are_not_negative"),
)
Index(None, spends.c.store_id, spends.c.customer_id)

# Debts forgiven: points that an undone order should have given back and that were spent already.
write_offs = Table(
    "write_offs",
    metadata,
    row_id(),
    of_store(),
    Column("customer_id", Id, ForeignKey("customers.id"), nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("written_off_at", UtcTime, nullable=False),
    Column("rule_version", Integer, nullable=False),
    CheckConstraint("points > 0", name="points_are_positive"),
)
Index(None, write_offs.c.store_id, write_offs.c.customer_id)

# Balances as the entries sum to, kept so that nobody has to add up a ledger to show a number.
accounts = Table(
    "accounts",
    metadata,
    Column("customer_id", Id, ForeignKey("customers.id"), primary_key=True, autoincrement=False),
    of_store(),
    Column("pending", BigInteger, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("owed", BigInteger, nullable=False),
    # What expires next, and when; for the warning ahead of it.
    Column("expiring", BigInteger, nullable=False),
    Column("expiring_at", UtcTime),
    # The first moment at which time alone changes something: a hold that ends, an expiry.
    Column("next_change_at", UtcTime),
    # The newest version of the programme that it was derived under.
    Column("rule_version", Integer, nullable=False),
    Column("settled_at", UtcTime, nullable=False),
)
Index(None, accounts.c.store_id, accounts.c.next_change_at)
Index(None, accounts.c.store_id, accounts.c.rule_version)
