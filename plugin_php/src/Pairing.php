<?php
/**
 * Connecting this store with a connector, and taking leave of it.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * The two acts a store owner performs with the connection.
 */
final class Pairing {

	// The connector calls this store back before it answers.
	private const TIMEOUT = 30;

	/**
	 * The connection.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * The way to the connector.
	 *
	 * @var ConnectorClient
	 */
	private $client;

	/**
	 * What waits to be sent.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * Our scheduled actions.
	 *
	 * @var Schedule
	 */
	private $schedule;

	/**
	 * How the last deliveries went.
	 *
	 * @var DeliveryRecord
	 */
	private $deliveries;

	/**
	 * Takes what it works with.
	 *
	 * @param Connection      $connection The connection.
	 * @param ConnectorClient $client     The way to the connector.
	 * @param Outbox          $outbox     What waits to be sent.
	 * @param Schedule        $schedule   Our scheduled actions.
	 * @param DeliveryRecord  $deliveries How the last deliveries went.
	 */
	public function __construct( Connection $connection, ConnectorClient $client, Outbox $outbox, Schedule $schedule, DeliveryRecord $deliveries ) {
		$this->connection = $connection;
		$this->client     = $client;
		$this->outbox     = $outbox;
		$this->schedule   = $schedule;
		$this->deliveries = $deliveries;
	}

	/**
	 * Connects. Returns what went wrong as a sentence, or an empty string. After a failure no key is left behind.
	 *
	 * @param string $typed_address Address of the connector as typed.
	 * @param string $typed_code    Pairing code as typed.
	 */
	public function connect( string $typed_address, string $typed_code ): string {
		$address = ConnectorAddress::normalise( $typed_address );
		$code    = $this->normalise_code( $typed_code );
		$problem = $this->problem( $address, $code );
		if ( '' !== $problem ) {
			return $problem;
		}
		$key = ApiKey::create();
		if ( null === $key ) {
			return __( 'WooCommerce could not store a REST API key. Please check the database of this site.', 'regulars-for-woocommerce' );
		}
		$reply  = $this->client->post( $address . '/v1/pair', $this->introduction( $code, $key ), self::TIMEOUT );
		$id     = $reply->text( 'store_id' );
		$secret = $reply->text( 'signing_secret' );
		if ( ! $reply->is_success() || ! preg_match( '/^[A-Za-z0-9_-]{1,64}$/D', $id ) || ! Signature::is_secret( $secret ) ) {
			ApiKey::revoke( $key->id );
			return $reply->error();
		}
		$this->forget();
		$this->connection->open( $address, $id, $secret, $key );
		$this->schedule->ensure_tending();
		return '';
	}

	/**
	 * Disconnects. Here it always succeeds; returns false when the connector could not be told.
	 */
	public function disconnect(): bool {
		$told = true;
		if ( $this->connection->may_send() ) {
			$path  = '/v1/stores/' . $this->connection->store_id() . '/disconnect';
			$body  = (string) wp_json_encode( array( 'type' => 'connection.closed' ) );
			$reply = $this->client->post_signed( $this->connection, $path, $body, Signature::new_message_id() );
			$told  = $reply->is_success() || 410 === $reply->status || 404 === $reply->status;
		}
		$this->forget();
		return $told;
	}

	/**
	 * Why connecting cannot work, as a sentence, or an empty string.
	 *
	 * @param string $address Address of the connector.
	 * @param string $code    Pairing code.
	 */
	private function problem( string $address, string $code ): string {
		// A WooCommerce key can do what its user can. Writing rewards to customers in batches needs both of these,
		// and shop managers have neither: their key would connect and then never write anything.
		if ( ! current_user_can( 'edit_users' ) || ! current_user_can( 'promote_users' ) ) {
			return __( 'Only an administrator can connect the store, because WooCommerce does not let the key of a shop manager update customers. Please ask an administrator of this site to press Connect.', 'regulars-for-woocommerce' );
		}
		if ( '' !== ConnectorAddress::problem( $address ) ) {
			return ConnectorAddress::problem( $address );
		}
		if ( '' === $code ) {
			return __( 'Please enter the pairing code. Run “regulars pair” at the connector to get one.', 'regulars-for-woocommerce' );
		}
		if ( '' === (string) get_option( 'permalink_structure' ) ) {
			return __( 'WooCommerce’s REST API needs permalinks other than “Plain”. Please choose another structure under Settings → Permalinks.', 'regulars-for-woocommerce' );
		}
		return '';
	}

	/**
	 * Removes key, secret, waiting deliveries and actions of the connection there was.
	 */
	private function forget(): void {
		ApiKey::revoke( $this->connection->key_id() );
		$this->connection->close();
		$this->outbox->clear();
		$this->deliveries->clear();
		$this->schedule->clear();
		delete_option( Admin\StatusFeed::OPTION );
	}

	/**
	 * What the connector learns about this store.
	 *
	 * @param string $code Pairing code.
	 * @param ApiKey $key  The key it shall use.
	 * @return array<string,mixed>
	 */
	private function introduction( string $code, ApiKey $key ): array {
		return array(
			'code'            => $code,
			'site_url'        => home_url(),
			'rest_url'        => rest_url(),
			'consumer_key'    => $key->key,
			'consumer_secret' => $key->secret,
			'currency'        => get_woocommerce_currency(),
			'timezone'        => wp_timezone_string(),
			'versions'        => array(
				'wordpress'   => get_bloginfo( 'version' ),
				'woocommerce' => WC_VERSION,
				'php'         => PHP_VERSION,
				'plugin'      => REGULARS_VERSION,
			),
		);
	}

	/**
	 * A pairing code in the form the connector printed it.
	 *
	 * @param string $typed As typed.
	 */
	private function normalise_code( string $typed ): string {
		$letters = strtoupper( (string) preg_replace( '/[^A-Za-z0-9]/', '', $typed ) );
		return 12 === strlen( $letters ) ? implode( '-', str_split( $letters, 4 ) ) : $letters;
	}
}
