"""The plugin's side: pairing, and signed deliveries by the Standard Webhooks scheme."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import requests

from tests.sample_shop.snapshot import delivered_customer, delivered_order
from tests.sample_shop.state import WOOCOMMERCE_VERSION, WORDPRESS_VERSION, State
from tests.sample_shop.wire import Json, copied

_TIMEOUT = (3, 20)
_PERMANENT = (400, 413)


class PairingRefused(Exception):
    """The connector did not answer 201: ``status`` and the problem it told."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(f"{status} {problem}")
        self.status = status
        self.problem = problem


@dataclass
class Delivery:
    """A frozen body with its id, and what became of it: ``status`` None while it could not be sent."""

    message_id: str
    type: str
    resource: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    answer: Json | None = None


class Plugin:
    """What the WordPress plugin does for a shop. ``deliveries`` is on, off (missed for ever) or held."""

    def __init__(self, state: State, lock: threading.RLock) -> None:
        self.deliveries = "on"
        self.echo = False
        self.stopped = False
        self.sent: list[Delivery] = []
        self.store_id = ""
        self._state = state
        self._lock = lock
        self._connector = ""
        self._secret = ""
        self._outbox: dict[str, Delivery] = {}
        self._causes: dict[str, list[str]] = {}
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def connected(self) -> bool:
        """Whether there is a connector to deliver to."""
        return bool(self.store_id)

    @property
    def pending(self) -> list[Delivery]:
        """What is in the outbox."""
        return list(self._outbox.values())

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def connect(self, connector_url: str, store_id: str, signing_secret: str) -> None:
        """Use a connection that was made elsewhere."""
        self._connector, self.store_id, self._secret = connector_url.rstrip("/"), store_id, signing_secret
        self.stopped = False
        self._state.has_plugin = True

    def pair(self, connector_url: str, code: str, consumer_key: str, consumer_secret: str) -> Json:
        """Press Connect. Answers what the connector answered.

        Raises PairingRefused unless that is 201.
        """
        url = self._state.url
        body = {
            "code": code,
            "site_url": url,
            "rest_url": f"{url}/wp-json/",
            "consumer_key": consumer_key,
            "consumer_secret": consumer_secret,
            "currency": self._state.currency,
            "timezone": str(self._state.zone),
            "versions": {
                "wordpress": WORDPRESS_VERSION,
                "woocommerce": WOOCOMMERCE_VERSION,
                "php": "8.2.28",
                "plugin": "0.1.0",
            },
        }
        response = self._session.post(
            f"{connector_url.rstrip('/')}/v1/pair", json=body, timeout=_TIMEOUT, allow_redirects=False
        )
        answer = _json_of(response)
        if response.status_code != 201:
            raise PairingRefused(response.status_code, answer)
        self.connect(connector_url, answer["store_id"], answer["signing_secret"])
        return answer

    def notice(self, kind: str, record_id: int, cause: str) -> Delivery | None:
        """Something changed: put it into the outbox, a newer state in place of an older, and send it if on.

        ``kind`` is ``order``, ``customer`` or ``review``. Answers the delivery if one was sent.
        """
        if not self.connected or self.stopped or self.deliveries == "off":
            return None
        resource = self._queue(kind, record_id, [cause])
        return self._send(resource) if self.deliveries == "on" else None

    def notice_rest_write(self, kind: str, record_id: int) -> None:
        """A change through wc/v3: kept for the next send where the shop echoes."""
        if self.echo and self.connected and not self.stopped and self.deliveries != "off":
            self._queue(kind, record_id, ["updated"])

    def deliver_order(self, order_id: int, causes: Iterable[str] = ("updated",)) -> Delivery:
        """Send an order's state now, whatever ``deliveries`` says."""
        return self._send(self._queue("order", order_id, list(causes)))

    def deliver_customer(self, customer_id: int, causes: Iterable[str] = ("updated",)) -> Delivery:
        """Send a customer's state now, whatever ``deliveries`` says."""
        return self._send(self._queue("customer", customer_id, list(causes)))

    def send_pending(self) -> list[Delivery]:
        """Send what is in the outbox, under the ids it has."""
        return [self._send(resource) for resource in list(self._outbox)]

    def replay(self, delivery: Delivery) -> Delivery:
        """Send the same bytes under the same headers once more."""
        again = Delivery(delivery.message_id, delivery.type, delivery.resource, delivery.body, dict(delivery.headers))
        self._post(again)
        return again

    def _queue(self, kind: str, record_id: int, causes: list[str]) -> str:
        resource = f"{kind}/{record_id}"
        known = self._causes.setdefault(resource, [])
        known.extend(cause for cause in causes if cause not in known)
        observed_at = self._state.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        event, data = self._state_of(kind, record_id)
        body = {"type": event, "observed_at": observed_at, "causes": known, "data": data}
        self._outbox[resource] = Delivery(
            f"msg_{secrets.token_hex(12)}", event, resource, json.dumps(body, separators=(",", ":")).encode()
        )
        return resource

    def _state_of(self, kind: str, record_id: int) -> tuple[str, Json]:
        with self._lock:
            if kind == "review":
                review = self._state.reviews.get(record_id)
                return ("review.approved", copied(review)) if review else ("review.withdrawn", {"id": record_id})
            records = self._state.orders if kind == "order" else self._state.customers
            record = records.get(record_id)
            if record is None or record.get("status") == "trash":
                return f"{kind}.deleted", {"id": record_id}
            body = delivered_order if kind == "order" else delivered_customer
            return f"{kind}.updated", body(self._state, record)

    def _send(self, resource: str) -> Delivery:
        delivery = self._outbox[resource]
        delivery.headers = self.sign(delivery.message_id, delivery.body)
        self._post(delivery)
        done = delivery.status is not None and (200 <= delivery.status < 300 or delivery.status in _PERMANENT)
        self.stopped = self.stopped or delivery.status == 410
        if (done or self.stopped) and self._outbox.get(resource) is delivery:
            del self._outbox[resource]
            self._causes.pop(resource, None)
        return delivery

    def sign(self, message_id: str, body: bytes, timestamp: int | None = None) -> dict[str, str]:
        """The Standard Webhooks headers of a body, by the shop's clock."""
        moment = int(self._state.clock().timestamp()) if timestamp is None else timestamp
        key = base64.b64decode(self._secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{message_id}.{moment}.".encode() + body, hashlib.sha256).digest()
        return {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(moment),
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }

    def _post(self, delivery: Delivery) -> None:
        try:
            response = self._session.post(
                f"{self._connector}/v1/hooks/{self.store_id}",
                data=delivery.body,
                headers=delivery.headers,
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            delivery.status, delivery.answer = None, {"error": type(error).__name__}
        else:
            delivery.status, delivery.answer = response.status_code, _json_of(response)
        self.sent.append(delivery)

    def status(self) -> Json:
        """What the connector says of the connection."""
        return self._ask("status", "connection.status")

    def disconnect(self) -> Json:
        """Press Disconnect."""
        answer = self._ask("disconnect", "connection.closed")
        self.store_id = ""
        return answer

    def _ask(self, action: str, event: str) -> Json:
        body = json.dumps({"type": event}).encode()
        response = self._session.post(
            f"{self._connector}/v1/stores/{self.store_id}/{action}",
            data=body,
            headers=self.sign(f"msg_{secrets.token_hex(12)}", body),
            timeout=_TIMEOUT,
            allow_redirects=False,
        )
        return _json_of(response)

    def native_webhook(self, order_id: int, topic: str = "order.updated", body: Json | None = None) -> int:
        """Send what WooCommerce itself would send, signed with the secret string. Answers the HTTP status."""
        with self._lock:
            content = body or copied(self._state.orders.get(order_id)) or {"id": order_id}
        payload = json.dumps(content).encode()
        resource, _, event = topic.partition(".")
        digest = hmac.new(self._secret.encode(), payload, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"WooCommerce/{WOOCOMMERCE_VERSION} Hookshot (WordPress/{WORDPRESS_VERSION})",
            "X-WC-Webhook-Source": f"{self._state.url}/",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": base64.b64encode(digest).decode(),
            "X-WC-Webhook-ID": "1",
            "X-WC-Webhook-Delivery-ID": secrets.token_hex(16),
        }
        return self._post_native(payload, headers)

    def native_ping(self) -> int:
        """Send the unsigned ping of a new WooCommerce webhook. Answers the HTTP status."""
        return self._post_native(b"webhook_id=1", {"Content-Type": "application/x-www-form-urlencoded"})

    def _post_native(self, payload: bytes, headers: dict[str, str]) -> int:
        response = self._session.post(
            f"{self._connector}/v1/hooks/{self.store_id}",
            data=payload,
            headers=headers,
            timeout=_TIMEOUT,
            allow_redirects=False,
        )
        return response.status_code


def _json_of(response: requests.Response) -> Json:
    try:
        content: Any = response.json()
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {"body": response.text[:500]}
