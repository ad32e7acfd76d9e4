from __future__ import annotations

import pytest

from connector.domain.identity import normalise_email


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("ann@example.com", "ann@example.com"),
        ("  Ann@Example.COM\n", "ann@example.com"),
        ("o'neil@example.com", "o'neil@example.com"),
        ('"a@b"@example.com', '"a@b"@example.com'),
        ("zoe\u0308@example.com", "zo\u00eb@example.com"),
    ],
)
def test_an_address_is_known_however_it_is_typed(text, email):
    assert normalise_email(text) == email


@pytest.mark.parametrize(
    ("one", "other"),
    [("ann.lee@example.com", "annlee@example.com"), ("ann+shop@example.com", "ann@example.com")],
)
def test_dots_and_tags_tell_people_apart(one, other):
    assert normalise_email(one) != normalise_email(other)


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "   ", "ann", "@", "@example.com", "ann@"),
        *("ann lee@example.com", "ann@exam\tple.com", "ann\u00a0lee@example.com"),
        *("deleted@site.invalid", "ann@SHOP.Invalid"),
        *("ann\x00@example.com", "ann\ud800@example.com", "ann\u200b@example.com"),
    ],
)
def test_what_is_no_address_names_nobody(text):
    assert normalise_email(text) is None
