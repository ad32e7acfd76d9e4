"""Brings a database to the tables this version of the connector needs.

Migrations only go forward: to go back, restore the backup that was made before.
"""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from connector.db.session import reading, transaction

# Any number will do, as long as every process that migrates uses the same one.
_PROCESSES_TAKE_TURNS = 7_356_148_271


def alembic_config() -> Config:
    """Return where alembic finds the migrations: inside the installed package, without a file beside it."""
    config = Config()
    config.set_main_option("script_location", "connector:db/migrations")
    return config


def upgrade(engine: Engine) -> None:
    """Apply the migrations that are missing, all or none; return at once where there are none.

    Processes that start together take turns, and the later ones find nothing left to do. Raises StorageUnavailable
    where the database is out of reach or the turn does not come in time.
    """
    config = alembic_config()
    with transaction(engine) as connection:
        # SQLite's transactions begin by taking the only lock there is.
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _PROCESSES_TAKE_TURNS})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def at_head(engine: Engine) -> bool:
    """Say whether the database has every migration of this version and none it does not know.

    Raises StorageUnavailable where the database is out of reach.
    """
    heads = ScriptDirectory.from_config(alembic_config()).get_heads()
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_heads() == tuple(heads)
