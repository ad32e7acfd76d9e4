"""Promises 7 and 9: a slow, angry or broken store loses nothing, and no coupon is ever made twice."""

from __future__ import annotations

import gzip
import socket
from typing import Any

import pytest

from connector.shop.answers import LARGEST_BODY
from connector.shop.batches import Done, Refused
from connector.shop.client import RetryPolicy, ShopClient
from connector.shop.coupons import CouponDraft, change_coupons
from connector.shop.customers import update_customers_meta
from connector.shop.errors import ShopRefused, ShopUnavailable
from connector.shop.store import current_currency
from tests.faults.shop.conftest import BreakingStore, Handler

DRAFT = CouponDraft("rg-7k2m", "10.00", "a@shop.example", None, "second_purchase", "ent_1")
META = [(7, {"regulars_tier": "gold"}), (8, {"regulars_tier": "member"})]


def answers(status: int, body: bytes = b"", **headers: str) -> Any:
    return lambda handler: handler.reply(status, body, **headers)


def stalls(handler: Handler) -> None:
    handler.server.store.stalling.set()
    handler.server.store.released.wait(60)
    handler.close_connection = True


def stalls_within_the_body(handler: Handler) -> None:
    handler.reply(200, b'{"code":', Content_Length="100")
    stalls(handler)


def drips(handler: Handler) -> None:
    """Send a byte often enough that no silence is long, and never the whole."""
    handler.reply(200, b"[", Content_Length="1000000")
    while not handler.server.store.released.wait(0.01):
        handler.wfile.write(b" ")


