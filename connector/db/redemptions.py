"""Redemptions: points turned into a coupon, and what became of it by the orders that carry its code.

A redemption's state, the points it keeps spent and its coupon in the store follow from the redemption as it was made,
the orders that carry its code, and the clock. `settle` derives all three again; nothing else sets them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from connector.db import outbox, spends
from connector.db.bulk import among, among_texts, keyed
from connector.db.codes import new_code
from connector.db.session import insert_into
from connector.db.spends import SpendFacts
from connector.db.stores import Store
from connector.db.tables import customers, orders, redemption_uses, redemptions
from connector.domain.calendar import end_of_day, local_day
from connector.domain.programme import Programme
from connector.domain.redemption import (
    TOLD_WITHIN,
    Outcome,
    Quote,
    Redeemed,
    RedemptionState,
    Use,
    coupon_terms,
    state_of,
)


def source(redemption_id: int) -> str:
    """Return what the ledger calls a redemption."""
    return f"redemption:{redemption_id}"


def by_key(connection: Connection, store_id: int, key: str) -> Row[Any] | None:
    """Return the redemption that was made under this idempotency key."""
    return connection.execute(
        select(redemptions).where(redemptions.c.store_id == store_id, redemptions.c.idempotency_key == key)
    ).one_or_none()


def by_id(connection: Connection, store_id: int, redemption_id: int) -> Row[Any]:
    """Return a redemption that exists."""
    return connection.execute(
        select(redemptions).where(redemptions.c.store_id == store_id, redemptions.c.id == redemption_id)
    ).one()


def live_of(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the redemptions of these customers whose points are reserved, the oldest first.

    The coupons of some may have expired: an order that used one may still be on its way.
    """
    return list(
        connection.execute(
            select(redemptions)
            .where(
                redemptions.c.store_id == store_id,
                among(connection, redemptions.c.customer_id, customer_ids),
                redemptions.c.state == RedemptionState.RESERVED,
            )
            .order_by(redemptions.c.id)
        )
    )


def expired(connection: Connection, store_id: int, now: datetime, limit: int) -> list[Row[Any]]:
    """Return redemptions that are still reserved though no order can bring their coupons any more.

    Those that expired first come first.
    """
    return list(
        connection.execute(
            select(redemptions)
            .where(
                redemptions.c.store_id == store_id,
                redemptions.c.state == RedemptionState.RESERVED,
                redemptions.c.expires_at <= now - TOLD_WITHIN,
            )
            .order_by(redemptions.c.expires_at, redemptions.c.id)
            .limit(limit)
        )
    )


def stores_with_expired(connection: Connection, now: datetime) -> set[int]:
    """Return the stores that have redemptions `expired` returns."""
    return set(
        connection.execute(
            select(redemptions.c.store_id)
            .where(redemptions.c.state == RedemptionState.RESERVED, redemptions.c.expires_at <= now - TOLD_WITHIN)
            .distinct()
        ).scalars()
    )


def customers_of(connection: Connection, store_id: int, redemption_ids: Collection[int]) -> set[int]:
    """Return whose redemptions these are."""
    named = keyed(connection, redemptions.c.id, store_id, sorted(redemption_ids))
    return set(connection.execute(select(redemptions.c.customer_id).where(named)).scalars())


def reserve(
    connection: Connection,
    store: Store,
    programme: Programme,
    customer_id: int,
    key: str,
    quoted: Quote,
    balance_after: int,
    now: datetime,
) -> int:
    """Make a redemption and return its id; `settle` takes the points. The customer must be locked.

    The code is drawn and committed before the store hears of it: whatever happens to the connection, the next
    attempt creates the same coupon or finds it.
    """
    last_day = local_day(now, store.zone) + timedelta(days=programme.redeeming.valid_days)
    return int(
        connection.execute(
            insert(redemptions)
            .values(
                store_id=store.id,
                customer_id=customer_id,
                idempotency_key=key,
                points=quoted.points,
                amount=quoted.amount,
                currency=store.currency,
                code=new_code(),
                terms=coupon_terms(quoted, programme.redeeming, store.currency),
                state=RedemptionState.RESERVED,
                rule_version=programme.version,
                reserved_at=now,
                expires_at=end_of_day(last_day, store.zone),
                balance_after=balance_after,
            )
            .returning(redemptions.c.id)
        ).scalar_one()
    )


def refuse(connection: Connection, store_id: int, redemption_id: int, sentence: str) -> None:
    """Remember why the store will not have a redemption's coupon. `settle` gives the points back."""
    connection.execute(
        update(redemptions)
        .where(redemptions.c.store_id == store_id, redemptions.c.id == redemption_id)
        .values(refusal=sentence)
    )


