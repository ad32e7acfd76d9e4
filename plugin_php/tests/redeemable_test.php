<?php
/**
 * What the redeem form offers.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\Redeemable;

function limits( $changed = array() ) {
	$given = array(
		'from'     => 500,
		'to'       => 1200,
		'step'     => 100,
		'per_unit' => 100,
		'share'    => '0.50',
		'currency' => 'USD',
		'decimals' => 2,
	);
	return Redeemable::read( json_encode( $changed + $given ) );
}

function test_what_the_connector_wrote_is_read() {
	$limits = limits();
	same( array( 500, 1200, 100, 0.5, 'USD' ), array( $limits->from, $limits->to, $limits->step, $limits->share, $limits->currency ) );
}

function test_nothing_is_offered_where_nothing_can_be_redeemed() {
	foreach ( array( '', '[]', 'null', '{}', '"500"', '[500,1200]', 'not json' ) as $json ) {
		same( null, Redeemable::read( $json ) );
	}
}

function test_limits_that_make_no_sense_offer_nothing() {
	$wrong = array(
		array( 'from' => 0 ),
		array( 'from' => -500 ),
		array( 'from' => 1300 ),
		array( 'from' => '500' ),
		array( 'step' => 0 ),
		array( 'per_unit' => 0 ),
		array( 'share' => 0 ),
		array( 'share' => 2 ),
		array( 'share' => 'half' ),
		array( 'decimals' => 9 ),
		array( 'currency' => '' ),
	);
	foreach ( $wrong as $changed ) {
		same( null, limits( $changed ) );
	}
}

function test_points_are_worth_what_they_buy_rounded_down() {
	same( 12.0, limits()->worth( 1200 ) );
	same( 1.66, limits( array( 'per_unit' => 300 ) )->worth( 500 ) );
	same( 5.0, limits( array( 'currency' => 'JPY', 'decimals' => 0 ) )->worth( 599 ) );
	same( 1.666, limits( array( 'per_unit' => 300, 'currency' => 'KWD', 'decimals' => 3 ) )->worth( 500 ) );
}

function test_a_cart_takes_as_many_points_as_its_share_allows() {
	same( 1200, limits()->most_for( 100.0 ) );
	same( 1000, limits()->most_for( 20.0 ) );
	same( 900, limits()->most_for( 19.99 ) );
	same( 500, limits()->most_for( 10.0 ) );
}

function test_a_cart_that_is_too_small_takes_none() {
	same( 0, limits()->most_for( 9.99 ) );
	same( 0, limits()->most_for( 0.0 ) );
}

function test_what_a_cart_takes_never_needs_a_larger_cart() {
	foreach ( array( 1, 3, 7, 100, 333 ) as $per_unit ) {
		foreach ( array( '0.10', '0.33', '0.50', '1' ) as $share ) {
			$limits = limits( array( 'from' => 1, 'to' => 100000, 'step' => 1, 'per_unit' => $per_unit, 'share' => $share ) );
			foreach ( array( 0.01, 0.99, 1.0, 33.33, 99.95 ) as $cart ) {
				$most = $limits->most_for( $cart );
				same( true, 0 === $most || round( $limits->worth( $most ), 2 ) <= $cart * (float) $share + 1e-6 );
			}
		}
	}
}
