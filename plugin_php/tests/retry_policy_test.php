<?php
/**
 * When a failed delivery is tried again.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\RetryPolicy;

const NOW = 1795320000;

function test_the_first_failure_is_tried_again_after_ten_seconds() {
	same( NOW + 10, RetryPolicy::next_attempt( 1, null, NOW ) );
}

function test_delays_grow_up_to_six_hours() {
	$delays = array();
	foreach ( range( 1, 9 ) as $attempts ) {
		$delays[] = RetryPolicy::next_attempt( $attempts, NOW, NOW ) - NOW;
	}
	same( array( 10, 60, 300, 900, 3600, 10800, 21600, 21600, 21600 ), $delays );
}

function test_a_connector_that_never_answers_is_tried_for_exactly_three_days() {
	$time     = NOW;
	$attempts = 0;
	$last     = null;
	while ( null !== $time ) {
		++$attempts;
		$last = $time;
		$time = RetryPolicy::next_attempt( $attempts, NOW, $time );
	}
	same( NOW + 3 * 86400, $last );
	same( 19, $attempts );
}

function test_after_three_days_a_failure_is_the_last_one() {
	same( null, RetryPolicy::next_attempt( 2, NOW - 4 * 86400, NOW ) );
}

function test_a_pause_grows_with_failures_and_never_exceeds_a_quarter_of_an_hour() {
	same( 10, RetryPolicy::pause( 1, 0 ) );
	same( 60, RetryPolicy::pause( 2, 0 ) );
	same( 900, RetryPolicy::pause( 50, 0 ) );
}

function test_the_connector_may_ask_for_a_longer_pause_but_not_for_ever() {
	same( 120, RetryPolicy::pause( 1, 120 ) );
	same( 900, RetryPolicy::pause( 1, 86400 ) );
	same( 10, RetryPolicy::pause( 1, -5 ) );
}
