import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from connector.shop.batches import Done, Refused
from connector.shop.client import ShopClient
from connector.shop.coupons import CouponDraft, CouponUpdate, change_coupons, coupon_by_code, parse_coupon
from connector.shop.errors import PayloadError, ShopUnavailable
from tests.unit.shop.conftest import ScriptedStore

EXPIRY = datetime(2026, 12, 22, 11, 0, tzinfo=timezone(timedelta(hours=1)))
DRAFT = CouponDraft("RG-7K2M", "10.00", "a@shop.example", EXPIRY, "second_purchase", "ent_1")
TAKEN = {
    "code": "woocommerce_rest_coupon_code_already_exists",
    "message": "The coupon code already exists",
    "data": {"status": 400},
}


def coupon(entitlement: str | None = "ent_1", **changes: object) -> dict[str, object]:
    meta = [] if entitlement is None else [{"id": 1, "key": "regulars_entitlement", "value": entitlement}]
    return {
        "id": 51,
        "code": "rg-7k2m",
        "amount": "10.00",
        "date_expires_gmt": "2026-12-22T10:00:00",
        "email_restrictions": ["a@shop.example"],
        "usage_count": 0,
        "usage_limit": 1,
        "meta_data": [{"id": 2, "key": "other", "value": {"a": [1]}}, *meta],
        **changes,
    }


def test_a_coupon_is_for_one_person_once_and_names_its_entitlement(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"create": [coupon()]})
    assert change_coupons(client, create=[DRAFT]).create == [Done(51)]
    assert store.asked[0].path == "/wp-json/wc/v3/coupons/batch"
    assert store.asked[0].body["create"] == [
        {
            "code": "rg-7k2m",
            "discount_type": "percent",
            "amount": "10.00",
            "description": "",
            "email_restrictions": ["a@shop.example"],
            "individual_use": True,
            "usage_limit": 1,
            "meta_data": [
                {"key": "regulars_campaign", "value": "second_purchase"},
                {"key": "regulars_entitlement", "value": "ent_1"},
            ],
            "date_expires": "2026-12-22T10:00:00Z",
        }
    ]


def test_making_changing_and_deleting_share_one_request(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"create": [coupon()], "update": [{"id": 60}], "delete": [{"id": 70}, {"id": 71}]})
    results = change_coupons(client, create=[DRAFT], update=[CouponUpdate(60, expires_at=EXPIRY)], delete=[70, 71])
    assert (results.create, results.update, results.delete) == ([Done(51)], [Done(60)], [Done(70), Done(71)])
    assert store.asked[0].body["update"] == [{"id": 60, "date_expires": "2026-12-22T10:00:00Z"}]
    assert store.asked[0].body["delete"] == [70, 71]
    assert client.requests_made == 1


def test_a_coupon_made_by_an_attempt_whose_answer_was_lost_is_adopted(
    store: ScriptedStore, client: ShopClient
) -> None:
    store.answers({"create": [{"id": 0, "error": TAKEN}]})
    store.answers([coupon("ent_1")])
    assert change_coupons(client, create=[DRAFT]).create == [Done(51, adopted=True)]
    assert store.asked[1].path == "/wp-json/wc/v3/coupons"
    assert store.asked[1].params["code"] == "RG-7K2M"


@pytest.mark.parametrize("found", [[coupon("ent_2")], [coupon(None)], [], [coupon("ent_1", code="other")]])
def test_somebody_elses_coupon_is_never_adopted(
    store: ScriptedStore, client: ShopClient, found: list[object]
) -> None:
    store.answers({"create": [{"id": 0, "error": TAKEN}]})
    store.answers(found)
    assert change_coupons(client, create=[DRAFT]).create == [
        Refused("woocommerce_rest_coupon_code_already_exists", "The coupon code already exists", 400)
    ]


def test_many_lost_coupons_are_found_with_one_request_and_the_older_ones_by_code(
    store: ScriptedStore, client: ShopClient
) -> None:
    drafts = [replace(DRAFT, code=f"rg-{one}", entitlement=f"ent_{one}") for one in range(4)]
    store.answers({"create": [{"id": 0, "error": TAKEN}] * 3 + [coupon(id=54)]})
    store.answers([coupon("ent_0", id=50, code="rg-0"), coupon("ent_x", id=51, code="rg-1")])
    store.answers([coupon("ent_2", id=52, code="rg-2")])
    results = change_coupons(client, create=drafts).create
    assert results[0] == Done(50, adopted=True)
    assert isinstance(results[1], Refused)
    assert results[2:] == [Done(52, adopted=True), Done(54)]
    assert client.requests_made == 3


