from __future__ import annotations

import re

import pytest

from connector.domain.troubles import SENTENCES, recognise, say


@pytest.mark.parametrize("code", SENTENCES)
def test_what_was_said_is_recognised_with_its_values(code: str) -> None:
    values = {name: f"some {name} (so) it is." for name in re.findall(r"\{(\w+)\}", SENTENCES[code])}

    assert recognise(say(code, **values)) == {"code": code, "values": values}


def test_a_sentence_of_somebody_else_is_not_recognised() -> None:
    assert recognise("The store's order cannot be read: id.") is None
    assert recognise("") is None


def test_what_the_store_says_cannot_pass_for_another_trouble() -> None:
    said = say("refused", code="x", message=say("unreachable"))

    assert recognise(said) == {"code": "refused", "values": {"code": "x", "message": SENTENCES["unreachable"]}}
