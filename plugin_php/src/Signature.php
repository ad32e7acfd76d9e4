<?php
/**
 * Signatures by the Standard Webhooks scheme.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Signs what we send. Pure: needs nothing of WordPress.
 */
final class Signature {

	/**
	 * A new message id.
	 */
	public static function new_message_id(): string {
		return 'msg_' . bin2hex( random_bytes( 16 ) );
	}

	/**
	 * Whether a string can serve as a signing secret: 'whsec_' and base64.
	 *
	 * @param string $secret The string.
	 */
	public static function is_secret( string $secret ): bool {
		return 1 === preg_match( '~^whsec_[A-Za-z0-9+/]{16,}={0,2}$~D', $secret );
	}

	/**
	 * What the signature of a call to the connector's API covers in place of a body alone.
	 *
	 * @param string $method GET, PUT, POST or DELETE.
	 * @param string $path   Path below the connector's address, with its query; plain characters only.
	 * @param string $body   The body, byte for byte as sent.
	 */
	public static function call_content( string $method, string $path, string $body ): string {
		return $method . ' ' . $path . "\n" . $body;
	}

	/**
	 * The three headers that go with a body.
	 *
	 * @param string $secret     Signing secret, 'whsec_…'.
	 * @param string $message_id Id of the message, the same for every attempt.
	 * @param int    $timestamp  Unix time of this attempt.
	 * @param string $body       The body, byte for byte as sent.
	 * @return array<string,string>
	 */
	public static function headers( string $secret, string $message_id, int $timestamp, string $body ): array {
		$key    = (string) base64_decode( substr( $secret, strlen( 'whsec_' ) ), true ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions
		$digest = hash_hmac( 'sha256', $message_id . '.' . $timestamp . '.' . $body, $key, true );
		return array(
			'webhook-id'        => $message_id,
			'webhook-timestamp' => (string) $timestamp,
			'webhook-signature' => 'v1,' . base64_encode( $digest ), // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions
		);
	}
}
