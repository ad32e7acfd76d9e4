"""Whatever happens to a store's orders, people and rules, every account is what its facts make of it."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, seed, settings
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
from connector.domain.programme.earning import Bonuses
from connector.domain.programme.ladder import Ladder
from tests.databases import Databases
from tests.property.loyalty_shop import (
    LADDER,
    MOST_VERSIONS,
    ORDER,
    PEOPLE,
    PLAIN,
    RICH,
    WHAT_PROGRAMMES_SAY,
    ground_of,
)
from tests.property.loyalty_world import Ground, World

LEAST = 10_000
RUNS = settings(stateful_step_count=60, suppress_health_check=list(HealthCheck))
STATUSES = ("completed", "cancelled", "processing", "pending", "failed")

which = st.integers(0, 30)
people = st.sampled_from(range(len(PEOPLE)))
cents = st.integers(0, 20_000)
placed = st.sampled_from(["processing", "pending", "failed"])
points = st.integers(1, 150) | st.integers(1, 15)
# News are told and awarded at once, with all that is owed, told at once and awarded some time, or told some time.
when = st.sampled_from(["awarded", "told", "late"])
soon = st.sampled_from(["awarded", "told"])


class Loyalty(RuleBasedStateMachine):
    """A shop with three people. What the shop knows and what the connector was told are not always the same."""

    grounds: ClassVar[list[Ground]]
    done: ClassVar[Counter[str]]
    checked: ClassVar[Counter[str]]

    @initialize(is_rich=st.booleans())
    def open(self, is_rich: bool) -> None:
        self.world, self.is_rich = World(self.grounds[is_rich]), is_rich
        orders = self.world.happened.orders
        self.shop = {wc_id: state for wc_id, (_, state) in orders.items() if state is not None}
        self.trashed: dict[int, OrderState] = {}
        self.told = [(wc_id, number, state) for wc_id, (number, state) in orders.items()]
        self.waiting: list[tuple[int, int, OrderState | None]] = []
        self.registered = set(self.world.happened.registered)
        self.numbers = len(self.told)

    def teardown(self) -> None:
        """Do all that is owed, the newest first, unless a failure is on its way out of here already."""
        if hasattr(self, "world") and sys.exc_info()[0] is None:
            self.world.award_all(newest_first=True)
            self.world.settle_due()
            assert self.world.books.check() == 0

    def _changed(self, wc_id: int, state: OrderState | None, when: str) -> None:
        """The shop tells of an order's new state, at once or some time."""
        self.numbers += 1
        sight = wc_id, self.numbers, state
        if when == "late":
            self.waiting.append(sight)
        else:
            self.told.append(sight)
            self._deliver(sight, when)

    def _deliver(self, sight: tuple[int, int, OrderState | None], when: str) -> None:
        self.world.deliver(*sight)
        if when == "awarded":
            self.world.award_all()

    def _pick(self, number: int) -> int:
        return sorted(self.shop)[number % len(self.shop)]

    def _person(self, number: int):
        known = self.world.known()
        return known[number % len(known)]

    @rule(who=people, total=cents, as_user=st.booleans(), status=placed, coupon=st.booleans(), when=when)
    def order(self, who: int, total: int, as_user: bool, status: str, coupon: bool, when: str) -> None:
        self.done["order"] += 1
        wc_id = len(self.shop) + len(self.trashed) + 1
        user = who + 1 if as_user and who + 1 in self.registered else 0
        redeemed = self.world.happened.redeemed
        self.shop[wc_id] = replace(
            ORDER,
            wc_id=wc_id,
            status=status,
            total=total,
            wc_customer_id=user,
            email=PEOPLE[who],
            ordered_at=self.world.clock(),
            lines=(OrderLine(1, 7, 0, 1, total, 0),),
            coupon_codes=(redeemed[-1].code,) if coupon and redeemed else (),
        )
        self._changed(wc_id, self.shop[wc_id], when)

    @precondition(lambda self: self.shop)
    @rule(number=which, status=st.sampled_from(STATUSES), when=when)
    def set_status(self, number: int, status: str, when: str) -> None:
        self.done[status] += 1
        wc_id = self._pick(number)
        self.shop[wc_id] = replace(self.shop[wc_id], status=status)
        self._changed(wc_id, self.shop[wc_id], when)

    @precondition(lambda self: self.shop)
    @rule(number=which, total=cents, when=soon)
    def edit_lines(self, number: int, total: int, when: str) -> None:
        self.done["edit"] += 1
        wc_id = self._pick(number)
        total = max(total, self.shop[wc_id].refunded)
        lines = (OrderLine(1, 7, 0, 1, total, 0),)
        self.shop[wc_id] = replace(self.shop[wc_id], total=total, lines=lines)
        self._changed(wc_id, self.shop[wc_id], when)

    @precondition(lambda self: self.shop)
    @rule(number=which, who=people, when=soon)
    def change_owner(self, number: int, who: int, when: str) -> None:
        self.done["owner"] += 1
        wc_id = self._pick(number)
        user = who + 1 if who + 1 in self.registered else 0
        self.shop[wc_id] = replace(self.shop[wc_id], wc_customer_id=user, email=PEOPLE[who])
        self._changed(wc_id, self.shop[wc_id], when)

    @precondition(lambda self: self.shop)
    @rule(number=which, share=st.sampled_from([1, 25, 50, 100]), when=when)
    def refund(self, number: int, share: int, when: str) -> None:
        self.done["refund"] += 1
        wc_id = self._pick(number)
        order = self.shop[wc_id]
        given = Refund(100 + self.numbers, (order.total - order.refunded) * share // 100)
        self.shop[wc_id] = replace(order, refunds=(*order.refunds, given))
        self._changed(wc_id, self.shop[wc_id], when)

    @precondition(lambda self: any(order.refunds for order in self.shop.values()))
    @rule(number=which, when=soon)
    def delete_refund(self, number: int, when: str) -> None:
        self.done["refund deleted"] += 1
        refunded = [wc_id for wc_id, order in sorted(self.shop.items()) if order.refunds]
        wc_id = refunded[number % len(refunded)]
        self.shop[wc_id] = replace(self.shop[wc_id], refunds=self.shop[wc_id].refunds[1:])
        self._changed(wc_id, self.shop[wc_id], when)

    @precondition(lambda self: any(wc_id in self.shop for wc_id, _, state in self.told))
    @rule(number=which, when=soon)
    def trash(self, number: int, when: str) -> None:
        self.done["trash"] += 1
        known = sorted({wc_id for wc_id, _, _ in self.told if wc_id in self.shop})
        wc_id = known[number % len(known)]
        self.trashed[wc_id] = self.shop.pop(wc_id)
        self._changed(wc_id, None, when)

    @precondition(lambda self: self.trashed)
    @rule(when=soon)
    def restore(self, when: str) -> None:
        self.done["restore"] += 1
        wc_id = min(self.trashed)
        self.shop[wc_id] = self.trashed.pop(wc_id)
        self._changed(wc_id, self.shop[wc_id], when)

    @precondition(lambda self: self.waiting)
    @rule(number=which, when=soon)
    def a_late_delivery(self, number: int, when: str) -> None:
        self.done["late"] += 1
        sight = self.waiting.pop(number % len(self.waiting))
        self.told.append(sight)
        self._deliver(sight, when)

    @precondition(lambda self: self.told)
    @rule(number=which, when=soon)
    def a_repeated_delivery(self, number: int, when: str) -> None:
        self.done["repeated"] += 1
        self._deliver(self.told[-1 - number % len(self.told)], when)

    @precondition(lambda self: self.world.happened.owed)
    @rule(number=which, many=st.sampled_from([1, 99]))
    def award(self, number: int, many: int) -> None:
        """Some or all of what is owed is done, in any order."""
        self.done["award"] += 1
        owed = list(self.world.happened.owed)
        first = number % len(owed)
        for subject in [*owed[first:], *owed[:first]][:many]:
            self.world.award(subject)

    @rule(who=people, of=people, when=soon)
    def register_or_change_address(self, who: int, of: int, when: str) -> None:
        self.done["register"] += 1
        email = PEOPLE[of if who + 1 in self.registered else who]
        self.registered.add(who + 1)
        self.world.register(who + 1, email)
        if when == "awarded":
            self.world.award_all()

    @precondition(lambda self: self.registered)
    @rule(number=which, wanted=points)
    def redeem(self, number: int, wanted: int) -> None:
        user = ("user", sorted(self.registered)[number % len(self.registered)])
        enough = self.world.redeem(user, wanted)
        self.done["redeem" if enough else "refused"] += 1

    @precondition(lambda self: self.world.known())
    @rule(number=which, wanted=points, gives=st.booleans())
    def adjust(self, number: int, wanted: int, gives: bool) -> None:
        enough = self.world.adjust(self._person(number), wanted if gives else -wanted)
        self.done["adjust" if enough else "not enough"] += 1

    @precondition(lambda self: len(self.world.known()) > 1)
    @rule(number=which)
    def move_points(self, number: int) -> None:
        enough = self.world.move(self._person(number), self._person(number + 1))
        self.done["move" if enough else "nothing to move"] += 1

    @precondition(lambda self: self.world.known())
    @rule(number=which, days=st.integers(1, 60))
    def block(self, number: int, days: int) -> None:
        self.done["block"] += 1
        self.world.block(self._person(number), timedelta(days=days))

    @rule(days=st.sampled_from([1, 1, 3, 3, 14, 31, 45, 92]))
    def wait(self, days: int) -> None:
        self.done["wait"] += 1
        self.world.wait(timedelta(days=days))

    @precondition(lambda self: len(self.world.happened.versions) < MOST_VERSIONS)
    @rule(
        **WHAT_PROGRAMMES_SAY,
        ladder=st.sampled_from([Ladder(), LADDER]),
        bonuses=st.builds(Bonuses, sign_up=st.sampled_from([20, 35])),
        begins=st.sampled_from(["now", "in five days", "always"]),
        reaches=st.booleans(),
    )
    def change_the_programme(
        self, ladder: Ladder, bonuses: Bonuses, begins: str, reaches: bool, **changes: Any
    ) -> None:
        self.done["programme"] += 1
        newest = self.world.happened.versions[-1]
        now = self.world.clock()
        starts = {"now": now, "in five days": now + timedelta(days=5), "always": None}
        if self.is_rich:
            changes |= {"ladder": ladder, "bonuses": bonuses}
        self.world.decide(replace(newest, **changes), starts[begins])
        if reaches:
            self.world.settle_due()

    @invariant()
    def every_account_is_what_its_facts_make_of_it(self) -> None:
        if hasattr(self, "world"):
            behind = self.world.books.check()
            self.checked["everybody" if behind == 0 else "some"] += 1


# Everything there is to do, and how it ends where it can end in two ways.
DEEDS = frozenset(STATUSES) | {
    *("order", "edit", "owner", "refund", "refund deleted", "trash", "restore", "late", "repeated", "award"),
    *("register", "redeem", "refused", "adjust", "not enough", "move", "nothing to move", "block"),
    *("wait", "programme"),
}


@pytest.mark.slow
def test_at_every_step_of_ten_thousand_the_points_add_up(sqlite_databases: Databases, vault: Vault) -> None:
    Loyalty.done, Loyalty.checked = Counter(), Counter()
    with sqlite_databases.migrated() as plain, sqlite_databases.migrated() as rich:
        Loyalty.grounds = [ground_of(plain, vault, PLAIN), ground_of(rich, vault, RICH)]
        rounds = count()
        while (missing := LEAST - Loyalty.done.total()) > 0:
            # A run may be cut short, and there is another round then: not the same again.
            if RUNS.derandomize:
                seed(next(rounds))(Loyalty)
            run_state_machine_as_test(Loyalty, settings=settings(RUNS, max_examples=-(-missing // 50)))
        for ground in Loyalty.grounds:
            ground.close()
    steps = Loyalty.done.total()
    assert Loyalty.checked.total() >= steps
    assert Loyalty.checked["everybody"] >= steps / 3
    assert Loyalty.done.keys() == DEEDS
    assert min(Loyalty.done.values()) >= 10, Loyalty.done
