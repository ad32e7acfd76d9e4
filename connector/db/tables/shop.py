"""What stores told us: stores, deliveries, customers and orders."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from connector.db.tables.base import Id, UtcTime, metadata, of_store, row_id

stores = Table(
    "stores",
    metadata,
    row_id(),
    Column("public_id", String(40), nullable=False, unique=True),
    Column("site_url", String(500), nullable=False, unique=True),
    Column("rest_url", String(500), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("versions", JSON, nullable=False),
    Column("consumer_key", LargeBinary, nullable=False),
    Column("consumer_secret", LargeBinary, nullable=False),
    Column("signing_secret", LargeBinary, nullable=False),
    # Draws the hold-out and the arms of A/B tests. Never changes, so that nobody is drawn twice.
    Column("draw_key", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("connected_at", UtcTime, nullable=False),
    Column("disconnected_at", UtcTime),
    Column("last_delivery_at", UtcTime),
    Column("last_error", Text),
    Column("rest_requests", BigInteger, nullable=False, server_default=text("0")),
    # How many items at once the store has answered in time.
    Column("batch_size", Integer, nullable=False, server_default=text("100")),
)

pairing_codes = Table(
    "pairing_codes",
    metadata,
    row_id(),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)

programmes = Table(
    "programmes",
    metadata,
    row_id(),
    of_store(),
    Column("version", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    # Orders placed before keep the version they had; empty where this one covers the past too.
    Column("effective_from", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("store_id", "version"),
)

# What the store told us, exactly as it came; what it carried is forgotten a while after it is settled.
inbox = Table(
    "inbox",
    metadata,
    row_id(),
    of_store(),
    Column("delivery_id", String(128), nullable=False),
    Column("source", String(16), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("resource", String(16), nullable=False),
    Column("wc_id", BigInteger, nullable=False),
    Column("observed_at", UtcTime, nullable=False),
    Column("payload", JSON(none_as_null=True)),
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
Index(
    "ix_inbox_payloads",
    inbox.c.done_at,
    sqlite_where=inbox.c.payload.is_not(None),
    postgresql_where=inbox.c.payload.is_not(None),
)

customers = Table(
    "customers",
    metadata,
    row_id(),
    of_store(),
    Column("wc_id", BigInteger),
    Column("email", String(320)),
    Column("registered_at", UtcTime),
    # "MM-DD", or with the year; and whether the customer wants offers, as far as the store says.
    Column("birthday", String(10)),
    Column("consent", Boolean),
    Column("observed_at", UtcTime),
    Column("deleted_at", UtcTime),
    # A guest who registered: the row stays so that history explains itself.
    Column("merged_into_id", Id, ForeignKey("customers.id")),
    UniqueConstraint("store_id", "wc_id"),
)
Index(None, customers.c.store_id, customers.c.email)
# All of a store's are walked by their ids, a chunk at a time.
Index(None, customers.c.store_id, customers.c.id)
# Whose guests are handed on: without it every delivery about a user would read all of a store's customers.
Index(
    "ix_customers_merged",
    customers.c.store_id,
    customers.c.merged_into_id,
    sqlite_where=customers.c.merged_into_id.is_not(None),
    postgresql_where=customers.c.merged_into_id.is_not(None),
)
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
    row_id(),
    of_store(),
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
    # What each code took off, in minor units, without tax.
    Column("coupon_discounts", JSON, nullable=False),
    # Two letters of the billing address, empty where there is none.
    Column("country", String(2), nullable=False),
    # The user who sent this customer; 0 for nobody.
    Column("referrer_wc_id", BigInteger, nullable=False, server_default=text("0")),
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
# Few of many: those whose customers came on a friend's word.
Index(
    "ix_orders_referred",
    orders.c.store_id,
    orders.c.referrer_wc_id,
    sqlite_where=orders.c.referrer_wc_id > 0,
    postgresql_where=orders.c.referrer_wc_id > 0,
)
# Few, so that living orders are counted in another index as all but these.
Index(
    "ix_orders_deleted",
    orders.c.store_id,
    sqlite_where=orders.c.deleted_at.is_not(None),
    postgresql_where=orders.c.deleted_at.is_not(None),
)

order_lines = Table(
    "order_lines",
    metadata,
    row_id(),
    of_store(),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("wc_id", BigInteger, nullable=False),
    Column("product_id", BigInteger, nullable=False),
    Column("variation_id", BigInteger, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    # Given back on this very line, tax included.
    Column("refunded", BigInteger, nullable=False),
    Column("on_sale", Boolean, nullable=False),
    # The product's categories when it was bought, where the store wrote them down; else those in `products` hold.
    Column("categories", JSON(none_as_null=True)),
    UniqueConstraint("order_id", "wc_id"),
)
# Lines that follow their product from category to category.
Index(
    "ix_order_lines_following",
    order_lines.c.store_id,
    order_lines.c.product_id,
    sqlite_where=order_lines.c.categories.is_(None),
    postgresql_where=order_lines.c.categories.is_(None),
)

refunds = Table(
    "refunds",
    metadata,
    row_id(),
    of_store(),
    Column("order_id", Id, ForeignKey("orders.id"), nullable=False),
    Column("wc_id", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("refunded_at", UtcTime),
    UniqueConstraint("order_id", "wc_id"),
)

# What customers wrote about products, as far as the store shows it.
reviews = Table(
    "reviews",
    metadata,
    row_id(),
    of_store(),
    Column("wc_id", BigInteger, nullable=False),
    Column("wc_customer_id", BigInteger, nullable=False),
    Column("product_id", BigInteger, nullable=False),
    Column("reviewed_at", UtcTime, nullable=False),
    Column("is_shown", Boolean, nullable=False),
    Column("observed_at", UtcTime, nullable=False),
    UniqueConstraint("store_id", "wc_id"),
)
Index(None, reviews.c.store_id, reviews.c.wc_customer_id)

# Which categories a product is in, parents included, as rules on categories need it.
products = Table(
    "products",
    metadata,
    row_id(),
    of_store(),
    Column("wc_id", BigInteger, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("observed_at", UtcTime, nullable=False),
    # Where it moved: the last customer, by id, who has been looked at for having bought it; empty where all have.
    Column("outdated_up_to", Id),
    UniqueConstraint("store_id", "wc_id"),
)
Index(
    "ix_products_moved",
    products.c.store_id,
    products.c.outdated_up_to,
    sqlite_where=products.c.outdated_up_to.is_not(None),
    postgresql_where=products.c.outdated_up_to.is_not(None),
)
