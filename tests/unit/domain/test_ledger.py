from __future__ import annotations

import pytest

from connector.domain.ledger import AVAILABLE, ISSUED, REVERSED, Entry, Posting, points_for, settle_order

ANN, BEN = 7, 8


def settle(earner, points, booked, *, seen_before=True) -> Posting | None:
    return settle_order("order 12", earner, points, booked, seen_before=seen_before)


@pytest.mark.parametrize(
    ("net_value", "currency", "points"),
    [(1_999, "USD", 19), (99, "USD", 0), (1_999, "JPY", 1_999), (1_999, "KWD", 1)],
)
def test_an_order_earns_a_point_for_each_whole_unit(net_value, currency, points):
    assert points_for(net_value, currency) == points


def test_a_new_order_earns():
    assert settle(ANN, 120, {}, seen_before=False) == Posting(
        "earn", "Earned with order 12", (Entry(AVAILABLE, ANN, 120), Entry(ISSUED, None, -120))
    )


def test_a_refund_takes_back():
    assert settle(ANN, 70, {ANN: 120}) == Posting(
        "clawback", "Taken back: order 12 is worth less now", (Entry(AVAILABLE, ANN, -50), Entry(REVERSED, None, 50))
    )


def test_an_undone_refund_gives_back_exactly_what_it_took():
    assert settle(ANN, 120, {ANN: 70}) == Posting(
        "reinstate", "Given back: order 12 is worth more again", (Entry(AVAILABLE, ANN, 50), Entry(ISSUED, None, -50))
    )


def test_an_order_that_changes_hands_moves_its_points():
    assert settle(BEN, 120, {ANN: 120}) == Posting(
        "transfer",
        "Moved: order 12 belongs to another customer now",
        (
            Entry(AVAILABLE, ANN, -120),
            Entry(REVERSED, None, 120),
            Entry(AVAILABLE, BEN, 120),
            Entry(ISSUED, None, -120),
        ),
    )


def test_an_order_that_belongs_to_nobody_any_more_takes_its_points_back():
    assert settle(None, 120, {ANN: 120}).kind == "clawback"


@pytest.mark.parametrize(
    ("earner", "points", "booked"), [(ANN, 120, {ANN: 120}), (ANN, 0, {}), (None, 120, {}), (ANN, 0, {ANN: 0})]
)
def test_nothing_is_posted_where_the_ledger_agrees(earner, points, booked):
    assert settle(earner, points, booked) is None


def test_a_posting_that_would_make_points_cannot_be_written_down():
    with pytest.raises(ValueError, match="must sum to zero"):
        Posting("earn", "Earned with order 12", (Entry(AVAILABLE, ANN, 120), Entry(ISSUED, None, -119)))
