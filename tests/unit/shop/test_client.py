from collections.abc import Callable
from datetime import timedelta

import pytest
import requests

from connector.shop.client import ShopClient
from connector.shop.errors import ShopError, ShopRefused, ShopUnavailable
from tests.unit.shop.conftest import ScriptedStore

Connect = Callable[[str], ShopClient]
REFUSED_KEY = {"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot view.", "data": {"status": 401}}


def test_paths_are_under_wc_v3_whatever_the_roots_last_character(store: ScriptedStore, connect: Connect) -> None:
    for root in ("https://shop.example/wp-json/", "https://shop.example/wp-json"):
        store.answers({})
        connect(root).get("orders/7")
    assert [asked.path for asked in store.asked] == ["/wp-json/wc/v3/orders/7"] * 2


@pytest.mark.parametrize(
    ("root", "code"),
    [
        ("https://shop.example/index.php?rest_route=/", "plain_permalinks"),
        ("ftp://shop.example/wp-json/", "address_invalid"),
        ("shop.example/wp-json/", "address_invalid"),
        ("https:///wp-json/", "address_invalid"),
        ("https://[broken/wp-json/", "address_invalid"),
        ("https://user:word@shop.example/wp-json/", "address_invalid"),
        ("https://shop.example/wp-json/?x=1", "address_invalid"),
    ],
)
def test_an_address_that_cannot_work_is_refused_at_once(connect: Connect, root: str, code: str) -> None:
    with pytest.raises(ShopRefused) as refused:
        connect(root)
    assert refused.value.code == code


def test_an_answer_carries_json_counts_and_the_stores_clock(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([1], X_WP_Total="250", X_WP_TotalPages="3", Date="Sun, 22 Nov 2026 12:01:30 GMT")
    answer = client.get("orders", {"per_page": 100, "dates_are_gmt": True})
    assert (answer.json, answer.total, answer.pages) == ([1], 250, 3)
    assert client.clock_skew == timedelta(seconds=90)
    assert store.asked[0].params == {"per_page": "100", "dates_are_gmt": "true"}


def test_counts_that_a_proxy_removed_or_spoilt_are_unknown(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([], X_WP_Total="many")
    answer = client.get("orders")
    assert (answer.total, answer.pages, client.clock_skew) == (None, None, None)


def test_a_body_is_sent_as_json_in_utf8(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({})
    client.post("customers/batch", {"update": [{"id": 1, "first_name": "Æ"}]})
    assert store.asked[0].body == {"update": [{"id": 1, "first_name": "Æ"}]}
    assert store.asked[0].headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("status", [200, 401, 403, 404, 400])
def test_a_refused_key_is_told_from_a_bad_moment(store: ScriptedStore, client: ShopClient, status: int) -> None:
    store.answers(REFUSED_KEY, status)
    with pytest.raises(ShopRefused, match="woocommerce_rest_cannot_view") as refused:
        client.get("orders")
    assert (refused.value.status, refused.value.code) == (status, "woocommerce_rest_cannot_view")
    assert client.requests_made == 1


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"<html>Please wait</html>", "broken_answer"),
        (200, b"", "broken_answer"),
        (200, b'[{"id":1},{"id', "broken_answer"),
        (200, b"null", "broken_answer"),
        (403, b"<html>Access denied</html>", "blocked"),
        (403, b'{"error":1020}', "blocked"),
        (404, b"<html>Not found</html>", "blocked"),
        (408, b"", "rate_limited"),
        (429, b"", "rate_limited"),
        (429, b'{"code":"too_many","message":"slow down"}', "rate_limited"),
        (200, b'{"code":"wp_die","message":"Error","data":{"status":500}}', "server_error"),
        (200, b'{"code":"busy","message":"Later","data":{"status":503}}', "server_error"),
        (200, b'{"code":"busy","message":"Later","data":{"status":429}}', "rate_limited"),
        (500, b'{"code":"internal_server_error","message":"critical error"}', "server_error"),
        (500, b"", "server_error"),
        (503, b"<html>Briefly unavailable</html>", "server_error"),
    ],
)
def test_whatever_may_pass_is_unavailable(
    store: ScriptedStore, client: ShopClient, status: int, body: bytes, reason: str
) -> None:
    for _ in range(3):
        store.answers(body, status)
    with pytest.raises(ShopUnavailable) as unavailable:
        client.get("orders")
    assert unavailable.value.reason == reason


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(401, b"<html>Password</html>", "password_wall"), (413, b"<html>", "http_413"), (501, b"", "http_501")],
)
def test_what_no_waiting_will_change_is_refused(
    store: ScriptedStore, client: ShopClient, status: int, body: bytes, code: str
) -> None:
    store.answers(body, status)
    with pytest.raises(ShopRefused) as refused:
        client.post("orders/batch", {})
    assert refused.value.code == code


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_says_where_it_points(
    store: ScriptedStore, client: ShopClient, status: int
) -> None:
    store.answers(b"", status, Location="https://www.shop.example/wp-json/wc/v3/orders?oauth_signature=abc")
    with pytest.raises(ShopRefused, match=r"https://www\.shop\.example/wp-json/wc/v3/orders") as refused:
        client.post("orders", {})
    assert refused.value.code == "redirect"
    assert "oauth" not in f"{refused.value}{refused.value.message}"
    assert len(store.asked) == 1


