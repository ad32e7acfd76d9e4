"""What bonuses follow from: registrations, first orders with who sent them, reviews; and the bonuses there are."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    String,
    and_,
    cast,
    exists,
    literal,
    literal_column,
    or_,
    select,
)

from connector.db.bulk import among, keyed
from connector.db.lots import by_source
from connector.db.tables import customers, lots, orders, reviews
from connector.domain.bonuses import BonusKind, FirstOrder, Person, Review, source_of
from connector.domain.programme.versions import Period


def people(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[Person]:
    """Return what of these customers decides over bonuses; guests who registered are nobody any more."""
    rows = connection.execute(
        select(customers.c.id, customers.c.wc_id, customers.c.registered_at)
        .where(
            customers.c.store_id == store_id,
            among(connection, customers.c.id, customer_ids),
            customers.c.merged_into_id.is_(None),
        )
        .order_by(customers.c.id)
    ).all()
    first = _first_orders(connection, store_id, customer_ids)
    written = _reviews(connection, store_id, [row.wc_id for row in rows if row.wc_id])
    return [Person(row.id, row.registered_at, first.get(row.id), tuple(written.get(row.wc_id, ()))) for row in rows]


def _first_orders(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> dict[int, FirstOrder]:
    referrer = customers.alias("referrer")
    rows = connection.execute(
        select(orders.c.customer_id, orders.c.wc_id, orders.c.ordered_at, referrer.c.id.label("referrer_id"))
        .outerjoin(
            referrer,
            and_(
                referrer.c.store_id == orders.c.store_id,
                referrer.c.wc_id == orders.c.referrer_wc_id,
                orders.c.referrer_wc_id > 0,
            ),
        )
        .where(orders.c.store_id == store_id, orders.c.counts, among(connection, orders.c.customer_id, customer_ids))
        .order_by(orders.c.ordered_at.desc(), orders.c.wc_id.desc())
    )
    return {row.customer_id: FirstOrder(row.wc_id, row.ordered_at, row.referrer_id) for row in rows}


def _reviews(connection: Connection, store_id: int, wc_ids: Sequence[int]) -> dict[int, list[Review]]:
    rows = connection.execute(
        select(reviews.c.wc_customer_id, reviews.c.product_id, reviews.c.reviewed_at)
        .where(
            reviews.c.store_id == store_id, reviews.c.is_shown, among(connection, reviews.c.wc_customer_id, wc_ids)
        )
        .order_by(reviews.c.wc_id)
    )
    found: dict[int, list[Review]] = defaultdict(list)
    for row in rows:
        found[row.wc_customer_id].append(Review(row.product_id, row.reviewed_at))
    return found


def bringers_of(connection: Connection, store_id: int, customer_ids: Collection[int]) -> set[int]:
    """Return who is said to have sent these customers, and who has a bonus for it."""
    said = (
        select(customers.c.id)
        .join(orders, and_(orders.c.store_id == customers.c.store_id, orders.c.referrer_wc_id == customers.c.wc_id))
        .where(
            customers.c.store_id == store_id,
            orders.c.referrer_wc_id > 0,
            among(connection, orders.c.customer_id, sorted(customer_ids)),
        )
    )
    rewards = _referrers_rewards(connection, store_id, customer_ids)
    return {*connection.execute(said).scalars(), *(row.customer_id for row in rewards)}


def brought_by(connection: Connection, store_id: int, users: Collection[int]) -> set[int]:
    """Return whom these users are said to have sent."""
    friends = (
        select(orders.c.customer_id)
        .join(
            customers, and_(customers.c.store_id == orders.c.store_id, customers.c.wc_id == orders.c.referrer_wc_id)
        )
        .where(
            orders.c.store_id == store_id,
            # Spelled out: an index on few rows is used where the statement itself says that it is about them.
            orders.c.referrer_wc_id > literal_column("0"),
            orders.c.customer_id.is_not(None),
            keyed(connection, customers.c.id, store_id, sorted(users)),
        )
    )
    return set(connection.execute(friends).scalars())


def held(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the bonuses there are that follow from these customers' state: their own, and those of who sent them."""
    own = or_(*(lots.c.source.startswith(f"{source_of(kind)}:", autoescape=True) for kind in _OWN))
    theirs = select(lots).where(lots.c.store_id == store_id, among(connection, lots.c.customer_id, customer_ids), own)
    rewards = _referrers_rewards(connection, store_id, customer_ids)
    return [*connection.execute(theirs.order_by(lots.c.id)), *rewards]


_OWN = (BonusKind.SIGN_UP, BonusKind.FIRST_ORDER, BonusKind.FRIEND, BonusKind.REVIEW)


def _referrers_rewards(connection: Connection, store_id: int, customer_ids: Collection[int]) -> list[Row[Any]]:
    """Return the bonuses there are for having sent these customers."""
    sources = [source_of(BonusKind.REFERRER, customer_id) for customer_id in sorted(customer_ids)]
    return list(by_source(connection, store_id, sources).values())


def without_sign_up(
    connection: Connection, store_id: int, periods: Sequence[Period], after: int, limit: int
) -> list[int]:
    """Return the next users after an id who registered in one of these periods and have no bonus for it, sorted."""
    source = literal(f"{source_of(BonusKind.SIGN_UP)}:") + cast(customers.c.id, String)
    rewarded = exists().where(lots.c.store_id == store_id, lots.c.source == source)
    within = or_(*(_within(period) for period in periods))
    wanted = select(customers.c.id).where(_is_user(store_id), customers.c.id > after, within, ~rewarded)
    return list(connection.execute(wanted.order_by(customers.c.id).limit(limit)).scalars())


def born_on(connection: Connection, store_id: int, days: Collection[tuple[int, int]]) -> list[int]:
    """Return the users whose birthday is one of these months and days, sorted."""
    texts = [f"{month:02d}-{day:02d}" for month, day in sorted(days)]
    matches = [or_(customers.c.birthday == text, customers.c.birthday.like(f"%-{text}")) for text in texts]
    wanted = select(customers.c.id).where(_is_user(store_id), or_(*matches))
    return list(connection.execute(wanted.order_by(customers.c.id)).scalars())


def registered_within(connection: Connection, store_id: int, periods: Sequence[Period]) -> list[int]:
    """Return the users who registered in one of these periods, sorted."""
    if not periods:
        return []
    within = or_(*(_within(period) for period in periods))
    wanted = select(customers.c.id).where(_is_user(store_id), within)
    return list(connection.execute(wanted.order_by(customers.c.id)).scalars())


def _within(period: Period) -> ColumnElement[bool]:
    begin, end = period
    bounds: list[ColumnElement[bool]] = [customers.c.registered_at.is_not(None)]
    bounds += [customers.c.registered_at >= begin] if begin is not None else []
    bounds += [customers.c.registered_at < end] if end is not None else []
    return and_(*bounds)


def _is_user(store_id: int) -> ColumnElement[bool]:
    return and_(customers.c.store_id == store_id, customers.c.wc_id.is_not(None), customers.c.deleted_at.is_(None))
