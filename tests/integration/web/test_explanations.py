"""A customer's explanation over the signed API."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert

from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers
from tests.integration.web.conftest import VoiceOf
from tests.integration.web.speaking import StoreVoice, problem_of


@pytest.fixture
def ann(engine: Engine, store: Store) -> int:
    with transaction(engine) as connection:
        connection.execute(insert(customers).values(store_id=store.id, wc_id=7))
    return 7


def test_who_has_bought_nothing_sees_the_lowest_tier_and_no_points(voice: StoreVoice, ann: int) -> None:
    told = voice.api("GET", f"/v1/customers/{ann}/explanation").get_json()
    assert told["customer_id"] == ann
    assert told["sees"]["tier"]["name"] == "member"
    assert told["sees"]["points"]["available"] == 0
    assert told["because"] == {
        "tier": told["because"]["tier"],
        "points": [],
        "coupons": [],
        "not_offered": [],
    }
    assert told["differences"] == {}


def test_a_customer_is_explained_to_their_own_store_alone(
    voice_of: VoiceOf, store: Store, other_store: Store, ann: int
) -> None:
    path = f"/v1/customers/{ann}/explanation"
    assert problem_of(voice_of(other_store).api("GET", path)) == (404, "unknown_customer")
    headers = {"regulars-store": store.public_id}
    assert problem_of(voice_of(store).client.get(path, headers=headers)) == (401, "signature_invalid")


@pytest.mark.parametrize("wc_id", ["8", "99999999999999999999"])
def test_a_stranger_is_not_known(voice: StoreVoice, ann: int, wc_id: str) -> None:
    assert problem_of(voice.api("GET", f"/v1/customers/{wc_id}/explanation")) == (404, "unknown_customer")
