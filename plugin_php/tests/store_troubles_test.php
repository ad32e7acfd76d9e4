<?php
/**
 * What the connector reports to be wrong with this store.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\Admin\StoreTroubles;

function reported( $code, $values ) {
	return StoreTroubles::last(
		array(
			'last_error'        => 'Said in English.',
			'last_error_reason' => compact( 'code', 'values' ),
		)
	);
}

function test_a_known_trouble_is_said_with_its_values() {
	same( 'The store failed on 1,200 of the changes; they are sent again.', reported( 'changes_failed', array( 'number' => '1200' ) ) );
	same( 'The store forbids this (2026: no). The API key needs read/write rights and the user it belongs to must manage the shop.', reported( 'forbidden', array( 'code' => '2026', 'message' => '<i>no</i>' ) ) );
}

function test_an_address_keeps_its_percent_signs() {
	$address = 'https://store.example/%E7%B6%B2%E8%B7%AF/wp-json/';
	same(
		"The store redirects its REST API to {$address}. Connect again with that address, or take the redirect away.",
		reported( 'redirected', compact( 'address' ) )
	);
}

function test_a_trouble_learnt_since_and_one_without_a_code_keep_their_english() {
	same( 'Said in English.', reported( 'new_thing', array() ) );
	same( 'Said in English.', reported( array( 'odd' ), 'odd' ) );
	same( 'Said in English.', StoreTroubles::last( array( 'last_error' => 'Said in English.', 'last_error_reason' => null ) ) );
	same( 'Said in English.', StoreTroubles::last( array( 'last_error' => 'Said in English.' ) ) );
}

function test_all_is_well_without_an_error() {
	same( '', StoreTroubles::last( array() ) );
	same( '', StoreTroubles::last( array( 'last_error' => null, 'last_error_reason' => null ) ) );
}
