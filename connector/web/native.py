"""WooCommerce's own webhooks, for stores without the plugin. Their signature covers neither time nor topic.

So a native delivery says "look at this resource" and nothing more; what it carries is not kept.
"""

import hashlib
import re
from typing import Final

from werkzeug.datastructures import Headers

from connector.db import stores
from connector.db.inbox import Delivery
from connector.db.session import transaction
from connector.db.stores import Store
from connector.domain.troubles import say
from connector.shop.signatures import SignatureError, verify_native
from connector.web.bodies import load, read_json
from connector.web.parts import Parts
from connector.web.problems import Problem
from connector.web.schemas import HintSchema

OWNER_GONE: Final = say("webhook_owner_gone")
_SIGNATURE: Final = "X-WC-Webhook-Signature"
_TOPIC: Final = "X-WC-Webhook-Topic"
_DELIVERY_ID: Final = "X-WC-Webhook-Delivery-ID"
_TOPICS: Final = frozenset(
    f"{resource}.{event}"
    for resource, events in (
        ("order", ("created", "updated", "deleted", "restored")),
        ("customer", ("created", "updated", "deleted")),
    )
    for event in events
)
_ID: Final = re.compile(r"[!-~]{1,100}", re.ASCII)
_HINT: Final = HintSchema()


def is_native(headers: Headers) -> bool:
    """Say whether WooCommerce itself sent this, going by the headers it always sends."""
    return _SIGNATURE in headers or _TOPIC in headers


def read_native(parts: Parts, store: Store, secret: str, headers: Headers, body: bytes) -> Delivery | None:
    """Return a signed hint, or None where its topic is none of ours.

    Raises Problem signature_invalid, not_json or payload_invalid. A body that is WooCommerce's own error is refused
    and shown to the owner, because every delivery of that webhook will be one.
    """
    try:
        verify_native(secret, headers.get(_SIGNATURE), body)
    except SignatureError as error:
        raise Problem(error.code, str(error)) from None
    document = read_json(body)
    if isinstance(document, dict) and {"code", "message"} <= document.keys():
        with transaction(parts.engine) as connection:
            stores.note_error(connection, store.id, OWNER_GONE)
        raise Problem("payload_invalid", OWNER_GONE)
    topic = headers.get(_TOPIC, "")
    if topic not in _TOPICS:
        return None
    sent_id = headers.get(_DELIVERY_ID, "")
    if not _ID.fullmatch(sent_id):
        raise Problem("payload_invalid", f"The header {_DELIVERY_ID} is missing or malformed.")
    return Delivery(
        # Two deliveries of one second share WooCommerce's id; what they say tells them apart.
        delivery_id=f"{sent_id}:{hashlib.sha256(body).hexdigest()[:16]}",
        source="native",
        topic=topic,
        resource=topic.partition(".")[0],
        wc_id=load(_HINT, document, "payload_invalid")["id"],
        observed_at=parts.clock(),
        payload={},
    )
