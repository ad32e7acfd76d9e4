"""What the plugin delivers of an order is what the connector reads of it over wc/v3, on a real store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests

from connector.domain.orders import OrderState
from connector.shop import orders, products
from connector.shop.client import ShopClient
from connector.shop.customers import customer
from connector.shop.payloads import parse_customer, parse_order, parse_review
from tests.e2e.conftest import PASSWORD
from tests.real_store.shopper import Shopper
from tests.real_store.store import RealStore

_SNAPSHOT = """
$row = array( 'id' => 1, 'resource' => $args['resource'], 'resource_id' => $args['id'] );
$row += array( 'status' => 'waiting', 'causes' => 'updated', 'generation' => 1, 'attempts' => 0 );
$row += array_fill_keys( array( 'first_failed_at', 'webhook_id', 'body', 'last_error' ), null );
$row += array( 'changed_at' => '2026-11-22 10:00:00', 'next_attempt' => '2026-11-22 10:00:00' );
return json_decode( ( new Regulars\\Snapshot() )->body( new Regulars\\OutboxRow( $row ) ), true );
"""

# Without its site the connection counts as that of another place, so nothing is ever sent.
_CONNECT = """
$open = array( 'state' => 'connected', 'address' => 'http://127.0.0.1:9' );
update_option( Regulars\\Connection::OPTION, $open, true );
"""


@pytest.fixture
def client(store: RealStore) -> Iterator[ShopClient]:
    with ShopClient(store.rest_url, store.consumer_key, store.consumer_secret) as client:
        yield client


@pytest.fixture
def connected(store: RealStore) -> None:
    """The plugin takes itself for connected; nothing is sent, because nobody runs the queue."""
    store.php(_CONNECT)


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
    shopper = store.shopper("written@store.example")
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


def customer_body(store: RealStore, customer_id: int) -> dict[str, Any]:
    data: dict[str, Any] = store.php(_SNAPSHOT, resource="customer", id=customer_id)["data"]
    return data


def waiting(store: RealStore, resource: str) -> list[int]:
    """What the plugin has noted to be sent."""
    code = """
    global $wpdb;
    $table = Regulars\\OutboxTable::name();
    $query = "SELECT resource_id FROM {$table} WHERE resource = %s";
    return $wpdb->get_col( $wpdb->prepare( $query, $args['resource'] ) );
    """
    return [int(number) for number in store.php(code, resource=resource)]


def test_a_customer_tells_birthday_and_consent_under_my_account(
    store: RealStore, client: ShopClient, connected: None
) -> None:
    ann = store.add_customer(f"ann.{store.storage}@store.example", PASSWORD)
    shopper = store.shopper(f"ann.{store.storage}@store.example").log_in(PASSWORD)
    assert saved(shopper, store, {}).ok
    assert customer(client, ann) == parse_customer(customer_body(store, ann))
    state = customer(client, ann)
    assert state is not None
    assert (state.birthday, state.consent) == (None, None)

    told = {"regulars_birth_month": "2", "regulars_birth_day": "29", "regulars_offers": "yes"}
    saved(shopper, store, told)
    state = customer(client, ann)
    assert state == parse_customer(customer_body(store, ann))
    assert state is not None
    assert (state.birthday, state.consent) == ("02-29", True)
    assert ann in waiting(store, "customer")

    page = saved(shopper, store, {"regulars_birth_month": "2", "regulars_birth_day": "30"})
    assert "Please choose both month and day of your birthday, or neither." in page.text
    saved(shopper, store, {"regulars_birth_month": "0", "regulars_birth_day": "0"})
    state = customer(client, ann)
    assert state is not None
    assert (state.birthday, state.consent) == (None, False)


def saved(shopper: Shopper, store: RealStore, told: dict[str, str]) -> requests.Response:
    """Fill in Account details and press Save; returns the page that follows."""
    address = str(store.php("return wc_get_account_endpoint_url( 'edit-account' );"))
    form = shopper._session.get(address, timeout=60).text
    nonce = re.search(r'name="save-account-details-nonce" value="(\w+)"', form)
    assert nonce is not None
    assert 'name="regulars_birth_month"' in form
    fields = {
        "account_first_name": "Ann",
        "account_last_name": "Example",
        "account_display_name": "Ann",
        "account_email": shopper.email,
        "regulars_about_you": "1",
        "regulars_birth_month": "0",
        "regulars_birth_day": "0",
        "save-account-details-nonce": nonce[1],
        "action": "save_account_details",
    }
    return shopper._session.post(address, data=fields | told, timeout=60)


def test_who_sent_a_friend_is_known_by_the_friends_order(
    store: RealStore, client: ShopClient, connected: None
) -> None:
    ann = store.add_customer(f"sender.{store.storage}@store.example", PASSWORD)
    link = str(store.php("return Regulars\\Referrals::link( $args['id'] );", id=ann))
    book = store.add_product("Book", "40.00")
    friend = store.shopper("friend@store.example")
    friend._session.get(link, timeout=60)
    state = parse_order(delivered(store, friend.buy(book)["order_id"]))
    assert state.referrer_wc_id == ann
    assert state == looked_up(client, state.wc_id)
    store.php("WC_Privacy_Erasers::remove_order_personal_data( wc_get_order( $args['id'] ) );", id=state.wc_id)
    assert parse_order(delivered(store, state.wc_id)).referrer_wc_id == 0

    forged = store.shopper("forger@store.example")
    forged._session.get(f"{store.url}/?regulars_ref={ann}-000000000000", timeout=60)
    assert parse_order(delivered(store, forged.buy(book)["order_id"])).referrer_wc_id == 0

    herself = store.shopper(f"sender.{store.storage}@store.example").log_in(PASSWORD)
    herself._session.get(link, timeout=60)
    assert parse_order(delivered(store, herself.buy(book)["order_id"])).referrer_wc_id == 0


def test_a_review_is_delivered_while_it_is_shown(store: RealStore, connected: None) -> None:
    ann = store.add_customer(f"critic.{store.storage}@store.example", PASSWORD)
    book = store.add_product("Book", "40.00")
    write = """
    return wp_insert_comment( array( 'comment_post_ID' => $args['product'], 'user_id' => $args['user'],
        'comment_type' => $args['type'], 'comment_approved' => $args['shown'], 'comment_content' => 'Good' ) );
    """
    review = int(store.php(write, product=book, user=ann, type="review", shown=1))
    for user, kind, shown in ((ann, "comment", 1), (0, "review", 1), (ann, "review", 0)):
        store.php(write, product=book, user=user, type=kind, shown=shown)
    assert waiting(store, "review") == [review]

    body = store.php(_SNAPSHOT, resource="review", id=review)
    state = parse_review(body["data"])
    assert (body["type"], state.product_id, state.wc_customer_id) == ("review.approved", book, ann)

    store.php("( new Regulars\\Outbox() )->clear();")
    for act, told in (("wp_trash_post", "review.withdrawn"), ("wp_untrash_post", "review.approved")):
        store.php(f"{act}( $args['id'] );", id=book)
        assert waiting(store, "review") == [review]
        assert store.php(_SNAPSHOT, resource="review", id=review)["type"] == told
        store.php("( new Regulars\\Outbox() )->clear();")

    for hide in ("wp_set_comment_status( $args['id'], 'hold' );", "wp_delete_comment( $args['id'], true );"):
        store.php(hide, id=review)
        assert store.php(_SNAPSHOT, resource="review", id=review) | {"observed_at": "", "causes": []} == {
            "type": "review.withdrawn",
            "observed_at": "",
            "causes": [],
            "data": {"id": review},
        }


def test_nothing_of_the_plugin_complains(store: RealStore) -> None:
    assert store.notices_of("regulars-for-woocommerce", "Regulars") == []
