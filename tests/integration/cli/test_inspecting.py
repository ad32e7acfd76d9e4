"""`regulars doctor`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, update

from connector.cli import auditing
from connector.db import backfills, customers, inbox, outbox, work
from connector.db.session import transaction
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
            connection, work.want(connection, paired.id, "score", "", moment), "me", moment, work.OFFER_AGAIN_AFTER
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
        for row in outbox.unwritten(connection, paired.id, outbox.COUPON, 10):
            outbox.mark_refused(connection, paired.id, row, "coupon_disabled: Coupons are switched off.")
        read = backfills.latest(connection, paired.id)
        assert read is not None
        backfills.checkpoint(connection, read.id, NOW, unreadable=["The store's order 12 cannot be read: total."])
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


def test_doctor_without_stores_says_how_to_get_one(regulars: Regulars) -> None:
    result = regulars("doctor")
    assert result.exit_code == 0
    assert "regulars pair" in result.output
