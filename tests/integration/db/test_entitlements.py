from __future__ import annotations

import re
from datetime import timedelta

from connector.db import entitlements
from connector.db.entitlements import Change, Grant
from connector.db.session import transaction
from connector.domain.coupons import EntitlementState


def grant(engine, store, now, *customer_ids, campaign="second_purchase") -> None:
    grants = [Grant(each, campaign, "Bought once", now + timedelta(days=30), {}) for each in customer_ids]
    with transaction(engine) as connection:
        entitlements.grant(connection, store.id, grants, 1, now)


def held(engine, store, *customer_ids):
    with transaction(engine) as connection:
        return entitlements.of_customers(connection, store.id, customer_ids)


def test_a_grant_has_a_code_of_its_own_that_woocommerce_would_store_unchanged(engine, store, now, new_customer):
    people = [new_customer(store, number) for number in range(1, 41)]
    grant(engine, store, now, *people)

    rows = held(engine, store, *people)
    assert len({row.code for row in rows}) == 40
    assert all(re.fullmatch(r"[a-hj-km-np-z2-9]{12}", row.code) for row in rows)
    assert {(row.state, row.why, row.granted_at) for row in rows} == {("granted", "Bought once", now)}


def test_an_occasion_entitles_a_customer_once(engine, store, now, new_customer):
    ann = new_customer(store, 7)
    grant(engine, store, now, ann)

    first = held(engine, store, ann)
    grant(engine, store, now, ann)
    assert held(engine, store, ann) == first

    grant(engine, store, now, ann, campaign="birthday")
    assert [row.campaign for row in held(engine, store, ann)] == ["second_purchase", "birthday"]


def test_what_became_of_an_entitlement_is_kept_with_its_code(engine, store, other_store, now, new_customer):
    ann = new_customer(store, 7)
    grant(engine, store, now, ann)
    (before,) = held(engine, store, ann)
    with transaction(engine) as connection:
        entitlements.change(connection, other_store.id, [Change(before.id, EntitlementState.EXPIRED)])
        assert entitlements.of_customers(connection, other_store.id, [ann]) == []

    assert held(engine, store, ann) == [before]
    with transaction(engine) as connection:
        entitlements.change(connection, store.id, [Change(before.id, EntitlementState.USED, 1_250, 20_000)])

    (after,) = held(engine, store, ann)
    assert (after.state, after.code) == (EntitlementState.USED, before.code)
    assert (after.took_off, after.used_on) == (1_250, 20_000)


def test_granting_nothing_is_harmless(engine, store, now):
    grant(engine, store, now)

    assert held(engine, store) == []
