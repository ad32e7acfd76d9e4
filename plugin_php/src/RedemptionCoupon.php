<?php
/**
 * The coupon that points were turned into.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Makes the coupon at once, so that the shopper need not wait for the connector, which would make the same one.
 *
 * WooCommerce looks whether a code is free and saves then, so two requests at the same time could both make it. Here
 * and over the REST API alike a coupon of ours is made only by who holds the lock of its code.
 */
final class RedemptionCoupon {

	public const META          = 'regulars_redemption';
	public const CURRENCY_META = 'regulars_currency';

	private const PATIENCE = 5;

	/**
	 * Registers what holds for these coupons wherever they come from.
	 */
	public function register(): void {
		add_filter( 'woocommerce_rest_pre_insert_shop_coupon_object', array( $this, 'only_once' ), 10, 3 );
		add_action( 'woocommerce_rest_insert_shop_coupon_object', array( $this, 'was_made' ) );
		add_filter( 'woocommerce_coupon_is_valid', array( $this, 'only_in_its_currency' ), 10, 3 );
	}

	/**
	 * The coupon of a redemption: the one there is, or a new one. Null when that cannot be.
	 *
	 * @param array<string,mixed> $terms The coupon as wc/v3 would take it.
	 */
	public function ensure( array $terms ): ?\WC_Coupon {
		$code = wc_format_coupon_code( isset( $terms['code'] ) && is_string( $terms['code'] ) ? $terms['code'] : '' );
		if ( '' === $code || ! $this->is_for_one_person( $terms ) || ! $this->lock( $code ) ) {
			return null;
		}
		try {
			$id = $this->find( $code );
			return $id ? $this->ours( $id, $terms ) : $this->make( $code, $terms );
		} finally {
			$this->unlock( $code );
		}
	}

	/**
	 * Keeps the REST API from making a coupon of ours that was made meanwhile.
	 *
	 * @param \WC_Coupon       $coupon   The coupon about to be saved.
	 * @param \WP_REST_Request $request  The request.
	 * @param bool             $creating Whether it is a new one.
	 * @return \WC_Coupon|\WP_Error
	 */
	public function only_once( $coupon, $request, $creating ) {
		if ( ! $creating || ! $coupon instanceof \WC_Coupon || '' === (string) $coupon->get_meta( self::META ) ) {
			return $coupon;
		}
		if ( ! $this->lock( $coupon->get_code() ) ) {
			return new \WP_Error( 'regulars_coupon_busy', 'This coupon is being made.', array( 'status' => 503 ) );
		}
		if ( $this->find( $coupon->get_code() ) ) {
			$this->unlock( $coupon->get_code() );
			return new \WP_Error( 'woocommerce_rest_coupon_code_already_exists', 'The coupon code already exists', array( 'status' => 400 ) );
		}
		return $coupon;
	}

	/**
	 * Lets go of the lock after the REST API has saved a coupon.
	 *
	 * @param \WC_Coupon $coupon The coupon.
	 */
	public function was_made( $coupon ): void {
		if ( $coupon instanceof \WC_Coupon && '' !== (string) $coupon->get_meta( self::META ) ) {
			$this->unlock( $coupon->get_code() );
		}
	}

	/**
	 * Keeps points from changing their worth where the shop shows several currencies.
	 *
	 * @param bool          $valid     Whether the coupon may be used so far.
	 * @param \WC_Coupon    $coupon    The coupon.
	 * @param \WC_Discounts $discounts What it is to be used on.
	 * @throws \Exception When the cart or order is in another currency: WooCommerce shows the sentence.
	 */
	public function only_in_its_currency( $valid, $coupon, $discounts ): bool {
		$currency = (string) $coupon->get_meta( self::CURRENCY_META );
		$order    = $discounts->get_object();
		$used_in  = $order instanceof \WC_Order ? $order->get_currency() : get_woocommerce_currency();
		if ( $valid && '' !== $currency && $currency !== $used_in ) {
			/* translators: %s: currency code, for example USD */
			throw new \Exception( esc_html( sprintf( __( 'A coupon made of points can be used in %s only.', 'regulars-for-woocommerce' ), $currency ) ) );
		}
		return (bool) $valid;
	}

