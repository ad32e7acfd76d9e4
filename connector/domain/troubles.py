"""What can be wrong between a store and us, as its owner reads it: a sentence for each code, and the way back.

Sentences are what is stored and logged. The plugin says them in the owner's language, by code and values.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

SENTENCES: Final[Mapping[str, str]] = {
    "unreachable": "The store could not be reached. Check its address, that it is up, and that no firewall keeps the "
    "connector out.",
    "too_slow": "The store took too long to answer. If it lasts, ask its host why.",
    "stalled": "The store began to answer and then stalled. If it lasts, ask its host why.",
    "broken_off": "The connection broke in the middle of the store's answer. If it lasts, ask its host why.",
    "certificate_refused": "The store's certificate was not accepted. Renew it, or check the store's address.",
    "answer_unreadable": "The store's answer could not be read. If it lasts, look into the PHP error log.",
    "answer_too_large": "The store's answer is larger than anything WooCommerce should send. "
    "Look for a plugin that adds data to the REST API.",
    "page_instead": "The store answered with a page instead of data. A firewall, a cache or a maintenance page is "
    "probably in front of its REST API; let /wp-json/ through.",
    "batch_mismatch": "The store's answer to a batch does not match what was sent. It is sent again later.",
    "too_many_requests": "The store asks for fewer requests. If it lasts, look for a limit in front of its REST API.",
    "store_failed": "The store had an error of its own (HTTP {status}). If it lasts, look into the PHP error log.",
    "changes_failed": "The store failed on {number} of the changes; they are sent again.",
    "redirected": "The store redirects its REST API to {address}. Connect again with that address, or take the "
    "redirect away.",
    "plain_permalinks": "The store uses plain permalinks, with which WooCommerce cannot check API keys. "
    "Choose another structure under Settings → Permalinks, then connect again.",
    "odd_address": "The store's REST address must look like https://shop.example/wp-json/.",
    "no_address": "The store's REST address is not a web address.",
    "key_refused": "The store does not accept the API key ({code}: {message}). Connect the store again. If that does "
    "not help, look for a security plugin, or a proxy that removes the Authorization header.",
    "forbidden": "The store forbids this ({code}: {message}). "
    "The API key needs read/write rights and the user it belongs to must manage the shop.",
    "no_woocommerce": "There is no WooCommerce REST API at this address. Check that WooCommerce is active.",
    "no_wordpress": "There is a web server at this address but no WordPress REST API. Check the store's address and "
    "that its permalinks are not plain.",
    "refused": "The store refused the request ({code}: {message}). Look for a plugin that restricts the REST API; if "
    "there is none, tell whoever runs the connector.",
    "password_wall": "A password stands in front of the whole site, so WooCommerce never sees the API key. "
    "Take the password off /wp-json/.",
    "server_refused": "The store's web server does not take this request (HTTP {status}). "
    "Ask its host to allow large POST requests to /wp-json/.",
    "blocked": "Something in front of the store (a firewall, a cache) answered with HTTP {status}. "
    "Let the connector's address through to /wp-json/.",
    "currencies_differ": "The plugin says that the store's currency is {plugin}, its REST API says {rest}. Something "
    "changes it, such as a currency switcher: set it to leave WP admin and /wp-json/ alone, then connect again.",
    "webhook_owner_gone": "A WooCommerce webhook delivers an error in place of its data. Its owner may no longer "
    "exist or may not read orders: open WooCommerce → Settings → Advanced → Webhooks and save it as a shop manager.",
    "job_failed": "{job} failed unexpectedly ({kind}). It is tried again; if it lasts, ask whoever runs the "
    "connector to look into its log.",
    "job_interrupted": "{job} was interrupted {number} times; it is tried less often. Ask whoever runs the connector "
    "whether its machine has enough memory, and what its log says.",
    "some_unreadable": "Not everything could be read from the store: {first}.",
    "many_unreadable": "Not everything could be read from the store: {first} and {number} more "
    "(`regulars doctor` lists them).",
}
"""Sentences by code."""


def say(code: str, /, **values: int | str) -> str:
    """Return the sentence for a code. Raises KeyError for a value that it misses."""
    return SENTENCES[code].format(**values)


def recognise(sentence: str) -> dict[str, Any] | None:
    """Return ``{"code": …, "values": {…}}`` for what ``say`` has said, or None for any other sentence."""
    for code, pattern in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            return {"code": code, "values": found.groupdict()}
    return None


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*?)", re.escape(template)), re.DOTALL)


# The more a sentence says itself, the earlier it is tried.
_PATTERNS: Final = [
    (code, _pattern(SENTENCES[code])) for code in sorted(SENTENCES, key=lambda one: -len(SENTENCES[one]))
]
