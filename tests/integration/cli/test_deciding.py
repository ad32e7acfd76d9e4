"""Points by hand, blocks, merges and tiers from a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select

from connector.clock import utc_now
from connector.db import adjustments, blocks, orders, tier_overrides
from connector.db.orders import Observed
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.tables import customers, work
from connector.domain.calendar import local_day
from connector.domain.orders import CountingRules
from connector.shop.payloads import parse_order
from tests.integration.cli.conftest import Regulars
from tests.integration.web.speaking import ORDER

WHY = ("--reason", "Anniversary", "--by", "Olga")


@pytest.fixture
def people(engine: Engine, store: Store) -> dict[str, int]:
    with transaction(engine) as connection:
        return {
            email: connection.execute(
                insert(customers).values(store_id=store.id, wc_id=wc_id, email=email).returning(customers.c.id)
            ).scalar_one()
            for wc_id, email in ((1, "ann@example.com"), (2, "bob@example.com"))
        }


def available(engine: Engine, store: Store, customer_id: int) -> int:
    with reading(engine) as connection:
        return adjustments.available(connection, store.id, customer_id)


def test_points_are_given_taken_and_moved(
    regulars: Regulars, engine: Engine, store: Store, people: dict[str, int]
) -> None:
    ann, bob = people["ann@example.com"], people["bob@example.com"]

    given = regulars("adjust", "Ann@example.com", "500", *WHY)
    taken = regulars("adjust", "1", "-200", *WHY)
    assert (given.exit_code, taken.exit_code) == (0, 0), given.output + taken.output
    assert "300 are available" in taken.output

    moved = regulars("merge", "1", "bob@example.com", *WHY)
    assert "+300 points" in moved.output
    assert (available(engine, store, ann), available(engine, store, bob)) == (0, 300)


def test_under_a_key_it_is_done_once(
    regulars: Regulars, engine: Engine, store: Store, people: dict[str, int]
) -> None:
    for _ in range(2):
        regulars("adjust", "1", "500", *WHY, "--key", "spring")

    assert available(engine, store, people["ann@example.com"]) == 500
    assert "used for something else" in regulars("adjust", "1", "5", *WHY, "--key", "spring").output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("adjust",), "customer and points"),
        (("adjust", "1", "5"), "--reason"),
        (("adjust", "1", "0", *WHY), "other than 0"),
        (("adjust", "3", "5", *WHY), "No customer"),
        (("adjust", *WHY, "--", "1", "-5"), "Only 0 points"),
        (("adjust", "1", "-5", "--reason", " "), "Must be 1 to 300 characters"),
        (("adjust", "1", "5", "--raeson", "Thanks"), "--raeson"),
        (("adjust", "--aply", "--file", __file__), "No such option '--aply'"),
        (("adjust", "1", "5", "--apply", *WHY), "--apply does not go together with a customer: it is for a --file"),
        (("adjust", "--file", __file__, "--key", "spring"), "--key does not go together with --file"),
        (("adjust", "1", "--file", __file__), "CUSTOMER does not go together with --file"),
        (("adjust", "1", "5", "--file", __file__), "CUSTOMER does not go together with --file"),
        (("merge", "1", "ann@example.com", *WHY), "one and the same"),
        (("merge", "1", "2", *WHY), "no points that could be moved"),
        (("block", "1"), "--reason"),
        (("block", "1", "--end", "--reason", "Paid"), "--reason does not go together with --end"),
        (("block", "1", "--end", "--by", "Olga"), "--by does not go together with --end"),
        (("tier", "1"), "Name a tier"),
        (("tier", "1", "gold"), "say why with --reason"),
        (("tier", "1", "gold", "--end"), "TIER does not go together with --end"),
        (("tier", "1", "--end", "--until", "2027-01-01"), "--until does not go together with --end"),
        (("tier", "1", "--end", "--reason", "Paid"), "--reason does not go together with --end"),
        (("tier", "1", "gold", "--until", "tomorrow", *WHY), "'tomorrow' is not a day such as 2026-12-31"),
        (("tier", "1", "gold", "--until", "20261231", *WHY), "'20261231' is not a day such as 2026-12-31"),
        (("tier", "1", "gold", "--until", "2026-02-30", *WHY), "'2026-02-30' is not a day such as 2026-12-31"),
        (("tier", "1", "platinum", *WHY), "There are: member, silver, gold"),
        (("tier", "1", "gold", "--until", "2020-01-01", *WHY), "must not be before today"),
        (("tier", "1", "gold", "--until", "9999-12-31", *WHY), "nor after the year 2999"),
    ],
)
@pytest.mark.usefixtures("people")
def test_what_cannot_be_done_is_said_in_a_sentence(
    regulars: Regulars, arguments: tuple[str, ...], words: str
) -> None:
    refused = regulars(*arguments)

    assert refused.exit_code != 0
    assert words in refused.output


def test_a_file_is_shown_and_only_then_done(
    regulars: Regulars, engine: Engine, store: Store, people: dict[str, int], tmp_path: Path
) -> None:
    path = tmp_path / "points.csv"
    path.write_text("customer,points,reason\nann@example.com,500,Thanks\n2,20,Thanks\n")

    shown = regulars("adjust", "--file", str(path))
    assert "line     2  ann@example.com  0 +500 = 500  Thanks" in shown.output
    assert "run it again with --apply" in shown.output
    assert available(engine, store, people["ann@example.com"]) == 0

    days = {local_day(utc_now(), store.zone)}
    assert "Done." in regulars("adjust", "--file", str(path), "--apply").output
    days.add(local_day(utc_now(), store.zone))
    again = regulars("adjust", "--file", str(path), "--apply")
    assert again.exit_code == 0
    assert "line     2  ann@example.com  +500  Thanks" in again.output
    assert any(f"Already applied on {day}" in again.output for day in days)
    assert available(engine, store, people["ann@example.com"]) == 500


def test_everybody_in_a_file_is_brought_up_to_date_guests_by_an_order_of_theirs(
    regulars: Regulars, engine: Engine, store: Store, people: dict[str, int], tmp_path: Path
) -> None:
    order = parse_order({**ORDER, "id": 70, "customer_id": 0, "billing": {"email": "guest@example.com"}})
    with transaction(engine) as connection:
        guest = connection.execute(
            insert(customers).values(store_id=store.id, email="guest@example.com").returning(customers.c.id)
        ).scalar_one()
        orders.save(connection, store, CountingRules(), [Observed(order, utc_now())])
    path = tmp_path / "points.csv"
    path.write_text("customer,points,reason\nann@example.com,500,Thanks\n2,20,Thanks\nguest@example.com,5,Thanks\n")

    assert regulars("adjust", "--file", str(path), "--apply").exit_code == 0

    with reading(engine) as connection:
        wanted = connection.execute(select(work.c.subject).where(work.c.job == "award")).scalars()
        assert sorted(wanted) == ["customer:1", "customer:2", "order:70"]
    assert available(engine, store, guest) == 5


@pytest.mark.usefixtures("people")
def test_a_key_that_somebody_uses_at_the_same_moment_is_a_sentence(
    regulars: Regulars, monkeypatch: pytest.MonkeyPatch
) -> None:
    regulars("adjust", "1", "5", *WHY, "--key", "spring")
    # As if the other one had not committed yet when this one looked.
    monkeypatch.setattr(adjustments, "by_key", lambda *_: None)

    refused = regulars("adjust", "2", "5", *WHY, "--key", "spring")

    assert refused.exit_code == 1
    assert "nothing is done twice" in refused.output


@pytest.mark.usefixtures("people")
def test_a_file_with_a_bad_row_is_not_done(regulars: Regulars, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("customer,points,reason\n1,500,Thanks\n1,x,Thanks\n")

    refused = regulars("adjust", "--file", str(path), "--apply")

    assert refused.exit_code == 1
    assert "line     3  !! The points must be a whole number" in refused.output
    assert "nothing was done" in refused.output


def test_a_customer_is_blocked_and_unblocked(
    regulars: Regulars, engine: Engine, store: Store, people: dict[str, int]
) -> None:
    said = [
        regulars("block", "1", *WHY).output,
        regulars("block", "1", *WHY).output,
        regulars("block", "1", "--end").output,
    ]

    assert said == ["Blocked.\n", "Nothing to do: it is so already.\n", "Not blocked any more.\n"]
    with reading(engine) as connection:
        (only,) = blocks.of_customers(connection, store.id, [people["ann@example.com"]])
    assert only.until_at is not None


def test_a_tier_is_given_and_ended(regulars: Regulars, engine: Engine, store: Store, people: dict[str, int]) -> None:
    given = regulars("tier", "1", "gold", "--until", "2999-12-31", *WHY)
    assert given.exit_code == 0, given.output
    assert "until 2999-12-31" in given.output
    assert regulars("tier", "1", "--end").output == "Ended.\n"
    assert regulars("tier", "1", "--end").output == "Nothing to do: no tier was given.\n"

    with reading(engine) as connection:
        (only,) = tier_overrides.of_customers(connection, store.id, [people["ann@example.com"]])[
            people["ann@example.com"]
        ]
    assert only.until_day < only.from_day
