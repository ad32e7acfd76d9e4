"""The tables. Money is BIGINT minor units, time is UTC; every row belongs to one store."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime in and out, on databases that keep the zone and on those that drop it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would be read as somebody's local time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite numbers rows only in a column declared exactly INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True)


def _store() -> Column[Any]:
    return Column("store_id", Id, ForeignKey("stores.id"), nullable=False)


stores = Table(
    "stores",
    metadata,
    _id(),
    Column("public_id", String(40), nullable=False, unique=True),
    Column("site_url", String(500), nullable=False, unique=True),
    Column("rest_url", String(500), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("versions", JSON, nullable=False),
    Column("consumer_key", LargeBinary, nullable=False),
    Column("consumer_secret", LargeBinary, nullable=False),
    Column("signing_secret", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("connected_at", UtcTime, nullable=False),
    Column("disconnected_at", UtcTime),
    Column("last_delivery_at", UtcTime),
    Column("last_error", Text),
    Column("rest_requests", BigInteger, nullable=False, server_default=text("0")),
)

pairing_codes = Table(
    "pairing_codes",
    metadata,
    _id(),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)

programmes = Table(
    "programmes",
    metadata,
    _id(),
    _store(),
    Column("version", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("store_id", "version"),
)

# What the store told us, exactly as it came.
inbox = Table(
    "inbox",
    metadata,
    _id(),
    _store(),
    Column("delivery_id", String(128), nullable=False),
    Column("source", String(16), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("resource", String(16), nullable=False),
    Column("wc_id", BigInteger, nullable=False),
    Column("observed_at", UtcTime, nullable=False),
    Column("payload", JSON, nullable=False),
    # What the store says happened since its last delivery ("created", "refunded", …); for people, not for rules.
    Column("causes", JSON, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Column("outcome", String(200)),
    UniqueConstraint("store_id", "delivery_id"),
)
Index(None, inbox.c.store_id, inbox.c.resource, inbox.c.wc_id)
Index(
    "ix_inbox_waiting",
    inbox.c.store_id,
    inbox.c.resource,
    inbox.c.wc_id,
    sqlite_where=inbox.c.done_at.is_(None),
    postgresql_where=inbox.c.done_at.is_(None),
)

customers = Table(
    "customers",
    metadata,
    _id(),
    _store(),
    Column("wc_id", BigInteger),
    Column("email", String(320)),
    Column("registered_at", UtcTime),
    Column("observed_at", UtcTime),
    Column("deleted_at", UtcTime),
    # A guest who registered: the row stays so that history explains itself.
    Column("merged_into_id", Id, ForeignKey("customers.id")),
    UniqueConstraint("store_id", "wc_id"),
)
Index(None, customers.c.store_id, customers.c.email)
# One guest per address; two registered users never share one in WordPress, but we only rely on it for guests.
Index(
    "uq_customers_guest_email",
    customers.c.store_id,
    customers.c.email,
    unique=True,
    sqlite_where=customers.c.wc_id.is_(None),
    postgresql_where=customers.c.wc_id.is_(None),
)

orders = Table(
    "orders",
    metadata,
    _id(),
    _store(),
    Column("wc_id", BigInteger, nullable=False),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("wc_customer_id", BigInteger, nullable=False),
    Column("email", String(320)),
    Column("status", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("shipping", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    # Derived from the columns above by the rules in force, so that reads for scoring are sums over plain columns.
    Column("counts", Boolean, nullable=False),
    Column("net_value", BigInteger, nullable=False),
    # Days since 1970-01-01 in the store's own zone.
    Column("local_day", Integer, nullable=False),
    Column("ordered_at", UtcTime, nullable=False),
    Column("modified_at", UtcTime, nullable=False),
    Column("observed_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    Column("coupon_codes", JSON, nullable=False),
    # The delivery this state came from; empty where a backfill read it.
    Column("inbox_id", Id, ForeignKey("inbox.id")),
    UniqueConstraint("store_id", "wc_id"),
)
# Scoring reads counted orders by customer and day, and finds all it needs in this index.
Index(
    "ix_orders_purchases",
    orders.c.store_id,
    orders.c.customer_id,
    orders.c.local_day,
    orders.c.counts,
    orders.c.net_value,
)
Index(None, orders.c.store_id, orders.c.email)

order_lines = Table(
    "order_lines",
    metadata,
    _id(),
    _store(),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("wc_id", BigInteger, nullable=False),
    Column("product_id", BigInteger, nullable=False),
    Column("variation_id", BigInteger, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    UniqueConstraint("order_id", "wc_id"),
)

refunds = Table(
    "refunds",
    metadata,
    _id(),
    _store(),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("wc_id", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    UniqueConstraint("order_id", "wc_id"),
)

# The ledger. Rows are only ever added; triggers in the migrations refuse anything else.
postings = Table(
    "postings",
    metadata,
    _id(),
    _store(),
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
    _id(),
    _store(),
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
    _id(),
    _store(),
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
    _id(),
    _store(),
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
    _store(),
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

backfills = Table(
    "backfills",
    metadata,
    _id(),
    _store(),
    Column("state", String(16), nullable=False),
    Column("phase", String(16), nullable=False),
    Column("cursor", JSON, nullable=False),
    Column("customers_done", Integer, nullable=False),
    Column("customers_total", Integer, nullable=False),
    Column("orders_done", Integer, nullable=False),
    Column("orders_total", Integer, nullable=False),
    # What the store showed and we could not read, a sentence each ("order 12: …").
    Column("unreadable", JSON, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
)
Index(None, backfills.c.store_id, backfills.c.id)

# What the store should hold: one row per customer or coupon, written when desired and written differ.
outbox = Table(
    "outbox",
    metadata,
    _id(),
    _store(),
    Column("kind", String(16), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("wc_id", BigInteger),
    Column("desired", JSON, nullable=False),
    Column("desired_hash", String(64), nullable=False),
    Column("written_hash", String(64)),
    Column("desired_at", UtcTime, nullable=False),
    Column("written_at", UtcTime),
    # Set where the store refused for good; cleared when something else is desired.
    Column("refusal", Text),
    UniqueConstraint("store_id", "kind", "subject_id"),
)
Index(None, outbox.c.store_id, outbox.c.kind, outbox.c.id)

# Jobs that are owed. A row goes away in the transaction that does the work; Redis only carries its id.
work = Table(
    "work",
    metadata,
    _id(),
    _store(),
    Column("job", String(24), nullable=False),
    Column("subject", String(64), nullable=False),
    # Counts requests, so that one made while the job runs is not lost.
    Column("wanted", Integer, nullable=False),
    # Earliest start while waiting; end of the lease while a worker holds it.
    Column("due_at", UtcTime, nullable=False),
    # When its id was last put on the queue.
    Column("offered_at", UtcTime),
    Column("claimed_by", String(64)),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    # Set where trying again cannot help until something else happens.
    Column("parked_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("store_id", "job", "subject"),
)
Index(None, work.c.due_at)

ticks = Table(
    "ticks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("last_at", UtcTime, nullable=False),
)
