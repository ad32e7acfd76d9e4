"""What is under way: backfills, desired states, work that is owed, ticks of the schedule."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from connector.db.tables.base import Id, UtcTime, metadata, of_store, row_id

backfills = Table(
    "backfills",
    metadata,
    row_id(),
    of_store(),
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
    row_id(),
    of_store(),
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
    # How often the store has stumbled over this state, and when it is tried again.
    Column("attempts", Integer, nullable=False),
    Column("retry_at", UtcTime),
    UniqueConstraint("store_id", "kind", "subject_id"),
)
# Almost all is written at any time: writing back looks for the few that are not, several times an order.
_unwritten = and_(outbox.c.written_hash.is_distinct_from(outbox.c.desired_hash), outbox.c.refusal.is_(None))
Index(
    "ix_outbox_unwritten",
    outbox.c.store_id,
    outbox.c.kind,
    outbox.c.attempts,
    outbox.c.id,
    sqlite_where=_unwritten,
    postgresql_where=_unwritten,
)
Index(
    "ix_outbox_retries",
    outbox.c.store_id,
    outbox.c.retry_at,
    sqlite_where=outbox.c.retry_at.is_not(None),
    postgresql_where=outbox.c.retry_at.is_not(None),
)

# Jobs that are owed. A row goes away in the transaction that does the work; Redis only carries its id.
work = Table(
    "work",
    metadata,
    row_id(),
    of_store(),
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
    # How far a long run has come, unless it was asked for since: then it begins anew.
    Column("place", BigInteger),
    Column("last_error", Text),
    # Set where trying again cannot help until something else happens; tried again after hours all the same.
    Column("parked_at", UtcTime),
    UniqueConstraint("store_id", "job", "subject"),
)
Index(None, work.c.due_at)

ticks = Table(
    "ticks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("last_at", UtcTime, nullable=False),
)

# Signed calls that must not be done twice and carry nothing else that would prevent it.
calls = Table(
    "calls",
    metadata,
    Column("store_id", Id, ForeignKey("stores.id"), primary_key=True),
    Column("message_id", String(128), primary_key=True),
    Column("called_at", UtcTime, nullable=False),
)
Index(None, calls.c.store_id, calls.c.called_at)
