"""What is bought, refunded, cancelled, trashed and restored comes back as points and a tier, exactly."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.e2e.conftest import PASSWORD, NewCustomer
from tests.e2e.world import World

Product = Callable[[str], int]


def test_a_checkout_of_a_registered_customer_earns_points_and_a_tier(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("rosa@store.example")
    answer = world.store.shopper("rosa@store.example").log_in(PASSWORD).buy(product("600.75"), 2)
    assert answer["customer_id"] == customer
    world.settled(customer, points="1201", tier="silver")

    def is_scored() -> None:
        meta = world.store.customer_meta(customer)
        assert re.fullmatch("[1-5]{3}", meta.get("regulars_rfm", ""))
        assert meta.get("regulars_segment") in {"new", "promising", "potential_loyalist", "loyal", "champions"}

    world.eventually(is_scored)


def test_an_order_made_through_the_api_counts_like_any_other(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("alma@store.example")
    order = world.api.post(
        "orders",
        {
            "customer_id": customer,
            "billing": {"email": "alma@store.example"},
            "set_paid": True,
            "line_items": [{"product_id": product("80.00"), "quantity": 1}],
        },
    )
    assert order["status"] == "processing"
    world.settled(customer, points="80", tier="member")


def test_orders_add_up_to_gold(world: World, product: Product, new_customer: NewCustomer) -> None:
    customer = new_customer("gwen@store.example")
    shopper = world.store.shopper("gwen@store.example").log_in(PASSWORD)
    shopper.buy(product("2500.00"))
    shopper.buy(product("2499.99"))
    world.settled(customer, points="4999", tier="silver")
    shopper.buy(product("1.00"))
    world.settled(customer, points="5000", tier="gold")


def test_a_partial_refund_takes_back_its_share_and_the_tier(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("pia@store.example")
    order = world.store.shopper("pia@store.example").log_in(PASSWORD).buy(product("1200.00"))
    world.settled(customer, points="1200", tier="silver")
    world.api.post(f"orders/{order['order_id']}/refunds", {"amount": "300.50", "api_refund": False})
    world.settled(customer, points="899", tier="member")


def test_a_deleted_refund_gives_back_what_it_took(world: World, product: Product, new_customer: NewCustomer) -> None:
    customer = new_customer("nils@store.example")
    order = world.store.shopper("nils@store.example").log_in(PASSWORD).buy(product("100.00"))
    refund = world.api.post(f"orders/{order['order_id']}/refunds", {"amount": "40.00", "api_refund": False})
    world.settled(customer, points="60")
    world.api.delete(f"orders/{order['order_id']}/refunds/{refund['id']}", force=True)
    world.settled(customer, points="100")


def test_a_line_refunded_a_second_refund_and_its_deletion_a_cancellation_and_its_end_are_exact_each_time(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("lena-of-lines@store.example")
    order_id = (
        world.store.shopper("lena-of-lines@store.example").log_in(PASSWORD).buy(product("40.00"), 3)["order_id"]
    )
    world.settled(customer, points="120")
    (line,) = world.api.get(f"orders/{order_id}")["line_items"]
    one_piece = {"line_items": [{"id": line["id"], "quantity": 1, "refund_total": 40}], "api_refund": False}
    world.api.post(f"orders/{order_id}/refunds", one_piece)
    world.settled(customer, points="80")
    second = world.api.post(f"orders/{order_id}/refunds", {"amount": "15.50", "api_refund": False})
    world.settled(customer, points="64")
    world.api.delete(f"orders/{order_id}/refunds/{second['id']}", force=True)
    world.settled(customer, points="80")
    world.api.put(f"orders/{order_id}", {"status": "cancelled"})
    world.settled(customer, points="0")
    world.api.put(f"orders/{order_id}", {"status": "completed"})
    world.settled(customer, points="80")


def test_a_full_refund_takes_back_every_point_and_the_coupon(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("fred@store.example")
    order = world.store.shopper("fred@store.example").log_in(PASSWORD).buy(product("250.00"))
    world.settled(customer, points="250")
    world.code_of(customer)
    world.api.post(f"orders/{order['order_id']}/refunds", {"amount": "250.00", "api_refund": False})
    assert world.api.get(f"orders/{order['order_id']}")["status"] == "refunded"
    world.settled(customer, points="0", tier="member", coupons="[]")
    world.no_coupon_left("fred@store.example")


def test_a_cancelled_order_earns_nothing_and_earns_again_when_it_goes_ahead(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("cara@store.example")
    order = world.store.shopper("cara@store.example").log_in(PASSWORD).buy(product("75.00"))
    world.settled(customer, points="75")
    world.api.put(f"orders/{order['order_id']}", {"status": "cancelled"})
    world.settled(customer, points="0")
    world.api.put(f"orders/{order['order_id']}", {"status": "completed"})
    world.settled(customer, points="75")


def test_a_trashed_order_loses_its_points_and_a_restored_one_has_them_again(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("tina@store.example")
    order = world.store.shopper("tina@store.example").log_in(PASSWORD).buy(product("1500.00"))
    world.settled(customer, points="1500", tier="silver")
    code = world.code_of(customer)
    world.api.delete(f"orders/{order['order_id']}")
    world.settled(customer, points="0", tier="member", coupons="[]")
    world.store.php("return wc_get_order( $args['id'] )->untrash();", id=order["order_id"])
    world.settled(customer, points="1500", tier="silver")
    assert world.code_of(customer) == code
    assert world.coupon_code_for("tina@store.example") == code


def test_an_order_deleted_for_good_loses_its_points(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("dean@store.example")
    order = world.store.shopper("dean@store.example").log_in(PASSWORD).buy(product("90.00"))
    world.settled(customer, points="90")
    world.api.delete(f"orders/{order['order_id']}", force=True)
    world.settled(customer, points="0")


def test_a_guest_who_opens_an_account_at_the_next_checkout_keeps_the_points(world: World, product: Product) -> None:
    world.store.shopper("Gil@Store.example").buy(product("150.00"))
    answer = world.store.shopper("gil@store.example").buy(product("20.00"), password=PASSWORD)
    assert answer["customer_id"] > 0
    world.settled(answer["customer_id"], points="170")


def test_a_guest_order_made_through_the_api_is_kept_for_the_account_opened_later(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    world.api.post(
        "orders",
        {
            "billing": {"email": "gus@store.example"},
            "set_paid": True,
            "line_items": [{"product_id": product("80.00"), "quantity": 2}],
        },
    )
    code = world.coupon_code_for("gus@store.example")
    customer = new_customer("gus@store.example")
    world.settled(customer, points="160", tier="member")
    assert world.code_of(customer) == code
    assert world.coupon_code_for("gus@store.example") == code
