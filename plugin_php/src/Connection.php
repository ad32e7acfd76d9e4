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
	public const MOVED        = 'moved';

	/**
	 * State of the connection: one of the constants above. 'ended' means the connector closed it, 'moved' that this
	 * site has another address than the one that was connected.
	 */
	public function state(): string {
		if ( $this->is_live() ) {
			return $this->has_moved() ? self::MOVED : self::CONNECTED;
		}
		return self::ENDED === $this->read( 'state' ) ? self::ENDED : self::DISCONNECTED;
	}

	/**
	 * Whether changes are to be watched.
	 */
	public function is_live(): bool {
		return self::CONNECTED === $this->read( 'state' );
	}

	/**
	 * Whether the connector may be spoken to. A copy of a store, made for trying things out, carries the original's
	 * connection in its database; its trial orders must not count as the original's.
	 */
	public function may_send(): bool {
		return self::CONNECTED === $this->state();
	}

	/**
	 * Address of the connector, without a slash at the end. While there is no connection: of the last one.
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
				'site'     => $this->site(),
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
	 * Forgets the connection. The address stays, to be offered when the store is connected again.
	 */
	public function close(): void {
		update_option( self::OPTION, array_filter( array( 'address' => $this->address() ) ), true );
		delete_option( self::SECRET_OPTION );
	}

	/**
	 * Whether this site has another address than the one that was connected.
	 */
	private function has_moved(): bool {
		return '' !== $this->site() && $this->site() !== $this->read( 'site' );
	}

	/**
	 * Where this site is: a hash, because tools that copy a site replace its address all over the database. Scheme,
	 * port and "www." do not matter. Empty when a command-line process does not know.
	 */
	private function site(): string {
		$home = (array) wp_parse_url( (string) get_option( 'home' ) );
		$host = (string) preg_replace( '/^www\./', '', strtolower( $home['host'] ?? '' ) );
		return '' === $host ? '' : md5( $host . rtrim( $home['path'] ?? '', '/' ) );
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
