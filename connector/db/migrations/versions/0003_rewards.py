"""Coupons, redemptions, and what people decide by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column declared exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_entitlements()
    _create_suppressions()
    _create_hold_outs()
    _create_issues()
    _create_redemptions()
    _create_redemption_uses()
    _create_adjustments()
    _create_blocks()
    _create_tier_overrides()
    _create_simulations()


def _create_entitlements() -> None:
    op.create_table(
        "entitlements",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("campaign", sa.String(length=40), nullable=False),
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("variant", sa.String(length=40), nullable=False),
        sa.Column("is_benefit", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("cost", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("took_off", sa.BigInteger(), nullable=True),
        sa.Column("used_on", sa.Integer(), nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("granted_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_entitlements_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_entitlements_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlements")),
        sa.UniqueConstraint("store_id", "code", name=op.f("uq_entitlements_store_id_code")),
        sa.UniqueConstraint(
            "store_id",
            "customer_id",
            "campaign",
            "occasion",
            name=op.f("uq_entitlements_store_id_customer_id_campaign_occasion"),
        ),
    )
    op.create_index(
        "ix_entitlements_budget", "entitlements", ["store_id", "state", "is_benefit", "used_on", "took_off", "cost"]
    )


def _create_suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("campaign", sa.String(length=40), nullable=False),
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("suppressed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_suppressions_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_suppressions_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
        sa.UniqueConstraint(
            "store_id",
            "customer_id",
            "campaign",
            "occasion",
            "rule",
            name=op.f("uq_suppressions_store_id_customer_id_campaign_occasion_rule"),
        ),
    )
    op.create_index(op.f("ix_suppressions_store_id_campaign"), "suppressions", ["store_id", "campaign"])


def _create_hold_outs() -> None:
    op.create_table(
        "hold_outs",
        sa.Column("customer_id", ID, autoincrement=False, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("drawn_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_hold_outs_customer_id_customers")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_hold_outs_store_id_stores")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_hold_outs")),
    )


def _create_issues() -> None:
    op.create_table(
        "issues",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("campaign", sa.String(length=40), nullable=False),
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("preview", sa.Boolean(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("last_customer_id", ID, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("tally", sa.JSON(), nullable=False),
        sa.Column("promised", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_issues_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
        sa.UniqueConstraint("public_id", name=op.f("uq_issues_public_id")),
    )
    op.create_index(op.f("ix_issues_store_id_id"), "issues", ["store_id", "id"])


def _create_redemptions() -> None:
    op.create_table(
        "redemptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("reserved_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("order_id", ID),
        sa.Column("refusal", sa.Text()),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_redemptions_customer_id_customers")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_redemptions_order_id_orders")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_redemptions_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemptions")),
        sa.UniqueConstraint("store_id", "code", name=op.f("uq_redemptions_store_id_code")),
        sa.UniqueConstraint("store_id", "idempotency_key", name=op.f("uq_redemptions_store_id_idempotency_key")),
    )
    op.create_index(op.f("ix_redemptions_store_id_customer_id"), "redemptions", ["store_id", "customer_id"])
    op.create_index(
        op.f("ix_redemptions_store_id_state_expires_at"), "redemptions", ["store_id", "state", "expires_at"]
    )


def _create_redemption_uses() -> None:
    op.create_table(
        "redemption_uses",
        sa.Column("redemption_id", ID, autoincrement=False, nullable=False),
        sa.Column("order_id", ID, autoincrement=False, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_redemption_uses_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemptions.id"], name=op.f("fk_redemption_uses_redemption_id_redemptions")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_redemption_uses_store_id_stores")),
        sa.PrimaryKeyConstraint("redemption_id", "order_id", name=op.f("pk_redemption_uses")),
    )
    op.create_index(op.f("ix_redemption_uses_order_id"), "redemption_uses", ["order_id"])


def _create_adjustments() -> None:
    op.create_table(
        "adjustments",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("to_customer_id", ID),
        sa.Column("idempotency_key", sa.String(length=128), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.CheckConstraint("points <> 0", name=op.f("ck_adjustments_moves_something")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_adjustments_customer_id_customers")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_adjustments_store_id_stores")),
        sa.ForeignKeyConstraint(
            ["to_customer_id"], ["customers.id"], name=op.f("fk_adjustments_to_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustments")),
        sa.UniqueConstraint("store_id", "idempotency_key", name=op.f("uq_adjustments_store_id_idempotency_key")),
    )
    op.create_index(op.f("ix_adjustments_store_id_customer_id"), "adjustments", ["store_id", "customer_id"])


def _create_blocks() -> None:
    op.create_table(
        "blocks",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("until_at", TIME),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_blocks_customer_id_customers")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_blocks_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
    )
    op.create_index(op.f("ix_blocks_store_id_customer_id"), "blocks", ["store_id", "customer_id"])


def _create_tier_overrides() -> None:
    op.create_table(
        "tier_overrides",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("tier", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("from_day", sa.Integer(), nullable=False),
        sa.Column("until_day", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_tier_overrides_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_tier_overrides_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_overrides")),
    )
    op.create_index(op.f("ix_tier_overrides_store_id_customer_id"), "tier_overrides", ["store_id", "customer_id"])


def _create_simulations() -> None:
    op.create_table(
        "simulations",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_simulations_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_simulations_public_id")),
    )
    op.create_index(op.f("ix_simulations_store_id_id"), "simulations", ["store_id", "id"])
