from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.shop.answers import error_in, http_date, parse_json, retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
ORDERS = b'[{"id":1,"total":"1.00"},{"id":2,"total":"2.00"}]'
READ = [{"id": 1, "total": "1.00"}, {"id": 2, "total": "2.00"}]
NOTICE = b"<br />\n<b>Warning</b>:  Undefined variable $x in <b>/wp/plugin.php</b> on line <b>7</b><br />\n"
PLAIN_NOTICE = b"\nWarning: Undefined variable $x in /wp/plugin.php on line 7\n"


@pytest.mark.parametrize(
    "body",
    [
        ORDERS,
        b"\xef\xbb\xbf" + ORDERS,
        b"\r\n\r\n" + ORDERS + b"\n",
        NOTICE + ORDERS,
        NOTICE + NOTICE + ORDERS,
        PLAIN_NOTICE + ORDERS,
        ORDERS + b"\n" + NOTICE,
        ORDERS + b"\n<!-- cached -->",
    ],
)
def test_json_is_found_under_what_php_and_caches_put_around_it(body: bytes) -> None:
    assert parse_json(body) == READ


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"null",
        b'"text"',
        b"1",
        b"<html><body>Checking your browser</body></html>",
        b"<html>\n<script>\n{}\n</script>\n</html>",
        b'<script type="application/ld+json">\n{"id":1}\n</script>',
        b"Error: see {details}",
        ORDERS + ORDERS,
        ORDERS + b"]",
        b'{"id":NaN}',
        b"[" * 100_000,
        # Cut exactly behind an item: each line would be JSON, the whole is not.
        b'[\n{"id":1},\n{"id":2}',
        PLAIN_NOTICE + b'[\n{"id":1},\n{"id":2}',
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_is_not_json_or_not_all_of_it_is_nothing(body: bytes) -> None:
    assert parse_json(body) is None


@settings(deadline=None)
@given(st.integers(1, len(ORDERS) - 1), st.sampled_from([b"", NOTICE, PLAIN_NOTICE, b"\xef\xbb\xbf"]))
def test_an_answer_cut_short_anywhere_is_never_taken_for_whole(length: int, before: bytes) -> None:
    assert parse_json(before + ORDERS[:length]) is None


def test_numbers_with_a_point_stay_exact() -> None:
    assert parse_json(b'{"total":0.1}') == {"total": Decimal("0.1")}


def test_an_error_is_known_by_its_form_and_not_by_its_status() -> None:
    said = error_in({"code": "woocommerce_rest_cannot_view", "message": "No.", "data": {"status": 401}})
    assert said is not None
    assert said.code == "woocommerce_rest_cannot_view"


@pytest.mark.parametrize(
    "body",
    [[], None, {}, {"code": "USD", "name": "US dollar"}, {"id": 1, "code": "half", "message": "x"}, {"code": 1}],
)
def test_what_only_resembles_an_error_is_none(body: object) -> None:
    assert error_in(body) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 1.5 ", 1.5),
        ("0", 0.0),
        ("999999999", 86400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


def test_a_date_without_a_zone_is_utc() -> None:
    assert http_date("Sun, 22 Nov 2026 12:00:00 -0000") == NOW
    assert http_date("nonsense") is None
