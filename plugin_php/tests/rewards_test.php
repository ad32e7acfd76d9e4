<?php
/**
 * What a customer has earned.
 *
 * @package Regulars
 */

namespace Regulars\Tests;

use Regulars\Rewards;

function rewards( $tier ) {
	\WordPress::$user_meta = array( 7 => array( 'regulars_tier' => $tier ) );
	return new Rewards( 7 );
}

function test_a_tier_has_the_name_the_merchant_gave_it_in_any_script() {
	same( '黃金會員', rewards( '黃金會員' )->tier_name() );
	same( 'Inner Circle', rewards( 'Inner Circle' )->tier_name() );
	same( '50%ab <3', rewards( '50%ab <3' )->tier_name() );
	same( 'Inner circle', rewards( 'inner circle' )->tier_name() );
}

function test_the_tiers_a_store_begins_with_are_translated_and_who_has_none_is_a_member() {
	same( 'Gold', rewards( 'gold' )->tier_name() );
	same( 'Member', rewards( '' )->tier_name() );
}