def note_uses(connection: Connection, store_id: int, codes_of: Mapping[int, Sequence[str]]) -> set[int]:
    """Remember which redemptions' codes these orders carry now; return the redemptions that are concerned.

    Those are also the ones whose codes the orders carried before. Takes the codes of orders, which must be locked.
    """
    here = redemption_uses.c.store_id == store_id, among(connection, redemption_uses.c.order_id, list(codes_of))
    held = {(row.redemption_id, row.order_id) for row in connection.execute(select(redemption_uses).where(*here))}
    known = _by_code(connection, store_id, {code for codes in codes_of.values() for code in codes})
    wanted = {(known[code], order_id) for order_id, codes in codes_of.items() for code in codes if code in known}
    for redemption_id, order_id in held - wanted:
        pair = redemption_uses.c.redemption_id == redemption_id, redemption_uses.c.order_id == order_id
        connection.execute(delete(redemption_uses).where(redemption_uses.c.store_id == store_id, *pair))
    if wanted - held:
        connection.execute(
            insert_into(connection, redemption_uses).on_conflict_do_nothing(),
            [
                {"redemption_id": redemption_id, "order_id": order_id, "store_id": store_id}
                for redemption_id, order_id in sorted(wanted - held)
            ],
        )
    return {redemption_id for redemption_id, _ in held | wanted}


def _by_code(connection: Connection, store_id: int, codes: Collection[str]) -> dict[str, int]:
    if not codes:
        return {}
    rows = connection.execute(
        select(redemptions.c.code, redemptions.c.id).where(
            redemptions.c.store_id == store_id, among_texts(connection, redemptions.c.code, codes)
        )
    )
    return {row.code: row.id for row in rows}


def settle(connection: Connection, store: Store, redemption_ids: Collection[int], now: datetime) -> bool:
    """Derive state, spent points and coupon of these redemptions from their orders as they are now.

    Their customers must be locked, and their accounts settled afterwards. Returns whether the store has to hear of a
    coupon. Whoever wants it written back does so last: others lock the budget before they want the same.
    """
    if not redemption_ids:
        return False
    rows = connection.execute(
        select(redemptions, customers.c.email)
        .join(customers, customers.c.id == redemptions.c.customer_id)
        .where(keyed(connection, redemptions.c.id, store.id, sorted(redemption_ids)))
        .order_by(redemptions.c.id)
    ).all()
    uses = _uses(connection, store.id, [row.id for row in rows])
    outcomes = {
        row.id: state_of(Redeemed(row.points, row.expires_at, row.refusal), uses[row.id], now) for row in rows
    }
    for row in rows:
        _record(connection, store.id, row, outcomes[row.id])
    spends.save(connection, store.id, [_spend(row, outcomes[row.id]) for row in rows])
    return _desire(connection, store, rows, outcomes, now)


def _uses(connection: Connection, store_id: int, redemption_ids: Sequence[int]) -> Mapping[int, list[Use]]:
    rows = connection.execute(
        select(
            redemption_uses.c.redemption_id,
            orders.c.id,
            orders.c.status,
            orders.c.total,
            orders.c.refunded,
            orders.c.deleted_at,
        )
        .join(orders, orders.c.id == redemption_uses.c.order_id)
        .where(
            redemption_uses.c.store_id == store_id,
            among(connection, redemption_uses.c.redemption_id, redemption_ids),
        )
    )
    found: dict[int, list[Use]] = defaultdict(list)
    for row in rows:
        use = Use(row.id, row.status, row.total, row.refunded, gone=row.deleted_at is not None)
        found[row.redemption_id].append(use)
    return found


def _record(connection: Connection, store_id: int, row: Row[Any], outcome: Outcome) -> None:
    if (row.state, row.order_id) == (outcome.state, outcome.order_id):
        return
    connection.execute(
        update(redemptions)
        .where(redemptions.c.store_id == store_id, redemptions.c.id == row.id)
        .values(state=outcome.state, order_id=outcome.order_id)
    )


def _spend(row: Row[Any], outcome: Outcome) -> SpendFacts:
    return SpendFacts(
        customer_id=row.customer_id,
        source=source(row.id),
        points=outcome.spent,
        spent_at=row.reserved_at,
        rule_version=row.rule_version,
        reason=f"coupon {row.code}",
    )


def _desire(
    connection: Connection,
    store: Store,
    rows: Sequence[Row[Any]],
    outcomes: Mapping[int, Outcome],
    now: datetime,
) -> bool:
    """Desire the coupons that wait, and the end of those that gave their points back. A used one stays as it is.

    Returns whether any is another than before.
    """
    held = outbox.held(connection, store.id, outbox.REDEMPTION, list(outcomes))
    wanted: list[tuple[int, int | None, Mapping[str, Any]]] = []
    for row in rows:
        state = outcomes[row.id].state
        # Without an address (the account was deleted) a coupon would be everybody's: the one there is stays.
        if state is RedemptionState.CAPTURED or (state is RedemptionState.RESERVED and row.email is None):
            continue
        desired = coupon(row, row.email) if state is RedemptionState.RESERVED else _gone(row)
        if row.id not in held or held[row.id].desired != desired:
            wanted.append((row.id, None, desired))
    if wanted:
        outbox.desire(connection, store.id, outbox.REDEMPTION, wanted, now)
    return bool(wanted)


def coupon(row: Row[Any], email: str | None) -> dict[str, Any]:
    """Return a redemption's coupon as the outbox keeps it."""
    return {
        "code": row.code,
        "email": email,
        "expires_at": row.expires_at.isoformat(),
        "campaign": "",
        "entitlement": source(row.id),
        **row.terms,
    }


def _gone(row: Row[Any]) -> dict[str, Any]:
    return {"code": row.code, "entitlement": source(row.id), "deleted": True}
