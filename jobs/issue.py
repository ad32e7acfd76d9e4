"""Issue: hand out a campaign to its audience because a person says so, or find out what that would do.

The governor rules as it does at night. What a preview decides is rolled back, customer by customer the same decision.
"""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from connector.db import issues, programmes, stores, work
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.offering import ByHand
from connector.domain.programme.offer_schema import AudienceSchema
from jobs import standing
from jobs.context import STEP, Context

_CHUNK: Final = 500


def run(context: Context, claim: Claim) -> None:
    """Go through the audience in chunks, each a transaction with its own progress; give way after twenty seconds.

    A run that dies is taken up where it ended. An issue that was forgotten meanwhile is done.
    """
    ends_at = context.clock() + STEP
    while True:
        wanted: dict[str, int] = {}
        with transaction(context.engine) as connection:
            now = context.clock()
            store = stores.by_id(connection, claim.store_id)
            asked = issues.of(connection, store.id, claim.subject)
            more, told = _chunk(connection, store, asked, now) if asked is not None else (False, False)
            if told:
                wanted["write_back"] = work.want(connection, store.id, "write_back", "", now)
            goes_on = more and now < ends_at
            if not more:
                if work.finish(connection, claim, now):
                    wanted["issue"] = claim.id
            elif not goes_on:
                work.go_on(connection, claim, now)
                wanted["issue"] = claim.id
            elif claim.attempts:
                work.progressed(connection, claim)
        context.offer(wanted)
        if not goes_on:
            return
        context.give_way()


def _chunk(connection: Connection, store: Store, asked: Row[Any], now: datetime) -> tuple[bool, bool]:
    """Decide for the next customers; return whether there may be more of them, and whether the store must hear."""
    campaign = programmes.current(connection, store.id, now).campaign(asked.campaign)
    if asked.state == issues.DONE or campaign is None:
        issues.finish(connection, asked.id, now)
        return False, False
    audience = AudienceSchema().load(asked.audience) if asked.audience else campaign.audience
    ids = issues.next_customers(connection, store.id, audience, asked.last_customer_id, _CHUNK)
    if not ids:
        issues.finish(connection, asked.id, now)
        return False, False
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
    issues.progress(connection, asked.id, ids[-1], done, total, by_hand.tally, by_hand.promised)
    return True, told


def _decide(
    connection: Connection, store: Store, ids: list[int], now: datetime, by_hand: ByHand, *, preview: bool
) -> bool:
    if not preview:
        return standing.refresh(connection, store, ids, now, by_hand)
    undone = connection.begin_nested()
    standing.refresh(connection, store, ids, now, by_hand)
    undone.rollback()
    return False
