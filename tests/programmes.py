"""Programmes as merchants could make them, for property tests."""

from __future__ import annotations

import string
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from connector.domain.countries import COUNTRIES
from connector.domain.orders import CountingRules
from connector.domain.programme import Programme, Tier
from connector.domain.programme.earning import Bonuses, EarningRules, Exclusions, Multiplier, Rounding, RoundingPer
from connector.domain.programme.ladder import Benefits, Downgrade, Ladder, TierBasis, TierWindow
from connector.domain.programme.offers import (
    Audience,
    Campaign,
    Consent,
    Discount,
    DiscountKind,
    Governor,
    Timing,
    Trigger,
    ValueScaling,
    Variant,
)
from connector.domain.programme.points import ExpiryBasis, ExpiryRules, RedeemingRules, Shortfall
from connector.domain.programme.scoring import Scoring
from connector.domain.segments import SLUGS

ids = st.frozensets(st.integers(1, 2**63 - 1), max_size=3)
labels = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=20)
slugs = st.text(string.ascii_lowercase + string.digits + "_-", min_size=1, max_size=20).filter(
    lambda slug: slug[0] not in "_-"
)
points = st.integers(0, 10**8)
days = st.dates(date(2000, 1, 1), date(2999, 12, 31))


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False, allow_infinity=False)


@st.composite
def spans(draw: st.DrawFn) -> tuple[date | None, date | None]:
    first, last = sorted([draw(days), draw(days)])
    return draw(st.sampled_from([(None, None), (first, None), (None, last), (first, last)]))


@st.composite
def discounts(draw: st.DrawFn) -> Discount:
    kind = draw(st.sampled_from(DiscountKind))
    amount = draw(decimals("0.01", "100", 2))
    scaling = st.none() | st.builds(
        ValueScaling,
        share=decimals("0.0001", "1", 4),
        largest=decimals(str(amount), "100", 2),
        margin_floor=decimals("0", "1", 4),
    )
    return Discount(
        kind=kind,
        amount=amount,
        valid_days=draw(st.integers(1, 3_650)),
        minimum_spend=draw(st.integers(0, 10**9)),
        free_shipping=draw(st.booleans()),
        exclude_sale_items=draw(st.booleans()),
        exclude_products=draw(ids),
        exclude_categories=draw(ids),
        scaling=None if kind is DiscountKind.FREE_SHIPPING else draw(scaling),
    )


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    names = draw(st.lists(labels, min_size=1, max_size=4, unique_by=str.casefold))
    above = draw(st.lists(st.integers(1, 10**9), min_size=len(names) - 1, max_size=len(names) - 1, unique=True))
    benefits = st.builds(
        Benefits,
        multiplier=decimals("0.0001", "100", 4),
        coupon=st.none() | discounts(),
        free_shipping=st.booleans(),
    )
    keep_months, grace_days = draw(st.integers(0, 120)), draw(st.integers(0, 366))
    ways = list(Downgrade) if keep_months or grace_days else [Downgrade.TO_EARNED]
    return Ladder(
        tiers=tuple(
            Tier(name, threshold, draw(benefits)) for name, threshold in zip(names, [0, *sorted(above)], strict=True)
        ),
        basis=draw(st.sampled_from(TierBasis)),
        window=draw(st.sampled_from(TierWindow)),
        months=draw(st.integers(1, 120)),
        keep_months=keep_months,
        grace_days=grace_days,
        downgrade=draw(st.sampled_from(ways)),
    )


@st.composite
def multipliers(draw: st.DrawFn, name: str, tiers: st.SearchStrategy[frozenset[str]]) -> Multiplier:
    first, last = draw(spans())
    return Multiplier(name, draw(decimals("0.0001", "100", 4)), draw(ids), draw(ids), draw(tiers), first, last)


