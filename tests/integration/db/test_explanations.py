"""Every figure a shopper sees is the sum of the reasons that are told for it, whatever happened."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, update

from connector.db import accounts, customers, explanations, programmes, tier_overrides
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.tables import accounts as accounts_table
from connector.db.tables import orders, redemptions, suppressions
from connector.domain.explanation import Explanation
from connector.domain.history import epoch_day
from connector.domain.programme import Programme, Tier
from connector.domain.programme.ladder import Ladder, TierBasis, TierWindow
from connector.domain.programme.points import Shortfall
from connector.domain.tiers import Override
from tests.integration.db.conftest import NewCustomer
from tests.integration.db.point_histories import CUSTOMERS, Ledger


@pytest.fixture
def ledger(engine: Engine, store: Store, new_customer: NewCustomer, now: datetime) -> Ledger:
    return Ledger(engine, store, [new_customer(store, number) for number in range(1, CUSTOMERS + 1)], now)


def explained(ledger: Ledger, customer: int) -> Explanation:
    with reading(ledger.engine) as connection:
        row = customers.by_id(connection, ledger.store.id, customer)
        return explanations.of(connection, ledger.store, row, ledger.now)


@pytest.mark.parametrize("shortfall", Shortfall)
@pytest.mark.parametrize("seed", [11, 12])
def test_points_are_the_sums_of_what_they_came_from(ledger: Ledger, seed: int, shortfall: Shortfall) -> None:
    ledger.happen(seed, shortfall)
    for customer in ledger.customers:
        told = explained(ledger, customer)
        assert told.differences == {}
        with reading(ledger.engine) as connection:
            row = accounts.of(connection, ledger.store.id, customer)
        for account in ("pending", "available", "owed"):
            shown = 0 if row is None else getattr(row, account)
            assert sum(source.total(account) for source in told.sources) == told.shown[account] == shown
        for source in told.sources:
            if source.lot is not None:
                kept = source.lot.points - source.lot.expired
                assert source.total("available") + source.total("pending") == kept


def test_a_figure_that_is_not_the_sum_of_its_reasons_is_named(ledger: Ledger) -> None:
    ledger.happen(13, Shortfall.NEGATIVE)
    with transaction(ledger.engine) as connection:
        connection.execute(update(accounts_table).values(available=accounts_table.c.available + 5))
    assert all(explained(ledger, customer).differences == {"available": 5} for customer in ledger.customers)


def test_what_was_earned_and_what_expired_of_it_are_told_together(ledger: Ledger) -> None:
    ledger.happen(14, Shortfall.NEGATIVE)
    told = [source for customer in ledger.customers for source in explained(ledger, customer).sources]
    expired = [source for source in told if source.lot is not None and source.lot.expired]
    assert expired
    for source in expired:
        assert "expire" in {movement.kind for movement in source.movements}
        assert len(source.movements) > 1
    assert not any(source.name.startswith("expiry:") for source in told)


LADDERS = (
    Ladder(tiers=(Tier("member", 0), Tier("silver", 30)), months=3),
    Ladder(tiers=(Tier("member", 0), Tier("silver", 2)), basis=TierBasis.ORDERS, window=TierWindow.CALENDAR_YEAR),
    Ladder(tiers=(Tier("member", 0), Tier("silver", 400)), basis=TierBasis.POINTS, window=TierWindow.LIFETIME),
)


@pytest.mark.parametrize("ladder", LADDERS, ids=lambda ladder: ladder.basis)
def test_a_tier_s_metric_is_the_sum_of_what_was_counted(ledger: Ledger, ladder: Ladder) -> None:
    ledger.happen(15, Shortfall.NEGATIVE)
    for number, customer in enumerate(ledger.customers):
        for days in (2, 50, 100, 400):
            bought(ledger, customer, number * 1_000 + days, 1_500, ledger.now - timedelta(days=days))
    with transaction(ledger.engine) as connection:
        version = programmes.latest(connection, ledger.store.id).version
        programmes.save(connection, ledger.store.id, Programme(ladder=ladder), version, None, ledger.now)
    told = [explained(ledger, customer) for customer in ledger.customers]
    assert all(one.differences == {} for one in told)
    assert all(one.tier.metric == sum(part.amount for part in one.tier.counted) for one in told)
    assert any(one.tier.tier == "silver" for one in told)


def bought(ledger: Ledger, customer: int, number: int, value: int, at: datetime) -> None:
    facts = {"wc_id": number, "wc_customer_id": 0, "status": "completed", "currency": "USD", "country": ""}
    money = {"total": value, "tax": 0, "shipping": 0, "refunded": 0, "counts": True, "net_value": value}
    times = {"ordered_at": at, "modified_at": at, "observed_at": at, "local_day": epoch_day(at.date())}
    owner = {"store_id": ledger.store.id, "customer_id": customer, "coupon_codes": [], "coupon_discounts": {}}
    with transaction(ledger.engine) as connection:
        connection.execute(insert(orders).values(**facts, **money, **times, **owner))


def test_a_tier_given_by_hand_is_told_as_such(ledger: Ledger) -> None:
    customer = ledger.customers[0]
    with transaction(ledger.engine) as connection:
        given = Override("gold", date(2026, 11, 1), date(2026, 12, 31))
        tier_overrides.give(connection, ledger.store.id, customer, given, "an apology", "the owner")
    tier = explained(ledger, customer).tier
    assert (tier.tier, tier.by_hand, tier.falls_on) == ("gold", True, date(2027, 1, 1))
    assert tier.next_steps == ()


def test_a_coupon_bought_with_points_is_there_until_it_is_used(ledger: Ledger, now: datetime) -> None:
    customer = ledger.customers[0]
    for code, state in (("live", "reserved"), ("used", "captured")):
        money = {"points": 500, "amount": 500, "balance_after": 0, "currency": "USD", "terms": {}}
        key = {"idempotency_key": code, "code": code, "state": state, "rule_version": 1}
        moments = {"reserved_at": now, "expires_at": now + timedelta(days=3)}
        with transaction(ledger.engine) as connection:
            owner = {"store_id": ledger.store.id, "customer_id": customer}
            connection.execute(insert(redemptions).values(**money, **key, **moments, **owner))
    told = explained(ledger, customer)
    assert [coupon.code for coupon in told.coupons] == ["live", "used"]
    assert told.to_json()["sees"]["coupons"] == ["live"]
    assert told.coupons[0].gives == "5.00 USD"


def test_an_offer_that_was_not_made_says_which_rule_stopped_it(ledger: Ledger, now: datetime) -> None:
    about = {"campaign": "welcome", "occasion": "", "rule": "hold_out", "why": "kept without offers"}
    owner = {"store_id": ledger.store.id, "customer_id": ledger.customers[0]}
    with transaction(ledger.engine) as connection:
        connection.execute(insert(suppressions).values(**about, **owner, rule_version=1, suppressed_at=now))
    (one,) = explained(ledger, ledger.customers[0]).withheld
    assert (one.campaign, one.rule, one.why) == ("welcome", "hold_out", "kept without offers")
    assert explained(ledger, ledger.customers[1]).withheld == ()


def test_an_explanation_is_plain_json(ledger: Ledger) -> None:
    ledger.happen(16, Shortfall.OWE)
    for customer in ledger.customers:
        told = explained(ledger, customer).to_json()
        assert json.loads(json.dumps(told)) == told
        assert told["because"]["points"]
