<?php
/**
 * Changes that wait to be sent.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * One row per order or customer: its state is owed to the connector, however many changes led to it.
 *
 * Two processes may meet at a row: a shopper changes the order while the queue is sending it. No lock is held, because
 * a checkout must never wait. Every change raises `generation`, and every attempt raises `attempts`; whoever wants to
 * write to a row names the generation and attempt they read, and writes nothing if either has moved on. So a success
 * never removes a change that came after the body was read, a late failure never postpones it, and of two senders
 * only one wins an attempt. A sender that dies keeps its row claimed for LEASE seconds; then the same frozen body goes
 * out again under the same webhook-id.
 */
final class Outbox {

	public const LEASE = 60;

	/**
	 * Notes that a resource has changed, replacing what was waiting for it.
	 *
	 * @param string $resource    'order', 'customer' or 'review'.
	 * @param int    $resource_id Id of the order or user.
	 * @param string $cause       What happened, e.g. 'refunded'.
	 * @param int    $now         Unix time.
	 */
	public function add( string $resource, int $resource_id, string $cause, int $now ): void {
		global $wpdb;
		$table = OutboxTable::name();
		$time  = self::datetime( $now );
		// phpcs:disable WordPress.DB.PreparedSQL.InterpolatedNotPrepared, WordPress.DB.DirectDatabaseQuery -- our own table.
		$wpdb->query(
			$wpdb->prepare(
				"INSERT INTO {$table} (resource, resource_id, causes, changed_at, next_attempt) VALUES (%s, %d, %s, %s, %s)
				ON DUPLICATE KEY UPDATE causes = IF(FIND_IN_SET(%s, causes), causes, CONCAT_WS(',', NULLIF(causes, ''), %s)),
				generation = generation + 1, status = 'waiting', attempts = 0, first_failed_at = NULL,
				changed_at = %s, next_attempt = %s, webhook_id = NULL, body = NULL, last_error = NULL",
				$resource,
				$resource_id,
				$cause,
				$time,
				$time,
				$cause,
				$cause,
				$time,
				$time
			)
		);
		// phpcs:enable
	}

