import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.shop.batches import BATCH_LIMIT, Refused, chunks


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
