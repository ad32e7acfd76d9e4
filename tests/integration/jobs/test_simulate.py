"""A simulation comes to what the books say for the programme in force, and changes nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from connector.db import simulations
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import accounts, entitlements, entries, lots, metadata, standings, suppressions
from connector.domain.offers_due import ASSUMED_USE
from connector.domain.programme import Programme
from connector.domain.programme.document import to_document
from connector.domain.programme.earning import Bonuses, EarningRules
from connector.domain.programme.ladder import Ladder, Tier
from connector.domain.programme.offers import Campaign, Governor, Timing, Trigger
from jobs import simulate
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

PROPOSED = Programme(
    earning=EarningRules(rate=Decimal(2)),
    ladder=Ladder(tiers=(Tier("member", 0), Tier("silver", 100), Tier("gold", 200))),
)


@pytest.fixture
def store(house: House, clock: Clock) -> Any:
    with SampleShop.filled(customers=60, clock=clock, allow_basic=True) as shop:
        store = house.pair(shop)
        house.backfill(store)
        house.catch_up()
        yield store


@pytest.fixture
def unread(house: House, shop: SampleShop) -> Store:
    """A store without a history."""
    return house.pair(shop)


def ask(house: House, store: Store, programme: Programme) -> str:
    with transaction(house.engine) as connection:
        public_id = simulations.ask(connection, store.id, to_document(programme), house.clock())
    house.want(store, "simulate", public_id)
    return public_id


def simulated(house: House, store: Store, programme: Programme) -> dict[str, Any]:
    public_id = ask(house, store, programme)
    house.drain()
    with transaction(house.engine) as connection:
        row = simulations.of(connection, store.id, public_id)
    assert row is not None
    assert row.state == simulations.DONE
    assert row.done == row.total == row.result["customers"]
    result: dict[str, Any] = row.result
    return result


def test_the_programme_in_force_comes_to_what_the_books_say(house: House, store: Store) -> None:
    result = simulated(house, store, PROPOSED)["current"]
    issued = house.rows(select(func.sum(entries.c.points)).where(entries.c.account.in_(["issued", "reversed"])))[0][0]
    (held,) = house.rows(select(func.sum(accounts.c.available + accounts.c.pending)))[0]
    tiers = Counter(row.tier for row in house.rows(select(standings.c.tier)))
    assert result["points_issued"] == -issued
    assert result["points_outstanding"] == held
    assert {tier: count for tier, count in result["tiers"].items() if count} == tiers


def test_a_proposed_programme_moves_people_and_points(house: House, store: Store) -> None:
    result = simulated(house, store, PROPOSED)
    assert result["moved_up"] > 0
    assert result["moved_down"] == 0
    assert result["proposed"]["points_issued"] > result["current"]["points_issued"]


BONUSES = Programme(bonuses=Bonuses(sign_up=50, first_order=20), earning=EarningRules(rate=Decimal(2)))


def test_what_it_says_of_a_programme_is_what_the_books_say_once_it_is_saved(house: House, store: Store) -> None:
    told = simulated(house, store, BONUSES)["proposed"]
    house.decide(store, BONUSES)
    for job in ("settle_due", "celebrate", "score"):
        house.want(store, job)
    house.catch_up()
    issued = house.rows(select(func.sum(entries.c.points)).where(entries.c.account.in_(["issued", "reversed"])))[0][0]
    (held,) = house.rows(select(func.sum(accounts.c.available + accounts.c.pending)))[0]
    assert (told["points_issued"], told["points_outstanding"]) == (-issued, held)
    assert house.rows(select(lots).where(lots.c.source.startswith("bonus:sign_up:")))


SEASON = Programme(
    campaigns=(
        Campaign("winter", Trigger.SEASON, timing=Timing(from_day=date(2026, 11, 1), to_day=date(2027, 2, 28))),
        Campaign("thanks", Trigger.BIRTHDAY),
    ),
    governor=Governor(hold_out_percent=Decimal(30), full_price_days=60, budget_per_year=100),
)


def test_the_coupons_it_tells_of_are_those_that_the_night_then_grants(house: House, store: Store) -> None:
    told = simulated(house, store, SEASON)["proposed"]["offers_today"]
    house.decide(store, SEASON)
    house.want(store, "score")
    house.drain()
    granted = house.rows(select(entitlements).where(entitlements.c.campaign == "winter"))
    stopped = Counter(row.rule for row in house.rows(select(suppressions).where(suppressions.c.campaign == "winter")))
    (winter,) = told["campaigns"]
    assert (winter["campaign"], winter["coupons"]) == ("winter", len(granted))
    assert winter["promised"] == told["promised"] == sum(row.cost for row in granted)
    assert winter["stopped"] == stopped
    assert stopped.keys() <= {"hold_out", "full_price", "budget", "minimum_gap", "live_coupon"}
    assert granted
    assert stopped["hold_out"]


def test_what_offers_cost_is_told_with_how_it_was_reckoned(house: House, store: Store) -> None:
    result = simulated(house, store, SEASON)
    told = result["proposed"]["offers_today"]
    assert result["coupon_use"]["share"] == ASSUMED_USE
    assert "assumed" in result["coupon_use"]["basis"]
    assert told["expected_cost"] == round(told["promised"] * ASSUMED_USE)


def test_chunks_come_to_the_same_as_the_whole(house: House, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = simulated(house, store, PROPOSED)
    monkeypatch.setattr(simulate, "_CHUNK", 7)
    assert simulated(house, store, PROPOSED) == whole


def test_nothing_but_the_simulation_is_written(house: House, store: Store) -> None:
    public_id = ask(house, store, PROPOSED)
    before = everything(house)
    house.drain()
    assert everything(house) == before
    with transaction(house.engine) as connection:
        assert simulations.of(connection, store.id, public_id).state == simulations.DONE


def everything(house: House) -> dict[str, list[Any]]:
    tables = [table for table in metadata.sorted_tables if table.name not in ("simulations", "work")]
    return {table.name: house.rows(select(table).order_by(*table.primary_key)) for table in tables}


def test_asked_again_before_it_is_done_it_is_the_same_simulation(house: House, unread: Store) -> None:
    first = ask(house, unread, PROPOSED)
    assert ask(house, unread, PROPOSED) == first
    house.drain()
    assert ask(house, unread, PROPOSED) != first


def test_one_that_was_interrupted_starts_again_and_ends_the_same(
    house: House, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulate, "_CHUNK", 7)
    whole = simulated(house, store, PROPOSED)
    public_id = ask(house, store, PROPOSED)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(simulations, "finish", _killed)
        with pytest.raises(KeyboardInterrupt):
            house.drain()
    house.catch_up()
    with transaction(house.engine) as connection:
        assert simulations.of(connection, store.id, public_id).result == whole


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_simulation_that_was_forgotten_meanwhile_is_done(house: House, unread: Store) -> None:
    house.want(unread, "simulate", "sim_gone")
    house.drain()
    assert house.owed() == []


def test_old_simulations_are_forgotten_when_the_next_is_asked_for(house: House, unread: Store) -> None:
    first = ask(house, unread, PROPOSED)
    house.drain()
    house.clock.advance(days=31)
    ask(house, unread, PROPOSED)
    with transaction(house.engine) as connection:
        assert simulations.of(connection, unread.id, first) is None
