<?php
/**
 * Sends the outbox to the connector.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Runs in Action Scheduler, never while a shopper waits.
 */
final class Sender {

	private const BUDGET    = 20;
	private const PERMANENT = array( 400, 413 );
	private const ENDED     = 410;
	private const OUTAGE    = 3;

	/**
	 * The connection.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * What is to be sent.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * When the next run comes.
	 *
	 * @var Schedule
	 */
	private $schedule;

	/**
	 * The way to the connector.
	 *
	 * @var ConnectorClient
	 */
	private $client;

	/**
	 * How it went.
	 *
	 * @var DeliveryRecord
	 */
	private $deliveries;

	/**
	 * Takes what it works with.
	 *
	 * @param Connection      $connection The connection.
	 * @param Outbox          $outbox     What is to be sent.
	 * @param Schedule        $schedule   When the next run comes.
	 * @param ConnectorClient $client     The way to the connector.
	 * @param DeliveryRecord  $deliveries How it went.
	 */
	public function __construct( Connection $connection, Outbox $outbox, Schedule $schedule, ConnectorClient $client, DeliveryRecord $deliveries ) {
		$this->connection = $connection;
		$this->outbox     = $outbox;
		$this->schedule   = $schedule;
		$this->client     = $client;
		$this->deliveries = $deliveries;
	}

	/**
	 * Registers the action.
	 */
	public function register(): void {
		add_action( Schedule::SEND, array( $this, 'run' ) );
	}

	/**
	 * Sends what is due for at most BUDGET seconds, then plans the next run. Action Scheduler gives up on actions
	 * that run for minutes, so a long outbox is sent in many short runs.
	 */
	public function run(): void {
		if ( ! $this->connection->may_send() ) {
			return;
		}
		$deadline = time() + self::BUDGET;
		while ( time() < $deadline && time() >= $this->deliveries->read()['paused_until'] ) {
			$row = $this->outbox->next_due( time() );
			if ( null === $row ) {
				break;
			}
			if ( $this->outbox->claim( $row, time() ) ) {
				$this->deliver( $row );
			}
			if ( ! $this->connection->may_send() ) {
				return;
			}
		}
		$next = $this->outbox->next_attempt();
		$this->schedule->plan( null === $next ? null : max( $next, time(), $this->deliveries->read()['paused_until'] ) );
	}

	/**
	 * Makes one attempt for a claimed row.
	 *
	 * @param OutboxRow $row The row.
	 */
	private function deliver( OutboxRow $row ): void {
		try {
			if ( null === $row->body && ! $this->freeze( $row ) ) {
				return;
			}
		} catch ( \Throwable $problem ) {
			// Reading an order runs code of other plugins. Whatever fails there concerns this row, and is shown.
			/* translators: %s: technical reason in English */
			$this->fail( $row, sprintf( __( 'WooCommerce could not read this record: %s', 'regulars-for-woocommerce' ), $problem->getMessage() ) );
			return;
		}
		$path  = '/v1/hooks/' . $this->connection->store_id();
		$reply = $this->client->post_signed( $this->connection, $path, (string) $row->body, (string) $row->webhook_id );
		if ( $reply->is_delivered() ) {
			$this->outbox->remove( $row );
			if ( $this->deliveries->succeeded( time() ) >= self::OUTAGE ) {
				$this->outbox->hurry( time(), false );
			}
		} elseif ( self::ENDED === $reply->status ) {
			$this->deliveries->failed( $reply->error(), time() );
			$this->connection->end();
			$this->schedule->clear();
		} elseif ( in_array( $reply->status, self::PERMANENT, true ) ) {
			$this->deliveries->failed( $reply->error(), time() );
			$this->outbox->give_up( $row, $reply->error(), time() );
		} else {
			$this->deliveries->connector_failed( $reply->error(), $reply->retry_after, time() );
			$this->outbox->start_clock( time() );
			$this->fail( $row, $reply->error() );
		}
	}

	/**
	 * Reads the resource and freezes the body. False when there is nothing to send, or a newer change came meanwhile.
	 *
	 * @param OutboxRow $row The row.
	 */
	private function freeze( OutboxRow $row ): bool {
		$body = ( new Snapshot() )->body( $row );
		if ( null === $body ) {
			$this->outbox->remove( $row );
			return false;
		}
		return $this->outbox->freeze( $row, Signature::new_message_id(), $body );
	}

	/**
	 * Plans the next attempt, or gives up after three days.
	 *
	 * @param OutboxRow $row   The row.
	 * @param string    $error Reason, a sentence.
	 */
	private function fail( OutboxRow $row, string $error ): void {
		$now = time();
		$at  = RetryPolicy::next_attempt( $row->attempts, $row->first_failed_at, $now );
		$this->deliveries->failed( $error, $now );
		if ( null === $at ) {
			$this->outbox->give_up( $row, $error, $now );
		} else {
			$this->outbox->postpone( $row, $error, $at, $now );
		}
	}
}
