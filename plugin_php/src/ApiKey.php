<?php
/**
 * The WooCommerce REST key the connector works with.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * A key just made. The key itself is known only here, once; WooCommerce keeps its hash.
 */
final class ApiKey {

	/**
	 * Id of the row in WooCommerce's table.
	 *
	 * @var int
	 */
	public $id;

	/**
	 * Consumer key, 'ck_…'.
	 *
	 * @var string
	 */
	public $key;

	/**
	 * Consumer secret, 'cs_…'.
	 *
	 * @var string
	 */
	public $secret;

	/**
	 * Hash of the consumer key.
	 *
	 * @var string
	 */
	public $hash;

	/**
	 * Makes a read/write key for the current user, or returns null when the database refuses.
	 */
	public static function create(): ?self {
		global $wpdb;
		$made         = new self();
		$made->key    = 'ck_' . wc_rand_hash();
		$made->secret = 'cs_' . wc_rand_hash();
		$made->hash   = wc_api_hash( $made->key );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- WooCommerce has no function for this.
		$written  = $wpdb->insert(
			$wpdb->prefix . 'woocommerce_api_keys',
			array(
				'user_id'         => get_current_user_id(),
				'description'     => 'Regulars',
				'permissions'     => 'read_write',
				'consumer_key'    => $made->hash,
				'consumer_secret' => $made->secret,
				'truncated_key'   => substr( $made->key, -7 ),
			)
		);
		$made->id = (int) $wpdb->insert_id;
		return $written ? $made : null;
	}

	/**
	 * Revokes a key.
	 *
	 * @param int $id Id of the row; 0 does nothing.
	 */
	public static function revoke( int $id ): void {
		global $wpdb;
		if ( $id > 0 ) {
			$wpdb->delete( $wpdb->prefix . 'woocommerce_api_keys', array( 'key_id' => $id ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
		}
	}

	/**
	 * Whether this request carries the key with that hash. WooCommerce has checked the secret by the time data changes.
	 *
	 * @param string $hash Hash of a consumer key.
	 */
	public static function is_used_by_request( string $hash ): bool {
		// phpcs:disable WordPress.Security -- compared by hash only, never stored or printed.
		$key = $_SERVER['PHP_AUTH_USER'] ?? $_GET['oauth_consumer_key'] ?? $_GET['consumer_key'] ?? '';
		// phpcs:enable
		return '' !== $hash && is_string( $key ) && '' !== $key && hash_equals( $hash, wc_api_hash( $key ) );
	}
}
