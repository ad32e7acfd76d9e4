"""Bonuses: bring the fixed points of customers in line with what they are given for."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from connector.db import backfills, blocks, bonus_facts, lots
from connector.db.lots import LotFacts
from connector.db.stores import Store
from connector.domain.bonuses import YEARLY, Bonus, BonusKind, are_set, bonuses_of, kind_of
from connector.domain.expiry import expiry_of
from connector.domain.programme import Programme
from jobs import earnings

_STANDING = tuple(kind for kind in BonusKind if kind not in YEARLY)
_AROUND_FIRST_ORDER = (BonusKind.FIRST_ORDER, BonusKind.FRIEND, BonusKind.REFERRER)


def bringers_of(
    connection: Connection, store: Store, versions: Sequence[Programme], customer_ids: Collection[int]
) -> set[int]:
    """Return who else has to be locked and settled with these customers, because they may have brought them."""
    if not are_set(versions, BonusKind.REFERRER):
        return set()
    return bonus_facts.bringers_of(connection, store.id, customer_ids)


def brought_by(
    connection: Connection, store: Store, versions: Sequence[Programme], users: Collection[int]
) -> set[int]:
    """Return whose bonuses these users may change by being known: an order can be told before who sent it."""
    if not are_set(versions, BonusKind.REFERRER, BonusKind.FRIEND):
        return set()
    return bonus_facts.brought_by(connection, store.id, users)


def bring(
    connection: Connection, store: Store, versions: Sequence[Programme], customer_ids: Collection[int]
) -> set[int]:
    """Store the bonuses that follow from these customers' state, and take back those that do not any more.

    The customers are locked; who brought one of them and is not among them keeps what they have. Until the store's
    history has been read to its end nobody is rewarded for a first order, because half a history makes everybody's
    oldest known order their first. Returns whose lots are different now: they are to be settled.
    """
    if not are_set(versions, *_STANDING):
        return set()
    ids = sorted(customer_ids)
    whole = backfills.is_complete(connection, store.id)
    wanted = [
        bonus
        for person in bonus_facts.people(connection, store.id, ids)
        for bonus in bonuses_of(person, versions)
        if whole or kind_of(bonus.source) not in _AROUND_FIRST_ORDER
    ]
    made = lots_of(connection, store, wanted, customer_ids)
    sources = {one.source for one in made}
    ended = [
        _nothing(row)
        for row in bonus_facts.held(connection, store.id, ids)
        if row.points and row.customer_id in customer_ids and row.source not in sources
    ]
    return keep(connection, store, versions, [*made, *ended])


def keep(connection: Connection, store: Store, versions: Sequence[Programme], made: Sequence[LotFacts]) -> set[int]:
    """Store bonuses of locked customers, and what follows for their orders; return whose lots are different now."""
    changed = lots.save(connection, store.id, made)
    if changed:
        earnings.bring_after_bonuses(connection, store, versions, changed)
    return changed


def lots_of(
    connection: Connection, store: Store, given: Iterable[Bonus], customer_ids: Collection[int]
) -> list[LotFacts]:
    """Return bonuses of these customers as lots, but for those who were blocked when they would have earned them."""
    shut_out = blocks.of_customers(connection, store.id, sorted(customer_ids))
    return [
        LotFacts(
            customer_id=bonus.customer_id,
            source=bonus.source,
            points=bonus.points,
            earned_at=bonus.earned_at,
            available_at=bonus.earned_at + timedelta(days=bonus.hold_days),
            expires_at=expiry_of(bonus.earned_at, bonus.rules.expiry, store.zone),
            rule_version=bonus.rules.version,
            currency=store.currency,
            reason=bonus.name,
        )
        for bonus in given
        if bonus.customer_id in customer_ids
        and not any(block.covers(bonus.customer_id, bonus.earned_at) for block in shut_out)
    ]


def _nothing(row: Row[Any]) -> LotFacts:
    """Return the lot of a bonus that is no more."""
    kept = {name: row._mapping[name] for name in LotFacts.__dataclass_fields__}
    return LotFacts(**kept | {"points": 0})