@pytest.mark.parametrize("location", ["/wp-json/", "", "http://[broken"])
def test_a_redirect_to_nowhere_sensible_is_still_a_redirect(
    store: ScriptedStore, client: ShopClient, location: str
) -> None:
    store.answers(b"", 301, Location=location)
    with pytest.raises(ShopRefused) as refused:
        client.get("orders")
    assert refused.value.code == "redirect"


def test_a_read_is_repeated_with_growing_pauses(store: ScriptedStore, client: ShopClient) -> None:
    store.answers(b"", 503)
    store.fails(requests.ConnectionError("refused"))
    store.answers({"id": 7})
    assert client.get("orders/7").json == {"id": 7}
    assert store.pauses == [0.5, 1.0]
    assert client.requests_made == 3


def test_a_read_is_given_up_after_three_times(store: ScriptedStore, client: ShopClient) -> None:
    for _ in range(3):
        store.answers(b"", 502)
    with pytest.raises(ShopUnavailable):
        client.get("orders")
    assert len(store.asked) == 3


def test_a_short_retry_after_is_kept_here(store: ScriptedStore, client: ShopClient) -> None:
    store.answers(b"", 429, Retry_After="7")
    store.answers([])
    client.get("orders")
    assert store.pauses == [7.0]


def test_a_long_retry_after_is_left_to_the_caller(store: ScriptedStore, client: ShopClient) -> None:
    store.answers(b"", 429, Retry_After="Sun, 22 Nov 2026 13:00:00 GMT")
    with pytest.raises(ShopUnavailable) as unavailable:
        client.get("orders")
    assert unavailable.value.retry_after == 3600.0
    assert store.pauses == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_write_is_sent_once(store: ScriptedStore, client: ShopClient, status: int) -> None:
    store.answers(b"", status, Retry_After="1")
    with pytest.raises(ShopUnavailable) as unavailable:
        client.post("coupons/batch", {})
    assert unavailable.value.retry_after == 1.0
    assert len(store.asked) == 1


def test_a_crash_inside_wordpress_is_not_hammered(store: ScriptedStore, client: ShopClient) -> None:
    store.answers(b"", 500)
    with pytest.raises(ShopUnavailable):
        client.get("orders")
    assert len(store.asked) == 1


def test_over_http_a_repeated_read_has_a_new_nonce(store: ScriptedStore, connect: Connect) -> None:
    store.answers(b"", 503)
    store.answers([])
    connect("http://shop.example/wp-json/").get("orders", {"page": 1})
    first, second = (asked.params["oauth_nonce"] for asked in store.asked)
    assert first != second


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (requests.exceptions.SSLError("bad certificate for ck_key"), "tls"),
        (requests.exceptions.ReadTimeout("read ck_key"), "timeout"),
        (requests.exceptions.ConnectTimeout("connect ck_key"), "unreachable"),
        (requests.exceptions.ConnectionError("refused ck_key"), "unreachable"),
        (requests.exceptions.ChunkedEncodingError("cut ck_key"), "broken_answer"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_trouble_on_the_way_becomes_one_sentence_without_the_signed_address(
    store: ScriptedStore, client: ShopClient, error: Exception, reason: str
) -> None:
    store.fails(error)
    with pytest.raises(ShopUnavailable) as unavailable:
        client.post("orders/batch", {})
    assert unavailable.value.reason == reason
    assert "ck_key" not in str(unavailable.value)
    assert unavailable.value.__cause__ is None
    assert unavailable.value.__suppress_context__


def test_an_endless_answer_is_cut_off(
    store: ScriptedStore, client: ShopClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.shop.answers.LARGEST_BODY", 1000)
    store.answers(b"[" + b"1," * 1000 + b"1]")
    with pytest.raises(ShopRefused) as refused:
        client.get("orders")
    assert refused.value.code == "answer_too_large"


def test_a_store_that_answers_in_drops_is_given_up(
    store: ScriptedStore, client: ShopClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.shop.answers.LONGEST_READ", -1.0)
    store.answers([1])
    with pytest.raises(ShopUnavailable) as unavailable:
        client.get("orders")
    assert unavailable.value.reason == "timeout"


def test_every_error_is_a_sentence(store: ScriptedStore, client: ShopClient) -> None:
    for status in (301, 400, 401, 403, 404, 413, 418, 429, 500, 501, 503):
        store.answers(b"", status)
        with pytest.raises(ShopError, match=r"^[A-Z].+\.$"):
            client.post("orders", {})
