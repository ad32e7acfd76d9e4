<?php
/**
 * Which addresses a connector may have.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Reads the address a store owner typed. Pure apart from its sentences.
 */
final class ConnectorAddress {

	/**
	 * The address as we keep it: with a scheme, without a slash at the end. It may still have a problem().
	 *
	 * @param string $typed What was typed.
	 */
	public static function normalise( string $typed ): string {
		$typed = rtrim( trim( $typed ), '/' );
		if ( '' === $typed || false !== strpos( $typed, '://' ) ) {
			return $typed;
		}
		return ( self::is_loopback( self::host( 'http://' . $typed ) ) ? 'http://' : 'https://' ) . $typed;
	}

	/**
	 * Why an address cannot be used, as a sentence; an empty string when it can.
	 *
	 * @param string $address An address with its scheme.
	 */
	public static function problem( string $address ): string {
		$parts  = wp_parse_url( $address );
		$scheme = strtolower( $parts['scheme'] ?? '' );
		if ( ! is_array( $parts ) || empty( $parts['host'] ) || ! in_array( $scheme, array( 'http', 'https' ), true ) ) {
			return __( 'Please enter the address of your connector, for example https://regulars.example.com.', 'regulars-for-woocommerce' );
		}
		if ( isset( $parts['user'] ) || isset( $parts['pass'] ) || isset( $parts['query'] ) || isset( $parts['fragment'] ) ) {
			return __( 'The address of the connector must not contain a user name, a password, “?” or “#”.', 'regulars-for-woocommerce' );
		}
		if ( false !== strpbrk( $parts['host'], '[]' ) ) {
			return __( 'WordPress cannot reach an IPv6 address written in numbers. Please use the name of the connector instead.', 'regulars-for-woocommerce' );
		}
		if ( 'https' !== $scheme && ! self::is_loopback( $parts['host'] ) ) {
			return __( 'The address of the connector must begin with https://, because the orders of your customers travel over it.', 'regulars-for-woocommerce' );
		}
		return '';
	}

	/**
	 * Whether two addresses name the same scheme, host and port.
	 *
	 * @param string $one   An address.
	 * @param string $other An address.
	 */
	public static function same_origin( string $one, string $other ): bool {
		return self::origin( $one ) === self::origin( $other );
	}

	/**
	 * Scheme, host and port of an address.
	 *
	 * @param string $address An address.
	 */
	private static function origin( string $address ): string {
		$parts  = (array) wp_parse_url( $address );
		$scheme = strtolower( $parts['scheme'] ?? '' );
		$port   = $parts['port'] ?? ( 'https' === $scheme ? 443 : 80 );
		return $scheme . '://' . strtolower( $parts['host'] ?? '' ) . ':' . $port;
	}

	/**
	 * Host of an address.
	 *
	 * @param string $address An address.
	 */
	private static function host( string $address ): string {
		return (string) wp_parse_url( $address, PHP_URL_HOST );
	}

	/**
	 * Whether a host is this machine itself.
	 *
	 * @param string $host A host name or IPv4 address.
	 */
	private static function is_loopback( string $host ): bool {
		return 'localhost' === strtolower( $host ) || 1 === preg_match( '/^127(\.\d{1,3}){3}$/', $host );
	}
}
