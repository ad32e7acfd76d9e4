"""`regulars doctor`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, make_url, update

from connector.cli import auditing
from connector.clock import utc_now
from connector.db import backfills, customers, inbox, outbox, unattended, work
from connector.db.session import open_engine, transaction
from connector.db.stores import Store
from connector.db.tables import accounts
from tests.integration.cli.conftest import Regulars
from tests.sample_shop import SampleShop

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_doctor_finds_nothing_wrong_with_a_store_that_is_in_step(regulars: Regulars, paired: Store) -> None:
    regulars("backfill")
    result = regulars("doctor")
    assert result.exit_code == 0, result.output
    assert "!!" not in result.output
    assert "WooCommerce" in result.output


def test_doctor_names_a_refused_key_and_ends_with_status_1(
    regulars: Regulars, paired: Store, shop: SampleShop
) -> None:
    regulars("backfill")
    shop.faults.add("status", times=50, status=401)
    result = regulars("doctor")
    assert result.exit_code == 1
    assert "REST     !!" in result.output


def test_doctor_shows_the_sentence_of_work_that_failed(
    regulars: Regulars, paired: Store, engine: Engine, now: object
) -> None:
    regulars("backfill")
    with transaction(engine) as connection:
        moment = paired.connected_at
        held = work.claim(
            connection,
            work.want(connection, paired.id, "score", "", moment),
            "me",
            moment,
            unattended.OFFER_AGAIN_AFTER,
        )
        assert held is not None
        work.put_off(connection, held, moment, "The store does not answer.")
    result = regulars("doctor")
    assert result.exit_code == 1
    assert "The store does not answer." in result.output


def test_doctor_says_what_the_store_refused_and_what_could_not_be_read(
    regulars: Regulars, paired: Store, engine: Engine
) -> None:
    regulars("backfill")
    with transaction(engine) as connection:
        outbox.desire(connection, paired.id, outbox.COUPON, [(1, None, {"code": "a"}), (2, None, {"code": "b"})], NOW)
        for row in outbox.unwritten(connection, paired.id, outbox.COUPON, 10, NOW):
            outbox.mark_refused(connection, paired.id, row, "coupon_disabled: Coupons are switched off.")
        read = backfills.latest(connection, paired.id)
        assert read is not None
        backfills.checkpoint(
            connection, paired.id, read.id, NOW, unreadable=["The store's order 12 cannot be read: total."]
        )
        lost = inbox.Delivery("msg_1", "plugin", "order.updated", "order", 7, NOW, {"id": 7})
        kept = inbox.keep(connection, paired.id, lost, NOW)
        assert kept is not None
        inbox.settle(connection, paired.id, [kept], inbox.UNREADABLE, NOW)

    result = regulars("doctor")

    assert result.exit_code == 1
    assert "2 × coupon_disabled: Coupons are switched off." in result.output
    assert "The store's order 12 cannot be read: total." in result.output
    assert "the log names the fields:\n           order 7\n" in result.output


def test_doctor_derives_every_balance_anew(regulars: Regulars, paired: Store, engine: Engine) -> None:
    regulars("backfill")
    with transaction(engine) as connection:
        known = customers.count(connection, paired.id)
    assert known >= 40
    assert f"the points of {known} customers are what their facts make of them" in regulars("doctor").output


def test_doctor_names_what_differs_and_counts_the_rest(
    regulars: Regulars, paired: Store, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "_CHUNK", 7)
    regulars("backfill")
    with transaction(engine) as connection:
        tampered = connection.execute(update(accounts).values(available=accounts.c.available + 1)).rowcount
    result = regulars("doctor")
    assert result.exit_code == 1
    assert f"{tampered} differences from the facts" in result.output
    assert result.output.count("its entries sum to") == 20
    assert f"and {tampered - 20} more" in result.output


def test_doctor_names_the_database_it_looked_at_but_no_password(
    regulars: Regulars, environment: dict[str, str | None]
) -> None:
    said = regulars("doctor").output
    assert "database   ok   " in said
    url = make_url(environment["REGULARS_DATABASE_URL"] or "")
    assert str(url.database) in said
    assert url.password is None or url.password not in said


def test_doctor_says_that_a_queue_within_up_cannot_be_looked_at(regulars: Regulars) -> None:
    assert "queue      ..   not looked at" in regulars("doctor").output


def test_doctor_says_of_a_mistyped_folder_that_nothing_is_there_and_makes_nothing(
    regulars: Regulars, environment: dict[str, str | None], tmp_path: Path
) -> None:
    environment |= {"REGULARS_DATA_DIR": str(tmp_path / "typo"), "REGULARS_DATABASE_URL": None}

    result = regulars("doctor")

    assert result.exit_code == 1
    assert f"there is none yet at {tmp_path / 'typo' / 'regulars.db'}" in result.output
    assert not (tmp_path / "typo").exists()


def test_doctor_makes_no_key(regulars: Regulars, environment: dict[str, str | None], tmp_path: Path) -> None:
    environment |= {"REGULARS_DATA_DIR": str(tmp_path / "typo"), "REGULARS_SECRET_KEY": None}

    result = regulars("doctor")

    assert result.exit_code == 1
    assert f"there is none yet at {tmp_path / 'typo' / 'secret.key'}" in result.output
    assert not (tmp_path / "typo").exists()


def test_doctor_leaves_a_database_without_this_versions_tables_as_it_is(
    regulars: Regulars, environment: dict[str, str | None], empty_database_url: str
) -> None:
    environment["REGULARS_DATABASE_URL"] = empty_database_url
    engine = open_engine(empty_database_url)
    with transaction(engine):
        pass

    result = regulars("doctor")

    assert result.exit_code == 1
    assert "the tables are of another version" in result.output
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_doctor_says_when_nobody_is_at_work(regulars: Regulars, paired: Store, engine: Engine) -> None:
    regulars("backfill")
    with transaction(engine) as connection:
        work.want(connection, paired.id, "award", "customer:1", utc_now() - unattended.LEFT_ALONE_AFTER)

    result = regulars("doctor")

    assert result.exit_code == 1
    assert "workers    !!   nobody is at work: 1 ×" in result.output


def test_doctor_without_stores_says_how_to_get_one(regulars: Regulars) -> None:
    result = regulars("doctor")
    assert result.exit_code == 0
    assert "regulars pair" in result.output
