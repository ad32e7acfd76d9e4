"""Stores, and what they told us about customers and orders."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column declared exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_stores()
    _create_pairing_codes()
    _create_programmes()
    _create_inbox()
    _create_customers()
    _create_orders()
    _index_orders()
    _create_order_lines()
    _create_refunds()
    _create_reviews()
    _create_products()


def _create_stores() -> None:
    op.create_table(
        "stores",
        sa.Column("id", ID, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("site_url", sa.String(length=500), nullable=False),
        sa.Column("rest_url", sa.String(length=500), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("consumer_key", sa.LargeBinary(), nullable=False),
        sa.Column("consumer_secret", sa.LargeBinary(), nullable=False),
        sa.Column("signing_secret", sa.LargeBinary(), nullable=False),
        sa.Column("draw_key", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("connected_at", TIME, nullable=False),
        sa.Column("disconnected_at", TIME),
        sa.Column("last_delivery_at", TIME),
        sa.Column("last_error", sa.Text()),
        sa.Column("rest_requests", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("batch_size", sa.Integer(), server_default=sa.text("100"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stores")),
        sa.UniqueConstraint("public_id", name=op.f("uq_stores_public_id")),
        sa.UniqueConstraint("site_url", name=op.f("uq_stores_site_url")),
    )


def _create_pairing_codes() -> None:
    op.create_table(
        "pairing_codes",
        sa.Column("id", ID, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_pairing_codes_code_hash")),
    )


def _create_programmes() -> None:
    op.create_table(
        "programmes",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("effective_from", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_programmes_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
        sa.UniqueConstraint("store_id", "version", name=op.f("uq_programmes_store_id_version")),
    )


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("delivery_id", sa.String(length=128), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=16), nullable=False),
        sa.Column("wc_id", sa.BigInteger(), nullable=False),
        sa.Column("observed_at", TIME, nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True)),
        sa.Column("causes", sa.JSON(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("done_at", TIME),
        sa.Column("outcome", sa.String(length=200)),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_inbox_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("store_id", "delivery_id", name=op.f("uq_inbox_store_id_delivery_id")),
    )
    op.create_index(op.f("ix_inbox_store_id_resource_wc_id"), "inbox", ["store_id", "resource", "wc_id"])
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["store_id", "resource", "wc_id"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "ix_inbox_payloads",
        "inbox",
        ["done_at"],
        sqlite_where=sa.text("payload IS NOT NULL"),
        postgresql_where=sa.text("payload IS NOT NULL"),
    )


def _create_customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("wc_id", sa.BigInteger()),
        sa.Column("email", sa.String(length=320)),
        sa.Column("registered_at", TIME),
        sa.Column("birthday", sa.String(length=10)),
        sa.Column("consent", sa.Boolean()),
        sa.Column("observed_at", TIME),
        sa.Column("deleted_at", TIME),
        sa.Column("merged_into_id", ID),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["customers.id"], name=op.f("fk_customers_merged_into_id_customers")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_customers_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("store_id", "wc_id", name=op.f("uq_customers_store_id_wc_id")),
    )
    op.create_index(op.f("ix_customers_store_id_email"), "customers", ["store_id", "email"])
    op.create_index(op.f("ix_customers_store_id_id"), "customers", ["store_id", "id"])
    op.create_index(
        "ix_customers_merged",
        "customers",
        ["store_id", "merged_into_id"],
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index(
        "uq_customers_guest_email",
        "customers",
        ["store_id", "email"],
        unique=True,
        sqlite_where=sa.text("wc_id IS NULL"),
        postgresql_where=sa.text("wc_id IS NULL"),
    )


def _create_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("wc_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", ID),
        sa.Column("wc_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=320)),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("shipping", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("net_value", sa.BigInteger(), nullable=False),
        sa.Column("local_day", sa.Integer(), nullable=False),
        sa.Column("ordered_at", TIME, nullable=False),
        sa.Column("modified_at", TIME, nullable=False),
        sa.Column("observed_at", TIME, nullable=False),
        sa.Column("deleted_at", TIME),
        sa.Column("coupon_codes", sa.JSON(), nullable=False),
        sa.Column("coupon_discounts", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("referrer_wc_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("inbox_id", ID),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_orders_customer_id_customers")),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_orders_inbox_id_inbox")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_orders_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("store_id", "wc_id", name=op.f("uq_orders_store_id_wc_id")),
    )


def _index_orders() -> None:
    op.create_index("ix_orders_purchases", "orders", ["store_id", "customer_id", "local_day", "counts", "net_value"])
    op.create_index(op.f("ix_orders_store_id_email"), "orders", ["store_id", "email"])
    op.create_index(
        "ix_orders_referred",
        "orders",
        ["store_id", "referrer_wc_id"],
        sqlite_where=sa.text("referrer_wc_id > 0"),
        postgresql_where=sa.text("referrer_wc_id > 0"),
    )
    op.create_index(
        "ix_orders_deleted",
        "orders",
        ["store_id"],
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )


def _create_order_lines() -> None:
    op.create_table(
        "order_lines",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("wc_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("variation_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("on_sale", sa.Boolean(), nullable=False),
        sa.Column("categories", sa.JSON(none_as_null=True)),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id_orders")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_order_lines_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "wc_id", name=op.f("uq_order_lines_order_id_wc_id")),
    )
    op.create_index(
        "ix_order_lines_following",
        "order_lines",
        ["store_id", "product_id"],
        sqlite_where=sa.text("categories IS NULL"),
        postgresql_where=sa.text("categories IS NULL"),
    )


def _create_refunds() -> None:
    op.create_table(
        "refunds",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("wc_id", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("refunded_at", TIME),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id_orders")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_refunds_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("order_id", "wc_id", name=op.f("uq_refunds_order_id_wc_id")),
    )


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("wc_id", sa.BigInteger(), nullable=False),
        sa.Column("wc_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("reviewed_at", TIME, nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("observed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_reviews_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("store_id", "wc_id", name=op.f("uq_reviews_store_id_wc_id")),
    )
    op.create_index(op.f("ix_reviews_store_id_wc_customer_id"), "reviews", ["store_id", "wc_customer_id"])


def _create_products() -> None:
    op.create_table(
        "products",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("wc_id", sa.BigInteger(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("observed_at", TIME, nullable=False),
        sa.Column("outdated_up_to", ID),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_products_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("store_id", "wc_id", name=op.f("uq_products_store_id_wc_id")),
    )
    op.create_index(
        "ix_products_moved",
        "products",
        ["store_id", "outdated_up_to"],
        sqlite_where=sa.text("outdated_up_to IS NOT NULL"),
        postgresql_where=sa.text("outdated_up_to IS NOT NULL"),
    )
