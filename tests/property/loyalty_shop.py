"""The shop in which the machine plays: its people, the first order, and the programmes its owner may think of."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from connector.db.vault import Vault
from connector.domain.orders import CountingRules, OrderLine, OrderState
from connector.domain.programme import Programme
from connector.domain.programme.earning import Bonuses, EarningRules, Rounding
from connector.domain.programme.ladder import Benefits, Ladder, Tier, TierBasis, TierWindow
from connector.domain.programme.points import ExpiryBasis, ExpiryRules, RedeemingRules, Shortfall
from tests.property.loyalty_world import START, Ground, World

# A store changes its mind a few times, and every version is looked at for every order.
MOST_VERSIONS = 8
PEOPLE = ("ann@example.com", "ben@example.com", "cyd@example.com")
LADDER = Ladder(
    (Tier("member", 0), Tier("regular", 2, Benefits(Decimal("1.5")))), TierBasis.ORDERS, TierWindow.LIFETIME
)
PLAIN = Programme(redeeming=RedeemingRules(points_per_unit=1, minimum=1, step=1))
RICH = replace(PLAIN, bonuses=Bonuses(sign_up=20), ladder=LADDER)

ORDER = OrderState(
    wc_id=1,
    status="processing",
    currency="USD",
    total=15_000,
    tax=0,
    shipping=0,
    wc_customer_id=1,
    email=PEOPLE[0],
    ordered_at=START,
    modified_at=START,
    lines=(OrderLine(1, 7, 0, 1, 15_000, 0),),
)

WHAT_PROGRAMMES_SAY = {
    "expiry": st.builds(
        ExpiryRules, st.sampled_from(ExpiryBasis), months=st.integers(1, 3), warn_days=st.sampled_from([0, 7, 21])
    ),
    "shortfall": st.sampled_from(Shortfall),
    "earning": st.builds(
        EarningRules,
        rate=st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("1.7")]),
        rounding=st.sampled_from(Rounding),
        hold_days=st.sampled_from([0, 0, 3, 14]),
    ),
    "counting": st.sampled_from([CountingRules(), CountingRules(frozenset({"completed"}))]),
}


def ground_of(url: str, vault: Vault, programme: Programme) -> Ground:
    """A store with a user who has points, and used a coupon of some for an order whose payment failed.

    Many a run would wait long for them, and never see them in time.
    """
    ground = Ground(url, vault, programme)
    world = World(ground)
    world.register(1, PEOPLE[0])
    world.deliver(1, 1, ORDER)
    world.award_all()
    assert world.redeem(("user", 1), 20)
    code = world.happened.redeemed[0].code
    failed = replace(ORDER, wc_id=2, status="failed", ordered_at=world.clock(), coupon_codes=(code,))
    world.deliver(2, 2, failed)
    world.award_all()
    ground.begin_with(world)
    return ground
