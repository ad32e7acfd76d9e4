"""Write-back: give the store the customer meta and coupons it should hold, up to a hundred a request.

Only what differs from what was written last is sent. What the store did not confirm is sent again, each change after
a delay of its own, and less at once where the store takes too long; a coupon that it had created before the
connection broke is found by its code and adopted.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import Row

from connector.db import outbox, stores, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.troubles import say
from connector.shop.batches import BATCH_LIMIT, NOT_TRIED, Outcome, Refused
from connector.shop.client import ShopClient
from connector.shop.coupons import CouponDraft, CouponUpdate, change_coupons, coupon_by_code
from connector.shop.customers import update_customers_meta
from connector.shop.errors import ShopUnavailable
from jobs import release
from jobs.context import STEP, Context

_KINDS: Final = (outbox.COUPON, outbox.REDEMPTION, outbox.CUSTOMER)

# So many changes on which the store fails, and none that it takes, are its own trouble and not theirs.
_BROKEN: Final = 3


def run(context: Context, claim: Claim) -> None:
    """Write batches for one step, coupons before the meta that names them.

    What the store stumbles over is passed by and tried again after a delay of its own; where nothing at all gets
    through it is the store that waits. Raises ShopError with all that was confirmed recorded.
    """
    ends_at = context.clock() + STEP
    with reading(context.engine) as connection:
        store = stores.by_id(connection, claim.store_id)
    failed = through = 0
    with context.shop(store) as shop:
        for kind in _KINDS:
            last: Row[Any] | None = None
            while rows := _unwritten(context, store, shop, kind, last):
                lost = _record(context, claim, store, kind, rows, _write(shop, kind, rows))
                failed, through, last = failed + lost, through + len(rows) - lost, rows[-1]
                if context.clock() >= ends_at:
                    with transaction(context.engine) as connection:
                        work.go_on(connection, claim, context.clock())
                    context.offer({"write_back": claim.id})
                    return
                if lost == len(rows):
                    break
    if failed >= _BROKEN and not through:
        raise ShopUnavailable(say("changes_failed", number=failed), reason="server_error")
    _end(context, claim, store)


def _end(context: Context, claim: Claim, store: Store) -> None:
    """Be done, or come back when the first change is to be tried again."""
    with transaction(context.engine) as connection:
        now = context.clock()
        number, again_at = outbox.put_off_until(connection, store.id)
        if again_at is None:
            again = work.finish(connection, claim, now)
        else:
            again = work.rest(connection, claim, now, again_at, say("changes_failed", number=number))
    context.offer({"write_back": claim.id} if again else {})


def _unwritten(context: Context, store: Store, shop: ShopClient, kind: str, after: Row[Any] | None) -> list[Row[Any]]:
    limit = min(BATCH_LIMIT, shop.batch_size)
    with reading(context.engine) as connection:
        return outbox.unwritten(connection, store.id, kind, limit, context.clock(), after=after)


def _write(shop: ShopClient, kind: str, rows: Sequence[Row[Any]]) -> Sequence[Outcome | None]:
    """Return what became of each row. Raises ShopError; where the store took too long, less is sent the next time.

    A row that alone is too much for the store has failed, as have rows about which it cannot even be asked.
    """
    try:
        if kind == outbox.CUSTOMER:
            return update_customers_meta(shop, [(row.wc_id, row.desired) for row in rows])
        return _write_coupons(shop, rows)
    except ShopUnavailable as trouble:
        if not trouble.overwhelmed:
            raise
        if len(rows) > 1 and trouble.status != HTTPStatus.INTERNAL_SERVER_ERROR:
            shop.narrow(len(rows))
            raise
        failed = Refused(trouble.reason, str(trouble), trouble.status or HTTPStatus.GATEWAY_TIMEOUT)
        return [failed] * len(rows)


def _write_coupons(shop: ShopClient, rows: Sequence[Row[Any]]) -> list[Outcome | None]:
    """Return an outcome for each row; None where the store never had the coupon that should be gone."""
    gone = {row.id: wc_id for row in rows if row.desired.get("deleted") and (wc_id := _coupon_id(shop, row))}
    living = [row for row in rows if not row.desired.get("deleted")]
    creates = [row for row in living if row.wc_id is None]
    updates = [row for row in living if row.wc_id is not None]
    answers = change_coupons(
        shop,
        create=[CouponDraft.from_json(row.desired) for row in creates],
        update=[_update(row) for row in updates],
        delete=list(gone.values()),
    )
    outcomes: dict[int, Outcome] = dict(zip(gone, answers.delete, strict=True))
    outcomes |= {row.id: outcome for row, outcome in zip(creates, answers.create, strict=True)}
    outcomes |= {row.id: outcome for row, outcome in zip(updates, answers.update, strict=True)}
    return [outcomes.get(row.id) for row in rows]


def _coupon_id(shop: ShopClient, row: Row[Any]) -> int | None:
    """Return the store's id of a coupon, also where the answer to its creation was lost."""
    if row.wc_id is not None:
        return int(row.wc_id)
    found = coupon_by_code(shop, row.desired["code"])
    return found.wc_id if found and found.entitlement == row.desired["entitlement"] else None


def _update(row: Row[Any]) -> CouponUpdate:
    draft = CouponDraft.from_json(row.desired)
    return CouponUpdate(row.wc_id, expires_at=draft.expires_at, email=draft.email)


def _record(
    context: Context,
    claim: Claim,
    store: Store,
    kind: str,
    rows: Sequence[Row[Any]],
    outcomes: Sequence[Outcome | None],
) -> int:
    """Record each row's own outcome, so that one refused customer holds up nobody else.

    Points whose coupon is refused for good go back. Returns how many did not get through, though they may later.
    """
    failed = 0
    stumbled: list[Row[Any]] = []
    told = False
    written: list[tuple[Row[Any], int | None]] = []
    # In the order in which standings desire them, so that neither waits for the other.
    by_subject = sorted(zip(rows, outcomes, strict=True), key=lambda pair: int(pair[0].subject_id))
    with transaction(context.engine) as connection:
        now = context.clock()
        if kind == outbox.REDEMPTION:
            # First, because it locks customers: others lock them before they touch these rows.
            told = release.refused(connection, store, _refused(by_subject), now)
        for row, outcome in by_subject:
            if isinstance(outcome, Refused):
                if outcome.retryable:
                    stumbled += [row] if outcome is not NOT_TRIED else []
                    failed += 1
                else:
                    outbox.mark_refused(connection, store.id, row, _sentence(outcome))
                continue
            wc_id = outcome.wc_id if outcome and not row.desired.get("deleted") else None
            written.append((row, wc_id))
        outbox.put_off(connection, store.id, stumbled, now)
        outbox.mark_written(connection, store.id, written, now)
        if claim.attempts and failed < len(rows):
            work.progressed(connection, claim)
        if told:
            # The run at hand may have passed it by.
            work.want(connection, store.id, "write_back", "", now)
    return failed


def _refused(outcomes: Sequence[tuple[Row[Any], Outcome | None]]) -> dict[int, str]:
    """Return what the store will never have, by subject; that a coupon cannot be deleted gives nothing back."""
    return {
        row.subject_id: _sentence(outcome)
        for row, outcome in outcomes
        if isinstance(outcome, Refused) and not outcome.retryable and not row.desired.get("deleted")
    }


def _sentence(outcome: Refused) -> str:
    return f"{outcome.code}: {outcome.message}"
