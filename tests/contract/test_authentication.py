"""Over http the store takes OAuth 1.0a and nothing else."""

import time

from tests.contract.store_api import StoreApi

WINDOW = 15 * 60
ERROR = "woocommerce_rest_authentication_error"


def test_a_signed_request_is_answered(store: StoreApi) -> None:
    assert store.get("orders", per_page=1).status == 200


def test_parameters_repeated_after_the_signature_do_no_harm(store: StoreApi) -> None:
    # The woocommerce client appends the query to an address that already carries it.
    url = f"{store.signed('GET', 'orders', {'per_page': '1'})}&per_page=1"

    assert store.send("GET", url).status == 200


def test_a_request_without_a_key_is_refused(store: StoreApi) -> None:
    answer = store.send("GET", store.address("orders"))

    assert (answer.status, answer.code) == (401, "woocommerce_rest_cannot_view")


def test_basic_credentials_count_for_nothing_over_http(store: StoreApi) -> None:
    answer = store.send("GET", store.address("orders"), auth=(store.consumer_key, store.consumer_secret))

    assert (answer.status, answer.code) == (401, "woocommerce_rest_cannot_view")


def test_credentials_in_the_query_count_for_nothing_over_http(store: StoreApi) -> None:
    credentials = {"consumer_key": store.consumer_key, "consumer_secret": store.consumer_secret}

    assert store.send("GET", store.address("orders", **credentials)).status == 401


def test_an_unknown_key_is_refused(store: StoreApi) -> None:
    answer = store.send("GET", store.signed("GET", "orders", consumer_key="ck_unknown"))

    assert (answer.status, answer.code) == (401, ERROR)
    assert answer.body == {"code": ERROR, "message": "Consumer key is invalid.", "data": {"status": 401}}


def test_a_wrong_secret_is_refused(store: StoreApi) -> None:
    answer = store.send("GET", store.signed("GET", "orders", consumer_secret="cs_wrong"))

    assert (answer.status, answer.code) == (401, ERROR)
    assert answer.body["message"] == "Invalid signature - provided signature does not match."


def test_a_signature_for_another_address_is_refused(store: StoreApi) -> None:
    moved = store.signed("GET", "orders").replace("/orders?", "/customers?")

    assert store.send("GET", moved).code == ERROR


def test_a_signature_for_another_method_is_refused(store: StoreApi) -> None:
    assert store.send("POST", store.signed("GET", "orders"), {}).code == ERROR


def test_a_changed_parameter_is_refused(store: StoreApi) -> None:
    changed = store.signed("GET", "orders", {"per_page": "1"}).replace("per_page=1", "per_page=2")

    assert store.send("GET", changed).code == ERROR


def test_a_time_stamp_outside_the_window_is_refused(store: StoreApi) -> None:
    for seconds in (-WINDOW - 60, WINDOW + 60):
        moment = int(time.time()) + seconds
        answer = store.send("GET", store.signed("GET", "orders", oauth_timestamp=moment))

        assert (answer.status, answer.body["message"]) == (401, "Invalid timestamp.")


def test_a_time_stamp_inside_the_window_is_taken(store: StoreApi) -> None:
    for seconds in (-WINDOW + 60, WINDOW - 60):
        moment = int(time.time()) + seconds

        assert store.send("GET", store.signed("GET", "orders", oauth_timestamp=moment)).status == 200


def test_a_replayed_nonce_is_refused(store: StoreApi) -> None:
    url = store.signed("GET", "orders", {"per_page": "1"})

    assert store.send("GET", url).status == 200
    replayed = store.send("GET", url)

    assert (replayed.status, replayed.code) == (401, ERROR)
    assert replayed.body["message"] == "Invalid nonce - nonce has already been used."


def test_a_missing_oauth_parameter_is_named(store: StoreApi) -> None:
    url = store.signed("GET", "orders").replace("oauth_nonce", "oauth_other")

    answer = store.send("GET", url)

    assert (answer.status, answer.code) == (401, "woocommerce_rest_authentication_missing_parameter")
    assert answer.body["message"] == "Missing OAuth parameter oauth_nonce"


def test_the_signature_may_travel_in_the_authorization_header(store: StoreApi) -> None:
    address, _, query = store.signed("GET", "orders").partition("?")
    header = "OAuth " + ", ".join(f'{part.replace("=", chr(61) + chr(34), 1)}"' for part in query.split("&"))

    assert store.send("GET", address, headers={"Authorization": header}).status == 200


def test_answers_carry_a_date(store: StoreApi) -> None:
    assert store.get("orders", per_page=1).headers["Date"].endswith("GMT")
