"""Signatures are checked here the way WooCommerce's PHP checks them, not with the code that made them."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.shop.auth import WooCommerceAuth

KEY, SECRET = "ck_0123456789abcdef", "cs_fedcba9876543210"


def signed(url: str, method: str = "GET", params: dict[str, str] | None = None) -> str:
    request = requests.Request(method, url, params=params, auth=WooCommerceAuth(KEY, SECRET)).prepare()
    return str(request.url)


def woocommerce_accepts(url: str, method: str, secret: str = SECRET) -> bool:
    """check_oauth_signature() of WooCommerce: rawurlencode keys and values, join, rawurlencode again."""
    parts = urlsplit(url)
    sent = parse_qsl(parts.query, keep_blank_values=True)
    params = dict(sent)
    assert len(params) == len(sent), "PHP would keep only the last of two parameters of one name"
    signature = params.pop("oauth_signature").replace(" ", "+")
    pairs = (f"{php_encode(key)}={php_encode(value)}" for key, value in sorted(params.items()))
    base = f"{parts.scheme}://{parts.netloc}{parts.path}"
    to_sign = f"{method}&{php_encode(base)}&" + "%26".join(php_encode(pair) for pair in pairs)
    digest = hmac.new(f"{secret}&".encode(), to_sign.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest).decode(), signature)


def php_encode(text: str) -> str:
    return quote(text, safe="")


def test_over_http_woocommerce_accepts_our_signature() -> None:
    url = signed("http://shop.example/wp-json/wc/v3/orders/7")
    assert woocommerce_accepts(url, "GET")
    assert not woocommerce_accepts(url, "POST")
    assert not woocommerce_accepts(url, "GET", secret="cs_another")


def test_over_http_each_parameter_goes_out_once() -> None:
    url = signed("http://shop.example/wp-json/wc/v3/orders", params={"per_page": "100", "_fields": "id,total"})
    names = [name for name, _ in parse_qsl(urlsplit(url).query)]
    assert sorted(names) == sorted(set(names))
    assert {"per_page", "_fields"} < set(names)


@pytest.mark.parametrize(
    "params",
    [
        {"_fields": "id,billing.email,line_items"},
        {"before": "2026-11-22T03:40:12", "dates_are_gmt": "true"},
        {"code": "save/half"},
        {"code": "50%25"},
        {"code": "%41bc"},
        {"email": "a+b@shop.example"},
        {"search": "Ærø & søn = fest~"},
        {"include[0]": "7", "include[1]": "9"},
    ],
    ids=str,
)
def test_over_http_awkward_values_are_signed_as_php_reads_them(params: dict[str, str]) -> None:
    url = signed("http://shop.example/wp-json/wc/v3/orders", params=params)
    assert woocommerce_accepts(url, "GET")
    assert params.items() <= dict(parse_qsl(urlsplit(url).query)).items()


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["code", "search", "email", "_fields"]), st.text(min_size=1), max_size=4))
def test_over_http_any_value_survives_signing(params: dict[str, str]) -> None:
    url = signed("http://shop.example/wp-json/wc/v3/coupons", params=params)
    assert woocommerce_accepts(url, "GET")
    assert params.items() <= dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)).items()


def test_over_http_every_sending_has_its_own_nonce() -> None:
    nonces = {dict(parse_qsl(urlsplit(signed("http://shop.example/")).query))["oauth_nonce"] for _ in range(50)}
    assert len(nonces) == 50
    assert {len(nonce) for nonce in nonces} == {32}


def test_over_http_the_secret_itself_is_not_sent() -> None:
    assert SECRET not in signed("http://shop.example/wp-json/wc/v3/orders")


def test_over_https_the_key_goes_in_the_authorization_header_and_not_in_the_address() -> None:
    request = requests.Request(
        "GET", "https://shop.example/wp-json/wc/v3/orders", auth=WooCommerceAuth(KEY, SECRET)
    ).prepare()
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode() == f"{KEY}:{SECRET}"
    assert "oauth" not in str(request.url)
    assert KEY not in str(request.url)
