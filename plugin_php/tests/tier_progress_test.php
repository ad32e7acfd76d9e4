<?php
/**
 * What a shopper reads about the next tier.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\TierProgress;

function told( $given ) {
	\WordPress::$options = array( 'date_format' => 'j F Y' );
	return ( new TierProgress( is_string( $given ) ? $given : json_encode( $given ) ) )->sentences( 'ucfirst', static fn( $amount ) => '$' . $amount );
}

function goal( $tier, $amount, $by = null ) {
	return array(
		'tier'   => $tier,
		'amount' => $amount,
		'by'     => $by,
	);
}

function test_what_to_spend_to_keep_a_tier_and_to_reach_the_next_is_said_with_its_day() {
	same(
		array( 'Spend $120.50 more by 31 March 2027 to keep Silver.', 'Spend $320.00 more by 30 April 2027 to reach Gold.' ),
		told(
			array(
				'basis' => 'net_spend',
				'reach' => goal( 'gold', '320.00', '2027-04-30' ),
				'keep'  => goal( 'silver', '120.50', '2027-03-31' ),
			)
		)
	);
}

function test_a_goal_without_a_day_names_none() {
	same( array( 'Spend $320.00 more to reach Gold.' ), told( array( 'basis' => 'net_spend', 'reach' => goal( 'gold', '320.00' ), 'keep' => null ) ) );
}

function test_orders_and_points_are_numbers_and_no_money() {
	same( array( 'Orders needed by 31 March 2027 to reach Gold: 3' ), told( array( 'basis' => 'orders', 'reach' => goal( 'gold', '3', '2027-03-31' ) ) ) );
	same( array( 'Points to earn to keep Gold: 1,500' ), told( array( 'basis' => 'points', 'keep' => goal( 'gold', '1500' ) ) ) );
}

function test_where_there_is_nothing_to_do_nothing_is_said() {
	same( array(), told( '' ) );
	same( array(), told( array( 'basis' => 'net_spend', 'reach' => null, 'keep' => null ) ) );
}

function test_what_makes_no_sense_is_not_said() {
	foreach ( array( 'not json', '[1]', '"x"' ) as $json ) {
		same( array(), told( $json ) );
	}
	same( array(), told( array( 'basis' => 'stars', 'reach' => goal( 'gold', '3' ) ) ) );
	same( array(), told( array( 'basis' => 'orders', 'reach' => goal( 'gold', '-3' ) ) ) );
	same( array(), told( array( 'basis' => 'orders', 'reach' => goal( 'gold', 'many' ) ) ) );
	same( array(), told( array( 'basis' => 'orders', 'reach' => array( 'amount' => 3 ) ) ) );
}
