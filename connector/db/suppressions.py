"""Offers that were not made, each with the rule that stopped it, once for each occasion and rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete

from connector.db.bulk import among, insert_rows
from connector.db.inheriting import hand_over
from connector.db.session import insert_into
from connector.db.tables import suppressions


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An offer that a rule stopped, with its facts."""

    customer_id: int
    campaign: str
    occasion: str
    rule: str
    why: str


def record(
    connection: Connection, store_id: int, stopped: Sequence[Suppressed], rule_version: int, now: datetime
) -> None:
    """Record what was stopped. What the same rule stopped before on the same occasion keeps its first moment."""
    statement = insert_into(connection, suppressions).on_conflict_do_nothing(
        index_elements=[suppressions.c[name] for name in ("store_id", "customer_id", "campaign", "occasion", "rule")]
    )
    insert_rows(
        connection,
        statement,
        [
            {
                "store_id": store_id,
                "customer_id": one.customer_id,
                "campaign": one.campaign,
                "occasion": one.occasion,
                "rule": one.rule,
                "why": one.why,
                "rule_version": rule_version,
                "suppressed_at": now,
            }
            for one in stopped
        ],
    )


def move_to_users(connection: Connection, store_id: int, users: Sequence[int]) -> None:
    """Hand what guests were not given to the users they turned out to be; what both have stays the user's."""
    guests = hand_over(connection, store_id, users, suppressions, ("campaign", "occasion", "rule"))
    theirs = suppressions.c.store_id == store_id, among(connection, suppressions.c.customer_id, guests)
    connection.execute(delete(suppressions).where(*theirs))
