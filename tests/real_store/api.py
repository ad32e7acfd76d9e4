"""wc/v3 of the real store, signed with its API key: what a store owner's other tools would do."""

from __future__ import annotations

from typing import Any

import requests
from woocommerce.oauth import OAuth


class StoreAnswerError(AssertionError):
    """The store answered with an error: `status`, `code` and `message` say which."""

    def __init__(self, answer: requests.Response) -> None:
        try:
            body = answer.json()
        except ValueError:
            body = {}
        self.status = answer.status_code
        self.code = str(body.get("code", "")) if isinstance(body, dict) else ""
        self.message = str(body.get("message", answer.text[:500])) if isinstance(body, dict) else answer.text[:500]
        super().__init__(f"{answer.request.method} {answer.url} -> {self.status} {self.code}: {self.message}")


class Api:
    """A requester for `wc/v3`. Paths are relative (`orders/12`); over http WooCommerce takes OAuth 1.0a only."""

    def __init__(self, rest_url: str, consumer_key: str, consumer_secret: str) -> None:
        self._base = f"{rest_url}wc/v3/"
        self._consumer_key = consumer_key
        self._consumer_secret = consumer_secret
        self._session = requests.Session()
        self._session.trust_env = False

    def request(
        self, method: str, path: str, params: dict[str, Any] | None = None, json: Any = None
    ) -> requests.Response:
        """The raw answer, whatever its status; redirects are not followed."""
        prepared = requests.Request(method, self._base + path, params=params).prepare()
        signed = OAuth(
            url=prepared.url,
            consumer_key=self._consumer_key,
            consumer_secret=self._consumer_secret,
            version="wc/v3",
            method=method,
        ).get_oauth_url()
        return self._session.request(method, signed, json=json, timeout=(3, 60), allow_redirects=False)

    def get(self, path: str, **params: Any) -> Any:
        """The parsed answer; StoreAnswerError on anything but 2xx. The same holds for post, put and delete."""
        return _parsed(self.request("GET", path, params=params))

    def post(self, path: str, body: Any) -> Any:
        return _parsed(self.request("POST", path, json=body))

    def put(self, path: str, body: Any) -> Any:
        return _parsed(self.request("PUT", path, json=body))

    def delete(self, path: str, *, force: bool = False) -> Any:
        return _parsed(self.request("DELETE", path, params={"force": "true" if force else "false"}))

    def close(self) -> None:
        self._session.close()


def _parsed(answer: requests.Response) -> Any:
    if not answer.ok or answer.is_redirect:
        raise StoreAnswerError(answer)
    return answer.json()
