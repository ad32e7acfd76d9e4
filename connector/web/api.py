"""The API for connected stores: every call is signed by the store it names, and reaches nothing but that store.

The signature covers method, path, query and body, and the time. Within the five minutes that clocks may differ
somebody who has seen a call could send it again: reading shows it to the same eyes only, and whatever changes
something carries what makes a repetition harmless: the version it was made from, an idempotency key, or an id that
is remembered.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from flask import request
from marshmallow import Schema
from sqlalchemy import Connection, Row

from connector.db import customers
from connector.db.stores import Store
from connector.shop.signatures import call_content
from connector.web.bodies import load, read_body, read_json
from connector.web.parts import Parts, parts_in_use
from connector.web.problems import Problem
from connector.web.signed import require_connected, require_signature, store_in_address

# Whatever else is in a path, no line end: the line before the body must end where it seems to.
_TARGET: Final = re.compile(r"[!-~]{1,2000}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that its store has signed just now."""

    parts: Parts
    store: Store
    body: bytes
    now: datetime

    def read(self, schema: Schema) -> dict[str, Any]:
        """Return what the body says as the schema reads it. Raises Problem not_json or validation_failed."""
        return load(schema, read_json(self.body))


def signed_call() -> Call:
    """Return the call that is being answered.

    Raises Problem unknown_store, signature_invalid, timestamp_out_of_range, body_too_large, or store_disconnected.
    """
    parts = parts_in_use()
    store, secret = store_in_address(parts, request.headers.get("regulars-store", ""))
    query = request.query_string.decode("latin-1")
    target = f"{request.path}?{query}" if query else request.path
    if not _TARGET.fullmatch(target):
        raise Problem("signature_invalid", "The address holds characters that a signature cannot cover.")
    body = read_body()
    require_signature(parts, secret, call_content(request.method, target, body))
    require_connected(store)
    return Call(parts, store, body, parts.clock())


def idempotency_key() -> str:
    """Return the key under which a call is done once. It is the ``webhook-id`` as well, which the signature covers.

    So a call that somebody sends again cannot be done again under another key. Raises Problem
    idempotency_key_missing.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key or key != request.headers["webhook-id"]:
        raise Problem("idempotency_key_missing", "An Idempotency-Key is needed that is also the call's webhook-id.")
    return key


def known_customer(connection: Connection, store: Store, wc_id: int) -> Row[Any]:
    """Return the store's registered customer with a WooCommerce user id. Raises Problem unknown_customer."""
    found = customers.find(connection, store.id, str(wc_id))
    if found is None or found.wc_id != wc_id or found.deleted_at is not None:
        raise Problem("unknown_customer", "No customer with this id is known yet.")
    return found


def iso(moment: datetime) -> str:
    """Return a moment as every answer writes it: in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
