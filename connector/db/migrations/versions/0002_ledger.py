"""The points ledger, which the database itself keeps append-only and in balance.

The triggers cannot stop whoever owns the database from dropping them, nor SQLite's INSERT OR REPLACE: they are
there so that no mistake of ours rewrites history. A correction is a posting of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# SQLite numbers rows only in a column declared exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

APPEND_ONLY = "the ledger is append-only; correct it by a new posting"


def upgrade() -> None:
    _create_postings()
    _create_entries()
    _create_lots()
    _create_spends()
    _create_write_offs()
    _create_accounts()
    if op.get_bind().dialect.name == "sqlite":
        _refuse_changes_on_sqlite()
        _balance_on_sqlite()
    else:
        _refuse_changes_on_postgresql()
        _balance_on_postgresql()


def _create_postings() -> None:
    op.create_table(
        "postings",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("idempotency_key", sa.String(length=160), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("order_id", ID),
        sa.Column("inbox_id", ID),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("posted_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_postings_inbox_id_inbox")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_postings_order_id_orders")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_postings_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
        sa.UniqueConstraint("store_id", "idempotency_key", name=op.f("uq_postings_store_id_idempotency_key")),
    )
    op.create_index(op.f("ix_postings_order_id"), "postings", ["order_id"])
    op.create_index(op.f("ix_postings_store_id_source"), "postings", ["store_id", "source"])


def _create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("posting_id", ID, nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("customer_id", ID),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(account IN ('pending', 'available', 'owed')) = (customer_id IS NOT NULL)",
            name=op.f("ck_entries_customer_accounts_name_a_customer"),
        ),
        sa.CheckConstraint("points <> 0", name=op.f("ck_entries_moves_something")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_entries_customer_id_customers")),
        sa.ForeignKeyConstraint(["posting_id"], ["postings.id"], name=op.f("fk_entries_posting_id_postings")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_entries_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    op.create_index(op.f("ix_entries_customer_id_points"), "entries", ["customer_id", "points"])
    op.create_index(op.f("ix_entries_posting_id"), "entries", ["posting_id"])


def _create_lots() -> None:
    op.create_table(
        "lots",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("order_id", ID),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("earned_at", TIME, nullable=False),
        sa.Column("available_at", TIME, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("expired", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_lots_points_are_not_negative")),
        sa.CheckConstraint(
            "spent >= 0 AND expired >= 0 AND spent + expired <= points", name=op.f("ck_lots_not_overspent")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_lots_customer_id_customers")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_lots_order_id_orders")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_lots_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
        sa.UniqueConstraint("store_id", "source", name=op.f("uq_lots_store_id_source")),
    )
    op.create_index(op.f("ix_lots_order_id"), "lots", ["order_id"])
    op.create_index(op.f("ix_lots_store_id_customer_id"), "lots", ["store_id", "customer_id"])


def _create_spends() -> None:
    op.create_table(
        "spends",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("spent_at", TIME, nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_spends_points_are_not_negative")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_spends_customer_id_customers")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_spends_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spends")),
        sa.UniqueConstraint("store_id", "source", name=op.f("uq_spends_store_id_source")),
    )
    op.create_index(op.f("ix_spends_store_id_customer_id"), "spends", ["store_id", "customer_id"])


def _create_write_offs() -> None:
    op.create_table(
        "write_offs",
        sa.Column("id", ID, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("written_off_at", TIME, nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_write_offs_points_are_positive")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_write_offs_customer_id_customers")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_write_offs_store_id_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_offs")),
    )
    op.create_index(op.f("ix_write_offs_store_id_customer_id"), "write_offs", ["store_id", "customer_id"])


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("customer_id", ID, autoincrement=False, nullable=False),
        sa.Column("store_id", ID, nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("expiring", sa.BigInteger(), nullable=False),
        sa.Column("expiring_at", TIME),
        sa.Column("next_change_at", TIME),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("settled_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_accounts_customer_id_customers")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_accounts_store_id_stores")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_accounts")),
    )
    op.create_index(op.f("ix_accounts_store_id_next_change_at"), "accounts", ["store_id", "next_change_at"])
    op.create_index(op.f("ix_accounts_store_id_rule_version"), "accounts", ["store_id", "rule_version"])


def _refuse_changes_on_sqlite() -> None:
    for table in ("postings", "entries"):
        for change in ("UPDATE", "DELETE"):
            op.execute(f"""
                CREATE TRIGGER {table}_refuse_{change.lower()} BEFORE {change} ON {table}
                BEGIN SELECT RAISE(ABORT, '{table}: {APPEND_ONLY}'); END
            """)


def _balance_on_sqlite() -> None:
    """SQLite defers nothing but foreign keys: a posting out of balance holds a row that points nowhere."""
    op.execute("""
        CREATE TABLE unbalanced_postings (
            posting_id INTEGER PRIMARY KEY,
            points BIGINT NOT NULL,
            nowhere INTEGER NOT NULL DEFAULT 0
                CONSTRAINT entries_of_a_posting_sum_to_zero REFERENCES postings (id) DEFERRABLE INITIALLY DEFERRED
        )
    """)
    op.execute("""
        CREATE TRIGGER entries_balance AFTER INSERT ON entries
        BEGIN
            INSERT INTO unbalanced_postings (posting_id, points) VALUES (NEW.posting_id, NEW.points)
                ON CONFLICT (posting_id) DO UPDATE SET points = points + excluded.points;
            DELETE FROM unbalanced_postings WHERE posting_id = NEW.posting_id AND points = 0;
        END
    """)


def _refuse_changes_on_postgresql() -> None:
    op.execute(f"""
        CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '%: {APPEND_ONLY}', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END $$
    """)
    for table in ("postings", "entries"):
        op.execute(f"""
            CREATE TRIGGER {table}_refuse_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
        """)


def _balance_on_postgresql() -> None:
    op.execute("""
        CREATE FUNCTION refuse_unbalanced_posting() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE total numeric := (SELECT sum(points) FROM entries WHERE posting_id = NEW.posting_id);
        BEGIN
            IF total <> 0 THEN
                RAISE EXCEPTION 'the entries of posting % sum to %, not to zero', NEW.posting_id, total
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER entries_balance AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_posting()
    """)
