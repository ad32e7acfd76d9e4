from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.money import exponent, format_amount
from connector.domain.orders import OrderLine, Refund
from connector.shop.errors import PayloadError
from connector.shop.payloads import deleted_id, parse_customer, parse_order
from tests.unit.shop.payloads import ORDER, order


def test_an_order_is_read_in_minor_units_and_utc() -> None:
    state = parse_order(ORDER)
    assert (state.wc_id, state.status, state.currency) == (727, "completed", "USD")
    assert (state.total, state.tax, state.shipping) == (2935, 135, 1000)
    assert (state.wc_customer_id, state.email) == (25, "ana@shop.example")
    assert state.ordered_at == datetime(2026, 3, 22, 19, 28, 2, tzinfo=UTC)
    assert state.modified_at == datetime(2026, 3, 22, 19, 28, 8, tzinfo=UTC)
    assert state.lines == (OrderLine(315, 93, 0, 2, 600, 45),)
    assert state.coupon_codes == ("rg-again",)


def test_refunds_come_as_negative_strings_and_are_kept_as_what_was_given_back() -> None:
    assert parse_order(ORDER).refunds == (Refund(726, 1000), Refund(724, 900))
    assert parse_order(order(refunds=[{"id": 1, "total": "-0.00"}])).refunds == (Refund(1, 0),)


def test_a_guest_order_has_customer_zero_and_its_billing_address() -> None:
    state = parse_order(order(customer_id=0))
    assert (state.wc_customer_id, state.email) == (0, "ana@shop.example")


@pytest.mark.parametrize("address", ["a\0@shop.example", "\ud800@shop.example", "a" * 400 + "@shop.example"])
def test_an_address_that_no_database_takes_is_no_address(address: str) -> None:
    assert parse_order(order(billing={"email": address})).email is None
    assert parse_customer({"id": 1, "email": address}).email is None


@pytest.mark.parametrize("billing", [{"email": ""}, {"email": None}, {"email": 7}, {}, [], None, "text"])
def test_an_order_that_names_nobody_has_no_email(billing: object) -> None:
    assert parse_order(order(customer_id=0, billing=billing)).email is None


def test_an_unfinished_checkout_is_read_and_keeps_its_status() -> None:
    assert parse_order(order(status="checkout-draft", total="0.00")).status == "checkout-draft"
    assert parse_order(order(status="wc-processing")).status == "processing"


@pytest.mark.parametrize(
    ("currency", "total", "minor"), [("JPY", "1200", 1200), ("JPY", "1200.00", 1200), ("KWD", "1.250", 1250)]
)
def test_currencies_have_their_own_number_of_decimals(currency: str, total: str, minor: int) -> None:
    assert parse_order(order(currency=currency, total=total)).total == minor


@settings(deadline=None)
@given(st.integers(0, 10**12), st.sampled_from(["USD", "JPY", "KWD"]))
def test_every_amount_survives_the_way_through_json(minor: int, currency: str) -> None:
    text = format_amount(minor, currency)
    assert parse_order(order(currency=currency, total=text)).total == minor
    assert parse_order(order(currency=currency, total=Decimal(text))).total == minor
    assert exponent(currency) == -min(0, int(Decimal(text).as_tuple().exponent))


@pytest.mark.parametrize("total", [29.35, Decimal("29.35"), "29.35"])
def test_a_plugin_that_sends_numbers_for_money_is_understood(total: object) -> None:
    assert parse_order(order(total=total)).total == 2935


def test_the_stores_currency_stands_in_where_the_order_has_none() -> None:
    assert parse_order(order(currency=""), store_currency="jpy").currency == "JPY"
    with pytest.raises(PayloadError) as bad:
        parse_order(order(currency=""))
    assert bad.value.fields == ("currency",)


