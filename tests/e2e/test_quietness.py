"""The store is left in peace: no waiting checkout, no storms, no echo, no complaints in its log."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.conftest import PASSWORD, NewCustomer
from tests.e2e.world import World

Product = Callable[[str], int]


def test_a_checkout_makes_no_remote_call(world: World, product: Product, new_customer: NewCustomer) -> None:
    customer = new_customer("abel@store.example")
    before = len(world.store.http_requests())
    world.store.shopper("abel@store.example").log_in(PASSWORD).buy(product("30.00"))
    during = world.store.http_requests()[before:]
    assert [note["url"] for note in during] == []
    world.settled(customer, points="30")
    assert len(world.store.http_requests()) > before  # the recorder does record, and the order was sent afterwards


def test_a_storm_of_updates_is_one_delivery(world: World, product: Product, new_customer: NewCustomer) -> None:
    customer = new_customer("bela@store.example")
    order = world.store.shopper("bela@store.example").log_in(PASSWORD).buy(product("40.00"))["order_id"]
    world.settled(customer, points="40")
    mark = world.mark()
    for number in range(6):
        world.api.put(f"orders/{order}", {"customer_note": f"Change {number}"})
        world.store.php(
            "$order = wc_get_order( $args['id'] ); $order->add_order_note( 'Looked at' ); $order->save(); return 1;",
            id=order,
        )
    world.api.put(f"orders/{order}", {"status": "completed"})
    world.store.run_queue()
    assert [sent.type for sent in world.deliveries(mark) if sent.resource_id == order] == ["order.updated"]


def test_our_own_write_back_is_not_told_to_us_again(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("ciro@store.example")
    order = world.store.shopper("ciro@store.example").log_in(PASSWORD).buy(product("50.00"))["order_id"]
    world.settled(customer, points="50")
    world.at_rest()
    mark = world.mark()
    # Unlike a checkout, this changes nothing about the customer but what we write.
    world.api.post(f"orders/{order}/refunds", {"amount": "20.00", "api_refund": False})
    world.settled(customer, points="30")
    world.at_rest()
    assert [sent.resource_id for sent in world.deliveries(mark)] == [order]


def test_every_change_is_delivered_under_an_id_of_its_own(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("egon@store.example")
    mark = world.mark()
    world.store.shopper("egon@store.example").log_in(PASSWORD).buy(product("70.00"))
    world.settled(customer, points="70")
    ids = [sent.message_id for sent in world.deliveries(mark)]
    assert len(ids) == len(set(ids))
    assert all(identity.startswith("msg_") for identity in ids)


def test_deliveries_are_sent_by_the_queue_only(world: World, product: Product, new_customer: NewCustomer) -> None:
    customer = new_customer("fina@store.example")
    mark = world.mark()
    world.store.shopper("fina@store.example").log_in(PASSWORD).buy(product("20.00"))
    world.settled(customer, points="20")
    assert {sent.request for sent in world.deliveries(mark)} == {"POST /__test/snippet.php"}


def test_the_log_has_no_complaint_about_the_plugin(world: World) -> None:
    with world.browsing.owner() as settings:
        settings.page.goto("/wp-admin/plugins.php")
        assert settings.page.locator("tr[data-plugin^='regulars-for-woocommerce/']").count() == 1
        settings.page.goto("/wp-admin/admin.php?page=wc-settings&tab=advanced&section=features")
        assert "Regulars" not in " ".join(settings.page.locator(".notice-error, .notice-warning").all_inner_texts())
    assert world.store.notices_of("regulars-for-woocommerce", "Regulars") == []


def test_the_plugin_declares_that_it_works_with_order_tables_and_checkout_blocks(world: World) -> None:
    features = world.store.php(
        """
        require_once ABSPATH . 'wp-admin/includes/plugin.php';
        $plugin = 'regulars-for-woocommerce/regulars-for-woocommerce.php';
        return Automattic\\WooCommerce\\Utilities\\FeaturesUtil::get_compatible_features_for_plugin( $plugin );
        """
    )
    assert {"custom_order_tables", "cart_checkout_blocks"} <= set(features["compatible"])
