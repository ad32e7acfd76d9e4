from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.domain.explanation import LotTold, Movement, sources_of

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def moved(source: str, kind: str, days_ago: int, **points: int) -> Movement:
    return Movement(NOW - timedelta(days=days_ago), source, kind, f"{kind} of {source}", 1, points)


def lot(points: int, days_ago: int, expired: int = 0) -> LotTold:
    at = NOW - timedelta(days=days_ago)
    return LotTold(points, 0, expired, at, at, None, 1, ())


def test_an_expiry_is_told_under_the_lot_that_expired() -> None:
    movements = [moved("order:1", "earn", 9, available=50), moved("expiry:order:1", "expire", 1, available=-20)]
    (source,) = sources_of(movements, {"order:1": lot(50, 9, 20)}, {"order:1": "order 4711"})
    assert (source.name, source.title, source.total("available")) == ("order:1", "order 4711", 30)
    assert [movement.kind for movement in source.movements] == ["earn", "expire"]


def test_what_was_earned_first_is_told_first_whenever_it_was_posted() -> None:
    movements = [moved("order:2", "earn", 3), moved("redemption:1", "redeem", 2), moved("order:1", "earn", 1)]
    told = sources_of(movements, {"order:1": lot(5, 90), "order:2": lot(5, 30)}, {})
    assert [source.name for source in told] == ["order:1", "order:2", "redemption:1"]


def test_what_has_no_name_is_called_by_its_latest_reason() -> None:
    movements = [moved("debt:7", "owe", 3, available=9, owed=-9), moved("debt:7", "repay", 1, available=-9, owed=9)]
    (source,) = sources_of(movements, {}, {})
    assert source.title == "repay of debt:7"
    assert (source.total("available"), source.total("owed"), source.total("pending")) == (0, 0, 0)


def test_a_lot_of_nothing_that_was_never_posted_is_told_too() -> None:
    (source,) = sources_of([], {"order:1": lot(0, 5)}, {"order:1": "order 4711"})
    assert (source.title, source.movements) == ("order 4711", ())