	/**
	 * The row that has been due longest, or null.
	 *
	 * @param int $now Unix time.
	 */
	public function next_due( int $now ): ?OutboxRow {
		global $wpdb;
		$table = OutboxTable::name();
		// phpcs:ignore WordPress.DB.PreparedSQL.InterpolatedNotPrepared, WordPress.DB.DirectDatabaseQuery
		$found = $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$table} WHERE status = 'waiting' AND next_attempt <= %s ORDER BY next_attempt, id LIMIT 1", self::datetime( $now ) ), ARRAY_A );
		return $found ? new OutboxRow( $found ) : null;
	}

	/**
	 * Takes the row for one attempt. False when it was changed or taken since it was read.
	 *
	 * @param OutboxRow $row The row as read; its attempt counter is raised when the claim succeeds.
	 * @param int       $now Unix time.
	 */
	public function claim( OutboxRow $row, int $now ): bool {
		$taken = $this->write(
			$row,
			array(
				'attempts'     => $row->attempts + 1,
				'next_attempt' => self::datetime( $now + self::LEASE ),
			)
		);
		if ( $taken ) {
			++$row->attempts;
		}
		return $taken;
	}

	/**
	 * Stores the body that every attempt for this generation will send. False when the row has moved on.
	 *
	 * @param OutboxRow $row        A claimed row.
	 * @param string    $webhook_id Id of the message.
	 * @param string    $body       JSON.
	 */
	public function freeze( OutboxRow $row, string $webhook_id, string $body ): bool {
		$row->webhook_id = $webhook_id;
		$row->body       = $body;
		return $this->write( $row, compact( 'webhook_id', 'body' ) );
	}

	/**
	 * Removes a row that was delivered, unless it has changed since.
	 *
	 * @param OutboxRow $row A claimed row.
	 */
	public function remove( OutboxRow $row ): void {
		global $wpdb;
		$wpdb->delete( OutboxTable::name(), $row->version() ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
	}

	/**
	 * Plans the next attempt of a row that failed, unless it has changed since.
	 *
	 * @param OutboxRow $row   A claimed row.
	 * @param string    $error Reason, a sentence.
	 * @param int       $at    When to try again, Unix time.
	 * @param int       $now   Unix time.
	 */
	public function postpone( OutboxRow $row, string $error, int $at, int $now ): void {
		$this->write(
			$row,
			array(
				'first_failed_at' => self::datetime( $row->first_failed_at ?? $now ),
				'next_attempt'    => self::datetime( $at ),
				'last_error'      => mb_substr( $error, 0, 500 ),
			)
		);
	}

	/**
	 * Gives a row up, unless it has changed since. The body goes: sent again, it is read afresh.
	 *
	 * @param OutboxRow $row   A claimed row.
	 * @param string    $error Reason, a sentence.
	 * @param int       $now   Unix time.
	 */
	public function give_up( OutboxRow $row, string $error, int $now ): void {
		$this->write(
			$row,
			array(
				'status'          => 'failed',
				'first_failed_at' => self::datetime( $row->first_failed_at ?? $now ),
				'last_error'      => mb_substr( $error, 0, 500 ),
				'webhook_id'      => null,
				'body'            => null,
			)
		);
	}

	/**
	 * Counts an outage against every row that waits, tried or not, so that three days mean the same for all.
	 *
	 * @param int $now Unix time.
	 */
	public function start_clock( int $now ): void {
		global $wpdb;
		$table = OutboxTable::name();
		$wpdb->query( $wpdb->prepare( "UPDATE {$table} SET first_failed_at = %s WHERE status = 'waiting' AND first_failed_at IS NULL", self::datetime( $now ) ) ); // phpcs:ignore WordPress.DB
	}

	/**
	 * Makes everything that waits, and everything that was given up, due now.
	 *
	 * @param int  $now         Unix time.
	 * @param bool $also_failed Whether rows that were given up start anew.
	 */
	public function hurry( int $now, bool $also_failed ): void {
		global $wpdb;
		$table = OutboxTable::name();
		$time  = self::datetime( $now );
		// phpcs:disable WordPress.DB.PreparedSQL.InterpolatedNotPrepared, WordPress.DB.DirectDatabaseQuery
		// A row inside its lease is being sent this moment and is left alone: it has tried and not yet failed again.
		$wpdb->query( $wpdb->prepare( "UPDATE {$table} SET next_attempt = %s WHERE status = 'waiting' AND next_attempt > %s", $time, self::datetime( $now + self::LEASE ) ) );
		if ( $also_failed ) {
			$wpdb->query( $wpdb->prepare( "UPDATE {$table} SET status = 'waiting', generation = generation + 1, attempts = 0, first_failed_at = NULL, next_attempt = %s WHERE status = 'failed'", $time ) );
		}
		// phpcs:enable
	}

	/**
	 * Forgets everything that waits.
	 */
	public function clear(): void {
		global $wpdb;
		$table = OutboxTable::name();
		$wpdb->query( "DELETE FROM {$table}" ); // phpcs:ignore WordPress.DB
	}

	/**
	 * How many rows wait and how many were given up.
	 *
	 * @return array{waiting:int,failed:int}
	 */
	public function counts(): array {
		global $wpdb;
		$table  = OutboxTable::name();
		$counts = $wpdb->get_results( "SELECT status, COUNT(*) AS n FROM {$table} GROUP BY status", OBJECT_K ); // phpcs:ignore WordPress.DB
		return array(
			'waiting' => (int) ( $counts['waiting']->n ?? 0 ),
			'failed'  => (int) ( $counts['failed']->n ?? 0 ),
		);
	}

	/**
	 * The rows in trouble, given up ones first.
	 *
	 * @param int $limit At most this many.
	 * @return OutboxRow[]
	 */
	public function troubled( int $limit ): array {
		global $wpdb;
		$table = OutboxTable::name();
		$found = $wpdb->get_results( $wpdb->prepare( "SELECT * FROM {$table} WHERE first_failed_at IS NOT NULL ORDER BY status, first_failed_at LIMIT %d", $limit ), ARRAY_A ); // phpcs:ignore WordPress.DB
		return array_map(
			static function ( $columns ) {
				return new OutboxRow( $columns );
			},
			$found
		);
	}

	/**
	 * When the next row is due (Unix time), or null when none waits.
	 */
	public function next_attempt(): ?int {
		global $wpdb;
		$table = OutboxTable::name();
		$time  = $wpdb->get_var( "SELECT MIN(next_attempt) FROM {$table} WHERE status = 'waiting'" ); // phpcs:ignore WordPress.DB
		return $time ? (int) strtotime( $time . ' UTC' ) : null;
	}

	/**
	 * Compare and swap: writes only if the row is still the one that was read.
	 *
	 * @param OutboxRow            $row     The row as read.
	 * @param array<string,mixed>  $columns New values.
	 */
	private function write( OutboxRow $row, array $columns ): bool {
		global $wpdb;
		return 1 === $wpdb->update( OutboxTable::name(), $columns, $row->version() ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
	}

	/**
	 * A time as the table holds it.
	 *
	 * @param int $time Unix time.
	 */
	private static function datetime( int $time ): string {
		return gmdate( 'Y-m-d H:i:s', $time );
	}
}
