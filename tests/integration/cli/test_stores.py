"""`regulars pair`, `backfill` and `score`."""

from __future__ import annotations

import re

from sqlalchemy import Engine

from connector.clock import utc_now
from connector.db import pairing_codes
from connector.db.session import transaction
from connector.db.stores import Store
from tests.integration.cli.conftest import Regulars
from tests.integration.jobs.snapshot import fresh_balances
from tests.sample_shop import SampleShop


def test_pair_prints_a_code_that_may_be_used_and_where_to_use_it(
    regulars: Regulars, engine: Engine, environment: dict[str, str]
) -> None:
    said = regulars("pair").output
    found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", said)
    assert found is not None
    with transaction(engine) as connection:
        assert pairing_codes.check(connection, found[0], utc_now())
    assert f"http://127.0.0.1:{environment['REGULARS_PORT']}" in said


def test_pair_says_what_a_store_elsewhere_needs_unless_it_is_there(
    regulars: Regulars, environment: dict[str, str]
) -> None:
    assert "set REGULARS_PUBLIC_URL" in regulars("pair").output
    environment["REGULARS_PUBLIC_URL"] = "https://regulars.example.com"
    assert "REGULARS_PUBLIC_URL" not in regulars("pair").output


def test_a_wrong_setting_ends_the_command_with_a_sentence(regulars: Regulars, environment: dict[str, str]) -> None:
    environment["REGULARS_WORKERS"] = "many"
    result = regulars("pair")
    assert result.exit_code == 1
    assert result.output == "Error: REGULARS_WORKERS is 'many'; it must be a whole number from 1 to 256.\n"


def test_backfill_reads_everything_and_leaves_the_result_in_the_shop(
    regulars: Regulars, paired: Store, shop: SampleShop
) -> None:
    result = regulars("backfill")
    assert result.exit_code == 0, result.output
    assert f"40 customers and {len(shop.orders())} orders" in result.output
    points = {buyer: balance for (_, buyer), balance in fresh_balances(shop).items()}
    assert points == {buyer: int(shop.meta(buyer)["regulars_points"]) for buyer in points}
    assert len(points) == 40


def test_backfill_of_a_shop_that_refuses_the_key_says_so(regulars: Regulars, paired: Store, shop: SampleShop) -> None:
    shop.faults.add("status", times=50, status=401)
    result = regulars("backfill")
    assert result.exit_code == 1
    assert "Error: " in result.output
    assert "key" in result.output


def test_score_without_orders_has_nothing_to_score(regulars: Regulars, paired: Store) -> None:
    assert "nothing to score" in regulars("score").output


def test_score_says_how_many_and_by_what(regulars: Regulars, paired: Store) -> None:
    regulars("backfill")
    said = regulars("score").output
    assert "40 customers scored" in said
    assert "values by" in said


def test_with_several_stores_one_has_to_be_chosen(regulars: Regulars, store: Store, other_store: Store) -> None:
    result = regulars("score")
    assert result.exit_code == 1
    assert store.site_url in result.output
    assert other_store.site_url in result.output
