from __future__ import annotations

import json
from datetime import date

from connector.domain.coupons import Review
from connector.domain.discounts import plain_terms
from connector.domain.governor import Circumstances, Offer
from connector.domain.offering import Candidate
from connector.domain.offers_due import ASSUMED_USE, LEAST_ENDED, OffersDue, Use
from connector.domain.programme.offers import Discount, Governor, Trigger

TODAY = date(2026, 11, 22)
OFTEN = Use(used=30, ended=60)


def candidate(campaign: str = "welcome", cost: int = 500) -> Candidate:
    return Candidate(Offer(campaign, "", cost), "", plain_terms(Discount(), Trigger.WELCOME), 30, "because")


def counted(*customers: Circumstances, governor: Governor | None = None, budget: int | None = None) -> OffersDue:
    offers = OffersDue(governor or Governor(), budget)
    for customer in customers:
        offers.add([candidate(), candidate("vip")], Review(), customer, TODAY)
    return offers


def test_one_coupon_is_granted_and_the_others_say_what_stopped_them() -> None:
    told = counted(Circumstances(), Circumstances(held_out=True), Circumstances(consent=False)).to_json(OFTEN)
    assert told["coupons"] == 1
    assert told["campaigns"] == [
        {"campaign": "vip", "coupons": 0, "promised": 0, "stopped": {"another_offer": 2, "no_consent": 1}},
        {"campaign": "welcome", "coupons": 1, "promised": 500, "stopped": {"hold_out": 1, "no_consent": 1}},
    ]
    assert json.loads(json.dumps(told)) == told


def test_the_expected_cost_is_what_is_promised_times_how_often_coupons_are_used() -> None:
    told = counted(Circumstances(), Circumstances()).to_json(OFTEN)
    assert (told["promised"], told["expected_cost"]) == (1_000, 500)


def test_a_store_with_few_coupons_has_its_use_assumed_and_says_so() -> None:
    young = Use(used=LEAST_ENDED - 1, ended=LEAST_ENDED - 1)
    assert young.share == ASSUMED_USE
    assert "assumed" in young.basis
    assert OFTEN.share == 0.5
    assert OFTEN.basis == "30 of the store's 60 personal coupons that ended were used"


def test_the_year_s_budget_is_spent_customer_by_customer() -> None:
    offers = counted(*[Circumstances()] * 5, governor=Governor(budget_per_year=12), budget=1_200)
    assert offers.granted == {"welcome": 2}
    assert offers.budget_left == 200
    assert offers.stopped["welcome", "budget"] == 3
