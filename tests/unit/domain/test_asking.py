"""What people ask for, and what is said where it is wrong."""

import pytest

from connector.domain.asking import IssueSchema, wrong_line
from connector.domain.programme.mistakes import by_path
from connector.domain.programme.offers import Audience


@pytest.mark.parametrize("text", ["x", "Anniversary", " led by a space", "x" * 20, "Grüße 你好"])
def test_a_line_has_words_and_an_end(text: str) -> None:
    assert wrong_line(text, 20) is None


@pytest.mark.parametrize("text", ["", " ", "x" * 21, "two\nlines", "bell\x07", "\u2028", "\ud800"])
def test_what_cannot_be_read_in_one_line_is_refused(text: str) -> None:
    assert wrong_line(text, 20) == "Must be 1 to 20 characters without line breaks."


def test_an_issue_names_its_occasion_and_reason_and_may_name_its_audience() -> None:
    asked = IssueSchema().load({"occasion": "spring-2027", "reason": "thanks", "audience": {"tiers": ["gold"]}})

    assert asked["audience"] == Audience(tiers=frozenset({"gold"}))
    assert by_path(IssueSchema().validate({"reason": " ", "audience": {"countries": ["Germany"]}}), "issue") == {
        "audience.countries.0": ["“Germany” is not a country's two letters, such as DE."],
        "occasion": ["Must not be missing."],
        "reason": ["Must be 1 to 160 characters without line breaks."],
    }
