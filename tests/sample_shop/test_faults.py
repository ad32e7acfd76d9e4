"""The ways in which the sample shop fails."""

import threading

import pytest
import requests
from woocommerce import API

from tests.faults.jobs.processes import when_stalled
from tests.sample_shop import SampleShop

ORDERS = "/wc/v3/orders"


def test_a_status_is_answered_as_often_as_asked(shop: SampleShop, api: API) -> None:
    shop.faults.add("status", status=429, retry_after=7, times=2)

    answers = [api.get("orders") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"


def test_retry_after_may_be_a_date(shop: SampleShop, api: API) -> None:
    shop.faults.add("status", status=503, retry_after=90, retry_after_date=True)

    assert api.get("orders").headers["Retry-After"] == "Sun, 22 Nov 2026 09:31:30 GMT"


def test_a_fault_keeps_to_its_route_and_method(shop: SampleShop, api: API) -> None:
    shop.faults.add("status", method="POST", route=ORDERS)

    assert api.get("orders").status_code == 200
    assert api.post("customers", {}).status_code == 400
    assert api.post("orders", {}).status_code == 500
    assert shop.faults.pending() == 0


def test_html_comes_with_200(shop: SampleShop, api: API) -> None:
    shop.faults.add("html")

    answer = api.get("orders")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")


def test_a_warning_of_php_stands_before_the_json(shop: SampleShop, api: API) -> None:
    shop.faults.add("not_json")

    answer = api.get("orders")

    assert answer.headers["Content-Type"].startswith("application/json")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_redirect_leads_to_https(shop: SampleShop) -> None:
    shop.faults.add("redirect")

    answer = requests.get(f"{shop.rest_url}wc/v3/orders", allow_redirects=False, timeout=60)

    assert (answer.status_code, answer.headers["Location"][:8]) == (301, "https://")


def test_an_empty_answer_has_no_bytes(shop: SampleShop, api: API) -> None:
    shop.faults.add("empty")

    assert api.get("orders").content == b""


def test_a_dropped_request_did_nothing(shop: SampleShop, api: API) -> None:
    shop.faults.add("drop")

    with pytest.raises(requests.ConnectionError):
        api.post("coupons", {"code": "once"})

    assert shop.coupons() == []


def test_a_request_dropped_after_the_commit_did_its_work(shop: SampleShop, api: API) -> None:
    shop.faults.add("drop_after_commit")

    with pytest.raises(requests.ConnectionError):
        api.post("coupons", {"code": "once"})

    assert [coupon["code"] for coupon in shop.coupons()] == ["once"]


def test_a_stalled_request_waits_until_it_is_let_go(shop: SampleShop, api: API) -> None:
    shop.faults.add("stall")
    failures: list[Exception] = []

    def ask() -> None:
        try:
            api.get("orders")
        except requests.ConnectionError as error:
            failures.append(error)

    stalled = when_stalled(shop)
    asking = threading.Thread(target=ask)
    asking.start()
    assert stalled.wait(60)
    assert api.get("orders").status_code == 200
    assert asking.is_alive()
    shop.faults.release()
    asking.join(60)

    assert not asking.is_alive()
    assert len(failures) == 1


def test_a_part_of_a_batch_fails(shop: SampleShop, api: API) -> None:
    shop.faults.add("partial_batch", items=(1,))

    answer = api.post("coupons/batch", {"create": [{"code": "a"}, {"code": "b"}, {"code": "c"}]}).json()

    assert [("error" in item) for item in answer["create"]] == [False, True, False]
    assert [coupon["code"] for coupon in shop.coupons()] == ["a", "c"]


def test_a_batch_fault_waits_for_a_batch(shop: SampleShop, api: API) -> None:
    shop.faults.add("partial_batch")

    api.get("coupons")

    assert shop.faults.pending() == 1


def test_an_unknown_fault_is_refused(shop: SampleShop) -> None:
    with pytest.raises(ValueError, match="no fault 'explode'"):
        shop.faults.add("explode")


def test_requests_are_counted_by_route(shop: SampleShop, api: API) -> None:
    order_id = shop.place_order("1.00")["id"]

    api.get("orders")
    api.get(f"orders/{order_id}")
    api.post("customers/batch", {})

    assert shop.requests == {
        "GET /wc/v3/orders": 1,
        "GET /wc/v3/orders/<id>": 1,
        "POST /wc/v3/customers/batch": 1,
    }


def test_a_closed_shop_comes_back_on_its_port_with_what_it_had(shop: SampleShop, api: API) -> None:
    shop.place_order("1.00")
    shop.close()
    with pytest.raises(requests.ConnectionError):
        api.get("orders")

    shop.start()

    assert len(api.get("orders").json()) == 1
