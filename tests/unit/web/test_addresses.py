"""Which addresses a store may hand over, and their one spelling."""

import pytest

from connector.web.addresses import StoreAddresses, same_site, store_addresses
from connector.web.problems import Problem


@pytest.mark.parametrize(
    ("site_url", "rest_url", "home", "endpoint"),
    [
        (
            "https://shop.example",
            "https://shop.example/wp-json/",
            "https://shop.example",
            "https://shop.example/wp-json/",
        ),
        (
            "HTTPS://Shop.Example/",
            "https://SHOP.example/wp-json",
            "https://shop.example",
            "https://shop.example/wp-json/",
        ),
        (
            "https://shop.example/?lang=de",
            "https://shop.example/wp-json/",
            "https://shop.example",
            "https://shop.example/wp-json/",
        ),
        (
            "https://shop.example:443/Tea/",
            "https://shop.example/Tea/index.php/wp-json/",
            "https://shop.example/Tea",
            "https://shop.example/Tea/index.php/wp-json/",
        ),
        (
            "https://shop.example:8443",
            "https://shop.example:8443/wp-json/",
            "https://shop.example:8443",
            "https://shop.example:8443/wp-json/",
        ),
        (
            "http://localhost:8080/",
            "http://localhost:8080/wp-json/",
            "http://localhost:8080",
            "http://localhost:8080/wp-json/",
        ),
        ("http://127.8.9.10", "http://127.8.9.10:80/wp-json/", "http://127.8.9.10", "http://127.8.9.10/wp-json/"),
        ("http://[::1]:8080", "http://[::1]:8080/wp-json/", "http://[::1]:8080", "http://[::1]:8080/wp-json/"),
    ],
)
def test_a_site_has_one_spelling(site_url: str, rest_url: str, home: str, endpoint: str) -> None:
    assert store_addresses(site_url, rest_url) == StoreAddresses(home, endpoint)


def test_the_query_of_plain_permalinks_is_kept_so_that_the_client_can_explain_what_is_wrong() -> None:
    addresses = store_addresses("https://shop.example", "https://shop.example/?rest_route=/")

    assert addresses.rest_url == "https://shop.example/?rest_route=/"


@pytest.mark.parametrize(
    ("site_url", "rest_url"),
    [
        ("http://shop.example", "https://shop.example/wp-json/"),
        ("https://shop.example", "http://shop.example/wp-json/"),
        ("http://127.0.0.1.shop.example", "http://127.0.0.1.shop.example/wp-json/"),
        ("http://localhost.shop.example", "http://localhost.shop.example/wp-json/"),
        ("http://192.168.1.10", "http://192.168.1.10/wp-json/"),
        ("http://0.0.0.0", "http://0.0.0.0/wp-json/"),
    ],
)
def test_http_is_for_loopback_only(site_url: str, rest_url: str) -> None:
    with pytest.raises(Problem) as refused:
        store_addresses(site_url, rest_url)

    assert refused.value.code == "https_required"


@pytest.mark.parametrize(
    ("site_url", "rest_url"),
    [
        ("https://shop.example", "https://other.example/wp-json/"),
        ("https://shop.example", "https://shop.example.evil.example/wp-json/"),
        ("https://shop.example", "https://api.shop.example/wp-json/"),
        ("https://shop.example", "https://shop.example:8443/wp-json/"),
        ("https://shop.example/tea", "https://shop.example/coffee/wp-json/"),
        ("https://shop.example/tea", "https://shop.example/tearoom/wp-json/"),
        ("https://shop.example/tea", "https://shop.example/tea/../coffee/wp-json/"),
        ("https://shop.example/tea", "https://shop.example/tea/%2E%2e/coffee/wp-json/"),
        ("https://shop.example/tea", "https://shop.example/tea\\..\\..\\coffee/wp-json/"),
        ("http://127.0.0.1", "https://127.0.0.1/wp-json/"),
    ],
)
def test_a_key_of_one_site_cannot_pair_another(site_url: str, rest_url: str) -> None:
    with pytest.raises(Problem) as refused:
        store_addresses(site_url, rest_url)

    assert refused.value.code == "validation_failed"
    assert list(refused.value.errors or {}) == ["rest_url"]


@pytest.mark.parametrize(
    "site_url",
    [
        "shop.example",
        "//shop.example",
        "ftp://shop.example",
        "javascript:alert(1)",
        "https://",
        "https://:443",
        "https://shop.example:0",
        "https://shop.example:99999",
        "https://shop.example:port",
        "https://owner:password@shop.example",
        "https://@shop.example",
        "https://shop.example/#top",
        "https://shop example",
        "https://shop.example/\x00",
        "https://shop.exam\nple",
        "https://shöp.example",
        "https://shop.example;evil.example",
        "https://[::1",
        "https://[not-an-address]",
        "https://[fe80::1%25eth0]",
    ],
)
def test_what_is_no_plain_web_address_is_refused(site_url: str) -> None:
    with pytest.raises(Problem) as refused:
        store_addresses(site_url, "https://shop.example/wp-json/")

    assert refused.value.code == "validation_failed"
    assert list(refused.value.errors or {}) == ["site_url"]


@pytest.mark.parametrize(
    ("home", "same"),
    [
        ("https://shop.example/shop", True),
        ("http://SHOP.example/shop/", True),
        ("https://shop.example", False),
        ("https://shop.example/shop/branch", False),
        ("https://shop.example:8443/shop", False),
        ("https://other.example/shop", False),
        ("https://[broken", False),
        ("", False),
    ],
)
def test_a_site_is_the_one_that_pairs_if_host_port_and_folder_are_the_same(home: str, same: bool) -> None:
    assert same_site(home, "https://shop.example/shop") is same
