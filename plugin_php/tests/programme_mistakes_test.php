<?php
/**
 * What is wrong with a programme, as the owner reads it.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\Admin\ProgrammeMistakes;
use Regulars\ConnectorReply;

function mistakes( $errors, $reasons ) {
	$body = json_encode( compact( 'errors', 'reasons' ) );
	return ProgrammeMistakes::of( new ConnectorReply( array( 'status' => 422, 'body' => $body, 'headers' => array() ) ) );
}

function one_mistake( $path, $code, $values ) {
	return mistakes( array( $path => array( 'Said in English.' ) ), array( $path => array( compact( 'code', 'values' ) ) ) )[ $path ];
}

function test_a_known_code_is_said_with_its_values_and_numbers_as_the_site_writes_them() {
	same( 'Must be more than 9,000, where “Gold” starts.', one_mistake( 'ladder.tiers.2.threshold', 'not_above_lower_tier', array( 'least' => 9000, 'name' => 'Gold' ) ) );
	same( 'Another one is called “2026” already.', one_mistake( 'ladder.tiers.2.name', 'name_taken', array( 'name' => '2026' ) ) );
}

function test_a_share_that_is_typed_in_per_cent_has_its_bounds_in_per_cent() {
	$values = array( 'least' => '0', 'most' => '1', 'places' => 4 );
	same( 'Must be a number above 0, at most 100, with at most 2 decimals.', one_mistake( 'redeeming.largest_share', 'not_above', $values ) );
	same( 'Must be a number above 0, at most 1, with at most 4 decimals.', one_mistake( 'campaigns.0.discount.scaling.share', 'not_above', $values ) );
}

function test_a_code_learnt_since_and_an_answer_without_codes_keep_their_english() {
	same( 'Said in English.', one_mistake( 'earning.rate', 'new_thing', array() ) );
	same( array( 'earning.rate' => 'Said in English.' ), mistakes( array( 'earning.rate' => array( 'Said in English.' ) ), array() ) );
	same( array( 'earning.rate' => 'Said in English.' ), mistakes( array( 'earning.rate' => array( 'Said in English.' ) ), array( 'earning.rate' => 'odd' ) ) );
	same( array( 'earning.rate' => 'Said in English.' ), mistakes( array( 'earning.rate' => array( 'Said in English.' ) ), array( 'earning.rate' => array( 7 ) ) ) );
}

function test_a_value_cannot_stand_in_for_another_nor_bring_markup() {
	same( 'Must be more than 5, where “{least}” starts.', one_mistake( 'ladder.tiers.1.threshold', 'not_above_lower_tier', array( 'least' => 5, 'name' => '{least}' ) ) );
	same( 'Another one is called “x” already.', one_mistake( 'ladder.tiers.1.name', 'name_taken', array( 'name' => '<b>x</b>' ) ) );
}
