from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain.effect import Verdict
from connector.domain.experiment import Bought, Drawn, Finding, Terms, arms, findings, weekly_flow
from connector.domain.history import Orders

TODAY = 20_000
TERMS = Terms(horizon_days=30, margin=0.5, point_cost=1.0)
NAMES = ("customers with offers", "the hold-out")


def rows(*events: tuple[int, int, int]) -> Orders:
    return Orders(*np.array(events, dtype=np.int64).reshape(-1, 3).T)


def drawn(customers: int, held_out: int, day: int = TODAY - 31) -> Drawn:
    ids = np.arange(customers)
    return Drawn(NAMES, ids, np.full(customers, day), (ids < held_out).astype(np.int64))


def bought(orders: Orders, coupons: Orders | None = None, points: Orders | None = None) -> Bought:
    return Bought(orders, coupons or rows(), rows(), points or rows())


def one(found: list[Finding]) -> Finding:
    assert len(found) == 1
    return found[0]


def everybody_buys(customers: int, value: int, extra: int = 0, since: int = 0) -> Orders:
    """Each customer once; those from `since` on for more."""
    return rows(*((n, TODAY - 20, value + n % 3 + (extra if n >= since else 0)) for n in range(customers)))


def test_an_arm_holds_what_its_own_customers_brought() -> None:
    people = drawn(4, 2)
    treated, control = arms(people, bought(rows((0, TODAY - 5, 100), (3, TODAY - 5, 300), (9, 1, 1))), TERMS, TODAY)
    assert treated.margin.tolist() == [0.0, 150.0]
    assert control.margin.tolist() == [50.0, 0.0]


def test_the_year_before_is_what_came_before() -> None:
    day = TODAY - 31
    before = rows((0, day, 1), (0, day - 364, 2), (0, day - 365, 4), (0, day + 1, 8))
    assert arms(drawn(2, 0), bought(before), TERMS, TODAY)[0].before.tolist() == [3.0, 0.0]


def test_a_coupon_takes_its_discount_but_leaves_the_margin_on_the_full_price() -> None:
    day = TODAY - 5
    arm = arms(drawn(2, 0), bought(rows((0, day, 800)), coupons=rows((0, day, 200))), TERMS, TODAY)[0]
    assert arm.net.tolist() == [500.0 - 200.0, 0.0]


def test_an_offer_that_pays_is_told_in_one_sentence() -> None:
    finding = one(findings(drawn(400, 100), bought(everybody_buys(400, 1_000, 500, since=100)), TERMS, TODAY, "USD"))
    assert finding.verdict is Verdict.PAYS
    assert finding.sentence.startswith("customers with offers brings 2.50 USD more per customer than the hold-out")
    assert "within 30 days" in finding.sentence
    assert finding.weeks is None


def test_too_little_data_says_how_long_it_takes() -> None:
    random = np.random.default_rng(1)
    spent = rows(*((n, TODAY - 20, int(random.exponential(1_000))) for n in range(400)))
    finding = one(findings(drawn(400, 100), bought(spent), TERMS, TODAY, "USD"))
    assert finding.verdict is Verdict.NOT_ENOUGH_DATA
    assert finding.weeks is not None
    assert f"About {finding.weeks} weeks more" in finding.sentence


def test_what_would_take_years_is_said_to() -> None:
    random = np.random.default_rng(1)
    day = np.sort(random.integers(TODAY - 400, TODAY - 31, 400))
    people = Drawn(NAMES, np.arange(400), day, (np.arange(400) % 20 == 0).astype(np.int64))
    spent = Orders(np.arange(400), day + 5, (random.exponential(30.0, 400) ** 2).astype(np.int64))
    finding = one(findings(people, bought(spent), TERMS, TODAY, "USD"))
    assert "years until" in finding.sentence


def test_where_nobody_comes_any_more_no_weeks_are_promised() -> None:
    people = drawn(40, 20, TODAY - 200)
    finding = one(findings(people, bought(rows((1, TODAY - 190, 500), (30, TODAY - 190, 900))), TERMS, TODAY, "USD"))
    assert finding.weeks is None
    assert "Nobody became eligible lately" in finding.sentence


def test_a_difference_that_is_surely_small_is_none() -> None:
    finding = one(findings(drawn(400, 200), bought(everybody_buys(400, 1_000)), TERMS, TODAY, "JPY"))
    assert finding.verdict is Verdict.NO_DIFFERENCE
    assert finding.sentence.startswith("No difference worth knowing")


@pytest.mark.parametrize("people", [drawn(0, 0), drawn(1, 0), drawn(10, 5, TODAY - 30)])
def test_before_a_horizon_has_passed_there_is_nothing_to_find(people: Drawn) -> None:
    assert findings(people, bought(rows((0, TODAY - 5, 100))), TERMS, TODAY, "USD") == []


def test_the_flow_is_of_the_last_twelve_weeks_or_since_the_first() -> None:
    day = np.r_[np.full(100, TODAY - 300), np.full(24, TODAY - 10)]
    people = Drawn(NAMES, np.arange(124), day, np.zeros(124, dtype=np.int64))
    assert weekly_flow(people, TODAY) == pytest.approx(2.0)
    assert weekly_flow(drawn(20, 0, TODAY - 14), TODAY) == pytest.approx(10.0)
    assert weekly_flow(drawn(0, 0), TODAY) == 0.0


def test_a_finding_is_plain_json() -> None:
    finding = one(findings(drawn(400, 200), bought(everybody_buys(400, 1_000)), TERMS, TODAY, "USD"))
    assert json.loads(json.dumps(finding.to_json()))["verdict"] == "no_difference"
