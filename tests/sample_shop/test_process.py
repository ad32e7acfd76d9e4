"""The shop as its own process, and its control API."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from tests.sample_shop import SampleShop
from tests.sample_shop.listener import Listener

ROOT = Path(__file__).parent.parent.parent


def ask(shop: SampleShop, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    answer = requests.request(method, f"{shop.url}/sample/{path}", json=body, timeout=60)
    return answer.status_code, answer.json()


def test_the_process_tells_its_address_and_ends_when_told() -> None:
    command = [sys.executable, "-m", "tests.sample_shop", "--customers", "5", "--today", "2026-11-22"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        state = requests.get(f"{facts['url']}/sample/state", timeout=60).json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0

    assert facts["customers"] == state["customers"] == 5
    assert facts["last_order"] < "2026-11-22"


def test_a_shop_is_paired_and_an_order_placed_from_outside(shop: SampleShop, connector: Listener) -> None:
    status, answer = ask(shop, "POST", "pair", {"connector_url": connector.url, "code": "ABCD-EFGH-JKMN"})
    assert (status, answer["store_id"]) == (200, "st_1")

    status, placed = ask(shop, "POST", "orders", {"total": "120.00", "email": "guest@example.com"})

    assert status == 201
    assert placed["order"]["total"] == "120.00"
    assert placed["delivery"]["status"] == 202


def test_a_refused_pairing_is_told(shop: SampleShop, connector: Listener) -> None:
    connector.answers.append(403)

    status, answer = ask(shop, "POST", "pair", {"connector_url": connector.url, "code": "WRONG"})

    assert (status, answer["status"], answer["problem"]) == (502, 403, {"code": "refused"})


def test_a_connector_that_is_not_there_is_told(shop: SampleShop) -> None:
    status, answer = ask(shop, "POST", "pair", {"connector_url": "http://127.0.0.1:9", "code": "ABCD"})

    assert (status, answer["error"]) == (502, "The connector could not be reached: ConnectionError")


def test_orders_are_acted_on_from_outside(shop: SampleShop) -> None:
    order_id = shop.place_order("120.00")["id"]

    _, refunded = ask(shop, "POST", f"orders/{order_id}/refund", {"amount": "20.00"})
    _, completed = ask(shop, "POST", f"orders/{order_id}/status", {"status": "completed"})
    _, trashed = ask(shop, "POST", f"orders/{order_id}/trash")
    _, restored = ask(shop, "POST", f"orders/{order_id}/restore")

    assert refunded["order"]["refunds"][0]["total"] == "-20.00"
    assert completed["order"]["status"] == "completed"
    assert trashed["order"]["status"] == "trash"
    assert restored["order"]["status"] == "completed"


def test_what_cannot_be_done_is_told(shop: SampleShop) -> None:
    order_id = shop.place_order("120.00")["id"]

    assert ask(shop, "POST", f"orders/{order_id}/refund", {"amount": "500.00"})[0] == 400
    assert ask(shop, "POST", "orders/99999/cancel")[0] == 404
    assert ask(shop, "GET", "nothing")[0] == 404


def test_faults_and_deliveries_are_switched_from_outside(shop: SampleShop) -> None:
    ask(shop, "POST", "faults", {"kind": "status", "times": 3, "status": 503})
    ask(shop, "POST", "deliveries", {"deliveries": "off"})

    assert shop.faults.pending() == 3
    assert shop.plugin.deliveries == "off"

    ask(shop, "DELETE", "faults")
    assert shop.faults.pending() == 0


def test_customers_and_coupons_are_found_from_outside(shop: SampleShop) -> None:
    customer = shop.register_customer("ann@example.com")

    assert ask(shop, "GET", "customers?email=ANN@example.com") == (200, [customer])
    assert ask(shop, "GET", f"customers/{customer['id']}") == (200, customer)
    assert ask(shop, "GET", "coupons?code=none") == (200, [])
