from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from connector.db.migrate import at_head
from connector.db.session import StorageContended, StorageUnavailable, open_engine, reading, transaction
from connector.db.tables import ticks
from tests.integration.waiting import apart, waiting


def tick(engine, name, now) -> None:
    with transaction(engine) as connection:
        connection.execute(insert(ticks).values(name=name, last_at=now))


def names(engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(ticks.c.name).order_by(ticks.c.name)).scalars())


def use(context_manager) -> None:
    with context_manager as connection:
        connection.execute(text("SELECT 1"))


@contextmanager
def opened(url, **settings):
    engine = open_engine(url, **settings)
    yield engine
    engine.dispose()


@pytest.fixture
def second(database_url):
    """A second engine on the same database, as another process would have."""
    with opened(database_url) as engine:
        yield engine


@pytest.fixture
def impatient(database_url):
    """An engine on the same database that waits a twentieth of a second for anything."""
    with opened(database_url, wait_seconds=0.05) as engine:
        yield engine


def test_a_transaction_that_ends_is_kept(engine, now):
    tick(engine, "score", now)

    assert names(engine) == ["score"]


def test_a_transaction_that_raises_leaves_nothing_behind(engine, now):
    def fail_half_way():
        with transaction(engine) as connection:
            connection.execute(insert(ticks).values(name="score", last_at=now))
            raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        fail_half_way()

    assert names(engine) == []


def test_a_statement_that_breaks_a_rule_is_no_outage(engine, now):
    tick(engine, "score", now)

    with pytest.raises(IntegrityError):
        tick(engine, "score", now)


@pytest.mark.parametrize("wrong", ["SELECT * FROM no_such_table", "SELECT no_such_column FROM ticks", "SELEKT 1"])
def test_a_statement_in_error_is_no_outage(engine, wrong):
    with pytest.raises(DBAPIError), transaction(engine) as connection:
        connection.execute(text(wrong))


def test_a_foreign_key_that_points_nowhere_is_refused(engine, now):
    with pytest.raises(IntegrityError), transaction(engine) as connection:
        connection.execute(
            text("INSERT INTO programmes (store_id, version, document, created_at) VALUES (99, 1, '{}', :now)"),
            {"now": now.isoformat()},
        )


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_writer_that_waited_for_another_in_vain_is_told_so(engine, impatient, now):
    with transaction(engine), pytest.raises(StorageContended):
        tick(impatient, "score", now)

    tick(engine, "score", now)
    assert names(engine) == ["score"]


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_wait_for_a_lock_ends(engine, impatient, now):
    with transaction(engine) as connection:
        connection.execute(text("LOCK TABLE ticks"))
        with pytest.raises(StorageContended):
            tick(impatient, "score", now)

    tick(engine, "score", now)


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_one_of_two_who_wait_for_each_other_can_begin_again(engine, now):
    def take(connection, *names):
        for name in names:
            connection.execute(update(ticks).where(ticks.c.name == name).values(last_at=now))

    for name in ("score", "celebrate"):
        tick(engine, name, now)
    done = 0
    with suppress(StorageContended), transaction(engine) as connection:
        take(connection, "score")
        other = waiting(connection, apart(engine, lambda beside: take(beside, "celebrate", "score")))
        take(connection, "celebrate")
        done = 1
    with suppress(StorageContended):
        other.result(60)
        done += 1
    assert done == 1


def test_an_exhausted_pool_is_an_outage(impatient):
    connections = [impatient.connect() for _ in range(15)]
    try:
        with pytest.raises(StorageUnavailable, match="in use"):
            use(transaction(impatient))
        with pytest.raises(StorageUnavailable, match="in use"):
            use(reading(impatient))
    finally:
        for connection in connections:
            connection.close()

    use(transaction(impatient))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://postgres@/regulars?host=/nowhere/at/all",
        "postgresql://postgres@127.0.0.1:1/regulars",
        "sqlite:////dev/null/regulars.db",
    ],
)
@pytest.mark.parametrize("block", [transaction, reading], ids=["transaction", "reading"])
def test_a_database_out_of_reach_is_an_outage(url, block, monkeypatch):
    monkeypatch.setattr("pathlib.Path.mkdir", lambda *_, **__: None)
    with opened(url, wait_seconds=0.05) as engine, pytest.raises(StorageUnavailable):
        use(block(engine))


