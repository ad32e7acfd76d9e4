"""Databases the tests make for themselves: a private PostgreSQL cluster, and SQLite files.

Both give databases that are migrated, fresh and empty for every test, in a few milliseconds.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import Engine

from connector.db.migrate import upgrade
from connector.db.session import open_engine

HOW_TO_INSTALL = (
    "PostgreSQL is not installed here, so nothing was tested on it: run `apt-get install postgresql`, "
    "or set REGULARS_TEST_POSTGRES_BIN to the folder that holds initdb and postgres"
)

# Triggers and foreign keys stand aside, because the ledger refuses to be emptied. Deleting from a small table is
# far quicker than truncating it, and a large one would slow the tests that come after if its dead rows stayed.
_EMPTY_EVERYTHING = """
SET session_replication_role = replica;
DO $$
DECLARE it record;
BEGIN
  FOR it IN SELECT oid, relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
  LOOP
    IF pg_relation_size(it.oid) > 1000000 THEN EXECUTE format('TRUNCATE %I CASCADE', it.relname);
    ELSE EXECUTE format('DELETE FROM %I', it.relname);
    END IF;
  END LOOP;
  FOR it IN SELECT oid FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
  LOOP PERFORM setval(it.oid, 1, false);
  END LOOP;
END $$;
"""
# What rests in the pool of the tests' own engine holds nothing, and may go on to the next test.
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND NOT (application_name = 'regulars tests' AND state = 'idle')
"""


class Databases(Protocol):
    """Where fresh databases come from. Each gives the URL of one that lives as long as the block."""

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """A database with every table and nothing in them."""

    @contextmanager
    def empty(self) -> Iterator[str]:
        """A database without a table."""

    @contextmanager
    def engine(self, url: str) -> Iterator[Engine]:
        """An engine for a migrated one, with listeners of its own."""


class SqliteDatabases:
    """Files in one folder; a migrated one is a copy of a template that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    @contextmanager
    def migrated(self) -> Iterator[str]:
        template = self._folder / "template.db"
        if not template.exists():
            _migrate(f"sqlite:///{template}")
        with self.empty() as url:
            shutil.copyfile(template, url.removeprefix("sqlite:///"))
            yield url

    @contextmanager
    def empty(self) -> Iterator[str]:
        self._made += 1
        file = self._folder / f"test{self._made}.db"
        yield f"sqlite:///{file}"
        for part in self._folder.glob(f"{file.name}*"):
            part.unlink()

    @contextmanager
    def engine(self, url: str) -> Iterator[Engine]:
        engine = open_engine(url)
        yield engine
        engine.dispose()


class PostgresDatabases:
    """One cluster with one migrated database, emptied before each test that wants it."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        # Kept open, because a new one has to learn of every table before it can empty it.
        self._emptying: psycopg.Connection | None = None
        self._engine: Engine | None = None
        self._made = 0

    @contextmanager
    def migrated(self) -> Iterator[str]:
        url = self._cluster.url("regulars")
        if self._emptying is None:
            self._create("regulars")
            _migrate(url)
            self._emptying = self._cluster.connect("regulars")
        try:
            self._emptying.execute(_END_OTHERS)
        except psycopg.OperationalError:
            # Tests may end every connection there is.
            self._emptying = self._cluster.connect("regulars")
            self._emptying.execute(_END_OTHERS)
        self._emptying.execute(_EMPTY_EVERYTHING)
        yield url

    @contextmanager
    def engine(self, url: str) -> Iterator[Engine]:
        if self._engine is None:
            self._engine = open_engine(f"{url}&application_name=regulars%20tests")
        yield self._engine.execution_options()

    def close(self) -> None:
        """Let go of the cluster."""
        if self._engine is not None:
            self._engine.dispose()
        if self._emptying is not None:
            self._emptying.close()

    @contextmanager
    def empty(self) -> Iterator[str]:
        self._made += 1
        name = f"empty{self._made}"
        self._create(name)
        yield self._cluster.url(name)
        with self._cluster.connect() as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _create(self, name: str) -> None:
        with self._cluster.connect() as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _migrate(url: str) -> None:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()


class Cluster:
    """A PostgreSQL server of our own: own folder, a Unix socket only we can reach, no TCP, nothing kept."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        # Short, because a socket's path may have about a hundred characters only.
        self.folder = Path(tempfile.mkdtemp(prefix="regulars-pg-", dir=roomy_memory()))
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_owner())
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one database of the cluster."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A plain connection that commits every statement."""
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True)

    def start(self) -> None:
        """Make the cluster and return when it answers. RuntimeError with the log where it ends instead."""
        with (self.folder / "log").open("wb") as log:
            self._run_initdb(log)
            self._process = self._spawn(log)
        while True:
            if self._process.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")
            try:
                self.connect().close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """End the server without waiting for its clients, and forget everything."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=20)
        shutil.rmtree(self.folder)

    def _run_initdb(self, log: IO[bytes]) -> None:
        command: list[str | Path] = [
            self._binaries / "initdb",
            "--pgdata",
            self.folder / "data",
            "--username=postgres",
            "--auth=trust",
        ]
        subprocess.run(
            [*command, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            stdout=log,
            stderr=subprocess.STDOUT,
            check=True,
            **self._as_owner(),
        )

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
            "shared_buffers": "32MB",
        }
        # A killed test run leaves no server behind, where the system can promise that.
        ends_with_us = ["setpriv", "--pdeathsig", "INT", "--"] if shutil.which("setpriv") else []
        return subprocess.Popen(
            [
                *ends_with_us,
                self._binaries / "postgres",
                *("-D", self.folder / "data"),
                *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            **self._as_owner(),
        )

    def _as_owner(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as root."""
        settings: dict[str, Any] = {"cwd": self.folder}
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_owner())
            settings |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        return settings


def find_binaries() -> Path | None:
    """The folder with PostgreSQL's server programs, or None where it is not installed."""
    named = os.environ.get("REGULARS_TEST_POSTGRES_BIN")
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    candidates = [*([Path(named)] if named else []), *reversed(debian), *([Path(on_path).parent] if on_path else [])]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


def _owner() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def roomy_memory() -> str | None:
    """Memory instead of a disk where there is plenty: databases write small files, and wait for every commit."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2_000_000_000 else None
