"""The plugin's side of the sample shop."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from woocommerce import API

from tests.sample_shop import PairingRefused, SampleShop
from tests.sample_shop.listener import NOW, SECRET, Listener, standard_signature


def told(connector: Listener) -> list[dict[str, Any]]:
    """The bodies of the deliveries."""
    return [json.loads(body) for path, _, body in connector.requests if path == "/v1/hooks/st_1"]


def test_pairing_hands_over_what_the_connector_needs(shop: SampleShop, connector: Listener) -> None:
    answer = shop.pair(connector.url, "ABCD-EFGH-JKMN")

    ((path, _, body),) = connector.requests
    sent = json.loads(body)
    assert path == "/v1/pair"
    assert answer["store_id"] == "st_1"
    assert sent["rest_url"] == shop.rest_url
    assert (sent["consumer_key"], sent["consumer_secret"]) == (shop.consumer_key, shop.consumer_secret)
    assert (sent["code"], sent["currency"], sent["timezone"]) == ("ABCD-EFGH-JKMN", "USD", "Europe/Berlin")


def test_a_refused_pairing_is_told_and_nothing_is_kept(shop: SampleShop, connector: Listener) -> None:
    connector.answers.append(403)

    with pytest.raises(PairingRefused) as refused:
        shop.pair(connector.url, "WRONG")

    assert (refused.value.status, refused.value.problem) == (403, {"code": "refused"})
    assert not shop.plugin.connected


def test_a_placed_order_is_delivered_signed(paired: SampleShop, connector: Listener) -> None:
    order = paired.place_order("120.00", email="guest@example.com")

    ((_, headers, body),) = connector.requests
    sent = json.loads(body)
    assert headers["webhook-signature"] == standard_signature(headers, body)
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert (sent["type"], sent["causes"]) == ("order.updated", ["created"])
    assert sent["observed_at"] == "2026-11-22T09:30:00.000000Z"
    assert sent["data"] == order | {"regulars_referrer": 0}


def test_everything_that_happens_to_an_order_is_delivered(paired: SampleShop, connector: Listener) -> None:
    order_id = paired.place_order("120.00")["id"]
    refund_id = paired.refund(order_id, "20.00")["refunds"][0]["id"]
    paired.delete_refund(order_id, refund_id)
    paired.cancel(order_id)
    paired.trash(order_id)
    paired.restore(order_id)
    paired.delete(order_id)

    assert [(body["type"], body["causes"]) for body in told(connector)] == [
        ("order.updated", ["created"]),
        ("order.updated", ["refunded"]),
        ("order.updated", ["refund_deleted"]),
        ("order.updated", ["status"]),
        ("order.deleted", ["trashed"]),
        ("order.updated", ["restored"]),
        ("order.deleted", ["deleted"]),
    ]
    assert told(connector)[-1]["data"] == {"id": order_id}


def test_everything_that_happens_to_a_customer_is_delivered(paired: SampleShop, connector: Listener) -> None:
    customer_id = paired.register_customer("ann@example.com")["id"]
    paired.update_customer(customer_id, first_name="Ann")
    paired.delete_customer(customer_id)

    assert [body["type"] for body in told(connector)] == ["customer.updated", "customer.updated", "customer.deleted"]


def test_an_unpaired_shop_delivers_nothing(shop: SampleShop) -> None:
    shop.place_order("120.00")

    assert shop.plugin.sent == []
    assert shop.plugin.pending == []


def test_missed_deliveries_are_missed_for_ever(paired: SampleShop, connector: Listener) -> None:
    paired.plugin.deliveries = "off"
    paired.place_order("120.00")
    paired.plugin.deliveries = "on"

    assert paired.plugin.send_pending() == []
    assert told(connector) == []


def test_held_deliveries_of_one_order_become_one(paired: SampleShop, connector: Listener) -> None:
    paired.plugin.deliveries = "held"
    order_id = paired.place_order("120.00")["id"]
    paired.set_status(order_id, "completed")
    assert told(connector) == []

    paired.plugin.send_pending()

    (sent,) = told(connector)
    assert (sent["causes"], sent["data"]["status"]) == (["created", "status"], "completed")


def test_a_delivery_that_failed_is_sent_again_under_its_id(paired: SampleShop, connector: Listener) -> None:
    connector.answers.append(503)
    paired.place_order("120.00")

    paired.plugin.send_pending()

    first, second = connector.requests
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert first[2] == second[2]
    assert paired.plugin.pending == []


def test_a_newer_state_replaces_body_and_id(paired: SampleShop, connector: Listener) -> None:
    connector.answers.append(503)
    order_id = paired.place_order("120.00")["id"]

    paired.cancel(order_id)

    first, second = connector.requests
    assert first[1]["webhook-id"] != second[1]["webhook-id"]
    assert json.loads(second[2])["causes"] == ["created", "status"]
    assert paired.plugin.pending == []


@pytest.mark.parametrize(
    ("status", "left", "stopped"), [(400, 0, False), (413, 0, False), (401, 1, False), (410, 0, True)]
)
def test_some_answers_end_a_delivery(
    paired: SampleShop, connector: Listener, status: int, left: int, stopped: bool
) -> None:
    connector.answers.append(status)

    paired.place_order("120.00")

    assert (len(paired.plugin.pending), paired.plugin.stopped) == (left, stopped)


def test_a_replay_is_the_same_to_the_byte(paired: SampleShop, connector: Listener) -> None:
    paired.place_order("120.00")

    paired.plugin.replay(paired.plugin.sent[0])

    first, second = connector.requests
    assert first[2] == second[2]
    assert {name: first[1][name] for name in first[1] if name.startswith("webhook-")} == {
        name: second[1][name] for name in second[1] if name.startswith("webhook-")
    }


def test_writes_through_the_api_echo_only_where_asked(paired: SampleShop, connector: Listener, api: API) -> None:
    customer_id = paired.register_customer("ann@example.com")["id"]
    connector.requests.clear()
    body = {"meta_data": [{"key": "regulars_tier", "value": "gold"}]}

    api.put(f"customers/{customer_id}", body)
    paired.plugin.echo = True
    api.post("customers/batch", {"update": [{"id": customer_id, **body}]})
    api.put(f"customers/{customer_id}", body)
    paired.plugin.send_pending()

    assert [sent["type"] for sent in told(connector)] == ["customer.updated"]


def test_a_native_webhook_is_signed_with_the_whole_secret(paired: SampleShop, connector: Listener) -> None:
    order_id = paired.place_order("120.00")["id"]
    connector.requests.clear()

    assert paired.plugin.native_webhook(order_id) == 202

    ((path, headers, body),) = connector.requests
    signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    assert path == "/v1/hooks/st_1"
    assert headers["x-wc-webhook-signature"] == signature
    assert (headers["x-wc-webhook-topic"], headers["x-wc-webhook-resource"]) == ("order.updated", "order")


def test_a_ping_is_a_form_without_a_signature(paired: SampleShop, connector: Listener) -> None:
    paired.plugin.native_ping()

    ((_, headers, body),) = connector.requests
    assert body == b"webhook_id=1"
    assert "x-wc-webhook-signature" not in headers
