<?php
/**
 * Orders whose payment failed and that are paid after all.
 *
 * @package Regulars
 */

namespace Regulars;

use Automattic\WooCommerce\StoreApi\Exceptions\RouteException;

defined( 'ABSPATH' ) || exit;

/**
 * Keeps an order whose payment failed from being paid when another order has used its coupon made of points since.
 *
 * WooCommerce frees the coupon when the payment fails, and does not look again when the order is paid after all, neither
 * on the page My account → Orders → Pay nor where the same is asked of the Store API.
 */
final class PayingAfterAll {

	/**
	 * Registers the two ways to pay an order there is. The second hook belongs to the Store API since WooCommerce 7.2; in a
	 * new checkout it comes when the order is pending again and its coupons were looked at.
	 */
	public function register(): void {
		add_action( 'woocommerce_before_pay_action', array( $this, 'on_the_page' ) );
		add_action( 'woocommerce_store_api_checkout_order_processed', array( $this, 'in_the_store_api' ) );
	}

	/**
	 * Stops the page where an order is paid: it goes no further after a notice of an error.
	 *
	 * @param \WC_Order $order The order about to be paid.
	 */
	public function on_the_page( $order ): void {
		$problem = $this->problem( $order );
		if ( '' !== $problem ) {
			wc_add_notice( esc_html( $problem ), 'error' );
		}
	}

	/**
	 * Stops the Store API.
	 *
	 * @param \WC_Order $order The order about to be paid.
	 * @throws RouteException When the order cannot be paid: WooCommerce answers with the sentence.
	 */
	public function in_the_store_api( $order ): void {
		$problem = $this->problem( $order );
		if ( '' !== $problem ) {
			throw new RouteException( 'regulars_coupon_used', esc_html( $problem ), 400 );
		}
	}

	/**
	 * Why the order cannot be paid, as a sentence, or an empty string. Where a shop keeps the coupon counted for failed
	 * orders, the use there is may be this order's own.
	 *
	 * @param \WC_Order $order The order.
	 */
	private function problem( $order ): string {
		if ( ! $order->has_status( 'failed' ) || $order->get_data_store()->get_recorded_coupon_usage_counts( $order ) ) {
			return '';
		}
		foreach ( $order->get_coupon_codes() as $code ) {
			$coupon = new \WC_Coupon( $code );
			$limit  = (int) $coupon->get_usage_limit();
			if ( '' !== (string) $coupon->get_meta( RedemptionCoupon::META ) && $limit > 0 && $coupon->get_usage_count() >= $limit ) {
				/* translators: %s: coupon code */
				return sprintf( __( 'The coupon %s of this order was used for another one. Please place a new order.', 'regulars-for-woocommerce' ), $code );
			}
		}
		return '';
	}
}
