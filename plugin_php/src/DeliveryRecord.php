<?php
/**
 * How the last deliveries went.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Last success, last failure with its reason, and the pause after failures. Times are Unix times, 0 for never.
 */
final class DeliveryRecord {

	public const OPTION = 'regulars_deliveries';

	private const NOTHING = array(
		'last_success_at'  => 0,
		'last_failure_at'  => 0,
		'last_error'       => '',
		'failures_in_row'  => 0,
		'paused_until'     => 0,
	);

	/**
	 * The record.
	 *
	 * @return array{last_success_at:int,last_failure_at:int,last_error:string,failures_in_row:int,paused_until:int}
	 */
	public function read(): array {
		return array_intersect_key( (array) get_option( self::OPTION, array() ), self::NOTHING ) + self::NOTHING;
	}

	/**
	 * Notes a success. The last error stays readable with its time.
	 *
	 * @param int $now Unix time.
	 * @return int How many failures in a row it ended.
	 */
	public function succeeded( int $now ): int {
		$record = $this->read();
		$this->write(
			array(
				'last_success_at' => $now,
				'failures_in_row' => 0,
				'paused_until'    => 0,
			)
		);
		return $record['failures_in_row'];
	}

	/**
	 * Notes a failure that concerns one record only.
	 *
	 * @param string $error Reason, a sentence.
	 * @param int    $now   Unix time.
	 */
	public function failed( string $error, int $now ): void {
		$this->write(
			array(
				'last_failure_at' => $now,
				'last_error'      => $error,
			)
		);
	}

	/**
	 * Notes a failure of the connector itself; nothing is sent until the pause is over.
	 *
	 * @param string $error       Reason, a sentence.
	 * @param int    $retry_after Seconds the connector asked for, or 0.
	 * @param int    $now         Unix time.
	 */
	public function connector_failed( string $error, int $retry_after, int $now ): void {
		$failures = $this->read()['failures_in_row'] + 1;
		$this->write(
			array(
				'last_failure_at' => $now,
				'last_error'      => $error,
				'failures_in_row' => $failures,
				'paused_until'    => $now + RetryPolicy::pause( $failures, $retry_after ),
			)
		);
	}

	/**
	 * Ends a pause: the store owner, or a sign of life from the connector, asks us to try at once.
	 */
	public function end_pause(): void {
		$this->write( array( 'paused_until' => 0 ) );
	}

	/**
	 * Forgets everything.
	 */
	public function clear(): void {
		delete_option( self::OPTION );
	}

	/**
	 * Stores changed values; not autoloaded, a shopper's request never needs them.
	 *
	 * @param array<string,int|string> $values The changed values.
	 */
	private function write( array $values ): void {
		update_option( self::OPTION, $values + $this->read(), false );
	}
}
