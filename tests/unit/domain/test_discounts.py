from __future__ import annotations

import json
from decimal import Decimal

import pytest

from connector.domain.campaigns import Profile
from connector.domain.discounts import Terms, lapse_probability, plain_terms, promise, terms_for, understandable
from connector.domain.programme.offers import Discount, DiscountKind, Trigger, ValueScaling

# Orders of 80.00 on average, 200.00 predicted, gone with 60 %: 120.00 are at stake.
REGULAR = Profile(orders=5, value_total=40_000, clv=20_000, p_alive=0.4)


def scaled(kind=DiscountKind.PERCENT, amount="5", share="0.10", largest="30", floor="0", **discount):
    scaling = ValueScaling(Decimal(share), Decimal(largest), Decimal(floor))
    return Discount(kind=kind, amount=Decimal(amount), scaling=scaling, **discount)


def amount(discount, profile=REGULAR, margin=1.0, currency="EUR"):
    terms = terms_for(discount, Trigger.WIN_BACK, profile, 5_000, margin, currency)
    return None if terms is None else terms.amount


@pytest.mark.parametrize(
    ("discount", "margin", "expected"),
    [
        # A tenth of 120.00 is 12.00, which is 15 % of an order of 80.00.
        (scaled(), 1.0, "15"),
        (scaled(share="0.08"), 1.0, "10"),
        (scaled(share="0.01"), 1.0, "5"),
        (scaled(share="1"), 1.0, "30"),
        (scaled(floor="0.25"), 0.40, "15"),
        (scaled(floor="0.28"), 0.40, "10"),
        # The floor is above the merchant's own amount as well.
        (scaled(amount="20", floor="0.28"), 0.40, "10"),
        (scaled(amount="20", floor="0.28"), 0.30, "2"),
        (scaled(amount="20", floor="0.40"), 0.40, None),
        (scaled(DiscountKind.FIXED), 1.0, "10"),
        (scaled(DiscountKind.FIXED, share="0.08"), 1.0, "9"),
        (scaled(DiscountKind.FIXED, share="1"), 1.0, "30"),
        (scaled(DiscountKind.FIXED, share="1", floor="0.35"), 0.45, "8"),
        # With 200.00 to be spent, a tenth of the order's value is 20.00.
        (scaled(DiscountKind.FIXED, share="1", floor="0.35", minimum_spend=200), 0.45, "20"),
    ],
)
def test_a_scaled_value_follows_what_is_at_stake_within_its_bounds(discount, margin, expected):
    assert amount(discount, margin=margin) == (None if expected is None else Decimal(expected))


def test_without_a_prediction_or_an_order_the_merchants_own_amount_is_given():
    assert amount(scaled(), Profile()) == 5
    assert amount(scaled(), Profile(orders=1, value_total=0, clv=500, p_alive=0.1)) == 5


def test_the_predicted_value_counts_in_the_stores_own_money():
    yen = Profile(orders=5, value_total=40_000, clv=20_000, p_alive=0.4)
    assert amount(scaled(DiscountKind.FIXED, amount="500", largest="5000"), yen, currency="JPY") == 1_000


@pytest.mark.parametrize(
    ("profile", "chance"),
    [
        (Profile(p_alive=0.4), 0.6),
        (Profile(p_alive=0.4, p_order_365d=0.9), 0.6),
        (Profile(p_order_365d=0.9), 0.1),
        (Profile(), 0.0),
        (Profile(p_alive=1.0000001), 0.0),
    ],
)
def test_how_likely_a_customer_is_gone(profile, chance):
    assert lapse_probability(profile) == pytest.approx(chance)


@pytest.mark.parametrize(
    ("exact", "read"),
    [("7.6", "7"), ("12", "10"), ("17", "15"), ("38.2", "35"), ("99", "95"), ("100", "100"), ("137", "100"),
     ("1730", "1500"), ("0.83", "0.8"), ("3.75", "3"), ("0", "0"), ("-3", "0")],
)  # fmt: skip
def test_a_value_is_rounded_down_to_a_figure_people_understand(exact, read):
    assert understandable(Decimal(exact)) == Decimal(read)


@pytest.mark.parametrize(
    ("discount", "currency", "words"),
    [
        (Discount(), "EUR", "10 %"),
        (Discount(amount=Decimal("12.50")), "EUR", "12.5 %"),
        (Discount(kind=DiscountKind.FIXED, amount=Decimal(5)), "EUR", "5.00 EUR"),
        (Discount(kind=DiscountKind.FIXED, amount=Decimal(500)), "JPY", "500 JPY"),
        (Discount(kind=DiscountKind.FREE_SHIPPING), "EUR", "free shipping"),
        (Discount(free_shipping=True), "EUR", "10 % and free shipping"),
    ],
)
def test_terms_are_said_in_a_few_words(discount, currency, words):
    assert plain_terms(discount, Trigger.VIP).in_words(currency) == words


def test_terms_are_kept_and_read_again_whole():
    discount = Discount(
        kind=DiscountKind.FIXED,
        amount=Decimal("7.50"),
        minimum_spend=40,
        free_shipping=True,
        exclude_sale_items=True,
        exclude_products=frozenset({9, 7}),
        exclude_categories=frozenset({3}),
    )
    terms = plain_terms(discount, Trigger.SEASON)

    assert terms.exclude_products == (7, 9)
    assert Terms.from_json(json.loads(json.dumps(terms.to_json()))) == terms


@pytest.mark.parametrize(
    ("discount", "profile", "cost"),
    [
        (Discount(), REGULAR, 800),
        (Discount(), Profile(), 500),
        (Discount(minimum_spend=120), REGULAR, 1_200),
        (Discount(kind=DiscountKind.FIXED, amount=Decimal("7.50")), REGULAR, 750),
        (Discount(kind=DiscountKind.FREE_SHIPPING), REGULAR, 0),
    ],
)
def test_a_coupon_promises_its_amount_or_its_share_of_the_customers_average_order(discount, profile, cost):
    assert promise(plain_terms(discount, Trigger.VIP), profile, 5_000, "EUR") == cost
