from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from connector.db.migrate import alembic_config, at_head, upgrade
from connector.db.session import open_engine
from connector.db.tables import metadata

MADE_BY_MIGRATIONS_ONLY = {"alembic_version", "unbalanced_postings"}


@pytest.fixture
def empty_engine(empty_database_url: str):
    engine = open_engine(empty_database_url)
    yield engine
    engine.dispose()


def schema_of(engine: Engine) -> dict[str, Any]:
    """Everything the database itself says about its tables, in an order that does not depend on their making."""
    catalogue = inspect(engine)
    return {
        table: {
            "columns": [
                (column["name"], repr(column["type"]), column["nullable"], column["default"])
                for column in catalogue.get_columns(table)
            ],
            "primary key": _as_text(catalogue.get_pk_constraint(table)),
            "foreign keys": sorted(map(_as_text, catalogue.get_foreign_keys(table))),
            "unique": sorted(map(_as_text, catalogue.get_unique_constraints(table))),
            "checks": sorted(map(_as_text, catalogue.get_check_constraints(table))),
            "indexes": sorted(map(_as_text, catalogue.get_indexes(table))),
        }
        for table in catalogue.get_table_names()
        if table not in MADE_BY_MIGRATIONS_ONLY
    }


def _as_text(described: object) -> str:
    return json.dumps(described, default=str, sort_keys=True)


def test_the_migrations_make_the_tables_the_code_describes(engine, empty_engine):
    metadata.create_all(empty_engine)

    assert schema_of(engine) == schema_of(empty_engine)


def test_alembic_finds_nothing_left_to_migrate(database_url, monkeypatch):
    monkeypatch.setenv("REGULARS_DATABASE_URL", database_url)

    command.check(alembic_config())


def test_a_database_without_tables_is_not_at_head_until_it_is_upgraded(empty_engine):
    assert not at_head(empty_engine)

    upgrade(empty_engine)

    assert at_head(empty_engine)


def test_upgrading_again_keeps_what_is_there(engine, store):
    upgrade(engine)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT public_id FROM stores")).scalars().all() == [store.public_id]


def test_a_database_of_a_later_version_is_not_at_head(empty_engine):
    upgrade(empty_engine)
    with empty_engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))

    assert not at_head(empty_engine)


def test_an_upgrade_that_fails_leaves_nothing_behind(empty_engine):
    with empty_engine.begin() as connection:
        connection.execute(text("CREATE TABLE entries (in_the_way INTEGER)"))

    with pytest.raises(DBAPIError, match="entries"):
        upgrade(empty_engine)

    assert inspect(empty_engine).get_table_names() == ["entries"]


def test_processes_that_start_together_migrate_once(empty_database_url, empty_engine):
    program = (
        "import sys\n"
        "from connector.db.migrate import upgrade\n"
        "from connector.db.session import open_engine\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "engine = open_engine(sys.argv[1])\n"
        "upgrade(engine)\n"
        "engine.dispose()\n"
    )
    starting = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", program, empty_database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [process.stdout.readline() for process in starting] == ["ready\n"] * 2

    for process in starting:
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [process.communicate(timeout=60) for process in starting]

    assert [errors for _, errors in ended] == [""] * 2
    assert [process.returncode for process in starting] == [0] * 2
    assert at_head(empty_engine)