def test_an_order_without_a_date_counts_from_its_last_change() -> None:
    modified = datetime(2026, 3, 22, 19, 28, 8, tzinfo=UTC)
    for missing in (None, "", "0000-00-00T00:00:00", "-0001-11-30T00:00:00"):
        assert parse_order(order(date_created_gmt=missing)).ordered_at == modified
    assert parse_order(order(date_modified_gmt=None)).modified_at == datetime(2026, 3, 22, 19, 28, 2, tzinfo=UTC)
    with pytest.raises(PayloadError) as bad:
        parse_order(order(date_created_gmt=None, date_modified_gmt=None))
    assert bad.value.fields == ("date_created_gmt",)


@pytest.mark.parametrize("text", ["2026-03-22T19:28:02", "2026-03-22T19:28:02Z", "2026-03-22T20:28:02+01:00"])
def test_times_are_utc_unless_they_say_otherwise(text: str) -> None:
    assert parse_order(order(date_created_gmt=text)).ordered_at == datetime(2026, 3, 22, 19, 28, 2, tzinfo=UTC)


def test_only_what_is_counted_has_to_be_there() -> None:
    least = {"id": 1, "status": "pending", "currency": "EUR", "total": "5", "date_created_gmt": "2026-01-01T00:00:00"}
    state = parse_order(least)
    assert (state.total, state.tax, state.shipping, state.wc_customer_id) == (500, 0, 0, 0)
    assert (state.lines, state.refunds, state.coupon_codes) == ((), (), ())


def test_goods_by_weight_keep_their_whole_part() -> None:
    line = {"id": 1, "total": "2.00", "quantity": 1.5}
    assert parse_order(order(line_items=[line])).lines[0].quantity == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "id"),
        ({"id": "727"}, "id"),
        ({"id": -1}, "id"),
        ({"id": 2**63}, "id"),
        ({"status": ""}, "status"),
        ({"status": None}, "status"),
        ({"total": "1,000.00"}, "total"),
        ({"total": "NaN"}, "total"),
        ({"total": "1e30"}, "total"),
        ({"total": "1e999999999"}, "total"),
        ({"total": True}, "total"),
        ({"total_tax": ["1"]}, "total_tax"),
        ({"date_created_gmt": "yesterday"}, "date_created_gmt"),
        ({"date_created_gmt": 1700000000}, "date_created_gmt"),
        ({"date_created_gmt": "0001-01-01T00:00:00+23:00"}, "date_created_gmt"),
        ({"refunds": None}, "refunds"),
        ({"refunds": [{"id": 1}]}, "refunds.total"),
        ({"refunds": [{"id": 1, "total": "free"}]}, "refunds.total"),
        ({"line_items": [{"id": 1, "total": "x"}]}, "line_items.total"),
        ({"line_items": ["line"]}, "line_items"),
        ({"line_items": [{"id": 1, "total": "1", "quantity": "many"}]}, "line_items.quantity"),
        ({"line_items": [{"id": 1, "total": "1", "quantity": "Infinity"}]}, "line_items.quantity"),
        ({"line_items": [{"id": 1, "total": "1", "quantity": "NaN"}]}, "line_items.quantity"),
        ({"line_items": [{"id": 1, "total": "1", "quantity": "1e999999999"}]}, "line_items.quantity"),
        ({"line_items": [{"id": 1, "total": "1", "quantity": 10**30}]}, "line_items.quantity"),
        ({"coupon_lines": [{}]}, "coupon_lines.code"),
        ({"coupon_lines": [{"code": "half\0"}]}, "coupon_lines.code"),
        ({"coupon_lines": [{"code": "half\ud800"}]}, "coupon_lines.code"),
        ({"status": "paid\0"}, "status"),
        ({"status": "x" * 41}, "status"),
        ({"currency": "USDT"}, "currency"),
        ({"currency": "US\n"}, "currency"),
        ({"date_created_gmt": "0001-01-01T00:00:00"}, "date_created_gmt"),
        ({"date_created_gmt": "9999-12-31T23:59:59"}, "date_created_gmt"),
        ({"date_created_gmt": "1970-01-01T00:00:00"}, "date_created_gmt"),
        ({"date_created_gmt": "1989-12-31T23:59:59"}, "date_created_gmt"),
        ({"date_created_gmt": None, "date_modified_gmt": "1970-01-01T00:00:00"}, "date_created_gmt"),
    ],
    ids=str,
)
def test_a_bad_order_is_refused_by_the_name_of_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(PayloadError, match=field) as bad:
        parse_order(order(**changes))
    assert any(name.startswith(field) for name in bad.value.fields)


