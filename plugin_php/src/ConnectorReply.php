<?php
/**
 * What the connector answered.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * An answer, or the reason why there was none, with a sentence a store owner can act on.
 */
final class ConnectorReply {

	/**
	 * HTTP status; 0 when there was no answer.
	 *
	 * @var int
	 */
	public $status = 0;

	/**
	 * The JSON object that came back; empty when there was none.
	 *
	 * @var array<string,mixed>
	 */
	public $data = array();

	/**
	 * Seconds the connector asked us to wait; 0 when it did not say.
	 *
	 * @var int
	 */
	public $retry_after = 0;

	/**
	 * What WordPress reported when there was no answer.
	 *
	 * @var string
	 */
	private $failure = '';

	/**
	 * WordPress's code for that.
	 *
	 * @var string
	 */
	private $failure_code = '';

	/**
	 * Reads a response of the WordPress HTTP API.
	 *
	 * @param array<string,mixed>|\WP_Error $response The response.
	 */
	public function __construct( $response ) {
		if ( is_wp_error( $response ) ) {
			$this->failure      = $response->get_error_message();
			$this->failure_code = (string) $response->get_error_code();
			return;
		}
		$this->status      = (int) wp_remote_retrieve_response_code( $response );
		$this->retry_after = (int) wp_remote_retrieve_header( $response, 'retry-after' );
		$data              = json_decode( wp_remote_retrieve_body( $response ), true );
		$this->data        = is_array( $data ) ? $data : array();
	}

	/**
	 * Whether the connector took it.
	 */
	public function is_success(): bool {
		return $this->status >= 200 && $this->status < 300;
	}

	/**
	 * Whether the connector says that it has the delivery. A proxy's friendly page with status 200 does not count.
	 */
	public function is_delivered(): bool {
		return $this->is_success() && in_array( $this->text( 'status' ), array( 'accepted', 'duplicate' ), true );
	}

	/**
	 * A text of the answer, or an empty string.
	 *
	 * @param string $name Its name.
	 */
	public function text( string $name ): string {
		return isset( $this->data[ $name ] ) && is_scalar( $this->data[ $name ] ) ? (string) $this->data[ $name ] : '';
	}

	/**
	 * What the connector says about single fields, by their paths ('ladder.tiers.1.threshold').
	 *
	 * @return array<string,string>
	 */
	public function field_errors(): array {
		$errors = array();
		foreach ( is_array( $this->data['errors'] ?? null ) ? $this->data['errors'] : array() as $path => $sentences ) {
			$errors[ (string) $path ] = wp_strip_all_tags( implode( ' ', array_filter( (array) $sentences, 'is_string' ) ), true );
		}
		return $errors;
	}

	/**
	 * Which mistakes those are: codes with their values, by the same paths. Texts among the values may hold anything.
	 *
	 * @return array<string,array<int,array{code:string,values:array<string,int|string>}>>
	 */
	public function field_reasons(): array {
		$known = array();
		foreach ( is_array( $this->data['reasons'] ?? null ) ? $this->data['reasons'] : array() as $path => $reasons ) {
			foreach ( is_array( $reasons ) ? $reasons : array() as $reason ) {
				$known[ (string) $path ][] = array(
					'code'   => is_string( $reason['code'] ?? null ) ? $reason['code'] : '',
					'values' => array_filter( (array) ( $reason['values'] ?? array() ), 'is_scalar' ),
				);
			}
		}
		return $known;
	}

	/**
	 * What went wrong and what to do, as a sentence. After a success: that it was not the connector who answered.
	 */
	public function error(): string {
		if ( $this->is_success() ) {
			return __( 'Something answers at this address, but it is not a Regulars connector. Please check the address.', 'regulars-for-woocommerce' );
		}
		if ( 0 === $this->status ) {
			return $this->transport_error();
		}
		$known = $this->known_errors();
		$code  = $this->text( 'code' );
		if ( isset( $known[ $code ] ) ) {
			return sprintf( $known[ $code ], $this->detail() );
		}
		if ( '' !== $this->text( 'detail' ) ) {
			return $this->detail();
		}
		if ( $this->status >= 300 && $this->status < 400 ) {
			return __( 'The connector’s address redirects to another one. Please enter the final address (check https:// and www).', 'regulars-for-woocommerce' );
		}
		if ( 404 === $this->status || 405 === $this->status ) {
			return __( 'There is no Regulars connector at this address. Please check the address.', 'regulars-for-woocommerce' );
		}
		if ( $this->status >= 500 ) {
			/* translators: %d: HTTP status code */
			return sprintf( __( 'The connector has a problem of its own (HTTP status %d). We will keep trying; if it lasts, tell whoever runs the connector.', 'regulars-for-woocommerce' ), $this->status );
		}
		/* translators: %d: HTTP status code */
		return sprintf( __( 'The connector refused the request (HTTP status %d).', 'regulars-for-woocommerce' ), $this->status );
	}

