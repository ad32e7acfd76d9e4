"""An order whose payment failed may be paid later: what has become of the coupon it used meanwhile?"""

from __future__ import annotations

from tests.real_store.store import RealStore

_CODE = "again4abcd23"
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
    terms = {
        "code": _CODE,
        "discount_type": "fixed_cart",
        "amount": "5.00",
        "usage_limit": 1,
        "email_restrictions": ["rolf@store.example"],
        "meta_data": [{"key": "regulars_redemption", "value": "redemption:4712"}],
    }
    store.api.post("coupons", terms)
    lamp = store.add_product("Lamp", "50.00")
    assert store.php(_TELL, email="rolf@store.example", product=lamp, coupon=_CODE) == {
        "used by another": [f"The coupon {_CODE} of this order was used for another one. Please place a new order."],
        "free again": [],
        "unlimited": [],
        "used by itself": [],
        "uses": 1,
    }
