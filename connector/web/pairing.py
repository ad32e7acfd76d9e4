"""Pairing: a one-time code and a key that works make a store ours, and its history starts to flow."""

import logging
import secrets
from typing import Any, Final

from flask import Blueprint, Response, jsonify

from connector.db import backfills, pairing_codes, stores, work
from connector.db.pairing_codes import CodeRefused
from connector.db.session import reading, transaction
from connector.db.stores import Connecting, Store
from connector.domain.calendar import store_zone
from connector.domain.troubles import say
from connector.shop.client import RetryPolicy
from connector.shop.errors import PayloadError, ShopRefused, ShopUnavailable
from connector.shop.signatures import new_secret
from connector.shop.store import current_currency, home_url
from connector.web.addresses import StoreAddresses, same_site, store_addresses
from connector.web.bodies import load, read_body, read_json
from connector.web.offers import offer
from connector.web.parts import Parts, parts_in_use
from connector.web.problems import Problem
from connector.web.schemas import PairingSchema

_log = logging.getLogger(__name__)
_PAIRING: Final = PairingSchema()
# The store waits for our answer while we wait for its: one try, and done before its own request times out.
_TIMEOUT: Final = (3.0, 10.0)

blueprint = Blueprint("pairing", __name__)


@blueprint.post("/v1/pair")
def pair() -> tuple[Response, int]:
    """Connect a store: 201 with its id and signing secret. Otherwise nothing is stored, nor the code used up."""
    asked = load(_PAIRING, read_json(read_body()), "validation_failed")
    addresses = store_addresses(asked["site_url"], asked["rest_url"])
    _require_zone(asked["timezone"])
    parts = parts_in_use()
    # Wrong codes are not counted: with 59 random bits, fifteen minutes and one use, a million guesses a second have
    # one chance in a billion. A budget of guesses would let a stranger keep honest stores from pairing.
    code_id = _checked_code(parts, asked["code"])
    # Only a valid code makes us call an address that somebody else chose.
    _prove_key(parts, addresses, asked)
    secret = new_secret()
    store, work_id = _connect(parts, code_id, addresses, asked, secret)
    _log.info("paired store=%s", store.public_id)
    offer(parts.queue, work_id, "backfill")
    return jsonify(store_id=store.public_id, signing_secret=secret), 201


def _require_zone(name: str) -> None:
    try:
        store_zone(name)
    except (ValueError, OverflowError):
        sentence = "Not a time zone: send an IANA name or an offset such as +02:00."
        raise Problem("validation_failed", sentence, errors={"timezone": [sentence]}) from None


def _checked_code(parts: Parts, code: str) -> int:
    try:
        with reading(parts.engine) as connection:
            return pairing_codes.check(connection, code, parts.clock())
    except CodeRefused as refusal:
        raise _code_problem(refusal) from None


def _code_problem(refusal: CodeRefused) -> Problem:
    _log.info("pairing refused: the code is %s", "expired" if refusal.expired else "not known")
    return Problem("pairing_code_expired" if refusal.expired else "pairing_code_invalid", str(refusal))


def _prove_key(parts: Parts, addresses: StoreAddresses, asked: dict[str, Any]) -> None:
    """Call the store with the key it handed over. Raises Problem where that does not work or the currency differs."""
    try:
        with parts.shop_factory(
            addresses.rest_url,
            asked["consumer_key"],
            asked["consumer_secret"],
            timeout=_TIMEOUT,
            retry=RetryPolicy(attempts=1),
        ) as client:
            currency, home = current_currency(client), home_url(client)
    except ShopRefused as refusal:
        raise Problem("store_refused", str(refusal)) from None
    except (ShopUnavailable, PayloadError) as trouble:
        raise Problem("store_unreachable", str(trouble)) from None
    if not same_site(home, addresses.site_url):
        raise Problem(
            "site_mismatch",
            "The site that answers under rest_url is another one than site_url. Connect from the site itself.",
        )
    if currency != asked["currency"]:
        raise Problem("currency_mismatch", say("currencies_differ", plugin=asked["currency"], rest=currency[:8]))


def _connect(
    parts: Parts, code_id: int, addresses: StoreAddresses, asked: dict[str, Any], secret: str
) -> tuple[Store, int]:
    now = parts.clock()
    connecting = Connecting(
        public_id=f"st_{secrets.token_hex(12)}",
        site_url=addresses.site_url,
        rest_url=addresses.rest_url,
        consumer_key=asked["consumer_key"],
        consumer_secret=asked["consumer_secret"],
        signing_secret=secret,
        currency=asked["currency"],
        timezone=asked["timezone"],
        versions=asked["versions"],
    )
    try:
        with transaction(parts.engine) as connection:
            pairing_codes.use(connection, code_id, now)
            store = stores.connect(connection, connecting, parts.vault, now)
            # Deliveries are lost on a store that was disconnected, so an unfinished reading is not gone on with.
            backfills.start(connection, store.id, now, anew=True)
            return store, work.want(connection, store.id, "backfill", "", now)
    except CodeRefused as refusal:
        raise _code_problem(refusal) from None
