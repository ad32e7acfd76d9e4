"""The script of the settings page, in a browser without a store: what it does when an answer is not as it should."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

_SCRIPT = Path(__file__).parents[2] / "plugin_php" / "assets" / "admin.js"
_PAGE = """
<span id="regulars-connection"></span><span id="regulars-sync"></span>
<script>
    window.regularsAdmin = { url: '/', nonce: 'n', live: true };
    window.asked = 0;
    window.fetch = function () {
        window.asked += 1;
        return ANSWER;
    };
</script>
"""


def _json(value: str) -> str:
    return f"Promise.resolve( {{ json: () => Promise.resolve( {value} ) }} )"


@pytest.mark.parametrize(
    ("answer", "complaints"),
    [
        (_json("{ success: false, data: null }"), 0),
        (_json("-1"), 0),
        ("Promise.resolve( { json: () => Promise.reject( new SyntaxError( 'a page' ) ) } )", 0),
        ("Promise.reject( new TypeError( 'no network' ) )", 0),
        # What cannot be shown is a mistake of ours, and not to be hushed up.
        (_json("{ success: true, data: { state: 'connected' } }"), 1),
    ],
    ids=["refused", "nonce too old", "a page", "no network", "garbled"],
)
def test_the_page_asks_again_whatever_the_answer_was(chromium: Browser, answer: str, complaints: int) -> None:
    page = chromium.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.clock.install()
    page.set_content(_PAGE.replace("ANSWER", answer))
    page.add_script_tag(path=_SCRIPT)
    for asked in (1, 2, 3):
        assert page.evaluate("window.asked") == asked
        assert len(problems) == asked * complaints
        page.clock.run_for(30_000)
    page.close()
