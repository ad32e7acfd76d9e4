<?php
/**
 * A coupon in words.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * What a shopper is told of a coupon: what it gives, how often, and until when.
 */
final class CouponWords {

	/**
	 * The coupon as the template shows it.
	 *
	 * @param \WC_Coupon $coupon The coupon.
	 * @return array{code:string,gives:string,uses:string,expires:string} 'gives' is HTML.
	 */
	public static function of( \WC_Coupon $coupon ): array {
		$expires = $coupon->get_date_expires();
		return array(
			'code'    => $coupon->get_code(),
			'gives'   => self::gives( $coupon ),
			'uses'    => self::uses( (int) $coupon->get_usage_limit(), $coupon->get_usage_count() ),
			/* translators: %s: date */
			'expires' => $expires ? sprintf( __( 'Valid until %s', 'regulars-for-woocommerce' ), wc_format_datetime( $expires ) ) : __( 'No expiry date', 'regulars-for-woocommerce' ),
		);
	}

	/**
	 * What it gives, as HTML, and on which orders.
	 *
	 * @param \WC_Coupon $coupon The coupon.
	 */
	private static function gives( \WC_Coupon $coupon ): string {
		$gives = self::discount( $coupon );
		if ( $coupon->get_free_shipping() ) {
			/* translators: %s: what the coupon gives besides, for example "10% off" */
			$gives = (float) $coupon->get_amount() > 0 ? sprintf( esc_html__( '%s and free shipping', 'regulars-for-woocommerce' ), $gives ) : esc_html__( 'Free shipping', 'regulars-for-woocommerce' );
		}
		$minimum = (float) $coupon->get_minimum_amount();
		if ( $minimum > 0 ) {
			/* translators: 1: what the coupon gives, 2: amount of money */
			$gives = sprintf( esc_html__( '%1$s on orders of %2$s or more', 'regulars-for-woocommerce' ), $gives, wc_price( $minimum ) );
		}
		return $gives;
	}

	/**
	 * What it takes off, as HTML.
	 *
	 * @param \WC_Coupon $coupon The coupon.
	 */
	private static function discount( \WC_Coupon $coupon ): string {
		if ( $coupon->is_type( 'percent' ) ) {
			/* translators: %s: percentage, a number */
			return esc_html( sprintf( __( '%s%% off', 'regulars-for-woocommerce' ), wc_format_localized_decimal( wc_format_decimal( $coupon->get_amount(), false, true ) ) ) );
		}
		/* translators: %s: amount of money */
		return sprintf( esc_html__( '%s off', 'regulars-for-woocommerce' ), wc_price( $coupon->get_amount() ) );
	}

	/**
	 * How often it can be used.
	 *
	 * @param int $limit How often in all; 0 for no limit.
	 * @param int $count How often it was used.
	 */
	private static function uses( int $limit, int $count ): string {
		if ( 0 === $limit ) {
			return __( 'Can be used as often as you like', 'regulars-for-woocommerce' );
		}
		if ( 1 === $limit ) {
			return __( 'Can be used once', 'regulars-for-woocommerce' );
		}
		/* translators: %s: number */
		return sprintf( __( 'Uses left: %s', 'regulars-for-woocommerce' ), number_format_i18n( $limit - $count ) );
	}
}