def test_the_sentence_about_a_bad_order_tells_nobodys_data() -> None:
    with pytest.raises(PayloadError) as bad:
        parse_order(order(total="ana@shop.example"))
    assert "ana" not in str(bad.value)


def test_a_signed_error_of_a_webhook_without_owner_is_refused() -> None:
    body = {"code": "woocommerce_rest_cannot_view", "message": "Sorry.", "data": {"status": 401}}
    for parse in (parse_order, parse_customer, deleted_id):
        with pytest.raises(PayloadError, match="woocommerce_rest_cannot_view"):
            parse(body)


@pytest.mark.parametrize("body", [None, [], "order", 7, {}])
def test_what_is_no_order_at_all_is_refused(body: object) -> None:
    for parse in (parse_order, parse_customer, deleted_id):
        with pytest.raises(PayloadError):
            parse(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(ORDER)), json_values)
def test_nothing_in_a_field_breaks_more_than_the_order(field: str, value: object) -> None:
    try:
        parse_order(order(**{field: value}))
    except PayloadError as error:
        assert error.fields  # noqa: PT017 - either outcome is right; a third is not


def test_a_customer_is_known_by_id_and_normalised_address() -> None:
    state = parse_customer(
        {"id": 25, "email": "Ana@Shop.Example", "date_created_gmt": "2025-01-02T03:04:05", "role": "customer"}
    )
    assert (state.wc_id, state.email) == (25, "ana@shop.example")
    assert state.registered_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_customer_may_have_neither_address_nor_date() -> None:
    state = parse_customer({"id": 25, "email": "", "date_created_gmt": None})
    assert (state.email, state.registered_at) == (None, None)


def test_a_deletion_holds_an_id_and_nothing_else() -> None:
    assert deleted_id({"id": 9}) == 9


@pytest.mark.parametrize(
    ("billing", "country"),
    [({"country": "de"}, "DE"), ({"country": ""}, ""), ({"country": None}, ""), ({"country": "Deutschland"}, ""),
     ({"country": "7!"}, ""), ([], ""), (None, "")],
)  # fmt: skip
def test_a_country_is_two_letters_or_none(billing: object, country: str) -> None:
    assert parse_order(order(billing=billing)).country == country


@pytest.mark.parametrize(
    ("value", "user"), [(25, 25), ("25", 25), (0, 0), (None, 0), (True, 0), (-3, 0), ("x", 0), (10**30, 0), ("²", 0)]
)
def test_a_referrer_is_a_user_or_nobody(value: object, user: int) -> None:
    assert parse_order(order(regulars_referrer=value)).referrer_wc_id == user


@pytest.mark.parametrize(
    ("told", "birthday"),
    [("02-29", "02-29"), ("1984-02-29", "1984-02-29"), ("1985-02-29", None), ("13-01", None), ("00-00", None),
     ("0000-02-03", None), ("", None), (None, None), (229, None), ("2-29", None), ("1984/02/29", None),
     ("W01-1", None), ("2026-W47-7", None), ("20261122", None), ("1984-02-29\n", None), ("٠٢-٢٩", None)],
)  # fmt: skip
def test_a_birthday_is_a_day_there_is(told: object, birthday: str | None) -> None:
    assert parse_customer({"id": 25, "regulars_birthday": told}).birthday == birthday


@pytest.mark.parametrize(("told", "consent"), [("yes", True), ("no", False), ("", None), (None, None), (True, None)])
def test_consent_is_what_the_customer_has_said(told: object, consent: bool | None) -> None:
    assert parse_customer({"id": 25, "regulars_offers": told}).consent is consent
