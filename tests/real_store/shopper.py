"""A shopper who buys over the Store API, as the cart and checkout blocks do: a real checkout without a browser."""

from __future__ import annotations

from typing import Any

import requests

from tests.real_store.api import StoreAnswerError

Answer = dict[str, Any]


class Shopper:
    """One visitor with one cart. Without `log_in()` a guest, known by the billing e-mail only."""

    def __init__(self, url: str, email: str, first_name: str = "Ada", last_name: str = "Byron") -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Accept"] = "application/json"
        self.email = email
        self.address = {
            "first_name": first_name,
            "last_name": last_name,
            "address_1": "12 Harbour Road",
            "city": "San Francisco",
            "state": "CA",
            "postcode": "94105",
            "country": "US",
            "phone": "4155550100",
        }

    def log_in(self, password: str) -> Shopper:
        """The customer's WordPress session, through wp-login.php."""
        self._session.cookies.set("wordpress_test_cookie", "WP Cookie check", domain="127.0.0.1")
        answer = self._session.post(
            f"{self._url}/wp-login.php",
            data={"log": self.email, "pwd": password, "testcookie": "1"},
            allow_redirects=False,
            timeout=60,
        )
        if answer.status_code != 302:
            raise AssertionError(f"{self.email} could not log in: {answer.status_code}")
        nonce = self._session.get(f"{self._url}/wp-admin/admin-ajax.php?action=rest-nonce", timeout=60)
        self._session.headers["X-WP-Nonce"] = nonce.text.strip()
        return self

    def buy(
        self, product_id: int, quantity: int = 1, *, coupon: str | None = None, password: str | None = None
    ) -> Answer:
        """Place an order paid on delivery and return the checkout's answer (`order_id`, `status`, `customer_id`).

        With `password` the guest opens an account at the checkout. StoreAnswerError if the store refuses any step.
        """
        self.fill_cart(product_id, quantity)
        if coupon is not None:
            self.apply_coupon(coupon)
        return self.check_out(password=password)

    def fill_cart(self, product_id: int, quantity: int = 1) -> Answer:
        """A cart with this one product and the shopper's address in it."""
        self._call("GET", "cart")
        self._call("DELETE", "cart/items")
        self._call("POST", "cart/add-item", {"id": product_id, "quantity": quantity})
        return self._call(
            "POST",
            "cart/update-customer",
            {"billing_address": {**self.address, "email": self.email}, "shipping_address": self.address},
        )

    def apply_coupon(self, code: str) -> Answer:
        return self._call("POST", "cart/apply-coupon", {"code": code})

    def check_out(self, *, password: str | None = None) -> Answer:
        account = {} if password is None else {"create_account": True, "customer_password": password}
        return self._call("POST", "checkout", self._payment() | account)

    def pay(self, order_id: int, key: str) -> Answer:
        """Pay a guest's order there is, as the block on its payment page does. `key` is the order's key."""
        self._call("GET", "cart")
        return self._call("POST", f"checkout/{order_id}", self._payment() | {"key": key, "billing_email": self.email})

    def _payment(self) -> dict[str, Any]:
        return {
            "billing_address": {**self.address, "email": self.email},
            "shipping_address": self.address,
            "payment_method": "cod",
        }

    def close(self) -> None:
        self._session.close()

    def _call(self, method: str, path: str, body: Any = None) -> Answer:
        answer = self._session.request(
            method, f"{self._url}/wp-json/wc/store/v1/{path}", json=body, timeout=60, allow_redirects=False
        )
        # The first answer carries both; a logged-in cart lives in the session cookie, a guest's behind the token.
        self._session.headers["Nonce"] = answer.headers.get("Nonce", "")
        if "X-WP-Nonce" not in self._session.headers and "Cart-Token" in answer.headers:
            self._session.headers["Cart-Token"] = answer.headers["Cart-Token"]
        if not answer.ok:
            raise StoreAnswerError(answer)
        parsed: Answer = answer.json()
        return parsed
