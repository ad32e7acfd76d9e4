"""What alembic runs: the migrations, on the connection `connector.db.migrate` hands over.

From alembic's own command line (to draft a new migration) there is none, and the settings name the database.
"""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from connector.db.session import open_engine, transaction
from connector.db.tables import metadata
from connector.settings import load_settings

# How SQLite checks at commit that points balance; see the migration of the ledger.
_NOT_OURS_TO_QUERY = {"unbalanced_postings"}


def _is_compared(
    _object: Any, name: str | None, _type: str, reflected: bool, _compare_to: Any
) -> Literal[True] | bool:
    return not (reflected and name in _NOT_OURS_TO_QUERY)


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, include_object=_is_compared)
    with context.begin_transaction():
        context.run_migrations()


if "connection" in context.config.attributes:
    _run(context.config.attributes["connection"])
else:
    _engine = open_engine(load_settings().database_url)
    with transaction(_engine) as _connection:
        _run(_connection)
    _engine.dispose()
