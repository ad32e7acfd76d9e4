"""An order whose payment failed may be paid later: what has become of the coupon it used meanwhile?"""

from __future__ import annotations

import pytest

from tests.real_store.api import StoreAnswerError
from tests.real_store.store import RealStore

_CODE = "again4abcd23"
_PLACE = """
$order = new WC_Order();
$order->set_billing_email( $args['email'] );
$order->add_product( wc_get_product( $args['product'] ), 2 );
$order->calculate_totals();
$order->apply_coupon( $args['coupon'] );
$order->set_status( $args['status'] );
$order->save();
return array( $order->get_id(), $order->get_order_key() );
"""
_TELL = """
WC()->initialize_session();
$place = static function ( $status ) use ( $args ) {
    $order = new WC_Order();
    $order->set_billing_email( $args['email'] );
    $order->add_product( wc_get_product( $args['product'] ), 2 );
    $order->calculate_totals();
    $order->apply_coupon( $args['coupon'] );
    $order->set_status( $status );
    $order->save();
    return $order;
};
$limit = static function ( $uses ) use ( $args ) {
    $coupon = new WC_Coupon( $args['coupon'] );
    $coupon->set_usage_limit( $uses );
    $coupon->save();
};
$failed = $place( 'failed' )->get_id();
$told   = static function () use ( $failed ) {
    do_action( 'woocommerce_before_pay_action', wc_get_order( $failed ) );
    $notices = array_column( wc_get_notices( 'error' ), 'notice' );
    wc_clear_notices();
    return $notices;
};
$other = $place( 'processing' );
$said  = array( 'used by another' => $told() );
$other->update_status( 'cancelled' );
$said['free again'] = $told();
$limit( 0 );
$said['unlimited'] = $told();
$limit( 1 );
add_filter(
    'woocommerce_update_coupon_usage_invalid_statuses',
    static function () {
        return array( 'cancelled', 'trash' );
    }
);
foreach ( array( 'pending', 'failed' ) as $status ) {
    wc_get_order( $failed )->update_status( $status );
}
$said['used by itself'] = $told();
$said['uses']           = ( new WC_Coupon( $args['coupon'] ) )->get_usage_count();
return $said;
"""


def test_a_failed_order_is_paid_after_all_unless_another_has_used_its_coupon_since(
    store: RealStore,
) -> None:
    _coupon_of_points(store, _CODE, "late@store.example")
    lamp = store.add_product("Lamp", "50.00")
    assert store.php(_TELL, email="late@store.example", product=lamp, coupon=_CODE) == {
        "used by another": [f"The coupon {_CODE} of this order was used for another one. Please place a new order."],
        "free again": [],
        "unlimited": [],
        "used by itself": [],
        "uses": 1,
    }


def test_nor_can_it_be_paid_by_asking_the_store_api(store: RealStore) -> None:
    code, email = "again4abcd24", "rune@store.example"
    _coupon_of_points(store, code, email)
    lamp = store.add_product("Lamp", "50.00")
    failed, key = store.php(_PLACE, email=email, product=lamp, coupon=code, status="failed")
    other, _ = store.php(_PLACE, email=email, product=lamp, coupon=code, status="processing")
    shopper = store.shopper(email)
    with pytest.raises(StoreAnswerError, match=f"The coupon {code} of this order was used for another one"):
        shopper.pay(failed, key)
    assert store.api.get(f"orders/{failed}")["status"] == "failed"
    store.api.put(f"orders/{other}", {"status": "cancelled"})
    assert shopper.pay(failed, key)["status"] == "processing"


def _coupon_of_points(store: RealStore, code: str, email: str) -> None:
    terms = {
        "code": code,
        "discount_type": "fixed_cart",
        "amount": "5.00",
        "usage_limit": 1,
        "email_restrictions": [email],
        "meta_data": [{"key": "regulars_redemption", "value": f"redemption:{code}"}],
    }
    store.api.post("coupons", terms)
