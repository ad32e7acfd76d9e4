"""A store under contract: known by its address and its key, made full through wc/v3 itself."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import requests
from woocommerce.oauth import OAuth

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """A store's answer: `body` is its JSON."""

    status: int
    body: Any
    headers: requests.structures.CaseInsensitiveDict[str]

    @property
    def code(self) -> str:
        """The code of an error."""
        return str(self.body["code"])


class StoreApi:
    """Signed requests to one store, and the making of what tests need in it."""

    def __init__(self, rest_url: str, consumer_key: str, consumer_secret: str) -> None:
        self.rest_url = rest_url
        self.consumer_key = consumer_key
        self.consumer_secret = consumer_secret
        self._session = requests.Session()
        self._session.trust_env = False
        self._product_id = 0

    def close(self) -> None:
        self._session.close()

    def address(self, path: str, **params: Any) -> str:
        """The unsigned address of a wc/v3 path."""
        return str(requests.Request("GET", f"{self.rest_url}wc/v3/{path}", params=params).prepare().url)

    def signed(self, method: str, path: str, params: Json | None = None, **oauth: Any) -> str:
        """The address signed by OAuth 1.0a; `oauth` may name another key, secret or `oauth_timestamp`."""
        key = oauth.pop("consumer_key", self.consumer_key)
        secret = oauth.pop("consumer_secret", self.consumer_secret)
        url = self.address(path, **(params or {}))
        return str(OAuth(url, key, secret, version="wc/v3", method=method, **oauth).get_oauth_url())

    def send(self, method: str, url: str, body: Any = None, **options: Any) -> Answer:
        """Send a request as it is."""
        response = self._session.request(method, url, json=body, timeout=(3, 60), allow_redirects=False, **options)
        return Answer(response.status_code, response.json(), response.headers)

    def get(self, path: str, **params: Any) -> Answer:
        return self.send("GET", self.signed("GET", path, params))

    def post(self, path: str, body: Any) -> Answer:
        return self.send("POST", self.signed("POST", path), body)

    def put(self, path: str, body: Any) -> Answer:
        return self.send("PUT", self.signed("PUT", path), body)

    def delete(self, path: str, **params: Any) -> Answer:
        return self.send("DELETE", self.signed("DELETE", path, params))

    def product_id(self) -> int:
        """A simple product that costs 14.95."""
        if not self._product_id:
            product = _made(self.post("products", {"name": "Compact disc", "regular_price": "14.95"}))
            self._product_id = product["id"]
        return self._product_id

    def new_customer(self, **fields: Any) -> Json:
        """A registered customer with an address of their own."""
        email = new_email()
        return _made(self.post("customers", {"email": email, "password": uuid.uuid4().hex, **fields}))

    def new_order(self, total: str = "120.00", **fields: Any) -> Json:
        """An order in processing with one line of two pieces for `total`; a guest's unless `customer_id` is given."""
        line = {"product_id": self.product_id(), "quantity": 2, "subtotal": total, "total": total}
        return _made(self.post("orders", {"status": "processing", "line_items": [line], **fields}))

    def refund(self, order_id: int, amount: str, reason: str = "") -> Json:
        """A refund by hand."""
        body = {"amount": amount, "reason": reason, "api_refund": False}
        return _made(self.post(f"orders/{order_id}/refunds", body))

    def new_coupon(self, **fields: Any) -> Json:
        """A coupon as the connector makes them."""
        return _made(
            self.post("coupons", {"code": new_code(), "discount_type": "percent", "amount": "10.00", **fields})
        )


def new_email() -> str:
    """An address nobody has."""
    return f"customer-{uuid.uuid4().hex[:12]}@example.com"


def new_code() -> str:
    """A coupon code nobody has, with letters in both cases."""
    return f"Regular-{uuid.uuid4().hex[:12].upper()}"


def _made(answer: Answer) -> Json:
    assert answer.status == 201, answer.body
    made: Json = answer.body
    return made


def meta(record: Json) -> Json:
    """The meta data of a record that is ours, by key."""
    return {entry["key"]: entry["value"] for entry in record["meta_data"] if entry["key"].startswith("regulars_")}
