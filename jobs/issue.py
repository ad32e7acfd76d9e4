"""Issue: hand out a campaign to its audience because a person says so, or find out what that would do.

The governor rules as it does at night. What a preview decides is rolled back, customer by customer the same decision.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection

from connector.db import issues, programmes
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.offering import ByHand
from connector.domain.programme.offer_schema import AudienceSchema
from jobs import standing
from jobs.chunks import do_in_chunks
from jobs.context import Context

_CHUNK: Final = 500


def run(context: Context, claim: Claim) -> None:
    """Go through the audience in chunks, each with its progress. One forgotten or lapsed meanwhile is done."""
    do_in_chunks(context, claim, partial(_chunk, claim.subject))


def _chunk(
    public_id: str, connection: Connection, store: Store, now: datetime, _: int
) -> tuple[int | None, Iterable[str]]:
    """Decide for the next customers, from where the issue itself says that it is."""
    asked = issues.of(connection, store.id, public_id)
    if asked is None or asked.state == issues.LAPSED:
        return None, ()
    campaign = programmes.current(connection, store.id, now).campaign(asked.campaign)
    if asked.state == issues.DONE or campaign is None:
        issues.finish(connection, store.id, asked.id, now)
        return None, ()
    audience = AudienceSchema().load(asked.audience) if asked.audience else campaign.audience
    ids = issues.next_customers(connection, store.id, audience, asked.last_customer_id, _CHUNK)
    if not ids:
        issues.finish(connection, store.id, asked.id, now)
        return None, ()
    by_hand = ByHand(
        replace(campaign, audience=audience),
        asked.occasion,
        f"by hand: {asked.reason}",
        tally=Counter(asked.tally),
        promised=asked.promised,
        reserved=asked.promised if asked.preview else 0,
    )
    told = _decide(connection, store, ids, now, by_hand, preview=asked.preview)
    total = asked.total or issues.count_customers(connection, store.id, audience)
    done = asked.done + len(ids)
    issues.progress(connection, store.id, asked.id, ids[-1], done, total, by_hand.tally, by_hand.promised)
    return ids[-1], ["write_back"] if told else ()


def _decide(
    connection: Connection, store: Store, ids: list[int], now: datetime, by_hand: ByHand, *, preview: bool
) -> bool:
    if not preview:
        return standing.refresh(connection, store, ids, now, by_hand)
    undone = connection.begin_nested()
    standing.refresh(connection, store, ids, now, by_hand)
    undone.rollback()
    return False
