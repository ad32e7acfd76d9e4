"""The connector is away for a while: the store goes on selling, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.conftest import PASSWORD, NewCustomer
from tests.e2e.world import World

Product = Callable[[str], int]


def test_what_is_sold_while_the_connector_is_down_counts_when_it_is_back(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("outis@store.example")
    shopper = world.store.shopper("outis@store.example").log_in(PASSWORD)
    assert world.connector.stop() == 0
    try:
        order = shopper.buy(product("85.00"))
        assert order["status"] == "processing"
        world.store.run_queue()
        with world.browsing.owner() as settings:
            assert settings.error == "now"
            assert int(settings.page.get_attribute("#regulars-waiting", "data-waiting") or 0) >= 1
            world.browsing.picture(settings.page, "settings-outage")
    finally:
        world.connector.start().until_ready()
    with world.browsing.owner() as settings:
        settings.page.click("#regulars-send-again")
        settings.page.wait_for_load_state()
    world.settled(customer, points="85")
