"""What the plugin delivers of an order is what the connector reads of it over wc/v3, on a real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connector.domain.orders import OrderState
from connector.shop import orders, products
from connector.shop.client import ShopClient
from connector.shop.payloads import parse_order
from tests.real_store.fixtures import NewRealStore
from tests.real_store.store import RealStore

_SNAPSHOT = """
$row = array( 'id' => 1, 'resource' => $args['resource'], 'resource_id' => $args['id'] );
$row += array( 'status' => 'waiting', 'causes' => 'updated', 'generation' => 1, 'attempts' => 0 );
$row += array_fill_keys( array( 'first_failed_at', 'webhook_id', 'body', 'last_error' ), null );
$row += array( 'changed_at' => '2026-11-22 10:00:00', 'next_attempt' => '2026-11-22 10:00:00' );
return json_decode( ( new Regulars\\Snapshot() )->body( new Regulars\\OutboxRow( $row ) ), true );
"""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("hpos", marks=pytest.mark.xdist_group("snapshot_hpos")),
        pytest.param("posts", marks=pytest.mark.xdist_group("snapshot_posts")),
    ],
)
def store(request: pytest.FixtureRequest, new_real_store: NewRealStore, plugin_zip: Path) -> RealStore:
    """A store with the plugin, connected to nothing."""
    store = new_real_store(request.param)
    store.install_plugin(plugin_zip)
    return store


@pytest.fixture
def client(store: RealStore) -> Iterator[ShopClient]:
    with ShopClient(store.rest_url, store.consumer_key, store.consumer_secret) as client:
        yield client


@pytest.fixture
def shelf(store: RealStore) -> dict[str, int]:
    """A category below another, and a product on sale in it."""
    name = f"Household {len(store.api.get('products/categories', per_page=100))}"
    top = store.api.post("products/categories", {"name": name})["id"]
    below = store.api.post("products/categories", {"name": "Lamps", "parent": top})["id"]
    fields = {"name": "Lamp", "regular_price": "50.00", "sale_price": "45.00", "categories": [{"id": below}]}
    return {"top": top, "below": below, "lamp": store.api.post("products", fields)["id"]}


def delivered(store: RealStore, order_id: int) -> dict[str, Any]:
    body: dict[str, Any] = store.php(_SNAPSHOT, resource="order", id=order_id)
    assert body["type"] == "order.updated"
    data: dict[str, Any] = body["data"]
    return data


def looked_up(client: ShopClient, order_id: int) -> OrderState:
    """The order as a hint or a backfill finds it, with its products asked for."""
    state = orders.order(client, order_id)
    assert state is not None
    return replace(state, categories=products.categories(client, state.uncategorised))


def test_an_order_from_the_checkout_knows_what_was_on_sale_and_where(
    store: RealStore, client: ShopClient, shelf: dict[str, int]
) -> None:
    order_id = store.shopper("sale@store.example").buy(shelf["lamp"], 2)["order_id"]
    state = parse_order(delivered(store, order_id))

    assert state == looked_up(client, order_id)
    (line,) = state.lines
    assert (line.on_sale, line.categories) == (True, tuple(sorted((shelf["top"], shelf["below"]))))
    assert (state.country, state.categories) == ("US", {})


def test_what_was_written_down_at_checkout_is_not_shown_to_the_shopper(
    store: RealStore, shelf: dict[str, int]
) -> None:
    shopper = store.shopper("sale@store.example")
    order_id = shopper.buy(shelf["lamp"])["order_id"]
    shown = """
    $line = current( wc_get_order( $args['id'] )->get_items() );
    return wc_display_item_meta( $line, array( 'echo' => false ) );
    """

    assert "regulars" not in store.php(shown, id=order_id)


def test_a_price_that_is_regular_is_no_sale(store: RealStore, client: ShopClient) -> None:
    order_id = store.shopper("plain@store.example").buy(store.add_product("Book", "40.00"))["order_id"]
    state = parse_order(delivered(store, order_id))

    assert state == looked_up(client, order_id)
    assert not state.lines[0].on_sale


def test_refunds_of_lines_and_of_amounts_and_coupons_read_the_same(
    store: RealStore, client: ShopClient, shelf: dict[str, int]
) -> None:
    store.api.post("coupons", {"code": f"five{shelf['lamp']}", "discount_type": "fixed_cart", "amount": "5.00"})
    bought = store.shopper("refunds@store.example").buy(shelf["lamp"], 2, coupon=f"five{shelf['lamp']}")
    order_id = bought["order_id"]
    line = store.api.get(f"orders/{order_id}")["line_items"][0]
    back = {"id": line["id"], "quantity": 1, "refund_total": 30}
    store.api.post(f"orders/{order_id}/refunds", {"api_refund": False, "line_items": [back]})
    store.api.post(f"orders/{order_id}/refunds", {"api_refund": False, "amount": "2.50"})
    state = parse_order(delivered(store, order_id))

    assert state == looked_up(client, order_id)
    assert (state.lines[0].refunded, state.refunded) == (3_000, 3_250)
    assert all(refund.refunded_at for refund in state.refunds)
    assert state.coupon_discounts == {f"five{shelf['lamp']}": 500}


def test_an_order_made_by_hand_has_its_products_categories_of_today(
    store: RealStore, client: ShopClient, shelf: dict[str, int]
) -> None:
    made = store.api.post("orders", {"status": "processing", "line_items": [{"product_id": shelf["lamp"]}]})
    state = parse_order(delivered(store, made["id"]))

    assert state == looked_up(client, made["id"])
    assert state.categories == {shelf["lamp"]: {shelf["top"], shelf["below"]}}
    assert (state.lines[0].on_sale, state.lines[0].categories) == (False, None)


def test_a_product_that_is_gone_says_nothing_of_its_categories(
    store: RealStore, client: ShopClient, shelf: dict[str, int]
) -> None:
    made = store.api.post("orders", {"status": "processing", "line_items": [{"product_id": shelf["lamp"]}]})
    store.api.delete(f"products/{shelf['lamp']}")
    state = parse_order(delivered(store, made["id"]))

    assert state == looked_up(client, made["id"])
    assert state.categories == {}


def test_nothing_of_the_plugin_complains(store: RealStore) -> None:
    assert store.notices_of("regulars-for-woocommerce", "Regulars") == []
