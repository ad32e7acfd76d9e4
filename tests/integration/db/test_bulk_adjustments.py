"""Points from a file: looked at first, then done as a whole or not at all, and once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from connector.db import bulk_adjustments, ledger
from connector.db.session import reading, transaction
from connector.db.tables import adjustments as adjustments_table
from connector.db.tables import customers, postings
from tests.integration.db.by_hand import available, give

FILE = "customer,points,reason\nann@example.com,500,Thanks\n2,300,Thanks\nguest@example.com,20,Thanks\n1,-100,Error\n"


def apply(engine, store, text, now):
    with transaction(engine) as connection:
        return bulk_adjustments.apply(connection, store, text, "", "owner", now)


def test_a_file_is_looked_at_without_changing_anything(engine, store, people, now):
    with reading(engine) as connection:
        plan = bulk_adjustments.preview(connection, store, FILE, "")

    assert [(one.line, one.before, one.after) for one in plan.effects] == [
        (2, 0, 500),
        (3, 0, 300),
        (4, 0, 20),
        (5, 500, 400),
    ]
    assert (plan.mistakes, plan.done) == ([], False)
    assert available(engine, store, people["ann"]) == 0


def test_a_file_is_done_as_a_whole_and_once(engine, store, people, now):
    first = apply(engine, store, FILE, now)
    again = apply(engine, store, FILE.replace("\n", "\r\n"), now + timedelta(days=1))

    assert first.done
    assert again.done
    assert [available(engine, store, people[who]) for who in ("ann", "bob", "guest")] == [400, 300, 20]
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(adjustments_table)).scalar_one() == 4
        assert ledger.imbalance(connection, store.id) == 0


def test_a_file_that_was_done_is_told_as_it_was_done_whatever_has_become_of_the_accounts(engine, store, people, now):
    give(engine, store, people["ann"], 100, now)
    taking = "customer,points,reason\nann@example.com,-50,Error\n1,-50,Error\n"
    first = apply(engine, store, taking, now)

    again = apply(engine, store, taking, now + timedelta(days=1))
    with reading(engine) as connection:
        shown = bulk_adjustments.preview(connection, store, taking, "")

    assert first.earlier is None
    for plan in (again, shown):
        assert plan.done
        assert plan.earlier == now
        assert plan.mistakes == ()
        assert [(one.line, one.customer_id, one.customer, one.points, one.reason) for one in plan.effects] == [
            (2, people["ann"], "ann@example.com", -50, "Error"),
            (3, people["ann"], "ann@example.com", -50, "Error"),
        ]
    assert available(engine, store, people["ann"]) == 0


@pytest.mark.parametrize("bad", ["1,-501,Error", "nobody@example.com,5,Thanks", "1,five,Thanks"])
def test_one_bad_row_and_nothing_is_done(engine, store, people, now, bad):
    plan = apply(engine, store, FILE + bad + "\n", now)

    assert [mistake.line for mistake in plan.mistakes] == [6]
    assert not plan.done
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(postings)).scalar_one() == 0


def test_another_stores_customers_are_nobody(engine, other_store, people, now):
    plan = apply(engine, other_store, FILE, now)

    assert [mistake.line for mistake in plan.mistakes] == [3, 4]
    assert {one.customer_id for one in plan.effects} == {people["stranger"]}


def test_a_guest_who_registered_is_the_user(engine, store, people, now):
    with transaction(engine) as connection:
        connection.execute(
            customers.update().where(customers.c.id == people["guest"]).values(merged_into_id=people["bob"])
        )

    plan = apply(engine, store, "customer,points,reason\nguest@example.com,20,Thanks\n", now)

    assert [one.customer_id for one in plan.effects] == [people["bob"]]


def test_the_same_file_at_once_is_done_once(engine, store, people, now):
    start = threading.Barrier(3)
    outcomes = []

    def one_of_them():
        start.wait()
        try:
            outcomes.append(apply(engine, store, FILE, now).earlier is None)
        except IntegrityError:
            outcomes.append("again")

    threads = [threading.Thread(target=one_of_them) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(outcomes) == 3
    assert outcomes.count(True) == 1
    assert [available(engine, store, people[who]) for who in ("ann", "bob", "guest")] == [400, 300, 20]
