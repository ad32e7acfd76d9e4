<?php
/**
 * The state of the connection, in words.
 *
 * @package Regulars
 */

namespace Regulars\Admin;

use Regulars\Connection;
use Regulars\ConnectorClient;
use Regulars\DeliveryRecord;
use Regulars\Outbox;
use Regulars\Schedule;
use Regulars\Signature;

defined( 'ABSPATH' ) || exit;

/**
 * What the settings page shows, and the answer to its polling.
 */
final class StatusFeed {

	public const ACTION = 'regulars_status';
	public const OPTION = 'regulars_last_status';

	private const TIMEOUT = 8;

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
	 * Takes what it reports on.
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
	 * Registers the answer to the page's polling.
	 */
	public function register(): void {
		add_action( 'wp_ajax_' . self::ACTION, array( $this, 'answer' ) );
	}

	/**
	 * Asks the connector and answers the page.
	 */
	public function answer(): void {
		check_ajax_referer( self::ACTION );
		if ( ! current_user_can( 'manage_woocommerce' ) ) {
			wp_send_json_error( null, 403 );
		}
		$error = $this->connection->may_send() ? $this->refresh() : '';
		wp_send_json_success( $this->view( $error ) );
	}

	/**
	 * Everything the page shows, as texts. Makes no remote call.
	 *
	 * @param string $unreachable Why the connector could not be asked just now; empty when it could.
	 * @return array<string,mixed>
	 */
	public function view( string $unreachable = '' ): array {
		$record = $this->deliveries->read();
		$status = (array) get_option( self::OPTION, array() );
		$counts = $this->outbox->counts();
		$scored = isset( $status['scored_at'] ) ? (int) strtotime( (string) $status['scored_at'] ) : 0;
		return array(
			'state'         => $this->connection->state(),
			'state_text'    => $this->state_text( $unreachable ),
			'trouble'       => '' !== $unreachable || $record['failures_in_row'] > 0,
			'sync'          => ( new SyncProgress( $status ) )->view(),
			'scored'        => $scored ? $this->when( $scored ) : __( 'Not yet', 'regulars-for-woocommerce' ),
			'last_delivery' => $record['last_success_at'] ? $this->when( $record['last_success_at'] ) : __( 'Nothing delivered yet', 'regulars-for-woocommerce' ),
			'waiting'       => $counts['waiting'],
			'waiting_text'  => $this->waiting_text( $counts ),
			'failed'        => $counts['failed'],
			'paused_until'  => $record['paused_until'],
			'error'         => $this->error( $record, $unreachable, StoreTroubles::last( $status ) ),
		);
	}

	/**
	 * Fetches and stores the connector's status. Returns what went wrong, or an empty string.
	 */
	private function refresh(): string {
		$path  = '/v1/stores/' . $this->connection->store_id() . '/status';
		$body  = (string) wp_json_encode( array( 'type' => 'connection.status' ) );
		$reply = $this->client->post_signed( $this->connection, $path, $body, Signature::new_message_id(), self::TIMEOUT );
		if ( 410 === $reply->status ) {
			$this->connection->end();
		}
		if ( ! $reply->is_success() ) {
			return $reply->error();
		}
		update_option( self::OPTION, $reply->data, false );
		if ( $this->deliveries->read()['paused_until'] > time() ) {
			// The connector is back: what waits need not wait for the pause to end.
			$this->deliveries->end_pause();
			$this->schedule->wake();
		}
		return '';
	}

	/**
	 * The state as a short text.
	 *
	 * @param string $unreachable Why the connector could not be asked; empty when it could.
	 */
	private function state_text( string $unreachable ): string {
		switch ( $this->connection->state() ) {
			case Connection::CONNECTED:
				return '' === $unreachable ? __( 'Connected', 'regulars-for-woocommerce' ) : __( 'Connected, but the connector is unavailable', 'regulars-for-woocommerce' );
			case Connection::MOVED:
				return __( 'Paused: this site has another address', 'regulars-for-woocommerce' );
			case Connection::ENDED:
				return __( 'Ended by the connector', 'regulars-for-woocommerce' );
			default:
				return __( 'Not connected', 'regulars-for-woocommerce' );
		}
	}

	/**
	 * How many deliveries wait and how many failed.
	 *
	 * @param array{waiting:int,failed:int} $counts The numbers.
	 */
	private function waiting_text( array $counts ): string {
		if ( 0 === $counts['waiting'] && 0 === $counts['failed'] ) {
			return __( 'None', 'regulars-for-woocommerce' );
		}
		if ( 0 === $counts['failed'] ) {
			return number_format_i18n( $counts['waiting'] );
		}
		/* translators: 1: number of waiting deliveries, 2: number of failed deliveries */
		return sprintf( __( '%1$s waiting, %2$s failed', 'regulars-for-woocommerce' ), number_format_i18n( $counts['waiting'] ), number_format_i18n( $counts['failed'] ) );
	}

	/**
	 * The last error, and whether it still matters.
	 *
	 * @param array<string,mixed> $record      Record of deliveries.
	 * @param string              $unreachable Why the connector could not be asked; empty when it could.
	 * @param string              $reported    What the connector itself reports.
	 * @return array{level:string,text:string}
	 */
	private function error( array $record, string $unreachable, string $reported ): array {
		$current = $record['last_failure_at'] > $record['last_success_at'];
		if ( '' !== $unreachable ) {
			return $this->error_view( 'now', $unreachable );
		}
		if ( '' !== $record['last_error'] && $current ) {
			return $this->error_view( 'now', $record['last_error'], (int) $record['last_failure_at'] );
		}
		if ( '' !== $reported ) {
			return $this->error_view( 'now', $reported );
		}
		if ( '' !== $record['last_error'] ) {
			return $this->error_view( 'past', $record['last_error'], (int) $record['last_failure_at'] );
		}
		return $this->error_view( 'none', __( 'None', 'regulars-for-woocommerce' ) );
	}

	/**
	 * One error as the page shows it.
	 *
	 * @param string $level 'now', 'past' or 'none'.
	 * @param string $text  The sentence.
	 * @param int    $at    When, Unix time; 0 when that does not matter.
	 * @return array{level:string,text:string}
	 */
	private function error_view( string $level, string $text, int $at = 0 ): array {
		if ( $at ) {
			/* translators: 1: error message, 2: time, for example "2 minutes ago (22 November 2026 10:30)" */
			$text = sprintf( __( '%1$s — %2$s', 'regulars-for-woocommerce' ), $text, $this->when( $at ) );
		}
		return compact( 'level', 'text' );
	}

	/**
	 * A time in words and in the site's own format.
	 *
	 * @param int $time Unix time.
	 */
	private function when( int $time ): string {
		$format = get_option( 'date_format' ) . ' ' . get_option( 'time_format' );
		/* translators: 1: for example "2 minutes", 2: date and time */
		return sprintf( __( '%1$s ago (%2$s)', 'regulars-for-woocommerce' ), human_time_diff( $time ), wp_date( $format, $time ) );
	}
}
