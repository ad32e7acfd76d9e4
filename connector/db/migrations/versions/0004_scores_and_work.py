"""Scores, what each store should hold, and the work that is owed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column declared exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_score_runs()
    _create_standings()
    _create_store_reports()
    _create_backfills()
    _create_outbox()
    _create_work()
    _create_ticks()
    _create_calls()


def _create_score_runs() -> None:
    op.create_table(
        "score_runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=24), nullable=False),
        sa.Column("fitted", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_score_runs_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_runs")),
    )
    op.create_index(op.f("ix_score_runs_store_id_id"), "score_runs", ["store_id", "id"])


def _create_standings() -> None:
    op.create_table(
        "standings",
        sa.Column("customer_id", ID, autoincrement=False, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("score_run_id", ID),
        sa.Column("tier", sa.String(length=24), nullable=False),
        sa.Column("tier_since", sa.Date()),
        sa.Column("tier_falls_on", sa.Date()),
        sa.Column("window_value", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("recency_days", sa.Integer()),
        sa.Column("frequency", sa.Integer(), nullable=False),
        sa.Column("monetary", sa.BigInteger(), nullable=False),
        sa.Column("rfm", sa.String(length=3), nullable=False),
        sa.Column("segment", sa.String(length=24), nullable=False),
        sa.Column("previous_segment", sa.String(length=24), server_default="", nullable=False),
        sa.Column("p_alive", sa.Float()),
        sa.Column("p_order_30d", sa.Float()),
        sa.Column("p_order_90d", sa.Float()),
        sa.Column("p_order_365d", sa.Float()),
        sa.Column("expected_orders", sa.Float()),
        sa.Column("clv", sa.BigInteger()),
        sa.Column("clv_low", sa.BigInteger()),
        sa.Column("clv_high", sa.BigInteger()),
        sa.Column("next_order_from", sa.Integer()),
        sa.Column("next_order_to", sa.Integer()),
        sa.Column("basis", sa.String(length=24), nullable=False),
        sa.Column("scored_at", TIME, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_standings_customer_id_customers")),
        sa.ForeignKeyConstraint(
            ["score_run_id"], ["score_runs.id"], name=op.f("fk_standings_score_run_id_score_runs")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_standings_store_id_stores")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_standings")),
    )
    op.create_index(op.f("ix_standings_store_id_clv"), "standings", ["store_id", "clv"])


def _create_store_reports() -> None:
    op.create_table(
        "store_reports",
        sa.Column("store_id", ID, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("as_of", TIME, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_store_reports_store_id_stores")),
        sa.PrimaryKeyConstraint("store_id", "name", name=op.f("pk_store_reports")),
    )


def _create_backfills() -> None:
    op.create_table(
        "backfills",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("cursor", sa.JSON(), nullable=False),
        sa.Column("customers_done", sa.Integer(), nullable=False),
        sa.Column("customers_total", sa.Integer(), nullable=False),
        sa.Column("orders_done", sa.Integer(), nullable=False),
        sa.Column("orders_total", sa.Integer(), nullable=False),
        sa.Column("unreadable", sa.JSON(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_backfills_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfills")),
    )
    op.create_index(op.f("ix_backfills_store_id_id"), "backfills", ["store_id", "id"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("wc_id", sa.BigInteger()),
        sa.Column("desired", sa.JSON(), nullable=False),
        sa.Column("desired_hash", sa.String(length=64), nullable=False),
        sa.Column("written_hash", sa.String(length=64)),
        sa.Column("desired_at", TIME, nullable=False),
        sa.Column("written_at", TIME),
        sa.Column("refusal", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", TIME),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_outbox_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("store_id", "kind", "subject_id", name=op.f("uq_outbox_store_id_kind_subject_id")),
    )
    op.create_index(
        "ix_outbox_unwritten",
        "outbox",
        ["store_id", "kind", "attempts", "id"],
        sqlite_where=sa.text("outbox.written_hash IS NOT outbox.desired_hash AND refusal IS NULL"),
        postgresql_where=sa.text("written_hash IS DISTINCT FROM desired_hash AND refusal IS NULL"),
    )
    op.create_index(
        "ix_outbox_retries",
        "outbox",
        ["store_id", "retry_at"],
        sqlite_where=sa.text("retry_at IS NOT NULL"),
        postgresql_where=sa.text("retry_at IS NOT NULL"),
    )


def _create_work() -> None:
    op.create_table(
        "work",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("job", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("offered_at", TIME),
        sa.Column("claimed_by", sa.String(length=64)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger()),
        sa.Column("last_error", sa.Text()),
        sa.Column("parked_at", TIME),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_work_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
        sa.UniqueConstraint("store_id", "job", "subject", name=op.f("uq_work_store_id_job_subject")),
    )
    op.create_index(op.f("ix_work_due_at"), "work", ["due_at"])


def _create_ticks() -> None:
    op.create_table(
        "ticks",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ticks")),
    )


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("store_id", ID, nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("called_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_calls_store_id_stores")),
        sa.PrimaryKeyConstraint("store_id", "message_id", name=op.f("pk_calls")),
    )
    op.create_index(op.f("ix_calls_store_id_called_at"), "calls", ["store_id", "called_at"])