def test_whether_the_tables_are_current_cannot_be_said_of_a_database_out_of_reach():
    with (
        opened("postgresql://postgres@/regulars?host=/nowhere/at/all") as engine,
        pytest.raises(StorageUnavailable),
    ):
        at_head(engine)


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_server_that_ends_the_connection_half_way_is_an_outage_and_leaves_nothing_behind(engine, second, now):
    def be_cut_off():
        with transaction(engine) as connection:
            connection.execute(insert(ticks).values(name="score", last_at=now))
            process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with transaction(second) as other:
                other.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
            connection.execute(text("SELECT 1"))

    with pytest.raises(StorageUnavailable):
        be_cut_off()

    assert names(engine) == []


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_connections_that_died_while_nobody_used_them_are_replaced(engine, second, now):
    tick(engine, "score", now)
    with transaction(second) as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    assert names(engine) == ["score"]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_full_disk_is_an_outage_and_leaves_nothing_behind(engine, now):
    def fill_up():
        with transaction(engine) as connection:
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()
            connection.execute(text(f"PRAGMA max_page_count = {pages}"))
            for number in range(1_000):
                connection.execute(insert(ticks).values(name=f"tick {number}", last_at=now))

    with pytest.raises(StorageUnavailable):
        fill_up()

    assert names(engine) == []


def test_readers_do_not_wait_for_a_writer_and_see_what_was_committed(engine, second, now):
    tick(engine, "before", now)
    with transaction(engine) as connection:
        connection.execute(insert(ticks).values(name="not yet", last_at=now))

        assert names(second) == ["before"]

    assert names(second) == ["before", "not yet"]


def test_a_reader_sees_one_state_however_much_is_written_meanwhile(engine, second, now):
    count = select(func.count()).select_from(ticks)
    with reading(engine) as connection:
        assert connection.execute(count).scalar_one() == 0
        tick(second, "score", now)

        assert connection.execute(count).scalar_one() == 0


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_reader_cannot_write(engine, now):
    with pytest.raises(DBAPIError, match="read-only"), reading(engine) as connection:
        connection.execute(insert(ticks).values(name="score", last_at=now))

    tick(engine, "score", now)


def test_a_writer_does_not_wait_for_readers(engine, second, now):
    with reading(engine) as connection:
        connection.execute(select(ticks))
        tick(second, "score", now)

    assert names(engine) == ["score"]


def test_an_error_does_not_quote_what_was_being_stored(engine):
    with pytest.raises(DBAPIError) as raised, transaction(engine) as connection:
        connection.execute(text("SELECT :email FROM no_such_table"), {"email": "ann@example.com"})

    assert "ann@example.com" not in str(raised.value)


def test_a_moment_comes_back_in_utc_to_the_microsecond(engine):
    moment = datetime(2026, 3, 29, 1, 30, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    tick(engine, "score", moment)

    with reading(engine) as connection:
        stored = connection.execute(select(ticks.c.last_at)).scalar_one()
    assert stored == moment
    assert stored.tzinfo is UTC


def test_engines_that_open_a_new_file_together_all_get_to_write(tmp_path):
    for attempt in range(10):
        url = f"sqlite:///{tmp_path}/{attempt}/regulars.db"
        together = Barrier(4)

        def write(name: str, url=url, together=together) -> None:
            with opened(url) as engine:
                together.wait()
                with transaction(engine) as connection:
                    connection.execute(text("CREATE TABLE IF NOT EXISTS written (name TEXT)"))
                    connection.execute(text("INSERT INTO written VALUES (:name)"), {"name": name})

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, "abcd"))

        with opened(url) as engine, reading(engine) as connection:
            assert sorted(connection.execute(text("SELECT name FROM written")).scalars()) == list("abcd")