def drips_in_chunks(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while not handler.server.store.released.wait(0.01):
        handler.wfile.write(b"1\r\n[\r\n")


def works_in_compressed_chunks(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    compressed = gzip.compress(handler.work())
    for at in range(len(compressed)):
        handler.wfile.write(b"1\r\n" + compressed[at : at + 1] + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")


def works_after_a_notice(handler: Handler) -> None:
    handler.reply(200, b"\xef\xbb\xbf<br />\n<b>Warning</b>: x in <b>y</b> on line <b>1</b><br />\n" + handler.work())


def hangs_up(handler: Handler) -> None:
    handler.hang_up()


def hangs_up_within_the_body(handler: Handler) -> None:
    handler.reply(200, b'{"code":"US', Content_Length="100")
    handler.hang_up()


def works_and_hangs_up(handler: Handler) -> None:
    handler.work()
    handler.hang_up()


def test_429_with_retry_after_is_kept_and_then_succeeds(
    store: BreakingStore, client: ShopClient, pauses: list[float]
) -> None:
    store.next(answers(429, Retry_After="3"))
    assert current_currency(client) == "USD"
    assert pauses == [3.0]
    assert client.requests_made == len(store.asked) == 2


def test_a_long_retry_after_reaches_the_caller(store: BreakingStore, client: ShopClient, pauses: list[float]) -> None:
    store.next(answers(429, Retry_After="600"))
    with pytest.raises(ShopUnavailable) as unavailable:
        current_currency(client)
    assert (unavailable.value.reason, unavailable.value.retry_after) == ("rate_limited", 600.0)
    assert pauses == []


def test_500_is_unavailable(store: BreakingStore, client: ShopClient) -> None:
    store.next(answers(500, b"<html>Fatal error</html>"))
    with pytest.raises(ShopUnavailable) as unavailable:
        current_currency(client)
    assert unavailable.value.reason == "server_error"


@pytest.mark.parametrize("fault", [stalls, stalls_within_the_body])
def test_a_stalled_store_is_left_alone(store: BreakingStore, impatient_client: ShopClient, fault: Any) -> None:
    store.next(fault)
    with pytest.raises(ShopUnavailable) as unavailable:
        current_currency(impatient_client)
    assert unavailable.value.reason == "timeout"
    assert store.stalling.wait(60)
    assert len(store.asked) == 1


@pytest.mark.parametrize("fault", [drips, drips_in_chunks])
def test_a_store_that_drips_is_given_up_though_it_is_never_silent(
    store: BreakingStore, client: ShopClient, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.shop.answers.LONGEST_READ", 0.2)
    store.next(fault)
    with pytest.raises(ShopUnavailable) as unavailable:
        current_currency(client)
    assert unavailable.value.reason == "timeout"


def test_an_answer_that_never_ends_is_cut_off_whatever_it_unpacks_to(
    store: BreakingStore, client: ShopClient
) -> None:
    bomb = gzip.compress(b"[" + b" " * (LARGEST_BODY + 1))
    assert len(bomb) < 100_000
    store.next(answers(200, bomb, Content_Encoding="gzip"))
    with pytest.raises(ShopRefused) as refused:
        current_currency(client)
    assert refused.value.code == "answer_too_large"


@pytest.mark.parametrize("harmless", [works_in_compressed_chunks, works_after_a_notice])
def test_an_odd_but_whole_answer_is_read(store: BreakingStore, client: ShopClient, harmless: Any) -> None:
    store.next(harmless)
    assert current_currency(client) == "USD"


def test_a_server_without_the_certificate_it_should_have_is_reported(store: BreakingStore) -> None:
    with ShopClient(store.url.replace("http:", "https:") + "/wp-json/", "ck", "cs") as client:
        with pytest.raises(ShopUnavailable, match="certificate") as unavailable:
            current_currency(client)
        assert unavailable.value.reason == "tls"


def test_a_connection_that_breaks_is_tried_again(store: BreakingStore, client: ShopClient) -> None:
    store.next(hangs_up)
    assert current_currency(client) == "USD"
    assert len(store.asked) == 2


@pytest.mark.parametrize(
    "fault",
    [
        answers(200, b"<html><body>Checking your browser</body></html>", Content_Type="text/html"),
        answers(200, b""),
        answers(200, b'{"code":"US'),
        answers(200, b"not gzip", Content_Encoding="gzip"),
        hangs_up_within_the_body,
    ],
    ids=["html", "empty", "truncated", "bad gzip", "broken off"],
)
def test_what_is_not_the_whole_json_is_no_answer(store: BreakingStore, client: ShopClient, fault: Any) -> None:
    store.next(fault)
    with pytest.raises(ShopUnavailable) as unavailable:
        current_currency(client)
    assert unavailable.value.reason == "broken_answer"


def test_a_redirect_is_reported_and_not_followed(store: BreakingStore, client: ShopClient) -> None:
    store.next(answers(301, b"moved", Location="https://www.shop.example/wp-json/wc/v3/"))
    with pytest.raises(ShopRefused, match=r"https://www\.shop\.example/wp-json/wc/v3/"):
        update_customers_meta(client, META)
    assert len(store.asked) == 1


def test_a_refused_key_is_reported_as_woocommerce_says_it(store: BreakingStore, client: ShopClient) -> None:
    body = (
        b'{"code":"woocommerce_rest_authentication_error","message":"Consumer key is invalid.","data":{"status":401}}'
    )
    store.next(answers(401, body))
    with pytest.raises(ShopRefused, match="Connect the store again") as refused:
        current_currency(client)
    assert refused.value.code == "woocommerce_rest_authentication_error"


def test_a_store_that_is_down_is_unreachable(pauses: list[float]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    retry = RetryPolicy(pause=pauses.append)
    client = ShopClient(f"http://127.0.0.1:{port}/wp-json/", "ck", "cs", retry=retry)
    with client, pytest.raises(ShopUnavailable) as unavailable:
        current_currency(client)
    assert unavailable.value.reason == "unreachable"
    assert len(pauses) == 2


def test_one_refused_customer_of_a_batch_takes_nobody_along(store: BreakingStore, client: ShopClient) -> None:
    store.unknown_customers = {7}
    results = update_customers_meta(client, META)
    assert results == [Refused("wc_user_invalid_id", "Invalid user ID.", 404), Done(8)]
    assert store.meta == {8: {"regulars_tier": "member"}}


def test_meta_written_before_the_connection_broke_is_simply_written_again(
    store: BreakingStore, client: ShopClient
) -> None:
    store.next(works_and_hangs_up)
    with pytest.raises(ShopUnavailable):
        update_customers_meta(client, META)
    assert update_customers_meta(client, META) == [Done(7), Done(8)]
    assert store.meta == {7: {"regulars_tier": "gold"}, 8: {"regulars_tier": "member"}}


@pytest.mark.parametrize("attempts_lost", [1, 3])
def test_a_coupon_whose_answer_was_lost_is_adopted_and_not_made_again(
    store: BreakingStore, client: ShopClient, attempts_lost: int
) -> None:
    for _ in range(attempts_lost):
        store.next(works_and_hangs_up)
        with pytest.raises(ShopUnavailable):
            change_coupons(client, create=[DRAFT])
    outcome = change_coupons(client, create=[DRAFT]).create
    assert outcome == [Done(100, adopted=True)]
    assert list(store.coupons) == ["rg-7k2m"]


def test_a_code_of_the_shop_owners_own_is_not_taken_over(store: BreakingStore, client: ShopClient) -> None:
    store.coupons["rg-7k2m"] = {"id": 5, "code": "rg-7k2m", "amount": "50.00"}
    outcome = change_coupons(client, create=[DRAFT]).create
    assert isinstance(outcome[0], Refused)
    assert outcome[0].code == "woocommerce_rest_coupon_code_already_exists"


def test_all_requests_share_one_connection(store: BreakingStore, client: ShopClient) -> None:
    for _ in range(5):
        current_currency(client)
    update_customers_meta(client, META)
    assert len(store.connections) == 1


def test_errors_do_not_spoil_the_connection(store: BreakingStore, client: ShopClient) -> None:
    store.next(answers(400, b'{"code":"rest_invalid_param","message":"Invalid parameter(s): x"}'), answers(500))
    with pytest.raises(ShopRefused):
        current_currency(client)
    with pytest.raises(ShopUnavailable):
        current_currency(client)
    assert current_currency(client) == "USD"
    assert len(store.connections) == 1
