"""What a store says to the connector, well signed unless a test spoils it."""

import json
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, Table, func, select
from werkzeug.test import TestResponse

from connector.db.session import transaction
from connector.db.tables import inbox, work
from connector.shop.signatures import call_content, sign, sign_native
from tests.clock import Clock

ORDER: dict[str, Any] = {
    "id": 4711,
    "status": "processing",
    "currency": "USD",
    "total": "120.00",
    "total_tax": "0.00",
    "shipping_total": "0.00",
    "customer_id": 9,
    "billing": {"email": "ada@shop.example", "first_name": "Ada", "last_name": "Byron"},
    "date_created_gmt": "2026-11-22T09:29:30",
    "date_modified_gmt": "2026-11-22T09:29:40",
    "refunds": [],
    "line_items": [
        {"id": 1, "product_id": 77, "variation_id": 0, "quantity": 2, "total": "120.00", "total_tax": "0"}
    ],
    "coupon_lines": [],
    "meta_data": [{"id": 5, "key": "gift_note", "value": {"to": "Annabella", "rate": 0.25}}],
}
CUSTOMER: dict[str, Any] = {"id": 9, "email": "ada@shop.example", "date_created_gmt": "2025-01-02T03:04:05"}


def order_updated(**changed: Any) -> dict[str, Any]:
    """The body of a plugin's delivery about an order."""
    return {
        "type": "order.updated",
        "observed_at": "2026-11-22T09:29:58.123456Z",
        "causes": ["created"],
        "data": {**deepcopy(ORDER), **changed},
    }


@dataclass
class StoreVoice:
    """Speaks for one store. ``hooks`` and the rest answer the HTTP response."""

    client: FlaskClient
    clock: Clock
    public_id: str
    secret: str

    def signed(self, body: bytes, message_id: str = "msg_1", *, sent_at: datetime | None = None) -> dict[str, str]:
        """The three headers of Standard Webhooks."""
        timestamp = int((sent_at or self.clock()).timestamp())
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self.secret, message_id, timestamp, body),
        }

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> TestResponse:
        return self.client.post(path, data=body, headers={"Content-Type": "application/json", **headers})

    def hooks(self, body: bytes, headers: dict[str, str], public_id: str | None = None) -> TestResponse:
        return self.post(f"/v1/hooks/{public_id or self.public_id}", body, headers)

    def deliver(self, document: object, message_id: str = "msg_1") -> TestResponse:
        """Send a plugin's delivery."""
        body = json.dumps(document).encode()
        return self.hooks(body, self.signed(body, message_id))

    def native(
        self, document: object, topic: str = "order.updated", delivery_id: str = "0f1e2d", **headers: str
    ) -> TestResponse:
        """Send a webhook of WooCommerce's own."""
        body = json.dumps(document).encode()
        return self.hooks(body, {**self.signed_natively(body, topic, delivery_id), **headers})

    def signed_natively(
        self, body: bytes, topic: str = "order.updated", delivery_id: str = "0f1e2d"
    ) -> dict[str, str]:
        resource, _, event = topic.partition(".")
        return {
            "X-WC-Webhook-Source": "https://shop1.example/",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": sign_native(self.secret, body),
            "X-WC-Webhook-ID": "3",
            "X-WC-Webhook-Delivery-ID": delivery_id,
        }

    def call(self, action: str, kind: str, message_id: str = "msg_call") -> TestResponse:
        """Ask for the status or the end of the connection."""
        body = json.dumps({"type": kind}).encode()
        return self.post(f"/v1/stores/{self.public_id}/{action}", body, self.signed(body, message_id))

    def api(
        self,
        method: str,
        path: str,
        document: object = None,
        *,
        body: bytes | None = None,
        message_id: str = "msg_1",
        **headers: str,
    ) -> TestResponse:
        """Call the API as the plugin does: GET without a body, else with a document or with a body as it is."""
        if body is None:
            body = b"" if document is None else json.dumps(document).encode()
        signed = self.signed(call_content(method, path, body), message_id)
        named = {"Content-Type": "application/json", "regulars-store": self.public_id}
        return self.client.open(path, method=method, data=body, headers={**named, **signed, **headers})


def inbox_rows(engine: Engine) -> list[Any]:
    """Every delivery that was kept, the oldest first."""
    with transaction(engine) as connection:
        return list(connection.execute(select(inbox).order_by(inbox.c.id)))


def owed_work(engine: Engine) -> list[tuple[int, str, str]]:
    """(store id, job, subject) of everything owed."""
    with transaction(engine) as connection:
        return [(row.store_id, row.job, row.subject) for row in connection.execute(select(work).order_by(work.c.id))]


def count_rows(engine: Engine, table: Table) -> int:
    """How many rows a table has."""
    with transaction(engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def problem_of(response: TestResponse) -> tuple[int, str]:
    """Status and code of a problem, which must be one in every respect."""
    assert response.content_type == "application/problem+json", response.text
    document = response.get_json(force=True)
    assert document["status"] == response.status_code
    assert document["title"]
    assert document["detail"]
    return response.status_code, document["code"]