# Each of these WordPress empties or turns into another person's address, and then makes the coupon without an error.
OPEN_TO_OTHERS = [
    "not-an-email",
    "a@b",
    "jürgen@shop.example",
    "a b@shop.example",
    "a@shop_one.example",
    "a@-shop.example",
    "a@shop..example",
    "a@shop.example.",
    "a@b@shop.example",
    "*@shop.example",
    "a@*.example",
    "",
    "a@shop.example\n",
]


@pytest.mark.parametrize("email", OPEN_TO_OTHERS)
def test_a_coupon_that_would_be_open_to_others_is_never_sent(
    store: ScriptedStore, client: ShopClient, email: str
) -> None:
    results = change_coupons(client, create=[replace(DRAFT, email=email)], update=[CouponUpdate(60, email=email)])
    for outcome in (*results.create, *results.update):
        assert isinstance(outcome, Refused)
        assert (outcome.code, outcome.gone, outcome.retryable) == ("email_not_usable", False, False)
    assert client.requests_made == 0


def test_one_address_that_is_not_usable_stops_no_other_coupon(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"create": [coupon(id=51), coupon(id=52)], "delete": [{"id": 70}]})
    drafts = [replace(DRAFT, email="A.b+c'd@Shop-1.example"), replace(DRAFT, email="*@shop.example"), DRAFT]
    results = change_coupons(client, create=drafts, delete=[70])
    assert (results.create[0], results.create[2], results.delete) == (Done(51), Done(52), [Done(70)])
    assert isinstance(results.create[1], Refused)
    assert [sent["email_restrictions"] for sent in store.asked[0].body["create"]] == [
        ["A.b+c'd@Shop-1.example"],
        ["a@shop.example"],
    ]


def test_another_refusal_of_a_coupon_is_not_looked_up(store: ScriptedStore, client: ShopClient) -> None:
    error = {"code": "coupon_invalid_email_address", "message": "Invalid email address restriction."}
    store.answers({"create": [{"id": 0, "error": error}, coupon()]})
    results = change_coupons(client, create=[DRAFT, DRAFT])
    assert results.create[0] == Refused("coupon_invalid_email_address", "Invalid email address restriction.")
    assert results.create[1] == Done(51)
    assert client.requests_made == 1


def test_deleting_what_is_gone_is_done(store: ScriptedStore, client: ShopClient) -> None:
    gone = {"code": "woocommerce_rest_shop_coupon_invalid_id", "message": "Invalid ID.", "data": {"status": 404}}
    kept = {"code": "woocommerce_rest_cannot_delete", "message": "No.", "data": {"status": 500}}
    store.answers({"delete": [{"id": 70, "error": gone}, {"id": 71, "error": kept}]})
    results = change_coupons(client, delete=[70, 71])
    assert results.delete == [Done(70), Refused("woocommerce_rest_cannot_delete", "No.", 500)]


def test_a_created_coupon_without_an_id_is_not_believed(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"create": [{"id": 0}]})
    with pytest.raises(ShopUnavailable):
        change_coupons(client, create=[DRAFT])


def test_more_than_a_hundred_at_once_is_a_mistake_of_ours(client: ShopClient) -> None:
    with pytest.raises(ValueError, match="100"):
        change_coupons(client, create=[DRAFT] * 60, delete=range(1, 42))
    assert client.requests_made == 0


def test_nothing_to_change_is_no_request(client: ShopClient) -> None:
    assert change_coupons(client).create == []
    assert client.requests_made == 0


