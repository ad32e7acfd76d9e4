<?php
/**
 * Notices changes of customers.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Listens to WooCommerce's customer hooks, and to WordPress's user hooks for those who are customers.
 */
final class CustomerWatcher {

	/**
	 * Where changes are noted.
	 *
	 * @var Changes
	 */
	private $changes;

	/**
	 * The connection.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * Takes where changes are noted.
	 *
	 * @param Changes    $changes    Where changes are noted.
	 * @param Connection $connection The connection.
	 */
	public function __construct( Changes $changes, Connection $connection ) {
		$this->changes    = $changes;
		$this->connection = $connection;
	}

	/**
	 * Registers the hooks.
	 */
	public function register(): void {
		add_action( 'woocommerce_created_customer', array( $this, 'created' ) );
		add_action( 'woocommerce_new_customer', array( $this, 'created' ) );
		add_action( 'woocommerce_update_customer', array( $this, 'updated' ) );
		add_action( 'user_register', array( $this, 'user_created' ) );
		add_action( 'profile_update', array( $this, 'user_updated' ) );
		add_action( 'set_user_role', array( $this, 'user_updated' ) );
		add_action( 'deleted_user', array( $this, 'deleted' ) );
		add_action( 'added_user_meta', array( $this, 'meta_changed' ), 10, 3 );
		add_action( 'updated_user_meta', array( $this, 'meta_changed' ), 10, 3 );
		add_action( 'deleted_user_meta', array( $this, 'meta_changed' ), 10, 3 );
	}

	/**
	 * A new customer.
	 *
	 * @param int $id User id.
	 */
	public function created( $id ): void {
		$this->changes->note( 'customer', (int) $id, 'created' );
	}

	/**
	 * A saved customer.
	 *
	 * @param int $id User id.
	 */
	public function updated( $id ): void {
		if ( ! $this->is_our_own_write() ) {
			$this->changes->note( 'customer', (int) $id, 'updated' );
		}
	}

	/**
	 * A new user, for example made in WP admin.
	 *
	 * @param int $id User id.
	 */
	public function user_created( $id ): void {
		if ( $this->is_customer( (int) $id ) ) {
			$this->created( $id );
		}
	}

	/**
	 * A changed user, for example with another e-mail address.
	 *
	 * @param int $id User id.
	 */
	public function user_updated( $id ): void {
		if ( $this->is_customer( (int) $id ) ) {
			$this->updated( $id );
		}
	}

	/**
	 * Something a shopper has told about themselves, by whatever way.
	 *
	 * @param mixed  $meta_id Id of the entry, or of several.
	 * @param int    $id      User id.
	 * @param string $key     What it is.
	 */
	public function meta_changed( $meta_id, $id, $key ): void {
		if ( in_array( $key, array( AboutYou::BIRTHDAY, AboutYou::OFFERS ), true ) ) {
			$this->updated( $id );
		}
	}

	/**
	 * A deleted user. Anyone may have been a customer, whatever their role.
	 *
	 * @param int $id User id.
	 */
	public function deleted( $id ): void {
		$this->changes->note( 'customer', (int) $id, 'deleted' );
	}

	/**
	 * Whether a user has the role of a customer.
	 *
	 * @param int $id User id.
	 */
	private function is_customer( int $id ): bool {
		$user = get_userdata( $id );
		return $user && in_array( 'customer', (array) $user->roles, true );
	}

	/**
	 * Whether the connector is writing points and tiers back. Telling it what it just told us would be an echo.
	 */
	private function is_our_own_write(): bool {
		return ApiKey::is_used_by_request( $this->connection->key_hash() );
	}
}
