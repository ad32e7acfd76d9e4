<?php
/**
 * Requests to the connector.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Sends JSON to the connector. Never called from a checkout request.
 */
final class ConnectorClient {

	private const MAX_REPLY = 524288;

	/**
	 * Posts without a signature (pairing).
	 *
	 * @param string              $url     Where to.
	 * @param array<string,mixed> $payload What.
	 * @param int                 $timeout Seconds.
	 */
	public function post( string $url, array $payload, int $timeout ): ConnectorReply {
		return $this->request( 'POST', $url, (string) wp_json_encode( $payload ), array(), $timeout );
	}

	/**
	 * Posts a signed body below the connector's address.
	 *
	 * @param Connection $connection The connection.
	 * @param string     $path       Path with a leading slash.
	 * @param string     $body       JSON, sent byte for byte.
	 * @param string     $message_id The webhook-id; stays the same when this body is sent again.
	 * @param int        $timeout    Seconds.
	 */
	public function post_signed( Connection $connection, string $path, string $body, string $message_id, int $timeout = 10 ): ConnectorReply {
		$headers = Signature::headers( $connection->secret(), $message_id, time(), $body );
		return $this->request( 'POST', $connection->address() . $path, $body, $headers, $timeout );
	}

	/**
	 * Calls the connector's API. The signature covers method, path and body, so that no call can stand in for another.
	 *
	 * A call that changes something carries what makes it harmless twice (a version, an idempotency key); then it may
	 * be sent again when there was no answer.
	 *
	 * @param Connection               $connection The connection.
	 * @param string                   $method     GET, PUT, POST or DELETE.
	 * @param string                   $path       Path with a leading slash, and the query if there is one.
	 * @param array<string,mixed>|null $payload    What to send; null for nothing.
	 * @param int                      $timeout    Seconds.
	 * @param string                   $key        Idempotency key, or an empty string. It is the message id as well,
	 *                                             so that the signature covers it.
	 */
	public function call( Connection $connection, string $method, string $path, ?array $payload = null, int $timeout = 10, string $key = '' ): ConnectorReply {
		$body    = null === $payload ? '' : (string) wp_json_encode( $payload );
		$headers = Signature::headers(
			$connection->secret(),
			'' === $key ? Signature::new_message_id() : $key,
			time(),
			Signature::call_content( $method, $path, $body )
		);
		$headers = array( 'regulars-store' => $connection->store_id() ) + $headers + ( '' === $key ? array() : array( 'Idempotency-Key' => $key ) );
		return $this->request( $method, $connection->address() . $path, $body, $headers, $timeout );
	}

	/**
	 * Sends one request. Redirects are not followed: a redirected POST loses its body.
	 *
	 * @param string               $method  HTTP method.
	 * @param string               $url     Where to.
	 * @param string               $body    JSON, or an empty string.
	 * @param array<string,string> $headers Headers beside the content type.
	 * @param int                  $timeout Seconds.
	 */
	private function request( string $method, string $url, string $body, array $headers, int $timeout ): ConnectorReply {
		// WordPress refuses private addresses and unusual ports. For the time of this request, and for exactly the
		// scheme, host and port the store owner configured, both are allowed.
		$allow_host = static function ( $external, $host, $requested ) use ( $url ) {
			return ConnectorAddress::same_origin( $url, (string) $requested ) ? true : $external;
		};
		$allow_port = static function ( $ports, $host, $requested ) use ( $url ) {
			$port = wp_parse_url( $url, PHP_URL_PORT );
			return $port && ConnectorAddress::same_origin( $url, (string) $requested ) ? array_merge( (array) $ports, array( $port ) ) : $ports;
		};
		add_filter( 'http_request_host_is_external', $allow_host, 10, 3 );
		add_filter( 'http_allowed_safe_ports', $allow_port, 10, 3 );
		try {
			$response = wp_safe_remote_request(
				$url,
				array(
					'method'              => $method,
					'timeout'             => $timeout,
					'redirection'         => 0,
					'limit_response_size' => self::MAX_REPLY,
					'user-agent'          => 'Regulars/' . REGULARS_VERSION . '; WooCommerce/' . WC_VERSION,
					'headers'             => $headers + array(
						'Content-Type' => 'application/json',
						'Accept'       => 'application/json, application/problem+json',
					),
					'body'                => '' === $body ? null : $body,
				)
			);
		} finally {
			remove_filter( 'http_request_host_is_external', $allow_host );
			remove_filter( 'http_allowed_safe_ports', $allow_port );
		}
		return new ConnectorReply( $response );
	}
}
