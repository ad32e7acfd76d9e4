"""The log: one line for each delivery that a store of ours sent, and nobody's data in any of them."""

import json
import logging

import pytest

from tests.integration.web.speaking import StoreVoice, order_updated


@pytest.fixture(autouse=True)
def at_info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="connector")


def _lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith("connector")]


def test_an_accepted_delivery_and_its_repetition(voice: StoreVoice, caplog: pytest.LogCaptureFixture) -> None:
    voice.deliver(order_updated())
    voice.deliver(order_updated())

    assert _lines(caplog) == [
        "delivery store=st_test1 source=plugin topic=order.updated id=4711 outcome=accepted",
        "delivery store=st_test1 source=plugin topic=order.updated id=4711 outcome=duplicate",
    ]


def test_hints_and_pings(voice: StoreVoice, caplog: pytest.LogCaptureFixture) -> None:
    voice.native({"id": 5})
    voice.native({"id": 5}, "product.updated")
    voice.hooks(b"webhook_id=1", {"Content-Type": "application/x-www-form-urlencoded"})

    assert _lines(caplog) == [
        "delivery store=st_test1 source=native topic=order.updated id=5 outcome=accepted",
        "delivery store=st_test1 source=native outcome=ignored",
        "delivery store=st_test1 outcome=ping",
    ]


def test_refusals_are_named_by_their_code(voice: StoreVoice, caplog: pytest.LogCaptureFixture) -> None:
    body = json.dumps(order_updated()).encode()
    voice.hooks(body, {})
    voice.hooks(b"{", voice.signed(b"{"))
    voice.deliver(order_updated(total="ada@shop.example"))

    assert _lines(caplog) == [
        "delivery store=st_test1 refused=signature_invalid",
        "delivery store=st_test1 refused=not_json",
        "delivery store=st_test1 refused=payload_invalid",
    ]


def test_strangers_write_nothing_into_the_log(voice: StoreVoice, caplog: pytest.LogCaptureFixture) -> None:
    voice.hooks(b"{}", {}, "st_nobody%0Adelivery%20store=st_test1%20outcome=accepted")
    voice.native({"id": 5}, "order.updated outcome=accepted")

    assert _lines(caplog) == ["delivery store=st_test1 source=native outcome=ignored"]


def test_neither_people_nor_secrets_are_named(voice: StoreVoice, caplog: pytest.LogCaptureFixture) -> None:
    voice.deliver(order_updated())
    voice.deliver(order_updated(id="x"), "msg_2")
    voice.native({"code": "woocommerce_rest_cannot_view", "message": "ada@shop.example"})

    assert len(_lines(caplog)) == 3
    for private in ("ada@shop.example", "Ada", "Byron", "Annabella", voice.secret, "v1,"):
        assert private not in caplog.text
