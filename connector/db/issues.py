"""Issues: campaigns that a person hands out now, or asks what handing them out would do."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, case, delete, func, insert, select, update

from connector.db.tables import issues, standings, stores
from connector.domain.programme.offers import Audience

WAITING, RUNNING, DONE = "waiting", "running", "done"
# The store left before everybody had been looked at.
LAPSED: Final = "lapsed"
_UNFINISHED: Final = (WAITING, RUNNING)
_PREVIEWS_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for. ``audience`` is a document, empty for the campaign's own; ``preview`` gives nothing."""

    campaign: str
    occasion: str
    reason: str
    made_by: str
    audience: Mapping[str, Any]
    preview: bool


def ask(connection: Connection, store_id: int, asked: Asked, now: datetime) -> str:
    """Store what is asked for and return its public id. The same, asked again before it is over, is one issue.

    An issue is kept as long as the store is; previews are forgotten after a month.
    """
    forgotten = issues.c.preview, issues.c.asked_at < now - _PREVIEWS_KEPT
    connection.execute(delete(issues).where(issues.c.store_id == store_id, *forgotten))
    for row in _unfinished(connection, store_id, asked):
        if row.audience == asked.audience:
            return str(row.public_id)
    public_id = f"iss_{secrets.token_urlsafe(18)}"
    connection.execute(
        insert(issues).values(
            store_id=store_id,
            public_id=public_id,
            campaign=asked.campaign,
            occasion=asked.occasion,
            preview=asked.preview,
            audience=dict(asked.audience),
            reason=asked.reason,
            made_by=asked.made_by,
            state=WAITING,
            last_customer_id=0,
            done=0,
            total=0,
            tally={},
            promised=0,
            asked_at=now,
        )
    )
    return public_id


def _unfinished(connection: Connection, store_id: int, asked: Asked) -> Iterable[Row[Any]]:
    """Return what was asked for in the same words and is not over, whatever its audience."""
    return connection.execute(
        select(issues).where(
            issues.c.store_id == store_id,
            issues.c.campaign == asked.campaign,
            issues.c.occasion == asked.occasion,
            issues.c.preview.is_(asked.preview),
            issues.c.state.in_(_UNFINISHED),
        )
    )


def of(connection: Connection, store_id: int, public_id: str) -> Row[Any] | None:
    """Return an issue of this store, or None."""
    return connection.execute(
        select(issues).where(issues.c.store_id == store_id, issues.c.public_id == public_id)
    ).one_or_none()


def count_customers(connection: Connection, store_id: int, audience: Audience) -> int:
    """Return how many customers may be in an audience."""
    return int(connection.execute(_perhaps(store_id, audience, select(func.count()))).scalar_one())


def next_customers(connection: Connection, store_id: int, audience: Audience, after: int, limit: int) -> list[int]:
    """Return the next customers who may be in an audience, as their standings last said, by id."""
    wanted = _perhaps(store_id, audience, select(standings.c.customer_id)).where(standings.c.customer_id > after)
    return list(connection.execute(wanted.order_by(standings.c.customer_id).limit(limit)).scalars())


def _perhaps(store_id: int, audience: Audience, wanted: Select[Any]) -> Select[Any]:
    wanted = wanted.select_from(standings).where(
        standings.c.store_id == store_id, standings.c.orders >= audience.minimum_orders
    )
    if audience.segments:
        wanted = wanted.where(standings.c.segment.in_(audience.segments))
    if audience.tiers:
        wanted = wanted.where(standings.c.tier.in_(audience.tiers))
    return wanted


def progress(
    connection: Connection,
    store_id: int,
    issue_id: int,
    last_customer_id: int,
    done: int,
    total: int,
    tally: Mapping[str, int],
    promised: int,
) -> None:
    """Record how far an issue is and what has become of it, in the transaction in which it became so.

    One that has lapsed meanwhile stays so.
    """
    connection.execute(
        update(issues)
        .where(issues.c.store_id == store_id, issues.c.id == issue_id)
        .values(
            state=case((issues.c.state == LAPSED, LAPSED), else_=RUNNING),
            last_customer_id=last_customer_id,
            done=done,
            total=max(done, total),
            tally=dict(tally),
            promised=promised,
        )
    )


def finish(connection: Connection, store_id: int, issue_id: int, now: datetime) -> None:
    """Record that everybody has been looked at."""
    connection.execute(
        update(issues)
        .where(issues.c.store_id == store_id, issues.c.id == issue_id)
        .values(state=DONE, total=issues.c.done, finished_at=now)
    )


def lapse(connection: Connection, site_url: str, now: datetime) -> None:
    """Let what a store that left had not finished handing out lapse: it was decided for that day. Previews go on."""
    left = select(stores.c.id).where(stores.c.site_url == site_url, stores.c.state != "connected")
    connection.execute(
        update(issues)
        .where(issues.c.store_id.in_(left), issues.c.preview.is_(False), issues.c.state.in_(_UNFINISHED))
        .values(state=LAPSED, finished_at=now)
    )