def test_a_coupon_is_found_by_its_code_in_any_case(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([coupon()])
    found = coupon_by_code(client, "RG-7K2M")
    assert found is not None
    assert (found.wc_id, found.entitlement, found.campaign) == (51, "ent_1", None)
    assert found.expires_at == datetime(2026, 12, 22, 10, 0, tzinfo=UTC)
    assert (found.amount, found.emails, found.usage_limit) == ("10.00", ("a@shop.example",), 1)


def test_a_code_that_a_store_does_not_filter_by_finds_nothing_else(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([coupon(code="another"), coupon(code="rg-7k2m", id=52)])
    found = coupon_by_code(client, "rg-7k2m")
    assert found is not None
    assert found.wc_id == 52


@pytest.mark.parametrize(
    "body", [{"id": "51", "code": "x"}, {"code": "x"}, {"id": 51}, {"id": 51, "code": "x", "meta_data": ["a"]}]
)
def test_a_bad_coupon_is_refused(body: object) -> None:
    with pytest.raises(PayloadError):
        parse_coupon(body)


EVERYTHING = replace(
    DRAFT,
    discount_type="fixed_cart",
    amount="5.00",
    minimum_amount="50",
    free_shipping=True,
    exclude_sale_items=True,
    excluded_products=(7, 9),
    excluded_categories=(15,),
    usage_limit=None,
    individual_use=False,
)
OF_POINTS = replace(DRAFT, campaign="", entitlement="redemption:3", redeemed_in="USD")


def test_a_coupon_made_of_points_names_its_redemption_and_its_currency(
    store: ScriptedStore, client: ShopClient
) -> None:
    store.answers({"create": [coupon()]})
    change_coupons(client, create=[OF_POINTS])
    (sent,) = store.asked[0].body["create"]
    assert sent["meta_data"] == [
        {"key": "regulars_redemption", "value": "redemption:3"},
        {"key": "regulars_currency", "value": "USD"},
    ]


def test_a_coupon_made_of_points_that_is_there_already_is_adopted_by_its_redemption(
    store: ScriptedStore, client: ShopClient
) -> None:
    taken = {"error": {"code": "woocommerce_rest_coupon_code_already_exists", "message": "", "data": {"status": 400}}}
    store.answers({"create": [{"id": 0, **taken}]})
    store.answers([coupon(meta_data=[{"id": 1, "key": "regulars_redemption", "value": "redemption:3"}])])
    assert change_coupons(client, create=[OF_POINTS]).create == [Done(51, adopted=True)]


def test_every_limit_of_a_coupon_is_written_under_woocommerces_own_name(
    store: ScriptedStore, client: ShopClient
) -> None:
    store.answers({"create": [coupon()]})
    change_coupons(client, create=[EVERYTHING])
    (sent,) = store.asked[0].body["create"]
    assert {name: sent[name] for name in sent if name not in ("meta_data", "date_expires", "description")} == {
        "code": "rg-7k2m",
        "discount_type": "fixed_cart",
        "amount": "5.00",
        "email_restrictions": ["a@shop.example"],
        "individual_use": False,
        "minimum_amount": "50",
        "free_shipping": True,
        "exclude_sale_items": True,
        "excluded_product_ids": [7, 9],
        "excluded_product_categories": [15],
    }


@pytest.mark.parametrize("draft", [DRAFT, EVERYTHING, OF_POINTS, replace(DRAFT, expires_at=None)])
def test_a_draft_is_kept_and_read_again_whole(draft: CouponDraft) -> None:
    assert CouponDraft.from_json(json.loads(json.dumps(draft.to_json()))) == draft


def test_a_draft_without_limits_keeps_only_what_every_coupon_has() -> None:
    assert set(DRAFT.to_json()) == {
        "code", "amount", "email", "expires_at", "campaign", "entitlement", "description"
    }  # fmt: skip


def test_a_coupon_over_whose_look_up_wordpress_crashes_may_be_found_later_and_hides_no_other(
    store: ScriptedStore, client: ShopClient
) -> None:
    drafts = [replace(DRAFT, code=f"rg-{one}", entitlement=f"ent_{one}") for one in range(3)]
    store.answers({"create": [{"id": 0, "error": TAKEN}] * 3})
    store.answers(b"", 500)
    store.answers([coupon("ent_0", id=50, code="rg-0")])
    store.answers(b"", 500)
    store.answers([coupon("ent_2", id=52, code="rg-2")])
    found, crashed, found_too = change_coupons(client, create=drafts).create
    assert (found, found_too) == (Done(50, adopted=True), Done(52, adopted=True))
    assert isinstance(crashed, Refused)
    assert crashed.retryable
    assert client.batch_size == 100
