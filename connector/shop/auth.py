"""Signing requests the way the ``woocommerce`` client does: Basic over https, OAuth 1.0a over http."""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth
from woocommerce.oauth import OAuth


class _Signing(OAuth):  # type: ignore[misc]  # the client ships no types
    """The client's signing, with the two places mended where WooCommerce computes something else.

    Values are escaped as RFC 3986 says (the client leaves ``/`` bare and unescapes what looks escaped), and a nonce
    has 128 random bits (WooCommerce remembers nonces for fifteen minutes and refuses one it has seen).
    """

    @staticmethod
    def normalize_parameters(params: Mapping[str, object]) -> "OrderedDict[str, str]":
        return OrderedDict((_escaped_twice(key), _escaped_twice(value)) for key, value in params.items())

    @staticmethod
    def generate_nonce() -> str:
        return secrets.token_hex(16)


class WooCommerceAuth(AuthBase):
    """Puts a store's API key on each request as it is sent.

    It works on the finished URL, so parameters go out exactly once, and every sending of a request is signed anew:
    a repeated nonce would be refused. WooCommerce reads keys from Basic only over https and checks OAuth against a
    clock within fifteen minutes.
    """

    def __init__(self, consumer_key: str, consumer_secret: str) -> None:
        self._key = consumer_key
        self._secret = consumer_secret

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Return the request with the key on it. Its URL must be absolute and name no parameter twice."""
        url = str(request.url)
        if urlsplit(url).scheme == "https":
            HTTPBasicAuth(self._key, self._secret)(request)
            return request
        signing = _Signing(url, self._key, self._secret, version="wc/v3", method=str(request.method))
        request.url = signing.get_oauth_url()
        return request


def _escaped_twice(value: object) -> str:
    return quote(quote(str(value), safe=""), safe="")
