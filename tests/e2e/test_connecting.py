"""The store owner presses Connect, and the history the store already has comes back as value."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.seeds import SEEDS, Seed
from tests.e2e.world import World


def test_the_settings_page_says_where_it_is_connected_and_that_the_sync_is_done(world: World) -> None:
    assert world.connector.url in world.shown.text
    assert world.shown.sync.startswith("Complete: ")


def test_no_error_is_shown_after_connecting(world: World) -> None:
    assert world.shown.error == "none"


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_history_from_before_the_connection_is_scored(world: World, seed: Seed) -> None:
    meta = world.first_sync[seed.name]
    assert {name: meta[f"regulars_{name}"] for name in ("points", "tier", "rfm", "segment")} == {
        "points": seed.points,
        "tier": seed.tier,
        "rfm": seed.rfm,
        "segment": seed.segment,
    }
    scored_at = datetime.strptime(meta["regulars_scored_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - scored_at) < timedelta(hours=1)


def test_the_best_customer_is_worth_more_than_the_least_in_the_next_year(world: World) -> None:
    worth = {name: meta.get("regulars_clv", "") for name, meta in world.first_sync.items()}
    assert all(re.fullmatch(r"\d+\.\d\d", value) for value in worth.values()), worth
    assert float(worth["anna"]) > float(worth["emil"])


def test_only_who_bought_once_gets_a_coupon_for_the_second_purchase(world: World) -> None:
    codes = {name: json.loads(meta["regulars_coupons"]) for name, meta in world.first_sync.items()}
    twins = {seed.name: len(world.coupons_of(seed.twin)) for seed in SEEDS}
    assert twins == {"anna": 0, "bert": 0, "cleo": 0, "dora": 0, "emil": 1}
    assert {name: len(found) for name, found in codes.items()} == {
        "anna": 0,
        "bert": 0,
        "cleo": 0,
        "dora": 0,
        "emil": 1,
    }


def test_the_plugin_has_a_key_of_its_own_and_the_owner_can_tell_whose_it_is(world: World) -> None:
    descriptions = world.store.php(
        """
        global $wpdb;
        return $wpdb->get_col( "SELECT description FROM {$wpdb->prefix}woocommerce_api_keys ORDER BY key_id" );
        """
    )
    assert len(descriptions) == 2
    assert "Regulars" in descriptions[1]
