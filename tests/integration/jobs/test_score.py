"""The scoring of a whole store: what happens meanwhile is not lost, and the run can be asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select, update

import jobs.score
from connector.db import stores
from connector.db.session import transaction
from connector.db.tables import customers, orders, refunds, score_runs, standings
from connector.domain.clv import predict_with
from connector.domain.hindsight import Refunds
from connector.domain.history import Orders, purchase_histories
from connector.domain.programme import Programme
from connector.domain.rfm import score_rfm
from connector.domain.standings import Fitted
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop


@pytest.fixture
def filled(house: House, clock: Clock) -> Any:
    with SampleShop.filled(customers=130, clock=clock, allow_basic=True) as shop:
        yield shop


def by_wc_id(house: House) -> dict[int, Any]:
    rows = house.rows(select(standings, customers.c.wc_id).join(customers, customers.c.id == standings.c.customer_id))
    return {row.wc_id: row for row in rows}


def test_an_award_made_while_the_run_computed_is_not_overwritten(
    house: House, filled: SampleShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = house.pair(filled)
    house.backfill(store)
    house.catch_up()
    fit = jobs.score.fit
    old, new = filled.orders()[0]["customer_id"], filled.register_customer("new@example.com")["id"]

    def fit_while_two_buy(*arguments: Any) -> Any:
        computed = fit(*arguments)
        for customer_id in (old, new):
            filled.place_order("700.00", customer_id=customer_id)
        house.deliver(store, filled.plugin.sent)
        filled.plugin.sent.clear()
        house.drain()
        return computed

    before = by_wc_id(house)
    monkeypatch.setattr(jobs.score, "fit", fit_while_two_buy)
    house.want(store, "score")
    house.step()
    monkeypatch.undo()
    house.catch_up()
    after = by_wc_id(house)
    assert after[old].orders == before[old].orders + 1
    assert after[old].points == before[old].points + 700
    assert (after[new].orders, after[new].points, after[new].recency_days) == (1, 700, 0)


def test_a_run_stores_its_report_and_everybody_a_whole_prediction(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    house.backfill(store)
    house.catch_up()
    (run,) = house.rows(select(score_runs))
    assert run.customers == 130
    assert run.report["trust"]
    assert run.report["data"]["customers"] == 130
    for row in by_wc_id(house).values():
        assert 0 <= row.clv_low <= row.clv <= row.clv_high
        assert 0 <= row.p_order_30d <= row.p_order_90d <= row.p_order_365d <= 1
        assert row.score_run_id == run.id


def test_one_new_order_moves_scores_and_predictions_at_once_by_the_last_fit(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    house.backfill(store)
    house.catch_up()
    (run,) = house.rows(select(score_runs))
    before = by_wc_id(house)
    buyer = min(before.values(), key=lambda row: row.p_order_90d)
    filled.place_order("80.00", customer_id=buyer.wc_id)
    house.deliver(store, filled.plugin.sent)
    house.catch_up()
    after = by_wc_id(house)
    now = after[buyer.wc_id]
    assert [each.id for each in house.rows(select(score_runs))] == [run.id] == [now.score_run_id]
    assert (now.recency_days, now.frequency, now.monetary) == (0, buyer.frequency + 1, buyer.monetary + 80_00)
    own = house.rows(select(orders).where(orders.c.customer_id == now.customer_id, orders.c.counts))
    columns = ([getattr(row, name) for row in own] for name in ("customer_id", "local_day", "net_value"))
    fitted = Fitted.from_json(run.fitted)
    histories = purchase_histories(*columns, max(row.local_day for row in own))
    expected = predict_with(fitted.value, histories)
    assert now.rfm == score_rfm(histories, fitted.cutpoints).text()[0]
    assert (now.clv, now.expected_orders) == (expected.clv[0], pytest.approx(expected.expected_orders[0]))
    assert now.p_order_90d == pytest.approx(expected.p_order_90d[0])
    assert now.p_order_90d > buyer.p_order_90d
    assert all(after[wc_id] == row for wc_id, row in before.items() if wc_id != buyer.wc_id)


def test_who_moves_between_segments_is_remembered_with_the_one_before(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    house.backfill(store)
    house.catch_up()
    lapsed = next(row for row in by_wc_id(house).values() if row.segment in ("lost", "hibernating"))
    assert lapsed.previous_segment == ""
    filled.place_order("50.00", customer_id=lapsed.wc_id)
    house.deliver(store, filled.plugin.sent)
    house.catch_up()
    returned = by_wc_id(house)[lapsed.wc_id]
    assert returned.segment != lapsed.segment
    assert returned.previous_segment == lapsed.segment


def test_the_run_is_tested_on_orders_as_they_were_before_later_refunds(
    house: House, filled: SampleShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = house.pair(filled)
    house.backfill(store)
    house.catch_up()
    order = house.rows(select(orders).where(orders.c.counts).order_by(orders.c.ordered_at))[0]
    refunded_at = order.ordered_at + timedelta(days=40)
    with transaction(house.engine) as connection:
        connection.execute(
            insert(refunds).values(
                store_id=store.id, order_id=order.id, wc_id=9_999, total=order.total, refunded_at=refunded_at
            )
        )
        connection.execute(
            update(orders).where(orders.c.id == order.id).values(counts=False, net_value=0, status="refunded")
        )
    seen: list[Orders] = []
    really = jobs.score.assess

    def assess(told: Orders, *arguments: Any, **options: Any) -> Any:
        seen.append(told)
        return really(told, *arguments, **options)

    monkeypatch.setattr(jobs.score, "assess", assess)
    house.want(store, "score")
    house.drain()
    (told,) = seen
    worth = [
        int(known.value[known.customer == order.customer_id].sum())
        for known in (told.known_on(order.local_day + after) for after in (39, 41))
    ]
    assert worth[0] - worth[1] == order.total


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_long_run_lets_other_writers_in_between_its_chunks(
    house: House, filled: SampleShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = house.pair(filled)
    house.backfill(store)
    house.catch_up()
    pauses: list[float] = []

    def write_something(seconds: float) -> None:
        with transaction(house.engine) as connection:
            stores.note_delivery(connection, store.id, house.clock())
        pauses.append(seconds)

    monkeypatch.setattr(jobs.score, "_CHUNK", 50)
    house.context = replace(house.context, pause=write_something)
    house.want(store, "score")
    house.drain()
    assert len(pauses) == 2


def test_who_lost_or_gained_a_standing_since_the_snapshot_is_noticed() -> None:
    def ids(*numbers: int) -> Any:
        return np.array(numbers, dtype=np.int64)

    nothing = Refunds(*(ids() for _ in range(6)))
    snapshot = jobs.score.Snapshot(
        Programme(), Orders(ids(), ids(), ids()), nothing, ids(2, 3, 5, 8), ids(1, 1, 4, 7)
    )
    now = ids(1, 2, 5, 8), ids(1, 1, 5, 7)
    # 1 was written since, 3 is gone, 5 was written again; 2 and 8 are as they were, 4 never had one.
    assert snapshot.changed_since(ids(1, 2, 3, 4, 5, 8), *now) == {1, 3, 5}
