"""Points by hand: in the ledger like any others, once under each key, and never more taken than there is."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from connector.db import accounts, adjustments, ledger, lots, programmes, spends
from connector.db.adjustments import KeyReused, NotEnough
from connector.db.lots import LotFacts
from connector.db.session import reading, transaction
from connector.db.spends import SpendFacts
from connector.domain.programme import Programme
from connector.domain.programme.points import ExpiryBasis, ExpiryRules
from tests.integration.db.by_hand import act, available, give, reasons


def test_points_given_and_taken_are_in_the_ledger_in_the_persons_own_words(engine, store, people, now):
    give(engine, store, people["ann"], 500, now)
    give(engine, store, people["ann"], -120, now, "k2", "Sent twice")

    assert available(engine, store, people["ann"]) == 380
    assert sorted(reasons(engine, store, people["ann"])) == [(-120, "Sent twice"), (500, "Anniversary")]
    with reading(engine) as connection:
        assert ledger.imbalance(connection, store.id) == 0


def test_the_same_key_is_the_same_act(engine, store, people, now):
    first = give(engine, store, people["ann"], 500, now)
    again = give(engine, store, people["ann"], 500, now + timedelta(hours=1))

    assert again == first
    assert available(engine, store, people["ann"]) == 500


@pytest.mark.parametrize(("who", "points"), [("ann", 400), ("bob", 500)])
def test_a_key_cannot_serve_for_something_else(engine, store, people, now, who, points):
    give(engine, store, people["ann"], 500, now)

    with pytest.raises(KeyReused):
        give(engine, store, people[who], points, now)


def test_more_than_is_available_is_not_taken(engine, store, people, now):
    give(engine, store, people["ann"], 500, now)

    with pytest.raises(NotEnough, match="Only 500 points can be taken"):
        give(engine, store, people["ann"], -501, now, "k2")

    assert available(engine, store, people["ann"]) == 500


def test_points_that_have_expired_meanwhile_cannot_be_taken(engine, store, people, now):
    rules = Programme(expiry=ExpiryRules(ExpiryBasis.EARNED, months=1, warn_days=7))
    with transaction(engine) as connection:
        programmes.save(connection, store.id, rules, 1, None, now)
    give(engine, store, people["ann"], 500, now)

    with pytest.raises(NotEnough, match="Only 0 points"):
        give(engine, store, people["ann"], -1, now + timedelta(days=40), "k2")


def test_two_who_take_at_once_never_take_more_than_there_is(engine, store, people, now):
    give(engine, store, people["ann"], 500, now)
    start = threading.Barrier(4)
    outcomes = []

    def take(number):
        start.wait()
        try:
            give(engine, store, people["ann"], -200, now, f"take {number}")
            outcomes.append("taken")
        except NotEnough:
            outcomes.append("refused")

    threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused", "refused", "taken", "taken"]
    assert available(engine, store, people["ann"]) == 100


def earned(connection, store, customer, source, points, at, expires_at=None, available_at=None):
    lots.save(
        connection,
        store.id,
        [LotFacts(customer, source, points, at, available_at or at, expires_at, 1, "USD", source, Decimal(1))],
    )


def test_points_move_with_the_days_they_were_earned_on_and_expire_on(engine, store, people, now):
    ann, bob = people["ann"], people["bob"]
    old, soon = now - timedelta(days=300), now + timedelta(days=10)
    with transaction(engine) as connection:
        earned(connection, store, ann, "bonus:a", 100, old, soon)
        earned(connection, store, ann, "bonus:b", 50, now - timedelta(days=5))
        earned(connection, store, ann, "bonus:c", 70, now, available_at=now + timedelta(days=14))
        accounts.settle(connection, store, programmes.every(connection, store.id), [ann], now)
    give(engine, store, ann, -30, now)

    with transaction(engine) as connection:
        made = adjustments.move(connection, store, ann, bob, act("m1", "One person"), now)
    with transaction(engine) as connection:
        again = adjustments.move(connection, store, ann, bob, act("m1", "One person"), now)

    assert (made.points, again) == (120, made)
    assert (available(engine, store, ann), available(engine, store, bob)) == (0, 120)
    with reading(engine) as connection:
        held = lots.of_customers(connection, store.id, [bob])
        assert accounts.of(connection, store.id, ann).pending == 70
        assert ledger.imbalance(connection, store.id) == 0
    assert [(row.points, row.earned_at, row.expires_at) for row in held] == [
        (70, old, soon),
        (50, now - timedelta(days=5), None),
    ]
    with transaction(engine) as connection:
        accounts.settle(connection, store, programmes.every(connection, store.id), [bob], soon)
    assert available(engine, store, bob) == 50


def test_what_was_spent_and_expired_here_long_ago_takes_nothing_of_points_moved_here_now(engine, store, people, now):
    ann, bob = people["ann"], people["bob"]
    with transaction(engine) as connection:
        versions = programmes.every(connection, store.id)
        earned(connection, store, bob, "bonus:a", 100, now - timedelta(days=90), now - timedelta(days=10))
        spent = SpendFacts(bob, "redemption:1", 100, now - timedelta(days=50), 1, "coupon")
        spends.save(connection, store.id, [spent])
        earned(connection, store, ann, "bonus:b", 40, now - timedelta(days=100))
        accounts.settle(connection, store, versions, [ann, bob], now)
        adjustments.move(connection, store, ann, bob, act("m1", "One person"), now)

    assert (available(engine, store, ann), available(engine, store, bob)) == (0, 40)


def test_points_moved_here_bring_nothing_back_that_a_silence_ended(engine, store, people, now):
    ann, bob = people["ann"], people["bob"]
    rules = ExpiryRules(basis=ExpiryBasis.INACTIVITY, months=12)
    with transaction(engine) as connection:
        silent_since = now - timedelta(days=500)
        programmes.save(connection, store.id, Programme(version=2, expiry=rules), 1, None, silent_since)
        versions = programmes.every(connection, store.id)
        earned(connection, store, bob, "bonus:a", 100, now - timedelta(days=400))
        earned(connection, store, ann, "bonus:b", 50, now - timedelta(days=100))
        # It falls into the year after which Bob's points went.
        earned(connection, store, ann, "bonus:c", 1, now - timedelta(days=300))
        accounts.settle(connection, store, versions, [ann, bob], now)
        assert adjustments.available(connection, store.id, bob) == 0
        adjustments.move(connection, store, ann, bob, act("m1", "One person"), now)

    assert (available(engine, store, ann), available(engine, store, bob)) == (0, 51)


def test_nothing_is_moved_where_there_is_nothing(engine, store, people, now):
    with pytest.raises(NotEnough, match="no points that could be moved"), transaction(engine) as connection:
        adjustments.move(connection, store, people["ann"], people["bob"], act(), now)


def test_points_given_expire_like_points_earned(engine, store, people, now):
    rules = replace(Programme(), expiry=ExpiryRules(ExpiryBasis.EARNED, months=12))
    with transaction(engine) as connection:
        programmes.save(connection, store.id, rules, 1, None, now)

    give(engine, store, people["ann"], 500, now)

    with reading(engine) as connection:
        (lot,) = lots.of_customers(connection, store.id, [people["ann"]])
    assert lot.expires_at.date().isoformat() == "2027-11-22"
