from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, select

from connector.db import programmes
from connector.db.programmes import StaleVersion
from connector.db.session import reading, transaction
from connector.db.tables import programmes as programmes_table
from connector.domain.programme import Programme, Tier
from connector.domain.programme.document import ProgrammeInvalid
from connector.domain.programme.ladder import Ladder

GENEROUS = Programme(ladder=Ladder((Tier("member", 0), Tier("gold", 100))))


def read(engine, question, *arguments):
    with reading(engine) as connection:
        return question(connection, *arguments)


def save(engine, store, wanted, read_at_version, effective_from, now):
    with transaction(engine) as connection:
        return programmes.save(connection, store.id, wanted, read_at_version, effective_from, now)


def test_a_new_store_starts_with_the_default_programme(engine, store, now):
    assert read(engine, programmes.every, store.id) == [Programme()]
    assert read(engine, programmes.current, store.id, now) == Programme()


def test_every_change_is_a_version_of_its_own_and_says_from_when_it_holds(engine, store, other_store, now):
    second = save(engine, store, GENEROUS, 1, now, now)
    third = save(engine, store, Programme(margin=0.4), 2, None, now)

    assert second == replace(GENEROUS, version=2, effective_from=now)
    assert third == Programme(version=3, margin=0.4)
    assert read(engine, programmes.every, store.id) == [Programme(), second, third]
    assert read(engine, programmes.every, other_store.id) == [Programme()]


def test_a_version_to_come_is_not_in_force_before_its_time(engine, store, now):
    later = now + timedelta(days=3)
    second = save(engine, store, GENEROUS, 1, later, now)

    assert read(engine, programmes.current, store.id, later - timedelta(seconds=1)).version == 1
    assert read(engine, programmes.current, store.id, later) == second
    assert read(engine, programmes.latest, store.id) == second


def test_who_read_an_older_version_does_not_overwrite_a_newer_one(engine, store, now):
    save(engine, store, GENEROUS, 1, now, now)

    with pytest.raises(StaleVersion) as refusal:
        save(engine, store, Programme(margin=0.4), 1, now, now)

    assert refusal.value.latest == 2
    assert [one.version for one in read(engine, programmes.every, store.id)] == [1, 2]


def test_of_several_who_save_at_once_from_one_version_one_succeeds(engine, store, now):
    start = threading.Barrier(4)
    outcomes = []

    def one_of_them(number):
        start.wait()
        try:
            outcomes.append(save(engine, store, Programme(margin=number / 10), 1, now, now).version)
        except StaleVersion:
            outcomes.append("stale")

    threads = [threading.Thread(target=one_of_them, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes, key=str) == [2, "stale", "stale", "stale"]
    assert len(read(engine, programmes.every, store.id)) == 2


def test_a_programme_that_no_document_may_hold_is_not_stored(engine, store, now):
    with pytest.raises(ProgrammeInvalid, match=r"redeeming.minimum"):
        save(
            engine,
            store,
            replace(Programme(), redeeming=replace(Programme().redeeming, minimum=0)),
            1,
            None,
            now,
        )

    assert read(engine, programmes.every, store.id) == [Programme()]


def test_a_document_of_an_older_format_is_still_read(engine, store, now):
    flat = {
        "counting": {"statuses": ["completed"], "include_tax": False, "include_shipping": True},
        "tiers": [{"name": "bronze", "threshold": 0}, {"name": "gold", "threshold": 900}],
        "tier_window_months": 6,
        "second_purchase": {"percent": "12.50", "valid_days": 14, "reach_days": 90},
        "margin": 0.5,
        "annual_discount_rate": 0.2,
    }
    with transaction(engine) as connection:
        connection.execute(
            insert(programmes_table).values(store_id=store.id, version=2, document=flat, created_at=now)
        )

    found = read(engine, programmes.current, store.id, now)
    save(engine, store, found, 2, None, now)

    assert found.ladder == Ladder((Tier("bronze", 0), Tier("gold", 900)), months=6)
    assert [campaign.discount.amount for campaign in found.campaigns] == [Decimal("12.50")]
    stored = select(programmes_table.c.document).where(programmes_table.c.version == 3)
    assert read(engine, lambda connection: connection.execute(stored).scalar_one())["format"] == 2
