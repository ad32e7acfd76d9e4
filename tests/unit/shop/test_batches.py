import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.shop.batches import BATCH_LIMIT, NOT_TRIED, Done, Outcome, Refused, chunks, in_halves
from connector.shop.errors import ShopUnavailable


@settings(deadline=None)
@given(st.lists(st.integers()), st.integers(1, 150))
def test_chunks_lose_nothing_keep_the_order_and_fit(items: list[int], size: int) -> None:
    parts = list(chunks(items, size))
    assert [item for part in parts for item in part] == items
    assert all(1 <= len(part) <= size for part in parts)


def test_a_chunk_is_what_woocommerce_takes_at_once() -> None:
    assert [len(part) for part in chunks(range(250))] == [BATCH_LIMIT, BATCH_LIMIT, 50]


def test_a_chunk_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        list(chunks([1], 0))


@pytest.mark.parametrize(
    ("refused", "gone", "retryable"),
    [
        (Refused("wc_user_invalid_id", "", 404), True, False),
        (Refused("woocommerce_rest_shop_coupon_invalid_id", "", 400), True, False),
        (Refused("woocommerce_rest_cannot_edit", "", 403), False, False),
        (Refused("woocommerce_rest_cannot_delete", "", 500), False, True),
        (Refused("coupon_invalid_email_address", "", None), False, False),
    ],
)
def test_a_refusal_says_whether_the_item_is_gone_or_may_still_succeed(
    refused: Refused, gone: bool, retryable: bool
) -> None:
    assert (refused.gone, refused.retryable) == (gone, retryable)


def crash(status: int = 500) -> ShopUnavailable:
    return ShopUnavailable("The store had an error of its own.", reason="server_error", status=status)


class FragileStore:
    """Crashes over a batch that holds one of ``poison``; counts the batches it was sent."""

    def __init__(self, poison: set[int]) -> None:
        self.poison = poison
        self.batches = 0

    def send(self, part: list[int]) -> list[Outcome]:
        self.batches += 1
        if self.poison & set(part):
            raise crash()
        return [Done(item) for item in part]


@settings(deadline=None)
@given(st.integers(1, 100), st.data())
def test_one_item_that_crashes_the_store_keeps_nobody_else_from_being_written(
    count: int, data: st.DataObject
) -> None:
    items = list(range(1, count + 2))
    poison = data.draw(st.sampled_from(items))
    store = FragileStore({poison})
    results = in_halves(items, store.send)
    expected = [Done(item) for item in items if item != poison]
    assert [result for result in results if isinstance(result, Done)] == expected
    refused = results[items.index(poison)]
    assert isinstance(refused, Refused)
    assert refused.retryable
    assert store.batches <= 15


@settings(deadline=None)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=100, unique=True))
def test_a_store_that_always_crashes_is_not_hammered_and_what_it_was_not_sent_is_told_apart(items: list[int]) -> None:
    store = FragileStore(set(items))
    results = in_halves(items, store.send)
    assert all(isinstance(result, Refused) and result.retryable for result in results)
    assert [result is NOT_TRIED for result in results] == [False] * len(items[:3]) + [True] * len(items[3:])
    assert store.batches <= 12


@pytest.mark.parametrize("status", [None, 429, 502, 503, 504])
def test_only_a_crash_is_answered_with_smaller_batches(status: int | None) -> None:
    sent: list[list[int]] = []

    def send(part: list[int]) -> list[Outcome]:
        sent.append(part)
        raise ShopUnavailable("Later.", reason="rate_limited", status=status)

    with pytest.raises(ShopUnavailable):
        in_halves([1, 2, 3], send)
    assert sent == [[1, 2, 3]]


def test_nothing_to_send_is_not_sent() -> None:
    assert in_halves([], FragileStore(set()).send) == []
