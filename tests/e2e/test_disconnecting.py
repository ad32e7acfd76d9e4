"""Disconnect takes the key back; connecting again finds everything as it was."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, NewCustomer
from tests.e2e.world import World

Product = Callable[[str], int]

_KEYS = 'global $wpdb; return (int) $wpdb->get_var( "SELECT COUNT(*) FROM {$wpdb->prefix}woocommerce_api_keys" );'
_TEST_RUNS_OWN = 1


def test_disconnect_deletes_the_key_a_wrong_code_is_refused_and_a_right_one_connects_again(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("zoe@store.example")
    shopper = world.store.shopper("zoe@store.example").log_in(PASSWORD)
    shopper.buy(product("110.00"))
    world.settled(customer, points="110")

    with world.browsing.owner() as settings:
        settings.disconnect()
        settings.expect_state("disconnected")
        assert settings.page.input_value("#regulars-connector-url") == world.connector.url
        world.browsing.picture(settings.page, "settings-disconnected")
        assert world.store.php(_KEYS) == _TEST_RUNS_OWN
        mark = world.mark()
        shopper.buy(product("5.00"))
        world.store.run_queue()
        assert world.deliveries(mark) == []

        settings.connect(world.connector.url, "AAAA-AAAA-AAAA")
        settings.expect_state("disconnected")
        expect(settings.page.locator(".notice-error")).to_contain_text("does not know this pairing code")
        world.browsing.picture(settings.page, "settings-wrong-code")
        assert world.store.php(_KEYS) == _TEST_RUNS_OWN

        settings.open()
        settings.connect(world.connector.url, world.connector.pairing_code())
        settings.expect_state("connected")
        assert world.store.php(_KEYS) == _TEST_RUNS_OWN + 1
    world.settled(customer, points="115")
    # Everybody's history is read again: what is written then is not for other tests to meet.
    world.at_rest()
