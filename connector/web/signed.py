"""Who speaks: the store in the address, and the proof that it is that store."""

import re
from typing import Final

from flask import request

from connector.db import stores
from connector.db.session import reading
from connector.db.stores import Store
from connector.shop.signatures import SignatureError, verify
from connector.web.parts import Parts
from connector.web.problems import Problem

_PUBLIC_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
# As long as the column that tells deliveries apart; printable, because it ends up in logs and explanations.
_MESSAGE_ID: Final = re.compile(r"[!-~]{1,128}", re.ASCII)


def store_in_address(parts: Parts, public_id: str) -> tuple[Store, str]:
    """Return a store and its signing secret. Raises Problem unknown_store."""
    if _PUBLIC_ID.fullmatch(public_id):
        with reading(parts.engine) as connection:
            store = stores.by_public_id(connection, public_id)
            if store is not None:
                return store, stores.signing_secret(connection, store.id, parts.vault)
    raise Problem("unknown_store", "No store is known at this address. Connect the store again.")


def require_connected(store: Store) -> None:
    """Raise Problem store_disconnected where the store has left."""
    if not store.connected:
        raise Problem("store_disconnected", "This store was disconnected. Connect it again to go on.")


def require_signature(parts: Parts, secret: str, body: bytes) -> str:
    """Return the ``webhook-id`` of a request that the store signed just now.

    Raises Problem signature_invalid or timestamp_out_of_range.
    """
    message_id = request.headers.get("webhook-id", "")
    if not _MESSAGE_ID.fullmatch(message_id):
        raise Problem("signature_invalid", "The webhook-id header is missing, too long or malformed.")
    try:
        verify(
            secret,
            message_id=message_id,
            timestamp=request.headers.get("webhook-timestamp"),
            signature=request.headers.get("webhook-signature"),
            body=body,
            now=parts.clock(),
        )
    except SignatureError as error:
        raise Problem(error.code, str(error)) from None
    return message_id
