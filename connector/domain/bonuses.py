"""Fixed points beside orders: for signing up, a first order, reviews, days of the year, and bringing a friend."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from connector.domain.ledger import BONUS
from connector.domain.programme import Programme
from connector.domain.programme.earning import Bonuses
from connector.domain.programme.versions import in_force


class BonusKind(StrEnum):
    """What fixed points are for. The word is part of the source of the points, so it never changes."""

    SIGN_UP = "sign_up"
    FIRST_ORDER = "first_order"
    REVIEW = "review"
    BIRTHDAY = "birthday"
    ANNIVERSARY = "anniversary"
    REFERRER = "referrer"
    FRIEND = "friend"


# Given on a day and kept: nothing that is told later takes them back.
YEARLY = (BonusKind.BIRTHDAY, BonusKind.ANNIVERSARY)


@dataclass(frozen=True, slots=True)
class FirstOrder:
    """A customer's first purchase by its latest state. ``referrer_id``: our id of the other who sent them, if any."""

    wc_id: int
    ordered_at: datetime
    referrer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A review that the store shows."""

    product_id: int
    reviewed_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """What of a customer decides over bonuses, by its latest state. ``registered_at`` is None for guests."""

    customer_id: int
    registered_at: datetime | None = None
    first_order: FirstOrder | None = None
    reviews: tuple[Review, ...] = ()


@dataclass(frozen=True, slots=True)
class Bonus:
    """Points for ``customer_id``: earned at a time under ``rules``, spendable after ``hold_days``.

    ``source`` is the same for the same reason, so that nothing is given twice; ``name`` is what people call it.
    """

    customer_id: int
    source: str
    name: str
    points: int
    earned_at: datetime
    rules: Programme
    hold_days: int = 0


def source_of(kind: BonusKind, *about: int) -> str:
    """Return the source of a bonus, such as ``bonus:review:7:93`` for a review of product 93 by customer 7."""
    return ":".join((BONUS, kind, *map(str, about)))


def kind_of(source: str) -> BonusKind | None:
    """Return what a source's bonus is for, or None where it is no bonus."""
    prefix, _, rest = source.partition(":")
    return BonusKind(rest.partition(":")[0]) if prefix == BONUS else None


def are_set(programmes: Sequence[Programme], *kinds: BonusKind) -> bool:
    """Say whether any version gives points for any of these (for anything, where none is named)."""
    return any(_points(one.bonuses, kind) for one in programmes for kind in kinds or BonusKind)


def bonuses_of(person: Person, programmes: Sequence[Programme]) -> list[Bonus]:
    """Return the bonuses that follow from a customer's state, those of who sent them included.

    Each by the version in force when its reason came about, so a rule for sign-ups reaches those who register while
    it holds. Those around the first order are on hold as long as its points. When the reason is no more, an order
    cancelled or a review withdrawn, the bonus is not in the answer any more.
    """
    found = [_sign_up(person, programmes), *_around_first_order(person, programmes), *_reviews(person, programmes)]
    return [bonus for bonus in found if bonus is not None and bonus.points]


def yearly(
    kind: BonusKind, customer_id: int, day: date, begins_at: datetime, programmes: Sequence[Programme]
) -> Bonus | None:
    """Return the bonus for a birthday or an anniversary on a store's day, begun at a time; None for nothing."""
    rules = in_force(programmes, begins_at)
    points = _points(rules.bonuses, kind)
    name = f"the {kind} bonus of {day.year}"
    source = source_of(kind, customer_id, day.year)
    return Bonus(customer_id, source, name, points, begins_at, rules) if points else None


def celebrated(day: date) -> frozenset[tuple[int, int]]:
    """Return the months and days that are celebrated on a day: 29 February on the 28th where there is no other."""
    is_last_of_february = day.month == 2 and (day + timedelta(days=1)).month == 3
    return frozenset({(day.month, day.day), (2, 29)} if is_last_of_february else {(day.month, day.day)})


def _points(bonuses: Bonuses, kind: BonusKind) -> int:
    points: int = getattr(bonuses, kind)
    return points


def _sign_up(person: Person, programmes: Sequence[Programme]) -> Bonus | None:
    if person.registered_at is None:
        return None
    rules = in_force(programmes, person.registered_at)
    source = source_of(BonusKind.SIGN_UP, person.customer_id)
    points = rules.bonuses.sign_up
    return Bonus(person.customer_id, source, "the sign-up bonus", points, person.registered_at, rules)


def _around_first_order(person: Person, programmes: Sequence[Programme]) -> list[Bonus]:
    first = person.first_order
    if first is None:
        return []
    rules = in_force(programmes, first.ordered_at)
    given = [
        (
            BonusKind.FIRST_ORDER,
            person.customer_id,
            rules.bonuses.first_order,
            f"the first-order bonus ({first.wc_id})",
        )
    ]
    if first.referrer_id is not None and first.referrer_id != person.customer_id:
        given += [
            (BonusKind.FRIEND, person.customer_id, rules.bonuses.friend, "the bonus for coming on a friend's word"),
            (BonusKind.REFERRER, first.referrer_id, rules.bonuses.referrer, "the bonus for bringing a friend"),
        ]
    return [
        Bonus(
            customer_id=customer_id,
            source=source_of(kind, person.customer_id),
            name=name,
            points=points,
            earned_at=first.ordered_at,
            rules=rules,
            hold_days=rules.earning.hold_days,
        )
        for kind, customer_id, points, name in given
    ]


def _reviews(person: Person, programmes: Sequence[Programme]) -> list[Bonus]:
    """Return a bonus for each product reviewed, for the first of its reviews."""
    earliest: dict[int, datetime] = {}
    for review in person.reviews:
        earliest[review.product_id] = min(review.reviewed_at, earliest.get(review.product_id, review.reviewed_at))
    found = []
    for product_id, reviewed_at in sorted(earliest.items()):
        rules = in_force(programmes, reviewed_at)
        source = source_of(BonusKind.REVIEW, person.customer_id, product_id)
        name = f"the bonus for reviewing product {product_id}"
        found.append(Bonus(person.customer_id, source, name, rules.bonuses.review, reviewed_at, rules))
    return found
