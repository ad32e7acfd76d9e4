<?php
/**
 * Customers who send their friends.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Remembers whose link a visitor followed, and writes it on the order they place. Who is rewarded for it, and whether,
 * is decided by the connector. The code in a link is a user's id with a seal, so that nobody can guess another's.
 */
final class Referrals {

	public const META      = '_regulars_referrer';
	public const PARAMETER = 'regulars_ref';
	public const PROMISED  = 'regulars_invite';

	private const COOKIE = 'regulars_ref';
	private const DAYS   = 30;

	/**
	 * Registers the hooks: WooCommerce's classic checkout has one, its blocks have another.
	 */
	public function register(): void {
		add_action( 'template_redirect', array( $this, 'remember' ), 5 );
		add_action( 'woocommerce_checkout_create_order', array( $this, 'write' ) );
		add_action( 'woocommerce_store_api_checkout_update_order_meta', array( $this, 'write' ) );
		add_action( 'woocommerce_account_' . MyAccount::ENDPOINT . '_endpoint', array( $this, 'print_link' ), 20 );
	}

	/**
	 * Prints the shopper's own link below their rewards, where the connector says that bringing friends is rewarded.
	 */
	public function print_link(): void {
		$promised = json_decode( (string) get_user_meta( get_current_user_id(), self::PROMISED, true ), true );
		if ( ! is_array( $promised ) ) {
			return;
		}
		wc_get_template(
			'myaccount/regulars-invite.php',
			array(
				'link'   => self::link( get_current_user_id() ),
				'you'    => absint( $promised['you'] ?? 0 ),
				'friend' => absint( $promised['friend'] ?? 0 ),
			),
			'',
			dirname( REGULARS_FILE ) . '/templates/'
		);
	}

	/**
	 * The link that a user may send to friends.
	 *
	 * @param int $user_id The user.
	 */
	public static function link( int $user_id ): string {
		return add_query_arg( self::PARAMETER, self::code( $user_id ), home_url( '/' ) );
	}

	/**
	 * The code of a user.
	 *
	 * @param int $user_id The user.
	 */
	public static function code( int $user_id ): string {
		return $user_id . '-' . substr( hash_hmac( 'sha256', 'regulars referral ' . $user_id, wp_salt( 'auth' ) ), 0, 12 );
	}

	/**
	 * The user of a code, 0 where it is nobody's.
	 *
	 * @param string $code The code.
	 */
	public static function user( string $code ): int {
		$user_id = absint( strtok( $code, '-' ) );
		return $user_id > 0 && hash_equals( self::code( $user_id ), $code ) && get_userdata( $user_id ) ? $user_id : 0;
	}

	/**
	 * Keeps the code of a link that was followed, in a cookie of the shop's own.
	 */
	public function remember(): void {
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- a link from anywhere; it changes nothing but a cookie.
		$code = isset( $_GET[ self::PARAMETER ] ) ? sanitize_text_field( wp_unslash( $_GET[ self::PARAMETER ] ) ) : '';
		if ( '' !== $code && self::user( $code ) > 0 && ! headers_sent() ) {
			wc_setcookie( self::COOKIE, $code, time() + self::DAYS * DAY_IN_SECONDS, is_ssl(), true );
		}
	}

	/**
	 * Writes on a new order who sent its customer. The order is saved by WooCommerce.
	 *
	 * @param \WC_Order $order The order.
	 */
	public function write( $order ): void {
		$code    = isset( $_COOKIE[ self::COOKIE ] ) ? sanitize_text_field( wp_unslash( $_COOKIE[ self::COOKIE ] ) ) : '';
		$user_id = '' === $code ? 0 : self::user( $code );
		if ( $user_id > 0 && get_current_user_id() !== $user_id && (int) $order->get_customer_id() !== $user_id ) {
			$order->update_meta_data( self::META, (string) $user_id );
		}
	}
}
