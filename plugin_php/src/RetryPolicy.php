<?php
/**
 * When a failed delivery is tried again.
 *
 * @package Regulars
 */

namespace Regulars;

defined( 'ABSPATH' ) || exit;

/**
 * Growing delays, three days in all. Pure: the clock is passed in.
 */
final class RetryPolicy {

	public const DELAYS    = array( 10, 60, 300, 900, 3600, 10800, 21600 );
	public const GIVE_UP   = 259200;
	public const MAX_PAUSE = 900;

	/**
	 * When to try again (Unix time), or null when three days are over.
	 *
	 * @param int      $attempts        Attempts made, at least 1.
	 * @param int|null $first_failed_at When the first attempt failed; null when this was it.
	 * @param int      $now             Unix time.
	 */
	public static function next_attempt( int $attempts, ?int $first_failed_at, int $now ): ?int {
		$last = ( $first_failed_at ?? $now ) + self::GIVE_UP;
		return $now >= $last ? null : min( $now + self::delay( $attempts ), $last );
	}

	/**
	 * How long everything else waits while the connector gives no answer, in seconds.
	 *
	 * @param int $failures    Failures in a row, at least 1.
	 * @param int $retry_after What the connector asked for; 0 when it did not say.
	 */
	public static function pause( int $failures, int $retry_after ): int {
		return min( max( self::delay( $failures ), $retry_after ), self::MAX_PAUSE );
	}

	/**
	 * The delay after so many attempts, in seconds.
	 *
	 * @param int $attempts Attempts made, at least 1.
	 */
	private static function delay( int $attempts ): int {
		return self::DELAYS[ min( max( $attempts, 1 ), count( self::DELAYS ) ) - 1 ];
	}
}