@st.composite
def campaigns(draw: st.DrawFn, name: str, tiers: st.SearchStrategy[frozenset[str]]) -> Campaign:
    trigger = draw(st.sampled_from(Trigger))
    first, last = sorted([draw(days), draw(days)]) if trigger is Trigger.SEASON else draw(spans())
    share = draw(st.integers(1, 99))
    arms = draw(st.lists(slugs, min_size=2, max_size=2, unique=True) | st.just([]))
    deciles = draw(st.none() | st.tuples(st.integers(1, 10), st.integers(1, 10)))
    return Campaign(
        name=name,
        trigger=trigger,
        enabled=draw(st.booleans()),
        audience=Audience(
            segments=draw(st.frozensets(st.sampled_from(SLUGS), max_size=3)),
            tiers=draw(tiers),
            countries=draw(st.frozensets(st.sampled_from(sorted(COUNTRIES)), max_size=3)),
            clv_deciles=deciles and (min(deciles), max(deciles)),
            minimum_orders=draw(st.integers(0, 10**6)),
        ),
        discount=draw(discounts()),
        timing=Timing(
            reach_days=draw(st.integers(0, 36_500)),
            from_day=first,
            to_day=last,
            quiet_below=draw(decimals("0", "1", 4)),
            quiet_gaps=draw(decimals("0.01", "100", 2)),
            every_days=draw(st.integers(1, 36_500)),
        ),
        variants=tuple(
            Variant(arm, part, draw(discounts()))
            for arm, part in zip(arms, [share, 100 - share][: len(arms)], strict=True)
        ),
    )


earning_rules = st.builds(
    EarningRules,
    rate=decimals("0", "1000000", 6),
    currency_rates=st.dictionaries(
        st.text(string.ascii_uppercase, min_size=3, max_size=3), decimals("0.000000000001", "1000", 12), max_size=3
    ),
    rounding=st.sampled_from(Rounding),
    rounding_per=st.sampled_from(RoundingPer),
    hold_days=st.integers(0, 365),
    exclude=st.builds(Exclusions, ids, ids, st.booleans(), st.booleans(), st.booleans(), st.booleans()),
)
redeeming_rules = st.builds(
    lambda step, times, **rest: RedeemingRules(step=step, minimum=step * times, **rest),
    st.integers(1, 10_000),
    st.integers(1, 100),
    enabled=st.booleans(),
    points_per_unit=st.integers(1, 10**8),
    largest_share=decimals("0.0001", "1", 4),
    valid_days=st.integers(1, 3_650),
    exclude_products=ids,
    exclude_categories=ids,
    exclude_sale_items=st.booleans(),
)


def fours(low: int, high: int) -> st.SearchStrategy[tuple[int, ...] | None]:
    rising = st.lists(st.integers(low, high), min_size=4, max_size=4, unique=True).map(
        lambda four: tuple(sorted(four))
    )
    return st.none() | rising


scorings = st.builds(
    Scoring,
    horizon_months=st.integers(1, 60),
    lookback_months=st.integers(0, 120),
    recency=fours(0, 36_500).map(lambda four: four and four[::-1]),
    frequency=fours(1, 10**6),
    monetary=fours(0, 10**12),
)


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Any programme that a document may hold."""
    ladder = draw(ladders())
    tiers = st.frozensets(st.sampled_from([tier.name for tier in ladder.tiers]), max_size=2)
    names = draw(st.lists(slugs, max_size=2, unique=True))
    promotions = draw(st.lists(labels, max_size=2, unique_by=str.casefold))
    earning = draw(earning_rules)
    return Programme(
        version=draw(st.integers(1, 10**6)),
        counting=draw(
            st.builds(
                CountingRules,
                statuses=st.frozensets(st.sampled_from(["processing", "completed", "shipped"]), min_size=1),
                include_tax=st.booleans(),
                include_shipping=st.booleans(),
            )
        ),
        earning=EarningRules(
            **{name: getattr(earning, name) for name in ("rate", "currency_rates", "rounding", "rounding_per")},
            hold_days=earning.hold_days,
            multipliers=tuple(draw(multipliers(name, tiers)) for name in promotions),
            exclude=earning.exclude,
        ),
        bonuses=draw(st.builds(Bonuses, points, points, points, points, points, points, points)),
        redeeming=draw(redeeming_rules),
        expiry=draw(st.builds(ExpiryRules, st.sampled_from(ExpiryBasis), st.integers(1, 120), st.integers(0, 28))),
        shortfall=draw(st.sampled_from(Shortfall)),
        ladder=ladder,
        campaigns=tuple(draw(campaigns(name, tiers)) for name in names),
        governor=draw(
            st.builds(
                Governor,
                st.booleans(),
                st.integers(0, 3_650),
                st.integers(0, 3_650),
                st.none() | st.integers(0, 10**12),
                st.sampled_from(Consent),
                decimals("0", "100", 2),
            )
        ),
        scoring=draw(scorings),
        margin=draw(st.floats(0, 1)),
        annual_discount_rate=draw(st.floats(0, 10)),
    )
