"""Tiers that a person gave to customers, with reason and days."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, func, insert, or_, select, update

from connector.db.bulk import among
from connector.db.tables import customers, tier_overrides
from connector.domain.calendar import from_epoch_day
from connector.domain.history import epoch_day
from connector.domain.tiers import Override


def of_customers(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> dict[int, list[Override]]:
    """Return what these customers were given, those they were as guests included."""
    whose = func.coalesce(customers.c.merged_into_id, customers.c.id)
    rows = connection.execute(
        select(
            whose.label("customer_id"), tier_overrides.c.tier, tier_overrides.c.from_day, tier_overrides.c.until_day
        )
        .join(customers, customers.c.id == tier_overrides.c.customer_id)
        .where(tier_overrides.c.store_id == store_id, among(connection, whose, customer_ids))
        .order_by(tier_overrides.c.id)
    )
    found: dict[int, list[Override]] = defaultdict(list)
    for row in rows:
        until = None if row.until_day is None else from_epoch_day(row.until_day)
        found[row.customer_id].append(Override(row.tier, from_epoch_day(row.from_day), until))
    return found


def holding(connection: Connection, store_id: int, customer_id: int, day: date) -> Override | None:
    """Return what of this holds on a day; of several, what was given last."""
    given = of_customers(connection, store_id, [customer_id]).get(customer_id, [])
    return next((one for one in reversed(given) if one.holds_on(day)), None)


def give(
    connection: Connection, store_id: int, customer_id: int, override: Override, reason: str, made_by: str
) -> None:
    """Give a customer a tier from a day on; asking again adds nothing.

    What was given earlier, also to the guest they were, ends the day before.
    """
    first = epoch_day(override.from_day)
    last = None if override.until_day is None else epoch_day(override.until_day)
    same = select(tier_overrides.c.id).where(
        tier_overrides.c.store_id == store_id,
        tier_overrides.c.customer_id == customer_id,
        tier_overrides.c.tier == override.tier,
        tier_overrides.c.from_day == first,
        tier_overrides.c.until_day.is_(None) if last is None else tier_overrides.c.until_day == last,
    )
    if connection.execute(same.limit(1)).first():
        return
    end(connection, store_id, customer_id, override.from_day)
    connection.execute(
        insert(tier_overrides).values(
            store_id=store_id,
            customer_id=customer_id,
            tier=override.tier,
            reason=reason,
            made_by=made_by,
            from_day=first,
            until_day=last,
        )
    )


def end(connection: Connection, store_id: int, customer_id: int, day: date) -> bool:
    """Let whatever a person gave, also to the guest they were, end before a day; return whether there was anything.

    What would only have begun by then never holds: it ends before it begins.
    """
    last = epoch_day(day) - 1
    lasting = or_(tier_overrides.c.until_day.is_(None), tier_overrides.c.until_day > last)
    theirs = select(customers.c.id).where(
        customers.c.store_id == store_id,
        or_(customers.c.id == customer_id, customers.c.merged_into_id == customer_id),
    )
    ended = connection.execute(
        update(tier_overrides)
        .where(tier_overrides.c.store_id == store_id, tier_overrides.c.customer_id.in_(theirs), lasting)
        .values(until_day=last)
    )
    return bool(ended.rowcount)
