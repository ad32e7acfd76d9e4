"""Whatever happens to a store's orders, people and rules, every account is what its facts make of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from connector.db.vault import Vault
from connector.domain.orders import OrderLine, OrderState, Refund
from connector.domain.programme.earning import EarningRules, Rounding
from connector.domain.programme.points import ExpiryBasis, ExpiryRules, Shortfall
from tests.databases import Databases
from tests.property.loyalty_world import World

START = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
EXAMPLES, STEPS = 220, 60
PEOPLE = ("ann@example.com", "ben@example.com", "cyd@example.com")

which = st.integers(0, 30)
people = st.sampled_from(range(len(PEOPLE)))
cents = st.integers(0, 20_000)
points = st.integers(1, 150)


class Loyalty(RuleBasedStateMachine):
    """A shop with three people. What the shop knows and what the connector was told are not always the same."""

    databases: ClassVar[Databases]
    vault: ClassVar[Vault]
    done: ClassVar[Counter[str]]

    @initialize()
    def open(self) -> None:
        self.database = self.databases.migrated()
        self.world = World(self.database.__enter__(), self.vault, START)
        self.shop: dict[int, OrderState] = {}
        self.trashed: dict[int, OrderState] = {}
        self.told: list[tuple[int, int, OrderState | None]] = []
        self.waiting: list[tuple[int, int, OrderState | None]] = []
        self.registered: set[int] = set()
        self.numbers = 0

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()
            self.database.__exit__(None, None, None)

    def _changed(self, wc_id: int, state: OrderState | None, *, late: bool = False) -> None:
        """The shop tells of an order's new state, at once or some time."""
        self.numbers += 1
        (self.waiting if late else self.told).append((wc_id, self.numbers, state))
        if not late:
            self.world.deliver(wc_id, self.numbers, state)

    def _pick(self, number: int) -> int:
        return sorted(self.shop)[number % len(self.shop)]

    def _person(self, number: int):
        known = self.world.known()
        return known[number % len(known)]

    @rule(
        who=people, total=cents, as_user=st.booleans(), paid=st.booleans(), coupon=st.booleans(), late=st.booleans()
    )
    def order(self, who: int, total: int, as_user: bool, paid: bool, coupon: bool, late: bool) -> None:
        self.done["order"] += 1
        wc_id = len(self.shop) + len(self.trashed) + 1
        user = who + 1 if as_user and who + 1 in self.registered else 0
        redeemed = self.world.happened.redeemed
        self.shop[wc_id] = OrderState(
            wc_id=wc_id,
            status="processing" if paid else "pending",
            currency="USD",
            total=total,
            tax=0,
            shipping=0,
            wc_customer_id=user,
            email=PEOPLE[who],
            ordered_at=self.world.clock(),
            modified_at=START,
            lines=(OrderLine(1, 7, 0, 1, total, 0),),
            coupon_codes=(redeemed[-1].code,) if coupon and redeemed else (),
        )
        self._changed(wc_id, self.shop[wc_id], late=late)

    @precondition(lambda self: self.shop)
    @rule(
        number=which, status=st.sampled_from(["completed", "cancelled", "processing", "pending"]), late=st.booleans()
    )
    def set_status(self, number: int, status: str, late: bool) -> None:
        self.done[status] += 1
        wc_id = self._pick(number)
        self.shop[wc_id] = replace(self.shop[wc_id], status=status)
        self._changed(wc_id, self.shop[wc_id], late=late)

    @precondition(lambda self: self.shop)
    @rule(number=which, total=cents)
    def edit_lines(self, number: int, total: int) -> None:
        self.done["edit"] += 1
        wc_id = self._pick(number)
        total = max(total, self.shop[wc_id].refunded)
        lines = (OrderLine(1, 7, 0, 1, total, 0),)
        self.shop[wc_id] = replace(self.shop[wc_id], total=total, lines=lines)
        self._changed(wc_id, self.shop[wc_id])

    @precondition(lambda self: self.shop)
    @rule(number=which, who=people)
    def change_owner(self, number: int, who: int) -> None:
        self.done["owner"] += 1
        wc_id = self._pick(number)
        user = who + 1 if who + 1 in self.registered else 0
        self.shop[wc_id] = replace(self.shop[wc_id], wc_customer_id=user, email=PEOPLE[who])
        self._changed(wc_id, self.shop[wc_id])

    @precondition(lambda self: self.shop)
    @rule(number=which, share=st.sampled_from([1, 25, 50, 100]), late=st.booleans())
    def refund(self, number: int, share: int, late: bool) -> None:
        self.done["refund"] += 1
        wc_id = self._pick(number)
        order = self.shop[wc_id]
        given = Refund(100 + self.numbers, (order.total - order.refunded) * share // 100)
        self.shop[wc_id] = replace(order, refunds=(*order.refunds, given))
        self._changed(wc_id, self.shop[wc_id], late=late)

    @precondition(lambda self: any(order.refunds for order in self.shop.values()))
    @rule(number=which)
    def delete_refund(self, number: int) -> None:
        self.done["refund deleted"] += 1
        refunded = [wc_id for wc_id, order in sorted(self.shop.items()) if order.refunds]
        wc_id = refunded[number % len(refunded)]
        self.shop[wc_id] = replace(self.shop[wc_id], refunds=self.shop[wc_id].refunds[1:])
        self._changed(wc_id, self.shop[wc_id])

    @precondition(lambda self: any(wc_id in self.shop for wc_id, _, state in self.told))
    @rule(number=which)
    def trash(self, number: int) -> None:
        self.done["trash"] += 1
        known = sorted({wc_id for wc_id, _, _ in self.told if wc_id in self.shop})
        wc_id = known[number % len(known)]
        self.trashed[wc_id] = self.shop.pop(wc_id)
        self._changed(wc_id, None)

    @precondition(lambda self: self.trashed)
    @rule()
    def restore(self) -> None:
        self.done["restore"] += 1
        wc_id = min(self.trashed)
        self.shop[wc_id] = self.trashed.pop(wc_id)
        self._changed(wc_id, self.shop[wc_id])

    @precondition(lambda self: self.waiting)
    @rule(number=which)
    def a_late_delivery(self, number: int) -> None:
        self.done["late"] += 1
        sight = self.waiting.pop(number % len(self.waiting))
        self.told.append(sight)
        self.world.deliver(*sight)

    @precondition(lambda self: self.told)
    @rule(number=which)
    def a_repeated_delivery(self, number: int) -> None:
        self.done["repeated"] += 1
        self.world.deliver(*self.told[-1 - number % len(self.told)])

    @rule(who=people, of=people)
    def register_or_change_address(self, who: int, of: int) -> None:
        self.done["register"] += 1
        email = PEOPLE[of if who + 1 in self.registered else who]
        self.registered.add(who + 1)
        self.world.register(who + 1, email)

    @precondition(lambda self: self.registered)
    @rule(number=which, wanted=points)
    def redeem(self, number: int, wanted: int) -> None:
        user = ("user", sorted(self.registered)[number % len(self.registered)])
        enough = self.world.redeem(user, wanted)
        self.done["redeem" if enough else "refused"] += 1

    @precondition(lambda self: self.world.known())
    @rule(number=which, wanted=points, gives=st.booleans())
    def adjust(self, number: int, wanted: int, gives: bool) -> None:
        self.done["adjust"] += 1
        (self.world.give if gives else self.world.take)(self._person(number), wanted)

    @precondition(lambda self: len(self.world.known()) > 1)
    @rule(number=which, wanted=points)
    def move_points(self, number: int, wanted: int) -> None:
        self.done["move"] += 1
        self.world.move(self._person(number), self._person(number + 1), wanted)

    @precondition(lambda self: self.world.known())
    @rule(number=which, days=st.integers(1, 60))
    def block(self, number: int, days: int) -> None:
        self.done["block"] += 1
        self.world.block(self._person(number), timedelta(days=days))

    @rule(days=st.sampled_from([1, 3, 14, 31, 45, 92]))
    def wait(self, days: int) -> None:
        self.done["wait"] += 1
        self.world.wait(timedelta(days=days))

    @rule(
        expiry=st.builds(
            ExpiryRules, st.sampled_from(ExpiryBasis), months=st.integers(1, 3), warn_days=st.sampled_from([0, 7, 21])
        ),
        shortfall=st.sampled_from(Shortfall),
        earning=st.builds(
            EarningRules,
            rate=st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("1.7")]),
            rounding=st.sampled_from(Rounding),
            hold_days=st.sampled_from([0, 0, 3, 14]),
        ),
        begins=st.sampled_from(["now", "in five days", "always"]),
    )
    def change_the_programme(
        self, expiry: ExpiryRules, shortfall: Shortfall, earning: EarningRules, begins: str
    ) -> None:
        self.done["programme"] += 1
        newest = self.world.happened.versions[-1]
        now = self.world.clock()
        starts = {"now": now, "in five days": now + timedelta(days=5), "always": None}
        wanted = replace(newest, expiry=expiry, shortfall=shortfall, earning=earning)
        self.world.decide(wanted, starts[begins])

    @invariant()
    def every_account_is_what_its_facts_make_of_it(self) -> None:
        if hasattr(self, "world"):
            self.done["checks"] += 1
            self.world.check()


@pytest.mark.slow
def test_at_every_step_of_ten_thousand_the_points_add_up(sqlite_databases: Databases, vault: Vault) -> None:
    Loyalty.databases, Loyalty.vault, Loyalty.done = sqlite_databases, vault, Counter()
    run_state_machine_as_test(
        Loyalty,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    checks = Loyalty.done.pop("checks")
    steps = Loyalty.done.total()
    assert steps >= 10_000
    assert checks >= steps
    # Everything there is to do was done often.
    assert min(Loyalty.done.values()) >= 50, Loyalty.done