	/**
	 * Whether the coupon is bound to an address that WordPress will keep as it is. One bound to nobody is everybody's.
	 *
	 * @param array<string,mixed> $terms The terms.
	 */
	private function is_for_one_person( array $terms ): bool {
		$emails = isset( $terms['email_restrictions'] ) && is_array( $terms['email_restrictions'] ) ? $terms['email_restrictions'] : array();
		$email  = 1 === count( $emails ) ? (string) reset( $emails ) : '';
		return '' !== $email && false === strpos( $email, '*' ) && is_email( $email ) && sanitize_email( $email ) === $email;
	}

	/**
	 * Makes the coupon.
	 *
	 * @param string              $code  Its code.
	 * @param array<string,mixed> $terms Its terms.
	 */
	private function make( string $code, array $terms ): ?\WC_Coupon {
		$coupon = new \WC_Coupon();
		$coupon->set_code( $code );
		$failed = $coupon->set_props(
			array(
				'discount_type'               => 'fixed_cart',
				'amount'                      => $terms['amount'] ?? '',
				'minimum_amount'              => $terms['minimum_amount'] ?? '',
				'description'                 => sanitize_text_field( (string) ( $terms['description'] ?? '' ) ),
				'email_restrictions'          => $terms['email_restrictions'],
				'date_expires'                => $terms['date_expires'] ?? null,
				'individual_use'              => true,
				'usage_limit'                 => 1,
				'exclude_sale_items'          => ! empty( $terms['exclude_sale_items'] ),
				'excluded_product_ids'        => (array) ( $terms['excluded_product_ids'] ?? array() ),
				'excluded_product_categories' => (array) ( $terms['excluded_product_categories'] ?? array() ),
			)
		);
		foreach ( (array) ( $terms['meta_data'] ?? array() ) as $entry ) {
			if ( is_array( $entry ) && in_array( $entry['key'] ?? '', array( self::META, self::CURRENCY_META ), true ) ) {
				$coupon->update_meta_data( $entry['key'], (string) $entry['value'] );
			}
		}
		if ( is_wp_error( $failed ) || '' === (string) $coupon->get_meta( self::META ) || (float) $coupon->get_amount() <= 0 ) {
			return null;
		}
		return $coupon->save() ? $coupon : null;
	}

	/**
	 * A coupon there is, if it is the one of this redemption.
	 *
	 * @param int                 $id    Its id.
	 * @param array<string,mixed> $terms The terms.
	 */
	private function ours( int $id, array $terms ): ?\WC_Coupon {
		$coupon = new \WC_Coupon( $id );
		foreach ( (array) ( $terms['meta_data'] ?? array() ) as $entry ) {
			if ( is_array( $entry ) && self::META === ( $entry['key'] ?? '' ) ) {
				return (string) $coupon->get_meta( self::META ) === (string) $entry['value'] ? $coupon : null;
			}
		}
		return null;
	}

	/**
	 * Id of the coupon with a code as the database has it now, past every cache; 0 when there is none.
	 *
	 * @param string $code The code.
	 */
	private function find( string $code ): int {
		$ids = \WC_Data_Store::load( 'coupon' )->get_ids_by_code( $code );
		return $ids ? (int) reset( $ids ) : 0;
	}

	/**
	 * Takes the lock of a code, which ends with the request at the latest.
	 *
	 * @param string $code The code.
	 */
	private function lock( string $code ): bool {
		global $wpdb;
		return '1' === (string) $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK(%s, %d)', $this->lock_name( $code ), self::PATIENCE ) ); // phpcs:ignore WordPress.DB
	}

	/**
	 * Gives the lock of a code back.
	 *
	 * @param string $code The code.
	 */
	private function unlock( string $code ): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( 'SELECT RELEASE_LOCK(%s)', $this->lock_name( $code ) ) ); // phpcs:ignore WordPress.DB
	}

	/**
	 * Name of a code's lock: one for all sites of the database server, so the site is part of it.
	 *
	 * @param string $code The code.
	 */
	private function lock_name( string $code ): string {
		global $wpdb;
		return 'regulars_' . md5( DB_NAME . $wpdb->prefix . $code );
	}
}
