<?php
/**
 * The connection between this store and its connector.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Reads and writes what pairing agreed on. The signing secret lies in an option of its own that is not autoloaded.
 */
final class Connection {

	public const OPTION        = 'regulars_connection';
	public const SECRET_OPTION = 'regulars_signing_secret';

	public const DISCONNECTED = 'disconnected';
	public const CONNECTED    = 'connected';
	public const ENDED        = 'ended';

	/**
	 * State of the connection: one of the constants above. 'ended' means the connector closed it.
	 */
	public function state(): string {
		$state = $this->read( 'state' );
		return in_array( $state, array( self::CONNECTED, self::ENDED ), true ) ? $state : self::DISCONNECTED;
	}

	/**
	 * Whether changes are to be watched and sent.
	 */
	public function is_live(): bool {
		return self::CONNECTED === $this->state();
	}

	/**
	 * Address of the connector, without a slash at the end.
	 */
	public function address(): string {
		return $this->read( 'address' );
	}

	/**
	 * Id of this store at the connector.
	 */
	public function store_id(): string {
		return $this->read( 'store_id' );
	}

	/**
	 * Id of the WooCommerce REST key we made for the connector, or 0.
	 */
	public function key_id(): int {
		return (int) $this->read( 'key_id' );
	}

	/**
	 * Hash of that key, as WooCommerce stores it.
	 */
	public function key_hash(): string {
		return $this->read( 'key_hash' );
	}

	/**
	 * Signing secret, 'whsec_…', or an empty string.
	 */
	public function secret(): string {
		return (string) get_option( self::SECRET_OPTION, '' );
	}

	/**
	 * Stores a connection that the connector has accepted.
	 *
	 * @param string $address  Address of the connector.
	 * @param string $store_id Id of this store there.
	 * @param string $secret   Signing secret.
	 * @param ApiKey $key      The key it was given.
	 */
	public function open( string $address, string $store_id, string $secret, ApiKey $key ): void {
		update_option( self::SECRET_OPTION, $secret, false );
		update_option(
			self::OPTION,
			array(
				'state'    => self::CONNECTED,
				'address'  => $address,
				'store_id' => $store_id,
				'key_id'   => $key->id,
				'key_hash' => $key->hash,
			),
			true
		);
	}

	/**
	 * Notes that the connector has closed the connection. Nothing is watched or sent any more.
	 */
	public function end(): void {
		update_option( self::OPTION, array( 'state' => self::ENDED ) + (array) get_option( self::OPTION, array() ), true );
	}

	/**
	 * Forgets the connection.
	 */
	public function close(): void {
		update_option( self::OPTION, array(), true );
		delete_option( self::SECRET_OPTION );
	}

	/**
	 * One value of the stored connection.
	 *
	 * @param string $name Its name.
	 */
	private function read( string $name ): string {
		$stored = get_option( self::OPTION, array() );
		return is_array( $stored ) && isset( $stored[ $name ] ) ? (string) $stored[ $name ] : '';
	}
}