	/**
	 * What the connector says of the particular case: in the owner's language where it is a trouble with the store that we
	 * know, else in English.
	 */
	private function detail(): string {
		return Admin\StoreTroubles::sentence( wp_strip_all_tags( $this->text( 'detail' ), true ), $this->data['reason'] ?? null );
	}

	/**
	 * The sentence for a request that got no answer.
	 */
	private function transport_error(): string {
		if ( 'http_request_not_executed' === $this->failure_code ) {
			return __( 'This site blocks outgoing requests. Please add the connector’s host name to WP_ACCESSIBLE_HOSTS in wp-config.php.', 'regulars-for-woocommerce' );
		}
		if ( false !== strpos( $this->failure, 'cURL error 28' ) ) {
			return __( 'The connector did not answer in time. Please check that it is running.', 'regulars-for-woocommerce' );
		}
		if ( false !== strpos( $this->failure, 'cURL error 7' ) ) {
			return __( 'Nothing answers at the connector’s address. Please check the address and that the connector is running.', 'regulars-for-woocommerce' );
		}
		if ( false !== strpos( $this->failure, 'cURL error 6:' ) || __( 'A valid URL was not provided.' ) === $this->failure ) { // phpcs:ignore WordPress.WP.I18n.MissingArgDomain -- WordPress's own sentence.
			return __( 'This server cannot find the connector’s address. Please check it for typing errors.', 'regulars-for-woocommerce' );
		}
		if ( preg_match( '/cURL error (35|51|60)\b/', $this->failure ) ) {
			return __( 'The connector’s https certificate is not valid for this address. Please ask whoever runs the connector to renew it.', 'regulars-for-woocommerce' );
		}
		/* translators: %s: technical reason in English */
		return sprintf( __( 'The connector could not be reached: %s', 'regulars-for-woocommerce' ), sanitize_text_field( $this->failure ) );
	}

	/**
	 * Sentences for the codes the connector answers with. Some quote what it says of the particular case.
	 *
	 * @return array<string,string>
	 */
	private function known_errors(): array {
		return array(
			'pairing_code_invalid'   => __( 'The connector does not know this pairing code. A code works once; run “regulars pair” at the connector for a new one.', 'regulars-for-woocommerce' ),
			'pairing_code_expired'   => __( 'This pairing code has expired: a code is valid for 15 minutes. Run “regulars pair” at the connector for a new one.', 'regulars-for-woocommerce' ),
			'https_required'         => __( 'The connector only talks to stores over https. Please set up https for this site first.', 'regulars-for-woocommerce' ),
			/* translators: %s: what is wrong, a sentence or two */
			'store_refused'          => __( 'The connector called your store, and could not connect it. %s', 'regulars-for-woocommerce' ),
			/* translators: %s: what is wrong, a sentence or two */
			'store_unreachable'      => __( 'The connector called your store, and could not connect it. %s', 'regulars-for-woocommerce' ),
			'site_mismatch'          => __( 'Another site answers at this store’s REST API address. Please check the addresses under Settings → General.', 'regulars-for-woocommerce' ),
			'storage_unavailable'    => __( 'The connector’s database is not available right now. Please try again in a few minutes.', 'regulars-for-woocommerce' ),
			'unknown_store'          => __( 'The connector does not know this store any more. Please disconnect and connect again.', 'regulars-for-woocommerce' ),
			'signature_invalid'      => __( 'The connector did not accept our signature. Please disconnect and connect again.', 'regulars-for-woocommerce' ),
			'timestamp_out_of_range' => __( 'The clocks of this server and of the connector differ by more than five minutes. Please ask your host to set the clock.', 'regulars-for-woocommerce' ),
			'store_disconnected'     => __( 'The connector has ended this connection. Connect again with a new pairing code.', 'regulars-for-woocommerce' ),
			/* translators: %s: technical reason in English */
			'validation_failed'      => __( 'The connector does not accept what this site told it. Please check address and time zone under Settings → General. It says: %s', 'regulars-for-woocommerce' ),
			/* translators: %s: technical reason in English */
			'payload_invalid'        => __( 'The connector could not read what this store sent. It says: %s', 'regulars-for-woocommerce' ),
			'internal_error'         => __( 'The connector made a mistake of its own. Please try again; if it lasts, tell whoever runs the connector.', 'regulars-for-woocommerce' ),
			'body_too_large'         => __( 'This record is too large for the connector (over 1 MB). Other records are not affected.', 'regulars-for-woocommerce' ),
		);
	}
}
