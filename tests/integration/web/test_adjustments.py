"""Points by hand, blocks and tiers given, asked for by the store."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select
from werkzeug.test import TestResponse

from connector.db import accounts, blocks, tier_overrides
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.tables import adjustments, customers
from connector.domain.tiers import Override
from tests.integration.web.conftest import VoiceOf
from tests.integration.web.speaking import StoreVoice, owed_work, problem_of

WHY = {"reason": "Anniversary", "made_by": "Olga"}
PEOPLE = "/v1/customers"


@pytest.fixture(autouse=True)
def people(engine: Engine, store: Store, other_store: Store) -> dict[int, int]:
    """Our ids of the store's users 1 and 2; user 3 is another store's."""
    with transaction(engine) as connection:
        return {
            wc_id: connection.execute(
                insert(customers).values(store_id=owner.id, wc_id=wc_id).returning(customers.c.id)
            ).scalar_one()
            for owner, wc_id in ((store, 1), (store, 2), (other_store, 3))
        }


def post(voice: StoreVoice, path: str, document: object, key: str = "msg_1") -> TestResponse:
    return voice.api("POST", path, document, message_id=key, **{"Idempotency-Key": key})


def available(engine: Engine, store: Store, customer_id: int) -> int:
    with reading(engine) as connection:
        account = accounts.of(connection, store.id, customer_id)
    return 0 if account is None else int(account.available)


def errors_of(answer: TestResponse) -> dict[str, Any]:
    assert problem_of(answer) == (422, "validation_failed")
    errors: dict[str, Any] = answer.get_json(force=True)["errors"]
    return errors


def test_points_are_given_and_what_the_store_shows_follows(
    voice: StoreVoice, engine: Engine, store: Store, people: dict[int, int]
) -> None:
    answer = post(voice, f"{PEOPLE}/1/adjustments", {**WHY, "points": 500})

    assert answer.status_code == 201
    assert {**answer.get_json(), "id": 0} == {"id": 0, "points": 500, "reason": "Anniversary", "available": 500}
    assert available(engine, store, people[1]) == 500
    assert (store.id, "award", "customer:1") in owed_work(engine)


def test_the_same_call_again_changes_nothing_more(
    voice: StoreVoice, engine: Engine, store: Store, people: dict[int, int]
) -> None:
    first = post(voice, f"{PEOPLE}/1/adjustments", {**WHY, "points": 500})
    again = post(voice, f"{PEOPLE}/1/adjustments", {**WHY, "points": 500})

    assert again.get_json() == first.get_json()
    assert available(engine, store, people[1]) == 500


def test_a_key_for_something_else_and_no_key_at_all_are_refused(voice: StoreVoice) -> None:
    post(voice, f"{PEOPLE}/1/adjustments", {**WHY, "points": 500})

    assert problem_of(post(voice, f"{PEOPLE}/1/adjustments", {**WHY, "points": 5})) == (422, "idempotency_key_reused")
    assert problem_of(voice.api("POST", f"{PEOPLE}/1/adjustments", {**WHY, "points": 5})) == (
        400,
        "idempotency_key_missing",
    )


def test_more_than_there_is_is_not_taken(voice: StoreVoice) -> None:
    answer = post(voice, f"{PEOPLE}/1/adjustments", {**WHY, "points": -1})

    assert problem_of(answer) == (422, "points_not_enough")
    assert "Only 0 points can be taken" in answer.get_json(force=True)["detail"]


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"points": 0}, {"points": ["Must not be 0."]}),
        ({"points": "5"}, {"points": ["Must be a whole number, negative to take points."]}),
        ({"points": 10**9}, {"points": ["Must be from -100000000 to 100000000."]}),
        ({"reason": " "}, {"reason": ["Must be 1 to 300 characters without line breaks."]}),
        ({"reason": "a\u0000b"}, {"reason": ["Must be 1 to 300 characters without line breaks."]}),
        ({"made_by": None}, {"made_by": ["Must not be empty."]}),
        ({"key": 1}, {"key": ["There is no such field."]}),
    ],
)
def test_what_is_wrong_is_said_field_by_field(
    voice: StoreVoice, changed: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert errors_of(post(voice, f"{PEOPLE}/1/adjustments", {**WHY, "points": 5, **changed})) == errors


@pytest.mark.parametrize("path", ["adjustments", "merge", "blocks", "tier-override"])
@pytest.mark.parametrize("wc_id", [3, 99])
def test_another_stores_customers_are_not_known(voice: StoreVoice, path: str, wc_id: int) -> None:
    document = {
        "adjustments": {**WHY, "points": 5},
        "merge": {**WHY, "into": 1},
        "blocks": WHY,
        "tier-override": {**WHY, "tier": "gold"},
    }[path]
    method = "PUT" if path == "tier-override" else "POST"

    answer = voice.api(method, f"{PEOPLE}/{wc_id}/{path}", document, **{"Idempotency-Key": "msg_1"})

    assert problem_of(answer) == (404, "unknown_customer")


def test_points_move_to_another_customer_once(
    voice: StoreVoice, engine: Engine, store: Store, people: dict[int, int]
) -> None:
    post(voice, f"{PEOPLE}/1/adjustments", {**WHY, "points": 500})

    for _ in range(2):
        answer = post(voice, f"{PEOPLE}/1/merge", {**WHY, "into": 2}, "msg_2")
        assert (answer.status_code, answer.get_json()["points"]) == (201, 500)

    assert [available(engine, store, people[who]) for who in (1, 2)] == [0, 500]
    assert {subject for _, job, subject in owed_work(engine) if job == "award"} == {"customer:1", "customer:2"}


def test_nobody_is_merged_with_themselves_or_with_another_stores_customer(voice: StoreVoice) -> None:
    assert errors_of(post(voice, f"{PEOPLE}/1/merge", {**WHY, "into": 1})) == {"into": ["Must be another customer."]}
    assert problem_of(post(voice, f"{PEOPLE}/1/merge", {**WHY, "into": 3})) == (404, "unknown_customer")


FILE = "customer,points,reason\n1,500,Thanks\n2,-5,Error\n"


def bulk(voice: StoreVoice, text: str, **given: Any) -> TestResponse:
    return voice.api("POST", "/v1/adjustments/bulk", {"csv": text, "made_by": "Olga", **given})


def test_a_file_is_shown_row_by_row_with_its_mistakes_and_nothing_is_done(
    voice: StoreVoice, engine: Engine, store: Store, people: dict[int, int]
) -> None:
    answer = bulk(voice, FILE)

    assert answer.get_json() == {
        "done": False,
        "done_earlier_on": None,
        "rows": [
            {"line": 2, "customer": "1", "points": 500, "reason": "Thanks", "before": 0, "after": 500},
        ],
        "mistakes": [
            {
                "line": 3,
                "sentence": "Only 0 points can be taken: that is what is available now, and 5 were asked for.",
            }
        ],
        "points": 500,
    }
    assert bulk(voice, FILE, apply=True).get_json()["done"] is False
    assert available(engine, store, people[1]) == 0


def test_a_file_without_mistakes_is_done_once(
    voice: StoreVoice, engine: Engine, store: Store, people: dict[int, int]
) -> None:
    text = "customer;points\n1;500\n2;5\n"

    for _ in range(2):
        assert bulk(voice, text, reason="Thanks", apply=True).get_json()["done"] is True

    assert [available(engine, store, people[who]) for who in (1, 2)] == [500, 5]
    with reading(engine) as connection:
        assert connection.execute(select(adjustments.c.made_by).distinct()).scalars().all() == ["Olga"]


def test_a_file_that_is_none_is_refused_with_what_to_do(voice: StoreVoice) -> None:
    assert "name the columns" in errors_of(bulk(voice, "hello"))["csv"][0]


def blocked(engine: Engine, store: Store, customer_id: int) -> int:
    with reading(engine) as connection:
        return sum(one.until_at is None for one in blocks.of_customers(connection, store.id, [customer_id]))


def test_a_customer_is_blocked_and_unblocked(
    voice: StoreVoice, engine: Engine, store: Store, people: dict[int, int]
) -> None:
    assert voice.api("POST", f"{PEOPLE}/1/blocks", WHY, message_id="a").get_json() == {"blocked": True}
    assert voice.api("POST", f"{PEOPLE}/1/blocks", WHY, message_id="b").get_json() == {"blocked": True}
    assert blocked(engine, store, people[1]) == 1

    assert voice.api("DELETE", f"{PEOPLE}/1/blocks", message_id="c").get_json() == {"blocked": False}
    assert blocked(engine, store, people[1]) == 0


def test_a_block_that_somebody_sends_again_after_it_was_ended_does_not_begin_anew(
    voice: StoreVoice, engine: Engine, store: Store, people: dict[int, int]
) -> None:
    voice.api("POST", f"{PEOPLE}/1/blocks", WHY, message_id="a")
    voice.api("DELETE", f"{PEOPLE}/1/blocks", message_id="b")

    assert voice.api("POST", f"{PEOPLE}/1/blocks", WHY, message_id="a").get_json() == {"blocked": False}
    assert blocked(engine, store, people[1]) == 0


def given_tiers(engine: Engine, store: Store, customer_id: int) -> list[tuple[str, str, str | None]]:
    with reading(engine) as connection:
        found = tier_overrides.of_customers(connection, store.id, [customer_id]).get(customer_id, [])
    return [(one.tier, str(one.from_day), one.until_day and str(one.until_day)) for one in found]


def test_a_tier_is_given_for_a_while_and_ended(
    voice: StoreVoice, engine: Engine, store: Store, people: dict[int, int]
) -> None:
    wanted = {**WHY, "tier": "gold", "until": "2026-12-31"}

    answer = voice.api("PUT", f"{PEOPLE}/1/tier-override", wanted, message_id="a")

    assert answer.get_json() == {"tier": "gold", "from": "2026-11-22", "until": "2026-12-31"}
    assert given_tiers(engine, store, people[1]) == [("gold", "2026-11-22", "2026-12-31")]
    voice.api("DELETE", f"{PEOPLE}/1/tier-override", message_id="b")
    voice.api("PUT", f"{PEOPLE}/1/tier-override", wanted, message_id="a")
    assert given_tiers(engine, store, people[1]) == [("gold", "2026-11-22", "2026-11-21")]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"tier": "platinum"}, "tier"),
        ({"until": "2026-11-21"}, "until"),
        ({"until": "soon"}, "until"),
        ({"until": "3000-01-01"}, "until"),
    ],
)
def test_a_tier_that_is_not_on_the_ladder_or_is_over_already_is_refused(
    voice: StoreVoice, changed: dict[str, Any], field: str
) -> None:
    answer = voice.api("PUT", f"{PEOPLE}/1/tier-override", {**WHY, "tier": "gold", **changed})

    assert list(errors_of(answer)) == [field]


def guest_of(engine: Engine, store: Store, user: int) -> int:
    """A guest who turned out to be this user."""
    guest = {"store_id": store.id, "email": "ann@example.com", "merged_into_id": user}
    with transaction(engine) as connection:
        return connection.execute(insert(customers).values(guest).returning(customers.c.id)).scalar_one()


def test_a_tier_that_was_given_to_a_guest_ends_for_the_user_they_became(
    voice: StoreVoice, engine: Engine, store: Store, people: dict[int, int]
) -> None:
    guest = guest_of(engine, store, people[1])
    with transaction(engine) as connection:
        given = Override("gold", date(2026, 11, 1), None)
        tier_overrides.give(connection, store.id, guest, given, "An apology", "Olga")

    answer = voice.api("DELETE", f"{PEOPLE}/1/tier-override")

    assert answer.get_json() == {"tier": None, "from": None, "until": None}
    assert given_tiers(engine, store, people[1]) == [("gold", "2026-11-01", "2026-11-21")]


def test_a_tier_that_is_given_replaces_what_the_guest_had(
    voice: StoreVoice, engine: Engine, store: Store, people: dict[int, int]
) -> None:
    guest = guest_of(engine, store, people[1])
    with transaction(engine) as connection:
        given = Override("gold", date(2026, 11, 1), None)
        tier_overrides.give(connection, store.id, guest, given, "An apology", "Olga")

    answer = voice.api("PUT", f"{PEOPLE}/1/tier-override", {**WHY, "tier": "silver"})

    assert answer.get_json() == {"tier": "silver", "from": "2026-11-22", "until": None}
    assert given_tiers(engine, store, people[1]) == [
        ("gold", "2026-11-01", "2026-11-21"),
        ("silver", "2026-11-22", None),
    ]


def test_what_is_answered_about_a_tier_is_what_holds_also_where_a_call_is_sent_again(voice: StoreVoice) -> None:
    path, wanted = f"{PEOPLE}/1/tier-override", {**WHY, "tier": "gold"}
    none = {"tier": None, "from": None, "until": None}
    voice.api("PUT", path, wanted, message_id="a")
    voice.api("DELETE", path, message_id="b")

    assert voice.api("PUT", path, wanted, message_id="a").get_json() == none
    voice.api("PUT", path, wanted, message_id="c")
    assert voice.api("DELETE", path, message_id="b").get_json()["tier"] == "gold"


def test_one_store_cannot_adjust_for_another(voice_of: VoiceOf, other_store: Store) -> None:
    answer = post(voice_of(other_store), f"{PEOPLE}/1/adjustments", {**WHY, "points": 5})

    assert problem_of(answer) == (404, "unknown_customer")
