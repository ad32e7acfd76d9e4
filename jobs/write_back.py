"""Write-back: give the store the customer meta and coupons it should hold, up to a hundred a request.

Only what differs from what was written last is sent. What the store did not confirm is sent again, each change after
a delay of its own and by itself, and less at once where the store takes too long; a coupon that it had created before
the connection broke is found by its code and adopted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import Row

from connector.db import outbox, stores, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.troubles import say
from connector.shop.batches import BATCH_LIMIT, NOT_TRIED, Done, Outcome, Refused
from connector.shop.client import ShopClient
from connector.shop.coupons import CouponDraft, CouponUpdate, change_coupons, find_coupons
from connector.shop.customers import update_customers_meta
from connector.shop.errors import ShopUnavailable
from jobs import release
from jobs.context import STEP, Context

_KINDS: Final = (outbox.COUPON, outbox.REDEMPTION, outbox.CUSTOMER)

# So many changes on which the store fails, and none that it takes, are its own trouble and not theirs.
_BROKEN: Final = 3


@dataclass(slots=True)
class _Tally:
    """What became of the changes of one run. ``again``: how many failed that had failed before.

    ``trouble``: the store's, with one that was sent by itself. ``too_much``: with several at once; fewer are sent the
    next time.
    """

    through: int = 0
    failed: int = 0
    again: int = 0
    trouble: ShopUnavailable | None = None
    too_much: ShopUnavailable | None = None


def run(context: Context, claim: Claim) -> None:
    """Write batches for one step, coupons before the meta that names them, what was never tried before the rest.

    What the store stumbles over is passed by and tried again, by itself, after a delay of its own; where nothing at
    all gets through it is the store that waits, but not for one or two changes at which it has failed before. Raises
    ShopError with all that was confirmed recorded.
    """
    ends_at = context.clock() + STEP
    with reading(context.engine) as connection:
        store = stores.by_id(connection, claim.store_id)
    tally = _Tally()
    with context.shop(store) as shop:
        for stumbled in (False, True):
            for kind in _KINDS:
                # At least one batch of each kind, so that one that is slow to fail keeps no other waiting.
                _write_kind(context, claim, store, shop, _Turn(kind, stumbled, ends_at), tally)
            if tally.too_much or (tally.failed and not tally.through) or context.clock() >= ends_at:
                break
    in_time = context.clock() < ends_at
    if tally.too_much:
        raise tally.too_much
    failing = tally.failed and (tally.trouble or tally.failed >= _BROKEN or not in_time)
    if not tally.through and (failing or tally.again >= _BROKEN):
        lost = tally.failed + tally.again
        raise tally.trouble or ShopUnavailable(say("changes_failed", number=lost), reason="server_error")
    if in_time:
        _end(context, claim, store)
        return
    with transaction(context.engine) as connection:
        work.go_on(connection, claim, context.clock())
    context.offer({"write_back": claim.id})


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


@dataclass(frozen=True, slots=True)
class _Turn:
    """Which changes are written: of one kind, those that the store has ``stumbled`` over or those it has not."""

    kind: str
    stumbled: bool
    ends_at: datetime


def _write_kind(context: Context, claim: Claim, store: Store, shop: ShopClient, turn: _Turn, tally: _Tally) -> None:
    """Write batches until there are no more, time is up, the store fails at them, or there are too many in one."""
    # One by itself, so that none fails with another's.
    limit = 1 if turn.stumbled else min(BATCH_LIMIT, shop.batch_size)
    last: Row[Any] | None = None
    in_a_row = 0
    while in_a_row < _BROKEN:
        with reading(context.engine) as connection:
            rows = outbox.unwritten(
                connection, store.id, turn.kind, limit, context.clock(), stumbled=turn.stumbled, after=last
            )
        outcomes = _write(shop, turn.kind, rows, tally) if rows else None
        if outcomes is None:
            return
        lost = _record(context, claim, store, turn.kind, rows, outcomes)
        tally.again += lost if turn.stumbled else 0
        tally.failed += 0 if turn.stumbled else lost
        tally.through += len(rows) - lost
        in_a_row = in_a_row + lost if lost == len(rows) else 0
        last = rows[-1]
        if context.clock() >= turn.ends_at:
            return


def _write(shop: ShopClient, kind: str, rows: Sequence[Row[Any]], tally: _Tally) -> Sequence[Outcome | None] | None:
    """Return what became of each row, or None where they were too many at once. Raises ShopError."""
    try:
        if kind == outbox.CUSTOMER:
            outcomes: Sequence[Outcome | None] = update_customers_meta(
                shop, [(row.wc_id, row.desired) for row in rows]
            )
        else:
            outcomes = _write_coupons(shop, rows)
    except ShopUnavailable as trouble:
        if not trouble.overwhelmed:
            raise
        if len(rows) > 1:
            shop.narrow(len(rows))
            tally.too_much = trouble
            return None
        tally.trouble = trouble
        return [Refused(trouble.reason, str(trouble), trouble.status or HTTPStatus.GATEWAY_TIMEOUT)]
    shop.took(len(rows))
    return outcomes


def _write_coupons(shop: ShopClient, rows: Sequence[Row[Any]]) -> list[Outcome | None]:
    """Return an outcome for each row; None where the store never had the coupon that should be gone."""
    lost = [row for row in rows if row.desired.get("deleted") and row.wc_id is None]
    found = find_coupons(shop, [(row.desired["code"], row.desired["entitlement"]) for row in lost])
    gone = {row.id: int(row.wc_id) for row in rows if row.desired.get("deleted") and row.wc_id is not None}
    gone |= {row.id: coupon.wc_id for row, coupon in zip(lost, found, strict=True) if isinstance(coupon, Done)}
    living = [row for row in rows if not row.desired.get("deleted")]
    creates = [row for row in living if row.wc_id is None]
    updates = [row for row in living if row.wc_id is not None]
    answers = change_coupons(
        shop,
        create=[CouponDraft.from_json(row.desired) for row in creates],
        update=[_update(row) for row in updates],
        delete=list(gone.values()),
    )
    outcomes: dict[int, Outcome] = {
        row.id: coupon
        for row, coupon in zip(lost, found, strict=True)
        if isinstance(coupon, Refused) and not coupon.gone
    }
    outcomes |= zip(gone, answers.delete, strict=True)
    outcomes |= {row.id: outcome for row, outcome in zip(creates, answers.create, strict=True)}
    outcomes |= {row.id: outcome for row, outcome in zip(updates, answers.update, strict=True)}
    return [outcomes.get(row.id) for row in rows]


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
    became = list(zip(rows, outcomes, strict=True))
    with transaction(context.engine) as connection:
        now = context.clock()
        if kind == outbox.REDEMPTION:
            # First, because it locks customers: others lock them before they touch these rows.
            told = release.refused(connection, store, _refused(became), now)
        outbox.lock(connection, store.id, rows)
        for row, outcome in became:
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
